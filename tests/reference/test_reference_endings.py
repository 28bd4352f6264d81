"""How responses end when they do not end by themselves: cancelled, cut short, failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reference.behaviour import Behaviour
from reference.model import AnswerMessage, Output, Prompt, ScriptedModel
from tests.reference.dialogue import WEATHER, Chat, done, refused, said
from tests.reference.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocol.dialect import DialectName

DIALECTS: list[DialectName] = ["openai", "inworld"]


@pytest.mark.parametrize("ticks", range(14))
@pytest.mark.parametrize("response", [{}, {"output_modalities": ["text"]}, {"tools": [WEATHER]}])
def test_cancelling_closes_what_is_open(response: dict[str, Any], ticks: int) -> None:
    chat = Chat()
    chat.user("weather, a long story")
    chat.send("response.create", response=response)
    chat.ticks(ticks)
    if chat.host.streams:
        events = chat.send("response.cancel")
        cancelled = done(events)
        assert cancelled["status"] == "cancelled"
        assert cancelled["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
        assert all(item["status"] == "incomplete" for item in cancelled["output"])
        assert chat.finish() == []
        assert done(chat.respond(output_modalities=["text"]))["status"] == "completed"
    ledger = Ledger()
    ledger.read(chat.events)
    ledger.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_cancelling_what_is_not_active(dialect: DialectName) -> None:
    chat = Chat(dialect)
    assert (
        refused(chat.send("response.cancel", event_id="c"), "response_cancel_not_active")["event_id"] == "c"
    )
    response = done(chat.respond())
    refused(chat.send("response.cancel", response_id=response["id"]), "response_cancel_not_active")
    chat.send("response.create")
    refused(chat.send("response.cancel", response_id="resp_no"), "response_cancel_not_active")
    assert done(chat.finish())["status"] == "completed"


def test_cancelling_by_id() -> None:
    chat = Chat()
    [default] = chat.send("response.create")
    [band] = chat.send("response.create", response={"conversation": "none"})
    chat.ticks(5)
    for response in (band, default):
        response_id = response["response"]["id"]
        assert done(chat.send("response.cancel", response_id=response_id))["id"] == response_id
    assert chat.finish() == []


def test_without_an_id_an_out_of_band_response_is_left_alone() -> None:
    chat = Chat()
    chat.send("response.create", response={"conversation": "none"})
    refused(chat.send("response.cancel"), "response_cancel_not_active")
    assert done(chat.finish())["status"] == "completed"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9, 20])
@pytest.mark.parametrize("response", [{}, {"output_modalities": ["text"]}, {"tools": [WEATHER]}])
def test_the_token_limit(response: dict[str, Any], limit: int) -> None:
    chat = Chat()
    chat.user("a long story about the weather")
    events = chat.respond(max_output_tokens=limit, **response)
    finished = done(events)
    assert finished["usage"]["output_tokens"] <= limit
    Ledger().read(chat.events)
    if finished["output"][0]["type"] == "function_call" and limit >= 2:
        assert finished["status"] == "completed"
        return
    assert finished["status"] == "incomplete"
    assert finished["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert finished["usage"]["output_tokens"] == limit
    assert finished["output"][0]["status"] == "incomplete"


def test_the_limit_of_the_session_counts_too() -> None:
    chat = Chat()
    chat.updated(max_output_tokens=2, output_modalities=["text"])
    chat.user("long")
    assert len(said(chat.respond()).split()) == 2
    assert len(said(chat.respond(max_output_tokens="inf")).split()) == 60


def test_a_fault_of_the_model_fails_the_response_and_not_the_session() -> None:
    class Broken(ScriptedModel):
        broken = True

        def answer(self, prompt: Prompt) -> Sequence[Output]:
            if self.broken:
                raise RuntimeError(prompt.instructions)
            return [AnswerMessage("fine")]

    model = Broken(0)
    chat = Chat(behaviour=Behaviour(model=lambda _seed: model))
    failed = done(chat.respond())
    assert failed["status"] == "failed"
    assert failed["status_details"]["type"] == "failed"
    assert failed["status_details"]["error"]["type"] == "server_error"
    model.broken = False
    assert said(chat.respond()) == "fine"
    Ledger().read(chat.events)
