"""Finds the subjects that a server event is about, new ones included, before the rules look at it.

Nothing here judges, and nothing here may fail on a malformed event.
"""

from __future__ import annotations

from protocol.event_types import Event
from rules.exchange import Exchange
from rules.formats import sample_bytes
from rules.moments import Moment
from rules.reading import Reading
from rules.subjects import (
    ARGUMENTS,
    AUDIO,
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
from wire.trace import Entry

ENDINGS = {"cancelled": Moment.CUT, "incomplete": Moment.CUT, "failed": Moment.FAILED}
"""What the items, parts and streams of a response are told of its end, where it did not run to its end."""


class Link:
    """The subjects one server event is about; what is not known stays None."""

    __slots__ = (
        "below",
        "ending",
        "exchange",
        "fresh",
        "item",
        "moved",
        "part",
        "response",
        "reused_item_seq",
        "reused_seq",
        "strayed",
        "stream",
        "subjects",
        "transcription",
    )

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
        self.strayed = False  # this event of a stream names another response than its first one
        self.moved = False  # this event of a stream names another output index, or another call
        self.reused_seq = 0  # where a response was created whose id is now given to another
        self.reused_item_seq = 0  # where an item of a response that is done had the id that another now has


def link(reading: Reading, entry: Entry) -> Link:
    """Return the subjects that server event `entry` is about, new ones included."""
    link = Link()
    event, type_ = entry.event or {}, entry.type
    if type_ in STREAM_TYPES:
        _link_stream(reading, link, event, type_, entry.seq)
    elif type_.startswith("response."):
        _link_of_response(reading, link, event, type_)
    elif type_.startswith("conversation.item.input_audio_transcription."):
        _link_transcription(reading, link, event)
    else:
        _link_item(reading, link, text_of(dict_of(event, "item"), "id") or text_of(event, "item_id"))
        if type_ == "conversation.item.added" and link.item is not None:
            _reuse(reading, link, link.item)
    if link.item is not None and not link.item.type:
        link.item.type = text_of(dict_of(event, "item"), "type")
    if link.item is not None and link.response is not None and link.item.response is None:
        link.item.named = link.response
    link.subjects = _concerned(reading, link)
    if type_ == "response.done" and link.response is not None:
        link.below = link.response.below()
        link.ending = ENDINGS.get(text_of(dict_of(event, "response"), "status"), "response.done")
    return link


def _link_of_response(reading: Reading, link: Link, event: Event, type_: str) -> None:
    if type_ in ("response.created", "response.done"):
        id_ = text_of(dict_of(event, "response"), "id")
        if type_ == "response.created" and id_ in reading.responses and reading.responses[id_].done_seq:
            link.reused_seq = reading.responses[id_].created_seq
            del reading.responses[id_]
        _link_response(reading, link, id_)
    elif not type_.startswith("response.backchannel."):
        _link_response(reading, link, text_of(event, "response_id"))
        if type_ == "response.output_item.added":
            _reuse_of_response(reading, link, text_of(dict_of(event, "item"), "id"))
        _link_item(reading, link, text_of(dict_of(event, "item"), "id") or text_of(event, "item_id"))
        index = int_of(event, "content_index")
        if type_.startswith("response.content_part.") and link.item is not None and index is not None:
            link.part = _part(reading, link.item, index)


def _link_stream(reading: Reading, link: Link, event: Event, type_: str, seq: int) -> None:
    family, _ = STREAM_TYPES[type_]
    item_id, response_id = text_of(event, "item_id"), text_of(event, "response_id")
    has_part = family not in (ARGUMENTS, MCP_ARGUMENTS)
    index = int_of(event, "content_index") if has_part else None
    _link_response(reading, link, response_id)
    _link_item(reading, link, item_id)
    if link.response is not None:
        link.response.families.add(family)
    if link.item is None or (has_part and index is None):
        return
    key = (item_id, index, family)
    stream = reading.streams.get(key)
    if stream is None:
        part = _part(reading, link.item, index) if index is not None else None
        stream = Stream(family, link.item, part, reading.joints["stream"].start)
        stream.first_seq = seq
        stream.response_id = response_id
        stream.output_index, stream.call_id = event.get("output_index"), event.get("call_id")
        stream.width = _sample_width(reading, link.response) if family == AUDIO else 1
        reading.streams[key] = stream
        if part is not None:
            part.streams[family] = stream
        else:
            link.item.arguments = stream
        link.fresh = True
    else:
        link.strayed = stream.response_id != response_id
        place = (event.get("output_index"), event.get("call_id"))
        link.moved = place != (stream.output_index, stream.call_id)
    link.stream = stream
    link.part = stream.part


def _sample_width(reading: Reading, response: Response | None) -> int:
    shown = dict_of(dict_of(response.created if response is not None else {}, "audio"), "output")
    return sample_bytes(shown.get("format") or reading.setting("audio", "output", "format"))


def _link_response(reading: Reading, link: Link, id_: str) -> None:
    if id_:
        if id_ not in reading.responses:
            reading.responses[id_] = Response(id_, reading.joints["response"].start)
        link.response = reading.responses[id_]


def _link_item(reading: Reading, link: Link, id_: str) -> None:
    if id_:
        if id_ not in reading.items:
            reading.items[id_] = Item(id_, reading.joints["item"].start)
        link.item = reading.items[id_]


def _link_transcription(reading: Reading, link: Link, event: Event) -> None:
    item_id, index = text_of(event, "item_id"), int_of(event, "content_index")
    if not item_id:
        return
    _link_item(reading, link, item_id)
    key = (item_id, index or 0)
    if key not in reading.transcriptions:
        reading.transcriptions[key] = Transcription(item_id, index, reading.joints["transcription"].start)
    link.transcription = reading.transcriptions[key]


def _reuse(reading: Reading, link: Link, item: Item) -> None:
    """Begin anew with an item whose id a client has used twice, which a server may allow (CI-24)."""
    twice = any(
        e.item_id == item.id and e.expectation.reason == "duplicate-id" for e in reading.exchanges.open
    )
    if twice and item.conversation_added is not None:
        link.item = reading.items[item.id] = Item(item.id, reading.joints["item"].start)


def _reuse_of_response(reading: Reading, link: Link, item_id: str) -> None:
    """Begin anew with an item whose id another had, of a response that is done."""
    item = reading.items.get(item_id)
    before = item.response if item is not None else None
    if item is None or before is None or before is link.response or not before.done_seq or not item.added_seq:
        return
    link.reused_item_seq = item.added_seq
    reading.items[item_id] = Item(item_id, reading.joints["item"].start)
    for key in [key for key in reading.streams if key[0] == item_id]:
        del reading.streams[key]


def _part(reading: Reading, item: Item, index: int) -> Part:
    if index not in item.parts:
        item.parts[index] = Part(item, index, reading.joints["part"].start)
    return item.parts[index]


def _concerned(reading: Reading, link: Link) -> list[Subject]:
    """Return the subjects that the event is about, the innermost first."""
    stream = link.stream
    if stream is not None and not link.fresh:
        return list(stream.chain)
    chain = (stream, link.part, link.item, link.response, link.transcription, reading.connection)
    found: list[Subject] = [s for s in chain if s is not None]
    if stream is not None:
        stream.chain = tuple(found)
    return found


def said_before(found: Link, type_: str) -> bool:
    """Tell whether a response is created, or done, a second time."""
    response = found.response
    if response is None:
        return False
    return bool(
        (type_ == "response.created" and response.created is not None)
        or (type_ == "response.done" and response.done_seq)
    )


def asked_for(subject: Subject, reading: Reading) -> int:
    """Return the client event to which `subject`, a response unannounced, may be the answer; 0 for none."""
    if not isinstance(subject, Response):
        return 0
    return next((e.seq for e in reading.exchanges.open if e.type == "response.create"), 0)
