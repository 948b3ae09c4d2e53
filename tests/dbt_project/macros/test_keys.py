"""Ingest and staging read a key alike: what is blank, and what is a word for nothing."""

import re
import sys
from itertools import product

import duckdb
import pytest

from orchestration.ingest.keys import is_nothing, trimmed


@pytest.fixture(scope="module")
def differences(macros):
    """Of these texts, those that ingest and staging read differently."""

    def of(texts):
        ingest = f"case when {is_nothing('cell', 'VARCHAR')} then null else {trimmed('cell')} end"
        staged = macros.to_text("cell")
        query = f"select cell from (select unnest(?::varchar[]) as cell) where {ingest} is distinct from {staged}"
        return [text for (text,) in duckdb.execute(query, [list(texts)]).fetchall()]

    return of


def spellings(pattern):
    """All texts that a pattern of plain characters, one-character classes, escapes and ? stands for."""
    for word in pattern.split("|"):
        parts = re.findall(r"(?:\[(.)\]|\\(.)|(.))(\??)", word)
        ways = [["".join(part[:3])] + [""] * bool(part[3]) for part in parts]
        yield from map("".join, product(*ways))


def test_every_character_around_a_key_is_a_blank_to_both_or_to_none(differences):
    characters = [chr(c) for c in range(1, sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF]
    assert differences(f"{c}C1{c}" for c in characters) == []
    assert differences(characters) == []


def test_every_word_for_nothing_is_one_to_both(differences, macros, run):
    words = list(spellings(macros.null_words().strip()))
    assert {"NULL", "\\N", "#N/A", "N/A", "(null)", "-None-", "-", "--"} <= set(words)
    assert [word for word in words if run(macros.to_text("cell"), word) is not None] == []
    near = {way for word in words for way in (word, word.lower(), word.upper(), word.title(), word + word, word[1:])}
    assert differences(around + word + around for word in near for around in ("", " ", "\u3000", "\u200b", "x")) == []
