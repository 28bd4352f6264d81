"""Other people's clients of speech synthesis and recognition, as they are, talk to the reference services.

They are too large for every run (400 to 600 MB each): `tox -e clients` runs them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reference.server import ReferenceServer, ServerOptions
from tests.interop.node_packages import node_package
from tests.interop.python_packages import python_with
from tests.reference.channels.channel_dialogue import question_at_16_khz, quiet

_DRIVERS = Path(__file__).parent / "clients"
_LIMIT_S = 60
CHARACTER_S = 0.06
FIRST, SECOND = "Hello there, my friend.", "How are you today?"


def _told_by(command: list[str], *arguments: str, base: bool = False) -> dict[str, Any]:
    """Return what a client told of its conversation; its last line is JSON.

    It is given the address of speech synthesis, or that of the server, to which it adds the path itself.
    """

    async def run() -> tuple[int, bytes, bytes]:
        async with ReferenceServer(ServerOptions()) as server:
            url = f"ws://127.0.0.1:{server.port}" if base else server.channel_url("tts")
            process = await asyncio.create_subprocess_exec(
                *command, url, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            try:
                out, err = await asyncio.wait_for(process.communicate(), _LIMIT_S)
            finally:
                if process.returncode is None:
                    process.kill()
            return process.returncode or 0, out, err

    code, out, err = asyncio.run(run())
    assert code == 0, f"{out.decode()}\n{err.decode()}"
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def _python(script: str, *requirements: str) -> list[str]:
    return [str(python_with(*requirements)), str(_DRIVERS / script)]


def test_livekit(tmp_path: Path) -> None:
    sound = tmp_path / "question.raw"
    sound.write_bytes(quiet(300) + question_at_16_khz() + quiet(900))
    client = _python("livekit_inworld_python.py", "livekit-plugins-inworld==1.8.9")
    told = _told_by(client, str(sound), base=True)
    for seconds, text in zip(told["seconds"], (FIRST, SECOND), strict=True):
        assert seconds == pytest.approx(len(text) * CHARACTER_S, abs=0.1)
    finals = [text for kind, text in told["heard"] if kind == "final_transcript"]
    interims = [text for kind, text in told["heard"] if kind == "interim_transcript"]
    assert finals == ["What is one and one?"]
    assert interims[0] == "What is"


def test_pipecat() -> None:
    told = _told_by(_python("pipecat_inworld_speech.py", "pipecat-ai[inworld,openai,websocket]==1.14.0"))
    assert told["errors"] == []
    assert told["words"] == f"{FIRST} {SECOND}".split()
    assert told["seconds"] == pytest.approx(len(FIRST + SECOND) * CHARACTER_S, abs=0.2)


def test_vision_agents() -> None:
    told = _told_by(_python("vision_agents_inworld.py", "vision-agents-plugins-inworld==0.6.9"))
    assert told["errors"] == []
    first, cut, second = told["seconds"]
    for seconds, text in zip((first, second), (FIRST, SECOND), strict=True):
        assert seconds == pytest.approx(len(text) * CHARACTER_S, abs=0.1)
    assert 0 < cut < 10 * len("This one is cut off. ") * CHARACTER_S / 2


def test_livekit_for_javascript() -> None:
    packages = str(node_package("@livekit/agents-plugin-inworld"))
    client = [shutil.which("node") or "node", str(_DRIVERS / "livekit_inworld_node.mjs"), packages]
    told = _told_by(client, base=True)
    assert told["errors"] == []
    assert told["words"] == f"{FIRST} {SECOND}".split()
    for seconds, text in zip(told["seconds"], (FIRST, SECOND), strict=True):
        assert seconds == pytest.approx(len(text) * CHARACTER_S, abs=0.1)
