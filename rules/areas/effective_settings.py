"""Rules about the settings in force: what never changes, and what responses make of them (facts 4.2)."""

from __future__ import annotations

from rules.case import EventCase
from rules.configuration import at, shows
from rules.registration import on_event
from rules.subjects import dict_of, text_of
from schemas.explain import dotted


@on_event("session/updated/model-fixed", "session.updated")
def model_fixed(case: EventCase) -> None:
    """The session's `model` never changes after the connection is made."""
    before = text_of(case.reading.created_session, "model")
    shown = dict_of(case.event, "session")
    now = shown.get("model")
    if before and "model" in shown:
        if before != now:
            case.observed("changed")
        case.check(
            before == now,
            "changed",
            f"session.model changed from {before} to {now}",
            path="session.model",
            expected=before,
            actual=now,
            because=[case.reading.created_seq],
        )


@on_event(
    "session/updated/one-modality",
    "session.created",
    "session.updated",
    malformed=("session.output_modalities*",),
)
def one_modality(case: EventCase) -> None:
    """`output_modalities` holds exactly one of `text` and `audio`."""
    _one_modality(case, "session")


@on_event(
    "session/updated/one-modality",
    "response.created",
    "response.done",
    malformed=("response.output_modalities*",),
)
def one_modality_of_response(case: EventCase) -> None:
    _one_modality(case, "response")


def _one_modality(case: EventCase, where: str) -> None:
    modalities = dict_of(case.event, where).get("output_modalities")
    if modalities:
        case.check(
            modalities in (["text"], ["audio"]),
            "several",
            f"the {where} shows more than one output modality",
            path=f"{where}.output_modalities",
            expected='["text"] or ["audio"]',
            actual=modalities,
        )


@on_event("session/update/running-response-unaffected", "response.done")
def running_response_keeps_configuration(case: EventCase) -> None:
    """A response in progress keeps the configuration it was created with."""
    response = case.response
    if case.reading.session_seq < response.created_seq:
        return
    done = dict_of(case.event, "response")
    for path in (("audio", "output", "voice"), ("max_output_tokens",)):
        (had, before), (has, after) = at(response.created, path), at(done, path)
        if had and has:
            case.check(
                shows(before, after),
                "changed",
                f"{dotted(path)} of a running response changed",
                path=dotted(("response", *path)),
                expected=before,
                actual=after,
                because=[response.created_seq, case.reading.session_seq],
            )


_OF_RESPONSES = (("output_modalities",), ("max_output_tokens",), ("audio", "output", "voice"))


@on_event("session/update/used-by-next-response", "response.created")
def configuration_is_used(case: EventCase) -> None:
    """The acknowledged configuration is used by the next response, as far as its own fields show it."""
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
                "other",
                f"the response does not use the session's {dotted(path)}",
                path=dotted(("response", *path)),
                expected=value,
                actual=used,
                because=[case.reading.session_seq],
            )
