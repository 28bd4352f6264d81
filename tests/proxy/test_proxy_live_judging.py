"""Conversations that are judged while they go on: what is told, when, and that the traffic never notices."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from packs.catalogue import channels
from proxy.followed import FollowedTrace
from proxy.judging_process import Begun, FoundLive, JudgedLive, JudgingLoop, Note, NoteTaken
from proxy.live_judging import LiveJudging
from proxy.observer import ConversationObserver
from proxy.sessions import ProxiedSession, Spoken
from wire.redaction import Redactor
from wire.trace import Recorder
from wire.trace_files import TraceFile

_WRONG = json.dumps({"type": "session.created", "session": {}})  # has no event_id


def _recorder(path: Path) -> Recorder:
    return Recorder(path, Redactor(), dialect="openai")


def _begun(path: Path) -> Begun:
    return Begun(path.stem, path, "openai", "realtime")


@pytest.fixture(scope="module")
def loop() -> JudgingLoop:
    return JudgingLoop("")


# --- a trace that grows -----------------------------------------------------------------------------------


def test_a_trace_is_read_as_far_as_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    header, line = b'{"trace":1,"dialect":"openai"}\n', b'{"seq":1,"t":0,"dir":"client","kind":"binary"}\n'
    following = FollowedTrace(path)
    found = []
    for piece in (header[:5], header[5:] + line[:9], line[9:-1], b"\n" + line, b'{"end":"x"}\n'):
        with path.open("ab") as file:
            file.write(piece)
        found.append(len(list(following.coming())))
    assert found == [0, 0, 0, 2, 0]
    assert following.header["dialect"] == "openai"
    assert following.ended
    following.close()


# --- note by note -----------------------------------------------------------------------------------------


def test_a_finding_is_told_with_the_note_of_its_entry(tmp_path: Path, loop: JudgingLoop) -> None:
    path = tmp_path / "early.jsonl"
    recorder = _recorder(path)
    recorder.add("harness", "open", url="ws://x")
    assert list(loop.take(Note(begun=(_begun(path),), wrote=("early",)))) == [
        JudgedLive("early", 1),
        NoteTaken(),
    ]
    recorder.add("server", "text", text=_WRONG)
    found = [each for each in loop.take(Note(wrote=("early",))) if isinstance(each, FoundLive)]
    assert found
    assert {each.seq for each in found} == {2}
    assert {each.side for each in found} == {"server"}
    assert {each.verdict for each in found} <= {"fail", "warn"}
    recorder.close("over")
    assert [each.over for each in loop.take(Note(over=("early",))) if isinstance(each, JudgedLive)] == [True]


def test_what_is_found_again_is_counted_and_not_told(tmp_path: Path, loop: JudgingLoop) -> None:
    path = tmp_path / "again.jsonl"
    recorder = _recorder(path)
    recorder.add("harness", "open", url="ws://x")
    for _ in range(4):
        recorder.add("server", "text", text=_WRONG)
    told = list(loop.take(Note(begun=(_begun(path),), over=("again",))))
    found = [each for each in told if isinstance(each, FoundLive)]
    assert len({(each.requirement, each.message) for each in found}) == len(found)
    (judged,) = [each for each in told if isinstance(each, JudgedLive)]
    assert judged.again >= 3


def test_what_is_told_is_what_the_judge_of_whole_traces_finds(tmp_path: Path, loop: JudgingLoop) -> None:
    path = tmp_path / "whole.jsonl"
    recorder = _recorder(path)
    recorder.add("harness", "open", url="ws://x")
    recorder.add("server", "text", text=_WRONG)
    recorder.add("client", "text", text='{"type":"input_audio_buffer.clear"}')
    recorder.add("server", "close", code=1011, reason="")
    recorder.close("over")
    told = list(loop.take(Note(begun=(_begun(path),), over=("whole",))))
    pack = channels()["realtime"]
    counted = pack.judge("openai").judge(TraceFile(path))
    left = {id_ for id_, tally in counted.items() if tally.violations and not tally.explained}
    levels = {e.id: e.level["openai"] for e in pack.registry().judged("openai")}
    left = {id_ for id_ in left if levels.get(id_, "MAY") != "MAY"}
    assert left
    assert left <= {each.requirement for each in told if isinstance(each, FoundLive)}


def test_a_session_that_cannot_be_judged_costs_no_other(tmp_path: Path, loop: JudgingLoop) -> None:
    broken, good = tmp_path / "broken.jsonl", tmp_path / "good.jsonl"
    broken.write_text('{"trace":1}\nno json\n')
    recorder = _recorder(good)
    recorder.add("harness", "open", url="ws://x")
    note = Note(begun=(_begun(broken), _begun(good)), wrote=("broken", "good"))
    told = {each.session: each for each in loop.take(note) if isinstance(each, JudgedLive)}
    assert told["broken"].failed
    assert not told["good"].failed
    assert list(loop.take(Note(wrote=("broken",)))) == [NoteTaken()]


# --- the process beside the traffic -----------------------------------------------------------------------


def _session(path: Path) -> ProxiedSession:
    observer = ConversationObserver(Redactor(), lambda: _recorder(path))
    return ProxiedSession(path.stem, path, "ws://x", Spoken("openai"), observer)


def test_it_is_told_of_entries_and_tells_of_findings(tmp_path: Path) -> None:
    told: list[Any] = []

    async def act() -> bool:
        live = LiveJudging(told.append, Spoken("openai"))
        session = _session(tmp_path / "beside.jsonl")
        recorder = _recorder(session.path)
        live.began(session)
        for _ in range(3):
            recorder.add("server", "text", text=_WRONG)
            live.wrote(session)
        recorder.close("over")
        live.over(session)
        return await live.close()

    assert asyncio.run(act())
    assert [each for each in told if isinstance(each, FoundLive)]
    assert told[-1] == JudgedLive("beside", 3, over=True, again=told[-1].again, explained=told[-1].explained)


def test_that_it_dies_is_noticed_and_costs_nothing_else(tmp_path: Path) -> None:
    async def act() -> tuple[bool, str]:
        live = LiveJudging(lambda _: None, Spoken("openai"))
        session = _session(tmp_path / "dying.jsonl")
        os.kill(live.pid, signal.SIGKILL)
        live.began(session)
        for _ in range(100):
            live.wrote(session)
        return await live.close(), live.dead

    judged, dead = asyncio.run(act())
    assert not judged
    assert dead
