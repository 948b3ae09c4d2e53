"""The million records, in small: reproducible, staged as staging stages, at the rates that were set, truly told."""

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from samples.people import Rates, generate, twin
from samples.people.names import NONE, given_characters, surnames
from samples.people.records import ORDER

ROOT = Path(__file__).parents[2]
RECORDS = 20_000
SIGMAS = 4.0
NOTHING = Rates(**{field.name: 0.0 for field in fields(Rates) if field.name not in ("people_per_record", "care")})
"""A world in which nothing goes wrong, nothing is left out and nobody shares anything."""
TYPES = {
    "varchar": "string",
    "date": "date32[day]",
    "timestamp": "timestamp[us]",
    "boolean": "bool",
    "integer": "int32",
}

World = Callable[..., duckdb.DuckDBPyConnection]


def opened(root: Path) -> duckdb.DuckDBPyConnection:
    """A database with the view ``people``: records with their truth."""
    connection = duckdb.connect()
    connection.execute(f"""
        create view people as
        select truth.*, customers.*
        from '{root}/customers.parquet' as customers
        inner join '{root}/truth/customers.parquet' as truth
            on truth.record_key = customers.source || ':' || customers.customer_id
    """)
    return connection


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    root = tmp_path_factory.mktemp("usual")
    generate(root, RECORDS)
    with opened(root) as connection:
        yield connection


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Makes a small world in which only the given rates are not zero."""
    connections = []

    def make(records: int = 3_000, **rates: float) -> duckdb.DuckDBPyConnection:
        generate(tmp_path, records, rates=replace(NOTHING, **rates))
        connections.append(opened(tmp_path))
        return connections[-1]

    yield make
    for connection in connections:
        connection.close()


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple:
    return connection.execute(query).fetchall()[0]


def digests(root: Path) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(root.rglob("*.parquet"))]


def near(count: int, total: int, rate: float) -> bool:
    """Whether a count may come of a rate; a tenth of it is left for damages that hide one another."""
    return abs(count / total - rate) < SIGMAS * math.sqrt(max(rate * (1 - rate), 1e-4) / total) + rate * 0.1


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, 2_000, seed)

    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert not set(digests(tmp_path / "a")) & set(digests(tmp_path / "c"))


def test_the_customers_have_the_columns_of_staging_with_their_types(tmp_path: Path) -> None:
    path = ROOT / "dbt_project/models/staging/canonical/stg_canonical__customers.yml"
    staged = yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]["columns"]
    customers, _ = generate(tmp_path, 100)

    assert [(f.name, str(f.type)) for f in pq.read_schema(customers)] == [
        (column["name"], TYPES[column["data_type"]]) for column in staged
    ]


def test_every_record_has_one_person_and_every_person_one_first_record_which_is_the_earliest(
    usual: duckdb.DuckDBPyConnection,
) -> None:
    counts = "select count(*), count(distinct record_key), count(distinct true_id) from people"
    assert one(usual, counts) == (RECORDS, RECORDS, round(RECORDS * 0.7))

    late = """
        select count(*) from people
        where (duplicate_kind = 'first') <> (
            (created_at, record_key) = (
                select min((other.created_at, other.record_key))
                from people as other
                where other.true_id = people.true_id
            )
        )
    """
    firsts = "select count(*), count(distinct true_id) from people where duplicate_kind = 'first'"
    assert one(usual, firsts) == (round(RECORDS * 0.7), round(RECORDS * 0.7))
    # Two records of one second may stand in either order.
    assert one(usual, late)[0] <= 4


def test_ids_tell_nothing_of_the_person(usual: duckdb.DuckDBPyConnection) -> None:
    neighbours = """
        select count(*) from (
            select true_id = lead(true_id) over (order by customer_id) as is_same from people
        ) where is_same
    """
    assert one(usual, neighbours)[0] < 10


def test_in_a_world_without_damage_all_records_of_a_person_say_the_same_and_nobody_shares(world: World) -> None:
    people = world(openid=1.0, kept_openid=1.0, email=1.0, kept_email=1.0)
    said = "name, phone, province, city, district, address"
    assert one(people, f"select count(distinct ({said}, true_id)) from people") == (2_100,)
    for column in ("phone", "email", "wechat_openid"):
        shared = f"select 1 from people group by {column} having count(distinct true_id) > 1 and {column} is not null"
        assert people.execute(shared).fetchall() == [], column
    kinds = {row[0] for row in people.execute("select distinct duplicate_kind from people").fetchall()}
    assert kinds == {"first", "exact"}


EVERYTHING = {"first_record": 1.0, "care": ((1.0, 1.0),)}


@pytest.mark.parametrize(
    ("kind", "rates", "holds"),
    [
        ("title_only", {"title_only": 0.3}, "regexp_matches(name, '^.{1,2}(先生|女士|小姐|总|老师|经理|老板)$')"),
        ("titled", {"titled": 1.0}, "regexp_matches(name, '^.{2,4}(先生|女士|小姐|总|老师|经理|老板)$')"),
        ("pinyin", {"pinyin": 1.0}, "regexp_matches(name, '^[A-Za-z -]{3,}$')"),
        ("placeholder_name", {"placeholder_name": 1.0}, "name in ('微信用户', '未知', '匿名', '无', '顾客')"),
        ("full_width", {"full_width": 1.0}, "regexp_matches(name, '[ 　]')"),
        ("missing_phone", {"missing_phone": 1.0}, "phone is null"),
        ("placeholder_phone", {"placeholder_phone": 1.0}, "regexp_matches(phone, '0{5}|00138|1{11}|8{8}|123456789')"),
        ("phone_typo", {"phone_typo": 1.0}, "length(phone) = 11"),
        ("phone_scientific", {"phone_scientific": 0.3}, "regexp_matches(phone, '^1[.][0-9]{2,5}E[+]10$')"),
        ("phone_format", {"phone_format": 1.0}, "not regexp_matches(phone, '^1[0-9]{10}$')"),
        ("partial_address", {"partial_address": 1.0}, "not regexp_matches(address, '单元')"),
    ],
)  # fmt: skip
def test_a_damage_at_full_rate_is_in_every_record_it_is_noted_for(
    world: World, kind: str, rates: dict[str, float], holds: str
) -> None:
    people = world(**EVERYTHING, **rates)

    noted, held = one(people, f"select count(*), count(*) filter ({holds}) from people where duplicate_kind = '{kind}'")
    first = "duplicate_kind = 'first' and damage_count = 1"
    assert noted > 50
    assert noted == held
    assert one(people, f"select count(*) from people where {first} and not ({holds})") == (0,)
    assert one(people, f"select count(*) from people where damage_count = 0 and ({holds})") == (0,)


def test_a_mistyped_number_is_one_edit_from_a_number_of_the_person(world: World) -> None:
    people = world(phone_typo=0.3, first_record=0.0)
    edits = people.execute("""
        select damerau_levenshtein(here.phone, first.phone), count(*)
        from people as here
        inner join people as first on here.true_id = first.true_id and first.duplicate_kind = 'first'
        where here.duplicate_kind = 'phone_typo'
        group by 1
    """).fetchall()
    assert [distance for distance, _ in edits] == [1]


def test_a_homophone_sounds_the_same_and_is_another_sign() -> None:
    rng = np.random.default_rng(1)
    for signs in (surnames(), given_characters()):
        numbers = np.repeat(np.arange(len(signs.text)), 20)
        others = signs.homophone(rng, numbers)
        assert all(signs.pinyin[a] == signs.pinyin[b] for a, b in zip(numbers, others, strict=True))
        alone = {place for place, row in enumerate(signs.homophones) if row[0] == NONE}
        assert {int(n) for n in numbers[others == numbers]} == alone
        assert 0 < len(alone) < len(signs.text) * 0.6


def test_households_share_phone_and_flat_and_never_the_name(world: World) -> None:
    people = world(household=0.5, spouse=0.3)
    homes = people.execute("""
        select
            count(distinct true_id), count(distinct name), count(distinct address), count(distinct left(name, 1))
        from people group by phone
    """).fetchall()
    together = [home for home in homes if home[0] == 2]
    assert 0.2 < len(together) * 2 / 2_100 <= 0.51
    assert {home[0] for home in homes} == {1, 2}
    assert all(home[1] == 2 and home[2] == 1 for home in together)
    assert near(sum(home[3] == 2 for home in together), len(together), 0.3)


def test_whoever_changes_number_or_home_keeps_the_old_one_before_that_day(world: World) -> None:
    people = world(changed_phone=0.5, moved=0.5)
    for column in ("phone", "address"):
        returns = one(
            people,
            f"""
            select count(*) from (
                select {column} as now, lag({column}) over w as before, first_value({column}) over w as first
                from people window w as (partition by true_id order by created_at, record_key)
            ) where now <> before and before <> first
            """,
        )
        assert returns == (0,), "nobody goes back or changes twice"
        both = f"select 1 from people group by true_id having count(distinct {column}) = 2"
        assert len(people.execute(both).fetchall()) > 100
    moved = "select count(*) from people where duplicate_kind in ('moved', 'changed_phone', 'changed_phone_and_moved')"
    assert one(people, moved)[0] > 300


def test_a_new_number_has_nothing_of_the_old_one(world: World) -> None:
    # Ten thousand people: a series repeats its last digits after so many.
    people = world(records=14_286, changed_phone=1.0)
    alike, changed = one(
        people,
        """
        select
            count(*) filter (right(here.phone, 4) = right(first.phone, 4)) +
            count(*) filter (substr(here.phone, 4, 4) = substr(first.phone, 4, 4)), count(*)
        from people as here
        inner join people as first on here.true_id = first.true_id and first.duplicate_kind = 'first'
        where here.duplicate_kind = 'changed_phone'
        """,
    )
    assert changed > 1_000
    assert alike / changed < 0.01


def test_a_recycled_number_is_held_by_two_people_at_different_times(world: World) -> None:
    people = world(records=6_000, changed_phone=0.5, recycled_phone=0.1)
    holders = people.execute("""
        select phone, true_id, min(created_at) as since, max(created_at) as until
        from people
        where phone in (select phone from people group by phone having count(distinct true_id) > 1)
        group by phone, true_id
        order by phone, since
    """).fetchall()
    assert len(holders) > 50
    assert len({phone for phone, *_ in holders}) * 2 == len(holders)
    for first, second in zip(holders[::2], holders[1::2], strict=True):
        assert first[3] < second[2], "the one holds it before the other does"


def test_common_names_are_common_and_most_names_are_rare(tmp_path: Path) -> None:
    generate(tmp_path, 60_000, rates=NOTHING)
    with opened(tmp_path) as people:
        most, rare, names = one(
            people,
            """
            select max(bearers) / 42000, count(*) filter (bearers = 1) / count(*), count(*)
            from (select count(distinct true_id) as bearers from people group by name)
            """,
        )
    assert 0.0006 < most < 0.0016
    assert rare > 0.7
    assert names > 20_000


@pytest.mark.parametrize(
    ("measured", "rate"),
    [
        ("count(*) filter (phone is null)", "missing_phone"),
        ("count(*) filter (address is null)", "missing_address"),
    ],
)
def test_twins_differ_in_what_they_are_twins_for(tmp_path: Path, measured: str, rate: str) -> None:
    assert twin().household == 2 * Rates().household
    assert twin().missing_phone == 2 * Rates().missing_phone
    shares = {}
    for name, rates in (("usual", Rates()), ("twin", twin())):
        generate(tmp_path / name, RECORDS, rates=rates)
        with opened(tmp_path / name) as people:
            shares[name] = one(people, f"select ({measured}) / count(*) from people")[0]
    expected = 2.0 if rate == "missing_phone" else 1.0
    assert shares["twin"] / shares["usual"] == pytest.approx(expected, rel=0.2)


def test_second_records_are_damaged_as_often_as_set(usual: duckdb.DuckDBPyConnection) -> None:
    second = one(usual, "select count(*) from people where duplicate_kind <> 'first'")[0]
    for column, sql, rate in (
        ("phone", "phone is null", Rates().missing_phone),
        ("name", "regexp_matches(name, '^[A-Za-z -]+$')", Rates().pinyin),
        ("phone", "phone like '%E+10'", Rates().phone_scientific),
    ):
        found = one(usual, f"select count(*) filter ({sql}) from people where duplicate_kind <> 'first'")[0]
        assert near(found, second, rate), f"{column}: {found / second} for {rate}"
    assert {row[0] for row in usual.execute("select distinct duplicate_kind from people").fetchall()} == {
        *ORDER, "exact", "first",
    }  # fmt: skip


def test_damages_come_together_in_careless_records(usual: duckdb.DuckDBPyConnection) -> None:
    damaged, several = one(
        usual,
        """select count(*) filter (damage_count > 0), count(*) filter (damage_count > 1)
           from people where duplicate_kind <> 'first'""",
    )
    assert several / damaged > 0.3


def test_some_true_pairs_share_nothing_as_they_are_written_and_most_something(usual: duckdb.DuckDBPyConnection) -> None:
    nothing = one(
        usual,
        """
        select avg(cast(
            (l.phone = r.phone or l.email = r.email or l.wechat_openid = r.wechat_openid or l.address = r.address
            or l.name = r.name) is not true as integer
        ))
        from people as l inner join people as r on l.true_id = r.true_id and l.record_key < r.record_key
        """,
    )[0]
    assert 0.01 < nothing < 0.12


def test_a_rate_that_is_no_share_and_a_world_without_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="household"):
        Rates(household=1.5)
    with pytest.raises(ValueError, match="0 people"):
        generate(tmp_path, 0)
