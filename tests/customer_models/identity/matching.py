"""Records for the tests of matching: people with slips of the pen, as the features that models compare."""

import numpy as np
import pyarrow as pa

from customer_models.identity.comparison import FEATURES

SURNAMES = ("wang", "li", "zhang", "liu", "chen", "yang", "zhao", "huang", "zhou", "wu")
SYLLABLES = ("wei", "fang", "na", "min", "jing", "qiang", "lei", "jun", "yang", "yong", "yan", "jie", "tao", "ming")


def features(*records: dict[str, object]) -> pa.Table:
    """A table of these records; what is not said is unknown."""
    return pa.Table.from_pylist([{name: record.get(name) for name in FEATURES.names} for record in records], FEATURES)


def people(count: int, seed: int = 1) -> pa.Table:
    """``count`` records of persons, two for every three of them a second time, each with one thing changed."""
    rng = np.random.default_rng(seed)
    records: list[dict[str, object]] = []
    while len(records) < count:
        surname, given = rng.choice(SURNAMES), "".join(rng.choice(SYLLABLES, 2))
        record: dict[str, object] = {
            "name_key": f"{surname}{given}",
            "name_pinyin": " ".join(sorted((surname, given))),
            "surname_pinyin": surname,
            "is_name_partial": False,
            "mobile_key": f"13{rng.integers(10**8, 10**9)}",
            "email_key": f"{surname}{rng.integers(10**6)}@qq.com" if rng.random() < 0.4 else None,
            "openid_key": f"o{rng.integers(10**12)}" if rng.random() < 0.5 else None,
            "city_code": str(rng.integers(11, 40)) + "0100",
            "county_code": str(rng.integers(110000, 400000)),
            "address_detail": f"renminlu{rng.integers(10**5)}",
            "birth_key": np.datetime64("1960-01-01") + int(rng.integers(15_000)),
        }
        records.append(record)
        if rng.random() < 0.67:
            other = dict(record)
            column = rng.choice(["name_key", "mobile_key", "email_key", "address_detail", "openid_key"])
            other[column] = f"13{rng.integers(10**8, 10**9)}" if column == "mobile_key" else None
            records.append(other)
    named = [{**record, "record_key": f"r{number:05}"} for number, record in enumerate(records[:count])]
    for record in named:
        record["birth_key"] = record["birth_key"].astype(object)  # type: ignore[attr-defined]
    return features(*named)


def companies(count: int, seed: int = 1) -> pa.Table:
    """``count`` records of organisations, half of them a second record of another."""
    rng = np.random.default_rng(seed)
    records: list[dict[str, object]] = []
    for number in range(count):
        if number % 2:
            again = dict(records[-1])
            again[rng.choice(["phone_key", "uscc_key", "address_detail"])] = None
            records.append(again)
            continue
        core = "".join(rng.choice(SYLLABLES, 3))
        records.append(
            {
                "name_key": core,
                "name_pinyin": core,
                "company_core": core,
                "is_name_partial": False,
                "phone_key": f"+86{rng.integers(10**9, 10**10)}",
                "uscc_key": f"91{rng.integers(10**15)}X",
                "city_code": str(rng.integers(11, 40)) + "0100",
                "county_code": str(rng.integers(110000, 400000)),
                "address_detail": f"gongyelu{rng.integers(10**5)}",
            }
        )
    return features(*({**record, "record_key": f"o{number:05}"} for number, record in enumerate(records)))
