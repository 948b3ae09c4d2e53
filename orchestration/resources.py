"""The run as a Dagster resource: it begins with the first step and ends with the last, in one process."""

from collections.abc import Iterator

import dagster as dg

from orchestration.prepare import Prepared
from orchestration.run import Run, RunRequest, open_run


def run_resource(prepared: Prepared) -> dg.ResourceDefinition:
    """Opens the run (lock, sweep, dates) from the config of a schedule or of the launchpad."""

    @dg.resource(
        config_schema={
            "as_of": dg.Field(str, is_required=False, description="Business dates up to it count (YYYY-MM-DD)"),
            "known_on": dg.Field(str, is_required=False, description="Loads up to this load date are used"),
            "full_refresh": dg.Field(bool, default_value=False, description="Rebuild the incremental facts"),
            "again": dg.Field(bool, default_value=False, description="Publish a load set that was rolled back"),
            "scheduled": dg.Field(bool, default_value=False, description="Extracts that did not arrive refuse the run"),
        }
    )
    def run(context: dg.InitResourceContext) -> Iterator[Run]:
        with open_run(prepared, RunRequest.from_config(context.resource_config)) as opened:
            yield opened

    return run
