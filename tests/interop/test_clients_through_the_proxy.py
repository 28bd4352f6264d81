"""Other people's clients hold through the proxy what they hold without it, and what they do wrong is known.

Those that are large run in `tox -e clients`: `test_large_clients_through_the_proxy.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.proxied_clients import assert_as_expected, known_clients
from tests.interop.realtime_clients import CLIENTS


def test_each_client_has_an_expectation() -> None:
    assert set(known_clients()) == set(CLIENTS)


@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if not client.large])
def test_a_client_holds_its_conversation_through_the_proxy(name: str, tmp_path: Path) -> None:
    assert_as_expected(name, tmp_path)
