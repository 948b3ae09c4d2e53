"""What a key says: its text without blanks around it, and nothing where that is a word for nothing.

Staging reads keys by the macro ``to_text`` (dbt_project/macros/parse.sql). Were a key another one here, or none there,
a load would be accepted that no run can build on; a test holds the two to each other.
"""

from orchestration.sql import identifier, literal

# The white space of \s and \p{Z}, the zero-width space and the byte order mark.
_BLANK_CODES = (
    *(9, 10, 12, 13, 32, 0xA0, 0x1680),
    *range(0x2000, 0x200C),
    *(0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF),
)
_WORDS = (
    *("", "NULL", "null", "(null)", "<null>", "\\N", "N/A", "#N/A", "n/a"),
    *("NaN", "nan", "None", "-None-", "-", "--"),
)
BLANKS = " || ".join(f"chr({code})" for code in _BLANK_CODES)
"""SQL of a text of all blanks, for trim."""


def trimmed(column: str) -> str:
    """SQL of a text column without blanks around it. What has visible ASCII at both ends is spared the slow trim."""
    text = identifier(column)
    is_plain = f"ascii({text}) between 33 and 126 and ascii(right({text}, 1)) between 33 and 126"
    return f"case when {is_plain} then {text} else trim({text}, {BLANKS}) end"


def is_nothing(column: str, type_: str) -> str:
    """SQL of whether a column of this type has no value, or only a word for nothing.

    Most keys begin as no such word and no blank does, and are spared the rest.
    """
    text = identifier(column)
    if type_ != "VARCHAR":
        return f"({text} is null)"
    starts = (0, *sorted({ord(word[0]) for word in _WORDS if word}))
    may_be_word = f"ascii({text}) in {starts} or ascii({text}) not between 33 and 126"
    is_word = f"trim({text}, {BLANKS}) in ({', '.join(map(literal, _WORDS))})"
    return f"({text} is null or case when {may_be_word} then {is_word} else false end)"
