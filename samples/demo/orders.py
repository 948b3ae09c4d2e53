"""What customers buy: orders, their lines, cancellations, corrections and returns."""

from dataclasses import dataclass

import numpy as np

from samples.demo.arrays import DAY, MISSING
from samples.demo.company import PERSON
from samples.demo.marketing import Members
from samples.demo.pools import Flags, Floats, Ints, pool
from samples.demo.records import Records
from samples.demo.season import Season, seconds
from samples.demo.world import SHOP, ZOHO, Customers, Plan

CHANNELS = (("官网商城", "微信小程序", "天猫旗舰店", "抖音小店"), ("业务员下单", "订货小程序", "电话"))
PAYMENTS = (("微信支付", "支付宝", "银行卡"), ("银行转账", "月结", "微信支付"))


@dataclass
class Orders:
    """One entry per order, in order of number. Times are local seconds, money is in fen."""

    number: Ints
    record: Ints
    system: Ints
    at: Ints
    channel: Ints
    payment: Ints
    cancelled: Ints
    shipped: Ints
    delivered: Ints
    corrected: Ints
    """Until then the first line's quantity stands ten times too high; MISSING for an order that was right at once."""
    returned: Ints
    deleted: Ints
    coupon: Ints
    """Place of the membership whose coupon was used; MISSING for none."""
    line_of: Ints
    """Per line: place of its order here."""
    line_no: Ints
    product: Ints
    quantity: Ints
    price: Ints
    net: Ints
    cost: Ints
    wrong_net: Ints
    """Net amount of the line before the correction."""
    returned_quantity: Ints
    returned_net: Ints
    returned_cost: Ints

    def __len__(self) -> int:
        return len(self.number)


def place_orders(
    plan: Plan,
    customers: Customers,
    records: Records,
    members: Members,
    season: Season,
    who: Ints,
    part: str,
    first_number: int,
) -> Orders:
    """All orders of the customers ``who``, all of them persons or none, numbered from ``first_number``."""
    rng = plan.rng("orders", part)
    customer, at = _purchases(plan, rng, customers, members, season, who)
    record = _record_of(rng, records, customers, customer, at)
    order = np.lexsort((record, at))
    customer, at, record = customer[order], at[order], record[order]
    count = len(at)
    is_trade = season.is_trade
    company = plan.company
    chance = rng.random(count)
    is_cancelled = chance < company.cancelled_share
    is_deleted = ~is_cancelled & (chance < company.cancelled_share + company.deleted_order_share)
    is_deleted &= records.system[record] != ZOHO
    cancelled = np.where(is_cancelled, at + rng.integers(600, 20 * 3600, count), MISSING)
    shipped = at + (rng.gamma(3.0, 0.35, count) * DAY).astype(np.int64) + 3600
    delivered = shipped + (rng.gamma(4.0, 0.6, count) * DAY).astype(np.int64) + 7200
    shipped = np.where(is_cancelled, MISSING, shipped)
    delivered = np.where(is_cancelled, MISSING, delivered)
    deleted = np.where(is_deleted, at + rng.integers(DAY, 5 * DAY, count), MISSING)
    # Corrections are rare; the last three weeks have more, so that also a small company's daily loads show some.
    corrected_share = np.where(at >= plan.end - 21 * DAY, 5 * company.corrected_share, company.corrected_share)
    corrected = at + rng.integers(DAY, 4 * DAY, count)
    is_corrected = (rng.random(count) < corrected_share) & (corrected < plan.end) & ~is_cancelled
    corrected = np.where(is_corrected, corrected, MISSING)
    fate = rng.random(count)
    is_full = (fate < company.full_return_share) & ~is_cancelled & ~is_deleted
    is_partial = (fate < company.full_return_share + company.partial_return_share) & ~is_cancelled & ~is_deleted
    is_partial &= ~is_full
    returned = np.maximum(delivered, corrected) + rng.integers(2 * DAY, 16 * DAY, count)
    returned = np.where(is_full | is_partial, returned, MISSING)
    coupon = _coupons(plan, rng, records, members, record, at, is_cancelled)
    lines = _lines(plan, rng, customers.kind[customer], at, coupon != MISSING, is_full, is_partial)
    system = records.system[record]
    channel = rng.integers(0, len(CHANNELS[is_trade]), count)
    return Orders(
        first_number + np.arange(count), record, system, at, channel, rng.integers(0, 3, count), cancelled,
        shipped, delivered, corrected, returned, deleted, coupon, **lines,
    )  # fmt: skip


def _purchases(
    plan: Plan, rng: np.random.Generator, customers: Customers, members: Members,
    season: Season, who: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Customers and times of all purchases: gamma-Poisson while alive, more in the campaigns that work."""
    who = who[customers.buys_from[who] != MISSING]
    begin = customers.buys_from[who]
    end = np.where(customers.died[who] == MISSING, plan.end, customers.died[who])
    people, times = _draw(rng, season, who, customers.rate[who], begin, end)
    parts = [(people, times)]
    # One who begins to buy does so with a first order.
    fresh = ~customers.exists_before[who] & (begin < end)
    parts.append((who[fresh], begin[fresh]))
    place = np.full(len(customers), -1)
    place[who] = np.arange(len(who))
    for number, campaign in enumerate(plan.company.campaigns):
        if campaign.effect <= 0:
            continue
        treated = members.record[(members.campaign == number) & members.is_treated]
        treated = treated[treated < len(customers)]
        rows = place[treated]
        rows = rows[rows >= 0]
        start = seconds(campaign.starts_on)
        opens = np.maximum(begin[rows], start)
        closes = np.minimum(end[rows], start + plan.company.campaign_days * DAY)
        rows, opens, closes = (column[closes > opens] for column in (rows, opens, closes))
        parts.append(_draw(rng, season, who[rows], customers.rate[who[rows]] * campaign.effect, opens, closes))
    customer = np.concatenate([part[0] for part in parts])
    at = np.concatenate([part[1] for part in parts])
    return customer, at


def _draw(
    rng: np.random.Generator, season: Season, who: Ints, rate: Floats, begin: Ints, end: Ints
) -> tuple[Ints, Ints]:
    low, high = season.ticks(begin), season.ticks(end)
    counts = rng.poisson(np.maximum(rate * (high - low), 0.0))
    row = np.repeat(np.arange(len(who)), counts)
    times = season.times(rng, low[row] + rng.random(len(row)) * (high - low)[row])
    # The hour is drawn apart from the day: at both ends it must not lead out of the customer's time.
    return who[row], np.clip(times, begin[row] + 60, np.maximum(end[row] - 60, begin[row] + 60))


def _record_of(rng: np.random.Generator, records: Records, customers: Customers, customer: Ints, at: Ints) -> Ints:
    """Which of the customer's records the order is entered on: mostly the first, never one not there at the time."""
    chosen = customer.copy()
    living = records.living()
    for twins, share in zip(records.twins, (0.4, 0.3), strict=True):
        twin = twins[customer]
        there = (twin >= 0) & (records.created[twin] <= at) & (at < living[twin])
        # Persons buy in the shop; what they order by phone with consumer care or a salesman is little.
        is_side = (
            (customers.kind[customer] == PERSON) & (records.system[twin] != SHOP) & (customers.home[customer] == SHOP)
        )
        chosen = np.where(there & (rng.random(len(at)) < np.where(is_side, share / 5, share)), twin, chosen)
    return chosen


def _coupons(
    plan: Plan,
    rng: np.random.Generator,
    records: Records,
    members: Members,
    record: Ints,
    at: Ints,
    is_cancelled: Flags,
) -> Ints:
    """The coupon that each order used, as place of the membership: used once, by the first order, or never."""
    coupon = np.full(len(at), MISSING)
    place = np.full(len(records), -1)
    for number, campaign in enumerate(plan.company.campaigns):
        if not campaign.gives_coupons:
            continue
        rows = np.flatnonzero((members.campaign == number) & members.is_treated)
        place[:] = -1
        place[members.record[rows]] = rows
        start = seconds(campaign.starts_on)
        within = (at >= start + 11 * 3600) & (at < start + plan.company.campaign_days * DAY) & ~is_cancelled
        orders = np.flatnonzero(within)
        orders = orders[place[record[orders]] >= 0]
        _, first = np.unique(record[orders], return_index=True)
        orders = orders[np.sort(first)]
        used = orders[rng.random(len(orders)) < 0.6]
        coupon[used] = place[record[used]]
    return coupon


def _lines(
    plan: Plan, rng: np.random.Generator, kind: Ints, at: Ints, has_coupon: Flags, is_full: Flags, is_partial: Flags
) -> dict[str, Ints]:
    products = pool("products")
    count = len(kind)
    lines = np.array(plan.company.lines_per_order)[kind] * np.where(kind == PERSON, plan.size.lines_factor, 1.0)
    number = 1 + rng.poisson(lines - 1.0)
    number = np.minimum(number, 9)
    line_of = np.repeat(np.arange(count), number)
    first = np.cumsum(number) - number
    total = len(line_of)
    line_no = np.arange(total) - first[line_of] + 1
    product = products.draw(rng, total)
    launched = np.array(products.columns["launched_on"], dtype="datetime64[s]").astype(np.int64)
    product = np.where(launched[product] <= at[line_of] - at[line_of] % DAY, product, 0)
    spread = np.array([1.0, 10.0, 90.0])[kind][line_of]
    quantity = np.maximum(1, np.round(spread * rng.gamma(2.0, 0.6, total))).astype(np.int64)
    price = products.numbers("list_price_fen")[product]
    cost = products.numbers("cost_fen")[product] * quantity
    # Trade prices are a fifth lower; a third of the persons' lines are on offer.
    discount = np.where(
        kind[line_of] == PERSON,
        np.where(rng.random(total) < 0.33, rng.integers(5, 31, total), 0),
        20 + rng.integers(0, 6, total),
    )
    discount = discount + np.where(has_coupon[line_of], 10, 0)
    net = (price * quantity * (100 - discount) + 50) // 100
    wrong = np.where(line_no == 1, (price * quantity * 10 * (100 - discount) + 50) // 100, net)
    returned_quantity = np.where(
        is_full[line_of], quantity, np.where(is_partial[line_of] & (line_no == 1), (quantity + 1) // 2, 0)
    )
    return {
        "line_of": line_of,
        "line_no": line_no,
        "product": product,
        "quantity": quantity,
        "price": price,
        "net": net,
        "cost": cost,
        "wrong_net": wrong,
        "returned_quantity": returned_quantity,
        "returned_net": net * returned_quantity // quantity,
        "returned_cost": cost * returned_quantity // quantity,
    }


def persons_and_trade(plan: Plan, customers: Customers) -> list[tuple[str, bool, Ints]]:
    """The parts in which orders are made: name, whether it is trade, the customers."""
    people = np.flatnonzero(customers.kind == PERSON)
    size = plan.size.chunk
    parts = [(f"persons {n}", False, people[n * size : (n + 1) * size]) for n in range(-(-len(people) // size))]
    return [("trade", True, np.flatnonzero(customers.kind != PERSON)), *parts]
