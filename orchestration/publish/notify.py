"""Tells a command or a webhook how a run ended. That it could not be told never changes how the run ended."""

import json
import os
import shlex
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any


def notify(target: str | Sequence[str] | None, event: Mapping[str, Any], timeout_seconds: float = 10) -> str | None:
    """Hands ``event`` as JSON to ``target``; None when delivered, else one line for the log. Never raises.

    An http(s) address gets it by POST. Anything else is a command (a string is split as a shell would, no
    shell runs it) and gets it on standard input; it is killed with its children after ``timeout_seconds``.
    """
    if not target:
        return None
    try:
        body = json.dumps(dict(event), ensure_ascii=False, default=str).encode()
        if isinstance(target, str) and target.lower().startswith(("http://", "https://")):
            return _post(target, body, timeout_seconds)
        command = shlex.split(target) if isinstance(target, str) else [str(part) for part in target]
        return _run(command, body, timeout_seconds)
    except Exception as error:  # whatever a person wrote into the YAML, the run has ended already
        return f"The notification could not be delivered: {type(error).__name__}."


def _post(address: str, body: bytes, timeout_seconds: float) -> str | None:
    # Only the host is told: the rest of a webhook's address is often its password.
    host = urllib.parse.urlsplit(address).hostname
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=timeout_seconds):
            return None
    except urllib.error.HTTPError as error:
        return f"The webhook at {host} answered {error.code}."
    except OSError as error:
        return f"The webhook at {host} could not be reached: {type(error).__name__}."


def _run(command: Sequence[str], body: bytes, timeout_seconds: float) -> str | None:
    try:
        # Its own session, so that a shell script's children can be ended with it.
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"The command {command[0]} could not be started: {error.strerror}."
    try:
        process.communicate(body, timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"The command {command[0]} was ended after {timeout_seconds:g} s."
    return f"The command {command[0]} ended with exit code {process.returncode}." if process.returncode else None
