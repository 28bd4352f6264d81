"""Takes in what the client sends, and how the server answered it, as far as both are about the session.

Nothing here judges.
"""

from __future__ import annotations

from protocol.event_types import Event
from rules.exchange import Exchange
from rules.formats import bytes_per_ms, is_quiet
from rules.reading import Reading
from rules.subjects import dict_of, int_of, text_of

_USUAL_SILENCE_MS, _MARGIN_MS = 500, 1000  # after which speech stops, and what is added to be sure of it


def take_settled(reading: Reading, exchange: Exchange) -> None:
    """Take in how a client event ended."""
    if exchange.outcome == "silent":
        _ignored(reading, exchange)
    elif exchange.answer_seq and exchange.type != "response.cancel":
        if exchange.expectation.reason not in ("active-response", "response-under-way"):
            reading.took(exchange.sent_at)
    if exchange.outcome == "accepted":
        if exchange.type != "response.cancel":
            reading.end_seq = 0  # it went on
        if exchange.seq > reading.client_commit_seq:
            reading.client_commit_seq = 0  # what was sent later is answered: the commit led to nothing more
        if exchange.type == "input_audio_buffer.commit" and reading.detection_off:
            reading.client_commit_seq = exchange.answer_seq


def _ignored(reading: Reading, exchange: Exchange) -> None:
    """Take in that a client event was not answered, and may have been carried out all the same."""
    if exchange.type == "conversation.item.delete":
        reading.conversation.doubtful.add(exchange.item_id)
    elif exchange.type in ("conversation.item.create", "input_audio_buffer.commit"):
        reading.untold_items = True


def take_refused(reading: Reading, exchange: Exchange) -> None:
    """Take in that a client event was refused."""
    reading.buffered_ms += exchange.buffered_ms
    if exchange.type == "session.update":
        reading.refused_update = exchange


def take_turned_down(reading: Reading, exchange: Exchange) -> None:
    """Take in that a `response.create` was refused after all: what seemed its response is that to a turn."""
    response = reading.active
    if response is not None and response.request is exchange:
        response.request = None


def take_sent(reading: Reading, exchange: Exchange, t: float | None) -> None:
    """Take in a client event, sent `t` seconds into the trace."""
    reading.mark(exchange.seq, t)
    exchange.sent_at = t
    reading.client_types.add(exchange.type)
    if exchange.type in ("response.create", "conversation.item.create"):
        exchange.while_active = reading.active is not None
    if exchange.type == "response.create":
        exchange.after_cancelled, reading.lull_s = reading.cancelled_seq, 0.0
        last = reading.exchanges.open[-1] if reading.exchanges.open else None
        if last is not None and last.type == "conversation.item.create":
            exchange.burst = last
    if exchange.type == "input_audio_buffer.append":
        _appended(reading, exchange, t)
    elif exchange.type == "session.update":
        exchange.before_created = not reading.last_seq
        _provider_data(reading, dict_of(dict_of(exchange.event, "session"), "providerData"))
    elif exchange.type == "input_audio_buffer.commit":
        exchange.buffered_ms = reading.buffered_ms
        reading.buffered_ms = 0.0
    elif exchange.type == "input_audio_buffer.clear":
        if reading.buffered_ms:
            reading.emptied_by = "cleared"
        reading.buffered_ms = 0.0
    reading.exchanges.sent(exchange)


def _appended(reading: Reading, exchange: Exchange, t: float | None) -> None:
    audio = exchange.event.get("audio")
    if exchange.expectation.reason == "disputed":
        reading.measured = reading.silent = False  # nobody knows whether it was taken
    if isinstance(audio, str) and exchange.expectation.kind == "accept":
        characters = int_of(exchange.event, "audio_characters") or len(audio)
        reading.longest_sent = max(reading.longest_sent, characters)
        rate = bytes_per_ms(reading.setting("audio", "input", "format") or {})
        length = characters * 0.75 / rate  # Base64: three bytes in four characters
        reading.buffered_ms += length
        reading.appended_ms += length
        reading.appends += 1
        reading.emptied_by = ""
        _listen(reading, audio, length, t)


def _listen(reading: Reading, audio: str, length: float, t: float | None) -> None:
    """Take note of whether the client is silent, where that ends a turn."""
    detection = reading.setting("audio", "input", "turn_detection")
    if text_of(detection, "type") != "server_vad":
        return
    if not is_quiet(audio, reading.setting("audio", "input", "format")):
        reading.quiet_ms, reading.quiet_since = 0.0, None
        return
    reading.quiet_ms += length
    enough = (int_of(detection, "silence_duration_ms") or _USUAL_SILENCE_MS) + _MARGIN_MS
    if reading.quiet_since is None and reading.quiet_ms >= enough:
        reading.quiet_since = t


def _provider_data(reading: Reading, sent: Event) -> None:
    for branch, fields in sent.items():
        if isinstance(fields, dict):
            reading.provider_data[branch] = {**dict_of(reading.provider_data, branch), **fields}
    reading.backchannel_enabled |= dict_of(reading.provider_data, "backchannel").get("enabled") is True
