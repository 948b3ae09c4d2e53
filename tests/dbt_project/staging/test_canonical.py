"""The canonical contract is told four times: to ingest, to dbt in SQL and YAML, and to people. All tell the same."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "dbt_project" / "models" / "staging" / "canonical"
PAGE = (ROOT / "docs" / "sources" / "canonical.md").read_text(encoding="utf-8")
CONTRACT: dict[str, Any] = yaml.safe_load((ROOT / "sources" / "canonical.yml").read_text(encoding="utf-8"))["objects"]
TECHNICAL = {"_load_id": "varchar", "_load_date": "date", "uncast_count": "integer"}
ENTITIES = pytest.mark.parametrize("entity", sorted(CONTRACT))

# `*` key, `!` required, as the design lists them. Two headers are no good as names of columns, so that these have
# another name and the header as an alias: `at` is a word of SQL, `source` names the system of a row.
DESIGN = """
customers: customer_id*!, kind!, name!, phone, email, wechat_openid, uscc, gender, birth_date, occupation, province,
 city, district, address, channel, level, owner_id, parent_id, referrer_id, tags, status, created_at!,
 consent_marketing, merged_into_id
owner_history: customer_id*!, owner_id!, from_at*!
orders: order_id*!, customer_id!, ordered_at!, channel, payment_method, status, gross_amount, discount_amount,
 tax_amount, net_amount!, coupon_id, store_id, shipped_at, delivered_at
order_lines: order_id*!, line_no*!, product_id!, quantity!, list_price, net_amount!, cost_amount, is_return,
 original_order_id
products: product_id*!, name, category_1, category_2, category_3, brand, pack_size, launched_on, standard_cost
leads: lead_id*!, source_channel, campaign_id, owner_id, status, score, first_contact_at, converted_at, customer_id,
 opportunity_id, created_at!
opportunities: opportunity_id*!, customer_id, lead_id, owner_id, pipeline, stage!, amount, probability, created_at!,
 expected_close_on, quoted_at, closed_at, is_won, loss_reason
opportunity_stages: opportunity_id*!, seq*!, pipeline, stage!, entered_at!
interactions: interaction_id*!, customer_id, lead_id, owner_id, type!, direction, purpose, started_at!, planned_at,
 replied_at, duration_minutes, campaign_id, cost_amount
cases: case_id*!, customer_id!, owner_id, type, topic, opened_at!, first_reply_at, closed_at, status
feedback: feedback_id*!, customer_id!, kind!, score!, text, sent_at, answered_at
campaigns: campaign_id*!, name, type, start_on!, end_on, cost_amount
campaign_members: campaign_id*!, customer_id*!, arm, sent_at, responded_at
coupons: coupon_id*!, campaign_id, customer_id, issued_at, redeemed_at, order_id
loyalty_transactions: transaction_id*!, customer_id!, points!, type, occurred_at!
browse_events: event_id*!, customer_id!, product_id, event, occurred_at!
social_mentions: mention_id*!, platform, customer_id, occurred_at!, sentiment
employees: employee_id*!, name, team, role, holding_limit, hourly_cost
targets: metric*!, segment*, period*, value!, value_source
benchmarks: metric*!, segment*, period*, value!, value_source
market_sizes: category*!, period*!, market_amount!
initiatives: initiative_id*!, metric!, segment, start_on!, end_on, arm_column
consents: customer_id*!, purpose*!, granted!, granted_at!
notifications: customer_id*!, kind*!, sent_at*!
verified_samples: customer_id*!, attribute*!, verified_value!, verified_at
"""
RENAMED = {"granted_at": "at", "value_source": "source"}


def designed() -> dict[str, dict[str, str]]:
    """Per object, each column with its marks."""
    objects: dict[str, dict[str, str]] = {}
    for line in re.sub(r"\n ", " ", DESIGN).strip().splitlines():
        entity, columns = line.split(": ")
        objects[entity] = {re.sub(r"[*!]", "", c): re.sub(r"[^*!]", "", c) for c in columns.split(", ")}
    return objects


def model_yaml(entity: str) -> dict[str, Any]:
    text = (MODELS / f"stg_canonical__{entity}.yml").read_text(encoding="utf-8")
    (model,) = yaml.safe_load(text)["models"]
    return dict(model)


def model_sql(entity: str) -> str:
    return (MODELS / f"stg_canonical__{entity}.sql").read_text(encoding="utf-8")


def page_rows(entity: str) -> dict[str, list[str]]:
    """The table of one object on the contract's page: cells by column."""
    section = re.search(rf"^### {entity} .*?(?=^### |\Z)", PAGE, flags=re.M | re.S)
    assert section, f"docs/sources/canonical.md has no section {entity}"
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section[0].splitlines() if line[:3] == "| `"
    ]
    return {row[0].strip("`"): row for row in rows}


def test_the_contract_has_every_object_of_the_design_with_its_keys_and_required_columns() -> None:
    found = {
        entity: {
            name: ("*" if name in spec["primary_key"] else "") + ("!" if column.get("required") else "")
            for name, column in spec["columns"].items()
            if name not in ("modified_at", "is_deleted")
        }
        for entity, spec in CONTRACT.items()
    }

    assert found == designed()
    for spec in CONTRACT.values():
        assert list(spec["columns"])[-2:] == ["modified_at", "is_deleted"]
        for column, header in RENAMED.items():
            assert header in spec["columns"].get(column, {"headers": [header]})["headers"]


@ENTITIES
def test_staging_has_the_columns_of_the_contract_in_order_and_with_their_types(entity: str) -> None:
    declared = {c["name"]: c["data_type"].replace(" ", "") for c in model_yaml(entity)["columns"]}
    contract = {name: column["type"].lower() for name, column in CONTRACT[entity]["columns"].items()}

    assert declared == {"source": "varchar", **contract, **TECHNICAL}
    assert list(declared) == ["source", *contract, *TECHNICAL]
    selected = re.findall(r"^    (?:.* as )?(\w+),?$", model_sql(entity).split("\nselect\n")[1], flags=re.M)
    assert selected == list(declared)


@ENTITIES
def test_each_cell_that_can_fail_to_be_read_is_counted(entity: str) -> None:
    typed = re.findall(r"^    '(\w+)': ", model_sql(entity), flags=re.M)
    accepted = model_yaml(entity)["data_tests"][0]["holds_contract"]["arguments"].get("accepted", {})

    assert set(typed) == {
        name for name, c in CONTRACT[entity]["columns"].items() if c["type"] != "VARCHAR" or name in accepted
    }


@ENTITIES
def test_the_grain_of_staging_is_the_key_of_the_contract(entity: str) -> None:
    model = model_yaml(entity)
    grain = CONTRACT[entity]["primary_key"]

    assert model["config"]["meta"]["grain"] == grain
    assert model["data_tests"][0]["holds_contract"]["arguments"]["grain"] == grain
    assert model["config"]["contract"] == {"enforced": True}


@ENTITIES
def test_the_words_that_staging_accepts_are_the_words_that_it_reads(entity: str) -> None:
    read = {
        column: re.findall(r"'(\w+)'", words)
        for column, words in re.findall(r"'(\w+)': to_choice\('\w+', \[(.*?)\]\)", model_sql(entity))
    }

    assert model_yaml(entity)["data_tests"][0]["holds_contract"]["arguments"].get("accepted", {}) == read
    for column, words in read.items():
        assert page_rows(entity)[column][2] == " / ".join(f"`{word}`" for word in words)


@ENTITIES
def test_each_column_is_described_in_both_languages(entity: str) -> None:
    for column in model_yaml(entity)["columns"]:
        assert column["description"].isascii(), column["name"]
        assert column["config"]["meta"]["label_zh"], column["name"]
    for name, column in CONTRACT[entity]["columns"].items():
        assert column["description"].isascii(), name
        assert column["label_zh"] in column["headers"], name


@ENTITIES
def test_the_page_names_each_column_with_its_marks_and_headers(entity: str) -> None:
    spec, rows = CONTRACT[entity], page_rows(entity)
    technical = ("modified_at", "is_deleted")
    columns = {RENAMED.get(name, name): (name, c) for name, c in spec["columns"].items() if name not in technical}

    assert list(rows) == list(columns)
    for shown, (name, column) in columns.items():
        mark = "key" if name in spec["primary_key"] else "yes" if column.get("required") else ""
        assert rows[shown][1] == mark, shown
        assert set(filter(None, rows[shown][4].split(", "))) == {name, *column["headers"]} - {shown}, shown


def test_the_files_shown_on_the_page_fit_the_contract() -> None:
    examples = re.findall(r"^`(\w+)\.csv`\n\n```csv\n(.*?)```", PAGE, flags=re.M | re.S)

    assert [entity for entity, _ in examples] == ["customers", "orders", "order_lines"]
    for entity, text in examples:
        columns = CONTRACT[entity]["columns"]
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
        assert rows
        assert set(rows[0]) <= set(columns)
        assert {name for name, column in columns.items() if column.get("required")} <= set(rows[0])
        assert all(None not in row and None not in row.values() for row in rows)
        keys = [tuple(row[key] for key in CONTRACT[entity]["primary_key"]) for row in rows]
        assert len(set(keys)) == len(keys)
