"""Names as numbers, so that a million can be drawn and damaged at once, and their writings.

Surnames and the characters of given names come from the demo's pools and from two longer tails beside this file.
"""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import either, groups, join, pick
from samples.demo.pools import Flags, Floats, Ints, characters, part_of, pool

POOLS = Path(__file__).parent / "pools"
NONE = -1
"""Stands for the second character of a given name that has one."""
_WELL_KNOWN, _SINGLE = 0.34, 0.10
"""Shares of given names that are taken from the demo's list, or have one character; the others are put together."""


@dataclass(frozen=True)
class Signs:
    """Surnames, or characters of given names, by number."""

    text: tuple[str, ...]
    pinyin: tuple[str, ...]
    traditional: tuple[str, ...]
    weights: Floats
    homophones: Ints
    """Rows: numbers of those that sound the same, in turn until the row is full; NONE where there are none."""

    def written(self, script: str, numbers: Ints) -> pa.Array:
        """The signs in one of the scripts ``text``, ``pinyin``, ``traditional``; an empty text for NONE."""
        words = pa.array([*getattr(self, script), ""], pa.string())
        return words.take(pa.array(np.where(numbers == NONE, len(self.text), numbers)))

    def homophone(self, rng: np.random.Generator, numbers: Ints) -> Ints:
        """Others of the same sound, or the same where there are none."""
        width = self.homophones.shape[1]
        others = self.homophones[numbers, rng.integers(0, width, len(numbers))]
        return np.where((numbers == NONE) | (others == NONE), numbers, others)


@dataclass(frozen=True)
class Names:
    """One name per row, by numbers of signs."""

    surname: Ints
    first: Ints
    second: Ints
    is_woman: Flags

    def take(self, rows: Ints) -> "Names":
        """The names of the given rows."""
        return Names(self.surname[rows], self.first[rows], self.second[rows], self.is_woman[rows])


@lru_cache
def surnames() -> Signs:
    """Surnames with realistic weights: those of the demo, then a tail."""
    known = characters()
    rows = [
        (name, "".join(known[c][0] for c in name), "".join(known[c][1] for c in name), float(weight))
        for name, weight in zip(pool("surnames").columns["surname"], pool("surnames").weights, strict=True)
    ]
    rows += [(r["surname"], r["pinyin"], r["traditional"], float(r["weight"])) for r in _read("surnames")]
    return _signs(rows)


@lru_cache
def given_characters() -> Signs:
    """Every character that a given name may have."""
    known = characters()
    used = sorted({sign for name in pool("given_names").columns["given_name"] for sign in name})
    rows = [(sign, known[sign][0], known[sign][1], 1.0) for sign in used]
    rows += [(r["character"], r["pinyin"], r["traditional"], 1.0) for r in _read("given_characters")]
    return _signs(list({row[0]: row for row in rows}.values()))


def draw(rng: np.random.Generator, count: int) -> Names:
    """Names of people: the commonest is borne by about one in a thousand, most by very few."""
    is_woman = rng.random(count) < 0.5
    first, second = np.full(count, NONE), np.full(count, NONE)
    for gender, here in (("女", np.flatnonzero(is_woman)), ("男", np.flatnonzero(~is_woman))):
        first[here], second[here] = _given(rng, gender, len(here))
    return Names(_by_weight(rng, surnames().weights, count), first, second, is_woman)


def other_given(names: Names, rows: Ints, like: Ints) -> None:
    """Changes, in place, the given names of ``rows`` that are the same as those of ``like``."""
    same = rows[(names.first[rows] == names.first[like]) & (names.second[rows] == names.second[like])]
    names.first[same] = (names.first[same] + 1) % len(given_characters().text)


def with_homophone(rng: np.random.Generator, names: Names, where: Flags) -> tuple[Names, Flags]:
    """Names with one sign exchanged for another of the same sound, and in which rows there was one."""
    place = groups(rng, (0.15, 0.45, 0.4), len(where))
    place = np.where((place == 2) & (names.second == NONE), 1, place)
    surname = np.where(where & (place == 0), surnames().homophone(rng, names.surname), names.surname)
    first = np.where(where & (place == 1), given_characters().homophone(rng, names.first), names.first)
    second = np.where(where & (place == 2), given_characters().homophone(rng, names.second), names.second)
    changed = (surname != names.surname) | (first != names.first) | (second != names.second)
    return Names(surname, first, second, names.is_woman), changed


def written(names: Names, script: str = "text") -> pa.Array:
    """Full names in Chinese characters: script ``text`` (simplified) or ``traditional``."""
    given = given_characters()
    return join(
        surnames().written(script, names.surname),
        given.written(script, names.first),
        given.written(script, names.second),
    )


def in_pinyin(rng: np.random.Generator, names: Names) -> pa.Array:
    """Full names in Latin letters, in one of the ways in which people write them."""
    surname = surnames().written("pinyin", names.surname)
    first, second = (given_characters().written("pinyin", n) for n in (names.first, names.second))
    given, title = join(first, second), pc.utf8_capitalize
    has_two = names.second != NONE
    ways = [
        join(title(surname), " ", title(given)),
        join(title(given), " ", title(surname)),
        join(surname, " ", given),
        pc.utf8_upper(join(surname, " ", given)),
        either(has_two, join(title(surname), " ", title(first), " ", title(second)), join(title(surname), " ", given)),
        either(has_two, join(title(surname), " ", title(first), "-", second), join(title(surname), " ", title(given))),
        join(title(surname), title(given)),
        join(surname, given),
    ]
    return chosen(groups(rng, (0.3, 0.2, 0.12, 0.1, 0.08, 0.06, 0.07, 0.07), len(names.surname)), ways)


def title_only(rng: np.random.Generator, names: Names) -> pa.Array:
    """A surname with what its bearer is called."""
    return join(surnames().written("text", names.surname), _title(rng, names.is_woman))


def titled(rng: np.random.Generator, names: Names) -> pa.Array:
    """Full names with what their bearers are called."""
    return join(written(names), _title(rng, names.is_woman))


def placeholders(rng: np.random.Generator, count: int) -> pa.Array:
    """What forms hold where nobody gave a name; WeChat's own word is the commonest."""
    return pick(rng, ("微信用户", "未知", "匿名", "无", "顾客"), count, (0.5, 0.2, 0.1, 0.1, 0.1))


def chosen(way: Ints, ways: Sequence[pa.Array]) -> pa.Array:
    """In each row the array of that number."""
    return pc.choose(pa.array(way), *ways)


def spaced(rng: np.random.Generator, text: pa.Array, where: Flags) -> pa.Array:
    """Chinese names with a blank behind the first character or the last, half of them ideographic."""
    style = rng.integers(0, 4, len(text))
    first, rest = pc.utf8_slice_codeunits(text, 0, 1), pc.utf8_slice_codeunits(text, 1)
    ways = [join(first, "　", rest), join(first, " ", rest), join(text, "　"), join(text, " ")]
    return either(where, chosen(style, ways), text)


def _title(rng: np.random.Generator, is_woman: Flags) -> pa.Array:
    count = len(is_woman)
    women = pick(rng, ("女士", "小姐", "总", "老师", "经理"), count, (0.62, 0.16, 0.08, 0.09, 0.05))
    men = pick(rng, ("先生", "总", "老师", "经理", "老板"), count, (0.68, 0.14, 0.06, 0.07, 0.05))
    return either(is_woman, women, men)


def _given(rng: np.random.Generator, gender: str, count: int) -> tuple[Ints, Ints]:
    number = {sign: place for place, sign in enumerate(given_characters().text)}
    listed = part_of("given_names", "gender", gender).columns["given_name"]
    pairs = np.array([[number[n[0]], number[n[1]] if len(n) > 1 else NONE] for n in listed], dtype=np.int64)
    tail = [number[row["character"]] for row in _read("given_characters") if row["gender"] == gender]
    signs = np.array([*dict.fromkeys([*pairs[:, 0].tolist(), *tail])], dtype=np.int64)
    common = pairs[_by_weight(rng, _zipf(len(pairs), 1.0), count)]
    single = signs[_by_weight(rng, _zipf(len(signs), 6.0), count)]
    # Another order of the same signs: what is common in front is not what is common behind.
    behind = rng.permutation(signs)
    first = signs[_by_weight(rng, _zipf(len(signs), 12.0), count)]
    second = behind[_by_weight(rng, _zipf(len(signs), 12.0), count)]
    kind = groups(rng, (_WELL_KNOWN, _SINGLE, 1 - _WELL_KNOWN - _SINGLE), count)
    return (
        np.choose(kind, (common[:, 0], single, first)),
        np.choose(kind, (common[:, 1], np.full(count, NONE), second)),
    )


def _zipf(count: int, shift: float) -> Floats:
    """Weights by rank, 1/(rank + shift) (Zipf and Mandelbrot)."""
    return 1.0 / (np.arange(count, dtype=np.float64) + shift)


def _by_weight(rng: np.random.Generator, weights: Floats, count: int) -> Ints:
    bounds = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(bounds, rng.random(count), side="right"), len(weights) - 1).astype(np.int64)


def _signs(rows: list[tuple[str, str, str, float]]) -> Signs:
    sounds: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        sounds[row[1]].append(place)
    widest = max(len(places) for places in sounds.values()) - 1
    homophones: npt.NDArray[np.int64] = np.full((len(rows), widest), NONE)
    for place, row in enumerate(rows):
        others = [other for other in sounds[row[1]] if other != place]
        if others:
            homophones[place] = np.resize(others, widest)
    text, pinyin, traditional, weights = zip(*rows, strict=True)
    return Signs(text, pinyin, traditional, np.array(weights), homophones)


def _read(name: str) -> list[dict[str, str]]:
    with (POOLS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
