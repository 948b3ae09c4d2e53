"""What the merging is held against: readings of names, exact rules, the ceiling, the next day, and what is built."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.identity.ceiling import BLOCKS, ceiling, make_pairs, reaches
from benchmarks.identity.days import SHARE, differing, next_day
from benchmarks.identity.keys import NameReader, make_keys
from benchmarks.identity.liucun import wanted
from benchmarks.identity.rules import exact_clusters
from benchmarks.identity.score import score_arrays
from customer_models.identity.graph import components
from customer_models.identity.pairwise import pairwise
from samples.people import generate
from samples.people.making import CUSTOMERS

ROAD = "人民路5号阳光花园"


def customers(folder: Path, *rows: dict[str, Any]) -> Path:
    """Staged customers, numbered from 1."""
    whole = [{"source": "crm", "customer_id": str(number), **row} for number, row in enumerate(rows, start=1)]
    pq.write_table(pa.Table.from_pylist(whole, schema=CUSTOMERS), folder / "customers.parquet")
    return folder / "customers.parquet"


def keyed(folder: Path, *rows: dict[str, Any], people: str = "") -> duckdb.DuckDBPyConnection:
    """Keys of the rows, and a truth in which each letter of ``people`` is the person of one."""
    con = duckdb.connect()
    make_keys(con, customers(folder, *rows))
    persons = people or "x" * len(rows)
    con.execute("create table truth (record_key varchar, true_id varchar, duplicate_kind varchar)")
    for number, person in enumerate(persons, start=1):
        con.execute("insert into truth values (?, ?, 'exact')", [f"crm:{number}", person])
    return con


@pytest.mark.parametrize(
    ("name", "key", "pinyin", "is_partial"),
    [
        ("张伟", "张伟", "wei zhang", False),
        ("張 偉", "张伟", "wei zhang", False),
        ("张伟先生", "张伟", "wei zhang", False),
        ("Wei Zhang", "zhangwei", "wei zhang", False),
        ("ZHANG WEI", "zhangwei", "wei zhang", False),
        ("ZhangWei", "zhangwei", "wei zhang", False),
        ("zhangwei", "zhangwei", "wei zhang", False),
        ("Ouyang Xiao-Ming", "ouyangxiaoming", "ouyang xiaoming", False),
        ("欧阳小明", "欧阳小明", "ouyang xiaoming", False),
        ("单丽", "单丽", "li shan", False),
        ("王总", "王", None, True),
        ("王女士", "王", None, True),
        ("微信用户", None, None, False),
    ],
)
def test_a_name_is_read_in_every_writing(name: str, key: str | None, pinyin: str | None, is_partial: bool) -> None:
    reader = NameReader([name, *["张三", "王五"] * 21, "欧阳小明"])
    found = reader.read(name)
    assert (found[0], found[3], found[4]) == (key, pinyin, is_partial)


@pytest.mark.parametrize(
    ("column", "value", "key", "expected"),
    [
        ("phone", "+86 138-1234-0000", "phone_key", "13812340000"),
        ("phone", "１３８１２３４００００", "phone_key", "13812340000"),
        ("phone", "(025)81234567", "phone_key", "02581234567"),
        ("phone", "+86-25-81234567", "phone_key", "02581234567"),
        ("phone", "1.38E+10", "phone_key", None),
        ("phone", "13800138000", "phone_typed", None),
        ("phone", "03812340000", "phone_typed", "03812340000"),
        ("email", " A@QQ.COM ", "email_key", "a@qq.com"),
        ("email", "nobody@", "email_key", None),
        ("address", f"{ROAD}3栋1单元502室", "address_key", "阳光花园 3-1-502"),
        ("address", f"江苏省南京市玄武区{ROAD} 3#1-502", "address_key", "阳光花园 3-1-502"),
        ("address", "阳光花园３号楼１单元５０２", "address_key", "阳光花园 3-1-502"),
        ("address", ROAD, "address_key", None),
    ],
)
def test_a_value_is_made_comparable_in_every_writing(
    tmp_path: Path, column: str, value: str, key: str, expected: str | None
) -> None:
    con = keyed(tmp_path, {"name": "张伟", column: value})
    assert con.execute(f"select {key} from keys").fetchall() == [(expected,)]


def test_exact_rules_merge_by_openid_email_or_mobile_and_name_and_by_no_hot_address(tmp_path: Path) -> None:
    con = duckdb.connect()
    rows = [
        {"name": "张伟", "phone": "13812340000", "wechat_openid": "o1"},
        {"name": "张 伟", "phone": "+8613812340000"},
        {"name": "李娜", "phone": "13812340000"},
        {"name": "王芳", "wechat_openid": "o1", "email": "a@qq.com"},
        {"name": "别人", "email": "A@qq.com"},
        {"name": "张伟", "phone": "13800138000"},
        {"name": "张伟", "phone": "13800138000"},
        *({"name": f"店{sign}", "email": "shop@qq.com"} for sign in "一二三四五六七八九十百"),
    ]
    con.execute(f"create view customers as from '{customers(tmp_path, *rows)}'")
    found = exact_clusters(con).to_pylist()
    groups: dict[int, set[str]] = {}
    for row in found:
        groups.setdefault(row["cluster"], set()).add(row["record_key"].removeprefix("crm:"))
    assert sorted(sorted(group) for group in groups.values() if len(group) > 1) == [["1", "2", "4", "5"]]


def test_the_ceiling_counts_pairs_that_share_an_identifier_and_those_that_a_chain_of_them_joins(
    tmp_path: Path,
) -> None:
    con = keyed(
        tmp_path,
        {"name": "张伟", "phone": "13812340000"},
        {"name": "张伟", "phone": "13812340001", "birth_date": None, "email": "a@qq.com"},
        {"name": "王先生", "email": "a@qq.com"},
        {"name": "李娜", "phone": "13999990000"},
        {"name": "李娜"},
        people="xxxyy",
    )
    make_pairs(con)
    found = ceiling(con)
    assert (found.true_pairs, found.any_shared, found.chained) == (4, 2, 3)
    assert found.shared["name + phone but for one edit"] == 1
    assert found.shared["e-mail"] == 1


def test_a_key_counts_what_it_reaches_and_every_pair_that_it_proposes(tmp_path: Path) -> None:
    con = keyed(
        tmp_path,
        {"name": "张伟", "phone": "13812340000"},
        {"name": "章伟", "phone": "13812340000"},
        {"name": "李娜", "phone": "13812340000"},
        people="xxy",
    )
    make_pairs(con)
    found = {reach.name: (reach.true_pairs, reach.candidates, reach.largest) for reach in reaches(con)}
    assert set(found) == set(BLOCKS)
    assert found["phone"] == (1, 3, 3)
    assert found["name"] == (1, 1, 2)
    assert found["openid"] == (0, 0, 0)


def test_scores_of_numbers_are_those_of_mappings() -> None:
    rng = np.random.default_rng(1)
    true, found = rng.integers(0, 40, 200), rng.integers(0, 30, 200)
    named = [{str(n): int(label) for n, label in enumerate(labels)} for labels in (true, found)]
    assert score_arrays(true, found) == pairwise(*named)


def test_components_join_what_edges_join() -> None:
    labels = components(5, np.array([0, 1]), np.array([1, 4]))
    assert labels[0] == labels[1] == labels[4]
    assert len({labels[0], labels[2], labels[3]}) == 3


def test_the_next_day_brings_one_percent_and_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    first, _ = generate(tmp_path, 10_000)
    second = next_day(first, tmp_path, 1)
    columns = ", ".join(field.name for field in CUSTOMERS)
    same = duckdb.sql(f"select {columns} from '{first}' intersect select {columns} from '{second}'")
    count = duckdb.sql(f"select count(*), count(distinct customer_id) from '{second}'").fetchall()[0]
    assert len(same.fetchall()) == 10_000 * (1 - 0.3 * SHARE)
    assert count == (10_070, 10_070)
    assert [(f.name, f.type) for f in pq.read_schema(second)] == [(f.name, f.type) for f in pq.read_schema(first)]


def test_crosswalks_differ_where_records_are_together_with_others_and_where_ids_are_others(tmp_path: Path) -> None:
    def crosswalk(name: str, ids: str) -> Path:
        keys = [f"r{number}" for number in range(len(ids))]
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table({"record_key": keys, "customer_id": list(ids)}), path)
        return path

    base = crosswalk("base", "AABBC")
    assert differing(base, crosswalk("same", "AABBC")) == (0, 0)
    assert differing(base, crosswalk("renamed", "AABBD")) == (0, 1)
    assert differing(base, crosswalk("split", "AABDC"))[0] == 2
    assert differing(base, crosswalk("merged", "AABBA"))[0] == 3
    assert differing(base, crosswalk("moved", "AAABC"))[0] == 4


def test_the_crosswalk_is_built_with_what_it_needs_of_identity_and_seeds_and_nothing_else() -> None:
    def node(name: str, schema: str, *parents: str) -> dict[str, Any]:
        return {"name": name, "schema": schema, "depends_on": {"nodes": list(parents)}}

    nodes = {
        "model.liucun.id_crosswalk": node("id_crosswalk", "identity", "model.liucun.id_cluster"),
        "model.liucun.id_cluster": node("id_cluster", "identity", "model.liucun.stg_a", "seed.liucun.words"),
        "model.liucun.stg_a": node("stg_a", "staging", "source.liucun.a"),
        "seed.liucun.words": node("words", "seeds"),
        "model.liucun.id_later": node("id_later", "identity", "model.liucun.id_crosswalk"),
    }
    assert wanted({"nodes": nodes}) == ["id_cluster", "id_crosswalk", "words"]
