"""The marts of cleansing against a recount in Python: figures by record and by customer, their interval, and masks."""

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.stats import poisson

from orchestration.publish.personal_data import scan

AS_OF = date(2025, 12, 31)
SINCE = AS_OF - timedelta(days=365)
REPLICATES = 200
CAP_YEARS = 5
MODELS = ["fct_cleansing_id", "fct_cleansing_sum", "fct_cleansing_effect"]
TABLES = {
    "dim_run": "as_of_date date",
    "id_crosswalk": "record_key text, customer_id text",
    "fct_order": "order_key text, record_key text, ordered_on date, net_amount decimal(18, 2), is_valid bool",
    "fct_purchase_day": "customer_id text, purchase_on date, order_count bigint, net_amount decimal(18, 2)",
    "fct_order_line": "order_key text, product_id text, is_return bool",
    "dim_product": "product_id text, category_1 text",
    "fct_case": "record_key text, case_type text, opened_on date",
    "fct_feedback": "feedback_key text, record_key text, kind text, score int, asked_on date, answered_at timestamp,"
    " is_answered bool",
    "stg_state__cleansing_effect": "as_of_date date, metric text, by_record_numerator decimal(38, 2),"
    " by_record_denominator decimal(38, 2), by_customer_numerator decimal(38, 2),"
    " by_customer_denominator decimal(38, 2), difference_low double, difference_high double",
    "fct_lead": "lead_key text, record_key text, first_contact_on date, is_converted bool, has_had_window bool",
}
CDF = [float(share) for share in poisson.cdf(range(8), 1)]
METRICS = {
    "active_ratio": ("active", "buyers"),
    "purchase_frequency": ("days", "active"),
    "mean_gap_days": ("gap_days", "gaps"),
    "average_order_amount": ("net", "orders"),
    "churn_rate": ("lapsed", "earlier"),
    "cross_sell_rate": ("cross", "categorised"),
    "nps": ("nps_balance", "nps"),
    "csat_rate": ("csat_top", "csat"),
    "complaint_rate": ("complainers", "active"),
    "conversion_rate": ("converted", "followed"),
    "repeat_sales_rate": ("repeat_net", "net"),
}

SCALES = [("nps", (0, 10)), ("csat", (1, 5)), ("review", (1, 5))]

Row = tuple[Any, ...]
Tables = dict[str, list[Row]]
Build = Callable[[Tables], duckdb.DuckDBPyConnection]
Sums = dict[str, dict[str, Decimal]]


@pytest.fixture
def build(rendering: Any, database: duckdb.DuckDBPyConnection) -> Build:
    """Builds the models of cleansing over rows of the tables above."""
    macros = rendering(
        var={"lifetime_cap_years": CAP_YEARS, "time_zone": "Asia/Shanghai"}.__getitem__, ref=lambda name: name
    )

    def build(tables: Tables) -> duckdb.DuckDBPyConnection:
        for name, columns in TABLES.items():
            database.execute(f"create or replace table {name} ({columns})")
            if rows := [list(row) for row in tables.get(name, [])]:
                places = ", ".join("?" * len(rows[0]))
                database.execute("begin")
                database.executemany(f"insert into {name} values ({places})", rows)
                database.execute("commit")
        for name in MODELS:
            database.execute(f"create or replace table {name} as {macros.model(f'core/quality/{name}.sql')}")
        return database

    return build


def company(seed: int, customers: int = 120) -> Tables:
    """Customers of one to three records, with two years of orders, complaints, answers and leads."""
    chance = random.Random(seed)

    def day(days: int = 800) -> date:
        return AS_OF - timedelta(days=chance.randrange(-5, days))

    records = [
        (f"{chance.choice(['app', 'crm'])}:{number}-{place}", f"C{number}")
        for number in range(customers)
        for place in range(chance.choice([1, 1, 1, 2, 3]))
    ]
    keys = [record for record, _ in records]
    orders = [
        (f"o{number}", chance.choice(keys), day(), Decimal(chance.randrange(100, 90000)) / 100, chance.random() > 0.1)
        for number in range(customers * 6)
    ]
    customer = dict(records)
    days: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
    for _, record, on, net, is_valid in orders:
        if is_valid and on <= AS_OF:
            days[customer[record], on].append(net)
    products = [f"p{number}" for number in range(9)]
    leads = [
        (f"l{number}", chance.choice([None, *keys]), day(500), chance.random() < 0.4, chance.random() < 0.8)
        for number in range(customers)
    ]
    return {
        "dim_run": [(AS_OF,)],
        "id_crosswalk": records,
        "fct_order": orders,
        "fct_purchase_day": [(who, on, len(nets), sum(nets)) for (who, on), nets in days.items()],
        "fct_order_line": [
            (order[0], chance.choice([*products, "unknown"]), chance.random() < 0.1)
            for order in orders
            for _ in range(chance.randrange(3))
        ],
        "dim_product": [(name, f"c{number % 4}" if number else None) for number, name in enumerate(products)],
        "fct_case": [
            (chance.choice([*keys, "crm:nobody"]), chance.choice(["complaint", "question"]), day(500))
            for _ in range(customers)
        ],
        "fct_feedback": [
            (f"f{number}", chance.choice(keys), kind, chance.randint(*scale), on, datetime(2025, 1, 1), True)
            for number in range(customers * 2)
            for kind, scale, on in [
                (*chance.choice([("nps", (0, 10)), ("csat", (1, 5)), ("review", (1, 5))]), day(500))
            ]
        ],
        "fct_lead": leads,
    }


class Recount:
    """Per customer what it adds to each sum, once by its records' ids and once by its own, row by row in Python."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.customer = dict(tables["id_crosswalk"])
        self.first: dict[str, str] = {}
        for record, customer in sorted(tables["id_crosswalk"], reverse=True):
            self.first[customer] = record

    def group(self, record: str | None, otherwise: str) -> str:
        """What is resampled together: three digits of the hash of a customer's smallest key."""
        key = self.first[self.customer[record]] if record in self.customer else otherwise
        return md5(key.encode()).hexdigest()[:3]

    def sums(self, by: str) -> Sums:
        found: Sums = defaultdict(lambda: defaultdict(Decimal))
        id_of = {record: record if by == "record" else self.customer[record] for record in self.customer}
        group = {id_of[record]: self.group(record, "") for record in self.customer}
        orders: dict[str, list[Row]] = defaultdict(list)
        for order in self.tables["fct_order"]:
            if order[4] and order[2] <= AS_OF:
                orders[id_of[order[1]]].append(order)
        categories = dict(self.tables["dim_product"])
        bought: dict[str, set[str]] = defaultdict(set)
        for key, product, is_return in self.tables["fct_order_line"]:
            if not is_return and categories.get(product):
                bought[key].add(categories[product])
        active = set()
        for who, theirs in orders.items():
            into = found[group[who]]
            recent = [order for order in theirs if order[2] > SINCE]
            days = sorted({order[2] for order in recent})
            earlier = any(SINCE - timedelta(days=365) < order[2] <= SINCE for order in theirs)
            into["buyers"] += 1
            into["active"] += bool(days)
            into["earlier"] += earlier
            into["lapsed"] += earlier and not days
            into["days"] += len(days)
            into["gaps"] += max(len(days) - 1, 0)
            into["gap_days"] += (days[-1] - days[0]).days if days else 0
            into["orders"] += len(recent)
            into["net"] += sum(order[3] for order in recent)
            into["repeat_net"] += sum(order[3] for order in recent) if len(days) > 1 else 0
            assortment = set().union(*(bought[order[0]] for order in recent))
            into["categorised"] += bool(assortment)
            into["cross"] += len(assortment) > 1
            if days:
                active.add(who)
        complained = {
            id_of[record]
            for record, kind, on in self.tables["fct_case"]
            if kind == "complaint" and on > SINCE and record in id_of
        }
        for who in complained & active:
            found[group[who]]["complainers"] += 1
        newest: dict[tuple[str, str], Row] = {}
        for key, record, kind, score, on, _, _ in sorted(
            self.tables["fct_feedback"], key=lambda row: row[0], reverse=True
        ):
            place = (id_of[record], kind)
            if on > SINCE and (place not in newest or on >= newest[place][0]):
                newest[place] = (on, score, key)
        for (who, kind), (_, score, _) in newest.items():
            into = found[group[who]]
            if kind == "nps":
                into["nps"] += 1
                into["nps_balance"] += (score >= 9) - (score <= 6)
            elif kind == "csat":
                into["csat"] += 1
                into["csat_top"] += score >= 4
        converted: dict[tuple[str, str], bool] = defaultdict(bool)
        for lead, record, on, is_converted, has_had_window in self.tables["fct_lead"]:
            if has_had_window and on > SINCE:
                converted[id_of.get(record, lead), self.group(record, lead)] |= is_converted
        for (_, where), is_converted in converted.items():
            found[where]["followed"] += 1
            found[where]["converted"] += is_converted
        return found


@cache
def drawn(group: str, replicate: int) -> int:
    """How often a group is in a replicate: the Poisson quantile of the share that its hash makes."""
    share = int(md5(f"{group}:{replicate}".encode()).hexdigest()[:8], 16) / 2**32
    return bisect_right(CDF, share)


def figures(sums: Sums, weight: Callable[[str], int]) -> dict[str, float | None]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for group, theirs in sums.items():
        for name, value in theirs.items():
            total[name] += weight(group) * value
    found = {name: float(total[n]) / float(total[d]) if total[d] else None for name, (n, d) in METRICS.items()}
    years = CAP_YEARS if not total["lapsed"] else min(CAP_YEARS, total["earlier"] / total["lapsed"])
    found["lifetime_value"] = (
        float(total["net"] / total["orders"] * total["days"] * Decimal(years) / total["active"])
        if total["earlier"] and total["active"]
        else None
    )
    return found


def effect(database: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    return {
        row[0]: row[1:]
        for row in database.execute(
            """select metric, by_record_numerator, by_record_denominator, by_customer_numerator,
                      by_customer_denominator, difference_low, difference_high from fct_cleansing_effect"""
        ).fetchall()
    }


@pytest.mark.parametrize("seed", range(2))
def test_figures_by_record_and_by_customer_and_their_interval_agree_with_a_recount(build: Build, seed: int) -> None:
    tables = company(seed)
    found = effect(build(tables))
    records, customers = Recount(tables).sums("record"), Recount(tables).sums("customer")
    once = (figures(records, lambda _: 1), figures(customers, lambda _: 1))
    replicates = [
        (
            figures(records, lambda group, n=number: drawn(group, n)),  # type: ignore[misc]
            figures(customers, lambda group, n=number: drawn(group, n)),  # type: ignore[misc]
        )
        for number in range(1, REPLICATES + 1)
    ]

    assert set(found) == {*METRICS, "lifetime_value"}
    for metric, (n_record, d_record, n_customer, d_customer, low, high) in found.items():
        assert float(n_record / d_record) == pytest.approx(once[0][metric], abs=1e-4), metric
        assert float(n_customer / d_customer) == pytest.approx(once[1][metric], abs=1e-4), metric
        differences = [after[metric] - before[metric] for before, after in replicates]  # type: ignore[operator]
        assert (low, high) == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=1e-6), metric


def test_neither_names_of_ids_nor_order_of_rows_nor_threads_move_an_interval(build: Build) -> None:
    tables = company(7)
    before = effect(build(tables))
    names = {f"C{number}": f"X{(number * 37) % 120}" for number in range(120)}
    moved = {name: random.Random(1).sample(rows, len(rows)) for name, rows in tables.items()}
    moved["id_crosswalk"] = [(record, names[customer]) for record, customer in moved["id_crosswalk"]]
    moved["fct_purchase_day"] = [(names[row[0]], *row[1:]) for row in moved["fct_purchase_day"]]
    build(moved).execute("set threads = 4")

    assert effect(build(moved)) == before


def test_orders_are_orders_whoever_placed_them_and_without_merging_nothing_differs(build: Build) -> None:
    merged = effect(build(company(3)))
    alone = company(3)
    alone["id_crosswalk"] = [(record, f"C-{record}") for record, _ in alone["id_crosswalk"]]
    days: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
    for _, record, on, net, is_valid in alone["fct_order"]:
        if is_valid and on <= AS_OF:
            days[f"C-{record}", on].append(net)
    alone["fct_purchase_day"] = [(who, on, len(nets), sum(nets)) for (who, on), nets in days.items()]

    assert merged["average_order_amount"][:2] == merged["average_order_amount"][2:4]
    assert merged["average_order_amount"][4:] == (0, 0)
    assert merged["purchase_frequency"][4] > 0
    for metric, row in effect(build(alone)).items():
        assert (row[:2], row[4:]) == (row[2:4], (0, 0)), metric


def test_what_a_warehouse_does_not_record_has_no_figure(build: Build) -> None:
    tables = company(3) | {"fct_case": [], "dim_product": [], "fct_feedback": [], "fct_lead": []}
    found = effect(build(tables))

    silent = {name for name, row in found.items() if not row[1] and not row[3]}
    assert silent == {"complaint_rate", "cross_sell_rate", "nps", "csat_rate", "conversion_rate"}
    assert all(found[name][4:] == (None, None) for name in silent)


def test_the_interval_is_as_wide_as_that_of_a_bootstrap_that_draws_customers(build: Build) -> None:
    tables = company(11, customers=600)
    found = effect(build(tables))
    recount = Recount(tables)
    records, customers = recount.sums("record"), recount.sums("customer")
    groups = sorted(records.keys() | customers.keys())
    generator = np.random.default_rng(5)
    for metric in ("active_ratio", "purchase_frequency", "mean_gap_days", "cross_sell_rate", "repeat_sales_rate"):
        numerator, denominator = METRICS[metric]
        parts = np.array(
            [
                [float(sums[group][name]) for group in groups]
                for sums in (records, customers)
                for name in (numerator, denominator)
            ]
        )
        drawn_often = generator.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), size=4000)
        totals = drawn_often @ parts.T
        differences = totals[:, 2] / totals[:, 3] - totals[:, 0] / totals[:, 1]
        low, high = np.quantile(differences, [0.025, 0.975])
        assert found[metric][5] - found[metric][4] == pytest.approx(high - low, rel=0.25), metric
        assert sum(found[metric][4:]) / 2 == pytest.approx((low + high) / 2, abs=(high - low) * 0.2), metric


def test_weights_are_poisson_numbers_of_mean_one(rendering: Any, database: duckdb.DuckDBPyConnection) -> None:
    weight = rendering().poisson_weight("number || ':3'")
    rows = database.execute(f"select {weight} from range(100000) as numbers (number) order by number").fetchall()
    counts = Counter(weight for (weight,) in rows)

    for value in range(6):
        expected = poisson.pmf(value, 1) * len(rows)
        assert abs(counts[value] - expected) < 4 * expected**0.5, value
    assert [weight for (weight,) in rows[:200]] == [drawn(str(number), 3) for number in range(200)]


WRITINGS = [
    "13812345670", "+8613812345670", "138 1234 5670", "138-1234-5670", "１３８１２３４５６７０", "0086-138-1234-5670",
    "13812345670/13912345670", "微信 13812345670", "tel:13812345670", "zhang@example.com", "91110000100006281T",
    "110101199003074530", "1.38E+10", "王伟 138.1234.5670", "上海市", "x",
]  # fmt: skip


@pytest.mark.parametrize("column", ["phone", "open", "letter"])
def test_no_example_of_the_audit_tells_what_it_is_an_example_of(rendering: Any, tmp_path: Path, column: str) -> None:
    macros = rendering()
    path = tmp_path / "marts.duckdb"
    with duckdb.connect(str(path)) as con:
        rows = ", ".join(f"('{text}')" for text in WRITINGS)
        con.execute(
            f"""create table mart_cleansing_audit as
                select {macros.written_shape("text", f"'{column}'")} as sample_1,
                       {macros.masked_example("text", f"'{column}'")} as sample_2
                from (values {rows}) as writings (text)"""
        )
        shapes = [row[0] for row in con.execute("select sample_1 from mart_cleansing_audit").fetchall()]

    assert scan(path) == ()
    assert column != "phone" or not any(character.isdigit() for shape in shapes for character in shape)
