"""What the private warehouse knows of records, read while no run is at work."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from customer_models.identity.comparison import FEATURES, PARTIES
from customer_models.identity.explain import Explanation, explain
from customer_models.identity.scoring import PAIRS, ModelError, parse_model
from customer_models.identity.vetoes import FACTS, Facts, facts_of
from orchestration.errors import BadInput, LockHeld
from orchestration.folders import Folders
from orchestration.lock import hold
from orchestration.publish.manifest import current_manifest
from orchestration.stewards.people import People

Pair = tuple[str, str]
VALUES = ("name", "phone", "email", "wechat_openid", "uscc", "birth_date", "address")
REGION = ("province", "city", "district")
_TABLES = ("id_record", "id_feature", "id_pair", "id_score", "id_edge", "id_crosswalk")


@dataclass(frozen=True)
class Record:
    """A record as a steward sees it. ``values``: ``VALUES`` and ``REGION`` as the source writes them."""

    key: str
    customer: str
    is_deleted: bool
    values: dict[str, Any]
    facts: Facts


@dataclass(frozen=True)
class Edge:
    """A row of ``id_edge``."""

    left: str
    right: str
    verdict: str
    rule: str
    weight: float
    reason: str

    @property
    def pair(self) -> Pair:
        """Both record keys, the smaller first."""
        return self.left, self.right


EDGE = "edges.left_record_key, edges.right_record_key, edges.verdict, edges.rule, edges.weight, edges.reason"
"""The columns of an ``Edge``, in its order."""


@contextmanager
def private_warehouse(folders: Folders) -> Iterator[duckdb.DuckDBPyConnection]:
    """The private warehouse, to be read and closed soon: it holds the lock, so that no run starts meanwhile.

    Raises:
        BadInput: there is none yet, or no run has come as far as merging.
        LockHeld: a run is at work.
    """
    path = folders.warehouse_file
    if not path.is_file():
        raise BadInput(f"{path}: nothing has been merged here yet; {folders.command('run')} does it")
    with hold(folders.root):
        try:
            con = duckdb.connect(str(path), read_only=True, config={"autoinstall_known_extensions": "false"})
        except duckdb.IOException:
            raise LockHeld(
                f"{path}: another program has it open; close it (or wait for it to end) and try again"
            ) from None
        try:
            found = con.execute("select table_name from duckdb_tables() where schema_name = 'identity'").fetchall()
            views = con.execute("select view_name from duckdb_views() where schema_name = 'identity'").fetchall()
            if absent := sorted(set(_TABLES) - {name for (name,) in (*found, *views)}):
                raise BadInput(
                    f"{path}: the last run did not come as far as identity.{absent[0]}; {folders.command('run')} again"
                )
            yield con
        finally:
            con.close()


def of_another_day(con: duckdb.DuckDBPyConnection, folders: Folders) -> list[str]:
    """A line, where the last run was of other dates than the current one: what it calls C12 may be another customer."""
    current = current_manifest(folders)
    rows = con.execute("select as_of_date, known_on from ledger.run").fetchall()
    if current is None or not rows or rows[0] == (current.as_of_date, current.known_on):
        return []
    return [
        f"as of {rows[0][0]}, known on {rows[0][1]}: the last run was of other dates than the current one "
        f"({current.as_of_date}, {current.known_on}), and its new customers may have other ids"
    ]


def known_on_of(con: duckdb.DuckDBPyConnection) -> date | None:
    """The load date up to which the last run knew."""
    rows = con.execute("select known_on from ledger.run").fetchall()
    return rows[0][0] if rows else None


def people_of(con: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> People:
    """The customers that record keys or customer ids speak of, with all their records, as the last run has them."""
    con.register("wanted", pa.table({"text": pa.array([text.strip() for text in texts], pa.string())}))
    rows = con.execute(
        """select record_key, customer_id
           from identity.id_crosswalk
           where customer_id in (
               select customer_id from identity.id_crosswalk where record_key in (select text from wanted)
               union
               select text from wanted
           )"""
    ).fetchall()
    con.unregister("wanted")
    return People(dict(rows))


def records_of(con: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> dict[str, Record]:
    """Records by their keys."""
    _want(con, keys)
    plain = ("record_key", "is_deleted", *VALUES, *REGION)
    facts = ", ".join(f"records.{name} as fact_{name}" for name in FACTS.names)
    table = con.sql(
        f"""select crosswalk.customer_id, {", ".join(f"records.{name}" for name in plain)}, {facts}
            from identity.id_record as records
            inner join wanted_keys using (record_key)
            inner join identity.id_crosswalk as crosswalk using (record_key)"""
    ).to_arrow_table()
    known = facts_of(table.select([f"fact_{name}" for name in FACTS.names]).rename_columns(FACTS.names))
    rows = table.select(["customer_id", *plain]).to_pylist()
    con.unregister("wanted_keys")
    return {
        row["record_key"]: Record(
            row["record_key"],
            row["customer_id"],
            bool(row["is_deleted"]),
            {name: row[name] for name in (*VALUES, *REGION)},
            fact,
        )
        for row, fact in zip(rows, known, strict=True)
    }


@dataclass(frozen=True)
class Weighing:
    """What is needed to weigh pairs of some records once the warehouse is closed again."""

    features: pa.Table
    models: dict[str, str]

    def explain(self, pairs: Sequence[Pair]) -> dict[Pair, Explanation]:
        """The weights of those pairs whose records are of one party that has a model."""
        wanted = dict.fromkeys(pairs)
        parties = dict(zip(self.features["record_key"].to_pylist(), self.features["party"].to_pylist(), strict=True))
        found: dict[Pair, Explanation] = {}
        for party in PARTIES:
            ours = [pair for pair in wanted if all(parties.get(key) == party for key in pair) and pair[0] != pair[1]]
            if not ours or party not in self.models:
                continue
            try:
                model = parse_model(party, self.models[party])
            except ModelError:
                continue
            keys = pa.array(sorted({key for pair in ours for key in pair}), pa.string())
            features = self.features.filter(pc.is_in(self.features["record_key"], keys))
            table = pa.table([[left for left, _ in ours], [right for _, right in ours]], schema=PAIRS)
            found |= dict(zip(ours, explain(features, table, model), strict=True))
        return found


def weighing_of(con: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> Weighing:
    """Features of records, and the models of the last run."""
    _want(con, keys)
    columns = ", ".join((*FEATURES.names, "party"))
    features = con.sql(
        f"select {columns} from identity.id_feature semi join wanted_keys using (record_key)"
    ).to_arrow_table()
    con.unregister("wanted_keys")
    has_models = con.execute(
        "select 1 from duckdb_tables() where schema_name = 'ledger' and table_name = 'match_models'"
    ).fetchall()
    models = con.execute("select party, model from ledger.match_models").fetchall() if has_models else []
    return Weighing(features, dict(models))


def net_amounts(con: duckdb.DuckDBPyConnection, customers: Collection[str]) -> dict[str, Decimal]:
    """The net amount of each customer's valid orders, of those that have any; nothing before facts are built."""
    con.register("wanted_customers", pa.table({"customer_id": pa.array(sorted(customers), pa.string())}))
    try:
        rows = con.execute(
            """select crosswalk.customer_id, sum(orders.net_amount)
               from core.fct_order as orders
               inner join identity.id_crosswalk as crosswalk using (record_key)
               semi join wanted_customers using (customer_id)
               where orders.is_valid
               group by crosswalk.customer_id"""
        ).fetchall()
    except duckdb.CatalogException:
        rows = []
    con.unregister("wanted_customers")
    return dict(rows)


def edges_where(con: duckdb.DuckDBPyConnection, condition: str, keys: Iterable[str]) -> list[Edge]:
    """Edges by a condition that may read ``wanted_keys``; the strongest first."""
    _want(con, keys)
    rows = con.execute(
        f"""select {EDGE}
            from identity.id_edge as edges
            where {condition}
            order by weight desc, left_record_key, right_record_key, rule"""
    ).fetchall()
    con.unregister("wanted_keys")
    return [Edge(*row) for row in rows]


def _want(con: duckdb.DuckDBPyConnection, keys: Iterable[str]) -> None:
    con.register("wanted_keys", pa.table({"record_key": pa.array(sorted(set(keys)), pa.string())}))
