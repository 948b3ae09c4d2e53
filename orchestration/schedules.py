"""When the warehouse runs by itself."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from orchestration.warehouse import Warehouse

DAILY_AT = "0 6 * * *"


def daily_schedule(job: UnresolvedAssetJobDefinition, warehouse: Warehouse) -> dg.ScheduleDefinition:
    """Every morning at six, business time. The tick's date is the run's date: a late start changes no figure."""

    @dg.schedule(
        job=job,
        cron_schedule=DAILY_AT,
        execution_timezone=warehouse.time_zone,
        name="every_morning",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        tick = warehouse.day_of(context.scheduled_execution_time).isoformat()
        return dg.RunRequest(
            run_key=tick, run_config={"resources": {"run": {"config": {"known_on": tick, "scheduled": True}}}}
        )

    return every_morning
