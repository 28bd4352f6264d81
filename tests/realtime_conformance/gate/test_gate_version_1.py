"""What version 1 wrote is still read: results.json, and baselines, which turn nobody's gate red.

`fixtures/version-1` was made by the suite at commit 6bf4978, the last with fingerprints of sentences, from
the two traces that lie beside it: `judge update.jsonl talk.jsonl --dialect …`, then `baseline update
--warnings` for both dialects, with reasons written by hand. Of results.json only some requirements were kept,
and the counts are those of the whole.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from protocol.errors import DocumentError
from realtime_conformance.application.baseline_editing import updated
from realtime_conformance.application.baseline_files import baseline_of, read_baseline, read_results, seen_in
from reports.baseline import PENDING, Baseline, SeenRequirement, hold
from reports.compare import diff, side_of
from rules.verdicts import Level, Verdict
from tests.realtime_conformance.commandline.harness import Command, command_in

_MADE = Path(__file__).parent / "fixtures" / "version-1"
_TRACES = (_MADE / "update.jsonl", _MADE / "talk.jsonl")
_TODAY = dt.date(2026, 11, 30)
_TWICE, _ID = "response/lifecycle/done-exactly-once", "session/updated/same-id"
_EXPLAINED = "session/updated/full-configuration"  # yields to the latter, and was never told of


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "report"


@pytest.fixture
def command(out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(out.parent)
    return command_in(out, capsys)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(_MADE / "baseline.yaml", tmp_path / "conformance-baseline.yaml"))


# --- the baseline ------------------------------------------------------------------------------------------


def test_the_gate_is_as_green_before_and_after_an_update(command: Command, out: Path, file: Path) -> None:
    gate = ("judge", *_TRACES, "--dialect", "openai", "--out", out, "--baseline", file)
    before = command(*gate)
    assert before.code == 0
    assert before.verdicts("fail") == [_TWICE, _ID]
    assert "was made by an earlier version" in before.out
    assert "`realtime-conformance baseline update`" in before.out

    old = read_baseline(file)
    said = command("baseline", "update", out).out
    assert said.endswith("1 added, 0 removed, 2 with new fingerprints\n"), "and nobody has to write a reason"
    new = read_baseline(file)
    assert (old.version, new.version) == (1, 2)
    kept = [(e.requirement, e.dialect, e.verdict, e.reason, e.added, e.expires) for e in old.entries]
    assert [
        (e.requirement, e.dialect, e.verdict, e.reason, e.added, e.expires) for e in new.entries[:4]
    ] == kept
    results = {r["id"]: r for r in before.results["requirements"]}
    for entry in new.entries[:2]:
        assert entry.fingerprints == set(results[entry.requirement]["fingerprints"])
    assert all(e.pending for e in new.entries[2:4]), "of the other dialect nothing was seen"

    # What was explained by a finding that is known now has come along: it is told, and known.
    coming = new.entries[4]
    assert (coming.requirement, coming.pending, coming.expires) == (_EXPLAINED, True, new.entries[1].expires)
    assert new.entries[1].reason in coming.reason
    after = command(*gate)
    assert after.code == 0
    assert after.verdicts("fail") == [_TWICE, _EXPLAINED, _ID]
    assert PENDING in after.out

    # A second update settles it; from then on there is nothing to say.
    assert "1 with new fingerprints" in command("baseline", "update", out).out
    settled = command(*gate)
    assert settled.code == 0
    assert "baseline update" not in settled.out
    assert command("baseline", "update", out).out.strip().endswith("0 added, 0 removed")


def test_both_dialects_can_be_updated_one_after_the_other(command: Command, out: Path, file: Path) -> None:
    def gate(dialect: str) -> int:
        return command("judge", *_TRACES, "--dialect", dialect, "--out", out, "--baseline", file).code

    for dialect in ("inworld", "openai", "openai"):
        assert gate(dialect) == 0
        command("baseline", "update", out)
    assert [gate(dialect) for dialect in ("inworld", "openai")] == [0, 0]
    assert not any(e.pending for e in read_baseline(file).entries)


def test_a_failure_of_another_requirement_is_red_all_the_same(
    command: Command, out: Path, file: Path
) -> None:
    entry = file.read_text(encoding="utf-8").index("  # session.updated does not")
    file.write_text(file.read_text(encoding="utf-8")[:entry], encoding="utf-8")
    assert command("judge", *_TRACES, "--dialect", "openai", "--out", out, "--baseline", file).code == 1


_WAYS = {
    "brackets": """\
  - {requirement: a/b, verdict: fail, fingerprint: [aaaaaaaaaaaa, "bbbbbbbbbbbb"], reason: x}
""",
    "dashes": """\
  - requirement: a/b
    verdict: fail
    fingerprint:
    - aaaaaaaaaaaa
    - bbbbbbbbbbbb # two
    reason: x
""",
    "last": """\
  - requirement: a/b
    verdict: fail
    reason: x
    fingerprint:
      - aaaaaaaaaaaa
""",
    "quoted": """\
  - "requirement": a/b
    "fingerprint": "aaaaaaaaaaaa" # one
    verdict: fail
    reason: x
""",
    "windows": """\
  - requirement: a/b
    verdict: fail
    reason: x
    fingerprint: aaaaaaaaaaaa
""".replace("\n", "\r\n"),
}


@pytest.mark.parametrize("entry", list(_WAYS.values()), ids=list(_WAYS))
def test_every_way_to_write_a_fingerprint_can_be_rewritten(entry: str) -> None:
    last = "  # the last\n  - {requirement: c/d, verdict: fail, reason: y}\n"
    text = f"# ours\nversion: 1 # old\nentries:\n{entry}{last}"
    seen = [
        SeenRequirement(id_, Verdict.FAIL, dict.fromkeys(("cccccccccccc", "dddddddddddd"), "said"), 1, 1)
        for id_ in ("a/b", "c/d")
    ]
    made = updated(text, baseline_of(text, "b.yaml"), seen, "openai", today=_TODAY, whole=True)
    assert made.renewed == ("a/b",)
    assert (made.added, made.removed) == ((), ())
    first, second = baseline_of(made.text, "b.yaml").entries
    assert first.fingerprints == {"cccccccccccc", "dddddddddddd"}
    assert first.reason == "x"
    assert (second.fingerprints, second.reason, second.pending) == (frozenset(), "y", False)
    assert made.text.startswith("# ours\nversion: 2 # old\n")
    assert "  # the last\n" in made.text


def test_part_of_a_run_does_not_say_which_violations_are_meant() -> None:
    text = (_MADE / "baseline.yaml").read_text(encoding="utf-8")
    seen = [SeenRequirement(id_, Verdict.FAIL, {"cccccccccccc": "said"}, 1, 1) for id_ in (_TWICE, _ID)]
    made = updated(text, baseline_of(text, "b.yaml"), seen, "openai", today=_TODAY, whole=False)
    assert [e.pending for e in baseline_of(made.text, "b.yaml").entries] == [True] * 4
    assert made.renewed == ()


def test_entries_of_one_requirement_do_not_name_the_same_fingerprint() -> None:
    text = (
        "version: 2\nentries:\n"
        "  - {requirement: a/b, verdict: fail, reason: x, fingerprint: aaaaaaaaaaaa}\n"
        "  - {requirement: a/b, verdict: fail, reason: y, fingerprint: pending}\n"
    )
    seen = [
        SeenRequirement("a/b", Verdict.FAIL, dict.fromkeys(("aaaaaaaaaaaa", "bbbbbbbbbbbb"), "said"), 1, 1)
    ]
    made = updated(text, baseline_of(text, "b.yaml"), seen, "openai", today=_TODAY, whole=True)
    assert [e.fingerprints for e in baseline_of(made.text, "b.yaml").entries] == [
        {"aaaaaaaaaaaa"},
        {"bbbbbbbbbbbb"},
    ]


def test_what_is_explained_leaves_its_entry_alone() -> None:
    """Where the finding that explains it counts, nobody can tell whether it holds."""
    text = "version: 2\nentries:\n  - {requirement: a/b, verdict: fail, reason: x}\n"
    seen = SeenRequirement("a/b", Verdict.PASS, {}, 1, 0, Level.MUST, frozenset(["c/d"]))
    held = hold([seen], baseline_of(text, "b.yaml"), "openai", today=_TODAY)
    assert held.keeps
    assert updated(text, held.baseline, [seen], "openai", today=_TODAY, whole=True).text == text


# --- results.json ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_results_and_baseline_of_version_1_are_held_against_each_other(dialect: str) -> None:
    results = read_results(_MADE / f"results-{dialect}.json")
    assert results["schema_version"] == 1
    text = (_MADE / "baseline.yaml").read_text(encoding="utf-8")
    made = updated(
        text, baseline_of(text, "b.yaml"), seen_in(results), dialect, today=_TODAY, whole=True, version=1
    )
    assert made.text == text


def test_a_baseline_can_be_made_from_results_of_version_1() -> None:
    results = read_results(_MADE / "results-openai.json")
    known = Baseline(file="b.yaml", version=1)
    made = updated(None, known, seen_in(results), "openai", today=_TODAY, whole=True, version=1)
    assert made.added == (_TWICE, _ID)
    assert baseline_of(made.text, "b.yaml").version == 1


def test_results_that_are_older_than_the_baseline_do_not_rewrite_it(command: Command, file: Path) -> None:
    file.write_text("version: 2\nentries:\n", encoding="utf-8")
    ran = command("baseline", "update", _MADE / "results-openai.json")
    assert ran.code == 4
    assert "run or judge again with this version" in ran.err


def test_old_results_can_be_explained_by_a_new_baseline(command: Command, file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("version: 1", "version: 2")
    file.write_text(text, encoding="utf-8")
    said = command("baseline", "explain", _MADE / "results-openai.json").out
    assert "4 entries, 4 in order; 0 violated requirements not covered by the baseline" in said


def test_runs_of_two_versions_are_compared_without_their_fingerprints(command: Command, out: Path) -> None:
    now = command("judge", *_TRACES, "--dialect", "openai", "--out", out).results
    old = read_results(_MADE / "results-openai.json")
    ids = {r["id"] for r in old["requirements"]}
    now["requirements"] = [r for r in now["requirements"] if r["id"] in ids]
    found = diff(side_of(old, "old"), side_of(now, "now"))
    assert found.sentence.startswith("From old to now: nothing changed; ")
    assert diff(side_of(now, "now"), side_of(now, "again")).sentence.startswith(
        "From now to again: nothing changed; "
    )
    ran = command("compare", _MADE / "results-openai.json", out, "--out", out / "compare.html")
    assert ran.code in (0, 1)
    assert "violated in another way" not in ran.out


def test_results_of_a_version_to_come_are_refused(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"schema_version": 3}', encoding="utf-8")
    with pytest.raises(DocumentError, match="is of version 3, not 2"):
        read_results(tmp_path)
