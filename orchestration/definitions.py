"""The code location that Dagster loads: one warehouse, named by LIUCUN_WAREHOUSE."""

import dagster as dg

from orchestration.assets.ingest import ingest_assets
from orchestration.assets.publish import published_asset
from orchestration.assets.transform import dbt_stage
from orchestration.checks.gates import customers_gate, marts_gate, raw_gate
from orchestration.prepare import Prepared, prepare
from orchestration.resources import run_resource
from orchestration.schedules import daily_schedule
from orchestration.sensors import landing_sensor
from orchestration.settings import Settings

DAILY = "daily"


def definitions(prepared: Prepared) -> dg.Definitions:
    """Assets, gates, job, schedule and sensor of one warehouse."""
    transform = dbt_stage(prepared, "customers"), dbt_stage(prepared, "marts")
    gates = raw_gate(), customers_gate(prepared), marts_gate(prepared)
    # dbt and the gates share one DuckDB file, which only one process may write: never the multiprocess executor.
    job = dg.define_asset_job(DAILY, selection=dg.AssetSelection.all(), executor_def=dg.in_process_executor)
    return dg.Definitions(
        assets=[*ingest_assets(prepared), *transform, published_asset(prepared)],
        asset_checks=[*gates],
        jobs=[job],
        schedules=[daily_schedule(job, prepared.warehouse)],
        sensors=[landing_sensor(job, prepared)],
        resources={"run": run_resource(prepared)},
        executor=dg.in_process_executor,
    )


def __getattr__(name: str) -> dg.Definitions:
    """``defs``, made when Dagster asks for it: importing this module alone reads no environment."""
    if name != "defs":
        raise AttributeError(name)
    return definitions(prepare(Settings.from_environment()))
