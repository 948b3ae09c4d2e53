"""What is true: who the records are, what became of everything, and what was set. Nobody reads it but tests."""

import dataclasses
import json
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from samples.demo.company import KINDS, MOODS, Company
from samples.demo.days import Days
from samples.demo.extracts import Extract
from samples.demo.world import Plan

_RECORDS = pa.schema([
    ("source", pa.string()),
    ("object", pa.string()),
    ("key", pa.string()),
    ("first_load_date", pa.date32()),
    ("deleted_load_date", pa.date32()),
])  # fmt: skip
_TRUE_ID = "'T' || lpad(cast({} + 1 as varchar), 7, '0')"


class Part:
    """A Parquet file that grows part by part and appears when it is whole."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._hidden = target.with_name(f".{target.name}.part")
        self._writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        if self._writer is None:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._hidden, table.schema, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> None:
        """Make the file visible."""
        assert self._writer is not None
        self._writer.close()
        self._hidden.replace(self.target)


class Truth:
    """The folder ``truth/``."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection, days: Days) -> None:
        self.folder, self.connection, self.days = folder, connection, days
        self.records = Part(folder / "records.parquet")
        self.orders = Part(folder / "orders.parquet")

    def note(self, extract: Extract, rows: pa.Table) -> None:
        """Take note of an extract's keys."""
        self.connection.register("noted", rows)
        first = self.days.first.isoformat()
        self.records.add(
            self.connection.sql(f"""
                select
                    '{extract.source}' as source,
                    '{extract.object}' as object,
                    key,
                    date '{first}' + cast(first_load as integer) as first_load_date,
                    date '{first}' + cast(deleted_load as integer) as deleted_load_date
                from noted
            """).to_arrow_table().cast(_RECORDS)
        )  # fmt: skip
        self.connection.unregister("noted")

    def note_orders(self, end: int) -> None:
        """Take note of a part's orders, as they are known at the end."""
        self.orders.add(
            self.connection.sql(f"""
                select
                    record.source || ':' || order_id(system, orders.number, moment) as record_key,
                    record.source || ':' || record.id as customer_key,
                    {_TRUE_ID.format("record.customer")} as true_id,
                    cast(on_day(moment) as date) as ordered_on,
                    cast(yuan(net - case when returned < {end} then returned_net else 0 end) as decimal(18, 2))
                        as net_amount,
                    coalesce(cancelled < {end}, false) as is_cancelled,
                    coalesce(deleted < {end}, false) as is_deleted
                from orders
                inner join record on orders.record = record.number
                order by orders.number
            """).to_arrow_table()
        )  # fmt: skip

    def finish(self, plan: Plan) -> None:
        """Write everything but the parameters."""
        self.records.close()
        self.orders.close()
        for name, query in _queries(plan).items():
            part = Part(self.folder / f"{name}.parquet")
            part.add(self.connection.sql(query).to_arrow_table())
            part.close()


def _queries(plan: Plan) -> dict[str, str]:
    """Truth by customer. A campaign moves whoever it reached by the first record: ``effect`` is the mean of an arm."""
    end = plan.end
    kinds, moods = (", ".join(f"'{word}'" for word in words) for words in (KINDS, MOODS))
    effects = ", ".join(
        f"({number}, cast({campaign.effect} as double))" for number, campaign in enumerate(plan.company.campaigns)
    )
    company = plan.company
    stages = ", ".join(
        f"('{pipeline}', '{stage.name}', {place}, cast({stage.advance_probability} as double))"
        for pipeline, steps in (
            ("门店开发", company.store_stages),
            ("经销商招商", company.distributor_stages),
            ("大客户", company.key_account_stages),
        )
        for place, stage in enumerate(steps, start=1)
    )
    return {
        "customers": f"""
            select
                source || ':' || id as record_key,
                {_TRUE_ID.format("customer")} as true_id,
                kind,
                label as duplicate_kind,
                number >= {plan.size.customers} and customer is not null as is_duplicate
            from record
            order by number
        """,
        "true_customers": f"""
            select
                {_TRUE_ID.format("number")} as true_id,
                ([{kinds}])[kind + 1] as kind,
                ([{moods}])[mood + 1] as mood,
                exists_before,
                cast(on_day(created) as date) as created_on,
                cast(on_day(buys_from) as date) as started_on,
                cast(on_day(died) as date) as died_on,
                rate as purchases_per_day
            from true_customer
            order by number
        """,
        "opportunities": f"""
            select
                source || ':' || id as record_key,
                {_TRUE_ID.format("customer")} as true_id,
                pipeline,
                cast(on_day(created) as date) as created_on,
                last_stage as last_open_stage,
                case when closed is null then 'open' when is_won then 'won' else 'lost' end as outcome,
                cast(on_day(closed) as date) as closed_on
            from opportunity
            order by record_key
        """,
        "leads": f"""
            select
                source || ':' || id as record_key,
                {_TRUE_ID.format("record")} as true_id,
                pipeline,
                score,
                converted is not null as converted,
                cast(on_day(created) as date) as created_on,
                cast(on_day(first_contact) as date) as first_contact_on,
                cast(on_day(converted) as date) as converted_on
            from lead
            order by record_key
        """,
        "campaigns": f"""
            with customers as (
                select
                    campaign,
                    record.customer,
                    bool_or(is_treated) as is_treated,
                    bool_or(not is_treated) as is_control,
                    bool_or(is_treated and record.number < {plan.size.customers}) as is_moved
                from member
                inner join record on member.record = record.number
                where taken < {end}
                group by campaign, record.customer
            )
            select
                'M' || lpad(cast(campaign + 1 as varchar), 3, '0') as campaign_id,
                case when not is_control then 'treated' when is_treated then 'both' else 'control' end as arm,
                count(*) as customers,
                any_value(effect) * count(*) filter (is_moved) / count(*) as effect
            from customers
            inner join (values {effects}) as set_to(campaign, effect) using (campaign)
            group by campaign, arm
            order by campaign, arm
        """,
        "stage_probabilities": f"""
            select * from (values {stages}) as stages(pipeline, stage, position, advance_probability)
        """,
    }


def parameters(plan: Plan) -> dict[str, object]:
    """What was set, as JSON can hold it."""
    return {
        "size": plan.size.name,
        "seed": plan.seed,
        "days": plan.days,
        "company": _plain(plan.company),
        "customers": dataclasses.asdict(plan.size),
    }


def _plain(company: Company) -> object:
    return json.loads(json.dumps(dataclasses.asdict(company), default=_as_text, ensure_ascii=False))


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no place in JSON")
