"""Events to build small traces of in code, where what is said is computed; else, see `wire.transcript`."""

from __future__ import annotations

from typing import Any, cast

from rules.case import ExchangeCase
from rules.engine import Rulebook
from rules.registration import Registered
from rules.rulebook import own_contract
from rules.verdicts import Tally
from rules.views import ExchangeView
from wire.trace import Direction, Entry, EntryKind, RecordedTrace
from wire.transcript import read_transcript
from wire.transcript_values import silent_audio as audio
from wire.transcript_values import written

__all__ = ["audio"]

Json = dict[str, Any]
Said = tuple[Direction, Json]

VAD: Json = {"input": {"turn_detection": {"type": "server_vad"}}}
FLOOD: Said = ("harness", {"type": "@limit"})


def said(text: str, **fields: Any) -> list[Said]:
    """Return the events of a transcript; the last one has `fields` besides."""
    more = f" {written(fields)}" if fields else ""
    events = [(e.dir, dict(e.event or {})) for e in read_transcript(f"whole: false\n{text}{more}")[0]]
    return [(who, {n: v for n, v in event.items() if n != "event_id"}) for who, event in events]


def client(type_: str, **members: Any) -> Said:
    return "client", {"type": type_, **members}


def server(type_: str, **members: Any) -> Said:
    return "server", {"type": type_, **members}


def created(**fields: Any) -> Said:
    ((_, event),) = said("< session.created")
    return server("session.created", session={**event["session"], **fields})


def updated(**fields: Any) -> Said:
    return server("session.updated", session=created(**fields)[1]["session"])


def message(id_: str = "", role: str = "user", text: str = "Hello.", **fields: Any) -> Json:
    """A message; without an id, as a client creates it."""
    way = f"< item.added {id_} {role}" if id_ else f"> item.create _ {role}"
    item: Json = said(way)[0][1]["item"]
    item["content"][0]["text"] = text
    return {**item, **fields}


def spoken(id_: str) -> Json:
    return _shown(f"{id_} spoken")


def call(id_: str, call_id: str) -> Json:
    return {**_shown(f"{id_} function_call"), "call_id": call_id}


def _shown(words: str) -> Json:
    item: Json = said(f"< item.added {words}")[0][1]["item"]
    return item


def output(call_id: str, **fields: Any) -> Json:
    return {"type": "function_call_output", "call_id": call_id, "output": "{}", **fields}


def joins(item: Json, previous: str | None = None) -> list[Said]:
    """An item is added to the conversation, and done."""
    steps = ("conversation.item.added", "conversation.item.done")
    return [server(step, previous_item_id=previous, item=item) for step in steps]


def put(item: Json, previous: str | None = None) -> list[Said]:
    """The client creates an item, and it joins."""
    return [client("conversation.item.create", item=item), *joins(item, previous)]


def response(id_: str, status: str = "in_progress", **fields: Any) -> Json:
    way = "created" if status == "in_progress" else f"done _ {status} {{status_details: null}}"
    whole: Json = said(f"< response.{way}")[0][1]["response"]
    return {**whole, "id": id_, **fields}


def begins(id_: str, **fields: Any) -> Said:
    return server("response.created", response=response(id_, **fields))


def ends(id_: str, status: str = "completed", **fields: Any) -> Said:
    return server("response.done", response=response(id_, status, **fields))


def speaks(response_id: str, item_id: str, milliseconds: float, **fields: Any) -> list[Said]:
    """An answer of so much audio, from its item to its end."""
    told = said(
        f"< output_item.added {item_id} {{response_id: {response_id}}} < item.added"
        f" < content_part.added audio < output_audio.delta ~{milliseconds}ms < transcript.delta"
        " < output_audio.done < transcript.done < content_part.done < item.done < output_item.done"
    )
    return [*told, ends(response_id, output=[spoken(item_id)], **fields)]


def error(culprit: str = "null", code: str = "invalid_value", **members: Any) -> Said:
    return said(f"< error {culprit} {code}", **members)[0]


def deltas(number: int, response_id: str = "resp_1") -> list[Said]:
    return said(f'{number}x < output_text.delta "on " item_a {{response_id: {response_id}}}')


def transcribed(id_: str = "item_1", text: str = "Hello.", **fields: Any) -> Said:
    return said(f"< transcription.completed {written(text)} {id_}", **fields)[0]


def hangs_up(code: int, reason: str = "", who: Direction = "server") -> Said:
    return who, {"type": "@close", "code": code, "reason": reason}


RUNNING = said("> response.create < response.created")
CLEAR, CLEARED = said("> clear < cleared")
CLEAR[1]["event_id"] = "clear"
TYPED = message("item_1", "assistant")


def trace(*told: Said, whole: bool = True, measured: bool = True) -> RecordedTrace:
    """What was said, in order, a tenth of a second apart; a `whole` trace begins with the handshake."""
    entries = [Entry(1, 0.0, "harness", "open")] if whole else []
    for who, event in told:
        seq = len(entries) + 1
        type_ = event.get("type")
        if isinstance(type_, str) and type_.startswith("@"):
            detail = {name: value for name, value in event.items() if name != "type"}
            entries.append(Entry(seq, (seq - 1) / 10, who, cast(EntryKind, type_[1:]), None, detail))
        else:
            entries.append(Entry(seq, (seq - 1) / 10, who, "text", {"event_id": f"e{seq}", **event}))
    return RecordedTrace("by hand", entries, {"measured": measured})


def sent_last(dialect: str, spoken_before: RecordedTrace) -> ExchangeView:
    """Return the last client event of a trace as the judge takes it when it is sent."""
    found: list[ExchangeView] = []

    def note(case: ExchangeCase) -> None:
        found.append(case.exchange)

    Rulebook(own_contract(dialect), dialect, (), [Registered("noted", ("@sent",), note)]).judge(spoken_before)
    return found[-1]


def word(tally: Tally) -> str:
    """Return in a word what was counted.

    That is `violated`, `once` (a violation if it recurs in another connection), `undecided`, `holds`,
    `explained` (by the finding of another requirement), `seen: ` with the ways that were observed, or
    `nothing`.
    """
    assert not tally.errors, tally.errors[0]
    if tally.violations:
        return "violated"
    if tally.recurring:
        return "once"
    if tally.observed:
        return f"seen: {', '.join(sorted(tally.observed))}"
    if tally.subjects:
        return "holds"
    return "undecided" if tally.undecided else "explained" if tally.explained else "nothing"
