r"""Looks for personal data in the text of a candidate, as the last guard behind the allow-list.

Four rules: Chinese mobile numbers (plain, grouped 3-4-4, with +86, 0086 or 86), e-mail addresses, social
credit codes and resident ids (both only with a valid check digit). Full-width digits count as digits.

A number must stand alone: neither a digit nor a Latin letter may touch it, or a hexadecimal id or an order
`SO17123100001` would now and then look like a mobile number; words such as `tel` or `wx` may, and Chinese
text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import GateRefused
from orchestration.publish.candidate import SCHEMA
from orchestration.publish.checksums import CONNECTION
from orchestration.sql import identifier, literal

# Cells without these are not looked at again; nearly all of them.
SUSPICIOUS = "[0-9０-９]{4}|[@＠]"

_GAP = r"[-\s.·\x{00A0}\x{3000}\x{2010}-\x{2015}]{1,2}"
MOBILE = (
    # A point before it is the point of a decimal if a digit stands before that.
    r"(?:^|[^0-9A-Za-z.]|[^0-9]\.)"
    r"(?:(?i:tel|phone|mobile|mob|weixin|wechat|wx|vx|dh|sj)[.:：]?\s?)?"
    r"(?:\(?(?:\+|00)?86\)?[-\s]{0,2})?"
    rf"1[3-9][0-9](?:[0-9]{{8}}|{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}})"
    r"(?:[^0-9A-Za-z]|$)"
)
# A star before the first letter is what is left of a masked address: z***n@example.com.
EMAIL = r"(?:^|[^A-Za-z0-9._%+*-])[A-Za-z0-9._%+-]+@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"

_PROVINCE = "(?:1[0-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC = rf"\b[1-9ANY][1-9A-G]{_PROVINCE}[0-9]{{4}}[{USCC_ALPHABET}]{{10}}\b"
_BORN = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
RESIDENT_ID = rf"\b{_PROVINCE}[0-9]{{4}}{_BORN}[0-9]{{3}}[0-9X]\b"


def _weighted(weights: Sequence[int], alphabet: str) -> str:
    terms = (f"{w} * (strpos('{alphabet}', substr(code, {i}, 1)) - 1)" for i, w in enumerate(weights, start=1))
    return " + ".join(terms)


# GB 32100-2015: weights 3^i mod 31. GB 11643-1999: weights 2^(17-i) mod 11.
_USCC_SUM = _weighted([pow(3, i, 31) for i in range(17)], USCC_ALPHABET)
_ID_SUM = _weighted([pow(2, 17 - i, 11) for i in range(17)], "0123456789")
_USCC_VALID = f"substr(code, 18, 1) = substr('{USCC_ALPHABET}', (31 - ({_USCC_SUM}) % 31) % 31 + 1, 1)"
_ID_VALID = f"substr(code, 18, 1) = substr('10X98765432', ({_ID_SUM}) % 11 + 1, 1)"


def _any_valid(check: str, pattern: str) -> str:
    return f"list_bool_or([{check} for code in regexp_extract_all(upper(spaced), {literal(pattern)})])"


RULES = {
    "mobile_number": f"regexp_matches(spaced, {literal(MOBILE)})",
    "email": f"regexp_matches(text, {literal(EMAIL)})",
    "uscc": _any_valid(_USCC_VALID, USCC),
    "resident_id": _any_valid(_ID_VALID, RESIDENT_ID),
}


@dataclass(frozen=True)
class Hit:
    """Rows of a column in which a rule found personal data. The data itself is told to nobody."""

    table: str
    column: str
    rule: str
    row_count: int


def scan(marts_file: Path) -> tuple[Hit, ...]:
    """Searches every text column (and text within lists and structs) of every table in ``marts_file``."""
    with duckdb.connect(str(marts_file), read_only=True, config=dict(CONNECTION)) as connection:
        columns = connection.execute(
            """
            select table_name, column_name from duckdb_columns()
            where schema_name = ? and not internal and regexp_matches(data_type, 'VARCHAR|JSON|ENUM')
            order by table_name, column_index
            """,
            [SCHEMA],
        ).fetchall()
        of_table: dict[str, list[str]] = {}
        for table, column in columns:
            of_table.setdefault(table, []).append(column)
        suspects = [
            (table, column) for table, names in of_table.items() for column in _suspects(connection, table, names)
        ]
        return tuple(hit for table, column in suspects for hit in _scan_column(connection, table, column))


def refuse(hits: Sequence[Hit]) -> None:
    """GateRefused that names every column and rule, if there is any hit."""
    if hits:
        found = "; ".join(f"{h.table}.{h.column}: {h.rule} in {h.row_count:,} row(s)" for h in hits)
        raise GateRefused(
            f"Personal data would have been published: {found}. What was published before stays. "
            "Mask the column in its mart, or mark it `meta: {pii: ...}` in the model's YAML."
        )


def _suspects(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> list[str]:
    """The columns with a cell that is worth the rules: setting these up costs more than reading a small table."""
    found = ", ".join(
        f"bool_or(regexp_matches(cast({identifier(column)} as varchar), '{SUSPICIOUS}'))" for column in columns
    )
    row = connection.execute(f"select {found} from {SCHEMA}.{identifier(table)}").fetchall()[0]
    return [column for column, is_suspect in zip(columns, row, strict=True) if is_suspect]


def _scan_column(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> list[Hit]:
    counts = ", ".join(f"coalesce(sum(n) filter (where {rule}), 0)" for rule in RULES.values())
    row = connection.execute(
        f"""
        with suspects as (
            select cast({identifier(column)} as varchar) as raw, count(*) as n
            from {SCHEMA}.{identifier(table)}
            where regexp_matches(cast({identifier(column)} as varchar), '{SUSPICIOUS}')
            group by raw
        ),

        texts as (
            select translate(raw, '０１２３４５６７８９＠．＋－', '0123456789@.+-') as text, n from suspects
        ),

        -- An underscore is a letter to \\b, and a gap to a person.
        cells as (select text, replace(text, '_', ' ') as spaced, n from texts)

        select {counts} from cells
        """
    ).fetchall()[0]
    return [Hit(table, column, rule, int(n)) for rule, n in zip(RULES, row, strict=True) if n]
