"""The gates as blocking Dagster checks."""
