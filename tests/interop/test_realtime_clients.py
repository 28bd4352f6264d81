"""Other people's clients, as they are, hold a conversation with the reference server, and say how it went.

Those that are large run in `tox -e clients`: `test_large_realtime_clients.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interop.realtime_clients import CLIENTS
from tests.interop.satisfied_clients import assert_satisfied, concluded


@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if not client.large])
def test_a_client_is_satisfied(name: str, tmp_path: Path) -> None:
    assert_satisfied(concluded(name, tmp_path))
