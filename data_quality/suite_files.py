"""Reads the suites: YAML in, checked expectations out; every mistake is one line that names file, id and key."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from data_quality.expectations import ALLOWED, Expectation, is_number
from data_quality.unique_keys import UniqueKeys

SUITES = ("raw", "customers", "marts")

_COMMON = {"id", "table", "expectation", "threshold", "severity", "why", "min_rows", "bound"}
_SEVERITIES = ("critical", "warning")


class SuiteError(ValueError):
    """A suite, or a threshold that a warehouse gives for it, is not usable."""


def load_suites(folder: Path, thresholds: Mapping[str, Mapping[str, float]]) -> list[Expectation]:
    """All expectations below ``folder``, in the order of suites, files and lines.

    Args:
        folder: Holds one folder per suite, each with files ``*.yml``; see ``data_quality.expectations`` for their keys.
        thresholds: suite → id → threshold, what the warehouse sets under ``gates.<suite>.<id>.threshold``.

    Raises:
        SuiteError: A file cannot be read, a key is unknown, missing or wrong, an id is given twice in a suite, or a
            threshold names what does not exist. The message is one line: file or setting, id, key, what was expected.
    """
    if not folder.is_dir():
        raise SuiteError(f"{folder}: no such folder of suites.")
    for suite in thresholds:
        if suite not in SUITES:
            raise SuiteError(f"gates.{suite}: no such suite; expected one of {', '.join(SUITES)}.")
    for entry in sorted(folder.iterdir()):
        if not entry.name.startswith(".") and (not entry.is_dir() or entry.name not in SUITES):
            raise SuiteError(f"{entry}: expected only the folders {', '.join(SUITES)} here.")
    return [
        expectation for suite in SUITES for expectation in _load_suite(folder / suite, suite, thresholds.get(suite, {}))
    ]


def _load_suite(folder: Path, suite: str, thresholds: Mapping[str, float]) -> list[Expectation]:
    expectations: list[Expectation] = []
    seen: dict[str, Path] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.name.startswith("."):
            continue
        if file.suffix != ".yml" or not file.is_file():
            raise SuiteError(f"{file}: expected only files *.yml in a suite.")
        for entry in _entries(file):
            expectation = _expectation(file, suite, entry, thresholds)
            if expectation.id in seen:
                raise SuiteError(
                    f"{file}: {expectation.id}: key 'id' is already used in {seen[expectation.id]}; "
                    f"expected every id once in the suite {suite}."
                )
            seen[expectation.id] = file
            expectations.append(expectation)
    for unknown in sorted(set(thresholds) - set(seen)):
        known = ", ".join(sorted(seen)) or "none"
        raise SuiteError(f"gates.{suite}.{unknown}: no expectation has this id; known in this suite: {known}.")
    return expectations


def _entries(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), UniqueKeys)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise SuiteError(f"{file}{where}: not readable as YAML: {_one_line(error)}.") from error
    if not isinstance(content, dict) or set(content) != {"expectations"}:
        raise SuiteError(f"{file}: expected one key at the top, 'expectations'.")
    if not isinstance(content["expectations"], list) or not content["expectations"]:
        raise SuiteError(f"{file}: key 'expectations': expected a list with at least one expectation.")
    for number, entry in enumerate(content["expectations"], start=1):
        if not isinstance(entry, dict):
            raise SuiteError(f"{file}: expectation {number}: expected keys and values.")
        if not isinstance(entry.get("id"), str) or not re.fullmatch(r"[a-z][a-z0-9_]*", entry["id"]):
            raise SuiteError(f"{file}: expectation {number}: key 'id': expected lower case letters, digits and _.")
        yield entry


def _one_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "problem", None) or error).split()) or type(error).__name__


def _expectation(file: Path, suite: str, entry: Mapping[str, Any], thresholds: Mapping[str, float]) -> Expectation:
    def refuse(key: str, expected: str) -> SuiteError:
        return SuiteError(f"{file}: {entry['id']}: key '{key}': expected {expected}.")

    for key in ("table", "expectation", "why"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise refuse(key, "a text")
    kind = ALLOWED.get(entry["expectation"])
    if kind is None:
        raise refuse("expectation", f"one of the allowed expectations, not '{entry['expectation']}'")
    severity = entry.get("severity")
    if severity not in _SEVERITIES:
        raise refuse("severity", "critical or warning")

    rule_keys = {**kind.required, **kind.optional}
    for key in entry:
        if key not in _COMMON and key not in rule_keys:
            known = ", ".join(sorted(rule_keys)) or "none"
            raise refuse(str(key), f"no such key; the rule of {entry['expectation']} has: {known}")
    for key, rule in rule_keys.items():
        if (key in entry or key in kind.required) and not rule.accepts(entry.get(key)):
            raise refuse(key, rule.expected)
    if kind.one_of and not any(key in entry for key in kind.one_of):
        raise refuse(kind.one_of[0], f"at least one of {', '.join(kind.one_of)}")
    _check_rule(entry, refuse)

    bound = entry.get("bound")
    if kind.measure == "value" and bound not in ("min", "max"):
        raise refuse("bound", "min (at least the threshold) or max (at most)")
    if kind.measure != "value" and "bound" in entry:
        raise refuse("bound", "no bound, which is for figures of a whole table")
    min_rows = entry.get("min_rows", 1)
    if "min_rows" in entry and (kind.measure == "shape" or entry["expectation"].startswith("expect_table_")):
        raise refuse("min_rows", "no min_rows for an expectation about the table itself")
    if not isinstance(min_rows, int) or isinstance(min_rows, bool) or min_rows < 1:
        raise refuse("min_rows", "a whole number ≥ 1")

    threshold = _threshold(kind.measure, entry.get("threshold"), refuse, "threshold")
    if entry["id"] in thresholds:
        setting = f"gates.{suite}.{entry['id']}.threshold"
        threshold = _threshold(
            kind.measure,
            thresholds[entry["id"]],
            lambda key, expected: SuiteError(f"{key}: expected {expected} ({file}, {entry['expectation']})."),
            setting,
        )
    return Expectation(
        suite=suite,
        table=entry["table"],
        id=entry["id"],
        expectation=entry["expectation"],
        arguments={key: entry[key] for key in rule_keys if key in entry},
        threshold=threshold,
        bound=bound,
        severity=severity,
        why=" ".join(entry["why"].split()),
        min_rows=min_rows,
    )


def _check_rule(entry: Mapping[str, Any], refuse: Any) -> None:
    """What two keys, or the database, say about each other."""
    least, most = entry.get("min_value"), entry.get("max_value")
    if least is not None and most is not None:
        if is_number(least) != is_number(most):
            raise refuse("max_value", "the same type as min_value")
        if least > most:
            raise refuse("max_value", "at least min_value")
    if "regex" in entry:
        try:
            with duckdb.connect() as database:
                database.execute("select regexp_matches('', ?)", [entry["regex"]])
        except duckdb.Error as error:
            raise refuse("regex", "a regular expression that DuckDB (RE2) understands") from error


def _threshold(measure: str, value: Any, refuse: Any, key: str) -> float | None:
    if measure == "shape":
        if value is not None:
            raise refuse(key, "no threshold for an expectation about the columns of a table")
        return None
    if measure == "share":
        value = 1 if value is None else value
        if not is_number(value) or not 0 <= value <= 1:
            raise refuse(key, "a share of rows from 0 to 1")
    elif not is_number(value):
        raise refuse(key, "a number")
    return float(value)
