"""The desk for ``response.*``: which responses there are, and who may begin or stop one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from protocol.json_values import Json
from reference.errors import Code, RefusedError, in_message
from reference.response_settings import settings_for
from reference.usage import rate_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reference.mcp import McpListings
    from reference.response_settings import ResponseSettings
    from reference.response_stream import ResponseStream
    from reference.state import SessionState

_LOG = logging.getLogger(__name__)


class Responses:
    """At most one response writes to the default conversation; out-of-band ones run beside it (RS-08, OO-03).

    Two callbacks tell of the default conversation: ``began``, a response began; ``rested``, it ended
    and its sound goes on for so many milliseconds.
    """

    def __init__(self, state: SessionState, mcp: McpListings) -> None:
        self._state = state
        self._mcp = mcp
        self._active: dict[str, ResponseStream] = {}
        self._default: ResponseStream | None = None
        self._owed = False
        self.began: Callable[[], None] = lambda: None
        self.rested: Callable[[int], None] = lambda _milliseconds: None

    def create(self, event: Json) -> None:
        """Answer ``response.create`` (RS-01, RS-08)."""
        patch = event.get("response", {})
        settings = settings_for(self._state, patch)
        if settings.joins_conversation and self._default is not None:
            raise RefusedError(
                Code.CONVERSATION_ALREADY_HAS_ACTIVE_RESPONSE,
                f"Conversation already has an active response in progress: {self._default.id}. "
                "Wait until the response is finished before creating a new one.",
            )
        self._mcp.attempt(patch.get("tools", []))
        self._begin(settings)

    def cancel(self, event: Json) -> None:
        """Answer ``response.cancel`` (CB-01, CB-02); without an id it means the default conversation's."""
        response_id = event.get("response_id")
        response = self._default if response_id is None else self._active.get(response_id)
        if response is None:
            which = (
                "no active response found"
                if response_id is None
                else f"'{in_message(response_id)}' is not active"
            )
            raise RefusedError(Code.RESPONSE_CANCEL_NOT_ACTIVE, f"Cancellation failed: {which}.")
        response.cancel("client_cancelled")

    def interrupt(self) -> None:
        """Stop the default conversation's response because the user speaks (CB-07, CB-09)."""
        if self._default is not None:
            self._default.cancel("turn_detected")

    def answer(self) -> None:
        """Begin a response of the server's own accord, after a turn (IA-13); not while one runs (IA-16)."""
        if self._default is None:
            self._begin(settings_for(self._state, {}))

    def tool_result(self) -> None:
        """Go on after the output of a function, where the session wants that and no call is left open."""
        if not self._state.configuration.answers_tool_results or self._state.conversation.open_calls:
            return
        if self._default is None:
            self._begin(settings_for(self._state, {}))
        else:
            self._owed = True

    def _begin(self, settings: ResponseSettings) -> None:
        response = self._state.behaviour.stream(self._state, settings, self._ended)
        self._active[response.id] = response
        if settings.joins_conversation:
            self._default = response
            self.began()
        response.open()
        self._state.host.stream(self._steps(response))

    def _steps(self, response: ResponseStream) -> Iterator[None]:
        """Run a response until it ends or is ended; a fault of ours fails it (RS-41)."""
        steps = response.steps()
        while not response.finished:
            try:
                next(steps)
            except StopIteration:
                return
            except Exception:  # noqa: BLE001 (whatever it was, the response gets its end)
                _LOG.exception("a response failed")
                if not response.finished:
                    response.fail()
                return
            yield

    def _ended(self, response: ResponseStream) -> None:
        del self._active[response.id]
        if self._state.dialect.sends_rate_limits and response.usage is not None:
            limits = rate_limits(response.usage["total_tokens"])
            self._state.outbox.send("rate_limits.updated", rate_limits=limits)
        if response is not self._default:
            return
        self._default = None
        self.rested(response.audio_ms)
        owed, self._owed = self._owed, False
        if owed and response.completed:
            self.tool_result()
