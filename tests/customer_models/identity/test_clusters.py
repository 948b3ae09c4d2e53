"""Records that are tied, directly or through others, are one cluster."""

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_models.identity.clusters import CLUSTERS, connected_components

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
