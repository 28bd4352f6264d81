"""Faults of turn detection and of the idle timeout (facts 4.6, 4.10)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import Condition, Hold, after, at_path, before, both, drop, has, put, repeat, unset
from reference.faults.audio import a_response
from reference.faults.responses import WithoutResponses
from reference.faults.situations import in_conversation, out_of_band, session_has

_BUFFER = "input_audio_buffer"
_COMMITTED, _CLEARED = f"{_BUFFER}.committed", f"{_BUFFER}.cleared"
_SPOKEN = has("item.content.0.type", "input_audio")
_STARTED, _STOPPED, _TIMEOUT = (
    f"{_BUFFER}.speech_started",
    f"{_BUFFER}.speech_stopped",
    f"{_BUFFER}.timeout_triggered",
)
_DETECTION = "audio.input.turn_detection"
_INTERRUPTS, _CREATES = f"{_DETECTION}.interrupt_response", f"{_DETECTION}.create_response"


_FAILURE: Json = {"type": "failed", "error": {"type": "server_error", "code": None}}


def untold_response(event: Json, memory: Memory) -> list[Sent]:
    """Tell a response that nobody asked for, and that fails before it has an item."""
    begun, *_, ended = (each for each in a_response(event, memory) if isinstance(each, dict))
    failed = {**ended["response"], "status": "failed", "status_details": _FAILURE, "output": []}
    return [begun, {**ended, "response": failed}]


def _no_response_yet(_event: Json, memory: Memory) -> bool:
    return not memory.last_told("response.created")


class _NoAutomaticResponse(WithoutResponses):
    """Turns that end are not answered; what is asked for is."""

    def lost(self, _created: Json) -> bool:
        before = (each["type"] for each in reversed(self.memory.said) if "type" in each)
        return next((each for each in before if each in (_COMMITTED, "response.create")), "") == _COMMITTED


_REST = (" and on",) * 30


class _NotInterrupted(SessionStep):
    """Speech does not cut off the written response that is running: it is streamed to its end."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._spoken = False

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _STARTED:
            running = self.memory.last_told("response.created")
            done = self.memory.last_told("response.done")
            over = at_path(done, "response.id") == at_path(running, "response.id")
            cuts = session_has(_INTERRUPTS, True)(event, self.memory)
            self._spoken = bool(running) and not over and cuts and in_conversation(running, self.memory)
        if not self._spoken:
            return [event]
        if event["type"] == "response.output_text.done":
            place = {key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")}
            deltas: list[Sent] = [invent("response.output_text.delta", **place, delta=word) for word in _REST]
            return [*deltas, {**event, "text": event["text"] + "".join(_REST)}]
        if event["type"] == "response.content_part.done":
            event["part"]["text"] += "".join(_REST)
        elif at_path(event, "item.status") == "incomplete":
            self._complete(event["item"])
        elif event["type"] == "response.done":
            self._spoken = False
            event["response"] |= {"status": "completed", "status_details": None}
            for item in event["response"]["output"]:
                self._complete(item)
        return [event]

    def _complete(self, item: Json) -> None:
        item["status"] = "completed"
        item["content"][0]["text"] += "".join(_REST)


class _InterruptedAnyway(SessionStep):
    """Speech cuts off a response although ``interrupt_response`` is off."""

    meant: Condition = staticmethod(in_conversation)

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._spoken = False

    def outgoing(self, event: Json) -> list[Sent]:
        running = self.memory.last_told("response.created")
        if event["type"] == _STARTED and running and type(self).meant(running, self.memory):
            self._spoken = not self._over(running)
        if not self._spoken:
            return [event]
        if event["type"] == "response.done":
            self._spoken = False
            details = {"type": "cancelled", "reason": "turn_detected"}
            output = [{**item, "status": "incomplete"} for item in event["response"]["output"]]
            cut = {**event["response"], "status": "cancelled", "status_details": details, "output": output}
            return [{**event, "response": cut}]
        if at_path(event, "item.status") == "completed" and at_path(event, "item.role") == "assistant":
            event["item"]["status"] = "incomplete"
        return [event]

    def _over(self, created: Json) -> bool:
        done = [each["response"]["id"] for each in self.memory.told if each["type"] == "response.done"]
        return created["response"]["id"] in done


class _OutOfBandInterrupted(_InterruptedAnyway):
    """Speech cuts off an out-of-band response."""

    meant = staticmethod(out_of_band)


def _protected(event: Json, memory: Memory) -> bool:
    return in_conversation(event, memory) and session_has(_INTERRUPTS, False)(event, memory)


class _ProtectedInterrupted(_InterruptedAnyway):
    """Speech cuts off a response although ``interrupt_response`` is off."""

    meant = staticmethod(_protected)


def _speech(_event: Json, _memory: Memory) -> list[Sent]:
    return [
        invent(_STARTED, audio_start_ms=0, item_id="item_heard"),
        invent(_STOPPED, audio_end_ms=100, item_id="item_heard"),
    ]


def _idle_speech(event: Json, _memory: Memory) -> list[Sent]:
    return [
        invent(_STARTED, audio_start_ms=event["audio_start_ms"], item_id=event["item_id"]),
        invent(_STOPPED, audio_end_ms=event["audio_start_ms"], item_id=event["item_id"]),
    ]


def _truncation(event: Json, _memory: Memory) -> list[Sent]:
    item = next((i for i in event["response"]["output"] if i["type"] == "message"), None)
    return (
        []
        if item is None
        else [invent("conversation.item.truncated", item_id=item["id"], content_index=0, audio_end_ms=0)]
    )


class _IdleForgotten(WithoutResponses):
    """After an idle timeout nothing is committed, and no response comes."""

    triggers = True

    def lost(self, _created: Json) -> bool:
        return bool(self.memory.last_told(_TIMEOUT))

    def outgoing(self, event: Json) -> list[Sent]:
        idle = self.memory.last_told(_TIMEOUT).get("item_id")
        if event["type"] == _TIMEOUT and not self.triggers:
            return []
        if idle is not None and idle in (event.get("item_id"), at_path(event, "item.id")):
            return []
        return super().outgoing(event)


class _IdleIgnored(_IdleForgotten):
    """Nothing happens however long the user says nothing."""

    triggers = False


def _of_speech(event: Json, memory: Memory) -> bool:
    """Tell whether a commit is that of a turn which the server heard and ended."""
    heard = memory.last_told(_STOPPED).get("item_id") == event["item_id"]
    return heard and not memory.last_asked(f"{_BUFFER}.commit")


class _LetFall(WithoutResponses):
    """Speech is told of, and becomes nothing once it has stopped, unless the client commits it."""

    stops = True

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._heard: dict[str, Json] = {}  # what became of the speech that was heard

    def lost(self, _created: Json) -> bool:
        return bool(self._heard) and not self.memory.last_asked("response.create")

    def outgoing(self, event: Json) -> list[Sent]:
        if self.memory.last_asked(f"{_BUFFER}.commit"):
            return [event]
        item_id = event.get("item_id", at_path(event, "item.id"))
        if event["type"] == _STARTED:
            again_ = bool(self._heard) and not self.stops
            self._heard[item_id] = {}
            return [] if again_ else [event]
        if item_id in self._heard and (event["type"] != _STOPPED or not self.stops):
            self._heard[item_id] |= event
            return []
        while (previous := event.get("previous_item_id")) in self._heard:
            event = {**event, "previous_item_id": self._heard[previous].get("previous_item_id")}
        return super().outgoing(event)


class _GoesOn(_LetFall):
    """Speech that was told of never stops."""

    stops = False


def _at_rest(_event: Json, memory: Memory) -> bool:
    """Tell whether every turn was answered, and every response is done, of which there are some."""
    types = [each["type"] for each in memory.told]
    begun = types.count("response.created")
    answered = types[::-1].index("response.created") if begun else 0
    return begun == types.count("response.done") > 0 and _COMMITTED not in types[len(types) - answered :]


def _unspoken(_event: Json, memory: Memory) -> bool:
    return not memory.last_told(_STARTED)


_TURNS = (
    differs("speech-stopped-missing", "`speech_stopped` is never sent.", drop(_STOPPED)),
    differs("speech-started-missing", "`speech_started` is never sent.", drop(_STARTED)),
    differs(
        "committed-before-stopped",
        "`input_audio_buffer.committed` comes ahead of `speech_stopped`.",
        Hold(_STOPPED, _COMMITTED),
    ),
    differs(
        "turn-item-id-changes",
        "`speech_stopped` names another item than `speech_started`.",
        put(_STOPPED, "item_id", "item_of_another"),
    ),
    differs(
        "speech-started-without-item",
        "`speech_started` has no `item_id`.",
        unset(_STARTED, "item_id"),
        models="D-08",
    ),
    differs(
        "speech-stopped-without-item",
        "`speech_stopped` has no `item_id`.",
        unset(_STOPPED, "item_id"),
        models="D-08",
    ),
    differs(
        "speech-started-without-time",
        "`speech_started` has no `audio_start_ms`.",
        unset(_STARTED, "audio_start_ms"),
        models="D-52",
        only="openai",
    ),
    differs(
        "turn-committed-as-another-item",
        "A turn is committed under another id than `speech_started` announced.",
        put(f"{_STARTED} {_STOPPED}", "item_id", "item_announced"),
    ),
    differs(
        "speech-started-twice",
        "`speech_started` comes twice without a stop between.",
        repeat(_STARTED, nth=1),
    ),
    differs(
        "turn-ends-before-it-starts",
        "`audio_end_ms` of a turn is before its `audio_start_ms`.",
        put(_STOPPED, "audio_end_ms", 0),
        put(_STARTED, "audio_start_ms", 40),
    ),
    differs(
        "turn-untold",
        "There are no speech events; turns are committed and answered all the same.",
        drop(f"{_STARTED} {_STOPPED}", session_has(f"{_DETECTION}.create_response", True)),
    ),
    differs(
        "turn-uncommitted",
        "A turn becomes an item without `input_audio_buffer.committed`.",
        drop(_COMMITTED, _of_speech),
    ),
    differs(
        "turn-let-fall",
        "A turn stops, and is neither committed, nor added, nor answered.",
        _LetFall,
    ),
    differs(
        "speech-goes-on",
        "Speech is told of and never stops, however long the client is silent.",
        _GoesOn,
    ),
    differs(
        "response-nobody-asked-for",
        "While turn detection is on and nobody speaks, a response comes unasked.",
        after(
            _CLEARED, untold_response, both(session_has(f"{_DETECTION}.type", "server_vad"), _at_rest), nth=1
        ),
    ),
    differs(
        "turn-times-from-clock",
        "`audio_start_ms` and `audio_end_ms` come from the wall clock.",
        put(_STARTED, "audio_start_ms", lambda event, _memory: event["audio_start_ms"] + 1_700_000_000_000),
        put(_STOPPED, "audio_end_ms", lambda event, _memory: event["audio_end_ms"] + 1_700_000_000_000),
        models="D-08",
    ),
    differs(
        "turn-times-fall",
        "The second turn begins before the first.",
        put(_STARTED, "audio_start_ms", 0, nth=2),
        put(_STOPPED, "audio_end_ms", 1, nth=2),
    ),
    differs(
        "turn-not-answered", "With `create_response`, a turn that ends is not answered.", _NoAutomaticResponse
    ),
    differs(
        "turn-answered-unasked",
        "Without `create_response`, a turn that ends is answered.",
        after(
            "conversation.item.done",
            untold_response,
            both(_SPOKEN, session_has(_CREATES, False), _no_response_yet),
            nth=1,
        ),
    ),
    differs(
        "speech-events-when-off",
        "With `turn_detection` null there are speech events.",
        before(_CLEARED, _speech, both(session_has(_DETECTION, None), _unspoken), nth=1),
    ),
    differs(
        "item-at-speech-start",
        "The user's item is added at `speech_started`, ahead of its commit.",
        Hold(f"{_STOPPED} {_COMMITTED}", "conversation.item.done", until_where=_SPOKEN),
        models="D-47",
    ),
    differs(
        "speech-does-not-interrupt",
        "With `interrupt_response`, speech does not cut off the running response.",
        _NotInterrupted,
    ),
    differs(
        "speech-interrupts-although-off",
        "Speech cuts off the running response although `interrupt_response` is off.",
        _ProtectedInterrupted,
    ),
    differs(
        "speech-interrupts-out-of-band", "Speech cuts off an out-of-band response.", _OutOfBandInterrupted
    ),
    differs(
        "server-truncates",
        "After a barge-in or a cancellation the server truncates the item by itself.",
        after("response.done", _truncation, has("response.status", "cancelled"), nth=1),
    ),
)


_IDLE = (
    differs(
        "idle-timeout-ignored",
        "`idle_timeout_ms` is acknowledged and nothing ever happens.",
        _IdleIgnored,
    ),
    differs(
        "idle-timeout-without-commit",
        "After `timeout_triggered` nothing is committed.",
        _IdleForgotten,
    ),
    differs(
        "idle-turn-of-another-item",
        "`timeout_triggered` names another item than is committed.",
        put(_TIMEOUT, "item_id", "item_of_another"),
    ),
    differs(
        "idle-turn-with-speech",
        "A turn made by the idle timeout has `speech_started` and `speech_stopped`.",
        after(_TIMEOUT, _idle_speech),
    ),
    differs(
        "idle-times-equal",
        "`timeout_triggered` spans no time at all.",
        put(_TIMEOUT, "audio_end_ms", lambda event, _memory: event["audio_start_ms"]),
    ),
)


FAULTS: tuple[Difference, ...] = (*_TURNS, *_IDLE)
