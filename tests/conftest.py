"""What all of the project's own tests share: those marked `long` run only where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.addresses import refused

LONG = "long"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{LONG}: a proof of minutes; run by `tox -e kill`, or with -m {LONG}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `long`, unless -m says something of it."""
    if LONG in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker(LONG) is not None]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def refusing() -> Iterator[str]:
    """`ws://host:port` where connections are refused."""
    with refused() as address:
        yield address
