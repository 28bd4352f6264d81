"""Rules about how responses end: usage, limits, failures (facts 4.4)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import RESPONSE_DONE
from rules.case import EventCase
from rules.registration import on_event
from rules.subjects import AUDIO, dict_of, int_of, text_of
from schemas.explain import shown_value

_AUDIO_DELTA = "response.output_audio.delta"


@on_event("response/usage/present", RESPONSE_DONE, malformed=("response.usage",))
def usage_present(case: EventCase) -> None:
    """`response.done` of a completed response carries `usage`."""
    response = dict_of(case.event, "response")
    if response.get("status") == "completed":
        case.check(
            bool(_usage(case)[1]),
            "missing",
            "response.done of a completed response has no usage",
            path="response.usage",
            expected="an object",
            actual=response.get("usage"),
        )


def _usage(case: EventCase) -> tuple[str, dict[str, Any]]:
    """Return where `response.done` has its `usage`, which in some dialects is beside the response, and it."""
    inside = dict_of(dict_of(case.event, "response"), "usage")
    if not inside and case.dialect.switches.reports_usage_beside and (beside := dict_of(case.event, "usage")):
        return "usage", beside
    return "response.usage", inside


_KINDS = ("text_tokens", "audio_tokens", "image_tokens")


@on_event("response/usage/adds-up", RESPONSE_DONE)
def usage_adds_up(case: EventCase) -> None:
    """The token counts in `usage` add up."""
    path, usage = _usage(case)
    inputs, outputs = dict_of(usage, "input_token_details"), dict_of(usage, "output_token_details")
    cached = dict_of(inputs, "cached_tokens_details")
    for whole, place, name, parts, of in (
        (usage, "", "total_tokens", ("input_tokens", "output_tokens"), usage),
        (usage, "", "input_tokens", _KINDS, inputs),
        (usage, "", "output_tokens", _KINDS[:2], outputs),
        (inputs, "input_token_details.", "cached_tokens", _KINDS, cached),
    ):
        total = int_of(whole, name)
        given = {p: int_of(of, p) for p in parts if p in of}
        numbers = [g for g in given.values() if g is not None]
        if total is None or len(given) < 2 or len(numbers) < len(given):
            continue
        case.check(
            total == sum(numbers),
            "sum",
            f"{name} is not the sum of {' and '.join(given)}",
            path=f"{path}.{place}{name}",
            expected=f"{sum(numbers)} = {' + '.join(map(str, numbers))}",
            actual=total,
        )


@on_event("response/incomplete/says-why", RESPONSE_DONE)
def incomplete_says_why(case: EventCase) -> None:
    """An incomplete response names `max_output_tokens` or `content_filter` as its reason."""
    response = dict_of(case.event, "response")
    if response.get("status") == "incomplete" and response.get("status_details") is not None:
        reason = dict_of(response, "status_details").get("reason")
        case.check(
            reason in ("max_output_tokens", "content_filter"),
            "no-reason",
            f"status_details.reason of an incomplete response is {shown_value(reason)}",
            path="response.status_details.reason",
            expected="max_output_tokens or content_filter",
            actual=reason,
        )


@on_event("response/incomplete/token-limit", RESPONSE_DONE)
def token_limit_kept(case: EventCase) -> None:
    """A response that reaches `max_output_tokens` ends as `incomplete`, not as `completed` with more
    tokens.
    """
    response, request = dict_of(case.event, "response"), case.response.request
    if request is None or request.doubtful:
        return
    limit = int_of(dict_of(request.event, "response"), "max_output_tokens")
    used = int_of(_usage(case)[1], "output_tokens")
    if limit is None or used is None or response.get("status") not in ("completed", "incomplete"):
        return
    if not used and response.get("output"):
        case.undecided(
            "usage.output_tokens is 0 though there is output, so that it cannot be compared with the limit"
        )
        return
    case.check(
        response.get("status") == "incomplete" or used <= limit,
        "past-limit",
        f"the output has {used} tokens, max_output_tokens is {limit}, and the status is completed",
        path="response.status",
        expected=f"incomplete at {limit} tokens",
        actual=f"completed with {used}",
        because=[request.seq],
    )


@on_event("response/failed/ends-in-done", RESPONSE_DONE)
def failed_says_why(case: EventCase) -> None:
    """A generation that fails ends in `response.done` with status `failed` and the error in
    `status_details`.
    """
    response = dict_of(case.event, "response")
    if response.get("status") == "failed" and response.get("status_details") is not None:
        details = dict_of(response, "status_details")
        error = details.get("error")
        bare = case.dialect.switches.fails_with_a_bare_reason and details.get("reason") == "server_error"
        if bare and not error:
            case.observed("only the reason server_error, as with a plan that has no tool calling")
        case.check(
            bare or (isinstance(error, dict) and bool(error)),
            "no-error",
            f"status_details.error of a failed response is {shown_value(error)}",
            path="response.status_details.error",
            expected="an object",
            actual=error,
        )


class _BetaAudio(list[int]):
    """Deltas of audio by their name of the beta: the audio came, and its name is another defect."""


@on_event("response/audio/streamed", "response.audio.delta")
def audio_of_beta(case: EventCase) -> None:
    """The audio of a completed response comes in at least one delta: there is no other way to it."""
    case.memory(_BetaAudio).append(case.entry.seq)


@on_event("response/audio/streamed", RESPONSE_DONE)
def audio_was_streamed(case: EventCase) -> None:
    """The audio of a completed response comes in at least one delta: there is no other way to it."""
    reading = case.reading
    # Captures of others often leave out audio altogether, but not that of one side alone.
    kept = reading.measured or reading.audio_emitted or reading.measures_sent
    if dict_of(case.event, "response").get("status") != "completed" or not reading.whole or not kept:
        return
    if reading.of_call is not None or case.memory(_BetaAudio):
        return  # whose audio goes another way
    parts = [part for item in case.response.items for part in item.parts.values() if part.added is not None]
    for part in parts:
        stream = part.streams.get(AUDIO)
        if stream is None and text_of(part.added, "type") != "audio":
            continue
        case.check(
            stream is not None and _AUDIO_DELTA in stream.seen,
            "none",
            f"no response.output_audio.delta came for the audio part of {part.item.id}",
            expected=_AUDIO_DELTA,
            actual="none",
            because=[part.added_seq if stream is None else stream.first_seq],
            of=part if stream is None else stream,
        )
