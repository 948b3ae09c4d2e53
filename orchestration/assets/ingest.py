"""Assets from landing to raw: what arrived, and what was accepted."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import daily
from orchestration.prepare import Prepared

INCOMING = dg.AssetKey("incoming")


def ingest_assets(prepared: Prepared) -> list[dg.AssetsDefinition]:
    """``incoming`` (loads converted, not trusted) and one asset per raw object, keyed as dbt keys its sources."""

    @dg.asset(key=INCOMING, group_name="ingest", required_resource_keys={"run"})
    def incoming(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        """Loads of this run, decoded, checked against their contracts and converted to Parquet; not yet trusted."""
        received = daily.receive(context.resources.run())
        return dg.MaterializeResult(
            metadata={"loads": len(received), "rows": sum(r.manifest.loaded_count for r in received)}
        )

    specs = [
        dg.AssetSpec([source.source, name], deps=[INCOMING], group_name="raw", description=spec.description)
        for source in prepared.sources.values()
        for name, spec in source.objects.items()
    ]

    @dg.multi_asset(name="raw", specs=specs, required_resource_keys={"run"})
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        """Accepts the loads that passed the gate, all or none, and shows dbt the ones in force."""
        daily.accept(context.resources.run())
        for spec in specs:
            yield dg.MaterializeResult(asset_key=spec.key)

    return [incoming, raw]
