"""Extracts of the web shop and the company's own tables, in the canonical contract: UTF-8 CSV, UTC."""

from collections.abc import Sequence
from datetime import timedelta

from samples.demo.arrays import DAY
from samples.demo.company import Company
from samples.demo.days import Days, known, latest, versions
from samples.demo.extracts import UTF8, Extract
from samples.demo.season import seconds
from samples.demo.world import Plan

_ORDER_ID = "order_id(0, number, moment)"
_WRONG = "corrected >= cut(load)"


def extracts(days: Days, plan: Plan) -> list[Extract]:
    """All objects but those that come in parts."""
    return [
        _customers(days),
        _products(days),
        _campaigns(days, plan.company),
        _members(days),
        _coupons(days),
        _feedback(days),
        _mentions(days),
        _consents(days),
        _samples(days),
        *_company_tables(plan),
    ]


def part_extracts(days: Days) -> list[Extract]:
    """Objects of many rows, over the tables ``orders``, ``lines``, ``browse`` and ``points`` of one part."""
    return [_orders(days), _lines(days), _browse(days), _points(days)]


def _extract(name: str, key: tuple[str, ...], query: str, **more: object) -> Extract:
    path = f"{name}/load_date={{date}}/{name}.csv"
    return Extract("canonical", name, path, UTF8, key, query, **more)  # type: ignore[arg-type]


def _customers(days: Days) -> Extract:
    events = ["created", "changed", "withdrawn", "gone", "merged"]
    query = f"""
        select
            load,
            id as customer_id,
            kind,
            name,
            phone,
            email,
            openid as wechat_openid,
            cast(null as varchar) as uscc,
            gender,
            birth_date,
            occupation,
            province,
            city,
            district,
            address,
            channel,
            case when changed < cut(load) then level else level_before end as level,
            cast(null as varchar) as owner_id,
            cast(null as varchar) as parent_id,
            referrer as referrer_id,
            replace(tags, '；', ';') as tags,
            case when gone < cut(load) then 'closed' else 'active' end as status,
            utc(created) as created_at,
            case when consents and coalesce(withdrawn >= cut(load), true) then 'true' else 'false' end
                as consent_marketing,
            case when merged < cut(load) then merged_into end as merged_into_id,
            utc({latest(*events)}) as modified_at,
            case when gone < cut(load) then 'true' else 'false' end as is_deleted
        from {versions("(select * from record where source = 'canonical')", events, days)}
    """
    return _extract("customers", ("customer_id",), query, deleted="is_deleted = 'true'")


def _products(days: Days) -> Extract:
    launched = "cast(epoch(cast(launched_on as date)) as bigint)"
    query = f"""
        select
            load,
            product_id,
            name,
            category_1,
            category_2,
            cast(null as varchar) as category_3,
            brand,
            pack_size,
            launched_on,
            yuan(cast(cost_fen as bigint)) as standard_cost,
            utc(launched) as modified_at,
            'false' as is_deleted
        from {versions(f"(select *, {launched} as launched from product)", ["launched"], days)}
    """
    return _extract("products", ("product_id",), query)


def _orders(days: Days) -> Extract:
    events = ["moment", "shipped", "delivered", "cancelled", "corrected", "deleted"]
    gross, net = (f"case when {_WRONG} then wrong_{amount} else {amount} end" for amount in ("gross", "net"))
    query = f"""
        select
            load,
            {_ORDER_ID} as order_id,
            customer_id,
            utc(moment) as ordered_at,
            channel,
            payment as payment_method,
            case
                when cancelled < cut(load) then 'cancelled'
                when delivered < cut(load) then 'delivered'
                when shipped < cut(load) then 'shipped'
                else 'paid'
            end as status,
            yuan({gross}) as gross_amount,
            yuan(({gross}) - ({net})) as discount_amount,
            yuan((({net}) * 13 + 50) // 100) as tax_amount,
            yuan({net}) as net_amount,
            'CP' || lpad(cast(coupon + 1 as varchar), 8, '0') as coupon_id,
            cast(null as varchar) as store_id,
            utc({known("shipped")}) as shipped_at,
            utc({known("delivered")}) as delivered_at,
            utc({latest(*events)}) as modified_at,
            case when deleted < cut(load) then 'true' else 'false' end as is_deleted
        from {versions("(select * from orders where system = 0)", events, days)}
    """
    return _extract("orders", ("order_id",), query, deleted="is_deleted = 'true'", is_resent=True)


def _lines(days: Days) -> Extract:
    is_wrong = f"line_no = 1 and {_WRONG}"
    events = ["moment", "corrected", "returned"]
    # Goods that come back are a line more of the order that they were bought with.
    query = f"""
        with items as (
            select * from {versions("(select * from lines where system = 0)", events, days)}
        )
        select
            load,
            {_ORDER_ID} as order_id,
            line_no,
            product_id,
            case when {is_wrong} then quantity * 10 else quantity end as quantity,
            yuan(price) as list_price,
            yuan(case when {is_wrong} then wrong_net else net end) as net_amount,
            yuan(case when {is_wrong} then cost * 10 else cost end) as cost_amount,
            'false' as is_return,
            cast(null as varchar) as original_order_id,
            utc({latest("moment", "corrected", "returned")}) as modified_at,
            'false' as is_deleted
        from items
        union all
        select
            load,
            {_ORDER_ID},
            100 + line_no,
            product_id,
            -returned_quantity,
            yuan(price),
            yuan(-returned_net),
            yuan(-returned_cost),
            'true',
            {_ORDER_ID},
            utc(returned),
            'false'
        from items
        where returned < cut(load) and returned_quantity > 0
    """
    return _extract("order_lines", ("order_id", "line_no"), query, is_resent=True)


def _browse(days: Days) -> Extract:
    query = f"""
        select
            load,
            'B' || lpad(cast(browse.number as varchar), 9, '0') as event_id,
            record.id as customer_id,
            product.product_id,
            (['view', 'cart', 'search'])[browse.event + 1] as event,
            utc(browse.moment) as occurred_at,
            utc(browse.moment) as modified_at,
            'false' as is_deleted
        from {versions("browse", ["moment"], days)} as browse
        inner join record on browse.record = record.number
        left join product on browse.product = product.place
    """
    return _extract("browse_events", ("event_id",), query)


def _points(days: Days) -> Extract:
    query = f"""
        select
            load,
            'J' || lpad(cast(points.number as varchar), 9, '0') as transaction_id,
            record.id as customer_id,
            points.points as points,
            (['earn', 'burn', 'expire'])[points.type + 1] as type,
            utc(points.moment) as occurred_at,
            utc(points.moment) as modified_at,
            'false' as is_deleted
        from {versions("points", ["moment"], days)} as points
        inner join record on points.record = record.number
    """
    return _extract("loyalty_transactions", ("transaction_id",), query)


def _campaigns(days: Days, company: Company) -> Extract:
    rows = ", ".join(
        f"({number}, '{campaign.name}', '{campaign.type}', {seconds(campaign.starts_on)}, "
        f"'{campaign.starts_on + timedelta(days=company.campaign_days - 1)}', {campaign.cost})"
        for number, campaign in enumerate(company.campaigns, start=1)
    )
    made = f"starts - {7 * DAY} + 36000"
    campaigns = f"(values {rows}) as campaign(number, name, type, starts, ends, cost)"
    query = f"""
        select
            load,
            'M' || lpad(cast(number as varchar), 3, '0') as campaign_id,
            name,
            type,
            on_day(starts) as start_on,
            ends as end_on,
            cost || '.00' as cost_amount,
            utc(made) as modified_at,
            'false' as is_deleted
        from {versions(f"(select *, {made} as made from {campaigns})", ["made"], days)}
    """
    return _extract("campaigns", ("campaign_id",), query)


def _members(days: Days) -> Extract:
    query = f"""
        select
            load,
            'M' || lpad(cast(campaign + 1 as varchar), 3, '0') as campaign_id,
            record.id as customer_id,
            case when is_treated then 'treated' else 'control' end as arm,
            utc({known("sent")}) as sent_at,
            utc({known("responded")}) as responded_at,
            utc({latest("taken", "sent", "responded")}) as modified_at,
            'false' as is_deleted
        from {versions("member", ["taken", "sent", "responded"], days)} as member
        inner join record on member.record = record.number
    """
    return _extract("campaign_members", ("campaign_id", "customer_id"), query)


def _coupons(days: Days) -> Extract:
    given = "(select * from member where is_treated and gives_coupon)"
    query = f"""
        select
            load,
            'CP' || lpad(cast(member.number + 1 as varchar), 8, '0') as coupon_id,
            'M' || lpad(cast(campaign + 1 as varchar), 3, '0') as campaign_id,
            record.id as customer_id,
            utc(sent) as issued_at,
            utc({known("redeemed")}) as redeemed_at,
            case when redeemed < cut(load) then order_id(0, order_number, 0) end as order_id,
            utc({latest("sent", "redeemed")}) as modified_at,
            'false' as is_deleted
        from {versions(given, ["sent", "redeemed"], days)} as member
        inner join record on member.record = record.number
    """
    return _extract("coupons", ("coupon_id",), query)


def _feedback(days: Days) -> Extract:
    query = f"""
        select
            load,
            'F' || lpad(cast(feedback.number + 1 as varchar), 8, '0') as feedback_id,
            record.id as customer_id,
            (['csat', 'nps', 'review'])[feedback.kind + 1] as kind,
            case when answered < cut(load) then score end as score,
            case when answered < cut(load) then text end as text,
            utc(sent) as sent_at,
            utc({known("answered")}) as answered_at,
            utc({latest("begin", "answered")}) as modified_at,
            'false' as is_deleted
        from {versions("feedback", ["begin", "answered"], days)} as feedback
        inner join record on feedback.record = record.number
    """
    return _extract("feedback", ("feedback_id",), query)


def _mentions(days: Days) -> Extract:
    query = f"""
        select
            load,
            'S' || lpad(cast(mention.number + 1 as varchar), 7, '0') as mention_id,
            platform,
            record.id as customer_id,
            utc(mention.moment) as occurred_at,
            format('{{:.2f}}', sentiment) as sentiment,
            utc(mention.moment) as modified_at,
            'false' as is_deleted
        from {versions("mention", ["moment"], days)} as mention
        left join record on mention.record = record.number
    """
    return _extract("social_mentions", ("mention_id",), query)


def _consents(days: Days) -> Extract:
    asked = "(select * from record where source = 'canonical' and customer is not null)"
    query = f"""
        select
            load,
            id as customer_id,
            'marketing' as purpose,
            case when consents and coalesce(withdrawn >= cut(load), true) then 'true' else 'false' end as granted,
            utc({latest("created", "withdrawn")}) as "at",
            utc({latest("created", "withdrawn")}) as modified_at,
            'false' as is_deleted
        from {versions(asked, ["created", "withdrawn"], days)}
    """
    return _extract("consents", ("customer_id", "purpose"), query)


def _samples(days: Days) -> Extract:
    query = f"""
        select
            load,
            record.id as customer_id,
            attribute,
            verified_value,
            utc(verified) as verified_at,
            utc(verified) as modified_at,
            'false' as is_deleted
        from {versions("sample", ["verified"], days)} as sample
        inner join record on sample.record = record.number
    """
    return _extract("verified_samples", ("customer_id", "attribute"), query)


def _company_tables(plan: Plan) -> list[Extract]:
    """Targets, benchmarks, market sizes and initiatives: made once, before the first load."""
    made = f"{plan.company.first_day}T01:00:00Z"
    # The company has some twentieth of its market, however large it is: nearly all it sells, it sells to trade.
    trade = plan.size.customers * plan.size.trade_share
    targets = [
        (metric, segment, period, value, "年度经营计划")
        for metric, segment, values in (
            ("retention_rate", "", {"2024": "0.62", "2025": "0.64"}),
            ("retention_rate", "person", {"2024": "0.55", "2025": "0.58"}),
            ("conversion_rate", "", {"2024": "0.28", "2025": "0.30"}),
            ("nps", "", {"2024": "0.20", "2025": "0.25"}),
        )
        for period, value in values.items()
    ]
    benchmarks = [
        ("retention_rate", "", "", "0.60", "行业调研（示例）"),
        ("sales_cycle_days", "", "", "45", "行业调研（示例）"),
        ("conversion_rate", "", "", "0.25", "行业调研（示例）"),
        ("csat", "", "", "0.78", "行业调研（示例）"),
    ]
    categories = ("饮料", "零食", "方便食品", "粮油调味", "乳品", "烘焙")
    periods = [f"{year}-Q{quarter}" for year in (2024, 2025) for quarter in (1, 2, 3, 4)][:7]
    sizes = [
        (category, period, f"{(place + 3) * round(trade) * 5_300 * (100 + 3 * number) // 100}.00")
        for place, category in enumerate(categories)
        for number, period in enumerate(periods)
    ]
    initiatives = [
        ("I001", "repeat_purchase_rate", "person", "2024-09-01", "2025-02-28", "campaign_members.arm"),
        ("I002", "retention_rate", "store", "2025-03-01", "", ""),
        ("I003", "complaint_rate", "", "2025-05-01", "2025-10-31", ""),
    ]
    figures = ("metric", "segment", "period", "value", "source")
    return [
        _fixed("targets", 3, figures, targets, made),
        _fixed("benchmarks", 3, figures, benchmarks, made),
        _fixed("market_sizes", 2, ("category", "period", "market_amount"), sizes, made),
        _fixed(
            "initiatives", 1, ("initiative_id", "metric", "segment", "start_on", "end_on", "arm_column"),
            initiatives, made,
        ),
    ]  # fmt: skip


def _fixed(name: str, keys: int, header: tuple[str, ...], rows: Sequence[tuple[str, ...]], made: str) -> Extract:
    values = ", ".join("(" + ", ".join(f"nullif('{cell}', '')" for cell in row) + ")" for row in rows)
    names = ", ".join(header)
    key = tuple(header[:keys])
    query = f"""
        select cast(0 as bigint) as load, {names}, '{made}' as modified_at, 'false' as is_deleted
        from (values {values}) as fixed({names})
    """
    return _extract(name, key, query)
