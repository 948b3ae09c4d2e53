"""What the records say: who is recorded when and by which channel, and what was written of him or her."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import DAY, MISSING, arrow, either, groups, in_daytime, join, only, padded, pick, stream
from samples.demo.codes import mobiles, scattered
from samples.demo.pools import Flags, Floats, Ints
from samples.people import names, phones, places
from samples.people.persons import HOSTS, People
from samples.people.rates import Rates

START, END = 18_993 * DAY, 20_454 * DAY
"""2022-01-01 and 2026-01-01."""
CHANNELS = ("微信小程序", "官网商城", "门店")
_LETTERS = ("M", "W", "S")
_SHARES = (0.4, 0.3, 0.3)
# By channel: how much more or less often than the mean.
_OPENID = np.array([1.5, 0.7, 0.6])
_EMAIL = np.array([0.8, 1.5, 0.75])
_NO_ADDRESS = np.array([0.9, 0.3, 1.8])
_TITLES = np.array([0.4, 0.3, 2.5])
_SHEETS = np.array([0.2, 0.2, 2.9])


@dataclass(frozen=True)
class Entries:
    """Which person was recorded when, by which channel; in the order of time, the first record of each marked."""

    person: Ints
    created: Ints
    channel: Ints
    is_first: Flags


def entries(seed: int, people: int, records: int) -> Entries:
    """Everybody is recorded once; the rest goes to people by how often they come, which differs widely."""
    rng = stream(seed, "entries")
    often = np.cumsum(rng.gamma(1.0, 1.0, people))
    again = np.searchsorted(often, rng.random(records - people) * often[-1], side="right")
    person = np.concatenate([np.arange(people), np.minimum(again, people - 1)])
    created = in_daytime((START + rng.random(records) * (END - START)).astype(np.int64))
    order = np.lexsort((person, created))
    person, created = person[order], created[order]
    is_first = np.zeros(records, dtype=bool)
    is_first[np.unique(person, return_index=True)[1]] = True
    return Entries(person, created, groups(rng, _SHARES, records), is_first)


class Damages:
    """Which record has which damage, in the order in which they decide the kind of a duplicate: the worst first."""

    def __init__(self) -> None:
        self.flags: dict[str, Flags] = {}

    def note(self, name: str, where: Flags) -> Flags:
        """Takes note of a damage and returns where it is."""
        self.flags[name] = where
        return where

    def kinds(self, order: Sequence[str], is_first: Flags) -> pa.Array:
        """``first``, else the worst damage, else ``exact``."""
        kind = np.full(len(is_first), len(order))
        for place, name in reversed(list(enumerate(order))):
            kind[self.flags[name]] = place
        kind[is_first] = len(order) + 1
        return pa.array([*order, "exact", "first"], pa.string()).take(pa.array(kind))

    def counts(self, order: Sequence[str]) -> npt.NDArray[np.int32]:
        """How many damages each record has."""
        return np.asarray(np.sum([self.flags[name] for name in order], axis=0, dtype=np.int32))


ORDER = (
    "changed_phone_and_moved", "changed_phone", "missing_phone", "placeholder_phone", "borrowed_phone",
    "phone_scientific", "phone_typo", "placeholder_name", "title_only", "pinyin", "homophone", "traditional", "moved",
    "titled", "full_width", "partial_address", "phone_format", "address_style",
)  # fmt: skip
"""Kinds of duplicates, the hardest first."""


def recorded(seed: int, people: People, entered: Entries, rates: Rates) -> tuple[dict[str, pa.Array], Damages]:
    """The columns of the records that say who somebody is, and what is wrong with them."""
    care = _carelessness(stream(seed, "care"), rates, entered.is_first)
    damages = Damages()
    is_changed = entered.created >= people.phone_changed[entered.person]
    has_moved = entered.created >= people.moved[entered.person]
    columns = {
        **_names(stream(seed, "names"), people, entered, rates, care, damages),
        **_phones(stream(seed, "phones"), people, entered, rates, care, damages, is_changed),
        **_addresses(stream(seed, "addresses"), people, entered, rates, care, damages, has_moved),
        **_others(stream(seed, "others"), people, entered, rates, care),
    }
    knows_place = pc.or_(pc.is_valid(columns["address"]), pc.is_valid(columns["city"])).to_numpy(zero_copy_only=False)
    damages.note("moved", has_moved & ~is_changed & knows_place)
    damages.note("changed_phone_and_moved", is_changed & has_moved & knows_place)
    damages.note("changed_phone", is_changed & ~damages.flags["changed_phone_and_moved"])
    return columns, damages


def _carelessness(rng: np.random.Generator, rates: Rates, is_first: Flags) -> Floats:
    """How many times as often as the mean each record has a mistake."""
    shares, factors = (np.array(part) for part in zip(*rates.care, strict=True))
    factor = factors[groups(rng, shares.tolist(), len(is_first))] / (shares @ factors)
    return np.asarray(factor * np.where(is_first, rates.first_record, 1.0))


def _names(
    rng: np.random.Generator, people: People, entered: Entries, rates: Rates, care: Floats, damages: Damages
) -> dict[str, pa.Array]:
    bearers = people.names.take(entered.person)
    count = len(entered.person)
    bearers, is_homophone = names.with_homophone(rng, bearers, rng.random(count) < rates.homophone * care)
    title = rates.title_only * care * _TITLES[entered.channel]
    bounds = np.cumsum([rates.placeholder_name * care, title, rates.pinyin * care, rates.titled * care], axis=0)
    way = (rng.random(count)[None, :] >= bounds).sum(axis=0)
    is_traditional = (rng.random(count) < rates.traditional * care) & (way == 4)
    text = either(is_traditional, names.written(bearers, "traditional"), names.written(bearers))
    is_traditional &= pc.not_equal(text, names.written(bearers)).to_numpy(zero_copy_only=False)
    is_wide = (rng.random(count) < rates.full_width * care) & (way == 4)
    text = names.spaced(rng, text, is_wide)
    ways = [
        names.placeholders(rng, count), names.title_only(rng, bearers), names.in_pinyin(rng, bearers),
        names.titled(rng, bearers), text,
    ]  # fmt: skip
    for place, name in enumerate(("placeholder_name", "title_only", "pinyin", "titled")):
        damages.note(name, way == place)
    # Neither a title nor a placeholder shows how the name would have been written; pinyin hides it.
    damages.note("homophone", is_homophone & (way >= 3))
    damages.note("traditional", is_traditional)
    damages.note("full_width", is_wide)
    return {"name": names.chosen(way, ways)}


def _phones(
    rng: np.random.Generator, people: People, entered: Entries, rates: Rates, care: Floats, damages: Damages,
    is_changed: Flags,
) -> dict[str, pa.Array]:  # fmt: skip
    count = len(entered.person)
    first, second = (numbers[entered.person] for numbers in people.phones)
    number = np.where(is_changed, second, first)
    sheet = rates.phone_scientific * care * _SHEETS[entered.channel]
    mistakes = [rates.missing_phone * care, rates.placeholder_phone * care, rates.borrowed_phone * care, sheet,
                rates.phone_typo * care]  # fmt: skip
    way = (rng.random(count)[None, :] >= np.cumsum(mistakes, axis=0)).sum(axis=0)
    way = np.where((way == 3) & ~phones.is_mobile(number), 5, way)
    mistyped = phones.with_typo(rng, number)
    way = np.where((way == 4) & (mistyped == number), 5, way)
    employees = mobiles(rng, 2 * len(people) + np.arange(max(1, count // 15_000), dtype=np.int64))
    borrowed = employees[rng.integers(0, len(employees), count)]
    is_formatted = (rng.random(count) < rates.phone_format) & ((way == 5) | (way == 2))
    number = np.where(way == 2, borrowed, number)
    plain = either(is_formatted, phones.formatted(rng, number), phones.written(number))
    nothing = pa.nulls(count, pa.string())
    typed = padded(mistyped, 11)
    ways = [nothing, phones.placeholders(rng, count), plain, phones.scientific(rng, number), typed, plain]
    for place, name in enumerate(
        ("missing_phone", "placeholder_phone", "borrowed_phone", "phone_scientific", "phone_typo")
    ):
        damages.note(name, way == place)
    damages.note("phone_format", is_formatted)
    return {"phone": names.chosen(way, ways)}


def _addresses(
    rng: np.random.Generator, people: People, entered: Entries, rates: Rates, care: Floats, damages: Damages,
    has_moved: Flags,
) -> dict[str, pa.Array]:  # fmt: skip
    count = len(entered.person)
    home, new = (homes.take(entered.person) for homes in people.homes)
    rows = np.flatnonzero(has_moved)
    home.put(rows, new.take(rows))
    missing = rng.random(count) < rates.missing_address * _NO_ADDRESS[entered.channel]
    partial = damages.note("partial_address", ~missing & (rng.random(count) < rates.partial_address * care))
    styled = damages.note("address_style", ~missing & (rng.random(count) < rates.address_style))
    return vars(places.written(rng, home, styled, partial, missing))


def _others(
    rng: np.random.Generator, people: People, entered: Entries, rates: Rates, care: Floats
) -> dict[str, pa.Array]:
    count = len(entered.person)
    at = pa.array(entered.person)
    email = people.email.take(at)
    local = pc.replace_substring_regex(email, "@.*", "")
    hosts = pick(rng, (*HOSTS, "qq.con", "163.co"), count)
    email = either(rng.random(count) < rates.email_typo * care, join(local, "@", hosts), email)
    email = either(rng.random(count) < 0.03, pc.utf8_upper(email), email)
    is_woman = people.names.is_woman[entered.person]
    gender = either(is_woman, pa.array(["女"] * count), pa.array(["男"] * count))
    return {
        "email": only(rng.random(count) < rates.kept_email * _EMAIL[entered.channel], email),
        "wechat_openid": only(rng.random(count) < rates.kept_openid * _OPENID[entered.channel], people.openid.take(at)),
        "birth_date": pc.cast(arrow(_birth_dates(rng, people, entered, rates, care)).cast(pa.int32()), pa.date32()),
        "gender": only(rng.random(count) < rates.gender, gender),
    }


def _birth_dates(rng: np.random.Generator, people: People, entered: Entries, rates: Rates, care: Floats) -> Ints:
    """Days since 1970; wrong ones are off by years, months or days."""
    count = len(entered.person)
    born = people.born[entered.person]
    off = np.choose(rng.integers(0, 3, count), (365, 30, 1)) * rng.integers(1, 10, count) * rng.choice((-1, 1), count)
    born = np.where(rng.random(count) < rates.wrong_birth_date * care, born - np.abs(off) * np.sign(off), born)
    invented = np.where(rng.random(count) < 0.8, -25_567, 0)
    born = np.where(rng.random(count) < rates.placeholder_birth_date, invented, born)
    return np.where(rng.random(count) < rates.birth_date, born, MISSING)


def identifiers(entered: Entries) -> pa.Array:
    """Ids as the channels give them: they tell nothing of the person."""
    letters = pa.array(_LETTERS, pa.string()).take(pa.array(entered.channel))
    return join(letters, padded(scattered(np.arange(len(entered.person), dtype=np.int64), 27_182_818), 8))
