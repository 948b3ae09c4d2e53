"""What the web shop adds to its orders: browsing, points, coupons and answers."""

from dataclasses import dataclass, field

import numpy as np

from samples.demo.arrays import DAY, MISSING, MONTH, Columns
from samples.demo.care import shown_mood, surveys
from samples.demo.marketing import Members
from samples.demo.orders import Orders
from samples.demo.pools import Ints, pool
from samples.demo.records import Records
from samples.demo.world import SHOP, Customers, Plan

BURN_EVERY = 5
BURN_SHARE = 0.6
"""Of the points earned with the orders since the last time."""
EXPIRED_SHARE = 0.2
EXPIRE_AFTER_DAYS = 400
REVIEWS = (
    ("包装破了，客服一直不回复", "味道不新鲜，临期了", "物流太慢，等了一周"),
    ("一般般，不如上次", "价格偏高", "还行吧，赠品没收到"),
    ("口感不错，会回购", "物流很快，包装完好", "全家都喜欢", "活动价很划算"),
)


@dataclass
class Answers:
    """Surveys and reviews, gathered over all parts."""

    record: list[Ints] = field(default_factory=list)
    kind: list[Ints] = field(default_factory=list)
    score: list[Ints] = field(default_factory=list)
    sent: list[Ints] = field(default_factory=list)
    answered: list[Ints] = field(default_factory=list)

    def add(self, kind: int, record: Ints, score: Ints, sent: Ints, answered: Ints) -> None:
        """Take in answers of one kind: 0 csat, 1 nps, 2 review."""
        for column, values in zip(
            (self.record, self.kind, self.score, self.sent, self.answered),
            (record, np.full(len(record), kind), score, sent, answered),
            strict=True,
        ):
            column.append(values)

    def columns(self, plan: Plan) -> Columns:
        """The table ``feedback``."""
        rng = plan.rng("feedback texts")
        record, kind, score, sent, answered = (
            np.concatenate(column) for column in (self.record, self.kind, self.score, self.sent, self.answered)
        )
        begin = np.where(sent == MISSING, answered, sent)
        order = np.lexsort((record, kind, begin))
        choice = rng.integers(0, 12, len(order))
        band = np.where(score <= 2, 0, np.where(score == 3, 1, 2))
        words = np.array([f"{b}{c}" for b in range(3) for c in range(12)])
        texts = {
            f"{b}{c}": REVIEWS[b][c % len(REVIEWS[b])] if c < 9 else None for b in range(3) for c in range(12)
        }  # fmt: skip
        picked = [texts[str(word)] for word in words[band[order] * 12 + choice]]
        return {
            "number": np.arange(len(order)),
            "record": record[order],
            "kind": kind[order],
            "score": score[order],
            "sent": sent[order],
            "answered": answered[order],
            "begin": begin[order],
            "text": np.array([t if k == 2 else None for t, k in zip(picked, kind[order], strict=True)], dtype=object),
        }


def ask(plan: Plan, customers: Customers, records: Records, answers: Answers) -> None:
    """Recommendation surveys."""
    asked = surveys(plan, customers, records)
    answers.add(1, asked["record"], asked["score"], asked["sent"], asked["answered"])


def ask_after_orders(
    plan: Plan, customers: Customers, records: Records, orders: Orders, part: str, answers: Answers
) -> None:
    """Satisfaction surveys and reviews after delivery."""
    rng, company = plan.rng("answers", part), plan.company
    delivered = np.flatnonzero((orders.system == SHOP) & (orders.delivered != MISSING) & (orders.deleted == MISSING))
    for kind, share, response in ((0, company.csat_share, company.answer_share), (2, company.review_share, 1.0)):
        chosen = delivered[rng.random(len(delivered)) < share]
        record = orders.record[chosen]
        mood = shown_mood(plan, rng, customers.mood[records.customer[record]])
        count = len(chosen)
        score = np.choose(mood, [rng.integers(1, 4, count), rng.integers(3, 5, count), rng.integers(4, 6, count)])
        sent = orders.delivered[chosen] + rng.integers(DAY // 2, 2 * DAY, count)
        answered = sent + (rng.exponential(0.7, count) * DAY).astype(np.int64) + 60
        answered = np.where(rng.random(count) < response, answered, MISSING)
        answers.add(kind, record, score, np.full(count, MISSING) if kind == 2 else sent, answered)


def browse(
    plan: Plan, customers: Customers, records: Records, orders: Orders, part: str, who: Ints, first: int
) -> Columns:
    """Views, carts and searches: before orders and without any, numbered from ``first``."""
    rng, factor = plan.rng("browse", part), plan.size.browse_factor
    of = np.flatnonzero(orders.system[orders.line_of] == SHOP)
    order = orders.line_of[of]
    views = rng.poisson(1.2 * factor, len(of))
    row = np.repeat(np.arange(len(of)), views)
    viewed = orders.at[order[row]] - (rng.exponential(1.2, len(row)) * DAY).astype(np.int64) - 120
    carts = np.flatnonzero(rng.random(len(of)) < 0.5 * factor)
    carted = orders.at[order[carts]] - rng.integers(60, 1800, len(carts))
    searches = np.flatnonzero((orders.system == SHOP) & (rng.random(len(orders)) < 0.3 * factor))
    searched = orders.at[searches] - rng.integers(1800, 7200, len(searches))
    idle = who[(records.system[who] == SHOP)]
    begin = np.maximum(records.created[idle], plan.start)
    died = customers.died[idle]
    end = np.maximum(begin, np.where(died == MISSING, plan.end, died))
    counts = rng.poisson((end - begin) / MONTH * 0.6 * factor)
    idly = np.repeat(np.arange(len(idle)), counts)
    idled = (begin[idly] + rng.random(len(idly)) * (end - begin)[idly]).astype(np.int64)
    products = pool("products")
    record = np.concatenate([
        orders.record[order[row]], orders.record[order[carts]], orders.record[searches], idle[idly]
    ])  # fmt: skip
    at = np.concatenate([viewed, carted, searched, idled])
    event = np.repeat(np.array([0, 1, 2, 0]), [len(viewed), len(carted), len(searched), len(idled)])
    product = np.concatenate([
        orders.product[of[row]], orders.product[of[carts]], np.full(len(searches), MISSING),
        products.draw(rng, len(idled)),
    ])  # fmt: skip
    launched = np.array(products.columns["launched_on"], dtype="datetime64[s]").astype(np.int64)
    keep = (at >= np.maximum(records.created[record], plan.start)) & (at < plan.end)
    keep &= (product == MISSING) | (launched[np.maximum(product, 0)] <= at)
    record, at, event, product = record[keep], at[keep], event[keep], product[keep]
    sequence = np.lexsort((product, event, record, at))
    return {
        "number": first + np.arange(len(sequence)),
        "record": record[sequence],
        "moment": at[sequence],
        "event": event[sequence],
        "product": product[sequence],
    }


def points(plan: Plan, orders: Orders, net: Ints, first: int) -> Columns:
    """Points earned by orders, burned with every fifth order, and expired; a balance is never negative."""
    mine = np.flatnonzero((orders.system == SHOP) & (orders.cancelled == MISSING) & (orders.deleted == MISSING))
    mine = mine[np.lexsort((orders.at[mine], orders.record[mine]))]
    record, at, earned = orders.record[mine], orders.at[mine], net[mine] // 100
    count = len(mine)
    if not count:
        empty = np.zeros(0, dtype=np.int64)
        return {"number": empty, "record": empty, "points": empty, "type": empty, "moment": empty}
    is_first = np.concatenate([[True], record[1:] != record[:-1]])
    start = np.maximum.accumulate(np.where(is_first, np.arange(count), 0))
    rank = np.arange(count) - start
    is_last_of_block = rank % BURN_EVERY == BURN_EVERY - 1
    sums = np.concatenate([[0], np.cumsum(earned)])
    ends = np.flatnonzero(is_last_of_block)
    of_block = sums[ends] - sums[ends - BURN_EVERY + 1]
    burned = (of_block * BURN_SHARE).astype(np.int64)
    expired = (of_block * EXPIRED_SHARE).astype(np.int64)
    all_record = np.concatenate([record, record[ends], record[ends]])
    amount = np.concatenate([earned, -burned, -expired])
    kind = np.repeat(np.array([0, 1, 2]), [count, len(ends), len(ends)])
    when = np.concatenate([at, at[ends], at[ends] + EXPIRE_AFTER_DAYS * DAY])
    keep = (amount != 0) & (when < plan.end)
    all_record, amount, kind, when = all_record[keep], amount[keep], kind[keep], when[keep]
    sequence = np.lexsort((kind, all_record, when))
    return {
        "number": first + np.arange(len(sequence)),
        "record": all_record[sequence],
        "points": amount[sequence],
        "type": kind[sequence],
        "moment": when[sequence],
    }


@dataclass
class Coupons:
    """Which membership's coupon was redeemed by which order."""

    redeemed: Ints
    order: Ints

    @classmethod
    def of(cls, members: Members) -> "Coupons":
        """None redeemed yet."""
        count = len(members.record)
        return cls(np.full(count, MISSING), np.full(count, MISSING))

    def take(self, orders: Orders) -> None:
        """Take in a part's orders."""
        used = np.flatnonzero(orders.coupon != MISSING)
        self.redeemed[orders.coupon[used]] = orders.at[used]
        self.order[orders.coupon[used]] = orders.number[used]
