"""Each requirement of a client is violated by its faults, by no other's, and by no legal variant."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from protocol.dialect import DialectName
from proxy.client.judge import ClientRulebook, client_registry
from proxy.port import ProxyPort
from proxy.relay import Relay
from proxy.sessions import ProxySessions, Spoken
from proxy.upstream import Upstream
from reference.client.conversation import converse
from reference.client.differences import CLIENT_FAULTS, CLIENT_VARIANTS, ClientDifference
from reference.server import ReferenceServer, ServerOptions
from rules.verdicts import Tally
from tests.proxy.relayed import Noted
from wire.redaction import Redactor
from wire.trace import Entry, RecordedTrace
from wire.trace_files import TraceFile

_KILLED_BY = {name: entry.id for entry in client_registry() for name in entry.killers}


async def _relayed(folder: Path, difference: ClientDifference, dialect: DialectName) -> Path:
    async with ReferenceServer(ServerOptions()) as server:
        url = server.url(dialect)
        noted, upstream = Noted(), Upstream(url)
        sessions = ProxySessions(upstream, folder, Redactor(), lambda _: Spoken(dialect), noted)
        port = ProxyPort(Relay(upstream, sessions))
        _, number = await port.open("127.0.0.1", 0)
        path = url.partition("://")[2].partition("/")[2]
        with contextlib.suppress(ConnectionClosed):
            await converse(
                f"ws://127.0.0.1:{number}/{path}?model=gpt-realtime&key=k&protocol=realtime",
                difference.manner,
                difference.early,
                difference.late,
            )
        async with asyncio.timeout(10):
            await noted.ended.wait()
        await port.close()
        return sessions.all[0].path


def _counted(folder: Path, difference: ClientDifference, dialect: DialectName = "openai") -> dict[str, Tally]:
    async def act() -> Path:
        async with asyncio.timeout(30):
            return await _relayed(folder, difference, dialect)

    return ClientRulebook(dialect, "realtime").judge(TraceFile(asyncio.run(act())))


def _violated(counted: dict[str, Tally]) -> set[str]:
    return {id_ for id_, tally in counted.items() if tally.violations and tally.findings}


def test_each_requirement_of_a_client_has_a_killer() -> None:
    assert [entry.id for entry in client_registry() if not entry.killers and not entry.exclusion] == []
    assert set(_KILLED_BY) == set(CLIENT_FAULTS)


@pytest.mark.parametrize("name", sorted(CLIENT_FAULTS))
def test_a_fault_of_the_client_violates_its_requirement_and_no_other(tmp_path: Path, name: str) -> None:
    counted = _counted(tmp_path, CLIENT_FAULTS[name])
    assert _violated(counted) == {_KILLED_BY[name]}


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
@pytest.mark.parametrize("name", ["", *sorted(CLIENT_VARIANTS)])
def test_a_client_that_behaves_is_not_blamed(tmp_path: Path, name: str, dialect: DialectName) -> None:
    plain = ClientDifference("", "It behaves.")
    counted = _counted(tmp_path, CLIENT_VARIANTS.get(name, plain), dialect)
    assert _violated(counted) == set()
    seen = {
        "client/frames/rfc6455",
        "client/close/says-goodbye",
        "client/event/one-object",
        "client/event/known-type",
        "client/event/payload",
        "client/audio/whole-samples",
    }
    if name != "client-in-fragments":  # of which nobody knows what a server makes
        seen |= {"client/commit/of-something", "client/reference/known", "client/answer/waited-for"}
    assert {id_ for id_, tally in counted.items() if tally.subjects} >= seen
    assert not [error for tally in counted.values() for error in tally.errors]


# --- what a client can know -------------------------------------------------------------------------------


def _said(*entries: tuple[float, str, dict[str, Any]]) -> dict[str, Tally]:
    """Return what is counted in a connection of these moments, sides and events."""
    opened = Entry(1, 0.0, "harness", "open", None, {})
    rest = [Entry(n, t, side, "text", event) for n, (t, side, event) in enumerate(entries, 2)]  # type: ignore[arg-type]
    trace = RecordedTrace("said", [opened, *rest], {"trace": 1, "measured": True})
    return ClientRulebook("openai", "realtime").judge(trace)


_CREATED = (0.1, "server", {"type": "session.created", "event_id": "e0", "session": {"type": "realtime"}})


def _response(kind: str, status: str) -> dict[str, Any]:
    response = {"id": "resp_1", "object": "realtime.response", "status": status, "conversation_id": "conv_1"}
    return {"type": f"response.{kind}", "event_id": f"e_{kind}", "response": {**response, "output": []}}


@pytest.mark.parametrize(("after", "blamed"), [(0.05, False), (5.0, True)])
def test_a_cancel_is_pointless_only_once_the_client_can_know(after: float, blamed: bool) -> None:
    counted = _said(
        _CREATED,
        (0.2, "client", {"type": "response.create", "event_id": "c1"}),
        (0.3, "server", _response("created", "in_progress")),
        (1.0, "server", _response("done", "completed")),
        (1.0 + after, "client", {"type": "response.cancel", "event_id": "c2"}),
    )
    tally = counted["client/cancel/of-something"]
    assert (tally.violations, bool(tally.undecided)) == ((1, False) if blamed else (0, True))


@pytest.mark.parametrize(("after", "blamed"), [(0.05, False), (5.0, True)])
def test_a_response_that_the_server_began_has_to_be_known_first(after: float, blamed: bool) -> None:
    counted = _said(
        _CREATED,
        (1.0, "server", _response("created", "in_progress")),
        (1.0 + after, "client", {"type": "response.create", "event_id": "c1"}),
    )
    tally = counted["client/response/one-at-a-time"]
    assert (tally.violations, bool(tally.undecided)) == ((1, False) if blamed else (0, True))


# --- the other channels -----------------------------------------------------------------------------------

_CREATE = {
    "contextId": "a",
    "create": {"voiceId": "v", "modelId": "m", "audioConfig": {"audioEncoding": "LINEAR16"}},
}
_CONFIG = {"transcribeConfig": {"modelId": "m", "audioEncoding": "LINEAR16", "sampleRateHertz": 16000}}


@pytest.mark.parametrize(
    ("channel", "events", "violated"),
    [
        ("tts", [_CREATE, {"contextId": "a", "sendText": {"text": "Hello."}}], set()),
        ("tts", [_CREATE, {"context_id": "a", "send_text": {"text": "Hello."}}], set()),
        ("tts", [{"contextId": "b", "sendText": {"text": "Hello."}}], {"client/reference/known"}),
        (
            "tts",
            [_CREATE, {"contextId": "a", "closeContext": {}}, {"contextId": "a", "flushContext": {}}],
            {"client/reference/known"},
        ),
        ("tts", [{"contextId": "a", "speak": {}}], {"client/event/known-type"}),
        ("tts", [_CREATE, {"contextId": "a", "sendText": {"text": 5}}], {"client/event/payload"}),
        ("stt", [_CONFIG, {"audioChunk": {"content": "AAAA"}}], {"client/audio/whole-samples"}),
        ("stt", [_CONFIG, {"audioChunk": {"content": "AAA="}}, {"endTurn": {}}], set()),
    ],
)
def test_clients_of_the_other_channels(
    channel: str, events: list[dict[str, Any]], violated: set[str]
) -> None:
    entries = [Entry(n, n / 10, "client", "text", event) for n, event in enumerate(events, 2)]
    trace = RecordedTrace("keyed", [Entry(1, 0.0, "harness", "open", None, {}), *entries], {"trace": 1})
    counted = ClientRulebook("inworld", channel).judge(trace)
    assert _violated(counted) == violated
    assert counted["client/event/one-object"].subjects == len(events)


def test_what_is_no_object_is_told_of_keyed_clients_too() -> None:
    entries = [Entry(1, 0.0, "client", "binary", None, {"size": 3})]
    counted = ClientRulebook("inworld", "tts").judge(RecordedTrace("binary", entries, {"trace": 1}))
    assert _violated(counted) == {"client/event/one-object"}


def test_the_page_lists_all_requirements_of_clients() -> None:
    page = (Path(__file__).parents[2] / "docs" / "proxy.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(client/[^`]+)` \|", page, re.MULTILINE)
    assert listed == [entry.id for entry in client_registry()]
    assert f"by {len(listed)} requirements of its own" in page
