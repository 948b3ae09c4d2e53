"""How the second record of a customer comes to differ from the first: one function for each kind of duplicate."""

from collections.abc import Callable
from typing import TypedDict

import numpy as np

from samples.demo.pools import characters, pool


class Entry(TypedDict):
    """What a record says about who the customer is."""

    name: str
    phone: str | None
    gender: str | None
    province: str
    city: str
    district: str
    address: str | None


Damage = Callable[[Entry, np.random.Generator], bool]
"""Changes the entry; False where there is nothing to change."""

COMPOUND_SURNAMES = ("欧阳", "上官", "司马", "诸葛")


def exact(_entry: Entry, _rng: np.random.Generator) -> bool:
    """Nothing differs: entered twice."""
    return True


def phone_format(entry: Entry, rng: np.random.Generator) -> bool:
    """The same number, written in another way."""
    phone = entry["phone"]
    if not phone:
        return False
    styles: tuple[str, ...]
    if "-" in phone:
        area, number = phone.split("-")
        styles = (f"({area}){number}", f"{area} {number}", f"+86-{area.lstrip('0')}-{number}", f"{area}{number}")
    else:
        parts = (phone[:3], phone[3:7], phone[7:])
        wide = phone.translate({ord("0") + n: ord("０") + n for n in range(10)})
        styles = ("-".join(parts), " ".join(parts), f"+86{phone}", f"86-{phone}", f"0086 {phone}", wide)
    entry["phone"] = styles[int(rng.integers(0, len(styles)))]
    return True


def phone_scientific(entry: Entry, _rng: np.random.Generator) -> bool:
    """A spreadsheet has shown the number in scientific notation, and its last digits are lost."""
    phone = entry["phone"]
    if not phone or not phone.isdigit():
        return False
    entry["phone"] = f"{float(phone):.2E}"
    return True


def homophone(entry: Entry, rng: np.random.Generator) -> bool:
    """One character of the name is another of the same sound."""
    known = characters()
    first = 0 if len(entry["name"]) > 3 else 1
    places = [n for n, sign in enumerate(entry["name"]) if n >= first and sign in known and known[sign][2]]
    if not places:
        return False
    place = places[int(rng.integers(0, len(places)))]
    others = known[entry["name"][place]][2]
    other = others[int(rng.integers(0, len(others)))]
    entry["name"] = entry["name"][:place] + other + entry["name"][place + 1 :]
    return True


def traditional(entry: Entry, _rng: np.random.Generator) -> bool:
    """The name in traditional characters."""
    known = characters()
    name = "".join(known[sign][1] if sign in known else sign for sign in entry["name"])
    changed = name != entry["name"]
    entry["name"] = name
    return changed


def pinyin(entry: Entry, rng: np.random.Generator) -> bool:
    """The name in Latin letters, without tones."""
    known = characters()
    surname, given = parted(entry["name"])
    first, last = ("".join(known[sign][0] for sign in part if sign in known) for part in (surname, given))
    entry["name"] = (f"{first.title()} {last.title()}", f"{first} {last}", f"{last.title()} {first.title()}")[
        int(rng.integers(0, 3))
    ]
    return True


def title_only(entry: Entry, rng: np.random.Generator) -> bool:
    """Nobody asked for the given name."""
    is_woman = entry["gender"] == "女" if entry["gender"] else rng.random() < 0.5
    entry["name"] = parted(entry["name"])[0] + ("女士" if is_woman else "先生")
    return True


def changed_phone(entry: Entry, rng: np.random.Generator) -> bool:
    """Another mobile number."""
    if not entry["phone"]:
        return False
    # 19x numbers are nobody's first.
    entry["phone"] = f"19{int(rng.integers(100_000_000, 999_999_999))}"
    return True


def moved(entry: Entry, rng: np.random.Generator) -> bool:
    """Another address in another place."""
    places, streets = pool("districts"), pool("streets")
    row = int(places.draw(rng, 1)[0])
    entry["province"], entry["city"], entry["district"] = (
        places.columns[column][row] for column in ("province", "city", "district")
    )
    street = streets.columns["street"][int(streets.draw(rng, 1)[0])]
    entry["address"] = f"{street}{int(rng.integers(1, 900))}号"
    return True


def typo_phone(entry: Entry, rng: np.random.Generator) -> bool:
    """One digit of the number is wrong."""
    phone = entry["phone"]
    if not phone or not phone.isdigit():
        return False
    place = int(rng.integers(3, len(phone)))
    digit = (int(phone[place]) + int(rng.integers(1, 10))) % 10
    entry["phone"] = f"{phone[:place]}{digit}{phone[place + 1 :]}"
    return True


def missing_phone(entry: Entry, _rng: np.random.Generator) -> bool:
    """No number."""
    entry["phone"] = None
    return True


def parted(name: str) -> tuple[str, str]:
    """Surname and given name."""
    length = 2 if name[:2] in COMPOUND_SURNAMES else 1
    return name[:length], name[length:]


PERSON_DAMAGES: tuple[tuple[Damage, float], ...] = (
    (exact, 0.10),
    (phone_format, 0.20),
    (phone_scientific, 0.06),
    (homophone, 0.12),
    (traditional, 0.05),
    (pinyin, 0.07),
    (title_only, 0.10),
    (changed_phone, 0.12),
    (moved, 0.08),
    (typo_phone, 0.05),
    (missing_phone, 0.05),
)
TRADE_DAMAGES: tuple[tuple[Damage, float], ...] = (
    (exact, 0.15),
    (phone_format, 0.25),
    (phone_scientific, 0.05),
    (homophone, 0.12),
    (traditional, 0.08),
    (changed_phone, 0.13),
    (moved, 0.10),
    (typo_phone, 0.06),
    (missing_phone, 0.06),
)
