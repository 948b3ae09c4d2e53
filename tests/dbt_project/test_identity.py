"""The identity models as dbt builds them, from staged records to the crosswalk."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.identity.liucun import build
from customer_models.identity.pairwise import pairwise
from samples.people import generate, twin
from samples.people.making import CUSTOMERS
from samples.people.rates import Rates

Groups = set[frozenset[str]]
PERSON = {"kind": "person", "province": "江苏省", "city": "南京市", "district": "玄武区"}
SHOP = {**PERSON, "kind": "store"}
HOME = {"address": "珠江路12号万和苑3栋2单元501室"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One warehouse for all tests: what an earlier one left in it must not matter."""
    return tmp_path_factory.mktemp("identity")


def crosswalk(home: Path, customers: Path, registry: Path | None = None) -> dict[str, str]:
    out = home / "crosswalk.parquet"
    build(customers, home, out, registry)
    return dict(duckdb.sql(f"select record_key, customer_id from '{out}'").fetchall())


def groups(found: Mapping[str, str]) -> Groups:
    members: dict[str, set[str]] = defaultdict(set)
    for record, customer in found.items():
        members[customer].add(record.removeprefix("canonical:"))
    return {frozenset(records) for records in members.values()}


def written(folder: Path, records: Iterable[Mapping[str, object]]) -> Path:
    """Staged customers; what is not said is NULL."""
    common = {"source": "canonical", "is_deleted": False, "created_at": datetime(2024, 1, 1), "uncast_count": 0}
    rows = [{**dict.fromkeys(CUSTOMERS.names), **common, **record} for record in records]
    path = folder / "customers.parquet"
    pq.write_table(pa.Table.from_pylist(rows, CUSTOMERS), path)
    return path


def query(home: Path, sql: str) -> list[tuple]:  # type: ignore[type-arg]
    with duckdb.connect(str(home / "people" / "private" / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_people_are_found_behind_what_changed_and_households_stay_apart(home: Path, tmp_path: Path) -> None:
    records = [
        # One person, five ways: another script, another number, a slip of the finger, a title, traditional characters.
        {"customer_id": "a1", "name": "张伟明", "phone": "13912345679", "birth_date": date(1980, 5, 6), **HOME},
        {"customer_id": "a2", "name": "Weiming Zhang", "phone": "+86 139-1234-5679"},
        {"customer_id": "a3", "name": "張偉明先生", "phone": "17788889999", "birth_date": date(1980, 5, 6), **HOME},
        {"customer_id": "a4", "name": "张炜鸣", "phone": "13912345697", **HOME},
        {"customer_id": "a5", "name": "张先生", "phone": "１３９１２３４５６７９"},
        # A married couple with one telephone and one door; 王先生 could be the father or the son, and is neither.
        {"customer_id": "b1", "name": "王建国", "phone": "13711112222", "address": "中山路5号"},
        {"customer_id": "b2", "name": "王小虎", "phone": "13711112222", "address": "中山路5号"},
        {"customer_id": "b3", "name": "李桂英", "phone": "13711112222", "address": "中山路5号"},
        {"customer_id": "b4", "name": "王先生", "phone": "13711112222"},
        # The same name in another town is somebody else; an openid is stronger than a new name.
        {"customer_id": "c1", "name": "刘洋", "phone": "13633334444", "wechat_openid": "oAAAA1111"},
        {"customer_id": "c2", "name": "刘洋", "phone": "15955556666", "city": "苏州市", "district": "姑苏区"},
        {"customer_id": "c3", "name": "刘晓燕", "wechat_openid": "oAAAA1111"},
    ]
    found = groups(crosswalk(home, written(tmp_path, [{**PERSON, **record} for record in records])))
    assert found == {
        frozenset({"a1", "a2", "a3", "a4", "a5"}),
        *(frozenset({single}) for single in ("b1", "b2", "b3", "b4", "c2")),
        frozenset({"c1", "c3"}),
    }


def test_a_chain_is_not_one_shop_and_a_salesmans_phone_is_nobodys(home: Path, tmp_path: Path) -> None:
    code = "91320102MA1MABCD0"
    salesman = [
        {"customer_id": f"s{n}", "name": f"{word}便利店", "phone": "13866667777"}
        for n, word in enumerate("福源鑫达百惠永盛万家乐天兴隆泰和广聚旺德")
    ]
    records = [
        {"customer_id": "d1", "name": "苏果超市人民路店", "phone": "025-84561234", "address": "人民路1号"},
        {"customer_id": "d2", "name": "蘇果超市（人民路店）", "phone": "02584561234", "address": "人民路1号"},
        {"customer_id": "d3", "name": "苏果超市汉口路店", "phone": "025-84561234", "address": "汉口路9号"},
        {"customer_id": "e1", "name": "味丰食品有限公司", "uscc": _with_check(code), "phone": "025-83331111"},
        {"customer_id": "e2", "name": "味丰食品股份有限公司", "uscc": _with_check(code)},
        *salesman,
    ]
    found = groups(crosswalk(home, written(tmp_path, [{**SHOP, **record} for record in records])))
    assert {frozenset({"d1", "d2"}), frozenset({"d3"}), frozenset({"e1", "e2"})} <= found
    assert {frozenset({record["customer_id"]}) for record in salesman} <= found
    hot = query(home, "select identifier_type, record_count from identity.id_hot_identifier")
    assert ("phone_key", len(salesman)) in hot


def _with_check(code: str) -> str:
    """The code with its check character (GB 32100-2015)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(sign) * pow(3, place, 31) for place, sign in enumerate(code))
    return code + alphabet[(31 - total % 31) % 31]


def test_a_number_that_a_thousand_hold_joins_nobody(home: Path, tmp_path: Path) -> None:
    names = [f"{surname}{given}" for surname in "赵钱孙李周吴郑王冯陈" for given in "伟芳娜敏静强磊军洋勇艳杰涛明超"]
    records = [
        {
            **PERSON,
            "customer_id": f"{n}",
            "name": names[n % 150] + "一二三四五六七八九十"[n // 150 % 10],
            "phone": "13912340000",
        }
        for n in range(1500 * 4)
    ]
    found = crosswalk(home, written(tmp_path, records))
    assert len(found) == len(records)
    assert all(len(group) == 1 for group in groups(found))


def test_records_that_are_all_the_same_end_in_clusters_of_bounded_size_and_none_is_lost(
    home: Path, tmp_path: Path
) -> None:
    records = [{**PERSON, "customer_id": f"{n}", "name": "陈静", "phone": "13912345679"} for n in range(5000)]
    found = crosswalk(home, written(tmp_path, records))
    assert len(found) == 5000
    assert max(len(group) for group in groups(found)) == 100


def test_a_source_without_customers_gives_an_empty_crosswalk(home: Path, tmp_path: Path) -> None:
    assert crosswalk(home, written(tmp_path, [])) == {}


@pytest.mark.parametrize(("seed", "rates"), [(2, Rates()), (3, twin())])
def test_merging_holds_on_truth_that_no_threshold_was_chosen_on(
    home: Path, tmp_path: Path, seed: int, rates: Rates
) -> None:
    customers, truth = generate(tmp_path, 20_000, seed, rates=rates)
    score = pairwise(
        dict(duckdb.sql(f"select record_key, true_id from '{truth}'").fetchall()), crosswalk(home, customers)
    )
    assert score.precision is not None
    assert score.precision >= 0.99
    assert score.f1 is not None
    assert score.f1 >= 0.96


def test_a_day_with_new_and_changed_records_ends_as_a_full_run_would(
    home: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    customers, _ = generate(tmp_path, 5_000, 5)
    everyone = pq.read_table(customers)
    before = tmp_path / "before.parquet"
    pq.write_table(everyone.slice(0, 4900), before)
    yesterday = crosswalk(home, before)
    registry = tmp_path / "registry.parquet"
    pq.write_table(pa.table({"record_key": list(yesterday), "customer_id": list(yesterday.values())}), registry)
    # A hundred come, and fifty of those that were there have another number now.
    phones = everyone["phone"].to_pylist()
    phones[:50] = reversed(phones[:50])
    today = tmp_path / "today.parquet"
    changed = everyone.set_column(CUSTOMERS.names.index("phone"), CUSTOMERS.field("phone"), [phones])
    pq.write_table(changed.take(pa.array(range(4999, -1, -1))), today)
    found = crosswalk(home, today, registry)
    assert groups(found) == groups(crosswalk(tmp_path_factory.mktemp("fresh"), today))
    kept = sum(found[record] == customer for record, customer in yesterday.items())
    assert kept > 4800
