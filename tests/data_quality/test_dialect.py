"""The engine runs on the caller's connection and leaves it as it was."""

from pathlib import Path

import duckdb
import sqlalchemy

from data_quality.dialect import engine, spoken


def test_the_connection_stays_open_after_the_engine_is_disposed(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("create temp table t as select 1 as n")
    own = engine(database)
    with own.connect() as connection:
        assert connection.exec_driver_sql("select n from t").scalar() == 1
    own.dispose()
    assert database.execute("select n from t").fetchall() == [(1,)]


def test_an_open_transaction_of_the_owner_is_neither_committed_nor_rolled_back(
    database: duckdb.DuckDBPyConnection,
) -> None:
    database.execute("create table t (n integer)")
    database.execute("begin")
    database.execute("insert into t values (1)")
    with engine(database).connect() as connection:
        assert connection.exec_driver_sql("select count(*) from t").scalar() == 1
        connection.commit()
        connection.rollback()
    database.execute("rollback")
    assert database.execute("select count(*) from t").fetchall() == [(0,)]


def test_two_results_can_be_read_in_turns(database: duckdb.DuckDBPyConnection) -> None:
    with engine(database).connect() as connection:
        first = connection.exec_driver_sql("select * from range(3)")
        second = connection.exec_driver_sql("select * from range(10, 12)")
        assert [first.fetchone(), second.fetchone(), first.fetchone()] == [(0,), (10,), (1,)]
        assert first.fetchmany(5) == [(2,)]
        assert second.fetchall() == [(11,)]


def test_columns_are_those_of_the_schema_that_was_named(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("create schema a; create schema b")
    database.execute(
        'create table a.t (x integer); create view b.t as select \'1\' as "客户""号", 2.5::decimal(18, 2) as y'
    )
    inspector = sqlalchemy.inspect(engine(database))
    assert [column["name"] for column in inspector.get_columns("t", "a")] == ["x"]
    columns = inspector.get_columns("t", "b")
    assert [(c["name"], str(c["type"])) for c in columns] == [(spoken('客户"号'), "VARCHAR"), ("y", "DECIMAL(18,2)")]


def test_a_regular_expression_is_found_anywhere_in_the_text(database: duckdb.DuckDBPyConnection) -> None:
    column: sqlalchemy.ColumnElement[str] = sqlalchemy.literal_column("'tel 138'")
    with engine(database).connect() as connection:
        found = connection.execute(sqlalchemy.select(column.op("~")("[0-9]{3}"), column.op("!~")("[0-9]{3}")))
        assert found.fetchall() == [(True, False)]


def test_the_file_is_free_once_its_owner_closes_it(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    owner = duckdb.connect(str(file))
    kept = engine(owner)
    with kept.connect() as connection:
        connection.exec_driver_sql("select 1")
    owner.close()
    # Another configuration is only accepted when no connection of this process holds the file.
    with duckdb.connect(str(file), read_only=True) as reader:
        assert reader.execute("select 1").fetchall() == [(1,)]
