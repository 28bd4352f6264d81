"""``session.providerData``: Inworld's five branches and what stands beside them.

The key is camelCase, the keys inside are snake_case (6.0). Members not listed are ignored like all
others of this dialect. Of all this the server uses ``auto_tool_response``; the rest is checked,
merged and shown.
"""

from __future__ import annotations

from reference.shapes import (
    Anything,
    Fields,
    Flag,
    FreeKeys,
    Nullable,
    Number,
    OneOf,
    Rows,
    Shape,
    Text,
    Whole,
)

STT: dict[str, Shape] = {
    "prompt": Text(),
    "voice_profile": Flag(),
    "language_hints": Rows(Text()),
    "end_of_turn_confidence_threshold": Number(0, 1),
    "vad_threshold": Number(0, 1),
    "min_end_of_turn_silence": Whole(0),
    "max_turn_silence": Whole(0),
}
TTS: dict[str, Shape] = {
    "segmenter_strategy": OneOf(
        ("auto", "balanced", "sentence", "full_turn", "fast_start", "per_segment_context")
    ),
    "steering_handling": OneOf(("repeat_each_chunk", "emit_once")),
    "language": Text(),
    "delivery_mode": OneOf(("STABLE", "BALANCED", "CREATIVE")),
    "conversational": Flag(),
    "user_turn_mode": OneOf(("both", "audio_only", "text_only", "none")),
    "timestamp_type": OneOf(("WORD", "CHARACTER")),
    "timestamp_transport_strategy": OneOf(("SYNC", "ASYNC")),
}
LOCKED_TTS = frozenset({"conversational", "user_turn_mode"})
"""Fixed at session open, which this server reads as the first accepted ``session.update``."""
MEMORY: dict[str, Shape] = {
    "enabled": Flag(),
    "turn_interval": Whole(0),
    "max_memory_length": Whole(0),
    "max_transcript_items": Whole(0),
    "max_facts": Whole(0),
    "trim_after_summarize": Flag(),
    "state": Nullable(Anything()),
}
BACKCHANNEL: dict[str, Shape] = {
    "enabled": Flag(),
    "small_model": Text(),
    "eval_interval_ms": Whole(0),
    "min_speech_ms": Whole(0),
    "min_gap_ms": Whole(0),
    "max_per_turn": Whole(0),
    "hard_deadline_ms": Whole(0),
    "history_tail_items": Whole(0),
    "temperature": Number(0),
    "max_tokens": Whole(0),
    "volume_gain": Number(0),
    "require_pause": Flag(),
    "allowed_phrases": Rows(Text()),
    "prompt_template": Text(),
    "decider_kind": OneOf(("llm", "rule")),
    "rule_fire_probability": Number(0, 1),
}
RESPONSIVENESS: dict[str, Shape] = {
    "enabled": Flag(),
    "small_model": Text(),
    "initial_wait_timeout_ms": Whole(0),
    "hard_deadline_ms": Whole(0),
    "history_tail_items": Whole(0),
    "temperature": Number(0),
    "max_tokens": Whole(0),
    "min_filler_gap_ms": Whole(0),
    "max_initial_per_turn": Whole(0),
    "max_buffer_deltas": Whole(0),
    "enable_filler_on_first_assistant_reply": Flag(),
    "prompt_template": Text(),
    "pause_text": Text(),
}
CACHING: dict[str, Shape] = {
    "enabled": Flag(),
    "ttl": OneOf(("5m", "1h", "")),
    "cache_instructions": Flag(),
    "cache_tools": Flag(),
}

PROVIDER_DATA = Fields(
    optional={
        "stt": Fields(optional=STT),
        "tts": Fields(optional=TTS),
        "memory": Fields(optional=MEMORY),
        "backchannel": Fields(optional=BACKCHANNEL),
        "responsiveness": Fields(optional=RESPONSIVENESS),
        "caching": Fields(optional=CACHING),
        "text_generation_config": Anything(),
        "auto_tool_response": Flag(),
        "user_id": Text(),
        "metadata": FreeKeys(Text()),
    }
)
