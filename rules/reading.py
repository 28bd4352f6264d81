"""Reads a conversation event by event: what exists, what is open, what belongs together.

`link` finds the subjects an event is about, before the rules look at it; `update` takes in what it says,
after they have. Nothing here judges, and nothing here may fail on a malformed event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.exchanges import Exchange, Exchanges
from rules.order import Joint
from rules.subjects import (
    ARGUMENTS,
    AUDIO,
    FINAL_FIELD,
    MCP_ARGUMENTS,
    STREAM_TYPES,
    Item,
    Part,
    Response,
    Stream,
    Subject,
    Transcription,
    dict_of,
    int_of,
    text_of,
)
from schemas.formats import decoded_size
from wire.frames import Event
from wire.trace import Entry

KINDS = ("connection", "response", "item", "part", "stream", "transcription")
_RESPONSES_KEPT = 512  # finished ones, so that late events are recognised
_MARKS_KEPT = 256  # client events whose answer may still be judged by the time it took
_ITEMS_KEPT = 4_096  # in case they are retrieved, truncated or deleted

ENDINGS = {"cancelled": "@cut", "incomplete": "@cut", "failed": "@failed"}
"""What the items, parts and streams of a response are told of its end, where it did not run to its end."""

BYTES_PER_MS = {"audio/pcm": 48.0, "audio/pcmu": 8.0, "audio/pcma": 8.0, "audio/float32": 96.0}
"""Bytes of one millisecond of audio, by format, at its usual rate (24 kHz, or 8 kHz for G.711)."""


def bytes_per_ms(format_: Any) -> float:
    """Return how many bytes of `format_`, a format object, last one millisecond."""
    kind = text_of(format_, "type")
    rate = int_of(format_, "rate")
    base = BYTES_PER_MS.get(kind, 48.0)
    usual = 8000 if kind in ("audio/pcmu", "audio/pcma") else 24000
    return base * (rate / usual) if rate else base


class Link:
    """The subjects one server event is about; what is not known stays None."""

    __slots__ = (
        "below", "ending", "exchange", "fresh", "item", "part", "response", "reused", "stream", "subjects",
        "transcription",
    )  # fmt: skip

    def __init__(self) -> None:
        self.response: Response | None = None
        self.item: Item | None = None
        self.part: Part | None = None
        self.stream: Stream | None = None
        self.transcription: Transcription | None = None
        self.exchange: Exchange | None = None
        self.subjects: list[Subject] = []
        self.below: list[Subject] = []  # what ends with the response that is done
        self.ending = ""  # how it ends, as the rules about order are told
        self.fresh = False  # this event is the first of its stream
        self.reused = False  # a response is created with the id of one that is done


class Reading:
    """What is known of one connection after the events read so far."""

    def __init__(self, joints: Mapping[str, Joint], *, whole: bool, measured: bool) -> None:
        self.joints = joints
        self.whole = whole
        self.measured = measured  # audio in this trace is complete, so that its length means something
        self.connection = Subject("connection", "connection", joints["connection"].start)
        self.responses: dict[str, Response] = {}
        self.items: dict[str, Item] = {}
        self.streams: dict[tuple[str, int | None, str], Stream] = {}
        self.transcriptions: dict[tuple[str, int | None], Transcription] = {}
        self.exchanges = Exchanges()
        self.conversation: list[str] = []
        self.deleted: set[str] = set()
        self.session: Event = {}
        self.created_session: Event | None = None
        self.created_seq = 0
        self.session_seq = 0
        self.conversation_id: str | None = None
        self.buffered_ms = 0.0
        self.appended_ms = 0.0
        self.audio_emitted = False
        self.untranscribed: dict[str, int] = {}  # items whose transcription is owed, and since when
        self.silent_commits = 0  # made while transcription was off
        self.emptied_by = ""  # what last emptied the input buffer: committed or cleared
        self.speech: Item | None = None  # in which speech is going on
        self.stopped_speech: Item | None = None  # in which it has stopped, until that is committed
        self.unkeyed: set[str] = set()
        self.opening: list[str] = []  # types of the server's events before the client did anything
        self.client_acted = False
        self.refused_update: Exchange | None = None
        self.backchannel_enabled = False  # at any time in this session
        self.backchannels: dict[str, int] = {}  # begun and not ended
        self.provider_data: Event = {}  # as the client has set it
        self.terminal_error = False  # an error that no client event caused, as the newest event
        self.watched: dict[str, int] = {}  # what single rules wait for, by a name of their own
        self.cancelled_seq = 0  # of the last response.done, where it said cancelled
        self.last_seq = 0  # of the server event before this one
        self.deltas = 0  # all that came so far
        self.times: dict[int, float | None] = {}  # of client events and of speech, by seq
        self._deltas_at: dict[int, int] = {}
        self.undone: dict[str, Item] = {}  # added to the conversation, and not done

    # --- asking -----------------------------------------------------------------------------------------

    @property
    def active(self) -> Response | None:
        """The response that is writing to the default conversation, if any."""
        for response in reversed(self.responses.values()):
            if response.active and not response.out_of_band:
                return response
        return None

    def setting(self, *path: str) -> Any:
        """Return the value at `path` in the session as last shown by the server, or None."""
        value: Any = self.session
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    @property
    def turn_detection(self) -> Any:
        """The turn detection in force: an object, None for off, or None where it was never shown."""
        return self.setting("audio", "input", "turn_detection")

    @property
    def conversation_follow_up(self) -> bool:
        """Whether a response may come unasked because the last item is the result of a call (inworld 5.7)."""
        last = self.items.get(self.conversation[-1]) if self.conversation else None
        return last is not None and last.latest.get("type") == "function_call_output"

    def provider_setting(self, branch: str, name: str) -> Any:
        """Return a field of `providerData` as the client has set it, whether the server shows it or not."""
        return dict_of(self.provider_data, branch).get(name)

    def deltas_since(self, seq: int) -> int:
        """Return how many deltas came since entry `seq`, a client event or the start of speech."""
        return self.deltas - self._deltas_at.get(seq, self.deltas)

    def _mark(self, seq: int, t: float | None) -> None:
        self.times[seq] = t
        self._deltas_at[seq] = self.deltas
        if len(self.times) > _MARKS_KEPT:
            oldest = next(iter(self.times))
            del self.times[oldest], self._deltas_at[oldest]

    @property
    def transcribing(self) -> bool | None:
        """Whether transcription is on; None where the session never showed it."""
        if not self.shows("audio", "input", "transcription"):
            return None
        return self.setting("audio", "input", "transcription") is not None

    def shows(self, *path: str) -> bool:
        """Tell whether the session as last shown has the field at `path`, null or not."""
        parent = self.setting(*path[:-1]) if len(path) > 1 else self.session
        return isinstance(parent, dict) and path[-1] in parent

    # --- linking ----------------------------------------------------------------------------------------

    def link(self, entry: Entry) -> Link:
        """Return the subjects that server event `entry` is about, new ones included."""
        link = Link()
        event, type_ = entry.event or {}, entry.type
        if type_ in STREAM_TYPES:
            self._link_stream(link, event, type_, entry.seq)
        elif type_.startswith("response."):
            self._link_of_response(link, event, type_)
        elif type_.startswith("conversation.item.input_audio_transcription."):
            self._link_transcription(link, event)
        else:
            self._link_item(link, text_of(dict_of(event, "item"), "id") or text_of(event, "item_id"))
            if type_ == "conversation.item.added" and link.item is not None:
                self._reuse(link, link.item)
        link.subjects = self._concerned(link)
        if type_ == "response.done" and link.response is not None:
            link.below = link.response.below()
            link.ending = ENDINGS.get(text_of(dict_of(event, "response"), "status"), "response.done")
        return link

    def _link_of_response(self, link: Link, event: Event, type_: str) -> None:
        if type_ in ("response.created", "response.done"):
            id_ = text_of(dict_of(event, "response"), "id")
            if type_ == "response.created" and id_ in self.responses and self.responses[id_].done_seq:
                link.reused = True
                del self.responses[id_]
            self._link_response(link, id_)
        elif not type_.startswith("response.backchannel."):
            self._link_response(link, text_of(event, "response_id"))
            self._link_item(link, text_of(dict_of(event, "item"), "id") or text_of(event, "item_id"))
            index = int_of(event, "content_index")
            if type_.startswith("response.content_part.") and link.item is not None and index is not None:
                link.part = self._part(link.item, index)

    def _link_stream(self, link: Link, event: Event, type_: str, seq: int) -> None:
        family, _ = STREAM_TYPES[type_]
        item_id, response_id = text_of(event, "item_id"), text_of(event, "response_id")
        index = int_of(event, "content_index")
        has_part = family not in (ARGUMENTS, MCP_ARGUMENTS)
        self._link_response(link, response_id)
        self._link_item(link, item_id)
        if link.item is None or (has_part and index is None):
            return
        key = (item_id, index if has_part else None, family)
        stream = self.streams.get(key)
        if stream is None:
            part = self._part(link.item, index) if has_part and index is not None else None
            stream = Stream(family, link.item, part, self.joints["stream"].start)
            stream.first_seq = seq
            stream.response_id = response_id
            stream.width = self._sample_width(link.response) if family == AUDIO else 1
            if link.response is not None:
                link.response.families.add(family)
            self.streams[key] = stream
            if part is not None:
                part.streams[family] = stream
            elif family in (ARGUMENTS, MCP_ARGUMENTS):
                link.item.arguments = stream
            link.fresh = True
        link.stream = stream
        link.part = stream.part

    def _sample_width(self, response: Response | None) -> int:
        shown = dict_of(dict_of(response.created if response is not None else {}, "audio"), "output")
        kind = text_of(dict_of(shown, "format") or self.setting("audio", "output", "format"), "type")
        return {"audio/pcmu": 1, "audio/pcma": 1, "audio/float32": 4}.get(kind, 2)

    def _link_response(self, link: Link, id_: str) -> None:
        if id_:
            if id_ not in self.responses:
                self.responses[id_] = Response(id_, self.joints["response"].start)
            link.response = self.responses[id_]

    def _link_item(self, link: Link, id_: str) -> None:
        if id_:
            if id_ not in self.items:
                self.items[id_] = Item(id_, self.joints["item"].start)
            link.item = self.items[id_]

    def _link_transcription(self, link: Link, event: Event) -> None:
        item_id, index = text_of(event, "item_id"), int_of(event, "content_index")
        if not item_id:
            return
        self._link_item(link, item_id)
        key = (item_id, index or 0)
        if key not in self.transcriptions:
            self.transcriptions[key] = Transcription(item_id, index, self.joints["transcription"].start)
        link.transcription = self.transcriptions[key]

    def _reuse(self, link: Link, item: Item) -> None:
        """Begin anew with an item whose id a client has used twice, which a server may allow (CI-24)."""
        twice = any(
            e.item_id == item.id and e.expectation.reason == "duplicate-id" for e in self.exchanges.open
        )
        if twice and item.conversation_added is not None:
            link.item = self.items[item.id] = Item(item.id, self.joints["item"].start)

    def _part(self, item: Item, index: int) -> Part:
        if index not in item.parts:
            item.parts[index] = Part(item, index, self.joints["part"].start)
        return item.parts[index]

    def _concerned(self, link: Link) -> list[Subject]:
        """Return the subjects that the event is about, the innermost first."""
        stream = link.stream
        if stream is not None and not link.fresh:
            return list(stream.chain)
        chain = (stream, link.part, link.item, link.response, link.transcription, self.connection)
        found: list[Subject] = [s for s in chain if s is not None]
        if stream is not None:
            stream.chain = tuple(found)
        return found

    # --- updating ---------------------------------------------------------------------------------------

    def update(self, entry: Entry, link: Link) -> None:
        """Take in what server event `entry` says."""
        event, type_ = entry.event or {}, entry.type
        if link.stream is not None:
            self._update_stream(event, type_, link.stream)
        elif type_ in ("session.created", "session.updated"):
            self._update_session(entry, dict_of(event, "session"))
        elif type_.startswith("response."):
            self._update_response(entry, link)
        elif type_ == "error":
            self.terminal_error = True
        elif link.transcription is not None:
            self._update_transcription(entry, link.transcription)
        elif type_.startswith("conversation.item."):
            self._update_conversation(entry, link)
        elif type_.startswith("input_audio_buffer."):
            self._update_audio(entry, link)

    def _update_stream(self, event: Event, type_: str, stream: Stream) -> None:
        family, is_delta = STREAM_TYPES[type_]
        if is_delta:
            self.deltas += 1
            delta = event.get("delta")
            if isinstance(delta, str):
                if family == AUDIO:
                    size = decoded_size(delta)
                    stream.size += size
                    stream.ragged += size % stream.width != 0
                    stream.timestamped += "timestamp_info" in event
                    self.audio_emitted = True
                else:
                    stream.chunks.append(delta)
        elif family in FINAL_FIELD:
            stream.final = text_of(event, FINAL_FIELD[family])
        else:
            rate = bytes_per_ms(self.setting("audio", "output", "format") or {})
            stream.item.audio_ms = (stream.item.audio_ms or 0.0) + stream.size / rate

    def _update_session(self, entry: Entry, session: Event) -> None:
        self.session = session
        self.session_seq = entry.seq
        self.refused_update = None
        if entry.type == "session.created" and self.created_session is None:
            self.created_session, self.created_seq = session, entry.seq

    def _update_response(self, entry: Entry, link: Link) -> None:
        event, response, item = entry.event or {}, link.response, link.item
        match entry.type:
            case "response.created" if response is not None:
                response.created, response.created_seq = dict_of(event, "response"), entry.seq
                response.request = link.exchange
                response.automatic = link.exchange is None
                if not response.out_of_band and self.conversation_id is None:
                    self.conversation_id = text_of(response.created, "conversation_id") or None
            case "response.done" if response is not None:
                response.done, response.done_seq = dict_of(event, "response"), entry.seq
                response.done_t = entry.t
                if not response.out_of_band:
                    self.cancelled_seq = entry.seq if response.done.get("status") == "cancelled" else 0
                self._let_go(response)
            case "response.output_item.added" if item is not None:
                item.added, item.added_seq = dict_of(event, "item"), entry.seq
                item.output_index = int_of(event, "output_index")
                item.origin = "response"
                if response is not None and item not in response.items:
                    response.items.append(item)
                    item.response = response
            case "response.output_item.done" if item is not None:
                item.done, item.done_seq = dict_of(event, "item"), entry.seq
            case "response.content_part.added" if link.part is not None:
                link.part.added, link.part.added_seq = dict_of(event, "part"), entry.seq
            case "response.content_part.done" if link.part is not None:
                link.part.done, link.part.done_seq = dict_of(event, "part"), entry.seq

    def _update_transcription(self, entry: Entry, transcription: Transcription) -> None:
        if not transcription.first_seq:
            transcription.first_seq = entry.seq
        if entry.type.endswith(".delta"):
            transcription.chunks.append(text_of(entry.event, "delta"))
        elif entry.type.endswith((".completed", ".failed")):
            transcription.ended_seq = entry.seq
            transcription.chunks = []
            self.untranscribed.pop(transcription.item_id, None)

    def _update_conversation(self, entry: Entry, link: Link) -> None:
        event, item = entry.event or {}, link.item
        if item is None:
            return
        match entry.type:
            case "conversation.item.added" | "conversation.item.created":
                item.conversation_added = dict_of(event, "item")
                item.previous = text_of(event, "previous_item_id") or None
                item.seen.setdefault(entry.type, entry.seq)
                if link.exchange is not None and not item.origin:
                    item.origin = "request"
                self.undone[item.id] = item
                self._place(item, link.exchange)
            case "conversation.item.done":
                item.conversation_done = dict_of(event, "item")
                self.undone.pop(item.id, None)
            case "conversation.item.deleted":
                if item.id in self.conversation:
                    self.conversation.remove(item.id)
                self.deleted.add(item.id)
            case "conversation.item.truncated":
                item.truncated_ms = int_of(event, "audio_end_ms")

    def _place(self, item: Item, exchange: Exchange | None) -> None:
        if item.id in self.conversation:
            return
        asked = text_of(exchange.event, "previous_item_id") if exchange is not None else ""
        if asked == "root":
            self.conversation.insert(0, item.id)
        elif asked in self.conversation:
            self.conversation.insert(self.conversation.index(asked) + 1, item.id)
        else:
            self.conversation.append(item.id)

    def _update_audio(self, entry: Entry, link: Link) -> None:
        event, item = entry.event or {}, link.item
        match entry.type:
            case "input_audio_buffer.committed":
                if link.exchange is None:
                    self.buffered_ms = 0.0
                self.emptied_by = "committed"
                self.stopped_speech = self.speech = None
                if item is not None:
                    item.origin = "audio"
                    item.committed_seq = entry.seq
                    item.committed_previous = text_of(event, "previous_item_id") or None
                    self.undone[item.id] = item
                    if self.transcribing:
                        item.transcript_seq = entry.seq
                        self.untranscribed[item.id] = entry.seq
                    elif self.transcribing is False:
                        self.silent_commits += 1
            case "input_audio_buffer.speech_started" if item is not None:
                self.speech = item
                item.audio_start_ms = int_of(event, "audio_start_ms")
                self._mark(entry.seq, entry.t)
                for response in self.responses.values():
                    if response.active:
                        response.speech_seq = entry.seq
            case "input_audio_buffer.speech_stopped":
                self.speech, self.stopped_speech = None, item

    def _let_go(self, response: Response) -> None:
        """Forget what only the rules about a running response need, and what is long past."""
        for item in response.items:
            item.added = None
            for part in item.parts.values():
                for stream in part.streams.values():
                    stream.chunks = []
        if len(self.responses) > _RESPONSES_KEPT:
            oldest = self.responses.pop(next(iter(self.responses)))
            if not oldest.active:
                for subject in oldest.below():
                    if isinstance(subject, Stream):
                        index = subject.part.index if subject.part is not None else None
                        self.streams.pop((subject.item.id, index, subject.family), None)
        while len(self.items) > _ITEMS_KEPT:
            del self.items[next(iter(self.items))]
        while len(self.transcriptions) > _ITEMS_KEPT:
            del self.transcriptions[next(iter(self.transcriptions))]

    # --- the client's side ------------------------------------------------------------------------------

    def overdue_items(self, seq: int) -> list[Item]:
        """Return the items that should be done by now: something begun after `seq` has been answered."""
        found = []
        for item in self.undone.values():
            response = item.response
            owed_since = item.seen.get("conversation.item.added", item.committed_seq)
            if response is not None:
                owed_since = response.done_seq or seq
            if owed_since < seq:
                found.append(item)
        return found

    def refused(self, exchange: Exchange) -> None:
        """Take in that a client event was refused."""
        self.buffered_ms += float(exchange.notes.get("buffered_ms", 0.0))
        if exchange.type == "session.update":
            self.refused_update = exchange

    def sent(self, exchange: Exchange, t: float | None) -> None:
        """Take in a client event, sent `t` seconds into the trace."""
        self._mark(exchange.seq, t)
        if exchange.type == "response.create":
            exchange.notes["after_cancelled"] = self.cancelled_seq
            exchange.notes["active"] = self.active is not None
            last = self.exchanges.open[-1] if self.exchanges.open else None
            if last is not None and last.type == "conversation.item.create":
                exchange.notes["burst"] = last
        if exchange.type == "input_audio_buffer.append":
            audio = exchange.event.get("audio")
            if isinstance(audio, str) and exchange.expectation.kind == "accept":
                characters = int_of(exchange.event, "audio_characters") or len(audio)
                rate = bytes_per_ms(self.setting("audio", "input", "format") or {})
                length = characters * 3 / 4 / rate
                self.buffered_ms += length
                self.appended_ms += length
                self.emptied_by = ""
        elif exchange.type == "session.update":
            exchange.notes["early"] = self.created_session is None
            self._provider_data(dict_of(dict_of(exchange.event, "session"), "providerData"))
        elif exchange.type == "input_audio_buffer.commit":
            exchange.notes["buffered_ms"] = self.buffered_ms
            self.buffered_ms = 0.0
        elif exchange.type == "input_audio_buffer.clear":
            if self.buffered_ms:
                self.emptied_by = "cleared"
            self.buffered_ms = 0.0
        self.exchanges.sent(exchange)

    def _provider_data(self, sent: Event) -> None:
        for branch, fields in sent.items():
            if isinstance(fields, dict):
                self.provider_data[branch] = {**dict_of(self.provider_data, branch), **fields}
        self.backchannel_enabled |= self.provider_setting("backchannel", "enabled") is True
