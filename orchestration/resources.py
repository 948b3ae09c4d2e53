"""The run as a Dagster resource: it begins with the first step that asks for it and ends with the last."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import dagster as dg

from orchestration.prepare import Prepared
from orchestration.run import Run, RunRequest, open_run


def run_resource(prepared: Prepared) -> dg.ResourceDefinition:
    """A function that gives the run, opened (lock, sweep, dates) from the config of a schedule or of the launchpad."""

    @dg.resource(
        config_schema={
            "as_of": dg.Field(str, is_required=False, description="Business dates up to it count (YYYY-MM-DD)"),
            "known_on": dg.Field(str, is_required=False, description="Loads up to this load date are used"),
            "full_refresh": dg.Field(bool, default_value=False, description="Rebuild the incremental facts"),
            "again": dg.Field(bool, default_value=False, description="Publish a load set that was rolled back"),
            "scheduled": dg.Field(bool, default_value=False, description="Extracts that did not arrive refuse the run"),
        }
    )
    def run(context: dg.InitResourceContext) -> Iterator[Callable[[], Run]]:
        # Dagster may make resources once more to look at a finished run; only a step that asks opens one.
        with ExitStack() as stack:
            yield cache(
                lambda: stack.enter_context(open_run(prepared, RunRequest.from_config(context.resource_config)))
            )

    return run
