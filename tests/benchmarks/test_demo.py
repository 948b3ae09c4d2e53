"""The demo's merging against its truth: what is counted, and for whom."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.demo import merging

EDGES = [
    ("a1", "a2", "same", "openid"),
    ("a2", "a3", "same", "model"),
    ("b1", "c1", "same", "email"),
    ("b1", "b2", "never", "uscc"),
    ("t1", "t2", "same", "email"),
]
MERGED = {"a1": "C1", "a2": "C1", "a3": "C1", "b1": "C2", "b2": "C2", "c1": "C3", "t1": "C4", "t2": "C4"}
DOUBLES = {"a2": "homophone", "a3": "moved", "b2": "moved", "t2": "moved"}


def test_exact_rules_stand_beside_what_was_merged_and_test_accounts_count_for_neither(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema identity")
        con.execute("create table identity.id_crosswalk (record_key varchar, customer_id varchar)")
        con.executemany("insert into identity.id_crosswalk values (?, ?)", list(MERGED.items()))
        con.execute(
            "create table identity.id_edge"
            " (left_record_key varchar, right_record_key varchar, verdict varchar, rule varchar)"
        )
        con.executemany("insert into identity.id_edge values (?, ?, ?, ?)", EDGES)
    rows = [
        {
            "record_key": key,
            "true_id": None if key[0] == "t" else key[0],
            "duplicate_kind": DOUBLES.get(key),
            "is_duplicate": key in DOUBLES,
            "kind": "store" if key[0] == "b" else "person",
        }
        for key in [*MERGED, "never-received"]
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "customers.parquet")

    lines = [line.split() for line in merging(warehouse, tmp_path).splitlines()[3:]]

    assert lines == [
        ["merged", "pairs", "2", "4"],
        ["precision", "0.5000", "1.0000"],
        ["recall", "4", "0.2500", "1.0000"],
        ["merged", "pairs", "of", "people", "1", "3"],
        ["precision", "1.0000", "1.0000"],
        ["recall", "3", "0.3333", "1.0000"],
        ["merged", "pairs", "of", "organisations", "0", "1"],
        ["precision", "-", "1.0000"],
        ["recall", "1", "0.0000", "1.0000"],
        ["recall", "by", "kind"],
        ["homophone", "2", "0.5000", "1.0000"],
        ["moved", "3", "0.0000", "1.0000"],
    ]
