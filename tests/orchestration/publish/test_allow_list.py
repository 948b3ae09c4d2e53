import copy

import pytest

from orchestration.errors import BadInput
from orchestration.publish.allow_list import published_tables


def _column(name: str, **meta: object) -> dict:
    return {
        "name": name,
        "data_type": "VARCHAR",
        "description": f"What {name}\nmeans",
        "meta": {},
        "config": {"meta": {"label_zh": "列", **meta}},
    }


def _manifest() -> dict:
    def model(name: str, **meta: object) -> dict:
        return {
            "resource_type": "model",
            "name": name,
            "alias": name,
            "schema": "marts",
            "patch_path": f"liucun://models/marts/{name}.yml",
            "description": "One row per customer",
            "meta": {},
            "config": {"meta": {"label_zh": "表", **meta}},
            "columns": {c["name"]: c for c in (_column("customer_id"), _column("phone", pii="phone"), _column("b"))},
        }

    nodes = {
        "model.liucun.mart_b": model("mart_b", published=True, grain=["customer_id"]),
        "model.liucun.mart_a": model("mart_a", published=True, grain=["customer_id", "b"]),
        "model.liucun.fct_order": model("fct_order", grain=["customer_id"]),
        "test.liucun.x": {"resource_type": "test", "name": "x", "config": {"meta": {"published": True}}},
    }
    return {"nodes": nodes}


def _broken(change) -> str:
    manifest = _manifest()
    change(manifest["nodes"]["model.liucun.mart_b"])
    with pytest.raises(BadInput) as refused:
        published_tables(manifest)
    return str(refused.value)


def test_only_models_marked_published_are_on_the_list_by_name():
    assert [table.name for table in published_tables(_manifest())] == ["mart_a", "mart_b"]


def test_a_table_carries_its_grain_and_comments_in_both_languages():
    table = published_tables(_manifest())[0]
    assert (table.grain, table.comment) == (("customer_id", "b"), "One row per customer · 表")
    assert table.columns[0].comment == "What customer_id means · 列"


def test_a_column_with_pii_is_left_out_even_when_it_asks_to_be_published():
    manifest = _manifest()
    manifest["nodes"]["model.liucun.mart_a"]["columns"]["phone"]["config"]["meta"]["published"] = True
    assert [table.column_names for table in published_tables(manifest)] == [("customer_id", "b")] * 2


def test_a_column_marked_unpublished_is_left_out():
    manifest = _manifest()
    manifest["nodes"]["model.liucun.mart_b"]["columns"]["b"]["config"]["meta"]["published"] = False
    assert published_tables(manifest)[1].column_names == ("customer_id",)


def test_meta_beside_config_counts_as_well():
    manifest = copy.deepcopy(_manifest())
    model = manifest["nodes"]["model.liucun.fct_order"]
    model["meta"] = {"published": True}
    model["columns"]["b"]["meta"] = {"pii": True}
    assert published_tables(manifest)[0].name == "fct_order"
    assert published_tables(manifest)[0].column_names == ("customer_id",)


def test_a_published_table_without_grain_is_an_error_that_names_its_file():
    message = _broken(lambda node: node["config"]["meta"].pop("grain"))
    assert "models/marts/mart_b.yml" in message
    assert "grain" in message


def test_a_grain_that_readers_cannot_see_is_an_error():
    message = _broken(lambda node: node["config"]["meta"].update(grain=["customer_id", "phone"]))
    assert "phone" in message


@pytest.mark.parametrize("key", ["data_type", "description"])
def test_a_published_column_without_type_or_description_is_an_error_that_names_it(key: str):
    message = _broken(lambda node: node["columns"]["b"].update({key: ""}))
    assert "column b" in message
    assert key in message


def test_a_published_column_without_its_chinese_label_is_an_error():
    assert "label_zh" in _broken(lambda node: node["columns"]["b"]["config"]["meta"].clear())


def test_published_must_be_true_or_false_and_not_a_word():
    assert "'yes'" in _broken(lambda node: node["config"]["meta"].update(published="yes"))


def test_a_mart_cannot_take_the_name_of_the_table_that_names_the_run():
    assert "run" in _broken(lambda node: node.update(name="run"))


def test_publishing_nothing_is_an_error():
    with pytest.raises(BadInput, match="nothing to publish"):
        published_tables({"nodes": {}})
