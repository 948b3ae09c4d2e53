from dataclasses import replace

import duckdb
import pytest

from orchestration.errors import GateRefused
from orchestration.publish.allow_list import PublishedColumn
from orchestration.publish.personal_data import RULES, Hit, refuse, scan

USCC = "91110000600037341L"
RESIDENT_ID = "11010519491231002X"


def _rules(tmp_path, text: str | None) -> list[str]:
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create or replace table x as select cast(? as varchar) as note", [text])
    return [hit.rule for hit in scan(file)]


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "客户电话13800138000已核实",
        "138 0013 8000",
        "138-0013-8000",
        "138　0013　8000",
        "+8613800138000",
        "+86 138 0013 8000",
        "+86-13800138000",
        "(+86)13800138000",
        "008613800138000",
        "8613800138000",
        "86 19912345678",
        "１３８００１３８０００",
        "tel:13800138000",
        "Tel.13800138000",
        "wx13800138000",
        "a_13800138000_b",
        "13800138000.0",
        "12345,13800138000,12345",
        "110105194912310021 13800138000",
        "x\n13800138000",
    ],
)
def test_a_mobile_number_is_found(tmp_path, text: str):
    assert _rules(tmp_path, text) == ["mobile_number"]


@pytest.mark.parametrize(
    "text",
    [
        "138****5678",
        "138 **** 5678",
        "138001380001",
        "913800138000",
        "2017123113800138000",
        "1380013800",
        "12800138000",
        "SO17123100001",
        "ab13812345678cd",
        "0.13812345678",
        "6222 0213 8001 3800 0",
        "9f86d081884c7d659a2feaa0c55ad015",
        "abcde138-1234-5678-9abc-0123456789ab",
        "2017-12-31",
        "上海市",
        "",
        None,
    ],
)
def test_masked_values_longer_numbers_and_minted_ids_are_not_taken_for_mobile_numbers(tmp_path, text: str | None):
    assert _rules(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "wang@example.com",
        "邮箱wang_li.1@mail.example.com.cn，",
        "a+b@x-y.cn",
        "张三<zhang＠example．com>",
        "W@EXAMPLE.COM",
    ],
)
def test_an_email_address_is_found(tmp_path, text: str):
    assert _rules(tmp_path, text) == ["email"]


@pytest.mark.parametrize(
    "text", ["w***@example.com", "z***n@example.com", "@某某", "a@b", "3 @ 5.00", "user@localhost"]
)
def test_a_masked_address_and_a_bare_at_sign_are_not_taken_for_one(tmp_path, text: str):
    assert _rules(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [USCC, USCC.lower(), f"税号{USCC}。", f"id_{USCC}", "9144030071526726XG,x", f"{USCC[:-1]}M,{USCC}"],
)
def test_a_social_credit_code_with_a_valid_check_digit_is_found(tmp_path, text: str):
    assert _rules(tmp_path, text) == ["uscc"]


@pytest.mark.parametrize(
    "text", [f"{USCC[:-1]}M", f"1{USCC}", f"{USCC}1", USCC[:-1], "9111**********341L", "201712310000000001"]
)
def test_a_code_with_a_wrong_check_digit_or_length_is_not_taken_for_one(tmp_path, text: str):
    assert _rules(tmp_path, text) == []


@pytest.mark.parametrize("text", [RESIDENT_ID, f"身份证{RESIDENT_ID.lower()}号"])
def test_a_resident_id_with_a_valid_check_digit_is_found(tmp_path, text: str):
    assert _rules(tmp_path, text) == ["resident_id"]


@pytest.mark.parametrize("text", ["110105194912310021", "11010519491331002X", f"9{RESIDENT_ID}"])
def test_a_resident_id_with_a_wrong_check_digit_or_date_is_not_taken_for_one(tmp_path, text: str):
    assert _rules(tmp_path, text) == []


def test_every_check_digit_but_one_is_refused(tmp_path):
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table x (code varchar)")
        for last in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            connection.execute("insert into x values (?)", [USCC[:-1] + last])
    assert [(hit.rule, hit.row_count) for hit in scan(file)] == [("uscc", 1)]


def test_a_hit_counts_rows_and_tells_no_value(tmp_path):
    file = tmp_path / "marts.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table t as select if(i < 3, '13800138000', 'a@example.com') as contact, 13800138000 + i as amount, "
            "['x', '13900139000'] as tags, {'wx': '13900139000'} as more from range(5) as r(i)"
        )
    hits = scan(file)
    assert hits == (
        Hit("t", "contact", "mobile_number", 3),
        Hit("t", "contact", "email", 2),
        Hit("t", "tags", "mobile_number", 5),
        Hit("t", "more", "mobile_number", 5),
    )
    with pytest.raises(GateRefused) as refused:
        refuse(hits)
    assert "t.contact: mobile_number in 3 row(s)" in str(refused.value)
    assert "1380" not in str(refused.value)
    assert "example.com" not in str(refused.value)


def test_nothing_found_refuses_nothing():
    refuse(())
    assert len(RULES) == 4


def test_a_leaking_column_of_a_candidate_is_found_and_a_sound_candidate_passes(candidate, build_one, tables):
    phone = PublishedColumn("phone", "VARCHAR", "x", "x")
    leaking = replace(tables[0], columns=(*tables[0].columns, phone))
    assert scan(candidate[0] / "marts.duckdb") == ()
    directory, _, _ = build_one(tables=(leaking,))
    assert scan(directory / "marts.duckdb") == (Hit("dim_customer", "phone", "mobile_number", 500),)
