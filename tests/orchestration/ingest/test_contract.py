import re

import pytest
import yaml

from orchestration.errors import BadInput
from orchestration.ingest.contract import dbt_sources, load_source, write_dbt_sources
from orchestration.settings import PROJECT


def refusal(tmp_path, data, name="crm.yml"):
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_source(path)
    message = str(caught.value)
    assert "\n" not in message
    assert name in message
    return message


def test_an_unknown_key_is_refused_with_its_path(tmp_path, contract):
    contract["objects"]["customers"]["columns"]["name"]["heders"] = ["x"]
    assert "objects.customers.columns.name.heders: unknown key" in refusal(tmp_path, contract)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"primary_key": ["nope"]}, "primary_key names the column 'nope'"),
        ({"modified_at": "nope"}, "modified_at names the column 'nope'"),
        ({"deleted": {"column": "nope", "values": ["1"]}}, "deleted.column names the column 'nope'"),
        ({"replace_together": ["nope"]}, "replace_together names the column 'nope'"),
        ({"mode": "full"}, "snapshot"),
        ({"format": "xls"}, "xlsx"),
        ({"primary_key": []}, "at least 1"),
        ({"delimiter": ";;"}, "one ASCII character"),
        ({"files": "sub/*.csv"}, "expected a file name"),
        ({"files": "a_{load_date:%Y}.csv"}, "year, month and day"),
        ({"files": "a_{load_date}.csv"}, "expected a file name"),
        ({"rows": {"min": 5, "max": 2}}, "max 2 is below min 5"),
        ({"references": {"name": "nope"}}, "unknown object 'nope'"),
        ({"references": {"name": "orders"}}, "primary key of several columns"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused_in_one_line(tmp_path, contract, change, said):
    contract["objects"]["customers"].update(change)
    assert said in refusal(tmp_path, contract)


@pytest.mark.parametrize("kind", ["TEXT", "DECIMAL(18)", "DECIMAL(40,2)", "DECIMAL(4,6)", "varchar"])
def test_a_type_that_raw_does_not_know_is_refused(tmp_path, contract, kind):
    contract["objects"]["customers"]["columns"]["phone"]["type"] = kind
    assert "columns.phone.type" in refusal(tmp_path, contract)


def test_two_columns_with_the_same_header_are_refused_whatever_its_case_and_width(tmp_path, contract):
    contract["objects"]["customers"]["columns"]["phone"]["headers"] = [" Ｎａｍｅ"]
    assert "belongs to both name and phone" in refusal(tmp_path, contract)


def test_the_source_is_named_as_its_file(tmp_path, contract):
    assert "expected 'other' as in the file's name" in refusal(tmp_path, contract, "other.yml")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    assert "the key 'source' stands twice" in refusal(tmp_path, "source: crm\nsource: crm\nobjects: {}\n")


@pytest.mark.parametrize("text", ["- a\n", "", "objects: [", "{a: b}: c\n", "just words"])
def test_what_is_no_mapping_in_yaml_is_refused(tmp_path, text):
    refusal(tmp_path, text)


def test_a_name_with_two_underscores_is_refused_because_raw_views_are_named_with_them(tmp_path, contract):
    contract["objects"]["a__b"] = contract["objects"].pop("orders")
    assert re.search(r"a__b.*single underscores", refusal(tmp_path, contract))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        load_source(tmp_path / "none.yml")


def test_dbt_gets_a_table_per_object_with_the_facts_a_macro_needs(world):
    (source,) = dbt_sources(world.source)["sources"]
    customers, orders = source["tables"]
    assert (source["name"], source["schema"]) == ("crm", "raw")
    assert customers["identifier"] == "crm__customers"
    meta = customers["config"]["meta"]
    assert (meta["primary_key"], meta["mode"], meta["modified_at"]) == (["customer_id"], "snapshot", "modified_at")
    assert orders["config"]["meta"]["replace_together"] == ["order_id"]
    assert customers["columns"][0]["config"]["meta"]["label_zh"] == "客户编号"
    assert [c["name"] for c in customers["columns"]][-8:] == [
        "_source", "_object", "_load_id", "_load_date", "_file", "_row", "_op", "_extra"
    ]  # fmt: skip


def test_dbt_is_told_whose_rows_are_customers():
    (source,) = dbt_sources(load_source(PROJECT / "sources" / "zoho.yml"))["sources"]
    holds = {table["name"] for table in source["tables"] if table["config"]["meta"]["holds_customers"]}
    assert holds == {"accounts", "contacts"}


def test_an_equal_sources_file_is_left_untouched_so_that_dbt_need_not_parse_again(world, tmp_path):
    path = tmp_path / "staging" / "_sources.yml"
    assert write_dbt_sources(world.source, path)
    before = path.stat().st_mtime_ns
    assert not write_dbt_sources(world.source, path)
    assert path.stat().st_mtime_ns == before
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == dbt_sources(world.source)
