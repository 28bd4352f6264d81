"""Comparing session configurations: what an update set, and what the server shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from protocol.dialect import Switches
from protocol.json_values import MISSING, value_at
from rules.formats import ALIASES

FieldPath = tuple[str, ...]

WHOLE_VALUES = frozenset(
    ("tools", "tool_choice", "truncation", "tracing", "prompt", "include", "output_modalities", "metadata")
)
"""Fields that are replaced and compared as a whole, not merged member by member."""

_SHOWN_BY_FACT = frozenset(
    (
        "model",
        "instructions",
        "output_modalities",
        "temperature",
        "max_output_tokens",
        "audio",
        "tools",
        "tool_choice",
    )
)
"""Fields whose echo Inworld's own documents promise; what of the rest is shown is not known (inworld 2)."""

_DOCUMENTED = _SHOWN_BY_FACT | frozenset(
    (
        "id",
        "object",
        "type",
        "expires_at",
        "truncation",
        "tracing",
        "prompt",
        "include",
        "reasoning",
        "parallel_tool_calls",
    )
)
"""Fields of a session that the contract of GA has; what a server adds is its own affair (EV-09)."""

_SHOWN_OF_AUDIO = frozenset(
    (
        "format",
        "format.type",
        "transcription",
        "transcription.model",
        "transcription.language",
        "transcription.prompt",
        "noise_reduction",
        "noise_reduction.type",
        "turn_detection",
        "turn_detection.type",
        "turn_detection.eagerness",
        "turn_detection.threshold",
        "turn_detection.create_response",
        "turn_detection.interrupt_response",
        "model",
        "voice",
        "speed",
    )
)
"""Members of `audio.input` and `audio.output` that are firm; others may be ignored as unknown (inworld 2)."""

_NAMED_BY = {"mcp": ("type", "server_label")}
"""The members that tell a tool; the rest of an MCP server is secrets, and settings without a shown form."""

SERVER_SIDE = frozenset(("id", "object", "expires_at", "client_secret"))
"""Fields that an update cannot set, and the server may change by itself."""


def fields_of(switches: Switches) -> frozenset[str]:
    """Return the fields at the top of a session that a server has to show and keep."""
    return _DOCUMENTED if switches.shows_all_settings else _SHOWN_BY_FACT


def certain(switches: Switches, path: FieldPath) -> bool:
    """Tell whether a field that was set has to be shown."""
    if switches.shows_all_settings or path[0] != "audio":
        return True
    return ".".join(path[2:]) in _SHOWN_OF_AUDIO or len(path) <= len(("audio", "input"))


def fields_set(value: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    """Yield path and value of each field that `value` sets."""
    for name, member in value.items() if isinstance(value, dict) else ():
        here = (*path, name)
        if isinstance(member, dict) and member and name not in WHOLE_VALUES:
            yield from fields_set(member, here)
        else:
            yield here, member


def at(value: Any, path: FieldPath) -> tuple[bool, Any]:
    """Return whether `value` has a field at `path`, and the field's value."""
    found = value_at(value, path, MISSING)
    return (False, None) if found is MISSING else (True, found)


def shows(sent: Any, shown: Any) -> bool:
    """Tell whether a server may show `shown` for the value `sent`: the same, or completed with defaults."""
    if isinstance(sent, str) and sent in ALIASES and isinstance(shown, dict):
        return bool(shown.get("type") == ALIASES[sent]["type"])
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, int | float) and isinstance(shown, int | float):
        return abs(sent - shown) < 1e-6
    if isinstance(sent, dict) and isinstance(shown, dict):
        named = _NAMED_BY.get(str(sent.get("type")))
        if named is not None:
            return all(sent.get(n) == shown.get(n) for n in named)
        return all(n in shown and shows(v, shown[n]) for n, v in sent.items())
    if isinstance(sent, list) and isinstance(shown, list):
        return len(sent) == len(shown) and all(shows(each, shown[n]) for n, each in enumerate(sent))
    return bool(sent == shown)


def unshown(session: dict[str, Any], shown: dict[str, Any], *, known: Collection[str]) -> list[FieldPath]:
    """Return the paths that `session`, the patch of an update, sets and `shown` does not show.

    Only those below the `known` top-level fields.
    """
    found: list[FieldPath] = []
    for path, value in fields_set(session):
        if path[0] in SERVER_SIDE or path[0] not in known:
            continue
        if path == ("instructions",) and value == "":
            continue  # shows as the server's own instructions
        present, effective = at(shown, path)
        # Where nothing is shown for a null, the feature is off all the same.
        if not (shows(_essence(path, value), effective) if present else value is None):
            found.append(path)
    return found


def _essence(path: FieldPath, value: Any) -> Any:
    """Return what is certain to be shown of a value; of the variables of a prompt the form is not known."""
    return {"id": value.get("id")} if path == ("prompt",) and isinstance(value, dict) else value


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[FieldPath]:
    """Return the paths of the fields of `before` that are different, or gone, in `after`."""
    found: list[FieldPath] = []
    for path, value in fields_set(before):
        if path[0] in SERVER_SIDE:
            continue
        present, now = at(after, path)
        if not present and value is None:
            continue  # off, shown or not
        if not present or not shows(value, now):
            found.append(path)
    return found


def untouched(paths: list[FieldPath], patch: dict[str, Any]) -> list[FieldPath]:
    """Return those of `paths` that `patch` neither sets nor contains nor is part of."""
    touched = [p for p, _ in fields_set(patch)]
    return [p for p in paths if not any(p[: len(t)] == t or t[: len(p)] == p for t in touched)]
