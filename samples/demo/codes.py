"""Phone numbers, social credit codes and other codes of the right form, one for each customer."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo.arrays import join, padded
from samples.demo.pools import Ints

MOBILE_PREFIXES = (135, 136, 137, 138, 139, 150, 151, 152, 158, 159, 176, 177, 180, 186, 188, 189)
_USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = np.zeros(128, dtype=np.int64)
_USCC_VALUES[[ord(c) for c in _USCC_CHARACTERS]] = np.arange(31)
_USCC_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], dtype=np.int64)
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
_BASE64 = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", dtype=np.uint8)


def scattered(numbers: Ints, shift: int) -> Ints:
    """Eight-digit numbers in no visible order, a different one for each number below 100 million."""
    return (numbers * 73_244_471 + shift) % 100_000_000


def mobiles(rng: np.random.Generator, numbers: Ints) -> Ints:
    """Mobile numbers; different numbers have different ones within one call."""
    prefixes = np.array(MOBILE_PREFIXES, dtype=np.int64)[rng.integers(0, len(MOBILE_PREFIXES), len(numbers))]
    return prefixes * 100_000_000 + scattered(numbers, int(rng.integers(0, 100_000_000)))


def landlines(rng: np.random.Generator, area_codes: pa.Array, numbers: Ints) -> pa.Array:
    """Landline numbers with area code and hyphen."""
    return join(
        area_codes, "-", padded(scattered(numbers, int(rng.integers(0, 100_000_000))) % 80_000_000 + 10_000_000, 8)
    )


def openids(rng: np.random.Generator, count: int) -> pa.Array:
    """Ids of persons at the company's WeChat account: 28 characters."""
    letters = _BASE64[rng.integers(0, 64, (count, 28), dtype=np.uint8)]
    letters[:, 0] = ord("o")
    return _rows_as_text(letters)


def social_credit_codes(division_codes: Ints, numbers: Ints) -> pa.Array:
    """Unified social credit codes (GB 32100-2015) of firms, with both check digits.

    Shape: 91, six digits of the division, nine of the organisation (GB 11714: eight and a check character),
    one check character.
    """
    organisation = _digits(scattered(numbers, 31_415_926), 8)
    check = 11 - (organisation * _ORGANISATION_WEIGHTS).sum(axis=1) % 11
    letters = np.empty((len(numbers), 18), dtype=np.uint8)
    letters[:, 0], letters[:, 1] = ord("9"), ord("1")
    letters[:, 2:8] = _digits(division_codes, 6) + ord("0")
    letters[:, 8:16] = organisation + ord("0")
    letters[:, 16] = np.where(check == 10, ord("X"), np.where(check == 11, ord("0"), check + ord("0")))
    total = (_USCC_VALUES[letters[:, :17]] * _USCC_WEIGHTS).sum(axis=1)
    signs = np.frombuffer(_USCC_CHARACTERS.encode(), dtype=np.uint8)
    letters[:, 17] = signs[(31 - total % 31) % 31]
    return _rows_as_text(letters)


def _digits(numbers: Ints, width: int) -> Ints:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def _rows_as_text(letters: "np.typing.NDArray[np.uint8]") -> pa.Array:
    width = letters.shape[1]
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), len(letters), [None, pa.py_buffer(np.ascontiguousarray(letters).tobytes())]
    )
    return pc.cast(pc.cast(fixed, pa.binary()), pa.string())
