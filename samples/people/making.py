"""The two files."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from samples.demo.arrays import arrow, join, only, padded, pick, stream
from samples.demo.truth import Part
from samples.people.persons import people
from samples.people.rates import USUAL, Rates
from samples.people.records import CHANNELS, END, ORDER, Entries, entries, identifiers, recorded

SOURCE = "canonical"
_TEXT, _TIME = pa.string(), pa.timestamp("us")
CUSTOMERS = pa.schema([
    ("source", _TEXT), ("customer_id", _TEXT), ("kind", _TEXT), ("name", _TEXT), ("phone", _TEXT), ("email", _TEXT),
    ("wechat_openid", _TEXT), ("uscc", _TEXT), ("gender", _TEXT), ("birth_date", pa.date32()), ("occupation", _TEXT),
    ("province", _TEXT), ("city", _TEXT), ("district", _TEXT), ("address", _TEXT), ("channel", _TEXT),
    ("level", _TEXT), ("owner_id", _TEXT), ("parent_id", _TEXT), ("referrer_id", _TEXT), ("tags", _TEXT),
    ("status", _TEXT), ("created_at", _TIME), ("consent_marketing", pa.bool_()), ("merged_into_id", _TEXT),
    ("modified_at", _TIME), ("is_deleted", pa.bool_()), ("_load_id", _TEXT), ("_load_date", pa.date32()),
    ("uncast_count", pa.int32()),
])  # fmt: skip
"""What ``stg_canonical__customers`` holds."""


def generate(root: Path, records: int = 1_000_000, seed: int = 1, *, rates: Rates = USUAL) -> tuple[Path, Path]:
    """Writes ``customers.parquet`` and ``truth/customers.parquet`` below ``root``; the same arguments, the same bytes.

    The first holds the canonical source's customers with the columns and types of staging. The second holds
    ``record_key, true_id, duplicate_kind, damage_count``: the kind is ``first`` for a person's first record, else the
    worst of its damages (``samples.people.records.ORDER``) or ``exact``.

    Args:
        root: made where it is missing.
        records: how many; ``rates.people_per_record`` as many people.
        seed: of all randomness.
        rates: how often what happens.

    Returns:
        The two files.
    """
    count = round(records * rates.people_per_record)
    if not 0 < count <= records:
        raise ValueError(f"{records} records of {count} people: expected at least one record and person")
    entered = entries(seed, count, records)
    known_since = np.zeros(count, dtype=np.int64)
    known_since[entered.person[entered.is_first]] = entered.created[entered.is_first]
    everybody = people(seed, count, rates, known_since, END)
    columns, damages = recorded(seed, everybody, entered, rates)
    ids = identifiers(entered)
    customers = pa.table(
        [_column(field, {**columns, **_account(seed, entered), "customer_id": ids}, records) for field in CUSTOMERS],
        schema=CUSTOMERS,
    )
    truth = pa.table({
        "record_key": join(SOURCE, ":", ids),
        "true_id": join("P", padded(entered.person + 1, 7)),
        "duplicate_kind": damages.kinds(ORDER, entered.is_first),
        "damage_count": pa.array(damages.counts(ORDER)),
    })  # fmt: skip
    return _write(root / "customers.parquet", customers), _write(root / "truth" / "customers.parquet", truth)


def _account(seed: int, entered: Entries) -> dict[str, pa.Array]:
    """The columns that say nothing of who somebody is."""
    rng, count = stream(seed, "accounts"), len(entered.person)
    later = np.minimum(entered.created + (rng.exponential(90 * 86_400, count)).astype(np.int64), END - 1)
    modified = np.where(rng.random(count) < 0.4, later, entered.created)
    return {
        "source": pa.array([SOURCE] * count),
        "kind": pa.array(["person"] * count),
        "occupation": only(rng.random(count) < 0.1, pick(rng, ("教师", "医生", "公务员", "职员", "个体户"), count)),
        "channel": pa.array(CHANNELS, pa.string()).take(pa.array(entered.channel)),
        "level": only(rng.random(count) < 0.7, pick(rng, ("普卡", "银卡", "金卡"), count, (0.75, 0.2, 0.05))),
        "owner_id": only(rng.random(count) < 0.3, join("E", padded(rng.integers(1, 200, count), 4))),
        "status": pick(rng, ("active", "inactive"), count, (0.9, 0.1)),
        "created_at": _time(entered.created),
        "consent_marketing": only(rng.random(count) < 0.5, pa.array(rng.random(count) < 0.6)),
        "modified_at": _time(modified),
        "is_deleted": pa.array(np.zeros(count, dtype=bool)),
        "_load_id": pa.array(["people"] * count),
        "_load_date": pa.array(np.full(count, END // 86_400, dtype=np.int32)).cast(pa.date32()),
        "uncast_count": pa.array(np.zeros(count, dtype=np.int32)),
    }


def _time(seconds: "np.typing.NDArray[np.int64]") -> pa.Array:
    return arrow(seconds * 1_000_000).cast(_TIME)


def _column(field: pa.Field, columns: dict[str, pa.Array], count: int) -> pa.Array:
    return columns[field.name].cast(field.type) if field.name in columns else pa.nulls(count, field.type)


def _write(path: Path, table: pa.Table) -> Path:
    part = Part(path)
    part.add(table)
    part.close()
    return path
