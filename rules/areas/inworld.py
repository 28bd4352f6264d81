"""Rules about what only Inworld's dialect has (inworld 2.5, 3, 4, 5.6, 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules.areas.answers import accepted_too
from rules.areas.updates import names_unknown_model
from rules.case import EventCase, ExchangeCase, WrongPlace
from rules.configuration import at, changed
from rules.registration import on_event, on_exchange
from rules.subjects import dict_of, int_of, list_of
from rules.views import ExchangeView

BRANCHES = ("stt", "tts", "memory", "backchannel", "responsiveness")
_LOCKED = (("tts", "conversational"), ("tts", "user_turn_mode"))
_RESPONSE_KEYS = frozenset(
    (
        "conversation",
        "output_modalities",
        "instructions",
        "voice",
        "max_output_tokens",
        "tools",
        "tool_choice",
        "input",
        "metadata",
        "prompt",
        "audio",
        "temperature",
    )
)
_SESSION_KEYS = frozenset(
    (
        "type",
        "model",
        "instructions",
        "output_modalities",
        "temperature",
        "max_output_tokens",
        "audio",
        "tools",
        "tool_choice",
        "truncation",
        "tracing",
        "include",
        "prompt",
        "providerData",
        "text_generation_config",
        "id",
        "object",
        "expires_at",
    )
)


def _patch(exchange: ExchangeView) -> dict[str, Any]:
    return dict_of(exchange.event, "session")


def _sent(case: ExchangeCase) -> dict[str, Any]:
    return dict_of(case.exchange.event, "session")


def _changes_voice_late(case: ExchangeCase) -> bool:
    return case.exchange.expectation.reason == "voice-after-audio"


def _without_type(case: ExchangeCase) -> bool:
    return bool(_sent(case)) and "type" not in _sent(case)


def _changes_model(case: ExchangeCase) -> bool:
    return case.exchange.expectation.reason == "model-change" and bool(case.header.get("second_model"))


def _unknown_session_keys(case: ExchangeCase) -> list[str]:
    return [f"session.{key}" for key in set(_sent(case)) - _SESSION_KEYS - {"provider_data"}]


def _both_modalities(case: ExchangeCase) -> bool:
    return len(list_of(_sent(case), "output_modalities")) == 2


def _format_alias(case: ExchangeCase) -> bool:
    audio = dict_of(_sent(case), "audio")
    return any(isinstance(dict_of(audio, side).get("format"), str) for side in ("input", "output"))


def _has_provider_data(case: ExchangeCase) -> bool:
    return bool(set(dict_of(_sent(case), "providerData")) & set(BRANCHES))


def _snake_case_key(case: ExchangeCase) -> bool:
    return "provider_data" in _sent(case)


def _unknown_response_keys(case: ExchangeCase) -> list[str]:
    return [f"response.{key}" for key in set(dict_of(case.exchange.event, "response")) - _RESPONSE_KEYS]


def _early(case: ExchangeCase) -> bool:
    return case.exchange.before_created and case.exchange.expectation.kind == "accept"


def _bare(case: ExchangeCase) -> bool:
    return "response" not in case.exchange.event


def _has(condition: Callable[[ExchangeCase], list[str]]) -> Callable[[ExchangeCase], bool]:
    return lambda case: bool(condition(case))


def _word(word: str) -> Callable[[ExchangeCase], tuple[str, ...]]:
    return lambda _: (word,)


_UPDATE, _CREATE = "session.update", "response.create"
accepted_too("session/update/type-optional", _UPDATE, _without_type, _word("type"))
accepted_too("session/update/voice-changeable", _UPDATE, _changes_voice_late, _word("voice"))
accepted_too("session/update/model-changeable", _UPDATE, _changes_model, _word("model"))
accepted_too("session/update/both-modalities", _UPDATE, _both_modalities, _word("output_modalities"))
accepted_too("session/update/format-alias", _UPDATE, _format_alias, _word("format"))
accepted_too("provider-data/accepted", _UPDATE, _has_provider_data, _word("providerData"))
accepted_too("provider-data/exact-key", _UPDATE, _snake_case_key, _word("provider_data"))
accepted_too(
    "session/update/unknown-keys-ignored", _UPDATE, _has(_unknown_session_keys), _unknown_session_keys
)
accepted_too("session/update/before-session-created", _UPDATE, _early)
accepted_too("response/create/bare", _CREATE, _bare)
accepted_too(
    "response/create/unknown-keys-ignored", _CREATE, _has(_unknown_response_keys), _unknown_response_keys
)


@on_exchange("session/update/unknown-model-refused-whole", "session.update")
def unknown_model_refused(case: ExchangeCase) -> None:
    """An unknown speech recognition model is refused with `invalid_value` at
    `session.audio.input.transcription.model`, and nothing else of that update is applied.
    """
    exchange = case.exchange
    if not names_unknown_model(case):
        return
    said = (case.error.get("code"), case.error.get("param"))
    refused = exchange.outcome == "refused"
    fits = said == ("invalid_value", "session.audio.input.transcription.model")
    if exchange.outcome == "lost":
        case.undecided(exchange.lost_because)
        return
    case.check(
        refused and fits,
        "not-refused-by-name",
        "an unknown speech recognition model was not refused by its name",
        path="error.param",
        expected="error invalid_value at session.audio.input.transcription.model",
        actual=f"error {said[0]} at {said[1] or 'no param'}" if refused else exchange.outcome,
        because=[exchange.seq],
    )


@on_event("items/create/burst-with-response", "response.done")
def burst_was_in_order(case: EventCase) -> None:
    """An item and the `response.create` that uses it may be sent in one burst; they are processed in order.

    An item sent just before its response is in the conversation before that response is done.
    """
    request = case.response.request
    before = request.burst if request is not None else None
    if before is not None and request is not None:
        if before.outcome == "accepted":
            case.holds()
            return
        case.violated(
            "not-added-in-time",
            "an item sent in one burst with response.create was not added before the response was done",
            expected="conversation.item.added",
            actual="not added yet",
            because=[before.seq, request.seq],
            asked=before.seq,
        )


def _shown(case: EventCase) -> dict[str, Any]:
    return dict_of(dict_of(case.event, "session"), "providerData")


@on_event("provider-data/merged", "session.updated")
def branches_are_merged(case: EventCase) -> None:
    """Sending one branch of `providerData` leaves the others as they were, as far as the server shows
    them.
    """
    exchange = case.answered
    before, now = dict_of(case.reading.session, "providerData"), _shown(case)
    if not before or not now:
        return
    sent = dict_of(_patch(exchange), "providerData")
    untouched = {n: v for n, v in before.items() if n not in sent and n in BRANCHES and n != "memory"}
    if not sent or not untouched:
        return
    lost = [".".join(path) for path in changed(untouched, now)]
    wrong = [
        WrongPlace(
            f"providerData.{each} changed by an update of another branch",
            f"session.providerData.{each}",
            at(untouched, tuple(each.split(".")))[1],
            at(now, tuple(each.split(".")))[1],
        )
        for each in lost
    ]
    case.check_each("lost", wrong, because=[case.reading.session_seq, exchange.seq])


@on_event("provider-data/echoed", "session.updated")
def provider_data_echoed(case: EventCase) -> None:
    """Whether `session.updated` shows `providerData` is the server's choice; memory's state it does show."""
    exchange = case.answered
    if dict_of(_patch(exchange), "providerData"):
        case.observed("shown" if _shown(case) else "not shown")


@on_exchange("provider-data/locked-fields", "session.update")
def locked_fields(case: ExchangeCase) -> None:
    """What happens when `tts.conversational` or `tts.user_turn_mode` change in mid-session is not known."""
    if not case.reading.responses:
        return
    sent = dict_of(_sent(case), "providerData")
    for path in _LOCKED:
        if at(sent, path)[0]:
            case.observed(f"{'.'.join(path)}: {case.exchange.outcome}")


@on_event(
    "turn/suggestions",
    "input_audio_buffer.turn_suggestion",
    "input_audio_buffer.turn_suggestion_revoked",
)
def turn_suggestions(case: EventCase) -> None:
    """The server may send `turn_suggestion` and revoke it."""
    case.observed(case.entry.type)


@on_event("keep-alive/ping", "ping")
def ping(case: EventCase) -> None:
    """The server may send `ping` events; clients answer nothing."""
    case.observed("ping")


@on_event("transcription/voice-profile", "conversation.item.input_audio_transcription.completed")
def voice_profile(case: EventCase) -> None:
    """A voice profile comes with a transcription only when `providerData.stt.voice_profile` asks for it."""
    asked = case.reading.provider_setting("stt", "voice_profile")
    if asked is not True and case.reading.knows_provider_data:
        case.check(
            "voiceProfile" not in dict_of(case.event, "providerData"),
            "unasked",
            "providerData.voiceProfile came although the session does not ask for it",
            path="providerData.voiceProfile",
            expected="none",
            actual="a voice profile",
        )


@on_event("response/audio/timestamps-on-request", "response.output_audio.done")
def timestamps(case: EventCase) -> None:
    """Audio deltas carry `timestamp_info` only when `providerData.tts.timestamp_type` asks for it."""
    stream = case.stream
    if not case.reading.provider_setting("tts", "timestamp_type") and case.reading.knows_provider_data:
        case.check(
            not stream.timestamped,
            "unasked",
            "audio deltas carry timestamp_info although the session does not ask for it",
            path="timestamp_info",
            expected="none",
            actual=f"{stream.timestamped} deltas with it",
            because=[stream.first_seq],
        )


def _memory_version(provider_data: dict[str, Any]) -> int | None:
    return int_of(dict_of(dict_of(provider_data, "memory"), "state"), "version")


@on_event("memory/state-grows", "session.updated")
def memory_version_grows(case: EventCase) -> None:
    """The `version` of `providerData.memory.state` never decreases in a session."""
    before = _memory_version(dict_of(case.reading.session, "providerData"))
    now = _memory_version(_shown(case))
    exchange = case.link.exchange
    if exchange is not None and at(_patch(exchange), ("providerData", "memory", "state"))[0]:
        return  # the client put another state in its place
    if before is not None and now is not None:
        case.check(
            now >= before,
            "goes-back",
            f"the version of the memory's state went back from {before} to {now}",
            path="session.providerData.memory.state.version",
            expected=f"at least {before}",
            actual=now,
            because=[case.reading.session_seq],
        )


@on_event("session/updated/format-echo", "session.created", "session.updated")
def formats_are_objects(case: EventCase) -> None:
    """Audio formats are shown as objects with `type`, also when they were set by their short names."""
    audio = dict_of(dict_of(case.event, "session"), "audio")
    for side in ("input", "output"):
        shown = dict_of(audio, side).get("format")
        if shown is not None:
            case.check(
                isinstance(shown, dict),
                "not-an-object",
                f"the format of the {side} is not shown as an object",
                path=f"session.audio.{side}.format",
                expected="an object with type",
                actual=shown,
            )


@on_exchange("session/update/web-search-tool", "session.update")
def web_search(case: ExchangeCase) -> None:
    """The built-in `web_search` tool is accepted in `tools`; accounts without it get an error."""
    tools = [t for t in list_of(_sent(case), "tools") if isinstance(t, dict)]
    if any(t.get("type") == "web_search" for t in tools):
        case.observed(case.exchange.outcome)
