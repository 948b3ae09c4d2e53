"""What decides that tables are made anew instead of continued."""

import shutil
from pathlib import Path

import pytest

from orchestration import dbt
from orchestration.settings import PROJECT


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
