"""Grain: candidate pair whose weight id_score does not know yet. Its weight under the model of its party."""

from customer_models.identity.scoring import score_pairs


def model(dbt, session):
    dbt.config(materialized="table")
    pairs, features = dbt.ref("id_pair"), dbt.ref("id_feature")
    models = dbt.ref("stg_ledger__match_models").to_arrow_table()
    tables = {name for (name,) in session.sql("select table_name from duckdb_tables()").fetchall()}
    before = session.sql(f"from {dbt.this.schema}.id_score") if "id_score" in tables else None
    return score_pairs(features, pairs, models, before)
