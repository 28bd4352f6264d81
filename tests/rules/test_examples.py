"""The conversations that `explain` shows are judged as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_conformance.application.explanation import EXAMPLES, examples
from reports.explained import Example
from rules.requirements import registry
from rules.verdicts import Level
from tests.rules.example_conversations import BAD, GOOD, Sought, page
from tests.rules.notation import read
from tests.rules.scripts import DIALECTS

FILES = sorted(EXAMPLES.glob("*.yaml"))
NOT_SHOWN = {
    ("connection/survives-valid-events", BAD),  # which takes two connections
    ("mcp/approval", GOOD),
    ("payload/conversation.item.created", GOOD),
    ("payload/conversation.item.input_audio_transcription.segment", GOOD),
    ("payload/mcp_list_tools.completed", GOOD),
    ("payload/response.mcp_call.failed", GOOD),
    ("payload/output_audio_buffer.stopped", GOOD),
}
"""No small trace and no good one shows it without something else that is wrong."""

SHOWN = [
    (id_, which, shown)
    for file in FILES
    for id_, both in examples(file).items()
    for which, shown in both.items()
]


@pytest.mark.parametrize(("id_", "which", "shown"), SHOWN, ids=[f"{id_} {which}" for id_, which, _ in SHOWN])
def test_an_example_is_judged_as_it_is_called(id_: str, which: str, shown: Example) -> None:
    sought = Sought(id_, which, shown.dialect)
    assert sought.shown_by(read(shown.said))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_holds_what_belongs_to_its_area_as_it_is_written(file: Path) -> None:
    found = {
        id_: {which: {"dialect": shown.dialect, "said": shown.said} for which, shown in both.items()}
        for id_, both in examples(file).items()
    }
    assert [id_ for id_ in found if registry().by_id[id_].file != file.name] == []
    assert file.read_text(encoding="utf-8") == page(found)


def test_every_requirement_that_can_fail_has_a_good_and_a_bad_example() -> None:
    shown = {(id_, which) for id_, which, _ in SHOWN}
    # Transcripts are short in the words of the main dialects; what only others have is in their documents.
    of_main = [e for e in registry() if set(DIALECTS) & set(e.level)]
    binding = [e.id for e in of_main if not e.exclusion and set(e.level.values()) != {Level.MAY}]
    lacking = {(id_, which) for id_ in binding for which in (GOOD, BAD)} - shown
    assert lacking == NOT_SHOWN, "python tests/rules/write_examples.py, with these ids"
