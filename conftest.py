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
    from realtime_conformance.pytest_plugin.items_run import ItemsRun

_KEY: pytest.StashKey[ItemsRun] = pytest.StashKey()


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
    suites, registry, packs = _HERE / "suites", _HERE / "rules" / "registry", _HERE / "packs"
    places = [(config.invocation_params.dir / str(a).split("::", 1)[0]).resolve() for a in config.args]

    def about(*folders: Path) -> bool:
        return any(p.is_relative_to(each) or each.is_relative_to(p) for p in places for each in folders)

    if not about(suites, registry, packs):
        return  # `pytest tests` is about the project's own tests
    from realtime_conformance.pytest_plugin import chosen_channel  # noqa: PLC0415 - loads all rooms

    name = chosen_channel.chosen_channel(config)
    if name == "realtime":
        if about(suites, registry):
            narrow = any(p.is_relative_to(suites) and p != suites for p in places)
            config.stash[_KEY] = chosen_channel.run_behind(name, session, narrow=narrow)
            config.args += [] if about(registry) else [str(registry)]
        return
    found = chosen_channel.collected_of(
        name, list(map(str, config.args)), config.invocation_params.dir, suites
    )
    if found is not None:
        config.args[:] = found[0]
        config.stash[_KEY] = chosen_channel.run_behind(name, session, narrow=found[1])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    conformance = parent.config.stash.get(_KEY, None)
    if conformance is None:
        return None
    from realtime_conformance.pytest_plugin.items import ConversationFile, RequirementFile  # noqa: PLC0415

    if file_path.suffix == ".yaml" and file_path.parent.name == "registry":
        return RequirementFile.from_parent(parent, path=file_path)
    if file_path == conformance.scenario_file:
        return ConversationFile.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makeitem(collector: pytest.Module, name: str, obj: object) -> Any:
    conformance = collector.config.stash.get(_KEY, None)
    if conformance is not None and collector.path == conformance.scenario_file:
        return []  # they are collected as those of a pack
    if conformance is None or collector.path.parent != _HERE / "suites":
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
