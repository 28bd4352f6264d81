"""In what the reference client may differ: faults, each of which breaks one requirement, and variants."""

from __future__ import annotations

from dataclasses import dataclass, replace

from websockets.frames import Frame, Opcode

from reference.client.conversation import ClientStep, no_step
from reference.client.speaker import Manner, Speaker

_PLAIN = Manner()
_BETA_SESSION = {"type": "realtime", "voice": "alloy"}


@dataclass(frozen=True, slots=True)
class ClientDifference:
    """One way to differ: what the client does in a word, how it speaks, what it does besides."""

    name: str
    statement: str
    manner: Manner = _PLAIN
    early: ClientStep = no_step
    late: ClientStep = no_step


def _refused(type_: str, **fields: object) -> ClientStep:
    """Return the step that says what is refused, and waits for that."""

    async def step(speaker: Speaker) -> None:
        await speaker.say(type_, **fields)
        await speaker.hear("error")

    return step


def _written(message: str | bytes) -> ClientStep:
    async def step(speaker: Speaker) -> None:
        await speaker.write(message)
        await speaker.hear("error")

    return step


def _raw(frame: bytes) -> ClientStep:
    async def step(speaker: Speaker) -> None:
        speaker.connection.transport.write(frame)
        await speaker.connection.wait_closed()

    return step


async def _hang_up(speaker: Speaker) -> None:
    speaker.connection.transport.abort()
    await speaker.connection.wait_closed()


async def _truncate_too_late(speaker: Speaker) -> None:
    await _truncate(speaker, 10_000_000)
    await speaker.hear("error")


async def _truncate_in_time(speaker: Speaker) -> None:
    await _truncate(speaker, 1)
    await speaker.hear("conversation.item.truncated")


async def _truncate(speaker: Speaker, end: int) -> None:
    item = speaker.last("response.output_audio.done")["item_id"]
    await speaker.say("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=end)


async def _answer_unknown_call(speaker: Speaker) -> None:
    item = {"type": "function_call_output", "call_id": "call_nobody", "output": "{}"}
    await _refused("conversation.item.create", item=item)(speaker)


async def _ask_twice(speaker: Speaker) -> None:
    await speaker.ask("response.create", "response.created")
    await speaker.say("response.create")
    await speaker.hear("error")
    await speaker.hear("response.done")


async def _leave_early(speaker: Speaker) -> None:
    await speaker.say("response.create")


async def _commit_nothing(speaker: Speaker) -> None:
    await _refused("input_audio_buffer.commit")(speaker)


async def _append_odd(speaker: Speaker) -> None:
    await speaker.say("input_audio_buffer.append", audio="AAAA")  # three bytes
    await speaker.ask("input_audio_buffer.clear", "input_audio_buffer.cleared")


async def _cancel_in_time(speaker: Speaker) -> None:
    await speaker.ask("response.create", "response.created")
    await speaker.say("response.cancel")
    await speaker.hear("response.done")


async def _pipeline(speaker: Speaker) -> None:
    for text in ("One.", "Two.", "Three."):
        content = [{"type": "input_text", "text": text}]
        await speaker.say(
            "conversation.item.create", item={"type": "message", "role": "user", "content": content}
        )
    await speaker.say("response.create")
    await speaker.hear("response.done")


def _is(
    name: str, statement: str, *, early: ClientStep = no_step, late: ClientStep = no_step
) -> ClientDifference:
    return ClientDifference(f"client-{name}", statement, early=early, late=late)


_UNMASKED = Frame(Opcode.TEXT, b'{"type":"response.create"}').serialize(mask=False)
_NOT_UTF8 = Frame(Opcode.TEXT, b'{"type":"\xff"}').serialize(mask=True)
_NO_SUCH_ITEM = {"item_id": "item_nobody"}

CLIENT_FAULTS = {
    each.name: each
    for each in (
        _is("frame-not-masked", "It sends a frame that is not masked.", late=_raw(_UNMASKED)),
        _is("text-not-utf8", "It sends text that is not UTF-8.", late=_raw(_NOT_UTF8)),
        _is("hangs-up", "It ends the connection without a close frame.", late=_hang_up),
        _is("sends-binary", "It sends an event in a binary frame.", late=_written(b'{"type":"x"}')),
        _is("sends-no-json", "It sends text that is no JSON.", late=_written("{no json")),
        _is("event-without-type", "It sends an event without a type.", late=_written('{"event_id":"e"}')),
        _is("event-unknown", "It sends an event that there is not.", late=_refused("response.restart")),
        _is(
            "payload-wrong",
            "The id in a delete is a number.",
            late=_refused("conversation.item.delete", item_id=5),
        ),
        _is("field-missing", "A delete names no item.", late=_refused("conversation.item.delete")),
        _is(
            "beta-event",
            "It sends `transcription_session.update`.",
            late=_refused("transcription_session.update", session={}),
        ),
        _is(
            "beta-session",
            "It sets the voice at the top of the session, as the beta had it.",
            early=_refused("session.update", session=_BETA_SESSION),
        ),
        replace(
            _is("beta-subprotocol", "It offers the subprotocol of the beta."),
            manner=Manner(subprotocols=("realtime", "openai-beta.realtime-v1")),
        ),
        _is("audio-odd", "It appends three bytes of audio.", late=_append_odd),
        _is("commits-nothing", "It commits without any audio.", late=_commit_nothing),
        _is("cancels-nothing", "It cancels, and nothing runs.", early=_refused("response.cancel")),
        _is("truncates-too-late", "It truncates far behind the audio.", late=_truncate_too_late),
        _is(
            "deletes-unknown",
            "It deletes an item that there is not.",
            late=_refused("conversation.item.delete", **_NO_SUCH_ITEM),
        ),
        _is("answers-unknown-call", "It answers a call that nobody made.", late=_answer_unknown_call),
        _is("asks-twice", "It asks for a response while its last one runs.", late=_ask_twice),
        _is("leaves-early", "It asks for a response, and leaves.", late=_leave_early),
    )
}
"""The faults of the reference client, by name."""

CLIENT_VARIANTS = {
    each.name: each
    for each in (
        ClientDifference("client-in-fragments", "Its messages come in three frames.", Manner(fragments=3)),
        ClientDifference("client-compressed", "It compresses.", Manner(compression="deflate")),
        ClientDifference("client-without-ids", "Its events have no `event_id`.", Manner(ids=False)),
        ClientDifference("client-pings", "It pings after each event.", Manner(pings=True)),
        ClientDifference(
            "client-with-key-as-subprotocol",
            "Its key is a subprotocol, as in a browser.",
            Manner(subprotocols=("realtime", "openai-insecure-api-key.sk-reference")),
        ),
        _is("cancels-in-time", "It cancels a response that runs.", late=_cancel_in_time),
        _is("truncates-in-time", "It truncates within what it heard.", late=_truncate_in_time),
        _is("pipelines", "It sends four events before it waits.", late=_pipeline),
    )
}
"""The legal ways in which it differs, by name."""
