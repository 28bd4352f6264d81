"""The pages in a real browser: nothing runs over, axe finds nothing, filters work, nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.combined import CombinedReport
from reports.combined_page import combined_page
from reports.compare import diff, rows, side_of
from reports.compare_page import matrix
from reports.results_json import as_dict
from reports.writing import write
from tests.reports.html.browser import browse
from tests.reports.html.html_samples import report_on

_BROKEN = "session/updated/same-id"
_VIEWS = (
    "",
    "view=requirements",
    "view=operations",
    "view=events",
    "view=scenarios",
    "view=times",
    "view=states",
    "reading",
)
_WIDTHS = (360, 1280, 1920)
_SCHEMES = ("light", "dark")
_DARK = ("", "view=operations", _BROKEN)  # with these, every colour is seen in the dark, too


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Open every view of every page; return what the browser saw."""
    folder: Path = tmp_path_factory.mktemp("pages")
    sides, reports = [], {}
    for name, hostile in (("good", False), ("bad", True)):
        report = reports[name] = report_on(folder / name, hostile=hostile)
        write(report, folder / name)
        sides.append(side_of(as_dict(report), name, f"{name}/report.html"))
    areas = folder / "areas.html"
    named = [sides[0], replace(sides[1], label="a/name/without/end" * 20)]
    areas.write_text(matrix(named, rows(named)), encoding="utf-8")
    channels = folder / "channels.html"
    combined = CombinedReport(reports, {"good": "a channel", "bad": "another", "left": "a third"}, ("left",))
    channels.write_text(combined_page(combined), encoding="utf-8")
    page = folder / "matrix.html"
    page.write_text(matrix(sides, rows(sides), diff(*sides)), encoding="utf-8")
    good, bad = (str(folder / name / "report.html") for name in ("good", "bad"))
    return browse(
        looks=[
            {"page": bad, "states": [*_VIEWS, _BROKEN], "widths": _WIDTHS, "schemes": ["light"]},
            {"page": bad, "states": _DARK, "widths": [], "schemes": ["dark"]},
            {"page": good, "states": [""], "widths": _WIDTHS, "schemes": []},
            {"page": str(page), "states": ["", "differs=1"], "widths": _WIDTHS, "schemes": []},
            {"page": str(page), "states": ["differs=1"], "widths": [], "schemes": _SCHEMES},
            {"page": str(areas), "states": ["differs=1"], "widths": _WIDTHS, "schemes": _SCHEMES},
            {"page": str(channels), "states": [""], "widths": _WIDTHS, "schemes": _SCHEMES},
        ],
        steps={"report": bad, "requirement": _BROKEN, "matrix": str(page), "areas": str(areas)},
    )


def test_nothing_asks_the_network_breaks_the_policy_or_runs(seen: Mapping[str, Any]) -> None:
    assert seen["troubles"] == []


@pytest.mark.parametrize("width", _WIDTHS)
def test_nothing_is_wider_than_the_window(seen: Mapping[str, Any], width: int) -> None:
    looks = [look for look in seen["looks"] if look.get("width") == width]
    assert len(looks) == len(_VIEWS) + 6  # the requirement, the other page, the matrix three times, channels
    wide = [look for look in looks if look["overflow"]["page"] > 0 or look["overflow"]["out"]]
    assert wide == []


@pytest.mark.parametrize("scheme", _SCHEMES)
def test_axe_finds_nothing(seen: Mapping[str, Any], scheme: str) -> None:
    looks = [look for look in seen["looks"] if look.get("colorScheme") == scheme]
    assert len(looks) == (len(_VIEWS) + 4 if scheme == "light" else len(_DARK) + 3)
    assert all(look["rules"] for look in looks), "axe did not look"
    assert [(look["state"], look["violations"]) for look in looks if look["violations"]] == []


def test_a_count_leads_to_its_requirements(seen: Mapping[str, Any]) -> None:
    steps = seen["steps"]
    assert steps["first"] == "verdict"
    assert steps["counted"]["view"] == "requirements"
    assert steps["counted"]["verdicts"] == ["fail"]
    assert _BROKEN in steps["counted"]["ids"]


def test_the_verdict_of_another_dialect_leads_to_what_it_says(seen: Mapping[str, Any]) -> None:
    assert seen["steps"]["layered"] == ["inworld"]


def test_a_search_stands_in_the_hash_and_outlives_a_reload(seen: Mapping[str, Any]) -> None:
    searched, reloaded = seen["steps"]["searched"], seen["steps"]["reloaded"]
    assert _BROKEN in searched["ids"]
    assert len(searched["ids"]) < len(seen["steps"]["counted"]["ids"])
    assert "verdict=fail" in searched["hash"]
    assert "q=same-id%20session" in searched["hash"]
    assert searched["said"].startswith(f"{len(searched['ids'])} of ")
    assert reloaded == {"ids": searched["ids"], "q": "same-id session", "hash": searched["hash"]}


def test_filters_combine_and_are_cleared(seen: Mapping[str, Any]) -> None:
    steps = seen["steps"]
    assert steps["cleared"]["hash"] == "#view=requirements"
    assert steps["cleared"]["number"] > 200
    assert steps["selected"]["fits"]
    assert 0 < steps["selected"]["number"] < steps["cleared"]["number"]
    assert steps["selected"]["hash"] == "#view=requirements&level=SHOULD&area=response&dialect=openai"
    assert steps["none"] == {"number": 0, "said": True}


def test_a_link_to_a_requirement_opens_its_evidence(seen: Mapping[str, Any]) -> None:
    place = seen["steps"]["place"]
    assert place["open"]
    assert place["focused"] == _BROKEN
    assert place["visible"]
    assert place["bad"] == ["session.updated"]
    assert place["because"] == ["session.created"]
    assert place["hit"].startswith('"id": ')
    assert "onerror=alert(1)" in place["hit"]
    assert place["why"].startswith("✗ expected: ")
    assert place["arrows"] >= 5
    assert place["folds"] >= 1
    assert place["times"] >= 5


def test_payloads_unfold_by_keyboard(seen: Mapping[str, Any]) -> None:
    assert seen["steps"]["unfolded"] == 1


def test_colours_can_be_chosen(seen: Mapping[str, Any]) -> None:
    theme = seen["steps"]["theme"]
    assert theme["label"] == "Colours: dark"
    assert theme["before"] != theme["after"]


def test_without_scripts_everything_is_shown(seen: Mapping[str, Any]) -> None:
    bare = seen["steps"]["bare"]
    assert bare["message"]
    assert not bare["controls"]


def test_on_paper_the_verdict_and_what_failed_with_its_evidence_is_shown(seen: Mapping[str, Any]) -> None:
    printed = seen["steps"]["printed"]
    assert printed["sections"] == 2
    assert set(printed["requirements"]) == {"fail"}
    assert printed["drawn"] == printed["texts"] == len(printed["requirements"]) >= 5
    assert not printed["controls"]


def test_the_matrix_is_filtered_and_sorted_and_leads_to_the_evidence(seen: Mapping[str, Any]) -> None:
    found = seen["steps"]["matrix"]
    assert found["only"]
    assert 0 < found["differing"] < found["all"]
    assert found["sorted"] == sorted(found["sorted"])
    assert found["hash"] == "#sort=1&differs=1"
    assert found["reloaded"] == found["sorted"]
    assert found["landed"]


def test_the_matrix_is_ordered_by_area_and_by_what_differs(seen: Mapping[str, Any]) -> None:
    found = seen["steps"]["matrix"]
    assert found["byArea"] == sorted(found["byArea"])
    assert len(set(found["byArea"])) > 5
    assert "order=area" in found["orderHash"]
    assert found["differsFirst"] == sorted(found["differsFirst"], reverse=True)
    assert True in found["differsFirst"]
    assert found["best"] > 0


def test_the_table_of_areas_is_sorted_by_a_report(seen: Mapping[str, Any]) -> None:
    found = seen["steps"]["areas"]
    assert found["rising"] == sorted(found["rising"])
    assert found["falling"] == sorted(found["rising"], reverse=True)
    assert len(set(found["rising"])) > 1


def test_the_names_of_the_reports_stay_in_sight(seen: Mapping[str, Any]) -> None:
    found = seen["steps"]["matrix"]
    assert found["head"] == 0
    assert found["stacked"], "on a phone, verdicts stand below their requirement"
    assert found["labelled"] == '"good"'


def test_an_area_leads_to_its_requirements(seen: Mapping[str, Any]) -> None:
    found = seen["steps"]["areas"]
    assert found["only"]
    assert found["top"] == 20, "below a margin"


def test_a_comparison_on_paper_has_rows_and_no_controls(seen: Mapping[str, Any]) -> None:
    paper = seen["steps"]["paper"]
    assert not paper["controls"]
    assert paper["rows"] > 200
