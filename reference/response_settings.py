"""What one response is made with: the session's configuration, overridden by ``response.create``."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocol.json_values import Json
from reference.errors import in_message, wrong
from reference.items import item_from
from reference.model import Prompt
from reference.profiles import DEFAULT_INSTRUCTIONS
from reference.speech import AudioFormat

if TYPE_CHECKING:
    from reference.conversation import ConversationItem
    from reference.state import SessionState


@dataclass(frozen=True, slots=True)
class ResponseSettings:
    """Fixed when the response is created; later updates of the session do not touch it (SE-15)."""

    prompt: Prompt
    output_modalities: list[str]
    max_output_tokens: int | str
    audio_format: Json
    voice: str | Json
    speed: float
    metadata: Json | None
    joins_conversation: bool
    """False for an out-of-band response (OO-01)."""

    @property
    def speaks(self) -> bool:
        """Whether messages are spoken; where a dialect allows text and audio at once, speech has both."""
        return "audio" in self.output_modalities

    @property
    def output_format(self) -> AudioFormat:
        return AudioFormat.of(self.audio_format)

    @property
    def voice_name(self) -> str:
        return self.voice if isinstance(self.voice, str) else str(self.voice["id"])


def settings_for(state: SessionState, patch: Json) -> ResponseSettings:
    """Return the settings of a response; ``patch`` is what ``response.create`` overrides (3.5).

    Raise ``RefusedError`` for a reference to an item that is not there (OO-06).
    """
    session: Json = state.configuration.echo()
    chosen: Json = {**session, **patch}
    output = {**session["audio"]["output"], **patch.get("audio", {}).get("output", {})}
    prompt = Prompt(
        instructions=chosen["instructions"] or DEFAULT_INSTRUCTIONS,
        items=_context(state, patch["input"]) if "input" in patch else state.conversation.items,
        tools=chosen["tools"],
        tool_choice=chosen["tool_choice"],
    )
    return ResponseSettings(
        prompt=prompt,
        output_modalities=chosen["output_modalities"],
        max_output_tokens=chosen["max_output_tokens"],
        audio_format=output["format"],
        # Inworld has a flat `voice` here (section 3 of its sheet); the nested one is GA's.
        voice=patch.get("voice", output["voice"]),
        speed=output["speed"],
        metadata=copy.deepcopy(patch.get("metadata")),
        joins_conversation=patch.get("conversation", "auto") != "none",
    )


def _context(state: SessionState, entries: list[Json]) -> tuple[ConversationItem, ...]:
    """Return the items that stand in for the conversation (OO-05)."""
    items = []
    for index, entry in enumerate(entries):
        if entry["type"] != "item_reference":
            items.append(item_from(entry, state.identifiers, state.configuration.input_format))
            continue
        known = state.conversation.find(entry["id"])
        if known is None:
            raise wrong(
                f"response.input[{index}].id",
                f"There is no item '{in_message(entry['id'])}' in the conversation.",
            )
        items.append(known)
    return tuple(items)
