"""Grain: source record. Each cluster keeps the id that most of its records had; new clusters get the next number."""

import pyarrow.compute as pc

from customer_models.identity.stable_ids import assign_ids


def model(dbt, session):
    dbt.config(materialized="table")
    registry = dbt.ref("stg_state__customer_ids").to_arrow_table()
    highest = pc.max(registry["highest_number"]).as_py() or 0
    history = dbt.ref("stg_state__customer_id_history").to_arrow_table()
    return assign_ids(dbt.ref("id_cluster").to_arrow_table(), registry, highest, history)
