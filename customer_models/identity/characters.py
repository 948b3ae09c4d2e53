"""Chinese characters: how each is written in simplified script and how it is read, from the packages that know."""

import unicodedata
from functools import cache
from importlib.resources import files

import pyarrow as pa

CHARACTERS = pa.schema(
    [
        ("character", pa.string()),
        ("code_point", pa.int32()),
        ("simplified", pa.string()),
        ("reading", pa.string()),
    ]
)


def known_characters() -> pa.Table:
    """Every character that OpenCC can simplify or pypinyin can read.

    Returns:
        Schema ``CHARACTERS``, one row per character in the order of code points. ``simplified`` is the character itself
        where simplified script keeps it; ``reading`` is the most common reading in Latin letters without tone (``v``
        for ü), NULL where pypinyin knows none.
    """
    simplified, readings = _simplified(), _readings()
    characters = sorted(simplified.keys() | readings.keys())
    return pa.table(
        [
            characters,
            [ord(character) for character in characters],
            [simplified.get(character, character) for character in characters],
            [readings.get(character) for character in characters],
        ],
        schema=CHARACTERS,
    )


@cache
def _simplified() -> dict[str, str]:
    """OpenCC's table; what is among its own choices (乾, 於) belongs to simplified script too and stays."""
    table = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    choices = {line.split("\t")[0]: line.split("\t")[1].split(" ") for line in table.splitlines() if line}
    return {traditional: traditional if traditional in simple else simple[0] for traditional, simple in choices.items()}


@cache
def _readings() -> dict[str, str]:
    from pypinyin.pinyin_dict import pinyin_dict

    return {chr(code): without_tone(readings.partition(",")[0]) for code, readings in pinyin_dict.items()}


def without_tone(reading: str) -> str:
    """``zhāng`` → ``zhang``, ``lǚ`` → ``lv``: pinyin in the letters of a keyboard."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
