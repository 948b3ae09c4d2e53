"""Acceptance is all or nothing, also for a run that is killed between any two of its steps."""

from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import pytest

from orchestration.errors import LiucunError
from orchestration.ingest.acceptance import accept_all, decide, refuse, sweep

AT = datetime(2025, 3, 1, 7, tzinfo=UTC)
A = "customer_id,name\n1,a\n"
B = "customer_id,name\n1,b\n"


class Killed(BaseException):
    pass


def kill_after(number):
    steps = []

    def hook(step):
        steps.append(step)
        if len(steps) == number:
            raise Killed

    return hook, steps


def three_loads(world):
    """Two new loads, one of them refused before and accepted by a person, and one put in force again."""
    world.land(A, on="2025-01-01")
    world.accept(world.receive())
    first = world.ledger.accepted()[0]
    world.land(B, on="2025-01-01")
    world.accept(world.receive())
    world.land(B, on="2025-01-02")
    world.land(A, on="2025-01-03")
    *_, second, third = world.scan().loads
    world.refuse(world.receive(third))
    decide(world.folders, third.load_id, "accept", "fine", "me", AT)
    return [world.receive(second), world.receive(third, accept_because="fine")], first


def picture(world):
    """Everything the ledger's folders hold."""
    roots = [world.folders.raw, world.folders.quarantine, world.folders.incoming]
    return {
        str(path.relative_to(world.folders.root)): path.read_bytes()
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_accepted_loads_are_numbered_per_object_in_order_of_their_dates(world):
    received, first = three_loads(world)
    manifests = accept_all(world.folders, received[::-1], AT, again=[first])
    assert [(str(m.load_date), m.sequence) for m in manifests] == [
        ("2025-01-01", 3), ("2025-01-02", 4), ("2025-01-03", 5)
    ]  # fmt: skip
    assert [a.sequence for a in world.ledger.accepted()] == [2, 3, 4, 5]
    assert list(world.folders.incoming.iterdir()) == []


def test_a_kill_before_the_commit_point_leaves_nothing_accepted(world, monkeypatch):
    received, first = three_loads(world)
    before = {k: v for k, v in picture(world).items() if not k.startswith("incoming")}

    def killed(*_):
        raise Killed

    monkeypatch.setattr("orchestration.ingest.acceptance.write_whole", killed)
    with pytest.raises(Killed):
        accept_all(world.folders, received, AT, again=[first])
    swept = sweep(world.folders)
    assert swept.accepted == ()
    assert set(swept.removed) == {r.load_id for r in received}
    assert picture(world) == before


def test_a_kill_after_any_step_behind_the_commit_point_is_finished_by_the_sweep(world):
    received, first = three_loads(world)
    hook, steps = kill_after(0)
    accept_all(world.folders, received, AT, again=[first], after=hook)
    expected = picture(world)
    assert steps[0] == "journal"
    assert len(steps) == 8
    for number, step in enumerate(steps, start=1):
        rmtree(world.folders.root)
        received, first = three_loads(world)
        hook, _ = kill_after(number)
        with pytest.raises(Killed):
            accept_all(world.folders, received, AT, again=[first], after=hook)
        swept = sweep(world.folders)
        if step != "done":
            assert set(swept.accepted) == {*(r.load_id for r in received), first.load_id}
        assert picture(world) == expected, step
        assert sweep(world.folders).accepted == ()


def test_a_kill_during_the_sweep_itself_is_finished_by_the_next(world, monkeypatch):
    received, first = three_loads(world)
    hook, _ = kill_after(1)
    with pytest.raises(Killed):
        accept_all(world.folders, received, AT, again=[first], after=hook)
    renames = []
    rename = Path.rename

    def rename_once(self, target):
        if renames:
            raise Killed
        renames.append(target)
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.rename", rename_once)
        with pytest.raises(Killed):
            sweep(world.folders)
    sweep(world.folders)
    assert [a.sequence for a in world.ledger.accepted()] == [2, 3, 4, 5]
    assert world.quarantined() == []


def test_an_unfinished_acceptance_must_be_swept_before_the_next(world):
    received, _ = three_loads(world)
    hook, _ = kill_after(1)
    with pytest.raises(Killed):
        accept_all(world.folders, received, AT, after=hook)
    with pytest.raises(LiucunError, match="sweep first"):
        accept_all(world.folders, received, AT)


def test_the_sweep_removes_what_a_killed_receive_left(world):
    world.take(A)
    (world.folders.incoming / ".0123.work").mkdir()
    (world.folders.incoming / ".accepting.json.7.tmp").write_text("{")
    assert len(sweep(world.folders).removed) == 3
    assert list(world.folders.incoming.iterdir()) == []
    assert world.ledger.accepted() == ()


def test_a_refusal_takes_the_place_of_an_earlier_one_of_the_same_load(world):
    world.land(A)
    refuse(world.folders, world.receive(), ["first"], AT)
    refuse(world.folders, world.receive(), ["second"], AT)
    assert [q.manifest.reasons for q in world.quarantined()] == [("second",)]


def test_a_load_that_could_not_be_read_is_refused_with_its_reasons_and_never_accepted(world):
    received = world.take("<html></html>")
    with pytest.raises(ValueError, match="cannot be accepted"):
        world.accept(received)
    refuse(world.folders, received, received.refusals, AT)
    (quarantined,) = world.quarantined()
    assert "is HTML" in quarantined.manifest.reasons[0]
    assert quarantined.rejects.is_file()
    assert world.ledger.accepted() == ()


def test_accepting_nothing_changes_nothing(world):
    assert accept_all(world.folders, [], AT) == ()
    assert not world.folders.root.exists()
