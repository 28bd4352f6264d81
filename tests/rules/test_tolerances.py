"""What a suite must not fail a server for (facts 8.3), and what it must treat with caution (8.2)."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from protocol.dialect import DialectName
from reference.faults import FAULTS
from reference.variants import VARIANTS
from rules.requirements import registry
from rules.rulebook import ruled
from rules.verdicts import Level
from tests.rules.judged_traces import book, changed, kills, traces
from tests.rules.scripts import DIALECTS

LINES: dict[str, tuple[str, ...]] = {
    "1 unknown events and fields": (
        "unknown-events",
        "unknown-fields",
        "ping",
        "conversation-created",
        "role-on-calls",
        "cancelled-event",
    ),
    "2 what may be absent": (
        "without-rate-limits",
        "without-obfuscation",
        "items-without-object",
        "items-with-object",
        "items-with-phase",
    ),
    "3 deltas": (
        "letter-by-letter",
        "all-in-one-delta",
        "text-without-deltas",
        "never-streams",
        "transcript-first",
    ),
    "4 order of twins": ("audio-done-last", "output-item-done-first"),
    "5 transcription anywhere": ("transcription-late", "transcription-early", "transcription-fails"),
    "6 ids": ("uuids",),
    "7 defaults and wording": ("other-defaults", "other-model", "model-alias", "other-wording"),
    "8 duplicate item ids": ("duplicate-id-accepted",),
    "9 done says null behind the head": ("done-previous-null",),
    "10 error codes": ("other-codes", "without-codes"),
    "RL-02, 8.2 rate limits": ("rate-limits-first", "rate-limits-empty", "rate-limits-twice"),
    "8.1 null for an optional field": ("null-for-optional",),
    "IA-12 commit during speech": ("commit-refused-under-vad",),
    "ID-04 idle timeout": ("idle-system-message",),
    "4.13 calls of MCP tools": ("mcp-calls",),
}
"""The lines of 8.3, and each variant that shows what the line means."""

RELAXED: dict[str, tuple[str, ...]] = {
    "SE-05": ("unsolicited-update",),
    "RS-34": ("text-beside-transcript",),
    "TR-01, TR-09": ("growing-transcription",),
    "TR-06": ("rolling-transcription",),
    "FC-05": ("arguments-done-nameless",),
    "FC-08": ("answers-tool-calls",),
    "OB-01": ("output-buffer-events",),
    "inworld 4.1, 7.3, 7.5": (
        "speech-started-timeless",
        "usage-at-top",
        "resources-exhausted",
        "truncates-a-third",
    ),
    "inworld 4.3, 4.6, 6": (
        "suggests-turns",
        "backchannel-audio",
        "backchannel-goes-on",
        "provider-data-shown",
    ),
}
"""What is relaxed for a profile that documents extensions, and the variants of it."""

RELAXED_LEVELS = {
    "SE-05": "session/update/acknowledged-once",
    "SE-11": "session/update/voice-locked-after-audio",
    "SE-12": "session/updated/model-fixed",
    "RS-34": "response/modality/audio-without-text-stream",
    "TR-01": "transcription/ends-once",
    "TR-06": "transcription/deltas-add-up",
    "FC-05": "calls/name-in-arguments-done",
    "FC-08": "calls/ends-normally",
    "OB-01": "output-buffer/not-on-websocket",
    "1.1 unknown parameters": "errors/invalid-event-refused",
}

CAUTION: dict[str, tuple[str, ...]] = {
    "CB-03": ("cancel/closes-what-is-open",),
    "CB-05": ("cancel/cut-item-incomplete",),
    "MC-01": ("mcp/list-tools",),
    "MC-02": ("mcp/call-order",),
    "SE-15": ("session/update/running-response-unaffected",),
    "OO-06": ("out-of-band/unknown-reference-refused",),
    "CI-10": ("items/previous/after-delete",),
    "CI-11": ("items/done/same-previous",),
    "TR-06": ("transcription/deltas-add-up",),
    "ID-04": ("idle/system-message",),
    "ID-06": ("idle/empty-transcription",),
    "RL-02": ("rate-limits/anywhere",),
    "RS-15": ("response/item/added-to-conversation",),
    "RS-27": ("response/order/conversation-item-done",),
    "RS-09": ("response/create/slot-frees-at-done",),
    "ER-06 codes": ("errors/unknown-type-code",),
}
"""The statements of 8.2, and the requirements that must not fail anybody for them."""

ALREADY = ("items-without-object", "mcp-calls", "backchannel-audio", "provider-data-shown")
"""Variants that the reference server itself is, or in which a good trace was recorded."""

CASES = [
    (dialect, name)
    for name, variant in VARIANTS.items()
    for dialect in DIALECTS
    if dialect in variant.dialects
]


@pytest.mark.parametrize(("dialect", "name"), CASES)
def test_variant_is_tolerated(dialect: DialectName, name: str) -> None:
    assert kills(dialect, VARIANTS[name]) == {}, VARIANTS[name].statement


@pytest.mark.parametrize("name", VARIANTS)
def test_variant_makes_a_difference(name: str) -> None:
    variant = VARIANTS[name]
    seen = [d for d in variant.dialects if changed(d, variant, 1)]
    assert seen or name in ALREADY, "no good trace shows this variant"


def test_every_line_of_the_list_has_variants() -> None:
    named = {name for names in (*LINES.values(), *RELAXED.values()) for name in names}
    assert named == set(VARIANTS)
    assert [line.split()[0] for line in LINES][:10] == [str(n) for n in range(1, 11)]
    assert all(VARIANTS[name].dialects == ("inworld",) for names in RELAXED.values() for name in names)


@pytest.mark.parametrize("requirement", RELAXED_LEVELS.values(), ids=RELAXED_LEVELS)
def test_relaxed_for_a_profile_with_extensions(requirement: str) -> None:
    entry = registry().by_id[requirement]
    assert entry.level.get("inworld", Level.MAY) is Level.MAY
    assert entry.level["openai"] is not Level.MAY


def test_one_modality_is_not_asked_of_a_profile_with_extensions() -> None:
    assert "inworld" not in registry().by_id["session/updated/one-modality"].level


@pytest.mark.parametrize("statement", CAUTION)
def test_caution(statement: str) -> None:
    for requirement in CAUTION[statement]:
        assert Level.MUST not in registry().by_id[requirement].level.values()


def test_ids_are_not_looked_at() -> None:
    words = ("event_", "item_", "resp_", "conv_", "sess_", "call_")
    assert not [e.id for e in registry() if any(f"{word}…" in e.statement for word in words)]


@cache
def _observed(dialect: DialectName) -> Counter[str]:
    """Return what requirements recorded in good traces, and in those of servers that differ."""
    seen: Counter[str] = Counter()
    several = [*traces(dialect)]
    for difference in (*VARIANTS.values(), FAULTS["duplicate-id-ignored"]):
        if dialect in difference.dialects:
            several += changed(dialect, difference, 3)
    for trace in several:
        for id_, tally in book(dialect).judge(trace).items():
            seen[id_] += tally.subjects + sum(tally.observed.values())
    return seen


UNSHOWN = {
    "openai": set[str](),
    "inworld": {
        "mcp/list-tools",
        "mcp/call-order",  # no MCP tools are known of Inworld
        "mcp/listing-told",
        "mcp/only-when-configured",
        "payload/null-for-optional",  # its documents allow null everywhere
    },
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_way_that_is_recorded_is_shown(dialect: DialectName) -> None:
    """A requirement that fails nobody must at least see something, in some good trace or variant."""
    free = {
        e.id
        for e in registry().judged(dialect)
        if e.level[dialect] is Level.MAY and e.id in ruled() and not e.id.startswith("robustness/")
    }
    assert {id_ for id_ in free if not _observed(dialect)[id_]} == UNSHOWN[dialect]
