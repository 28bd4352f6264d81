"""The abacus of the reference server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocol.json_values import Json
from reference.channels.session import Outlet


class AbacusService:
    """Adds numbers. With the policy `off_by`, it is wrong by so much."""

    types: tuple[str, ...] = ("add", "quit")

    def __init__(self, outlet: Outlet, policy: Mapping[str, Any], seed: int) -> None:
        del seed  # there is nothing random in it
        self._outlet, self._off_by = outlet, int(policy.get("off_by", 0))

    def take(self, message: Json) -> None:
        """Answer one message."""
        if message["type"] == "quit":
            self._outlet.close()
            return
        total = sum(message["body"]["numbers"]) + self._off_by
        self._outlet.send("sum", {"total": total}, message.get("contextId"))

    def stop(self) -> None:
        """Nothing is still to come."""
