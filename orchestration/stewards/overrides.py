"""What stewards decided about pairs of records: ``overrides/merge_overrides.csv``.

``force``: both are one customer. ``never``: they are two. A row is in force until the end of its date ``until``, or
until somebody revokes it; no row is ever taken out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal, cast

from orchestration.errors import BadInput
from orchestration.settings import command_line
from orchestration.stewards.sheet import Row, ordered, read_sheet, told, write_sheet

Verdict = Literal["force", "never"]
COLUMNS = (
    *("decision", "left_record_key", "right_record_key", "reason", "decided_by", "decided_at"),
    *("until", "revoked_by", "revoked_at"),
)
_NAMES = 20


@dataclass(frozen=True)
class Override:
    """One row; ``left`` is the smaller key. ``row``: its number in the file, 0 for one that is not there yet."""

    decision: Verdict
    left: str
    right: str
    reason: str
    decided_by: str
    decided_at: datetime
    until: date | None = None
    revoked_by: str = ""
    revoked_at: datetime | None = None
    row: int = 0

    @property
    def pair(self) -> tuple[str, str]:
        """Both record keys."""
        return self.left, self.right

    @property
    def name(self) -> str:
        """How messages speak of it."""
        return f"row {self.row}" if self.row else "this decision"

    def is_in_force(self, known_on: date | None) -> bool:
        """Whether it binds a run that knows loads up to ``known_on`` (None: before the first run)."""
        is_over = self.until is not None and known_on is not None and known_on > self.until
        return not is_over and self.revoked_at is None and not self.revoked_by


def file_of(overrides: Path) -> Path:
    """Where decisions about pairs stand."""
    return overrides / "merge_overrides.csv"


def read_overrides(overrides: Path) -> list[Override]:
    """All rows of the file, in its order; none where there is no file. Raises BadInput for a cell it cannot use."""
    return [_override(row) for row in read_sheet(file_of(overrides), COLUMNS)]


def _override(row: Row) -> Override:
    left, right = ordered(row.record_key("left_record_key"), row.record_key("right_record_key"))
    decided_at = row.moment("decided_at")
    if decided_at is None:
        raise row.bad("decided_at", "the day of the decision")
    return Override(
        decision=cast(Verdict, row.choice("decision", ("force", "never"))),
        left=left,
        right=right,
        reason=row.text("reason", "why it was decided so"),
        decided_by=row.text("decided_by", "who decided it"),
        decided_at=decided_at,
        until=row.day("until"),
        revoked_by=row.cells["revoked_by"],
        revoked_at=row.moment("revoked_at"),
        row=row.number,
    )


def write_overrides(overrides: Path, rows: Iterable[Override]) -> None:
    """Replace the file by these rows, in one step. For the holder of the warehouse's lock."""
    write_sheet(file_of(overrides), COLUMNS, (_cells(row) for row in rows))


def _cells(row: Override) -> dict[str, str]:
    values = (row.decision, row.left, row.right, row.reason, row.decided_by, told(row.decided_at))
    until = row.until.isoformat() if row.until else ""
    return dict(zip(COLUMNS, (*values, until, row.revoked_by, told(row.revoked_at)), strict=True))


def revoked(row: Override, because: str, by: str, at: datetime) -> Override:
    """The row as it stands once it is revoked: why is said behind its own reason."""
    return replace(row, reason=f"{row.reason} (revoked: {because})", revoked_by=by, revoked_at=at)


def in_force(rows: Iterable[Override], known_on: date | None) -> dict[tuple[str, str], Override]:
    """The row that binds each pair: the last one of those in force."""
    return {row.pair: row for row in rows if row.is_in_force(known_on)}


def check(
    rows: Iterable[Override],
    known_on: date | None,
    sources: Collection[str],
    path: Path,
    options: Sequence[str] = (),
) -> None:
    """Refuse rows in force that cannot all hold; ``options`` name the warehouse in a command to paste.

    Raises:
        BadInput: a record of a source that the warehouse does not have, a record paired with itself, a pair forced
            and kept apart, or a chain of forces between two records that are kept apart.
    """
    bound = [row for row in rows if row.is_in_force(known_on)]
    for row in bound:
        for column, key in (("left_record_key", row.left), ("right_record_key", row.right)):
            if key.partition(":")[0] not in sources:
                raise BadInput(
                    f"{path}: {row.name}, {column}: expected a record of {', '.join(sources)}, found {key!r}; "
                    "correct the key"
                )
        if row.left == row.right:
            raise BadInput(
                f"{path}: {row.name}, right_record_key: expected another record than left_record_key, found "
                f"{row.right!r} in both; name the other record, or take the row out"
            )
    if found := contradiction(bound):
        never, chain = found
        forces = ", ".join(f"{row.name} ({row.left} {row.right})" for row in chain)
        raise BadInput(
            f"{path}: {never.name} keeps {never.left} and {never.right} apart, but they are forced together by "
            f"{forces}; revoke one of these (`{command_line('revoke RECORD RECORD --because …', options)}`)"
        )


def contradiction(rows: Iterable[Override]) -> tuple[Override, Sequence[Override]] | None:
    """The first ``never`` whose records are tied by forces, with the shortest chain of these; None if there is none.

    What had run out before the other was decided contradicts it on no day but past ones, on which the later rules.
    """
    rows = list(rows)
    forces = [row for row in rows if row.decision == "force"]
    ever = _Ties(forces)
    for row in rows:
        if row.decision == "never" and ever.are_one(*row.pair):
            ties = _Ties(force for force in forces if not (_is_over(force, row) or _is_over(row, force)))
            if ties.are_one(*row.pair):
                return row, ties.chain(*row.pair)
    return None


def _is_over(one: Override, other: Override) -> bool:
    """Whether one had run out when the other was decided."""
    return one.until is not None and one.until < other.decided_at.date()


class _Ties:
    """Records that forces tie together, directly or through others."""

    def __init__(self, forces: Iterable[Override]) -> None:
        self._parents: dict[str, str] = {}
        self._forces: dict[str, list[Override]] = {}
        for row in forces:
            for key in row.pair:
                self._forces.setdefault(key, []).append(row)
            self._parents[self._root(row.left)] = self._root(row.right)

    def are_one(self, left: str, right: str) -> bool:
        return self._root(left) == self._root(right)

    def chain(self, left: str, right: str) -> list[Override]:
        """The fewest forces that lead from one to the other."""
        came_by: dict[str, tuple[str, Override] | None] = {left: None}
        waiting = [left]
        for key in waiting:
            for row in self._forces[key]:
                other = row.right if row.left == key else row.left
                if other not in came_by:
                    came_by[other] = key, row
                    waiting.append(other)
        found: list[Override] = []
        while (step := came_by[right]) is not None:
            right = step[0]
            found.append(step[1])
        return found[::-1]

    def _root(self, key: str) -> str:
        while (parent := self._parents.setdefault(key, key)) != key:
            self._parents[key] = key = self._parents[parent]
        return key


def missing(rows: Mapping[tuple[str, str], Override], known: Collection[str], path: Path) -> str | None:
    """A line that names the records of rows in force that nobody has seen; None if all have been."""
    unseen = sorted({key for pair in rows for key in pair if key not in known})
    if not unseen:
        return None
    more = f" and {len(unseen) - _NAMES} more" if len(unseen) > _NAMES else ""
    return (
        f"{path.name}: no load has brought these records yet, so what was decided about them waits: "
        f"{', '.join(unseen[:_NAMES])}{more}"
    )
