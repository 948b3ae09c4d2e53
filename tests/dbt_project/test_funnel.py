"""The funnel's marts against a count by hand: a simulated sales team whose deals and chances are known."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
ZONE = "Asia/Shanghai"
AS_OF = date(2025, 11, 30)
WINDOW = 90
STAGES = ["初步接触", "需求确认", "样品试销", "报价谈判"]
ADVANCE = [0.8, 0.7, 0.75, 0.6]
CONVERTS = 0.45
MODELS = [
    "core/funnel/dim_pipeline_stage",
    "core/funnel/dim_benchmark",
    "core/funnel/fct_interaction",
    "core/funnel/fct_lead",
    "core/funnel/fct_opportunity",
    "core/funnel/fct_opportunity_stage",
    "marts/funnel/mart_conversion",
    "marts/funnel/mart_funnel_stage",
    "marts/funnel/mart_sales_cycle",
    "marts/funnel/mart_lead_quality",
]
TABLES = {
    "leads": "source text, lead_id text, source_channel text, campaign_id text, owner_id text, score decimal(9, 2), "
    "first_contact_at timestamp, converted_at timestamp, customer_id text, opportunity_id text, created_at timestamp, "
    "modified_at timestamp, is_deleted boolean",
    "opportunities": "source text, opportunity_id text, customer_id text, lead_id text, owner_id text, pipeline text, "
    "stage text, amount decimal(18, 2), probability decimal(9, 6), created_at timestamp, quoted_at timestamp, "
    "closed_at timestamp, is_won boolean, loss_reason text, modified_at timestamp, is_deleted boolean",
    "opportunity_stages": "source text, opportunity_id text, pipeline text, seq integer, stage text, "
    "entered_at timestamp, is_deleted boolean",
    "interactions": "source text, interaction_id text, customer_id text, lead_id text, owner_id text, "
    "campaign_id text, type text, direction text, purpose text, started_at timestamp, planned_at timestamp, "
    "replied_at timestamp, duration_minutes decimal(18, 2), cost_amount decimal(18, 2), is_deleted boolean",
    "campaigns": "source text, campaign_id text, cost_amount decimal(18, 2), is_deleted boolean",
    "employees": "source text, employee_id text, team text, is_deleted boolean",
    "benchmarks": "source text, metric text, segment text, period text, value decimal(38, 9), value_source text, "
    "is_deleted boolean",
    "id_record": "record_key text, created_at timestamp",
    "id_crosswalk": "record_key text, customer_id text",
    "dim_customer": "customer_id text, kind text, channel text, province text",
    "id_owner": "owner_key text, owner_id text",
}


@dataclass
class Deal:
    """What happened to a deal: each stage with the time at which it was entered, and how and when it ended."""

    number: int
    entries: list[tuple[int, datetime]]
    closed_at: datetime
    is_won: bool
    hidden: set[int] = field(default_factory=set)

    @property
    def outcome(self) -> str:
        return "open" if local(self.closed_at) > AS_OF else "won" if self.is_won else "lost"

    @property
    def furthest(self) -> int:
        """Furthest stage seen by the as-of date."""
        return max(stage for stage, at in self.entries if local(at) <= AS_OF)


@dataclass
class Lead:
    """A lead, what it became, and its deal if there is one."""

    number: int
    channel: str | None
    owner: str
    created_at: datetime
    contacted_at: datetime | None
    converted_at: datetime | None
    deal: Deal | None

    @property
    def contacted_on(self) -> date | None:
        on = local(self.contacted_at) if self.contacted_at else None
        return on if on and on <= AS_OF else None

    @property
    def is_converted(self) -> bool:
        if not self.contacted_on or not self.converted_at or local(self.converted_at) > AS_OF:
            return False
        return (local(self.converted_at) - self.contacted_on).days <= WINDOW


def local(at: datetime) -> date:
    """The business date of a UTC time."""
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date()


def month(on: date) -> date:
    return on.replace(day=1)


def month_end(start: date) -> date:
    return month(start + timedelta(days=31)) - timedelta(days=1)


def simulated(chance: random.Random, count: int) -> list[Lead]:
    """Leads of 700 days up to a month after the as-of date, and their deals, with stages hidden or entered again."""
    leads = []
    for number in range(count):
        created = datetime(2024, 1, 30) + timedelta(days=chance.randrange(700), minutes=chance.randrange(1440))
        contacted = created + timedelta(days=chance.randrange(6)) if chance.random() < 0.9 else None
        converted = deal = None
        if contacted and chance.random() < CONVERTS:
            converted = contacted + timedelta(days=chance.randrange(130), minutes=chance.randrange(600))
            deal = _deal(chance, number, converted)
        channel = chance.choice(["展会", "官网", None])
        leads.append(Lead(number, channel, f"e{chance.randrange(3)}", created, contacted, converted, deal))
    return leads


def _deal(chance: random.Random, number: int, at: datetime) -> Deal:
    entries: list[tuple[int, datetime]] = []
    hidden = set()
    for stage, advance in enumerate(ADVANCE):
        entries.append((stage, at))
        if stage and chance.random() < 0.15:
            entries += [(stage - 1, at + timedelta(days=1)), (stage, at + timedelta(days=2))]
        elif stage > 0 and chance.random() < 0.1:
            hidden.add(stage)
        at += timedelta(days=3 + chance.randrange(12), minutes=chance.randrange(600))
        if chance.random() >= advance:
            return Deal(number, entries, at, False, hidden - {stage})
    return Deal(number, entries, at, True, hidden)


@pytest.fixture(scope="module")
def leads() -> list[Lead]:
    return simulated(random.Random(11), 900)


@pytest.fixture(scope="module")
def built(leads: list[Lead], rendering: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts, built by the models from the staged tables of the simulation."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        build(connection, rendering, staged(leads))
        yield connection


def staged(leads: list[Lead]) -> dict[str, list[list[Any]]]:
    """What staging would hold of the simulation, later than the as-of date included."""
    tables: dict[str, list[list[Any]]] = {name: [] for name in TABLES}
    tables["employees"] = [["crm", f"e{n}", ("东区", "南区")[n % 2], False] for n in range(3)]
    tables["id_owner"] = [[f"crm:e{n}", f"E{n}"] for n in range(2)]
    tables["campaigns"] = [["crm", "k1", 1000, False]]
    for lead in leads:
        n, deal = lead.number, lead.deal
        customer = f"c{n}" if lead.converted_at else None
        tables["leads"].append(
            ["crm", f"L{n}", lead.channel, "k1" if n % 10 == 0 else None, lead.owner, n % 7 * 10 or None,
             lead.contacted_at, lead.converted_at, customer, f"D{n}" if deal else None, lead.created_at, None, False]
        )  # fmt: skip
        if n % 50 == 49:
            tables["leads"].append(["crm", f"deleted{n}", *tables["leads"][-1][2:-1], True])
        if customer:
            kind = ("store", "distributor")[n % 2]
            tables["id_record"].append([f"crm:{customer}", lead.converted_at])
            tables["id_crosswalk"].append([f"crm:{customer}", f"C{n}"])
            tables["dim_customer"].append([f"C{n}", kind, None, "广东"])
        if deal:
            _stage(tables, deal, lead, customer)
    return tables


def _stage(tables: dict[str, list[list[Any]]], deal: Deal, lead: Lead, customer: str | None) -> None:
    key = f"D{deal.number}"
    quoted = next((at for stage, at in deal.entries if STAGES[stage] == "报价谈判"), None)
    tables["opportunities"].append(
        ["crm", key, customer, f"L{lead.number}" if deal.number % 2 else None, lead.owner, "门店开发",
         STAGES[deal.entries[-1][0]], 100, None, deal.entries[0][1], quoted, deal.closed_at, deal.is_won, None, None,
         False]
    )  # fmt: skip
    shown = [(stage, at) for stage, at in deal.entries if stage not in deal.hidden]
    names = [(STAGES[stage], at) for stage, at in shown] + [("赢单" if deal.is_won else "输单", deal.closed_at)]
    tables["opportunity_stages"] += [
        ["crm", key, None, seq, name, at, False] for seq, (name, at) in enumerate(names, 1)
    ]


def build(connection: duckdb.DuckDBPyConnection, rendering: Any, tables: dict[str, list[list[Any]]]) -> None:
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"create table dim_run as select date '{AS_OF}' as as_of_date")
    connection.execute(f"create table pipeline_stages as from read_csv('{PROJECT / 'seeds' / 'pipeline_stages.csv'}')")
    for name, columns in TABLES.items():
        connection.execute(f"create table {name} ({columns})")
        if tables[name]:
            marks = ", ".join("?" * len(tables[name][0]))
            connection.executemany(f"insert into {name} values ({marks})", tables[name])
    variables = {"time_zone": ZONE, "conversion_window_days": WINDOW}
    models = rendering(var=variables.__getitem__, ref=lambda name: name, union_sources=lambda entity: entity)
    for model in MODELS:
        connection.execute(f"create table {Path(model).name} as {models.model(f'{model}.sql')}")


def rows(built: duckdb.DuckDBPyConnection, sql: str) -> dict[Any, tuple[Any, ...]]:
    """First column → the others."""
    found = built.execute(sql).fetchall()
    return {row[0]: row[1:] for row in found}


def test_conversion_by_month_channel_and_owner_is_that_of_a_count_lead_by_lead(
    built: duckdb.DuckDBPyConnection, leads: list[Lead]
) -> None:
    expected: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
    for lead in leads:
        if not lead.contacted_on:
            continue
        deal = lead.deal if lead.deal and local(lead.deal.entries[0][1]) <= AS_OF else None
        counts = [1, lead.is_converted, *(bool(deal and deal.outcome == word) for word in ("won", "lost", "open"))]
        owner = {"e0": "E0", "e1": "E1"}.get(lead.owner, "unknown")
        for who in ("all", owner):
            for segment in (("all", "all"), ("channel", lead.channel or "unknown"), ("kind", "unknown")):
                key = (month(lead.contacted_on), who, *segment)
                expected[key] = [a + b for a, b in zip(expected[key], counts, strict=True)]

    found = built.execute(
        """select period_start, owner_id, segment_type, segment, followed_up_count, converted_count, won_count,
                  lost_count, open_count, conversion_rate, is_complete, win_rate, is_outcome_complete
           from mart_conversion where period_grain = 'month' and segment_type in ('all', 'channel', 'kind')"""
    ).fetchall()
    assert {row[:4]: list(row[4:9]) for row in found} == expected
    assert len(found) > 300
    for row in found:
        followed, converted, won, lost = row[4:8]
        complete = month_end(row[0]) + timedelta(days=WINDOW) <= AS_OF
        decided = month_end(row[0]) + timedelta(days=2 * WINDOW) <= AS_OF
        assert row[9:11] == (pytest.approx(converted / followed) if complete else None, complete)
        assert row[11:] == (pytest.approx(won / (won + lost)) if decided and won + lost else None, decided)


def test_each_deal_is_counted_in_every_stage_up_to_its_furthest_and_nowhere_else(
    built: duckdb.DuckDBPyConnection, leads: list[Lead]
) -> None:
    expected: dict[str, list[int]] = {name: [0] * 6 for name in STAGES}
    for deal in made(leads):
        past = [(stage, at) for stage, at in deal.entries if local(at) <= AS_OF]
        furthest = deal.furthest if deal.outcome != "open" else shown_furthest(deal)
        for stage in range(furthest + 1):
            entries = [at for passed, at in past if passed == stage]
            is_hidden = stage in deal.hidden
            counts = [
                1,
                deal.outcome == "won" or stage < furthest,
                deal.outcome == "lost" and stage == furthest,
                deal.outcome == "open" and stage == furthest,
                0 if is_hidden else reentries(deal, stage, len(entries)),
                is_hidden,
            ]
            expected[STAGES[stage]] = [a + b for a, b in zip(expected[STAGES[stage]], counts, strict=True)]

    found = rows(
        built,
        """select stage, sum(entered_count), sum(reached_count), sum(dropped_count), sum(open_count),
                  sum(reentry_count), sum(implied_count)
           from mart_funnel_stage where period_grain = 'month' and segment_type = 'all' group by stage""",
    )
    assert {stage: list(counts) for stage, counts in found.items()} == expected
    assert all(counts[0] > 50 and counts[4] >= 0 for counts in expected.values())
    assert sum(counts[4] for counts in expected.values()) > 10
    assert sum(counts[5] for counts in expected.values()) > 10


def made(leads: list[Lead]) -> list[Deal]:
    """Deals made by the as-of date."""
    return [lead.deal for lead in leads if lead.deal and local(lead.deal.entries[0][1]) <= AS_OF]


def shown_furthest(deal: Deal) -> int:
    """Furthest stage of an open deal as its extract tells: recorded by the as-of date, or shown without any record."""
    present = deal.entries[-1][0]
    shown = {stage for stage, at in deal.entries if local(at) <= AS_OF and stage not in deal.hidden}
    return max(shown | ({present} & deal.hidden))


def reentries(deal: Deal, stage: int, entry_count: int) -> int:
    """Entries beyond the first, where a hidden stage between two stays makes them one."""
    shown = [passed for passed, at in deal.entries if local(at) <= AS_OF and passed not in deal.hidden]
    stays = sum(1 for before, now in zip([None, *shown], shown, strict=False) if now == stage and before != stage)
    assert stays <= entry_count
    return stays - 1


def test_stage_rates_agree_with_the_set_chances_and_are_no_worse_for_young_periods(
    built: duckdb.DuckDBPyConnection,
) -> None:
    for stage, advance in zip(STAGES, ADVANCE, strict=True):
        [(reached, decided, young, shown)] = built.execute(
            f"""select sum(case when is_complete then reached_count end),
                       sum(case when is_complete then reached_count + dropped_count end),
                       count(case when not is_complete then 1 end), count(stage_conversion_rate)
                from mart_funnel_stage
                where period_grain = 'month' and segment_type = 'all' and stage = '{stage}'"""
        ).fetchall()
        assert abs(reached / decided - advance) < 3.3 * sqrt(advance * (1 - advance) / decided), stage
        assert young >= 3
        assert shown > 15

    assert built.execute(
        """select count(stage_conversion_rate) from mart_funnel_stage where not is_complete
           union all
           select count(overall_conversion_rate) from mart_funnel_stage where not is_outcome_complete"""
    ).fetchall() == [(0,), (0,)]
    rates = built.execute(
        """select conversion_rate, followed_up_count from mart_conversion
           where period_grain = 'quarter' and segment_type = 'all' and owner_id = 'all' and is_complete
           order by period_start"""
    ).fetchall()
    expected = CONVERTS * 91 / 130
    assert len(rates) >= 6
    for found, followed in rates:
        assert abs(found - expected) < 3.3 * sqrt(expected * (1 - expected) / followed)


def test_the_sales_cycle_of_a_month_is_that_of_its_won_deals(
    built: duckdb.DuckDBPyConnection, leads: list[Lead]
) -> None:
    days: dict[date, list[int]] = defaultdict(list)
    closed: dict[date, int] = defaultdict(int)
    for lead in leads:
        if not lead.deal or not lead.contacted_at or lead.deal.outcome == "open":
            continue
        on = local(lead.deal.closed_at)
        closed[month(on)] += 1
        if lead.deal.is_won:
            days[month(on)].append((on - local(lead.contacted_at)).days)

    found = rows(
        built,
        """select period_start, opportunity_count, won_count, mean_days, median_days, p90_days, change_days, is_complete
           from mart_sales_cycle where period_by = 'closed' and period_grain = 'month' and segment_type = 'all'""",
    )
    assert {on: row[0] for on, row in found.items()} == closed
    assert len(found) > 15
    for on, (_, won, *figures, change, complete) in found.items():
        assert won == len(days[on])
        assert complete == (month_end(on) <= AS_OF)
        if len(days[on]) > 1 and complete:
            ninth = quantiles(days[on], n=10, method="inclusive")[8]
            assert figures == pytest.approx([mean(days[on]), median(days[on]), ninth])
        before = days.get(month(on - timedelta(days=1)), [])
        if days[on] and before and complete:
            assert change == pytest.approx(median(days[on]) - median(before))


def test_lead_quality_is_of_the_leads_whose_window_is_over_and_bears_the_campaign_once(
    built: duckdb.DuckDBPyConnection, leads: list[Lead]
) -> None:
    mature = [lead for lead in leads if lead.contacted_on and lead.contacted_on + timedelta(days=WINDOW) <= AS_OF]
    known = [lead for lead in leads if local(lead.created_at) <= AS_OF]
    converted = [lead for lead in mature if lead.is_converted]
    share = 1000 / sum(1 for lead in leads if lead.number % 10 == 0)

    [row] = built.execute(
        """select lead_count, matured_count, converted_count, cast(cost_amount as double), mean_days
           from mart_lead_quality where score_band = 'all' and source_channel = 'all'"""
    ).fetchall()
    assert row[:3] == (len(known), len(mature), len(converted))
    assert row[3] == pytest.approx(share * sum(1 for lead in mature if lead.number % 10 == 0), abs=0.01)
    waited = [(local(lead.converted_at) - lead.contacted_on).days for lead in converted]  # type: ignore[arg-type,operator]
    assert row[4] == pytest.approx(mean(waited))
    bands = rows(built, "select score_band, lead_count from mart_lead_quality where source_channel = 'all'")
    assert set(bands) == {"all", "unknown", "1", "2", "3", "4", "5"}
    assert sum(count for band, (count,) in bands.items() if band != "all") == len(known)


@pytest.mark.parametrize(
    "test",
    sorted((PROJECT / "tests" / "funnel").glob("*.sql")),
    ids=lambda path: path.stem,
)
def test_the_identities_hold(built: duckdb.DuckDBPyConnection, rendering: Any, test: Path) -> None:
    models = rendering(var={"time_zone": ZONE}.__getitem__, ref=lambda name: name, union_sources=lambda entity: entity)

    assert built.execute(models.model(f"../tests/funnel/{test.name}")).fetchall() == []


def test_without_leads_and_deals_every_mart_is_empty(rendering: Any, database: duckdb.DuckDBPyConnection) -> None:
    build(database, rendering, {name: [] for name in TABLES})

    for model in MODELS:
        assert database.execute(f"select count(*) from {Path(model).name}").fetchall() == [(0,)]
