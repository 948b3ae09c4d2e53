"""JSON lines: one object a line; nested values stay JSON text, numbers keep their digits."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestration.ingest.contract import SourceObject, normalised_header
from orchestration.ingest.decode import NO_LINE_END, Decoded, Unreadable, cut_short, decode, ends_with_line_end
from orchestration.ingest.readers.csv_text import MAX_RECORD_CHARACTERS
from orchestration.ingest.readers.stage import Reject, Stage, StageFile, check_required

SHAPES_MAX = 1_000
"""Rows of a system have few sets of keys; more than that are not remembered."""


class Number(str):
    """A number's own digits, told from a string's."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def read_jsonl(
    path: Path,
    spec: SourceObject,
    work: Path,
    *,
    tolerate_missing: bool = False,
    progress: Callable[[int], None] = lambda _written: None,
) -> Stage:
    """Stage a JSONL file, plain or gzip. Lines that are no JSON object are rejects; blank lines do not count."""
    decoded = decode(path, work, progress=progress)
    stage = StageFile(work / "stage.parquet", spec)
    reader = _Lines(spec, stage)
    try:
        _read(decoded, reader)
    finally:
        stage.close()
    is_ended = ends_with_line_end(decoded.path)
    if not is_ended and reader.rejects and reader.rejects[-1].row == reader.number:
        raise cut_short(reader.number)
    notes = [*(f"unknown column {name}" for name in reader.unknown), *reader.doubled]
    if stage.count:
        check_required(
            reader.present,
            spec,
            len(reader.present) + len(reader.unknown),
            notes,
            tolerate_missing=tolerate_missing,
        )
    return Stage(
        select=stage.select(),
        received_count=reader.number,
        loaded_count=stage.count,
        rejects=tuple(reader.rejects),
        columns_present=tuple(c for c in spec.columns if c in reader.present),
        unknown_columns=tuple(reader.unknown),
        notes=tuple(notes) if is_ended else (*notes, NO_LINE_END),
        encoding=decoded.encoding,
    )


def _read(decoded: Decoded, reader: "_Lines") -> None:
    with decoded.path.open("rb") as binary:
        binary.seek(decoded.offset)
        start = binary.read(1024).lstrip()[:1]
        if start in (b"[", b"<"):
            kind = "one JSON array" if start == b"[" else "HTML or XML"
            raise Unreadable(f"is {kind}; expected one JSON object a line")
    with decoded.path.open(encoding="utf-8", newline=None) as file:
        file.seek(decoded.offset)
        while line := file.readline(MAX_RECORD_CHARACTERS):
            if len(line) >= MAX_RECORD_CHARACTERS:
                raise Unreadable(f"has a line of more than {MAX_RECORD_CHARACTERS:,} characters")
            if line.strip():
                reader.take(line.rstrip("\n"))


class _Lines:
    """Turns lines into rows, remembering which columns were seen."""

    def __init__(self, spec: SourceObject, stage: StageFile) -> None:
        self.stage = stage
        self.number = 0
        self.present: dict[str, int] = {}
        self.unknown: dict[str, None] = {}
        self.doubled: dict[str, None] = {}
        self.rejects: list[Reject] = []
        self._place = {name: i for i, name in enumerate(spec.columns)}
        self._known = spec.column_of_header()
        self._columns: dict[str, str | None] = {}
        self._shapes: dict[tuple[str, ...], tuple[int | None, ...]] = {}
        self._remembered: set[tuple[str, ...]] = set()
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_no_constant
        )

    def take(self, line: str) -> None:
        self.number += 1
        try:
            fields = self._decoder.decode(line)
            if not isinstance(fields, dict):
                raise ValueError("not a JSON object")
            values, extra = self._row(fields)
            if "\\u" in line:
                "".join(v for v in (*fields, *values, extra) if v).encode()
                if any(v and "\0" in v for v in values):
                    raise ValueError("has a NUL character")
        except UnicodeEncodeError:
            self.rejects.append(Reject(self.number, None, "has half of a surrogate pair", line))
        except json.JSONDecodeError as problem:
            self.rejects.append(
                Reject(self.number, None, f"not JSON: {problem.msg} at character {problem.pos + 1}", line)
            )
        except RecursionError:
            self.rejects.append(Reject(self.number, None, "nested too deeply", line))
        except ValueError as problem:
            self.rejects.append(Reject(self.number, None, str(problem), line))
        else:
            self.stage.add(values, self.number, extra)
            self._remember(tuple(fields))

    def _row(self, fields: dict[str, object]) -> tuple[list[str | None], str | None]:
        values: list[str | None] = [None] * len(self._place)
        extra: dict[str, object] = {}
        for place, (key, value) in zip(self._places(tuple(fields)), fields.items(), strict=True):
            if place is None:
                if value is not None:
                    extra[key] = value
            elif type(value) is str:
                values[place] = value or None
            else:
                values[place] = _rendered(value)
        return values, json_text(extra) if extra else None

    def _places(self, keys: tuple[str, ...]) -> tuple[int | None, ...]:
        """Where the values of these keys belong in a row, None for those that go to the extra ones."""
        places = self._shapes.get(keys)
        if places is None:
            if len(self._shapes) >= SHAPES_MAX:
                self._shapes.clear()
            places = self._shapes[keys] = tuple(self._find_places(keys))
        return places

    def _find_places(self, keys: tuple[str, ...]) -> Iterator[int | None]:
        taken = set()
        for column in map(self._column, keys):
            if column is None or column in taken:
                yield None
            else:
                taken.add(column)
                yield self._place[column]

    def _column(self, key: str) -> str | None:
        if key not in self._columns:
            self._columns[key] = self._known.get(normalised_header(key))
        return self._columns[key]

    def _remember(self, keys: tuple[str, ...]) -> None:
        """Which columns the rows have that were taken."""
        if keys in self._remembered:
            return
        if len(self._remembered) >= SHAPES_MAX:
            self._remembered.clear()
        self._remembered.add(keys)
        taken = set()
        for key in keys:
            column = self._column(key)
            if column is None:
                self.unknown.setdefault(key)
                continue
            self.present.setdefault(column, 0)
            if column in taken:
                self.doubled.setdefault(f"column {key} means {column} again; the first counts")
            taken.add(column)


def _rendered(value: object) -> str | None:
    if value is None or value == "":
        return None
    return str(value) if isinstance(value, str) else json_text(value)


def json_text(value: object) -> str:
    """JSON with each number as it was written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
