"""Which dbt nodes run before and after the customers gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MARTS = "marts"
"""The folder under ``models/`` whose nodes stand behind the customers gate; all others stand before it."""
BUILT = ("model", "seed", "snapshot")


@dataclass(frozen=True)
class Stages:
    """Names of the nodes of each stage: every node and every data test of the project stands in exactly one.

    A test runs in the stage of the last table that it reads: earlier, that table would be missing or yesterday's.
    """

    customers: tuple[str, ...]
    marts: tuple[str, ...]
    read_by_marts: tuple[str, ...]
    """Models of the first stage that a mart reads: what the customers gate must hold back."""
    published: tuple[str, ...]
    """Marts and dimensions that are published: what the marts gate must hold back."""


def split(manifest: Mapping[str, Any]) -> Stages:
    """The stages of a parsed project."""
    # After a full parse dbt leaves the tests of disabled models among the nodes, though it does not run them.
    nodes = {i: n for i, n in manifest["nodes"].items() if n["config"].get("enabled", True)}
    marts = {i for i, n in nodes.items() if n["resource_type"] in BUILT and n["fqn"][1] == MARTS}
    customers = {i for i, n in nodes.items() if n["resource_type"] in BUILT} - marts
    tests = {i for i, n in nodes.items() if n["resource_type"] == "test"}
    mart_tests = {i for i in tests if marts & set(nodes[i]["depends_on"]["nodes"])}
    read = {parent for i in marts for parent in nodes[i]["depends_on"]["nodes"] if parent in customers}
    published = {
        i
        for i, n in nodes.items()
        if n["resource_type"] == "model" and (n["config"].get("meta") or {}).get("published")
    }
    return Stages(
        customers=_names(nodes, customers | (tests - mart_tests)),
        marts=_names(nodes, marts | mart_tests),
        read_by_marts=tuple(sorted(i for i in read | (published - marts) if nodes[i]["resource_type"] == "model")),
        published=tuple(sorted(published)),
    )


def _names(nodes: Mapping[str, Any], ids: set[str]) -> tuple[str, ...]:
    return tuple(sorted(nodes[i]["name"] for i in ids))
