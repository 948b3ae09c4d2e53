"""Whatever is wrong with command line, YAML, environment or folder: one line that says what, and the promised code."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from orchestration.cli import main
from orchestration.lock import hold
from orchestration.settings import PROJECT

YAML = "sources: [canonical]\nextract_lag_days: 0\n"
Said = tuple[int, str, str]
Cli = Callable[..., Said]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs one command in this process: exit code, standard output, standard error."""
    for name in [name for name in os.environ if name.startswith("LIUCUN_")]:
        monkeypatch.delenv(name)

    def run(*arguments: object) -> Said:
        # The command may set variables for libraries; they are gone after the test.
        with monkeypatch.context() as during:
            during.setattr(os, "environ", os.environ.copy())
            code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yml"
    path.write_text(YAML, encoding="utf-8")
    return path


def is_one_line(err: str, *parts: str) -> None:
    assert err.startswith("liucun: "), err
    assert len(err.strip().splitlines()) == 1, err
    assert "Traceback" not in err
    assert [part for part in parts if part not in err] == [], err


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("", ["command", "liucun --help"]),
        ("runn", ["invalid choice: 'runn'", "run"]),
        ("run --as-of yesterday", ["--as-of", "expected a date YYYY-MM-DD, found 'yesterday'"]),
        ("run --as-of 2025-02-30", ["--as-of", "found '2025-02-30'"]),
        ("run --known-on 31/12/2025", ["--known-on", "expected a date YYYY-MM-DD"]),
        ("run --as-of", ["--as-of", "expected one argument"]),
        ("run --fast", ["liucun: run: unrecognized arguments: --fast; see liucun run --help"]),
        ("--fast run", ["liucun: run: unrecognized arguments: --fast"]),
        ("--as-of 2025-01-01", ["liucun: argument command: invalid choice", "; see liucun --help"]),
        ("run --as-of never", ["liucun: run: argument --as-of: expected a date", "; see liucun run --help"]),
        ("run complete_journey", ["unrecognized arguments: complete_journey"]),
        ("run --scheduled --as-of 2025-01-01", ["--scheduled", "--as-of"]),
        ("run --scheduled --known-on 2025-01-01", ["--scheduled", "--known-on"]),
        ("rollback", ["--because"]),
        ("accept 0123", ["--because"]),
        ("discard --because odd", ["LOAD"]),
        ("dev --port http", ["--port", "'http'"]),
        ("new-source", ["name"]),
        ("new-source Shop", ["'Shop'", "lower-case letters"]),
        ("new-source canonical", ["there is a source canonical already"]),
        ("new-source shopify --objects invoices", ["no canonical object 'invoices'"]),
        ("new-model visits", ["begins with mart_"]),
        ("new-model mart_customer_rfm", ["there is a model mart_customer_rfm already"]),
        ("run --warehouse nowhere", ["no warehouse 'nowhere'", "complete_journey"]),
        ("run --warehouse no/such.yml", ["no/such.yml", "No such file"]),
    ],
)
def test_a_bad_command_line_is_told_in_one_line_and_exits_with_3(cli: Cli, line: str, parts: list[str]) -> None:
    code, out, err = cli(*line.split())
    assert code == 3
    assert out == ""
    is_one_line(err, *parts)


def test_blanks_between_the_objects_of_a_new_source_are_no_part_of_their_names(cli: Cli) -> None:
    code, _, err = cli("new-source", "shopify", "--objects", "customers, orders , invoices")
    assert code == 3
    is_one_line(err, "no canonical object 'invoices'")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (YAML + "timezone: UTC\n", ["mine.yml", "timezone", "unknown key"]),
        (YAML + "time_zone: Mars/Olympus\n", ["mine.yml", "time_zone", "expected the name of a time zone"]),
        (YAML + "rfm_window_days: a year\n", ["mine.yml", "rfm_window_days", "integer", "'a year'"]),
        (YAML + "extract_lag_days: 1\n", ["mine.yml", "'extract_lag_days' stands twice"]),
        ("sources: [shopify]\n", ["mine.yml", "sources", "there is no shopify"]),
        (
            YAML + "required_objects: [canonical.invoices]\n",
            ["mine", "required_objects", "no object invoices", "orders"],
        ),
        (YAML + "gates: {customers: {no_such: {threshold: 1}}}\n", ["customers", "no_such"]),
        (YAML + "gates: {customers: {customers_there: {threshold: many}}}\n", ["customers_there", "threshold"]),
        ("sources: [canonical\n", ["mine.yml", "is not YAML"]),
    ],
)
@pytest.mark.parametrize("command", ["run", "status"])
def test_a_bad_warehouse_is_told_in_one_line_and_exits_with_3(
    cli: Cli, tmp_path: Path, warehouse: Path, command: str, text: str, parts: list[str]
) -> None:
    warehouse.write_text(text, encoding="utf-8")
    code, _, err = cli(command, "--warehouse", warehouse, "--home", tmp_path / "home")
    assert code == 3
    is_one_line(err, *parts)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LIUCUN_THREADS", "abc", "LIUCUN_THREADS: expected a whole number from 1, found 'abc'"),
        ("LIUCUN_THREADS", "0", "LIUCUN_THREADS: expected a whole number from 1, found '0'"),
        ("LIUCUN_MEMORY_LIMIT", "plenty", "LIUCUN_MEMORY_LIMIT: expected a size such as 4GB, found 'plenty'"),
        ("LIUCUN_HOME", __file__, "LIUCUN_HOME: "),
        ("LIUCUN_WAREHOUSE", "nowhere", "no warehouse 'nowhere'"),
    ],
)
def test_a_bad_variable_is_told_in_one_line_and_exits_with_3(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    code, _, err = cli("status")
    assert code == 3
    is_one_line(err, said)


def test_a_warehouse_without_extracts_says_where_they_go(cli: Cli, tmp_path: Path, warehouse: Path) -> None:
    code, _, err = cli("run", "--warehouse", warehouse, "--home", tmp_path / "home")
    assert code == 3
    landing = tmp_path / "home" / "mine" / "landing"
    is_one_line(err, f"{landing}: there are no extracts yet", "<source>/<object>/load_date=YYYY-MM-DD/")


def test_an_extract_without_a_load_date_exits_with_3(cli: Cli, tmp_path: Path, warehouse: Path) -> None:
    path = tmp_path / "home" / "mine" / "landing" / "canonical" / "orders" / "orders.csv"
    path.parent.mkdir(parents=True)
    path.write_text("order_id\n", encoding="utf-8")
    code, _, err = cli("run", "--warehouse", warehouse, "--home", tmp_path / "home")
    assert code == 3
    is_one_line(err, "orders.csv", "load_date")


@pytest.mark.parametrize(
    "command", ["status", "runs", "prune", "rollback --because odd", "retry 0123", "accept 0 --because ok"]
)
def test_looking_at_a_warehouse_that_never_ran_does_not_make_it(
    cli: Cli, tmp_path: Path, warehouse: Path, command: str
) -> None:
    code, _, err = cli(*command.split(), "--warehouse", warehouse, "--home", tmp_path / "home")
    assert code == 3
    makes_it = f"`liucun run --warehouse {warehouse} --home {tmp_path / 'home'}`"
    is_one_line(err, "there is no such warehouse folder yet", makes_it)
    assert not (tmp_path / "home").exists()


def land_customer(home: Path, times: int) -> None:
    """An extract of customers in which one stands so many times."""
    file = home / "mine" / "landing" / "canonical" / "customers" / "load_date=2025-11-01" / "customers.csv"
    file.parent.mkdir(parents=True)
    row = "C1,person,张三,13912345678,2025-03-01T02:00:00Z\n"
    file.write_text("customer_id,kind,name,phone,created_at\n" + row * times, encoding="utf-8")
    # As if it lay there for an hour: files that may still grow wait.
    os.utime(file, (file.stat().st_mtime - 3600,) * 2)


def test_a_scheduled_run_is_of_today_and_refuses_a_day_whose_required_extracts_have_not_come(
    cli: Cli, tmp_path: Path, warehouse: Path
) -> None:
    land_customer(tmp_path, times=1)
    warehouse.write_text(YAML + "time_zone: Etc/GMT-14\nrequired_objects: [canonical.customers]\n", encoding="utf-8")
    code, out, err = cli("run", "--scheduled", "--warehouse", warehouse, "--home", tmp_path)
    assert code == 2
    is_one_line(err, "raw/freshness (critical): the newest load of canonical.customers is of 2025-11-01")
    today = datetime.now(timezone(timedelta(hours=14))).date()
    assert f"mine as of {today}, loads known on {today}" in out


def test_commands_that_a_refusal_prints_work_when_pasted(cli: Cli, tmp_path: Path, warehouse: Path) -> None:
    land_customer(tmp_path, times=2)
    code, _, err = cli("run", "--warehouse", warehouse, "--home", tmp_path)
    assert code == 2
    accept, discard = [command for command in re.findall("`liucun ([^`]+)`", err) if "--because" in command]
    code, out, _ = cli(*shlex.split(accept))
    assert code == 0
    (run,) = re.findall("`liucun ([^`]+)`", out)
    assert shlex.split(run) == ["run", "--warehouse", str(warehouse), "--home", str(tmp_path)]
    assert cli(*shlex.split(discard))[0] == 0


def test_a_refusal_is_not_lifted_by_retry_when_there_is_nothing_left_to_judge(
    cli: Cli, tmp_path: Path, warehouse: Path
) -> None:
    home, at = tmp_path / "home", ("--warehouse", warehouse, "--home", tmp_path / "home")
    land_customer(home, times=3)
    assert cli("run", *at)[0] == 2
    (refused,) = (home / "mine" / "quarantine").iterdir()
    shutil.rmtree(home / "mine" / "landing" / "canonical")
    code, _, err = cli("retry", refused.name, *at)
    assert code == 3
    is_one_line(err, f"retry {refused.name}: its files do not lie in")
    assert (refused / "rejects.parquet").is_file()


@pytest.mark.parametrize("name", ["mine", "mine/landing", "mine/overrides"])
@pytest.mark.parametrize("command", ["run", "status", "rollback --because odd"])
def test_a_file_where_a_folder_belongs_exits_with_3(
    cli: Cli, tmp_path: Path, warehouse: Path, name: str, command: str
) -> None:
    file = tmp_path / "home" / name
    file.parent.mkdir(parents=True)
    file.write_text("", encoding="utf-8")
    code, _, err = cli(*command.split(), "--warehouse", warehouse, "--home", tmp_path / "home")
    assert code == 3
    is_one_line(err, f"{file}: expected a folder, found a file")


def test_a_folder_of_loads_on_another_disk_exits_with_3(
    cli: Cli, tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tmp_path / "mine" / "raw"
    raw.mkdir(parents=True)
    stat = os.stat

    def of_another_disk(path: object, *arguments: object, **options: object) -> os.stat_result:
        found = stat(path, *arguments, **options)  # type: ignore[arg-type]
        return os.stat_result([*found[:2], found.st_dev + 1, *found[3:]]) if path == raw else found

    monkeypatch.setattr(os, "stat", of_another_disk)
    code, _, err = cli("status", "--warehouse", warehouse, "--home", tmp_path)
    assert code == 3
    is_one_line(err, f"{raw}: lies on another disk than {tmp_path / 'mine'}")


def test_a_user_s_own_warehouse_of_a_sample_s_name_gets_no_invented_extracts(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "demo.yml"
    own.write_text(YAML, encoding="utf-8")
    code, _, err = cli("run", "--warehouse", own, "--home", tmp_path / "home")
    assert code == 3
    is_one_line(err, "there are no extracts yet")
    assert list((tmp_path / "home" / "demo" / "landing").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("rollback --because odd", "othing is published"),
        ("retry 0123", "0123"),
        ("discard 0123 --because odd", "0123"),
    ],
)
def test_deciding_about_what_is_not_there_exits_with_3(
    cli: Cli, tmp_path: Path, warehouse: Path, command: str, said: str
) -> None:
    (tmp_path / "mine" / "landing").mkdir(parents=True)
    code, _, err = cli(*command.split(), "--warehouse", warehouse, "--home", tmp_path)
    assert code == 3
    is_one_line(err, said)


@pytest.mark.parametrize("command", ["run", "rollback --because odd", "discard 0 --because odd", "prune"])
def test_while_another_run_holds_the_lock_a_command_exits_with_4(
    cli: Cli, tmp_path: Path, warehouse: Path, command: str
) -> None:
    root = tmp_path / "mine"
    (root / "landing").mkdir(parents=True)
    with hold(root):
        code, _, err = cli(*command.split(), "--warehouse", warehouse, "--home", tmp_path)
    assert code == 4
    is_one_line(err, f"mine: another run (process {os.getpid()}) is at work")


def test_a_warehouse_without_runs_says_so_and_exits_with_0(cli: Cli, tmp_path: Path, warehouse: Path) -> None:
    (tmp_path / "mine" / "landing").mkdir(parents=True)
    at = ("--warehouse", warehouse, "--home", tmp_path)
    run = f"liucun run --warehouse {warehouse} --home {tmp_path}"
    code, out, _ = cli("status", *at)
    assert (code, out.splitlines()) == (0, [f"mine: no run yet; `{run}` makes the first"])
    assert cli("runs", *at)[:2] == (0, "no published run yet\n")


@pytest.fixture
def dagster(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The environments with which Dagster was started; it is not."""
    started: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda path, arguments, environment: started.append(environment))
    return started


def test_dev_hands_dagster_paths_that_hold_in_any_folder(
    cli: Cli, tmp_path: Path, warehouse: Path, dagster: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "history")
    monkeypatch.chdir(tmp_path)
    cli("dev", "--warehouse", warehouse.name, "--home", "home")
    (environment,) = dagster
    handed = [environment[name] for name in ("LIUCUN_WAREHOUSE", "LIUCUN_HOME", "DAGSTER_HOME")]
    assert handed == [str(warehouse), str(tmp_path / "home"), str(tmp_path / "history")]
    assert Path.cwd() == PROJECT


def test_warehouses_share_no_history_of_dagster_whose_schedules_have_the_same_names(
    cli: Cli, tmp_path: Path, warehouse: Path, dagster: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    for path in (warehouse, warehouse.with_name("other.yml")):
        path.write_text(YAML, encoding="utf-8")
        cli("dev", "--warehouse", path, "--home", tmp_path / "home")
    one, other = (Path(environment["DAGSTER_HOME"]) for environment in dagster)
    assert one != other
    assert (one / "dagster.yaml").is_file()
    assert (other / "dagster.yaml").is_file()


def test_dev_of_an_unknown_warehouse_exits_with_3_and_starts_nothing(
    cli: Cli, tmp_path: Path, dagster: list[dict[str, str]]
) -> None:
    code, _, err = cli("dev", "--warehouse", "nowhere", "--home", tmp_path / "home")
    assert code == 3
    is_one_line(err, "no warehouse 'nowhere'")
    assert dagster == []
    assert not (tmp_path / "home").exists()


def test_make_passes_warehouse_and_arguments_on() -> None:
    for target in ("run", "dev"):
        said = ["make", "--dry-run", target, "WAREHOUSE=my shop.yml", "ARGS=--some more"]
        printed = subprocess.run(said, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
        assert f'liucun {target} --warehouse "my shop.yml" --some more' in printed


@pytest.mark.parametrize(
    ("version", "is_fit"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 13, 9), True), ((3, 14, 0), False)]
)
def test_make_asks_for_a_python_that_the_package_allows(
    version: tuple[int, int, int], is_fit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check,) = re.findall(r"\$\(PYTHON\) -c '([^']+)'", (PROJECT / "Makefile").read_text(encoding="utf-8"))
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as ended:
        exec(check)
    assert (not ended.value.code) is is_fit


def test_an_interrupted_command_says_that_nothing_was_published(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestration.cli._command", interrupted)
    code, _, err = cli("run")
    assert code == 1
    is_one_line(err, "interrupted; nothing was published")


def test_a_bug_keeps_its_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("orchestration.cli._command", broken)
    with pytest.raises(ZeroDivisionError):
        cli("run")


@pytest.mark.parametrize(("command", "takes_customers"), [("merge", True), ("split", False), ("revoke", True)])
def test_help_says_whether_a_customer_id_is_taken(
    command: str, takes_customers: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capsys.readouterr().out
    assert "source:id" in shown
    assert ("customer id" in shown) is takes_customers


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    decisions = ["accept", "discard", "retry", "rollback"]
    commands = ["run", "status", "runs", *decisions, "prune", "new-source", "new-model", "dev"]
    assert [name for name in commands if not re.search(rf"\n    {name}\s", shown)] == []
