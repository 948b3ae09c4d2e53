"""One command explains every merge, and every pair that was not merged."""

from collections.abc import Callable
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.errors import BadInput
from orchestration.stewards import overrides
from orchestration.stewards.reading import Edge
from orchestration.stewards.show import View
from orchestration.stewards.why import why, widest_path

WriteCsv = Callable[..., Path]
LI_NA = {"name": "李娜", "name_key": "李娜", "name_pinyin": "li na", "surname_key": "李", "given_key": "娜"}


@pytest.fixture
def merged(shop: Any) -> Any:
    """C1: a chain crm:1 - crm:4 - crm:2 - crm:3 with a weak short cut. C2: app:1. C3: app:2, refused. C4: app:9."""
    shop.record("crm:1", "C1")
    shop.record("crm:2", "C1")
    shop.record("crm:3", "C1", phone="021-58881234", mobile_key=None)
    shop.record("crm:4", "C1", name="王先生", phone="+86 139-1234-5678", is_deleted=True)
    shop.record("app:1", "C2", email="z@x.cn")
    shop.record("app:2", "C3", **LI_NA)
    shop.record("app:9", "C4", **LI_NA)
    shop.edge("crm:1", "crm:4", "same", 12.5)
    shop.edge("crm:2", "crm:4", "same", 25, "mobile_name")
    shop.edge("crm:2", "crm:3", "same", 30, "openid")
    shop.edge("crm:1", "crm:3", "same", 7)
    shop.edge("crm:1", "crm:2", "review", 1)
    shop.edge("app:1", "crm:2", "review", 5)
    shop.edge("app:2", "crm:2", "same", 20, "email")
    shop.build()
    return shop


def told(shop: Any, *texts: str, **view: Any) -> str:
    return "\n".join(why(shop.folders, list(texts), View(**view), 200))


def lines_of(out: str, label: str) -> list[str]:
    return [line.strip().removeprefix(label).strip() for line in out.splitlines() if line.strip().startswith(label)]


def test_a_direct_edge_is_told_with_its_rule_and_weight_and_each_field_with_its_own(merged: Any) -> None:
    out = told(merged, "crm:4", "crm:2")
    assert out.startswith("crm:2 and crm:4 are one customer: C1")
    assert lines_of(out, "edge ") == ["mobile_name 25.00, same: equal mobile_name"]
    assert ["phone", "138****5678", "139****5678", "same", "number", "+8.00"] in [x.split() for x in out.splitlines()]
    assert lines_of(out, "total") == ["+4.00"]
    assert lines_of(out, "vetoes") == ["none"]
    assert "path" not in out
    assert "crm:4 (deleted)" in out


def test_customer_ids_of_a_run_for_another_day_are_not_told_as_those_that_are_current(merged: Any) -> None:
    merged.publish()
    assert "other dates" not in told(merged, "crm:4", "crm:2") + told(merged, "crm:1")
    with duckdb.connect(str(merged.folders.warehouse_file)) as con:
        con.execute("update ledger.run set as_of_date = date '2025-06-30', known_on = date '2025-06-30'")
    for texts in (["crm:4", "crm:2"], ["crm:1"]):
        assert told(merged, *texts).startswith("as of 2025-06-30, known on 2025-06-30: the last run was of other dates")


def test_without_a_direct_edge_the_strongest_path_is_told_step_by_step(merged: Any) -> None:
    out = told(merged, "crm:1", "crm:2")
    start = out.index("path      2 edges")
    steps = [line.strip() for line in out[start:].splitlines()[1:6]]
    assert steps == [
        "crm:1  张**  138****5678",
        "| model 12.50, same: weight of all fields",
        "crm:4  王**  139****5678  (deleted)",
        "| mobile_name 25.00, same: equal mobile_name",
        "crm:2  张**  138****5678",
    ]
    assert lines_of(out, "edge ") == ["model 1.00, review: weight of all fields"]


def test_two_customers_with_a_weak_edge_between_them_wait_for_a_steward(merged: Any) -> None:
    out = told(merged, "app:1", "crm:1")
    assert out.startswith("app:1 and crm:1 are two customers: C2 and C1")
    assert lines_of(out, "edge ") == ["none between these two"]
    assert lines_of(out, "beside") == ["app:1 and crm:2: model 5.00, review: weight of all fields"]
    assert lines_of(out, "so ") == ["too weak to decide alone: `liucun review` asks a steward"]


def test_a_refused_edge_is_told_with_the_veto_that_refused_it(merged: Any) -> None:
    out = told(merged, "app:2", "crm:2")
    assert lines_of(out, "vetoes") == ["different full names"]
    assert lines_of(out, "so ") == ["refused: different full names"]


def test_two_customers_without_any_edge_have_nothing_in_common(merged: Any) -> None:
    assert lines_of(told(merged, "app:1", "app:9"), "so ") == [
        "no edge says that they are one; besides, different full names (app:1 and app:9)"
    ]
    assert lines_of(told(merged, "app:2", "app:9"), "so ") == ["no edge says that they are one"]


def test_a_never_of_the_last_run_is_the_reason(merged: Any) -> None:
    merged.edge("app:1", "crm:3", "never", 1000, "steward", "rang 13912345678: brothers")
    merged.build()
    out = told(merged, "app:1", "crm:2")
    assert lines_of(out, "so ") == ["a steward keeps app:1 and crm:3 apart"]
    assert "rang 139****5678: brothers" in out


def test_every_veto_is_told_also_of_a_pair_that_was_forced(merged: Any) -> None:
    merged.record("app:8", "C1", **LI_NA, party="organisation")
    merged.edge("app:8", "crm:1", "same", 1000, "steward", "moved")
    merged.build()
    out = told(merged, "app:8", "crm:1")
    assert out.startswith("app:8 and crm:1 are one customer")
    assert lines_of(out, "vetoes") == ["a person and an organisation; different companies"]
    # They are of two parties: there is no model for both.
    assert "total" not in out


def test_a_decision_that_the_next_run_will_follow_is_told(merged: Any, write_csv: WriteCsv) -> None:
    write_csv("merge_overrides.csv", ",".join(overrides.COLUMNS), "never,crm:1,crm:2,two voices,li,2025-12-01,,,")
    assert lines_of(told(merged, "crm:1", "crm:2"), "decided") == ["never by li on 2025-12-01: two voices"]
    assert lines_of(told(merged, "crm:1", "crm:3"), "decided") == []


def test_a_customer_stands_for_its_smallest_record(merged: Any) -> None:
    assert told(merged, "C2", "C1").startswith("app:1 and crm:1 are two customers")


def test_of_one_record_all_others_of_its_customer_are_told_and_where_its_edges_lead(merged: Any) -> None:
    out = told(merged, "crm:2")
    assert out.splitlines() == [
        "crm:2 is of C1, which has 4 records:",
        "  crm:1  张**  138****5678",
        "  crm:2  张**  138****5678",
        "  crm:3  张**  021****1234",
        "  crm:4  王**  139****5678  (deleted)",
        "edges that hold it there:",
        "  crm:3: openid 30.00, same: equal openid",
        "  crm:4: mobile_name 25.00, same: equal mobile_name",
        "edges to other customers, which did not hold:",
        "  app:2 of C3: email 20.00, same: equal email",
        "  app:1 of C2: model 5.00, review: weight of all fields",
    ]
    assert told(merged, "C4") == "app:9 is of C4, which has 1 record:\n  app:9  李**  138****5678"


def test_values_are_shown_only_when_asked_for(merged: Any) -> None:
    for texts in (("crm:4",), ("crm:1", "crm:2"), ("app:2", "crm:2")):
        masked, opened = told(merged, *texts), told(merged, *texts, is_open=True)
        assert not any(value in masked for value in ("13812345678", "139-1234", "张伟", "李娜", "王先生", "z@x"))
        assert "13812345678" in opened


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("crm:99",), "why crm:99: no run has seen this record"),
        (("crm:1", "C99"), "there is no customer C99"),
        (("1001", "crm:1"), "expected a record (source:id) or a customer id such as C12, found '1001'"),
        (("C1", "crm:1"), "C1 and crm:1 are one record, crm:1: expected two, or one alone"),
    ],
)
def test_what_nobody_knows_is_told_in_one_line(merged: Any, texts: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput) as raised:
        told(merged, *texts)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


NODES = "abcdef"
GRAPHS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.integers(1, 5)).filter(lambda edge: edge[0] < edge[1]),
    max_size=12,
)


@settings(max_examples=200)
@given(graph=GRAPHS)
def test_the_path_has_the_strongest_weakest_edge_and_of_these_the_fewest_edges(
    graph: list[tuple[str, str, int]],
) -> None:
    edges = [Edge(left, right, "same", "model", weight, "") for left, right, weight in graph]
    best: dict[frozenset[str], int] = {}
    for left, right, weight in graph:
        best[frozenset((left, right))] = max(weight, best.get(frozenset((left, right)), 0))
    ways = [
        [best[frozenset(step)] for step in pairwise(("a", *between, "f"))]
        for size in range(5)
        for between in permutations("bcde", size)
        if all(frozenset(step) in best for step in pairwise(("a", *between, "f")))
    ]
    found = widest_path(edges, "a", "f")

    if not ways:
        assert found == []
        return
    assert (-min(edge.weight for edge in found), len(found)) == min((-min(way), len(way)) for way in ways)
    at = "a"
    for edge in found:
        at = edge.right if edge.left == at else edge.left
    assert at == "f"
