import os
from datetime import UTC, date, datetime, timedelta

import pytest

from orchestration.errors import BadInput
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import scan

CSV = "customer_id,name\n1,a\n"


def problem(world):
    with pytest.raises(BadInput) as caught:
        world.scan()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_load_is_all_files_of_one_object_and_date(world):
    world.land(CSV, "b.csv")
    world.land(CSV + "2,b\n", "a.csv")
    world.land(CSV, on="2025-01-02")
    first, second = world.scan().loads
    assert [f.name for f in first.files] == ["a.csv", "b.csv"]
    assert (first.load_date, second.load_date) == (date(2025, 1, 1), date(2025, 1, 2))


def test_a_load_sent_again_under_another_name_is_the_same_load(world):
    path = world.land(CSV, "a.csv")
    before = world.only_load().load_id
    path.rename(path.with_name("z.csv"))
    assert world.only_load().load_id == before
    other = world.land(CSV + "2,b\n", "a.csv")
    both = world.only_load().load_id
    other.rename(other.with_name("zz.csv"))
    assert world.only_load().load_id == both


def test_another_content_date_or_object_is_another_load(world):
    for content, name, on in [(CSV, "customers", "2025-01-01"), (CSV + "\n", "customers", "2025-01-02"),
                              (CSV, "customers", "2025-01-03"), (CSV, "orders", "2025-01-01")]:  # fmt: skip
        world.land(content, object_name=name, on=on)
    ids = {load.load_id for load in world.scan().loads}
    assert len(ids) == 4
    assert all(len(i) == 16 for i in ids)


def test_loads_after_known_on_are_left_for_later_and_said(world):
    world.land(CSV, on="2025-01-01")
    world.land(CSV, on="2025-01-05")
    found = world.scan(known_on=date(2025, 1, 2))
    assert [load.load_date.day for load in found.loads] == [1]
    assert "1 file(s) with a load date after 2025-01-02" in found.notes[0]


@pytest.mark.parametrize("name", [".hidden.csv", "~$a.csv", "a.csv.part", "a.csv.TMP"])
def test_files_of_editors_and_transfers_are_ignored(world, name):
    world.land(CSV)
    world.land(CSV, name)
    assert [f.name for f in world.only_load().files] == ["a.csv"]


def test_a_dated_name_may_lie_directly_under_its_source(world_of, contract):
    contract["objects"]["customers"]["files"] = "客户_{load_date:%Y%m%d}*.csv"
    world = world_of(contract)
    folder = world.folders.landing / "crm"
    folder.mkdir(parents=True)
    (folder / "客户_20250103-v2.CSV").write_text(CSV)
    (folder / "客户_20250104.csv.gz").write_text(CSV)
    assert [(load.object, str(load.load_date)) for load in world.scan().loads] == [
        ("customers", "2025-01-03"),
        ("customers", "2025-01-04"),
    ]


def test_a_dated_name_with_no_such_day_is_refused(world_of, contract):
    contract["objects"]["customers"]["files"] = "客户_{load_date:%Y%m%d}.csv"
    world = world_of(contract)
    (world.folders.landing / "crm").mkdir(parents=True)
    (world.folders.landing / "crm" / "客户_20251331.csv").write_text(CSV)
    assert "is no date" in problem(world)


def test_a_name_that_contradicts_its_folder_is_refused(world_of, contract):
    contract["objects"]["customers"]["files"] = "c_{load_date:%Y%m%d}.csv"
    world = world_of(contract)
    world.land(CSV, "c_20250102.csv", on="2025-01-01")
    assert "the name says 2025-01-02, the folder 2025-01-01" in problem(world)


def test_a_file_without_a_load_date_is_refused(world):
    path = world.land(CSV)
    path.rename(path.parent.parent / "a.csv")
    assert "has no load date; move it into a folder load_date=YYYY-MM-DD" in problem(world)


@pytest.mark.parametrize("name", ["a*.csv", "a?.csv", "a[1].csv", "a{1}.csv", "a\n.csv"])
def test_a_name_with_a_glob_or_control_character_is_refused(world, name):
    world.land(CSV, name)
    assert "rename it" in problem(world)


def test_a_name_that_is_no_text_is_refused(world):
    folder = world.land(CSV).parent
    (folder / os.fsdecode(b"\xff\xfe.csv")).write_text(CSV)
    said = problem(world)
    assert "rename it" in said
    assert said.isprintable()


def test_a_symbolic_link_is_refused_as_file_and_as_folder(world, tmp_path):
    real = world.land(CSV)
    (real.parent / "b.csv").symlink_to(real)
    assert f"{real.parent / 'b.csv'}: is a symbolic link" in problem(world)
    (real.parent / "b.csv").unlink()
    (real.parent.parent / "load_date=2025-02-01").symlink_to(real.parent)
    assert "load_date=2025-02-01: is a symbolic link" in problem(world)


@pytest.mark.parametrize("folder", ["load_date=2025-1-1", "load_date=20250101", "load_date=2025-02-30", "2025-01-01"])
def test_a_folder_that_is_no_load_date_is_refused(world, folder):
    path = world.land(CSV)
    path.parent.rename(path.parent.parent / folder)
    assert "expected a folder load_date=YYYY-MM-DD" in problem(world)


def test_what_no_object_expects_is_refused_all_at_once(world):
    world.land(CSV, "a.xlsx")
    world.land(CSV, object_name="custmers")
    (world.folders.landing / "readme.txt").write_text("x")
    (world.folders.landing / "crm" / "loose.csv").write_text(CSV)
    said = problem(world)
    for part in ("a.xlsx: the name does not fit the pattern '*.csv'", "custmers: crm has no such object",
                 "readme.txt: move it into", "loose.csv: no object of crm"):  # fmt: skip
        assert part in said


def test_the_folder_of_another_warehouses_source_is_left_alone_and_said(world):
    world.land(CSV)
    (world.folders.landing / "other").mkdir()
    assert "the warehouse uses no source 'other'" in world.scan().notes[0]
    assert len(world.scan().loads) == 1


def test_a_fifo_in_landing_is_refused_rather_than_waited_for(world):
    path = world.land(CSV)
    os.mkfifo(path.parent / "pipe.csv")
    assert "is neither a file nor a folder" in problem(world)


def test_a_load_date_in_the_future_is_refused(world):
    world.land(CSV, on="2062-01-01")
    with pytest.raises(BadInput, match="lies in the future"):
        scan(world.folders.landing, [world.source], now=datetime(2025, 1, 1, tzinfo=UTC), pause=lambda: None)


def test_a_file_still_growing_waits_and_its_whole_load_with_it(world):
    world.land(CSV, "a.csv")
    growing = world.land(CSV, "b.csv")
    world.land(CSV, on="2025-01-02")
    now = datetime.fromtimestamp(growing.stat().st_mtime, UTC)

    def grow():
        with growing.open("a") as file:
            file.write("2,b\n")

    found = scan(world.folders.landing, [world.source], now=now, pause=grow)
    assert found.waiting == (growing,)
    assert [load.load_date.day for load in found.loads] == [2]


def test_settled_files_are_not_looked_at_twice(world):
    path = world.land(CSV)
    now = datetime.fromtimestamp(path.stat().st_mtime, UTC) + timedelta(minutes=1)
    looks = []
    found = scan(world.folders.landing, [world.source], now=now, pause=lambda: looks.append(1))
    assert len(found.loads) == 1
    assert looks == []


def test_a_hash_is_remembered_only_for_the_file_it_was_made_of(world, tmp_path):
    path = world.land(CSV)
    memory = tmp_path / "hashes.json"
    first = scan(world.folders.landing, [world.source], hashes=Hashes(memory)).loads
    memory.write_text(memory.read_text().replace(first[0].files[0].sha256, "f" * 64))
    assert scan(world.folders.landing, [world.source], hashes=Hashes(memory)).loads[0].files[0].sha256 == "f" * 64
    path.write_text(CSV + "2,b\n")
    changed = scan(world.folders.landing, [world.source], hashes=Hashes(memory)).loads
    assert changed[0].files[0].sha256 not in ("f" * 64, first[0].files[0].sha256)
    memory.write_text("[1, 2")
    assert scan(world.folders.landing, [world.source], hashes=Hashes(memory)).loads == changed


def test_an_empty_or_missing_landing_has_no_loads(world):
    assert world.scan().loads == ()
    world.folders.landing.mkdir(parents=True)
    assert world.scan().loads == ()
