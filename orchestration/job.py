"""The daily job from the command line: the same graph that the schedule runs, in this process, to its end."""

import dagster as dg

from orchestration.definitions import DAILY, definitions
from orchestration.errors import BadInput
from orchestration.lock import hold
from orchestration.prepare import Prepared, prepare
from orchestration.run import RunRequest, open_run
from orchestration.settings import PROJECT, Settings
from orchestration.summary import summary

# The steps print their own lines; Dagster's events would bury them.
QUIET_CONSOLE = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run_daily(settings: Settings, request: RunRequest) -> int:
    """Runs the job; prints a line per step, the published path and the summary. Returns 0.

    Raises:
        LiucunError: the run was refused or failed; its ``exit_code`` says how.
    """
    prepared = prepare(settings)
    with hold(prepared.folders.root):
        make_sample(prepared)
    with open_run(prepared, request) as run:
        job = definitions(prepared).resolve_job_def(DAILY)
        with dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(
                instance=instance, resources={"run": lambda: run}, raise_on_error=False, run_config=QUIET_CONSOLE
            )
        if run.failure is not None:
            raise run.failure
        if not result.success or run.published is None:
            broken = [e.step_failure_data.error for e in result.all_events if e.is_step_failure]
            raise RuntimeError("\n".join(error.to_string() for error in broken if error) or "the job gave no result")
    print(f"\n{run.published.path}")
    print("\n".join(summary(run.published.path / "marts.duckdb", prepared.warehouse.currency)))
    return 0


def make_sample(prepared: Prepared) -> None:
    """Writes the extracts of a warehouse that the project ships data for, if it has none yet."""
    from samples import MAKERS, SampleError, make_landing

    shipped = (PROJECT / "warehouses" / f"{prepared.name}.yml").is_file()
    if not shipped or prepared.name not in MAKERS or any(prepared.folders.raw.glob("*/*/*/data.parquet")):
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
