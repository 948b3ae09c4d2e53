"""What a folder's files say once decompressed and decoded: cells, values, rows, logs, and the files' own names."""

import gzip
import re
import zipfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def contents(folder: Path) -> dict[str, str]:
    """One text per file below ``folder``, by its path."""
    return {
        path.relative_to(folder).as_posix(): f"{path.name}\n{_text(path)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def files_with(folder: Path, *words: str) -> dict[str, list[str]]:
    """Per word the files that hold it, as a word of its own: ``12`` is not in ``120``."""
    texts = contents(folder)
    patterns = {word: re.compile(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])") for word in words}
    return {word: [path for path, text in texts.items() if found.search(text)] for word, found in patterns.items()}


def _text(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if data.startswith(b"PAR1"):
        table = pq.read_table(path)
        return f"{table.schema.metadata}\n" + "\n".join(map(str, table.to_pylist()))
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if path.suffix == ".duckdb":
        return _rows(path) + "\n" + data.decode("utf-8", "ignore")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _rows(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables() where not internal").fetchall()
        return "\n".join(
            str(row) for schema, table in tables for row in con.execute(f'from "{schema}"."{table}"').fetchall()
        )
