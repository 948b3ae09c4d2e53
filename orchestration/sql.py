"""Spelling values for DuckDB's SQL, where a parameter cannot stand."""

from pathlib import Path


def literal(text: str) -> str:
    """``text`` as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def parquet_scan(path: Path, options: str = "") -> str:
    """A ``read_parquet`` call for one file, whose folders' names (``load_date=…``) are no columns."""
    return f"read_parquet({file_literal(path)}, hive_partitioning = false{options and ', ' + options})"


def file_literal(path: Path) -> str:
    """``path`` as a SQL string for ``read_csv`` and ``read_parquet``, which take their argument for a glob."""
    return literal("".join(f"[{c}]" if c in "*?[" else c for c in str(path)))
