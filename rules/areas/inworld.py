"""Rules about what only Inworld's dialect has (inworld 2.5, 3, 4, 5.6, 6)."""

from __future__ import annotations

from typing import Any

from rules.areas.answers import SPECIAL, Special, accepted_too
from rules.case import Case, rule
from rules.configuration import at, changed
from rules.exchanges import Exchange
from rules.subjects import dict_of, int_of, list_of, text_of

BRANCHES = ("stt", "tts", "memory", "backchannel", "responsiveness")
_BACKCHANNEL = (
    "response.backchannel.audio.delta",
    "response.backchannel.audio.done",
    "response.backchannel.skipped",
)
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


def _patch(exchange: Exchange) -> dict[str, Any]:
    return dict_of(exchange.event, "session")


def _changes_voice_late(_case: Case, exchange: Exchange) -> bool:
    return exchange.expectation.reason == "voice-after-audio"


def _without_type(_case: Case, exchange: Exchange) -> bool:
    return bool(_patch(exchange)) and "type" not in _patch(exchange)


def _changes_model(case: Case, exchange: Exchange) -> bool:
    return exchange.expectation.reason == "model-change" and bool(case.header.get("second_model"))


def _unknown_session_key(_case: Case, exchange: Exchange) -> bool:
    return bool(set(_patch(exchange)) - _SESSION_KEYS - {"provider_data"})


def _both_modalities(_case: Case, exchange: Exchange) -> bool:
    return len(list_of(_patch(exchange), "output_modalities")) == 2


def _format_alias(_case: Case, exchange: Exchange) -> bool:
    audio = dict_of(_patch(exchange), "audio")
    return any(isinstance(dict_of(audio, side).get("format"), str) for side in ("input", "output"))


def _has_provider_data(_case: Case, exchange: Exchange) -> bool:
    return bool(set(dict_of(_patch(exchange), "providerData")) & set(BRANCHES))


def _snake_case_key(_case: Case, exchange: Exchange) -> bool:
    return "provider_data" in _patch(exchange)


def _unknown_response_key(_case: Case, exchange: Exchange) -> bool:
    return bool(set(dict_of(exchange.event, "response")) - _RESPONSE_KEYS)


def _early(_case: Case, exchange: Exchange) -> bool:
    return bool(exchange.notes.get("early")) and exchange.expectation.kind == "accept"


def _names_unknown_model(case: Case, exchange: Exchange) -> bool:
    asked = at(_patch(exchange), ("audio", "input", "transcription", "model"))[1]
    return isinstance(asked, str) and asked == case.header.get("unknown_model")


_UPDATE, _CREATE = "session.update", "response.create"
accepted_too("session/update/type-optional", _UPDATE, _without_type, "type")
accepted_too("session/update/voice-changeable", _UPDATE, _changes_voice_late, "voice")
accepted_too("session/update/model-changeable", _UPDATE, _changes_model, "model")
accepted_too("session/update/both-modalities", _UPDATE, _both_modalities, "output_modalities")
accepted_too("session/update/format-alias", _UPDATE, _format_alias, "format")
accepted_too("provider-data/accepted", _UPDATE, _has_provider_data, "providerData")
accepted_too("provider-data/exact-key", _UPDATE, _snake_case_key, "provider_data")
accepted_too("session/update/unknown-keys-ignored", _UPDATE, _unknown_session_key, "session.")
accepted_too("session/update/before-session-created", _UPDATE, _early)
accepted_too("response/create/bare", _CREATE, lambda _c, e: "response" not in e.event)
accepted_too("response/create/unknown-keys-ignored", _CREATE, _unknown_response_key, "response.")
SPECIAL[_UPDATE].append(  # whatever the refusal is put down to: that an unknown model is refused is right
    Special("session/update/unknown-model-refused-whole", _names_unknown_model, ("",))
)


@rule("session/update/unknown-model-refused-whole", "@session.update")
def unknown_model_refused(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or not _names_unknown_model(case, exchange):
        return
    error = dict_of(exchange.answer, "error")
    said = (error.get("code"), error.get("param"))
    refused = exchange.outcome == "refused"
    fits = said == ("invalid_value", "session.audio.input.transcription.model")
    if exchange.outcome == "lost":
        case.undecided("the capture ended")
        return
    case.check(
        refused and fits,
        "an unknown speech recognition model was not refused by its name",
        path="error.param",
        expected="error invalid_value at session.audio.input.transcription.model",
        actual=f"error {said[0]} at {said[1] or 'no param'}" if refused else exchange.outcome,
        because=[exchange.seq],
    )


@rule("items/create/burst-with-response", "response.done")
def burst_was_in_order(case: Case) -> None:
    """An item sent just before its response is in the conversation before that response is done."""
    response = case.link.response
    request = response.request if response is not None else None
    before = request.notes.get("burst") if request is not None else None
    if before is not None and request is not None:
        case.check(
            before.outcome == "accepted",
            "an item sent in one burst with response.create was not added before the response was done",
            expected="conversation.item.added",
            actual="not added yet",
            because=[before.seq, request.seq],
        )


def _shown(case: Case) -> dict[str, Any]:
    return dict_of(dict_of(case.event, "session"), "providerData")


@rule("provider-data/merged", "session.updated")
def branches_are_merged(case: Case) -> None:
    exchange = case.link.exchange
    before, now = dict_of(case.reading.session, "providerData"), _shown(case)
    if exchange is None or not before or not now:
        return
    sent = dict_of(_patch(exchange), "providerData")
    untouched = {n: v for n, v in before.items() if n not in sent and n in BRANCHES and n != "memory"}
    if not sent or not untouched:
        return
    lost = changed(untouched, now)
    case.check(
        not lost,
        f"providerData.{'.'.join(lost[0]) if lost else ''} changed by an update of another branch",
        path="session.providerData." + ".".join(lost[0]) if lost else "",
        expected=at(untouched, lost[0])[1] if lost else "",
        actual=at(now, lost[0])[1] if lost else "",
        because=[case.reading.session_seq, exchange.seq],
    )


@rule("provider-data/echoed", "session.updated")
def provider_data_echoed(case: Case) -> None:
    exchange = case.link.exchange
    if exchange is not None and dict_of(_patch(exchange), "providerData"):
        case.observed("shown" if _shown(case) else "not shown")


@rule("provider-data/locked-fields", "@session.update")
def locked_fields(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or not case.reading.responses:
        return
    sent = dict_of(_patch(exchange), "providerData")
    for path in _LOCKED:
        if at(sent, path)[0]:
            case.observed(f"{'.'.join(path)}: {exchange.outcome}")


@rule("backchannel/only-when-enabled", *_BACKCHANNEL)
def backchannel_unasked(case: Case) -> None:
    enabled = case.reading.backchannel_enabled
    if not enabled and not case.reading.whole:
        return
    case.check(
        enabled,
        f"{case.entry.type} came although the back-channel was never enabled",
        expected="no back-channel",
        actual=case.entry.type,
        because=[case.reading.session_seq],
    )


@rule("backchannel/only-when-enabled", "response.done")
def backchannel_stayed_off(case: Case) -> None:
    if not case.reading.backchannel_enabled:
        case.holds()


@rule("backchannel/outside-responses", *_BACKCHANNEL)
def backchannel_without_response(case: Case) -> None:
    case.check(
        not case.event.get("response_id"),
        f"{case.entry.type} carries a response_id",
        path="response_id",
        expected="none",
        actual=case.event.get("response_id"),
    )


@rule("backchannel/done-follows", *_BACKCHANNEL)
def backchannel_ends(case: Case) -> None:
    id_ = text_of(case.event, "backchannel_id")
    if case.entry.type.endswith(".delta"):
        case.reading.backchannels[id_] = case.entry.seq
    elif case.reading.backchannels.pop(id_, 0):
        case.holds()


@rule("backchannel/done-follows", "@deadline")
def backchannel_left_open(case: Case) -> None:
    if (case.entry.detail or {}).get("silent"):
        for id_, seq in case.reading.backchannels.items():
            case.violated(
                f"the back-channel audio {id_} was never ended",
                expected="response.backchannel.audio.done",
                actual="nothing",
                because=[seq],
            )
        case.reading.backchannels.clear()


@rule("backchannel/survives-cancel", *_BACKCHANNEL)
def backchannel_after_cancel(case: Case) -> None:
    if any(e.type == "response.cancel" for e in case.reading.exchanges.open):
        case.observed("goes on after response.cancel")


@rule(
    "turn/suggestions",
    "input_audio_buffer.turn_suggestion",
    "input_audio_buffer.turn_suggestion_revoked",
)
def turn_suggestions(case: Case) -> None:
    case.observed(case.entry.type)


@rule("keep-alive/ping", "ping")
def ping(case: Case) -> None:
    case.observed("ping")


@rule("transcription/voice-profile", "conversation.item.input_audio_transcription.completed")
def voice_profile(case: Case) -> None:
    asked = case.reading.provider_setting("stt", "voice_profile")
    if asked is not True:
        case.check(
            "voiceProfile" not in dict_of(case.event, "providerData"),
            "a voice profile came that nobody asked for",
            path="providerData.voiceProfile",
            expected="none",
            actual="a voice profile",
        )


@rule("response/audio/timestamps-on-request", "response.output_audio.done")
def timestamps(case: Case) -> None:
    stream = case.link.stream
    if stream is not None and not case.reading.provider_setting("tts", "timestamp_type"):
        case.check(
            not stream.timestamped,
            "audio deltas carry timestamp_info that nobody asked for",
            path="timestamp_info",
            expected="none",
            actual=f"{stream.timestamped} deltas with it",
            because=[stream.first_seq],
        )


def _memory_version(provider_data: dict[str, Any]) -> int | None:
    return int_of(dict_of(dict_of(provider_data, "memory"), "state"), "version")


@rule("memory/state-grows", "session.updated")
def memory_version_grows(case: Case) -> None:
    before = int_of(
        dict_of(dict_of(dict_of(case.reading.session, "providerData"), "memory"), "state"), "version"
    )
    now = int_of(dict_of(dict_of(_shown(case), "memory"), "state"), "version")
    exchange = case.link.exchange
    if exchange is not None and at(_patch(exchange), ("providerData", "memory", "state"))[0]:
        return  # the client put another state in its place
    if before is not None and now is not None:
        case.check(
            now >= before,
            "the version of the memory's state went back",
            path="session.providerData.memory.state.version",
            expected=f"at least {before}",
            actual=now,
            because=[case.reading.session_seq],
        )


@rule("session/updated/format-echo", "session.created", "session.updated")
def formats_are_objects(case: Case) -> None:
    audio = dict_of(dict_of(case.event, "session"), "audio")
    for side in ("input", "output"):
        shown = dict_of(audio, side).get("format")
        if shown is not None:
            case.check(
                isinstance(shown, dict),
                f"the format of the {side} is not shown as an object",
                path=f"session.audio.{side}.format",
                expected="an object with type",
                actual=shown,
            )


@rule("session/update/web-search-tool", "@session.update")
def web_search(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None:
        tools = [t for t in list_of(_patch(exchange), "tools") if isinstance(t, dict)]
        if any(t.get("type") == "web_search" for t in tools):
            case.observed(exchange.outcome)
