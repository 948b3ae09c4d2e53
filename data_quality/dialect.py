"""A SQLAlchemy engine on an open DuckDB connection, made for Great Expectations.

Great Expectations knows no DuckDB, and through duckdb-engine every expectation errors. This dialect is PostgreSQL's,
whose SQL DuckDB speaks, without the server behind it:

- It works on the connection it is given, so that in-memory tables and temporary views are seen. It never closes,
  commits or rolls back: validation only reads, and the connection belongs to its caller.
- One DuckDB connection holds one result, and Great Expectations interleaves statements: a cursor fetches everything
  at execute.
- It keeps the name ``postgresql``, because Great Expectations offers regular expressions only to databases that it
  knows. PostgreSQL's ``~`` (found anywhere) becomes ``regexp_matches``; DuckDB's own ``~`` wants a full match.
- Every identifier is quoted: DuckDB reserves other words than PostgreSQL. Great Expectations writes conditions as text
  in which a column's name must not hold a double quote; ``spoken`` gives such a name a stand-in that only the quoting
  turns back.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import sqlalchemy
from sqlalchemy import pool
from sqlalchemy import types as sqltypes
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect, PGIdentifierPreparer

_STAND_IN = "\ue000"


def spoken(name: str) -> str:
    """The name under which Great Expectations knows a column."""
    return name.replace('"', _STAND_IN)


class _Cursor:
    """A DBAPI cursor that holds all rows of its last statement."""

    arraysize = 1

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self.description: Sequence[Any] | None = None
        self.rowcount = -1

    def execute(self, statement: str, parameters: Sequence[Any] | None = None) -> None:
        result = self._connection.execute(statement, parameters or None)
        self.description = result.description
        self._rows = iter(result.fetchall())

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        return [row for _, row in zip(range(size or self.arraysize), self._rows, strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())


class _Connection:
    """A DBAPI connection that leaves the life and the transactions of the DuckDB connection to its owner."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def commit(self) -> None:
        """Nothing was written."""

    def rollback(self) -> None:
        """Nothing was written."""

    def close(self) -> None:
        """Not ours to close."""


class _Driver:
    """What SQLAlchemy asks of a DBAPI module."""

    paramstyle = "numeric_dollar"
    Error = duckdb.Error


class _Type(sqltypes.UserDefinedType[Any]):
    """A column's type under the name that DuckDB gives it; Great Expectations only prints it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class _Compiler(PGCompiler):
    """The operators that DuckDB reads otherwise than PostgreSQL."""

    def visit_custom_op_binary(self, element: Any, operator: Any, **kwargs: Any) -> str:
        if operator.opstring in ("~", "!~"):
            column, pattern = self.process(element.left, **kwargs), self.process(element.right, **kwargs)
            return f"{'not ' if operator.opstring == '!~' else ''}regexp_matches({column}, {pattern})"
        return str(super().visit_custom_op_binary(element, operator, **kwargs))  # type: ignore[no-untyped-call]


class _Preparer(PGIdentifierPreparer):
    """Quotes always, and turns stand-ins back."""

    def _requires_quotes(self, value: str) -> bool:  # noqa: ARG002
        return True

    def _escape_identifier(self, value: str) -> str:
        return value.replace(_STAND_IN, '"').replace('"', '""')


class Dialect(PGDialect):
    """PostgreSQL's dialect on DuckDB, for reading."""

    driver = "liucun"
    statement_compiler = _Compiler
    preparer = _Preparer
    supports_statement_cache = False
    default_paramstyle = "numeric_dollar"

    @classmethod
    def import_dbapi(cls) -> Any:
        """The driver that turns DuckDB's errors into SQLAlchemy's."""
        return _Driver

    def initialize(self, connection: Any) -> None:  # noqa: ARG002
        """Ask nothing of a server that is not there."""
        self.server_version_info = (16, 0)  # type: ignore[assignment]
        self.default_schema_name = "main"

    def on_connect(self) -> None:
        """Nothing to prepare."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
        """Columns of a table or view: name as spoken, type and whether NULL is allowed.

        Raises:
            sqlalchemy.exc.NoSuchTableError: It does not exist, or is a view that cannot be read.
        """
        table = self.identifier_preparer.format_table(sqlalchemy.table(table_name, schema=schema))
        try:
            rows = connection.exec_driver_sql(f"describe {table}").fetchall()
        except sqlalchemy.exc.DBAPIError as error:
            raise sqlalchemy.exc.NoSuchTableError(table_name) from error
        return [
            {"name": spoken(name), "type": _Type(data_type), "nullable": nullable == "YES", "default": None}
            for name, data_type, nullable, *_ in rows
        ]

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        """No primary key: Great Expectations only wants it to point at rows, and we point at none."""
        return {"constrained_columns": [], "name": None}


def engine(connection: duckdb.DuckDBPyConnection) -> sqlalchemy.Engine:
    """An engine all of whose statements run on ``connection``, which stays open and usable for its owner."""
    registry.register("liucun.gate", __name__, "Dialect")
    return sqlalchemy.create_engine(
        "liucun+gate://", creator=lambda: _Connection(connection), poolclass=pool.StaticPool
    )
