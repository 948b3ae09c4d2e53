"""A database and expectations to try on it."""

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from data_quality.expectations import Expectation


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def expect() -> Callable[..., Expectation]:
    """Builds an expectation on the table ``t``: type and its arguments, with everything else changeable."""

    def build(expectation: str, arguments: dict[str, Any], **fields: Any) -> Expectation:
        given: dict[str, Any] = {"threshold": 1.0, "bound": None, "severity": "critical", "why": "so it is agreed"}
        given |= {"suite": "marts", "table": "t", "id": expectation} | fields
        return Expectation(expectation=expectation, arguments=arguments, **given)

    return build
