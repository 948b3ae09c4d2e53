"""The steps of a run besides its gates, as plain functions that Dagster's assets call; nothing here knows Dagster."""

import importlib.metadata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from data_quality.validation import great_expectations
from orchestration import facts, recorded
from orchestration.erasure.tombstones import add_tombstones
from orchestration.exports import write_exports
from orchestration.files import remove_tree
from orchestration.ingest import acceptance
from orchestration.ingest.catalog import register_raw
from orchestration.ingest.contract import SourceObject
from orchestration.ingest.landing import LandingLoad
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.manifest import Manifest as LoadManifest
from orchestration.ingest.receive import Received, open_engine
from orchestration.ingest.receive import receive as receive_load
from orchestration.ingest.side_by_side import Task, is_worth_it, receive_side_by_side
from orchestration.publish import personal_data
from orchestration.publish import runs as published_runs
from orchestration.publish.candidate import RunRow, build_candidate
from orchestration.publish.manifest import Manifest, write_manifest
from orchestration.publish.pointer import flip
from orchestration.publish.state import StateRun, chain, write_state
from orchestration.publish.verify import verify_candidate
from orchestration.publish.withdrawals import restore, withdrawal
from orchestration.run import Published, Run, Withdrawn, settle_dates

PACKAGES = ("liucun", "dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")


def receive(run: Run) -> list[Received]:
    """Converts what is new in landing to Parquet in incoming/."""
    with run.steps.step("receive") as step:
        # Customers first: who is told by an identifier is erased under the new id, and so are the orders of it.
        loads = sorted(run.landing_loads, key=lambda load: not _spec(run, load).holds_customers)
        again = {load.load_id for load in loads if run.ledger.status(load) == "again"}
        run.accepted_again += [a for a in run.ledger.accepted() if a.load_id in again]
        new = [
            Task(load, _spec(run, load), run.ledger.accept_because(load.load_id))
            for load in loads
            if run.ledger.status(load) == "new"
        ]
        for received in _received(run, new):
            _keep(run, received)
        step.rows = sum(load.manifest.loaded_count for load in run.received)
        rejected = sum(load.manifest.rejected_count for load in run.received)
        step.note = f"{len(run.received)} new loads" + (f", {rejected:,} records rejected" if rejected else "")
    return run.received


def _received(run: Run, new: Sequence[Task]) -> Iterator[Received]:
    incoming, threads = run.folders.incoming, run.prepared.settings.threads
    # Where people were erased, each load may say who else is one of them to those after it.
    if run.erased is None and is_worth_it(new, threads):
        yield from receive_side_by_side(new, incoming, threads, meanwhile=lambda: _get_ready(run))
        return
    with open_engine(incoming, threads) as engine:
        for task in new:
            yield receive_load(
                task.load, task.spec, incoming, accept_because=task.because, engine=engine, erased=run.erased
            )


def _get_ready(run: Run) -> None:
    """What later steps would wait for: seconds of imports, and of dbt reading its project."""
    great_expectations()
    _ = run.prepared.manifest


def _keep(run: Run, received: Received) -> None:
    load = received.load
    run.received.append(received)
    if run.erased and received.erased_keys:
        marks = {("record", run.erased.record_mark(key)) for key in received.erased_keys}
        run.erased = add_tombstones(run.folders, run.erased, marks, run.started_at)
    if received.manifest.erased_count:
        run.note(
            f"{load.source}.{load.object} {load.load_date}: {received.manifest.erased_count:,} records of erased "
            f"people left out; the source still sends them, and {run.folders.command('erase --again')} clears them "
            "from landing"
        )
    for note in received.manifest.notes:
        run.note(f"{load.source}.{load.object} {load.load_date}: {note}")


def _spec(run: Run, load: LandingLoad) -> SourceObject:
    return run.prepared.sources[load.source].objects[load.object]


def accept(run: Run) -> None:
    """Accepts the judged loads, all or none, and shows dbt the ones in force, the state chain and the run's dates."""
    with run.steps.step("accept") as step:
        accepted = acceptance.accept_all(
            run.folders,
            run.received,
            run.started_at,
            again=run.accepted_again,
            after=lambda name: run.steps.killable(f"accept_{name.split()[0]}"),
        )
        step.note = f"{len(accepted)} loads"
        run.ledger = Ledger(run.folders)
        settle_dates(run)
        run.in_force = run.ledger.in_force(run.known_on)
        if run.kind == "daily":
            _heed_rollback(run)
    with run.steps.step("register") as step, run.connect() as con:
        register_raw(con, run.folders, run.prepared.sources.values(), run.in_force, run.ledger.accepted())
        recorded.register(con, run)
        facts.register(con)
        step.note = f"{len(run.in_force)} loads in force"


def build(run: Run, stage: Literal["customers", "marts"], on_event: Callable[[Any], None] = lambda _: None) -> None:
    """Builds and tests the dbt nodes of one stage; ``on_event`` is told what dbt reports."""
    with run.steps.step(f"build_{stage}") as step:
        names = getattr(run.prepared.stages, stage)
        full_refresh = False
        if stage == "customers":
            with run.connect() as con:
                full_refresh = run.request.full_refresh or not facts.can_continue(con, run)
                facts.forget(con)

        def listen(event: Any) -> None:
            on_event(event)
            if event.info.name == "LogModelResult":
                run.steps.killable(event.data.node_info.node_name)

        results = run.prepared.dbt.build(names, full_refresh, listen)
        if stage == "customers":
            with run.connect() as con:
                facts.remember(con, run)
        tests = sum(result.unique_id.startswith("test.") for result in results)
        step.note = f"{len(results) - tests} tables and {tests} tests"


def publish(run: Run) -> Published:
    """Builds the file that readers open, scans and verifies it, records the state, flips, and writes the exports."""
    folders, settings = run.folders, run.prepared.settings
    links = chain(folders)
    parent = links[-1].run_id if links else None
    staging = published_runs.staging_directory(folders, run.run_id)
    try:
        path = _finish(run, staging, parent)
    except BaseException:
        # Readers share this folder: what was not found clean does not stay in it.
        remove_tree(staging)
        raise
    if run.kind == "daily":
        with run.steps.step("state"), run.connect() as con:
            link = StateRun(run.run_id, parent, run.as_of_date, len(links) + 1)
            write_state(folders, link, recorded.tables(con, run))
        with run.steps.step("flip"):
            if run.request.again:
                load_ids = [load.load_id for load in run.in_force]
                restore(folders, load_ids, because="run --again", by=settings.user, at=run.started_at)
            flip(folders, run.run_id)
            path = folders.published / "current"
    run.published = Published(run.run_id, path)
    with run.steps.step("prune") as step:
        step.note = f"{len(published_runs.prune(folders, run.prepared.warehouse.retention.runs))} old runs"
    if run.kind == "daily":
        with run.steps.step("export") as step, run.connect() as con:
            counts = write_exports(con, folders.exports)
            step.rows, step.note = sum(counts.values()), f"{len(counts)} files for {', '.join(counts)}"
    return run.published


def _finish(run: Run, staging: Path, parent: str | None) -> Path:
    """Fills ``staging`` with the candidate, scans and verifies it, and puts it among the runs; returns its place."""
    folders, settings = run.folders, run.prepared.settings
    row = RunRow(run.run_id, run.as_of_date, run.known_on)
    tables = run.prepared.published
    with run.steps.step("candidate") as step:
        checksums = build_candidate(
            folders.warehouse_file, tables, staging, row, settings.threads, settings.memory_limit
        )
        step.rows = sum(table["rows"] for table in checksums.values())
        step.note = f"{len(tables)} tables"
    with run.steps.step("scan"):
        personal_data.refuse(personal_data.scan(staging / "marts.duckdb"))
    with run.steps.step("verify"):
        verify_candidate(staging, tables, checksums, row)
    with run.steps.step("publish"):
        write_manifest(
            staging,
            Manifest(
                run_id=run.run_id,
                parent=parent,
                kind=run.kind,
                as_of_date=run.as_of_date,
                known_on=run.known_on,
                created_at=run.started_at,
                versions=_versions(run),
                loads=tuple(_load_entry(load.manifest) for load in run.in_force),
                tables=checksums,
                gates=tuple(row for report in run.gates for row in report.as_rows()),
                steps=tuple(step.as_dict() for step in run.steps.done),
            ),
        )
        return published_runs.publish(folders, staging, run.run_id)


def _heed_rollback(run: Run) -> None:
    """A person took back a run with exactly these loads: the next schedule must not bring it back by itself."""
    load_ids = [load.load_id for load in run.in_force]
    decision = withdrawal(run.folders, load_ids)
    if decision is not None and not run.request.again:
        raise Withdrawn(
            f"these {len(load_ids)} loads are those of run {decision.run_id}, which {decision.decided_by} rolled back "
            f"({decision.because}). What is current stays; new loads will be published as ever, and "
            f"{run.folders.command('run --again')} publishes these."
        )


def _load_entry(manifest: LoadManifest) -> dict[str, Any]:
    counts = manifest.model_dump(
        include={"load_id", "source", "object", "received_count", "loaded_count", "rejected_count"}
    )
    return {**counts, "load_date": manifest.load_date.isoformat(), "notes": list(manifest.notes)}


def _versions(run: Run) -> dict[str, str]:
    found = {package: importlib.metadata.version(package) for package in PACKAGES}
    return {**found, "code": run.prepared.code}
