"""Grain: one row. How right merging is and how much it finds, from the pairs that stewards labelled."""

import pyarrow as pa

from customer_models.identity.label_estimate import estimate


def model(dbt, session):
    dbt.config(materialized="table")
    labels, crosswalk = dbt.ref("stg_ledger__match_labels"), dbt.ref("id_crosswalk")
    lefts = crosswalk.project("record_key as left_record_key, customer_id as left_id")
    rights = crosswalk.project("record_key as right_record_key, customer_id as right_id")
    pairs = labels.join(lefts, "left_record_key").join(rights, "right_record_key")
    known = pairs.project("label_number, band, pair_count_of_band, is_same, left_id = right_id as is_merged")
    found = estimate(known.order("label_number").to_arrow_table())
    shares = {"precision": found.precision, "recall": found.recall}
    row = {"label_count": found.label_count}
    for name, share in shares.items():
        row |= {f"{name}_estimate": share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    types = {name: pa.int64() if name == "label_count" else pa.float64() for name in row}
    return pa.Table.from_pylist([row], schema=pa.schema(list(types.items())))
