"""What a target may offer. Requirements and scenarios name the features that must be there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ASSUMED: dict[str, str] = {
    "responses": "the client can ask for responses",
    "audio-output": "responses can be spoken",
    "audio-input": "audio can be appended to the input buffer",
    "manual-commit": "with turn detection off, the client commits the input buffer",
    "server-vad": "turn detection by silence",
    "semantic-vad": "turn detection by meaning",
    "transcription": "what the user says is transcribed",
    "function-calls": "functions can be called",
    "out-of-band": "responses that write to no conversation, or have input of their own",
    "truncation": "spoken items can be truncated",
    "retrieve": "items can be retrieved",
    "provider-data": "session.providerData is understood",
}
"""Features tried unless the target says that it has them not, with their meaning."""

ON_REQUEST: dict[str, str] = {
    "authentication": "a right credential is required",
    "subprotocol-auth": "the credential may be offered as a subprotocol",
    "idle-timeout": "idle_timeout_ms of server_vad",
    "mcp": "tools of MCP servers",
    "backchannel": "back-channel audio",
    "memory": "long-term memory",
    "transcription-session": "sessions that only transcribe",
    "output-audio-buffer": "output_audio_buffer events on the WebSocket",
    "sip": "telephone calls",
}
"""Features tried only where the target says that it has them, with their meaning."""

ALL = {**ASSUMED, **ON_REQUEST}


def offered(declared: Mapping[str, bool]) -> dict[str, bool]:
    """Return for every feature whether it is taken to be offered, given what the target declares.

    Raises `ValueError` for a feature that does not exist.
    """
    unknown = sorted(set(declared) - set(ALL))
    if unknown:
        raise ValueError(f"unknown feature {unknown[0]!r}; known are {', '.join(sorted(ALL))}")
    return {name: declared.get(name, name in ASSUMED) for name in ALL}


def missing(needed: Iterable[str], offers: Mapping[str, bool]) -> list[str]:
    """Return those of `needed` that are not offered."""
    return [name for name in needed if not offers.get(name, True)]


def lies(declared: Mapping[str, bool], probed: Mapping[str, bool]) -> list[str]:
    """Return a sentence for each feature that was declared otherwise than it was found."""
    said = []
    for feature, answer in sorted(probed.items()):
        if declared.get(feature, answer) is not answer:
            said.append(
                f"{feature} is declared as {'offered' if not answer else 'not offered'}, and was "
                f"{'not ' if not answer else ''}found"
            )
    return said


def absent_features(declared: Mapping[str, bool], seen: Mapping[str, str]) -> dict[str, str]:
    """Return the features that are known not to be there, each with how that is known."""
    said = {name: seen.get(name, "declared so") for name, there in declared.items() if not there}
    return said | {name: what for name, what in seen.items() if name not in declared}


def decided(
    declared: Mapping[str, bool], probed: Mapping[str, bool], assumed: Mapping[str, bool]
) -> dict[str, bool]:
    """Return what is taken to be offered: what is declared, else what was found, else what is assumed."""
    return {name: declared.get(name, probed.get(name, default)) for name, default in assumed.items()}
