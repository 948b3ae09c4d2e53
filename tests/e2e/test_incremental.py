"""Facts that grew day by day are the facts of a warehouse that saw everything at once."""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.replay import HISTORIES
from samples.shop import CUSTOMER_COLUMNS, FIRST_DAY, LINE_COLUMNS, ORDER_COLUMNS, PRODUCT_COLUMNS, Shop
from tests.e2e.command import Home
from tests.e2e.conftest import checksums

Row = dict[str, object]
DAYS = [FIRST_DAY + timedelta(days=n) for n in range(4)]
NEWEST = f"as_of_date = '{DAYS[-1]}'"


class Days:
    """Writes three days of changes to the shop's first extracts."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def land(self, on: date) -> None:
        """The extracts of one of the days."""
        {DAYS[0]: self.shop.land, DAYS[1]: self._second, DAYS[2]: self._third, DAYS[3]: self._fourth}[on]()

    def _lines(self, number: int) -> list[Row]:
        return [line for line in self.shop.lines if line["order_id"] == f"O{number}"]

    def _second(self) -> None:
        """Late orders, a changed, a deleted, a cancelled one; lines before their order; two new customers."""
        shop, on = self.shop, DAYS[1]
        shop.order(300, "0003", on)
        shop.order(301, "0004", on - timedelta(days=60), amount="77.77")
        shop.order(302, "E001", on)
        moved = {**shop.orders[10], "customer_id": "0011", "modified_at": "2025-04-01T00:00:00Z"}
        orders = [moved, {**shop.orders[11], "is_deleted": "true"}, {**shop.orders[12], "status": "cancelled"}]
        shop.write("orders", [*orders, *shop.orders[-3:]], ORDER_COLUMNS, on)
        early = self._line("O310", 1, "31.00")
        fewer = [{**self._lines(20)[0], "net_amount": "3.00", "modified_at": "2025-04-01T00:00:00Z"}]
        lines = [*self._lines(300), *self._lines(301), *self._lines(302), *fewer, early]
        shop.write("order_lines", lines, LINE_COLUMNS, on)
        new = [{**shop.customers[1], "customer_id": f"E00{n}", "name": f"周{n}", "email": "",
                "phone": f"1370000000{n}"} for n in (1, 2)]  # fmt: skip
        shop.customers += new
        shop.write("customers", new, CUSTOMER_COLUMNS, on)

    def _third(self) -> None:
        """Returns in part and in full, a negative row, the order of yesterday's lines; two customers become one."""
        shop, on = self.shop, DAYS[2]
        shop.order(303, "0005", on)
        shop.order(310, "E002", on - timedelta(days=1), amount="1.00")
        negative = {**shop.orders[-2], "order_id": "O304", "net_amount": "-5.00"}
        slips = [{**shop.orders[-2], "order_id": number, "net_amount": "0.00"} for number in ("O305", "O306")]
        shop.write("orders", [*shop.orders[-2:], negative, *slips], ORDER_COLUMNS, on)
        lines = [
            *self._lines(303),
            self._line("O304", 1, "-5.00"),
            self._line("O305", 1, "4.00", is_return="true", original_order_id="O30"),
            {**self._line("O305", 2, "-21.75", original_order_id="O31"), "quantity": "-1"},
            self._line("O306", 1, "4.00", is_return="true", original_order_id="O32"),
            {**self._line("O306", 2, "-20.75", original_order_id="O33"), "quantity": "-1"},
        ]
        shop.write("order_lines", lines, LINE_COLUMNS, on)
        merged = {**shop.customers[-1], "merged_into_id": "E001", "modified_at": "2025-04-02T00:00:00Z"}
        shop.write("customers", [merged], CUSTOMER_COLUMNS, on)
        changed = {**shop.products[0], "category_1": "粮油", "modified_at": "2025-04-02T00:00:00Z"}
        shop.write("products", [changed], PRODUCT_COLUMNS, on)

    def _fourth(self) -> None:
        """A return is taken back, a deleted order comes again, a cancelled one is not, a customer is deleted."""
        shop, on = self.shop, DAYS[3]
        stamp = "2025-04-03T00:00:00Z"
        returned = {**shop.orders[-1], "order_id": "O305", "net_amount": "0.00", "is_deleted": "true"}
        orders = [{**shop.orders[n], "modified_at": stamp} for n in (11, 12)]
        shop.write("orders", [{**returned, "modified_at": stamp}, *orders], ORDER_COLUMNS, on)
        deleted = {**shop.customers[30], "is_deleted": "true", "modified_at": stamp}
        shop.write("customers", [deleted], CUSTOMER_COLUMNS, on)
        shop.write("order_lines", [self._line("O40", 1, "8.88")], LINE_COLUMNS, on)

    def _line(self, order_id: str, line_no: int, amount: str, **more: object) -> Row:
        return {"order_id": order_id, "line_no": line_no, "product_id": "P1", "quantity": 1, "net_amount": amount,
                "modified_at": "2025-04-02T00:00:00Z", **more}  # fmt: skip


@pytest.fixture(scope="module")
def by_day(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A warehouse that ran on every one of the days."""
    shop = Shop(tmp_path_factory.mktemp("by_day"))
    days = Days(shop)
    home = Home.of(shop)
    for on in DAYS:
        days.land(on)
        home.published()
    return home


def figures(home: Home) -> dict[str, object]:
    """Checksums of the published tables; of those that keep earlier dates, the rows of the newest."""
    tables = checksums(home.root)
    tables.update({name: home.query(f"select * from marts.{name} where {NEWEST} order by all") for name in HISTORIES})
    return tables


def test_days_one_by_one_give_what_a_rebuild_and_a_new_warehouse_give(by_day: Home, tmp_path: Path) -> None:
    expected = figures(by_day)
    again = by_day.copy(tmp_path / "again")
    again.published("--full-refresh")
    assert figures(again) == expected

    new = Home(tmp_path / "new", by_day.warehouse)
    shutil.copytree(by_day.root / "landing", new.root / "landing")
    new.published()
    assert figures(new) == expected


def test_the_changes_of_each_day_are_in_the_figures(by_day: Home) -> None:
    untouched = set(range(304)) - {20, 32, 33, 40, 301}
    # O20 lost a line, O32 was returned in part, O33 in full (gone), O40 has other lines, O301 came late, the lines of
    # O310 before it. The return of O31, the deletion of O11 and the cancellation of O12 were taken back.
    changed = {20: "3.00", 32: price_of(32) - 4, 40: "8.88", 301: "77.77", 310: "31.00"}
    expected = sum(price_of(number) for number in untouched) + sum(Decimal(amount) for amount in changed.values())
    figures = "select sum(order_count), sum(net_amount) from marts.mart_customer_purchase"
    assert by_day.query(figures) == [(len(untouched) + len(changed), expected)]
    # 72 records: ten pairs and the two newcomers of the second day are one customer each; one is deleted and stays.
    customers = "select count(*), sum(record_count), count(*) filter (is_deleted) from marts.dim_customer"
    assert by_day.query(customers) == [(61, 72, 1)]


def price_of(number: int) -> Decimal:
    """What the shop asks for an order."""
    return Decimal(10 + number % 7) + Decimal(5 + number % 3) + Decimal("0.75")
