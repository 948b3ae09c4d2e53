import json
import os
import shutil
from pathlib import Path

import pytest

from orchestration.errors import BadInput, LiucunError
from orchestration.files import entries, remove_tree, write_whole
from orchestration.publish.manifest import load_set, read_manifest
from orchestration.publish.pointer import current_run, flip, run_folder, runs_folder
from orchestration.publish.runs import list_runs, prune, publish, staging_directory, sweep
from orchestration.publish.state import write_state


def _standings(warehouse) -> dict[str, str]:
    return {run.run_id: run.standing for run in list_runs(warehouse.folders)}


def test_current_is_a_relative_link_so_that_the_folder_can_be_moved(warehouse, tmp_path):
    run = warehouse.run()
    assert (warehouse.folders.published / "current").readlink() == Path(f"runs/{run}")
    shutil.move(warehouse.folders.root, tmp_path / "moved")
    assert (tmp_path / "moved" / "published" / "current" / "marts.duckdb").is_file()


def test_a_kill_at_the_flip_leaves_readers_on_the_run_before(warehouse, monkeypatch):
    first = warehouse.run()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: _killed())
        with pytest.raises(KeyboardInterrupt):
            flip(warehouse.folders, first)
    assert current_run(warehouse.folders) == first
    assert sweep(warehouse.folders) == (f".current.{os.getpid()}.tmp",)


def test_nothing_is_current_before_the_first_flip(warehouse):
    run_id, staging, _ = warehouse.stage()
    publish(warehouse.folders, staging, run_id)
    assert current_run(warehouse.folders) is None


def test_nobody_may_write_what_is_published(warehouse):
    run = run_folder(warehouse.folders, warehouse.run())
    modes = {path.stat().st_mode & 0o777 for path in (run, *run.rglob("*"))}
    assert modes == {0o444, 0o555}


def test_a_flip_to_a_run_that_is_not_there_leaves_current_as_it_was(warehouse):
    run = warehouse.run()
    with pytest.raises(BadInput, match="no run 2017-12-30"):
        flip(warehouse.folders, "2017-12-30")
    assert current_run(warehouse.folders) == run


@pytest.mark.parametrize("run_id", ["../../etc", "", ".tmp-x", "a/b"])
def test_a_run_id_that_leaves_its_folder_is_refused(warehouse, run_id: str):
    with pytest.raises(BadInput, match="no run id"):
        staging_directory(warehouse.folders, run_id)


def test_a_run_is_published_once(warehouse):
    run = warehouse.run()
    shutil.copytree(run_folder(warehouse.folders, run), runs_folder(warehouse.folders) / ".tmp-again")
    with pytest.raises(LiucunError, match="exists already"):
        publish(warehouse.folders, runs_folder(warehouse.folders) / ".tmp-again", run)


def test_an_unfinished_candidate_is_not_published(warehouse):
    run_id, staging, _ = warehouse.stage()
    (staging / "marts.duckdb").unlink()
    with pytest.raises(LiucunError, match="not the finished candidate"):
        publish(warehouse.folders, staging, run_id)


def test_a_link_that_leads_nowhere_says_how_to_repair_it(warehouse):
    run = warehouse.run()
    remove_tree(run_folder(warehouse.folders, run))
    with pytest.raises(BadInput, match="ln -sfn"):
        current_run(warehouse.folders)


def test_a_folder_in_the_place_of_the_link_is_refused_and_not_overwritten(warehouse):
    run = warehouse.run()
    link = warehouse.folders.published / "current"
    link.unlink()
    link.mkdir()
    with pytest.raises(BadInput, match="is no symlink"):
        flip(warehouse.folders, run)
    assert link.is_dir()
    assert not link.is_symlink()


def test_the_newest_seven_runs_are_kept(warehouse):
    made = [warehouse.run() for _ in range(9)]
    assert set(prune(warehouse.folders)) == set(made[:2])
    assert [run.run_id for run in list_runs(warehouse.folders)] == made[:1:-1]


def test_the_current_run_and_its_parent_are_never_pruned(warehouse):
    first, second, *later = [warehouse.run() for _ in range(5)]
    flip(warehouse.folders, second)
    assert set(prune(warehouse.folders, keep=1)) == set(later[:-1])
    assert set(_standings(warehouse)) == {first, second, later[-1]}


def test_looking_at_past_days_costs_no_run_to_roll_back_to(warehouse):
    daily = [warehouse.run() for _ in range(2)]
    past = [warehouse.run("earlier_date") for _ in range(3)]
    assert prune(warehouse.folders, keep=2) == (past[0],)
    assert set(_standings(warehouse)) == {*daily, *past[1:]}


def test_keeping_no_run_is_refused(warehouse):
    with pytest.raises(BadInput):
        prune(warehouse.folders, keep=0)


def test_a_run_for_an_earlier_date_is_published_without_becoming_current(warehouse):
    daily = warehouse.run()
    past = warehouse.run("earlier_date")
    assert current_run(warehouse.folders) == daily
    assert sweep(warehouse.folders) == ()
    assert _standings(warehouse) == {past: "earlier_date", daily: "current"}


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("before", [0, 2])
def test_a_killed_run_leaves_nothing_once_swept(warehouse, before: int, published: bool):
    kept = [warehouse.run() for _ in range(before)]
    untouched = _tree(warehouse)
    run_id, staging, link = warehouse.stage()
    if published:
        publish(warehouse.folders, staging, run_id)
        (warehouse.folders.state / f".tmp-{run_id}").mkdir(parents=True)
        (warehouse.folders.published / ".current.1.tmp").symlink_to(f"runs/{run_id}")
        write_state(warehouse.folders, link, {})
    sweep(warehouse.folders)
    assert _tree(warehouse) == untouched
    assert current_run(warehouse.folders) == (kept[-1] if kept else None)


def _tree(warehouse) -> set[str]:
    root = warehouse.folders.root
    ours = (p for folder in ("published", "state") for p in (root / folder).rglob("*"))
    return {str(p.relative_to(root)) for p in ours if p.name not in ("runs",)}


def test_a_kill_while_an_old_run_is_removed_leaves_no_half_run(warehouse, monkeypatch):
    first, second, _ = [warehouse.run() for _ in range(3)]
    monkeypatch.setattr(shutil, "rmtree", lambda path: (path / "marts.duckdb").unlink() or _killed())
    with pytest.raises(KeyboardInterrupt):
        prune(warehouse.folders, keep=1)
    monkeypatch.undo()
    assert set(_standings(warehouse)) == set(warehouse.made) - {first}
    assert sweep(warehouse.folders) == (f".tmp-removed-{first}",)
    assert second in _standings(warehouse)


def _killed() -> None:
    raise KeyboardInterrupt


def test_a_lost_link_is_not_taken_for_an_empty_warehouse(warehouse):
    made = [warehouse.run() for _ in range(2)]
    (warehouse.folders.published / "current").unlink()
    with pytest.raises(BadInput, match="ln -s"):
        sweep(warehouse.folders)
    assert entries(warehouse.folders.state) == tuple(made)


def test_a_broken_history_stops_the_sweep_before_it_removes_a_run(warehouse):
    made = [warehouse.run() for _ in range(3)]
    remove_tree(warehouse.folders.state / made[1])
    with pytest.raises(BadInput, match=f"{made[1]}.*restore"):
        sweep(warehouse.folders)
    assert set(_standings(warehouse)) == set(made)


def test_the_manifest_comes_back_as_it_was_written(warehouse):
    run = warehouse.run(loads=("b", "a"))
    folder = run_folder(warehouse.folders, run)
    manifest = read_manifest(folder)
    assert (manifest.run_id, manifest.parent, manifest.kind) == (run, None, "daily")
    assert manifest.tables == {"mart_sales": {"rows": 24, "checksum": "24:1"}}
    assert json.loads((folder / "manifest.json").read_text())["load_set"] == load_set(["a", "b"])


def test_a_load_set_does_not_depend_on_order_nor_on_repetition():
    assert load_set(["b", "a", "a"]) == load_set(["a", "b"]) != load_set(["ab"])
    assert len(load_set([])) == 16


def test_a_damaged_manifest_is_named(warehouse):
    folder = run_folder(warehouse.folders, warehouse.run())
    folder.chmod(0o755)
    write_whole(folder / "manifest.json", '{"run_id": 1}')
    with pytest.raises(BadInput, match=r"manifest\.json cannot be read"):
        list_runs(warehouse.folders)
