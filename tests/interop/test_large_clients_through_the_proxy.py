"""The large ones of other people's clients hold through the proxy what they hold without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.proxied_clients import assert_as_expected
from tests.interop.realtime_clients import CLIENTS


@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if client.large])
def test_a_large_client_holds_its_conversation_through_the_proxy(name: str, tmp_path: Path) -> None:
    assert_as_expected(name, tmp_path)
