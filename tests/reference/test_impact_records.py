"""What was measured of clients is read as it stands, and said in one sentence for each difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reference.impact_records import (
    ImpactCell,
    ImpactRecord,
    impact_records,
    impact_sentence,
    read_impact_record,
)

FILE = {
    "client": "somebody",
    "version": "1.0",
    "date": "2026-12-01",
    "seconds": 4,
    "cells": {
        "unaffected": ["ping"],
        "differs": {"uuids": ["text: no text", "text: no audio"], "other-model": []},
    },
}


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "somebody.json"
    file.write_text(json.dumps(FILE), encoding="utf-8")
    record = read_impact_record(file)
    assert (record.client, record.version, record.date, record.seconds) == (
        "somebody",
        "1.0",
        "2026-12-01",
        4,
    )
    assert record.cells == {
        "ping": ImpactCell("unaffected"),
        "uuids": ImpactCell("differs", ("text: no text", "text: no audio")),
        "other-model": ImpactCell("differs"),
    }
    assert impact_records(tmp_path) == [record]


def record(name: str, cell: ImpactCell | None, date: str = "2026-12-01") -> ImpactRecord:
    return ImpactRecord(name, "1.0", date, 4, {} if cell is None else {"fault": cell})


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"a": None}, ""),
        ({"a": ImpactCell("not exercised"), "b": ImpactCell("unsteady")}, ""),
        ({"a": ImpactCell("unaffected"), "b": ImpactCell("unaffected")}, "all 2 unaffected"),
        (
            {"a": ImpactCell("no result"), "b": ImpactCell("unaffected")},
            "a 1.0: no result within 4 s; 1 other unaffected",
        ),
        (
            {"a": ImpactCell("differs", ("text: no text", "text: no audio")), "b": None},
            "a 1.0: text: no text, text: no audio",
        ),
        ({"a": ImpactCell("error", ("whatever it said",))}, "a 1.0: tells of an error"),
        ({"a": ImpactCell("error", ("speech: no end",))}, "a 1.0: tells of an error, speech: no end"),
        ({"a": ImpactCell("warning", ("whatever",))}, "a 1.0: drops an event, or warns"),
    ],
)
def test_a_sentence_names_who_suffers_and_counts_the_others(
    cells: dict[str, ImpactCell | None], sentence: str
) -> None:
    said = impact_sentence("fault", [record(name, cell) for name, cell in cells.items()])
    assert said == (f"{sentence} (measured until 2026-12-01)" if sentence else "")


@pytest.mark.parametrize(
    ("cell", "stopped"),
    [
        (ImpactCell("no result"), True),
        (ImpactCell("error", ("speech: no end",)), True),
        (ImpactCell("error", ("Something happened.",)), False),
        (ImpactCell("differs", ("text: no text",)), False),
        (ImpactCell("unaffected"), False),
    ],
)
def test_a_client_is_stopped_by_what_has_no_end(cell: ImpactCell, *, stopped: bool) -> None:
    assert cell.stops is stopped
