"""Addresses of this machine for tests: no port is written down anywhere, each is found at run time."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

NOWHERE = "ws://nowhere.invalid/v1/realtime"
"""An endpoint of which it is only asked what is wrong before anybody would connect."""


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def refused() -> Iterator[str]:
    """Yield `ws://host:port` where connections are refused: the port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{taken.getsockname()[1]}"
