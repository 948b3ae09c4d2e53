"""The three gates as blocking checks.

A blocking check stops only what depends on its asset. A gate therefore stands on every table that a later stage reads,
and gives all of them the same verdict: otherwise marts that read an unjudged table would run, and publish after them.
"""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg

from orchestration import gates
from orchestration.assets.ingest import INCOMING
from orchestration.assets.transform import TRANSLATOR
from orchestration.prepare import Prepared
from orchestration.run import Run


def raw_gate() -> dg.AssetChecksDefinition:
    """Judges the incoming loads before any of them is accepted."""
    return _gate("gate_raw", [INCOMING], gates.judge_raw)


def customers_gate(prepared: Prepared) -> dg.AssetChecksDefinition:
    """Judges cleansing and merging before any mart is built."""
    return _gate("gate_customers", _keys(prepared, prepared.stages.read_by_marts), gates.judge_customers)


def marts_gate(prepared: Prepared) -> dg.AssetChecksDefinition:
    """Judges the marts before anything is published."""
    marts = [node for node in prepared.stages.published if node not in prepared.stages.read_by_marts]
    return _gate("gate_marts", _keys(prepared, marts), gates.judge_marts)


def _keys(prepared: Prepared, nodes: Sequence[str]) -> list[dg.AssetKey]:
    return [TRANSLATOR.get_asset_spec(prepared.manifest, node, None).key for node in nodes]


def _gate(name: str, keys: Sequence[dg.AssetKey], judge: Callable[[Run], gates.Verdict]) -> dg.AssetChecksDefinition:
    specs = [dg.AssetCheckSpec(name, asset=key, blocking=True) for key in keys]

    @dg.multi_asset_check(name=name, specs=specs, required_resource_keys={"run"})
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        verdict = judge(context.resources.run())
        for spec in specs:
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=verdict.passed,
                severity=dg.AssetCheckSeverity.ERROR,
                description=verdict.paragraph,
            )

    return gate
