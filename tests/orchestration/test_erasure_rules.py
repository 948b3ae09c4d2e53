"""One meaning in two languages: rows of landing are judged in Python, rows of raw in SQL."""

import random

import duckdb
import pytest

from orchestration.erasure.rules import Rules, select_without
from orchestration.erasure.tombstones import Erased, normalised
from orchestration.ingest.contract import Source, load_source
from orchestration.settings import PROJECT

SOURCES = [load_source(path) for path in sorted((PROJECT / "sources").glob("*.yml"))]
OBJECTS = [(source, name) for source in SOURCES for name, spec in source.objects.items() if spec.personal("customer")]
SECRET = "a long random text of the company"


def erased_in(source: str) -> Erased:
    nobody = Erased(SECRET)
    phone, openid = nobody.identifier_mark("phone", "13900000001"), nobody.identifier_mark("openid", "oX1")
    marks = {("record", nobody.record_mark(f"{source}:A{n}")) for n in (1, 2)}
    return nobody.with_marks({*marks, ("phone", str(phone)), ("openid", str(openid))})


@pytest.mark.parametrize(("source", "name"), OBJECTS, ids=[f"{s.source}.{n}" for s, n in OBJECTS])
def test_a_row_fares_in_sql_as_it_does_in_python(source: Source, name: str) -> None:
    rules = Rules(source.source, source.objects[name], erased_in(source.source))
    columns = [*rules.spec.columns, "_extra"]
    chance = random.Random(4)
    pool = ["A1", " A2", "B1", "B2", "+86 139 0000 0001", "13900000002", "oX1", "it's", "", None]
    rows = [{column: chance.choice(pool) for column in columns} for _ in range(400)]
    expected = []
    for row in rows:
        change = rules.change(row)
        if not change.is_dropped:
            blanked = {"_extra": None} if change.is_about else {}
            expected.append({**row, **change.cells, **blanked})
    told = set(rules.told)
    rules.told.clear()
    with duckdb.connect() as con:
        con.execute(f"create table t ({', '.join(f'{c} varchar' for c in columns)})")
        con.executemany(f"insert into t values ({', '.join('?' * len(columns))})", [list(r.values()) for r in rows])
        actual = {column: column for column in rules.spec.columns}
        selection = select_without(rules, "t", actual, ["_extra"], lambda sql: con.execute(sql).fetchall())
        assert selection
        found = con.execute(selection.of("t")).fetchall()
    # A value that is blanked is NULL in SQL; in Python an empty one stays empty.
    plain = [tuple(value or None for value in row.values()) for row in expected]
    assert [tuple(value or None for value in row) for row in found] == plain
    assert rules.told == told
    assert bool(told) == (rules.spec.holds_customers and bool(rules.identifiers))
    assert len(expected) < len(rows) or not set(rules.spec.primary_key) & set(rules.customers)


def test_every_object_that_names_a_customer_says_which_column_does() -> None:
    for source in SOURCES:
        customers = {name for name, spec in source.objects.items() if spec.holds_customers}
        for name, spec in source.objects.items():
            for column, target in spec.references.items():
                if target in customers:
                    assert spec.columns[column].personal in ("customer", "mention"), (source.source, name, column)


def test_identifiers_are_compared_in_one_form() -> None:
    assert {normalised("phone", t) for t in ("+86 139-8765 4321", "008613987654321", "１３９８７６５４３２１")} == {
        "13987654321"
    }
    assert normalised("phone", "1.38E+10") is None
    assert normalised("uscc", " 91310000ma1fl0xk5a ") == "91310000MA1FL0XK5A"
    assert normalised("uscc", "91310000") is None
    assert normalised("openid", "  ") is None
    # Numbers abroad keep their country.
    assert normalised("phone", "+1 650 253 0000") == "+16502530000"
