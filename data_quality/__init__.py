"""Whether to trust the data: suites of Great Expectations in YAML, judged inside DuckDB, counts only.

``expectations`` is what a suite may say, ``suite_files`` reads suites, ``gate`` judges tables and ``report`` shows the
verdict. Nothing here knows Dagster or the rest of the project.
"""
