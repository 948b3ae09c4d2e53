"""What erased people left keeps its money and is no customer, also where customers are gathered from orders."""

from collections.abc import Callable, Iterable
from typing import Any

from orchestration.erasure.rules import ANONYMOUS
from orchestration.erasure.tombstones import Erased

SECRET = "a long random text of the company"
DAY = "load_date=2025-11-30"


def without(source: str, record_id: str) -> Erased:
    """A world in which one record of a source was erased."""
    nobody = Erased(SECRET)
    return nobody.with_marks([("record", nobody.record_mark(f"{source}:{record_id}"))])


def customers_of(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["customer_id"], str(row["net_amount"])) for row in rows]


def test_the_macro_names_whom_ingest_writes(rendering: Any) -> None:
    assert rendering().erased_customer().strip() == f"'{ANONYMOUS}'"


def test_orders_of_an_erased_customer_of_cdnow_make_no_customer(crm: Callable[[str], Any]) -> None:
    till = crm("cdnow")
    orders = [("1", "00004", "1997-01-01", "29.33"), ("2", "00021", "1997-01-18", "63.34"),
              ("3", "00004", "1997-01-18", "29.73")]  # fmt: skip
    columns = ("order_number", "customer_id", "order_date", "amount")
    till.csv(
        f"orders/{DAY}/orders.csv", [dict(zip(columns, order, strict=True), cd_count=2) for order in orders], "utf-8"
    )
    till.receive(without("cdnow", "00004"))
    assert sorted(customers_of(till.staged("orders"))) == [("00021", "63.34"), ("erased", "29.33"), ("erased", "29.73")]
    assert [row["customer_id"] for row in till.staged("customers")] == ["00021"]


def test_baskets_of_an_erased_household_make_no_household(crm: Callable[[str], Any]) -> None:
    till = crm("complete_journey")
    amounts = {"quantity": 1, "retail_disc": "0.00", "coupon_disc": "0.00", "coupon_match_disc": "0.00", "week": 1}
    baskets = [("b1", "7", "3.50"), ("b2", "8", "5.00"), ("b3", "7", "1.25")]
    lines = [
        {"household_id": household, "store_id": "33", "basket_id": basket, "product_id": "p", "sales_value": amount,
         "transaction_timestamp": "2017-01-02 10:00:00", **amounts}
        for basket, household, amount in baskets
    ]  # fmt: skip
    till.csv(f"transactions/{DAY}/transactions.csv", lines, "utf-8")
    brackets = [{"household_id": household, "age": "35-44"} for household in ("7", "9")]
    till.csv(f"demographics/{DAY}/demographics.csv", brackets, "utf-8")
    till.receive(without("complete_journey", "7"))
    assert sorted(customers_of(till.staged("orders"))) == [("8", "5.00"), ("erased", "1.25"), ("erased", "3.50")]
    assert [row["customer_id"] for row in till.staged("customers")] == ["8", "9"]
