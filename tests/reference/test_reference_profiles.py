"""The reference server's profiles, written from the facts, beside the dialects that the suite goes by.

Neither is made from the other. Where they say the same thing they have to agree; where one of them says
something else, or alone, that stands here with its reason.
"""

from __future__ import annotations

import dataclasses

import pytest

from protocol.catalogue import own_dialects
from protocol.dialect import Dialect, Switches
from reference.handshake import DOORS, Door
from reference.profiles import Profile
from reference.providers import PROFILES

SAME = {
    "strict": "refuses_unknown_fields",
    "fixed_model": "not changes_model",
    "both_modalities": "takes_both_modalities",
    "string_formats": "takes_short_formats",
}
"""Questions that both answer, by the name in the profile."""

ONLY_IN_PROFILES = {
    "requires_session_type": "a MAY in both dialects, of which rules note only what they see",
    "locks_voice": "requirements say it: voice-locked-after-audio in GA, voice-changeable in Inworld's",
    "refreshes_expiry": "`expires_at` may change by itself in both",
    "pads_deltas": "`obfuscation` is a field that a server may add",
    "sends_rate_limits": "`rate_limits.updated` may come or not in both",
    "clears_output": "a feature of the target, `output-audio-buffer`, not of its dialect",
    "turn_detection": "a default of the service, which rules do not know",
    "longest_tool_description": "a limit of the service, which scenarios do not reach",
    "audio_output": "a default of the service, which rules do not know",
    "session": "defaults of the service; that they exist is `has_extensions`",
    "kin": "the dialect whose shapes, faults and variants are its, too: of the server alone",
    "habits": "what a provider does with its events; its dialect waives what does not hold then",
}

ONLY_IN_DIALECTS = {
    "refuses_beta": "the door and the shapes of items say it",
    "announces_every_item": "the server announces every item in both; only less is promised",
    "answers_calls_by_itself": "it does so as the variant `answers-tool-calls`",
    "shows_all_settings": "it shows all it has in both; only less is promised",
    "shows_session_unasked": "it does so as the variant `unsolicited-update`",
    "transcribes_surely": "it does, but for the variants `growing-` and `rolling-transcription`",
    "reports_usage_beside": "it does so as the variant `usage-at-top`",
    "fails_with_a_bare_reason": "it always names the error; less is allowed",
    "sends_bare_errors": "it does so as the variant `resources-exhausted`",
    "offers_mcp": "it has MCP in both, as a server may",
    "has_extensions": "the shapes of client events know it by the profile's name",
    "refuses_unknown_models": "the shapes of client events say it, for the models of speech recognition",
    "has_disputed_values": "it takes what either source allows",
    "truncates_a_third": "it does so as the variant `truncates-a-third`",
    "listens_at_once": "it does so in both, as a server may",
    "selects_realtime": "the door decides it",
    "labels_sessions": "the door decides it",
}

DIFFERENT = {
    ("openai", "session"): (None, "gpt-realtime"),
}
"""Models, by dialect and kind: the server's default and what scenarios ask for. GA's server has no default
for the session: the address names it."""

PAIRS = [pytest.param(PROFILES[each.name], each, id=each.name) for each in own_dialects()]


def test_there_is_a_profile_for_each_dialect() -> None:
    assert set(PROFILES) == {each.name for each in own_dialects()}


@pytest.mark.parametrize(("profile", "dialect"), PAIRS)
def test_what_both_say_is_the_same(profile: Profile, dialect: Dialect) -> None:
    assert {name: getattr(profile, name) for name in SAME} == {n: dialect.has(s) for n, s in SAME.items()}


def test_everything_that_only_one_of_them_says_is_named() -> None:
    about_models = {"name", "model", "voice", "transcription_model"}
    asked = {each.name for each in dataclasses.fields(Profile)} - about_models
    assert asked == set(SAME) | set(ONLY_IN_PROFILES)
    switches = {each.name for each in dataclasses.fields(Switches)}
    assert switches == {s.rpartition(" ")[2] for s in SAME.values()} | set(ONLY_IN_DIALECTS)


@pytest.mark.parametrize(("profile", "dialect"), PAIRS)
def test_models_and_voices_are_the_same_but_for_what_is_named(profile: Profile, dialect: Dialect) -> None:
    assert profile.voice in dialect.voices
    servers = {"session": profile.model, "transcription": profile.transcription_model}
    for kind, model in servers.items():
        expected = DIFFERENT.get((dialect.name, kind), (dialect.models[kind], dialect.models[kind]))
        assert (model, dialect.models[kind]) == expected


@pytest.mark.parametrize(("profile", "dialect"), PAIRS)
def test_the_door_is_where_the_dialect_says(profile: Profile, dialect: Dialect) -> None:
    # Dialects that have one path, on different hosts, are told apart by their names.
    door: Door = next(
        DOORS[path] for path in (f"{dialect.path}/{dialect.name}", dialect.path) if path in DOORS
    )
    assert (door.name, door.dialect) == (dialect.name, profile)
    assert dialect.scheme in door.schemes
    assert set(door.parameters) == set(dialect.query)
    assert any(each.startswith(door.prefix) for each in dialect.subprotocols)
