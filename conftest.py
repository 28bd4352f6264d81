"""Pytest wiring only: options, the target, the scheduling of scenarios, one item per requirement.

`pytest` in a checkout runs the same scenarios and the same rules as `realtime-conformance run`. Once
collection is done, all scenarios that are needed run on one event loop in a thread beside pytest; each
scenario item waits for its own, and the requirement items come last, when every trace is there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

_HERE = Path(__file__).resolve().parent
if str(_HERE) not in sys.path:
    sys.path.insert(0, str(_HERE))

if TYPE_CHECKING:
    from realtime_conformance.pytest_plugin.items import Conformance

_KEY: pytest.StashKey[Conformance] = pytest.StashKey()

_WAITS = {
    "connect-timeout": "for the handshake (default: 10)",
    "answer-timeout": "for an answer (default: 5)",
    "response-timeout": "for a response (default: 60)",
    "silence": "of silence that end a wait (default: 15)",
}


def _dialect(name: str) -> str:
    """Return the name of a dialect; which there are is asked only now."""
    from protocol.catalogue import dialect_of  # noqa: PLC0415 - it may read a folder of the user's
    from protocol.errors import DocumentError  # noqa: PLC0415

    try:
        return dialect_of(name).name
    except DocumentError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance", "Realtime conformance")
    group.addoption(
        "--endpoint", metavar="URL", help="server to judge; default: the embedded reference server"
    )
    group.addoption("--target", metavar="NAME", help="a target of conformance.yaml")
    group.addoption("--start", metavar="COMMAND", help="start the server with this command, and stop it")
    group.addoption(
        "--ready",
        metavar="URL|REGEX",
        help="it is ready when URL answers, or its output matches (default: the endpoint's port is open)",
    )
    group.addoption("--ready-timeout", type=float, metavar="S", help="seconds until then (default: 60)")
    group.addoption("--targets-file", metavar="FILE", type=Path, help="another conformance.yaml")
    group.addoption(
        "--dialect",
        type=_dialect,
        metavar="NAME",
        help="whose rules apply: inworld, openai, or one that you added",
    )
    group.addoption(
        "--auth", choices=["basic", "bearer", "subprotocol", "none"], help="how the key is presented"
    )
    group.addoption("--auth-env", metavar="NAME", help="environment variable that holds the key")
    group.addoption(
        "--header", action="append", default=[], metavar="NAME:VALUE", help="send this header along"
    )
    group.addoption(
        "--query", action="append", default=[], metavar="NAME=VALUE", help="add this to the URL's query"
    )
    group.addoption("--ca", metavar="FILE", type=Path, help="PEM file of further authorities, as --ca=FILE")
    group.addoption("--insecure", action="store_true", help="accept any certificate")
    for name, what in _WAITS.items():
        group.addoption(f"--{name}", type=float, metavar="S", help=f"seconds {what}")
    group.addoption("--concurrency", type=int, metavar="N", help="sessions at once (default 8)")
    group.addoption("--feature", action="append", default=[], metavar="NAME", help="the target offers this")
    group.addoption(
        "--no-feature", action="append", default=[], metavar="NAME", help="it does not offer this"
    )
    group.addoption(
        "--asyncapi", metavar="FILE", help="use this AsyncAPI document instead of ours, as --asyncapi=FILE"
    )
    group.addoption("--channel", metavar="ADDRESS", help="which channel of that document")
    group.addoption(
        "--depth",
        choices=["quick", "standard", "thorough"],
        default="standard",
        help="how much generated scenarios try (default: standard)",
    )
    group.addoption("--seed", type=int, default=0, help="seed of everything random")
    group.addoption("--max-examples", type=int, metavar="N", help="examples of each random scenario")
    group.addoption(
        "--budget",
        metavar="KIND=N,…",
        help="spend no more than this: sessions=30,responses=40,audio_s=60,tokens=5000",
    )
    group.addoption(
        "--repeat",
        type=int,
        default=1,
        metavar="N",
        help="play everything N times, to tell what always fails from what is flaky (default: 1)",
    )
    group.addoption(
        "--baseline", metavar="FILE", type=Path, help="list of known failures, as --baseline=FILE"
    )
    group.addoption("--strict-conformance", action="store_true", help="warnings count as failures")
    group.addoption(
        "--report",
        metavar="DIR",
        type=Path,
        default=Path("conformance-report"),
        help="folder for the report, as --report=DIR (default: conformance-report)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "scenario: drives the server under test")
    config.addinivalue_line("markers", "requirement: holds the verdict on one requirement")
    for level in ("must", "should", "may"):
        config.addinivalue_line("markers", f"{level}: requirements of that level")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Collect the requirement registry along with the suites."""
    config = session.config
    suites, registry = _HERE / "suites", _HERE / "rules" / "registry"
    places = [(config.invocation_params.dir / str(a).split("::", 1)[0]).resolve() for a in config.args]
    if not any(
        p.is_relative_to(each) or each.is_relative_to(p) for p in places for each in (suites, registry)
    ):
        return  # `pytest tests` is about the project's own tests
    from realtime_conformance.pytest_plugin.items import Conformance  # noqa: PLC0415 - loads all rooms

    narrow = any(p.is_relative_to(suites) and p != suites for p in places)
    config.stash[_KEY] = Conformance.from_config(config, session, narrow=narrow)
    if not any(p.is_relative_to(registry) or registry.is_relative_to(p) for p in places):
        config.args.append(str(registry))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    conformance = parent.config.stash.get(_KEY, None)
    if conformance is None or file_path.suffix != ".yaml" or file_path.parent.name != "registry":
        return None
    return conformance.registry_file(file_path, parent)


def pytest_pycollect_makeitem(collector: pytest.Module, name: str, obj: object) -> Any:
    if collector.config.stash.get(_KEY, None) is None or collector.path.parent != _HERE / "suites":
        return None
    from realtime_conformance.pytest_plugin.items import ScenarioItem  # noqa: PLC0415
    from suites.scenario import Scenario  # noqa: PLC0415

    if isinstance(obj, Scenario) and obj.module == collector.module.__name__.rsplit(".", 1)[-1]:
        return ScenarioItem.from_parent(collector, name=name, scenario=obj)
    return []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the requirements last, so that they see every trace."""
    conformance = config.stash.get(_KEY, None)
    if conformance is not None:
        conformance.arrange(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    conformance = session.config.stash.get(_KEY, None)
    if conformance is None or session.config.option.collectonly or session.testsfailed:
        return (yield)
    cost = conformance.begin(session.items)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"{cost}\n")
    try:
        return (yield)
    finally:
        conformance.end()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    conformance = session.config.stash.get(_KEY, None)
    if conformance is not None:
        session.exitstatus = conformance.finish(exitstatus)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    conformance = config.stash.get(_KEY, None)
    if conformance is not None and conformance.told:
        terminalreporter.section("conformance")
        for line in conformance.closing_lines():
            terminalreporter.write_line(line)
