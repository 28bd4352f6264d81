"""Counting tokens: not as a real model does, but so that all sums agree (RS-39)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference.model import Prompt

INPUT_AUDIO_TOKEN_MS = 100
OUTPUT_AUDIO_TOKEN_MS = 50
IMAGE_TOKENS = 85
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class InputTokens:
    """What a response was made from."""

    text: int = 0
    audio: int = 0
    image: int = 0

    @classmethod
    def of(cls, prompt: Prompt) -> InputTokens:
        """Count the instructions, the tools and the items of a prompt."""
        text = _tokens(prompt.instructions) + sum(_tokens(json.dumps(tool)) for tool in prompt.tools)
        audio = image = 0
        for item in prompt.items:
            text += _tokens(item.arguments or "") + _tokens(item.output or "")
            for part in item.content:
                text += _tokens(part.text or "")
                audio += _rounded_up(part.audio_ms, INPUT_AUDIO_TOKEN_MS)
                image += IMAGE_TOKENS if part.type == "input_image" else 0
        return cls(text, audio, image)


def usage(given: InputTokens, text: int, audio_ms: int) -> dict[str, Any]:
    """Return ``response.usage`` for ``text`` tokens and ``audio_ms`` of sound; nothing is cached."""
    audio = _rounded_up(audio_ms, OUTPUT_AUDIO_TOKEN_MS)
    input_tokens, output_tokens = given.text + given.audio + given.image, text + audio
    return {
        "total_tokens": input_tokens + output_tokens,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "input_token_details": {
            "text_tokens": given.text,
            "audio_tokens": given.audio,
            "image_tokens": given.image,
            "cached_tokens": 0,
            "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": text, "audio_tokens": audio},
    }


def rate_limits(total_tokens: int) -> list[dict[str, Any]]:
    """Return the one entry live services send, after so many tokens were used (RL-03)."""
    limit = 15_000_000
    return [
        {
            "name": "tokens",
            "limit": limit,
            "remaining": max(0, limit - total_tokens),
            "reset_seconds": round(total_tokens * 60 / limit, 3),
        }
    ]


def _tokens(text: str) -> int:
    return _rounded_up(len(text), _CHARACTERS_A_TOKEN)


def _rounded_up(amount: int, unit: int) -> int:
    return -(-amount // unit)
