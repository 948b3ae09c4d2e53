"""When things run and in what order; ingest brings files in, publish brings marts out."""
