"""The gate looks at merging a second time, in SQL: it must see every veto that Python decides, and no other."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_models.identity.vetoes import FACTS, ORGANISATION, PERSON, Facts, veto

PINYIN = ["wei", "zhang", "wei zhang", "fang wang", "suguo", "suguo renminlu", "su guo renminlu"]
RECORDS = st.builds(
    Facts,
    party=st.sampled_from([PERSON, ORGANISATION, "unknown"]),
    name_pinyin=st.sampled_from([*PINYIN, None]),
    surname_key=st.sampled_from(["张", "王", "wei", "o'wei", None]),
    surname_pinyin=st.sampled_from(["zhang", "wang", "wei", None]),
    given_key=st.sampled_from(["伟", "芳", "wei", None]),
    is_name_partial=st.sampled_from([True, False, None]),
    store_token=st.sampled_from(["人民路", "北京路", None]),
    uscc_key=st.sampled_from(["91A", "91B", None]),
    birth_key=st.sampled_from([date(1990, 1, 2), date(1991, 1, 2), None]),
    openid_key=st.sampled_from(["o1", "o2", None]),
    given_pinyin=st.sampled_from(["wei", "fang", None]),
    sex_key=st.sampled_from(["female", "male", None]),
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        yield connection


@pytest.fixture(scope="module")
def rendered(rendering: Any) -> Any:
    return rendering(ref=lambda name: name)


def stored(con: duckdb.DuckDBPyConnection, records: list[Facts]) -> None:
    rows = [{"record_key": f"r{n:03}", **{f: getattr(r, f) for f in FACTS.names}} for n, r in enumerate(records)]
    told = pa.Table.from_pylist(rows, pa.schema([("record_key", pa.string()), *FACTS]))  # noqa: F841
    con.execute("create or replace table id_record as from told")


@settings(max_examples=60, deadline=None)
@given(records=st.lists(RECORDS, min_size=2, max_size=60))
def test_sql_sees_a_veto_between_two_records_exactly_where_python_decides_one(
    con: duckdb.DuckDBPyConnection, rendered: Any, records: list[Facts]
) -> None:
    stored(con, records)
    told = con.execute(f"""
        select l.record_key, r.record_key from id_record as l
        inner join id_record as r on l.record_key < r.record_key
        where {rendered.is_vetoed("l", "r")}
        order by all
    """).fetchall()
    decided = [
        (f"r{one:03}", f"r{other:03}")
        for one, other in combinations(range(len(records)), 2)
        if veto(records[one], records[other])
    ]
    assert told == decided


@settings(max_examples=60, deadline=None)
@given(records=st.lists(RECORDS, min_size=2, max_size=12), forced=st.booleans())
def test_every_veto_inside_a_customer_is_counted_unless_a_steward_put_it_there(
    con: duckdb.DuckDBPyConnection, rendered: Any, records: list[Facts], forced: bool
) -> None:
    stored(con, records)
    con.execute("create or replace table id_crosswalk as select record_key, 'C1' as customer_id from id_record")
    con.execute(f"""
        create or replace table id_edge as
        select 'r000' as left_record_key, 'r001' as right_record_key, 'same' as verdict, 1.0 as weight,
        '{"steward" if forced else "model"}' as rule
    """)
    ((counted,),) = con.execute(
        f"select veto_count from ({rendered.model('identity/id_cluster_metric.sql')})"
    ).fetchall()
    assert counted == (0 if forced else sum(veto(*pair) is not None for pair in combinations(records, 2)))
