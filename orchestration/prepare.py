"""Everything about one warehouse that is known before a run: its settings, sources, dbt manifest and stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from data_quality.expectations import Expectation
from data_quality.suite_files import SuiteError, load_suites
from orchestration import stages
from orchestration.dbt import CANONICAL, Dbt, code_hash, dbt_variables, write_sources
from orchestration.errors import BadInput
from orchestration.folders import Folders
from orchestration.ingest.contract import Source, load_source
from orchestration.publish.allow_list import PublishedTable, published_tables
from orchestration.settings import PROJECT, QUIET, Settings, set_environment
from orchestration.warehouse import Warehouse, load_warehouse


@dataclass(frozen=True)
class Prepared:
    """One warehouse, ready to run."""

    settings: Settings
    name: str
    warehouse: Warehouse
    sources: Mapping[str, Source]
    folders: Folders
    dbt: Dbt
    expectations: tuple[Expectation, ...]

    @cached_property
    def _parsed(self) -> tuple[str, dict[str, Any]]:
        write_sources(self.dbt.project, self.sources)
        # Before dbt reads: what is edited while a run goes on is a change to the next one.
        return code_hash(self.dbt.project, self.dbt.variables), self.dbt.parse()

    @property
    def code(self) -> str:
        """Digest of the code that dbt read."""
        return self._parsed[0]

    @property
    def manifest(self) -> dict[str, Any]:
        """dbt's manifest, parsed when first asked for."""
        return self._parsed[1]

    @cached_property
    def stages(self) -> stages.Stages:
        """The nodes before and after the customers gate."""
        return stages.split(self.manifest)

    @cached_property
    def published(self) -> tuple[PublishedTable, ...]:
        """What may be published, and nothing else."""
        return published_tables(self.manifest)


def prepare(settings: Settings, project: Path = PROJECT) -> Prepared:
    """Reads the warehouse's YAML, its sources' YAML and the gates' suites.

    Raises:
        BadInput: any of them is wrong, or home or folders cannot be used; the message names file and key.
    """
    settings.require_home()
    set_environment({**QUIET, "LIUCUN_THREADS": str(settings.threads)})
    name, warehouse = load_warehouse(settings.warehouse, project)
    contracts = {
        source: load_source(project / "sources" / f"{source}.yml") for source in {*warehouse.sources, CANONICAL}
    }
    for required in warehouse.required_objects:
        source, object_name = required.split(".")
        if object_name not in contracts[source].objects:
            known = ", ".join(contracts[source].objects)
            raise BadInput(f"warehouse {name}: required_objects: {source} has no object {object_name}; it has {known}")
        contracts[source] = _require(contracts[source], object_name)
    thresholds = {
        suite: {key: override.threshold for key, override in overrides.items()}
        for suite, overrides in warehouse.gates.items()
    }
    try:
        expectations = tuple(load_suites(project / "data_quality" / "suites", thresholds))
    except SuiteError as error:
        raise BadInput(f"warehouse {name}: {error}") from None
    _check_raw(expectations, contracts, project / "sources")
    folders = Folders(settings.home / name, settings.options)
    folders.require_usable()
    dbt_project = project / "dbt_project"
    return Prepared(
        settings=settings,
        name=name,
        warehouse=warehouse,
        sources={source: contracts[source] for source in warehouse.sources},
        folders=folders,
        dbt=Dbt(dbt_project, folders, dbt_variables(warehouse, contracts, dbt_project)),
        expectations=expectations,
    )


def _check_raw(expectations: tuple[Expectation, ...], contracts: Mapping[str, Source], sources: Path) -> None:
    """A misspelt source, object or column would match no load, and so never be judged."""
    known = {"load"} | {path.stem for path in sources.glob("*.yml")}
    for expectation in expectations:
        if expectation.suite != "raw":
            continue
        source, _, object_name = expectation.table.partition(".")
        where = f"data_quality/suites/raw: {expectation.id}"
        if source not in known or (source == "load") == bool(object_name):
            raise BadInput(
                f"{where}: table: expected load, or <source>.<object> of a source in sources/, "
                f"found {expectation.table!r}; correct it"
            )
        # Of a source that this warehouse does not use nothing is judged.
        if source not in contracts:
            continue
        spec = contracts[source].objects.get(object_name)
        if spec is None:
            raise BadInput(f"{where}: table: sources/{source}.yml has no object {object_name!r}")
        for column in expectation.columns:
            if column not in spec.columns and column.removeprefix("_orphan_") not in spec.references:
                raise BadInput(f"{where}: column: sources/{source}.yml has no column {column!r} in {object_name}")


def _require(source: Source, object_name: str) -> Source:
    """The source with one object that this warehouse cannot do without, whatever the source's YAML says."""
    required = source.objects[object_name].model_copy(update={"required": True})
    return source.model_copy(update={"objects": {**source.objects, object_name: required}})
