"""Puts the company's columns into the tables that the extracts' queries read."""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.demo import names
from samples.demo.arrays import DAY, MISSING, Columns, either, lognormal, numbered, pick, table
from samples.demo.care import Team
from samples.demo.codes import mobiles
from samples.demo.company import DISTRIBUTOR, KINDS, PERSON, STORE
from samples.demo.orders import CHANNELS, PAYMENTS, Orders
from samples.demo.pools import Ints, pool
from samples.demo.records import Records
from samples.demo.sales import LOSS_REASONS, Funnel, Group
from samples.demo.world import SOURCES, Customers, Plan


def create(connection: duckdb.DuckDBPyConnection, name: str, columns: Columns | pa.Table) -> None:
    """Create or replace a table."""
    content = columns if isinstance(columns, pa.Table) else table(columns)
    connection.register("content", content)
    connection.execute(f"create or replace table {name} as select * from content")
    connection.unregister("content")


def records_table(plan: Plan, customers: Customers, records: Records, team: Team) -> pa.Table:
    """The table ``record``: a row per customer record of every system."""
    rng = plan.rng("record details")
    count = len(records)
    ids = records.ids
    is_person = records.kind == PERSON
    levels = pa.array(["普通", "银卡", "金卡", "C", "B", "A"])
    now, before = (rng.choice(3, count, p=(0.6, 0.28, 0.12)) + np.where(is_person, 0, 3) for _ in range(2))
    tags = pick(
        rng, ("高潜", "价格敏感", "节日礼盒", "冷柜投放；重点陈列", "直播客群", "老客户；推荐达人", "欠款关注"), count
    )
    consents = rng.random(count) < plan.company.consent_share
    withdrawn = records.created + (rng.random(count) * (plan.end - records.created)).astype(np.int64)
    withdrawn = np.where(consents & (rng.random(count) < 0.05) & (withdrawn > plan.start), withdrawn, MISSING)
    return table({
        "number": np.arange(count),
        "id": ids,
        "customer": np.where(records.customer < 0, MISSING, records.customer),
        "source": pa.array(SOURCES).take(pa.array(records.system)),
        "kind": pa.array(KINDS).take(pa.array(records.kind)),
        "created": records.created,
        "gone": records.gone,
        "merged": records.merged,
        "merged_into": _ids_of(ids, records.merged_into),
        "changed": records.changed,
        "level": levels.take(pa.array(now)),
        "level_before": levels.take(pa.array(before)),
        "tags": either(rng.random(count) < 0.2, tags, pa.nulls(count, pa.string())),
        "owner": team.owner,
        "owner_before": team.owner_before,
        "parent": _ids_of(ids, _parents(plan, customers, records)),
        "referrer": _ids_of(ids, _referrers(plan, records)),
        "consents": consents,
        "withdrawn": withdrawn,
        **records.texts,
    })  # fmt: skip


def _ids_of(ids: pa.Array, numbers: Ints) -> pa.Array:
    return ids.take(pa.array(numbers, mask=numbers == MISSING))


def _earlier(rng: np.random.Generator, records: Records, rows: Ints, among: Ints) -> Ints:
    """For each row a record among those that were there before it, MISSING where none was."""
    among = among[np.argsort(records.created[among], kind="stable")]
    known = np.searchsorted(records.created[among], records.created[rows], side="left")
    chosen = (rng.random(len(rows)) * known).astype(np.int64)
    return np.where(known > 0, among[np.minimum(chosen, len(among) - 1)], MISSING) if len(among) else rows * 0 + MISSING


def _parents(plan: Plan, customers: Customers, records: Records) -> Ints:
    """Distributors that stores are served by, within one system."""
    rng = plan.rng("parents")
    parents = np.full(len(records), MISSING)
    for system in (1, 2):
        is_first = np.arange(len(records)) < len(customers)
        served = np.flatnonzero((records.system == system) & (records.kind == STORE) & (records.customer >= 0))
        served = served[rng.random(len(served)) < 0.8]
        among = np.flatnonzero((records.system == system) & (records.kind == DISTRIBUTOR) & is_first)
        parents[served] = _earlier(rng, records, served, among)
    return parents


def _referrers(plan: Plan, records: Records) -> Ints:
    """Who brought a person: somebody known earlier to the same system."""
    rng = plan.rng("referrers")
    referrers = np.full(len(records), MISSING)
    for system in (0, 1, 2):
        there = (records.system == system) & (records.kind == PERSON) & (records.customer >= 0)
        among = np.flatnonzero(there & (records.living() == np.iinfo(np.int64).max))
        rows = np.flatnonzero(there)
        rows = rows[rng.random(len(rows)) < plan.company.referral_share]
        referrers[rows] = _earlier(rng, records, rows, among)
    return referrers


def orders_tables(ids: pa.Array, orders: Orders, is_trade: bool) -> tuple[Columns, Columns]:
    """The columns of ``orders`` and ``lines``."""
    count = len(orders)
    first = np.searchsorted(orders.line_of, np.arange(count))
    gross = orders.price * orders.quantity
    wrong_gross = np.where(orders.line_no == 1, gross * 10, gross)

    def total(amount: Ints) -> Ints:
        return np.add.reduceat(amount, first) if count else amount[:0]

    header = {
        "number": orders.number,
        "record": orders.record,
        "system": orders.system,
        "customer_id": ids.take(pa.array(orders.record)),
        "moment": orders.at,
        "channel": pa.array(CHANNELS[is_trade]).take(pa.array(orders.channel)),
        "payment": pa.array(PAYMENTS[is_trade]).take(pa.array(orders.payment)),
        "cancelled": orders.cancelled,
        "shipped": orders.shipped,
        "delivered": orders.delivered,
        "corrected": orders.corrected,
        "returned": orders.returned,
        "deleted": orders.deleted,
        "coupon": orders.coupon,
        "gross": total(gross),
        "net": total(orders.net),
        "wrong_gross": total(wrong_gross),
        "wrong_net": total(orders.wrong_net),
        "returned_net": total(orders.returned_net),
    }
    of = orders.line_of
    lines = {
        "number": orders.number[of],
        "system": orders.system[of],
        "moment": orders.at[of],
        "corrected": orders.corrected[of],
        "returned": orders.returned[of],
        "line_no": orders.line_no,
        "product_id": pool("products").text("product_id", orders.product),
        "quantity": orders.quantity,
        "price": orders.price,
        "net": orders.net,
        "cost": orders.cost,
        "wrong_net": orders.wrong_net,
        "returned_quantity": orders.returned_quantity,
        "returned_net": orders.returned_net,
        "returned_cost": orders.returned_cost,
    }
    return header, lines


def leads_tables(plan: Plan, customers: Customers, records: Records, funnel: Funnel) -> dict[str, pa.Table]:
    """The tables ``lead``, ``opportunity`` and ``opportunity_stage``, of both systems."""
    leads, opportunities, stages = [], [], []
    ids = records.ids
    counts = {"fxiaoke": [0, 0], "zoho": [0, 0]}
    for place, group in enumerate(funnel.groups):
        first_lead, first_opportunity = counts[group.source]
        leads.append(_leads(plan, customers, ids, group, place, first_lead, first_opportunity))
        counts[group.source][0] += len(group)
        if group.opportunities is not None:
            opportunity, stage = _opportunities(plan, ids, group, place, first_lead, first_opportunity)
            opportunities.append(opportunity)
            stages.append(stage)
            counts[group.source][1] += len(group.opportunities)
    return {
        "lead": pa.concat_tables(leads),
        "opportunity": pa.concat_tables(opportunities),
        "opportunity_stage": pa.concat_tables(stages),
    }


def lead_ids(source: str, numbers: Ints) -> pa.Array:
    """Ids of leads, NULL for MISSING."""
    if source == "fxiaoke":
        return numbered("66a1d2c4e8f03b00", numbers, 1)
    return numbered("4876876001", numbers, 10_000_000)


def opportunity_ids(source: str, numbers: Ints) -> pa.Array:
    """Ids of opportunities, NULL for MISSING."""
    if source == "fxiaoke":
        return numbered("66b7f5d9a2c14e00", numbers, 1)
    return numbered("4876876002", numbers, 10_000_000)


def _leads(
    plan: Plan, customers: Customers, ids: pa.Array, group: Group, place: int, first_lead: int,
    first_opportunity: int,
) -> pa.Table:  # fmt: skip
    rng = plan.rng("leads", place)
    count = len(group)
    numbers = first_lead + np.arange(count)
    has_customer = group.customer >= 0
    who = pa.array(group.customer, mask=~has_customer)
    company = names.shops(rng, rng.random(count) < 0.1, pool("districts").draw(rng, count))
    if group.kind == DISTRIBUTOR:
        company = names.firms(rng, pool("districts").draw(rng, count))
    own = pc.cast(pa.array(mobiles(rng, 80_000_000 + place * 2_000_000 + np.arange(count))), pa.string())
    person = names.people(rng, rng.random(count) < 0.45)
    opportunity = np.full(count, MISSING)
    if group.opportunities is not None:
        from_lead = group.opportunities.lead >= 0
        opportunity[group.opportunities.lead[from_lead]] = first_opportunity + np.flatnonzero(from_lead)
    is_consumer = group.kind == PERSON
    closed = np.where(group.first_contact == MISSING, group.created + 90 * DAY, group.first_contact + (85 * DAY))
    gone = np.where(~has_customer & (rng.random(count) < 0.005), group.created + 30 * DAY, MISSING)
    return table({
        "number": numbers,
        "id": lead_ids(group.source, numbers),
        "source": _all(group.source, count),
        "pipeline": _all(group.pipeline, count),
        "name": pc.coalesce(customers.name.take(who), person) if is_consumer else person,
        "company": pa.nulls(count, pa.string()) if is_consumer else pc.coalesce(customers.name.take(who), company),
        "mobile": pc.if_else(pa.array(has_customer), customers.phone.take(who), own),
        "channel": pick(rng, ("展会", "官网留言", "电话营销", "经销商推荐", "地推", "抖音广告"), count),
        "campaign": np.where(rng.random(count) < 0.4, rng.integers(0, 8, count), MISSING),
        "owner": rng.integers(0, 1_000_000, count),
        "score": group.score,
        "first_contact": group.first_contact,
        "converted": np.where(has_customer, group.converted, MISSING),
        "closed": np.where(has_customer, MISSING, closed),
        "customer_id": _ids_of(ids, np.where(has_customer, group.customer, MISSING)),
        "record": np.where(has_customer, group.customer, MISSING),
        "opportunity_id": opportunity_ids(group.source, opportunity) if group.opportunities is not None
        else pa.nulls(count, pa.string()),
        "created": group.created,
        "gone": gone,
    })  # fmt: skip


def _opportunities(
    plan: Plan, ids: pa.Array, group: Group, place: int, first_lead: int, first_opportunity: int
) -> tuple[pa.Table, pa.Table]:
    rng = plan.rng("opportunities", place)
    deals = group.opportunities
    assert deals is not None
    count = len(deals)
    numbers = first_opportunity + np.arange(count)
    lead = np.where(deals.lead >= 0, first_lead + deals.lead, MISSING)
    names_of = pa.array([stage.name for stage in group.stages])
    chances = np.cumprod([stage.advance_probability for stage in group.stages][::-1])[::-1]
    opportunity = table({
        "number": numbers,
        "id": opportunity_ids(group.source, numbers),
        "source": _all(group.source, count),
        "pipeline": _all(group.pipeline, count),
        "customer_id": ids.take(pa.array(deals.customer)),
        "customer": deals.customer,
        "lead_id": lead_ids(group.source, lead),
        "owner": rng.integers(0, 1_000_000, count),
        "created": deals.created,
        "closed": deals.closed,
        "is_won": deals.is_won,
        "amount": deals.amount,
        "quoted": deals.quoted,
        "reason": pa.array(LOSS_REASONS).take(pa.array(deals.reason)),
        "expected": deals.created + (lognormal(rng, 45.0, 0.3, count) * DAY).astype(np.int64),
        "last_stage": names_of.take(pa.array(deals.last_stage)),
    })  # fmt: skip
    stage = table({
        "source": _all(group.source, len(deals.stage)),
        "number": numbers[deals.stage_of],
        "stage": names_of.take(pa.array(deals.stage)),
        "probability": np.round(chances[deals.stage] * 100).astype(np.int64),
        "entered": deals.entered,
    })  # fmt: skip
    return opportunity, stage


def products_table() -> pa.Table:
    """The table ``product``."""
    columns = pool("products").columns
    return pa.table(columns)


def employees_table(plan: Plan, team: Team) -> pa.Table:
    """The table ``employee``: representatives first."""
    rng = plan.rng("employees")
    count = team.representatives + team.service
    is_sales = np.arange(count) < team.representatives
    teams = ("华东一区", "华东二区", "华南区", "华北区", "中西部区")
    team_name = pa.array(teams).take(pa.array(np.arange(count) % len(teams)))
    return table({
        "number": np.arange(count),
        "name": names.people(rng, rng.random(count) < 0.4),
        "team": either(is_sales, team_name, _all("客户服务部", count)),
        "role": either(is_sales, pick(rng, ("销售代表", "高级销售代表"), count), _all("客服专员", count)),
        "holding_limit": np.where(is_sales, plan.company.holding_limit, MISSING),
        "hourly_cost": np.where(is_sales, rng.integers(55, 96, count), rng.integers(38, 60, count)),
        "status": either(rng.random(count) < 0.93, _all("在职", count), _all("离职", count)),
    })  # fmt: skip


def _all(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)
