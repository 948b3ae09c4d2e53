import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from orchestration.cli import main
from orchestration.publish.notify import notify
from orchestration.publish.status import read_status, write_status

AT = datetime(2018, 1, 2, 9, tzinfo=UTC)
EVENT = {"result": "refused", "reason": "空手机号过多", "as_of_date": AT.date()}


def test_status_names_what_readers_see_after_a_published_run(warehouse):
    run = warehouse.run()
    written = write_status(warehouse.folders, "published", "", run, AT)
    assert read_status(warehouse.folders) == written
    assert written["current"] == {"run_id": run, "as_of_date": "2017-12-31", "known_on": "2018-01-01"}
    assert (written["result"], written["is_stale"]) == ("published", False)


@pytest.mark.parametrize("result", ["refused", "failed", "withdrawn"])
def test_figures_are_stale_after_an_attempt_that_brought_none(warehouse, result):
    run = warehouse.run()
    written = write_status(warehouse.folders, result, "why", "2018-01-02", AT)
    assert written["is_stale"]
    assert written["current"]["run_id"] == run


@pytest.mark.parametrize("before", ["published", "refused"])
def test_looking_at_an_earlier_date_does_not_change_whether_figures_are_stale(warehouse, before):
    run = warehouse.run()
    was = write_status(warehouse.folders, before, "", run, AT)["is_stale"]
    assert write_status(warehouse.folders, "earlier_date", "", "x", AT)["is_stale"] is was
    assert write_status(warehouse.folders, "refused", "why", None, AT, is_past=True)["is_stale"] is was


def test_a_failed_look_at_an_earlier_date_leaves_figures_as_fresh_as_they_were_and_tells_nobody(
    warehouse, tmp_path, monkeypatch
):
    run = warehouse.run()
    write_status(warehouse.folders, "published", "", run, AT)
    told = tmp_path / "told.json"
    status = run_that_fails(warehouse, "--as-of", "2017-06-01", told=told, monkeypatch=monkeypatch)
    assert (status["result"], status["is_stale"], told.exists()) == ("failed", False, False)
    status = run_that_fails(warehouse, "--as-of", "2018-06-01", told=told, monkeypatch=monkeypatch)
    assert (status["result"], status["is_stale"], told.exists()) == ("failed", True, True)


def test_a_date_in_the_future_is_no_attempt(warehouse, tmp_path, monkeypatch):
    run = warehouse.run()
    before = write_status(warehouse.folders, "published", "", run, AT)
    for option in ("--as-of", "--known-on"):
        told = tmp_path / "told.json"
        assert run_that_fails(warehouse, option, "2999-01-01", told=told, monkeypatch=monkeypatch) == before
        assert not told.exists()


def run_that_fails(warehouse, *arguments, told, monkeypatch):
    """A run over a file without a load date, which ends with exit code 3; what status.json says then."""
    file = warehouse.folders.landing / "canonical" / "orders" / "orders.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    home, yaml = warehouse.folders.root.parent, warehouse.folders.root.with_suffix(".yml")
    yaml.write_text(f"sources: [canonical]\non_refused: [cp, /dev/stdin, {told}]\n", encoding="utf-8")
    with monkeypatch.context() as during:
        during.setattr(os, "environ", os.environ.copy())
        assert main(["run", "--home", str(home), "--warehouse", str(yaml), *arguments]) == 3
    return read_status(warehouse.folders)


def test_status_says_that_nothing_is_published_yet(warehouse):
    assert write_status(warehouse.folders, "refused", "why", None, AT)["current"] is None


def test_readers_may_read_the_status_file(warehouse):
    write_status(warehouse.folders, "refused", "why", None, AT)
    assert (warehouse.folders.published / "status.json").stat().st_mode & 0o044 == 0o044 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_reader_in_a_loop_never_sees_half_a_status(warehouse):
    write_status(warehouse.folders, "refused", "x", None, AT)
    path, stop, seen, broken = warehouse.folders.published / "status.json", threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.append(len(json.loads(path.read_text(encoding="utf-8"))["reason"]))
            except (OSError, ValueError) as error:
                broken.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for length in range(60):
        write_status(warehouse.folders, "refused", "很" * length * 100, None, AT)
    stop.set()
    reader.join()
    assert not broken
    assert len(set(seen)) > 1
    assert [p.name for p in warehouse.folders.published.iterdir()] == ["status.json"]


def test_a_damaged_status_is_no_status(warehouse):
    assert read_status(warehouse.folders) is None
    warehouse.folders.published.mkdir(parents=True)
    (warehouse.folders.published / "status.json").write_text("{")
    assert read_status(warehouse.folders) is None


def test_a_command_gets_the_event_on_its_input(tmp_path):
    target = tmp_path / "a b.json"
    script = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    assert notify([sys.executable, "-c", script, str(target)], EVENT) is None
    assert json.loads(target.read_text(encoding="utf-8")) == {**EVENT, "as_of_date": "2018-01-02"}


def test_a_command_as_text_is_split_and_no_shell_runs_it(tmp_path):
    target = tmp_path / "made"
    assert notify(f"touch '{target}' '{target};x'", EVENT) is None
    assert sorted(p.name for p in tmp_path.iterdir()) == ["made", "made;x"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("false", "exit code 1"),
        ("/no/such/command", "could not be started"),
        (["/tmp"], "could not be started"),
        ("'unbalanced", "could not be delivered"),
        ("http://127.0.0.1:1/secret-token", "127.0.0.1 could not be reached"),
        ("https://[", "could not be delivered"),
    ],
)
def test_a_failed_notification_is_one_line_and_never_an_error(target, said: str):
    line = notify(target, EVENT)
    assert line
    assert said in line
    assert "\n" not in line
    assert "secret-token" not in line


def test_a_command_that_ignores_its_input_is_no_failure():
    assert notify("true", {"reason": "x" * 1_000_000}) is None


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path):
    pid_file = tmp_path / "pid"
    line = notify(["sh", "-c", f"sleep 600 & echo $! > {pid_file}; wait"], EVENT, timeout_seconds=1)
    assert line == "The command sh was ended after 1 s."
    stat = Path(f"/proc/{int(pid_file.read_text())}/stat")
    # Gone, or dead and waiting for its parent; the signal may take a moment to arrive.
    assert any(_dead(stat) or time.sleep(0.02) for _ in range(100))


def _dead(stat: Path) -> bool:
    try:
        return stat.read_text().split()[2] == "Z"
    except OSError:
        return True


def test_no_target_is_told_nothing():
    assert notify(None, EVENT) is None
    assert notify([], EVENT) is None


@pytest.fixture
def webhook():
    got: list[tuple[str, str | None, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Content-Type"], body))
            self.send_response(500 if "broken" in self.path else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_the_event_as_json(webhook):
    address, got = webhook
    assert notify(f"{address}/hook", EVENT) is None
    path, kind, body = got[0]
    assert (path, kind, json.loads(body)["reason"]) == ("/hook", "application/json", "空手机号过多")


def test_a_webhook_that_answers_with_an_error_is_one_line(webhook):
    address, _ = webhook
    assert notify(f"{address}/broken/secret-token", EVENT) == "The webhook at 127.0.0.1 answered 500."
