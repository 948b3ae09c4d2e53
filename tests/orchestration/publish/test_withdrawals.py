import dataclasses
from datetime import UTC, datetime

import pytest

from orchestration.errors import BadInput
from orchestration.files import remove_tree
from orchestration.publish.pointer import current_run, run_folder
from orchestration.publish.runs import list_runs, sweep
from orchestration.publish.state import chain
from orchestration.publish.withdrawals import restore, rollback, withdrawal, withdrawals

WHO = {"because": "销售额 doubled, see ticket", "by": "li", "at": datetime(2018, 1, 2, 9, tzinfo=UTC)}


def _standing(warehouse, run_id: str) -> str:
    return next(run.standing for run in list_runs(warehouse.folders) if run.run_id == run_id)


def test_a_rollback_goes_to_the_parent_and_takes_the_run_out_of_the_chain(warehouse):
    first, second, third = [warehouse.run() for _ in range(3)]
    done = rollback(warehouse.folders, **WHO)
    assert (done.now_current, done.taken_back) == (second, (third,))
    assert current_run(warehouse.folders) == second
    assert [run.run_id for run in chain(warehouse.folders)] == [first, second]


def test_the_loads_of_a_rolled_back_run_are_withdrawn_and_others_are_not(warehouse):
    warehouse.run(loads=("a",))
    run = warehouse.run(loads=("a", "b"))
    rollback(warehouse.folders, **WHO)
    row = withdrawal(warehouse.folders, ["b", "a"])
    assert dataclasses.asdict(row) == {
        "run_id": run,
        "load_set": row.load_set,
        "decision": "withdrawn",
        "because": "销售额 doubled, see ticket",
        "decided_at": "2018-01-02T09:00:00+00:00",
        "decided_by": "li",
    }
    assert withdrawal(warehouse.folders, ["a"]) is None
    assert withdrawal(warehouse.folders, ["a", "b", "c"]) is None


def test_a_rollback_over_several_runs_withdraws_each_of_them(warehouse):
    first, *others = [warehouse.run() for _ in range(3)]
    rollback(warehouse.folders, to=first, **WHO)
    assert [row.run_id for row in withdrawals(warehouse.folders)] == others
    assert withdrawal(warehouse.folders, ["load-2"])
    assert withdrawal(warehouse.folders, ["load-3"])


def test_a_rolled_back_run_survives_the_sweep_with_its_state(warehouse):
    run = [warehouse.run() for _ in range(2)][-1]
    rollback(warehouse.folders, **WHO)
    assert sweep(warehouse.folders) == ()
    assert _standing(warehouse, run) == "withdrawn"


def test_the_next_run_stands_on_the_run_that_was_rolled_back_to(warehouse):
    first, second = [warehouse.run() for _ in range(2)]
    rollback(warehouse.folders, **WHO)
    third = warehouse.run()
    links = chain(warehouse.folders)
    assert [run.run_id for run in links] == [first, third]
    assert [run.number for run in links] == [1, 2]
    assert _standing(warehouse, second) == "withdrawn"


def test_going_back_to_a_withdrawn_run_restores_it_and_withdraws_what_it_replaces(warehouse):
    first, second = [warehouse.run() for _ in range(2)]
    rollback(warehouse.folders, **WHO)
    third = warehouse.run()
    done = rollback(warehouse.folders, to=second, **WHO)
    assert (done.now_current, done.taken_back) == (second, (third,))
    assert [run.run_id for run in chain(warehouse.folders)] == [first, second]
    assert withdrawal(warehouse.folders, ["load-2"]) is None
    assert withdrawal(warehouse.folders, ["load-3"]).run_id == third


def test_a_withdrawn_load_set_can_be_let_in_again_and_withdrawn_once_more(warehouse):
    warehouse.run()
    warehouse.run(loads=("b",))
    rollback(warehouse.folders, **WHO)
    restore(warehouse.folders, ["b"], **WHO)
    assert withdrawal(warehouse.folders, ["b"]) is None
    warehouse.run(loads=("b",))
    rollback(warehouse.folders, **WHO)
    assert withdrawal(warehouse.folders, ["b"]) is not None


def test_a_restored_run_may_have_the_loads_of_the_run_it_replaces(warehouse):
    warehouse.run(loads=("a",))
    second = warehouse.run(loads=("b",))
    rollback(warehouse.folders, **WHO)
    warehouse.run(loads=("b",))
    rollback(warehouse.folders, to=second, **WHO)
    assert withdrawal(warehouse.folders, ["b"]) is None


def test_letting_in_what_was_not_withdrawn_writes_nothing(warehouse):
    restore(warehouse.folders, ["b"], **WHO)
    assert not (warehouse.folders.overrides / "withdrawn_runs.csv").exists()


def test_a_kill_between_record_and_flip_is_healed_by_rolling_back_again(warehouse, monkeypatch):
    first, _ = [warehouse.run() for _ in range(2)]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.publish.withdrawals.flip", killed)
    with pytest.raises(KeyboardInterrupt):
        rollback(warehouse.folders, **WHO)
    monkeypatch.undo()
    assert withdrawal(warehouse.folders, ["load-2"]) is not None
    assert rollback(warehouse.folders, **WHO).now_current == first


def test_the_first_run_cannot_be_rolled_back(warehouse):
    with pytest.raises(BadInput, match="Nothing is published"):
        rollback(warehouse.folders, **WHO)
    run = warehouse.run()
    with pytest.raises(BadInput, match="first one"):
        rollback(warehouse.folders, **WHO)
    assert current_run(warehouse.folders) == run


def test_a_run_that_is_gone_cannot_be_rolled_back_to_and_the_kept_ones_are_named(warehouse):
    first, second, third = [warehouse.run() for _ in range(3)]
    remove_tree(run_folder(warehouse.folders, first))
    with pytest.raises(BadInput, match=f"kept beside the current: {second}"):
        rollback(warehouse.folders, to=first, **WHO)
    assert (current_run(warehouse.folders), withdrawals(warehouse.folders)) == (third, ())


def test_a_run_that_never_was_is_told_from_one_that_is_gone(warehouse):
    warehouse.run()
    for nonsense in ("nonsense", "../state", "2017"):
        with pytest.raises(BadInput, match=r"^There is no run '\S+': `liucun runs` lists them\.$"):
            rollback(warehouse.folders, to=nonsense, **WHO)


def test_neither_the_current_run_nor_one_of_an_earlier_date_can_be_rolled_back_to(warehouse):
    run = warehouse.run()
    past = warehouse.run("earlier_date")
    with pytest.raises(BadInput, match="current already"):
        rollback(warehouse.folders, to=run, **WHO)
    with pytest.raises(BadInput, match="earlier date"):
        rollback(warehouse.folders, to=past, **WHO)


def test_a_rollback_leads_out_of_a_broken_history(warehouse):
    first, second, third = [warehouse.run() for _ in range(3)]
    remove_tree(warehouse.folders.state / second)
    with pytest.raises(BadInput, match="`liucun rollback RUN --because …`"):
        chain(warehouse.folders)
    assert rollback(warehouse.folders, to=first, **WHO).now_current == first
    assert [run.run_id for run in chain(warehouse.folders)] == [first]
    assert third in {row.run_id for row in withdrawals(warehouse.folders)}


def test_a_record_that_is_not_utf_8_is_refused_in_one_line(warehouse):
    path = warehouse.folders.overrides / "withdrawn_runs.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes("run_id,load_set,decision,because,decided_at,decided_by\na,b,withdrawn,错,d,e\n".encode("gb18030"))
    with pytest.raises(BadInput, match=r"^\S*withdrawn_runs\.csv: is not UTF-8 CSV .*; save it as CSV UTF-8$"):
        withdrawals(warehouse.folders)


def test_a_record_written_by_excel_is_read(warehouse):
    warehouse.run()
    warehouse.run()
    rollback(warehouse.folders, **WHO)
    path = warehouse.folders.overrides / "withdrawn_runs.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert withdrawal(warehouse.folders, ["load-2"]) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run,loads\n", "first line"),
        ("", "first line"),
        ("{header}\na,b\n", "row 2"),
        ("{header}\na,b,maybe,d,e,f\n", "row 2"),
    ],
)
def test_a_damaged_record_is_refused_with_its_row(warehouse, text: str, said: str):
    path = warehouse.folders.overrides / "withdrawn_runs.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("{header}", "run_id,load_set,decision,because,decided_at,decided_by"))
    with pytest.raises(BadInput, match=said):
        withdrawal(warehouse.folders, ["a"])
