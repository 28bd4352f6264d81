"""What is told of malformed events, and what of audio that somebody shortened."""

from __future__ import annotations

import pytest

from rules.verdicts import Tally
from schemas.contract import EventSchema
from schemas.explain import Violation
from tests.rules.judged_traces import book
from tests.rules.said import RUNNING, Said, client, created, server, trace

PLACE = {"response_id": "resp_1", "item_id": "item_a", "output_index": 0, "content_index": 0}
SPOKEN = server("response.output_audio.delta", **PLACE, delta="AAAA…")
HEARD = client("input_audio_buffer.append", audio="AAAA…")


@pytest.mark.parametrize("said", [SPOKEN, HEARD], ids=["spoken", "heard"])
def test_nobody_asks_what_else_is_wrong_with_it(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def violations(schema: EventSchema, _event: object) -> list[Violation]:
        asked.append(schema.type)
        return []

    spoken = trace(created(), *RUNNING, said)
    monkeypatch.setattr(EventSchema, "violations", violations)
    book("openai").judge(spoken)
    assert said[1]["type"] not in asked


def test_an_event_with_two_defects_is_one_finding_with_the_fingerprints_of_both() -> None:
    def counted(**fields: object) -> Tally:
        return book("openai").judge(trace(created(**fields)))["payload/session.created"]

    both = counted(tools="none", instructions=7)
    assert both.violations == len(both.findings) == 1
    assert both.findings[0].message.endswith(" (and 1 more)")
    apart = {*counted(tools="none").fingerprints, *counted(instructions=7).fingerprints}
    assert set(both.fingerprints) == apart
    assert len(apart) == 2
