"""dbt in this process: one parse per run, then one build per stage.

A subprocess per call costs seconds of imports each time; in process the manifest is parsed once and held. dbt leaves
connections and adapters behind, so every call ends by closing them: the next step needs the database file.
"""

import hashlib
import importlib.metadata
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import customer_models.identity
from orchestration.errors import BadInput, GateRefused, LiucunError
from orchestration.folders import Folders
from orchestration.ingest.contract import Source, write_dbt_sources
from orchestration.settings import set_environment
from orchestration.warehouse import Warehouse

STAGING = "models/staging"
CANONICAL = "canonical"
TEXT_PACKAGES = ("pypinyin", "opencc-python-reimplemented", "cnloc")
IDENTITY = Path(customer_models.identity.__file__).parent
"""What takes names and addresses apart besides SQL; what was taken apart is kept from run to run."""
SELECTED = "selected_for_this_build"
_PARSED: dict[str, tuple[Any, dict[str, Any]]] = {}
"""The newest parse of this process: dbt's manifest, and the same as a dictionary."""


class BuildFailed(LiucunError):
    """A model could not be built: a bug in SQL or in the machine, not a verdict on the data."""


@dataclass(frozen=True)
class NodeResult:
    """How one node of a build ended; ``rows`` is dbt's count of failures for a test."""

    unique_id: str
    status: str
    seconds: float
    rows: int | None


@dataclass(frozen=True)
class Dbt:
    """The dbt project as one warehouse uses it."""

    project: Path
    folders: Folders
    variables: Mapping[str, Any]
    _held: dict[str, Any] = field(default_factory=dict)

    def parse(self) -> dict[str, Any]:
        """The manifest as dbt writes it (a dictionary), parsed anew where a file or a variable has changed.

        A process that runs several times parses the same project once.
        """
        known = f"{self.project} {_digest(self.project, self.variables)}"
        if known not in _PARSED:
            result = self._invoke(["parse"])
            if not result.success:
                raise BadInput(f"dbt cannot read {self.project}: {_first_lines(result.exception)}")
            written = json.loads((self.folders.dbt_target / "manifest.json").read_text(encoding="utf-8"))
            _PARSED.clear()
            _PARSED[known] = (result.result, written)
        self._held["manifest"], manifest = _PARSED[known]
        return dict(manifest)

    def build(
        self, names: Sequence[str], full_refresh: bool = False, on_event: Callable[[Any], None] | None = None
    ) -> list[NodeResult]:
        """Builds and tests exactly the named nodes, in the order of their dependencies.

        Raises:
            GateRefused: a test of severity error failed; the message names test, table and number of rows.
            BuildFailed: a node could not be built, or a selected node did not run.
        """
        self._mark(names)
        arguments = ["build", "--no-write-json", "--indirect-selection", "empty", "--select", f"tag:{SELECTED}"]
        if full_refresh:
            arguments.append("--full-refresh")
        result = self._invoke(arguments, on_event)
        results = [
            NodeResult(
                unique_id=node.node.unique_id,
                status=str(node.status),
                seconds=float(node.execution_time or 0.0),
                rows=node.failures,
            )
            for node in (getattr(result.result, "results", None) or ())
        ]
        if result.exception is not None:
            raise BuildFailed(
                f"dbt stopped with {type(result.exception).__name__}; the full text is in {self.log_file}"
            )
        raise_for_results(results, names, self.log_file)
        return results

    def _mark(self, names: Sequence[str]) -> None:
        """Tags the named nodes of the held manifest: dbt would match each name against each node, for seconds."""
        if "manifest" not in self._held:
            self.parse()
        wanted = set(names)
        for node in self._held["manifest"].nodes.values():
            others = [tag for tag in node.tags if tag != SELECTED]
            node.tags = [*others, SELECTED] if node.name in wanted else others

    def describe(self) -> Path:
        """dbt's documentation as one page that needs no server and no network; returns its file."""
        result = self._invoke(["docs", "generate", "--static", "--empty-catalog"])
        if not result.success:
            raise BuildFailed(f"dbt could not write its documentation: {_first_lines(result.exception)}")
        return self.folders.dbt_target / "static_index.html"

    @property
    def log_file(self) -> Path:
        """dbt's own log, with SQL and full messages."""
        return self.folders.logs / "dbt.log"

    def _invoke(self, arguments: Sequence[str], on_event: Callable[[Any], None] | None = None) -> Any:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.adapters.factory import cleanup_connections, reset_adapters
        from dbt.cli.main import dbtRunner

        set_environment({"LIUCUN_WAREHOUSE_FILE": str(self.folders.warehouse_file)})
        self.folders.private.mkdir(parents=True, exist_ok=True)
        runner = dbtRunner(manifest=self._held.get("manifest"), callbacks=[on_event] if on_event else [])
        try:
            return runner.invoke(
                [
                    *("--log-level", "none", "--log-level-file", "info", "--no-use-colors", "--no-version-check"),
                    *("--log-path", str(self.folders.logs)),
                    *arguments,
                    *("--project-dir", str(self.project), "--profiles-dir", str(self.project)),
                    *("--target-path", str(self.folders.dbt_target)),
                    *("--vars", json.dumps(dict(self.variables), sort_keys=True)),
                ]
            )
        finally:
            cleanup_connections()
            DuckDBConnectionManager.close_all_connections()
            reset_adapters()


def raise_for_results(results: Sequence[NodeResult], names: Sequence[str], log_file: Path) -> None:
    """Turns a build's results into the failure they mean, if any (see ``Dbt.build``)."""
    broken = [r for r in results if r.status in ("error", "runtime error")]
    if broken:
        # No word of the database's message: it may quote a cell, and this text goes to status.json.
        listed = ", ".join(_short(r.unique_id) for r in broken[:5])
        raise BuildFailed(f"dbt could not build {len(broken)} of {len(results)} nodes: {listed}; why is in {log_file}")
    failed = [r for r in results if r.status == "fail"]
    if failed:
        listed = "; ".join(f"{_short(r.unique_id)} ({r.rows} rows)" for r in failed[:5])
        raise GateRefused(f"{len(failed)} data tests of dbt failed: {listed}. Nothing was published.")
    ran = {_short(r.unique_id) for r in results if r.status not in ("skipped",)}
    missing = sorted(set(names) - ran)
    if missing:
        raise BuildFailed(f"dbt did not run {len(missing)} selected nodes, the first is {missing[0]} (see {log_file})")


def _short(unique_id: str) -> str:
    """The name of a node, as selections take it."""
    kind, _, rest = unique_id.partition(".")
    parts = rest.split(".")
    return parts[1] if kind in ("model", "seed", "test", "snapshot") and len(parts) > 1 else unique_id


def _first_lines(message: object) -> str:
    lines = [line.strip() for line in str(message or "").splitlines() if line.strip()]
    return " ".join(lines[:2])[:300]


def dbt_variables(warehouse: Warehouse, sources: Mapping[str, Source], project: Path) -> dict[str, Any]:
    """What the models may know of the warehouse: constant from day to day, or dbt would parse everything again.

    ``objects`` maps a source to its raw objects; ``entities`` maps an entity to the warehouse's sources that stage it,
    as the files under ``models/staging`` say; ``entity_columns`` maps it to the canonical columns and their types.
    """
    entities: dict[str, list[str]] = {}
    for source in warehouse.sources:
        for model in sorted((project / STAGING / source).glob(f"stg_{source}__*.sql")):
            entities.setdefault(model.stem.removeprefix(f"stg_{source}__"), []).append(source)
    canonical = sources[CANONICAL]
    return {
        "sources": list(warehouse.sources),
        "objects": {name: list(sources[name].objects) for name in warehouse.sources},
        "entities": entities,
        "entity_columns": {
            name: {column: spec.type.lower() for column, spec in entity.columns.items()}
            for name, entity in canonical.objects.items()
        },
        "time_zone": warehouse.time_zone,
        "currency": warehouse.currency,
        "zero_amount_counts_as_purchase": warehouse.zero_amount_counts_as_purchase,
        "rfm_window_days": warehouse.rfm_window_days,
        "lapsed_after_days": warehouse.lapsed_after_days,
        "conversion_window_days": warehouse.conversion_window_days,
        "margin_rate": str(warehouse.margin_rate),
        "discount_rate": str(warehouse.discount_rate),
        "lifetime_cap_years": warehouse.lifetime.lifetime_cap_years,
        "calibration_cut_on": str(warehouse.lifetime.calibration_cut_on or ""),
        "hot_identifier_names": warehouse.identity.hot_identifier_names,
        "largest_block": warehouse.identity.largest_block,
        "largest_cluster": warehouse.identity.largest_cluster,
        "auto_weight": _weight(warehouse.identity.auto_probability),
        "review_weight": _weight(warehouse.identity.review_probability),
    }


def _weight(probability: float) -> float:
    """A probability as the match weight of the models: log2 of the odds."""
    return round(math.log2(probability / (1 - probability)), 9)


def write_sources(project: Path, sources: Mapping[str, Source]) -> None:
    """Tells dbt of every raw object: ``models/staging/<source>/_sources.yml``, made from ``sources/<source>.yml``."""
    for name, source in sources.items():
        folder = project / STAGING / name
        if not folder.is_dir():
            raise BadInput(
                f"{folder}: there are no staging models for the source {name}; `liucun new-source` makes them"
            )
        write_dbt_sources(source, folder / "_sources.yml")


def code_hash(project: Path, variables: Mapping[str, Any]) -> str:
    """A digest of everything that decides what the tables hold besides their data; a change rebuilds the facts."""
    versions = {package: importlib.metadata.version(package) for package in TEXT_PACKAGES}
    decided = {**variables, **versions, "identity": _digest(IDENTITY, {})}
    return _digest(project, decided, ("models", "macros", "seeds"))[:16]


def _digest(project: Path, variables: Mapping[str, Any], folders: Sequence[str] = (".",)) -> str:
    digest = hashlib.sha256(json.dumps(dict(variables), sort_keys=True).encode())
    for path in sorted(path for folder in folders for path in (project / folder).rglob("*")):
        if path.is_file() and path.suffix in (".sql", ".py", ".csv", ".yml"):
            digest.update(path.relative_to(project).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
