"""Faults of what response objects say: status, details, usage, output (facts 4.4)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory
from reference.differences import Difference, differs
from reference.edits import at_path, both, drop, has, lacks, put, unset
from reference.faults.responses import is_written
from reference.faults.situations import out_of_band

_CREATE, _CREATED, _DONE = "response.create", "response.created", "response.done"
_COMPLETED = has("response.status", "completed")
_OF_CONVERSATION = lacks("response.conversation_id", None)
_BY_CLIENT = has("response.status_details.reason", "client_cancelled")
_BY_SPEECH = has("response.status_details.reason", "turn_detected")
_NOT_COMPLETED = has("response.status", "cancelled", "incomplete", "failed")


def _limited(_event: Json, memory: Memory) -> bool:
    return isinstance(at_path(memory.last_asked(_CREATE), "response.max_output_tokens"), int)


def _asked_for(_event: Json, memory: Memory) -> bool:
    return bool(memory.last_asked(_CREATE))


def _more_tokens(usage: Json) -> Json:
    return {
        "total_tokens": usage["input_tokens"] + 99,
        "input_tokens": usage["input_tokens"],
        "output_tokens": 99,
        "input_token_details": usage["input_token_details"],
        "output_token_details": {"text_tokens": 99, "audio_tokens": 0},
    }


_CONTENT = (
    differs(
        "response-created-queued",
        "`response.created` shows the status `queued`.",
        put(_CREATED, "response.status", "incomplete"),
        models="D-16",
    ),
    differs(
        "response-created-with-usage",
        "`response.created` shows the usage of something else.",
        put(_CREATED, "response.usage", {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}),
    ),
    differs(
        "response-done-in-progress",
        "`response.done` shows the status `in_progress`.",
        put(_DONE, "response.status", "in_progress", _COMPLETED, nth=1),
    ),
    differs(
        "status-details-plain-text",
        "`status_details` is a plain string.",
        put(_DONE, "response.status_details", "completed", _COMPLETED),
        models="D-42",
    ),
    differs(
        "status-details-of-other-type",
        "The `type` of `status_details` is another status.",
        put(
            _DONE, "response.status_details.type", "failed", has("response.status", "cancelled", "incomplete")
        ),
    ),
    differs(
        "status-details-when-completed",
        "A completed response gives status details.",
        put(_DONE, "response.status_details", {"type": "completed"}, _COMPLETED),
    ),
    differs(
        "status-details-left-open",
        "A response that ran into its limit gives no status details.",
        put(_DONE, "response.status_details", None, has("response.status", "incomplete")),
    ),
    differs(
        "cancelled-without-details",
        "A response that the client cancelled gives no status details.",
        put(_DONE, "response.status_details", None, _BY_CLIENT),
    ),
    differs(
        "barge-in-without-details",
        "A response that speech cut off gives no status details.",
        put(_DONE, "response.status_details", None, _BY_SPEECH),
    ),
    differs(
        "metadata-not-echoed",
        "The `metadata` of the request do not show.",
        put(f"{_CREATED} {_DONE}", "response.metadata", None),
        models="D-76 D-74",
    ),
    differs(
        "metadata-out-of-nowhere",
        "A response without `metadata` in its request has some.",
        put(f"{_CREATED} {_DONE}", "response.metadata", {"trace": "1"}, has("response.metadata", None)),
    ),
    differs(
        "conversation-id-changes",
        "The second response names another conversation than the first.",
        put(_CREATED, "response.conversation_id", "conv_of_another", _OF_CONVERSATION, nth=2),
        put(_DONE, "response.conversation_id", "conv_of_another", _OF_CONVERSATION, nth=2),
    ),
    differs(
        "conversation-id-null",
        "Responses of the default conversation have a null `conversation_id`.",
        put(f"{_CREATED} {_DONE}", "response.conversation_id", None, _asked_for),
    ),
    differs(
        "conversation-id-lost-at-done",
        "`response.done` has no `conversation_id`.",
        put(_DONE, "response.conversation_id", None, _OF_CONVERSATION),
        models="D-65",
    ),
    differs(
        "modalities-change-at-done",
        "`response.done` shows other `output_modalities` than `response.created`.",
        put(_DONE, "response.output_modalities", ["audio"], has("response.output_modalities", ["text"])),
    ),
    differs(
        "identity-left-out",
        "A response shows neither `conversation_id` nor `metadata` nor `output_modalities`.",
        *(
            unset(f"{_CREATED} {_DONE}", f"response.{key}")
            for key in ("conversation_id", "metadata", "output_modalities")
        ),
        models="D-43",
        wide=True,
    ),
    differs(
        "completed-without-output",
        "A completed response has no output item.",
        put(_DONE, "response.output", [], out_of_band),
        drop("response.output_* response.content_part.* response.function_call_arguments.*", out_of_band),
    ),
    differs(
        "output-list-empty",
        "`response.done` lists no items although some were told.",
        put(_DONE, "response.output", [], has("response.status", "cancelled")),
    ),
    differs(
        "output-list-reversed",
        "`response.done` lists the items in the wrong order.",
        put(
            _DONE,
            "response.output",
            lambda event, _memory: event["response"]["output"][::-1],
            has("response.output.1"),
        ),
    ),
    differs(
        "output-item-differs-at-done",
        "An item in `response.done` differs from the one in `response.output_item.done`.",
        put(_DONE, "response.output.0.content.0.text", "Something else.", is_written),
    ),
    differs(
        "usage-left-out",
        "`response.done` of a completed response has no usage.",
        put(_DONE, "response.usage", None),
        models="D-41",
    ),
    differs(
        "usage-beside-response",
        "Usage stands beside `response`, and `response.usage` is empty.",
        put(_DONE, "usage", lambda event, _memory: event["response"]["usage"]),
        put(_DONE, "response.usage", None),
        models="D-41 D-52",
        only="openai",
    ),
    differs(
        "usage-total-wrong",
        "`total_tokens` is not the sum of input and output.",
        put(_DONE, "response.usage.total_tokens", 1),
    ),
    differs(
        "usage-output-details-wrong",
        "The details of the output tokens do not add up.",
        put(_DONE, "response.usage.output_token_details.text_tokens", 99_999),
    ),
    differs(
        "usage-cached-details-wrong",
        "The details of the cached tokens do not add up.",
        put(_DONE, "response.usage.input_token_details.cached_tokens_details.text_tokens", 99_999),
    ),
    differs(
        "incomplete-without-reason",
        "An incomplete response names no reason that the protocol knows.",
        put(_DONE, "response.status_details.reason", "tired", has("response.status", "incomplete")),
    ),
    differs(
        "token-limit-passed",
        "A response that reaches `max_output_tokens` ends as completed, with more tokens.",
        put(_DONE, "response.status_details", None, has("response.status", "incomplete")),
        put(
            "response.output_item.done conversation.item.done",
            "item.status",
            "completed",
            both(has("item.status", "incomplete"), _limited),
        ),
        put(_DONE, "response.output.*.status", "completed", has("response.status", "incomplete")),
        put(
            _DONE,
            "response.usage",
            lambda event, _memory: _more_tokens(event["response"]["usage"]),
            has("response.status", "incomplete"),
        ),
        put(_DONE, "response.status", "completed", has("response.status", "incomplete")),
    ),
    differs(
        "failed-without-error",
        "A response that failed does not show the error in `status_details`.",
        put(_DONE, "response.status_details", {"type": "failed"}, has("response.status", "failed")),
    ),
)


FAULTS: tuple[Difference, ...] = (*_CONTENT,)
