"""dbt models as assets, one group per stage, with dbt's tests as their checks."""

from collections.abc import Iterator
from typing import Any, Literal, cast

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration import daily, stages
from orchestration.prepare import Prepared

MARTS = f"fqn:liucun.{stages.MARTS}"
UNIT_TESTS = "resource_type:unit_test"
TRANSLATOR = DagsterDbtTranslator()
_RESULTS = {"LogModelResult", "LogTestResult", "LogSeedResult"}


def dbt_stage(prepared: Prepared, stage: Literal["customers", "marts"]) -> dg.AssetsDefinition:
    """The models of one stage; a failed test or model fails the step and everything after it."""

    @dbt_assets(  # type: ignore[untyped-decorator]
        manifest=prepared.manifest,
        select=MARTS if stage == "marts" else "fqn:*",
        exclude=UNIT_TESTS if stage == "marts" else f"{MARTS} {UNIT_TESTS}",
        name=f"build_{stage}",
        required_resource_keys={"run"},
        dagster_dbt_translator=TRANSLATOR,
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        events: list[Any] = []
        try:
            daily.build(context.resources.run(), stage, events.append)
        finally:
            yield from _dagster_events(events, prepared, context)

    return cast(dg.AssetsDefinition, build)


def _dagster_events(events: list[Any], prepared: Prepared, context: dg.AssetExecutionContext) -> Iterator[Any]:
    """What dbt reported, told to Dagster as its own command-line integration would."""
    from dbt_common.events.functions import msg_to_dict

    for event in events:
        if event.info.name in _RESULTS:
            message = DbtCoreCliEventMessage(raw_event=msg_to_dict(event), event_history_metadata={})
            yield from message.to_default_asset_events(prepared.manifest, TRANSLATOR, context)
