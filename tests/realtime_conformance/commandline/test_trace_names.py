"""Traces of several files are told apart by no more of their paths than is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_conformance.application.recordings import named


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ([], []),
        (["a/t.jsonl"], ["t"]),
        (["a/t.jsonl", "b/u.jsonl"], ["t", "u"]),
        (["a/t.jsonl", "b/t.jsonl", "b/u.jsonl"], ["a/t.jsonl", "b/t.jsonl", "u"]),
        (["a/t.jsonl", "a/t.har"], ["a/t.jsonl", "a/t.har"]),
        (["a/x/t.jsonl", "b/x/t.jsonl"], ["a/x/t.jsonl", "b/x/t.jsonl"]),
        (["t.jsonl", "x/t.jsonl"], ["t.jsonl", "x/t.jsonl"]),
    ],
)
def test_names(files: list[str], names: list[str]) -> None:
    assert [name for _, name in named([Path(f) for f in files])] == names
