"""What the judge counts in the good conversations is what it is known to count."""

from __future__ import annotations

from tests.rules.counting import counted, known


def test_the_judge_counts_what_it_did() -> None:
    found, before = counted(), known()
    changed = {
        id_: {"counted": found.get(id_), "known": before.get(id_)}
        for id_ in sorted(found.keys() | before.keys())
        if found.get(id_) != before.get(id_)
    }
    assert not changed, "read what changed; where it is meant, run `python -m tests.rules.counting`"
