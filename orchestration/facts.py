"""Which loads the incremental tables hold, so that they are continued only when that is right.

They may be continued when every load that they hold is one this run may use, and neither SQL nor settings have
changed since. The record is taken away before dbt touches the facts and written when it has succeeded: a killed build
leaves no record, and the next one starts from nothing.
"""

import duckdb

from orchestration.run import Run

CONTINUED = (
    "core.fct_order_line",
    "core.fct_order",
    *(f"identity.id_{name}" for name in ("record", "feature", "key", "pair")),
)
"""What is made from what it was and what is new; where one is missing, none can be."""


def register(con: duckdb.DuckDBPyConnection) -> None:
    """Marks in ``ledger.loads`` the loads that the facts hold."""
    _ensure(con)
    con.execute("alter table ledger.loads add column is_held_by_facts boolean default false")
    con.execute("update ledger.loads set is_held_by_facts = load_id in (select load_id from ledger.fact_loads)")


def can_continue(con: duckdb.DuckDBPyConnection, run: Run) -> bool:
    """Whether the facts in the warehouse may be continued with this run's new loads."""
    _ensure(con)
    built = con.execute(
        "select count(*) from duckdb_tables() where list_contains(?, schema_name || '.' || table_name)",
        [list(CONTINUED)],
    ).fetchall()[0][0]
    held = {load_id for (load_id,) in con.execute("select load_id from ledger.fact_loads").fetchall()}
    codes = con.execute("select code from ledger.fact_code").fetchall()
    usable = {load.load_id for load in run.in_force}
    return built == len(CONTINUED) and codes == [(run.prepared.code,)] and held <= usable


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Takes the record away, before the facts change."""
    con.execute("delete from ledger.fact_loads")
    con.execute("delete from ledger.fact_code")


def remember(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Writes the record, after the facts were built."""
    con.execute("begin")
    con.execute("insert into ledger.fact_loads select load_id from ledger.loads where is_in_force")
    con.execute("insert into ledger.fact_code values (?)", [run.prepared.code])
    con.execute("commit")


def _ensure(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists ledger")
    con.execute("create table if not exists ledger.fact_loads (load_id varchar)")
    con.execute("create table if not exists ledger.fact_code (code varchar)")
