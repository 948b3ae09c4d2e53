"""docs/operations.md holds what the code says."""

import re
from pathlib import Path

from orchestration.settings import PROJECT
from orchestration.warehouse import Warehouse, load_warehouse


def test_the_yaml_of_a_warehouse_shows_every_key_with_its_default(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"## The YAML of a warehouse\n.*?```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "mine.yml"
    path.write_text(text, encoding="utf-8")
    _, shown = load_warehouse(str(path), PROJECT)
    assert shown == Warehouse(sources=("canonical",))
    left_out = [
        f"{type(model).__name__}.{key}"
        for model in (shown, shown.retention, shown.lifetime, shown.identity)
        for key in type(model).model_fields
        if key not in model.model_fields_set
    ]
    assert left_out == []
