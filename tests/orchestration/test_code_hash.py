"""What decides that tables are made anew instead of continued."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration import dbt
from orchestration.prepare import Prepared, prepare
from orchestration.settings import PROJECT, Settings


@pytest.mark.parametrize("file", ["characters.py", "divisions.py", "clusters.py"])
def test_other_python_for_identity_makes_its_tables_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    project = PROJECT / "dbt_project"
    before = dbt.code_hash(project, {})
    copy = Path(shutil.copytree(dbt.IDENTITY, tmp_path / "identity"))
    monkeypatch.setattr(dbt, "IDENTITY", copy)
    assert dbt.code_hash(project, {}) == before
    with (copy / file).open("a", encoding="utf-8") as code:
        code.write("# changed\n")
    assert dbt.code_hash(project, {}) != before


def test_a_model_that_is_edited_after_dbt_has_read_it_counts_as_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Path(shutil.copytree(PROJECT / "dbt_project", tmp_path / "dbt_project"))
    monkeypatch.setattr(dbt.Dbt, "parse", lambda _: {})

    def prepared() -> Prepared:
        found = prepare(Settings.from_environment({"LIUCUN_HOME": str(tmp_path / "home")}))
        return replace(found, dbt=replace(found.dbt, project=project))

    during = prepared()
    assert during.manifest == {}
    with (project / "models" / "core" / "fct_order.sql").open("a", encoding="utf-8") as model:
        model.write("-- edited\n")
    assert during.code != prepared().code
    assert prepared().code == prepared().code
