"""Renders the project's macros with plain Jinja, so that their SQL is run without a dbt process."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest

MACROS = Path(__file__).parents[3] / "dbt_project" / "macros"


def load_macros(**variables: Any) -> SimpleNamespace:
    """The macros of engine/ and parse.sql by name: they give SQL text, and `var()` answers from `variables`."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    macros: dict[str, Any] = {}

    def dispatch(name: str, package: str) -> Any:
        assert package == "liucun", f"{name} is dispatched to the package {package}"
        return macros[f"duckdb__{name}"]

    environment.globals.update(
        adapter=SimpleNamespace(dispatch=dispatch),
        var=lambda name: variables[name],
        **{"return": lambda value: value},
    )
    for path in [*sorted((MACROS / "engine").glob("*.sql")), MACROS / "parse.sql"]:
        module = environment.from_string(path.read_text(encoding="utf-8")).module
        macros.update({name: value for name, value in vars(module).items() if callable(value)})
        environment.globals.update(macros)
    return SimpleNamespace(**macros)


@pytest.fixture(scope="session")
def macros() -> SimpleNamespace:
    """The macros of a warehouse in Shanghai."""
    return load_macros(time_zone="Asia/Shanghai")


@pytest.fixture(scope="session")
def run() -> Callable[..., Any]:
    """`run(expression, value)`: what the expression gives where the column `cell` holds the text."""
    connection = duckdb.connect()
    # A zone of the session that is neither the source's nor the warehouse's: no expression may lean on it.
    connection.execute("set TimeZone = 'America/New_York'")

    def run(expression: str, value: str | None = None) -> Any:
        query = f"select {expression} from (select cast(? as varchar) as cell)"
        return connection.execute(query, [value]).fetchall()[0][0]

    return run
