"""The "mind" of the server: what it answers. No randomness but the seed.

The contract, so that a test can ask for what it needs:

* ``tool_choice`` ``"required"`` or a named function: a call. ``"auto"``: a call if the last user
  message has the word *weather*, *tool* or *call* or names a tool, unless the last item is the output
  of a function. ``"none"``, or no function to call: words.
* Which function: those named in the message, one call each, in the order of ``tools``; else one whose
  name shares a word with the message; else the first.
* Words, the first that fits: the message says *list*: everything the user said, in order.
  *instructions*: the instructions in force. The message or the instructions say *one word*: one word.
  *long*, *count* or *story*: sixty words. Anything else: a short sentence.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from zlib import crc32

from reference.examples import example_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reference.conversation import ConversationItem

LONG_ANSWER_WORDS = 60

_CALL_WORDS = re.compile(r"\b(weather|tools?|call)\b", re.IGNORECASE)
_LONG_WORDS = re.compile(r"\b(long|longer|count|counts|counting|story|stories)\b", re.IGNORECASE)
_LIST_WORD = re.compile(r"\blist\b", re.IGNORECASE)
_INSTRUCTIONS_WORD = re.compile(r"\binstructions?\b", re.IGNORECASE)
_ONE_WORD = re.compile(r"\b(one|single)[- ]word\b", re.IGNORECASE)
_SHORT_ANSWERS = (
    "That is good to hear.",
    "Happy to help with that.",
    "Here is a short answer.",
    "Understood, thank you for telling me.",
    "Of course, let us go on.",
)
_LONG_ANSWER = "Here we go: " + ", ".join(str(n) for n in range(1, LONG_ANSWER_WORDS - 2)) + "."


@dataclass(frozen=True, slots=True)
class AnswerMessage:
    """The model says something."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """The model calls a function; ``arguments`` is JSON text."""

    name: str
    arguments: str


Output = AnswerMessage | Call


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that one response is made from."""

    instructions: str
    items: Sequence[ConversationItem]
    tools: Sequence[dict[str, Any]]
    tool_choice: str | dict[str, Any]


class Model(Protocol):
    """What a session needs of a model."""

    def answer(self, prompt: Prompt) -> Sequence[Output]:
        """Return the output of one response, at least one entry, in order (RS-36)."""
        ...

    def pieces(self, text: str) -> Sequence[str]:
        """Return a text cut into the deltas it is streamed in; each counts as one token."""
        ...


class ScriptedModel:
    """A model that follows the contract above."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def answer(self, prompt: Prompt) -> Sequence[Output]:
        """Return calls where the contract asks for them, otherwise one message (FC-10)."""
        calls = _calls(prompt)
        return calls or (AnswerMessage(self._words(prompt)),)

    def pieces(self, text: str) -> Sequence[str]:
        """Return one piece for each word, with the space before it."""
        return re.findall(r"\s*\S+(?:\s+\Z)?|\s+\Z", text)

    def _words(self, prompt: Prompt) -> str:
        asked = _last_user_text(prompt)
        brief = _ONE_WORD.search(asked) or _ONE_WORD.search(prompt.instructions)
        last = prompt.items[-1] if prompt.items else None
        # The first that fits; the order is the contract's.
        for fits, words in (
            (_LIST_WORD.search(asked), f"You said: {'; '.join(_user_texts(prompt))}."),
            (_INSTRUCTIONS_WORD.search(asked), f"My instructions are: {prompt.instructions}"),
            (brief, "Certainly."),
            (_LONG_WORDS.search(asked), _LONG_ANSWER),
            (last and last.type == "function_call_output", f"The function says: {last and last.output}"),
            (asked.startswith("audio of "), f"I heard {asked}."),
        ):
            if fits:
                return words
        return _SHORT_ANSWERS[crc32(f"{self._seed}/{asked}".encode()) % len(_SHORT_ANSWERS)]


def _calls(prompt: Prompt) -> tuple[Call, ...]:
    functions = [tool for tool in prompt.tools if tool["type"] == "function"]
    if not functions or prompt.tool_choice == "none":
        return ()
    asked = _last_user_text(prompt)
    if isinstance(prompt.tool_choice, dict):
        wanted = [tool for tool in functions if tool["name"] == prompt.tool_choice.get("name")]
        return tuple(_call(tool) for tool in wanted)
    named = [tool for tool in functions if _names(asked, tool["name"])]
    if prompt.tool_choice == "auto":
        answered = bool(prompt.items) and prompt.items[-1].type == "function_call_output"
        if answered or not (named or _CALL_WORDS.search(asked)):
            return ()
    return tuple(_call(tool) for tool in named or [_likeliest(functions, asked)])


def _call(tool: dict[str, Any]) -> Call:
    arguments = example_of(tool.get("parameters") or {"type": "object"})
    return Call(tool["name"], json.dumps(arguments if isinstance(arguments, dict) else {}))


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def _likeliest(functions: Sequence[dict[str, Any]], text: str) -> dict[str, Any]:
    words = set(re.findall(r"[a-z]{3,}", text.lower()))
    return next(
        (tool for tool in functions if words & set(re.findall(r"[a-z]{3,}", tool["name"].lower()))),
        functions[0],
    )


def _user_texts(prompt: Prompt) -> list[str]:
    return [item.heard for item in prompt.items if item.role == "user"]


def _last_user_text(prompt: Prompt) -> str:
    texts = _user_texts(prompt)
    return texts[-1] if texts else ""
