"""A reader in a process of its own, until told to stop: `python -m benchmarks.reader PUBLISHED STOP`.

Opens current/marts.duckdb as a BI tool does, then the Parquet files of the run that `current` named, resolved once, as
docs/reading.md says. One line of JSON per read: the run, and what was torn or went wrong.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from orchestration.publish.checksums import CONNECTION, table_checksum
from orchestration.sql import identifier, literal

CONFIG = {**CONNECTION, "threads": 1}


def main() -> None:
    """Reads until the file STOP is there, and once more."""
    published, stop = Path(sys.argv[1]), Path(sys.argv[2])
    while True:
        last = stop.exists()
        print(json.dumps(read(published)), flush=True)
        if last:
            break


def read(published: Path) -> dict[str, object]:
    """One read: ``run``; ``torn`` tables, which are not those of the run that they came with; ``error``, if any."""
    try:
        with duckdb.connect(str(published / "current" / "marts.duckdb"), read_only=True, config=CONFIG) as con:
            run = str(con.execute("select run_id from marts.run").fetchall()[0][0])
            _no_progress(con)
            torn = _torn(con, published, run, lambda name: f"marts.{identifier(name)}")
        folder = (published / "current").resolve()
        with duckdb.connect(config=CONFIG) as con:
            _no_progress(con)

            def parquet(name: str) -> str:
                return f"read_parquet({literal(str(folder / 'parquet' / f'{name}.parquet'))})"

            named = con.execute(f"select run_id from {parquet('run')}").fetchall()[0][0]
            torn += ["run.parquet"] if named != folder.name else []
            torn += _torn(con, published, folder.name, parquet)
        return {"run": run, "torn": torn, "error": None}
    except Exception as error:
        return {"run": None, "torn": [], "error": f"{type(error).__name__}: {error}"}


def _no_progress(con: duckdb.DuckDBPyConnection) -> None:
    """DuckDB would draw its progress on standard output where a read takes more than two seconds."""
    con.execute("set enable_progress_bar = false")


def _torn(con: duckdb.DuckDBPyConnection, published: Path, run: str, relation: Callable[[str], str]) -> list[str]:
    tables = json.loads((published / "runs" / run / "manifest.json").read_text(encoding="utf-8"))["tables"]
    torn = []
    for name, expected in tables.items():
        columns = [row[0] for row in con.execute(f"describe select * from {relation(name)}").fetchall()]
        if table_checksum(con, relation(name), columns) != expected:
            torn.append(name)
    return torn


if __name__ == "__main__":
    main()
