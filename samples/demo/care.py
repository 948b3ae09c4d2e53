"""Employees and what they do with customers: visits, activities, cases; what customers answer and say."""

from dataclasses import dataclass

import numpy as np

from samples.demo.arrays import (
    DAY,
    MISSING,
    MONTH,
    Columns,
    groups,
    in_daytime,
    in_office_hours,
    lognormal,
    times_between,
)
from samples.demo.company import PERSON
from samples.demo.pools import Ints
from samples.demo.records import Records
from samples.demo.sales import Funnel
from samples.demo.world import FXIAOKE, SHOP, Customers, Plan

VISIT_PURPOSES = ("拜访", "关怀", "服务", "促销")
ACTIVITY_TYPES = ("call", "message", "email", "wechat", "meeting")
ACTIVITY_PURPOSES = ("跟进", "关怀", "生日", "服务", "促销")
CASE_TYPES = ("complaint", "question", "return", "delivery")
TOPICS = (
    ("口味不好", "包装破损", "临期产品", "服务态度差"),
    ("产品咨询", "价格咨询", "开票"),
    ("质量退货", "错发退货"),
    ("配送延误", "少件", "物流查询"),
)


@dataclass(frozen=True)
class Team:
    """Employees of Fxiaoke: sales representatives first, then service."""

    representatives: int
    service: int
    owner: Ints
    """Per customer record: its representative now."""
    owner_before: Ints
    """Per customer record: its representative until the record changed."""


def hire(plan: Plan, records: Records) -> Team:
    """The team, and who holds which account; some hold more than their limit."""
    rng = plan.rng("team")
    accounts = int((records.system == FXIAOKE).sum())
    representatives = max(4, round(accounts * plan.company.employees_per_account))
    shares = rng.gamma(6.0, 1.0, representatives)
    owner = groups(rng, (shares / shares.sum()).tolist(), len(records))
    moves = rng.random(len(records)) < 0.5
    before = np.where(moves, groups(rng, (shares / shares.sum()).tolist(), len(records)), owner)
    return Team(representatives, max(2, representatives // 5), owner, before)


def _span(plan: Plan, customers: Customers, records: Records, rows: Ints) -> tuple[Ints, Ints]:
    """From when to when somebody looks after these records: two months longer than they buy."""
    begin = np.maximum(records.created[rows], plan.start)
    died = customers.died[records.customer[rows]]
    end = np.where(died == MISSING, plan.end, np.minimum(died + int(2 * MONTH), plan.end))
    never = customers.buys_from[records.customer[rows]] == MISSING
    end = np.where(never, np.minimum(begin + int(4 * MONTH), end), end)
    end = np.minimum(end, records.living()[rows])
    return begin, np.maximum(begin, end)


def visits(plan: Plan, customers: Customers, records: Records, system: int) -> Columns:
    """Planned visits to stores and distributors; some of them never took place."""
    rng = plan.rng("visits", system)
    rows = _accounts(records, system)
    begin, end = _span(plan, customers, records, rows)
    row, planned = times_between(rng, begin, end, (end - begin) / MONTH * plan.company.visits_per_month)
    planned = in_office_hours(rng, planned)
    created = planned - rng.integers(DAY, 6 * DAY, len(row))
    begin = begin[row]
    created = np.minimum(np.maximum(created, begin), planned)
    done = rng.random(len(row)) < plan.company.visit_done_share
    checkin = planned + (rng.normal(0.0, 0.5, len(row)) * DAY).astype(np.int64)
    checkin = np.where(done, np.maximum(checkin, created + 600), MISSING)
    minutes = np.clip(lognormal(rng, 35.0, 0.5, len(row)), 5, 240).astype(np.int64)
    return {
        "number": np.arange(len(row)),
        "record": rows[row],
        "planned": planned,
        "checkin": checkin,
        "checkout": np.where(done, checkin + minutes * 60, MISSING),
        "minutes": minutes,
        "purpose": groups(rng, (0.55, 0.2, 0.15, 0.1), len(row)),
        "cost": np.where(done, rng.integers(20, 160, len(row)), 0),
        "created": created,
    }


def activities(plan: Plan, customers: Customers, records: Records, funnel: Funnel, system: int) -> Columns:
    """Calls, messages and meetings with customers and leads; ``lead`` is the place within all leads of the system."""
    rng = plan.rng("activities", system)
    rows = np.flatnonzero((records.system == system) & (records.customer >= 0))
    begin, end = _span(plan, customers, records, rows)
    scale = np.where(records.kind[rows] == PERSON, 0.4, 1.0)
    row, at = times_between(rng, begin, end, (end - begin) / MONTH * plan.company.activities_per_month * scale)
    contacts = [group.first_contact for group in funnel.groups if group.source == ("", "fxiaoke", "zoho")[system]]
    first = np.concatenate(contacts) if contacts else np.array([], dtype=np.int64)
    leads = np.flatnonzero(first != MISSING)
    more = rng.poisson(1.5, len(leads))
    again = np.repeat(leads, more)
    later = in_daytime(first[again] + (rng.gamma(1.5, 6.0, len(again)) * DAY).astype(np.int64))
    later = np.maximum(later, first[again] + 1800)
    record = np.concatenate([rows[row], np.full(len(leads) + len(again), -1)])
    lead = np.concatenate([np.full(len(row), -1), leads, again])
    at = np.concatenate([in_office_hours(rng, at), first[leads], later])
    keep = at < plan.end
    keep &= (record < 0) | (at >= np.maximum(records.created[record], plan.start))
    record, lead, at = record[keep], lead[keep], at[keep]
    order = np.lexsort((lead, record, at))
    record, lead, at = record[order], lead[order], at[order]
    count = len(at)
    is_in = rng.random(count) < 0.2
    replies = ~is_in & (rng.random(count) < 0.45)
    kind = groups(rng, (0.4, 0.15, 0.1, 0.25, 0.1), count)
    return {
        "number": np.arange(count),
        "record": record,
        "lead": lead,
        "moment": at,
        "type": kind,
        "is_in": is_in & (lead < 0),
        "purpose": np.where(lead >= 0, 0, groups(rng, (0.45, 0.25, 0.05, 0.1, 0.15), count)),
        "replied": np.where(replies, at + (lognormal(rng, 3.0, 1.2, count) * 3600).astype(np.int64), MISSING),
        "minutes": np.where(
            (kind == 0) | (kind == 4), np.clip(lognormal(rng, 8.0, 0.7, count), 1, 180).astype(np.int64), MISSING
        ),
    }


def cases(plan: Plan, customers: Customers, records: Records, system: int) -> Columns:
    """Complaints, questions, returns and delivery questions: the less content a customer, the more."""
    rng = plan.rng("cases", system)
    rows = np.flatnonzero((records.system == system) & (records.customer >= 0))
    begin, end = _span(plan, customers, records, rows)
    mood = customers.mood[records.customer[rows]]
    row, opened = times_between(rng, begin, end, (end - begin) / MONTH * np.array(plan.company.cases_per_month)[mood])
    count = len(row)
    order = np.lexsort((row, opened))
    row, opened = row[order], opened[order]
    unhappy = mood[row] == 0
    kind = np.where(unhappy, groups(rng, (0.6, 0.15, 0.15, 0.1), count), groups(rng, (0.25, 0.4, 0.15, 0.2), count))
    topic = np.array([len(words) for words in TOPICS])[kind]
    first_reply = opened + (lognormal(rng, 2.5, 1.0, count) * 3600).astype(np.int64)
    closed = first_reply + (lognormal(rng, 1.6, 0.9, count) * DAY).astype(np.int64)
    return {
        "number": np.arange(count),
        "record": rows[row],
        "type": kind,
        "topic": rng.integers(0, 1_000_000, count) % topic,
        "opened": opened,
        "replied": first_reply,
        # A few are never closed.
        "closed": np.where(rng.random(count) < 0.97, closed, MISSING),
    }


def _accounts(records: Records, system: int) -> Ints:
    return np.flatnonzero((records.system == system) & (records.customer >= 0) & (records.kind != PERSON))


def surveys(plan: Plan, customers: Customers, records: Records) -> Columns:
    """Recommendation surveys of the shop's customers: the answer goes with the mood, which goes with churn."""
    rng = plan.rng("surveys")
    rows = np.flatnonzero((records.system == SHOP) & (records.customer >= 0))
    begin, end = _span(plan, customers, records, rows)
    row, sent = times_between(rng, begin, end, (end - begin) / MONTH * plan.company.nps_per_year / 12)
    mood = shown_mood(plan, rng, customers.mood[records.customer[rows[row]]])
    score = np.choose(mood, [rng.integers(0, 7, len(row)), rng.integers(7, 9, len(row)), rng.integers(9, 11, len(row))])
    answers = rng.random(len(row)) < plan.company.answer_share
    answered = np.where(answers, sent + (rng.exponential(0.8, len(row)) * DAY).astype(np.int64) + 120, MISSING)
    return {"record": rows[row], "sent": sent, "answered": answered, "score": score}


def shown_mood(plan: Plan, rng: np.random.Generator, mood: Ints) -> Ints:
    """The moods as customers show them in an answer: mostly their own."""
    other = groups(rng, plan.company.mood_shares, len(mood))
    return np.where(rng.random(len(mood)) < plan.company.mood_shown, mood, other)
