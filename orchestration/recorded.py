"""What dbt is told about the run and the runs before it, and what the run tells the next one."""

import duckdb
import pyarrow as pa

from orchestration.erasure.erase import erasures
from orchestration.match_models import read_models
from orchestration.publish.state import StateRun, chain, register_aside, register_state
from orchestration.run import Run
from orchestration.stewards.registered import register as register_decisions

PUBLISHED_HISTORIES = ("cleansing_effect", "data_completeness", "data_validity", "merge_effect", "reconciliation")
"""Those of ``HISTORIES`` that readers see whole, as ``mart_<name>``."""

HISTORIES = (*PUBLISHED_HISTORIES, "model_run", "model_verdict")
"""Figures per as_of_date that no later run can compute again: ``core.fct_<name>`` recorded, ``state.<name>`` read."""

KEPT = {
    "customer_ids": {"record_key": "VARCHAR", "customer_id": "VARCHAR"},
    "owner_ids": {"owner_key": "VARCHAR", "owner_id": "VARCHAR"},
    "merge_events": {
        **{"as_of_date": "DATE", "event": "VARCHAR", "customer_id": "VARCHAR", "other_customer_id": "VARCHAR"},
        **{"record_count": "BIGINT", "cause": "VARCHAR", "weight": "DOUBLE"},
    },
}
"""What each run adds to the chain besides: table, columns, types."""


def register(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Makes ``ledger.run``, ``ledger.columns`` and the views of the schema ``state``."""
    con.execute("create schema if not exists ledger")
    con.execute(
        "create or replace table ledger.run as select cast(? as date) as as_of_date, cast(? as date) as known_on",
        [run.as_of_date, run.known_on],
    )
    con.register("published_columns", _columns(run))
    con.execute("create or replace table ledger.columns as select * from published_columns")
    con.unregister("published_columns")
    con.register("match_models", _models(run))
    con.execute("create or replace table ledger.match_models as select * from match_models")
    con.unregister("match_models")
    con.register("done_erasures", erasures(run.folders))
    con.execute("create or replace table ledger.erasures as select * from done_erasures")
    con.unregister("done_erasures")
    links = _links(run)
    register_state(con, run.folders, links, _contracts(run))
    register_aside(con, run.folders, links, {"customer_ids": KEPT["customer_ids"]})
    register_decisions(con, run.folders.overrides, run.prepared.sources, run.known_on, run.note)


def tables(con: duckdb.DuckDBPyConnection, run: Run) -> dict[str, pa.Table]:
    """The state that this run adds: ids that are new or have changed, and the figures of its date."""
    state = {
        "customer_ids": con.sql(
            """select record_key, customer_id from identity.id_crosswalk
               except select record_key, customer_id from staging.stg_state__customer_ids order by 1"""
        ).to_arrow_table(),
        "owner_ids": con.sql(
            """select owner_key, owner_id from identity.id_owner
               except select owner_key, owner_id from staging.stg_state__owner_ids order by 1"""
        ).to_arrow_table(),
        "merge_events": con.sql(
            f"select {', '.join(KEPT['merge_events'])} from identity.id_merge_event where run_number = 0 order by all"
        ).to_arrow_table(),
        "gate_results": pa.Table.from_pylist(
            [row for report in run.gates for row in report.as_rows()], schema=_GATE_RESULTS
        ),
    }
    for name in HISTORIES:
        query = f"select * from core.fct_{name} where as_of_date = ? order by all"
        state[name] = con.sql(query, params=[run.as_of_date]).to_arrow_table()
    return state


def _links(run: Run) -> tuple[StateRun, ...]:
    """The runs that this one stands on; for an earlier date those whose findings were known then, if there were any."""
    links = chain(run.folders)
    known = tuple(link for link in links if link.as_of_date <= run.as_of_date)
    return links if run.kind == "daily" else known or links


def _contracts(run: Run) -> dict[str, dict[str, str]]:
    nodes = run.prepared.manifest["nodes"]
    histories = {
        name: {
            column["name"]: column["data_type"].upper()
            for column in nodes[f"model.liucun.fct_{name}"]["columns"].values()
        }
        for name in HISTORIES
    }
    return {**KEPT, **histories}


def _models(run: Run) -> pa.Table:
    """The matching models: the warehouse's own where somebody trained them, else those of the project."""
    models = read_models(run.folders)
    return pa.table({"party": list(models), "model": list(models.values())}, schema=_MODELS)


def _columns(run: Run) -> pa.Table:
    """Every published column as its YAML describes it, for mart_data_dictionary."""
    nodes = {node["name"]: node for node in run.prepared.manifest["nodes"].values()}
    rows = [
        {
            "table_name": table.name,
            "column_name": column.name,
            "data_type": column.data_type,
            "description": column.description,
            "label_zh": column.label_zh,
            "label_en": column.name.replace("_", " "),
            "grain": ", ".join(table.grain),
            "owner": (nodes[table.name]["config"].get("meta") or {}).get("owner", "data"),
        }
        for table in run.prepared.published
        for column in table.columns
    ]
    return pa.Table.from_pylist(rows, schema=_COLUMNS)


_MODELS = pa.schema([("party", pa.string()), ("model", pa.string())])
_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("table_name", "column_name", "data_type", "description", "label_zh")),
        *((name, pa.string()) for name in ("label_en", "grain", "owner")),
    ]
)
_GATE_RESULTS = pa.schema(
    [
        *((name, pa.string()) for name in ("suite", "table", "id", "expectation", "column", "severity", "status")),
        ("observed", pa.float64()),
        *((name, pa.int64()) for name in ("unexpected_count", "judged_count", "row_count")),
        ("threshold", pa.float64()),
        *((name, pa.string()) for name in ("bound", "why", "detail")),
        ("blocks", pa.bool_()),
    ]
)
