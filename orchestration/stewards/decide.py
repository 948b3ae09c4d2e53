"""``liucun merge``, ``split``, ``revoke`` and ``label``: what a steward decides, written for the next run to follow.

All of them are for the holder of the warehouse's lock.
"""

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from orchestration.errors import BadInput
from orchestration.settings import command_line
from orchestration.stewards import labels, overrides
from orchestration.stewards.labels import Label
from orchestration.stewards.overrides import Override
from orchestration.stewards.people import People, is_customer
from orchestration.stewards.sheet import ordered

Command = Literal["merge", "split", "revoke"]


@dataclass(frozen=True)
class Decision:
    """What somebody asked for: records or customers as they were typed, why, who and when."""

    command: Command
    left: str
    right: str
    because: str
    by: str
    at: datetime
    until: date | None = None


def decide(
    folder: Path,
    decision: Decision,
    people: People,
    sources: Collection[str],
    known_on: date | None,
    options: Sequence[str] = (),
) -> list[str]:
    """Write a decision into ``folder``; lines that say what the next run will make of it.

    Args:
        folder: the warehouse's overrides.
        decision: what was asked for.
        people: the customers of the state in force.
        sources: those of the warehouse.
        known_on: load date up to which the current run knows; None before the first run.
        options: what names the warehouse in commands to paste.

    Raises:
        BadInput: it cannot be done; nothing is written then.
    """
    _refuse_empty(decision, options)
    rows = overrides.read_overrides(folder)
    if decision.command == "revoke":
        return _revoke(folder, decision, people, rows, known_on, options)
    pair = ordered(*(people.record(text, decision.command) for text in (decision.left, decision.right)))
    verdict: overrides.Verdict = "force" if decision.command == "merge" else "never"
    if pair[0] == pair[1]:
        raise BadInput(f"{decision.command}: {pair[0]} is one record: expected two")
    if decision.until and known_on and decision.until < known_on:
        raise BadInput(f"--until {decision.until}: loads are known up to {known_on}, so it would never be in force")
    takes_back = f"`{command_line(f'revoke {shlex.join(pair)} --because …', options)}`"
    standing = overrides.in_force(rows, known_on).get(pair)
    if standing and standing.decision == verdict:
        raise BadInput(
            f"{decision.command}: {standing.name} of {overrides.file_of(folder)} says so already"
            f"{f' until {standing.until}' if standing.until else ''}; to change it, first {takes_back}"
        )
    new = Override(verdict, *pair, decision.because.strip(), decision.by, decision.at, decision.until)
    overrides.check([*rows, new], known_on, sources, overrides.file_of(folder), options)
    overrides.write_overrides(folder, [*rows, new])
    return [
        *_foretold(new, people),
        f"the next run (`{command_line('run', options)}`) does it; {takes_back} takes it back",
    ]


def _foretold(new: Override, people: People) -> list[str]:
    """What will become of the customers of a pair."""
    left, right = (people.customers[key] for key in new.pair)
    sizes = {customer: len(people.records[customer]) for customer in (left, right)}
    told = [f"{customer} ({size} {'record' if size == 1 else 'records'})" for customer, size in sizes.items()]
    until = f", for runs that know loads up to {new.until} at most" if new.until else ""
    if new.decision == "force" and left == right:
        return [f"{new.left} and {new.right} are one customer already and stay so{until}: {told[0]}"]
    if new.decision == "force":
        kept = min(sizes, key=lambda customer: (-sizes[customer], int(customer[1:])))
        return [f"{new.left} and {new.right} will be one customer{until}: {' and '.join(told)} become {kept}"]
    if left != right:
        return [f"{new.left} and {new.right} are two customers already and stay so{until}: {' and '.join(told)}"]
    return [
        f"{new.left} and {new.right} will be two customers{until}; now they are {told[0]}",
        "each other record goes with the one of them that its edges tie it to more strongly" if sizes[left] > 2
        else f"the id {left} stays with one of them, the other gets the id it had before, or a new one",
    ]  # fmt: skip


def _revoke(
    folder: Path,
    decision: Decision,
    people: People,
    rows: list[Override],
    known_on: date | None,
    options: Sequence[str],
) -> list[str]:
    texts = (decision.left.strip(), decision.right.strip())
    pair = ordered(*(people.record(text, "revoke") if is_customer(text) else text for text in texts))
    found = [row for row in rows if row.pair == pair and row.is_in_force(known_on)]
    if not found:
        near = [row for row in rows if row.is_in_force(known_on) and {*row.pair} & {*pair}]
        others = ", ".join(f"{row.name} ({row.decision} {row.left} {row.right})" for row in near) or "none"
        raise BadInput(
            f"revoke: nothing is in force between {pair[0]} and {pair[1]}; in force about either of them: {others}"
        )
    changed = {id(row): overrides.revoked(row, decision.because.strip(), decision.by, decision.at) for row in found}
    overrides.write_overrides(folder, [changed.get(id(row), row) for row in rows])
    verdicts = " and ".join(sorted({row.decision for row in found}))
    return [
        f"{verdicts} between {pair[0]} and {pair[1]} is revoked",
        f"from the next run on (`{command_line('run', options)}`) their edges and vetoes alone decide",
    ]


def _refuse_empty(decision: Decision, options: Sequence[str]) -> None:
    if not decision.because.strip():
        raise BadInput(f"{decision.command}: expected a reason (--because)")
    customers = [text.strip() for text in (decision.left, decision.right) if is_customer(text)]
    if decision.command == "split" and customers:
        raise BadInput(
            "split: expected two records (source:id), not customers: "
            f"`{command_line(f'why {customers[0]}', options)}` lists its records"
        )


def label(
    folder: Path, left: str, right: str, word: str, by: str, at: datetime, options: Sequence[str] = ()
) -> list[str]:
    """Write down whether a pair that was drawn is one customer (``yes``) or not (``no``).

    Raises:
        BadInput: the pair was not drawn, or the word is another one.
    """
    if word.lower() not in labels.WORDS:
        raise BadInput(f"label: expected yes or no, found {word!r}")
    rows = labels.read_labels(folder)
    pair = ordered(left.strip(), right.strip())
    if pair not in {row.pair for row in rows}:
        raise BadInput(
            f"label: {pair[0]} and {pair[1]} were not drawn into {labels.file_of(folder)}; a pair that somebody picks "
            f"says nothing of the others: `{command_line('review --sample 50', options)}` draws some"
        )
    said = {"is_same": labels.WORDS[word.lower()], "labelled_by": by, "labelled_at": at}
    rows = [replace(row, **said) if row.pair == pair else row for row in rows]  # type: ignore[arg-type]
    labels.write_labels(folder, rows)
    return [f"{_left_over(rows)} of {len(rows)} drawn pairs wait for a label in {labels.file_of(folder)}"]


def _left_over(rows: list[Label]) -> int:
    return sum(row.is_same is None for row in rows)
