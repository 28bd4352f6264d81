"""Rules about updates of the session, and what is shown of them (facts 4.2; inworld 2, 5.1)."""

from __future__ import annotations

from collections.abc import Iterable

from rules.areas.answers import acknowledged, is_of_disputed_bounds
from rules.case import EventCase, ExchangeCase, WrongPlace
from rules.configuration import FieldPath, at, certain, changed, fields_of, shows, unshown, untouched
from rules.registration import ANYWHERE, on_event, on_exchange
from rules.subjects import dict_of, text_of
from rules.views import ExchangeView
from schemas.explain import dotted

_CLEARED = (("audio", "input", "transcription"), ("audio", "input", "noise_reduction"))
_TURN_DETECTION = ("audio", "input", "turn_detection")
_NULL_MEANS_NONE = ("tracing", "prompt", "include", "idle_timeout_ms")
"""Last steps of paths at which null is a value. Elsewhere a client that sends it may mean "as it is"."""


def names_unknown_model(case: ExchangeCase) -> bool:
    """Tell whether an update names a model for speech recognition that the suite has made up."""
    sent = at(dict_of(case.exchange.event, "session"), ("audio", "input", "transcription", "model"))[1]
    return isinstance(sent, str) and sent == case.header.get("unknown_model")


acknowledged(
    "session/update/acknowledged",
    "session.update",
    unless=lambda case: names_unknown_model(case) or is_of_disputed_bounds(case),
)


@on_event("session/update/acknowledged-once", "session.updated")
def updated_is_an_answer(case: EventCase) -> None:
    """`session.updated` is only sent in answer to a `session.update`, once for each."""
    if case.link.exchange is not None:
        case.holds()
    elif case.reading.knows_asking("session.update") and case.reading.created_session is not None:
        case.observed("unsolicited session.updated")
        case.violated(
            "unasked",
            "session.updated came, and every session.update sent before it was answered already",
            expected="one session.updated for each accepted session.update",
            actual="one more",
        )


@on_event("session/updated/full-configuration", "session.updated")
def updated_is_full(case: EventCase) -> None:
    """`session.updated` shows the full effective configuration, every field that `session.created` showed,
    not just the patch.
    """
    first = case.reading.created_session
    if first is None:
        return
    shown = dict_of(case.event, "session")
    owed = fields_of(case.dialect.switches) | {
        "providerData"
    }  # which a server need not show, but then not now and then
    missing = sorted((set(first) & owed) - set(shown))
    fields = f"the fields {', '.join(sorted(shown))}"
    wrong = [
        WrongPlace(
            f"session.updated does not show {each}, which session.created did",
            f"session.{each}",
            "the full effective configuration",
            fields,
        )
        for each in missing
    ]
    case.check_each("left-out" if "type" in shown else "untyped", wrong, because=[case.reading.created_seq])


@on_event("session/updated/same-id", "session.updated", malformed=("session.id", ANYWHERE))
def updated_keeps_id(case: EventCase) -> None:
    """The session keeps its `id`; `session.updated` shows the one of `session.created`."""
    first = text_of(case.reading.created_session, "id")
    if first:
        id_ = dict_of(case.event, "session").get("id")
        case.check(
            id_ == first,
            "other",
            f"session.id is {id_ or 'missing'}; it must be {first}, as in session.created",
            path="session.id",
            expected=first,
            actual=id_,
            because=[case.reading.created_seq],
        )


@on_event("session/updated/not-the-clients-event-id", "session.updated")
def updated_has_own_event_id(case: EventCase) -> None:
    """`session.updated` never carries the `event_id` of the `session.update` it answers."""
    sent = case.answered.event_id
    if sent:
        case.check(
            case.event.get("event_id") != sent,
            "of-the-client",
            "session.updated carries the event_id of the session.update it answers",
            path="event_id",
            expected="an id minted by the server",
            actual=sent,
            because=[case.answered.seq],
        )


def _patch(
    case: EventCase | ExchangeCase,
) -> tuple[ExchangeView, dict[str, object], dict[str, object]] | None:
    """Return the update that a session.updated answers, its patch, and what is shown now.

    An exchange is judged only if it was not when the session.updated came.
    """
    exchange = case.answered if isinstance(case, EventCase) else case.exchange
    if exchange.doubtful or not (isinstance(case, EventCase) or exchange.supposed):
        return None
    if not case.reading.whole and not case.reading.session:
        return None  # perhaps it answers an update that was sent before the capture began
    return exchange, dict_of(exchange.event, "session"), dict_of(exchange.answer, "session")


def _places(
    said: str, paths: Iterable[FieldPath], expected: dict[str, object], shown: dict[str, object]
) -> list[WrongPlace]:
    return [
        WrongPlace(said.format(dotted(p)), dotted(("session", *p)), at(expected, p)[1], at(shown, p)[1])
        for p in paths
    ]


@on_event("session/update/echoes-values", "session.updated")
@on_exchange("session/update/echoes-values", "session.update")
def update_shows(case: EventCase | ExchangeCase) -> None:
    """Every value that an accepted `session.update` sets shows in `session.updated` (empty instructions may
    show as the server's default).
    """
    found = _patch(case)
    if found is None:
        return
    exchange, patch, shown = found
    cleared = [_TURN_DETECTION, *_CLEARED]
    missing = [
        p
        for p in unshown(patch, shown, known=fields_of(case.dialect.switches))
        if not (at(patch, p)[1] is None and (p in cleared or p[-1] not in _NULL_MEANS_NONE))
        and not (p == ("tools",) and patch["tools"] == [])
        and p != ("type",)
        and not (p == ("model",) and not case.dialect.switches.changes_model)
        and certain(case.dialect.switches, p)
    ]
    wrong = _places("session.updated does not show {} as it was set", missing, patch, shown)
    case.check_each("value" if "type" in shown else "untyped", wrong, because=[exchange.seq])


class _Refused(list[ExchangeView]):
    """Valid updates that were refused, or not answered, since the session was last shown."""


@on_event("session/update/keeps-the-rest", "session.updated")
def update_keeps(case: EventCase) -> None:
    """Top-level fields that an accepted `session.update` does not name keep their values.

    Valid updates that were refused, or not answered, may have been carried out. That is another defect; and
    of the last one that was refused another requirement speaks.
    """
    found, last = _patch(case), case.reading.refused_update
    refused = [each.event for each in case.memory(_Refused) if each is not last]
    unsure = {name for event in refused for name in dict_of(event, "session")}
    case.memory(_Refused).clear()
    if found is None or not case.reading.session:
        return
    exchange, patch, shown = found
    if patch.get("prompt"):
        return  # a stored prompt brings instructions, tools and more along
    lost = [
        p
        for p in untouched(changed(case.reading.session, shown), patch)
        if p[0] not in patch
        and p[0] not in unsure
        and p[0] in shown
        and p[0] in fields_of(case.dialect.switches) - {"model", "tracing"}
    ]
    said = "{} changed although the session.update does not set it"
    wrong = _places(said, lost, case.reading.session, shown)
    case.check_each("changed", wrong, because=[case.reading.session_seq, exchange.seq])


@on_exchange("session/update/keeps-the-rest", "session.update")
def update_was_refused(case: ExchangeCase) -> None:
    if case.exchange.outcome in ("refused", "silent") and case.exchange.expectation.kind != "refuse":
        case.memory(_Refused).append(case.exchange)


@on_event("session/update/keeps-nested-fields", "session.updated")
def update_keeps_nested(case: EventCase) -> None:
    """Nested fields that an update does not name keep their values or get defaults; they are never nulled
    out.
    """
    found = _patch(case)
    if found is None or not case.reading.session:
        return
    exchange, patch, shown = found
    nulled = []
    for path in untouched(changed(case.reading.session, shown), patch):
        before = at(case.reading.session, path)[1]
        if path[:2] == ("providerData", "memory") or path[-1] == "strength":
            continue  # memory changes by itself (inworld 5.6); a strength not shown is the default (FO-01)
        if path[0] in patch and path[0] in shown and before is not None and at(shown, path)[1] is None:
            parent_sent = at(patch, path[:-1])[1]
            if isinstance(parent_sent, dict) and at(shown, path[:-1])[1] is None:
                continue  # all that was set there is gone, not only what was not named
            # A whole object that was replaced by another kind (server_vad by semantic_vad) drops its fields.
            if isinstance(parent_sent, dict) and not _same_kind(parent_sent, case, path[:-1]):
                continue
            nulled.append(path)
    said = "{} became null although the session.update does not set it"
    wrong = _places(said, nulled, case.reading.session, shown)
    case.check_each("lost", wrong, because=[case.reading.session_seq, exchange.seq])


def _same_kind(sent: dict[str, object], case: EventCase, path: tuple[str, ...]) -> bool:
    before = at(case.reading.session, path)[1]
    return "type" not in sent or (isinstance(before, dict) and before.get("type") == sent["type"])


@on_event("session/update/null-turn-detection", "session.updated")
@on_exchange("session/update/null-turn-detection", "session.update")
def turn_detection_off(case: EventCase | ExchangeCase) -> None:
    """`turn_detection: null` switches turn detection off and is echoed as null."""
    found = _patch(case)
    if found is None:
        return
    exchange, patch, shown = found
    present, sent = at(patch, _TURN_DETECTION)
    if present and sent is None:
        effective = at(shown, _TURN_DETECTION)[1]
        case.check(
            effective is None,
            "still-on",
            "session.update set turn_detection to null, and session.updated shows a value",
            path="session.audio.input.turn_detection",
            expected="null",
            actual=effective,
            because=[exchange.seq],
        )


@on_event("session/update/null-clears", "session.updated")
@on_exchange("session/update/null-clears", "session.update")
def cleared(case: EventCase | ExchangeCase) -> None:
    """Null for `transcription` and `noise_reduction` and an empty list for `tools` switch the feature off
    and are echoed so.
    """
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
                "still-set",
                f"session.update set {dotted(path)} to null, and session.updated shows a value",
                path=dotted(("session", *path)),
                expected="null",
                actual=effective,
                because=[exchange.seq],
            )
    if patch.get("tools") == []:
        tools = shown.get("tools")
        case.check(
            not tools,
            "still-tools",
            "session.update set tools to an empty list, and session.updated shows some",
            path="session.tools",
            expected="[]",
            actual=tools,
            because=[exchange.seq],
        )


@on_event("session/update/refusal-changes-nothing", "session.updated")
def refusal_left_configuration(case: EventCase) -> None:
    """A refused `session.update` is followed by no `session.updated` and leaves the whole configuration as
    it was.

    After a refusal, the next session.updated shows what was there before, but for what it sets itself.
    """
    refused, exchange = case.reading.refused_update, case.link.exchange
    if refused is None:
        return
    evidence = [refused.seq, refused.answer_seq]
    if exchange is None and not case.dialect.switches.shows_session_unasked:
        case.violated(
            "answered",
            f"session.updated came although {refused.type} {refused.event_id} was refused with an error",
            expected="no session.updated",
            actual="session.updated",
            because=evidence,
        )
        return
    shown = dict_of(case.event, "session")
    patch = dict_of(exchange.event, "session") if exchange is not None else {}
    slipped = [p for p in untouched(changed(case.reading.session, shown), patch) if p[0] in shown]
    applied = [p for p in slipped if _took_over(refused, shown, p)]
    said = "{} has the value of a session.update that was refused"
    case.check_each("applied", _places(said, applied, case.reading.session, shown), because=evidence)


def _took_over(refused: ExchangeView, shown: dict[str, object], path: tuple[str, ...]) -> bool:
    present, value = at(refused.event, ("session", *path))
    there, now = at(shown, path)
    return present and there and shows(value, now)


@on_exchange("session/update/voice-locked-after-audio", "session.update")
def voice_locked(case: ExchangeCase) -> None:
    """After the session has produced audio, another voice is refused and the same voice accepted."""
    exchange = case.exchange
    if exchange.expectation.reason != "voice-after-audio":
        return
    if exchange.outcome in ("accepted", "refused"):
        case.observed("changed" if exchange.outcome == "accepted" else "refused")
        case.check(
            exchange.outcome == "refused",
            "changed",
            "session.update changed the voice after the session had produced audio",
            path="session.audio.output.voice",
            expected="an error",
            actual="session.updated",
            because=[exchange.seq],
        )


@on_exchange("session/update/type-required", "session.update")
def type_required(case: ExchangeCase) -> None:
    """A `session.update` without `session.type` is refused with `missing_required_parameter`; a server may
    be lenient instead.
    """
    exchange = case.exchange
    if "type" not in dict_of(exchange.event, "session"):
        case.observed("refused" if exchange.outcome == "refused" else "lenient")
