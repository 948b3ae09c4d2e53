"""The graph that Dagster shows and runs: a refused gate stops everything after it, and time comes from outside."""

import inspect
import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.assets.ingest import INCOMING
from orchestration.definitions import DAILY, definitions
from orchestration.errors import BadInput
from orchestration.prepare import Prepared, prepare
from orchestration.run import RunRequest
from orchestration.settings import Settings
from samples.shop import FIRST_DAY, Shop
from tests.e2e.command import Home, command
from tests.e2e.conftest import checksums, tree

ORDER = ["incoming", "gate_raw", "raw", "build_customers", "gate_customers", "build_marts", "gate_marts", "published"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("graph"))
    shop.land()
    return shop


@pytest.fixture(scope="module")
def prepared(shop: Shop) -> Iterator[Prepared]:
    """The shop as a run of it would find it; variables that preparing sets are gone afterwards."""
    before = dict(os.environ)
    yield prepare(Settings(shop.home, str(shop.warehouse), None, 1, None, None))
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def graph(prepared: Prepared) -> dg.Definitions:
    return definitions(prepared)


def started(result: dg.ExecuteInProcessResult) -> list[str]:
    """The steps that began, in order."""
    return [str(event.step_key) for event in result.all_events if event.is_step_start]


def by_dagster(shop: Shop) -> dg.ExecuteInProcessResult:
    """Runs the job as the daemon does, in this process."""
    job = definitions(prepare(Settings(shop.home, str(shop.warehouse), None, 1, None, None))).resolve_job_def(DAILY)
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False)


def steps_of(root: Path) -> list[str]:
    """The steps that the published run recorded."""
    manifest = json.loads((root / "published" / "current" / "manifest.json").read_text(encoding="utf-8"))
    return [step["name"] for step in manifest["steps"]]


def test_dagster_publishes_by_the_steps_of_the_command_line(shop: Shop) -> None:
    home = Home.of(shop)
    result = by_dagster(shop)
    assert result.success
    assert started(result) == ORDER
    made = {asset.path[-1] for asset in (e.asset_key for e in result.get_asset_materialization_events()) if asset}
    assert {"incoming", "stg_canonical__orders", "dim_customer", "mart_retention_period", "published"} <= made
    scheduled, tables = steps_of(home.root), checksums(home.root)
    by_hand = home.published()
    assert steps_of(home.root) == scheduled
    assert by_hand == tables


def test_after_a_refused_gate_no_later_step_starts_and_what_is_published_stays(shop: Shop) -> None:
    home = Home.of(shop)
    home.published()
    published, current = tree(home.root / "published"), (home.root / "published" / "current").readlink()

    text = shop.warehouse.read_text(encoding="utf-8")
    shop.warehouse.write_text(text + "gates: {customers: {customers_there: {threshold: 1000000}}}\n", encoding="utf-8")
    try:
        by_hand = home("run")
        scheduled = by_dagster(shop)
    finally:
        shop.warehouse.write_text(text, encoding="utf-8")

    assert by_hand.code == 2
    assert len(by_hand.err.strip().splitlines()) == 1
    assert "customers/customers_there" in by_hand.err
    assert "dim_customer" in by_hand.err
    assert "build_marts" not in by_hand.out
    assert started(scheduled) == ORDER[: ORDER.index("gate_customers") + 1]
    assert not scheduled.success
    verdicts = [e for e in scheduled.get_asset_check_evaluations() if e.check_name == "gate_customers"]
    assert len(verdicts) > 5
    assert not any(verdict.passed for verdict in verdicts)
    now = tree(home.root / "published")
    assert {k: v for k, v in now.items() if k != "status.json"} == {
        k: v for k, v in published.items() if k != "status.json"
    }
    status = json.loads((home.root / "published" / "status.json").read_text(encoding="utf-8"))
    assert (status["result"], status["is_stale"]) == ("refused", True)
    assert status["current"]["run_id"] == current.name
    assert "customers_there" in status["reason"]


def test_the_gates_block_what_stands_on_them(graph: dg.Definitions) -> None:
    specs = [spec for checks in graph.asset_checks or [] for spec in checks.check_specs]
    assert {spec.name for spec in specs} == {"gate_raw", "gate_customers", "gate_marts"}
    assert all(spec.blocking for spec in specs)
    assert [spec.asset_key for spec in specs if spec.name == "gate_raw"] == [INCOMING]


def test_lineage_reaches_from_landing_to_what_is_published_without_a_hole(
    graph: dg.Definitions, prepared: Prepared
) -> None:
    assets = graph.resolve_asset_graph()
    published = dg.AssetKey("published")
    above = {key.path[-1] for key in assets.get_ancestor_asset_keys(published)}
    assert {"incoming", "stg_canonical__orders", "id_crosswalk", "fct_order", "mart_retention_period"} <= above
    for name in prepared.sources["canonical"].objects:
        assert assets.get(dg.AssetKey(["canonical", name])).parent_keys == {INCOMING}
    assert not assets.get(INCOMING).parent_keys
    hanging = [key for key in assets.materializable_asset_keys if not assets.get(key).parent_keys and key != INCOMING]
    seeds = {node["name"] for node in prepared.manifest["nodes"].values() if node["resource_type"] == "seed"}
    state_only = {key.path[-1] for key in hanging if key.path[-1].startswith(("stg_state__", "stg_ledger__"))}
    # Characters and divisions come from packages.
    assert {key.path[-1] for key in hanging} <= seeds | state_only | {"id_character", "id_division"}


def test_the_job_runs_in_one_process(graph: dg.Definitions) -> None:
    # dbt and the gates share one DuckDB file, which a second process could not open.
    assert graph.resolve_job_def(DAILY).executor_def is dg.in_process_executor


def test_the_schedule_passes_the_date_of_its_tick_in_business_time(graph: dg.Definitions) -> None:
    (schedule,) = graph.schedules or []
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.execution_timezone == "Asia/Shanghai"
    # Six in the morning in Shanghai is still the evening before in UTC.
    tick = datetime(2025, 4, 1, 22, 0, tzinfo=ZoneInfo("UTC"))
    with dg.build_schedule_context(scheduled_execution_time=tick) as context:
        (request,) = schedule.evaluate_tick(context).run_requests or []
    assert request.run_key == "2025-04-02"
    config = request.run_config["resources"]["run"]["config"]
    asked = RunRequest.from_config({"full_refresh": False, "again": False, **config})
    assert asked == RunRequest(known_on=datetime(2025, 4, 2).date(), scheduled=True)
    job = graph.resolve_job_def(DAILY)
    assert dg.validate_run_config(job, request.run_config)


def test_a_date_in_the_launchpad_that_is_none_is_bad_input() -> None:
    with pytest.raises(BadInput, match=r"run config as_of: expected a date YYYY-MM-DD, found '01\.04\.2025'"):
        RunRequest.from_config({"as_of": "01.04.2025"})


def test_the_sensor_asks_for_a_run_once_per_set_of_loads(graph: dg.Definitions, shop: Shop) -> None:
    (sensor,) = graph.sensors or []
    assert isinstance(sensor, dg.SensorDefinition)
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED

    def look(cursor: str | None) -> tuple[int, str | None]:
        with dg.build_sensor_context(cursor=cursor, definitions=graph) as context:
            tick = sensor.evaluate_tick(context)
        return len(tick.run_requests or []), tick.cursor

    count, cursor = look(None)
    assert count == 1
    assert cursor
    assert look(cursor) == (0, cursor)
    another = shop.path("orders", FIRST_DAY + timedelta(days=1))
    another.write_bytes(shop.path("orders").read_bytes())
    # As if it lay there for an hour: files that may still grow wait.
    hour_ago = another.stat().st_mtime - 3600
    os.utime(another, (hour_ago, hour_ago))
    try:
        count, wider = look(cursor)
        assert count == 1
        assert len(str(wider)) > len(cursor)
        assert look(wider) == (0, wider)
    finally:
        another.unlink()


def test_a_first_look_at_an_empty_landing_asks_for_nothing(prepared: Prepared, tmp_path: Path) -> None:
    nobody = prepare(Settings(tmp_path, str(prepared.settings.warehouse), None, 1, None, None))
    from orchestration.sensors import landing_sensor

    (tmp_path / nobody.name / "landing").mkdir(parents=True)
    job = dg.define_asset_job("empty")
    with dg.build_sensor_context() as context:
        assert not landing_sensor(job, nobody).evaluate_tick(context).run_requests


def test_dagster_dbt_still_tells_dagster_of_dbt_events_as_we_ask_it_to() -> None:
    # Not part of its public interface: an upgrade that changes it must fail here, not in a night's run.
    asked = inspect.signature(DbtCoreCliEventMessage.to_default_asset_events)
    asked.bind(object(), {"nodes": {}}, object(), object())
    assert list(asked.parameters)[1:4] == ["manifest", "dagster_dbt_translator", "context"]
    inspect.signature(DbtCoreCliEventMessage).bind(raw_event={}, event_history_metadata={})


def test_an_import_of_the_code_location_reads_no_environment() -> None:
    told = command("run", "--warehouse", "nowhere", LIUCUN_WAREHOUSE="nowhere")
    assert told.code == 3
    import orchestration.definitions

    with pytest.raises(AttributeError):
        _ = orchestration.definitions.nothing_of_this_name
