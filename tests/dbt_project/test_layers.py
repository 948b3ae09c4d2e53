"""The shape of the whole project, over dbt's manifest with every source on: layers, stages, contracts, size."""

import copy
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from orchestration.assets.publish import published_asset
from orchestration.assets.transform import dbt_stage
from orchestration.checks.gates import customers_gate, marts_gate
from orchestration.dbt import Dbt, dbt_variables, write_sources
from orchestration.folders import Folders
from orchestration.ingest.contract import load_source
from orchestration.publish.allow_list import published_tables
from orchestration.settings import QUIET, set_environment
from orchestration.stages import BUILT, Stages, split
from orchestration.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
PYTHON = [
    path
    for folder in ("orchestration", "data_quality", "customer_models", "samples")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
SQL = [
    path
    for folder in ("models", "macros", "tests")
    for path in sorted((ROOT / "dbt_project" / folder).rglob("*"))
    if path.suffix in (".sql", ".py")
]
MODELS = [path for path in SQL if path.is_relative_to(ROOT / "dbt_project" / "models")]

MAY_READ = {
    "staging": {"source"},
    "identity": {"staging", "identity", "seed"},
    "core": {"staging", "identity", "core", "seed"},
    "marts": {"identity", "core", "seed"},
}

Manifest = dict[str, Any]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    set_environment(QUIET)
    folder = tmp_path_factory.mktemp("layers")
    sources = {path.stem: load_source(path) for path in sorted((ROOT / "sources").glob("*.yml"))}
    project = folder / "dbt_project"
    shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target"))
    write_sources(project, sources)
    warehouse = Warehouse(sources=tuple(sources))
    return Dbt(project, Folders(folder / "home"), dbt_variables(warehouse, sources, project)).parse()


@pytest.fixture(scope="session")
def stages(manifest: Manifest) -> Stages:
    return split(manifest)


@pytest.fixture(scope="session")
def prepared(manifest: Manifest, stages: Stages) -> Any:
    """What the asset builders need to know of a warehouse."""
    return SimpleNamespace(manifest=manifest, stages=stages)


def models(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def layer_of(manifest: Mapping[str, Any], name: str) -> str:
    """The folder of a model under models/, else the kind of node."""
    node = manifest["nodes"].get(name)
    return "source" if node is None else node["fqn"][1] if node["resource_type"] == "model" else node["resource_type"]


def trespasses(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Every reading that the layers forbid, as ``reader reads read``."""
    for name, node in models(manifest).items():
        layer = layer_of(manifest, name)
        for read in node["depends_on"]["nodes"]:
            # The ledger tells every staging model which loads are in force, and counts the rows of every source.
            ours = {node["fqn"][2], "ledger"}
            is_foreign = read.startswith("source.") and read.split(".")[2] not in ours and node["fqn"][2] != "ledger"
            if layer_of(manifest, read) not in MAY_READ.get(layer, set()) or is_foreign:
                yield f"{node['name']} reads {read.split('.', 2)[-1]}"


def test_every_model_reads_only_the_layers_below_it(manifest: Manifest) -> None:
    assert {layer_of(manifest, name) for name in models(manifest)} == set(MAY_READ)
    assert list(trespasses(manifest)) == []


@pytest.mark.parametrize(
    ("reader", "read"),
    [
        ("stg_canonical__orders", "model.liucun.stg_canonical__order_lines"),
        ("stg_canonical__orders", "seed.liucun.order_status_rules"),
        ("stg_canonical__orders", "source.liucun.cdnow.orders"),
        ("id_record", "model.liucun.dim_customer"),
        ("id_record", "source.liucun.canonical.customers"),
        ("fct_order", "model.liucun.mart_customer_rfm"),
        ("fct_order", "source.liucun.canonical.orders"),
        ("mart_customer_rfm", "model.liucun.stg_canonical__orders"),
        ("mart_customer_rfm", "model.liucun.mart_customer_purchase"),
        ("mart_customer_rfm", "source.liucun.state.reconciliation"),
    ],
)
def test_the_layer_rule_catches_a_model_that_skips_or_goes_back(manifest: Manifest, reader: str, read: str) -> None:
    doctored = {"nodes": copy.deepcopy(models(manifest))}
    doctored["nodes"] |= {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "seed"}
    doctored["nodes"][f"model.liucun.{reader}"]["depends_on"]["nodes"].append(read)
    assert list(trespasses(doctored)) == [f"{reader} reads {read.split('.', 2)[-1]}"]


def test_a_model_in_a_folder_that_is_no_layer_is_caught(manifest: Manifest) -> None:
    doctored = {"nodes": copy.deepcopy(models(manifest))}
    doctored["nodes"]["model.liucun.fct_order"]["fqn"][1] = "intermediate"
    assert any(line.startswith("fct_order reads") for line in trespasses(doctored))


def test_the_name_of_a_model_says_its_layer(manifest: Manifest) -> None:
    prefixes = {"staging": ("stg_",), "identity": ("id_",), "core": ("dim_", "fct_"), "marts": ("mart_",)}
    strangers = [
        node["name"]
        for name, node in models(manifest).items()
        if not node["name"].startswith(prefixes[layer_of(manifest, name)])
    ]
    assert strangers == []


def test_only_marts_and_dimensions_are_published(manifest: Manifest) -> None:
    names = {table.name for table in published_tables(manifest)}
    assert names >= {node["name"] for name, node in models(manifest).items() if layer_of(manifest, name) == "marts"}
    assert {name for name in names if not name.startswith("mart_")} <= {"dim_customer", "dim_product", "dim_date"}


def test_every_published_column_has_its_type_and_its_meaning_in_both_languages(manifest: Manifest) -> None:
    nodes = {node["name"]: node for node in models(manifest).values()}
    columns = [(table.name, column.name) for table in published_tables(manifest) for column in table.columns]
    told = [
        (table, name)
        for table, name in columns
        if (column := nodes[table]["columns"][name])["data_type"]
        and len(column["description"].strip()) >= 3
        and re.search(r"[\u4e00-\u9fff]|RFM|^[A-Z]+$", column["config"]["meta"].get("label_zh", ""))
    ]
    assert len(columns) > 150
    assert sorted(set(columns) - set(told)) == []


def test_every_published_table_has_an_enforced_contract(manifest: Manifest) -> None:
    nodes = {node["name"]: node for node in models(manifest).values()}
    published = [table.name for table in published_tables(manifest)]
    assert [name for name in published if not nodes[name]["config"]["contract"]["enforced"]] == []


def test_every_model_says_its_grain_in_columns_that_it_has(manifest: Manifest) -> None:
    without = [
        node["name"]
        for node in models(manifest).values()
        if not node["config"]["meta"].get("grain") or not set(node["config"]["meta"]["grain"]) <= set(node["columns"])
    ]
    assert without == []


def test_the_two_stages_run_every_node_and_every_data_test_exactly_once(manifest: Manifest, stages: Stages) -> None:
    whole = Counter(
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] in (*BUILT, "test") and node["config"]["enabled"]
    )
    assert max(whole.values()) == 1
    assert Counter(stages.customers + stages.marts) == whole
    assert sum(name.startswith("mart_") for name in stages.marts) >= 11
    assert len(stages.customers) > 100


def test_a_test_runs_in_the_stage_of_the_last_table_that_it_reads(manifest: Manifest, stages: Stages) -> None:
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test" and n["config"]["enabled"]]
    wrong = [
        node["name"]
        for node in tests
        if (node["name"] in stages.marts) != any(".mart_" in read for read in node["depends_on"]["nodes"])
    ]
    assert wrong == []
    assert {"customers", "marts"} == {"marts" if node["name"] in stages.marts else "customers" for node in tests}


def test_dagster_shows_each_table_in_the_stage_that_builds_it(prepared: Any, stages: Stages) -> None:
    tables = shown_names(prepared.manifest)
    assert {key.path[-1] for key in dbt_stage(prepared, "customers").keys} == tables & set(stages.customers)
    assert {key.path[-1] for key in dbt_stage(prepared, "marts").keys} == tables & set(stages.marts)


def shown_names(manifest: Mapping[str, Any]) -> set[str]:
    return {node["name"] for node in manifest["nodes"].values() if node["resource_type"] in BUILT}


def test_the_customers_gate_stands_on_every_earlier_table_that_a_mart_reads(manifest: Manifest, prepared: Any) -> None:
    judged = {key.path[-1] for key in judged_by(customers_gate(prepared))}
    read_by_marts = {
        read.split(".")[-1]
        for name, node in models(manifest).items()
        if layer_of(manifest, name) == "marts"
        for read in node["depends_on"]["nodes"]
        if read.startswith("model.") and layer_of(manifest, read) != "marts"
    }
    assert len(read_by_marts) > 5
    assert read_by_marts <= judged


def test_a_gate_stands_on_every_table_that_is_published(manifest: Manifest, prepared: Any) -> None:
    judged = judged_by(customers_gate(prepared)) | judged_by(marts_gate(prepared))
    published = {key for spec in published_asset(prepared).specs for key in (dep.asset_key for dep in spec.deps)}
    assert {key.path[-1] for key in published} == {table.name for table in published_tables(manifest)}
    assert published <= judged


def judged_by(gate: dg.AssetChecksDefinition) -> set[dg.AssetKey]:
    specs = list(gate.check_specs)
    assert all(spec.blocking for spec in specs)
    return {spec.asset_key for spec in specs}


def test_half_of_the_models_have_at_most_forty_lines_and_none_has_more_than_120() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODELS}
    assert len(lengths) > 50
    assert median(lengths.values()) <= 40
    assert [name for name, length in lengths.items() if length > 120] == []


def test_definitions_are_at_most_sixty_lines() -> None:
    assert len((ROOT / "orchestration" / "definitions.py").read_text(encoding="utf-8").splitlines()) <= 60


def test_only_settings_reads_the_environment() -> None:
    reading = re.compile(r"getenv|environb?\b(?!\[[^]]+\] = )")
    readers = [path.relative_to(ROOT).as_posix() for path in PYTHON if reading.search(path.read_text(encoding="utf-8"))]
    assert readers == ["orchestration/settings.py"]
    assert [path.name for path in SQL if "env_var" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", SQL + PYTHON, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_deals_customers_out_reads_the_clock_or_skips_bad_rows_in_silence(path: Path) -> None:
    # Deleting a scratch folder is the one thing that may fail without a word.
    text = re.sub(r"rmtree\([^()]*ignore_errors=True\)", "", path.read_text(encoding="utf-8"))
    assert re.findall(r"\bntile\s*\(|\bcurrent_date\b|\bignore_errors\b", text, flags=re.IGNORECASE) == []
