"""A change of the Voice Live SDK is noticed: a package made as Azure's is, held whole against a document."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

import pytest

from drift import __main__ as command
from drift import sdk_voicelive
from drift.differences import Known
from drift.flat import flatten

PACKAGE = "azure.ai.voicelive"

Fields = dict[str, Any]
AVATAR: Fields = {"character": str, "style": str | None}
SESSION: Fields = {"voice": 'Union[str, "_models.VoiceName"]', "avatar": 'Optional["_models.Avatar"]'}
USAGE: Fields = {"total_tokens": int}

OURS = {
    "client": {
        "session.update": flatten(
            {
                "required": ["type", "session"],
                "properties": {
                    "type": {"const": "session.update"},
                    "session": {"type": "object", "properties": {"voice": {"enum": ["alloy", "ash"]}}},
                },
            },
            {},
        )
    },
    "server": {
        "response.done": flatten(
            {
                "required": ["type", "usage"],
                "properties": {
                    "type": {"const": "response.done"},
                    "usage": {
                        "type": "object",
                        "required": ["total_tokens"],
                        "properties": {"total_tokens": {"type": "integer"}},
                    },
                },
            },
            {},
        )
    },
}
KNOWN = [Known("missing", "client session.update session.avatar", "of no use to us", "with character style")]

Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return what puts an SDK in place, with the fields of some of its classes."""
    monkeypatch.setattr(sdk_voicelive, "version", lambda: "9.9.9")
    monkeypatch.setattr(command, "documented", lambda _: OURS)
    monkeypatch.setattr(command, "known_differences", lambda _: KNOWN)

    def put(
        avatar: Fields = AVATAR, session: Fields = SESSION, usage: Fields = USAGE, voices: str = "alloy ash"
    ) -> None:
        models = ModuleType(f"{PACKAGE}.models")

        def model(name: str, /, base: type[Any] = object, **fields: Any) -> type[Any]:
            own = {"__annotations__": fields, "__module__": f"{PACKAGE}.models._models", "__mapping__": {}}
            made = type(name, (base,), {**own, "as_dict": lambda _: {}})
            setattr(models, name, made)
            return made

        client, server = model("ClientEvent"), model("ServerEvent")
        model("Avatar", **avatar)
        model("Session", **session)
        model("Usage", **usage)
        update = model("Update", client, type=Literal["session.update"], session="_models.Session")
        done = model("Done", server, type=Literal["response.done"], usage="_models.Usage")
        vars(client)["__mapping__"]["session.update"] = update
        vars(server)["__mapping__"]["response.done"] = done
        named = {"VoiceName": voices, "ClientEventType": "session.update", "ServerEventType": "response.done"}
        for name, values in named.items():
            setattr(models, name, enum.StrEnum(name, {each: each for each in values.split()}))
        package = ModuleType(PACKAGE)
        package.models = models  # type: ignore[attr-defined]
        for each in ("azure", "azure.ai"):
            monkeypatch.setitem(sys.modules, each, ModuleType(each))
        for module in (package, models, ModuleType(f"{PACKAGE}._unions")):
            monkeypatch.setitem(sys.modules, module.__name__, module)

    return put


def _told(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = command.main(["azure-voice-live"])
    return code, capsys.readouterr().out


def test_what_is_known_is_no_news(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install()
    code, told = _told(capsys)
    assert code == 0
    assert "azure-ai-voicelive 9.9.9 (1 client, 1 server events) against its document" in told
    assert "0 new, 1 known, 0 entries cover nothing" in told


@pytest.mark.parametrize(
    ("change", "news"),
    [
        ({"session": {**SESSION, "agent": str | None}}, "missing: client session.update session.agent"),
        ({"session": {"avatar": SESSION["avatar"]}}, "extra: client session.update session.voice"),
        (
            {"avatar": {**AVATAR, "scene": int}},
            "missing: client session.update session.avatar: with character scene style",
        ),
        (
            {"voices": "alloy ash cedar"},
            "values: client session.update session.voice: only the SDK has cedar",
        ),
        ({"voices": "alloy"}, "values: client session.update session.voice: only the document has ash"),
        ({"usage": {"total_tokens": int | None}}, "demanded: server response.done usage.total_tokens"),
        (
            {"usage": {"total_tokens": str}},
            "types: server response.done usage.total_tokens: SDK string, document integer",
        ),
        ({"usage": {**USAGE, "minutes": float}}, "missing: server response.done usage.minutes"),
    ],
)
def test_a_field_more_or_less_or_another_is_news(
    change: dict[str, Any], news: str, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(**change)
    code, told = _told(capsys)
    assert code == 1
    assert f"  new: {news}\n" in told


def test_what_is_known_in_vain_is_told(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install(session={"voice": SESSION["voice"]})
    code, told = _told(capsys)
    assert code == 1
    assert (
        "covers nothing any more, remove it from known/: missing: client session.update session.avatar"
        in told
    )
