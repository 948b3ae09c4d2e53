"""Grain: source record. The connected components of id_edge; cluster_key is a component's smallest record key."""

from customer_models.identity.clusters import connected_components


def model(dbt, session):
    dbt.config(materialized="table")
    records = dbt.ref("id_record").project("record_key").to_arrow_table()
    edges = dbt.ref("id_edge").project("left_record_key, right_record_key").to_arrow_table()
    return connected_components(records, edges)
