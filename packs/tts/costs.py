"""What a client of speech synthesis pays for."""

from __future__ import annotations

from packs.keyed.messages import KeyedMessage
from wire.budget import Cost


def text_costs(message: KeyedMessage) -> Cost:
    """Return what a message costs: each character of a text, also of one that may not be spoken at all."""
    text = message.body.get("text") if message.name == "sendText" else None
    return Cost(characters=len(text)) if isinstance(text, str) else Cost()
