"""Speech synthesis as one client sees it: hands each message to its context (TC-08, TO-09, TO-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocol.json_values import Json
from reference.channels.session import Outlet
from reference.channels.status import GrpcCode, StatusError
from reference.identifiers import draw
from reference.tts.contexts import SpokenContext
from reference.tts.policy import TtsPolicy
from reference.tts.voice_settings import created_settings


class TtsService:
    """Keeps the contexts of one connection."""

    types: tuple[str, ...] = (
        "create",
        "sendText",
        "flushContext",
        "closeContext",
        "cancelContext",
        "updateConfig",
    )

    def __init__(self, outlet: Outlet, policy: Mapping[str, Any], seed: int) -> None:
        self._outlet = outlet
        self._policy = TtsPolicy(**policy)
        self._seed = seed
        self._minted = 0
        self._contexts: dict[str, SpokenContext] = {}

    def take(self, message: Json) -> None:
        """Answer one message. Raise ``StatusError`` for one that is refused."""
        if message["type"] == "create":
            self._create(message)
            return
        if message["type"] == "sendText" and message["body"].get("text") == "" and self._is_lone(message):
            return  # A sign of life (TC-18).
        context = self._context(message)
        if message["type"] == "sendText":
            self._send_text(context, message["body"])
        elif message["type"] == "flushContext":
            self._open(context).flush()
        elif message["type"] == "updateConfig":
            self._open(context).update(message["body"])
        elif message["type"] == "cancelContext":
            context.cancel()
        elif not context.closing:  # Closing twice is no error (TC-20).
            context.close()

    def stop(self) -> None:
        """Forget all contexts."""
        for context in self._contexts.values():
            context.stop()
        self._contexts.clear()

    def _create(self, message: Json) -> None:
        context_id = message.get("contextId") or self._mint()
        if context_id in self._contexts:
            text = f"Context {context_id[:100]} is open already."
            raise StatusError(GrpcCode.ALREADY_EXISTS, text, context_id)
        try:
            self._check_room(context_id)
            settings = created_settings(message["body"], context_id, self._policy)
        except StatusError as refusal:
            # Who waits for the end of this context has to learn that it never began (TS-16).
            self._outlet.refuse(refusal)
            self._outlet.send("contextClosed", {}, context_id)
            return
        self._contexts[context_id] = SpokenContext(
            context_id, settings, self._outlet, self._policy, self._contexts.pop
        )

    def _check_room(self, context_id: str) -> None:
        """Raise ``StatusError`` if there are as many contexts as there may be (TO-09)."""
        most = self._policy.contexts
        if most is not None and len(self._contexts) >= most:
            text = f"The limit of {most} contexts for one connection is reached."
            raise StatusError(GrpcCode.RESOURCE_EXHAUSTED, text, context_id)

    def _send_text(self, context: SpokenContext, body: Json) -> None:
        try:
            text, flush = _text(body, context.id)
            self._open(context).add(text, flush=flush)
        except StatusError as refusal:
            if not self._policy.closes_on_refusal or refusal.code is GrpcCode.NOT_FOUND:
                raise
            self._outlet.refuse(refusal)
            context.stop()
            context.close()

    def _context(self, message: Json) -> SpokenContext:
        """Return the context that a message is about. Raise ``StatusError`` (TC-08, TC-19, TO-10)."""
        context_id = message.get("contextId")
        if not context_id:
            if self._is_lone(message):
                return next(iter(self._contexts.values()))
            text = "A context id is required." if self._contexts else "There is no open context."
            raise StatusError(GrpcCode.INVALID_ARGUMENT, text, alone=True)
        context = self._contexts.get(context_id)
        if context is None:
            raise StatusError(GrpcCode.NOT_FOUND, f"Context {context_id[:100]} was not found.", context_id)
        return context

    def _is_lone(self, message: Json) -> bool:
        """Tell whether a message without an id is about the only context that there is (TC-08)."""
        one = len(self._contexts) == 1 and not self._policy.lone_context_needs_id
        return one and not message.get("contextId")

    def _open(self, context: SpokenContext) -> SpokenContext:
        """Return a context that takes more. Raise ``StatusError`` for one that is closing (TO-10)."""
        if context.closing:
            text = f"Context {context.id[:100]} was not found: it is closed."
            raise StatusError(GrpcCode.NOT_FOUND, text, context.id)
        return context

    def _mint(self) -> str:
        self._minted += 1
        return f"ctx_{draw(f'{self._seed}/context/{self._minted}', 12)}"


def _text(body: Json, context_id: str) -> tuple[str, bool]:
    """Return the text of a `send_text`, and whether it asks for a flush. Raise ``StatusError`` (TC-03)."""
    text, flush = body.get("text"), body.get("flushContext")
    for name, value, kind in (("text", text, str), ("flushContext", {} if flush is None else flush, dict)):
        if not isinstance(value, kind):
            raise StatusError(GrpcCode.INVALID_ARGUMENT, f"{name} has an invalid value.", context_id)
    return str(text), flush is not None
