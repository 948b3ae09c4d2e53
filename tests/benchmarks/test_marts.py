"""Which tables count for a mart, and that each mart has something to be held against."""

from typing import Any

from benchmarks.marts import BARE, chains
from orchestration.settings import PROJECT


def node(path: str, *parents: str, schema: str = "core", published: bool = False) -> dict[str, Any]:
    name = path.rpartition("/")[2].partition(".")[0]
    return {
        "resource_type": "model",
        "name": name,
        "schema": schema,
        "original_file_path": f"models/{path}",
        "depends_on": {"nodes": list(parents)},
        "config": {"meta": {"published": published}},
    }


def test_a_chain_holds_what_is_made_for_marts_alone_in_the_order_of_building():
    nodes = [
        node("core/fct_order.sql"),
        node("core/value/fct_a.sql", "fct_order"),
        node("core/value/fct_b.sql", "fct_a", "fct_order"),
        node("marts/value/mart_x.sql", "fct_b", "fct_a", schema="marts", published=True),
        node("marts/value/mart_y.sql", "fct_order", schema="marts", published=True),
        node("marts/value/mart_hidden.sql", "fct_order", schema="marts"),
    ]
    found = chains({"nodes": {each["name"]: each for each in nodes}}, lambda each: f"sql of {each['name']}")
    assert {mart: [model.name for model in chain] for mart, chain in found.items()} == {
        "mart_x": ["fct_a", "fct_b", "mart_x"],
        "mart_y": ["mart_y"],
    }
    assert found["mart_y"][0].relation == '"marts"."mart_y"'


def test_every_mart_has_its_bare_aggregations_and_no_other_has_any():
    marts = {path.stem for path in (PROJECT / "dbt_project" / "models" / "marts").rglob("mart_*.sql")}
    assert {path.stem for path in BARE.glob("*.sql")} == marts
