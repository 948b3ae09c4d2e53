import random
from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.publish.checksums import CONNECTION, table_checksum

# Apart from what the formula itself uses as marks.
TEXTS = st.none() | st.text(st.characters(exclude_characters="\x1f\x00", exclude_categories=["Cs"]), max_size=6).filter(
    lambda text: text != "\\N"
)
ROWS = st.lists(st.tuples(TEXTS, st.none() | st.integers(-(2**40), 2**40)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(":memory:", config=dict(CONNECTION)) as opened:
        yield opened


def _checksum(connection: duckdb.DuckDBPyConnection, rows: Sequence[tuple], columns: tuple[str, ...] = ("a", "b")):
    table = pa.table(
        {"a": pa.array([r[0] for r in rows], pa.string()), "b": pa.array([r[1] for r in rows], pa.int64())}
    )
    connection.register("rows_of_test", table)
    return table_checksum(connection, "rows_of_test", columns)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, seed=st.integers(0, 2**16))
def test_shuffled_rows_have_the_same_checksum(connection, rows, seed):
    shuffled = random.Random(seed).sample(rows, len(rows))
    assert _checksum(connection, shuffled) == _checksum(connection, rows)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, data=st.data())
def test_any_changed_cell_changes_the_checksum(connection, rows, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    if data.draw(st.booleans()):
        cell = (data.draw(TEXTS.filter(lambda text: text != rows[row][0])), rows[row][1])
    else:
        cell = (rows[row][0], data.draw(st.integers().filter(lambda n: abs(n) < 2**40 and n != rows[row][1])))
    assert _checksum(connection, [*rows[:row], cell, *rows[row + 1 :]]) != _checksum(connection, rows)


def test_a_value_moved_to_the_neighbouring_column_changes_the_checksum(connection):
    assert _checksum(connection, [("12", None)]) != _checksum(connection, [(None, 12)])


def test_a_row_sent_twice_changes_the_checksum(connection):
    assert _checksum(connection, [("a", 1)]) != _checksum(connection, [("a", 1), ("a", 1)])


def test_the_order_of_columns_counts(connection):
    rows = [("a", 1)]
    assert _checksum(connection, rows, ("a", "b")) != _checksum(connection, rows, ("b", "a"))


def test_the_checksum_is_the_count_and_the_sum_of_sixty_bits_of_md5(connection):
    # md5 of 'a' 0x1f '1', and of '\N' 0x1f '\N', computed with the standard library.
    import hashlib

    expected = sum(int(hashlib.md5(row).hexdigest()[:15], 16) for row in (b"a\x1f1", b"\\N\x1f\\N"))
    assert _checksum(connection, [("a", 1), (None, None)]) == {"rows": 2, "checksum": f"2:{expected}"}


def test_an_empty_table_has_a_checksum_too(connection):
    assert _checksum(connection, []) == {"rows": 0, "checksum": "0:0"}


def test_one_thread_and_two_threads_give_the_same_checksum():
    found = set()
    for threads in (1, 2):
        with duckdb.connect(":memory:", config={**CONNECTION, "threads": threads}) as connection:
            relation = "(select i as a, i / 7.0 as b from range(300000) as r(i))"
            found.add(table_checksum(connection, relation, ("a", "b"))["checksum"])
    assert len(found) == 1
