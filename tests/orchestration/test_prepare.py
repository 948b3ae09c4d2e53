"""What is known before a run, and the mistakes in it that would otherwise never be noticed."""

import os
import shutil
from pathlib import Path

import pytest

from orchestration.errors import BadInput
from orchestration.prepare import Prepared, prepare
from orchestration.settings import PROJECT, Settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders that are read, with a raw suite of their own."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    project = tmp_path / "project"
    for name in ("sources", "warehouses", "data_quality/suites"):
        shutil.copytree(PROJECT / name, project / name)
    (project / "dbt_project").symlink_to(PROJECT / "dbt_project")
    return project


def prepared_with(project: Path, table: str, column: str = "phone") -> Prepared:
    """The warehouse cdnow, with one raw expectation more."""
    (project / "data_quality" / "suites" / "raw" / "mine.yml").write_text(
        f"""
expectations:
  - id: mine
    table: {table}
    expectation: expect_column_values_to_not_be_null
    column: {column}
    severity: warning
    why: To try it
""",
        encoding="utf-8",
    )
    return prepare(Settings(project.parent / "home", "cdnow", None, 1, None, None), project)


@pytest.mark.parametrize(
    "table", ["canonical__customers", "cannonical.customers", "customers", "loads", "load.customers", "cdnow", "cdnow."]
)
def test_a_raw_expectation_on_a_table_that_cannot_be_is_refused(project: Path, table: str) -> None:
    with pytest.raises(BadInput, match=r"suites/raw: mine: table: expected load, or <source>\.<object>") as refused:
        prepared_with(project, table)
    assert f"found {table!r}" in str(refused.value)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("cdnow.order", "phone", "table: sources/cdnow.yml has no object 'order'"),
        ("canonical.customers", "fone", "column: sources/canonical.yml has no column 'fone' in customers"),
    ],
)
def test_a_raw_expectation_on_a_misspelt_object_or_column_is_refused(
    project: Path, table: str, column: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        prepared_with(project, table, column)


@pytest.mark.parametrize("table", ["load", "canonical.customers", "zoho.contacts"])
def test_raw_expectations_of_sources_that_a_warehouse_does_not_use_are_accepted(project: Path, table: str) -> None:
    assert "mine" in {expectation.id for expectation in prepared_with(project, table).expectations}
