import json
import math
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from customer_models.identity.comparison import PARTIES
from customer_models.identity.scoring import (
    MODELS,
    PAIRS,
    SCORED_PAIRS,
    MatchModel,
    ModelError,
    parse_model,
    read_model,
    score,
    score_pairs,
)
from customer_models.identity.training import TooFew, train
from tests.customer_models.identity.matching import companies, features, people

ZHANG = {"name_key": "zhangwei", "name_pinyin": "wei zhang", "surname_pinyin": "zhang", "is_name_partial": False}


def pairs(*keys: tuple[str, str]) -> pa.Table:
    return pa.table([[left for left, _ in keys], [right for _, right in keys]], schema=PAIRS)


def weights(records: pa.Table, model: MatchModel, *keys: tuple[str, str]) -> dict[tuple[str, str], float]:
    rows = score(records, pairs(*keys), model).to_pylist()
    return {(row["left_record_key"], row["right_record_key"]): row["match_weight"] for row in rows}


def levels(model: MatchModel, comparison: str) -> dict[str, float]:
    """log2(m / u) of each level of a comparison, by its label."""
    found = next(c for c in model.settings["comparisons"] if c["output_column_name"] == comparison)
    return {
        level["label_for_charts"]: math.log2(level["m_probability"] / level["u_probability"])
        for level in found["comparison_levels"]
        if not level.get("is_null_level")
    }


def model_text(**said: object) -> str:
    """A file of a person's model that says this."""
    return json.dumps({"format": 1, "party": "person", **said})


@pytest.fixture(scope="module")
def person() -> MatchModel:
    return read_model("person", MODELS / "person.json")


def test_a_weight_is_the_prior_and_the_sum_of_what_each_field_says(person: MatchModel) -> None:
    records = features(
        {**ZHANG, "record_key": "a", "mobile_key": "13912345679", "email_key": "a@qq.com", "city_code": "110100"},
        {**ZHANG, "record_key": "b", "mobile_key": "13912345670", "email_key": "b@qq.com", "city_code": "310100"},
        {**ZHANG, "record_key": "c", "name_key": "张伟"},
    )
    found = weights(records, person, ("a", "b"), ("a", "c"))
    chance = person.settings["probability_two_random_records_match"]
    prior = math.log2(chance / (1 - chance))
    said = [
        ("name", "same name"),
        ("phone", "one slip of the finger"),
        ("email", "different"),
        ("address", "different"),
    ]
    expected = prior + sum(levels(person, comparison)[label] for comparison, label in said)
    assert found[("a", "b")] == pytest.approx(expected, abs=1e-6)
    # Everything else is unknown of c, and what is unknown says nothing.
    assert found[("a", "c")] == pytest.approx(prior + levels(person, "name")["sounds alike"], abs=1e-6)


def test_a_weight_depends_on_its_two_records_only(person: MatchModel) -> None:
    records = people(300)
    alone = weights(records.slice(0, 2), person, ("r00000", "r00001"))
    among = weights(records, person, *((f"r{n:05}", f"r{n + 1:05}") for n in range(0, 298)))
    assert among[("r00000", "r00001")] == alone[("r00000", "r00001")]
    assert len(among) == 298


def test_whose_weights_say_what_a_person_would_say(person: MatchModel) -> None:
    name, phone, address = (levels(person, comparison) for comparison in ("name", "phone", "address"))
    assert name["same name"] > name["sounds alike"] > name["surname of a partial name"] > 0 > name["different"]
    assert phone["same number"] > 0 > phone["different"]
    assert phone["one slip of the finger"] > 0
    assert address["same door"] > address["same county"] > 0 > address["different"]


@pytest.mark.parametrize("party", PARTIES)
def test_the_shipped_models_can_be_read(party: str) -> None:
    model = read_model(party, MODELS / f"{party}.json")  # type: ignore[arg-type]
    assert model.record_count > 10_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "expected JSON"),
        ("[]", "found list"),
        (json.dumps({"format": 0, "party": "person"}), "found 0 of person"),
        (json.dumps({"format": 1, "party": "organisation"}), "found 1 of organisation"),
        (model_text(record_count=9, settings=None), "damaged"),
        (model_text(settings={"comparisons": "abc"}), "damaged"),
        (model_text(record_count="many", settings={"comparisons": []}), "damaged"),
        (model_text(record_count=9, settings={"comparisons": []}), "it compares name in another way"),
    ],
)
def test_a_model_of_another_version_is_refused_with_what_to_do(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=said) as refused:
        read_model("person", path)
    assert str(path) in str(refused.value)
    assert "liucun train-identity" in str(refused.value)


def test_no_pairs_and_no_records_score_nothing(person: MatchModel) -> None:
    assert score(features(), pairs(), person).num_rows == 0


@pytest.mark.parametrize(("party", "records"), [("person", people(1500)), ("organisation", companies(1000))])
def test_training_gives_the_same_model_from_records_in_any_order(party: str, records: pa.Table, tmp_path: Path) -> None:
    first = train(records, party, date(2026, 1, 1), charts=tmp_path)  # type: ignore[arg-type]
    backwards = records.take(pa.array(range(records.num_rows - 1, -1, -1)))
    again = train(backwards, party, date(2026, 1, 1))  # type: ignore[arg-type]
    ours, theirs = (parse_model(party, text) for text in (first, again))  # type: ignore[arg-type]
    for comparison in ("name", "phone"):
        assert levels(ours, comparison) == pytest.approx(levels(theirs, comparison), rel=1e-6)
    assert "<script" in (tmp_path / f"{party}_match_weights_chart.html").read_text(encoding="utf-8")


def test_training_wants_enough_records() -> None:
    with pytest.raises(TooFew, match="needs 500"):
        train(people(100), "person", date(2026, 1, 1))


def test_only_pairs_are_weighed_whose_records_or_model_have_changed(person: MatchModel) -> None:
    text = (MODELS / "person.json").read_text(encoding="utf-8")
    models = pa.table({"party": ["person"], "model": [text]})
    records = people(40)
    rows = [(f"r{n:05}", f"r{n + 1:05}", "person", n) for n in range(30)]
    columns = ("left_record_key", "right_record_key", "party", "pair_hash")
    asked = pa.table(dict(zip(columns, zip(*rows, strict=True), strict=True)))
    asked = asked.set_column(3, "pair_hash", asked["pair_hash"].cast(pa.uint64()))
    with duckdb.connect() as con:
        features_, pairs_ = con.from_arrow(records), con.from_arrow(asked)
        first = score_pairs(features_, pairs_, models)
        # Of pair 7 something has changed, another pair was weighed by another model.
        known = [row for row in first.to_pylist() if row["pair_hash"] != 7]
        known[7]["model_hash"] = "another"
        again = score_pairs(features_, pairs_, models, con.from_arrow(pa.Table.from_pylist(known, SCORED_PAIRS)))
    assert first.num_rows == 30
    assert sorted(again["pair_hash"].to_pylist()) == sorted({7, known[7]["pair_hash"]})
    weights_before = {row["pair_hash"]: row["match_weight"] for row in first.to_pylist()}
    assert all(row["match_weight"] == weights_before[row["pair_hash"]] for row in again.to_pylist())
