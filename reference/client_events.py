"""What a client may say: the shapes of the eleven client events, in both dialects.

Written from the facts by hand (sections 1 and 3 of the GA sheet, 2 and 3 of Inworld's), so that the
suite's machine-made schemas have somebody to disagree with. Only the form of one event is checked
here; what depends on the state of the session is the business of the desks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from protocol.dialect import DialectName
from reference.errors import Code, RefusedError, missing_parameter
from reference.frames import is_unicode
from reference.profiles import Profile
from reference.protocol_shapes import Format, Image, NeverAccepted, WithMember
from reference.provider_data import PROVIDER_DATA
from reference.providers import PROFILES
from reference.shapes import (
    Anything,
    Either,
    Encoded,
    Fields,
    Flag,
    FreeKeys,
    Nullable,
    Number,
    OneOf,
    Rows,
    Shape,
    Tagged,
    Text,
    Whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

APPEND_LIMIT = 15 * 1024 * 1024
"""Most characters of Base64 in one ``input_audio_buffer.append``: the documented 15 MiB."""
EVENT_ID_LIMIT = 512
INWORLD_STT_MODELS = (
    "inworld/inworld-stt-1",
    "assemblyai/u3-rt-pro",
    "assemblyai/universal-streaming-multilingual",
    "assemblyai/universal-streaming-english",
    "soniox/stt-rt-v4",
)

NAME = Text(shortest=1)
EVENT_ID = Text(longest=EVENT_ID_LIMIT)
CALL_ID = Text(shortest=1, pattern="[a-zA-Z0-9_-]+")
METADATA = Nullable(FreeKeys(Text(longest=512), most=16, longest_key=64))
MAX_OUTPUT_TOKENS = Either((Whole(1, 4096), OneOf(("inf",))), "an integer or 'inf'")
PROMPT = Fields({"id": NAME}, {"version": Nullable(Text()), "variables": Nullable(Anything())})
REASONING = Fields(optional={"effort": OneOf(("minimal", "low", "medium", "high", "xhigh"))})
TRACING = Nullable(
    Either(
        (
            OneOf(("auto",)),
            Fields(optional={"workflow_name": Text(), "group_id": Text(), "metadata": Anything()}),
        ),
        "'auto', an object or null",
    )
)
TRUNCATION = Either(
    (
        OneOf(("auto", "disabled")),
        Fields(
            {"type": OneOf(("retention_ratio",)), "retention_ratio": Number(0, 1)},
            {"token_limits": Fields(optional={"post_instructions": Whole(0)})},
        ),
    ),
    "'auto', 'disabled' or an object",
)
TOOL_CHOICE = Either(
    (
        OneOf(("auto", "none", "required")),
        Tagged(
            "type",
            {
                "function": Fields({"type": Text(), "name": NAME}),
                "mcp": Fields({"type": Text(), "server_label": NAME}, {"name": Nullable(Text())}),
            },
        ),
    ),
    "a string or an object",
)
INCLUDE = Nullable(Rows(OneOf(("item.input_audio_transcription.logprobs",))))
NOISE_REDUCTION = Nullable(
    Fields({"type": OneOf(("near_field", "far_field"))}, {"strength": Number()})  # FO-01
)
TOOL_FILTER = Fields(optional={"read_only": Flag(), "tool_names": Rows(Text())})  # FO-03
MCP_TOOL = Fields(
    {"type": Text(), "server_label": NAME},
    {
        "server_url": Text(),
        "connector_id": Text(),
        "tunnel_id": Text(),
        "authorization": Text(),
        "server_description": Text(),
        "headers": Nullable(FreeKeys(Text())),
        "allowed_tools": Nullable(Either((Rows(Text()), TOOL_FILTER), "an array or an object")),
        "require_approval": Nullable(
            Either(
                (
                    OneOf(("always", "never")),
                    Fields(optional={"always": TOOL_FILTER, "never": TOOL_FILTER}),
                ),
                "a string or an object",
            )
        ),
        "defer_loading": Flag(),
        "allowed_callers": Nullable(Rows(OneOf(("direct", "programmatic")))),  # FO-02
    },
)


def read_event(event: Mapping[str, Any], dialect: Profile) -> dict[str, Any]:
    """Return a client event in the form the desks work with, or raise ``RefusedError`` (ER-06, ER-07)."""
    if "event_id" in event:
        EVENT_ID.read(event["event_id"], "event_id", strict=True)
    if "type" not in event:
        # The one absence with a code of its own (section 1.1 of the GA sheet).
        refusal = missing_parameter("type")
        raise RefusedError(Code.INVALID_EVENT, refusal.message)
    shapes = client_events(dialect.name)
    name = OneOf(tuple(shapes)).read(event["type"], "type", strict=True)
    read: dict[str, Any] = shapes[name].read(event, "", strict=dialect.strict)
    return read


def event_id_of(event: Mapping[str, Any]) -> str | None:
    """Return the ``event_id`` a refusal has to repeat: what the client gave, if it is a string (ER-02)."""
    event_id = event.get("event_id")
    return event_id if isinstance(event_id, str) and is_unicode(event_id) else None


@lru_cache(maxsize=len(PROFILES))
def client_events(name: DialectName) -> Mapping[str, Shape]:
    """Return the shapes of the client events of a dialect, by ``type``."""
    dialect = PROFILES[name]
    items = _items(dialect)
    reference = {"item_reference": Fields({"type": Text(), "id": NAME})}
    return {
        "session.update": _event({"session": _session(dialect)}),
        "input_audio_buffer.append": _event({"audio": Encoded(longest=APPEND_LIMIT)}),
        "input_audio_buffer.commit": _event(),
        "input_audio_buffer.clear": _event(),
        "conversation.item.create": _event(
            {"item": Tagged("type", items)}, {"previous_item_id": Nullable(Text())}
        ),
        "conversation.item.retrieve": _event({"item_id": Text()}),
        "conversation.item.delete": _event({"item_id": Text()}),
        "conversation.item.truncate": _event(
            {"item_id": Text(), "content_index": Whole(0), "audio_end_ms": Whole(0)}
        ),
        "response.create": _event(
            optional={"response": _response(dialect, Tagged("type", {**items, **reference}))}
        ),
        "response.cancel": _event(optional={"response_id": Text()}),
        "output_audio_buffer.clear": _event(),
    }


def _event(
    required: Mapping[str, Shape] | None = None, optional: Mapping[str, Shape] | None = None
) -> Fields:
    return Fields({"type": Text(), **(required or {})}, {"event_id": EVENT_ID, **(optional or {})})


def _session(dialect: Profile) -> Shape:
    session_type: dict[str, Shape] = {"type": OneOf(("realtime",))}
    members: dict[str, Shape] = {
        "model": NAME,
        "output_modalities": _modalities(dialect),
        "instructions": Text(),
        "tools": Rows(_tools(dialect)),
        "tool_choice": TOOL_CHOICE,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "parallel_tool_calls": Flag(),
        "reasoning": REASONING,
        "truncation": TRUNCATION,
        "tracing": TRACING,
        "prompt": Nullable(PROMPT),
        "include": INCLUDE,
        "audio": Fields(optional={"input": _audio_input(dialect), "output": _audio_output(dialect)}),
    }
    if "temperature" in dialect.session:
        members["temperature"] = Number(0, 2)
    if dialect.name == "inworld":
        members["prompt"] = Nullable(Either((Text(), PROMPT), "a string or an object"))
        members["providerData"] = PROVIDER_DATA
    if dialect.requires_session_type:
        return Fields(session_type, members)
    return Fields(optional={**session_type, **members})


def _modalities(dialect: Profile) -> Shape:
    return Rows(OneOf(("text", "audio")), least=1, most=2 if dialect.both_modalities else 1)


def _audio_input(dialect: Profile) -> Shape:
    stt_model: Shape = OneOf(INWORLD_STT_MODELS) if dialect.name == "inworld" else NAME
    nullable_text = Nullable(Text())
    transcription = Fields(
        optional={
            "model": stt_model,
            "language": nullable_text,
            "prompt": nullable_text,
            "languages": Rows(Text()),
            "keywords": Rows(Text()),
            "delay": OneOf(("minimal", "low", "medium", "high", "xhigh")),
        }
    )
    return Fields(
        optional={
            "format": Format(dialect.string_formats),
            "transcription": Nullable(transcription),
            "noise_reduction": NOISE_REDUCTION,
            "turn_detection": Nullable(_turn_detection(dialect)),
        }
    )


def _turn_detection(dialect: Profile) -> Shape:
    automatic: dict[str, Shape] = {"type": Text(), "create_response": Flag(), "interrupt_response": Flag()}
    server_vad: dict[str, Shape] = {
        "threshold": Number(0, 1),
        "prefix_padding_ms": Whole(0),
        "silence_duration_ms": Whole(0),
        "idle_timeout_ms": Nullable(Whole(5000, 30000)),
    }
    semantic_vad: dict[str, Shape] = {"eagerness": OneOf(("low", "medium", "high", "auto"))}
    shapes = {
        "server_vad": Fields(optional={**automatic, **server_vad}),
        "semantic_vad": Fields(optional={**automatic, **semantic_vad}),
    }
    if dialect.strict:
        return Tagged("type", shapes)
    # Without a `type`, members of either kind are merged into whatever is on.
    return Either(
        (
            WithMember("type", Tagged("type", shapes)),
            Fields(optional={**automatic, **server_vad, **semantic_vad}),
        ),
        "an object",
    )


def _audio_output(dialect: Profile) -> Shape:
    members: dict[str, Shape] = {
        "format": Format(dialect.string_formats),
        "voice": _voice(dialect),
        "speed": Number(0.25, 1.5),
    }
    if dialect.name == "inworld":
        members["model"] = Text(shortest=1, pattern="inworld-tts-.+")
    return Fields(optional=members)


def _voice(dialect: Profile) -> Shape:
    if dialect.name == "inworld":
        return NAME
    return Either((NAME, Fields({"id": NAME})), "a string or an object with an id")


def _tools(dialect: Profile) -> Shape:
    function = Fields(
        {"type": Text(), "name": NAME},
        {"description": Text(longest=dialect.longest_tool_description), "parameters": Anything()},
    )
    shapes: dict[str, Shape] = {"function": function, "mcp": MCP_TOOL}
    if dialect.name == "inworld":
        shapes["web_search"] = Fields({"type": Text()}, {"providerData": Anything()})
    return Tagged("type", shapes)


def _response(dialect: Profile, item: Shape) -> Shape:
    conversation: Shape = Text() if dialect.name == "inworld" else OneOf(("auto", "none"))
    output = Fields(optional={"format": Format(dialect.string_formats), "voice": _voice(dialect)})
    members: dict[str, Shape] = {
        "output_modalities": _modalities(dialect),
        "instructions": Text(),
        "audio": Fields(optional={"output": output}),
        "tools": Rows(_tools(dialect)),
        "tool_choice": TOOL_CHOICE,
        "parallel_tool_calls": Flag(),
        "reasoning": REASONING,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "conversation": conversation,
        "metadata": METADATA,
        "prompt": Nullable(PROMPT),
        "input": Rows(item),
    }
    if dialect.name == "inworld":
        members["voice"] = NAME
    # LiveKit's agents send `"instructions": null` for "as in the session".
    return Fields(optional=members, null_is_absent=True)


def _items(dialect: Profile) -> dict[str, Shape]:
    """Return the items a client may create (3.7, CI-22); those of MCP are known, and refused as such."""
    common: dict[str, Shape] = {
        "id": NAME,
        "object": OneOf(("realtime.item",)),
        "status": OneOf(("completed", "incomplete", "in_progress")),
    }
    text = Fields({"type": Text(), "text": Text()})
    audio = Fields({"type": Text()}, {"audio": Encoded(), "transcript": Nullable(Text())})
    image = Fields({"type": Text(), "image_url": Image()}, {"detail": OneOf(("auto", "low", "high"))})
    parts: dict[str, dict[str, Shape]] = {
        "system": {"input_text": text},
        "user": {"input_text": text, "input_audio": audio, "input_image": image},
        # A client cannot put words of sound into the assistant's mouth: text only.
        "assistant": {"output_text": text},
    }
    if dialect.name == "inworld":
        parts["assistant"]["text"] = text
        parts["tool"] = {"input_text": text, "text": text}
    roles = {
        role: Fields({"type": Text(), "role": Text(), "content": Rows(Tagged("type", content))}, common)
        for role, content in parts.items()
    }
    mcp = NeverAccepted("This server talks to no MCP server, so there is nothing an MCP item could refer to.")
    return {
        "message": Tagged("role", roles),
        "function_call": Fields(
            {"type": Text(), "name": NAME, "arguments": Text()}, {"call_id": CALL_ID, **common}
        ),
        "function_call_output": Fields({"type": Text(), "call_id": CALL_ID, "output": Text()}, common),
        "mcp_list_tools": mcp,
        "mcp_call": mcp,
        "mcp_approval_request": mcp,
        "mcp_approval_response": mcp,
    }
