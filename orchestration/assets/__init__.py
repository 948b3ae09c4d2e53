"""What a run makes, as Dagster assets: thin calls of plain functions."""
