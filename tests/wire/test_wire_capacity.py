"""What is taken for want of room, what for the end of a quota, and what for neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.wire import hostile
from tests.wire.recorded_calls import call
from wire.capacity import closed_for_room, error_for_room, quota_ended, quota_ended_in, refused_for_room
from wire.failures import QuotaEnded, Refused


def _error(code: Any = None, type_: Any = "invalid_request_error", message: Any = "") -> dict[str, Any]:
    return {"type": "error", "error": {"code": code, "type": type_, "message": message, "event_id": None}}


@pytest.mark.parametrize(
    "event",
    [
        _error("session_limit_reached", message="Too many sessions"),
        _error("rate_limit_exceeded"),
        _error(None, "server_error", "The server is at capacity, try again later."),
        _error(None, "server_error", "Maximum number of concurrent sessions reached"),
        _error("too_many_connections"),
        _error("overloaded_error"),
        _error("server_busy"),
        {"type": "error", "error": "too many connections"},
    ],
)
def test_these_say_that_there_is_no_room(event: dict[str, Any]) -> None:
    assert error_for_room(event).startswith("error")
    assert quota_ended(event) == ""


@pytest.mark.parametrize(
    "event",
    [
        _error("invalid_value", message="Invalid value: 'x'."),
        _error("invalid_api_key", message="Incorrect API key provided."),
        _error("beta_api_shape_disabled", message="The Realtime Beta API is no longer supported."),
        _error("session_expired", message="Your session hit the maximum duration of 60 minutes."),
        _error(7, [], {}),
        {"type": "error"},
        {"type": "session.created", "session": {}},
        {"type": "response.done", "response": {"status_details": None}},
    ],
)
def test_these_say_something_else(event: dict[str, Any]) -> None:
    assert error_for_room(event) == ""
    assert quota_ended(event) == ""


@pytest.mark.parametrize(
    "event",
    [
        _error("insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
        _error("billing_hard_limit_reached"),
        _error(None, "insufficient_quota"),
        {
            "type": "response.done",
            "response": {
                "status": "failed",
                "status_details": {"type": "failed", "error": {"code": "insufficient_quota"}},
            },
        },
    ],
)
def test_these_say_that_the_quota_has_ended(event: dict[str, Any]) -> None:
    assert quota_ended(event)
    assert error_for_room(event) == ""


def test_handshakes_and_closes() -> None:
    assert [refused_for_room(s) for s in (429, 503, 401, 500)] == ["HTTP 429", "HTTP 503", "", ""]
    assert [closed_for_room(c) for c in (1008, 1013, 1000, 1011, None)] == [
        "close 1008",
        "close 1013",
        "",
        "",
        "",
    ]
    assert quota_ended_in(402, "")
    assert quota_ended_in(429, '{"error": {"code": "insufficient_quota"}}')
    assert quota_ended_in(429, '{"error": {"code": "rate_limit_exceeded"}}') == ""
    assert quota_ended_in(429, "Too many requests") == ""


def _date(hours: int) -> str:
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours), usegmt=True)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [(lambda: "7", 7.0, 7.0), (lambda: _date(1), 1.0, 3600.0), (lambda: _date(-1), 0.0, 0.0)],
    ids=["seconds", "a date to come", "a date gone by"],
)
def test_a_refusal_says_when_to_come_again(
    tmp_path: Path, value: Callable[[], str], least: float, most: float
) -> None:
    async def refuses(peer: hostile.Peer) -> None:
        await peer.answer(429, "", f"Retry-After: {value()}")

    made = call(tmp_path / "t.jsonl", refuses)
    assert isinstance(made.failure, Refused)
    assert made.failure.retry_after is not None
    assert least <= made.failure.retry_after <= most


@pytest.mark.parametrize("value", ["soon", "-1", ""])
def test_a_time_that_nobody_understands_is_none(tmp_path: Path, value: str) -> None:
    async def refuses(peer: hostile.Peer) -> None:
        await peer.answer(503, "", f"Retry-After: {value}")

    made = call(tmp_path / "t.jsonl", refuses)
    assert isinstance(made.failure, Refused)
    assert made.failure.retry_after is None


def test_a_handshake_may_say_that_the_quota_has_ended(tmp_path: Path) -> None:
    async def refuses(peer: hostile.Peer) -> None:
        await peer.answer(429, '{"error": {"code": "insufficient_quota", "message": "Nothing left."}}')

    made = call(tmp_path / "t.jsonl", refuses)
    assert isinstance(made.failure, QuotaEnded)
    assert made.failure.quota == "insufficient_quota: Nothing left."
    assert made.kinds() == [("server", "refusal")]
