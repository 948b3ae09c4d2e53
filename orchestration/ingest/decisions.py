"""What people decided about loads: ``overrides/load_decisions.csv``; the last line of a load counts."""

import csv
import io
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal, cast

from orchestration.errors import BadInput
from orchestration.files import write_whole

Verb = Literal["accept", "discard", "retry"]
VERBS: tuple[Verb, ...] = ("accept", "discard", "retry")
COLUMNS = ("load_id", "decision", "because", "decided_at", "decided_by")


@dataclass(frozen=True)
class Decision:
    """One line of the file; ``decided_at`` is ISO 8601."""

    load_id: str
    decision: Verb
    because: str
    decided_at: str
    decided_by: str


def file_of(overrides: Path) -> Path:
    """Where decisions stand."""
    return overrides / "load_decisions.csv"


def read_decisions(overrides: Path) -> dict[str, Decision]:
    """The decision in force per load. Raises BadInput that names the line a person spoilt."""
    path = file_of(overrides)
    if not path.is_file():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise BadInput(f"{path}: is not UTF-8 CSV ({problem})") from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise BadInput(f"{path}: expected the header {','.join(COLUMNS)}")
    decisions: dict[str, Decision] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(COLUMNS):
            raise BadInput(f"{path}: record {number}: expected {len(COLUMNS)} fields, found {len(row)}")
        if row[1] not in VERBS:
            raise BadInput(f"{path}: record {number}: decision: expected {', '.join(VERBS)}, got {row[1]!r}")
        # The newest last, so that the order of the dictionary is that of the decisions.
        decisions.pop(row[0], None)
        decisions[row[0]] = Decision(row[0], cast(Verb, row[1]), row[2], row[3], row[4])
    return decisions


def append_decision(overrides: Path, decision: Decision) -> None:
    """Add one line; the file is replaced in one step."""
    path = file_of(overrides)
    read_decisions(overrides)
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ",".join(COLUMNS) + "\n"
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\n").writerow(astuple(decision))
    write_whole(path, before + ("" if before.endswith("\n") else "\n") + line.getvalue())
