"""Renders the project's macros and models with plain Jinja, so that their SQL is run without a dbt process."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)\(.*?{%-?\s*endmacro\s*-?%}", re.DOTALL)


class _Return(Exception):
    """What a macro hands back by return(), which may be any value, not only text."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _returned(value: Any) -> None:
    raise _Return(value)


class Rendering:
    """All macros of the project, together with what dbt would give them (``var``, ``ref``, ``graph`` …)."""

    def __init__(self, **context: Any) -> None:
        self._environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
        self._models: dict[str, jinja2.Template] = {}
        # Each macro is a template of its own, so that calls among macros of one file go through here, too.
        texts = {
            found[1]: found[0]
            for path in sorted((PROJECT / "macros").rglob("*.sql"))
            for found in MACRO.finditer(path.read_text(encoding="utf-8"))
        }
        macros = {name: self._macro(name, text) for name, text in texts.items()}
        self._environment.globals.update(
            {
                "adapter": SimpleNamespace(dispatch=lambda name, _package: macros[f"duckdb__{name}"]),
                "return": _returned,
                "config": lambda **_: "",
                "execute": True,
                **macros,
                **context,
            }
        )

    def __getattr__(self, name: str) -> Any:
        return self._environment.globals[name]

    def model(self, path: str) -> str:
        """The SQL of a model, by its path under models/."""
        if path not in self._models:
            self._models[path] = self._environment.from_string((PROJECT / "models" / path).read_text(encoding="utf-8"))
        return self._models[path].render()

    def _macro(self, name: str, text: str) -> Callable[..., Any]:
        @cache
        def compiled() -> Callable[..., str]:
            return getattr(self._environment.from_string(text).module, name)  # type: ignore[no-any-return]

        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return compiled()(*arguments, **named)
            except _Return as result:
                return result.value

        return call


@pytest.fixture(scope="session")
def rendering() -> type[Rendering]:
    """The class above: pytest's import mode has no modules to share between tests."""
    return Rendering


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty DuckDB on one thread, set as a run sets it."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
