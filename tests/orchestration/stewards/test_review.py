"""The queue asks about what is worth most, once per pair of customers, and shows no personal value."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.errors import BadInput, LockHeld
from orchestration.lock import hold
from orchestration.stewards import overrides
from orchestration.stewards.review import review
from orchestration.stewards.show import View

WriteCsv = Callable[..., Path]
HEADER = ",".join(overrides.COLUMNS)
PERSON = {
    "email": "zhang.wei@example.com",
    "email_key": "zhang.wei@example.com",
    "birth_date": date(1985, 6, 7),
    "birth_key": date(1985, 6, 7),
    "city": "杭州",
    "district": "西湖区",
    "address": "文三路478号3幢",
    "city_code": "330100",
    "county_code": "330106",
    "address_detail": "文三路478号",
    "address_place": "文三路478号",
    "address_unit": "3",
}
SECRETS = ["13812345678", "13912345678", "zhang.wei", "478", "06-07", "张伟", "李娜"]


@pytest.fixture
def asking(shop: Any) -> Any:
    """C1 and C2 may be one (two edges); C3 and C4 were refused; C5 and C6 are worth nothing; C7 is one."""
    shop.record("app:1", "C1", **PERSON)
    shop.record("crm:1", "C2", **PERSON, wechat_openid="oAbCdEfGhIjKlMnOpQrStUvWx")
    shop.record("crm:2", "C2", **PERSON)
    shop.record("app:3", "C3")
    shop.record("crm:3", "C4", name="李娜", name_key="李娜", name_pinyin="li na", surname_key="李", given_key="娜")
    shop.record("app:5", "C5", name=None, phone=None, name_key=None, mobile_key=None, is_name_partial=None)
    shop.record("crm:5", "C6")
    shop.record("app:7", "C7")
    shop.record("crm:7", "C7")
    shop.edge("app:1", "crm:1", "review", 5.25)
    shop.edge("app:1", "crm:2", "review", 6.5)
    shop.edge("app:3", "crm:3", "same", 20, "email")
    shop.edge("app:5", "crm:5", "review", 3.0)
    shop.edge("app:7", "crm:7", "same", 25, "mobile_name")
    shop.order("app:1", "100.50")
    shop.order("crm:2", "1000")
    shop.order("crm:2", "7000000", is_valid=False)
    shop.order("app:3", "2000")
    shop.order("app:7", "90000")
    shop.build()
    return shop


def asked(shop: Any, limit: int = 20, **view: Any) -> str:
    return "\n".join(review(shop.folders, limit, View(**view), "CNY", 200))


def test_questions_come_by_value_at_stake_once_per_pair_of_customers_with_the_strongest_edge(asking: Any) -> None:
    out = asked(asking)
    titles = [line for line in out.splitlines() if " of 3  " in line]
    assert titles == [
        "1 of 3  C3 and C4, 2,000.00 CNY at stake",
        "2 of 3  C1 and C2, 1,100.50 CNY at stake",
        "3 of 3  C5 and C6, 0.00 CNY at stake",
    ]
    assert "edge      model 6.50, review: weight of all fields" in out
    assert "5.25" not in out


def test_the_limit_keeps_the_most_valuable_and_the_count_tells_of_the_rest(asking: Any) -> None:
    out = asked(asking, limit=1)
    assert out.startswith("1 of 3  C3 and C4")
    assert "C1" not in out


def test_both_records_stand_side_by_side_with_what_each_field_says(asking: Any) -> None:
    lines = asked(asking).split("2 of 3")[1].split("3 of 3")[0].splitlines()
    cells = [line.split() for line in lines]
    assert ["app:1", "crm:2", "agreement", "weight"] in cells
    assert ["name", "张**", "张**", "same", "name", "+8.00"] in cells
    assert ["phone", "138****5678", "138****5678", "same", "number", "+8.00"] in cells
    assert ["email", "z***i@example.com", "z***i@example.com", "same", "+8.00"] in cells
    assert ["birth", "1985-**-**", "1985-**-**", "same", "day", "+8.00"] in cells
    assert ["address", *["杭州", "西湖区", "文三****"] * 2, "same", "door", "+8.00"] in cells
    assert ["prior", "any", "two", "records", "-12.00"] in cells
    assert ["total", "+28.00"] in cells


def test_a_refused_edge_says_what_refused_it_and_every_veto(asking: Any) -> None:
    block = asked(asking).split("2 of 3")[0]
    assert "refused   different full names" in block
    assert "vetoes    different full names" in block
    assert "edge      email 20.00, same: equal email" in block


def test_a_value_that_could_not_be_compared_is_told_apart_from_a_missing_one(shop: Any) -> None:
    shop.record("app:1", "C1", mobile_key=None, email="a@b.cn")
    shop.record("crm:1", "C2", mobile_key=None)
    shop.edge("app:1", "crm:1", "review", 1.0)
    shop.build()
    cells = [line.split() for line in asked(shop).splitlines()]
    assert ["phone", "138****5678", "138****5678", "not", "usable,", "or", "held", "by", "many", "+0.00"] in cells
    assert ["email", "a***@b.cn", "-", "not", "known", "+0.00"] in cells


def test_no_personal_value_is_printed_unless_it_is_asked_for(asking: Any) -> None:
    asking.edges[0]["reason"] = "rang 13912345678, zhang.wei@example.com"
    asking.edges[0]["weight"] = 99.0
    asking.build()
    out, opened = asked(asking), asked(asking, is_open=True)
    assert [secret for secret in SECRETS if secret in out] == []
    assert [secret for secret in SECRETS if secret not in opened] == []
    assert "139****5678" in out


def test_the_commands_to_type_are_there(asking: Any) -> None:
    out = asked(asking, options=("--warehouse", "my shop.yml"))
    assert "if one    liucun merge app:1 crm:2 --warehouse 'my shop.yml' --because \"…\"" in out
    assert "if two    liucun split app:1 crm:2 --warehouse 'my shop.yml' --because \"…\"" in out
    assert 'liucun merge app:1 crm:2 --because "…"' in asked(asking)


@pytest.mark.parametrize("decision", ["force", "never"])
def test_a_pair_of_customers_that_a_steward_has_decided_about_is_not_asked_again(
    asking: Any, write_csv: WriteCsv, decision: str
) -> None:
    # The other record of C2 than the one whose edge is the strongest.
    write_csv("merge_overrides.csv", HEADER, f"{decision},app:1,crm:1,r,li,2025-12-01,,,")
    out = asked(asking)
    assert "C1 and C2" not in out
    assert out.count("at stake") == 2


def test_a_decision_that_is_over_or_revoked_lets_the_question_come_back(asking: Any, write_csv: WriteCsv) -> None:
    rows = ["never,app:1,crm:1,r,li,2025-11-01,2025-12-01,,", "never,app:3,crm:3,r,li,2025-11-01,,li,2025-11-02"]
    write_csv("merge_overrides.csv", HEADER, *rows)
    assert asked(asking).count("at stake") == 3


def test_a_veto_between_other_records_of_both_customers_is_named(shop: Any) -> None:
    shop.record("app:1", "C1")
    shop.record("app:2", "C1", uscc_key="91330106MA2CFHXY3P")
    shop.record("crm:1", "C2")
    shop.record("crm:2", "C2", uscc_key="91310115MA1K4ABC2Q")
    shop.edge("app:1", "crm:1", "same", 9.0)
    shop.build()
    out = asked(shop)
    assert "refused   different social credit codes (app:2 and crm:2)" in out
    assert "vetoes    none" in out


def test_without_a_veto_size_or_a_partial_name_was_the_reason(shop: Any) -> None:
    shop.record("app:1", "C1", is_name_partial=True)
    shop.record("crm:1", "C2")
    shop.edge("app:1", "crm:1", "same", 9.0)
    shop.build()
    assert "refused   partial name between two customers" in asked(shop)
    assert "refused   the cluster would be too large" in "\n".join(review(shop.folders, 9, View(), "CNY", 1))


def test_nothing_to_ask_is_said(shop: Any) -> None:
    shop.record("app:1", "C1")
    shop.build()
    assert asked(shop) == "no question is open"


def test_while_a_run_is_at_work_the_queue_waits(asking: Any) -> None:
    with hold(asking.folders.root), pytest.raises(LockHeld, match="another run"):
        asked(asking)


def test_before_the_first_run_it_says_what_to_do(shop: Any) -> None:
    with pytest.raises(BadInput, match="liucun run"):
        asked(shop)


def test_a_run_that_did_not_come_as_far_as_merging_is_told(shop: Any) -> None:
    shop.folders.private.mkdir(parents=True)
    with duckdb.connect(str(shop.folders.warehouse_file)) as con:
        con.execute("create schema identity; create table identity.id_record as select 1 as one")
    with pytest.raises(BadInput, match=r"did not come as far as identity\.id_crosswalk"):
        asked(shop)


def test_facts_that_are_not_built_yet_count_as_no_value(asking: Any) -> None:
    with duckdb.connect(str(asking.folders.warehouse_file)) as con:
        con.execute("drop table core.fct_order")
    # The strongest edge first, then.
    assert [line[:18] for line in asked(asking).splitlines() if "at stake" in line] == [
        "1 of 3  C3 and C4,",
        "2 of 3  C1 and C2,",
        "3 of 3  C5 and C6,",
    ]


def test_a_model_that_cannot_be_used_costs_the_weights_and_nothing_else(asking: Any) -> None:
    with duckdb.connect(str(asking.folders.warehouse_file)) as con:
        con.execute("update ledger.match_models set model = '{}'")
    out = asked(asking)
    assert "138****5678" in out
    assert "agreement" not in out
