"""A warehouse's YAML: what it may say, and the one line that says what is wrong with it."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.errors import BadInput
from orchestration.settings import PROJECT
from orchestration.warehouse import Warehouse, load_warehouse

GOOD = "sources: [canonical]\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        load_warehouse(str(path), PROJECT)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:").strip()


def test_a_warehouse_needs_no_more_than_its_sources(tmp_path: Path) -> None:
    name, warehouse = load_warehouse(str(written(tmp_path, GOOD)), PROJECT)
    assert (name, warehouse) == ("mine", Warehouse(sources=("canonical",)))
    assert (warehouse.extract_lag_days, warehouse.zero_amount_counts_as_purchase, warehouse.retention.runs) == (
        1,
        False,
        7,
    )


def test_every_shipped_warehouse_can_be_named_and_is_what_its_data_say() -> None:
    names = sorted(path.stem for path in (PROJECT / "warehouses").glob("*.yml"))
    shipped = dict(load_warehouse(name, PROJECT) for name in names)
    assert list(shipped) == names
    assert shipped["cdnow"].zero_amount_counts_as_purchase
    assert shipped["cdnow"].lifetime.calibration_cut_on == date(1997, 9, 30)
    assert shipped["complete_journey"].time_zone == "America/New_York"
    assert shipped["complete_journey"].margin_rate == Decimal("0.27")


def test_thresholds_of_gates_are_kept_as_written(tmp_path: Path) -> None:
    text = GOOD + "gates: {customers: {customers_there: {threshold: 5}, merge_rate: {threshold: [0, 0.5]}}}\n"
    _, warehouse = load_warehouse(str(written(tmp_path, text)), PROJECT)
    assert {key: override.threshold for key, override in warehouse.gates["customers"].items()} == {
        "customers_there": 5,
        "merge_rate": [0, 0.5],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "timezone: UTC\n", ["timezone: unknown key", "known keys", "time_zone"]),
        ("sauces: [canonical]\nsources: [canonical]\n", ["sauces: unknown key"]),
        (GOOD + "retention: {weeks: 3}\n", ["retention.weeks: unknown key"]),
        (
            GOOD + "gates: {customers: {customers_there: {limit: 3}}}\n",
            ["gates.customers.customers_there.threshold: is missing"],
        ),
        (GOOD + "gates: {core: {customers_there: {threshold: 3}}}\n", ["gates", "unknown suite core"]),
        ("currency: CNY\n", ["sources: is missing"]),
        ("sources: []\n", ["sources", "at least 1"]),
        ("sources: canonical\n", ["sources: expected a list, found 'canonical'"]),
        ("sources: [canonical, canonical]\n", ["a source stands twice"]),
        ("sources: [shopify]\n", ["sources", "there is no shopify", "sources/shopify.yml"]),
        (GOOD + "time_zone: Asia/Peking\n", ["time_zone: expected the name of a time zone such as Asia/Shanghai"]),
        (GOOD + "currency: Yuan\n", ["currency", "found 'Yuan'"]),
        (GOOD + "extract_lag_days: one\n", ["extract_lag_days", "integer", "found 'one'"]),
        (GOOD + "extract_lag_days: -1\n", ["extract_lag_days", "greater than or equal to 0"]),
        (GOOD + "margin_rate: 27\n", ["margin_rate", "less than or equal to 1"]),
        (GOOD + "lifetime: {calibration_cut_on: autumn}\n", ["lifetime.calibration_cut_on", "date", "found 'autumn'"]),
        (GOOD + "required_objects: [cdnow.orders]\n", ["required_objects", "not cdnow.orders"]),
        (GOOD + "required_objects: [orders]\n", ["required_objects", "<source>.<object>"]),
        (GOOD + "currency: CNY\ncurrency: USD\n", ["line 3", "'currency' stands twice"]),
        (GOOD + "currency: [CNY\n", ["is not YAML: line"]),
        (GOOD + "\tcurrency: CNY\n", ["is not YAML: line 2"]),
        (
            GOOD + "lifetime: {calibration_cut_on: 1997-13-30}\n",
            ["is not YAML: line 2: 1997-13-30", "month must be in 1"],
        ),
        ("- canonical\n", ["found list, expected a mapping with the keys sources,"]),
        ("", ["the file is empty, expected a mapping"]),
        ("# nothing but this\n", ["the file is empty"]),
        (GOOD + "gates: {raw: {customers_phone: 0.5}}\n", ["customers_phone: expected {threshold: …}, found 0.5"]),
        (GOOD + "gates: {raw: [customers_phone]}\n", ["gates.raw: expected a mapping, found ['customers_phone']"]),
        (GOOD + "gates: {raw: {x: {limit: 1, threshold: 2}}}\n", ["x.limit: unknown key; known keys: threshold"]),
        (GOOD + "identity: {auto: 0.9}\n", ["identity.auto: unknown key; known keys: hot_identifier_names, largest"]),
        (GOOD + "retention: 7\n", ["retention: expected {landing_days: …, runs: …}, found 7"]),
        (
            GOOD + "required_objects: canonical.orders\n",
            ["required_objects: expected a list, found 'canonical.orders'"],
        ),
    ],
)
def test_what_is_wrong_is_one_line_with_file_key_and_what_was_expected(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    message = refusal(written(tmp_path, text))
    assert [part for part in said if part not in message] == []


def test_several_mistakes_are_counted_and_the_first_is_told(tmp_path: Path) -> None:
    message = refusal(written(tmp_path, GOOD + "a: 1\nb: 2\nc: 3\n"))
    assert message.endswith("(and 2 more)")


def test_a_key_may_not_be_something_that_cannot_be_a_key(tmp_path: Path) -> None:
    assert "a key must be a plain word" in refusal(written(tmp_path, GOOD + "? [a, b]\n: 1\n? {c: d}\n: 2\n"))


def test_a_missing_file_and_an_unknown_name_say_what_there_is(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yml") == "cannot be read (No such file or directory)"
    with pytest.raises(BadInput, match="no warehouse 'demonstration': expected one of cdnow, complete_journey"):
        load_warehouse("demonstration", PROJECT)


def test_a_file_that_is_not_utf_8_or_a_folder_is_told_from_a_missing_one(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_bytes("sources: [canonical]  # 仓库\n".encode("gb18030"))
    assert "is not UTF-8 (byte 24)" in refusal(path)
    (tmp_path / "folder.yml").mkdir()
    assert "cannot be read (Is a directory)" in refusal(tmp_path / "folder.yml")
