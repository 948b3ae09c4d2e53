"""Rows that belong together."""

from datetime import date

import numpy as np
import pyarrow as pa

from customer_models.lifetime.groups import groups


def test_every_row_is_in_the_group_of_its_key_and_groups_come_in_order() -> None:
    table = pa.table(
        {
            "segment": ["b", "a", "b", "a", "b"],
            "cutoff_on": [date(2025, 1, d) for d in (2, 1, 1, 1, 2)],
            "x": [1, 2, 3, 4, 5],
            "mean": pa.array([0.5, None, 2.5, 3.5, 4.5]),
        }
    )
    found = groups(table, 2)
    assert [key for key, _ in found] == [("a", date(2025, 1, 1)), ("b", date(2025, 1, 1)), ("b", date(2025, 1, 2))]
    assert [columns["x"].tolist() for _, columns in found] == [[2, 4], [3], [1, 5]]
    assert np.isnan(found[0][1]["mean"][0])


def test_a_table_that_was_put_together_of_parts_is_one_table() -> None:
    part = pa.table({"segment": ["a", "b"], "x": [1, 2]})
    other = pa.table({"segment": ["c", "a"], "x": [3, 4]})
    found = groups(pa.concat_tables([part, other]), 1)
    assert {key: columns["x"].tolist() for key, columns in found} == {("a",): [1, 4], ("b",): [2], ("c",): [3]}


def test_no_rows_are_no_groups() -> None:
    assert groups(pa.table({"segment": pa.array([], pa.string()), "x": pa.array([], pa.int64())}), 1) == []
