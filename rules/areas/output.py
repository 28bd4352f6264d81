"""Rules about what is in the items of a response: parts, text, transcripts, audio (facts 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protocol.event_types import PART_ADDED, PART_DONE, RESPONSE_DONE
from rules.case import EventCase
from rules.moments import Moment
from rules.registration import on_event
from rules.subjects import (
    ARGUMENTS,
    AUDIO,
    FINAL_FIELD,
    TEXT,
    TRANSCRIPT,
    dict_of,
    int_of,
    list_of,
    text_of,
)
from rules.views import PartView


@on_event("response/part/indices", PART_ADDED)
def content_index_counts(case: EventCase) -> None:
    """`content_index` counts 0, 1, 2 … within an item."""
    item, index = case.item, int_of(case.event, "content_index")
    if index is not None:
        before = sum(p.added is not None for p in item.parts.values())
        case.check(
            index == before,
            "count",
            "content_index does not count the parts of the item",
            path="content_index",
            expected=before,
            actual=index,
        )


_PART_TYPES = (
    "text",
    "audio",
    "output_text",
    "output_audio",
)  # the long names are contested, so nobody fails


@on_event("response/part/type", PART_ADDED, PART_DONE, malformed=("part.type",))
def part_type(case: EventCase) -> None:
    """`part.type` in `response.content_part.*` says text or audio."""
    part = dict_of(case.event, "part")
    if part:
        kind = part.get("type")
        case.observed(str(kind))
        case.check(
            kind in _PART_TYPES,
            "unknown",
            f"the type of a content part is {kind}",
            path="part.type",
            expected="text or audio",
            actual=kind,
        )


@on_event("response/part/present", PART_ADDED, PART_DONE, malformed=("part",))
def part_present(case: EventCase) -> None:
    """Both `response.content_part.added` and `.done` carry the `part`."""
    case.check(
        isinstance(case.event.get("part"), dict),
        "missing",
        f"{case.entry.type} has no part",
        path="part",
        expected="the content part",
        actual=case.event.get("part"),
    )


@on_event("response/part/begins-empty", PART_ADDED)
def part_begins_empty(case: EventCase) -> None:
    """A part is added with empty text or transcript."""
    part = dict_of(case.event, "part")
    if part:
        full = [n for n in ("text", "transcript", "audio") if part.get(n)]
        case.check(
            not full,
            "not-empty",
            "a part is added with content before any delta",
            path=f"part.{full[0]}" if full else "",
            expected="empty",
            actual=part[full[0]] if full else "",
        )


def _being_cut(case: EventCase) -> bool:
    """Tell whether the response at hand was cancelled by the client, or spoken into, and is not done."""
    response = case.link.response
    return response is not None and (
        bool(response.speech_seq)
        or any(e.type == "response.cancel" and e.target == response.id for e in case.reading.exchanges.open)
    )


def _adds_up(case: EventCase, family: str) -> None:
    stream, name = case.stream, FINAL_FIELD[family]
    if stream.final is not None or not stream.chunks or not case.reading.whole:
        return
    if case.entry.type.replace(".done", ".delta") in case.reading.unkeyed:
        return  # a delta that cannot be read is a finding of its own
    final = case.event.get(name)
    more = isinstance(final, str) and final != stream.whole and final.startswith(stream.whole)
    if more and _being_cut(case):
        return  # the rest of a text that was cut off, which is less than a MUST (CB-04)
    case.check(
        stream.whole == final,
        "differ",
        f"the deltas do not add up to the final {name}",
        path=name,
        expected=stream.whole,
        actual=final,
        because=[stream.first_seq],
    )


@on_event("response/text/deltas-add-up", "response.output_text.done")
def text_adds_up(case: EventCase) -> None:
    """The deltas of a text, joined, are the `text` of `response.output_text.done`."""
    _adds_up(case, TEXT)


@on_event("response/transcript/deltas-add-up", "response.output_audio_transcript.done")
def output_transcript_adds_up(case: EventCase) -> None:
    """The deltas of a transcript, joined, are the `transcript` of `response.output_audio_transcript.done`."""
    _adds_up(case, TRANSCRIPT)


@on_event("response/arguments/deltas-add-up", "response.function_call_arguments.done")
def arguments_add_up(case: EventCase) -> None:
    """The deltas of a call's arguments, joined, are the `arguments` of their `.done`."""
    _adds_up(case, ARGUMENTS)


def final_content(part: PartView) -> tuple[str, str] | None:
    """Return field name and text of the stream that a finished part must repeat, if it had one."""
    spoken = text_of(part.added, "type") == "audio"
    for family in (TRANSCRIPT, TEXT) if spoken else (TEXT, TRANSCRIPT):
        stream = part.streams.get(family)
        if stream is not None and stream.final is not None:
            return FINAL_FIELD[family], stream.final
    return None


@on_event("response/part/final-equals-stream", PART_DONE)
def part_equals_stream(case: EventCase) -> None:
    """The part in `response.content_part.done` holds the final text or transcript of its stream."""
    part, said = case.part, dict_of(case.event, "part")
    final = final_content(part)
    if final is None or not said:
        return
    name, text = final
    case.check(
        said.get(name) == text,
        "differs",
        f"the {name} in the finished part differs from that of its .done event",
        path=f"part.{name}",
        expected=text,
        actual=said.get(name),
        because=[s.first_seq for s in part.streams.values()],
    )


def _modalities(case: EventCase) -> Sequence[Any]:
    """Return the output modalities in force for the response at hand, as far as anybody said."""
    response = case.response
    if response.created is None:
        return []
    if response.modalities:
        return response.modalities
    asked = dict_of(response.request.event, "response") if response.request is not None else {}
    return list_of(asked, "output_modalities") or list(case.reading.setting("output_modalities") or [])


@on_event("response/modality/text-only", Moment.STREAM)
def no_audio_when_text_only(case: EventCase) -> None:
    """A response with `["text"]` as output modalities has no audio and no transcript."""
    stream = case.stream
    if _modalities(case) == ["text"] and stream.family in (AUDIO, TRANSCRIPT):
        case.violated(
            "audio",
            f"{case.entry.type} came in a response whose output is text only",
            path="type",
            expected="response.output_text.delta",
            actual=case.entry.type,
            because=[case.response.created_seq],
        )


@on_event("response/modality/text-only", RESPONSE_DONE)
def text_only_held(case: EventCase) -> None:
    response = case.response
    if _modalities(case) == ["text"] and not response.families & {AUDIO, TRANSCRIPT}:
        case.holds()


@on_event("response/modality/audio-without-text-stream", Moment.STREAM)
def no_text_when_audio_only(case: EventCase) -> None:
    """A response with `["audio"]` as output modalities has no text stream of its own."""
    stream = case.stream
    if _modalities(case) != ["audio"]:
        return
    if stream.family == TEXT:
        case.observed("text stream beside audio")
        case.violated(
            "text",
            "a text stream came in a response whose output is audio",
            path="type",
            expected="response.output_audio_transcript.delta",
            actual=case.entry.type,
            because=[case.response.created_seq],
        )
    elif stream.family == AUDIO:
        case.holds()


@on_event("response/modality/audio-with-transcript", RESPONSE_DONE)
def audio_has_transcript(case: EventCase) -> None:
    """In a response with `["audio"]`, audio comes with its transcript."""
    response = case.response
    if AUDIO in response.families and _modalities(case) != ["text"]:
        status = dict_of(case.event, "response").get("status")
        if status == "completed" or TRANSCRIPT in response.families:
            case.check(
                TRANSCRIPT in response.families,
                "missing",
                "a response has audio and no transcript",
                expected="response.output_audio_transcript.delta",
                actual="none",
                because=[response.created_seq],
            )


@on_event("response/audio/whole-samples", "response.output_audio.done")
def whole_samples(case: EventCase) -> None:
    """Each audio delta decodes to whole samples of the output format."""
    stream = case.stream
    unreadable = "response.output_audio.delta" in case.reading.unkeyed  # which is a finding of its own
    if case.reading.measures_heard and stream.size and not unreadable:
        case.check(
            not stream.ragged,
            "ragged",
            "audio deltas do not decode to whole samples",
            path="delta",
            expected=f"a multiple of {stream.width} bytes",
            actual=f"deltas that are not: {stream.ragged}",
            because=[stream.first_seq],
        )


@on_event("response/order/audio-and-transcript-done", "response.output_audio.done")
def audio_done_order(case: EventCase) -> None:
    """The audio of a part may be done before its transcript, or after."""
    twin = case.part.streams.get(TRANSCRIPT)
    if twin is not None:
        case.observed("audio first" if twin.final is None else "transcript first")


@on_event("response/stream/may-interleave", PART_DONE)
def streams_interleave(case: EventCase) -> None:
    """Transcript and audio deltas interleave in any way, in any number."""
    part = case.part
    if AUDIO in part.streams and TRANSCRIPT in part.streams:
        first = min(part.streams.values(), key=lambda s: s.first_seq)
        case.observed("audio begins" if first.family == AUDIO else "transcript begins")


@on_event(
    "response/stream/may-interleave",
    "response.output_text.done",
    "response.output_audio_transcript.done",
    "response.function_call_arguments.done",
)
def came_whole(case: EventCase) -> None:
    family = case.stream.family
    if case.link.fresh and case.reading.whole and text_of(case.event, FINAL_FIELD[family]):
        case.observed(f"{family} whole, without deltas")
