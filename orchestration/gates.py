"""What the three gates judge, and what follows from a verdict."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from data_quality.expectations import Expectation
from data_quality.gate import GateReport, GateResult, Relation, evaluate
from data_quality.parts import evaluate_parts
from data_quality.report import write_report
from orchestration.errors import GateRefused
from orchestration.ingest import acceptance
from orchestration.ingest.ledger import Quarantined
from orchestration.ingest.profile import INCOMING, register_incoming, union_of_facts, union_of_rows
from orchestration.ingest.receive import Received
from orchestration.run import Run


@dataclass(frozen=True)
class Verdict:
    """Whether the run may go on, and the paragraph that says why or why not."""

    passed: bool
    paragraph: str


def judge_raw(run: Run) -> Verdict:
    """Judges every new load on its own, before any is accepted.

    A refused load goes to quarantine. If its object is required, the run is refused and accepts nothing; else the
    object is held back, and the run goes on with what it had. An earlier refusal stands until a newer good load or a
    person lifts it.
    """
    with run.steps.step("gate_raw") as step:
        report, of_load = _judge_loads(run)
        step.note = f"{len(report.results)} expectations on {len(of_load)} loads"
        _record(run, report)
        reasons = {load.load_id: _reasons(load, of_load) for load in run.received}
        refused = [load for load in run.received if reasons[load.load_id]]
        run.received = [load for load in run.received if not reasons[load.load_id]]
        for load in refused:
            acceptance.refuse(run.folders, load, reasons[load.load_id], run.started_at)
            if not load.object.required:
                run.note(f"held back: {_refused_line(run, load.load_id, reasons[load.load_id])}")
        for q in _standing(run, "held_back"):
            run.note(f"still held back: {_refused_line(run, q.load_id, q.manifest.reasons, q.is_readable)}")
        problems = [
            *(
                _refused_line(run, load.load_id, reasons[load.load_id], load.is_readable)
                for load in refused
                if load.object.required
            ),
            *(
                _refused_line(run, q.load_id, q.manifest.reasons, q.is_readable)
                for q in _standing(run, "blocking_refusals")
            ),
            *(result.sentence() for result in report.results if result.status == "not_evaluated"),
            *(f"{name} is required and was never received." for name in _never_received(run)),
            *_late(run),
        ]
        if problems:
            accepts_nothing = "Nothing was accepted or published; what was published before stays."
            return _refuse(run, f"The gate raw refused: {' '.join(problems)} {accepts_nothing}")
    return Verdict(True, report.paragraph())


def judge_customers(run: Run) -> Verdict:
    """Judges cleansing and merging, before any mart reads them."""
    return _judge_tables(run, "customers")


def judge_marts(run: Run) -> Verdict:
    """Judges the marts, before anything is published."""
    return _judge_tables(run, "marts")


def _judge_tables(run: Run, suite: Literal["customers", "marts"]) -> Verdict:
    with run.steps.step(f"gate_{suite}") as step:
        # Staging of sources that this warehouse does not use; a table that nobody knows stays, and blocks.
        unused = {node["name"] for nodes in run.prepared.manifest["disabled"].values() for node in nodes}
        chosen = [e for e in run.prepared.expectations if e.suite == suite and e.table not in unused]
        nodes = [n for n in run.prepared.manifest["nodes"].values() if n["resource_type"] == "model"]
        relations = {node["name"]: Relation(node["schema"], node["alias"]) for node in nodes}
        with run.connect() as con:
            report = evaluate(con, chosen, relations)
        _record(run, report)
        step.note = f"{len(report.results)} expectations"
        if report.blocks:
            nothing = "Nothing was published; what was published before stays."
            return _refuse(run, f"{report.paragraph()} {nothing} All verdicts: {run.folders.logs / 'gates.html'}.")
    return Verdict(True, report.paragraph())


def _judge_loads(run: Run) -> tuple[GateReport, dict[str, list[GateResult]]]:
    """All verdicts on the readable loads: what is expected of any load, and of each object's columns; and per load."""
    expectations = [e for e in run.prepared.expectations if e.suite == "raw"]
    readable = {load.load_id: load for load in run.received if load.is_readable}
    verdicts: list[GateResult] = []
    of_load: dict[str, list[GateResult]] = {load_id: [] for load_id in readable}
    with duckdb.connect() as con:
        con.execute("set autoinstall_known_extensions = false; set timezone = 'UTC'")
        views = register_incoming(con, run.received, run.ledger, run.prepared.sources.values(), run.known_on)
        names = {load_id: view.load for load_id, view in views.items()}
        facts = [e for e in expectations if e.table == "load"]
        judged = [(facts, names, lambda load_ids: Relation(INCOMING, union_of_facts(con, load_ids)))]
        for chosen, loads in _like_loads(run, expectations):
            names = {load.load_id: views[load.load_id].rows for load in loads}
            judged.append((chosen, names, _union_of_rows(con, names, chosen, loads)))
        for chosen, names, union in judged:
            if not chosen:
                continue
            parts = {load_id: Relation(INCOMING, name) for load_id, name in names.items()}
            report = evaluate_parts(con, chosen, parts, union)
            verdicts += report.whole.results
            for load_id, found in report.parts.items():
                own = readable[load_id].load
                of_load[load_id] += [dataclasses.replace(r, table=f"{own.source}.{own.object}") for r in found.results]
    verdicts += [result for results in of_load.values() for result in results]
    return GateReport(tuple(verdicts)), of_load


def _union_of_rows(
    con: duckdb.DuckDBPyConnection,
    names: Mapping[str, str],
    chosen: Sequence[Expectation],
    loads: Sequence[Received],
) -> Callable[[Sequence[str]], Relation]:
    columns = [column for expectation in chosen for column in expectation.columns]
    rows = sum(load.manifest.loaded_count for load in loads)
    return lambda load_ids: Relation(INCOMING, union_of_rows(con, [names[i] for i in load_ids], columns, rows))


def _like_loads(run: Run, expectations: Iterable[Expectation]) -> list[tuple[list[Expectation], list[Received]]]:
    """The readable loads of each object, those together of which the same is expected; the oldest first."""
    before = _columns_before(run)
    groups: dict[tuple[str, ...], tuple[list[Expectation], list[Received]]] = {}
    for load in run.received:
        if load.is_readable:
            name = f"{load.load.source}.{load.load.object}"
            present = {*load.manifest.columns_present, *before.get(name, ())}
            chosen = [e for e in expectations if e.table == name and _is_about(e, present)]
            groups.setdefault((name, *(e.id for e in chosen)), (chosen, []))[1].append(load)
    return list(groups.values())


def _columns_before(run: Run) -> dict[str, tuple[str, ...]]:
    """Columns that each object's newest accepted load had: one that has vanished since is judged as empty."""
    oldest_first = sorted(run.ledger.in_force(), key=lambda load: load.manifest.load_date)
    return {f"{a.manifest.source}.{a.manifest.object}": a.manifest.columns_present for a in oldest_first}


def _is_about(expectation: Expectation, present: Iterable[str]) -> bool:
    """Whether the extract has the columns in question: systems lack optional ones, and that is no fault of the load."""
    return all(column.startswith("_") or column in present for column in expectation.columns)


def _reasons(load: Received, of_load: dict[str, list[GateResult]]) -> list[str]:
    if load.refusals:
        return list(load.refusals)
    if load.manifest.decision is not None:
        return []
    return [r.sentence() for r in of_load[load.load_id] if r.blocks and r.status == "failed"]


def _standing(run: Run, which: Literal["blocking_refusals", "held_back"]) -> list[Quarantined]:
    """Refusals of earlier runs that nobody lifted and that this run's good loads do not supersede."""
    again = {load.load_id for load in run.accepted_again}
    pending = [load.load for load in run.received] + [w for w in run.landing_loads if w.load_id in again]
    judged_now = {load.load_id for load in run.landing_loads if run.ledger.status(load) == "new"}
    refusals = getattr(run.ledger, which)(run.prepared.sources.values(), run.known_on, pending)
    return [q for q in refusals if q.load_id not in judged_now]


def _never_received(run: Run) -> list[str]:
    there = {f"{m.source}.{m.object}" for m in (a.manifest for a in run.ledger.in_force(run.known_on))}
    there |= {f"{load.load.source}.{load.load.object}" for load in run.received}
    return [name for name in run.prepared.warehouse.required_objects if name not in there]


def _late(run: Run) -> list[str]:
    """On a schedule, extracts that did not come: yesterday's figures would be empty and look like bad business."""
    if not run.request.scheduled:
        return []
    late = []
    for name in run.prepared.warehouse.required_objects:
        source, object_name = name.split(".")
        key = (source, object_name)
        dates = [a.manifest.load_date for a in run.ledger.in_force(run.known_on) if a.key == key]
        dates += [r.load.load_date for r in run.received if (r.load.source, r.load.object) == key]
        allowed = run.prepared.sources[source].objects[object_name].fresh_within_days
        if dates and (run.known_on - max(dates)).days >= max(allowed, 1):
            late.append(
                f"raw/freshness (critical): the newest load of {name} is of {max(dates)}; on {run.known_on} one of the "
                f"last {allowed} day(s) must be there, or days without extracts would look like days without business."
            )
    return late


def _refused_line(run: Run, load_id: str, reasons: Iterable[str], is_readable: bool = True) -> str:
    lies = run.folders.quarantine / load_id
    accept = f"{run.folders.command(f'accept {load_id} --because …')}, or " if is_readable else ""
    return (
        f"Load {load_id}: {' '.join(reasons)} It lies in {lies} (rejects.parquet: the records that could not be read); "
        f"send a corrected file, or {accept}{run.folders.command(f'discard {load_id} --because …')}."
    )


def _record(run: Run, report: GateReport) -> None:
    run.gates.append(report)
    write_report(run.gates, run.folders.logs / "gates.html")
    for result in report.results:
        if result.status == "failed" and not result.blocks:
            run.note(f"warning: {result.sentence()}")


def _refuse(run: Run, paragraph: str) -> Verdict:
    run.steps.failure = GateRefused(paragraph)
    return Verdict(False, paragraph)
