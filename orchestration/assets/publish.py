"""The last asset: what readers see."""

from typing import Any

import dagster as dg

from orchestration import daily
from orchestration.assets.transform import TRANSLATOR
from orchestration.prepare import Prepared


def published_asset(prepared: Prepared) -> dg.AssetsDefinition:
    """``published``, which stands on every published table, and so on every gate."""
    tables = [TRANSLATOR.get_asset_spec(prepared.manifest, node, None).key for node in prepared.stages.published]

    @dg.asset(name="published", deps=tables, group_name="publish", required_resource_keys={"run"})
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        """A fresh read-only file of the marts, verified, and the flip of published/current to it."""
        result = daily.publish(context.resources.run())
        return dg.MaterializeResult(metadata={"run_id": result.run_id, "path": str(result.path)})

    return published
