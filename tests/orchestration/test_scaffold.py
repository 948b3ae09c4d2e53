"""What `new-source` and `new-model` write can be read as it stands, and never touches what is there."""

import shutil
from pathlib import Path

import pytest
import yaml

from orchestration.errors import BadInput
from orchestration.ingest.contract import load_source
from orchestration.scaffold import new_model, new_source
from orchestration.settings import PROJECT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folders that the skeletons are written into."""
    shutil.copytree(PROJECT / "sources", tmp_path / "sources")
    shutil.copytree(PROJECT / "dbt_project", tmp_path / "dbt_project", ignore=shutil.ignore_patterns("target"))
    return tmp_path


def test_a_new_source_is_a_contract_and_two_files_per_object(project: Path) -> None:
    written = new_source(project, "shopify", ["customers", "orders"])
    staging = "dbt_project/models/staging/shopify/stg_shopify__"
    assert [path.relative_to(project).as_posix() for path in written] == [
        "sources/shopify.yml",
        *(f"{staging}{entity}.{kind}" for entity in ("customers", "orders") for kind in ("sql", "yml")),
    ]
    source = load_source(project / "sources" / "shopify.yml")
    assert (source.source, list(source.objects)) == ("shopify", ["customers", "orders"])


def test_a_new_source_speaks_of_itself_only(project: Path) -> None:
    written = new_source(project, "shopify", ["customers", "orders", "order_lines"])
    for path in written[1:]:
        text = path.read_text(encoding="utf-8")
        assert "canonical" not in text.replace("Canonical", ""), path.name
        if path.suffix == ".yml":
            assert yaml.safe_load(text)["models"][0]["name"] == path.stem


def test_references_to_objects_that_a_new_source_lacks_are_left_out(project: Path) -> None:
    new_source(project, "alone", ["orders"])
    assert not load_source(project / "sources" / "alone.yml").objects["orders"].references
    new_source(project, "both", ["customers", "orders"])
    assert load_source(project / "sources" / "both.yml").objects["orders"].references == {"customer_id": "customers"}


@pytest.mark.parametrize(
    "name", ["Shopify", "shop-ify", "2shop", "shop__ify", "", "商店", "../shop", "shop.yml", "_shop"]
)
def test_a_name_that_cannot_be_one_is_refused_before_anything_is_written(project: Path, name: str) -> None:
    before = sorted(project.rglob("*"))
    with pytest.raises(BadInput, match="expected lower-case letters"):
        new_source(project, name, ["customers"])
    with pytest.raises(BadInput, match="expected lower-case letters"):
        new_model(project, name, "value")
    with pytest.raises(BadInput, match="expected lower-case letters"):
        new_model(project, "mart_visit_gap", name)
    assert sorted(project.rglob("*")) == before


def test_an_object_that_is_not_canonical_is_refused_with_those_that_are(project: Path) -> None:
    with pytest.raises(BadInput, match="no canonical object 'invoices'; known are customers, "):
        new_source(project, "shopify", ["customers", "invoices"])
    assert not (project / "sources" / "shopify.yml").exists()


def test_a_source_or_a_model_that_is_there_is_not_written_over(project: Path) -> None:
    before = (project / "sources" / "canonical.yml").read_bytes()
    with pytest.raises(BadInput, match="there is a source canonical already"):
        new_source(project, "canonical", ["customers"])
    assert (project / "sources" / "canonical.yml").read_bytes() == before
    new_model(project, "mart_visit_gap", "value")
    with pytest.raises(BadInput, match="there is a model mart_visit_gap already"):
        new_model(project, "mart_visit_gap", "operations")


def test_a_new_mart_is_sql_and_yaml_with_a_grain_and_columns_in_both_languages(project: Path) -> None:
    sql, properties = new_model(project, "mart_visit_gap", "value")
    assert sql == project / "dbt_project" / "models" / "marts" / "value" / "mart_visit_gap.sql"
    assert sql.read_text(encoding="utf-8").startswith("-- Grain: customer.\n")
    assert "{{ ref('dim_customer') }}" in sql.read_text(encoding="utf-8")
    (model,) = yaml.safe_load(properties.read_text(encoding="utf-8"))["models"]
    assert (model["name"], model["config"]["meta"]["grain"]) == ("mart_visit_gap", ["customer_id"])
    assert all(column["config"]["meta"]["label_zh"] for column in model["columns"])


def test_a_mart_is_named_as_one(project: Path) -> None:
    with pytest.raises(BadInput, match="begins with mart_"):
        new_model(project, "visit_gap", "value")
