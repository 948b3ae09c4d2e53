"""How every model looks, where the linter cannot see it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[2] / "dbt_project"
SQL = sorted(path for folder in ("models", "tests") for path in (PROJECT / folder).rglob("*.sql"))
MODELS = sorted(path for path in (PROJECT / "models").rglob("*") if path.suffix in (".sql", ".py"))
OWN = {"ledger", "state"}
"""Folders of staging models over what this project wrote itself; the tables built on them are tested."""


def by_name(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def described(path: Path) -> dict[str, Any]:
    """What the YAML beside a model says of it."""
    beside = path.with_suffix(".yml")
    models = yaml.safe_load(beside.read_text(encoding="utf-8"))["models"] if beside.is_file() else []
    return next((model for model in models if model["name"] == path.stem), {})


@by_name(SQL)
def test_lines_are_indented_by_fours(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    crooked = [number for number, line in enumerate(lines, 1) if re.match(r"(?: {4})*(?: {1,3}\S| *\t)", line)]

    assert not crooked


@by_name([path for path in MODELS if path.suffix == ".sql"])
def test_a_model_opens_with_its_grain_in_at_most_six_comment_lines_and_is_at_most_120_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    comments = re.findall(r"^-- (?!depends_on:)(.*)", text, flags=re.MULTILINE)

    assert comments
    assert comments[0].startswith("Grain: ")
    assert len(comments) <= 6
    assert len(text.splitlines()) <= 120


@by_name([path for path in MODELS if "marts" in path.parts])
def test_a_mart_names_its_columns(path: Path) -> None:
    final = re.split(r"^select\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[-1]

    assert not re.search(r"(^|,|\.)\s*\*", final.split("\nfrom ")[0])


@by_name(MODELS)
def test_a_model_is_described_beside_it_in_both_languages_column_by_column(path: Path) -> None:
    model = described(path)
    meta = model["config"]["meta"]

    assert model["description"]
    assert meta["label_zh"]
    assert set(meta["grain"]) <= {column["name"] for column in model["columns"]}
    assert model["config"].get("contract") == ({"enforced": True} if path.suffix == ".sql" else None)
    assert [
        column["name"]
        for column in model["columns"]
        if not (column.get("data_type") and column.get("description") and column["config"]["meta"].get("label_zh"))
    ] == []
    assert any("holds_contract" in test for test in model.get("data_tests", [])) or path.parent.name in OWN


@by_name(sorted((PROJECT / "models").rglob("*.yml")))
def test_a_yaml_file_tells_of_something_that_exists(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    models = {model.stem for model in MODELS}

    assert {model["name"] for model in content.get("models", [])} <= models
    assert {test["model"] for test in content.get("unit_tests", [])} <= models
