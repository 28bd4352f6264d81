"""The forms in which conversations are read: how each is recognised, and who reads it.

Forms are asked in this order: what says most of itself comes first, and bare events, which say nothing, last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wire.captures.capture import Capture, Placed, Reader, SenderOf
from wire.captures.devtools_events import is_devtools, read_devtools
from wire.captures.file_start import FileStart, is_har_text
from wire.captures.line_forms import (
    DIRECTION_DATA,
    SEND_RECEIVE,
    frames_of,
    is_bare_events,
    is_minimal,
    is_of,
    is_own_array,
    read_bare_events,
    read_minimal,
    read_own_array,
)
from wire.captures.websockets_log import is_websockets_log, read_websockets_log
from wire.captures.wscat_output import is_piped_wscat, is_wscat, read_piped_wscat, read_wscat
from wire.har import read_har
from wire.trace import RecordedTrace
from wire.transcript import is_transcript, read_transcript

_LARGEST_TRANSCRIPT = 16 * 2**20  # characters


@dataclass(frozen=True, slots=True)
class CaptureForm:
    """A form: its name, what people call it, how it is known, and who reads it.

    The title is empty where people do not ask for the form. `groups` tells whether a field of each line may
    tell sessions apart, `lines` that the numbers of entries are lines of the file.
    """

    name: str
    title: str
    recognises: Callable[[FileStart, SenderOf], bool]
    read: Reader
    groups: bool = False
    lines: bool = False


def _is_har(head: FileStart, _: SenderOf) -> bool:
    return is_har_text(head.text.lstrip())


def _read_har(capture: Capture) -> Iterator[Placed]:
    return _recorded(capture, read_har(capture.path, "", capture.file, capture.sender_of))


def _is_transcript(head: FileStart, _: SenderOf) -> bool:
    return is_transcript(head.text)


def _read_transcript(capture: Capture) -> Iterator[Placed]:
    with capture.path.open("rb") as file:
        data = file.read(_LARGEST_TRANSCRIPT + 1)
    if len(data) > _LARGEST_TRANSCRIPT:
        raise capture.wrong(0, "is too large for a transcript", "record a trace as JSONL")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise capture.wrong(0, "is not UTF-8", "save it as UTF-8") from None
    return _recorded(capture, read_transcript(text, "", capture.file))


def _recorded(capture: Capture, traces: list[RecordedTrace]) -> Iterator[Placed]:
    for number, trace in enumerate(traces):
        capture.headers[str(number)] = {k: v for k, v in trace.header.items() if k != "name"}
        for entry in trace:
            yield str(number), entry


OWN_FORM = CaptureForm("own", "the suite's own traces (JSONL)", is_own_array, read_own_array, lines=True)
MINIMAL_FORM = CaptureForm(
    "minimal",
    '{"dir": "client"|"server", "event": …} lines',
    is_minimal,
    read_minimal,
    groups=True,
    lines=True,
)
TRANSCRIPT_FORM = CaptureForm("transcript", "transcripts", _is_transcript, _read_transcript)

FORMS: tuple[CaptureForm, ...] = (
    CaptureForm("har", "HAR files", _is_har, _read_har),
    OWN_FORM,
    MINIMAL_FORM,
    CaptureForm(
        "devtools", "Chrome's Network.webSocketFrame* events", is_devtools, read_devtools, lines=True
    ),
    CaptureForm(
        "send-receive",
        '{"type": "send"|"receive", "time", "data"} lines',
        is_of(SEND_RECEIVE),
        frames_of(SEND_RECEIVE),
        groups=True,
        lines=True,
    ),
    CaptureForm(
        "direction-data",
        '{"direction", "data"} lines',
        is_of(DIRECTION_DATA),
        frames_of(DIRECTION_DATA),
        groups=True,
        lines=True,
    ),
    CaptureForm("piped-wscat", "", is_piped_wscat, read_piped_wscat, lines=True),
    CaptureForm("bare", "bare events", is_bare_events, read_bare_events, groups=True, lines=True),
    CaptureForm(
        "websockets", "debug logs of `websockets`", is_websockets_log, read_websockets_log, lines=True
    ),
    CaptureForm("wscat", "the output of wscat", is_wscat, read_wscat, lines=True),
    TRANSCRIPT_FORM,
)


def understood() -> str:
    """Return all forms in a sentence."""
    return ", ".join(form.title for form in FORMS if form.title)


def form_of(head: FileStart, sender_of: SenderOf) -> CaptureForm | None:
    """Return the form of a file that begins so; None where it has none of them."""
    return next((form for form in FORMS if form.recognises(head, sender_of)), None)
