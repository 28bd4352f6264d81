"""Finds out what a target offers, feature by feature, before the scenarios are chosen.

Each probe is a short conversation in which the feature is used, on a session of its own but where one goes on
from what another has heard. A target does not
have it where it refuses the use, or where the use makes no difference and nothing claims that it does. A
client event that is never answered, an answer that is wrong, and a setting that is echoed and not followed
are no absence: there the probe cannot tell, the feature is taken to be offered, and the rules say what is
wrong. Probes judge nothing: their traces are kept beside the others, and no rule reads them.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generators.audio import question, tone
from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from protocol.json_values import value_at
from suites.attempts import changes_for
from suites.crowding import Crowd
from suites.gate import Gate
from suites.scenario import spoken
from suites.stage import Stage
from suites.talk import WEATHER, Talk, Unmet, user
from wire.budget import Cost, Estimate
from wire.endpoint import Auth, Endpoint
from wire.failures import Refused, Stalled, WireError
from wire.frames import Received
from wire.meter import Meter, Share
from wire.patience import Patience

Probe = Callable[[Talk], Awaitable[bool | None]]

_TRANSCRIBED = tuple(f"conversation.item.input_audio_transcription.{end}" for end in ("completed", "failed"))
_SPOKEN = ("response.output_audio.delta", "response.audio.delta")  # the second is the retired beta's
_HEARD = (
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
)
_EMPTY = re.compile(r"buffer[^.]*\b(too small|empty|no audio)|input_audio_buffer_commit_empty", re.IGNORECASE)
_ANSWERED_ALOUD = ("truncation", "audio-output")
_SAID = 160  # characters of what a server says


class Absent(Exception):
    """The target does not have the feature; the message is what was seen of it."""


def _accepted(answer: Received) -> Received:
    """Return `answer`. Raises `Absent` where it is a refusal."""
    if answer.type != "error":
        return answer
    error = answer.event.get("error")
    said = " ".join(str(error.get("message") or error.get("code")).split()) if isinstance(error, dict) else ""
    said = said if len(said) <= _SAID else said[: _SAID - 1] + "…"
    raise Absent(f"refused: {said}" if said else "refused")


def _committed(talk: Talk, answer: Received, before: int) -> Received:
    """Return `answer` to a commit of audio that was sent after `before`. Raises `Absent` where it is refused.

    Who says that the buffer is empty takes audio, and has lost what was sent: that is for the rules; unless
    that audio was refused, too. An error for audio alone refuses no use of it: to send some has no answer.
    """
    errors = [r for r in talk.session.since(before) if r.type == "error"]
    if answer.type == "error" and errors[0] is not answer:
        _accepted(errors[0])
    error = answer.event.get("error")
    said = f"{error.get('code')} {error.get('message')}" if isinstance(error, dict) else ""
    return answer if _EMPTY.search(said) else _accepted(answer)


def _echo(updated: Received, *path: str) -> Any:
    """Return what `session.updated` shows at `path` of the session, None where it shows nothing."""
    return value_at(updated.event, ("session", *path))


async def _audio_input(talk: Talk) -> bool | None:
    settings = {"type": "server_vad", "create_response": False, "interrupt_response": False}
    await talk.update(output_modalities=["text"], audio={"input": {"turn_detection": settings}})
    before = await talk.speak(question())
    with contextlib.suppress(Stalled):
        await talk.session.wait_for(_HEARD, after=before)
        return True
    # A detector of its own may take it for noise; what is in the buffer can still be committed.
    try:
        _committed(talk, await talk.ask("input_audio_buffer.commit"), before)
    except Absent as refusal:
        raise Absent(f"nothing was heard of spoken audio, and its commit was {refusal}") from None
    return True


async def _manual_commit(talk: Talk) -> bool | None:
    await talk.by_text()
    before = talk.session.sent_seq
    await talk.append(tone(300))
    await talk.session.send("session.update", session=talk.patch())
    await talk.session.wait_for("session.updated")  # no error for the audio is taken for the commit's then
    _committed(talk, await talk.ask("input_audio_buffer.commit"), before)
    return True


async def _hears_turns(talk: Talk, kind: str) -> bool | None:
    settings = {"type": kind, "create_response": False, "interrupt_response": False}
    _accepted(await talk.update(output_modalities=["text"], audio={"input": {"turn_detection": settings}}))
    before = await talk.speak(question())
    try:
        await talk.session.wait_for(_HEARD, after=before)
    except Stalled:
        raise Absent(f"{kind} was accepted, and nothing was heard of spoken audio") from None
    return True


async def _server_vad(talk: Talk) -> bool | None:
    return await _hears_turns(talk, "server_vad")


async def _semantic_vad(talk: Talk) -> bool | None:
    return await _hears_turns(talk, "semantic_vad")


async def _transcription(talk: Talk) -> bool | None:
    model = {"model": talk.dialect.models["transcription"]}
    updated = await talk.update(audio={"input": {"turn_detection": None, "transcription": model}})
    if updated.type == "error":
        return None  # it may have another model
    before = talk.session.sent_seq
    await talk.append(question())
    if (await talk.ask("input_audio_buffer.commit")).type == "error":
        return None
    try:
        await talk.hears(_TRANSCRIBED, after=before)
    except Stalled:
        if _echo(updated, "audio", "input", "transcription"):
            return None  # it says that it does
        raise Absent("nothing was transcribed, and session.updated shows no transcription") from None
    return True


async def _audio_output(talk: Talk) -> bool | None:
    silent = {"input": {"turn_detection": None}}
    instructions = "Answer in one word."
    updated = _accepted(
        await talk.update(output_modalities=["audio"], instructions=instructions, audio=silent)
    )
    await talk.say("Say yes.")
    turn = await talk.respond()
    if _spoken(talk):
        return True
    if turn.status == "completed" and _echo(updated, "output_modalities") != ["audio"]:
        raise Absent("a response without audio, and session.updated does not show ['audio']")
    return None


async def _function_calls(talk: Talk) -> bool | None:
    settings = {"input": {"turn_detection": None}}
    updated = _accepted(await talk.update(output_modalities=["text"], tools=[WEATHER], audio=settings))
    await talk.say("What is the weather in Paris? Use the tool get_weather.")
    turn = await talk.respond(tool_choice="required")
    if any(i.get("type") == "function_call" for i in turn.items):
        return True
    if turn.status == "completed" and not _echo(updated, "tools"):
        raise Absent("no call with tool_choice required, and session.updated shows no tools")
    return None


async def _out_of_band(talk: Talk) -> bool | None:
    await talk.by_text()
    response = {"conversation": "none", "input": [user("Say yes.")]}
    _accepted(await talk.ask("response.create", response=response))
    return True  # whether it keeps out of the conversation is for the rules to say


async def _retrieve(talk: Talk) -> bool | None:
    item = await talk.say("Hello.")
    _accepted(await talk.ask("conversation.item.retrieve", item_id=item))
    return True


async def _truncation(talk: Talk) -> bool | None:
    if not any(r.type == "response.done" for r in talk.session.received):  # nobody has asked for one before
        await talk.by_voice()
        await talk.say("Say yes.")
        await talk.respond()
    spoken = _spoken(talk)
    if not spoken:
        return None
    place: dict[str, Any] = {name: spoken[0].event.get(name) for name in ("item_id", "content_index")}
    _accepted(await talk.ask("conversation.item.truncate", audio_end_ms=0, **place))
    return True


def _spoken(talk: Talk) -> list[Received]:
    """Return what was heard of spoken answers."""
    return [r for r in talk.session.received if r.type in _SPOKEN]


async def _provider_data(talk: Talk) -> bool | None:
    _accepted(await talk.update(providerData={"tts": {"language": "en-US"}}))
    return True


@dataclass(frozen=True, slots=True)
class Question:
    """A feature and how to find out. `responses` and `audio_s` are what it costs at most.

    It is asked in dialects that have the switch `where` on, in all where that is empty.
    Where the one that it `follows` is asked, too, it is asked behind it, on the same session, for nothing.
    """

    feature: str
    probe: Probe
    responses: int = 0
    audio_s: float = 0.0
    where: str = ""
    follows: str = ""

    @property
    def cost(self) -> Cost:
        """What it costs at most."""
        return Cost(1, self.responses, self.audio_s)

    @property
    def likely(self) -> Cost:
        """What it costs where nothing goes wrong."""
        return spoken(self.cost) if self.feature in _ANSWERED_ALOUD else self.cost

    def asked(self, dialect: DialectName, wanted: Collection[str] | None) -> bool:
        """Whether it is asked where these features are wanted, all of them for None."""
        return dialect_of(dialect).has(self.where) and (wanted is None or self.feature in wanted)


QUESTIONS = (
    Question("retrieve", _retrieve),
    Question("truncation", _truncation, responses=1, audio_s=10.0, follows="audio-output"),
    Question("audio-input", _audio_input, responses=1, audio_s=4.0),
    Question("manual-commit", _manual_commit, audio_s=0.3),
    Question("server-vad", _server_vad, responses=1, audio_s=4.0),
    Question("semantic-vad", _semantic_vad, responses=1, audio_s=4.0),
    Question("transcription", _transcription, audio_s=2.0),
    Question("audio-output", _audio_output, responses=1, audio_s=10.0),
    Question("function-calls", _function_calls, responses=1),
    Question("out-of-band", _out_of_band, responses=1),
    Question("provider-data", _provider_data, where="has_extensions"),
)


def _chains(dialect: DialectName, wanted: Collection[str] | None) -> list[list[Question]]:
    """Return the questions that are asked, those in one list on one session."""
    asked = [q for q in QUESTIONS if q.asked(dialect, wanted)]
    features = {q.feature for q in asked}
    heads = [q for q in asked if q.follows not in features]
    return [[head, *(q for q in asked if q.follows == head.feature)] for head in heads]


@dataclass(slots=True)
class Prober:
    """Asks questions of one endpoint: those about features that are `wanted`, all where that is None.

    Each holds a place of `gate` meanwhile. `seen` says what was seen of features that are not there.
    """

    endpoint: Endpoint
    folder: Path
    meter: Meter
    gate: Gate = field(default_factory=lambda: Gate(8))
    crowd: Crowd | None = None
    patience: Patience | None = None
    seen: dict[str, str] = field(default_factory=dict)
    wanted: Collection[str] | None = None
    answered: Callable[[str, bool | None], None] = lambda _, __: None

    @property
    def asked(self) -> list[str]:
        """The features that it asks for."""
        dialect, wanted = self.endpoint.dialect, self.wanted
        opened = [feature for feature in _OF_HANDSHAKES if wanted is None or feature in wanted]
        return [q.feature for q in QUESTIONS if q.asked(dialect, wanted)] + opened

    async def found(self) -> dict[str, bool]:
        """Return for each feature whether it is there, as far as could be found out.

        As soon as that is known of a feature, `answered` is told, with None where it could not be found out.
        """
        answers: dict[str, bool] = {}

        async def ask(attempt: Callable[[], Awaitable[Mapping[str, bool | None]]]) -> None:
            async with self.gate.place():
                found = await attempt()
            for feature, answer in found.items():
                if answer is not None:
                    answers[feature] = answer
                self.answered(feature, answer)

        async def tried(feature: str, opened: Opening) -> dict[str, bool | None]:
            return {feature: await opened(self)}

        async with asyncio.TaskGroup() as tasks:
            for chain in _chains(self.endpoint.dialect, self.wanted):
                tasks.create_task(ask(functools.partial(self._ask, chain)))
            for feature, opened in _OF_HANDSHAKES.items():
                if self.wanted is None or feature in self.wanted:
                    tasks.create_task(ask(functools.partial(tried, feature, opened)))
        return answers

    def _stage(self, feature: str, share: Share) -> Stage:
        return Stage(
            self.endpoint,
            self.folder,
            f"probe.{feature}",
            share,
            crowd=self.crowd,
            patience=self.patience,
            draws_out=False,  # silence is no absence: nothing is made of what comes late
        )

    async def _ask(self, chain: list[Question]) -> dict[str, bool | None]:
        """Ask questions one after another on one session; return the answers, None where there is none."""
        waits, head = self.endpoint.timeouts, chain[0]
        limit = waits.connect + (3 + len(chain)) * waits.answer + 2 * waits.response
        answers: dict[str, bool | None] = dict.fromkeys(q.feature for q in chain)
        with contextlib.suppress(Stalled, TimeoutError, WireError):  # silence is no absence
            async with asyncio.timeout(limit) as clock:
                async with self.meter.reserved(Estimate(head.likely, head.cost)) as share:
                    stage = self._stage(head.feature, share)
                    stage.clock = clock
                    async with stage.open("probe") as talk:
                        for question_ in chain:
                            answers[question_.feature] = await self._answer(question_, talk)
        return answers

    async def _answer(self, question_: Question, talk: Talk) -> bool | None:
        """Ask a question. Who falls silent or hangs up behind a refusal has not turned the feature down."""
        try:
            return await question_.probe(talk)
        except Absent as absence:
            await talk.fence()
            self.seen[question_.feature] = str(absence)
            return False
        except Unmet:
            return None  # nor is a fault in what every session can do

    async def _opens(self, feature: str, auth: Auth, headers: Mapping[str, str]) -> bool | None:
        try:
            async with (
                self.meter.reserved(Cost(1)) as share,
                self._stage(feature, share).open("probe", auth=auth, headers=dict(headers)),
            ):
                return True
        except Refused as error:
            return False if error.status in (400, 401, 403) else None
        except (WireError, TimeoutError):
            return None

    async def _needs_credential(self) -> bool | None:
        opened = await self._opens("authentication", Auth(), {})
        if opened:
            self.seen["authentication"] = "a session without a credential was let in"
        return None if opened is None else not opened

    async def _takes_subprotocol(self) -> bool | None:
        selects_another = self.endpoint.speaks.switches.selects_realtime
        if self.endpoint.auth.scheme == "none" and not selects_another:
            return None
        changes = changes_for("subprotocol", self.endpoint)
        opened = await self._opens("subprotocol-auth", changes["auth"], self.endpoint.headers)
        if opened is False:
            self.seen["subprotocol-auth"] = "refused: the handshake with the credential as a subprotocol"
        if not selects_another:
            return opened
        return opened is not False  # whoever selects a subprotocol that nobody offered lets clients in, too


Opening = Callable[[Prober], Awaitable[bool | None]]

_OF_HANDSHAKES: Mapping[str, Opening] = {
    "authentication": Prober._needs_credential,  # noqa: SLF001 - its own
    "subprotocol-auth": Prober._takes_subprotocol,  # noqa: SLF001
}


def probes_cost(dialect: DialectName, wanted: Collection[str] | None = None) -> Estimate:
    """Return what the probes for the features `wanted` cost; of all where that is None."""
    asked = [chain[0] for chain in _chains(dialect, wanted)]
    opened = Cost(sum(wanted is None or feature in wanted for feature in _OF_HANDSHAKES))
    return Estimate(sum((q.likely for q in asked), opened), sum((q.cost for q in asked), opened))
