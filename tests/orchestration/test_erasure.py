"""A person goes out of everything that a warehouse keeps, and stays out; money, other people and load ids stay."""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.erasure import history, landing, loads, published
from orchestration.erasure.erase import Request, again, erase, erasures, finish
from orchestration.erasure.history import redact_text
from orchestration.erasure.tombstones import Erased, add_tombstones, read_erased
from orchestration.errors import BadInput
from orchestration.files import remove_tree
from orchestration.folders import Folders
from orchestration.ingest.acceptance import accept_all, refuse
from orchestration.ingest.contract import Source, load_source
from orchestration.ingest.hashes import Hashes
from orchestration.ingest.landing import LandingLoad, scan
from orchestration.ingest.ledger import Ledger
from orchestration.ingest.receive import Received, receive
from orchestration.ingest.redacted import RedactedFiles
from orchestration.publish.allow_list import PublishedColumn, PublishedTable
from orchestration.publish.candidate import RunRow, build_candidate
from orchestration.publish.manifest import Manifest, read_manifest, write_manifest
from orchestration.publish.pointer import flip
from orchestration.publish.runs import publish, staging_directory
from orchestration.publish.state import StateRun, chain, write_state
from orchestration.publish.verify import verify_candidate
from orchestration.settings import PROJECT
from tests.contents import files_with
from tests.e2e.conftest import tree

SECRET = "a long random text of the company"
AT = datetime(2025, 4, 1, 8, 0, tzinfo=UTC)
SOURCES = {name: load_source(PROJECT / "sources" / f"{name}.yml") for name in ("canonical", "fxiaoke")}
DAY, NEXT_DAY = date(2025, 3, 30), date(2025, 3, 31)
PERSON = [
    "K7781",
    "acc7781",
    "欧阳晓燕",
    "欧陽曉燕",
    "13987654321",
    "xiaoyan@ouyang.example",
    "oX7781openid",
    "中山北路77号",
]
"""What the warehouse knows of the person: two record ids, and names, numbers and addresses that nobody shares."""
NUMBERED = [PublishedColumn(n, t, n, n) for n, t in (("customer_id", "VARCHAR"), ("net_amount", "DECIMAL(18,2)"))]


def customers() -> list[dict[str, object]]:
    stamps = {"created_at": "2024-01-01T00:00:00Z", "kind": "person"}
    person = {"customer_id": "K7781", "name": "欧阳晓燕", "phone": "139 8765 4321", "email": "xiaoyan@ouyang.example",
              "wechat_openid": "oX7781openid", "address": "中山北路77号", **stamps}  # fmt: skip
    other = {"customer_id": "K1", "name": '王"老板"伟', "phone": "13700000001", "referrer_id": "K7781",
             "address": "人民路1号", **stamps}  # fmt: skip
    return [person, other, {"customer_id": "K2", "name": "李娜", "phone": "13700000002", **stamps}]


def orders() -> list[dict[str, object]]:
    return [
        {"order_id": f"O{n}", "customer_id": who, "ordered_at": "2025-03-01T10:00:00Z", "net_amount": f"{n}.50"}
        for n, who in enumerate(["K7781", "K1", "K7781", "K2"], start=10)
    ]


ACCOUNT = {"account_id": "acc7781", "name": "欧陽曉燕", "record_type": "个人客户", "phone": "+86 13987654321",
           "created_at": "2024-01-01 08:00:00", "modified_at": "2024-01-01 08:00:00", "is_deleted": "否"}  # fmt: skip
CONTACT = {"contact_id": "con1", "account_id": "acc7781", "name": "欧阳晓燕", "mobile": "13987654321",
           "created_at": "2024-01-01 08:00:00", "modified_at": "2024-01-01 08:00:00", "is_deleted": "否"}  # fmt: skip
LEAD = {"_id": "lead1", "name": "欧阳晓燕", "mobile": "13987654321", "leads_status": "transformed",
        "account_id": "acc7781", "create_time": 1735689600000, "last_modified_time": 1735689600000, "score__c": 7.50,
        "is_deleted": False, "note__c": "欧阳晓燕 called"}  # fmt: skip


@dataclass
class Shop:
    """A warehouse without dbt: its loads are received and accepted, its state and its published run are written."""

    folders: Folders
    sources: dict[str, Source]

    def path(self, source: str, name: str, file: str, on: date = DAY) -> Path:
        folder = self.folders.landing / source / name / f"load_date={on}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / file

    def csv(self, source: str, name: str, file: str, rows: list[dict[str, object]], encoding: str = "utf-8",
            on: date = DAY, end: str = "\r\n", more: str = "") -> Path:  # fmt: skip
        spec = self.sources[source].objects[name]
        columns = {c: (spec.columns[c].headers or [c])[0] for row in rows for c in row}
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator=end, delimiter=spec.delimiter)
        writer.writerows([columns.values(), *([row.get(c, "") for c in columns] for row in rows)])
        path = self.path(source, name, file, on)
        data = (text.getvalue() + more).encode(encoding)
        path.write_bytes(gzip.compress(data) if file.endswith(".gz") else data)
        return path

    def land(self) -> None:
        self.csv("canonical", "customers", "customers.csv", customers(), "utf-8-sig")
        self.csv("canonical", "orders", "orders.csv", orders(), "utf-16")
        consents = [{"customer_id": c, "purpose": "marketing", "granted": "true", "granted_at": "2025-01-01"}
                    for c in ("K7781", "K1")]  # fmt: skip
        self.csv("canonical", "consents", "consents.csv", consents)
        feedback = [{"feedback_id": f"F{n}", "customer_id": c, "kind": "csat", "score": n, "text": f"I am {t}"}
                    for n, (c, t) in enumerate([("K7781", "欧阳晓燕"), ("K1", "王老板")], start=4)]  # fmt: skip
        torn = "K9,F9\r\n欧阳晓燕,13987654321\r\n"
        self.csv("canonical", "feedback", "feedback.csv.gz", feedback, more=torn)
        others = [{**ACCOUNT, "account_id": f"acc{n}", "name": f"门店{n}", "phone": ""} for n in range(3)]
        self.csv("fxiaoke", "accounts", f"客户_{DAY:%Y%m%d}.csv", [ACCOUNT, *others], "gb18030", end="\n")
        sheet = openpyxl.Workbook()
        spec = self.sources["fxiaoke"].objects["contacts"]
        sheet.active.append([spec.columns[c].headers[0] for c in CONTACT] + ["备注"])
        sheet.active.append([*CONTACT.values(), "欧阳晓燕的手机"])
        other = {**CONTACT, "contact_id": "con2", "account_id": "acc1", "name": "张三", "mobile": ""}
        sheet.active.append([*other.values(), 5])
        sheet.create_sheet("另一页").append(["欧阳晓燕"])
        sheet.save(self.path("fxiaoke", "contacts", f"联系人_{DAY:%Y%m%d}.xlsx"))
        leads = [LEAD, {**LEAD, "_id": "lead2", "account_id": "acc1", "name": "张三", "mobile": "", "note__c": "三"}]
        lines = "".join(json.dumps(lead, ensure_ascii=n % 2 == 0) + "\n" for n, lead in enumerate(leads))
        self.path("fxiaoke", "leads", f"LeadsObj_{DAY:%Y%m%d}.jsonl").write_text(lines + '{"name": "欧阳晓燕", \n')

    def loads(self) -> tuple[LandingLoad, ...]:
        hashes = Hashes(self.folders.private / "hashes.json", RedactedFiles(self.folders))
        return scan(self.folders.landing, self.sources.values(), hashes=hashes).loads

    def receive(self, secret: str | None = None) -> list[Received]:
        """Receives what is new, customers first, as a run does."""
        erased, ledger = read_erased(self.folders, secret), Ledger(self.folders)
        new = [load for load in self.loads() if ledger.status(load) == "new"]
        received = []
        for load in sorted(new, key=lambda load: not self.sources[load.source].objects[load.object].holds_customers):
            spec = self.sources[load.source].objects[load.object]
            received.append(receive(load, spec, self.folders.incoming, erased=erased))
            if erased and received[-1].erased_keys:
                marks = {("record", erased.record_mark(key)) for key in received[-1].erased_keys}
                erased = add_tombstones(self.folders, erased, marks, AT)
        return received

    def accept(self, secret: str | None = None) -> None:
        accept_all(self.folders, self.receive(secret), AT)

    def run(self, run_id: str, ids: dict[str, str], customers: list[str], parent: str | None = None) -> None:
        """What a run leaves: state, a published file, the flip. ``ids`` are those that it gave anew."""
        keys, owners = list(ids), list(ids.values())
        events = pa.table({"event": ["merge"], "record_keys": [["canonical:K7781", "canonical:K1"]],
                           "cause": ["canonical:K7781 and fxiaoke:acc7781 share a phone"]})  # fmt: skip
        link = StateRun(run_id, parent, DAY, len(chain(self.folders)) + 1)
        write_state(self.folders, link, {"customer_ids": pa.table({"record_key": keys, "customer_id": owners}),
                                         "id_merge_event": events})  # fmt: skip
        file = self.folders.private / "warehouse.duckdb"
        file.parent.mkdir(exist_ok=True)
        with duckdb.connect(str(file)) as con:
            con.execute("create schema if not exists marts")
            con.execute("create or replace table marts.mart_purchase (customer_id varchar, net_amount decimal(18,2))")
            con.execute("create or replace table marts.mart_total (net_amount decimal(18,2))")
            con.executemany("insert into marts.mart_purchase values (?, 12.50)", [[c] for c in customers])
            con.execute("insert into marts.mart_total select sum(net_amount) from marts.mart_purchase")
        row = RunRow(run_id, DAY, DAY)
        staging = staging_directory(self.folders, run_id)
        checksums = build_candidate(file, TABLES, staging, row)
        loads = tuple({"load_id": load.load_id} for load in Ledger(self.folders).in_force())
        write_manifest(staging, Manifest(run_id, parent, "daily", DAY, DAY, AT, {}, loads, checksums))
        publish(self.folders, staging, run_id)
        flip(self.folders, run_id)

    def request(self, customer_id: str = "C1", **more: bool) -> Request:
        return Request(customer_id, "the person asked for it", "tester", AT, **more)

    def erase(self, customer_id: str = "C1", after: Callable[[str], None] = lambda _: None, **more: bool) -> list[str]:
        return erase(self.folders, self.sources, self.request(customer_id, **more), SECRET, after)

    def rows(self, source: str, name: str) -> list[dict[str, object]]:
        """The rows in force of an object."""
        loads = [load for load in Ledger(self.folders).in_force() if load.key == (source, name)]
        return [row for load in loads for row in pq.read_table(load.data).to_pylist()]


TABLES = [
    PublishedTable("mart_purchase", "Purchases", ("customer_id",), tuple(NUMBERED), "购买", "marts", "mart_purchase"),
    PublishedTable("mart_total", "Total", ("net_amount",), tuple(NUMBERED[1:]), "合计", "marts", "mart_total"),
]
IDS = {"canonical:K7781": "C1", "fxiaoke:acc7781": "C1", "canonical:K1": "C2", "canonical:K2": "C3"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(Folders(tmp_path_factory.mktemp("erasure") / "shop"), SOURCES)
    shop.land()
    shop.accept()
    # In the first run the person's two records were two customers.
    shop.run("run1", {**IDS, "fxiaoke:acc7781": "C4"}, ["C1", "C2", "C3", "C4"])
    shop.run("run2", {"fxiaoke:acc7781": "C1"}, ["C1", "C2", "C3"], "run1")
    shop.folders.overrides.mkdir()
    (shop.folders.overrides / "merge_overrides.csv").write_text(
        "decision,left_record_key,right_record_key\nforce,canonical:K7781,fxiaoke:acc7781\nnever,canonical:K1,canonical:K2\n"
    )
    refused = Received(
        shop.loads()[0], SOURCES["canonical"].objects["feedback"], Ledger(shop.folders).in_force()[0].manifest,
        shop.folders.incoming / "refused0", (),
    )  # fmt: skip
    _quarantine(shop, refused)
    return shop


def _quarantine(shop: Shop, like: Received) -> None:
    """A refused load whose only trace is the text of a record that could not be read."""
    rows = [["f.csv", 1, None, "torn", "x,欧阳晓燕;K7781"], ["f.csv", 2, None, "torn", "x,王伟"]]
    like.folder.mkdir(parents=True, exist_ok=True)
    names = ["file", "row", "column", "reason", "text"]
    pq.write_table(
        pa.table({n: [row[i] for row in rows] for i, n in enumerate(names)}), like.folder / "rejects.parquet"
    )
    refuse(shop.folders, like, ["torn"], AT)
    target = shop.folders.quarantine / like.load_id
    manifest = json.loads((target / "manifest.json").read_text())
    manifest |= {"load_id": "refused0", "object": "feedback", "load_date": "2025-03-01"}
    (target / "manifest.json").write_text(json.dumps(manifest))
    target.rename(shop.folders.quarantine / "refused0")


@pytest.fixture
def shop(template: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(template.folders.root, tmp_path / "shop", symlinks=True)
    return Shop(Folders(tmp_path / "shop"), SOURCES)


def test_everything_of_the_person_is_there_before_and_nothing_after(shop: Shop) -> None:
    root = shop.folders.root
    before = files_with(root, *PERSON, "王老板", "人民路1号", "张三")
    assert all(before.values()), before
    places = {path.split("/")[0] for word in PERSON for path in before[word]}
    assert places >= {"landing", "raw", "quarantine", "state", "overrides"}
    said = shop.erase()
    assert not any(line.startswith("left") for line in said)
    after = files_with(root, *PERSON)
    assert after == {word: [] for word in PERSON}
    assert all(files_with(root, "王老板", "人民路1号", "张三", "李娜", "O10", "con1", "lead1").values())
    assert not shop.folders.private.exists()


def test_orders_and_their_money_stay_under_one_anonymous_customer(shop: Shop) -> None:
    before = shop.rows("canonical", "orders")
    shop.erase()
    after = shop.rows("canonical", "orders")
    assert [row["customer_id"] for row in after] == ["erased", "K1", "erased", "K2"]
    for row in (*before, *after):
        del row["customer_id"]
    assert after == before


def test_what_is_about_the_person_goes_and_what_only_mentions_them_forgets_them(shop: Shop) -> None:
    shop.erase()
    assert [(row["customer_id"], row["referrer_id"]) for row in shop.rows("canonical", "customers")] == [
        ("K1", None),
        ("K2", None),
    ]
    assert [row["customer_id"] for row in shop.rows("canonical", "consents")] == ["K1"]
    assert [(row["customer_id"], row["text"], row["score"]) for row in shop.rows("canonical", "feedback")] == [
        ("erased", None, "4"),
        ("K1", "I am 王老板", "5"),
    ]
    lead, other = shop.rows("fxiaoke", "leads")
    assert (lead["account_id"], lead["name"], lead["mobile"], lead["_extra"]) == ("erased", None, None, None)
    assert lead["score"] == other["score"] == "7.5"
    assert json.loads(str(other["_extra"])) == {"note__c": "三"}


def test_load_ids_stay_so_that_nothing_is_received_twice(shop: Shop) -> None:
    ids = [load.load_id for load in shop.loads()]
    shop.erase()
    assert [load.load_id for load in shop.loads()] == ids
    ledger = Ledger(shop.folders)
    assert {ledger.status(load) for load in shop.loads()} == {"in force"}
    (customers,) = [a.manifest for a in ledger.accepted() if a.key == ("canonical", "customers")]
    assert (customers.received_count, customers.loaded_count, customers.erased_count) == (3, 2, 1)
    assert customers.redacted_from
    assert customers.files[0].erased_count == 1


def test_redacted_landing_files_give_the_rows_that_raw_has(shop: Shop) -> None:
    shop.erase()
    raw = {key: shop.rows(*key) for key in [("canonical", "orders"), ("fxiaoke", "contacts"), ("fxiaoke", "leads"),
                                            ("canonical", "feedback"), ("fxiaoke", "accounts")]}  # fmt: skip
    for folder in (shop.folders.raw, shop.folders.quarantine):
        remove_tree(folder)
    for name in ("tombstones.csv", "erasures.csv"):
        (shop.folders.overrides / name).unlink()
    shop.accept()
    unnumbered = lambda rows: [{k: v for k, v in row.items() if k != "_row"} for row in rows]  # noqa: E731
    for key, rows in raw.items():
        assert unnumbered(shop.rows(*key)) == unnumbered(rows), key


def test_files_keep_their_encoding_their_mark_and_every_other_line(shop: Shop) -> None:
    kept = {p.name: p.read_bytes() for p in shop.folders.landing.rglob("*") if p.is_file()}
    shop.erase()
    now = {p.name: p for p in shop.folders.landing.rglob("*") if p.is_file()}
    assert now.keys() == kept.keys()
    lines = kept["customers.csv"].split(b"\r\n")
    assert lines[0].startswith(b"\xef\xbb\xbf")
    changed = lines[2].replace(b"K7781", b"")
    assert now["customers.csv"].read_bytes().split(b"\r\n") == [lines[0], changed, *lines[3:]]
    assert now["orders.csv"].read_bytes().decode("utf-16") == kept["orders.csv"].decode("utf-16").replace(
        "K7781", "erased"
    )
    accounts = kept[f"客户_{DAY:%Y%m%d}.csv"].split(b"\n")
    assert now[f"客户_{DAY:%Y%m%d}.csv"].read_bytes().split(b"\n") == [accounts[0], *accounts[2:]]


class Killed(BaseException):
    pass


STEPS = ["journal", "tombstones", "private", "told", "landing", "loads", "published", "state"]


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_killed_after_a_step_is_finished_later_with_the_same_end(
    shop: Shop, step: str, template: Shop, tmp_path: Path
) -> None:
    undisturbed = Shop(Folders(tmp_path / "undisturbed"), SOURCES)
    shutil.copytree(template.folders.root, undisturbed.folders.root, symlinks=True)
    undisturbed.erase()

    def kill(done: str) -> None:
        if done == step:
            raise Killed

    with pytest.raises(Killed):
        shop.erase(after=kill)
    assert files_with(shop.folders.overrides, *PERSON[2:]) == {word: [] for word in PERSON[2:]}
    assert finish(shop.folders, SOURCES, SECRET)
    assert finish(shop.folders, SOURCES, SECRET) == []
    assert files_with(shop.folders.root, *PERSON) == {word: [] for word in PERSON}
    without_databases = lambda root: {k: v for k, v in tree(root).items() if not k.endswith("marts.duckdb")}  # noqa: E731
    assert without_databases(shop.folders.root) == without_databases(undisturbed.folders.root)


HALF_WAY = [(landing, "sync", 2), (loads, "_replace", 2), (published, "write_json", 1), (history, "sync", 1)]


@pytest.mark.parametrize(("module", "function", "call"), HALF_WAY, ids=[f"{m.__name__}" for m, *_ in HALF_WAY])
def test_an_erasure_killed_in_the_middle_of_a_store_is_finished_later(
    shop: Shop, module: ModuleType, function: str, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = getattr(module, function), []

    def dies(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == call:
            raise Killed
        return original(*arguments)

    ids = [load.load_id for load in shop.loads()]
    monkeypatch.setattr(module, function, dies)
    with pytest.raises(Killed):
        shop.erase()
    monkeypatch.undo()
    finish(shop.folders, SOURCES, SECRET)
    assert files_with(shop.folders.root, *PERSON) == {word: [] for word in PERSON}
    assert [load.load_id for load in shop.loads()] == ids
    assert {Ledger(shop.folders).status(load) for load in shop.loads()} == {"in force"}
    for load in Ledger(shop.folders).accepted():
        assert pq.read_metadata(load.data).num_rows == load.manifest.loaded_count
    for run_id in ("run1", "run2"):
        folder = shop.folders.published / "runs" / run_id
        verify_candidate(folder, TABLES, read_manifest(folder).tables, RunRow(run_id, DAY, DAY))
    assert not list(shop.folders.root.glob(".erasing*"))


def test_a_published_run_loses_the_rows_of_the_person_and_still_verifies(shop: Shop) -> None:
    shop.erase()
    for run_id, customers in (("run1", ["C2", "C3"]), ("run2", ["C2", "C3"])):
        folder = shop.folders.published / "runs" / run_id
        tables = read_manifest(folder).tables
        verify_candidate(folder, TABLES, tables, RunRow(run_id, DAY, DAY))
        with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as con:
            assert con.sql("select customer_id from mart_purchase order by 1").fetchall() == [(c,) for c in customers]
            amount = Decimal("37.50") if run_id == "run2" else Decimal("50.00")
            assert con.sql("select net_amount from mart_total").fetchall() == [(amount,)]
        assert not folder.stat().st_mode & 0o222
        assert not (folder / "marts.duckdb").stat().st_mode & 0o222


def test_history_keeps_the_number_of_the_customer_and_not_the_records(shop: Shop) -> None:
    shop.erase()
    links = chain(shop.folders)
    ids = pq.read_table(shop.folders.state / "run1" / "customer_ids.parquet").to_pylist()
    assert [row["customer_id"] for row in ids] == ["C1", "C4", "C2", "C3"]
    assert len({row["record_key"] for row in ids}) == 4
    assert [row["record_key"].startswith("erased:") for row in ids] == [True, True, False, False]
    assert [link.run_id for link in links] == ["run1", "run2"]
    (event,) = pq.read_table(shop.folders.state / "run1" / "id_merge_event.parquet").to_pylist()
    assert event["record_keys"][1] == "canonical:K1"
    assert event["cause"].count("erased:") == 2
    assert (shop.folders.overrides / "merge_overrides.csv").read_text().splitlines()[1:] == [
        "never,canonical:K1,canonical:K2"
    ]
    assert (shop.folders.overrides / "erasures.csv").read_text().splitlines() == [
        "erased_at,by,because,record_count,customer_id",
        "2025-04-01T08:00:00+00:00,tester,the person asked for it,2,C1",
    ]


def test_the_next_extract_does_not_bring_the_person_back(shop: Shop) -> None:
    shop.erase()
    changed = [{**row, "channel": "线上"} for row in customers()]
    shop.csv("canonical", "customers", "customers.csv", changed, on=NEXT_DAY)
    shop.csv("canonical", "orders", "orders.csv", orders()[:2], on=NEXT_DAY, more="K7781,欧阳晓燕\r\n")
    received = {r.load.object: r for r in shop.receive(SECRET)}
    people, bought = (received[name].manifest for name in ("customers", "orders"))
    assert (people.received_count, people.loaded_count, people.erased_count) == (3, 2, 1)
    assert (bought.received_count, bought.loaded_count, bought.rejected_count, bought.erased_count) == (3, 2, 1, 0)
    assert [row["customer_id"] for row in pq.read_table(received["orders"].data).to_pylist()] == ["erased", "K1"]
    kept = files_with(shop.folders.incoming, *PERSON)
    assert kept == {word: [] for word in PERSON}
    accept_all(shop.folders, list(received.values()), AT)
    ids = [load.load_id for load in shop.loads()]
    assert files_with(shop.folders.landing, "K7781")["K7781"]
    again(shop.folders, SOURCES, SECRET, AT)
    assert files_with(shop.folders.landing, "K7781")["K7781"] == []
    assert [load.load_id for load in shop.loads()] == ids


def test_identifiers_keep_the_person_out_under_a_new_id_and_shared_ones_do_not(shop: Shop) -> None:
    new = {**customers()[0], "customer_id": "K8000"}
    other = {**customers()[2], "customer_id": "K8001"}
    for identifiers, expected in ((False, ["K8000", "K8001"]), (True, ["K8001"])):
        copy = Shop(Folders(shop.folders.root.with_name(f"copy{identifiers}")), SOURCES)
        shutil.copytree(shop.folders.root, copy.folders.root, symlinks=True)
        copy.erase("C1", identifiers=identifiers)
        copy.csv("canonical", "customers", "customers.csv", [new, other], on=NEXT_DAY)
        cases = [{"case_id": "S1", "customer_id": "K8000", "opened_at": "2025-03-31T00:00:00Z"}]
        copy.csv("canonical", "cases", "cases.csv", cases, on=NEXT_DAY)
        received = {r.load.object: pq.read_table(r.data).to_pylist() for r in copy.receive(SECRET)}
        assert [row["customer_id"] for row in received["customers"]] == expected
        assert received["cases"][0]["customer_id"] == ("erased" if identifiers else "K8000")


def land_under_a_new_id(shop: Shop) -> None:
    """Extracts that no run has received: the person as K8000, with a case, an order, an older row without a phone."""
    bare = {"customer_id": "K8000", "name": "O.", "kind": "person", "created_at": "2024-01-01T00:00:00Z"}
    new = {**customers()[0], "customer_id": "K8000"}
    shop.csv("canonical", "customers", "customers.csv", [bare], on=NEXT_DAY)
    shop.csv("canonical", "customers", "customers.csv", [new, *customers()[1:]], on=date(2025, 4, 1))
    cases = [{"case_id": "S1", "customer_id": "K8000", "opened_at": "2025-03-31T00:00:00Z"}]
    shop.csv("canonical", "cases", "cases.csv", cases, on=NEXT_DAY)
    bought = [{**orders()[0], "order_id": "O20", "customer_id": "K8000"}, {**orders()[1], "order_id": "O21"}]
    shop.csv("canonical", "orders", "orders.csv", bought, on=NEXT_DAY)


def new_rows(shop: Shop) -> dict[str, list[object]]:
    """Whom the rows are about that come in next, by object."""
    found: dict[str, list[object]] = {}
    for received in sorted(shop.receive(SECRET), key=lambda r: r.load.load_date):
        rows = pq.read_table(received.data).to_pylist()
        found.setdefault(received.load.object, []).extend(row["customer_id"] for row in rows)
    return found


KNOWN_BY_THE_ID = {"customers": ["K1", "K2"], "cases": ["erased"], "orders": ["erased", "K1"]}


@pytest.mark.parametrize("is_again", [False, True], ids=["--identifiers", "--again"])
def test_a_new_id_that_an_identifier_tells_in_landing_is_remembered(shop: Shop, is_again: bool) -> None:
    if is_again:
        shop.erase(identifiers=True)
        land_under_a_new_id(shop)
        again(shop.folders, SOURCES, SECRET, AT)
    else:
        land_under_a_new_id(shop)
        shop.erase(identifiers=True)
    assert files_with(shop.folders.root, "K8000", *PERSON) == {word: [] for word in ("K8000", *PERSON)}
    assert new_rows(shop) == KNOWN_BY_THE_ID


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_new_id_is_remembered_when_landing_was_half_rewritten(
    shop: Shop, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.erase("C3")
    land_under_a_new_id(shop)
    original, calls = landing.sync, []

    def dies(path: Path) -> None:
        original(path)
        calls.append(path)
        # Of each file first the content is forced to disk, then the folder with its new name.
        if len(calls) == 2 * call:
            raise Killed

    monkeypatch.setattr(landing, "sync", dies)
    with pytest.raises(Killed):
        shop.erase(identifiers=True)
    monkeypatch.undo()
    finish(shop.folders, SOURCES, SECRET)
    assert files_with(shop.folders.root, "K8000", *PERSON) == {word: [] for word in ("K8000", *PERSON)}
    assert new_rows(shop) == {**KNOWN_BY_THE_ID, "customers": ["K1"]}


def test_an_identifier_that_another_customer_has_too_suppresses_nobody(shop: Shop) -> None:
    family = {**customers()[2], "customer_id": "K3", "phone": "(+86)139-8765-4321"}
    shop.csv("canonical", "customers", "customers.csv", [family], on=NEXT_DAY)
    shop.accept()
    shop.erase(identifiers=True)
    kinds = [line.split(",")[0] for line in (shop.folders.overrides / "tombstones.csv").read_text().splitlines()[1:]]
    assert sorted(kinds) == ["openid", "record", "record", "secret"]
    assert [row["customer_id"] for row in shop.rows("canonical", "customers")] == ["K1", "K2", "K3"]


def test_without_the_secret_or_with_another_nothing_is_erased_or_received(shop: Shop) -> None:
    before = tree(shop.folders.root)
    for secret in (None, "", "too short"):
        with pytest.raises(BadInput, match="LIUCUN_ERASURE_SECRET"):
            erase(shop.folders, SOURCES, shop.request(), secret)
    assert tree(shop.folders.root) == before
    shop.erase()
    for secret in (None, "another long text of the company"):
        with pytest.raises(BadInput, match="LIUCUN_ERASURE_SECRET"):
            read_erased(shop.folders, secret)


def test_who_cannot_be_erased_is_told_in_one_line_and_nothing_changes(shop: Shop) -> None:
    before = tree(shop.folders.root)
    for customer_id, said in (("C99", "no such customer"), ("C4", "now they are C1"), ("", "no such customer")):
        with pytest.raises(BadInput, match=said):
            shop.erase(customer_id)
    assert tree(shop.folders.root) == before
    shop.erase()
    after = tree(shop.folders.root)
    assert shop.erase() == [f"C1 was erased already; see {shop.folders.overrides / 'erasures.csv'}"]
    assert tree(shop.folders.root) == after


def test_an_id_that_was_given_again_after_its_erasure_is_erased_again(shop: Shop) -> None:
    shop.erase("C3")
    # As warehouses did after a rollback, before the numbers of runs that were taken back counted.
    shop.run("run3", {"canonical:K1": "C3"}, ["C1", "C3"], "run2")
    assert shop.erase("C3")[0] == "C3 erased: 1 record(s)"
    assert files_with(shop.folders.root, "王老板", "人民路1号") == {"王老板": [], "人民路1号": []}
    assert shop.erase("C3") == [f"C3 was erased already; see {shop.folders.overrides / 'erasures.csv'}"]


def test_who_is_asked_for_is_found_in_one_look_at_the_history(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, connect = [], duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *a, **more: looks.append(a) or connect(*a, **more))
    for customer_id in ("C99", "C4"):
        with pytest.raises(BadInput):
            shop.erase(customer_id)
    assert len(looks) == 2


@pytest.mark.parametrize("customer_id", ["", "K7781", "C1.5"])
def test_a_record_of_erasures_with_another_id_than_a_customers_is_refused(tmp_path: Path, customer_id: str) -> None:
    folders = Folders(tmp_path)
    folders.overrides.mkdir(parents=True)
    lines = f"erased_at,by,because,record_count,customer_id\n2025-04-01T08:00:00+00:00,li,asked,1,{customer_id}\n"
    (folders.overrides / "erasures.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(BadInput, match="expected customer ids such as C1"):
        erasures(folders)


def test_files_that_cannot_be_read_are_named(shop: Shop) -> None:
    (shop.path("canonical", "customers", ".customers.csv.part")).write_text("欧阳晓燕")
    shop.path("fxiaoke", "contacts", f"联系人_{DAY:%Y%m%d}.xlsx").write_bytes(b"PK\x03\x04 torn")
    left = [line for line in shop.erase() if line.startswith("left as it is")]
    assert len(left) == 2
    assert "联系人" in left[0]
    assert ".part" in left[1]


@pytest.mark.parametrize("file", ["orders.csv", "联系人.xlsx", "leads.jsonl"])
def test_a_file_that_does_not_tell_whom_it_is_about_is_named_and_left_as_it_is(shop: Shop, file: str) -> None:
    if file.endswith(".csv"):
        shop.csv("canonical", "orders", file, orders(), on=NEXT_DAY)
        path = shop.path("canonical", "orders", file, NEXT_DAY)
        path.write_bytes(path.read_bytes().partition(b"\r\n")[2])
    elif file.endswith(".jsonl"):
        path = shop.path("fxiaoke", "leads", f"LeadsObj_{NEXT_DAY:%Y%m%d}.jsonl", NEXT_DAY)
        path.write_text('{"f1": "lead1", "f2": "acc7781"}\n', encoding="utf-8")
    else:
        sheet = openpyxl.Workbook()
        for contact in (CONTACT, {**CONTACT, "contact_id": "con2", "account_id": "acc1"}):
            sheet.active.append(list(contact.values()))
        path = shop.path("fxiaoke", "contacts", f"联系人_{NEXT_DAY:%Y%m%d}.xlsx", NEXT_DAY)
        sheet.save(path)
    before = path.read_bytes()
    (line,) = [line for line in shop.erase() if line.startswith("left as it is")]
    assert f"{path} has no column" in line
    assert path.read_bytes() == before


def test_a_file_that_lacks_an_optional_column_is_judged_by_those_it_has(shop: Shop) -> None:
    columns = shop.sources["canonical"].objects["leads"].columns
    assert not columns["customer_id"].required
    leads = [
        {"lead_id": "L1", "source_channel": "欧阳晓燕", "created_at": "2025-01-01"},
        {"lead_id": "K7781", "created_at": "2025-01-02"},
    ]
    path = shop.csv("canonical", "leads", "leads.csv", leads, on=NEXT_DAY)
    before = path.read_bytes()
    assert not any(line.startswith("left as it is") for line in shop.erase())
    assert path.read_bytes() == before


def damaged(whole: bytes, how: str) -> bytes:
    return {
        "empty": b"",
        "no Parquet": b"customer_id,coupon_id\n",
        "cut": whole[:-20],
        "a page": whole[:60] + b"\xff" * 40 + whole[100:],
    }[how]


@pytest.mark.parametrize("how", ["empty", "no Parquet", "cut", "a page"])
def test_a_damaged_parquet_file_is_named_and_the_erasure_comes_to_its_end(shop: Shop, how: str) -> None:
    canonical = SOURCES["canonical"]
    coupons = canonical.objects["coupons"].model_copy(update={"format": "parquet", "files": "coupons.parquet"})
    shop.sources = {
        **SOURCES,
        "canonical": canonical.model_copy(update={"objects": {**canonical.objects, "coupons": coupons}}),
    }
    path = shop.path("canonical", "coupons", "coupons.parquet")
    numbers = [f"coupon {n} of {n * n}" for n in range(2000)]
    pq.write_table(pa.table({"coupon_id": numbers, "customer_id": ["K7781", "K1"] * 1000}), path, use_dictionary=False)
    path.write_bytes(damaged(path.read_bytes(), how))
    before = path.read_bytes()
    (line,) = [line for line in shop.erase() if line.startswith("left as it is")]
    assert f"{path} is not a Parquet file, or a damaged one" in line
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*"))
    assert finish(shop.folders, shop.sources, SECRET) == []
    assert files_with(shop.folders.raw, *PERSON) == {word: [] for word in PERSON}


def test_an_employee_with_the_id_of_an_erased_customer_keeps_the_published_number(shop: Shop) -> None:
    owners = shop.folders.state / "run1" / "owner_ids.parquet"
    pq.write_table(pa.table({"owner_key": ["canonical:K7781", "canonical:K5"], "owner_id": ["E1", "E2"]}), owners)
    before = owners.read_bytes()
    shop.erase()
    assert owners.read_bytes() == before


def test_what_was_begun_under_one_secret_is_not_finished_under_another(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.overrides.mkdir(parents=True)
    add_tombstones(folders, Erased("a secret of sixteen or more"), (), datetime(2025, 1, 1, tzinfo=UTC))
    with pytest.raises(BadInput, match="is not the secret"):
        read_erased(folders, "another secret of sixteen")


def test_lost_tombstones_stop_a_run_rather_than_bring_people_back(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.overrides.mkdir(parents=True)
    (folders.overrides / "erasures.csv").write_text("erased_at,by,because,record_count,customer_id\n", encoding="utf-8")
    with pytest.raises(BadInput, match="restore it from a backup"):
        read_erased(folders, "a secret of sixteen or more")


def test_a_key_is_taken_out_of_a_text_whatever_script_stands_beside_it() -> None:
    erased = Erased("a secret of sixteen or more")
    erased = erased.with_marks([("record", erased.record_mark("crm:C12"))])
    for text in ("见crm:C12，与家人同住", "（同 crm:C12）", "crm:C12, his brother"):
        assert "C12" not in redact_text(text, erased)
    assert redact_text("见crm:C13，与家人同住", erased) == "见crm:C13，与家人同住"
