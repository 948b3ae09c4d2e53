"""How much there is to find: pairs of one person's records, what they share, and how wide a net each key casts."""

from dataclasses import dataclass

import duckdb
import numpy as np

from customer_models.identity.graph import components

LARGEST_BLOCK = 200
"""Of candidates: larger blocks are left out, as a linker that must end in time leaves them out."""

IDENTIFIERS = {
    "phone": "l.phone_key = r.phone_key",
    "e-mail": "l.email_key = r.email_key",
    "openid": "l.openid_key = r.openid_key",
    "flat + surname": "l.address_key = r.address_key and l.surname_pinyin = r.surname_pinyin",
    "name + phone but for one edit": (
        "l.name_pinyin = r.name_pinyin and damerau_levenshtein(l.phone_typed, r.phone_typed) <= 1"
    ),
    "name + birth date": "l.name_pinyin = r.name_pinyin and l.birth_key = r.birth_key",
    "name + e-mail but for the host": (
        "l.name_pinyin = r.name_pinyin and split_part(l.email_key, '@', 1) = split_part(r.email_key, '@', 1)"
    ),
    "rare name + city, a phone missing": (
        "l.name_pinyin = r.name_pinyin and l.city_key = r.city_key and l.city_key <> '' "
        "and l.bearers_in_city <= 5 and r.bearers_in_city <= 5 "
        "and (l.phone_key is null or r.phone_key is null)"
    ),
}
"""What tells that two records are one person's; a name is toneless pinyin in any order, rare if at most five records of
the city have it. All else is a guess."""

BLOCKS = {
    "phone": "phone_key",
    "e-mail": "email_key",
    "openid": "openid_key",
    "flat": "address_key",
    "flat + surname": "address_key || ':' || surname_pinyin",
    "name + birth date": "name_pinyin || ':' || birth_key",
    "name + phone's first 7": "name_pinyin || ':' || left(phone_typed, 7)",
    "name + phone's last 4": "name_pinyin || ':' || right(phone_typed, 4)",
    "name + phone's digits 4-7": "name_pinyin || ':' || substr(phone_typed, 4, 4)",
    "surname + phone's last 8": "surname_pinyin || ':' || right(phone_typed, 8)",
    "surname + phone's first 8": "surname_pinyin || ':' || left(phone_typed, 8)",
    "phone's first 7 and its other digits in order": (
        "left(phone_typed, 7) || ':' || array_to_string(list_sort(string_split(right(phone_typed, 4), '')), '')"
    ),
    "name + e-mail but for the host": "name_pinyin || ':' || split_part(email_key, '@', 1)",
    "e-mail but for the host": "split_part(email_key, '@', 1)",
    "name + estate": "name_pinyin || ':' || split_part(address_key, ' ', 1)",
    "name + flat's numbers": "name_pinyin || ':' || split_part(address_key, ' ', 2)",
    "name + district": "name_pinyin || ':' || city_key || district_key",
    "name + city": "name_pinyin || ':' || nullif(city_key, '')",
    "name in characters + city": "case when not is_partial then name_key || ':' || nullif(city_key, '') end",
    "name": "name_pinyin",
    "surname + birth date + city": "surname_pinyin || ':' || birth_key || ':' || nullif(city_key, '')",
    "birth date + surname": "birth_key || ':' || surname_pinyin",
    "birth date + district": "birth_key || ':' || city_key || district_key",
    "surname + district + year of birth": "surname_pinyin || ':' || city_key || district_key || year(birth_key)",
}
"""Keys to block by, as SQL over ``keys``."""


@dataclass(frozen=True)
class Reach:
    """What a key reaches: true pairs, those among them that no identifier reaches, and all pairs of its blocks."""

    name: str
    true_pairs: int
    beyond_identifiers: int
    candidates: int
    candidates_capped: int
    true_pairs_capped: int
    largest: int


@dataclass(frozen=True)
class Ceiling:
    """True pairs, those that share an identifier, and those that a chain of such pairs of the same person joins."""

    true_pairs: int
    shared: dict[str, int]
    any_shared: int
    chained: int


def make_pairs(con: duckdb.DuckDBPyConnection) -> None:
    """Makes ``pairs``: every pair of one person's records, and whether it shares an identifier; from keys and truth."""
    flags = ",\n".join(f"coalesce({sql}, false) as {_column(name)}" for name, sql in IDENTIFIERS.items())
    columns = " or ".join(_column(name) for name in IDENTIFIERS)
    con.execute(f"""
        create or replace table people as
        select
            keys.*, truth.* exclude (record_key),
            count(*) over (partition by keys.name_pinyin, keys.city_key) as bearers_in_city
        from keys
        inner join truth using (record_key);
        create or replace table pairs as
        with flagged as (
            select
                l.record_key as left_key, r.record_key as right_key, l.true_id,
                l.duplicate_kind as left_kind, r.duplicate_kind as right_kind,
                {flags}
            from people as l
            inner join people as r on l.true_id = r.true_id and l.record_key < r.record_key
        )
        select *, {columns} as is_reachable from flagged
    """)


def ceiling(con: duckdb.DuckDBPyConnection) -> Ceiling:
    """Counts over ``pairs``."""
    sums = ", ".join(f"count(*) filter ({_column(name)})" for name in IDENTIFIERS)
    total, reached, *each = con.execute(
        f"select count(*), count(*) filter (is_reachable), {sums} from pairs"
    ).fetchall()[0]
    edges = con.sql("""
        with numbered as (select record_key, row_number() over (order by record_key) - 1 as number from keys)
        select l.number as a, r.number as b
        from pairs
        inner join numbered as l on pairs.left_key = l.record_key
        inner join numbered as r on pairs.right_key = r.record_key
        where pairs.is_reachable
    """).to_arrow_table()
    count = con.execute("select count(*) from keys").fetchall()[0][0]
    sizes = np.bincount(components(count, edges["a"].to_numpy(), edges["b"].to_numpy())).astype(np.int64)
    return Ceiling(total, dict(zip(IDENTIFIERS, each, strict=True)), reached, int((sizes * (sizes - 1) // 2).sum()))


def reaches(con: duckdb.DuckDBPyConnection) -> list[Reach]:
    """What each key of ``BLOCKS`` reaches."""
    return [_reach(con, name, sql) for name, sql in BLOCKS.items()]


def _reach(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> Reach:
    con.execute(f"""
        create or replace temp table block as
        select record_key, hash(block) as block, count(*) over (partition by block) as size
        from (select record_key, {sql} as block from keys)
        where block is not null
    """)
    candidates, capped, largest = con.execute(f"""
        select coalesce(sum(size - 1) / 2, 0), coalesce(sum(size - 1) filter (size <= {LARGEST_BLOCK}) / 2, 0),
            coalesce(max(size), 0)
        from block
    """).fetchall()[0]
    found, beyond, found_capped = con.execute(f"""
        select count(*), count(*) filter (not is_reachable), count(*) filter (l.size <= {LARGEST_BLOCK})
        from pairs
        inner join block as l on pairs.left_key = l.record_key
        inner join block as r on pairs.right_key = r.record_key and l.block = r.block
    """).fetchall()[0]
    return Reach(name, found, beyond, int(candidates), int(capped), found_capped, largest)


def _column(name: str) -> str:
    return '"' + name.replace('"', "") + '"'
