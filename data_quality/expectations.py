"""What a suite may expect, and how each expectation is told in YAML.

A suite is a folder, ``suites/raw``, ``suites/customers`` or ``suites/marts``. Each of its files is ``<any name>.yml``::

    expectations:
      - id: phone_present             # required; lower case; once per suite; warehouses name it in gates.<suite>.<id>
        table: canonical.customers    # required; raw: <source>.<object>, or load for facts of every load; else a model
        expectation: expect_column_values_to_not_be_null      # required; one of ALLOWED
        column: phone                 # columns and the rule itself under the names of Great Expectations, see below
        threshold: 0.9                # the one number that a warehouse may override
        severity: critical            # required; critical stops the run, warning only shows
        min_rows: 100                 # optional, default 1: fewer judged rows are no evidence (too_few_rows, shown)
        why: Below this ...           # required; why this threshold, for whoever is refused by it

A threshold is always a single number. What it means follows from what the expectation measures:

- **share** (``expect_column_values_…``, ``…_pair_values_…``, ``…_columns_to_be_unique``, ``…_sum_to_equal``): the least
  share of rows, 0 to 1, that must meet the rule; 1 if left out. ``min_value`` and ``max_value`` belong to the rule of
  the single row and cannot be overridden.
- **value** (a figure of the whole table: ``expect_column_max_to_be_between``, ``expect_table_row_count_…``):
  ``bound: min`` (at least the threshold) or ``bound: max`` (at most); both keys are required. A band is two
  expectations, so that each side has a severity and a reason of its own.
- **shape** (columns that a table has): no threshold.

A row in which a column of the expectation is missing is not judged, except where the expectation is about missing
values. A column without any value is therefore held by ``expect_column_values_to_not_be_null``, by nothing else.

======================================================  =======  ====================================================
expectation                                             measure  further keys (* required)
======================================================  =======  ====================================================
expect_column_values_to_not_be_null                     share    column*
expect_column_values_to_be_null                         share    column*
expect_column_values_to_be_unique                       share    column*
expect_column_values_to_be_in_set                       share    column*, value_set*
expect_column_values_to_not_be_in_set                   share    column*, value_set*
expect_column_values_to_match_regex                     share    column*, regex* (found anywhere; RE2)
expect_column_values_to_not_match_regex                 share    column*, regex*
expect_column_values_to_be_between                      share    column*, min_value, max_value, strict_min, strict_max
expect_column_value_lengths_to_be_between               share    column*, min_value, max_value
expect_compound_columns_to_be_unique                    share    column_list*
expect_column_pair_values_a_to_be_greater_than_b        share    column_A*, column_B*, or_equal
expect_column_pair_values_to_be_equal                   share    column_A*, column_B*
expect_multicolumn_sum_to_equal                         share    column_list*, sum_total*
expect_table_row_count_to_be_between                    value    bound*
expect_column_min_to_be_between                         value    column*, bound*
expect_column_max_to_be_between                         value    column*, bound*
expect_column_mean_to_be_between                        value    column*, bound*
expect_column_median_to_be_between                      value    column*, bound*
expect_column_sum_to_be_between                         value    column*, bound*
expect_column_stdev_to_be_between                       value    column*, bound* (of a sample: n − 1)
expect_column_unique_value_count_to_be_between          value    column*, bound*
expect_column_proportion_of_unique_values_to_be_between value    column*, bound* (distinct values per value)
expect_column_to_exist                                  shape    column*
expect_table_columns_to_match_set                       shape    column_set*, exact_match (default true)
======================================================  =======  ====================================================

``to_be_unique`` counts every row of a group of equals; the rate of rows beyond the first is one minus
``proportion_of_unique_values``. Dates are written as YAML dates. Not allowed, because they differ from pandas, leak
cell values or cannot be reported: quantiles, types of columns, distributions, queries of one's own.
"""

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Measure = Literal["share", "value", "shape"]
Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Expectation:
    """One line of a suite, checked, with the warehouse's threshold in place.

    ``arguments`` are Great Expectations' own (columns and rule), without what the threshold becomes. ``threshold`` and
    ``bound`` are None where the expectation has none.
    """

    suite: str
    table: str
    id: str
    expectation: str
    arguments: Mapping[str, Any]
    threshold: float | None
    bound: Literal["min", "max"] | None
    severity: Severity
    why: str
    min_rows: int = 1

    @property
    def kind(self) -> "Kind":
        """What the allow-list says about this type of expectation."""
        return ALLOWED[self.expectation]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are judged; none for expectations about the whole table."""
        single = [self.arguments[key] for key in ("column", "column_A", "column_B") if key in self.arguments]
        return (*single, *self.arguments.get("column_list", ()))

    def settings(self) -> dict[str, Any]:
        """The keyword arguments that Great Expectations gets."""
        settings = {**self.arguments, **self.kind.fixed}
        if self.kind.measure == "share":
            settings["mostly"] = self.threshold
        elif self.kind.measure == "value":
            settings[f"{self.bound}_value"] = self.threshold
        return settings


@dataclass(frozen=True)
class Key:
    """What a key of a suite holds: ``accepts`` says whether a value is right, ``expected`` says it in words."""

    expected: str
    accepts: Callable[[Any], bool]


@dataclass(frozen=True)
class Kind:
    """One allowed type of expectation.

    Attributes:
        measure: What its threshold is compared with.
        required: Keys of the rule that must be there.
        optional: Keys of the rule that may be there.
        one_of: At least one of these keys must be there.
        fixed: Settings for Great Expectations that a suite cannot change.
        judges_missing: Rows without a value are judged too.
        observes_cell: The figure is itself the content of one cell.
    """

    measure: Measure
    required: Mapping[str, Key]
    optional: Mapping[str, Key] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    judges_missing: bool = False
    observes_cell: bool = False


def is_number(value: Any) -> bool:
    """Whether a YAML value is a finite number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_columns(value: Any, least: int) -> bool:
    return (
        isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value) and len(value) >= least
    )


def _is_set(value: Any) -> bool:
    # A mixed list would make DuckDB cast the column, and a single odd cell then ends the evaluation.
    one_type = (_is_text, is_number, lambda item: isinstance(item, bool))
    return isinstance(value, list) and bool(value) and any(all(map(is_type, value)) for is_type in one_type)


_TEXT = Key("a text", _is_text)
_FLAG = Key("true or false", lambda value: isinstance(value, bool))
_NUMBER = Key("a number", is_number)
_LENGTH = Key("a whole number ≥ 0", lambda value: is_number(value) and isinstance(value, int) and value >= 0)
_LIMIT = Key("a number or a date", lambda value: is_number(value) or isinstance(value, datetime.date))
_SET = Key("a list of texts, of numbers or of true and false", _is_set)
_COLUMNS = Key("a list of two or more different columns", lambda value: _is_columns(value, 2))
_COLUMN_SET = Key("a list of different columns", lambda value: _is_columns(value, 1))

_COLUMN = {"column": _TEXT}
_PAIR = {"column_A": _TEXT, "column_B": _TEXT}
_VALUES = Kind("share", _COLUMN)
_MISSING = Kind("share", _COLUMN, judges_missing=True)
_IN_SET = Kind("share", {**_COLUMN, "value_set": _SET})
_REGEX = Kind("share", {**_COLUMN, "regex": _TEXT})
_FIGURE = Kind("value", _COLUMN)
_CELL = Kind("value", _COLUMN, observes_cell=True)
_LIMITS = ("min_value", "max_value")
_PAIR_PRESENT = {"ignore_row_if": "either_value_is_missing"}
_ALL_PRESENT = {"ignore_row_if": "any_value_is_missing"}

ALLOWED: Mapping[str, Kind] = {
    "expect_column_values_to_not_be_null": _MISSING,
    "expect_column_values_to_be_null": _MISSING,
    "expect_column_values_to_be_unique": _VALUES,
    "expect_column_values_to_be_in_set": _IN_SET,
    "expect_column_values_to_not_be_in_set": _IN_SET,
    "expect_column_values_to_match_regex": _REGEX,
    "expect_column_values_to_not_match_regex": _REGEX,
    "expect_column_values_to_be_between": Kind(
        "share",
        _COLUMN,
        {"min_value": _LIMIT, "max_value": _LIMIT, "strict_min": _FLAG, "strict_max": _FLAG},
        one_of=_LIMITS,
    ),
    "expect_column_value_lengths_to_be_between": Kind(
        "share", _COLUMN, {"min_value": _LENGTH, "max_value": _LENGTH}, one_of=_LIMITS
    ),
    "expect_compound_columns_to_be_unique": Kind("share", {"column_list": _COLUMNS}, fixed=_ALL_PRESENT),
    "expect_column_pair_values_a_to_be_greater_than_b": Kind("share", _PAIR, {"or_equal": _FLAG}, fixed=_PAIR_PRESENT),
    "expect_column_pair_values_to_be_equal": Kind("share", _PAIR, fixed=_PAIR_PRESENT),
    "expect_multicolumn_sum_to_equal": Kind(
        "share", {"column_list": _COLUMNS, "sum_total": _NUMBER}, fixed=_ALL_PRESENT
    ),
    "expect_table_row_count_to_be_between": Kind("value", {}, judges_missing=True),
    "expect_column_min_to_be_between": _CELL,
    "expect_column_max_to_be_between": _CELL,
    "expect_column_mean_to_be_between": _FIGURE,
    "expect_column_median_to_be_between": _CELL,
    "expect_column_sum_to_be_between": _FIGURE,
    "expect_column_stdev_to_be_between": _FIGURE,
    "expect_column_unique_value_count_to_be_between": _FIGURE,
    "expect_column_proportion_of_unique_values_to_be_between": _FIGURE,
    "expect_column_to_exist": Kind("shape", _COLUMN),
    "expect_table_columns_to_match_set": Kind("shape", {"column_set": _COLUMN_SET}, {"exact_match": _FLAG}),
}
