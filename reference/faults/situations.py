"""Conditions that several faults share: in which situation of a session an event is sent."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory
from reference.edits import Condition, at_path

_COMMIT, _APPEND = "input_audio_buffer.commit", "input_audio_buffer.append"
_COMMITTED = "input_audio_buffer.committed"
_FEW_TOKENS = 50
"""A limit that the answers of the scripted model reach."""
_SHORT_CHARACTERS = 16_000
"""Base64 of a quarter of a second of PCM at 24 kHz."""


def session_shown(memory: Memory) -> Json:
    """Return the session as the server last meant it; empty if it did not yet."""
    shown = memory.last_told("session.updated") or memory.last_told("session.created")
    session: Json = shown.get("session", {})
    return session


def session_has(path: str, *values: object) -> Condition:
    """Tell whether one of some values is at a path of the session in force."""
    return lambda _event, memory: at_path(session_shown(memory), path) in values


def cut_off(event: Json, memory: Memory) -> bool:
    """Tell whether the response under way was cancelled or spoken into, or has a limit to reach."""
    interrupts = at_path(session_shown(memory), "audio.input.turn_detection.interrupt_response")
    for said in reversed(memory.said):
        if said.get("type") == "response.cancel":
            return True
        if said.get("type") == "input_audio_buffer.speech_started" and interrupts is True:
            named = "response_id" in event or "response" in event
            return in_conversation(event if named else memory.last_told("response.created"), memory)
        if said.get("type") == "response.created":
            limit = said["response"]["max_output_tokens"]
            return isinstance(limit, int) and limit < _FEW_TOKENS
    return False


def undisturbed(event: Json, memory: Memory) -> bool:
    """Tell whether the response under way can be expected to run to its end."""
    return not cut_off(event, memory)


def response_of(event: Json, memory: Memory) -> Json:
    """Return the response of an event as ``response.created`` showed it; empty if none did."""
    named = event.get("response_id") or at_path(event, "response.id")
    for told in reversed(memory.told):
        if told["type"] == "response.created" and told["response"]["id"] == named:
            response: Json = told["response"]
            return response
    return {}


def out_of_band(event: Json, memory: Memory) -> bool:
    """Tell whether an event belongs to a response that writes to no conversation."""
    response = response_of(event, memory) or event.get("response", {})
    return "conversation_id" in response and response["conversation_id"] is None


def in_conversation(event: Json, memory: Memory) -> bool:
    """Tell whether an event belongs to a response of the default conversation."""
    return bool(response_of(event, memory)) and not out_of_band(event, memory)


def appended(_event: Json, memory: Memory) -> bool:
    """Tell whether the item that is created goes to the end of the conversation."""
    return not memory.last_asked("conversation.item.create").get("previous_item_id")


def was_committed_by_hand(event: Json, memory: Memory) -> bool:
    """Tell whether an event is about the item of a commit by the client."""
    item_id = at_path(event, "item.id") if "item" in event else event.get("item_id")
    for place, said in enumerate(memory.said):
        if said.get("type") == _COMMIT:
            after = next((e for e in memory.said[place + 1 :] if e.get("type") == _COMMITTED), None)
            if after is not None and after["item_id"] == item_id:
                return True
    newest = memory.said[-1].get("type") if memory.said else None
    return bool(event["type"] == _COMMITTED and newest == _COMMIT)


def short_commit(event: Json, memory: Memory) -> bool:
    """Tell whether an event is about a commit of no more than a quarter of a second of audio."""
    return was_committed_by_hand(event, memory) and 0 < _committed_characters(memory) <= _SHORT_CHARACTERS


def _committed_characters(memory: Memory) -> int:
    count, inside = 0, False
    for said in reversed(memory.said):
        if said.get("type") == _COMMIT:
            if inside:
                break
            inside = True
        elif inside and said.get("type") == _APPEND and isinstance(said.get("audio"), str):
            count += len(said["audio"])
        elif inside and said.get("type") == "input_audio_buffer.clear":
            break
    return count


def one_update_open(_event: Json, memory: Memory) -> bool:
    """Tell whether just one ``session.update`` waits for its answer."""
    sent = [said.get("event_id") for said in memory.asked if said.get("type") == "session.update"]
    answered = sum(said["type"] == "session.updated" for said in memory.told)
    refused = [at_path(said, "error.event_id") for said in memory.told if said["type"] == "error"]
    return bool(sum(each is None or each not in refused for each in sent) == answered + 1)
