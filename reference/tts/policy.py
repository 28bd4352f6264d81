"""Where the facts leave a choice, what this service chooses; faults choose what the facts do not allow."""

from __future__ import annotations

from dataclasses import dataclass

from reference.channels.messages import Spelling

MOST_CONTEXTS = 5
MOST_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class TtsPolicy:
    """How the service behaves. The default obeys.

    * ``contexts``: how many may be open at once (TO-09); ``longest_text``: characters of a ``text`` (TC-03).
    * ``chunk_characters``: about so many characters are spoken in one chunk.
    * ``character_ms``: how long a character lasts at a ``speakingRate`` of 1.
    * ``tells_automatic_flushes``: they end in ``flushCompleted`` (TO-06; disputed, TS-15).
    * ``restarts_times``: times begin at 0 behind each ``flushCompleted`` (TO-07).
    * ``completes_on_close``: ``close_context`` is told as a flush, too (TC-05).
    * ``closes_on_cancel``: ``contextClosed`` follows ``cancel_context`` (TO-15).
    * ``closes_on_refusal``: a refused text ends its context (TS-16).
    * ``trailing_alignments``: ``ASYNC`` alignments come behind all the audio of their flush (TC-13).
    * ``header_once``: of a ``WAV``, or whichever encoding, the first chunk alone has the header (TC-09).
    * ``speaks_on_close``: ``close_context`` speaks what is buffered (TO-04).
    * ``any_voice``: voices and models that do not exist are spoken with (TO-17).
    * ``lone_context_needs_id``: a message needs a ``contextId`` although one context is open (TC-08).
    * ``spelling``: which spelling of keys is taken (CN-09).
    """

    contexts: int | None = MOST_CONTEXTS
    longest_text: int | None = MOST_CHARACTERS
    chunk_characters: int = 24
    character_ms: float = 60.0
    tells_automatic_flushes: bool = True
    restarts_times: bool = True
    completes_on_close: bool = False
    closes_on_cancel: bool = True
    closes_on_refusal: bool = False
    trailing_alignments: bool = False
    header_once: frozenset[str] = frozenset()
    speaks_on_close: bool = True
    any_voice: bool = False
    lone_context_needs_id: bool = False
    spelling: Spelling = "any"
