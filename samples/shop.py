"""A small shop whose extracts are written as CONTRIBUTING tells a newcomer to: canonical CSV, by hand."""

import csv
import io
import random
from datetime import date, datetime, timedelta
from pathlib import Path

CUSTOMER_COLUMNS = [
    "customer_id", "kind", "name", "phone", "email", "province", "city", "channel", "owner_id", "created_at",
    "modified_at", "is_deleted", "merged_into_id",
]  # fmt: skip
ORDER_COLUMNS = [
    "order_id",
    "customer_id",
    "ordered_at",
    "channel",
    "status",
    "net_amount",
    "modified_at",
    "is_deleted",
]
LINE_COLUMNS = [
    "order_id",
    "line_no",
    "product_id",
    "quantity",
    "net_amount",
    "is_return",
    "original_order_id",
    "modified_at",
]
PRODUCT_COLUMNS = ["product_id", "name", "category_1", "brand", "modified_at"]

WAREHOUSE = """\
sources: [canonical]
time_zone: Asia/Shanghai
currency: CNY
required_objects: [canonical.customers, canonical.orders]
extract_lag_days: 0
"""
FIRST_DAY = date(2025, 3, 31)
NEXT_DAY = FIRST_DAY + timedelta(days=1)


class Shop:
    """Writes extracts of a shop with 60 customers (ten of them twice) and the orders of a quarter."""

    def __init__(self, folder: Path, name: str = "shop") -> None:
        self.home = folder / "home"
        self.landing = self.home / name / "landing"
        self.root = self.home / name
        self.warehouse = folder / f"{name}.yml"
        self.warehouse.write_text(WAREHOUSE, encoding="utf-8")
        chance = random.Random(7)
        self.customers = [_customer(number) for number in range(60)]
        self.customers += [{**row, "customer_id": f"D{row['customer_id']}"} for row in self.customers[:10]]
        self.products: list[dict[str, object]] = [
            {"product_id": f"P{n}", "name": f"商品{n}", "category_1": ("饮料", "零食")[n % 2], "brand": "味丰"}
            for n in range(6)
        ]
        self.orders: list[dict[str, object]] = []
        self.lines: list[dict[str, object]] = []
        for number in range(300):
            self.order(
                number, chance.choice(self.customers)["customer_id"], date(2025, 1, 1) + timedelta(days=number % 90)
            )

    def order(self, number: int, customer_id: object, on: date, amount: str = "") -> None:
        """Adds an order of two lines."""
        amounts = [amount, "0.00"] if amount else [f"{10 + number % 7}.50", f"{5 + number % 3}.25"]
        total = sum(float(a) for a in amounts)
        stamp = f"{datetime(on.year, on.month, on.day, 10, number % 60):%Y-%m-%dT%H:%M:%S}+08:00"
        self.orders.append(
            {"order_id": f"O{number}", "customer_id": customer_id, "ordered_at": stamp,
             "channel": ("门店", "线上")[number % 2], "status": "completed",
             "net_amount": f"{total:.2f}", "modified_at": stamp, "is_deleted": "false"}
        )  # fmt: skip
        self.lines += [
            {"order_id": f"O{number}", "line_no": n + 1, "product_id": f"P{(number + n) % 6}", "quantity": 1,
             "net_amount": a, "modified_at": stamp}
            for n, a in enumerate(amounts)
        ]  # fmt: skip

    def path(self, name: str, on: date = FIRST_DAY, suffix: str = ".csv") -> Path:
        """Where an object's extract of a date lies."""
        folder = self.landing / "canonical" / name / f"load_date={on}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}{suffix}"

    def land(self, on: date = FIRST_DAY, encoding: str = "utf-8") -> None:
        """Writes everything as one day's extracts."""
        self.write("customers", self.customers, CUSTOMER_COLUMNS, on, encoding)
        self.write("orders", self.orders, ORDER_COLUMNS, on, encoding)
        self.write("order_lines", self.lines, LINE_COLUMNS, on, encoding)
        self.write("products", self.products, PRODUCT_COLUMNS, on, encoding)

    def land_next_day(self) -> None:
        """Writes the next day's: new, changed, returned and deleted orders, a customer who turns out to be another."""
        self.order(300, "0001", NEXT_DAY)
        self.order(301, "0002", NEXT_DAY - timedelta(days=20), amount="99.00")
        cancelled, deleted = {**self.orders[5], "status": "cancelled"}, {**self.orders[6], "is_deleted": "true"}
        self.write("orders", [cancelled, deleted, *self.orders[-2:]], ORDER_COLUMNS, NEXT_DAY)
        self.lines[14] = {**self.lines[14], "net_amount": "1.00"}
        returned = {**self.lines[20], "order_id": "O300", "line_no": 9, "is_return": "true", "original_order_id": "O10"}
        self.write("order_lines", [*self.lines[14:16], returned, *self.lines[-4:]], LINE_COLUMNS, NEXT_DAY)
        merged = {**self.customers[20], "merged_into_id": "0021", "modified_at": "2025-03-31T00:00:00Z"}
        self.write("customers", [merged], CUSTOMER_COLUMNS, NEXT_DAY)

    def write(
        self,
        name: str,
        rows: list[dict[str, object]],
        columns: list[str],
        on: date = FIRST_DAY,
        encoding: str = "utf-8",
    ) -> Path:
        """Writes one object's extract."""
        path = self.path(name, on)
        path.write_bytes(text_of(rows, columns).encode(encoding))
        return path


def text_of(rows: list[dict[str, object]], columns: list[str]) -> str:
    """CSV with a header; missing values are empty."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _customer(number: int) -> dict[str, object]:
    return {
        "customer_id": f"{number:04}",
        "kind": "store" if number % 9 == 0 else "person",
        "name": f"{'王李张刘陈'[number % 5]}{'伟芳娜敏静强'[number % 6]}{'一二三四五六七'[number % 7]}",
        "phone": f"139{12340000 + number * 13}",
        "email": f"u{number}@example.com" if number % 3 else "",
        "province": ("江苏省", "浙江省", "上海市")[number % 3],
        "city": ("南京市", "杭州市", "上海市")[number % 3],
        "channel": ("门店", "线上")[number % 2],
        "owner_id": f"E{number % 4}",
        "created_at": "2024-12-01T00:00:00Z",
        "modified_at": "2025-01-01T00:00:00Z",
        "is_deleted": "false",
    }
