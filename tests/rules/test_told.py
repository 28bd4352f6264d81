"""Each fault is told. That it is told as before is asked with all generated files, in the kill matrix."""

from __future__ import annotations

from tests.rules.telling import known


def test_no_fault_is_passed_over_in_silence() -> None:
    assert not [name for name, said in known().items() if len(said) < 2]
