"""Grain: candidate pair. Its weight under the model of its party: yesterday's in id_score where nothing has changed."""

from customer_models.identity.scoring import score_parties


def model(dbt, session):
    dbt.config(materialized="table")
    pairs = dbt.ref("id_pair").project("left_record_key, right_record_key, party, pair_hash").to_arrow_table()
    features = dbt.ref("id_feature").to_arrow_table()
    models = dbt.ref("stg_ledger__match_models").to_arrow_table()
    tables = {name for (name,) in session.sql("select table_name from duckdb_tables()").fetchall()}
    before = session.sql(f"select * from {dbt.this.schema}.id_score").to_arrow_table() if "id_score" in tables else None
    return score_parties(features, pairs, models, before)
