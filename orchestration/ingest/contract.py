"""What a source promises to send: ``sources/<source>.yml`` as checked objects."""

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from orchestration.config import Strict, read_yaml
from orchestration.errors import BadInput
from orchestration.files import write_if_changed
from orchestration.ingest.patterns import FilePattern

LINEAGE_COLUMNS = {
    "_source": "VARCHAR",
    "_object": "VARCHAR",
    "_load_id": "VARCHAR",
    "_load_date": "DATE",
    "_file": "VARCHAR",
    "_row": "BIGINT",
    "_op": "VARCHAR",
    "_extra": "VARCHAR",
}
"""Columns that ingest adds to each raw row, in order."""

TYPES = r"VARCHAR|BIGINT|INTEGER|DOUBLE|DATE|TIMESTAMP|BOOLEAN|DECIMAL\((?P<width>\d+),\s*(?P<scale>\d+)\)"


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", value):
        raise ValueError(f"expected lower-case letters, digits and single underscores, got {value!r}")
    return value


Name = Annotated[str, AfterValidator(_name)]


def normalised_header(text: str) -> str:
    """The form in which header names are compared: width, case, and surrounding blanks do not count."""
    return unicodedata.normalize("NFKC", text).replace("\ufeff", "").strip().casefold()


class _Strict(Strict):
    model_config = ConfigDict(strict=True)


Personal = Literal["customer", "mention", "key", "name", "phone", "email", "openid", "uscc", "address", "other"]
"""What a column says of a person, for ``liucun erase``. customer: the id of the customer record that the row is about.
mention: the id of another one. key: an id that is made from the customer's. The others: what is blanked with a
customer; openid, uscc and phone can also tell the customer again under a new id."""


class Column(_Strict):
    """One column: its meaning, and the headers under which a file may carry it."""

    type: str
    required: bool = False
    personal: Personal | None = None
    headers: list[str] = Field(default_factory=list)
    label_zh: str | None = None
    label_en: str | None = None
    description: str | None = None

    @field_validator("type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        match = re.fullmatch(TYPES, value)
        if (
            not match
            or (match["width"] and not 1 <= int(match["width"]) <= 38)
            or (match["width"] and int(match["scale"]) > int(match["width"]))
        ):
            raise ValueError(
                "expected VARCHAR, BIGINT, INTEGER, DOUBLE, DATE, TIMESTAMP, BOOLEAN or DECIMAL(width,scale), "
                f"got {value!r}"
            )
        return value


class Deleted(_Strict):
    """Which values of which column mark a row as a deletion (compared without case)."""

    column: str
    values: list[str] = Field(min_length=1)


class Rows(_Strict):
    """The band of row counts: absolute, and as a ratio to the loads before."""

    min: int = Field(default=1, ge=0)
    max: int | None = Field(default=None, ge=0)
    ratio_min: float | None = Field(default=None, ge=0, strict=False)
    ratio_max: float | None = Field(default=None, ge=0, strict=False)

    @model_validator(mode="after")
    def _ordered(self) -> "Rows":
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        if self.ratio_min is not None and self.ratio_max is not None and self.ratio_max < self.ratio_min:
            raise ValueError(f"ratio_max {self.ratio_max} is below ratio_min {self.ratio_min}")
        return self


class SourceObject(_Strict):
    """One object of a source, such as its customers."""

    name: str
    description: str | None = None
    files: str
    format: Literal["csv", "xlsx", "jsonl", "parquet"]
    delimiter: str = ","
    mode: Literal["snapshot", "delta"]
    primary_key: list[str] = Field(min_length=1)
    replace_together: list[str] = Field(default_factory=list)
    modified_at: str | None = None
    deleted: Deleted | None = None
    references: dict[str, str] = Field(default_factory=dict)
    rows: Rows = Rows()
    required: bool = True
    fresh_within_days: int = Field(default=1, ge=0)
    columns: dict[Name, Column] = Field(min_length=1)

    @field_validator("files")
    @classmethod
    def _readable_pattern(cls, value: str) -> str:
        FilePattern.parse(value)
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if len(value) != 1 or value in '"\r\n' or ord(value) > 127:
            raise ValueError(f"expected one ASCII character that is no quote and no line end, got {value!r}")
        return value

    @model_validator(mode="after")
    def _columns_exist(self) -> "SourceObject":
        if self.delimiter != "," and self.format != "csv":
            raise ValueError(f"delimiter is for csv only, format is {self.format}")
        named = [("primary_key", c) for c in self.primary_key]
        named += [("replace_together", c) for c in self.replace_together]
        named += [("references", c) for c in self.references]
        if self.modified_at:
            named.append(("modified_at", self.modified_at))
        if self.deleted:
            named.append(("deleted.column", self.deleted.column))
        for key, column in named:
            if column not in self.columns:
                raise ValueError(f"{key} names the column {column!r}, which columns does not declare")
        owner: dict[str, str] = {}
        for name, column_spec in self.columns.items():
            if column_spec.personal in ("customer", "key") and column_spec.type != "VARCHAR":
                raise ValueError(f"{name} is personal: {column_spec.personal}, so its type must be VARCHAR")
            for header in (name, *column_spec.headers):
                other = owner.setdefault(normalised_header(header), name)
                if other != name:
                    raise ValueError(f"the header {header!r} belongs to both {other} and {name}")
        return self

    def column_of_header(self) -> dict[str, str]:
        """From each normalised header to the column it means."""
        return {normalised_header(h): name for name, c in self.columns.items() for h in (name, *c.headers)}

    def raw_types(self) -> dict[str, str]:
        """DuckDB types of the contract's columns in raw: text formats give text, Parquet what is declared."""
        return {name: c.type if self.format == "parquet" else "VARCHAR" for name, c in self.columns.items()}

    def personal(self, *kinds: Personal) -> list[str]:
        """Columns that are personal in one of these ways, in contract order."""
        return [name for name, c in self.columns.items() if c.personal in kinds]

    @property
    def holds_customers(self) -> bool:
        """Whether each row is a customer record."""
        return len(self.primary_key) == 1 and self.primary_key[0] in self.personal("customer")

    def must_have(self) -> list[str]:
        """Columns without which a file is refused, in contract order."""
        return [name for name, c in self.columns.items() if c.required or name in self.primary_key]


class Source(_Strict):
    """A system that sends extracts, with its objects."""

    source: Name
    description: str | None = None
    objects: dict[Name, SourceObject] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _name_objects(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("objects"), dict):
            for name, spec in data["objects"].items():
                if isinstance(spec, dict):
                    if "name" in spec:
                        raise ValueError(f"objects.{name}.name: unknown key")
                    spec["name"] = str(name)
        return data

    @model_validator(mode="after")
    def _references_exist(self) -> "Source":
        for name, spec in self.objects.items():
            for column, target in spec.references.items():
                if target not in self.objects:
                    raise ValueError(f"objects.{name}.references.{column} names the unknown object {target!r}")
                if len(self.objects[target].primary_key) != 1:
                    raise ValueError(
                        f"objects.{name}.references.{column}: {target} has a primary key of several columns"
                    )
        return self


def load_source(path: Path) -> Source:
    """Read and check one source's YAML.

    Raises BadInput in one line that names the file, the key and what was expected.
    """
    source = read_yaml(path, Source)
    if source.source != path.stem:
        raise BadInput(f"{path}: source: expected {path.stem!r} as in the file's name, got {source.source!r}")
    return source


def dbt_sources(source: Source) -> dict[str, Any]:
    """The content of dbt's ``_sources.yml`` for one source: one table per object, contract facts as meta."""
    return {
        "version": 2,
        "sources": [
            {
                "name": source.source,
                "schema": "raw",
                "description": source.description or "",
                "tables": [_dbt_table(source.source, spec) for spec in source.objects.values()],
            }
        ],
    }


def _dbt_table(source: str, spec: SourceObject) -> dict[str, Any]:
    meta = {
        "primary_key": spec.primary_key,
        "holds_customers": spec.holds_customers,
        "mode": spec.mode,
        "modified_at": spec.modified_at,
        "replace_together": spec.replace_together,
        "columns": list(spec.columns),
    }
    columns = [
        {
            "name": name,
            "data_type": raw_type,
            "description": spec.columns[name].description or "",
            "config": {
                "meta": {
                    "type": spec.columns[name].type,
                    "required": spec.columns[name].required,
                    "label_zh": spec.columns[name].label_zh,
                }
            },
        }
        for name, raw_type in spec.raw_types().items()
    ]
    return {
        "name": spec.name,
        "identifier": f"{source}__{spec.name}",
        "description": spec.description or "",
        "config": {"meta": meta},
        "columns": columns + [{"name": name, "data_type": kind} for name, kind in LINEAGE_COLUMNS.items()],
    }


def write_dbt_sources(source: Source, path: Path) -> bool:
    """Write ``dbt_sources`` to ``path``, leaving an equal file untouched so that dbt need not parse again."""
    body = yaml.dump(dbt_sources(source), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)
    return write_if_changed(path, f"# Generated from sources/{source.source}.yml; change that file.\n{body}")
