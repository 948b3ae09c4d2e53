"""Opens a published run with the oldest DuckDB that readers may have, with pandas and with pyarrow.

    python benchmarks/read_with_older_duckdb.py var/demo/published/current [--duckdb 1.4.*]

Makes an environment of its own in a temporary folder, so that nothing of the project's takes part in the reading.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

READ = r"""
import json, pathlib, sys
import duckdb, pandas, pyarrow, pyarrow.parquet

run = pathlib.Path(sys.argv[1])
rows = {name: table["rows"] for name, table in json.loads((run / "manifest.json").read_text())["tables"].items()}
print(f"duckdb {duckdb.__version__}, pandas {pandas.__version__}, pyarrow {pyarrow.__version__}")
config = {"enable_external_access": "false", "lock_configuration": "true"}
wrong = []
with duckdb.connect(str(run / "marts.duckdb"), read_only=True, config=config) as connection:
    print("run", *connection.execute("select * from marts.run").fetchall()[0])
    for name, expected in sorted(rows.items()):
        table = f'marts."{name}"'
        found = {
            "duckdb": connection.execute(f"select count(*) from {table}").fetchall()[0][0],
            "duckdb to pandas": len(connection.execute(f"select * from {table}").df()),
            "pandas": len(pandas.read_parquet(run / "parquet" / f"{name}.parquet")),
            "pyarrow": pyarrow.parquet.read_table(run / "parquet" / f"{name}.parquet").num_rows,
        }
        silent = connection.execute(
            "select count(*) from duckdb_columns() where table_name = ? and coalesce(comment, '') = ''", [name]
        ).fetchall()[0][0]
        sound = set(found.values()) == {expected} and not silent
        print("ok   " if sound else "WRONG", f"{name}: {expected:,} rows", *([] if sound else [found, silent]))
        wrong += [] if sound else [name]
sys.exit(bool(wrong))
"""


def main() -> int:
    """Returns 0 if every table of the manifest reads with its rows and comments everywhere, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of a published run, or its marts.duckdb")
    parser.add_argument("--duckdb", default="1.4.*", help="version to install (default %(default)s)")
    arguments = parser.parse_args()
    run = arguments.run.resolve()
    run = run.parent if run.is_file() else run
    if not (run / "marts.duckdb").is_file() or not json.loads((run / "manifest.json").read_text())["tables"]:
        parser.error(f"{arguments.run} is no published run")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        packages = [f"duckdb=={arguments.duckdb}", "pandas", "pyarrow"]
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)
        return subprocess.run([python, "-W", "ignore", "-c", READ, str(run)], cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())
