"""Probes find out what is there, in either direction: declared and absent, there and not declared."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.alterations import Alteration, Close, Memory, Sent, SessionStep, StepFactory, invent
from reference.behaviour import Behaviour
from reference.edits import drop, instead
from reference.server import ReferenceServer, ServerOptions
from suites.features import ALL, ASSUMED, ON_REQUEST, absent_features, decided, lies, missing, offered
from suites.probing import Prober
from tests.wire import hostile
from wire.endpoint import Auth, Endpoint, Timeouts
from wire.meter import Meter

KEY = "Y29uZm9ybWFuY2U6c3VpdGU="
TRANSCRIBED = "conversation.item.input_audio_transcription.*"
TIMEOUTS = Timeouts(connect=5.0, answer=0.5, response=3.0, silence=0.5, close=0.2)


class _Deaf(SessionStep):
    """The server does not get the client events of one type, and says nothing about them."""

    def __init__(self, type_: str, memory: Memory) -> None:
        super().__init__(memory)
        self.type = type_

    def incoming(self, event: Json) -> Json | None:
        return None if event.get("type") == self.type else event


def _refusal(event: Json, memory: Memory) -> Json:
    """Return an error in place of a success, for the client event it answers."""
    error = {"type": "invalid_request_error", "code": "not_supported", "message": "not here", "param": None}
    return {
        "type": "error",
        "event_id": event["event_id"],
        "error": {**error, "event_id": memory.asked[-1]["event_id"]},
    }


def _without(*changes: StepFactory) -> Behaviour:
    return Behaviour(alteration=lambda _dialect: Alteration(changes))


def _found(
    folder: Path, dialect: DialectName, behaviour: Behaviour | None = None, *, guarded: bool = True
) -> dict[str, bool]:
    return _asked(folder, dialect, behaviour, guarded=guarded)[0]


def _asked(
    folder: Path, dialect: DialectName, behaviour: Behaviour | None = None, *, guarded: bool = True
) -> tuple[dict[str, bool], dict[str, str]]:
    """Return what is found, and what is seen of that which is not there."""

    async def probe() -> tuple[dict[str, bool], dict[str, str]]:
        credentials = frozenset((KEY,)) if guarded else None
        async with ReferenceServer(ServerOptions(credentials=credentials), behaviour) as server:
            auth = Auth("basic" if dialect == "inworld" else "bearer", KEY)
            endpoint = Endpoint(server.url(dialect), dialect, auth, timeouts=TIMEOUTS)
            prober = Prober(endpoint, folder, Meter())
            return await prober.found(), prober.seen

    return asyncio.run(probe())


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_a_server_that_has_everything(tmp_path: Path, dialect: DialectName) -> None:
    found = _found(tmp_path, dialect)
    expected = set(ASSUMED) - {"responses"} | {"authentication", "subprotocol-auth"}
    expected -= set() if dialect == "inworld" else {"provider-data"}
    assert found == dict.fromkeys(expected, True)
    assert all(path.stem.startswith("probe.") for path in tmp_path.glob("*.jsonl"))


def _only_text(event: Json, _memory: Memory) -> Json:
    """Show text as what a session puts out, whatever was asked for."""
    return {**event, "session": {**event["session"], "output_modalities": ["text"]}}


def _without_transcription(event: Json, _memory: Memory) -> Json:
    session = event["session"]
    audio = session["audio"]
    return {
        **event,
        "session": {**session, "audio": {**audio, "input": {**audio["input"], "transcription": None}}},
    }


@pytest.mark.parametrize(
    ("changes", "absent", "seen"),
    [
        ([instead("conversation.item.retrieved", _refusal)], "retrieve", "refused: not here"),
        ([instead("conversation.item.truncated", _refusal)], "truncation", "refused: not here"),
        (
            [drop("response.output_audio.delta"), instead("session.updated", _only_text)],
            "audio-output",
            "a response without audio, and session.updated does not show ['audio']",
        ),
        (
            [drop(TRANSCRIBED), instead("session.updated", _without_transcription)],
            "transcription",
            "nothing was transcribed, and session.updated shows no transcription",
        ),
    ],
    ids=["retrieve", "truncate", "text only", "no transcription"],
)
def test_what_is_refused_or_makes_no_difference_is_absent(
    tmp_path: Path, changes: list[StepFactory], absent: str, seen: str
) -> None:
    found, told = _asked(tmp_path, "openai", _without(*changes))
    assert found.pop(absent) is False
    assert all(found.values()), found
    assert told == {absent: seen}


def _takes_no_audio(event: Json, memory: Memory) -> Json:
    error = {**event["error"], "code": "not_supported", "message": "no audio here", "param": None}
    return {**event, "error": error} if memory.asked[-1]["type"] == "input_audio_buffer.commit" else event


def test_audio_is_absent_where_nothing_is_heard_and_the_commit_is_refused(tmp_path: Path) -> None:
    deaf = partial(_Deaf, "input_audio_buffer.append")
    found, told = _asked(tmp_path, "openai", _without(deaf, instead("error", _takes_no_audio)))
    assert {name for name, there in found.items() if not there} == {
        "audio-input",
        "manual-commit",
        "semantic-vad",
        "server-vad",
    }
    assert told["audio-input"].startswith("nothing was heard of spoken audio, and its commit was refused: ")
    assert told["server-vad"] == "server_vad was accepted, and nothing was heard of spoken audio"


class _HangsUp(SessionStep):
    """The server closes the connection behind each error."""

    def outgoing(self, event: Json) -> list[Sent]:
        return [event, Close(1011)] if event["type"] == "error" else [event]


def test_who_refuses_and_hangs_up_has_turned_nothing_down(tmp_path: Path) -> None:
    found, told = _asked(
        tmp_path, "openai", _without(instead("conversation.item.retrieved", _refusal), _HangsUp)
    )
    assert "retrieve" not in found
    assert all(found.values()), found
    assert told == {}


def test_a_buffer_that_is_said_to_be_empty_is_a_wrong_answer_and_no_absence_of_audio(tmp_path: Path) -> None:
    found, told = _asked(tmp_path, "openai", _without(partial(_Deaf, "input_audio_buffer.append")))
    assert (found["audio-input"], found["manual-commit"]) == (True, True)
    assert set(told) == {"semantic-vad", "server-vad"}


class _Complains(SessionStep):
    """The server says an error for each piece of audio, with or without the event that it is about."""

    def __init__(self, memory: Memory, *, named: bool = True) -> None:
        super().__init__(memory)
        self.named = named

    def reaction(self, event: Json) -> list[Sent]:
        if event["type"] != "input_audio_buffer.append":
            return []
        error = {"type": "invalid_request_error", "code": "no_audio", "message": "no audio", "param": None}
        return [invent("error", error={**error, "event_id": event["event_id"] if self.named else None})]


@pytest.mark.parametrize("named", [True, False])
def test_an_error_for_audio_that_is_heard_all_the_same_is_a_wrong_answer(
    tmp_path: Path, *, named: bool
) -> None:
    found, told = _asked(tmp_path, "openai", _without(partial(_Complains, named=named)))
    assert (found["audio-input"], found["manual-commit"], found["server-vad"]) == (True, True, True)
    assert told == {}


def test_audio_is_absent_where_it_is_refused_and_its_commit_is_too(tmp_path: Path) -> None:
    class Refusing(_Complains):
        def incoming(self, event: Json) -> Json | None:
            nothing = event.get("type") == "input_audio_buffer.append"
            return {**event, "audio": ""} if nothing else event

    found, told = _asked(tmp_path, "openai", _without(Refusing))
    assert (found["audio-input"], found["manual-commit"]) == (False, False)
    assert told["manual-commit"] == "refused: no audio"
    assert (
        told["audio-input"]
        == f"nothing was heard of spoken audio, and its commit was {told['manual-commit']}"
    )


@pytest.mark.parametrize(
    ("change", "feature"),
    [
        (drop("conversation.item.retrieved"), "retrieve"),
        (partial(_Deaf, "conversation.item.truncate"), "truncation"),
        (partial(_Deaf, "input_audio_buffer.commit"), "manual-commit"),
        (drop("response.output_audio.delta"), "audio-output"),
        (drop(TRANSCRIBED), "transcription"),
    ],
    ids=["retrieve", "truncate", "commit", "audio is echoed", "transcription is echoed"],
)
def test_silence_and_settings_that_are_echoed_and_not_followed_are_no_absence(
    tmp_path: Path, change: StepFactory, feature: str
) -> None:
    found, told = _asked(tmp_path, "openai", _without(change))
    assert feature not in found
    assert all(found.values()), found
    assert told == {}


@pytest.mark.parametrize(
    "change", [instead("input_audio_buffer.cleared", _refusal), drop("input_audio_buffer.cleared")]
)
def test_hearing_is_what_audio_input_is_whatever_becomes_of_a_clear(
    tmp_path: Path, change: StepFactory
) -> None:
    assert _found(tmp_path, "openai", _without(change))["audio-input"] is True


def test_a_server_that_lets_everybody_in_has_no_authentication(tmp_path: Path) -> None:
    admit = Behaviour().admit

    def anybody(path: str, headers: list[tuple[str, str]], credentials: frozenset[str] | None) -> object:
        return admit(path, [*headers, ("Authorization", f"Bearer {KEY}")], None)

    found = _found(tmp_path, "openai", replace(Behaviour(), admit=anybody))  # type: ignore[arg-type]
    assert found["authentication"] is False


def test_a_server_that_breaks_at_the_bottom_tells_nothing_of_features(tmp_path: Path) -> None:
    found = _found(tmp_path, "openai", _without(drop("session.updated"), drop("conversation.item.added")))
    assert "function-calls" not in found
    assert "out-of-band" not in found


def test_probing_a_mute_server_ends(tmp_path: Path) -> None:
    async def probe() -> dict[str, bool]:
        async with hostile.serving(hostile.accepts_and_says_nothing) as url, asyncio.timeout(30):
            short = Timeouts(connect=5.0, answer=0.05, response=0.1, silence=0.05, close=0.05)
            return await Prober(Endpoint(url, "openai", timeouts=short), tmp_path, Meter()).found()

    found = asyncio.run(probe())
    assert found == {"authentication": False, "subprotocol-auth": True}, "silence is no absence"


# --- what is made of it -----------------------------------------------------------------------------------


def test_both_lies_are_told() -> None:
    declared = {"retrieve": True, "truncation": False, "mcp": True, "audio-input": True}
    probed = {"retrieve": False, "truncation": True, "audio-input": True, "server-vad": False}
    assert lies(declared, probed) == [
        "retrieve is declared as offered, and was not found",
        "truncation is declared as not offered, and was found",
    ]


def test_what_is_declared_counts_then_what_was_found_then_what_is_assumed() -> None:
    assumed = {"a": True, "b": True, "c": False}
    assert decided({"a": False}, {"a": True, "b": False}, assumed) == {"a": False, "b": False, "c": False}


def test_what_is_absent_is_known_from_the_user_or_from_what_was_seen() -> None:
    seen = {"retrieve": "refused", "server-vad": "nothing was heard"}
    assert absent_features({"retrieve": True, "mcp": False, "server-vad": False}, seen) == {
        "mcp": "declared so",
        "server-vad": "nothing was heard",
    }
    assert absent_features({}, seen) == seen


def test_features_have_a_default_and_a_meaning() -> None:
    assert offered({}) == {name: name in ASSUMED for name in ALL}
    assert not set(ASSUMED) & set(ON_REQUEST)
    assert all(ALL.values())
    assert missing(("mcp", "retrieve"), offered({"retrieve": True})) == ["mcp"]
    with pytest.raises(ValueError, match="unknown feature 'telepathy'; known are audio-input"):
        offered({"telepathy": True})
