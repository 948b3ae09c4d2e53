"""The customers as the systems hold them: first records, second records and what never was a customer."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from samples.demo.arrays import DAY, MISSING, arrow, in_daytime, join, numbered, padded
from samples.demo.company import PERSON, STORE
from samples.demo.damage import PERSON_DAMAGES, TRADE_DAMAGES, Damage, Entry, exact, missing_phone
from samples.demo.pools import Ints, pool
from samples.demo.world import FXIAOKE, SHOP, ZOHO, Customers, Plan

_TEXTS = (
    "label", "name", "phone", "email", "openid", "uscc", "gender", "birth_date", "occupation", "province", "city",
    "district", "address", "channel",
)  # fmt: skip


@dataclass
class Records:
    """One entry per customer record: record ``i`` is the first one of customer ``i``, second ones come after."""

    customer: Ints
    """True customer; -1 for a test account."""
    system: Ints
    kind: Ints
    created: Ints
    gone: Ints
    """When it was deleted; MISSING if never."""
    merged: Ints
    """When its system merged it; MISSING if never."""
    merged_into: Ints
    changed: Ints
    """When its level and owner changed; MISSING if never."""
    texts: dict[str, pa.Array]
    twins: tuple[Ints, Ints]
    """Per customer: its second and third record, -1 for none."""

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def ids(self) -> pa.Array:
        """Ids as the systems give them."""
        numbers = np.arange(len(self), dtype=np.int64)
        by_system = (
            join("C", padded(numbers + 1, 7)),
            numbered("65f0c3a1b7e94d00", numbers, 1),
            numbered("4876876000", numbers, 10_000_000),
        )  # fmt: skip
        return _chosen(self.system, by_system)

    def living(self) -> Ints:
        """From when on nobody uses the record any more (a time beyond all for one that stays)."""
        never = np.iinfo(np.int64).max
        ends = np.stack([np.where(t == MISSING, never, t) for t in (self.gone, self.merged)])
        return np.asarray(ends.min(axis=0))


def record_customers(plan: Plan, customers: Customers) -> Records:
    """All customer records of all systems."""
    count = len(customers)
    places = pool("districts")
    first: dict[str, pa.Array] = {
        "label": pa.array(customers.label),
        **{column: getattr(customers, column) for column in _TEXTS if hasattr(customers, column) and column != "label"},
        **{column: places.text(column, customers.district) for column in ("province", "city", "district")},
    }
    twin_of, systems, created, twin_texts = _twins(plan, customers, first)
    tests, test_systems, test_created, test_texts = _tests(plan, count)
    texts = {
        column: pa.concat_arrays([
            arrow(first[column]),
            pa.array(twin_texts[column], pa.string()),
            pa.array(test_texts[column], pa.string()),
        ])
        for column in _TEXTS
    }  # fmt: skip
    customer = np.concatenate([np.arange(count), twin_of, np.full(tests, -1)])
    system = np.concatenate([customers.home, systems, test_systems])
    kind = np.concatenate([customers.kind, customers.kind[twin_of], np.full(tests, STORE)])
    kind[len(kind) - tests :] = np.where(test_systems == FXIAOKE, STORE, PERSON)
    all_created = np.concatenate([customers.created, created, test_created])
    second, third = np.full(count, -1), np.full(count, -1)
    numbers = count + np.arange(len(twin_of))
    is_first = np.concatenate([[True], twin_of[1:] != twin_of[:-1]]) if len(twin_of) else np.array([], dtype=bool)
    second[twin_of[is_first]] = numbers[is_first]
    third[twin_of[~is_first]] = numbers[~is_first]
    gone, merged, into = _cleaned_up(plan, customers, twin_of, systems, created, len(customer))
    rng = plan.rng("changes")
    changed = all_created + (rng.random(len(customer)) * (plan.end - all_created)).astype(np.int64)
    changed = np.maximum(in_daytime(changed), all_created + 60)
    changed = np.where((rng.random(len(customer)) < 0.25) & (changed >= plan.start), changed, MISSING)
    end = np.minimum(np.where(gone == MISSING, plan.end, gone), np.where(merged == MISSING, plan.end, merged))
    changed = np.where(changed < end, changed, MISSING)
    return Records(customer, system, kind, all_created, gone, merged, into, changed, texts, (second, third))


def _chosen(place: Ints, columns: tuple[pa.Array, ...]) -> pa.Array:
    whole = pa.concat_arrays([arrow(column) for column in columns])
    return whole.take(pa.array(place * len(place) + np.arange(len(place))))


def _twins(
    plan: Plan, customers: Customers, first: dict[str, pa.Array]
) -> tuple[Ints, Ints, Ints, dict[str, list[str | None]]]:
    """Second and third records: their customers, in order, their systems, times of creation and texts."""
    rng, company = plan.rng("twins"), plan.company
    has_second = rng.random(len(customers)) < np.array(company.twin_rate)[customers.kind]
    has_third = has_second & (rng.random(len(customers)) < company.third_rate)
    twin_of = np.repeat(np.arange(len(customers)), has_second.astype(int) + has_third.astype(int))
    home, is_person = customers.home[twin_of], customers.kind[twin_of] == PERSON
    chance = rng.random(len(twin_of))
    systems = np.where(
        is_person,
        np.where(chance < 0.55, SHOP, np.where(chance < 0.93, ZOHO, FXIAOKE)),
        np.where(chance < 0.65, home, FXIAOKE + ZOHO - home),
    )
    since = customers.created[twin_of]
    created = in_daytime(since + ((0.02 + 0.96 * rng.random(len(twin_of))) * (plan.end - since)).astype(np.int64))
    created = np.maximum(created, since + 3600)
    damages: list[Damage] = [exact] * len(twin_of)
    for rows, choices in ((np.flatnonzero(is_person), PERSON_DAMAGES), (np.flatnonzero(~is_person), TRADE_DAMAGES)):
        # Systematic draws: also a small company has nearly every kind.
        bounds = np.cumsum([share for _, share in choices])
        at = (np.arange(len(rows)) + rng.random()) / max(1, len(rows)) * bounds[-1]
        chosen = np.minimum(np.searchsorted(bounds, at, side="right"), len(choices) - 1)
        for row, choice in zip(rng.permutation(rows), chosen, strict=True):
            damages[row] = choices[choice][0]
    source = {column: values.take(pa.array(twin_of)).to_pylist() for column, values in first.items()}
    texts = _damaged(rng, source, damages)
    return twin_of.astype(np.int64), systems.astype(np.int64), created, texts


def _damaged(
    rng: np.random.Generator, source: dict[str, list[str | None]], damages: list[Damage]
) -> dict[str, list[str | None]]:
    texts = source
    kept = rng.random((len(damages), 4)) < np.array([0.35, 0.3, 0.5, 0.5])
    for row, damage in enumerate(damages):
        entry: Entry = {column: texts[column][row] for column in Entry.__annotations__}  # type: ignore[assignment]
        label = damage
        if not damage(entry, rng):
            label = missing_phone if not entry["phone"] else exact
        for column in Entry.__annotations__:
            texts[column][row] = entry[column]  # type: ignore[literal-required]
        texts["label"][row] = label.__name__
        for place, column in enumerate(("email", "openid", "uscc", "birth_date")):
            if not kept[row, place]:
                texts[column][row] = None
    return texts


def _tests(plan: Plan, count: int) -> tuple[int, Ints, Ints, dict[str, list[str | None]]]:
    """Accounts that employees made to try something."""
    rng = plan.rng("test accounts")
    tests = max(6, round(count * plan.company.test_account_share))
    systems = np.arange(tests, dtype=np.int64) % 3
    created = plan.start + (rng.random(tests) * (plan.end - plan.start)).astype(np.int64)
    texts: dict[str, list[str | None]] = {column: [None] * tests for column in _TEXTS}
    words = (
        ("测试", "test", "测试账号"),
        ("测试门店", "测试客户", "系统测试门店"),
        ("测试联系人", "Test Test", "测试"),
    )
    for row in range(tests):
        name = words[row % 3][int(rng.integers(0, 3))]
        texts["label"][row] = "test_account"
        texts["name"][row] = name + (str(row) if rng.random() < 0.3 else "")
        texts["phone"][row] = ("13800000000", "13800138000", "11111111111")[int(rng.integers(0, 3))]
        texts["province"][row], texts["city"][row] = "江苏省", "南京市"
        texts["address"][row] = ("测试地址", "无", "123")[int(rng.integers(0, 3))]
        texts["channel"][row] = "官网商城" if row % 3 == 0 else "业务员拜访"
        texts["email"][row] = "test@test.com" if rng.random() < 0.5 else None
    return tests, systems, created, texts


def _cleaned_up(
    plan: Plan, customers: Customers, twin_of: Ints, systems: Ints, created: Ints, count: int
) -> tuple[Ints, Ints, Ints]:
    """Which records their system deleted or merged, and when; the daily loads have one of each where they can."""
    rng, company = plan.rng("clean-up"), plan.company
    gone, merged, into = np.full(count, MISSING), np.full(count, MISSING), np.full(count, MISSING)
    numbers = len(customers) + np.arange(len(twin_of))
    same = customers.home[twin_of] == systems
    chance = rng.random(len(twin_of))
    when = in_daytime(created + (rng.random(len(twin_of)) * (plan.end - created)).astype(np.int64))
    when = np.maximum(when, created + 600)
    when = np.where(when < plan.start, plan.start + DAY, when)
    is_merged = same & (systems != ZOHO) & (chance < company.merged_share)
    is_removed = same & ~is_merged & (chance < company.merged_share + company.removed_share)
    first_daily = plan.end - (plan.days - 1) * DAY
    for system in (SHOP, FXIAOKE):
        if plan.days < 8:
            break
        ready = np.flatnonzero(same & (systems == system) & (created < first_daily - DAY) & ~is_merged & ~is_removed)
        if len(ready) > 1:
            is_removed[ready[0]], when[ready[0]] = True, first_daily + 2 * DAY + 36_000
            is_merged[ready[1]], when[ready[1]] = True, first_daily + 4 * DAY + 40_000
    # Zoho exports what is there and nothing else: a record that is gone before the first export was never seen.
    is_removed &= (systems != ZOHO) | (when >= first_daily)
    ready = np.flatnonzero((systems == ZOHO) & (created < first_daily - DAY) & ~is_removed)
    if plan.days >= 8 and len(ready):
        is_removed[ready[0]], when[ready[0]] = True, first_daily + 3 * DAY + 37_000
    gone[numbers[is_removed]] = when[is_removed]
    merged[numbers[is_merged]] = when[is_merged]
    into[numbers[is_merged]] = twin_of[is_merged]
    return gone, merged, into
