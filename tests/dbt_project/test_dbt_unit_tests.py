"""Every dbt unit test beside a model passes: one call of dbt for all, on a database that holds the seeds alone."""

import shutil
from pathlib import Path

import pytest
import yaml

from orchestration.dbt import Dbt, dbt_variables, write_sources
from orchestration.folders import Folders
from orchestration.ingest.contract import load_source
from orchestration.settings import QUIET, set_environment
from orchestration.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
SOURCES = {path.stem: load_source(path) for path in sorted((ROOT / "sources").glob("*.yml"))}
UNIT_TESTS = sorted(
    (unit_test["model"], unit_test["name"])
    for path in (ROOT / "dbt_project" / "models").rglob("*.yml")
    for unit_test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Unit test (``model.name``) → how it ended, in a warehouse that has every source."""
    set_environment(QUIET)
    folder = tmp_path_factory.mktemp("unit_tests")
    project = Path(
        shutil.copytree(ROOT / "dbt_project", folder / "dbt_project", ignore=shutil.ignore_patterns("target"))
    )
    write_sources(project, SOURCES)
    dbt = Dbt(project, Folders(folder / "home"), dbt_variables(Warehouse(sources=tuple(SOURCES)), SOURCES, project))
    dbt.parse()
    dbt._invoke(["seed"])
    result = dbt._invoke(["test", "--select", "test_type:unit"])
    assert result.result is not None, result.exception
    return {
        ".".join(run.node.unique_id.split(".")[-2:]): f"{run.status}: {run.message or ''}"
        for run in result.result.results
    }


@pytest.mark.parametrize(("model", "name"), UNIT_TESTS, ids=lambda value: value)
def test_the_unit_test_passes(outcomes: dict[str, str], model: str, name: str) -> None:
    assert outcomes.get(f"{model}.{name}", "did not run") == "pass: "
