"""The daily job from the command line: the steps that Dagster's graph runs, in its order, without its event log.

Nobody reads the events of a run by hand, and storing those of four hundred tables and tests took a third of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from orchestration import daily, gates
from orchestration.errors import BadInput, GateRefused
from orchestration.lock import hold
from orchestration.prepare import Prepared, prepare
from orchestration.run import Published, Run, RunRequest, open_run
from orchestration.settings import PROJECT, Settings, is_path
from orchestration.summary import summary


def run_daily(settings: Settings, request: RunRequest) -> int:
    """Runs the job; prints a line per step, the published path and the summary. Returns 0.

    A scheduled one is of today, as that of Dagster's schedule is of the day of its tick.

    Raises:
        LiucunError: the run was refused or failed; its ``exit_code`` says how.
    """
    prepared = prepare(settings)
    if request.scheduled:
        request = replace(request, known_on=prepared.warehouse.day_of(datetime.now(UTC)))
    with hold(prepared.folders.root):
        make_sample(prepared)
    with open_run(prepared, request) as run:
        published = run_steps(run)
    print(f"\n{published.path}")
    print("\n".join(summary(published.path / "marts.duckdb", prepared.warehouse.currency)))
    return 0


def run_steps(run: Run) -> Published:
    """From landing to what readers see.

    Raises:
        LiucunError: a step failed, or a gate refused what stood before it: nothing after it starts.
    """
    daily.receive(run)
    _pass(gates.judge_raw, run)
    daily.accept(run)
    daily.build(run, "customers")
    _pass(gates.judge_customers, run)
    daily.build(run, "marts")
    _pass(gates.judge_marts, run)
    return daily.publish(run)


def _pass(judge: Callable[[Run], gates.Verdict], run: Run) -> None:
    verdict = judge(run)
    if not verdict.passed:
        raise GateRefused(verdict.paragraph)


def make_sample(prepared: Prepared) -> None:
    """Writes the extracts of a warehouse that the project ships data for, if it has none yet."""
    from samples import MAKERS, SampleError, make_landing

    if prepared.name not in MAKERS or not _is_shipped(prepared):
        return
    if any(prepared.folders.raw.glob("*/*/*/data.parquet")):
        return
    if not prepared.folders.landing.exists():
        print(f"writing the extracts of {prepared.name} to {prepared.folders.landing}", flush=True)
    try:
        # What lies there already, from a first run that was killed, is not written again.
        written = make_landing(prepared.name, prepared.folders.landing)
    except SampleError as error:
        raise BadInput(str(error)) from None
    if written:
        print(f"wrote {len(written)} extracts", flush=True)


def _is_shipped(prepared: Prepared) -> bool:
    """Whether the warehouse's YAML is one of the project's: a user's own ``demo.yml`` has data of its own."""
    named = prepared.settings.warehouse
    shipped = PROJECT / "warehouses" / f"{prepared.name}.yml"
    return shipped.is_file() and (not is_path(named) or shipped.samefile(named))
