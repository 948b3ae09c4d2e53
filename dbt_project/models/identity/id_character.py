"""Grain: Chinese character. How it is simplified and read, from the packages that know; the same every day."""

from customer_models.identity.characters import known_characters


def model(dbt, session):
    dbt.config(materialized="table")
    return known_characters()
