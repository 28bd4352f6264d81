"""What a server owes for a client event, by what is known when it is sent.

One function a client event, in the order of the facts' table. Each returns the first case that applies.
Where what is known may be out of date (answers are still under way), the expectation is `either`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.event_types import Event
from rules.exchange import Exchange, Expectation
from rules.reading import Reading
from rules.subjects import Item, dict_of, int_of, list_of, text_of

ACCEPT = Expectation("accept")
MINIMUM_COMMIT_MS = 100.0

WITHOUT_SESSION_TYPE = "session.type"
"""The problem of a `session.update` that would be valid with a `session.type`: a server may be lenient."""

NEAR_THE_END = "near-the-end"
"""The case of a truncation so near the end of what was heard that a server may hold less of it."""

BEYOND_A_THIRD = "beyond-a-third"
"""The case of a truncation behind the third of the audio that Inworld was seen to accept (FI-07)."""

_PERHAPS_LACKING_MS = 100.0

CUT_OFF = "cut off"
"""The problem of an event whose audio or picture is not what was sent: whoever recorded it shortened it."""

PERHAPS_LEGAL = "perhaps legal"
"""The problem of an event that is wrong by our contract only: a server may take it, or refuse it."""

NAMES_OF_THE_SERVERS = (
    "model",
    "voice",
    "transcription",
    "prompt",
    "tool",
    "mcp",
    "reasoning",
    "parallel_tool_calls",
    "tracing",
    "image",
)
"""Words in `error.param` that show that a name was refused which only the server can know to be wrong.

The last ones are of features that some models, or some accounts, do not have.
"""

WHOLE_EVENT = "the event"
"""The place of a fault that is not in one field."""


_USUAL_ITEMS = ("message", "function_call", "function_call_output")
_USUAL_INPUT = (*_USUAL_ITEMS, "item_reference")


def refuse(reason: str, detail: str = "") -> Expectation:
    """Return the expectation of an error in the case called `reason`."""
    return Expectation("refuse", reason, detail=detail)


def either(reason: str, detail: str = "") -> Expectation:
    """Return the expectation of nothing in particular in the case called `reason`."""
    return Expectation("either", reason, detail=detail)


def expectation(event: Event, reading: Reading, *, problem: str, known: bool) -> Expectation:
    """Return what is owed for client `event`.

    `problem` says in words why the contract does not allow it, empty where it does; `known` tells whether
    the contract has its type at all.
    """
    if problem == WITHOUT_SESSION_TYPE:
        return either("without-session-type")
    if problem == CUT_OFF:
        return either("cut-off")
    if problem == PERHAPS_LEGAL:
        return either("perhaps-legal")
    type_ = text_of(event, "type")
    if not type_:
        return refuse("no-type", "a client event without a type")
    if not known:
        return refuse("unknown-type", type_)
    event_id = event.get("event_id")
    if isinstance(event_id, str) and len(event_id) > 512:
        return refuse("schema", "event_id")
    if problem and not _says_back(event, reading, problem):
        return refuse("schema", problem)
    judge = _BY_TYPE.get(type_)
    return judge(event, reading) if judge is not None else ACCEPT


def _says_back(event: Event, reading: Reading, problem: str) -> bool:
    """Tell whether a client event is wrong only in the id that the server itself gave a call."""
    said = dict_of(event, "item").get("call_id")
    return problem == "item.call_id" and isinstance(said, str) and said in _call_ids(reading)


def _session_update(event: Event, reading: Reading) -> Expectation:
    session = dict_of(event, "session")
    voice = dict_of(dict_of(session, "audio"), "output").get("voice")
    current = reading.setting("audio", "output", "voice")
    changes = voice is not None and current is not None and voice != current
    if changes and reading.audio_emitted:
        return either("voice-after-audio")
    if (changes and reading.may_have_spoken) or (voice is not None and not reading.whole):
        return either("unseen-audio")
    kind = reading.session.get("type")
    if kind is not None and session.get("type", kind) != kind:
        return either("other-kind-of-session")
    if reading.running and "speed" in dict_of(dict_of(session, "audio"), "output"):
        return either("speed-during-response")  # changes only between turns (openai 1)
    listening = dict_of(dict_of(session, "audio"), "input")
    if kind == "transcription" and listening.get("turn_detection") is not None:
        return either("turn-detection-in-transcription")  # which some models do without (openai 3.2)
    model = session.get("model")
    if isinstance(model, str) and model != reading.session.get("model"):
        return either("model-change")
    tracing = reading.session.get("tracing")
    if tracing is not None and session.get("tracing", tracing) != tracing:
        return either("tracing-is-on")  # cannot be changed any more (openai 1)
    return Expectation("accept", free=NAMES_OF_THE_SERVERS)


def _append(_event: Event, _reading: Reading) -> Expectation:
    return ACCEPT


def _commit(_event: Event, reading: Reading) -> Expectation:
    if not reading.measures_sent or not reading.whole:
        return either("unmeasured-audio")
    if reading.may_listen:
        # The server may have committed the audio already, or be about to.
        return either("turn-detection-on")
    if reading.buffered_ms < MINIMUM_COMMIT_MS:
        reason = "buffer-cleared" if reading.emptied_by == "cleared" else "buffer-too-short"
        return refuse(reason, f"{reading.buffered_ms:.0f} ms")
    return ACCEPT


def _item_create(event: Event, reading: Reading) -> Expectation:
    item = dict_of(event, "item")
    previous = text_of(event, "previous_item_id")
    under_way = [e.item_id for e in reading.exchanges.open if e.type == "conversation.item.create"]
    if previous and previous != "root" and previous not in reading.conversation and previous not in under_way:
        if _may_exist(previous, reading):
            return either("item-under-way")
        return refuse("unknown-previous-item", previous)
    id_ = text_of(item, "id")
    if id_ and (id_ in reading.items or id_ in under_way or not reading.whole):
        return either("duplicate-id", id_)
    if item.get("type") == "function_call_output":
        call_id = text_of(item, "call_id")
        if call_id not in _call_ids(reading):
            return refuse("unknown-call", call_id) if reading.whole else either("unseen-call")
    if item.get("type") not in _USUAL_ITEMS:
        return either("unusual-item")
    return Expectation("accept", free=("image",))


def _call_ids(reading: Reading) -> set[str]:
    """Return the ids of all calls so far; an empty one, or one that is no text, is the id of none."""
    ids = {text_of(item.latest, "call_id") for item in reading.items.values()}
    ids |= {
        text_of(dict_of(e.event, "item"), "call_id")
        for e in reading.exchanges.open
        if dict_of(e.event, "item").get("type") == "function_call"
    }
    return ids - {""}


def _about_item(event: Event, reading: Reading) -> tuple[Item | None, Expectation | None]:
    """Return the item an event names, or what is owed where there is none."""
    id_ = text_of(event, "item_id")
    if id_ in reading.conversation.deleted and id_ not in reading.conversation:
        return None, refuse("deleted-item", id_)
    if id_ in reading.conversation:
        if any(e.type == "conversation.item.delete" and e.item_id == id_ for e in reading.exchanges.open):
            return None, either("delete-under-way")
        return reading.items.get(id_), None
    if _may_exist(id_, reading):
        return None, either("item-under-way")
    return None, refuse("unknown-item", id_)


def _may_exist(id_: str, reading: Reading) -> bool:
    """Tell whether an item may exist although it was not announced in the default conversation."""
    gaps = not reading.whole or reading.forgot or reading.conversation.forgot
    return gaps or id_ in reading.items or any(e.item_id == id_ for e in reading.exchanges.open)


def _retrieve(event: Event, reading: Reading) -> Expectation:
    _, owed = _about_item(event, reading)
    return owed or ACCEPT


def _delete(event: Event, reading: Reading) -> Expectation:
    item, owed = _about_item(event, reading)
    if owed is not None:
        return owed
    if item is not None and item.response is not None and item.response.active:
        return either("item-in-use")
    return ACCEPT


def _truncate(event: Event, reading: Reading) -> Expectation:
    item, owed = _about_item(event, reading)
    if owed is not None or item is None:
        return owed or either("item-under-way")
    latest = item.latest
    if latest.get("type") != "message" or latest.get("role") != "assistant":
        return refuse("not-assistant-audio", str(latest.get("role") or latest.get("type")))
    content = list_of(latest, "content")
    if item.response is not None and item.response.active:
        return either("still-speaking")
    if not any(map(_is_audio, content)):
        # It may have been heard, whatever the item shows of it.
        return either("unmeasured-audio") if item.audio_ms else refuse("not-assistant-audio", "text")
    index = int_of(event, "content_index") or 0
    if index >= len(content):
        return refuse("no-such-content", str(index))
    if not _is_audio(content[index]):
        return either("not-an-audio-part", str(index))
    part = item.parts.get(index)  # the others are not concerned (FB-09)
    if not reading.measures_heard or not reading.whole or part is None or part.audio_ms is None:
        return either("unmeasured-audio")
    held = min(part.audio_ms, item.truncated.get(index, part.audio_ms))
    return _cut_at(int_of(event, "audio_end_ms") or 0, held)


def _cut_at(end: int, held: float) -> Expectation:
    """Return what is to be expected of a cut at `end`, where `held` is there; both are in milliseconds."""
    if end > held + 1:
        return refuse("beyond-audio", f"{end} ms of {held:.0f} ms")
    if end > max(held - _PERHAPS_LACKING_MS, held * 2 / 3):
        return Expectation("accept", NEAR_THE_END)
    return Expectation("accept", BEYOND_A_THIRD) if end * 3 > held else ACCEPT


def _is_audio(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in ("output_audio", "audio")


def _response_create(event: Event, reading: Reading) -> Expectation:
    asked = dict_of(event, "response")
    references = [
        i for i in list_of(asked, "input") if isinstance(i, dict) and i.get("type") == "item_reference"
    ]
    unknown = [text_of(i, "id") for i in references if i.get("id") not in reading.conversation]
    if unknown:
        return refuse("unknown-reference", unknown[0]) if reading.whole else either("unseen-items")
    if any(isinstance(i, dict) and i.get("type") not in _USUAL_INPUT for i in list_of(asked, "input")):
        return either("unusual-item")
    if asked.get("conversation") == "none":
        return Expectation("accept", free=NAMES_OF_THE_SERVERS)
    pending = [e for e in reading.exchanges.open if e.type == "response.create"]
    if any(dict_of(e.event, "response").get("conversation") != "none" for e in pending):
        return either("response-under-way")
    active = reading.active
    if active is not None:
        return refuse("active-response", active.id)
    if not reading.whole and all(r.created is None for r in reading.responses.values()):
        return either("unseen-response")
    if reading.may_listen and reading.buffered_ms:
        return either("turn-detection-on")
    return Expectation("accept", free=NAMES_OF_THE_SERVERS)


def _response_cancel(event: Event, reading: Reading) -> Expectation:
    id_ = text_of(event, "response_id")
    named = reading.responses.get(id_) if id_ else reading.active
    if not reading.whole and (named is None or named.created is None):
        return either("unseen-response")
    if any(e.type == "response.create" or _may_cancel(e, reading) for e in reading.exchanges.open):
        return either("response-under-way")
    if id_:
        response = reading.responses.get(id_)
        if response is None or not response.active:
            return refuse("no-active-response", id_)
        return ACCEPT
    return ACCEPT if reading.active is not None else refuse("no-active-response")


def _may_cancel(exchange: Exchange, reading: Reading) -> bool:
    """Tell whether an earlier `response.cancel` may still have an effect: it is not one that was ignored."""
    ignored = exchange.expectation.kind == "refuse" and exchange.seq < reading.exchanges.answered_up_to
    return exchange.type == "response.cancel" and not ignored


def _output_clear(_event: Event, _reading: Reading) -> Expectation:
    return either("transport")  # WebRTC and SIP only in GA; a single source says Inworld answers (inworld 3)


_BY_TYPE: dict[str, Callable[[Event, Reading], Expectation]] = {
    "session.update": _session_update,
    "input_audio_buffer.append": _append,
    "input_audio_buffer.commit": _commit,
    "input_audio_buffer.clear": lambda _e, _r: ACCEPT,
    "conversation.item.create": _item_create,
    "conversation.item.retrieve": _retrieve,
    "conversation.item.delete": _delete,
    "conversation.item.truncate": _truncate,
    "response.create": _response_create,
    "response.cancel": _response_cancel,
    "output_audio_buffer.clear": _output_clear,
}


def target_of(event: Event, reading: Reading) -> str:
    """Return the id of the response that a `response.cancel` is about, empty where that is not known."""
    named = text_of(event, "response_id")
    if named:
        return named
    active: Any = reading.active
    return active.id if active is not None else ""
