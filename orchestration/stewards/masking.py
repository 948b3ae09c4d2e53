"""Personal values as a steward may see them: enough to tell that two differ, too little to know or to call.

Names and phones look as in the published tables.
"""

import re
from collections.abc import Callable
from datetime import date
from unicodedata import normalize

UNKNOWN = "-"
_MOBILE = r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"
_LANDLINE = r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
# Not behind a colon: that is a record key.
_DIGITS = r"(?<![\d:-])\d{7,}(?![\d-])"
_IN_TEXT: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"), lambda found: email(found)),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Za-z])"), lambda found: code(found)),
    (re.compile(f"{_MOBILE}|{_LANDLINE}|{_DIGITS}"), lambda found: phone(found)),
)


def name(text: str) -> str:
    """张**: the first character and two stars, whatever the length."""
    return f"{text.strip()[:1]}**"


def phone(text: str) -> str:
    """138****5678; of a number that is not eleven digits long (without 86) the last two digits alone."""
    digits = re.sub(r"\D", "", normalize("NFKC", text))
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:] if len(digits) > 6 else ''}"


def email(text: str) -> str:
    """z***n@example.com; of a short address the domain and the first letter alone."""
    local, _, domain = text.strip().rpartition("@")
    if not local:
        return f"{domain[:1]}***"
    return f"{local[:1]}***{local[-1] if len(local) > 4 else ''}@{domain}"


def code(text: str) -> str:
    """Credit codes and openids: the first two and the last four signs of a long one."""
    text = text.strip()
    return f"{text[:2]}****{text[-4:]}" if len(text) > 12 else f"{text[:1]}****"


def birth_date(value: date) -> str:
    """The year alone."""
    return f"{value.year:04d}-**-**"


def address(text: str) -> str:
    """The first two signs: streets are told apart by them now and then, doors never."""
    return f"{text.strip()[:2]}****"


def free_text(text: str) -> str:
    """What somebody wrote, with phone numbers, e-mail addresses and credit codes in it masked."""
    for pattern, masked in _IN_TEXT:
        text = pattern.sub(lambda found, masked=masked: masked(found[0]), text)  # type: ignore[misc]
    return text


MASKS: dict[str, Callable[..., str]] = {
    "name": name,
    "phone": phone,
    "email": email,
    "wechat_openid": code,
    "uscc": code,
    "birth_date": birth_date,
    "address": address,
}
"""By column of ``id_record``."""


def shown(column: str, value: object, is_open: bool) -> str:
    """A personal value for print: masked unless ``is_open``; ``UNKNOWN`` where there is none."""
    if value is None or value == "":
        return UNKNOWN
    return " ".join(str(value).split()) if is_open else MASKS[column](value)
