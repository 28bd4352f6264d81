"""A static site of many reports: what is in it, that every link leads somewhere, and how it looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin
from urllib.request import urlopen

import pytest

from realtime_conformance.cli import run_command_line
from reports.compare import side_of
from reports.exits import Exit
from reports.history import histories
from reports.results_json import as_dict
from reports.site_page import index_page
from reports.writing import write
from tests.reports.html.browser import browse
from tests.reports.html.html_samples import HOSTILE, report_on

_RUNS = (("acme", False), ("acme", True), ("acme", True), ("other", True), ("other", False))
_WIDTHS = (390, 1280, 1920)
_SECRET = "sk-nobody-may-see-this"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    made = {}
    for n, (name, hostile) in enumerate(_RUNS, 1):
        out = folder / f"run-{n}"
        made[hostile] = report_on(out, hostile=hostile)
        target = replace(made[hostile].target, name=name)
        write(replace(made[hostile], target=target, started=f"2026-01-0{n}T12:00:00+00:00"), out)
        (out / "server.log").write_text(_SECRET, encoding="utf-8")
        (out / "traces" / ".env").write_text(_SECRET, encoding="utf-8")
        (out / "audio").mkdir()
        (out / "audio" / "spoken-9-1.wav").write_bytes(b"RIFF")
        (out / "audio" / "notes.txt").write_text(_SECRET, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sites") / "site"
    assert run_command_line(["site", str(reports), "--out", str(out), "--title", "Servers"]) == 0
    return out


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.ids.add(given.get("id") or "")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")


@pytest.fixture(scope="module")
def served(built: Path) -> Iterator[str]:
    """Serve the site below a path of its own, as GitHub Pages does for a project."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built.parent))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/{built.name}/"
        server.shutdown()


def test_every_link_of_the_site_leads_somewhere_in_it(served: str) -> None:
    seen: dict[str, _Page | None] = {}
    wanted = [(served, "")]
    while wanted:
        url, place = wanted.pop()
        if url not in seen:
            with urlopen(url) as answer:
                text = answer.read().decode("utf-8", "replace")
                is_page = answer.headers.get_content_type() == "text/html"
            seen[url] = _Page(text) if is_page else None
            page = seen[url]
            inner = [urldefrag(urljoin(url, link)) for link in page.links] if page is not None else []
            assert all(each.url.startswith(served) for each in inner), "nothing leads out of it"
            wanted += [(each.url, each.fragment) for each in inner]
        page = seen[url]
        if page is not None and place and "=" not in place:
            assert unquote(place) in page.ids, (url, place)
    pages = [url for url, page in seen.items() if page is not None and url.endswith("report.html")]
    assert len(pages) == len(_RUNS)
    assert served + "matrix.html" in seen
    assert served + "history.html" in seen


def test_only_what_the_suite_wrote_is_published(built: Path) -> None:
    files = [path for path in built.rglob("*") if path.is_file()]
    assert not [path for path in files if _SECRET in path.read_text("utf-8", "replace")]
    assert len([path for path in files if path.name == "results.json"]) == len(_RUNS)
    assert len([path for path in files if path.parent.name == "traces"]) == 2 * len(_RUNS)
    assert [path.name for path in files if path.parent.name == "audio"] == ["spoken-9-1.wav"] * len(_RUNS)
    assert (built / ".nojekyll").exists()


def test_the_newest_run_of_each_target_stands_on_the_first_page(built: Path) -> None:
    text = (built / "index.html").read_text(encoding="utf-8")
    page = _Page(text)
    shown = [link for link in page.links if link.startswith("reports/")]
    assert shown == [
        "reports/other-openai-2026-01-05/report.html",
        "reports/acme-openai-2026-01-03/report.html",
    ]
    assert [link for link in page.links if "#history" in link] == [
        "history.html#history-2",
        "history.html#history-1",
    ]
    assert "<h1>Servers</h1>" in text


def test_a_site_is_built_anew_and_nothing_else_is_written_over(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = tmp_path / "some"
    shutil.copytree(reports / "run-1", some / "a")
    shutil.copytree(reports / "run-4", some / "b")
    out = some / "site"  # within what is searched
    given = ["site", str(some), "--out", str(out)]
    assert run_command_line(given) == 0
    assert "2 reports of 2 targets" in capsys.readouterr().out
    shutil.rmtree(some / "b")
    assert run_command_line(given) == 0
    assert "1 report of 1 target" in capsys.readouterr().out
    assert len(list((out / "reports").iterdir())) == 1
    assert not (out / "matrix.html").exists(), "one stands beside nobody"
    assert "matrix.html" not in (out / "history.html").read_text(encoding="utf-8")

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "index.html").write_text("mine", encoding="utf-8")
    assert run_command_line(["site", str(some), "--out", str(mine)]) == 4
    assert (mine / "index.html").read_text(encoding="utf-8") == "mine"
    assert run_command_line(["site", str(some / "a"), "--out", str(some)]) == 4
    assert (some / "a" / "results.json").exists()
    assert run_command_line(["site", str(mine), "--out", str(tmp_path / "new")]) == 4
    assert "no report is there" in capsys.readouterr().err


def test_a_report_that_cannot_be_read_is_left_out_and_named(
    reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = tmp_path / "some"
    shutil.copytree(reports / "run-1", some / "a")
    (some / "b").mkdir()
    (some / "b" / "results.json").write_text("{}", encoding="utf-8")
    assert run_command_line(["site", str(some), "--out", str(tmp_path / "site")]) == 0
    assert "b/results.json" in capsys.readouterr().err
    assert "b/results.json" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("exit_", "mark"),
    [(Exit.CONFORMS, "pass"), (Exit.DOES_NOT_CONFORM, "fail"), (Exit.NOTHING_JUDGED, "inconclusive")],
)
def test_the_mark_is_that_of_the_verdict(tmp_path: Path, exit_: Exit, mark: str) -> None:
    side = replace(side_of(as_dict(report_on(tmp_path)), "a"), exit=exit_)
    assert f'<h2><svg class="icon {mark} "' in index_page(histories([side]), "t")


def test_nothing_steers_the_first_page(tmp_path: Path) -> None:
    side = side_of(as_dict(report_on(tmp_path)), HOSTILE)
    page = index_page(histories([replace(side, target=HOSTILE, sentence=HOSTILE)]), HOSTILE, [HOSTILE])
    assert "img" not in _Page(page).tags
    assert "\u202e" not in page


@pytest.fixture(scope="module")
def seen(built: Path) -> Mapping[str, Any]:
    """Open the pages of the site; return what the browser saw."""
    pages = [str(built / name) for name in ("index.html", "history.html", "matrix.html")]
    looks = [
        {"page": page, "states": [""], "widths": _WIDTHS, "schemes": ["light", "dark"]} for page in pages
    ]
    return browse(looks=looks, steps={"site": pages[0]})


def test_pages_ask_nobody_fit_and_are_accessible(seen: Mapping[str, Any]) -> None:
    assert seen["troubles"] == []
    sized = [look for look in seen["looks"] if look.get("width")]
    assert len(sized) == 3 * len(_WIDTHS)
    assert [look for look in sized if look["overflow"]["page"] > 0 or look["overflow"]["out"]] == []
    audited = [look for look in seen["looks"] if look.get("colorScheme")]
    assert len(audited) == 6
    assert all(look["rules"] for look in audited), "axe did not look"
    assert [(look["page"], look["violations"]) for look in audited if look["violations"]] == []


def test_one_finds_the_way_in_the_browser(seen: Mapping[str, Any]) -> None:
    found = seen["steps"]["site"]
    assert found["names"] == ["other", "acme"]
    assert found["report"].endswith("reports/other-openai-2026-01-05/report.html")
    assert found["place"][0] == "#history-1"
    assert 0 <= found["place"][1] < 900, "in sight"
    assert found["lines"]
    assert all(found["lines"])
    assert found["older"].endswith("report.html")
    assert found["matrix"] == 3
