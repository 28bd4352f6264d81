"""Other people's clients, as they are, hold a conversation with the reference server, and say how it went.

They are too large for every run: `tox -e clients` has them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.realtime_clients import CLIENTS
from tests.interop.satisfied_clients import assert_satisfied, concluded


@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if client.large])
def test_a_large_client_is_satisfied(name: str, tmp_path: Path) -> None:
    assert_satisfied(concluded(name, tmp_path))
