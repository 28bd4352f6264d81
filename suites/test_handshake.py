"""The opening handshake: who is let in, and how the others are turned away."""

from __future__ import annotations

import contextlib

from suites.scenario import scenario
from suites.stage import Stage
from wire.failures import Refused, Unreachable


async def _try(stage: Stage, attempt: str) -> None:
    """Open a session that may be refused; say nothing on it."""
    try:
        async with stage.attempt(attempt) as talk:
            await talk.opened()
    except Refused:
        pass  # the trace holds the answer


@scenario("handshake/opens", own_sessions=True)
async def ordinary(stage: Stage) -> None:
    """A session is opened as documented."""
    await _try(stage, "ordinary")


@scenario("handshake/any-session-key", where="labels_sessions", own_sessions=True)
async def unusual_session_key(stage: Stage) -> None:
    """The session key is a text that no client library would choose."""
    await _try(stage, "unusual-key")


@scenario(
    "handshake/wrong-credential-refused",
    "handshake/refused-as-http",
    features=("authentication",),
    own_sessions=True,
)
async def wrong_credential(stage: Stage) -> None:
    """A credential that is not known."""
    await _try(stage, "wrong-credential")


@scenario(
    "handshake/wrong-credential-refused",
    "handshake/refused-as-http",
    features=("authentication",),
    own_sessions=True,
)
async def no_credential(stage: Stage) -> None:
    """No credential at all."""
    await _try(stage, "no-credential")


@scenario("handshake/missing-query", where="labels_sessions", own_sessions=True)
async def without_session_key(stage: Stage) -> None:
    """The query has an empty session key."""
    await _try(stage, "without-key")


@scenario("handshake/missing-query", where="labels_sessions", own_sessions=True)
async def without_protocol(stage: Stage) -> None:
    """The query names another protocol."""
    await _try(stage, "without-protocol")


@scenario("handshake/missing-query", where="not labels_sessions", own_sessions=True)
async def without_model(stage: Stage) -> None:
    """The query has an empty model."""
    await _try(stage, "without-model")


@scenario("handshake/refused-as-http", own_sessions=True)
async def another_path(stage: Stage) -> None:
    """A path at which no session can be had; where one can, it is left alone."""
    with contextlib.suppress(Refused):
        async with stage.attempt("another-path"):
            pass


@scenario(
    "handshake/subprotocol-echoed",
    where="not selects_realtime",
    features=("subprotocol-auth",),
    own_sessions=True,
)
async def credential_as_subprotocol(stage: Stage) -> None:
    """The credential travels as a subprotocol, as in a browser."""
    await _try(stage, "subprotocol")


@scenario(
    "handshake/subprotocol-selected",
    where="selects_realtime",
    features=("subprotocol-auth",),
    own_sessions=True,
)
async def key_among_subprotocols(stage: Stage) -> None:
    """The key travels as a subprotocol beside `realtime`, as in a browser."""
    with contextlib.suppress(Unreachable):  # as where another subprotocol is selected, which the trace holds
        await _try(stage, "subprotocol")


@scenario("handshake/beta-header", "errors/announced-before-close", where="refuses_beta", own_sessions=True)
async def beta_header(stage: Stage) -> None:
    """The header of the retired beta is sent along."""
    try:
        async with stage.attempt("beta-header") as talk:
            first = await talk.session.wait_for(("session.created", "error"), after=0)
            if first.type == "error":
                await talk.session.wait_closed()
    except Refused:
        pass
