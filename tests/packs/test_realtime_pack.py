"""The realtime channel as the first pack: its verdicts are those of the rules, its words are types."""

from __future__ import annotations

from pathlib import Path

import pytest

from packs.catalogue import PACKS, channels
from packs.realtime.pack import REALTIME_PACK
from protocol.catalogue import dialect_of, dialects
from protocol.dialect import DialectName
from rules.core import core
from rules.profiles import judged_by
from rules.requirements import registry
from rules.rulebook import own_contract, rulebook
from rules.yields import Uncounted
from suites.scenario import catalogue
from tests.packs.spoken import conversation, create
from tests.rules.small.rows import rows
from wire.trace import Entry

SMALL = sorted((Path(__file__).parents[1] / "rules" / "small").glob("*.txt"))


@pytest.mark.parametrize("file", SMALL, ids=lambda file: file.stem)
def test_the_pack_finds_what_the_rules_are_known_to_find(file: Path) -> None:
    judges = {name: REALTIME_PACK.judge(name) for name in dialects()}
    cases = [(name, row) for name, row in rows(file)]
    found = {name: row.seen(judges[row.dialect].judge(row.trace), row.trace) for name, row in cases}
    assert found == {name: (row.outcome, set(row.also), row.told) for name, row in cases}


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_the_pack_counts_what_the_rules_count_also_as_of_an_earlier_version(dialect: DialectName) -> None:
    uncounted = Uncounted(frozenset(("session/created-first",)), {}, "0.1.0", strict=False)
    theirs = rulebook(dialect, own_contract(dialect), uncounted=uncounted)
    ours = REALTIME_PACK.judge(dialect, uncounted)
    for _, row in rows(SMALL[0]):
        assert ours.judge(row.trace) == theirs.judge(row.trace)


def test_what_is_required_and_what_a_verdict_rests_on_is_that_of_the_realtime_channel() -> None:
    assert REALTIME_PACK.registry().digest == registry().digest
    for version in ("", "0.1.0"):
        levels = {e.id: (e.level, e.newer) for e in judged_by(version)}
        assert {e.id: (e.level, e.newer) for e in REALTIME_PACK.judged_by(version)} == levels
    offers = {"audio-output": False}
    assert REALTIME_PACK.core_of("openai", offers, ("response.create",)) == core(
        "openai", offers, ("response.create",)
    )
    assert set(REALTIME_PACK.dialects) == set(dialects())
    assert {s.id for s in REALTIME_PACK.conversations} == {s.id for s in catalogue()}
    assert REALTIME_PACK.scenarios == ()
    assert REALTIME_PACK.path_in("inworld") == dialect_of("inworld").path


def test_no_requirement_is_of_two_channels_and_each_says_its_own() -> None:
    assert list(channels()) == ["realtime", *PACKS]
    ids = [each.id for pack in channels().values() for each in pack.registry()]
    assert len(ids) == len(set(ids))
    assert [name for name, pack in channels().items() if pack.unnamed] == ["realtime"]


def test_events_are_told_apart_by_their_type_and_keys_are_no_type() -> None:
    event = {"type": "response.created", "response": {}}
    message = REALTIME_PACK.read(Entry(3, 1.0, "server", "text", event))
    assert message is not None
    assert (message.name, message.side, message.seq) == ("response.created", "server", 3)
    assert REALTIME_PACK.speaks(Entry(3, 1.0, "server", "text", event))
    assert not any(REALTIME_PACK.speaks(each) for each in conversation(create()))
    refused = {"type": "error", "error": {"code": "x"}}
    error = REALTIME_PACK.read(Entry(4, 1.0, "server", "text", refused))
    assert error is not None
    assert error.status == {"code": "x"}
