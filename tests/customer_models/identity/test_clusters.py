"""Records that are tied, directly or through others, are one cluster, unless something speaks against it."""

import itertools
import random
from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_models.identity.clusters import REFUSED, resolve
from customer_models.identity.graph import CLUSTERS, connected_components
from customer_models.identity.vetoes import FACTS

KEYS = [f"crm:{number}" for number in range(12)] + ["app:1", "app:10", "app:2", "微信:1"]
EDGES = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)), max_size=12)


def clusters(keys: list[str], edges: list[tuple[str, str]]) -> dict[str, str]:
    """Record key → cluster key."""
    found = connected_components(records_of(keys), edges_of(edges))
    return dict(zip(found["record_key"].to_pylist(), found["cluster_key"].to_pylist(), strict=True))


def records_of(keys: list[str]) -> pa.Table:
    return pa.table({"record_key": pa.array(keys, pa.string())})


def edges_of(edges: list[tuple[str, str]]) -> pa.Table:
    return pa.table(
        {
            "left_record_key": pa.array([left for left, _ in edges], pa.string()),
            "right_record_key": pa.array([right for _, right in edges], pa.string()),
        }
    )


def test_ties_carry_on_from_record_to_record() -> None:
    assert clusters(["a", "b", "c", "d"], [("c", "b"), ("b", "a")]) == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_the_cluster_key_is_the_smallest_key_by_code_point() -> None:
    assert clusters(["微信:1", "crm:2", "crm:10"], [("微信:1", "crm:2"), ("crm:2", "crm:10")]) == {
        "crm:10": "crm:10",
        "crm:2": "crm:10",
        "微信:1": "crm:10",
    }


def test_records_without_a_tie_stand_alone() -> None:
    assert clusters(["b", "a"], []) == {"a": "a", "b": "b"}


def test_a_tie_to_itself_or_told_twice_changes_nothing() -> None:
    assert clusters(["a", "b", "c"], [("a", "a"), ("a", "b"), ("b", "a"), ("a", "b")]) == {"a": "a", "b": "a", "c": "c"}


def test_no_records_give_an_empty_table_with_the_same_columns() -> None:
    assert connected_components(records_of([]), edges_of([])).schema == CLUSTERS


def test_a_tie_to_a_record_that_does_not_exist_is_an_error_that_names_no_record() -> None:
    with pytest.raises(ValueError, match="1 ends of edges name a record that does not exist") as raised:
        clusters(["a"], [("a", "13812345678")])

    assert "138" not in str(raised.value)


@given(edges=EDGES, seed=st.integers(0, 2**32))
def test_the_order_of_records_and_ties_does_not_matter(edges: list[tuple[str, str]], seed: int) -> None:
    shuffle = random.Random(seed)
    keys = shuffle.sample(KEYS, len(KEYS))
    turned = [(right, left) if shuffle.random() < 0.5 else (left, right) for left, right in edges]
    shuffle.shuffle(turned)

    assert connected_components(records_of(keys), edges_of(turned)).equals(
        connected_components(records_of(KEYS), edges_of(edges))
    )


@given(edges=EDGES)
def test_clusters_are_what_merging_along_every_tie_gives(edges: list[tuple[str, str]]) -> None:
    groups = [{key} for key in KEYS]
    for left, right in edges:
        touched = [group for group in groups if left in group or right in group]
        groups = [group for group in groups if group not in touched] + [set().union(*touched)]

    assert clusters(KEYS, edges) == {key: min(group) for group in groups for key in group}


def test_chunked_and_large_text_columns_are_read_like_any_other() -> None:
    records = pa.table({"record_key": pa.chunked_array([["b"], ["a"], []], pa.large_string())})
    edges = pa.table(
        {
            "left_record_key": pa.chunked_array([["a"], []], pa.large_string()),
            "right_record_key": pa.chunked_array([["b"]], pa.large_string()),
        }
    )

    assert connected_components(records, edges).to_pylist() == [
        {"record_key": "a", "cluster_key": "a"},
        {"record_key": "b", "cluster_key": "a"},
    ]


Pairs = Iterable[tuple[str, str]]
Edges = Iterable[tuple[str, str, float]]
SURNAMES = {"张": "zhang", "王": "wang", "李": "li", "章": "zhang"}


def named(name: str | None, **more: object) -> dict[str, object]:
    """A person: a full name of two characters, a surname only, or no name."""
    if name is None:
        return {"party": "person", **more}
    surname, given = SURNAMES[name[0]], name[1:] or None
    full = {"name_pinyin": " ".join(sorted([surname, given]))} if given else {}
    person = {"party": "person", "surname_key": name[0], "surname_pinyin": surname, "given_key": given}
    return {**person, "is_name_partial": given is None, **full, **more}


def resolved(
    records: Mapping[str, Mapping[str, object]],
    edges: Edges,
    never: Pairs = (),
    force: Pairs = (),
    largest_cluster: int = 200,
) -> tuple[set[str], dict[str, str]]:
    """Clusters as their records side by side ("a b"), and the reasons of refused edges ("a b": reason)."""
    edges = list(edges)
    table = pa.table(
        {
            "record_key": pa.array(list(records), pa.string()),
            **{f.name: pa.array([facts.get(f.name) for facts in records.values()], f.type) for f in FACTS},
        }
    )
    ties = edges_of([(left, right) for left, right, _ in edges])
    ties = ties.append_column("rule", pa.array(["model"] * len(edges), pa.string()))
    ties = ties.append_column("weight", pa.array([weight for *_, weight in edges], pa.float64()))
    found = resolve(table, ties, edges_of(list(never)), edges_of(list(force)), largest_cluster=largest_cluster)
    groups: dict[str, list[str]] = {}
    for row in found.clusters.to_pylist():
        groups.setdefault(row["cluster_key"], []).append(row["record_key"])
    assert found.refused.schema == REFUSED
    reasons = {
        f"{row['left_record_key']} {row['right_record_key']}": row["reason"] for row in found.refused.to_pylist()
    }
    return {" ".join(group) for group in groups.values()}, reasons


WEI, FANG = named("张伟"), named("王芳")


def test_a_weaker_edge_does_not_bring_two_names_together() -> None:
    records = {"a": WEI, "b": named("章伟"), "c": FANG, "d": FANG}
    edges = [("a", "b", 9.0), ("b", "c", 5.0), ("c", "d", 9.0)]

    assert resolved(records, edges) == ({"a b", "c d"}, {"b c": "different full names"})


def test_the_strongest_edges_decide_whom_a_record_between_two_customers_joins() -> None:
    # c is unknown by name to nobody: it has a full name without pinyin, so no veto speaks against either side.
    between = {"party": "person", "is_name_partial": False}
    records = {"a": WEI, "b": FANG, "c": between}

    assert resolved(records, [("a", "c", 5.0), ("b", "c", 6.0)])[0] == {"a", "b c"}
    assert resolved(records, [("a", "c", 7.0), ("b", "c", 6.0)])[0] == {"a c", "b"}
    assert resolved(records, [("a", "c", 6.0), ("b", "c", 6.0)])[0] == {"a c", "b"}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"uscc_key": "91A"}, {"uscc_key": "91B"}, "different social credit codes"),
        ({"party": "person"}, {"party": "organisation"}, "a person and an organisation"),
        (
            {"party": "organisation", "store_token": "人民路"},
            {"party": "organisation", "store_token": "北京路"},
            "different stores",
        ),
    ],
)
def test_a_record_that_says_nothing_does_not_carry_one_side_to_the_other(
    one: dict[str, object], other: dict[str, object], reason: str
) -> None:
    full = {"is_name_partial": False}
    records = {"a": {**full, **one}, "b": full, "c": {**full, **other}}

    assert resolved(records, [("a", "b", 2.0), ("b", "c", 1.0)]) == ({"a b", "c"}, {"b c": reason})


def test_people_whose_names_only_sound_alike_and_who_were_born_on_other_days_stay_apart() -> None:
    first, second = date(1990, 1, 2), date(1991, 1, 2)
    sounds = {"name_pinyin": "wei zhang"}
    records = {
        "a": named("张伟", **sounds, birth_key=first),
        "b": named("张玮", **sounds, birth_key=second),
        "c": named("张玮", **sounds),
    }

    assert resolved(records, [("a", "c", 5.0), ("b", "c", 9.0)]) == (
        {"a", "b c"},
        {"a c": "different birth dates and given names"},
    )


def test_a_record_of_the_same_openid_does_not_bring_in_a_third_of_another_name() -> None:
    records = {"a": named("张伟", openid_key="o"), "b": named("王芳", openid_key="o"), "c": WEI}

    assert resolved(records, [("a", "b", 9.0), ("a", "c", 5.0)]) == ({"a b", "c"}, {"a c": "different full names"})


def test_a_surname_alone_joins_the_one_customer_it_fits() -> None:
    records = {"a": WEI, "b": FANG, "p": named("王")}
    edges = [("a", "p", 9.0), ("b", "p", 5.0)]

    assert resolved(records, edges) == ({"a", "b p"}, {"a p": "different surnames"})


def test_a_surname_alone_between_two_customers_stays_apart() -> None:
    records = {"a": FANG, "b": named("王伟"), "p": named("王")}
    between = "partial name between two customers"

    assert resolved(records, [("a", "p", 9.0), ("b", "p", 5.0)]) == ({"a", "b", "p"}, {"a p": between, "b p": between})


def test_a_surname_alone_does_not_bridge_two_records_of_one_name_either() -> None:
    assert resolved({"a": FANG, "b": FANG, "p": named("王")}, [("a", "p", 9.0), ("b", "p", 5.0)])[0] == {"a", "b", "p"}
    assert resolved({"a": FANG, "b": FANG, "p": named("王")}, [("a", "p", 9.0), ("b", "p", 5.0), ("a", "b", 1.0)]) == (
        {"a b p"},
        {},
    )


def test_two_surnames_alone_reach_a_customer_together_and_are_between_two_together() -> None:
    records = {"a": FANG, "b": named("王伟"), "p": named("王"), "q": named("王")}
    chain = [("a", "p", 9.0), ("p", "q", 5.0)]

    assert resolved(records, chain)[0] == {"a p q", "b"}
    assert resolved(records, [*chain, ("b", "q", 9.0)])[0] == {"a", "b", "p q"}


def test_surnames_alone_join_each_other_if_they_are_the_same() -> None:
    records = {"p": named("王"), "q": named("王"), "r": named("李")}

    assert resolved(records, [("p", "q", 5.0), ("q", "r", 9.0)]) == ({"p q", "r"}, {"q r": "different surnames"})


def test_a_record_without_a_name_does_not_bridge_two_surnames() -> None:
    records = {"n": named(None), "p": named("王"), "r": named("李")}

    assert resolved(records, [("n", "p", 9.0), ("n", "r", 5.0)])[0] == {"n", "p", "r"}
    assert resolved(records, [("n", "p", 9.0)])[0] == {"n p", "r"}


def test_a_record_without_a_name_does_not_carry_a_surname_to_a_customer() -> None:
    records = {"a": FANG, "n": named(None), "p": named("王")}

    assert resolved(records, [("a", "n", 9.0), ("n", "p", 5.0)])[0] == {"a", "n", "p"}
    assert resolved(records, [("a", "n", 9.0), ("n", "p", 5.0), ("a", "p", 1.0)])[0] == {"a n p"}


def test_records_without_a_name_join_each_other() -> None:
    assert resolved({"m": named(None), "n": named(None)}, [("m", "n", 1.0)]) == ({"m n"}, {})


def test_a_never_pair_holds_even_where_the_edges_lead_through_others() -> None:
    assert resolved({"a": WEI, "b": WEI, "c": WEI}, [("a", "b", 9.0), ("b", "c", 5.0)], never=[("c", "a")]) == (
        {"a b", "c"},
        {"b c": "a steward keeps them apart"},
    )


def test_a_never_pair_holds_for_whoever_joins_one_of_its_records() -> None:
    records = dict.fromkeys("abcd", WEI)
    edges = [("a", "b", 9.0), ("c", "d", 8.0), ("a", "c", 5.0)]

    for pair in [("b", "d"), ("d", "b"), ("b", "c"), ("a", "d")]:
        assert resolved(records, edges, never=[pair])[0] == {"a b", "c d"}


def test_a_forced_pair_takes_the_records_of_both_along() -> None:
    records = {"a": WEI, "b": WEI, "c": FANG, "d": FANG, "e": named("李娜")}
    edges = [("a", "b", 9.0), ("c", "d", 9.0), ("d", "e", 5.0)]

    assert resolved(records, edges, force=[("b", "c")]) == ({"a b c d", "e"}, {"d e": "different full names"})


def test_a_forced_pair_lifts_only_the_veto_that_lies_between_its_records() -> None:
    records = {"a": WEI, "b": FANG, "c": named("张伟", uscc_key="91A"), "d": named("王芳", uscc_key="91B")}
    edges = [("a", "c", 9.0), ("b", "d", 5.0)]

    assert resolved(records, edges, force=[("a", "b")]) == ({"a b c", "d"}, {"b d": "different social credit codes"})


def test_what_is_forced_stays_so_in_a_larger_cluster() -> None:
    records = {"a": WEI, "b": WEI, "c": WEI, "f": WEI, "g": FANG, "h": FANG}
    edges = [("a", "b", 9.0), ("b", "c", 9.0), ("c", "f", 8.0), ("g", "h", 5.0)]

    assert resolved(records, edges, force=[("f", "g")]) == ({"a b c f g h"}, {})


def test_a_forced_surname_counts_as_well_named_as_the_record_it_is_forced_to() -> None:
    records = {"a": FANG, "b": FANG, "c": FANG, "p": named("王")}
    edges = [("b", "p", 5.0), ("c", "p", 5.0)]

    assert resolved(records, edges)[0] == {"a", "b", "c", "p"}
    assert resolved(records, edges, force=[("a", "p")])[0] == {"a b c p"}


def test_never_is_stronger_than_force_also_through_a_third() -> None:
    records = {"a": WEI, "b": WEI, "c": WEI}

    assert resolved(records, [], never=[("a", "c")], force=[("a", "b"), ("b", "c")])[0] == {"a b", "c"}


def test_decisions_about_records_that_are_gone_are_ignored() -> None:
    assert resolved({"a": WEI, "b": WEI}, [("a", "b", 1.0)], never=[("a", "x")], force=[("y", "x")])[0] == {"a b"}


def test_no_cluster_grows_beyond_the_guard_and_none_is_lost() -> None:
    keys = [f"r{number:02}" for number in range(30)]
    star = [(keys[0], key, 1.0) for key in keys[1:]]
    clusters, refused = resolved(dict.fromkeys(keys, WEI), star, largest_cluster=12)

    assert clusters == {" ".join(keys[:12]), *keys[12:]}
    assert set(refused.values()) == {"the cluster would be too large"}
    chain = [(left, right, 1.0) for left, right in itertools.pairwise(keys)]
    assert resolved(dict.fromkeys(keys, WEI), chain, largest_cluster=12)[0] == {
        " ".join(keys[:12]),
        " ".join(keys[12:24]),
        " ".join(keys[24:]),
    }


def test_stewards_may_force_more_than_the_guard_allows() -> None:
    records = dict.fromkeys("abc", WEI)

    assert resolved(records, [], force=[("a", "b"), ("b", "c")], largest_cluster=2)[0] == {"a b c"}


def test_each_rule_of_a_refused_pair_is_told_with_its_own_weight() -> None:
    records = pa.table(
        {
            "record_key": ["a", "b"],
            **{f.name: pa.array([WEI.get(f.name), FANG.get(f.name)], f.type) for f in FACTS},
        }
    )
    edges = pa.table(
        {
            "left_record_key": ["b", "a"],
            "right_record_key": ["a", "b"],
            "rule": ["model", "email"],
            "weight": [9.0, 3.0],
        }
    )

    told = resolve(records, edges, edges_of([]), edges_of([]), largest_cluster=9).refused.to_pylist()
    names = {"left_record_key": "a", "right_record_key": "b", "reason": "different full names"}
    assert told == [{**names, "rule": "email", "weight": 3.0}, {**names, "rule": "model", "weight": 9.0}]


def test_no_records_resolve_to_empty_tables_with_the_same_columns() -> None:
    assert resolved({}, [], never=[("a", "b")], force=[("a", "b")]) == (set(), {})


def test_an_edge_of_a_record_to_itself_changes_nothing() -> None:
    assert resolved({"a": WEI, "b": WEI, "c": FANG}, [("c", "c", 1.0), ("a", "b", 1.0)]) == ({"a b", "c"}, {})


def test_an_edge_without_a_weight_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 edges have no weight"):
        resolved({"a": WEI, "b": WEI}, [("a", "b", float("nan"))])
