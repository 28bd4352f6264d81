"""Azure Voice Live's document: what its SDK types or a capture shows is legal, and little of it is sent."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from generators.events import Events
from generators.field_meanings import World
from protocol.catalogue import dialect_of
from schemas.contract import Contract, contract_of
from schemas.loader import load_dialect

VOICE_LIVE = "azure-voice-live"
RECORDED = {
    "instructions": "Answer in two or three words.",
    "modalities": ["text", "audio"],
    "input_audio_format": "pcm16",
    "output_audio_format": "pcm16",
    "input_audio_sampling_rate": 24000,
    "turn_detection": {"type": "server_vad", "create_response": True, "interrupt_response": True},
    "input_audio_transcription": {"model": "whisper-1"},
}
"""The session that the client of the one recording asks for (FV-01)."""

STANDARD = {"type": "azure-standard", "name": "en-US-AvaNeural"}
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
MCP = {"type": "mcp", "server_label": "weather", "server_url": "https://example.org/mcp"}


@functools.cache
def _contract() -> Contract:
    return contract_of(load_dialect(dialect_of(VOICE_LIVE)))


def _legal(type_: str, **fields: Any) -> bool:
    """Tell whether an event in Voice Live's words is legal by its document."""
    made = dialect_of(VOICE_LIVE).words.event({"type": type_, **fields})
    events = {**_contract().client, **_contract().server}
    return events[made["type"]].is_valid(made)


@pytest.mark.parametrize(
    "session",
    [
        RECORDED,
        {"modalities": ["text", "audio", "avatar"]},
        {"voice": {"type": "openai", "name": "marin"}},
        {"voice": {**STANDARD, "temperature": 0.7, "prefer_locales": ["de-DE"]}},
        {"voice": {"type": "azure-custom", "name": "mine", "endpoint_id": "7"}},
        {"turn_detection": {"type": "azure_semantic_vad", "languages": ["de"], "remove_filler_words": True}},
        {"turn_detection": {"type": "azure_semantic_vad_en"}},
        {"turn_detection": None},
        {"output_audio_format": "pcm16_8000hz"},
        {"tools": [{**MCP, "require_approval": "never"}]},
        {"temperature": 0.3},
        {"avatar": {"character": "lisa"}},
    ],
    ids=" ".join,
)
def test_a_client_may_ask_for_it(session: dict[str, Any]) -> None:
    assert _legal("session.update", session=session)


@pytest.mark.parametrize(
    "session",
    [
        {"modalities": []},
        {"modalities": ["text", "text"]},
        {"voice": {"type": "azure-standard"}},
        {"voice": {"type": "somebody's", "name": "ava"}},
        {"turn_detection": {"type": "azure_semantic_vad", "languages": "de"}},
        {"turn_detection": {"type": "azure_lexical_vad"}},
        {"output_audio_format": "pcm16_11025hz"},
        {"tools": [{"type": "mcp", "server_label": "weather"}]},
        {"temperature": 1.3},
    ],
    ids=lambda session: f"{session}",
)
def test_a_client_may_not_ask_for_it(session: dict[str, Any]) -> None:
    assert not _legal("session.update", session=session)


def test_a_response_and_an_item_may_have_it_too() -> None:
    assert _legal(
        "response.create", response={"voice": STANDARD, "modalities": ["text", "audio"], "tools": [MCP]}
    )
    assert not _legal("response.create", response={"voice": {"type": "azure-standard"}})
    approval = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}
    assert _legal("conversation.item.create", item=approval)
    assert not _legal("conversation.item.create", item={**approval, "approve": "yes"})
    assert _legal("conversation.item.create", item={"type": "message", "role": "user", "content": [IMAGE]})


@pytest.mark.parametrize("kind", ["file_search_call", "web_search_call"])
def test_a_server_may_show_what_an_agent_looked_for(kind: str) -> None:
    item = {"id": "item_1", "object": "realtime.item", "type": kind, "status": "completed"}
    place = {"event_id": "event_1", "item": item}
    assert _legal("conversation.item.created", **place)
    assert _legal("conversation.item.retrieved", **place)
    for type_ in ("response.output_item.added", "response.output_item.done"):
        assert _legal(type_, response_id="resp_1", output_index=0, **place)
        assert not _legal(
            type_, response_id="resp_1", output_index=0, event_id="event_1", item={"type": "dream"}
        )
    response = {"id": "resp_1", "object": "realtime.response", "status": "completed", "output": [item]}
    assert _legal("response.done", event_id="event_1", response=response)


@pytest.mark.parametrize(
    ("shown", "legal"),
    [
        ({"modalities": ["audio", "animation"]}, True),
        ({"modalities": ["smell"]}, False),
        ({"voice": STANDARD, "output_audio_format": "pcm16_16000hz"}, True),
        ({"voice": 7}, False),
        ({"turn_detection": {"type": "azure_semantic_vad", "languages": None}}, True),
        ({"turn_detection": {"type": "server_vad", "silence_duration_ms": "500"}}, False),
    ],
)
def test_a_session_is_shown_by_its_types(shown: dict[str, Any], legal: bool) -> None:
    for type_ in ("session.created", "session.updated"):
        assert _legal(type_, event_id="event_1", session={"id": "sess_1", **shown}) is legal


def test_what_needs_an_account_is_never_sent() -> None:
    events = Events(_contract(), World(item_ids=("item_1",), call_ids=("call_1",)))
    for type_ in ("session.update", "response.create", "conversation.item.create"):
        made = [step.event for step in events.walk(type_)] + list(events.examples(type_, 100))
        assert made
        told = str(made)
        for name in ("azure", "mcp", "avatar", "input_image", "pcm16_8000hz"):
            assert f"'{name}" not in told
    updates = [step.event["session"] for step in events.walk("session.update")]
    assert ["text", "audio"] in [session.get("output_modalities") for session in updates]
