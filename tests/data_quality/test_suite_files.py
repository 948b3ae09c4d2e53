"""A suite says what it means, and every mistake in it is one line that names file, id and key."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from data_quality.suite_files import SuiteError, load_suites

PHONE: dict[str, Any] = {
    "id": "phone_present",
    "table": "customers",
    "expectation": "expect_column_values_to_not_be_null",
    "column": "手机",
    "threshold": 0.9,
    "severity": "critical",
    "why": "Below this the extract lost a column.",
}
ROWS: dict[str, Any] = {
    "id": "enough_rows",
    "table": "customers",
    "expectation": "expect_table_row_count_to_be_between",
    "bound": "min",
    "threshold": 10,
    "severity": "warning",
    "why": "Half a file was sent twice last year.",
}


def write(folder: Path, *entries: dict[str, Any], suite: str = "raw", name: str = "customers.yml") -> Path:
    (folder / suite).mkdir(exist_ok=True)
    text = yaml.safe_dump({"expectations": list(entries)}, allow_unicode=True)
    (folder / suite / name).write_text(text, encoding="utf-8")
    return folder


def test_what_a_suite_says_reaches_great_expectations(tmp_path: Path) -> None:
    phone, rows = load_suites(write(tmp_path, PHONE, ROWS | {"why": "two\n  lines"}), {})

    assert (phone.suite, phone.table, phone.severity, phone.min_rows) == ("raw", "customers", "critical", 1)
    assert phone.settings() == {"column": "手机", "mostly": 0.9}
    assert rows.settings() == {"min_value": 10.0}
    assert rows.why == "two lines"


def test_a_share_without_threshold_means_every_row(tmp_path: Path) -> None:
    everywhere = {key: value for key, value in PHONE.items() if key != "threshold"}
    (phone,) = load_suites(write(tmp_path, everywhere), {})
    assert phone.threshold == 1


def test_limits_of_the_single_row_are_not_the_threshold(tmp_path: Path) -> None:
    between = {"expectation": "expect_column_values_to_be_between", "min_value": datetime.date(2017, 1, 1)}
    (dates,) = load_suites(write(tmp_path, PHONE | between), {"raw": {"phone_present": 0.5}})
    assert dates.settings() == {"column": "手机", "min_value": datetime.date(2017, 1, 1), "mostly": 0.5}


def test_rows_with_a_missing_part_are_never_judged_as_a_pair_or_a_key(tmp_path: Path) -> None:
    key = {"expectation": "expect_compound_columns_to_be_unique", "column_list": ["a", "b"]}
    entry = {k: v for k, v in (PHONE | key).items() if k != "column"}
    (compound,) = load_suites(write(tmp_path, entry), {})
    assert compound.settings()["ignore_row_if"] == "any_value_is_missing"


def test_a_warehouse_overrides_the_threshold_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, PHONE, ROWS)
    phone, rows = load_suites(tmp_path, {"raw": {"phone_present": 0.25, "enough_rows": 500}})
    plain, _ = load_suites(tmp_path, {})
    assert (phone.threshold, rows.settings()) == (0.25, {"min_value": 500.0})
    assert (phone.why, phone.severity) == (plain.why, plain.severity)


def test_the_same_id_may_stand_in_two_suites_and_is_overridden_in_one(tmp_path: Path) -> None:
    write(tmp_path, PHONE)
    write(tmp_path, PHONE, suite="customers")
    raw, customers = load_suites(tmp_path, {"customers": {"phone_present": 0.5}})
    assert (raw.suite, raw.threshold) == ("raw", 0.9)
    assert (customers.suite, customers.threshold) == ("customers", 0.5)


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"column": None}, "column", "a text"),
        ({"colum": "x"}, "colum", "no such key; the rule of expect_column_values_to_not_be_null has: column"),
        ({"mostly": 0.5}, "mostly", "no such key"),
        ({"regex": "x"}, "regex", "no such key"),
        ({"expectation": "expect_column_quantile_values_to_be_between"}, "expectation", "one of the allowed"),
        ({"why": " "}, "why", "a text"),
        ({"severity": "error"}, "severity", "critical or warning"),
        ({"threshold": 95}, "threshold", "a share of rows from 0 to 1"),
        ({"threshold": True}, "threshold", "a share of rows from 0 to 1"),
        ({"threshold": float("nan")}, "threshold", "a share of rows from 0 to 1"),
        ({"bound": "min"}, "bound", "no bound"),
        ({"min_rows": 0}, "min_rows", "a whole number"),
        ({"expectation": "expect_column_max_to_be_between"}, "bound", "min (at least the threshold) or max"),
        ({"expectation": "expect_column_max_to_be_between", "bound": "max", "threshold": "5"}, "threshold", "a number"),
        ({"expectation": "expect_column_to_exist"}, "threshold", "no threshold"),
        ({"expectation": "expect_column_to_exist", "threshold": None, "min_rows": 5}, "min_rows", "no min_rows"),
        ({"expectation": "expect_column_values_to_be_between"}, "min_value", "at least one of min_value, max_value"),
        (
            {"expectation": "expect_column_values_to_be_between", "min_value": 2, "max_value": 1},
            "max_value",
            "at least",
        ),
        ({"expectation": "expect_column_values_to_match_regex", "regex": "(?=x)"}, "regex", "RE2"),
        ({"expectation": "expect_column_values_to_be_in_set", "value_set": [1, "a"]}, "value_set", "a list of texts"),
    ],
)
def test_a_mistake_is_one_line_with_file_id_key_and_what_was_expected(
    tmp_path: Path, change: dict[str, Any], key: str, expected: str
) -> None:
    with pytest.raises(SuiteError) as caught:
        load_suites(write(tmp_path, PHONE | change), {})
    message = str(caught.value)
    assert f"customers.yml: phone_present: key '{key}': expected " in message
    assert expected in message
    assert "\n" not in message


def test_an_id_is_used_once_in_a_suite_even_over_two_files(tmp_path: Path) -> None:
    write(tmp_path, PHONE)
    write(tmp_path, PHONE, name="leads.yml")
    with pytest.raises(SuiteError, match=r"leads\.yml: phone_present: key 'id' is already used in .*customers\.yml"):
        load_suites(tmp_path, {})


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        (
            {"raw": {"phone_presence": 0.5}},
            r"gates\.raw\.phone_presence: no expectation has this id; known.*phone_present",
        ),
        ({"customers": {"phone_present": 0.5}}, r"gates\.customers\.phone_present: no expectation has this id"),
        ({"mart": {"x": 1}}, r"gates\.mart: no such suite"),
        ({"raw": {"phone_present": 5}}, r"gates\.raw\.phone_present\.threshold: expected a share of rows"),
        ({"raw": {"phone_present": "low"}}, r"gates\.raw\.phone_present\.threshold: expected a share of rows"),
    ],
)
def test_an_override_that_cannot_apply_names_its_setting(tmp_path: Path, thresholds: Any, message: str) -> None:
    with pytest.raises(SuiteError, match=message):
        load_suites(write(tmp_path, PHONE), thresholds)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.yaml", "expectations: []", r"a\.yaml: expected only files \*\.yml"),
        ("a.yml", "expectations: []", r"a\.yml: key 'expectations': expected a list"),
        ("a.yml", "expectation: [x]", r"a\.yml: expected one key at the top, 'expectations'"),
        ("a.yml", "expectations: [x\n", r"a\.yml, line 2: not readable as YAML"),
        (
            "a.yml",
            "expectations:\n  - min_value: 2025-02-30\n",
            r"a\.yml, line 2: not readable as YAML: 2025-02-30: day",
        ),
        (
            "a.yml",
            "expectations:\n- id: a\n  id: b\n",
            r"a\.yml, line 3: not readable as YAML: the key 'id' stands twice",
        ),
        ("a.yml", "expectations: [{table: t}]", r"a\.yml: expectation 1: key 'id': expected lower case"),
    ],
)
def test_a_file_that_is_no_suite_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_text(content, encoding="utf-8")
    with pytest.raises(SuiteError, match=message):
        load_suites(tmp_path, {})


def test_a_folder_that_is_no_suite_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="mart: expected only the folders raw, customers, marts"):
        load_suites(write(tmp_path, PHONE, suite="mart"), {})
