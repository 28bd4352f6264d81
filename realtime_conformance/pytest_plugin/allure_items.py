"""What Allure shows of a scenario or a requirement: labels, links, and the traces as attachments.

Only used where pytest was given `--alluredir`; nothing here is needed without allure-pytest.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from packs.pack import Provoking
from reports.sources import sources
from rules.requirements import Requirement
from rules.verdicts import Level

_SEVERITIES = {Level.MUST: "critical", Level.SHOULD: "normal", Level.MAY: "minor"}
SEVERAL, NONE = "several operations", "no operation"
_ATTACHED = 5  # traces of one requirement


def wanted(config: pytest.Config) -> bool:
    """Tell whether results for Allure are being written."""
    return bool(getattr(config.option, "allure_report_dir", None))


def operation(module: str, client_events: Iterable[str]) -> str:
    """Return the client event that the scenarios of `module` are about, or their theme."""
    name = module.removeprefix("test_")
    return next((e for e in client_events if e.replace(".", "_") == name), name.replace("_", " "))


def operations(modules: Iterable[str], client_events: Iterable[str]) -> list[str]:
    """Return the client events that the scenarios of `modules` are about, themes only where there is none."""
    events = list(client_events)
    found = sorted({operation(module, events) for module in modules})
    return [each for each in found if each in events] or found


def label_requirement(item: pytest.Item, entry: Requirement, level: Level, about: Iterable[str]) -> None:
    """Label the item of a requirement: area, operations, statement, level, and links to its sources."""
    _label(item, "epic", entry.area)
    operations_ = list(about)
    # One place in the tree each, so that its numbers are those of requirements.
    _label(item, "feature", operations_[0] if len(operations_) == 1 else SEVERAL if operations_ else NONE)
    if len(operations_) > 1:
        for each in operations_:
            _label(item, "tag", each)
    _label(item, "story", entry.statement)
    _label(item, "severity", _SEVERITIES[level])
    item.add_marker(pytest.mark.allure_description(f"{level}: {entry.statement}"))
    for source in sources(entry):
        if source.address:
            name = f"{source.document} {source.section}"
            item.add_marker(pytest.mark.allure_link(source.address, link_type="link", name=name))


def label_scenario(item: pytest.Item, scenario: Provoking, about: str) -> None:
    """Label the item of a scenario."""
    _label(item, "epic", "scenarios")
    _label(item, "feature", about)
    _label(item, "story", scenario.summary)
    _label(item, "severity", "normal")
    item.add_marker(pytest.mark.allure_description(scenario.summary))


def _label(item: pytest.Item, kind: str, value: str) -> None:
    item.add_marker(pytest.mark.allure_label(value, label_type=kind))


def attach(traces: Iterable[Path]) -> None:
    """Attach trace files to the result of the item that is running."""
    import allure  # noqa: PLC0415 - an extra, and here only where its plugin is at work

    for path in list(traces)[:_ATTACHED]:
        if path.is_file():
            allure.attach.file(  # type: ignore[no-untyped-call]
                str(path), name=path.name, attachment_type="text/plain", extension="jsonl"
            )


def tag(name: str) -> None:
    """Tag the result of the item that is running."""
    import allure  # noqa: PLC0415

    allure.dynamic.tag(name)  # type: ignore[no-untyped-call]
