"""`python -m drift` fails for what is new and for what is listed in vain; the committed lists are sound."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from drift import __main__ as command
from drift.differences import MISSING, Difference, Events, Known
from drift.documents import known_differences
from drift.flat import flatten
from protocol.yaml_core import parse_yaml

_PING = flatten({"properties": {"type": {"const": "ping"}}}, {})


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An SDK whose only client event is what our document has, and no server event."""
    made = SimpleNamespace(
        PACKAGE="made-up", version=lambda: "1.2.3", client=lambda: {"ping": _PING}, server=dict
    )
    ours: dict[str, Events] = {"client": {"ping": _PING}, "server": {}}
    monkeypatch.setattr(command, "SDKS", {"made": made})
    monkeypatch.setattr(command, "documented", lambda _: ours)
    monkeypatch.setattr(command, "known_differences", lambda _: [])
    return made


def test_nothing_new(sdk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    assert "made: made-up 1.2.3 (1 client, 0 server events) against its document" in capsys.readouterr().out


def test_something_new(sdk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    sdk.server = lambda: {"pong": {}}
    assert command.main(["made"]) == 1
    assert "  new: missing: server pong" in capsys.readouterr().out


def test_what_is_known(sdk: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sdk.server = lambda: {"pong": {}}
    monkeypatch.setattr(command, "known_differences", lambda _: [Known(MISSING, "server pong", "a reason")])
    assert command.main(["--table"]) == 0
    assert "known: missing: server pong (a reason)" in capsys.readouterr().out
    sdk.server = dict
    assert command.main([]) == 1
    assert "covers nothing any more" in capsys.readouterr().out


def test_a_dialect_without_sdk(sdk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["nobody's"])
    assert "choose of made" in capsys.readouterr().err


def test_what_is_proposed_covers_what_is_new() -> None:
    new = Difference("values", "client a b[]<c>.d", "only the SDK has e")
    [entry] = parse_yaml(command.proposed(new))
    assert entry.pop("reason") == ""
    assert Known(**entry, reason="why").covers(new)


@pytest.mark.parametrize("dialect", sorted(command.SDKS))
def test_each_known_difference_has_a_reason_and_stands_once(dialect: str) -> None:
    known = known_differences(dialect)
    assert [each for each in known if len(each.reason.split()) < 4] == []
    assert [each for each, count in Counter((k.what, k.at, k.says) for k in known).items() if count > 1] == []
