"""Zoho's bulk read becomes typed canonical records: UTF-8 with or without BOM, stamps with offset, ids of 18 digits."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]
ACCOUNT, OTHER_ACCOUNT, CONSUMER, BUYER, DEAL = (
    f"55600000000{n}" for n in (1000001, 1000002, 2000001, 2000002, 3000001)
)


def account(number: str, **cells: Any) -> Row:
    return {
        "Id": number,
        "Account_Name": "华联超市, 静安店",
        "Account_Type": "Store",
        "Phone": "021-55512345",
        "USCC__c": "",
        "Billing_State": "上海市",
        "Billing_District__c": "静安区",
        "Owner": "556000000000900001",
        "Tag": "KA,连锁",
        "Created_Time": "2025-01-02T07:30:00+08:00",
        "Modified_Time": "2025-11-01T08:00:00+08:00",
        **cells,
    }


def contact(number: str, **cells: Any) -> Row:
    return {
        "Id": number,
        "Full_Name": "林晓",
        "Account_Name": "",
        "Mobile": "+86 138 1234 5678",
        "Phone": "",
        "Email_Opt_Out": "false",
        "Date_of_Birth": "1988-12-01",
        "Occupation__c": "教师",
        "Owner": "556000000000900001",
        "Created_Time": "2025-01-02T07:30:00+08:00",
        "Modified_Time": "2025-11-01T08:00:00+08:00",
        **cells,
    }


def deal(stage: str, changed: str, **cells: Any) -> Row:
    return {
        "Id": DEAL,
        "Account_Name": ACCOUNT,
        "Contact_Name": BUYER,
        "Pipeline": "大客户",
        "Stage": stage,
        "Stage_Before_Closing__c": "",
        "Amount": "80000",
        "Probability": "40",
        "Closing_Date": "2025-12-20",
        "Closed_Time__c": "",
        "Stage_Modified_Time": changed,
        "Created_Time": "2025-11-01T09:00:00+08:00",
        "Modified_Time": changed,
        **cells,
    }


@pytest.fixture
def zoho(crm: Callable[[str], Any]) -> Any:
    return crm("zoho")


def by_id(rows: list[Row], key: str) -> dict[str, Row]:
    assert len({row[key] for row in rows}) == len(rows)
    return {row[key]: row for row in rows}


def test_customers_are_accounts_and_contacts_without_one(zoho: Any) -> None:
    zoho.csv("Accounts_20251102.csv", [account(ACCOUNT), account(OTHER_ACCOUNT, Account_Type="Vendor")], "utf-8-sig")
    people = [
        contact(CONSUMER, Email_Opt_Out="true"),
        contact(BUYER, Account_Name=ACCOUNT, Mobile="", Phone="021-5551"),
    ]
    zoho.csv("Contacts_20251102.csv", people, "utf-8", line_end="\n")
    zoho.receive()
    found = by_id(zoho.staged("customers"), "customer_id")
    (person,) = zoho.staged("account_contacts")

    assert {key: (row["kind"], row["uncast_count"]) for key, row in found.items()} == {
        ACCOUNT: ("store", 0),
        OTHER_ACCOUNT: (None, 1),
        CONSUMER: ("person", 0),
    }
    assert (found[ACCOUNT]["name"], found[ACCOUNT]["tags"]) == ("华联超市, 静安店", "KA;连锁")
    assert found[ACCOUNT]["created_at"] == datetime(2025, 1, 1, 23, 30)
    assert found[ACCOUNT]["consent_marketing"] is None
    assert (found[CONSUMER]["phone"], found[CONSUMER]["birth_date"]) == ("+86 138 1234 5678", date(1988, 12, 1))
    assert (person["contact_id"], person["customer_id"], person["mobile"]) == (BUYER, ACCOUNT, "021-5551")


def test_who_opted_out_refused_marketing_and_nobody_is_said_to_have_agreed(zoho: Any) -> None:
    answers = {"1": "true", "2": "false", "3": ""}
    zoho.csv("Contacts_20251102.csv", [contact(n, Email_Opt_Out=answer) for n, answer in answers.items()], "utf-8")
    zoho.receive()

    assert [row["consent_marketing"] for row in zoho.staged("customers")] == [False, None, None]


def test_a_record_that_the_newest_snapshot_no_longer_has_is_deleted(zoho: Any) -> None:
    zoho.csv("Accounts_20251102.csv", [account(ACCOUNT), account(OTHER_ACCOUNT)], "utf-8-sig")
    zoho.csv("Accounts_20251103.csv", [account(OTHER_ACCOUNT, Rating="A")], "utf-8-sig")
    people = [contact(CONSUMER), contact(BUYER, Account_Name=ACCOUNT)]
    zoho.csv("Contacts_20251102.csv", people, "utf-8")
    zoho.csv("Contacts_20251103.csv", [contact("556000000009")], "utf-8")
    zoho.receive()
    found = by_id(zoho.staged("customers"), "customer_id")

    assert {key for key, row in found.items() if row["is_deleted"]} == {ACCOUNT, CONSUMER}
    assert found[OTHER_ACCOUNT]["level"] == "A"
    assert [row["is_deleted"] for row in zoho.staged("account_contacts")] == [True]


def test_the_customer_of_an_order_is_the_account_else_the_contact(zoho: Any) -> None:
    order = {
        "Id": "1",
        "Account_Name": ACCOUNT,
        "Contact_Name": BUYER,
        "Order_Time__c": "2025-11-02T07:05:00+08:00",
        "Status": "Delivered",
        "Sub_Total": "1200.5",
        "Discount": "100.5",
        "Tax": "143",
        "Net_Amount__c": "1100",
        "Delivered_Time__c": "2025-11-05T10:00:00+08:00",
        "Created_Time": "2025-11-02T07:05:00+08:00",
        "Modified_Time": "2025-11-05T10:00:00+08:00",
    }
    consumer = {**order, "Id": "2", "Account_Name": "", "Contact_Name": CONSUMER, "Status": "Cancelled"}
    zoho.csv("Sales_Orders_20251106.csv", [order, consumer], "utf-8")
    zoho.receive()
    found = by_id(zoho.staged("orders"), "order_id")

    assert {key: (row["customer_id"], row["status"]) for key, row in found.items()} == {
        "1": (ACCOUNT, "Delivered"),
        "2": (CONSUMER, "Cancelled"),
    }
    assert found["1"]["ordered_at"] == datetime(2025, 11, 1, 23, 5)
    assert found["1"]["delivered_at"] == datetime(2025, 11, 5, 2)
    assert [found["1"][f"{name}_amount"] for name in ("gross", "discount", "tax", "net")] == [
        Decimal("1200.50"),
        Decimal("100.50"),
        Decimal(143),
        Decimal(1100),
    ]


def test_lines_of_an_order_are_replaced_together_and_negative_ones_are_returns(zoho: Any) -> None:
    item = {
        "Parent_Id": "1",
        "Sequence_Number": "1",
        "Product_Code": "P1",
        "Quantity": "5",
        "List_Price": "12",
        "Net_Total": "55",
        "Cost__c": "30.5",
        "Modified_Time": "2025-11-02T07:05:00+08:00",
    }
    zoho.csv("Ordered_Items_20251103.csv", [item, {**item, "Sequence_Number": "2"}], "utf-8")
    back = {**item, "Sequence_Number": "3", "Quantity": "-1", "Net_Total": "-11", "Cost__c": "-6.1"}
    zoho.csv("Ordered_Items_20251104.csv", [item, back], "utf-8")
    zoho.receive()
    found = zoho.staged("order_lines")

    kept = ["order_id", "line_no", "quantity", "net_amount", "cost_amount", "is_return"]
    assert [tuple(row[name] for name in kept) for row in found] == [
        ("1", "1", Decimal(5), Decimal(55), Decimal("30.5"), False),
        ("1", "3", Decimal(-1), Decimal(-11), Decimal("-6.1"), True),
    ]


def test_leads_became_an_account_or_else_a_contact(zoho: Any) -> None:
    lead = {
        "Id": "1",
        "Full_Name": "陈静",
        "Lead_Source": "展会",
        "Campaign__c": "7",
        "Lead_Status": "Converted",
        "Lead_Score__c": "72.5",
        "First_Contacted_Time__c": "2025-11-01T10:00:00+08:00",
        "Converted_Date_Time": "2025-11-08T10:00:00+08:00",
        "Converted_Account": ACCOUNT,
        "Converted_Contact": BUYER,
        "Converted_Deal": DEAL,
        "Owner": "9",
        "Created_Time": "2025-11-01T00:00:00+08:00",
        "Modified_Time": "2025-11-08T10:00:00+08:00",
    }
    zoho.csv("Leads_20251109.csv", [lead, {**lead, "Id": "2", "Converted_Account": ""}], "utf-8")
    zoho.receive()
    first, second = zoho.staged("leads")

    assert (first["customer_id"], second["customer_id"]) == (ACCOUNT, BUYER)
    assert (first["campaign_id"], first["opportunity_id"], first["score"]) == ("7", DEAL, Decimal("72.5"))
    assert first["created_at"] == datetime(2025, 10, 31, 16)
    assert (first["first_contact_at"], first["converted_at"]) == (datetime(2025, 11, 1, 2), datetime(2025, 11, 8, 2))


def test_a_closed_deal_keeps_how_far_it_got(zoho: Any) -> None:
    closed = deal(
        "Closed Lost", "2025-11-20T10:00:00+08:00", Stage_Before_Closing__c="Proposal", Reason_For_Loss__c="价格"
    )
    unknown = {**closed, "Id": "2", "Stage_Before_Closing__c": "", "Stage": "Closed Won", "Account_Name": ""}
    timed = {**unknown, "Id": "3", "Closed_Time__c": "2025-11-19T10:00:00+08:00"}
    opened = {**deal("Negotiation", "2025-11-20T10:00:00+08:00"), "Id": "4"}
    zoho.csv("Deals_20251121.csv", [closed, unknown, timed, opened], "utf-8")
    zoho.receive()
    found = by_id(zoho.staged("opportunities"), "opportunity_id")

    assert {key: (row["stage"], row["is_won"], row["closed_at"]) for key, row in found.items()} == {
        DEAL: ("Proposal", False, datetime(2025, 11, 20, 2)),
        "2": ("Closed Won", True, datetime(2025, 11, 20, 2)),
        "3": ("Closed Won", True, datetime(2025, 11, 19, 2)),
        "4": ("Negotiation", None, None),
    }
    assert (found[DEAL]["customer_id"], found["2"]["customer_id"]) == (ACCOUNT, BUYER)
    assert (found["4"]["probability"], found["4"]["amount"]) == (Decimal("0.4"), Decimal(80000))
    assert found["4"]["expected_close_on"] == date(2025, 12, 20)


def test_daily_snapshots_become_the_history_of_stages(zoho: Any) -> None:
    days = [
        [deal("Qualification", "2025-11-02T10:00:00+08:00")],
        [deal("Proposal", "2025-11-20T11:00:00+08:00"), deal("Qualification", "2025-11-20T08:00:00+08:00", Id="2")],
        [deal("Qualification", "2025-11-02T10:00:00+08:00", Modified_Time="2025-11-21T12:00:00+08:00")],
        [deal("Qualification", "2025-11-02T10:00:00+08:00", Modified_Time="2025-11-21T12:00:00+08:00")],
        [
            deal(
                "Closed Won",
                "2025-11-23T12:30:00+08:00",
                Closed_Time__c="2025-11-23T12:00:00+08:00",
                Stage_Before_Closing__c="Negotiation",
            )
        ],
    ]
    for day, rows in enumerate(days, start=20):
        zoho.csv(f"Deals_202511{day}.csv", rows, "utf-8")
    zoho.receive()
    found = [
        (row["opportunity_id"], row["seq"], row["stage"], row["entered_at"], row["_load_date"].day, row["is_deleted"])
        for row in zoho.staged("opportunity_stages")
    ]

    assert found == [
        ("2", 1, "Qualification", datetime(2025, 11, 20), 21, True),
        (DEAL, 1, "Qualification", datetime(2025, 11, 2, 2), 20, False),
        (DEAL, 2, "Proposal", datetime(2025, 11, 20, 3), 21, False),
        (DEAL, 3, "Qualification", datetime(2025, 11, 21, 4), 22, False),
        (DEAL, 4, "Closed Won", datetime(2025, 11, 23, 4), 24, False),
    ]


def test_calls_and_meetings_are_interactions_with_customers_and_leads(zoho: Any) -> None:
    call = {
        "Id": "1",
        "What_Id": ACCOUNT,
        "Who_Id": BUYER,
        "Who_Module__c": "Contacts",
        "Owner": "9",
        "Call_Type": "Outbound",
        "Call_Purpose": "Care",
        "Call_Start_Time": "2025-11-03T09:00:00+08:00",
        "Call_Duration_Minutes__c": "12.5",
        "Modified_Time": "2025-11-03T10:00:00+08:00",
    }
    consumer = {**call, "Id": "2", "What_Id": "", "Who_Id": CONSUMER, "Call_Type": "Inbound", "Call_Purpose": "其他"}
    lead = {**call, "Id": "3", "What_Id": "", "Who_Id": "77", "Who_Module__c": "Leads"}
    missed = {**lead, "Id": "7", "Call_Type": "Missed"}
    meeting = {
        "Id": "4",
        "What_Id": ACCOUNT,
        "Who_Id": "",
        "Who_Module__c": "",
        "Owner": "9",
        "Event_Type__c": "visit",
        "Planned_Time__c": "2025-11-03T09:00:00+08:00",
        "Start_DateTime": "2025-11-03T23:30:00+08:00",
        "End_DateTime": "2025-11-04T00:15:00+08:00",
        "Cost__c": "60",
        "Modified_Time": "2025-11-04T10:00:00+08:00",
    }
    events = [meeting, {**meeting, "Id": "5", "Event_Type__c": ""}, {**meeting, "Id": "6", "Event_Type__c": "party"}]
    zoho.csv("Calls_20251105.csv", [call, consumer, lead, missed], "utf-8")
    zoho.csv("Events_20251105.csv", events, "utf-8")
    zoho.receive()
    found = by_id(zoho.staged("interactions"), "interaction_id")

    kept = ["type", "customer_id", "lead_id", "direction", "purpose", "uncast_count"]
    assert {key: tuple(row[name] for name in kept) for key, row in found.items()} == {
        "1": ("call", ACCOUNT, None, "out", "care", 0),
        "2": ("call", CONSUMER, None, "in", None, 0),
        "3": ("call", None, "77", "out", "care", 0),
        "4": ("visit", ACCOUNT, None, "out", None, 0),
        "5": ("event", ACCOUNT, None, "out", None, 0),
        "6": (None, ACCOUNT, None, "out", None, 1),
        "7": ("call", None, "77", "in", "care", 0),
    }
    assert (found["4"]["started_at"], found["4"]["duration_minutes"]) == (datetime(2025, 11, 3, 15, 30), Decimal(45))
    assert (found["4"]["planned_at"], found["4"]["cost_amount"]) == (datetime(2025, 11, 3, 1), Decimal(60))
    assert found["1"]["duration_minutes"] == Decimal("12.5")


def test_cases_campaigns_and_products_are_typed(zoho: Any) -> None:
    case = {
        "Id": "1",
        "Account_Name": "",
        "Contact_Name": CONSUMER,
        "Owner": "9",
        "Type": "Complaint",
        "Case_Reason": "破损",
        "Created_Time": "2025-11-03T09:00:00+08:00",
        "First_Response_Time__c": "2025-11-03T09:20:00+08:00",
        "Closed_Time__c": "",
        "Status": "Open",
        "Modified_Time": "2025-11-03T10:00:00+08:00",
    }
    campaign = {
        "Id": "7",
        "Campaign_Name": "双11",
        "Type": "Sale",
        "Start_Date": "2025-11-01",
        "End_Date": "2025-11-11",
        "Actual_Cost": "12000.456",
        "Modified_Time": "2025-10-01T10:00:00+08:00",
    }
    product = {
        "Product_Code": "P1",
        "Product_Name": "燕麦饼干",
        "Product_Category": "饼干",
        "Unit_Cost__c": "3.2",
        "Sales_Start_Date": "2024-03-01",
    }
    zoho.csv("Cases_20251105.csv", [case], "utf-8")
    zoho.csv("Campaigns_20251105.csv", [campaign], "utf-8")
    zoho.csv("Products_20251105.csv", [product], "utf-8")
    zoho.receive()
    (found,), (sale,), (biscuit,) = (zoho.staged(entity) for entity in ("cases", "campaigns", "products"))

    assert (found["customer_id"], found["type"], found["topic"]) == (CONSUMER, "complaint", "破损")
    assert (found["first_reply_at"], found["closed_at"]) == (datetime(2025, 11, 3, 1, 20), None)
    assert (sale["start_on"], sale["end_on"]) == (date(2025, 11, 1), date(2025, 11, 11))
    assert sale["cost_amount"] == Decimal("12000.46")
    assert (biscuit["category_1"], biscuit["launched_on"]) == ("饼干", date(2024, 3, 1))
    assert biscuit["standard_cost"] == Decimal("3.2")


def test_the_page_names_every_column_under_its_header_and_marks_what_a_file_must_have(zoho: Any) -> None:
    page = (Path(__file__).parents[3] / "docs" / "sources" / "zoho.md").read_text(encoding="utf-8")
    tables = dict(
        re.findall(
            r"^\| (\w+) \|(?: \w+ \|)? (.*) \|$", page.split("\n## Columns")[1].split("\n## ")[0], flags=re.MULTILINE
        )
    )

    for name, spec in zoho.source.objects.items():
        told = [f"{c.headers[0] if c.headers else n}{'!' if c.required else ''}" for n, c in spec.columns.items()]
        assert tables[name.title()] == ", ".join(told)
