"""What starts a run besides the clock."""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import scan
from orchestration.prepare import Prepared


def landing_sensor(job: UnresolvedAssetJobDefinition, prepared: Prepared) -> dg.SensorDefinition:
    """Starts a run when landing holds loads that were not there at the last look. Off until somebody turns it on."""

    @dg.sensor(job=job, name="new_extracts", minimum_interval_seconds=300)
    def new_extracts(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        hashes = Hashes(prepared.folders.private / "hashes.json")
        found = scan(prepared.folders.landing, prepared.sources.values(), hashes=hashes)
        if found.waiting:
            return dg.SkipReason(f"{found.waiting[0].name} is still being written")
        loads = ",".join(sorted(load.load_id for load in found.loads))
        if loads == (context.cursor or ""):
            return dg.SkipReason("nothing new in landing")
        context.update_cursor(loads)
        return dg.RunRequest()

    return new_extracts
