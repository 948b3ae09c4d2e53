"""A masked value tells that two differ, and not what they are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.stewards import masking


@pytest.mark.parametrize(
    ("column", "value", "masked"),
    [
        ("name", "张伟", "张**"),
        ("name", " 欧阳娜娜", "欧**"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "+86 138-1234-5678", "138****5678"),
        ("phone", "１３８１２３４５６７８", "138****5678"),
        ("phone", "021-58881234", "021****1234"),
        ("phone", "1.38E+10", "****"),
        ("phone", "5888123", "****23"),
        ("email", "zhang.wei@example.com", "z***i@example.com"),
        ("email", "zw@example.com", "z***@example.com"),
        ("email", "nobody", "n***"),
        ("wechat_openid", "oAbCdEfGhIjKlMnOpQrStUvWx", "oA****UvWx"),
        ("wechat_openid", "short", "s****"),
        ("uscc", "91330106MA2CFHXY3P", "91****XY3P"),
        ("birth_date", date(1985, 6, 7), "1985-**-**"),
        ("address", "文三路478号3幢", "文三****"),
        ("name", None, "-"),
        ("name", "", "-"),
    ],
)
def test_values_are_masked_by_their_kind(column: str, value: object, masked: str) -> None:
    assert masking.shown(column, value, is_open=False) == masked


def test_values_are_shown_in_one_line_when_they_are_asked_for() -> None:
    assert masking.shown("address", "文三路\n478号", is_open=True) == "文三路 478号"
    assert masking.shown("birth_date", date(1985, 6, 7), is_open=True) == "1985-06-07"


def test_personal_data_in_what_people_write_is_masked_and_the_rest_is_not() -> None:
    said = "rang +86 138-1234-5678 twice; wrote zhang.wei@example.com; 91330106MA2CFHXY3P; order 2025-12-01, crm:1001"
    assert masking.free_text(said) == (
        "rang 138****5678 twice; wrote z***i@example.com; 91****XY3P; order 2025-12-01, crm:1001"
    )


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=3))
def test_no_mask_gives_a_value_away(text: str) -> None:
    for column in ("name", "wechat_openid", "uscc", "address"):
        assert text not in masking.shown(column, text, is_open=False).replace("*", "")
    assert f"{text}@" not in masking.shown("email", f"{text}@example.com", is_open=False)


@given(digits=st.text("0123456789", min_size=5, max_size=20))
def test_no_mask_shows_more_than_seven_digits_of_a_number(digits: str) -> None:
    assert sum(sign.isdigit() for sign in masking.phone(digits)) <= 7
    assert digits not in masking.phone(digits)
