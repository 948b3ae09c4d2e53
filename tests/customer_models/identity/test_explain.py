"""The parts of a pair's weight add up to what the pair is merged by."""

import json
import math
import random
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from customer_models.identity.comparison import FEATURES, Party, comparisons
from customer_models.identity.explain import explain
from customer_models.identity.scoring import FORMAT, PAIRS, MatchModel, parse_model, score


def model_of(party: Party, seed: int = 1) -> MatchModel:
    """A model with weights drawn at random, level by level."""
    rng = random.Random(seed)
    compared = comparisons(party)
    for comparison in compared:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level |= {"m_probability": rng.uniform(0.01, 0.9), "u_probability": rng.uniform(1e-6, 0.9)}
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_key",
        "sql_dialect": "duckdb",
        "probability_two_random_records_match": 0.001,
        "comparisons": compared,
        "blocking_rules_to_generate_predictions": [],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }
    return parse_model(party, json.dumps({"format": FORMAT, "party": party, "settings": settings}))


def features_of(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in FEATURES.names} for row in rows], FEATURES)


def pairs_of(*pairs: tuple[str, str]) -> pa.Table:
    return pa.table([[left for left, _ in pairs], [right for _, right in pairs]], schema=PAIRS)


PINYIN = {"张伟": "wei zhang", "章伟": "wei zhang", "李娜": "li na", "李南": "li nan"}


def crowd(count: int) -> list[dict[str, Any]]:
    """Records whose values repeat, are nearly equal or are missing: every level comes up."""
    rng = random.Random(7)

    def some(*values: Any) -> Any:
        return rng.choice((*values, None))

    return [
        {
            "record_key": f"crm:{number:02d}",
            "name_key": (name := some("张伟", "章伟", "李娜", "李南", "张")),
            "name_pinyin": PINYIN.get(name),
            "surname_pinyin": name and ("li" if name[0] == "李" else "zhang"),
            "company_core": some("味丰食品", "苏果超市"),
            "store_token": some("人民路", "解放路"),
            "mobile_key": some("13812345678", "13812345687", "13900001111"),
            "phone_key": some("+8613812345678", "+8613812345679", "+862158881234"),
            "email_key": some("a@b.cn", "c@d.cn"),
            "openid_key": some("o1", "o2"),
            "uscc_key": some("91330106MA2CFHXY3P", "91310115MA1K4ABC2Q"),
            "city_code": some("330100", "310100"),
            "county_code": some("330106", "310115"),
            "address_detail": (street := some("文三路478号", "人民路1号")),
            "address_place": street,
            "address_unit": some("3-1-502", "1"),
            "is_name_partial": name == "张" if name else None,
            "birth_key": some(date(1985, 6, 7), date(1990, 1, 2)),
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("party", ["person", "organisation"])
def test_prior_and_fields_add_up_to_the_score_of_every_pair(party: Party) -> None:
    rows = crowd(40)
    keys = [row["record_key"] for row in rows]
    pairs = pairs_of(*((left, right) for left in keys for right in keys if left < right))
    model = model_of(party)
    weights = {
        (row["left_record_key"], row["right_record_key"]): row["match_weight"]
        for row in score(features_of(*rows), pairs, model).to_pylist()
    }
    found = explain(features_of(*rows), pairs, model)

    assert len(found) == len(weights) == 780
    for pair, explained in zip(pairs.to_pylist(), found, strict=True):
        assert abs(explained.total - weights[pair["left_record_key"], pair["right_record_key"]]) <= 1e-9
    levels = {(field.field, field.level) for explained in found for field in explained.fields}
    told = {
        (comparison["output_column_name"], level["label_for_charts"])
        for comparison in model.settings["comparisons"]
        for level in comparison["comparison_levels"]
    }
    assert levels == told


def test_each_field_has_the_level_that_its_values_reach_and_the_weight_of_that_level() -> None:
    left = {"record_key": "crm:1", "name_key": "张伟", "name_pinyin": "wei zhang", "surname_pinyin": "zhang"}
    right = {**left, "record_key": "crm:2", "name_key": "章伟"}
    left |= {"mobile_key": "13812345678", "email_key": "a@b.cn", "birth_key": date(1985, 6, 7)}
    right |= {"mobile_key": "13812345687", "birth_key": date(1985, 6, 8)}
    model = model_of("person")
    (explained,) = explain(features_of(left, right), pairs_of(("crm:1", "crm:2")), model)

    assert [(field.field, field.level) for field in explained.fields] == [
        ("name", "sounds alike"),
        ("phone", "one slip of the finger"),
        ("email", "not known"),
        ("openid", "not known"),
        ("address", "not known"),
        ("birth", "different"),
    ]
    weights = {
        (comparison["output_column_name"], level["label_for_charts"]): math.log2(
            level["m_probability"] / level["u_probability"]
        )
        for comparison in model.settings["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    }
    for field in explained.fields:
        assert field.weight == pytest.approx(weights.get((field.field, field.level), 0.0), abs=1e-12)
    assert explained.prior == pytest.approx(math.log2(0.001 / 0.999))


def test_explanations_come_in_the_order_of_the_pairs_and_none_for_none() -> None:
    rows = crowd(6)
    pairs = [("crm:04", "crm:05"), ("crm:00", "crm:03"), ("crm:01", "crm:02")]
    model = model_of("person")
    together = explain(features_of(*rows), pairs_of(*pairs), model)

    assert together == [explain(features_of(*rows), pairs_of(pair), model)[0] for pair in pairs]
    assert len({explained.total for explained in together}) == 3
    assert explain(features_of(), pairs_of(), model) == []


def test_an_explanation_prints_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    explain(features_of(*crowd(2)), pairs_of(("crm:00", "crm:01")), model_of("person"))
    assert capfd.readouterr() == ("", "")
