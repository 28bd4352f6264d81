"""The embedded reference server as a target: what is judged where nobody names an endpoint."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from protocol.catalogue import DEFAULT, dialect_of
from protocol.dialect import DialectName
from realtime_conformance.application.prices import Prices
from realtime_conformance.application.targets import UNKNOWN_MODEL, Choice
from suites.features import offered
from wire.budget import Budget
from wire.endpoint import Auth, Endpoint
from wire.redaction import Redactor

if TYPE_CHECKING:
    from reference.server import ReferenceServer

NOT_YOURS = "your server was not judged, but the suite's own reference server; --endpoint URL names yours"
"""What has to be said of a run in which nobody named a server."""

_CREDENTIAL = "Y29uZm9ybWFuY2U6c3VpdGU="
_NAME = "reference"


@dataclass(frozen=True, slots=True)
class Embedded:
    """The reference server, before it is started: its address is not known yet.

    All that is asked of a target beforehand is asked of it as of a `Choice`.
    """

    dialect: DialectName = DEFAULT
    budget: Budget = field(default_factory=Budget)

    embedded: ClassVar[bool] = True
    name: ClassVar[str] = _NAME
    shown: ClassVar[str] = "the embedded reference server"
    url: ClassVar[str] = ""
    redactor: ClassVar[Redactor] = Redactor()
    prices: ClassVar[Prices] = Prices()
    ground: ClassVar[str] = ""

    @property
    def offers(self) -> dict[str, bool]:
        """For every feature, whether it is taken to be offered."""
        return offered(_OFFERS)

    @contextlib.asynccontextmanager
    async def opened(self, seed: int) -> AsyncIterator[Choice]:
        """Have it there: start it with `seed`, yield where it is, and stop it."""
        from reference.server import ReferenceServer, ServerOptions  # noqa: PLC0415 - only where it is judged

        options = ServerOptions(seed=seed, credentials=frozenset((_CREDENTIAL,)))
        async with ReferenceServer(options) as server:
            yield embedded(server, self.dialect)


AnyTarget = Choice | Embedded
"""Whom a run can judge."""


_OFFERS = {"subprotocol-auth": True, "authentication": True}


def embedded(server: ReferenceServer, dialect: DialectName) -> Choice:
    """Return the reference server as a target."""
    scheme = dialect_of(dialect).scheme
    auth = Auth(scheme, _CREDENTIAL if scheme != "none" else "")
    endpoint = Endpoint(server.url(dialect), dialect, auth, name=_NAME)
    # It answers within milliseconds; waiting longer for what does not come would only cost time.
    endpoint = replace(endpoint, timeouts=replace(endpoint.timeouts, answer=4.0, silence=5.0))
    features = {**_OFFERS, "authentication": scheme != "none"}
    names = {"unknown_model": UNKNOWN_MODEL, "second_model": "openai/gpt-4.1-mini"}
    return Choice(endpoint, features, concurrency=8, names=names)
