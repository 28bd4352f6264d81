"""Which channel pytest is about, where its items come from, and the run behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from packs.catalogue import PACKS
from packs.paths import REALTIME
from protocol.errors import DocumentError
from realtime_conformance.application.channel_choice import asked_channels
from realtime_conformance.application.targets import TargetError
from realtime_conformance.pytest_plugin.channel_conformance import ChannelConformance, file_of_scenarios
from realtime_conformance.pytest_plugin.conformance import Conformance
from realtime_conformance.pytest_plugin.items import RUN_BEHIND
from realtime_conformance.pytest_plugin.items_run import ItemsRun
from realtime_conformance.pytest_plugin.options import options_given
from realtime_conformance.supervision.server_process import StartError


def chosen_channel(config: pytest.Config) -> str:
    """Return the name of the channel that the options are about.

    Raises `pytest.UsageError` for several, and for one that there is not.
    """
    try:
        names = asked_channels(options_given(config))
    except (TargetError, DocumentError) as error:
        raise pytest.UsageError(str(error)) from None
    except click.UsageError as error:
        raise pytest.UsageError(error.message) from None
    if len(names) > 1:
        raise pytest.UsageError(
            "pytest is about one channel: name it with --channel; `realtime-conformance run` judges several"
        )
    return names[0]


def run_behind(name: str, session: pytest.Session, *, narrow: bool) -> ItemsRun:
    """Return the run that the options describe. Raises `pytest.UsageError` for what cannot work."""
    config = session.config
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "scenarios already run concurrently in one process: use --concurrency, not -n"
        )
    given = options_given(config)
    made: ItemsRun
    try:
        if name == REALTIME:
            made = Conformance.made(given, enough=config.option.maxfail, narrow=narrow)
        else:
            made = ChannelConformance.made(name, given, narrow=narrow)
    except (TargetError, DocumentError, StartError) as error:
        raise pytest.UsageError(str(error)) from None
    except click.UsageError as error:
        raise pytest.UsageError(error.message) from None
    session.stash[RUN_BEHIND] = made
    return made


def collected_of(
    name: str, arguments: Sequence[str], folder: Path, suites: Path
) -> tuple[list[str], bool] | None:
    """Return what pytest collects of a channel beside realtime, and whether it is only part of its scenarios.

    `arguments` name places, as seen from `folder`. None where these are about something else; raises
    `pytest.UsageError` for single scenarios of `suites`.
    """
    pack = PACKS[name]
    scenarios, registry = file_of_scenarios(pack), pack.folder / "registry"
    places = {each: (folder / each.split("::", 1)[0]).resolve() for each in arguments}
    inside = [each for each, place in places.items() if place.is_relative_to(pack.folder)]
    if inside:
        whole = any(registry.is_relative_to(places[each]) for each in inside)
        narrow = any(places[each] == scenarios for each in inside)
        return [*inside, *([] if whole else [str(registry)])], narrow
    if any(place.is_relative_to(suites) and place != suites for place in places.values()):
        raise pytest.UsageError(f"{suites.name}/ is about realtime; leave it out with --channel {name}")
    if any(suites.is_relative_to(place) for place in places.values()):
        return [str(scenarios), str(registry)], False
    return None
