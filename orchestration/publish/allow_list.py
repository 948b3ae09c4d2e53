"""What may be published: the tables and columns whose YAML says so, read from dbt's manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.errors import BadInput

RESERVED = "run"


@dataclass(frozen=True)
class PublishedColumn:
    """One column that readers see, with the type of its contract."""

    name: str
    data_type: str
    description: str
    label_zh: str

    @property
    def comment(self) -> str:
        """What readers find beside the column in the published file."""
        return f"{self.description} · {self.label_zh}"


@dataclass(frozen=True)
class PublishedTable:
    """One table that readers see; ``schema`` and ``identifier`` say where it lies in the warehouse."""

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[PublishedColumn, ...]
    label_zh: str
    schema: str
    identifier: str

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def comment(self) -> str:
        """What readers find beside the table in the published file."""
        return f"{self.description} · {self.label_zh}"


def published_tables(dbt_manifest: Mapping[str, Any]) -> tuple[PublishedTable, ...]:
    """The models with meta ``published: true``, by name, each without its withheld columns.

    Withheld is a column with ``published: false`` or any ``pii`` (whatever its ``published`` says). Raises
    BadInput that lists everything missing: a grain, a type, a description in either language; or that
    nothing is published.
    """
    problems: list[str] = []
    tables = [
        _table(node, problems)
        for node in dbt_manifest["nodes"].values()
        if node["resource_type"] == "model" and _flag(node, "published", False, _file_of(node), problems)
    ]
    if not tables and not problems:
        problems.append("no model has `config: {meta: {published: true}}`, so there is nothing to publish")
    if problems:
        raise BadInput("dbt_project: " + "; ".join(problems) + ".")
    return tuple(sorted(tables, key=lambda table: table.name))


def _table(node: Mapping[str, Any], problems: list[str]) -> PublishedTable:
    meta, file = _meta(node), _file_of(node)
    columns = []
    for column in node["columns"].values():
        where = f"{file}, column {column['name']}"
        wanted = _flag(column, "published", True, where, problems)
        if not wanted or _meta(column).get("pii") not in (None, False):
            continue
        for key, value in (
            ("data_type", column.get("data_type")),
            ("description", column.get("description")),
            ("meta.label_zh", _meta(column).get("label_zh")),
        ):
            if not value:
                problems.append(f"{where}: `{key}` is missing, and the column is published")
        columns.append(
            PublishedColumn(
                name=column["name"],
                data_type=str(column.get("data_type")),
                description=_one_line(column.get("description")),
                label_zh=_one_line(_meta(column).get("label_zh")),
            )
        )
    table = PublishedTable(
        name=node["name"],
        description=_one_line(node.get("description")),
        grain=tuple(_grain(meta, file, problems)),
        columns=tuple(columns),
        label_zh=_one_line(meta.get("label_zh")),
        schema=node["schema"],
        identifier=node.get("alias") or node["name"],
    )
    if table.name == RESERVED:
        problems.append(f"{file}: the name `{RESERVED}` belongs to the table that names the run; choose another")
    if not table.description or not table.label_zh:
        problems.append(f"{file}: `description` or `meta.label_zh` of the model is missing, and it is published")
    if hidden := [name for name in table.grain if name not in table.column_names]:
        problems.append(f"{file}: grain column {', '.join(hidden)} is not among the columns that are published")
    return table


def _grain(meta: Mapping[str, Any], file: str, problems: list[str]) -> list[str]:
    grain = meta.get("grain")
    if isinstance(grain, list) and grain and all(isinstance(name, str) for name in grain):
        return grain
    problems.append(f"{file}: `meta.grain` is missing; expected the list of columns that identify a row")
    return []


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    # dbt 1.11 fills both; config.meta is the one that YAML is meant to set.
    return {**(node.get("meta") or {}), **((node.get("config") or {}).get("meta") or {})}


def _flag(node: Mapping[str, Any], key: str, default: bool, where: str, problems: list[str]) -> bool:
    value = _meta(node).get(key, default)
    if isinstance(value, bool):
        return value
    problems.append(f"{where}: `meta.{key}` is {value!r}; expected true or false")
    return False


def _file_of(node: Mapping[str, Any]) -> str:
    return str(node.get("patch_path") or node.get("original_file_path") or node["name"]).split("://")[-1]


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
