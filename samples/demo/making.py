"""Makes the company and writes what its systems export, and the truth beside it."""

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo import canonical, fxiaoke, shop, tables, zoho
from samples.demo.arrays import DAY, MISSING, Columns, groups, table
from samples.demo.care import TOPICS, activities, cases, hire, visits
from samples.demo.company import SIZES, Company, Size
from samples.demo.contacts import people_of
from samples.demo.days import days_of, define
from samples.demo.extracts import Sink
from samples.demo.marketing import Members, take_in
from samples.demo.orders import persons_and_trade, place_orders
from samples.demo.records import Records, record_customers
from samples.demo.sales import Funnel
from samples.demo.season import Season, seconds
from samples.demo.truth import Truth, parameters
from samples.demo.world import FXIAOKE, SHOP, ZOHO, Customers, Plan, settle
from samples.packages import SampleError


def make(landing: Path) -> list[Path]:
    """Write the missing extracts of the demo company, size S, below ``landing``, and its truth beside it."""
    return [path for path in generate(landing.parent, landing=landing) if path.is_relative_to(landing)]


def generate(
    root: Path,
    size: str | Size = "S",
    seed: int = 1,
    days: int | None = None,
    company: Company | None = None,
    landing: Path | None = None,
) -> list[Path]:
    """Write ``root/landing`` and ``root/truth``; return the files of the landing folder that were not there yet.

    ``days`` is the number of daily loads, the last of them on the day after the company's last day; the first holds
    everything until then. The same arguments give the same bytes. Where all files are there nothing is computed.
    Raises SampleError for an unknown size, a number of days that the company does not have, or a folder that holds
    the company as other arguments made it.
    """
    if isinstance(size, str):
        if size not in SIZES:
            raise SampleError(f"There is no size '{size}'. Known sizes: {', '.join(SIZES)}.")
        size = SIZES[size]
    company = company or Company()
    most = (company.last_day - company.first_day).days + 1
    days = size.days if days is None else days
    if not 1 <= days <= most:
        raise SampleError(f"The company has {most} days of business, so days must be 1 to {most}, not {days}.")
    plan = Plan(company, size, seed, days)
    landing = landing or root / "landing"
    truth = root / "truth"
    settings = parameters(plan)
    _hold_settings(truth / "parameters.json", settings)
    listing = truth / "files.json"
    if listing.exists():
        listed = json.loads(listing.read_text(encoding="utf-8"))
        if all((landing / name).exists() for name in listed):
            return []
    sink = _make(plan, landing, truth)
    names = sorted(str(path.relative_to(landing)) for path in sink.files)
    _write_json(listing, names)
    return sink.written


def _hold_settings(path: Path, settings: dict[str, object]) -> None:
    """Keep what the folder was made from, and refuse to mix it with something else."""
    if path.exists():
        if json.loads(path.read_text(encoding="utf-8")) != settings:
            raise SampleError(f"{path.parent.parent} holds the demo made with other settings. Choose an empty folder.")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_json(path, settings)


def _write_json(path: Path, content: object) -> None:
    hidden = path.with_name(f".{path.name}.part")
    hidden.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    hidden.replace(path)


def _make(plan: Plan, landing: Path, truth_folder: Path) -> Sink:
    days = days_of(plan)
    with duckdb.connect() as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set enable_progress_bar = false")
        define(connection, days)
        truth = Truth(truth_folder, connection, days)
        sink = Sink(connection, days, landing, truth.note)
        customers, funnel = settle(plan)
        records = record_customers(plan, customers)
        team = hire(plan, records)
        members = take_in(plan, records)
        tables.create(connection, "record", tables.records_table(plan, customers, records, team))
        products = tables.products_table()
        tables.create(connection, "product", products.append_column("place", pa.array(range(products.num_rows))))
        tables.create(connection, "employee", tables.employees_table(plan, team))
        for name, content in tables.leads_tables(plan, customers, records, funnel).items():
            tables.create(connection, name, content)
        tables.create(connection, "true_customer", _true_columns(customers))
        for name, made in _care(plan, customers, records, funnel).items():
            tables.create(connection, name, made)
        coupons, answers = shop.Coupons.of(members), shop.Answers()
        _orders(plan, sink, truth, customers, records, members, coupons, answers)
        shop.ask(plan, customers, records, answers)
        tables.create(connection, "feedback", answers.columns(plan))
        tables.create(connection, "member", _member_columns(plan, members, coupons))
        tables.create(connection, "mention", _mentions(plan, customers, records))
        tables.create(connection, "sample", _samples(plan, customers, records))
        tables.create(connection, "trade_campaign", _trade_campaigns(plan))
        for extract in (
            *canonical.extracts(days, plan),
            *fxiaoke.extracts(days, team.representatives, team.service),
            *zoho.extracts(days),
        ):
            sink.run(extract)
        truth.finish(plan)
    return sink


def _orders(
    plan: Plan,
    sink: Sink,
    truth: Truth,
    customers: Customers,
    records: Records,
    members: Members,
    coupons: shop.Coupons,
    answers: shop.Answers,
) -> None:
    """Make and write the orders part by part, and what the shop adds to them."""
    connection, days = sink.connection, sink.days
    ids = records.ids
    seasons = {is_trade: Season(plan.company, is_trade) for is_trade in (False, True)}
    parts = persons_and_trade(plan, customers)
    several = len(parts) > 2
    side: dict[str, list[pa.Table]] = {"orders": [], "lines": []}
    number, event, movement = 1, 1, 1
    for place, (part, is_trade, who) in enumerate(parts):
        orders = place_orders(plan, customers, records, members, seasons[is_trade], who, part, number)
        number += len(orders)
        header, lines = tables.orders_tables(ids, orders, is_trade)
        for name, columns in (("orders", header), ("lines", lines)):
            content = table(columns)
            tables.create(connection, name, content)
            side[name].append(content.filter(pc.greater(content["system"], SHOP)))
        truth.note_orders(plan.end)
        if is_trade:
            continue
        coupons.take(orders)
        shop.ask_after_orders(plan, customers, records, orders, part, answers)
        browsed = shop.browse(plan, customers, records, orders, part, who, event)
        event += len(browsed["number"])
        moved = shop.points(plan, orders, header["net"], movement)
        movement += len(moved["number"])
        tables.create(connection, "browse", browsed)
        tables.create(connection, "points", moved)
        for extract in canonical.part_extracts(days):
            sink.run(extract, place if several else None)
    sink.finish()
    for name, contents in side.items():
        tables.create(connection, name, pa.concat_tables(contents))
    for extract in (*fxiaoke.order_extracts(days), *zoho.order_extracts(days)):
        sink.run(extract)


def _true_columns(customers: Customers) -> Columns:
    return {
        "number": np.arange(len(customers)),
        **{
            name: getattr(customers, name)
            for name in ("kind", "mood", "exists_before", "created", "buys_from", "died", "rate")
        },
    }


def _care(plan: Plan, customers: Customers, records: Records, funnel: Funnel) -> dict[str, Columns]:
    """The tables of what employees do, both systems in one, told apart by ``system``."""
    made: dict[str, list[Columns]] = {"contact": [], "visits": [], "activities": [], "cases": []}
    for system in (FXIAOKE, ZOHO):
        made["contact"].append({**people_of(plan, records, system), "system": system})
        made["visits"].append({**visits(plan, customers, records, system), "system": system})
        acts = activities(plan, customers, records, funnel, system)
        for column in ("record", "lead"):
            acts[column] = np.where(acts[column] < 0, MISSING, acts[column])
        made["activities"].append({**acts, "system": system})
        opened = cases(plan, customers, records, system)
        words = [TOPICS[kind][topic] for kind, topic in zip(opened["type"], opened["topic"], strict=True)]
        made["cases"].append({**opened, "topic": pa.array(words, pa.string()), "system": system})
    return {name: _stacked(parts) for name, parts in made.items()}


def _stacked(parts: Iterable[Columns]) -> Columns:
    whole = []
    for part in parts:
        count = len(part["number"])
        whole.append(table({**part, "system": np.full(count, part["system"])}))
    both = pa.concat_tables(whole)
    return {name: both[name] for name in both.column_names}


def _member_columns(plan: Plan, members: Members, coupons: shop.Coupons) -> Columns:
    campaigns = plan.company.campaigns
    starts = np.array([seconds(campaign.starts_on) for campaign in campaigns])
    gives = np.array([campaign.gives_coupons for campaign in campaigns])
    return {
        "number": np.arange(len(members.record)),
        "campaign": members.campaign,
        "record": members.record,
        "is_treated": members.is_treated,
        "taken": starts[members.campaign],
        "sent": members.sent,
        "responded": members.responded,
        "gives_coupon": gives[members.campaign],
        "redeemed": coupons.redeemed,
        "order_number": coupons.order,
    }


def _mentions(plan: Plan, customers: Customers, records: Records) -> Columns:
    """What is said about the company elsewhere; who said it is known of a third."""
    rng = plan.rng("mentions")
    count = max(40, plan.size.customers // 6)
    at = np.sort(plan.start + (rng.random(count) * (plan.end - plan.start)).astype(np.int64))
    people = np.flatnonzero((records.system == SHOP) & (records.customer >= 0))
    who = people[rng.integers(0, len(people), count)]
    is_known = (rng.random(count) < 0.35) & (records.created[who] <= at)
    feeling = np.where(is_known, customers.mood[records.customer[who]], groups(rng, plan.company.mood_shares, count))
    sentiment = np.clip(np.array([-0.5, 0.1, 0.55])[feeling] + rng.normal(0.0, 0.25, count), -1.0, 1.0)
    platforms = pa.array(["微博", "小红书", "抖音", "大众点评"])
    return {
        "number": np.arange(count),
        "moment": at,
        "record": np.where(is_known, who, MISSING),
        "platform": platforms.take(pa.array(groups(rng, (0.3, 0.35, 0.25, 0.1), count))),
        "sentiment": np.round(sentiment, 2),
    }


def _samples(plan: Plan, customers: Customers, records: Records) -> Columns:
    """Attributes that somebody checked by telephone: what is true of the customer."""
    rng = plan.rng("samples")
    people = np.flatnonzero(
        (records.system == SHOP) & (records.customer >= 0) & (records.created < plan.end - 30 * DAY)
    )
    chosen = np.sort(rng.choice(people, min(len(people), max(40, len(people) // 50)), replace=False))
    who = pa.array(records.customer[chosen])
    verified = records.created[chosen] + (rng.random(len(chosen)) * (plan.end - records.created[chosen])).astype(
        np.int64
    )
    parts = []
    for attribute in ("name", "phone"):
        parts.append(
            table({
                "record": chosen,
                "attribute": pa.repeat(pa.scalar(attribute), len(chosen)),
                "verified_value": getattr(customers, attribute).take(who),
                "verified": verified,
            })
        )  # fmt: skip
    both = pa.concat_tables(parts)
    both = both.filter(pc.is_valid(both["verified_value"]))
    return {name: both[name] for name in both.column_names}


def _trade_campaigns(plan: Plan) -> Columns:
    """Fairs and invitations of the key-account team."""
    rng = plan.rng("trade campaigns")
    names = (
        "春季糖酒会",
        "华东渠道答谢会",
        "秋季订货会",
        "新品品鉴会",
        "年度经销商大会",
        "便利店展",
        "春季糖酒会二",
        "秋季订货会二",
    )
    starts = plan.start + (np.arange(8) * 85 + rng.integers(5, 40, 8)) * DAY
    return {
        "number": np.arange(8),
        "name": pa.array(names),
        "type": pa.array(["Trade Show", "Conference"] * 4),
        "starts": starts,
        "ends": starts + rng.integers(1, 4, 8) * DAY,
        "cost": rng.integers(20, 120, 8) * 1000,
    }
