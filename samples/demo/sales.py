"""Leads, opportunities and their stages: how stores, distributors and key accounts become customers."""

from dataclasses import dataclass

import numpy as np

from samples.demo.arrays import DAY, MISSING, in_daytime, lognormal
from samples.demo.company import DISTRIBUTOR, PERSON, STORE, Company, Stage
from samples.demo.pools import Flags, Floats, Ints

_AMOUNTS = {"门店开发": 8_000.0, "经销商招商": 90_000.0, "大客户": 60_000.0}
"""Median amount of an opportunity in yuan, by pipeline."""
LOSS_REASONS = ("价格过高", "竞品已进场", "账期不合", "暂无需求", "联系不上")


@dataclass
class Opportunities:
    """One entry per opportunity, and one per stage entered. Times are local seconds."""

    customer: Ints
    lead: Ints
    """Place of the lead in its group; -1 for an opportunity without one."""
    created: Ints
    closed: Ints
    is_won: Flags
    last_stage: Ints
    amount: Ints
    """Expected net amount in yuan."""
    quoted: Ints
    reason: Ints
    stage_of: Ints
    """Per stage entered: the opportunity."""
    stage: Ints
    entered: Ints

    def __len__(self) -> int:
        return len(self.created)


@dataclass
class Group:
    """Leads of one kind and what they led to."""

    source: str
    pipeline: str
    """Empty where leads become customers without an opportunity."""
    kind: int
    stages: tuple[Stage, ...]
    created: Ints
    score: Ints
    first_contact: Ints
    converted: Ints
    customer: Ints
    """Customer that the lead became, -1 for none."""
    opportunities: Opportunities | None

    def __len__(self) -> int:
        return len(self.created)


@dataclass
class Funnel:
    """All groups, and opportunities with customers who were there before."""

    groups: list[Group]


def sell(
    company: Company, rng: np.random.Generator, start: int, end: int, kind: Ints, home: Ints, exists_before: Flags
) -> Funnel:
    """Leads of the whole time; those that convert become one of the customers that began within it."""
    fxiaoke, zoho = home == 1, home == 2
    wanted = (
        ("fxiaoke", "门店开发", STORE, company.store_stages, (kind == STORE) & fxiaoke),
        ("fxiaoke", "经销商招商", DISTRIBUTOR, company.distributor_stages, (kind == DISTRIBUTOR) & fxiaoke),
        ("zoho", "大客户", STORE, company.key_account_stages, (kind != PERSON) & zoho),
        ("zoho", "", PERSON, (), (kind == PERSON) & zoho),
    )
    groups = []
    for source, pipeline, of_kind, stages, mask in wanted:
        free = np.flatnonzero(mask & ~exists_before)
        old = np.flatnonzero(mask & exists_before)
        groups.append(_group(company, rng, start, end, source, pipeline, of_kind, stages, free, old))
    return Funnel(groups)


def conversion_rate(company: Company, score: Ints) -> Floats:
    """Chance of a followed-up lead to convert, by its score."""
    rates = np.zeros(len(score))
    for lowest, rate in company.conversion_by_score:
        rates[score >= lowest] = rate
    return rates


def _group(
    company: Company,
    rng: np.random.Generator,
    start: int,
    end: int,
    source: str,
    pipeline: str,
    kind: int,
    stages: tuple[Stage, ...],
    free: Ints,
    old: Ints,
) -> Group:
    mean = conversion_rate(company, np.arange(100)).mean() * company.followed_share
    count = round(company.lead_target * len(free) / max(mean, 0.05))
    created = np.sort(start + (rng.random(count) * (end - start)).astype(np.int64))
    score = rng.integers(0, 100, count)
    is_followed = rng.random(count) < company.followed_share
    contact = created + (lognormal(rng, 6 / 24, 1.0, count) * DAY).astype(np.int64)
    lag = np.minimum(rng.gamma(2.0, 9.0, count), 80.0)
    converts = is_followed & (rng.random(count) < conversion_rate(company, score))
    converted = contact + (lag * DAY).astype(np.int64)
    # What people do, they do by day; the times before that push keep their distances.
    begins = converted
    created, contact, converted = (in_daytime(times) for times in (created, contact, converted))
    contact = np.where(is_followed & (contact < end), contact, MISSING)
    converted = np.where(converts & (contact != MISSING) & (converted < end), converted, MISSING)
    # More conversions than customers are to be had only by rare chance: the latest of such leads never came.
    hits = np.flatnonzero(converted != MISSING)
    kept = np.ones(count, dtype=bool)
    kept[hits[len(free) :]] = False
    created, score, contact, converted, begins = (
        column[kept] for column in (created, score, contact, converted, begins)
    )
    customer = np.full(len(created), -1, dtype=np.int64)
    hits = np.flatnonzero(converted != MISSING)
    customer[hits] = rng.permutation(free)[: len(hits)]
    opportunities = None
    if stages:
        more = rng.permutation(old)[: len(old) // 6]
        began = start + (rng.random(len(more)) * (end - start)).astype(np.int64)
        opportunities = _opportunities(
            company,
            rng,
            stages,
            end,
            pipeline,
            np.concatenate([customer[hits], more]),
            np.concatenate([hits, np.full(len(more), -1, dtype=np.int64)]),
            np.concatenate([begins[hits], began]),
        )
    return Group(source, pipeline, kind, stages, created, score, contact, converted, customer, opportunities)


def _opportunities(
    company: Company,
    rng: np.random.Generator,
    stages: tuple[Stage, ...],
    end: int,
    pipeline: str,
    customer: Ints,
    lead: Ints,
    created: Ints,
) -> Opportunities:
    count = len(created)
    closed = np.full(count, MISSING)
    quoted = np.full(count, MISSING)
    is_won = np.zeros(count, dtype=bool)
    last_stage = np.zeros(count, dtype=np.int64)
    alive = np.arange(count)
    at = created
    entered: list[tuple[Ints, int, Ints]] = []
    for place, stage in enumerate(stages):
        entered.append((alive, place, at))
        last_stage[alive] = place
        if stage.is_quote:
            quoted[alive] = at
        at = at + _stay(rng, stage, len(alive))
        advances = rng.random(len(alive)) < stage.advance_probability
        falls_back = (rng.random(len(alive)) < company.reentry_rate) & (place > 0)
        entered.append((alive[falls_back], place - 1, at[falls_back]))
        at = at + np.where(falls_back, _stay(rng, stages[place - 1], len(alive)), 0)
        entered.append((alive[falls_back], place, at[falls_back]))
        at = at + np.where(falls_back, _stay(rng, stage, len(alive)), 0)
        if place == len(stages) - 1:
            is_won[alive[advances]] = True
            closed[alive] = at
        else:
            closed[alive[~advances]] = at[~advances]
        alive, at = alive[advances], at[advances]
    closed, quoted = (np.where(times == MISSING, MISSING, in_daytime(times)) for times in (closed, quoted))
    is_won &= closed < end
    closed = np.where(closed < end, closed, MISSING)
    quoted = np.where(quoted < end, quoted, MISSING)
    of = np.concatenate([who for who, _, _ in entered])
    place_of = np.concatenate([np.full(len(who), place) for who, place, _ in entered])
    when = in_daytime(np.concatenate([times for _, _, times in entered]))
    seen = when < end
    of, place_of, when = of[seen], place_of[seen], when[seen]
    order = np.lexsort((when, of))
    of, place_of, when = of[order], place_of[order], when[order]
    # The stage in force at the end of the data, or at closing.
    last_stage[of] = place_of
    amount = (lognormal(rng, _AMOUNTS[pipeline], 0.6, count) // 100 * 100).astype(np.int64)
    return Opportunities(
        customer, lead, in_daytime(created), closed, is_won, last_stage, amount, quoted,
        rng.integers(0, len(LOSS_REASONS), count), of, place_of, when,
    )  # fmt: skip


def _stay(rng: np.random.Generator, stage: Stage, count: int) -> Ints:
    return np.maximum(3600, (lognormal(rng, stage.median_days, 0.6, count) * DAY).astype(np.int64))
