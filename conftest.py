"""Pytest wiring only: options, the target, the scheduling of scenarios, one item per requirement.

`pytest` in a checkout runs the same scenarios and the same rules as `realtime-conformance run`. Once
collection is done, all scenarios that are needed run on one event loop in a thread beside pytest; each
scenario item waits for its own, and the requirement items come last, when every trace is there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

_HERE = Path(__file__).resolve().parent
if str(_HERE) not in sys.path:
    sys.path.insert(0, str(_HERE))

if TYPE_CHECKING:
    from realtime_conformance.pytest_plugin.conformance import Conformance

_KEY: pytest.StashKey[Conformance] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    from realtime_conformance.pytest_plugin.options import add_options  # noqa: PLC0415 - finds the rooms first

    add_options(parser)


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
    from realtime_conformance.pytest_plugin.conformance import Conformance  # noqa: PLC0415 - loads all rooms

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
