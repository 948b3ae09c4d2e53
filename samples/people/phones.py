"""Phone numbers as numbers: a mobile has eleven digits from 13 on, a landline is its area code without the zero."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import either, join, padded, pick
from samples.demo.pools import Flags, Ints
from samples.people.names import chosen

PLACEHOLDERS = ("13800138000", "13800000000", "11111111111", "13888888888", "12345678901", "00000000000")
_FULL_WIDTH = "０１２３４５６７８９"


def is_mobile(phones: Ints) -> Flags:
    """Whether the number is a mobile's."""
    return (phones >= 13_000_000_000) & (phones < 20_000_000_000)


def landlines(area_codes: Ints, numbers: Ints) -> Ints:
    """Landline numbers of an area, eight digits from 2 to 8."""
    return area_codes * 100_000_000 + 20_000_000 + numbers * 7_244_473 % 70_000_000


def with_typo(rng: np.random.Generator, phones: Ints) -> Ints:
    """One digit wrong anywhere, or (one in three) two different neighbours exchanged; landlines stay as they are."""
    count = len(phones)
    powers = 10 ** np.arange(10, -1, -1, dtype=np.int64)
    digits = phones[:, None] // powers % 10
    rows, place = np.arange(count), rng.integers(0, 11, count)
    wrong = digits.copy()
    wrong[rows, place] = (wrong[rows, place] + rng.integers(1, 10, count)) % 10
    # The first place, counted from a random one, whose neighbour to the right differs.
    differs = digits[:, :-1] != digits[:, 1:]
    turned = (np.arange(10)[None, :] + rng.integers(0, 10, count)[:, None]) % 10
    at = turned[rows, np.argmax(np.take_along_axis(differs, turned, axis=1), axis=1)]
    swapped = digits.copy()
    swapped[rows, at], swapped[rows, at + 1] = digits[rows, at + 1], digits[rows, at]
    is_swap = (rng.random(count) < 1 / 3) & differs.any(axis=1)
    mistyped = np.where(is_swap[:, None], swapped, wrong) @ powers
    return np.where(is_mobile(phones), mistyped, phones)


def written(phones: Ints) -> pa.Array:
    """Numbers as most write them: mobiles without signs, landlines with a hyphen behind the area code."""
    area, number = _landline_parts(phones)
    return either((phones < 1_000_000_000) | is_mobile(phones), padded(phones, 11), join(area, "-", number))


def formatted(rng: np.random.Generator, phones: Ints) -> pa.Array:
    """Numbers in one of the other ways."""
    text = written(phones)
    whole = padded(phones, 11)
    parts = [pc.utf8_slice_codeunits(whole, start, stop) for start, stop in ((0, 3), (3, 7), (7, 11))]
    mobiles = [
        join(parts[0], "-", parts[1], "-", parts[2]),
        join(parts[0], " ", parts[1], " ", parts[2]),
        join("+86", whole),
        join("86-", whole),
        join("0086 ", whole),
        join("+86 ", parts[0], " ", parts[1], " ", parts[2]),
        full_width(whole),
        join(whole, " "),
    ]
    area, number = _landline_parts(phones)
    others = [
        join("(", area, ")", number),
        join(area, " ", number),
        join("+86-", pc.utf8_ltrim(area, "0"), "-", number),
        join(area, number),
    ]
    way = rng.integers(0, 8, len(text))
    return either(is_mobile(phones), chosen(way, mobiles), chosen(way % 4, others))


def scientific(rng: np.random.Generator, phones: Ints) -> pa.Array:
    """What a spreadsheet shows of a long number: three to six digits of it."""
    digits = pc.utf8_slice_codeunits(padded(phones, 11), 0, 6)
    lead, kept = pc.utf8_slice_codeunits(digits, 0, 1), rng.integers(0, 3, len(phones))
    mantissa = chosen(kept, [pc.utf8_slice_codeunits(digits, 1, stop) for stop in (3, 5, 6)])
    text = join(lead, ".", mantissa, "E+10")
    return either(is_mobile(phones), text, written(phones))


def placeholders(rng: np.random.Generator, count: int) -> pa.Array:
    """What is entered where a form insists on a number."""
    return pick(rng, PLACEHOLDERS, count, (0.4, 0.2, 0.15, 0.1, 0.1, 0.05))


def full_width(text: pa.Array) -> pa.Array:
    """Digits in full width."""
    for digit, wide in enumerate(_FULL_WIDTH):
        text = pc.replace_substring(text, str(digit), wide)
    return text


def _landline_parts(phones: Ints) -> tuple[pa.Array, pa.Array]:
    return join("0", phones // 100_000_000), padded(phones % 100_000_000, 8)
