"""Readers in processes of their own look at published/current while runs are flipped."""

import subprocess
import sys

from orchestration.publish.verify import verify_candidate

# Resolves `current` once per read, as docs/reading.md says; one line per read: the run, and every serial it saw.
READER = """
import pathlib, sys, duckdb
current, stop = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
inside = {"enable_external_access": "false", "lock_configuration": "true", "threads": 1}
while True:
    last = stop.exists()
    run = current.resolve()
    serials = {int((run / "serial").read_text())}
    with duckdb.connect(str(run / "marts.duckdb"), read_only=True, config=inside) as connection:
        serials.add(int(connection.execute("select run_id from marts.run").fetchall()[0][0][11:17]))
        for table in ("dim_customer", "mart_sales"):
            query = f"select distinct serial from marts.{table}"
            serials.update(row[0] for row in connection.execute(query).fetchall())
    with duckdb.connect(config={"threads": 1}) as connection:
        for table in ("dim_customer", "mart_sales"):
            query = f"select distinct serial from read_parquet('{run}/parquet/{table}.parquet')"
            serials.update(row[0] for row in connection.execute(query).fetchall())
    print(run.name, *serials, flush=True)
    if last:
        break
"""


def test_three_readers_see_no_error_and_no_torn_read_while_fifty_runs_flip(warehouse, build_one, tables, tmp_path):
    built = [build_one(f"candidate-{serial}", serial=serial) for serial in (1, 2, 3)]
    for directory, checksums, run in built:
        verify_candidate(directory, tables, checksums, run)
        (directory / "serial").write_text(str(int(run.run_id[11:17])))

    def publish_one() -> None:
        # Neighbouring runs differ in every row.
        warehouse.run(copy_of=built[len(warehouse.made) % 3][0])

    publish_one()
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(warehouse.folders.published / "current"), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    reads: list[list[str]] = [[reader.stdout.readline()] for reader in readers]
    for number in range(50):
        publish_one()
        # Keeps the flips from running away from a slow reader.
        reads[number % 3].append(readers[number % 3].stdout.readline())
    stop.touch()
    for reader, lines in zip(readers, reads, strict=True):
        output, errors = reader.communicate()
        assert (reader.returncode, errors) == (0, "")
        lines.extend(output.splitlines())
        assert [line for line in lines if len(line.split()) != 2] == []
        runs = [line.split()[0] for line in lines]
        assert runs == sorted(runs)
        assert runs[0] == warehouse.made[0]
        assert runs[-1] == warehouse.made[50]
        assert len(set(runs)) > 3
