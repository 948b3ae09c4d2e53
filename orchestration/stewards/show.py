"""Two records side by side, as lines for a terminal."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from customer_models.identity.explain import Explanation, Field
from customer_models.identity.vetoes import Facts, vetoes
from orchestration.settings import command_line
from orchestration.stewards import masking
from orchestration.stewards.masking import UNKNOWN
from orchestration.stewards.reading import REGION, VALUES, Edge, Record

_WIDEST = 32
_LABEL = 8
_BECAUSE = '--because "…"'
_COMPARISONS = {
    "name": "name",
    "phone": "phone",
    "email": "email",
    "wechat_openid": "openid",
    "uscc": "uscc",
    "birth_date": "birth",
    "address": "address",
}
"""The model's comparison for each column of a record."""


@dataclass(frozen=True)
class View:
    """How things are shown: with values or masked, and by which options commands name the warehouse."""

    is_open: bool = False
    options: tuple[str, ...] = ()

    def command(self, name: str, *arguments: str, rest: str = "") -> str:
        """A command to type."""
        said = command_line(shlex.join((name, *arguments)), self.options)
        return f"{said} {rest}" if rest else said

    def decisions(self, left: str, right: str) -> list[str]:
        """The commands that decide about a pair."""
        return [
            f"  if one    {self.command('merge', left, right, rest=_BECAUSE)}",
            f"  if two    {self.command('split', left, right, rest=_BECAUSE)}",
        ]

    def side_by_side(self, left: Record, right: Record, explained: Explanation | None) -> list[str]:
        """One line per field: its values, the level of agreement that the model sees, and its weight."""
        fields = {field.field: field for field in explained.fields} if explained else {}
        titles = ("agreement", "weight") if explained else ("", "")
        rows: list[tuple[str, ...]] = [("", _title(left), _title(right), *titles)]
        for column in VALUES:
            shown = [self._value(record, column) for record in (left, right)]
            if shown == [UNKNOWN, UNKNOWN]:
                continue
            field = fields.get(_COMPARISONS[column])
            rows.append((_COMPARISONS[column], *shown, *_agreement(field, UNKNOWN not in shown)))
        if explained:
            rows.append(("prior", "", "", "any two records", f"{explained.prior:+.2f}"))
            rows.append(("total", "", "", "", f"{explained.total:+.2f}"))
        return _table(rows)

    def summary(self, record: Record) -> str:
        """One record in one line."""
        values = "  ".join(self._value(record, column) for column in ("name", "phone"))
        return f"{record.key}  {values}{'  (deleted)' if record.is_deleted else ''}"

    def edge(self, edge: Edge) -> str:
        """One edge in one line."""
        reason = edge.reason if self.is_open else masking.free_text(edge.reason)
        return f"{edge.rule} {edge.weight:.2f}, {edge.verdict}: {reason}"

    def _value(self, record: Record, column: str) -> str:
        value = masking.shown(column, record.values[column], self.is_open)
        if column == "address":
            region = " ".join(str(record.values[name]) for name in REGION if record.values[name])
            value = " ".join(part for part in (region, value if value != UNKNOWN else "") if part) or UNKNOWN
        return value


def vetoes_between(left: Facts, right: Facts) -> str:
    """Everything that speaks against two records, in one line."""
    return "; ".join(vetoes(left, right)) or "none"


def _title(record: Record) -> str:
    return record.key + (" (deleted)" if record.is_deleted else "")


def _agreement(field: Field | None, are_both_known: bool) -> tuple[str, str]:
    if field is None:
        return "", ""
    if field.level == "not known" and are_both_known:
        return "not usable, or held by many", f"{field.weight:+.2f}"
    return field.level, f"{field.weight:+.2f}"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    cut = [tuple(_cut(cell) for cell in row) for row in rows]
    widths = [max(_width(cell) for cell in column) for column in zip(*cut, strict=True)]
    widths[0] = max(widths[0], _LABEL)
    lines = []
    for *texts, weight in cut:
        cells = [text + " " * (width - _width(text)) for text, width in zip(texts, widths, strict=False)]
        lines.append(f"  {'  '.join((*cells, weight.rjust(widths[-1])))}".rstrip())
    return lines


def _cut(text: str) -> str:
    if _width(text) <= _WIDEST:
        return text
    while _width(text) >= _WIDEST:
        text = text[:-1]
    return f"{text}…"


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def spaced(blocks: Iterable[Sequence[str]]) -> list[str]:
    """Blocks of lines with an empty line between them."""
    lines: list[str] = []
    for block in blocks:
        lines += ["", *block] if lines else block
    return lines
