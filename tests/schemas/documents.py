"""Small AsyncAPI documents, written to disk."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

from schemas.contract import contract_of
from schemas.document import Document

PING = {"type": "object", "required": ["type"], "properties": {"type": {"const": "ping"}}}
PONG = {"type": "object", "required": ["type"], "properties": {"type": {"const": "pong"}}}


def written(folder: Path, name: str, content: Any) -> Path:
    """Write `content` (text, or what becomes JSON) into `folder`; return the path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = dedent(content).lstrip("\n") if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def message(name: str, payload: Any, **fields: Any) -> dict[str, Any]:
    return {"name": name, "payload": payload, **fields}


def version_2(publish: Any, subscribe: Any = None, version: str = "2.6.0", **more: Any) -> dict[str, Any]:
    """Return a document of AsyncAPI 2 with one channel, `/talk`; the two are message objects."""
    subscribe = message("pong", PONG) if subscribe is None else subscribe
    channel = {
        "publish": {"operationId": "ask", "message": publish},
        "subscribe": {"operationId": "answer", "message": subscribe},
    }
    info = {"title": "Talk", "version": "1"}
    return {"asyncapi": version, "info": info, "channels": {"/talk": channel}, **more}


def version_3(ask: Any, answer: Any = None, version: str = "3.0.0", **more: Any) -> dict[str, Any]:
    """Return a document of AsyncAPI 3 with one channel at `/talk`; the two are message objects."""
    answer = message("pong", PONG) if answer is None else answer
    return {
        "asyncapi": version,
        "info": {"title": "Talk", "version": "1"},
        "channels": {"talk": {"address": "/talk", "messages": {"ask": ask, "answer": answer}}},
        "operations": {
            "hear": {
                "action": "receive",
                "channel": {"$ref": "#/channels/talk"},
                "messages": [{"$ref": "#/channels/talk/messages/ask"}],
            },
            "tell": {
                "action": "send",
                "channel": {"$ref": "#/channels/talk"},
                "messages": [{"$ref": "#/channels/talk/messages/answer"}],
            },
        },
        **more,
    }


def valid(document: Document, event: Any, direction: Any = "client") -> bool:
    """Tell whether `event` is valid by the contract, in the eyes of both engines."""
    schema = contract_of(document).schema(direction, event.get("type", "ask"))
    assert schema is not None
    verdict = schema.is_valid(event)
    assert verdict is not bool(schema.violations(event))
    return verdict
