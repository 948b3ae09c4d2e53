import os
from dataclasses import replace

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.errors import LiucunError
from orchestration.publish.allow_list import PublishedColumn
from orchestration.publish.checksums import CONNECTION, table_checksum
from orchestration.publish.verify import verify_candidate


def _query(directory, sql: str) -> list[tuple]:
    with duckdb.connect(str(directory / "marts.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def _write(directory, sql: str) -> None:
    with duckdb.connect(str(directory / "marts.duckdb")) as connection:
        connection.execute(sql)


def test_the_file_can_be_opened_by_duckdb_1_4(candidate):
    directory, _, _ = candidate
    tag = _query(directory, "select tags['storage_version'] from duckdb_databases() where database_name = 'marts'")
    assert tag[0][0].startswith("v1.4.0")


def test_only_the_allowed_tables_and_columns_arrive(candidate):
    directory, _, _ = candidate
    columns = _query(directory, "select table_name, column_name from duckdb_columns() where not internal")
    assert sorted(columns) == [
        ("dim_customer", "city"),
        ("dim_customer", "customer_id"),
        ("dim_customer", "serial"),
        ("mart_sales", "month_start"),
        ("mart_sales", "net_amount"),
        ("mart_sales", "return_rate"),
        ("mart_sales", "seen_at"),
        ("mart_sales", "serial"),
        ("run", "as_of_date"),
        ("run", "known_on"),
        ("run", "run_id"),
    ]


def test_no_byte_of_a_withheld_column_is_in_any_file(candidate):
    directory, _, _ = candidate
    assert not [p for p in directory.rglob("*") if p.is_file() and b"1380013" in p.read_bytes()]


def test_every_table_and_column_keeps_its_comment_in_both_languages(candidate):
    directory, _, _ = candidate
    comments = dict(_query(directory, "select table_name, comment from duckdb_tables() where not internal"))
    assert comments["mart_sales"] == "It's mart_sales · 表"
    columns = _query(directory, "select column_name, comment from duckdb_columns() where table_name = 'dim_customer'")
    assert dict(columns)["city"] == "What city means · city 的含义"


def test_rows_lie_in_the_order_of_the_grain(candidate):
    directory, _, _ = candidate
    ids = [row[0] for row in _query(directory, "select customer_id from marts.dim_customer")]
    assert ids == sorted(ids)
    assert len(ids) == 500


def test_the_run_table_has_one_row_that_names_the_run(candidate):
    directory, _, run = candidate
    assert _query(directory, "from marts.run") == [(run.run_id, run.as_of_date, run.known_on)]


def test_each_parquet_file_names_its_run(candidate):
    directory, _, run = candidate
    metadata = [pq.read_metadata(file).metadata[b"run_id"].decode() for file in (directory / "parquet").iterdir()]
    assert metadata == [run.run_id] * 3


def test_warehouse_file_and_parquet_have_equal_checksums_on_one_thread_and_on_two(candidate, build_one):
    directory, checksums, _ = candidate
    assert build_one(threads=2)[1] == checksums
    with duckdb.connect(str(directory / "marts.duckdb"), read_only=True, config=dict(CONNECTION)) as connection:
        columns = ("month_start", "net_amount", "return_rate", "seen_at", "serial")
        for relation in ("marts.mart_sales", f"read_parquet('{directory}/parquet/mart_sales.parquet')"):
            assert table_checksum(connection, relation, columns) == checksums["mart_sales"]


def test_a_local_time_zone_does_not_change_a_checksum(candidate, build_one, monkeypatch):
    monkeypatch.setitem(os.environ, "TZ", "Asia/Shanghai")
    assert build_one()[1] == candidate[1]


def test_nothing_is_left_beside_the_files(candidate):
    directory, _, _ = candidate
    assert sorted(p.name for p in directory.iterdir()) == ["marts.duckdb", "parquet"]


def test_a_type_that_breaks_the_contract_is_refused_with_both_types(build_one, tables):
    customers = tables[0]
    wrong = replace(customers, columns=(customers.columns[0], replace(customers.columns[2], data_type="INTEGER")))
    with pytest.raises(LiucunError, match="serial is BIGINT, its contract says INTEGER"):
        build_one(tables=(wrong,))


def test_a_column_that_the_warehouse_lacks_is_named(build_one, tables):
    customers = tables[0]
    wrong = replace(customers, columns=(*customers.columns, PublishedColumn("level", "VARCHAR", "x", "x")))
    with pytest.raises(LiucunError, match=r"core\.dim_customer|level"):
        build_one(tables=(wrong,))


def test_a_table_that_was_not_built_is_named(build_one, tables):
    with pytest.raises(LiucunError, match=r"marts\.mart_gone is published but is not in the warehouse"):
        build_one(tables=(replace(tables[1], name="mart_gone", identifier="mart_gone"),))


def test_a_sound_candidate_is_verified(candidate, tables):
    directory, checksums, run = candidate
    verify_candidate(directory, tables, checksums, run)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("update marts.mart_sales set net_amount = 0 where serial = 1", "marts.mart_sales has other rows"),
        ("delete from marts.dim_customer where city is null", "marts.dim_customer has other rows"),
        ("create table marts.secret as select 1 as one", "secret is not on the allow-list"),
        ("create view marts.peep as select 1 as one", "peep is not on the allow-list"),
        ("create schema s; create table s.secret as select 1 as one", "s.secret is not on the allow-list"),
        ("drop table marts.mart_sales", "mart_sales is missing"),
        ("alter table marts.dim_customer add column phone varchar", "columns of dim_customer"),
        ("comment on column marts.dim_customer.city is null", "comment of dim_customer"),
        ("comment on table marts.dim_customer is 'x'", "comment of dim_customer"),
        ("update marts.run set run_id = 'another'", "marts.run does not name the run"),
    ],
)
def test_a_damaged_file_is_not_verified(candidate, tables, damage: str, said: str):
    directory, checksums, run = candidate
    _write(directory, damage)
    with pytest.raises(LiucunError, match=said):
        verify_candidate(directory, tables, checksums, run)


def test_a_parquet_file_of_another_run_is_not_verified(candidate, tables):
    directory, checksums, run = candidate
    table = pq.read_table(directory / "parquet" / "mart_sales.parquet")
    pq.write_table(table.slice(1), directory / "parquet" / "mart_sales.parquet")
    with pytest.raises(LiucunError, match=r"mart_sales\.parquet has other rows"):
        verify_candidate(directory, tables, checksums, run)


def test_a_stray_or_missing_file_is_not_verified(candidate, tables):
    directory, checksums, run = candidate
    (directory / "parquet" / "run.parquet").rename(directory / "parquet" / "notes.txt")
    with pytest.raises(LiucunError, match=r"run\.parquet is missing; parquet/notes\.txt does not belong there"):
        verify_candidate(directory, tables, checksums, run)


def test_a_file_in_the_newest_storage_version_is_not_verified(candidate, tables):
    directory, checksums, run = candidate
    (directory / "marts.duckdb").rename(directory / "old.duckdb")
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"attach '{directory}/old.duckdb' as old (read_only)")
        connection.execute(f"attach '{directory}/marts.duckdb' as new (storage_version 'latest')")
        connection.execute("copy from database old to new")
    (directory / "old.duckdb").unlink()
    with pytest.raises(LiucunError, match="storage version is"):
        verify_candidate(directory, tables, checksums, run)
