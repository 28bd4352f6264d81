"""A conversation as a script: what to send, and what to wait for in between, read off a trace.

A script needs nothing but itself: what a server made up (ids, above all) is not repeated but referred to, by
the event in which it came. `${conversation.item.added[2].item.id}` is the `item.id` in the second
`conversation.item.added` of the session; `$${` stands for a `${` that is meant as it is.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol.catalogue import UNNAMED, dialect_of
from protocol.event_types import Event
from protocol.json_values import value_at
from wire.failures import Ended, Flooded, Stalled
from wire.frames import Received, dump
from wire.session import Session
from wire.trace import Entry, Trace, in_root_words

FORMAT = 1
_AUDIO_CHARACTERS = "audio_characters"
_REFERENCE = re.compile(r"\$\{([A-Za-z_.]+)\[(\d+)\]\.([\w.-]+)\}")
_ROUNDING_S = 0.05
_DECLINED = ("event_id",)  # nobody but the server needs these again


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One step: exactly one of `send`, `text`, `hex`, `binary`, `until` and `closed` is given.

    `send` is a client event, `text` a text frame that is none, `hex` a text frame that is not even UTF-8,
    `binary` the size of a frame of zeros. `label` goes into the trace beside it: what was made up, and how
    many WebSocket frames it was cut into. `until` names the types of events of which one has to come, for the
    `nth` time since the last frame was sent; `patience` says how long to wait: as for an `answer`, or as for
    a `response`. `closed` waits until the server has hung up.
    """

    send: Event | None = None
    text: str | None = None
    hex: str | None = None
    binary: int | None = None
    label: Mapping[str, Any] = field(default_factory=dict)
    until: tuple[str, ...] = ()
    nth: int = 1
    patience: str = "answer"
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation to be held again, with what was found wrong with it (ids of requirements).

    `channel` is the name of its pack, empty for the realtime channel.
    """

    name: str
    dialect: str
    steps: tuple[ReplayStep, ...]
    violated: tuple[str, ...] = ()
    attempt: str = "ordinary"
    channel: str = ""

    @property
    def frames(self) -> list[ReplayStep]:
        """The steps that send something."""
        return [s for s in self.steps if not s.until and not s.closed]


# --- from a trace -----------------------------------------------------------------------------------------


def script_of(trace: Trace, violated: Iterable[str] = (), *, last: int | None = None) -> Script:
    """Return the script of what the client did in `trace`, up to the entry `last`.

    It is in the words of the root, as all that is sent by a session.
    """
    dialect = str(trace.header.get("dialect", UNNAMED))
    said = in_root_words(trace, dialect_of(dialect).words)
    entries = [e for e in said if last is None or e.seq <= last]
    return Script(
        name=trace.name,
        dialect=dialect,
        steps=tuple(_steps(entries, _answer_patience(trace))),
        violated=tuple(violated),
        attempt=str(trace.header.get("attempt", "ordinary")),
    )


def _answer_patience(trace: Trace) -> float:
    patience = trace.header.get("patience")
    value = patience.get("answer") if isinstance(patience, dict) else None
    return float(value) if isinstance(value, int | float) else 5.0


def _steps(entries: Iterable[Entry], answer_s: float) -> Iterator[ReplayStep]:
    made = _Made()
    since: list[str] = []  # types of the events that came since the last frame was sent
    for entry in entries:
        if entry.dir == "server":
            if entry.kind == "text" and entry.event is not None:
                since.append(entry.type)
                made.hear(entry.type, entry.event)
            elif entry.kind == "close":
                yield ReplayStep(closed=True)
        elif entry.kind == "deadline":
            if (entry.detail or {}).get("listened_on_s"):
                continue  # of what did not come even then, another deadline tells
            yield _waiting_in_vain(entry, answer_s)
            since.clear()
        elif entry.dir == "client" and entry.kind in ("text", "binary"):
            yield from _until(since)
            since.clear()
            yield _frame(entry, made)
    yield from _until(since)


def _until(since: list[str]) -> Iterator[ReplayStep]:
    """Wait for what came last: a client waits for that, or was surprised by nothing that came before."""
    if since:
        last = since[-1]
        patience = "answer" if not last.startswith("response.") else "response"
        yield ReplayStep(until=(last,), nth=since.count(last), patience=patience)


def _waiting_in_vain(entry: Entry, answer_s: float) -> ReplayStep:
    detail = entry.detail or {}
    words = str(detail.get("awaited", "")).split(" or ")
    types = tuple(w for w in words if re.fullmatch(r"[A-Za-z_.]+", w))
    longer = float(detail.get("waited_s") or 0.0) > answer_s + _ROUNDING_S
    return ReplayStep(until=types or ("nothing",), patience="response" if longer else "answer")


def _frame(entry: Entry, made: _Made) -> ReplayStep:
    detail = dict(entry.detail or {})
    raw, size, hex_ = detail.pop("raw", ""), detail.pop("size", 0), detail.pop("hex", None)
    characters = detail.pop("characters", None)  # of a frame too long to be kept whole
    if entry.kind == "binary":
        return ReplayStep(binary=int(size), label=detail)
    if hex_ is not None:
        return ReplayStep(hex=str(hex_), label=detail)
    if entry.event is None:
        text = str(raw)
        return ReplayStep(text=text.ljust(characters) if isinstance(characters, int) else text, label=detail)
    event = dict(entry.event)
    long = event.pop(_AUDIO_CHARACTERS, None)
    if isinstance(long, int) and isinstance(event.get("audio"), str):
        event["audio"] = event["audio"].ljust(long, "A")
    return ReplayStep(send=made.referring(event), label=detail)


class _Made:
    """What the server made up so far, and where."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        self._chosen: set[str] = set()  # by the client
        self._counts: Counter[str] = Counter()

    def hear(self, type_: str, event: Event) -> None:
        self._counts[type_] += 1
        where = f"{type_}[{self._counts[type_]}]"
        for path, value in _strings(event):
            if path.rsplit(".", 1)[-1] not in _DECLINED and _is_id(path) and value not in self._chosen:
                self._places.setdefault(value, f"{where}.{path}")

    def referring(self, value: Any) -> Any:
        """Return what the client says with references in place of what the server made up."""
        if isinstance(value, dict):
            return {k: v if k in _DECLINED else self.referring(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.referring(v) for v in value]
        if not isinstance(value, str):
            return value
        place = self._places.get(value)
        if place is not None:
            return f"${{{place}}}"
        self._chosen.add(value)
        return value.replace("${", "$${")


def _is_id(path: str) -> bool:
    name = path.rsplit(".", 1)[-1]
    return name == "id" or name.endswith("_id")


def _strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _strings(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _strings(each, f"{path}.{place}")
    elif isinstance(value, str):
        yield path, value


# --- on a session -----------------------------------------------------------------------------------------


async def play(script: Script, session: Session) -> None:
    """Hold the conversation again on an open session. What does not come is waited for, and then left.

    Returns early where the server ends the connection; what it did wrong is for the rules to say. Raises
    `OverBudget`.
    """
    last: Any = None  # event_id of the last client event
    try:
        for step in script.steps:
            if step.send is not None:
                event = resolved(step.send, session.received)
                last = event.get("event_id")
                await session.send_text(dump(event), **step.label)
            elif step.until:
                await _wait(step, session, last)
            else:
                await _perform(step, session)
    except (Ended, Flooded):
        return


async def _perform(step: ReplayStep, session: Session) -> None:
    if step.text is not None:
        await session.send_text(step.text, **step.label)
    elif step.hex is not None:
        await session.send_bytes(bytes.fromhex(step.hex), as_text=True, **step.label)
    elif step.binary is not None:
        await session.send_bytes(bytes(step.binary), **step.label)
    else:
        await session.wait_closed()


async def _wait(step: ReplayStep, session: Session, last: Any) -> None:
    seen: Counter[str] = Counter()

    def met(received: Received) -> bool:
        if received.type in step.until:
            seen[received.type] += 1
            return seen[received.type] >= step.nth
        # A server that refuses what another one granted has answered all the same.
        refused = received.type == "error" and last is not None
        return refused and value_at(received.event, "error.event_id") == last

    with contextlib.suppress(Stalled):  # the trace says so
        await session.wait(" or ".join(step.until), met, streaming=step.patience == "response")


def resolved(value: Any, received: Iterable[Received]) -> Any:
    """Return `value` with references replaced by what came on this session.

    A reference to what did not come stays as it is: the server will not know it either.
    """
    heard = list(received)

    def put(text: str) -> str:
        whole = _REFERENCE.fullmatch(text)
        if whole is None:
            return text.replace("$${", "${")
        type_, nth, path = whole[1], int(whole[2]), whole[3]
        fitting = [r for r in heard if r.type == type_]
        found = value_at(fitting[nth - 1].event, path) if len(fitting) >= nth else None
        return found if isinstance(found, str) else text

    def walk(each: Any) -> Any:
        if isinstance(each, dict):
            return {k: walk(v) for k, v in each.items()}
        if isinstance(each, list):
            return [walk(v) for v in each]
        return put(each) if isinstance(each, str) else each

    return walk(value)
