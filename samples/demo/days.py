"""What each daily load holds: everything first, then day by day what changed, and a few days on which something is odd.

A load of the date D holds what happened up to the end of the day before. Its number counts from 0, the export of
everything until then. Queries render a row as it was at the end of the load (``cut``), with what was known by then.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from samples.demo.arrays import DAY
from samples.demo.world import Plan

NEVER = -1


@dataclass(frozen=True)
class Days:
    """Load numbers and dates, and the numbers of the odd days (NEVER where there are too few days)."""

    first: date
    count: int
    drift: int
    """Accounts of Fxiaoke come with a new column and the columns in another order."""
    late: int
    """The orders of Fxiaoke are missing, and come with the next load."""
    resent: int
    """The orders of the shop hold those of the load before once more, unchanged."""

    def date(self, load: int) -> date:
        """The date of a load."""
        return self.first + timedelta(days=load)

    @property
    def first_number(self) -> int:
        """The first load's date in days since 1970."""
        return (self.first - date(1970, 1, 1)).days


def days_of(plan: Plan) -> Days:
    """The loads of a plan."""
    last = plan.company.last_day + timedelta(days=1)
    return Days(
        last - timedelta(days=plan.days - 1),
        plan.days,
        drift=4 if plan.days >= 6 else NEVER,
        late=6 if plan.days >= 9 else NEVER,
        resent=8 if plan.days >= 10 else NEVER,
    )


def define(connection: duckdb.DuckDBPyConnection, days: Days) -> None:
    """Define the macros that the queries of the systems speak: times are local seconds, money is fen."""
    shift = 8 * 3600
    for macro in (
        f"cut(load) as (load + {days.first_number}) * {DAY}",
        f"load_of(t) as case when t is not null then greatest(0, t // {DAY} + 1 - {days.first_number}) end",
        f"late(load) as case when load = {days.late} then load + 1 else load end",
        "stamp(t) as cast(make_timestamp(cast(t as bigint) * 1000000) as varchar)",
        "bj(t) as left(stamp(t), 16)",
        "iso(t) as replace(stamp(t), ' ', 'T') || '+08:00'",
        f"utc(t) as replace(stamp(t - {shift}), ' ', 'T') || 'Z'",
        f"ms(t) as cast((t - {shift}) * 1000 as varchar)",
        f"on_day(t) as cast(cast(make_timestamp(cast(t as bigint) // {DAY} * {DAY} * 1000000) as date) as varchar)",
        "order_id(system, number, moment) as case system"
        " when 0 then 'W' || lpad(cast(number as varchar), 9, '0')"
        " when 1 then 'SO' || replace(on_day(moment), '-', '') || '-' || lpad(cast(number as varchar), 9, '0')"
        " else '4876876009' || lpad(cast(number as varchar), 8, '0') end",
        "yuan(fen) as cast(cast(fen as decimal(16, 0)) * cast(0.01 as decimal(3, 2)) as varchar)",
    ):
        connection.execute(f"create macro {macro}")
    connection.execute(f"create table loads as select cast(range as bigint) as load from range({days.count})")


def versions(relation: str, events: list[str], days: Days, late: bool = False) -> str:
    """A relation with a row, and its ``load``, for each load in which something about the row became known."""
    loads = ", ".join(f"late(load_of({event}))" if late else f"load_of({event})" for event in events)
    each = f"select *, unnest(list_distinct([{loads}])) as load from {relation}"
    return f"(select * from ({each}) where load < {days.count})"


def snapshots(relation: str, since: str, until: str | None = None) -> str:
    """A relation with a row for each load in which the row is there."""
    gone = f" and ({until} is null or {until} >= cut(load))" if until else ""
    return f"(select * from {relation} inner join loads on {since} < cut(load){gone})"


def known(time: str) -> str:
    """A time if it was known at the load, else NULL."""
    return f"case when {time} < cut(load) then {time} end"


def latest(*events: str) -> str:
    """The last of the events known at the load: when the row was modified."""
    return "greatest(" + ", ".join(known(event) for event in events) + ")" if len(events) > 1 else events[0]
