"""Exports and API rows of Fxiaoke become typed canonical records: GB18030 and XLSX in Beijing time, JSONL in epochs."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

Row = dict[str, Any]


def account(number: str, **cells: Any) -> Row:
    return {
        "客户ID": number,
        "客户编号": f"KH{number}",
        "客户名称": "好邻居便利店",
        "业务类型": "零售门店",
        "电话": "021-55512345",
        "标签": "重点；夜间配送",
        "负责人ID": "1007",
        "生命状态": "正常",
        "合并至客户ID": "",
        "创建时间": "2025-01-02 07:30",
        "最后修改时间": "2025-11-01 08:00",
        "是否删除": "否",
        **cells,
    }


def order(number: str, **cells: Any) -> Row:
    return {
        "销售订单编号": number,
        "客户ID": "A1",
        "下单时间": "2025-11-02 07:05",
        "订单渠道": "业务员",
        "订单状态": "已确认",
        "订单总额": "¥1,200.50",
        "整单折扣额": "¥100.50",
        "税额": "143.00",
        "折后不含税金额": "¥1,100.00",
        "生命状态": "正常",
        "创建时间": "2025-11-02 07:05",
        "最后修改时间": "2025-11-02 07:05",
        "是否删除": "否",
        **cells,
    }


def line(order_id: str, number: int, **cells: Any) -> Row:
    return {
        "销售订单编号": order_id,
        "行号": str(number),
        "产品编码": "P1",
        "数量": "10",
        "标准价": "12.00",
        "折后不含税小计": "¥110.00",
        "成本金额": "70.00",
        "最后修改时间": "2025-11-02 07:05",
        **cells,
    }


def ms(*when: int) -> str:
    """Epoch milliseconds of a UTC time, as the API gives them."""
    return str(int(datetime(*when, tzinfo=UTC).timestamp() * 1000))  # type: ignore[misc,arg-type]


def opportunity(number: str, stage: str, **cells: Any) -> Row:
    return {
        "_id": number,
        "account_id": "A1",
        "owner": ["1007"],
        "sales_process_id": "门店开发",
        "sales_stage": stage,
        "sales_status": "in_progress",
        "amount": "5000.00",
        "probability": "30",
        "stg_changed_time": None,
        "life_status": "normal",
        "create_time": ms(2025, 11, 1),
        "last_modified_time": ms(2025, 11, 20),
        **cells,
    }


@pytest.fixture
def fxiaoke(crm: Callable[[str], Any]) -> Any:
    return crm("fxiaoke")


def by_id(rows: list[Row], key: str) -> dict[str, Row]:
    assert len({row[key] for row in rows}) == len(rows)
    return {row[key]: row for row in rows}


def test_customers_have_utc_times_and_the_words_of_the_contract(fxiaoke: Any) -> None:
    rows = [
        account("A1"),
        account("A2", 业务类型="经销商", 负责人ID='["1008"]'),
        account("A3", 业务类型="个人客户", 出生日期="1990-05-06", 创建时间="昨天"),
        account("A4", 业务类型="渠道伙伴"),
    ]
    fxiaoke.csv("客户_20251102.csv", rows, "gb18030")
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("customers"), "customer_id")

    assert {key: row["kind"] for key, row in found.items()} == {
        "A1": "store",
        "A2": "distributor",
        "A3": "person",
        "A4": None,
    }
    first = found["A1"]
    assert (first["name"], first["tags"], first["owner_id"]) == ("好邻居便利店", "重点;夜间配送", "1007")
    assert first["created_at"] == datetime(2025, 1, 1, 23, 30)
    assert first["modified_at"] == datetime(2025, 11, 1)
    assert first["merged_into_id"] is None
    assert (first["is_deleted"], first["uncast_count"], first["_load_date"]) == (False, 0, date(2025, 11, 2))
    assert found["A2"]["owner_id"] == "1008"
    assert found["A3"]["birth_date"] == date(1990, 5, 6)
    assert (found["A3"]["created_at"], found["A3"]["uncast_count"]) == (None, 1)


def test_a_deleted_and_a_voided_customer_are_deleted_and_keep_what_was_known(fxiaoke: Any) -> None:
    fxiaoke.csv("客户_20251102.csv", [account("A1"), account("A2"), account("A3")], "gb18030")
    changes = [
        account("A1", 是否删除="是", 客户名称="", 最后修改时间="2025-11-02 09:00"),
        account("A2", 生命状态="作废", 合并至客户ID="A3", 最后修改时间="2025-11-02 09:00"),
    ]
    fxiaoke.csv("客户_20251103.csv", changes, "gb18030")
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("customers"), "customer_id")

    assert {key: row["is_deleted"] for key, row in found.items()} == {"A1": True, "A2": True, "A3": False}
    assert found["A1"]["name"] == "好邻居便利店"
    assert (found["A2"]["merged_into_id"], found["A2"]["status"]) == ("A3", "作废")


def test_contacts_are_people_of_customers_and_no_customers(fxiaoke: Any) -> None:
    contact = {
        "联系人ID": "C1",
        "客户ID": "A1",
        "姓名": "王芳",
        "职务": "店长",
        "手机": 13812345678,
        "负责人ID": 1007,
        "创建时间": datetime(2025, 3, 1, 8, 30),
        "最后修改时间": "2025-11-01 08:00",
        "是否删除": "否",
    }
    fxiaoke.xlsx("联系人_20251102.xlsx", [contact])
    fxiaoke.csv("客户_20251102.csv", [account("A1")], "gb18030")
    fxiaoke.receive()
    (found,) = fxiaoke.staged("account_contacts")

    assert (found["contact_id"], found["customer_id"], found["name"]) == ("C1", "A1", "王芳")
    assert (found["mobile"], found["owner_id"]) == ("13812345678", "1007")
    assert found["created_at"] == datetime(2025, 3, 1, 0, 30)
    assert [row["customer_id"] for row in fxiaoke.staged("customers")] == ["A1"]


def test_orders_have_plain_amounts_and_their_business_instant(fxiaoke: Any) -> None:
    rows = [
        order("SO1", 发货时间="2025-11-03 00:10"),
        order("SO2", 折后不含税金额="面议"),
        order("SO3", 生命状态="作废"),
    ]
    fxiaoke.csv("销售订单_20251103.csv", rows, "gb18030")
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("orders"), "order_id")

    first = found["SO1"]
    assert first["ordered_at"] == datetime(2025, 11, 1, 23, 5)
    assert first["shipped_at"] == datetime(2025, 11, 2, 16, 10)
    assert [first[f"{name}_amount"] for name in ("gross", "discount", "tax", "net")] == [
        Decimal("1200.50"),
        Decimal("100.50"),
        Decimal("143.00"),
        Decimal("1100.00"),
    ]
    assert (found["SO2"]["net_amount"], found["SO2"]["uncast_count"]) == (None, 1)
    assert {key: row["is_deleted"] for key, row in found.items()} == {"SO1": False, "SO2": False, "SO3": True}


def test_an_order_has_the_status_of_its_approval_until_it_is_in_force(fxiaoke: Any) -> None:
    words = ["未生效", "审核中", " Under_Review", "ineffective", "正常", "变更中", ""]
    rows = [order(f"SO{number}", 订单状态="已确认", 生命状态=word) for number, word in enumerate(words)]
    fxiaoke.csv("销售订单_20251103.csv", rows, "gb18030")
    fxiaoke.csv(
        "销售订单_20251104.csv", [{**rows[0], "生命状态": "正常", "最后修改时间": "2025-11-04 09:00"}], "gb18030"
    )
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("orders"), "order_id")
    seeds = Path(__file__).parents[3] / "dbt_project" / "seeds"
    cancelled = (seeds / "order_status_rules.csv").read_text(encoding="utf-8")

    assert [found[f"SO{number}"]["status"] for number in range(7)] == [
        "已确认",
        "审核中",
        "under_review",
        "ineffective",
        "已确认",
        "已确认",
        "已确认",
    ]
    assert not any(row["is_deleted"] for row in found.values())
    assert all(f"\n{word},true\n" in cancelled for word in ("未生效", "审核中", "under_review", "ineffective"))


def test_returns_are_lines_of_their_own_number_that_name_the_order_they_lower(fxiaoke: Any) -> None:
    returned = {
        "退货单编号": "RG1",
        "行号": 1,
        "销售订单编号": "SO1",
        "客户ID": "A1",
        "产品编码": "P1",
        "退货数量": 2,
        "退货金额": 22,
        "退货时间": datetime(2025, 11, 5, 10),
        "生命状态": "正常",
        "最后修改时间": "2025-11-05 10:00",
        "是否删除": "否",
    }
    fxiaoke.csv("订单产品_20251103.csv", [line("SO1", 1), line("SO1", 2), line("SO2", 1)], "gb18030")
    fxiaoke.csv("订单产品_20251104.csv", [line("SO1", 1, 数量="8", 折后不含税小计="88.00")], "gb18030")
    fxiaoke.xlsx("退货单_20251106.xlsx", [returned, {**returned, "退货单编号": "RG2", "生命状态": "作废"}])
    fxiaoke.xlsx("退货单_20251107.xlsx", [{**returned, "退货单编号": "RG3", "生命状态": "审核中"}])
    fxiaoke.receive()
    found = fxiaoke.staged("order_lines")

    kept = [
        "order_id",
        "line_no",
        "quantity",
        "net_amount",
        "cost_amount",
        "is_return",
        "original_order_id",
        "is_deleted",
    ]
    assert [tuple(row[name] for name in kept) for row in found] == [
        ("RG1", "1", Decimal(2), Decimal(22), None, True, "SO1", False),
        ("RG2", "1", Decimal(2), Decimal(22), None, True, "SO1", True),
        ("RG3", "1", Decimal(2), Decimal(22), None, True, "SO1", True),
        ("SO1", "1", Decimal(8), Decimal(88), Decimal(70), False, None, False),
        ("SO2", "1", Decimal(10), Decimal(110), Decimal(70), False, None, False),
    ]


def test_products_and_employees_that_a_snapshot_no_longer_has_are_deleted(fxiaoke: Any) -> None:
    product = {"产品名称": "海盐苏打饼", "一级分类": "饼干", "标准成本": 3.456, "上市日期": date(2024, 3, 1)}
    employee = {"姓名": "周平", "部门": "华东一组", "客户保有量上限": 80, "小时成本": "¥85.00", "状态": "在职"}
    fxiaoke.xlsx("产品_20251102.xlsx", [{"产品编码": n, **product} for n in ("P1", "P2")])
    fxiaoke.xlsx("产品_20251103.xlsx", [{"产品编码": "P2", **product, "产品名称": "海盐苏打饼干"}])
    fxiaoke.xlsx("员工_20251102.xlsx", [{"员工编号": 1007, **employee}])
    fxiaoke.receive()
    products = by_id(fxiaoke.staged("products"), "product_id")
    (salesman,) = fxiaoke.staged("employees")

    assert {key: (row["name"], row["is_deleted"]) for key, row in products.items()} == {
        "P1": ("海盐苏打饼", True),
        "P2": ("海盐苏打饼干", False),
    }
    assert products["P2"]["standard_cost"] == Decimal("3.46")
    assert products["P2"]["launched_on"] == date(2024, 3, 1)
    assert (salesman["employee_id"], salesman["team"]) == ("1007", "华东一组")
    assert (salesman["holding_limit"], salesman["hourly_cost"]) == (80, Decimal(85))


def test_leads_of_the_api_have_their_owner_out_of_the_list_and_their_times_out_of_epochs(fxiaoke: Any) -> None:
    lead = {
        "_id": "L1",
        "name": "陈静",
        "source": "展会",
        "marketing_event_id": "M1",
        "owner": ["1007"],
        "leads_status": "transformed",
        "score__c": "72.50",
        "first_follow_time__c": ms(2025, 11, 1, 2),
        "transform_time": ms(2025, 11, 8, 2),
        "account_id": "A1",
        "new_opportunity_id": "O1",
        "life_status": "normal",
        "create_time": ms(2025, 10, 31, 16),
        "last_modified_time": ms(2025, 11, 8, 2),
        "is_deleted": False,
    }
    others = [{**lead, "_id": "L2", "owner": []}, {**lead, "_id": "L3", "life_status": "invalid"}]
    fxiaoke.jsonl("LeadsObj_20251109.jsonl", [lead, *others, {**lead, "_id": "L4", "is_deleted": True}])
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("leads"), "lead_id")

    first = found["L1"]
    assert (first["owner_id"], first["score"], first["customer_id"]) == ("1007", Decimal("72.50"), "A1")
    assert (first["campaign_id"], first["opportunity_id"]) == ("M1", "O1")
    assert first["created_at"] == datetime(2025, 10, 31, 16)
    assert (first["first_contact_at"], first["converted_at"]) == (datetime(2025, 11, 1, 2), datetime(2025, 11, 8, 2))
    assert found["L2"]["owner_id"] is None
    assert {key: row["is_deleted"] for key, row in found.items()} == {"L1": False, "L2": False, "L3": True, "L4": True}


def test_opportunities_have_their_outcome_and_the_day_in_beijing(fxiaoke: Any) -> None:
    won = opportunity(
        "O1",
        "商务谈判",
        sales_status="won",
        probability="100",
        actual_close_time__c=ms(2025, 11, 19, 4),
        close_date=ms(2025, 11, 19, 16),
    )
    lost = opportunity("O2", "需求确认", sales_status="lost", lost_reason="价格", actual_close_time__c=ms(2025, 11, 18))
    first = [won, lost, opportunity("O3", "初步接洽"), opportunity("O4", "初步接洽", sales_status="invalid")]
    fxiaoke.jsonl("NewOpportunityObj_20251120.jsonl", [*first, opportunity("O5", "初步接洽")])
    fxiaoke.jsonl("NewOpportunityObj_20251121.jsonl", first)
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("opportunities"), "opportunity_id")

    assert {key: (row["stage"], row["is_won"], row["is_deleted"]) for key, row in found.items()} == {
        "O1": ("商务谈判", True, False),
        "O2": ("需求确认", False, False),
        "O3": ("初步接洽", None, False),
        "O4": ("初步接洽", None, True),
        "O5": ("初步接洽", None, True),
    }
    assert found["O1"]["closed_at"] == datetime(2025, 11, 19, 4)
    assert found["O1"]["expected_close_on"] == date(2025, 11, 20)
    assert (found["O1"]["probability"], found["O3"]["probability"]) == (Decimal(1), Decimal("0.3"))
    assert (found["O2"]["loss_reason"], found["O3"]["closed_at"]) == ("价格", None)


def test_daily_snapshots_become_the_history_of_stages(fxiaoke: Any) -> None:
    days = [
        [opportunity("O1", "初步接洽", stg_changed_time=ms(2025, 11, 1)), opportunity("O2", "初步接洽")],
        [opportunity("O1", "需求确认", stg_changed_time=ms(2025, 11, 20, 3)), opportunity("O2", "初步接洽")],
        [opportunity("O1", "初步接洽", stg_changed_time=ms(2025, 11, 21, 3))],
        [
            opportunity(
                "O1",
                "初步接洽",
                stg_changed_time=ms(2025, 11, 21, 3),
                sales_status="won",
                actual_close_time__c=ms(2025, 11, 22, 3),
            )
        ],
    ]
    for day, rows in enumerate([*days, days[-1]], start=20):
        fxiaoke.jsonl(f"NewOpportunityObj_202511{day}.jsonl", rows)
    fxiaoke.receive()
    found = [
        (row["opportunity_id"], row["seq"], row["stage"], row["entered_at"], row["_load_date"].day, row["is_deleted"])
        for row in fxiaoke.staged("opportunity_stages")
    ]

    assert found == [
        ("O1", 1, "初步接洽", datetime(2025, 11, 1), 20, False),
        ("O1", 2, "需求确认", datetime(2025, 11, 20, 3), 21, False),
        ("O1", 3, "初步接洽", datetime(2025, 11, 21, 3), 22, False),
        ("O1", 4, "赢单", datetime(2025, 11, 22, 3), 23, False),
        ("O2", 1, "初步接洽", datetime(2025, 11, 20), 20, True),
    ]


def test_visits_and_records_are_interactions_with_customers_and_leads(fxiaoke: Any) -> None:
    visit = {
        "_id": "V1",
        "account_id": "A1",
        "owner": ["1007"],
        "plan_time": ms(2025, 11, 3, 1),
        "checkin_time": ms(2025, 11, 3, 1, 10),
        "checkout_time": ms(2025, 11, 3, 1, 55, 30),
        "purpose__c": "拜访",
        "cost__c": "35.00",
        "life_status": "normal",
        "create_time": ms(2025, 11, 2),
        "last_modified_time": ms(2025, 11, 3, 2),
        "is_deleted": "false",
    }
    record = {
        "_id": "R1",
        "related_object": "LeadsObj",
        "related_object_id": "L1",
        "owner": ["1008"],
        "record_type": "wechat",
        "direction__c": "out",
        "purpose__c": "生日",
        "record_time": ms(2025, 11, 4, 2),
        "reply_time__c": ms(2025, 11, 4, 3),
        "duration__c": "5",
        "marketing_event_id": "M1",
        "create_time": ms(2025, 11, 4, 2),
        "last_modified_time": ms(2025, 11, 4, 3),
        "is_deleted": "false",
    }
    planned = {**visit, "_id": "V2", "checkin_time": "", "checkout_time": None}
    call = {**record, "_id": "R2", "related_object": "AccountObj", "related_object_id": "A1", "record_type": "call"}
    odd = {**record, "_id": "R3", "record_type": "fax", "is_deleted": "true"}
    fxiaoke.jsonl("CheckinsObj_20251105.jsonl", [visit, planned])
    fxiaoke.jsonl("ActiveRecordObj_20251105.jsonl", [record, call, odd])
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("interactions"), "interaction_id")

    assert {
        key: (row["type"], row["customer_id"], row["lead_id"], row["is_deleted"]) for key, row in found.items()
    } == {
        "V1": ("visit", "A1", None, False),
        "V2": ("visit", "A1", None, False),
        "R1": ("message", None, "L1", False),
        "R2": ("call", "A1", None, False),
        "R3": (None, None, "L1", True),
    }
    assert (found["V1"]["purpose"], found["V1"]["cost_amount"]) == ("followup", Decimal(35))
    assert (found["V1"]["started_at"], found["V1"]["duration_minutes"]) == (
        datetime(2025, 11, 3, 1, 10),
        Decimal("45.50"),
    )
    assert (found["V2"]["started_at"], found["V2"]["planned_at"]) == (None, datetime(2025, 11, 3, 1))
    assert (found["R1"]["purpose"], found["R1"]["direction"], found["R1"]["campaign_id"]) == ("birthday", "out", "M1")
    assert (found["R1"]["replied_at"], found["R1"]["owner_id"]) == (datetime(2025, 11, 4, 3), "1008")


def test_cases_have_the_type_that_the_contract_names(fxiaoke: Any) -> None:
    case = {
        "account_id": "A1",
        "owner": ["1007"],
        "topic__c": "破损",
        "create_time": ms(2025, 11, 3),
        "status": "processing",
        "first_response_time": ms(2025, 11, 3, 1),
        "close_time": None,
        "last_modified_time": ms(2025, 11, 3, 1),
        "is_deleted": "false",
    }
    words = {"投诉": "complaint", "咨询": "question", "退货": "return", "配送": "delivery", "其他": None}
    fxiaoke.jsonl("CasesObj_20251105.jsonl", [{"_id": word, "case_type": word, **case} for word in words])
    fxiaoke.receive()
    found = by_id(fxiaoke.staged("cases"), "case_id")

    assert {key: row["type"] for key, row in found.items()} == words
    assert found["投诉"]["first_reply_at"] == datetime(2025, 11, 3, 1)
    assert (found["投诉"]["closed_at"], found["投诉"]["topic"]) == (None, "破损")


def test_the_page_names_every_column_under_its_header_and_marks_what_a_file_must_have(fxiaoke: Any) -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources" / "fxiaoke.md").read_text(encoding="utf-8")
    tables = dict(
        re.findall(
            r"^\| (\w+) \|(?: \w+ \|)? (.*) \|$", page.split("\n## Columns")[1].split("\n## ")[0], flags=re.MULTILINE
        )
    )

    for name, spec in fxiaoke.source.objects.items():
        told = [f"{c.headers[0] if c.headers else n}{'!' if c.required else ''}" for n, c in spec.columns.items()]
        assert tables[name] == ", ".join(told)


@pytest.mark.parametrize(
    ("cell", "item"),
    [
        ('["1007"]', "1007"),
        ('["1007","1008"]', "1007"),
        ("[1007]", "1007"),
        ('[ "a b"]', "a b"),
        ("1007", "1007"),
        ("[]", None),
        ('[""]', None),
        ("", None),
        (None, None),
    ],
)
def test_the_first_item_of_a_list_counts_and_other_texts_stay(
    database: duckdb.DuckDBPyConnection, rendering: Any, cell: str | None, item: str | None
) -> None:
    macros = rendering(var=lambda _: "Asia/Shanghai")

    sql = f"select {macros.to_first_item('cell')} from (select cast(? as varchar) as cell) as cells"
    assert database.execute(sql, [cell]).fetchall() == [(item,)]
