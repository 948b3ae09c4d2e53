"""Writes an extract so that nobody can see half of it."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import duckdb


def extract_path(landing: Path, source: str, name: str, load_date: date) -> Path:
    """``landing/<source>/<name>/load_date=YYYY-MM-DD/<name>.csv``, the layout that ingest reads."""
    return landing / source / name / f"load_date={load_date.isoformat()}" / f"{name}.csv"


def write_missing(files: Iterable[tuple[Path, Callable[[Path], None]]]) -> list[Path]:
    """Let each writer make its file, unless the file is there; return the files written.

    A writer gets a hidden path beside the target, which ingest ignores; the rename at the end makes the whole
    file visible at once. What a killed run left is overwritten by the next.
    """
    written = []
    for target, write in files:
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        hidden = target.with_name(f".{target.name}.part")
        write(hidden)
        hidden.replace(target)
        written.append(target)
    return written


def copy_to_csv(query: str, target: Path) -> None:
    """Write the rows of a DuckDB query, in their order, to UTF-8 CSV with a header; NULL is an empty field."""
    quoted = str(target).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute("set autoinstall_known_extensions = false")
        # Under `python -c` and in notebooks DuckDB would draw one on standard output after two seconds.
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"copy ({query}) to '{quoted}' (format csv, header, delimiter ',')")
