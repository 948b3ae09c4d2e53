"""The demo company: reproducible, as it was set, and told truly by its truth."""

import dataclasses
import hashlib
import itertools
import json
import math
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pytest

from samples import SampleError, make_landing
from samples.demo import SIZES, Company, generate, making
from samples.demo.company import KINDS, MOODS
from tests.samples.demo_files import (
    SOURCES,
    Row,
    contract,
    encoding_of,
    files_of,
    headers,
    rows_of,
)

COMPANY = Company()
SIGMAS = 4.0
"""A figure may lie this many standard errors off: one false alarm in 16,000 figures."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small")
    generate(root, "XS")
    return root


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Views over the truth of the default size, and the campaign members of its first load."""
    root = tmp_path_factory.mktemp("default")
    generate(root, "S")
    with duckdb.connect() as connection:
        for path in (root / "truth").glob("*.parquet"):
            connection.execute(f"create view {path.stem} as select * from '{path}'")
        (members,) = (root / "landing/canonical/campaign_members").glob("*/*.csv")
        feedback = f"read_csv('{root}/landing/canonical/feedback/*/*.csv', all_varchar=true)"
        connection.execute(f"create view feedback as select * from {feedback}")
        connection.execute(f"create view members as select * from read_csv('{members}', all_varchar=true)")
        yield connection


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def lies_within(count: float, expected: float, variance: float) -> bool:
    return abs(count - expected) <= SIGMAS * math.sqrt(variance)


# Reproducible


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(small: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again", "XS")
    assert digests(tmp_path / "again") == digests(small)
    generate(tmp_path / "other", "XS", seed=2)
    same = digests(small).items() & digests(tmp_path / "other").items()
    # Only what the company lays down once, and products, depend on no chance.
    fixed = ("benchmarks", "targets", "market_sizes", "initiatives", "campaigns/", "products", "产品", "Products")
    other = {name for name, _ in same if not any(word in name for word in fixed) and name.startswith("landing")}
    assert other == set()


def test_where_all_files_are_there_nothing_is_computed(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compute(*arguments: object) -> None:
        raise AssertionError("computed")

    monkeypatch.setattr(making, "_make", compute)
    before = {path: path.stat().st_mtime_ns for path in small.rglob("*")}
    assert generate(small, "XS") == []
    assert {path: path.stat().st_mtime_ns for path in small.rglob("*")} == before


def test_a_file_that_is_gone_is_made_again_alone(small: Path, tmp_path: Path) -> None:
    generate(tmp_path, "XS")
    gone = tmp_path / "landing/zoho/Accounts_20251125.csv"
    gone.unlink()
    assert generate(tmp_path, "XS") == [gone]
    assert digests(tmp_path) == digests(small)


def test_a_folder_made_otherwise_is_refused_before_anything_is_mixed(small: Path) -> None:
    before = digests(small)
    with pytest.raises(SampleError, match="other settings"):
        generate(small, "XS", seed=3)
    assert digests(small) == before


def test_the_maker_writes_below_the_landing_folder_and_the_truth_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIZES, "S", SIZES["XS"])
    written = make_landing("demo", tmp_path / "landing")
    assert {path.relative_to(tmp_path).parts[0] for path in written} == {"landing"}
    assert (tmp_path / "truth/customers.parquet").exists()
    assert make_landing("demo", tmp_path / "landing") == []


def test_an_unknown_size_and_an_impossible_number_of_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match="XS, S, M, L"):
        generate(tmp_path, "XXL")
    with pytest.raises(SampleError, match="1 to 731"):
        generate(tmp_path, "XS", days=732)


# As it was set


def test_second_records_are_as_frequent_as_set(truth: duckdb.DuckDBPyConnection) -> None:
    query = """
        select kind, count(distinct true_id), count(*) filter (is_duplicate)
        from customers where true_id is not null group by kind
    """
    seen = truth.execute(query).fetchall()
    assert len(seen) == len(KINDS)
    for kind, customers, duplicates in seen:
        twin, third = COMPANY.twin_rate[KINDS.index(kind)], COMPANY.third_rate
        mean = twin * (1 + third)
        variance = twin * (1 + 3 * third) - mean**2
        assert lies_within(duplicates, customers * mean, customers * variance), kind


def test_customers_die_at_the_rate_of_their_kind_and_mood(truth: duckdb.DuckDBPyConnection) -> None:
    query = """
        select kind, mood, count(died_on), sum(coalesce(died_on, date '2025-12-01') - started_on) / 30.4375
        from true_customers where started_on is not null group by kind, mood
    """
    seen = truth.execute(query).fetchall()
    assert len(seen) == len(KINDS) * len(MOODS)
    for kind, mood, deaths, months in seen:
        rate = COMPANY.monthly_death_rate[KINDS.index(kind)] * COMPANY.mood_hazards[MOODS.index(mood)]
        assert lies_within(deaths, months * rate, months * rate), (kind, mood)


def test_leads_convert_with_the_chance_of_their_score(truth: duckdb.DuckDBPyConnection) -> None:
    # Who was first contacted 90 days before the end has had the time to convert (at most 80 days).
    query = """
        select count(*), count(*) filter (converted) from leads
        where first_contact_on < date '2025-09-01' and score >= ? and score < ?
    """
    lowest = [score for score, _ in COMPANY.conversion_by_score]
    for (score, rate), end in zip(COMPANY.conversion_by_score, [*lowest[1:], 100], strict=True):
        (leads, converted) = truth.execute(query, [score, end]).fetchall()[0]
        assert leads > 100
        assert lies_within(converted, leads * rate, leads * rate * (1 - rate)), score


def test_opportunities_advance_with_the_probability_of_their_stage(truth: duckdb.DuckDBPyConnection) -> None:
    query = """
        with ended as (
            select opportunities.pipeline, outcome, position as last_position
            from opportunities inner join stage_probabilities as stages
                on opportunities.pipeline = stages.pipeline and last_open_stage = stage
            where created_on < date '2025-02-01' and outcome <> 'open'
        )
        select stages.pipeline, position, advance_probability,
            count(*), count(*) filter (last_position > position or outcome = 'won')
        from stage_probabilities as stages inner join ended
            on stages.pipeline = ended.pipeline and last_position >= position
        group by all
    """
    seen = truth.execute(query).fetchall()
    assert len(seen) == 12
    for pipeline, position, chance, reached, advanced in seen:
        assert lies_within(advanced, reached * chance, reached * chance * (1 - chance)), (pipeline, position)


def test_answers_to_nps_surveys_show_the_mood_that_decides_about_churn(truth: duckdb.DuckDBPyConnection) -> None:
    query = """
        select mood, count(distinct feedback_id), count(distinct feedback_id) filter (
            case mood when 'detractor' then score <= 6 when 'passive' then score in (7, 8) else score >= 9 end
        )
        from (select feedback_id, customer_id, cast(score as integer) as score from feedback where kind = 'nps')
        inner join customers on record_key = 'canonical:' || customer_id
        inner join true_customers on customers.true_id = true_customers.true_id
        where score is not null group by mood
    """
    seen = truth.execute(query).fetchall()
    assert len(seen) == len(MOODS)
    for mood, answers, fitting in seen:
        chance = COMPANY.mood_shown + (1 - COMPANY.mood_shown) * COMPANY.mood_shares[MOODS.index(mood)]
        assert answers > 50
        assert lies_within(fitting, answers * chance, answers * chance * (1 - chance)), mood


def test_eleven_eleven_sells_far_more_than_a_usual_day(truth: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*) filter (ordered_on = date '2024-11-11'), count(*) / 61
        from orders
        where record_key like 'canonical:%'
            and (ordered_on between date '2024-09-01' and date '2024-10-31' or ordered_on = date '2024-11-11')
    """
    day, usual = truth.execute(query).fetchall()[0]
    assert day - SIGMAS * math.sqrt(day) > usual


def campaign_arms(truth: duckdb.DuckDBPyConnection, days: int) -> list[tuple[int, str, int, float, float]]:
    """Per campaign and arm: members who bought before it began, mean and variance of their orders within it."""
    starts = ", ".join(f"({n}, date '{c.starts_on}')" for n, c in enumerate(COMPANY.campaigns, start=1))
    return truth.execute(f"""
        with campaigns as (select * from (values {starts}) as campaigns(campaign, starts)),
        counted as (
            select campaign, arm, customers.true_id, count(orders.record_key) as orders
            from members
            inner join campaigns on campaign_id = 'M' || lpad(cast(campaign as varchar), 3, '0')
            inner join customers on record_key = 'canonical:' || customer_id and not is_duplicate
            inner join true_customers on customers.true_id = true_customers.true_id and started_on < starts
            left join orders on orders.true_id = customers.true_id
                and ordered_on >= starts and ordered_on < starts + {days}
            group by campaign, arm, customers.true_id
        )
        select campaign, arm, count(*), avg(orders), var_samp(orders) from counted group by all order by all
    """).fetchall()


def test_the_truth_of_a_campaign_counts_each_customer_once_however_many_records_were_taken_in(
    truth: duckdb.DuckDBPyConnection,
) -> None:
    found = truth.execute("select campaign_id, arm, customers, effect from campaigns order by 1, 2").fetchall()
    arms = truth.execute("""
        with arms as (
            select campaign_id, true_id, string_agg(distinct arm, '+' order by arm) as arms,
                   bool_or(arm = 'treated' and not is_duplicate) as is_moved
            from members
            inner join customers on record_key = 'canonical:' || customer_id
            group by campaign_id, true_id
        )
        select campaign_id, case arms when 'control+treated' then 'both' else arms end as arm,
               count(*), count(*) filter (is_moved)
        from arms group by all order by 1, 2
    """).fetchall()
    assert [row[:3] for row in found] == [row[:3] for row in arms]
    assert "both" in {arm for _, arm, _, _ in found}
    for (campaign, arm, _, effect), (_, _, count, moved) in zip(found, arms, strict=True):
        assert effect == pytest.approx(COMPANY.campaigns[int(campaign[1:]) - 1].effect * moved / count), (campaign, arm)


def test_campaigns_have_the_effect_that_was_set(truth: duckdb.DuckDBPyConnection) -> None:
    rows = campaign_arms(truth, COMPANY.campaign_days)
    pooled = []
    for _, arms in itertools.groupby(rows, key=lambda row: row[0]):
        (campaign, _, controls, control, control_variance), (_, _, treated_count, treated, variance) = arms
        times = 1 + COMPANY.campaigns[campaign - 1].effect
        error = math.sqrt(variance / treated_count + times**2 * control_variance / controls)
        assert abs(treated - times * control) <= SIGMAS * error, campaign
        if times > 1:
            pooled.append((treated - control, variance / treated_count + control_variance / controls))
    assert len(pooled) == 9
    # All together the effect is there beyond doubt.
    assert sum(d for d, _ in pooled) > SIGMAS * math.sqrt(sum(v for _, v in pooled))


def test_changed_settings_change_the_company(tmp_path: Path) -> None:
    company = dataclasses.replace(COMPANY, twin_rate=(0.9, 0.9, 0.9), third_rate=0.0, followed_share=0.0)
    generate(tmp_path, "XS", company=company)
    with duckdb.connect() as connection:
        query = f"select count(*) filter (is_duplicate) from '{tmp_path}/truth/customers.parquet'"
        (duplicates,) = connection.execute(query).fetchall()[0]
        assert lies_within(duplicates, 270, 300 * 0.9 * 0.1)
        query = f"select count(*), count(*) filter (converted) from '{tmp_path}/truth/leads.parquet'"
        assert connection.execute(query).fetchall()[0][1] == 0


# Told truly


@cache
def loads_of(root: Path, source: str, name: str) -> list[tuple[date, list[Row]]]:
    landing = root / "landing"
    return [(on, rows_of(path, encoding_of(source, name))) for on, path in files_of(landing, source, name)]


def key_of(row: Row, source: str, name: str) -> str:
    header = headers(source, name)
    return "|".join(str(row[header[column]] or "") for column in contract(source)[name]["primary_key"])


OBJECTS = [(source, name) for source in SOURCES for name in contract(source)]
NOT_EXPORTED = {
    ("canonical", name)
    for name in ("owner_history", "leads", "opportunities", "opportunity_stages", "interactions", "cases", "employees",
                 "notifications")
}  # fmt: skip


@pytest.mark.parametrize(("source", "name"), [pair for pair in OBJECTS if pair not in NOT_EXPORTED])
def test_the_truth_knows_every_record_of_every_object_with_its_first_and_last_day(
    small: Path, source: str, name: str
) -> None:
    """Also: a key stands once in a load, and a snapshot or a deletion says when it went."""
    first: dict[str, date] = {}
    deleted: dict[str, date] = {}
    is_snapshot = contract(source)[name]["mode"] == "snapshot"
    loads = loads_of(small, source, name)
    before: set[str] = set()
    for on, rows in loads:
        keys = [key_of(row, source, name) for row in rows]
        assert len(keys) == len(set(keys)), on
        for key, row in zip(keys, rows, strict=True):
            first.setdefault(key, on)
            if row.get("生命状态") == "作废" or row.get("is_deleted") in (True, "true"):
                deleted.setdefault(key, on)
        if is_snapshot:
            for key in before - set(keys):
                deleted[key] = on
            before = set(keys)
        if name == "contacts" and source == "fxiaoke":
            for key, row in zip(keys, rows, strict=True):
                if row["是否删除"] == "是":
                    deleted.setdefault(key, on)
    with duckdb.connect() as connection:
        known = connection.execute(
            f"""select key, first_load_date, deleted_load_date from '{small}/truth/records.parquet'
            where source = ? and object = ?""",
            [source, name],
        ).fetchall()
    assert len(known) == len(first) > 0
    assert {key: on for key, on, _ in known} == first
    assert {key: on for key, _, on in known if on} == deleted


def test_the_true_amount_of_every_order_follows_from_the_files(small: Path) -> None:
    amounts: dict[str, int] = {}
    newest: dict[str, dict[str, list[int]]] = {}
    for source, name, key, amount in (
        ("canonical", "order_lines", "order_id", "net_amount"),
        ("fxiaoke", "order_lines", "销售订单编号", "折后不含税小计"),
        ("zoho", "ordered_items", "Parent_Id", "Net_Total"),
    ):
        for _, rows in loads_of(small, source, name):
            lines = defaultdict(list)
            for row in rows:
                lines[f"{source}:{row[key]}"].append(round(float(str(row[amount])) * 100))
            # All lines of an order come together: the newest load has them all.
            newest.setdefault(source, {}).update(lines)
        amounts |= {order: sum(values) for order, values in newest[source].items()}
    for _, rows in loads_of(small, "fxiaoke", "returns"):
        for row in rows:
            amounts[f"fxiaoke:{row['销售订单编号']}"] -= round(float(str(row["退货金额"])) * 100)
    with duckdb.connect() as connection:
        query = f"select record_key, cast(net_amount * 100 as bigint) from '{small}/truth/orders.parquet'"
        assert dict(connection.execute(query).fetchall()) == amounts


def test_every_lookup_finds_its_record_no_later_than_its_own_load(small: Path) -> None:
    for source, name in OBJECTS:
        if (source, name) in NOT_EXPORTED:
            continue
        header = headers(source, name)
        for column, target in (contract(source)[name].get("references") or {}).items():
            if (source, target) in NOT_EXPORTED:
                continue
            known: set[object] = set()
            targets = dict(loads_of(small, source, target))
            target_key = headers(source, target)[contract(source)[target]["primary_key"][0]]
            mine = dict(loads_of(small, source, name))
            for on in sorted({*targets, *mine}):
                known |= {row[target_key] for row in targets.get(on, [])}
                for row in mine.get(on, []):
                    value = row[header[column]]
                    value = value[0] if isinstance(value, list) else value
                    assert not value or value in known, (source, name, column, on, value)


# As the systems export


@pytest.mark.parametrize(("source", "name"), [pair for pair in OBJECTS if pair not in NOT_EXPORTED])
def test_files_have_the_columns_of_the_contract(small: Path, source: str, name: str) -> None:
    expected = set(headers(source, name).values())
    odd = []
    for on, rows in loads_of(small, source, name):
        found = set(rows[0])
        assert expected <= found, (on, expected - found)
        odd += [(on, found - expected)] if found - expected else []
    assert odd == ([(date(2025, 11, 22), {"客户画像"})] if (source, name) == ("fxiaoke", "accounts") else [])


def test_csv_of_fxiaoke_is_gb18030_with_crlf_and_not_utf_8(small: Path) -> None:
    for path in (small / "landing/fxiaoke").glob("*.csv"):
        content = path.read_bytes()
        text = content.decode("gb18030")
        assert "订单" in text or "客户" in text
        assert text.count("\r\n") == text.count("\n") == len(text.splitlines())
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")


def test_every_social_credit_code_has_its_check_digit(small: Path) -> None:
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = {str(row["统一社会信用代码"]) for _, rows in loads_of(small, "fxiaoke", "accounts") for row in rows}
    codes |= {str(row["USCC__c"]) for _, rows in loads_of(small, "zoho", "accounts") for row in rows}
    codes.discard("")
    assert len(codes) > 30
    for code in codes:
        assert len(code) == 18
        assert sum(signs.index(sign) * 3**place for place, sign in enumerate(code[:17])) % 31 == (
            -signs.index(code[17]) % 31
        ), code


def test_workbooks_carry_no_time_of_writing(small: Path) -> None:
    for path in (small / "landing/fxiaoke").glob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# Odd days


def test_one_day_the_orders_of_fxiaoke_are_missing_and_come_with_the_next(small: Path) -> None:
    late = date(2025, 11, 24)
    for name in ("orders", "order_lines", "returns"):
        assert late not in dict(loads_of(small, "fxiaoke", name))
    came = dict(loads_of(small, "fxiaoke", "orders"))[late + timedelta(days=1)]
    days = {str(row["最后修改时间"])[:10] for row in came}
    assert days == {"2025-11-23", "2025-11-24"}


def test_one_day_the_shop_sends_the_orders_of_the_day_before_once_more_unchanged(small: Path) -> None:
    for name in ("orders", "order_lines"):
        loads = dict(loads_of(small, "canonical", name))
        before, again = loads[date(2025, 11, 25)], loads[date(2025, 11, 26)]
        changed = {row["order_id"] for row in again if row not in before}
        expected = [row for row in before if row["order_id"] not in changed]
        assert expected
        assert all(row in again for row in expected)


def test_daily_loads_hold_a_deletion_a_merge_with_pointer_and_a_correction(small: Path) -> None:
    for source, name, merged, deleted in (
        ("canonical", "customers", "merged_into_id", ("is_deleted", "true")),
        ("fxiaoke", "accounts", "合并至客户ID", ("生命状态", "作废")),
    ):
        daily = [row for _, rows in loads_of(small, source, name)[1:] for row in rows]
        assert any(row[merged] for row in daily), source
        assert any(row[deleted[0]] == deleted[1] for row in daily), source
    loads = loads_of(small, "canonical", "order_lines")
    seen: dict[str, object] = {}
    corrected = 0
    for _, rows in loads:
        for row in rows:
            key = f"{row['order_id']}|{row['line_no']}"
            corrected += seen.get(key, row["quantity"]) != row["quantity"]
            seen[key] = row["quantity"]
    assert corrected > 0


def test_test_accounts_belong_to_nobody_and_second_records_to_their_customer(
    truth: duckdb.DuckDBPyConnection,
) -> None:
    kinds = truth.execute("""
        select duplicate_kind, bool_and(true_id is null), bool_and(is_duplicate), bool_or(is_duplicate)
        from customers group by 1
    """).fetchall()
    table = {kind: flags for kind, *flags in kinds}
    assert table.pop("test_account") == [True, False, False]
    second = {
        "exact", "phone_format", "phone_scientific", "homophone", "traditional", "pinyin", "title_only",
        "changed_phone", "moved", "typo_phone", "missing_phone",
    }  # fmt: skip
    first = {"original", "chain_branch", "family_phone", "same_name", "salesman_phone", "placeholder"}
    assert set(table) == second | first
    assert {kind for kind, flags in table.items() if flags == [False, True, True]} == second


def test_parameters_say_what_was_set(small: Path) -> None:
    settings = json.loads((small / "truth/parameters.json").read_text(encoding="utf-8"))
    assert (settings["size"], settings["seed"], settings["days"]) == ("XS", 1, 14)
    assert settings["company"]["twin_rate"] == list(COMPANY.twin_rate)
    assert settings["company"]["campaigns"][0]["effect"] == COMPANY.campaigns[0].effect
