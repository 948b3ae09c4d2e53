"""A person is erased from a warehouse that runs: nothing of them is left, money stays, the next day is as any other."""

import fcntl
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from orchestration.ingest import raw_files
from samples.shop import CUSTOMER_COLUMNS, NEXT_DAY, ORDER_COLUMNS, Shop
from tests.contents import files_with
from tests.e2e.command import Home
from tests.e2e.conftest import tree

SECRET = {"LIUCUN_ERASURE_SECRET": "a long random text of the company"}
PERSON = ["K7781", "K7782", "欧阳晓燕", "13987654321", "xiaoyan@ouyang.example", "oX7781openid", "中山北路77号"]
NEWEST = "as_of_date = (select max(as_of_date) from marts.mart_reconciliation)"
COLUMNS = [*CUSTOMER_COLUMNS, "wechat_openid", "address"]


@pytest.fixture(scope="module", autouse=True)
def copied_loads() -> Iterator[None]:
    """Every load is read from the copy in private/: the person is there once more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw_files, "ENOUGH", 1)
        patch.setattr(raw_files, "RECENT", 0)
        yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop that has published a day, with a customer of two records whom nobody resembles."""
    shop = Shop(tmp_path_factory.mktemp("erase"))
    person = {**shop.customers[1], "name": "欧阳晓燕", "phone": "13987654321", "email": "xiaoyan@ouyang.example",
              "wechat_openid": "oX7781openid", "address": "中山北路77号"}  # fmt: skip
    shop.customers += [{**person, "customer_id": number} for number in ("K7781", "K7782")]
    for number in range(300, 306):
        shop.order(number, ("K7781", "K7782")[number % 2], date(2025, 1, 1 + number % 28))
    shop.land()
    shop.write("customers", shop.customers, COLUMNS)
    Home.of(shop).published()
    return shop


def money(home: Home) -> dict[str, Decimal]:
    """Net amounts of all lines and of all orders, whoever ordered, and what they are divided into."""
    columns = ["line_net_amount", "order_net_amount", "header_net_amount", "unexplained_amount"]
    sums = ", ".join(f"sum({column})" for column in columns)
    (found,) = home.query(f"select {sums} from marts.mart_reconciliation where {NEWEST}")
    return dict(zip(columns, found, strict=True))


def customer_of(home: Home) -> str:
    """The person's id."""
    ((customer_id,),) = home.query("select customer_id from marts.dim_customer where phone_masked like '139%4321'")
    return str(customer_id)


def test_an_erased_person_is_nowhere_and_stays_out(shop: Shop) -> None:
    home = Home.of(shop)
    customer_id = customer_of(home)
    before, customers = money(home), home.query("select count(*) from marts.dim_customer")[0][0]
    loads = sorted(path.parent.name for path in (home.root / "raw").glob("*/*/*/manifest.json"))
    assert all(files_with(home.root, *PERSON).values())
    assert files_with(home.root / "private" / "raw", "K7781")["K7781"]
    exports = home.root / "private" / "exports"
    assert all(files_with(exports, "K7781", "K7782", customer_id).values())
    _nothing_happens_without_what_is_needed(home, customer_id)

    done = home("erase", customer_id, "--identifiers", "--because", "asked by letter", **SECRET)
    assert done.code == 0, done.err
    assert files_with(home.root, *PERSON) == {word: [] for word in PERSON}
    assert not exports.exists()
    gone = f"select count(*) from marts.dim_customer where customer_id = '{customer_id}'"
    assert home.query(gone) == [(0,)]
    assert money(home) == before
    assert home("erase", customer_id, "--because", "again", **SECRET).code == 0

    without = home("run")
    assert without.code == 3
    assert "LIUCUN_ERASURE_SECRET" in without.err
    # The source still has the person, under one id of old and a new one; the new one has ordered too.
    again = [{**shop.customers[-1], "customer_id": number} for number in ("K7781", "K9000")]
    shop.write("customers", [*again, {**shop.customers[3], "channel": "线上"}], COLUMNS, NEXT_DAY)
    for number, who in ((306, "K7782"), (307, "K9000"), (308, "0003")):
        shop.order(number, who, NEXT_DAY)
    shop.write("orders", shop.orders[-3:], ORDER_COLUMNS, NEXT_DAY)
    home.published(**SECRET)
    new = {path.parent.name for path in (home.root / "raw").glob("*/*/*/manifest.json")} - set(loads)
    assert len(new) == 2
    assert home.query("select count(*) from marts.dim_customer") == [(customers - 1,)]
    assert files_with(home.root / "raw", *PERSON, "K9000") == {word: [] for word in (*PERSON, "K9000")}
    assert files_with(exports, "0001", customer_id) == {"0001": ["canonical/customer_scores.csv"], customer_id: []}
    for folder in ("private", "state", "published"):
        assert files_with(home.root / folder, *PERSON, "K9000") == {word: [] for word in (*PERSON, "K9000")}
    newest = [Decimal(str(order["net_amount"])) for order in shop.orders[-3:]]
    after = money(home)
    assert after["order_net_amount"] == before["order_net_amount"] + sum(newest)
    assert after["unexplained_amount"] == 0
    theirs = [order for order in shop.orders if order["customer_id"] in ("K7781", "K7782", "K9000")]
    assert home.query(f"select sum(erased_net_amount) from marts.mart_reconciliation where {NEWEST}") == [
        (sum(Decimal(str(order["net_amount"])) for order in theirs),)
    ]
    assert home("erase", "--again", **SECRET).code == 0
    assert files_with(home.root, *PERSON, "K9000") == {word: [] for word in (*PERSON, "K9000")}


def _nothing_happens_without_what_is_needed(home: Home, customer_id: str) -> None:
    before = tree(home.root)
    refused = [
        (home("erase", customer_id, "--because", "asked"), "LIUCUN_ERASURE_SECRET"),
        (home("erase", "C9999", "--because", "asked", **SECRET), "C9999"),
        (home("erase", customer_id, **SECRET), "--because"),
    ]
    for result, named in refused:
        assert result.code == 3
        assert named in result.err
        assert len(result.err.strip().splitlines()) == 1
    with (home.root / ".lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert home("erase", customer_id, "--because", "asked", **SECRET).code == 4
    assert tree(home.root) == before
