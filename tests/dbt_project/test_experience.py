"""Service, surveys and engagement agree with a recount in Python, and intervals with published ones."""

import csv
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from scipy.stats import binomtest

from data_quality.gate import Relation, evaluate
from data_quality.suite_files import load_suites

PROJECT = Path(__file__).parents[2] / "dbt_project"
ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = date(2025, 4, 10)
END = datetime(2025, 4, 11, tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)
SINCE = date(2024, 11, 15)
WINDOW_DAYS = 30
STEADY = ("kind", "channel", "province", "owner_team")
GRAINS = ("week", "month", "quarter", "year")
SCALES = {"csat": (1, 5), "nps": (0, 10), "review": (1, 5)}
CASE_TYPES = ("complaint", "question", "return", "delivery", None)
MODELS = [
    "core/experience/fct_case.sql",
    "core/experience/fct_feedback.sql",
    "core/experience/dim_customer_period.sql",
    "core/experience/fct_order_period.sql",
    "core/experience/fct_case_period.sql",
    "core/experience/fct_engagement.sql",
    "marts/experience/mart_nps.sql",
    "marts/experience/mart_csat.sql",
    "marts/experience/mart_service.sql",
    "marts/experience/mart_engagement.sql",
]
TABLES = {
    "dim_run": "as_of_date date",
    "id_crosswalk": "record_key text, customer_id text",
    "dim_customer": "customer_id text, kind text, channel text, province text, owner_team text",
    "fct_first_purchase": "customer_id text, first_purchase_on date, kind text, channel text, province text,"
    " owner_team text, profile_number bigint",
    "dim_customer_profile": "profile_number bigint, kind text, channel text, province text, owner_team text",
    "fct_purchase_day": "customer_id text, purchase_on date",
    "fct_customer_tier_month": "customer_id text, month_start date, tier text",
    "fct_customer_order": "customer_id text, order_key text, ordered_on date",
    "dim_period": "period_grain text, period_start date, period_number bigint",
    "fct_retention_count": "period_grain text, period_number bigint, segment_type text, segment text,"
    " active_end bigint",
    "fct_interaction": "record_key text, type text, direction text, started_on date, replied_at timestamp,"
    " is_deleted bool",
    "cases": "case_id text, customer_id text, owner_id text, type text, topic text, status text, opened_at timestamp,"
    " first_reply_at timestamp, closed_at timestamp, is_deleted bool",
    "feedback": "feedback_id text, customer_id text, kind text, score decimal(9, 2), sent_at timestamp,"
    " answered_at timestamp, is_deleted bool",
    "orders": "order_id text, shipped_at timestamp, delivered_at timestamp",
    "campaign_members": "campaign_id text, customer_id text, arm text, sent_at timestamp, responded_at timestamp,"
    " is_deleted bool",
    "social_mentions": "customer_id text, occurred_at timestamp, is_deleted bool",
}
STAGED = {"cases", "feedback", "orders", "campaign_members", "social_mentions"}

Row = tuple[Any, ...]
Tables = dict[str, list[Row]]
Build = Callable[[Tables], duckdb.DuckDBPyConnection]


@pytest.fixture
def build(rendering: Any, database: duckdb.DuckDBPyConnection) -> Build:
    """Builds every model of the domain over rows of the tables above."""
    macros = rendering(
        var={"time_zone": "Asia/Shanghai"}.__getitem__,
        ref=lambda name: name,
        union_sources=lambda name: f"(select 'crm' as source, * from {name})",
    )
    models = {path.rpartition("/")[2].removesuffix(".sql"): macros.model(path) for path in MODELS}

    def build(tables: Tables) -> duckdb.DuckDBPyConnection:
        database.execute(
            f"create or replace table service_level_rules as from '{PROJECT / 'seeds' / 'service_level_rules.csv'}'"
        )
        for name, columns in TABLES.items():
            database.execute(f"create or replace table {name} ({columns})")
            rows = [list(row) for row in tables.get(name, [])]
            if rows:
                places = ", ".join("?" * len(rows[0]))
                database.execute("begin")
                database.executemany(f"insert into {name} values ({places})", rows)
                database.execute("commit")
        for name, sql in models.items():
            database.execute(f"create or replace table {name} as {sql}")
        return database

    return build


def dicts(database: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    cursor = database.execute(f"from {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def day(stamp: datetime) -> date:
    """The business date of a UTC stamp."""
    return stamp.replace(tzinfo=UTC).astimezone(ZONE).date()


def day_if_any(stamp: datetime | None) -> date | None:
    return day(stamp) if stamp else None


def start_of(grain: str, on: date) -> date:
    if grain == "week":
        return on - timedelta(days=on.weekday())
    month = {"month": on.month, "quarter": (on.month - 1) // 3 * 3 + 1, "year": 1}[grain]
    return date(on.year, month, 1)


def end_of(grain: str, start: date) -> date:
    beyond = start + timedelta(days={"week": 7, "month": 31, "quarter": 93, "year": 366}[grain])
    return start_of(grain, beyond) - timedelta(days=1)


def company(seed: int) -> Tables:
    """A company of 60 customers in 90 records with about 300 orders, 400 cases and 500 surveys."""
    chance = random.Random(seed)

    def stamp(since: date = SINCE, days: float = 150) -> datetime:
        return datetime.combine(since, datetime.min.time()) + timedelta(minutes=chance.randrange(int(days * 1440)))

    def later(at: datetime, hours: float, share: float) -> datetime | None:
        return at + timedelta(seconds=int(chance.expovariate(1 / hours) * 3600)) if chance.random() < share else None

    customers = [f"C{number}" for number in range(60)]
    records = [(f"crm:{number}", chance.choice(customers)) for number in range(90)]
    ids = [record.removeprefix("crm:") for record, _ in records] + ["nobody"]
    profile = {
        name: [
            chance.choice(values) for values in (["store", "person", None], ["app", None], ["Hunan", "Hebei"], ["east"])
        ]
        for name in customers
    }
    orders = [(chance.choice(customers[:50]), f"crm:o{number}", day(stamp())) for number in range(300)]
    orders = [order for order in orders if order[2] <= AS_OF]
    firsts = {name: min(on for who, _, on in orders if who == name) for name in {order[0] for order in orders}}
    months = sorted({start_of("month", SINCE + timedelta(days=number)) for number in range(150)})
    deliveries = []
    for _, key, on in orders:
        shipped = later(datetime.combine(on, datetime.min.time()), 30, 0.8)
        deliveries.append((key.removeprefix("crm:"), shipped, shipped and later(shipped, 70, 0.8)))
    cases = []
    for number in range(400):
        opened = stamp()
        cases.append(
            (str(number), chance.choice(ids), "E1", chance.choice(CASE_TYPES), None, "x", opened,
             later(opened, 8, 0.9), later(opened, 60, 0.6), chance.random() < 0.05)
        )  # fmt: skip
    feedback = []
    for number in range(500):
        kind, sent = chance.choice(list(SCALES)), stamp()
        answered = later(sent, 400, 0.7)
        score = chance.randint(0, 11) if answered else None
        feedback.append(
            (str(number), chance.choice(ids), kind, score, None if kind == "review" else sent,
             sent if kind == "review" else answered, chance.random() < 0.05)
        )  # fmt: skip
    interactions = []
    for _ in range(300):
        at = stamp()
        interactions.append(
            (f"crm:{chance.choice(ids)}", chance.choice(["call", "visit", "email", None]),
             chance.choice(["in", "out", "out", None]), day(at), later(at, 400, 0.6), chance.random() < 0.05)
        )  # fmt: skip
    return {
        "dim_run": [(AS_OF,)],
        "id_crosswalk": records,
        "dim_customer": [(name, *profile[name]) for name in customers],
        "fct_first_purchase": [
            (name, on, *(value or "unknown" for value in profile[name]), customers.index(name))
            for name, on in firsts.items()
        ],
        "dim_customer_profile": [
            (number, *(value or "unknown" for value in profile[name])) for number, name in enumerate(customers)
        ],
        "fct_purchase_day": sorted({(name, on) for name, _, on in orders}),
        "fct_customer_tier_month": [
            (name, month, chance.choice(["high", "low", "lapsed"]))
            for name, on in firsts.items()
            for month in months
            if month > on
        ],
        "fct_customer_order": orders,
        "cases": cases,
        "feedback": feedback,
        "orders": deliveries,
        "fct_interaction": interactions,
    }


class Recount:
    """The same figures, row by row in Python."""

    def __init__(self, tables: Tables) -> None:
        self.customer: dict[str, str] = dict(tables["id_crosswalk"])
        self.profile = {row[0]: dict(zip(STEADY, row[1:], strict=True)) for row in tables["dim_customer"]}
        self.first = {row[0]: row[1] for row in tables["fct_first_purchase"]}
        self.tiers = {(row[0], row[1]): row[2] for row in tables["fct_customer_tier_month"]}

    def places(self, customer: str, on: date) -> Iterator[tuple[str, date, str, str]]:
        """Every period and segment in which something of a customer's on a day counts."""
        for grain in GRAINS:
            start = start_of(grain, on)
            first = self.first.get(customer)
            is_new = first is not None and start <= first <= end_of(grain, start)
            yield grain, start, "all", "all"
            for segment_type in STEADY:
                own = self.profile[customer][segment_type] or "unknown"
                yield grain, start, segment_type, "new" if is_new else own
            if grain != "week":
                yield grain, start, "tier", "new" if is_new else self.tiers.get((customer, start), "no_purchase")

    def grouped(self, rows: Iterable[tuple[str, date, Any]]) -> dict[tuple[str, date, str, str], list[Any]]:
        """Things of source records on a day (record_key, day, thing) by place."""
        groups: dict[tuple[str, date, str, str], list[Any]] = {}
        for record, on, thing in rows:
            if record in self.customer:
                for place in self.places(self.customer[record], on):
                    groups.setdefault(place, []).append(thing)
        return groups


def rounded(numerator: float, denominator: float) -> float | None:
    return round(numerator / denominator, 9) if denominator else None


def wilson(successes: int, trials: int) -> tuple[float | None, float | None]:
    """By scipy, which solves for the bounds in its own way."""
    if not trials:
        return None, None
    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return round(float(interval.low), 9), round(float(interval.high), 9)


def with_open(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known or 2 * len(known) < len(values):
        return None
    if 2 * len(known) == len(values):
        return round(max(known), 9)
    return round(median([*known, *[math.inf] * (len(values) - len(known))]), 9)


def surveys(tables: Tables, recount: Recount, kind: str) -> dict[tuple[str, date, str, str], list[tuple[Any, ...]]]:
    """(was sent, score or None, was answered in the window, was out of scale) of the surveys of a kind by place."""

    def rows() -> Iterator[tuple[str, date, tuple[Any, ...]]]:
        lowest, highest = SCALES[kind]
        for _, customer, its_kind, score, sent, answered, is_deleted in tables["feedback"]:
            if its_kind != kind or is_deleted or day(sent or answered) > AS_OF:
                continue
            asked_on, answered_on = day(sent or answered), day(answered or sent)
            given = score if answered_on <= AS_OF else None
            known = given if given is not None and lowest <= given <= highest else None
            in_window = known is not None and sent is not None and answered_on <= asked_on + timedelta(days=WINDOW_DAYS)
            is_outside = given is not None and known is None
            yield f"crm:{customer}", asked_on, (sent is not None, known, in_window, is_outside)

    return recount.grouped(rows())


def state_of(grain: str, start: date) -> tuple[bool, bool]:
    end = end_of(grain, start)
    return end > AS_OF, end + timedelta(days=WINDOW_DAYS) <= AS_OF


@pytest.mark.parametrize("seed", [1, 2])
def test_surveys_agree_with_a_recount(build: Build, seed: int) -> None:
    tables = company(seed)
    database, recount = build(tables), Recount(tables)

    for kind in ("nps", "csat"):
        published = {
            (row["period_grain"], row["period_start"], row["segment_type"], row["segment"]): row
            for row in dicts(database, f"mart_{kind}")
        }
        expected = surveys(tables, recount, kind)
        assert published.keys() == expected.keys()
        assert len(expected) > 150
        for place, answers in expected.items():
            row, (is_partial, is_complete) = published[place], state_of(*place[:2])
            scores = [score for _, score, *_ in answers if score is not None]
            sent, in_window, outside = (sum(answer[part] for answer in answers) for part in (0, 2, 3))
            given = len(scores) + outside
            assert (row["is_partial"], row["is_complete"]) == (is_partial, is_complete)
            assert (row["sent_count"], row["answered_in_window_count"], row["answered_count"]) == (
                sent, in_window, len(scores),
            )  # fmt: skip
            assert row["out_of_scale_count"] == outside
            assert row["out_of_scale_rate"] == (rounded(outside, given) if given >= 30 else None)
            assert row["response_rate"] == (rounded(in_window, sent) if is_complete else None)
            assert [row["response_rate_lower"], row["response_rate_upper"]] == pytest.approx(
                wilson(in_window, sent) if is_complete else (None, None), abs=2e-9
            )
            if kind == "nps":
                promoters, detractors = sum(score >= 9 for score in scores), sum(score <= 6 for score in scores)
                assert (row["promoter_count"], row["detractor_count"]) == (promoters, detractors)
                assert row["passive_count"] == sum(7 <= score <= 8 for score in scores)
                assert row["nps"] == (None if is_partial else rounded(promoters - detractors, len(scores)))
                assert (row["nps_lower"] is None) == (is_partial or len(scores) < 30)
            else:
                top = sum(score >= 4 for score in scores)
                assert (row["top_two_box_count"], row["score_sum"]) == (top, sum(scores))
                assert row["mean_score"] == (None if is_partial else rounded(sum(scores), len(scores)))
                assert row["top_two_box_rate"] == (None if is_partial else rounded(top, len(scores)))
                assert [row["top_two_box_rate_lower"], row["top_two_box_rate_upper"]] == pytest.approx(
                    (None, None) if is_partial else wilson(top, len(scores)), abs=2e-9
                )


def on_scales_of(tables: Tables, share: float) -> Tables:
    """The company where every answer is on its scale, but for a share, which somebody asked in percent."""
    rows = [(*row[:3], None if row[3] is None else min(5, max(1, row[3])), *row[4:]) for row in tables["feedback"]]
    answered = [number for number, row in enumerate(rows) if row[3] is not None]
    for number in answered[: round(share * len(answered))]:
        rows[number] = (*rows[number][:3], 60, *rows[number][4:])
    return {**tables, "feedback": rows}


@pytest.mark.parametrize(("share", "status"), [(0.0, "passed"), (0.3, "failed")])
def test_answers_on_another_scale_are_a_warning_of_the_gate(build: Build, share: float, status: str) -> None:
    database = build(on_scales_of(company(8), share))
    suites = load_suites(PROJECT.parent / "data_quality" / "suites", {})
    scales = [expectation for expectation in suites if expectation.id in ("csat_scale", "nps_scale")]

    report = evaluate(database, scales, {name: Relation("main", name) for name in ("mart_csat", "mart_nps")})
    assert [result.status for result in report.results] == [status, status]
    assert not report.blocks


def hours(start: datetime, end: datetime | None) -> float | None:
    """Hours as the facts keep them; what lies after the as-of date has not happened."""
    return None if end is None or end >= END else round(int((end - start).total_seconds()) / 3600, 4)


def levels() -> dict[str, tuple[float, float]]:
    with (PROJECT / "seeds" / "service_level_rules.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["case_type"]: (float(row["response_hours"]), float(row["resolution_hours"]))
            for row in csv.DictReader(file)
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_service_agrees_with_a_recount(build: Build, seed: int) -> None:
    tables = company(seed)
    database, recount = build(tables), Recount(tables)
    known = [case for case in tables["cases"] if not case[9] and case[6] < END]
    first_case_on = min(day(case[6]) for case in known)

    def cases() -> Iterator[tuple[str, date, tuple[Any, ...]]]:
        for _, customer, _, case_type, _, _, opened, replied, closed, _ in known:
            response, resolution = (
                hours(opened, min(filter(None, (replied, closed)), default=None)),
                hours(opened, closed),
            )
            yield (
                f"crm:{customer}", day(opened),
                (case_type or "unknown", recount.customer.get(f"crm:{customer}"), (END - opened).total_seconds() / 3600,
                 response, resolution),
            )  # fmt: skip

    groups = recount.grouped(cases())
    buyers = {(grain, start_of(grain, on), who) for who, _, on in tables["fct_customer_order"] for grain in GRAINS}
    rules = levels()
    found = 0
    for row in dicts(database, "mart_service"):
        place = (row["period_grain"], row["period_start"], row["segment_type"], row["segment"])
        own = [case for case in groups.get(place, []) if row["case_type"] in ("all", case[0])]
        is_partial, _ = state_of(*place[:2])
        found += len(own) if row["case_type"] == "all" else 0
        assert row["is_partial"] == is_partial
        assert row["is_left_censored"] == (place[1] == start_of(place[0], first_case_on))
        assert row["case_count"] == len(own)
        assert row["case_customer_count"] == len({case[1] for case in own})
        assert row["case_buyer_count"] == len({case[1] for case in own if (*place[:2], case[1]) in buyers})
        assert row["case_rate_per_order"] == (None if is_partial else rounded(len(own), row["order_count"]))
        for step, at, open_name in ((0, "response", "unanswered_count"), (1, "resolution", "open_count")):
            taken = [case[3 + step] for case in own]
            due = [case for case in own if case[2] >= rules[case[0]][step]]
            in_time = [case for case in due if case[3 + step] is not None and case[3 + step] <= rules[case[0]][step]]
            assert row[open_name] == taken.count(None)
            assert row[f"median_{at}_hours"] == pytest.approx(None if is_partial else with_open(taken), abs=1e-8)
            assert (row[f"{at}_due_count"], row[f"{at}_in_time_count"]) == (len(due), len(in_time))
            assert row[f"{at}_in_time_rate"] == (None if is_partial else rounded(len(in_time), len(due)))
    assert found == sum(len(cases) for cases in groups.values())


def test_orders_and_deliveries_agree_with_a_recount(build: Build) -> None:
    tables = company(3)
    database = build(tables)
    stamps = {
        f"crm:{key}": (day_if_any(shipped), day_if_any(delivered)) for key, shipped, delivered in tables["orders"]
    }
    first_case_on = min(day(case[6]) for case in tables["cases"] if not case[9])

    for row in dicts(database, "fct_order_period"):
        if row["segment_type"] != "all":
            continue
        grain, start = row["period_grain"], row["period_start"]
        keys = [key for _, key, on in tables["fct_customer_order"] if start_of(grain, on) == start]
        assert start >= start_of(grain, first_case_on)
        shipped = [key for key in keys if (stamps[key][0] or date.max) <= AS_OF]
        ordered_on = {key: on for _, key, on in tables["fct_customer_order"]}
        days = sorted(
            (delivered - ordered_on[key]).days
            for key in shipped
            if (delivered := stamps[key][1]) is not None and delivered <= AS_OF
        )
        reached = [value for number, value in enumerate(days, 1) if 2 * number >= len(shipped)]
        assert (row["order_count"], row["delivery_count"]) == (len(keys), len(shipped))
        assert row["undelivered_count"] == len(shipped) - len(days)
        assert row["median_delivery_days"] == (reached[0] if reached else None)


def test_engagement_agrees_with_a_recount(build: Build) -> None:
    tables = company(4)
    customer = {row[0]: row[1] for row in tables["id_crosswalk"]}
    expected: dict[tuple[str, date], list[int]] = {}
    for record, _, direction, on, replied, is_deleted in tables["fct_interaction"]:
        if record in customer and not is_deleted and on <= AS_OF:
            counts = expected.setdefault((customer[record], start_of("month", on)), [0, 0, 0, 0])
            replied_on = day_if_any(replied)
            counts[0] += 1
            counts[1] += direction == "in"
            counts[2] += direction == "out"
            counts[3] += (
                direction == "out"
                and replied_on is not None
                and replied_on <= min(AS_OF, on + timedelta(days=WINDOW_DAYS))
            )

    published = {
        (row["customer_id"], row["month_start"]): [
            row[name] for name in ("interaction_count", "inbound_count", "outbound_count", "replied_count")
        ]
        for row in dicts(build(tables), "mart_engagement")
    }
    assert published == expected


def test_what_happens_after_the_as_of_date_changes_nothing(build: Build) -> None:
    tables = company(5)
    after = datetime(2025, 4, 10, 16, 0)
    before = {name: sorted(map(str, dicts(build(tables), name))) for name in ("mart_nps", "mart_csat", "mart_service")}

    tables["cases"] = [
        (*case[:7], *(stamp or after for stamp in case[7:9]), case[9]) for case in tables["cases"]
    ] + [("new", "1", "E1", "complaint", None, "x", after, None, None, False)]  # fmt: skip
    tables["feedback"] = [
        (*row[:3], 5, row[4], after, row[6]) if row[3] is None and row[4] is not None else row
        for row in tables["feedback"]
    ]
    assert {name: sorted(map(str, dicts(build(tables), name))) for name in before} == before


def test_nothing_received_gives_empty_marts_even_where_there_are_orders(build: Build) -> None:
    tables = {name: rows for name, rows in company(6).items() if name not in STAGED | {"fct_interaction"}}

    database = build(tables)
    assert [dicts(database, f"mart_{name}") for name in ("nps", "csat", "service", "engagement")] == [[], [], [], []]


def test_equal_answers_to_two_customers_count_equally_whatever_the_order_of_rows(build: Build) -> None:
    tables = company(7)
    expected = sorted(map(str, dicts(build(tables), "mart_service")))

    chance = random.Random(0)
    shuffled = {name: chance.sample(rows, len(rows)) for name, rows in tables.items()}
    assert sorted(map(str, dicts(build(shuffled), "mart_service"))) == expected


def test_hours_are_of_whole_seconds_and_none_where_the_end_comes_first(
    rendering: Any, database: duckdb.DuckDBPyConnection
) -> None:
    expression = rendering().hours_between("start_at", "end_at")
    stamps = """(values
        (timestamp '2025-01-01 00:00:00.9', timestamp '2025-01-01 01:00:00.8'),
        (timestamp '2025-01-02 00:00:00', timestamp '2025-01-01 00:00:00'),
        (timestamp '2025-01-01 00:00:00', null)
    ) as stamps (start_at, end_at)"""

    found = [row[0] for row in database.execute(f"select {expression} from {stamps}").fetchall()]
    assert [value if value is None else float(value) for value in found] == [0.9997, None, None]


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_those_of_the_literature(
    rendering: Any, database: duckdb.DuckDBPyConnection, successes: int, trials: int, lower: float, upper: float
) -> None:
    macros = rendering()
    bounds = f"{macros.wilson_lower(successes, trials)}, {macros.wilson_upper(successes, trials)}"

    [found] = database.execute(f"select {bounds}").fetchall()
    assert [round(bound, 4) for bound in found] == [lower, upper]


def test_more_successes_than_trials_leave_it_to_the_gates_to_stop_the_run(
    rendering: Any, database: duckdb.DuckDBPyConnection
) -> None:
    macros = rendering()
    bounds = f"{macros.wilson_lower(40, 3)}, {macros.wilson_upper(40, 3)}"

    assert database.execute(f"select {bounds}").fetchall() == [(1.0, 1.0)]


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors"), [(18, 6, 6), (50, 25, 25), (0, 30, 0), (30, 0, 0), (0, 0, 30), (15, 0, 15)]
)
def test_the_interval_of_nps_is_that_of_the_mean_of_answers_worth_plus_nothing_and_minus_one(
    rendering: Any, database: duckdb.DuckDBPyConnection, promoters: int, passives: int, detractors: int
) -> None:
    macros, answers = rendering(), promoters + passives + detractors
    worth = [1] * promoters + [0] * passives + [-1] * detractors
    mean = sum(worth) / answers
    half = 1.959963984540054 * math.sqrt(sum((value - mean) ** 2 for value in worth)) / answers

    [found] = database.execute(
        f"select {macros.nps(promoters, detractors, answers)}, {macros.nps_bound(promoters, detractors, answers, '-')},"
        f" {macros.nps_bound(promoters, detractors, answers, '+')}"
    ).fetchall()
    assert found == pytest.approx((mean, max(-1.0, mean - half), min(1.0, mean + half)), abs=1e-9)


def test_nps_has_no_interval_under_thirty_answers_and_no_value_without_any(
    rendering: Any, database: duckdb.DuckDBPyConnection
) -> None:
    macros = rendering()
    bounds = [macros.nps_bound("p", "d", "n", sign) for sign in "-+"]
    sql = f"select {macros.nps('p', 'd', 'n')}, {', '.join(bounds)}"

    found = database.execute(f"{sql} from (values (20, 4, 29), (0, 0, 0)) as answers (p, d, n)").fetchall()
    assert found == [(0.551724138, None, None), (None, None, None)]
