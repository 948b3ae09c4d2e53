"""The environment is read in one place, and a value that cannot be used is one line."""

import os
from pathlib import Path

import duckdb
import jinja2
import pytest
import yaml

from orchestration.errors import BadInput
from orchestration.settings import PROJECT, Settings, command_line, environment_with, set_environment


def test_without_variables_the_project_runs_in_its_own_folder_on_every_core() -> None:
    settings = Settings.from_environment({})
    assert settings.home == PROJECT / "var"
    assert settings.threads == os.cpu_count()
    assert (settings.dagster_home, settings.memory_limit, settings.kill_after) == (None, None, None)


def test_variables_say_where_what_and_how(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"LIUCUN_HOME": str(tmp_path), "LIUCUN_WAREHOUSE": "cdnow", "LIUCUN_THREADS": "3", "LIUCUN_MEMORY_LIMIT": "1GB",
         "LIUCUN_KILL_AFTER": "flip", "DAGSTER_HOME": str(tmp_path / "dagster")}
    )  # fmt: skip
    assert settings == Settings(tmp_path, "cdnow", tmp_path / "dagster", 3, "1GB", "flip")


def test_an_empty_variable_is_an_unset_one() -> None:
    names = ("HOME", "WAREHOUSE", "THREADS", "MEMORY_LIMIT", "KILL_AFTER")
    empty = {f"LIUCUN_{name}": "" for name in names} | {"DAGSTER_HOME": ""}
    assert Settings.from_environment(empty) == Settings.from_environment({})


@pytest.mark.parametrize("value", ["", "1GB"])
def test_dbt_opens_the_warehouse_whether_or_not_a_memory_limit_is_given(value: str) -> None:
    template = jinja2.Template((PROJECT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8"))
    profile = yaml.safe_load(
        template.render(env_var=lambda name, default: {"LIUCUN_MEMORY_LIMIT": value}.get(name, default))
    )
    duckdb.connect(config=profile["liucun"]["outputs"]["duckdb"]["config_options"]).close()


@pytest.mark.parametrize("value", ["abc", "0", "-1", "1.5", "２.", " ", "1e3"])
def test_threads_that_are_no_whole_number_from_one_are_bad_input(value: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settings.from_environment({"LIUCUN_THREADS": value})
    assert str(refused.value) == f"LIUCUN_THREADS: expected a whole number from 1, found {value!r}"


@pytest.mark.parametrize("value", ["plenty", "4", "4 G", "80%", "-1GB", "GB"])
def test_a_memory_limit_that_is_no_size_is_bad_input(value: str) -> None:
    with pytest.raises(BadInput) as refused:
        Settings.from_environment({"LIUCUN_MEMORY_LIMIT": value})
    assert str(refused.value) == f"LIUCUN_MEMORY_LIMIT: expected a size such as 4GB, found {value!r}"


@pytest.mark.parametrize("value", ["512MB", "1.5 GB", "2GiB", "900000B"])
def test_a_memory_limit_that_is_accepted_is_one_that_duckdb_takes(value: str) -> None:
    duckdb.connect(
        config={"memory_limit": Settings.from_environment({"LIUCUN_MEMORY_LIMIT": value}).memory_limit}
    ).close()


def test_a_home_that_is_a_file_is_bad_input_and_said_to_come_from_where_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "var"
    file.write_text("")
    named = Settings.from_environment({"LIUCUN_HOME": str(file)})
    monkeypatch.setattr("orchestration.settings.PROJECT", tmp_path)
    unnamed = Settings.from_environment({})
    on_the_line = Settings.from_environment({"LIUCUN_HOME": str(tmp_path)}).override(home=file)
    for settings, named_by in ((named, "LIUCUN_HOME"), (unnamed, "the default home"), (on_the_line, "--home")):
        with pytest.raises(BadInput, match=rf"^{named_by}: {file} is not a folder that can be written"):
            settings.require_home()


def test_only_the_home_that_counts_must_be_usable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "var").write_text("")
    monkeypatch.setattr("orchestration.settings.PROJECT", tmp_path)
    Settings.from_environment({"LIUCUN_HOME": str(tmp_path / "set")}).require_home()
    Settings.from_environment({}).override(home=tmp_path / "said").require_home()
    Settings.from_environment({"LIUCUN_HOME": __file__}).override(home=tmp_path / "said").require_home()


def test_the_command_line_outranks_the_environment(tmp_path: Path) -> None:
    settings = Settings.from_environment({"LIUCUN_HOME": "/somewhere", "LIUCUN_WAREHOUSE": "cdnow"})
    assert settings.override() == settings
    said = settings.override(home=tmp_path / "a" / ".." / "b", warehouse="mine.yml")
    assert (said.home, said.warehouse) == (tmp_path / "b", str(Path.cwd() / "mine.yml"))


@pytest.mark.parametrize(
    ("environment", "home", "warehouse", "options"),
    [
        ({}, None, None, ""),
        ({}, None, "cdnow", "--warehouse cdnow"),
        ({}, None, "mine.yml", "--warehouse /mine.yml"),
        ({}, "there", None, "--home /there"),
        # Whoever pastes it may have another environment, and whoever has this one must get at the default.
        ({"LIUCUN_WAREHOUSE": "cdnow", "LIUCUN_HOME": "/data"}, None, None, "--warehouse cdnow --home /data"),
        ({"LIUCUN_WAREHOUSE": "cdnow"}, None, "demo", "--warehouse demo"),
        ({"LIUCUN_HOME": "/data"}, PROJECT / "var", None, f"--home {PROJECT / 'var'}"),
    ],
)
def test_a_command_to_paste_names_what_is_not_the_default(
    environment: dict[str, str], home: Path | None, warehouse: str | None, options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    settings = Settings.from_environment(environment).override(Path(home) if home else None, warehouse)
    assert command_line("run --again", settings.options) == f"liucun run --again {options}".strip()


def test_a_path_with_blanks_is_quoted_in_a_command_to_paste() -> None:
    assert command_line("run", ["--warehouse", "/my shop.yml"]) == "liucun run --warehouse '/my shop.yml'"


def test_variables_for_libraries_reach_this_process_and_only_a_copy_reaches_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIUCUN_TRIED", "before")
    assert environment_with({"LIUCUN_TRIED": "other"})["LIUCUN_TRIED"] == "other"
    assert os.environ["LIUCUN_TRIED"] == "before"
    set_environment({"LIUCUN_TRIED": "after"})
    assert os.environ["LIUCUN_TRIED"] == "after"
