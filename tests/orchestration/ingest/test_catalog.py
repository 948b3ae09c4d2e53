"""Raw loads as the warehouse's database shows them."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.errors import LiucunError
from orchestration.ingest import raw_files
from orchestration.ingest.acceptance import decide
from orchestration.ingest.catalog import contract_file, register_raw
from orchestration.ingest.contract import load_source
from orchestration.ingest.prune import prune
from orchestration.ingest.raw_files import raw_columns

AT = datetime(2025, 3, 1, 7, tzinfo=UTC)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def register(connection, world, **options):
    ledger = world.ledger
    register_raw(connection, world.folders, [world.source], ledger.in_force(**options), ledger.accepted())


def discard(world, load_id):
    decide(world.folders, load_id, "discard", "so agreed", "me", AT)


def accept(world, content, on="2025-01-01", object_name="customers"):
    world.land(content, on=on, object_name=object_name)
    load = next(load for load in world.scan().loads if (str(load.load_date), load.object) == (on, object_name))
    world.accept(world.receive(load))
    return load.load_id


def test_an_object_that_never_came_is_a_table_of_no_rows_with_its_columns(world, connection):
    register(connection, world)
    columns = connection.execute("describe raw.crm__orders").fetchall()
    assert {name: kind for name, kind, *_ in columns} == raw_columns(world.source.objects["orders"])
    assert connection.execute("select count(*) from raw.crm__orders").fetchall() == [(0,)]


def test_a_view_shows_the_rows_of_all_loads_in_force_and_of_no_others(world, connection):
    accept(world, "customer_id,name\n1,a\n")
    second = accept(world, "customer_id,name,phone\n1,b,138\n")
    third = accept(world, "customer_id,name\n2,c\n", on="2025-01-02")
    register(connection, world)
    query = "select customer_id, name, phone, _load_id from raw.crm__customers order by 1"
    assert connection.execute(query).fetchall() == [("1", "b", "138", second), ("2", "c", None, third)]
    discard(world, third)
    register(connection, world)
    assert connection.execute(query).fetchall() == [("1", "b", "138", second)]


def test_a_column_added_to_the_contract_is_null_in_loads_from_before(world, connection, contract, tmp_path):
    accept(world, "customer_id,name\n1,a\n")
    contract["objects"]["customers"]["columns"]["city"] = {"type": "VARCHAR"}
    before = contract_file(connection, world.folders, "crm", world.source.objects["customers"]).read_bytes()
    path = tmp_path / "sources" / "crm.yml"
    path.write_text(yaml.safe_dump(contract, allow_unicode=True, sort_keys=False), encoding="utf-8")
    world.source = load_source(path)
    register(connection, world)
    assert connection.execute("select name, city from raw.crm__customers").fetchall() == [("a", None)]
    assert contract_file(connection, world.folders, "crm", world.source.objects["customers"]).read_bytes() != before


def test_an_unchanged_contract_file_is_left_untouched(world, connection):
    spec = world.source.objects["customers"]
    before = contract_file(connection, world.folders, "crm", spec).stat().st_mtime_ns
    assert contract_file(connection, world.folders, "crm", spec).stat().st_mtime_ns == before


def test_the_ledgers_tables_tell_every_accepted_load_and_declared_object(world, connection):
    first = accept(world, "customer_id,name\n1,a\n")
    second = accept(world, "customer_id,name\n1,b\n,c\n")
    register(connection, world)
    query = "select load_id, sequence, received_count, loaded_count, rejected_count, is_in_force from ledger.loads"
    assert connection.execute(query).fetchall() == [(first, 1, 1, 1, 0, False), (second, 2, 2, 1, 1, True)]
    assert connection.execute("from ledger.objects order by object").fetchall() == [
        ("crm", "customers", "snapshot", True, 1), ("crm", "orders", "delta", False, 1)
    ]  # fmt: skip


def test_typed_parquet_loads_and_their_contract_have_the_declared_types(world_of, contract, connection):
    contract["objects"]["orders"] |= {"format": "parquet", "files": "*.parquet"}
    world = world_of(contract)
    register(connection, world)
    columns = connection.execute("describe raw.crm__orders").fetchall()
    assert {name: kind for name, kind, *_ in columns}["amount"] == "DECIMAL(18,2)"


def test_a_home_whose_path_looks_like_a_glob_or_a_column_shows_its_own_loads(tmp_path, world, connection):
    for home in ("it's prod 1 name=x", "it's prod [1] name=x"):
        world.folders = type(world.folders)(tmp_path / home)
        accept(world, f"customer_id,name\n1,{len(home)}\n")
        register(connection, world)
        assert connection.execute("select name from raw.crm__customers").fetchall() == [(str(len(home)),)]


def test_prune_removes_old_files_that_raw_holds_and_nothing_else(world):
    accept(world, "customer_id,name\n1,a\n", on="2025-01-01")
    accept(world, "customer_id,name\n1,b\n", on="2025-01-20")
    world.refuse(world.receive(_landed(world, "customer_id,name\n1,c\n", "2025-01-02")))
    _landed(world, "customer_id,name\n1,d\n", "2025-01-03")
    removed = prune(world.ledger, world.scan(), 10, date(2025, 1, 21))
    assert [path.parent.name for path in removed] == ["load_date=2025-01-01"]
    assert sorted(p.name[-2:] for p in (world.folders.landing / "crm/customers").iterdir()) == ["02", "03", "20"]
    assert [a.manifest.load_date.day for a in world.ledger.in_force()] == [1, 20]


def _landed(world, content, on):
    world.land(content, on=on)
    return next(load for load in world.scan().loads if str(load.load_date) == on)


@pytest.fixture
def small_loads(monkeypatch):
    """Three loads are many, the newest is recent, and more than two rows are too many to be copied."""
    monkeypatch.setattr(raw_files, "ENOUGH", 3)
    monkeypatch.setattr(raw_files, "RECENT", 1)
    monkeypatch.setattr(raw_files, "SMALL_ROWS", 2)


ROWS = "select customer_id, name, _load_id from raw.crm__customers order by _load_date, 1"


def days(world, count, first=1):
    return [accept(world, f"customer_id,name\n1,n{n}\n", on=f"2025-01-{n:02}") for n in range(first, first + count)]


def copies(world):
    return sorted((world.folders.private / "raw").rglob("*.parquet"))


def test_many_small_loads_are_read_from_one_copy_and_large_ones_where_they_are(world, connection, small_loads):
    large = accept(world, "customer_id,name\n1,a\n2,b\n3,c\n", on="2024-12-31")
    small = days(world, 2)
    register(connection, world)
    assert copies(world) == []
    small += days(world, 2, first=3)
    register(connection, world)
    expected = [
        *((str(n), name, large) for n, name in enumerate("abc", start=1)),
        *(("1", f"n{n}", load) for n, load in enumerate(small, start=1)),
    ]
    assert connection.execute(ROWS).fetchall() == expected
    shown = connection.execute("select sql from duckdb_views() where view_name = 'crm__customers'").fetchall()[0][0]
    assert [load in shown for load in (large, *small)] == [True, False, False, False, True]
    assert copies(world)[0].name in shown


def test_loads_that_come_after_a_copy_stand_beside_it_until_they_are_many(world, connection, small_loads):
    days(world, 4)
    register(connection, world)
    before = copies(world)
    days(world, 2, first=5)
    register(connection, world)
    assert copies(world) == before != []
    days(world, 1, first=7)
    register(connection, world)
    assert len(copies(world)) == 1
    assert copies(world) != before
    assert [name for _, name, _ in connection.execute(ROWS).fetchall()] == [f"n{n}" for n in range(1, 8)]


def test_the_newest_day_sent_again_leaves_the_copy_as_it_is(world, connection, small_loads):
    days(world, 4)
    register(connection, world)
    before = copies(world)
    again = accept(world, "customer_id,name\n1,corrected\n", on="2025-01-04")
    register(connection, world)
    assert copies(world) == before != []
    assert connection.execute(ROWS).fetchall()[-1] == ("1", "corrected", again)


def test_a_copy_shows_no_load_that_is_not_in_force_or_was_changed(world, connection, small_loads):
    loads = days(world, 5)
    register(connection, world)
    discard(world, loads[1])
    register(connection, world)
    assert [load for *_, load in connection.execute(ROWS).fetchall()] == [loads[0], *loads[2:]]
    register(connection, world, known_on=date(2025, 1, 1))
    assert [load for *_, load in connection.execute(ROWS).fetchall()] == loads[:1]
    decide(world.folders, loads[1], "retry", "so agreed", "me", AT)
    register(connection, world)
    assert [load for *_, load in connection.execute(ROWS).fetchall()] == loads


def test_a_load_that_is_rewritten_is_read_as_it_is_now(world, connection, small_loads):
    """As often as it may be: people are erased one after the other."""
    days(world, 4)
    first = world.ledger.accepted()[0].data
    for name in ("-", "--"):
        register(connection, world)
        connection.execute(
            f"copy (select * replace ('{name}' as name) from '{first}') to '{first}.new' (format parquet)"
        )
        Path(f"{first}.new").replace(first)
        register(connection, world)
        assert connection.execute(ROWS).fetchall()[0][1] == name


@pytest.mark.parametrize("lost", ["*.json", "*.parquet", "*"])
def test_a_copy_that_is_not_whole_is_written_anew(world, connection, small_loads, lost):
    loads = days(world, 4)
    register(connection, world)
    for path in copies(world)[0].parent.glob(lost):
        path.unlink()
    register(connection, world)
    assert [load for *_, load in connection.execute(ROWS).fetchall()] == loads


def test_a_column_added_to_the_contract_is_null_in_copied_loads_and_there_in_new_ones(
    world, connection, contract, tmp_path, small_loads
):
    days(world, 3)
    register(connection, world)
    contract["objects"]["customers"]["columns"]["city"] = {"type": "VARCHAR"}
    path = tmp_path / "sources" / "crm.yml"
    path.write_text(yaml.safe_dump(contract, allow_unicode=True, sort_keys=False), encoding="utf-8")
    world.source = load_source(path)
    accept(world, "customer_id,name,city\n1,n4,苏州\n", on="2025-01-04")
    register(connection, world)
    cities = connection.execute("select city from raw.crm__customers order by _load_date").fetchall()
    assert cities == [(None,), (None,), (None,), ("苏州",)]


def test_a_load_whose_rows_are_gone_is_named(world, connection, small_loads):
    days(world, 4)
    gone = world.ledger.accepted()[1].data
    gone.unlink()
    with pytest.raises(LiucunError, match=f"{gone}: is missing"):
        register(connection, world)
