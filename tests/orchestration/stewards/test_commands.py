"""From the command line to the file and back: what is printed, what is written, and the promised exit codes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.cli import main
from orchestration.lock import hold
from orchestration.stewards import labels, overrides
from orchestration.stewards.overrides import read_overrides

Said = tuple[int, str, str]
Cli = Callable[..., Said]


@pytest.fixture
def stocked(shop: Any) -> Any:
    """Three records of two customers, published, with an edge that waits for a word."""
    shop.record("canonical:1", "C1")
    shop.record("canonical:2", "C1")
    shop.record("canonical:3", "C2", phone="139-1234-5678")
    shop.edge("canonical:1", "canonical:2", "same", 25, "mobile_name")
    shop.edge("canonical:2", "canonical:3", "review", 5)
    shop.pair("canonical:1", "canonical:2", 20, "mobile_name")
    shop.pair("canonical:2", "canonical:3", 5)
    shop.build()
    shop.publish()
    return shop


@pytest.fixture
def cli(stocked: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs one command on that warehouse in this process: exit code, standard output, standard error."""
    yaml = tmp_path / "mine.yml"
    yaml.write_text("sources: [canonical]\n", encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("LIUCUN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("USER", "li")

    def run(line: str, *because: str) -> Said:
        with monkeypatch.context() as during:
            during.setattr(os, "environ", os.environ.copy())
            code = main([*line.split(), *because, "--warehouse", str(yaml), "--home", str(tmp_path)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_a_question_is_answered_and_gone_and_comes_back_when_the_answer_is_revoked(cli: Cli, stocked: Any) -> None:
    folder = stocked.folders.overrides
    assert "1 of 1  C1 and C2" in cli("review")[1]
    code, out, _ = cli("merge C1 canonical:3 --until 2025-12-31", "--because", "rang them, same voice")
    assert code == 0
    assert "canonical:1 and canonical:3 will be one customer" in out
    at = f"--warehouse {stocked.folders.root}.yml --home {stocked.folders.root.parent}"
    assert f"the next run (`liucun run {at}`) does it" in out
    assert f"`liucun revoke canonical:1 canonical:3 --because … {at}` takes it back" in out
    (row,) = read_overrides(folder)
    assert (row.decision, row.decided_by, row.reason) == ("force", "li", "rang them, same voice")
    assert cli("review")[1] == "no question is open\n"
    assert "decided   force by li" in cli("why canonical:1 canonical:3")[1]
    assert cli("revoke canonical:3 canonical:1", "--because", "it was his brother")[0] == 0
    assert cli("split canonical:3 canonical:2", "--because", "brothers")[0] == 0
    assert [row.decision for row in read_overrides(folder)] == ["force", "never"]
    assert cli("review")[1] == "no question is open\n"
    cli("revoke canonical:2 canonical:3", "--because", "not sure")
    assert "1 of 1  C1 and C2" in cli("review")[1]


def test_a_sample_is_drawn_and_labelled(cli: Cli, stocked: Any) -> None:
    code, out, err = cli("review --sample 5 --seed 3")
    assert (code, err) == (0, "")
    assert "2 pairs drawn (1 exact, 0 auto, 1 review, 0 below)" in out
    assert cli("label canonical:3 canonical:2 no")[:2] == (
        0,
        f"1 of 2 drawn pairs wait for a label in {labels.file_of(stocked.folders.overrides)}\n",
    )
    rows = {label.band: label for label in labels.read_labels(stocked.folders.overrides)}
    assert (rows["review"].is_same, rows["review"].labelled_by, rows["exact"].is_same) == (False, "li", None)


@pytest.mark.parametrize("line", ["review", "review --sample 5", "why canonical:1 canonical:3", "why C2"])
def test_values_are_masked_unless_they_are_asked_for(cli: Cli, line: str) -> None:
    code, masked, err = cli(line)
    assert (code, err) == (0, "")
    assert "139****5678" in masked
    assert "139-1234-5678" not in masked
    if "--sample" not in line:
        assert "139-1234-5678" in cli(f"{line} --show-values")[1]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("merge canonical:1", ["RECORD"]),
        ("merge canonical:1 canonical:3", ["--because"]),
        ("merge canonical:1 canonical:3 --because x --until soon", ["--until", "expected a date"]),
        ("merge canonical:1 canonical:9 --because x", ["canonical:9", "no run has seen"]),
        ("split canonical:1 canonical:2 --until 2025-12-31 --because x", ["--until"]),
        ("split C1 C2 --because x", ["expected two records"]),
        ("revoke canonical:1 canonical:2 --because x", ["nothing is in force"]),
        ("review --limit 0", ["--limit", "whole number from 1"]),
        ("review --sample many", ["--sample", "whole number from 1"]),
        ("label canonical:1 canonical:2 yes", ["were not drawn"]),
        ("why", ["RECORD"]),
        ("why C1 C2 C3", ["one or two records, found 3"]),
        ("why canonical:1 13912345678", ["expected a record"]),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_3(cli: Cli, stocked: Any, line: str, parts: list[str]) -> None:
    code, out, err = cli(line)
    assert (code, out) == (3, "")
    assert err.startswith("liucun: ")
    assert len(err.strip().splitlines()) == 1
    assert [part for part in parts if part not in err] == []
    assert not overrides.file_of(stocked.folders.overrides).exists()


@pytest.mark.parametrize(
    "line",
    ["merge canonical:1 canonical:3 --because x", "review", "why C1", "review --sample 1", "label C1 C2 yes"],
)
def test_while_a_run_is_at_work_every_command_waits_with_exit_4(cli: Cli, stocked: Any, line: str) -> None:
    with hold(stocked.folders.root):
        code, _, err = cli(line)
    assert code == 4
    assert "another run" in err


def test_a_damaged_file_is_told_and_left_as_it_is(cli: Cli, stocked: Any) -> None:
    path = overrides.file_of(stocked.folders.overrides)
    path.parent.mkdir(parents=True)
    path.write_text(f"{','.join(overrides.COLUMNS)}\nforse,canonical:1,canonical:2,r,li,2025-12-01,,,\n")
    before = path.read_bytes()
    for line in ("review", "merge canonical:1 canonical:3 --because x", "why canonical:1 canonical:3"):
        code, _, err = cli(line)
        assert code == 3
        assert "row 2, decision: expected force or never, found 'forse'" in err
    assert path.read_bytes() == before
