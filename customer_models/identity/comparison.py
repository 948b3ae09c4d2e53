"""What the matching models compare: the columns of two records, and the levels of agreement for each of them.

A Fellegi-Sunter model (Fellegi and Sunter, "A theory for record linkage", JASA 1969) gives every level the probability
of being seen among records of one customer (m) and of different customers (u). The weight of a pair is the sum of
log2(m / u) over its levels, and the prior.
"""

from typing import Any, Literal

import pyarrow as pa

Party = Literal["person", "organisation"]
PARTIES: tuple[Party, ...] = ("person", "organisation")

FEATURES = pa.schema(
    [
        ("record_key", pa.string()),
        *(
            (name, pa.string())
            for name in (
                *("name_key", "name_pinyin", "surname_pinyin", "company_core", "store_token"),
                *("mobile_key", "phone_key", "email_key", "openid_key", "uscc_key"),
                *("city_code", "county_code", "address_detail", "address_place", "address_unit"),
            )
        ),
        ("is_name_partial", pa.bool_()),
        ("birth_key", pa.date32()),
    ]
)
"""The columns that records are compared by, those of ``identity.id_feature``: identifiers that many hold are NULL."""

RARE = {"one slip of the finger": {"u_probability": 1e-6, "fix_u_probability": True}}
"""Levels too rare to be seen among random pairs: some hundred of the billion mobile numbers are one slip away."""


def comparisons(party: Party) -> list[dict[str, Any]]:
    """The comparisons of a party's model in Splink's form; levels from the strongest agreement to none."""
    if party == "person":
        return [_person_name(), _phone("mobile_key"), _equal("email_key"), _equal("openid_key"), _address(), _birth()]
    return [_company_name(), _phone("phone_key"), _equal("uscc_key"), _equal("email_key"), _address()]


def _person_name() -> dict[str, Any]:
    return _comparison(
        "name",
        _null("name_key"),
        ("same name", f"{_same('name_key')} and not is_name_partial_l"),
        ("sounds alike", _same("name_pinyin")),
        ("surname of a partial name", f"(is_name_partial_l or is_name_partial_r) and {_same('surname_pinyin')}"),
        ("sounds nearly alike", "damerau_levenshtein(name_pinyin_l, name_pinyin_r) <= 1"),
    )


def _company_name() -> dict[str, Any]:
    return _comparison(
        "name",
        _null("name_key"),
        ("same name", _same("name_key")),
        ("sounds alike", _same("name_pinyin")),
        (
            "same company, one without branch",
            f"{_same('company_core')} and (store_token_l is null or store_token_r is null)",
        ),
        ("same company, another branch", _same("company_core")),
    )


def _phone(column: str) -> dict[str, Any]:
    return _comparison(
        "phone",
        _null(column),
        ("same number", _same(column)),
        ("one slip of the finger", f"damerau_levenshtein({column}_l, {column}_r) <= 1"),
    )


def _equal(column: str) -> dict[str, Any]:
    return _comparison(column.removesuffix("_key"), _null(column), ("same", _same(column)))


def _birth() -> dict[str, Any]:
    return _comparison("birth", _null("birth_key"), ("same day", _same("birth_key")))


def _address() -> dict[str, Any]:
    same_place = "coalesce(county_code_l, city_code_l, '') = coalesce(county_code_r, city_code_r, '')"
    return _comparison(
        "address",
        "(address_detail_l is null and city_code_l is null) or (address_detail_r is null and city_code_r is null)",
        ("same door", f"{_same('address_place')} and {_same('address_unit')} and {same_place}"),
        ("same house", f"{_same('address_detail')} and {same_place}"),
        ("same county", _same("county_code")),
        ("same city", _same("city_code")),
    )


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _null(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _comparison(name: str, null: str, *levels: tuple[str, str]) -> dict[str, Any]:
    return {
        "output_column_name": name,
        "comparison_levels": [
            {"sql_condition": null, "label_for_charts": "not known", "is_null_level": True},
            *({"sql_condition": sql, "label_for_charts": label, **RARE.get(label, {})} for label, sql in levels),
            {"sql_condition": "else", "label_for_charts": "different"},
        ],
    }
