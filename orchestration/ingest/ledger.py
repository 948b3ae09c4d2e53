"""The file system read as a ledger: which loads are accepted, refused, in force, and what a landing load is to it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from orchestration.errors import LiucunError
from orchestration.folders import Folders
from orchestration.ingest.contract import Source
from orchestration.ingest.decisions import Decision, read_decisions
from orchestration.ingest.landing import LandingLoad
from orchestration.ingest.manifest import Manifest, RefusedManifest

Status = Literal["new", "in force", "again", "quarantined", "discarded", "subset"]
_M = TypeVar("_M", bound=Manifest)


@dataclass(frozen=True)
class Accepted:
    """A load in raw."""

    manifest: Manifest
    folder: Path

    @property
    def load_id(self) -> str:
        """The load's identity."""
        return self.manifest.load_id

    @property
    def data(self) -> Path:
        """Its rows."""
        return self.folder / "data.parquet"

    @property
    def sequence(self) -> int:
        """Its arrival number within the object."""
        return self.manifest.sequence or 0

    @property
    def key(self) -> tuple[str, str]:
        """Source and object."""
        return self.manifest.source, self.manifest.object

    @property
    def slot(self) -> tuple[str, str, date]:
        """Source, object and load date: of these one load is in force."""
        return *self.key, self.manifest.load_date


@dataclass(frozen=True)
class Quarantined:
    """A refused load."""

    manifest: RefusedManifest
    folder: Path

    @property
    def load_id(self) -> str:
        """The load's identity."""
        return self.manifest.load_id

    @property
    def rejects(self) -> Path:
        """The records that could not be read, with their text."""
        return self.folder / "rejects.parquet"

    @property
    def is_readable(self) -> bool:
        """Whether there were rows to judge; what could not be read cannot be accepted either."""
        return self.manifest.received_count > 0

    @property
    def slot(self) -> tuple[str, str, date]:
        """Source, object and load date."""
        return self.manifest.source, self.manifest.object, self.manifest.load_date


class Ledger:
    """A view of the folders, read when first asked; make a new one after they changed."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._in_force: dict[date | None, tuple[Accepted, ...]] = {}

    @cached_property
    def _accepted(self) -> tuple[Accepted, ...]:
        loads = [
            Accepted(_read(path, Manifest), path.parent)
            for path in self.folders.raw.glob("*/*/*/manifest.json")
            if path.parent.name != "_contract"
        ]
        return tuple(sorted(loads, key=lambda a: (*a.key, a.sequence, a.load_id)))

    @cached_property
    def _quarantined(self) -> dict[str, Quarantined]:
        found = sorted(self.folders.quarantine.glob("*/manifest.json"))
        loads = [Quarantined(_read(path, RefusedManifest), path.parent) for path in found]
        return {q.load_id: q for q in loads}

    @cached_property
    def _decisions(self) -> dict[str, Decision]:
        return read_decisions(self.folders.overrides)

    @cached_property
    def _by_id(self) -> dict[str, Accepted]:
        return {a.load_id: a for a in self._accepted}

    @cached_property
    def _standing(self) -> dict[tuple[str, str, date], Accepted]:
        return {a.slot: a for a in self.in_force()}

    def accepted(self) -> tuple[Accepted, ...]:
        """All loads in raw, discarded ones too, by source, object and sequence."""
        return self._accepted

    def quarantined(self) -> tuple[Quarantined, ...]:
        """All refused loads, by load id."""
        return tuple(self._quarantined.values())

    def decisions(self) -> dict[str, Decision]:
        """The last decision per load."""
        return self._decisions

    def decided(self, load_id: str) -> str | None:
        """The last decision about a load: accept, discard, retry or None."""
        decision = self._decisions.get(load_id)
        return decision.decision if decision else None

    def accept_because(self, load_id: str) -> str | None:
        """Why a refused load shall be taken as it is, None where nobody said so."""
        decision = self._decisions.get(load_id)
        return decision.because if decision and decision.decision == "accept" else None

    def in_force(self, known_on: date | None = None) -> tuple[Accepted, ...]:
        """Per object and load date up to ``known_on`` the load that arrived last; not discarded."""
        if known_on not in self._in_force:
            newest: dict[tuple[str, str, date], Accepted] = {}
            for load in self._accepted:
                if known_on is not None and load.manifest.load_date > known_on:
                    continue
                if self.decided(load.load_id) == "discard":
                    continue
                newest[load.slot] = load
            self._in_force[known_on] = tuple(sorted(newest.values(), key=lambda a: a.slot))
        return self._in_force[known_on]

    def last_sequence(self, source: str, object_name: str) -> int:
        """The highest arrival number of an object, 0 before the first."""
        return max((a.sequence for a in self._accepted if a.key == (source, object_name)), default=0)

    def status(self, load: LandingLoad) -> Status:
        """What a landing load is to the ledger.

        new: to be received (never seen, or a person said accept). in force: nothing to do. again: in raw, but
        something came after it, so it is to be put in force once more. quarantined, discarded: leave it.
        subset: all its files are part of the load in force, so it brings nothing; a
        file cleared from landing takes no rows away.
        """
        decided = self.decided(load.load_id)
        if decided == "discard":
            return "discarded"
        if load.load_id in self._quarantined:
            return "new" if decided == "accept" else "quarantined"
        standing = self._standing.get((load.source, load.object, load.load_date))
        if standing and Counter(f.sha256 for f in load.files) < Counter(f.sha256 for f in standing.manifest.files):
            return "subset"
        if load.load_id in self._by_id:
            return "in force" if self._is_last_arrival(self._by_id[load.load_id]) else "again"
        return "new"

    def _is_last_arrival(self, load: Accepted) -> bool:
        if self._standing.get(load.slot) != load:
            return False
        return not any(self._blocks(q, [load]) for q in self._quarantined.values() if q.slot == load.slot)

    def blocking_refusals(
        self, sources: Iterable[Source], known_on: date | None = None, pending: Iterable[LandingLoad] = ()
    ) -> tuple[Quarantined, ...]:
        """Refusals that still stand for required objects, so that a run refuses again without judging again.

        A refusal falls when a person decided otherwise, or with a newer good load: of a snapshot one of a
        later load date, of either mode one of the same date that arrived after it. ``pending`` are loads about
        to be accepted. Objects that ``sources`` no longer declare do not count.
        """
        return self._standing_refusals(sources, known_on, pending, required=True)

    def held_back(
        self, sources: Iterable[Source], known_on: date | None = None, pending: Iterable[LandingLoad] = ()
    ) -> tuple[Quarantined, ...]:
        """Like ``blocking_refusals``, for objects with ``required: false``: worth a warning, the run goes on."""
        return self._standing_refusals(sources, known_on, pending, required=False)

    def _standing_refusals(
        self, sources: Iterable[Source], known_on: date | None, pending: Iterable[LandingLoad], *, required: bool
    ) -> tuple[Quarantined, ...]:
        pending, in_force = list(pending), self.in_force(known_on)
        asked = {(s.source, name) for s in sources for name, o in s.objects.items() if o.required == required}
        return tuple(
            q
            for q in self._quarantined.values()
            if q.slot[:2] in asked
            and (known_on is None or q.manifest.load_date <= known_on)
            and not any(p.load_id == q.load_id or _supersedes(p, q) for p in pending)
            and self._blocks(q, in_force)
        )

    def _blocks(self, refused: Quarantined, loads: Iterable[Accepted]) -> bool:
        if self.decided(refused.load_id) in ("accept", "discard") or refused.load_id in self._by_id:
            return False
        return not any(
            _is_later(load.manifest, refused.manifest)
            or (load.slot == refused.slot and load.sequence > refused.manifest.refused_after)
            for load in loads
        )


def _is_later(good: Manifest | LandingLoad, refused: RefusedManifest) -> bool:
    """Whether a good snapshot of a later date makes a refused one uninteresting."""
    is_same_object = (good.source, good.object) == (refused.source, refused.object)
    return refused.mode == "snapshot" and is_same_object and good.load_date > refused.load_date


def _supersedes(pending: LandingLoad, refused: Quarantined) -> bool:
    return (pending.source, pending.object, pending.load_date) == refused.slot or _is_later(pending, refused.manifest)


def _read(path: Path, kind: type[_M]) -> _M:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise LiucunError(
            f"{path}: is not a load's manifest; the ledger is damaged, restore this folder from a backup"
        ) from None
