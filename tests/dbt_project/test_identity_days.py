"""Identity models that carry on from the day before hold what models built from nothing hold."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.identity.liucun import build
from samples.people import generate
from samples.people.making import CUSTOMERS

Row = dict[str, Any]
TABLES = (
    "id_record", "id_hot_identifier", "id_feature", "id_key", "id_pair", "id_score", "id_edge", "id_cluster",
    "id_assignment", "id_crosswalk", "id_character", "id_division", "id_division_name",
)  # fmt: skip
TEXTS = ("id_name_text", "id_name_han", "id_name_words", "id_name_company", "id_place", "id_address")
"""What was taken apart stays, so these may hold more than today's texts."""
CROWD, BLOCK = 11, 101
"""One more name than an identifier may have, one more record than a key whose pairs are all looked at."""
GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超"


def record(customer_id: str, **said: object) -> Row:
    """A staged customer; what is not said is NULL."""
    common = {"source": "canonical", "kind": "person", "created_at": datetime(2024, 1, 1), "is_deleted": False,
              "_load_date": date(2025, 1, 1), "uncast_count": 0}  # fmt: skip
    return {**dict.fromkeys(CUSTOMERS.names), **common, "customer_id": customer_id, **said}


def other(column: str, value: object) -> object:
    """Another value for a column of a staged customer."""
    if column == "kind":
        return "store"
    if column == "birth_date":
        return date(1971, 2, 3)
    if column in ("created_at", "modified_at"):
        return datetime(2024, 5, 6, 7)
    if column == "_load_date":
        return date(2025, 1, 2)
    if CUSTOMERS.field(column).type == pa.bool_():
        return not value
    return {"phone": "13987651234", "name": "欧阳建国", "uscc": "91350100M000100Y43"}.get(column, f"{value or ''}7号")


def first_day(folder: Path) -> list[Row]:
    """People, a crowd with one number, one that is a name too small, and many records of one key."""
    customers, _ = generate(folder, 2_000, 11)
    crowd = [record(f"h{n}", name=f"赵{GIVEN[n]}", phone="13866660000") for n in range(CROWD)]
    nearly = [record(f"k{n}", name=f"钱{GIVEN[n]}", phone="13866661111") for n in range(CROWD - 1)]
    many = [record(f"m{n:03}", name="陈静", email="m@qq.com", phone=f"1377{n:07}") for n in range(BLOCK)]
    pointers = [record("p1", name="孙静", merged_into_id="p2"), record("p2", name="孙静静")]
    born = record("b1", name="周勇", birth_date=date(2025, 1, 2), created_at=None)
    return [*pq.read_table(customers).to_pylist(), *crowd, *nearly, *many, *pointers, born]


def second_day(rows: list[Row]) -> list[Row]:
    """Every column of some record changes, records come, go and are deleted, and hot and large are so no more."""
    people, rest = rows[:2_000], {row["customer_id"]: row for row in rows[2_000:]}
    for n, column in enumerate(c for c in CUSTOMERS.names if c not in ("source", "customer_id", "_load_id")):
        if column != "uncast_count":
            people[3 * n] = {**people[3 * n], column: other(column, people[3 * n][column])}
            people[3 * n + 1] = {**people[3 * n + 1], column: None if column != "is_deleted" else True}
    del people[200:230]
    rest["h3"] = {**rest["h3"], "phone": "13866662222"}
    rest["k10"] = record("k10", name="钱超", phone="13866661111")
    del rest["m000"], rest["p2"]
    rest["b1"] = {**rest["b1"], "_load_date": date(2025, 1, 3)}
    again = [{**row, "customer_id": f"n{n}", "phone": None} for n, row in enumerate(people[300:340])]
    return [*people, *rest.values(), *again]


def written(folder: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    path = folder / "customers.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), CUSTOMERS), path)
    return path


def built(home: Path, customers: Path, **how: Any) -> Path:
    """The warehouse after a day, as it stands on disk."""
    build(customers, home, home / "crosswalk.parquet", **how)
    return home / "people" / "private" / "warehouse.duckdb"


def differing(one: Path, other: Path) -> list[str]:
    """Tables of which the two warehouses hold different rows, or texts of which the first lacks some."""
    with duckdb.connect() as con:
        con.execute(f"attach '{one}' as here (read_only)")
        con.execute(f"attach '{other}' as there (read_only)")

        def lacks(name: str, left: str, right: str) -> bool:
            return bool(con.execute(f"from {left}.identity.{name} except all from {right}.identity.{name}").fetchall())

        return [
            name
            for name in (*TABLES, *TEXTS)
            if lacks(name, "there", "here") or (name in TABLES and lacks(name, "here", "there"))
        ]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], list[Row]]:
    rows = first_day(tmp_path_factory.mktemp("people"))
    return rows, second_day(list(rows))


def test_a_day_of_changes_and_the_way_back_end_with_the_tables_of_a_full_run(
    days: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    first, second = (written(tmp_path / name, rows) for name, rows in _folders(tmp_path, days))
    home = tmp_path / "home"
    before = shutil.copy(built(home, first), tmp_path / "before.duckdb")
    after = built(home, second)
    with duckdb.connect(str(after), read_only=True) as con:
        # What the days are made to change has changed.
        flipped = con.execute("select identifier_type, is_hot from identity.id_hot_change where is_hot <> was_hot")
        assert {("mobile_key", True), ("mobile_key", False)} <= set(flipped.fetchall())
        (changed, all_) = con.execute("select (select count(*) from identity.id_record_change), count(*) from identity.id_record").fetchall()[0]  # fmt: skip  # noqa: E501
        assert 100 < changed < all_ / 5
        births = con.execute("select birth_key from identity.id_record where record_key = 'canonical:b1'").fetchall()
        assert births == [(date(2025, 1, 2),)]
    assert differing(after, built(tmp_path / "fresh", second)) == []
    assert differing(built(home, first), before) == []


def _folders(root: Path, days: tuple[list[Row], list[Row]]) -> Iterable[tuple[str, list[Row]]]:
    for number, rows in enumerate(days):
        (root / f"day{number}").mkdir()
        # The order of rows must not matter.
        yield f"day{number}", rows[::-1] if number else rows


def test_a_day_on_which_sources_send_everything_again_changes_no_record(
    days: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    rows = days[0][:300]
    home = tmp_path / "home"
    before = shutil.copy(built(home, written(tmp_path, rows)), tmp_path / "before.duckdb")
    tomorrow = [{**row, "_load_id": "another", "_load_date": row["_load_date"] + timedelta(days=1)} for row in rows]
    after = built(home, written(tmp_path, tomorrow))
    with duckdb.connect(str(after), read_only=True) as con:
        for name in ("id_record_change", "id_feature_change", "id_key_change", "id_pair_score"):
            assert con.execute(f"select count(*) from identity.{name}").fetchall() == [(0,)]
    assert differing(after, before) == []


def test_another_list_of_placeholders_and_another_model_are_heeded_by_a_full_refresh(
    days: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    rows = days[0][:600]
    customers = written(tmp_path, rows)
    home, fresh = tmp_path / "home", tmp_path / "fresh"
    built(home, customers)
    shared = duckdb.sql(f"""
        select phone from '{customers}' where regexp_matches(phone, '^1[3-9][0-9]{{9}}$')
        group by phone having count(*) > 1 order by phone limit 1
    """).fetchall()[0][0]
    for root in (home, fresh):
        if root is fresh:
            shutil.copytree(home / "dbt_project", fresh / "dbt_project")
        else:
            with (home / "dbt_project" / "seeds" / "placeholder_values.csv").open("a", encoding="utf-8") as seed:
                seed.write(f"phone,{shared}\n")
        models = root / "people" / "overrides" / "identity"
        models.mkdir(parents=True)
        shipped = Path(__file__).parents[2] / "customer_models" / "identity" / "models" / "person.json"
        (models / "person.json").write_text(shipped.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = built(home, customers, full_refresh=True)
    assert differing(after, built(fresh, customers)) == []
    with duckdb.connect(str(after), read_only=True) as con:
        told = con.execute(f"select distinct phone_quality from identity.id_record where phone = '{shared}'").fetchall()
        assert told == [("placeholder",)]
