"""What the options of `pytest` say, where that takes more than reading them."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_conformance.application.targets import Choice
from realtime_conformance.limits import READY_S
from realtime_conformance.supervision.server_process import Ready, Server


def timeouts_of(given: Any) -> dict[str, float]:
    """Return the timeouts that the options name. Raises `pytest.UsageError`."""
    waits = {
        "connect": given.connect_timeout,
        "answer": given.answer_timeout,
        "response": given.response_timeout,
        "silence": given.silence,
    }
    named = {name: seconds for name, seconds in waits.items() if seconds is not None}
    if any(seconds <= 0 for seconds in named.values()):
        raise pytest.UsageError("a timeout must be more than 0 seconds")
    return named


def server_of(given: Any, choice: Choice | None) -> Server | None:
    """Return the server that is to be started, None where none is. Raises `pytest.UsageError`."""
    if given.start is None:
        if given.ready is not None:
            raise pytest.UsageError("--ready needs --start COMMAND")
        return None
    if choice is None:
        raise pytest.UsageError("--start needs --endpoint URL, or --target NAME: where is the server then?")
    ready = Ready.parsed(given.ready, choice.endpoint.url)
    log = given.report / "server.log"
    return Server(given.start, ready, log, choice.endpoint.redactor.text, given.ready_timeout or READY_S)
