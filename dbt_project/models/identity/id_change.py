"""Grain: change of a customer in this run. Who came, who merged, who split, and which edge or veto made them."""

import pyarrow.compute as pc

from customer_models.identity.merge_events import events


def model(dbt, session):
    dbt.config(materialized="table")
    registry = dbt.ref("stg_state__customer_ids").to_arrow_table()
    edges = dbt.ref("id_edge")
    same, never = (edges.filter(f"verdict = '{verdict}'").to_arrow_table() for verdict in ("same", "never"))
    highest = pc.max(registry["highest_number"]).as_py() or 0
    return events(dbt.ref("id_assignment").to_arrow_table(), same, never, highest_number=highest)
