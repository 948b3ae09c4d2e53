"""From landing files to accepted raw loads: plain functions that know neither Dagster nor the environment."""
