"""Who speaks about a field: one defect is one failing requirement.

Some fields that a schema constrains are also the subject of a requirement of their own. A violation there
is that requirement's finding, and the payload counts as valid otherwise.
"""

from __future__ import annotations

import re

from schemas.explain import Violation

_TRANSCRIBED = r"conversation\.item\.input_audio_transcription\.completed"

OWNERS: tuple[tuple[str, str, str], ...] = (
    (r".*", r"event_id", "envelope/event-id-present"),
    (r"session\.(created|updated)", r"session\.output_modalities(\.\*)?", "session/updated/one-modality"),
    (r"session\.updated", r"session\.id", "session/updated/same-id"),
    (r"response\.content_part\.(added|done)", r"part", "response/part/present"),
    (r"response\.content_part\.(added|done)", r"part\.type", "response/part/type"),
    (r"response\.output_item\.(added|done)", r"item\.status", "response/item/status-values"),
    (r"conversation\.item\.(added|done)", r"item\.status", "response/item/status-values"),
    (r"response\.done", r"response\.output\.\*\.status", "response/item/status-values"),
    (r"response\.(created|done)", r"response\.status_details(\..*)?", "response/done/status-details-shape"),
    (r"response\.done", r"response\.usage(\..*)?", "response/usage/present"),
    (r"response\.created", r"response\.usage(\..*)?", "response/created/empty"),
    (r"response\.function_call_arguments\.done", r"name", "calls/name-in-arguments-done"),
    (_TRANSCRIBED, r"usage|content_index|transcript", "transcription/completed-fields"),
    (r"error", r"error\.(type|message)", "errors/shape"),
    (r"response\.output_item\.done", r"item\.content", "response/item/content-is-the-parts"),
    (r"conversation\.item\.\w+", r"item\.content\.\*\.type", "items/content-fits-role"),
    (r"response\.output_item\.\w+", r"item\.content\.\*\.type", "items/content-fits-role"),
    (r"response\.done", r"response\.output\.\*\.content\.\*\.type", "items/content-fits-role"),
)
"""Event type, path (`*` for an index), and the requirement that owns the field, the first that fits."""

_COMPILED = [(re.compile(types), re.compile(paths), owner) for types, paths, owner in OWNERS]


def owner(type_: str, violation: Violation) -> str:
    """Return the requirement that owns `violation` of an event of `type_`, empty for the payload's own."""
    path = ".".join("*" if isinstance(step, int) else step for step in violation.path)
    for types, paths, requirement in _COMPILED:
        if types.fullmatch(type_) and paths.fullmatch(path):
            return requirement
    return ""
