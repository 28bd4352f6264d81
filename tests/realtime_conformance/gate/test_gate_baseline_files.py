"""conformance-baseline.yaml: what is wrong is named with its place; rewriting keeps what people wrote."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from protocol.errors import DocumentError
from protocol.yaml_core import parse_yaml
from realtime_conformance.application.baseline_editing import Updated, updated
from realtime_conformance.application.baseline_files import baseline_of, read_baseline
from reports.baseline import Baseline, Expected, SeenRequirement, hold
from rules.verdicts import Verdict
from tests.reports.formats.sample import HOSTILE

TODAY = dt.date(2026, 11, 23)
A, B, C = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "123456789012"

_WRITTEN = """\
# Known failures of our server. Ask the voice team.
version: 2
coverage: ignore

entries:
  # The usage comes with the next release.
  - requirement: response/usage/present   # see the roadmap
    dialect: openai
    verdict: fail
    fingerprint: aaaaaaaaaaaa
    reason: "Usage: not yet"
    link: https://tracker.example/17
    added: 2026-01-02
    expires: 2027-01-02

  # Holds since last week.
  # Nobody has cleaned up.
  - {requirement: items/delete/acknowledged, verdict: fail, reason: slow}
  - requirement: "payload/**"
    verdict: flaky
    fingerprint: [bbbbbbbbbbbb, "123456789012"]
    reason: >-
      It is a race.

      Nobody knows.
    expires: 2026-12-31
# The end.
"""


def _seen(id_: str, verdict: str, *prints: str, runs: int = 1, failures: int = 1) -> SeenRequirement:
    broken = verdict in ("fail", "warn")
    return SeenRequirement(
        id_, Verdict(verdict), dict.fromkeys(prints, f"{id_} is wrong"), runs, failures if broken else 0
    )


def test_an_entry_is_read_with_all_it_has() -> None:
    baseline = baseline_of(_WRITTEN, "b.yaml")
    first, second, third = baseline.entries
    assert (first.requirement, first.dialect, first.verdict) == (
        "response/usage/present",
        "openai",
        Expected.FAIL,
    )
    assert (first.reason, first.link) == ("Usage: not yet", "https://tracker.example/17")
    assert (first.added, first.expires) == (dt.date(2026, 1, 2), dt.date(2027, 1, 2))
    assert (first.fingerprints, first.line) == (frozenset([A]), 7)
    assert (second.dialect, second.fingerprints, second.expires, second.line) == ("", frozenset(), None, 18)
    assert (third.fingerprints, third.reason) == (frozenset([B, C]), "It is a race.\nNobody knows.")
    assert not baseline.coverage


_ONE = "version: 2\nentries:\n- {requirement: a, verdict: fail, reason: x, "  # and what is wrong


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", "/", "is null"),
        ("[1", "line 2, column 1", "is not YAML"),
        ("entries: []", "line 1: /version", "is missing"),
        ("version: 3\nentries: []", "line 1: /version", "is 3; 1 or 2 is expected"),
        ("version: 2\nentries: 5", "line 2: /entries", "is expected"),
        ("version: 2\nextra: 5\nentries: []", "", "no unknown field"),
        (
            "version: 2\nentries:\n- verdict: fail\n  reason: x",
            "line 3: /entries/0/requirement",
            "is missing",
        ),
        (
            _ONE.replace("fail", "wrong") + "}",
            "line 3: /entries/0/verdict",
            'one of "fail", "warn", "not-obs',
        ),
        (_ONE.replace(": a,", ": a b,") + "}", "line 3: /entries/0/requirement", "pattern as `response/**`,"),
        (_ONE + "fingerprint: xyz}", "line 3: /entries/0/fingerprint", "12 hexadecimal digits"),
        (_ONE + "fingerprint: 123456789012}", "line 3: /entries/0/fingerprint", "in quotes where it has no"),
        (_ONE + "expires: soon}", "line 3: /entries/0/expires", "a day, as 2026-12-31, is expected"),
        (_ONE + "expires: 2026-02-30}", "line 3: /entries/0/expires", "no such day"),
        (_ONE.replace("fail", "flaky") + "}", "line 3: /entries/0/expires", "is missing"),
        ("version: 2\nversion: 2\nentries: []", "line 2", "stands twice"),
        ("{" * 5000, "", "is not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, place: str, said: str) -> None:
    with pytest.raises(DocumentError) as caught:
        baseline_of(text, "b.yaml")
    assert str(caught.value).startswith("b.yaml: ")
    assert caught.value.pointer.startswith(place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="create it with `realtime-conformance baseline update`"):
        read_baseline(tmp_path / "conformance-baseline.yaml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DocumentError, match="is not UTF-8"):
        read_baseline(tmp_path / "b.yaml")


def test_every_field_of_the_schema_is_described_and_read() -> None:
    path = Path(__file__).resolve().parents[3] / "schemas" / "baseline.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    entry = schema["$defs"]["entry"]["properties"]
    assert set(entry) == {
        "requirement",
        "dialect",
        "verdict",
        "reason",
        "link",
        "added",
        "expires",
        "fingerprint",
    }
    described = {**schema["properties"], **entry}
    assert [name for name, each in described.items() if not each.get("description")] == []


# --- rewriting ---------------------------------------------------------------------------------------------


def _updated(
    text: str | None, *seen: SeenRequirement, whole: bool = True, days: int | None = None
) -> Updated:
    baseline = baseline_of(text, "b.yaml") if text is not None else Baseline(file="b.yaml")
    made = updated(text, baseline, seen, "openai", today=TODAY, whole=whole, days=days)
    # Whatever is written can be read, and describes the run but for the reasons.
    held = hold(seen, baseline_of(made.text, "b.yaml"), "openai", today=TODAY, whole=whole)
    assert {str(e.state) for e in held.red} <= {"unexplained", "expired", "unsteady"}
    violated = [s.id for s in seen if s.verdict is Verdict.FAIL]
    assert all(held.expectations[id_] == "expected" for id_ in violated)
    return made


_KNOWN = (
    _seen("response/usage/present", "fail", A),
    _seen("items/delete/acknowledged", "fail", B),
    _seen("payload/response.done", "fail", C, runs=3),
)


def test_what_describes_the_run_is_not_touched() -> None:
    made = _updated(_WRITTEN, *_KNOWN)
    assert (made.text, made.added, made.removed) == (_WRITTEN, (), ())


def test_a_stale_entry_goes_with_its_comment_and_nothing_else() -> None:
    made = _updated(_WRITTEN, _KNOWN[0], _seen("items/delete/acknowledged", "pass"), _KNOWN[2])
    gone = """\
  # Holds since last week.
  # Nobody has cleaned up.
  - {requirement: items/delete/acknowledged, verdict: fail, reason: slow}
"""
    assert made.text == _WRITTEN.replace(gone, "")
    assert made.removed == ("items/delete/acknowledged",)


def test_a_new_failure_comes_last_without_a_reason() -> None:
    made = _updated(_WRITTEN, *_KNOWN, _seen("session/created/first", "fail", "cccccccccccc"))
    new = """\
  # session/created/first is wrong
  - requirement: session/created/first
    dialect: openai
    verdict: fail
    reason: "CHANGE ME"
    fingerprint: "cccccccccccc"
    added: 2026-11-23
"""
    assert made.text == _WRITTEN.replace("# The end.\n", new + "# The end.\n")
    assert made.added == ("session/created/first",)
    assert not baseline_of(made.text, "b.yaml").entries[-1].explained


def test_another_failure_of_a_known_requirement_keeps_the_old_reason_in_sight() -> None:
    made = _updated(_WRITTEN, _seen("response/usage/present", "fail", B), *_KNOWN[1:])
    assert "# before: Usage: not yet\n" in made.text
    assert "The usage comes with the next release" not in made.text
    assert (made.added, made.removed) == (("response/usage/present",), ("response/usage/present",))


def test_a_further_failure_of_a_known_requirement_gets_its_own_entry() -> None:
    made = _updated(_WRITTEN, _seen("response/usage/present", "fail", A, B), *_KNOWN[1:])
    assert made.text.startswith(_WRITTEN.removesuffix("# The end.\n"))
    assert baseline_of(made.text, "b.yaml").entries[-1].fingerprints == {B}


def test_a_flaky_failure_expires() -> None:
    made = _updated(None, _seen("a/b", "fail", A, B, runs=3, failures=1))
    entry = baseline_of(made.text, "b.yaml").entries[0]
    assert (entry.verdict, entry.fingerprints) == (Expected.FLAKY, frozenset([A, B]))
    assert entry.expires == TODAY + dt.timedelta(90)
    assert _updated(None, _seen("a/b", "fail", A), days=7).text.endswith("expires: 2026-11-30\n")


def test_part_of_a_run_removes_nothing() -> None:
    seen = [_seen("response/usage/present", "pass"), *(_seen(s.id, "not-observed") for s in _KNOWN[1:])]
    assert _updated(_WRITTEN, *seen, whole=False).removed == ()
    assert len(_updated(_WRITTEN, *seen).removed) == 3


_WAYS = {
    "no file": None,
    "empty": "version: 2\nentries: []\n",
    "empty with a comment": "version: 2\nentries:   # none yet\n",
    "null": "version: 2\nentries: null\ncoverage: require\n",
    "dashes at the margin": "version: 2\nentries:\n- requirement: a/b\n  verdict: fail\n  reason: x",
    "indented": """\
version: 2
entries:
    -   requirement: a/b
        verdict: fail
        reason: x
coverage: require
""",
    "block of text": """\
version: 2
entries:
  - requirement: c/d
    verdict: fail
    reason: |
      one
      # no comment
""",
    "windows": "version: 2\r\nentries:\r\n  - requirement: a/b\r\n    verdict: fail\r\n    reason: x\r\n",
    "document marker": "---\nversion: 2\nentries:\n- requirement: c/d\n  verdict: fail\n  reason: x\n\n# end",
}


@pytest.mark.parametrize("text", list(_WAYS.values()), ids=list(_WAYS))
def test_every_way_to_write_the_list_can_grow(text: str | None) -> None:
    made = _updated(text, _seen("a/b", "fail", A), _seen("e/f", "fail", B))
    assert {"a/b", "e/f"} <= {e.requirement for e in baseline_of(made.text, "b.yaml").entries}
    assert parse_yaml(made.text).get("coverage") == (parse_yaml(text).get("coverage") if text else None)
    again = updated(
        made.text,
        baseline_of(made.text, "b.yaml"),
        [_seen("a/b", "pass"), _seen("e/f", "pass")],
        "openai",
        today=TODAY,
        whole=True,
    )
    assert baseline_of(again.text, "b.yaml").entries == ()


@pytest.mark.parametrize(
    "text",
    ["{version: 2, entries: []}", "version: 2\nentries: [{requirement: a, verdict: fail, reason: x}]"],
)
def test_a_list_in_brackets_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(DocumentError, match="begin each entry on a line, with a dash"):
        _updated(text, _seen("e/f", "fail", B))


def test_what_a_server_says_cannot_leave_its_comment() -> None:
    seen = SeenRequirement(
        "a/b", Verdict.FAIL, {A: HOSTILE + "\n- requirement: '**'\n  verdict: fail\n  reason: mine"}, 1, 1
    )
    made = updated(None, Baseline(file="b.yaml"), [seen], "openai", today=TODAY, whole=True)
    assert [e.requirement for e in baseline_of(made.text, "b.yaml").entries] == ["a/b"]
    assert made.text.encode().decode().isprintable() is False  # only because of its line ends
    assert all(line.isprintable() for line in made.text.split("\n"))
