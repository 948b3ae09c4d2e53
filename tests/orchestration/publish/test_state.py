from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
import pytest

from orchestration.errors import BadInput, LiucunError
from orchestration.files import entries, remove_tree
from orchestration.publish.pointer import flip
from orchestration.publish.runs import prune, sweep
from orchestration.publish.state import StateRun, chain, register_aside, register_state, sweep_state, write_state
from orchestration.publish.withdrawals import rollback

CONTRACT = {"history": {"made_by": "VARCHAR", "noted_on": "DATE"}, "unseen": {"n": "DECIMAL(18,2)"}}


def _view(warehouse, sql: str) -> list[tuple]:
    with duckdb.connect(":memory:") as connection:
        register_state(connection, warehouse.folders, chain(warehouse.folders), CONTRACT)
        return connection.execute(sql).fetchall()


def test_an_empty_warehouse_has_an_empty_chain_and_typed_empty_views(warehouse):
    assert chain(warehouse.folders) == ()
    types = _view(warehouse, "select column_name, data_type from duckdb_columns() where table_name = 'unseen'")
    assert types == [("n", "DECIMAL(18,2)"), ("_run_number", "INTEGER")]
    assert _view(warehouse, "from state.unseen") == []


def test_the_chain_is_oldest_first_and_numbered_from_one(warehouse):
    made = [warehouse.run() for _ in range(3)]
    links = chain(warehouse.folders)
    assert [(link.run_id, link.parent, link.number) for link in links] == [
        (made[0], None, 1),
        (made[1], made[0], 2),
        (made[2], made[1], 3),
    ]


def test_views_read_all_runs_of_the_chain_with_their_numbers(warehouse):
    made = [warehouse.run() for _ in range(3)]
    rows = _view(warehouse, "select _run_number, made_by, noted_on from state.history order by _run_number")
    assert rows == [(1, made[0], None), (2, made[1], None), (3, made[2], None)]


def test_state_that_was_written_and_never_flipped_to_is_not_seen(warehouse):
    made = [warehouse.run() for _ in range(2)]
    killed = StateRun("2018-01-09", made[-1], date(2018, 1, 9), 3)
    write_state(warehouse.folders, killed, {"history": pa.table({"made_by": ["killed"]})})
    assert _view(warehouse, "select made_by from state.history order by all") == [(made[0],), (made[1],)]
    assert sweep_state(warehouse.folders) == ("2018-01-09",)


def test_a_column_that_older_runs_did_not_write_is_null_there(warehouse):
    first = warehouse.run()
    run_id, staging, link = warehouse.stage()
    rows = pa.table({"noted_on": [date(2018, 1, 2)], "made_by": [run_id], "dropped": [1]})
    write_state(warehouse.folders, link, {"history": rows})
    staging.rename(staging.with_name(run_id))
    flip(warehouse.folders, run_id)
    assert _view(warehouse, "select made_by, noted_on from state.history order by _run_number") == [
        (first, None),
        (run_id, date(2018, 1, 2)),
    ]


def test_the_state_of_kept_runs_and_of_all_they_stand_on_survives(warehouse):
    made = [warehouse.run() for _ in range(4)]
    flip(warehouse.folders, made[0])
    branch = warehouse.run()
    prune(warehouse.folders, keep=2)
    assert sweep_state(warehouse.folders) == ()
    remove_tree(warehouse.folders.published / "runs" / made[3])
    assert sweep_state(warehouse.folders) == tuple(made[1:])
    assert entries(warehouse.folders.state) == (made[0], branch)


def _aside(warehouse) -> list[str]:
    with duckdb.connect(":memory:") as connection:
        register_aside(connection, warehouse.folders, chain(warehouse.folders), CONTRACT)
        assert connection.execute("from state.unseen_aside").fetchall() == []
        return [name for (name,) in connection.execute("select made_by from state.history_aside order by 1").fetchall()]


def test_what_a_rolled_back_run_recorded_stands_aside_for_good(warehouse):
    first = warehouse.run()
    assert _aside(warehouse) == []
    back = [warehouse.run() for _ in range(2)]
    rollback(warehouse.folders, because="odd", by="li", at=datetime(2018, 1, 2, tzinfo=UTC), to=first)
    assert _aside(warehouse) == back
    warehouse.run()
    prune(warehouse.folders, keep=1)
    assert not set(back) & set(entries(warehouse.folders.published / "runs"))
    sweep(warehouse.folders)
    assert _aside(warehouse) == back


def test_state_of_a_run_is_written_once(warehouse):
    warehouse.run()
    with pytest.raises(LiucunError, match="exists already"):
        write_state(warehouse.folders, chain(warehouse.folders)[0], {})


def test_a_missing_link_is_named(warehouse):
    made = [warehouse.run() for _ in range(3)]
    remove_tree(warehouse.folders.state / made[0])
    with pytest.raises(BadInput, match=made[0]):
        chain(warehouse.folders)


def test_a_chain_whose_numbers_do_not_follow_is_refused(warehouse):
    made = [warehouse.run() for _ in range(2)]
    remove_tree(warehouse.folders.state / made[1])
    write_state(warehouse.folders, StateRun(made[1], made[0], date(2017, 12, 31), 3), {})
    with pytest.raises(BadInput, match="does not follow its parent"):
        chain(warehouse.folders)


def test_history_without_a_current_run_is_not_taken_for_a_first_run(warehouse):
    made = [warehouse.run() for _ in range(2)]
    remove_tree(warehouse.folders.published)
    with pytest.raises(BadInput, match="holds history"):
        sweep_state(warehouse.folders)
    assert entries(warehouse.folders.state) == tuple(made)


def test_a_half_written_state_is_swept(warehouse):
    run = warehouse.run()
    (warehouse.folders.state / ".tmp-2018").mkdir()
    assert sweep_state(warehouse.folders) == (".tmp-2018",)
    assert [path.name for path in warehouse.folders.state.iterdir()] == [run]
