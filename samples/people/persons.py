"""The people: names, phones and homes over time, births, e-mail addresses, openids, and who lives with whom."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import DAY, either, join, only, padded, pick, stream
from samples.demo.codes import mobiles, openids, scattered
from samples.demo.pools import Flags, Ints
from samples.people import names, places
from samples.people.names import Names
from samples.people.phones import landlines
from samples.people.places import Homes
from samples.people.rates import Rates

NEVER = np.iinfo(np.int64).max
HOSTS = ("qq.com", "163.com", "126.com", "139.com", "sina.com", "foxmail.com", "gmail.com")
_HOST_SHARES = (0.5, 0.2, 0.07, 0.08, 0.05, 0.06, 0.04)
_YEAR = 365.25


@dataclass
class People:
    """One row per person. ``phones`` and ``homes``: the first, and that from ``phone_changed`` or ``moved`` on."""

    names: Names
    born: Ints
    """Days since 1970."""
    phones: tuple[Ints, Ints]
    phone_changed: Ints
    """Second since 1970; NEVER for those who keep their number."""
    homes: tuple[Homes, Homes]
    moved: Ints
    email: pa.Array
    openid: pa.Array

    def __len__(self) -> int:
        return len(self.born)


def people(seed: int, count: int, rates: Rates, known_since: Ints, end: int) -> People:
    """Draws the people.

    Args:
        seed: of all randomness.
        count: of people.
        rates: see there.
        known_since: second of each person's first record.
        end: second after the last record.
    """
    rng = stream(seed, "people")
    bearers = names.draw(rng, count)
    born = ((2024 - 1970) * _YEAR - _YEAR * np.clip(rng.gamma(7.0, 5.8, count), 16, 92)).astype(np.int64)
    # Numbers of one series never meet, so a number in common is always one that the story explains.
    series = mobiles(rng, np.arange(2 * count, dtype=np.int64))
    # Neighbours of one series have digits in common.
    first, second = series[:count].copy(), rng.permutation(series[count:])
    home = places.draw(rng, count)
    _households(stream(seed, "households"), rates, bearers, born, first, home)
    rng = stream(seed, "changes")
    moved = np.where(rng.random(count) < rates.moved, _between(rng, known_since, end), NEVER)
    changed = np.where(rng.random(count) < rates.changed_phone, _between(rng, known_since, end), NEVER)
    changed = np.where((moved < NEVER) & (rng.random(count) < rates.moved_with_phone), moved, changed)
    new_home = places.draw(rng, count, near=home)
    _recycle(stream(seed, "recycled"), rates, first, second, changed, known_since)
    rng = stream(seed, "online")
    email = _emails(rng, rng.random(count) < rates.email, bearers, born, first)
    openid = only(rng.random(count) < rates.openid, openids(rng, count))
    return People(bearers, born, (first, second), changed, (home, new_home), moved, email, openid)


def _between(rng: np.random.Generator, start: Ints, end: int) -> Ints:
    return (start + 1 + rng.random(len(start)) * (end - start - 1)).astype(np.int64)


def _households(rng: np.random.Generator, rates: Rates, bearers: Names, born: Ints, phones: Ints, homes: Homes) -> None:
    """Couples and families of two: phone, home and (but for couples with two names) surname become the same."""
    pairs = round(len(born) * rates.household / 2)
    members = rng.permutation(len(born))[: 2 * pairs]
    head, other = members[:pairs], members[pairs:]
    is_spouse = rng.random(pairs) < rates.spouse
    bearers.is_woman[other] = np.where(is_spouse, ~bearers.is_woman[head], bearers.is_woman[other])
    bearers.surname[other] = np.where(is_spouse, bearers.surname[other], bearers.surname[head])
    names.other_given(bearers, other, head)
    years = np.where(is_spouse, rng.normal(0, 3.5, pairs), rng.normal(27, 4, pairs))
    # A child of somebody who is too young for children is a parent.
    years = np.where(born[head] + years * _YEAR > (2007 - 1970) * _YEAR, -np.abs(years), years)
    born[other] = (born[head] + years * _YEAR).astype(np.int64)
    homes.put(other, homes.take(head))
    is_landline = rng.random(pairs) < rates.household_landline
    fixed = landlines(places.area_codes(homes.take(head)), np.arange(pairs, dtype=np.int64))
    phones[head] = np.where(is_landline, fixed, phones[head])
    phones[other] = phones[head]


def _recycle(
    rng: np.random.Generator, rates: Rates, first: Ints, second: Ints, changed: Ints, known_since: Ints
) -> None:
    """Numbers given up come, after a quarter of a year or more, to somebody else: a newcomer's, or a changer's."""
    count = round(len(first) * rates.recycled_phone)
    numbers, holders = np.unique(first, return_counts=True)
    alone = holders[np.searchsorted(numbers, first)] == 1
    givers = rng.permutation(np.flatnonzero((changed < NEVER) & alone))
    takers = rng.permutation(np.flatnonzero(alone))[: len(givers)]
    givers = givers[: len(takers)]
    is_new = known_since[takers] > changed[givers] + 90 * DAY
    is_later = (changed[takers] < NEVER) & (changed[takers] > changed[givers] + 90 * DAY)
    fit = np.flatnonzero((is_new | is_later) & (givers != takers))[:count]
    given_up = first[givers[fit]]
    second[takers[fit]] = np.where(is_new[fit], second[takers[fit]], given_up)
    new = fit[is_new[fit]]
    # A giver that takes as well gives up what it took: leave it out.
    new = new[~np.isin(takers[new], givers[fit])]
    first[takers[new]] = first[givers[new]]


def _emails(rng: np.random.Generator, filled: Flags, bearers: Names, born: Ints, phones: Ints) -> pa.Array:
    """Addresses that nobody shares: of a name and a year, of the phone number, or of a QQ number."""
    count = len(filled)
    number = padded(scattered(np.arange(count, dtype=np.int64), int(rng.integers(0, 100_000_000))), 8)
    qq = join(rng.integers(1, 10, count), number)
    given = names.given_characters()
    sounds = join(
        names.surnames().written("pinyin", bearers.surname),
        given.written("pinyin", bearers.first),
        given.written("pinyin", bearers.second),
    )
    year = (1970 + born / _YEAR).astype(np.int64)
    named = join(sounds, either(rng.random(count) < 0.5, pc.cast(pa.array(year), "string"), padded(year % 100, 2)))
    kind = rng.choice(3, count, p=(0.4, 0.2, 0.4))
    local = names.chosen(kind, [named, pc.cast(pa.array(phones), "string"), qq])
    address = join(local, "@", pick(rng, HOSTS, count, _HOST_SHARES))
    codes = address.dictionary_encode().indices.to_numpy()
    is_taken = np.bincount(codes)[codes] > 1
    return only(filled, either(is_taken, join(qq, "@qq.com"), address))
