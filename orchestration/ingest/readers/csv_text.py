"""Physical CSV: records counted and their line ends made one, before a loader sees the file.

DuckDB's strict reader stops on mixed line ends and on CR LF beside quoted line breaks, so records reach it
ended by a single LF. The count is made here, by another parser, so that the two can be held against each other.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from orchestration.ingest.decode import CHUNK_BYTES, Decoded, Unreadable
from orchestration.ingest.readers.quotes import Layout, refuse_swallowed_rows

MAX_RECORD_CHARACTERS = 16 << 20


def records(binary: BinaryIO, delimiter: str) -> Iterator[tuple[list[str], str, int]]:
    """Each record's fields, its text without the line end, and the bytes it takes; blank lines have no fields."""
    lines: list[str] = []
    text = io.TextIOWrapper(binary, encoding="utf-8", newline="")

    def feed() -> Iterator[str]:
        while line := text.readline(MAX_RECORD_CHARACTERS):
            if len(line) >= MAX_RECORD_CHARACTERS:
                raise Unreadable(f"has a line of more than {MAX_RECORD_CHARACTERS:,} characters: is it CSV?")
            lines.append(line)
            yield line

    number = 0
    before = csv.field_size_limit(MAX_RECORD_CHARACTERS)
    try:
        for fields in csv.reader(feed(), delimiter=delimiter):
            raw = "".join(lines)
            lines.clear()
            number += bool(fields)
            yield fields, raw.removesuffix("\n").removesuffix("\r"), len(raw.encode())
    except csv.Error as problem:
        raise Unreadable(
            f"cannot be split into records after record {number:,} ({problem}): is a quote never closed?"
        ) from None
    finally:
        csv.field_size_limit(before)


def read_header(decoded: Decoded, delimiter: str) -> tuple[list[str], int]:
    """The first record that is not blank, and the byte at which the records after it start."""
    start = decoded.offset
    with decoded.path.open("rb") as file:
        file.seek(start)
        for fields, text, size in records(file, delimiter):
            start += size
            if text.lstrip()[:1] == "<":
                raise Unreadable("is HTML or XML, not CSV (a login or an error page?)")
            if any(field.strip() for field in fields):
                return fields, start
    raise Unreadable("has no header line, only blanks")


def write_body(source: Path, start: int, target: Path, layout: Layout) -> tuple[int, int]:
    """Copy the records from byte ``start`` on, each ended by LF and without blank lines.

    Returns the number of records, and that of their fields. In a file of one column a blank line is a record with
    an empty value. Raises Unreadable where an unclosed quote takes in further lines.
    """
    is_one_column = len(layout.header) == 1
    counts = _write_unquoted(source, start, target, layout.delimiter.encode(), is_one_column)
    return counts or _write_quoted(source, start, target, layout, is_one_column)


def _write_unquoted(
    source: Path, start: int, target: Path, delimiter: bytes, is_one_column: bool
) -> tuple[int, int] | None:
    """In bulk, where no quote occurs and so every line is a record; None when one does."""
    count = delimiters = 0
    carry = b""
    with source.open("rb") as file, target.open("wb") as out:
        file.seek(start)
        while chunk := file.read(CHUNK_BYTES):
            if b'"' in chunk:
                return None
            block = carry + chunk
            split = block.endswith(b"\r")
            if split:
                block = block[:-1]
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            end = block.rfind(b"\n") + 1
            carry = block[end:] + (b"\r" if split else b"")
            if len(carry) > MAX_RECORD_CHARACTERS:
                raise Unreadable(f"has a line of more than {MAX_RECORD_CHARACTERS:,} bytes: is it CSV?")
            block = block[:end]
            if not is_one_column:
                while b"\n\n" in block:
                    block = block.replace(b"\n\n", b"\n")
                block = block.removeprefix(b"\n")
            count += block.count(b"\n")
            delimiters += block.count(delimiter)
            out.write(block)
        if carry.rstrip(b"\r") or (carry and is_one_column):
            out.write(carry.removesuffix(b"\r") + b"\n")
            count += 1
            delimiters += carry.count(delimiter)
    return count, count + delimiters


def _write_quoted(source: Path, start: int, target: Path, layout: Layout, is_one_column: bool) -> tuple[int, int]:
    count = fields_count = 0
    fields: list[str] = []
    text = ""
    with source.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
        file.seek(start)
        for fields, text, _ in records(file, layout.delimiter):
            if fields or is_one_column:
                out.write(text + "\n")
                count += 1
                fields_count += len(fields) or 1
                if "\n" in text or "\r" in text:
                    refuse_swallowed_rows(count, fields, text, layout)
    # The text of a record comes without its line end: of a file cut after a line break in a cell, without that one.
    refuse_swallowed_rows(count, fields, text, layout)
    return count, fields_count


def widths_of(body: Path, delimiter: str) -> npt.NDArray[np.int64]:
    """How many fields each record has, in a file that ``write_body`` wrote."""
    with body.open("rb") as file:
        return np.fromiter((len(fields) or 1 for fields, _, _ in records(file, delimiter)), dtype=np.int64)


def texts_of(body: Path, delimiter: str, numbers: set[int]) -> dict[int, str]:
    """The texts of the records with these numbers (from 1) in a file that ``write_body`` wrote."""
    if not numbers:
        return {}
    with body.open("rb") as file:
        found = {}
        for number, (_, text, _) in enumerate(records(file, delimiter), start=1):
            if number in numbers:
                found[number] = text
    return found
