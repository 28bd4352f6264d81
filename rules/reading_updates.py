"""Takes in what a server event says, after the rules have looked at it.

Nothing here judges, and nothing here may fail on a malformed event.
"""

from __future__ import annotations

from protocol.event_types import Event
from protocol.json_values import laid_over
from rules.event_subjects import Link
from rules.exchange import Exchange
from rules.formats import bytes_per_ms
from rules.reading import Reading
from rules.subjects import (
    AUDIO,
    FINAL_FIELD,
    STREAM_TYPES,
    Item,
    Response,
    Stream,
    Transcription,
    dict_of,
    int_of,
    list_of,
    text_of,
)
from schemas.formats import decoded_size
from wire.trace import Entry

_RESPONSES_KEPT = 128  # finished ones, so that late events are recognised
_COUNTED_MS = 200  # by which servers count audio otherwise than it was sent
_ITEMS_KEPT = 512  # in case they are retrieved, truncated or deleted


def take_in(reading: Reading, entry: Entry, link: Link) -> None:
    """Take in what server event `entry` says."""
    event, type_ = entry.event or {}, entry.type
    _note_wrong_answer(reading, entry, link)
    if link.stream is not None:
        _update_stream(reading, event, type_, link.stream)
    elif type_ in ("session.created", "session.updated"):
        _update_session(reading, entry, dict_of(event, "session"), link.exchange)
    elif type_.startswith("response."):
        _update_response(reading, entry, link)
    elif link.transcription is not None:
        _update_transcription(reading, entry, link.transcription)
    elif type_.startswith("conversation.item."):
        _update_conversation(reading, entry, link)
    elif type_.startswith("input_audio_buffer."):
        _update_audio(reading, entry, link)
    elif type_ == "rate_limits.updated":
        reading.rate_limits_seq = entry.seq
    elif type_ in ("output_audio_buffer.started", "output_audio_buffer.stopped"):
        if not reading.audio_emitted and not reading.measured and reading.of_call is None:
            reading.of_call = entry


def _note_wrong_answer(reading: Reading, entry: Entry, link: Link) -> None:
    """Remember an event that belongs to no client event, no response and no turn: it may answer wrongly."""
    if not reading.exchanges.open or link.exchange is not None or link.response is not None:
        return
    item = link.item
    later = (
        entry.type == "conversation.item.done" and item is not None and item.conversation_added is not None
    )
    if not later and (item is None or item.origin not in ("response", "audio")):
        reading.exchanges.came_unasked(entry)


def take_delta(reading: Reading, event: Event, stream: Stream) -> None:
    """Take in a delta of `stream`: most events of a conversation are such."""
    reading.deltas += 1
    delta = event.get("delta")
    if not isinstance(delta, str):
        return
    if stream.family == AUDIO:
        if len(delta) > reading.longest_heard:
            reading.longest_heard, reading.padding_heard = len(delta), delta[-2:].count("=")
        size = decoded_size(delta)
        stream.size += size
        if size % stream.width:
            stream.ragged += 1
        if "timestamp_info" in event:
            stream.timestamped += 1
        reading.audio_emitted = True
    else:
        stream.chunks.append(delta)


def _update_stream(reading: Reading, event: Event, type_: str, stream: Stream) -> None:
    family, is_delta = STREAM_TYPES[type_]
    if is_delta:
        take_delta(reading, event, stream)
    elif family in FINAL_FIELD:
        final = event.get(FINAL_FIELD[family])
        stream.final = final if isinstance(final, str) else stream.final  # else nobody can tell what it is
    else:
        rate = bytes_per_ms(reading.setting("audio", "output", "format") or {})
        length = stream.size / rate
        stream.item.audio_ms = (stream.item.audio_ms or 0.0) + length
        if stream.part is not None:
            stream.part.audio_ms = length


def _update_session(reading: Reading, entry: Entry, session: Event, exchange: Exchange | None) -> None:
    if entry.type == "session.created":
        if reading.created_session is not None:
            return  # a second one says nothing of what is in force
        reading.created_session, reading.created_seq = session, entry.seq
    reading.session = session
    reading.session_seq = entry.seq
    reading.refused_update = None
    reading.update_lost = False
    if exchange is None and entry.type == "session.updated":
        reading.shown_unasked = True
    if exchange is not None:
        reading.asked_session = laid_over(reading.asked_session, dict_of(exchange.event, "session"))


def _update_response(reading: Reading, entry: Entry, link: Link) -> None:
    event, response, item = entry.event or {}, link.response, link.item
    match entry.type:
        case "response.created" if response is not None:
            _begin(reading, entry, response, link)
        case "response.done" if response is not None:
            _end(reading, entry, response)
        case "response.output_item.added" if item is not None:
            item.added, item.added_seq = dict_of(event, "item"), entry.seq
            item.output_index = int_of(event, "output_index")
            item.origin = "response"
            if response is not None and item not in response.items:
                response.items.append(item)
                item.response = response
            if response is not None:
                response.overlapped_seq = 0  # it was not over, then
        case "response.output_item.done" if item is not None:
            item.done, item.done_seq = dict_of(event, "item"), entry.seq
        case "response.content_part.added" if link.part is not None:
            link.part.added, link.part.added_seq = dict_of(event, "part"), entry.seq
        case "response.content_part.done" if link.part is not None:
            link.part.done, link.part.done_seq = dict_of(event, "part"), entry.seq


def _begin(reading: Reading, entry: Entry, response: Response, link: Link) -> None:
    response.created, response.created_seq = dict_of(entry.event, "response"), entry.seq
    response.request = link.exchange
    _overlap(reading, response, entry.seq)
    reading.turn_seq = reading.owes_response = 0
    reading.client_commit_seq = reading.called_seq = 0
    if link.exchange is None:
        reading.timed_out_seq = 0
    reading.begun(response)
    reading.may_have_spoken |= "audio" in response.modalities
    if not response.out_of_band and reading.conversation_id is None:
        reading.conversation_id = text_of(response.created, "conversation_id") or None
        reading.conversation_id_seq = entry.seq


def _end(reading: Reading, entry: Entry, response: Response) -> None:
    response.done, response.done_seq = dict_of(entry.event, "response"), entry.seq
    response.done_t = entry.t
    response.overlapped_seq = 0
    if response.done.get("status") == "completed" and _calls(response.done):
        reading.called_seq = entry.seq
    reading.running.pop(response.id, None)
    if not response.out_of_band:
        reading.cancelled_seq = entry.seq if response.done.get("status") == "cancelled" else 0
    _let_go(reading, response)


def _calls(response: Event) -> bool:
    return any(text_of(item, "type") == "function_call" for item in list_of(response, "output"))


def _overlap(reading: Reading, response: Response, seq: int) -> None:
    """Take note of a running response that must be over, if the server keeps to one at a time."""
    active = reading.active
    names_none = response.created is not None and response.created.get("conversation_id", "") is None
    if active is not None and active is not response and active.quiet:
        if not (response.asked_out_of_band or names_none):
            active.overlapped_seq = seq


def _update_transcription(reading: Reading, entry: Entry, transcription: Transcription) -> None:
    if not transcription.first_seq:
        transcription.first_seq = entry.seq
    if entry.type.endswith(".delta"):
        transcription.chunks.append(text_of(entry.event, "delta"))
    elif entry.type.endswith((".completed", ".failed")):
        transcription.ended_seq = entry.seq
        transcription.chunks = []
        reading.untranscribed.pop(transcription.item_id, None)


def _update_conversation(reading: Reading, entry: Entry, link: Link) -> None:
    event, item = entry.event or {}, link.item
    if entry.type == "conversation.item.deleted" and link.exchange is not None:
        reading.conversation.remove(link.exchange.item_id, entry.seq)  # whatever the answer names
        reading.untranscribed.pop(link.exchange.item_id, None)  # of what is gone, nothing is owed
    if item is None:
        return
    match entry.type:
        case "conversation.item.added" | "conversation.item.created":
            item.conversation_added = dict_of(event, "item")
            item.previous = text_of(event, "previous_item_id") or None
            item.seen.setdefault(entry.type, entry.seq)
            if link.exchange is not None:
                item.origin = item.origin or "request"
                item.doubtful = link.exchange.doubtful
            reading.undone[item.id] = item
            if item.response is None or not item.response.asked_out_of_band:
                reading.conversation.place(item.id, _placed(reading, event, link))
        case "conversation.item.done":
            reading.finishes_items = True
            item.conversation_done = dict_of(event, "item")
            if item.response is None or not item.response.asked_out_of_band:
                reading.conversation.place(item.id, _placed(reading, event, link))
            reading.undone.pop(item.id, None)
            reading.overdue.pop(item.id, None)
        case "conversation.item.deleted":
            reading.conversation.remove(item.id, entry.seq)
            reading.untranscribed.pop(item.id, None)
        case "conversation.item.truncated":
            _truncate(item, event)


def _truncate(item: Item, event: Event) -> None:
    end = int_of(event, "audio_end_ms")
    if end is not None:
        item.truncated[int_of(event, "content_index") or 0] = end


def _placed(reading: Reading, event: Event, link: Link) -> str:
    """Return where an item is from now on: where the server says, even if it was asked for another place."""
    said = text_of(event, "previous_item_id")
    if said in reading.conversation:
        return said
    if link.exchange is not None:
        return text_of(link.exchange.event, "previous_item_id")
    made_by_client = link.item is not None and not link.item.origin
    unseen = made_by_client and not reading.knows_asking("conversation.item.create")
    return "root" if unseen and not said else ""


def _update_audio(reading: Reading, entry: Entry, link: Link) -> None:
    event, item = entry.event or {}, link.item
    heard = max(int_of(event, "audio_start_ms") or 0, int_of(event, "audio_end_ms") or 0)
    if heard > reading.appended_ms + _COUNTED_MS:
        reading.silent = False  # more was sent than is in the capture
    match entry.type:
        case "input_audio_buffer.committed":
            _commit(reading, entry, link)
        case "input_audio_buffer.speech_started" if item is not None:
            reading.speech, reading.stopped_speech = item, None
            item.audio_start_ms = int_of(event, "audio_start_ms")
            item.audio_start_seq = entry.seq
            reading.mark(entry.seq, entry.t)
            for response in reading.running.values():
                response.speech_seq = entry.seq
        case "input_audio_buffer.timeout_triggered":
            reading.timed_out_seq = entry.seq
        case "input_audio_buffer.speech_stopped":
            reading.speech, reading.stopped_speech = None, item


def _commit(reading: Reading, entry: Entry, link: Link) -> None:
    item = link.item
    if link.exchange is None:
        reading.buffered_ms = 0.0
        reading.turn_seq = entry.seq
        if reading.turn_creates_response:
            reading.owes_response = entry.seq
            reading.mark(entry.seq, entry.t)
    reading.emptied_by = "committed"
    reading.stopped_speech = reading.speech = None
    if item is None:
        return
    item.origin = "audio"
    item.committed_seq = entry.seq
    item.committed_previous = text_of(entry.event, "previous_item_id") or None
    reading.undone[item.id] = item
    if reading.transcribing:
        item.transcript_seq = entry.seq
        reading.untranscribed[item.id] = entry.seq
        reading.mark(entry.seq, entry.t)
    elif reading.transcribing is False:
        reading.silent_commits += 1
    else:
        item.transcript_seq = entry.seq  # perhaps: what is in force is not known


def _let_go(reading: Reading, response: Response) -> None:
    """Forget what only the rules about a running response need, and what is long past."""
    for item in response.items:
        item.added = None
        for part in item.parts.values():
            for stream in part.streams.values():
                stream.chunks = []
    if len(reading.responses) > _RESPONSES_KEPT:
        oldest = next(r for r in reading.responses.values() if r.id not in reading.running)
        del reading.responses[oldest.id]
        for subject in oldest.below():
            if isinstance(subject, Stream):
                index = subject.part.index if subject.part is not None else None
                reading.streams.pop((subject.item.id, index, subject.family), None)
                subject.chain = ()
        oldest.items = []
    while len(reading.items) > _ITEMS_KEPT:
        _, long_past = reading.items.popitem(last=False)
        long_past.forget()
        reading.forgot = True
    while len(reading.transcriptions) > _ITEMS_KEPT:
        reading.transcriptions.popitem(last=False)
