"""Grain: source record. Records that edges tie together and no veto keeps apart; the cluster's smallest record key."""

from customer_models.identity.clusters import RECORD_COLUMNS, resolve


def model(dbt, session):
    dbt.config(materialized="table")
    records = dbt.ref("id_record").project(", ".join(RECORD_COLUMNS)).to_arrow_table()
    edges = dbt.ref("id_edge")
    same = edges.filter("verdict = 'same' and rule <> 'steward'").to_arrow_table()
    force = edges.filter("verdict = 'same' and rule = 'steward'").to_arrow_table()
    never = edges.filter("verdict = 'never'").to_arrow_table()
    largest = dbt.config.get("largest_cluster")
    return resolve(records, same, never, force, largest_cluster=largest).clusters
