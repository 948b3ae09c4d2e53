"""Whatever a CRM sends: nothing bad is accepted, what is published stays byte for byte, and the next good file goes."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from samples.shop import CUSTOMER_COLUMNS, FIRST_DAY, ORDER_COLUMNS, Shop, text_of
from tests.e2e.conftest import Liucun, checksums, tree

NEXT_DAY = FIRST_DAY + timedelta(days=1)


def empty_phones(shop: Shop) -> Path:
    rows = [{**row, "phone": "" if n % 10 < 3 else row["phone"]} for n, row in enumerate(shop.customers)]
    return shop.write("customers", rows, CUSTOMER_COLUMNS, NEXT_DAY)


def duplicated_rows(shop: Shop) -> Path:
    return shop.write("customers", shop.customers + shop.customers[:14], CUSTOMER_COLUMNS, NEXT_DAY)


def half_a_file(shop: Shop) -> Path:
    whole = shop.write("orders", shop.orders, ORDER_COLUMNS, NEXT_DAY).read_bytes()
    path = shop.path("orders", NEXT_DAY)
    # Cut inside a quoted field of the second half: what a broken transfer leaves.
    path.write_bytes(whole[: len(whole) // 2])
    customers = shop.write("customers", shop.customers, CUSTOMER_COLUMNS, NEXT_DAY)
    customers.write_bytes(customers.read_bytes()[: len(customers.read_bytes()) // 2])
    return path


def html(shop: Shop) -> Path:
    path = shop.path("orders", NEXT_DAY)
    path.write_text("<!DOCTYPE html>\n<html><body>登录超时，请重新登录</body></html>\n", encoding="utf-8")
    return path


def no_required_column(shop: Shop) -> Path:
    return shop.write("orders", shop.orders, [c for c in ORDER_COLUMNS if c != "ordered_at"], NEXT_DAY)


def undecodable(shop: Shop) -> Path:
    path = shop.path("customers", NEXT_DAY)
    path.write_bytes(text_of(shop.customers, CUSTOMER_COLUMNS).encode("utf-8") + b"\xff\xff\x81\x30\xff,\r\n")
    return path


def nul_bytes(shop: Shop) -> Path:
    path = shop.path("customers", NEXT_DAY)
    path.write_bytes(text_of(shop.customers, CUSTOMER_COLUMNS).encode("utf-8") + b"\0" * 64)
    return path


def nothing_in_it(shop: Shop) -> Path:
    path = shop.path("orders", NEXT_DAY)
    path.write_bytes(b"")
    return path


def gzip_bomb(shop: Shop) -> Path:
    path = shop.path("orders", NEXT_DAY, ".csv.gz")
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(text_of([], ORDER_COLUMNS).encode())
        for _ in range(600):
            file.write(b"A" * 1_000_000)
    return path


def symlink(shop: Shop) -> Path:
    target = shop.write("orders", shop.orders, ORDER_COLUMNS, FIRST_DAY)
    path = shop.path("orders", NEXT_DAY)
    path.symlink_to(target)
    return path


def brackets(shop: Shop) -> Path:
    path = shop.path("orders", NEXT_DAY).with_name("orders[1].csv")
    path.write_text(text_of(shop.orders, ORDER_COLUMNS), encoding="utf-8")
    return path


def orders_of_strangers(shop: Shop) -> Path:
    rows = [{**row, "order_id": f"X{n}", "customer_id": f"Z{n}"} for n, row in enumerate(shop.orders)]
    return shop.write("orders", rows, ORDER_COLUMNS, NEXT_DAY)


BAD = [
    (empty_phones, 2, "customers_phone"),
    (duplicated_rows, 2, "key_duplicate_rate"),
    (half_a_file, 2, "orders.csv|reject_rate|customers.csv"),
    (html, 2, "HTML"),
    (no_required_column, 2, "ordered_at"),
    (undecodable, 2, "byte"),
    (nul_bytes, 2, "NUL"),
    (nothing_in_it, 2, "empty"),
    (gzip_bomb, 2, "decompress|unpack|grow"),
    (symlink, 3, "symbolic link"),
    (brackets, 3, "rename"),
    (orders_of_strangers, 2, "orders_known_customer"),
]


@pytest.fixture(scope="module")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("bad"))
    shop.land()
    return shop


def test_bad_extracts_are_refused_in_one_paragraph_and_what_is_published_stays(
    published_shop: Shop, liucun: Liucun
) -> None:
    shop = published_shop
    home = ("--home", shop.home, "--warehouse", shop.warehouse)
    assert liucun("run", *home).code == 0
    published, raw = tree(shop.root / "published"), tree(shop.root / "raw")
    for make, code, named in BAD:
        path = make(shop)
        result = liucun("run", *home)
        _is_refused(make, result.code, code, result.err, named)
        now = tree(shop.root / "published")
        assert {k: v for k, v in now.items() if k != "status.json"} == {
            k: v for k, v in published.items() if k != "status.json"
        }, make.__name__
        assert tree(shop.root / "raw") == raw, make.__name__
        _take_away(shop, path, liucun)
    shop.order(300, "0001", NEXT_DAY)
    shop.write("orders", shop.orders[-1:], ORDER_COLUMNS, NEXT_DAY)
    good = liucun("run", *home)
    assert good.code == 0, good.err
    assert "orders        301 for" in good.out


def _is_refused(make: Callable[[Shop], Path], code: int, expected: int, err: str, named: str) -> None:
    assert code == expected, f"{make.__name__}: {code} {err}"
    assert "Traceback" not in err
    assert err.startswith("liucun: ")
    assert len(err.strip().splitlines()) == 1, err
    assert any(word in err for word in named.split("|")), f"{make.__name__}: {err}"


def _take_away(shop: Shop, path: Path, liucun: Liucun) -> None:
    """The sender takes the file back, and somebody discards what was refused."""
    for folder in {path.parent, shop.path("customers", NEXT_DAY).parent}:
        for file in folder.iterdir():
            file.unlink()
    for folder in (shop.root / "quarantine").glob("*"):
        done = liucun(
            "discard", folder.name, "--because", "sent in error", "--home", shop.home, "--warehouse", shop.warehouse
        )
        if done.code:
            assert "already" in done.err


def test_rejected_records_lie_in_quarantine_with_their_text(tmp_path: Path, liucun: Liucun) -> None:
    shop = Shop(tmp_path)
    shop.land()
    path = shop.path("customers")
    path.write_bytes(path.read_bytes() + b"0099,person,\r\n" * 5)
    result = liucun("run", "--home", shop.home, "--warehouse", shop.warehouse)
    assert result.code == 2
    (folder,) = (shop.root / "quarantine").iterdir()
    assert str(folder) in result.err
    rejects = pq.read_table(folder / "rejects.parquet").to_pylist()
    assert [r["row"] for r in rejects] == [71, 72, 73, 74, 75]
    assert all("0099" in r["text"] for r in rejects)
    assert not (shop.root / "raw" / "canonical" / "customers").exists() or not any(
        (shop.root / "raw" / "canonical" / "customers").glob("*/manifest.json")
    )


def test_accept_takes_a_refused_load_and_retry_judges_it_again(tmp_path: Path, liucun: Liucun) -> None:
    shop = Shop(tmp_path)
    shop.land()
    duplicated = shop.customers + shop.customers[:14]
    shop.write("customers", duplicated, CUSTOMER_COLUMNS)
    home = ("--home", shop.home, "--warehouse", shop.warehouse)
    assert liucun("run", *home).code == 2
    (folder,) = (shop.root / "quarantine").iterdir()
    again = liucun("run", *home)
    assert again.code == 2
    assert folder.name in again.err
    assert liucun("retry", folder.name[:6], *home).code == 0
    assert liucun("run", *home).code == 2
    assert liucun("accept", folder.name, "--because", "the duplicates are known", *home).code == 0
    accepted = liucun("run", *home)
    assert accepted.code == 0, accepted.err
    assert checksums(shop.root)["dim_customer"]["rows"] == 60


def test_one_extract_replaced_by_another_and_back_ends_as_the_first(tmp_path: Path, liucun: Liucun) -> None:
    first = Shop(tmp_path)
    first.land()
    home = ("--home", first.home, "--warehouse", first.warehouse)
    assert liucun("run", *home).code == 0
    once = checksums(first.root)
    original = first.path("orders").read_bytes()
    first.write("orders", [{**row, "status": "cancelled"} for row in first.orders], ORDER_COLUMNS)
    assert liucun("run", *home).code == 0
    assert checksums(first.root) != once
    first.path("orders").write_bytes(original)
    assert liucun("run", *home).code == 0
    assert checksums(first.root) == once
    assert liucun("run", *home).code == 0
    assert checksums(first.root) == once
