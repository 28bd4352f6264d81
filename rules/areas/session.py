"""Rules about the session: its opening, its configuration, its updates (facts 4.2; inworld 2, 5.1)."""

from __future__ import annotations

from rules.areas.answers import acknowledged
from rules.case import Case, rule
from rules.configuration import at, certain, changed, fields_of, shows, unshown, untouched
from rules.exchanges import Exchange
from rules.order import Bound, at_most_one
from rules.subjects import dict_of, list_of, text_of
from schemas.explain import dotted

ORDER = [Bound("session/created/once", "connection", at_most_one("session.created"))]

_HARMLESS = frozenset(("session.created", "conversation.created", "ping", "error"))
_CLEARED = (("audio", "input", "transcription"), ("audio", "input", "noise_reduction"))
_TURN_DETECTION = ("audio", "input", "turn_detection")

acknowledged("session/update/acknowledged", "session.update")


@rule("session/created/first", "@first")
def created_first(case: Case) -> None:
    if case.entry.type == "error":
        case.undecided("the server turned the session down with an error")  # quota, or the beta's header
    elif case.reading.whole:
        case.check(
            case.entry.type == "session.created",
            "the connection does not begin with session.created",
            expected="session.created",
            actual=case.entry.type,
        )


@rule("session/created/first", "@deadline")
def nothing_came(case: Case) -> None:
    if case.reading.whole and not case.reading.last_seq:
        if not case.reading.watched.get("mute") and (case.entry.detail or {}).get("silent"):
            case.reading.watched["mute"] = 1
            message = "the connection is open and nothing comes"
            case.violated(message, expected="session.created", actual="nothing")


@rule("session/created/first", "@close")
def closed_before_created(case: Case) -> None:
    """A close that says why (4001, 1013) turned the session down; one that says nothing is no beginning."""
    code = (case.entry.detail or {}).get("code")
    ordinary = case.header.get("attempt", "ordinary") == "ordinary"
    unheard = case.reading.whole and not case.reading.last_seq
    if case.entry.dir != "server" or not unheard or not ordinary or case.reading.watched.get("mute"):
        return
    if isinstance(code, int) and code <= 1003:
        message = "the server closed the connection before session.created"
        case.violated(message, expected="session.created", actual=f"close {code}")
    elif code != 1006:
        case.undecided(f"the server turned the session down with close {code}")


@rule("session/created/then-quiet", "@first-act")
def quiet_until_client_acts(case: Case) -> None:
    heard = [t for t in case.reading.opening if t not in _HARMLESS]
    if not case.reading.measured and heard[:1] == ["session.updated"]:
        return  # the session.update before it is not in the capture
    if any(t.startswith("input_audio_buffer.") for t in heard):
        return  # audio comes by other ways than this, as in a telephone call
    if case.reading.created_seq:
        case.check(
            not heard,
            "the server spoke before the client did anything",
            expected="nothing after session.created",
            actual=", ".join(heard[:3]),
        )


@rule("session/created/full-configuration", "session.created")
def created_is_full(case: Case) -> None:
    session = dict_of(case.event, "session")
    needed = ("audio",) if session.get("type") == "transcription" else ("output_modalities", "audio")
    missing = [n for n in needed if n not in session]
    case.check(
        not missing,
        f"session.created does not show {', '.join(missing)}",
        path=f"session.{missing[0]}" if missing else "",
        expected="the whole default configuration",
        actual=f"the fields {', '.join(sorted(session))}",
    )


@rule("session/update/acknowledged-once", "session.updated")
def updated_is_an_answer(case: Case) -> None:
    if case.link.exchange is not None:
        case.holds()
    elif case.reading.refused_update is not None:
        return  # the business of session/update/refusal-changes-nothing
    elif case.reading.knows_asking("session.update") and case.reading.created_session is not None:
        case.observed("unsolicited session.updated")
        case.violated(
            "session.updated came without a session.update that it could answer",
            expected="one session.updated for each accepted session.update",
            actual="one more",
        )


@rule("session/updated/full-configuration", "session.updated")
def updated_is_full(case: Case) -> None:
    first = case.reading.created_session
    if first is None:
        return
    shown = dict_of(case.event, "session")
    expected = set(first) & fields_of(case.dialect)
    if not text_of(shown, "id"):
        expected.discard("id")  # the business of session/updated/same-id
    missing = sorted(expected - set(shown))
    case.check(
        not missing,
        f"session.updated does not show {', '.join(missing)}, which session.created did",
        path=f"session.{missing[0]}" if missing else "",
        expected="the full effective configuration",
        actual=f"the fields {', '.join(sorted(shown))}",
        because=[case.reading.created_seq],
    )


@rule("session/updated/same-id", "session.updated", malformed=True)
def updated_keeps_id(case: Case) -> None:
    first = text_of(case.reading.created_session, "id")
    if first:
        id_ = dict_of(case.event, "session").get("id")
        case.check(
            id_ == first,
            "session.updated does not show the session's id",
            path="session.id",
            expected=first,
            actual=id_,
            because=[case.reading.created_seq],
        )


@rule("session/updated/not-the-clients-event-id", "session.updated")
def updated_has_own_event_id(case: Case) -> None:
    sent = case.link.exchange.event_id if case.link.exchange is not None else ""
    if sent:
        case.check(
            case.event.get("event_id") != sent,
            "session.updated carries the event_id of the session.update it answers",
            path="event_id",
            expected="an id minted by the server",
            actual=sent,
            because=[case.link.exchange.seq if case.link.exchange else 0],
        )


def _patch(case: Case) -> tuple[Exchange, dict[str, object], dict[str, object]] | None:
    """Return the update that this session.updated answers, its patch, and what is shown now."""
    exchange = case.link.exchange
    if exchange is None or exchange.doubtful:
        return None
    if not case.reading.whole and not case.reading.session:
        return None  # perhaps it answers an update that was sent before the capture began
    return exchange, dict_of(exchange.event, "session"), dict_of(case.event, "session")


@rule("session/update/echoes-values", "session.updated")
def update_shows(case: Case) -> None:
    found = _patch(case)
    if found is None:
        return
    exchange, patch, shown = found
    cleared = [_TURN_DETECTION, *_CLEARED]
    missing = [
        p
        for p in unshown(patch, shown, known=fields_of(case.dialect))
        if not (p in cleared and at(patch, p)[1] is None)
        and not (p == ("tools",) and patch["tools"] == [])
        and p != ("type",)
        and not (p == ("model",) and case.dialect == "openai")
        and certain(case.dialect, p)
    ]
    case.check(
        not missing,
        f"session.updated does not show {dotted(missing[0]) if missing else ''} as it was set",
        path=dotted(("session", *missing[0])) if missing else "",
        expected=at(patch, missing[0])[1] if missing else "",
        actual=at(shown, missing[0])[1] if missing else "",
        because=[exchange.seq],
    )


@rule("session/update/keeps-the-rest", "session.updated")
def update_keeps(case: Case) -> None:
    found = _patch(case)
    if found is None or not case.reading.session:
        return
    exchange, patch, shown = found
    if patch.get("prompt"):
        return  # a stored prompt brings instructions, tools and more along
    before = case.reading.refused_update
    # What a refused update named is the business of session/update/refusal-changes-nothing.
    refused = dict_of(before.event, "session") if before is not None else {}
    lost = [
        p
        for p in untouched(changed(case.reading.session, shown), patch)
        if p[0] not in patch
        and p[0] in shown
        and p[0] in fields_of(case.dialect) - {"model", "tracing"}
        and not at(refused, p)[0]
    ]
    case.check(
        not lost,
        f"{dotted(lost[0]) if lost else ''} changed although the session.update does not name it",
        path=dotted(("session", *lost[0])) if lost else "",
        expected=at(case.reading.session, lost[0])[1] if lost else "",
        actual=at(shown, lost[0])[1] if lost else "",
        because=[case.reading.session_seq, exchange.seq],
    )


@rule("session/update/keeps-nested-fields", "session.updated")
def update_keeps_nested(case: Case) -> None:
    found = _patch(case)
    if found is None or not case.reading.session:
        return
    exchange, patch, shown = found
    nulled = []
    for path in untouched(changed(case.reading.session, shown), patch):
        before = at(case.reading.session, path)[1]
        if path[0] == "providerData":
            continue  # the business of provider-data/merged
        if path[0] in patch and path[0] in shown and before is not None and at(shown, path)[1] is None:
            parent_sent = at(patch, path[:-1])[1]
            if isinstance(parent_sent, dict) and at(shown, path[:-1])[1] is None:
                continue  # all that was set there is gone: the business of session/update/echoes-values
            # A whole object that was replaced by another kind (server_vad by semantic_vad) drops its fields.
            if isinstance(parent_sent, dict) and not _same_kind(parent_sent, case, path[:-1]):
                continue
            nulled.append(path)
    case.check(
        not nulled,
        f"{dotted(nulled[0]) if nulled else ''} was lost by an update that does not name it",
        path=dotted(("session", *nulled[0])) if nulled else "",
        expected=at(case.reading.session, nulled[0])[1] if nulled else "",
        actual=at(shown, nulled[0])[1] if nulled else "",
        because=[case.reading.session_seq, exchange.seq],
    )


def _same_kind(sent: dict[str, object], case: Case, path: tuple[str, ...]) -> bool:
    before = at(case.reading.session, path)[1]
    return "type" not in sent or (isinstance(before, dict) and before.get("type") == sent["type"])


@rule("session/update/null-turn-detection", "session.updated")
def turn_detection_off(case: Case) -> None:
    found = _patch(case)
    if found is None:
        return
    exchange, patch, shown = found
    present, sent = at(patch, _TURN_DETECTION)
    if present and sent is None:
        effective = at(shown, _TURN_DETECTION)[1]
        case.check(
            effective is None,
            "turn detection was set to null and is shown as something else",
            path="session.audio.input.turn_detection",
            expected="null",
            actual=effective,
            because=[exchange.seq],
        )


@rule("session/update/null-clears", "session.updated")
def cleared(case: Case) -> None:
    found = _patch(case)
    if found is None:
        return
    exchange, patch, shown = found
    for path in _CLEARED:
        present, sent = at(patch, path)
        if present and sent is None:
            effective = at(shown, path)[1]
            case.check(
                effective is None,
                f"{dotted(path)} was set to null and is shown as something else",
                path=dotted(("session", *path)),
                expected="null",
                actual=effective,
                because=[exchange.seq],
            )
    if patch.get("tools") == []:
        tools = shown.get("tools")
        case.check(
            not tools,
            "the tools were set to an empty list and some are still shown",
            path="session.tools",
            expected="[]",
            actual=tools,
            because=[exchange.seq],
        )


@rule("session/update/refusal-changes-nothing", "session.updated")
def refusal_left_configuration(case: Case) -> None:
    """After a refusal, the next session.updated shows what was there before, but for what it sets itself."""
    refused, exchange = case.reading.refused_update, case.link.exchange
    if refused is None:
        return
    evidence = [refused.seq, refused.answer_seq]
    if exchange is None and case.dialect == "openai":
        case.violated(
            "session.updated came for a session.update that was refused",
            expected="no session.updated",
            actual="session.updated",
            because=evidence,
        )
        return
    shown = dict_of(case.event, "session")
    patch = dict_of(exchange.event, "session") if exchange is not None else {}
    slipped = [p for p in untouched(changed(case.reading.session, shown), patch) if p[0] in shown]
    applied = [p for p in slipped if _took_over(refused, shown, p)]
    case.check(
        not applied,
        f"{dotted(applied[0]) if applied else ''} has the value of a session.update that was refused",
        path=dotted(("session", *applied[0])) if applied else "",
        expected=at(case.reading.session, applied[0])[1] if applied else "",
        actual=at(shown, applied[0])[1] if applied else "",
        because=evidence,
    )


def _took_over(refused: Exchange, shown: dict[str, object], path: tuple[str, ...]) -> bool:
    present, value = at(refused.event, ("session", *path))
    there, now = at(shown, path)
    return present and there and shows(value, now)


@rule("session/update/voice-locked-after-audio", "@session.update")
def voice_locked(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or exchange.expectation.reason != "voice-after-audio":
        return
    if exchange.outcome in ("accepted", "refused"):
        case.observed("changed" if exchange.outcome == "accepted" else "refused")
        case.check(
            exchange.outcome == "refused",
            "the voice was changed after the session had produced audio",
            path="session.audio.output.voice",
            expected="an error",
            actual="session.updated",
            because=[exchange.seq],
        )


@rule("session/updated/model-fixed", "session.updated")
def model_fixed(case: Case) -> None:
    before = text_of(case.reading.created_session, "model")
    shown = dict_of(case.event, "session")
    now = shown.get("model")
    if before and "model" in shown:
        if before != now:
            case.observed("changed")
        case.check(
            before == now,
            "the session's model changed",
            path="session.model",
            expected=before,
            actual=now,
            because=[case.reading.created_seq],
        )


@rule("session/updated/one-modality", "session.created", "session.updated")
def one_modality(case: Case) -> None:
    modalities = list_of(dict_of(case.event, "session"), "output_modalities")
    if modalities:
        case.check(
            len(modalities) == 1,
            "the session shows more than one output modality",
            path="session.output_modalities",
            expected='["text"] or ["audio"]',
            actual=modalities,
        )


@rule("session/update/type-required", "@session.update")
def type_required(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and "type" not in dict_of(exchange.event, "session"):
        case.observed("refused" if exchange.outcome == "refused" else "lenient")


@rule("session/update/running-response-unaffected", "response.done")
def running_response_keeps_configuration(case: Case) -> None:
    response = case.link.response
    if response is None or case.reading.session_seq < response.created_seq:
        return
    done = dict_of(case.event, "response")
    for path in (("audio", "output", "voice"), ("max_output_tokens",)):
        (had, before), (has, after) = at(response.created, path), at(done, path)
        if had and has:
            case.check(
                shows(before, after),
                f"{dotted(path)} of a running response changed",
                path=dotted(("response", *path)),
                expected=before,
                actual=after,
                because=[response.created_seq, case.reading.session_seq],
            )


_OF_RESPONSES = (("output_modalities",), ("max_output_tokens",), ("audio", "output", "voice"))


@rule("session/update/used-by-next-response", "response.created")
def configuration_is_used(case: Case) -> None:
    response = dict_of(case.event, "response")
    request = case.link.exchange
    asked = dict_of(request.event, "response") if request is not None else {}
    if any(e.type == "session.update" for e in case.reading.exchanges.open):
        return
    if request is None and not case.reading.knows_asking("response.create"):
        return  # it may have asked for something else
    for path in _OF_RESPONSES:
        overridden = at(asked, path)[0] or path[-1] in asked
        (configured, value), (has, used) = at(case.reading.session, path), at(response, path)
        (told, set_) = at(case.reading.asked_session, path)
        if configured and has and not overridden:
            case.check(
                shows(value, used) or (told and shows(set_, used)),  # what is shown may be what is wrong
                f"the response does not use the session's {dotted(path)}",
                path=dotted(("response", *path)),
                expected=value,
                actual=used,
                because=[case.reading.session_seq],
            )
