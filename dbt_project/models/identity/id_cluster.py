"""Grain: source record. Records that edges tie together and no veto keeps apart; the cluster's smallest record key."""

import pyarrow as pa

from customer_models.identity.clusters import RECORD_COLUMNS, resolve


def model(dbt, session):
    dbt.config(materialized="table")
    edges = dbt.ref("id_edge").filter("verdict <> 'review'")
    same = edges.filter("verdict = 'same' and rule <> 'steward'").to_arrow_table()
    force = edges.filter("verdict = 'same' and rule = 'steward'").to_arrow_table()
    never = edges.filter("verdict = 'never'").to_arrow_table()
    ends = edges.project("left_record_key as record_key").union(edges.project("right_record_key as record_key"))
    records = dbt.ref("id_record")
    tied = records.join(ends, "record_key", how="semi").project(", ".join(RECORD_COLUMNS)).to_arrow_table()
    clusters = resolve(tied, same, never, force, largest_cluster=dbt.config.get("largest_cluster")).clusters
    alone = records.join(ends, "record_key", how="anti").project("record_key, record_key as cluster_key")
    return pa.concat_tables([clusters, alone.to_arrow_table().cast(clusters.schema)])
