"""Each fault is told as it is known to be told: whoever changes the words reads them all again."""

from __future__ import annotations

from tests.rules.telling import known, told


def test_each_fault_is_told_as_before() -> None:
    found, before = told(), known()
    changed = {
        name: {"told": found.get(name), "known": before.get(name)}
        for name in sorted(found.keys() | before.keys())
        if found.get(name) != before.get(name)
    }
    assert not changed, "read what changed; where it is meant, run `python -m tests.rules.telling`"


def test_no_fault_is_passed_over_in_silence() -> None:
    assert not [name for name, said in known().items() if len(said) < 2]
