"""Row count and checksum of a table's contents, whatever holds it: warehouse, published file or Parquet."""

from collections.abc import Sequence
from typing import TypedDict

import duckdb

from orchestration.sql import identifier

CONNECTION = {"autoinstall_known_extensions": "false", "TimeZone": "UTC"}
"""Settings under which a checksum is taken: a timestamp with time zone reads differently in another zone."""


class TableChecksum(TypedDict):
    """What the manifest says of a table."""

    rows: int
    checksum: str


def table_checksum(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> TableChecksum:
    r"""Rows of ``relation`` (SQL, already quoted) and the checksum ``<rows>:<sum>`` of its ``columns``.

    Sum over rows of the first 15 hex digits (60 bits) of the md5 of the columns in the given order, each
    cast to text, NULL as ``\N``, joined by chr(31). A sum of integers depends neither on the order of rows
    nor on threads; a float must have been rounded before, its text shows every bit.
    """
    texts = ", ".join(rf"coalesce(cast({identifier(column)} as varchar), '\N')" for column in columns)
    digits = f"substr(md5(concat_ws(chr(31), {texts})), 1, 15)"
    row = connection.execute(
        f"select count(*), coalesce(sum(cast('0x' || {digits} as hugeint)), 0) from {relation}"
    ).fetchall()[0]
    return TableChecksum(rows=row[0], checksum=f"{row[0]}:{row[1]}")
