"""What a client of the realtime channel does: it looks on while the engine of `rules` follows the connection.

What a server owes for an event says what the client did: where it owes a refusal, the event was wrong, or
pointless. Whether the client could know that is asked here, by the time that an answer takes to reach it.
"""

from __future__ import annotations

import base64
import binascii
from collections import deque
from typing import Any

from protocol.event_types import Event
from proxy.client import conduct as of
from proxy.client.conduct import ClientConduct, Misstep
from rules.case import ExchangeCase
from rules.subjects import dict_of, int_of, list_of, text_of
from rules.undeclared_fields import declared
from rules.verdicts import Tally
from rules.views import ExchangeView
from schemas.contract import Contract
from wire.trace import Entry

ON_ITS_WAY_S = 1.0
"""Seconds for which a client is not blamed for not knowing what it was sent."""

_FLAT = frozenset(
    (
        "modalities",
        "voice",
        "input_audio_format",
        "output_audio_format",
        "input_audio_transcription",
        "turn_detection",
        "temperature",
        "max_response_output_tokens",
    )
)
"""Settings that the beta has at the top of a session, or of a `response.create`."""

_KIND = "realtime"  # of a session
_BETA_EVENTS = frozenset(("transcription_session.update",))
_BETA_SUBPROTOCOL = "openai-beta."
_BETA_HEADER = "openai-beta"

_REFERENCES = frozenset(
    (
        "unknown-item",
        "deleted-item",
        "unknown-previous-item",
        "unknown-call",
        "unknown-reference",
        "no-such-content",
        "not-assistant-audio",
    )
)
_NAMES_SOMETHING = frozenset(
    ("conversation.item.delete", "conversation.item.retrieve", "conversation.item.truncate")
)
_ASKED = 1000  # answered events that are kept up to the end
_BYTES_PER_MS = {"audio/pcm": 48.0, "audio/pcmu": 8.0, "audio/pcma": 8.0}
_SAMPLE_BYTES = {"audio/pcm": 2, "audio/pcmu": 1, "audio/pcma": 1}
_USUAL_FORMAT = "audio/pcm"


class RealtimeClient:
    """Judges a client while the connection is judged: an observer (`rules.observer`).

    In a dialect that is `of_beta`, the names of the beta are its own.
    """

    def __init__(self, conduct: ClientConduct, contract: Contract, *, of_beta: bool) -> None:
        self.conduct, self._of_beta = conduct, of_beta
        self._declared = declared(contract)
        self._formats = {"input": _USUAL_FORMAT, "output": _USUAL_FORMAT}
        self._sent: dict[tuple[str, int], float] = {}  # bytes of audio that the client was sent, by part
        self._created: dict[str, float | None] = {}  # responses that run, and when the client was told
        self._over_at: float | None = None  # when a response was over
        self._known: dict[int, tuple[float | None, float | None]] = {}  # of events under way, by their seq
        self._left = 0  # the last entry before the client ended the connection
        self._asked: deque[tuple[Entry, int]] = deque(maxlen=_ASKED)  # with the seq of the answer
        self._requested = 0  # responses that the client has asked for, and that are not over

    # --- entries ----------------------------------------------------------------------------------------

    def on_entry(self, entry: Entry) -> None:
        """Look at an entry before it is judged."""
        self.conduct.take(entry)
        if entry.kind == "open":
            self._shook_hands(entry)
        elif entry.kind == "close":
            self._closed(entry)
        elif entry.dir == "client" and entry.event is not None:
            self._said(entry, entry.event)
        elif entry.dir == "server" and entry.event is not None:
            self._heard(entry, entry.event)

    def _shook_hands(self, entry: Entry) -> None:
        if self._of_beta:
            return
        detail = entry.detail or {}
        offered = [each for each in list_of(detail, "offered") if str(each).startswith(_BETA_SUBPROTOCOL)]
        asked = [name for name in dict_of(detail, "asked") if name.lower() == _BETA_HEADER]
        named = ", ".join([*map(str, offered), *asked])
        told = f"the handshake asks for the retired beta: {named}"
        wrong = Misstep("handshake", "nothing of the beta", named, told)
        self.conduct.check(of.NOT_BETA, entry, wrong if named else None)

    def _said(self, entry: Entry, event: Event) -> None:
        # Of a response that it asked for itself, a client knows.
        unasked = None if self._requested else max(filter(None, self._created.values()), default=None)
        self._known[entry.seq] = (self._over_at, unasked)
        self.judge_names(entry, event)
        type_ = entry.type
        if type_ == "input_audio_buffer.append":
            self.judge_audio(entry, event)
        elif type_ == "conversation.item.truncate":
            self.judge_truncation(entry, event)
        elif type_ == "response.create":
            self._requested += 1

    def judge_names(self, entry: Entry, event: Event) -> None:
        """Judge whether it has names of the beta."""
        if self._of_beta:
            return
        type_ = entry.type
        names = [type_] if type_ in _BETA_EVENTS else []
        place = {"session.update": "session", "response.create": "response"}.get(type_, "")
        names += [f"{place}.{name}" for name in self._flat(type_, place, dict_of(event, place))]
        told = f"{', '.join(names)}: of the retired beta"
        path = "type" if names == [type_] else ""
        wrong = Misstep("name", "names of this protocol", ", ".join(names), told, path)
        self.conduct.check(of.NOT_BETA, entry, wrong if names else None)

    def _flat(self, type_: str, place: str, said: Event) -> list[str]:
        """Return the settings that the beta had at this place, and the protocol has not."""
        kind = {"type": _KIND} if place == "session" else {}
        return [
            name
            for name in sorted(_FLAT & set(said))
            if not self._declared.has_all(type_, {"type": type_, place: {**kind, name: said[name]}})
        ]

    def judge_audio(self, entry: Entry, event: Event) -> None:
        """Judge whether audio is made of whole samples."""
        size = _SAMPLE_BYTES.get(self._formats["input"], 1)
        audio = event.get("audio")
        if not isinstance(audio, str) or "audio_characters" in event:
            return  # the trace has only the beginning of it
        try:
            data = len(base64.b64decode(audio, validate=True))
        except (binascii.Error, ValueError):
            return  # which client/event/payload is about
        told = f"the audio appended has {data} bytes, which are no whole samples of {size} bytes"
        wrong = Misstep("odd", f"a multiple of {size} bytes", f"{data} bytes", told, "audio")
        self.conduct.check(of.WHOLE_SAMPLES, entry, wrong if data % size else None)

    def judge_truncation(self, entry: Entry, event: Event) -> None:
        """Judge whether what is cut was heard at all."""
        place = (text_of(event, "item_id"), int_of(event, "content_index") or 0)
        end = int_of(event, "audio_end_ms")
        if place not in self._sent or end is None:
            return
        heard = self._sent[place] / _BYTES_PER_MS.get(self._formats["output"], 48.0)
        told = f"audio_end_ms is {end}, and of {place[0]} the client was sent {heard:.0f} ms"
        wrong = Misstep("beyond", f"at most {heard:.0f}", str(end), told, "audio_end_ms")
        self.conduct.check(of.WITHIN_HEARD, entry, wrong if end > heard + 1 else None)

    def _heard(self, entry: Entry, event: Event) -> None:
        """Take in what the client knows from here on."""
        match entry.type:
            case "session.created" | "session.updated":
                audio = dict_of(dict_of(event, "session"), "audio")
                for side in self._formats:
                    kind = text_of(dict_of(dict_of(audio, side), "format"), "type")
                    self._formats[side] = kind or self._formats[side]
            case "response.output_audio.delta":
                place = (text_of(event, "item_id"), int_of(event, "content_index") or 0)
                delta = text_of(event, "delta")
                size = len(delta) * 3 // 4 - delta[-2:].count("=")
                self._sent[place] = self._sent.get(place, 0.0) + size
            case "response.created":
                self._created[text_of(dict_of(event, "response"), "id")] = entry.t
            case "response.done":
                self._created.pop(text_of(dict_of(event, "response"), "id"), None)
                self._over_at = entry.t
                self._requested = max(0, self._requested - 1)

    def _closed(self, entry: Entry) -> None:
        """Take note of where the client left, if it is the one that leaves."""
        detail = entry.detail or {}
        if entry.dir == "client" and "protocol_error" not in detail and "client_error" not in detail:
            self._left = int_of(detail, "behind") or entry.seq

    # --- exchanges --------------------------------------------------------------------------------------

    def on_exchange(self, case: ExchangeCase) -> None:
        """Look at an event of the client whose outcome was just decided."""
        exchange = case.exchange
        entry = Entry(exchange.seq, exchange.sent_at, "client", "text", exchange.event)
        known = self._known.pop(exchange.seq, (None, None))
        owed = exchange.expectation
        reason = owed.reason if owed.kind == "refuse" else ""
        self.judge_form(entry, reason, owed.detail)
        if reason not in ("no-type", "unknown-type", "schema"):
            self.judge_sense(entry, exchange, reason, known)
        self._wait(entry, exchange)

    def judge_form(self, entry: Entry, reason: str, detail: str) -> None:
        """Judge whether it is an event, of a type that there is, with the fields that it has to have."""
        self.conduct.check(
            of.CLIENT_OBJECT,
            entry,
            Misstep(
                "other", "a JSON object with a type, in a text frame", detail, f"the client sent {detail}"
            )
            if reason == "no-type"
            else None,
        )
        if reason == "no-type":
            return
        told = f"the protocol has no client event {entry.type}"
        wrong = Misstep("unknown", "a client event", entry.type, told, "type")
        self.conduct.check(of.KNOWN_TYPE, entry, wrong if reason == "unknown-type" else None)
        if reason != "unknown-type":
            told = f"{entry.type} is not what the protocol says, at {detail or 'its top'}"
            path = detail if detail and " " not in detail else ""
            wrong = Misstep("schema", "what the protocol allows", detail, told, path)
            self.conduct.check(of.PAYLOAD, entry, wrong if reason == "schema" else None)

    def judge_sense(
        self, entry: Entry, exchange: ExchangeView, reason: str, known: tuple[float | None, float | None]
    ) -> None:
        """Judge whether there was any point in it."""
        over_at, created_at = known
        detail = exchange.expectation.detail
        match exchange.type:
            case "input_audio_buffer.commit":
                told = f"the client commits {detail or 'nothing'} of audio; it takes 100 ms"
                wrong = Misstep("nothing", "at least 100 ms of audio", detail, told)
                empty = reason in ("buffer-too-short", "buffer-cleared")
                if exchange.expectation.kind != "either":
                    self.conduct.check(of.OF_SOMETHING, entry, wrong if empty else None)
            case "response.cancel" if exchange.expectation.kind != "either":
                told = "the client cancels, and no response runs"
                wrong = Misstep("nothing", "a response that runs", detail or "none", told)
                self._unless_on_its_way(of.CANCEL, entry, wrong if reason else None, over_at)
            case "response.create" if exchange.expectation.kind != "either":
                told = f"the client asks for a response while {detail} runs"
                wrong = Misstep("active", "no response that runs", detail, told)
                active = reason == "active-response"
                self._unless_on_its_way(of.ONE_AT_A_TIME, entry, wrong if active else None, created_at)
        self.judge_references(entry, exchange, reason)

    def judge_references(self, entry: Entry, exchange: ExchangeView, reason: str) -> None:
        """Judge whether what it names is there."""
        names = exchange.type in _NAMES_SOMETHING or _answers_a_call(exchange.event)
        if reason in _REFERENCES:
            told = f"{exchange.type} is about what is not there: {exchange.expectation.detail} ({reason})"
            wrong = Misstep(reason, "what is there", exchange.expectation.detail, told)
            self.conduct.violated(of.REFERENCE, entry, wrong)
        elif names and exchange.expectation.kind == "accept":
            self.conduct.holds(of.REFERENCE, entry)

    def _unless_on_its_way(
        self, requirement: str, entry: Entry, wrong: Misstep | None, told_at: float | None
    ) -> None:
        """Count a case; undecided where the client may not have known yet what it was told at `told_at`."""
        if wrong is not None and told_at is not None and entry.t is not None:
            if entry.t - told_at < ON_ITS_WAY_S:
                self.conduct.undecided(requirement, "what the client was told may not have reached it yet")
                return
        self.conduct.check(requirement, entry, wrong)

    def _wait(self, entry: Entry, exchange: ExchangeView) -> None:
        """Keep what was asked until it is known whether the client waited for the answer."""
        if exchange.expectation.kind == "accept" and (exchange.answer_seq or exchange.outcome == "lost"):
            if len(self._asked) == self._asked.maxlen:
                self.judge_waiting(*self._asked.popleft())
            self._asked.append((entry, exchange.answer_seq))

    def judge_waiting(self, entry: Entry, answer: int) -> None:
        """Judge whether the client waited for the answer."""
        if not answer and not self._left:
            return  # the server left, or nobody knows who did
        told = f"the client ended the connection before {entry.type} was answered"
        wrong = Misstep("left", "an answer", "the end of the connection", told)
        early = not answer or (self._left and answer > self._left)
        self.conduct.check(of.WAITED_FOR, entry, wrong if early else None)

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes."""
        for entry, answer in self._asked:
            self.judge_waiting(entry, answer)
        return self.conduct.counted()


def _answers_a_call(event: Any) -> bool:
    return dict_of(event, "item").get("type") == "function_call_output"
