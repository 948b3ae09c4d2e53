"""What the packages know of Chinese characters, as one table."""

import unicodedata

import pyarrow as pa
import pytest
from pypinyin import lazy_pinyin

from customer_models.identity.characters import CHARACTERS, known_characters, without_tone


@pytest.fixture(scope="module")
def characters() -> pa.Table:
    return known_characters()


@pytest.fixture(scope="module")
def known(characters: pa.Table) -> dict[str, tuple[str, str]]:
    """Character → simplified form and reading."""
    rows = zip(characters["simplified"].to_pylist(), characters["reading"].to_pylist(), strict=True)
    return dict(zip(characters["character"].to_pylist(), rows, strict=True))


@pytest.mark.parametrize(
    ("character", "simplified", "reading"),
    [
        ("陳", "陈", "chen"),
        ("偉", "伟", "wei"),
        ("豐", "丰", "feng"),
        ("呂", "吕", "lv"),
        ("王", "王", "wang"),
        ("乾", "乾", "qian"),
        ("於", "於", "yu"),
    ],
)
def test_a_character_has_its_simplified_form_and_commonest_reading(
    known: dict[str, tuple[str, str]], character: str, simplified: str, reading: str
) -> None:
    assert known[character] == (simplified, reading)


def test_every_reading_is_the_one_that_pypinyin_gives_a_lone_character(known: dict[str, tuple[str, str]]) -> None:
    wrong = [c for c, (_, reading) in known.items() if reading is not None and [reading] != lazy_pinyin(c)]

    assert wrong == []


def test_a_simplified_form_is_not_simplified_again(known: dict[str, tuple[str, str]]) -> None:
    again = {c: s for c, (s, _) in known.items() if s in known and known[s][0] != s}

    # 苧 is what 薴 became and what 苎 was.
    assert again == {"薴": "苧"}


def test_each_character_is_there_once_in_the_order_of_code_points(characters: pa.Table) -> None:
    codes = characters["code_point"].to_pylist()

    assert characters.schema == CHARACTERS
    assert codes == sorted(set(codes)) == [ord(c) for c in characters["character"].to_pylist()]


def test_every_character_of_everyday_use_can_be_read(known: dict[str, tuple[str, str]]) -> None:
    # The first level of GB 2312: the 3,755 commonest characters.
    codes = [bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    everyday = [code.decode("gb2312", errors="ignore") for code in codes]

    assert len([c for c in everyday if c]) == 3755
    assert [c for c in everyday if c and (c not in known or not known[c][1])] == []


@pytest.mark.parametrize(("toned", "plain"), [("zhāng", "zhang"), ("lǚ", "lv"), ("ńg", "ng"), ("ê̄", "e")])
def test_a_reading_loses_its_tone_and_keeps_its_letters(toned: str, plain: str) -> None:
    assert without_tone(toned) == without_tone(unicodedata.normalize("NFD", toned)) == plain
