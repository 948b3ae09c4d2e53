"""Reads the demo's landing files as any program would, without the generator's own code."""

import csv
import io
import json
import re
from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import yaml

PROJECT = Path(__file__).parents[2]
SOURCES = ("canonical", "fxiaoke", "zoho")
Row = dict[str, object]


@cache
def contract(source: str) -> dict:
    """The objects of a source's contract."""
    return yaml.safe_load((PROJECT / "sources" / f"{source}.yml").read_text(encoding="utf-8"))["objects"]


def files_of(landing: Path, source: str, name: str) -> list[tuple[date, Path]]:
    """An object's files with their load dates, oldest first."""
    if source == "canonical":
        return sorted(
            (date.fromisoformat(path.parent.name.removeprefix("load_date=")), path)
            for path in (landing / source / name).glob("*/*.csv")
        )
    pattern = contract(source)[name]["files"]
    stem, rest = pattern.split("{")
    suffix = rest.split("}")[1]
    found = []
    for path in (landing / source).iterdir():
        match = re.fullmatch(re.escape(stem) + r"(\d{8})" + re.escape(suffix), path.name)
        if match:
            found.append((date.fromisoformat(match[1]), path))
    return sorted(found)


def encoding_of(source: str, name: str) -> str:
    """How the CSV of an object is encoded."""
    return "gb18030" if source == "fxiaoke" else "utf-8-sig" if (source, name) == ("zoho", "accounts") else "utf-8"


def rows_of(path: Path, encoding: str = "utf-8") -> list[Row]:
    """The rows of a file under its own headers."""
    if path.suffix == ".csv":
        text = path.read_bytes().decode(encoding)
        return [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    sheet = openpyxl.load_workbook(path, read_only=True).active
    header, *body = list(sheet.iter_rows(values_only=True))
    return [dict(zip(header, row, strict=True)) for row in body]


@cache
def headers(source: str, name: str) -> dict[str, str]:
    """Header in the files by column name of the contract."""
    columns = contract(source)[name]["columns"]
    if source == "canonical":
        # The canonical headers are the names themselves, but for two.
        renamed = {"value_source": "source", "granted_at": "at"}
        return {column: renamed.get(column, column) for column in columns}
    return {column: (declared.get("headers") or [column])[0] for column, declared in columns.items()}
