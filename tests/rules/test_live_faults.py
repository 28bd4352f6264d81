"""The suite finds a fault of a server it talks to: just the requirement that the fault breaks fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.altered_behaviour import differing
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from reference.variants import VARIANTS
from rules.verdicts import Verdict
from suites.scenario import Scenario, catalogue

BROKEN = (
    ("openai", "event-id-empty", "envelope/event-id-present"),
    ("openai", "updated-instructions-not-shown", "session/update/echoes-values"),
    ("openai", "part-left-out-at-done", "response/part/present"),
    ("openai", "usage-total-wrong", "response/usage/adds-up"),
    ("openai", "error-without-message", "errors/shape"),
    ("openai", "audio-half-sample", "response/audio/whole-samples"),
    ("openai", "truncated-says-other-time", "items/truncate/echoes-request"),
    ("openai", "anybody-let-in", "handshake/wrong-credential-refused"),
    ("inworld", "response-created-queued", "response/created/in-progress"),
    ("inworld", "unknown-key-refused", "session/update/unknown-keys-ignored"),
    ("inworld", "late-delta-after-done", "response/lifecycle/done-is-last"),
    ("inworld", "session-id-changes", "session/updated/same-id"),
    # Only a client that does not wait, speaks twice, or does more than it must, comes upon these.
    ("openai", "answers-out-of-order", "envelope/answers-in-order"),
    ("openai", "item-done-late", "items/create/final-at-once"),
    ("openai", "both-modalities-accepted", "session/updated/one-modality"),
    ("openai", "turn-times-fall", "turn/times-grow"),
    ("openai", "output-refused-while-running", "calls/output-acknowledged"),
    ("openai", "append-answered-with-error", "audio/append/no-answer"),
    ("inworld", "burst-out-of-order", "items/create/burst-with-response"),
)
WRONG = (Verdict.FAIL, Verdict.WARN, Verdict.HARNESS_ERROR, Verdict.INCONCLUSIVE)
_FEW = 6
_DRAWN = ("test_generated", "test_conversations")
_SIMPLE = (
    "test_bootstrap",
    "test_conversation_item_create",
    "test_response_streaming",
    "test_session_update",
)


def _scenarios(dialect: DialectName, requirement: str) -> list[Scenario]:
    """Return scenarios that provoke a requirement, and some that do not."""
    known = [
        s for s in catalogue() if s.part_of(dialect) and not s.serial and not s.module.startswith(_DRAWN)
    ]
    meant = [s for s in known if requirement in s.provokes]
    simple = [s for s in known if s.module in _SIMPLE]
    return list({(s.module, s.name): s for s in (*meant[:_FEW], *simple[:_FEW])}.values())


async def _wrong(dialect: DialectName, folder: Path, requirement: str, *, names: tuple[str, ...]) -> set[str]:
    differences = [{**FAULTS, **VARIANTS}[name] for name in names]
    credentials = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
    async with ReferenceServer(ServerOptions(credentials=credentials), differing(differences)) as server:
        choice = embedded(server, dialect)
        run = ConformanceRun(Plan(_scenarios(dialect, requirement), folder, choice, probing=False))
        await run.perform()
        results = run.report().requirements
        return {each.requirement.id for each in results if each.verdict in WRONG}


@pytest.mark.parametrize(("dialect", "name", "requirement"), BROKEN)
def test_fault_is_found(dialect: DialectName, name: str, requirement: str, tmp_path: Path) -> None:
    assert asyncio.run(_wrong(dialect, tmp_path, requirement, names=(name,))) == {requirement}


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_variants_are_tolerated(dialect: DialectName, tmp_path: Path) -> None:
    legal = (
        "ping",
        "unknown-fields",
        "conversation-created",
        "letter-by-letter",
        "uuids",
        "output-item-done-first",
        "resources-exhausted",
    )
    assert asyncio.run(_wrong(dialect, tmp_path, "session/update/echoes-values", names=legal)) == set()
