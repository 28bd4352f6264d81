"""Other people's clients of speech synthesis and recognition, as they are, talk to the reference services.

They are too large for every run (400 and 500 MB): `tox -e clients` runs them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reference.server import ReferenceServer, ServerOptions
from tests.interop.python_packages import python_with
from tests.reference.channels.channel_dialogue import question_at_16_khz, quiet

_HERE = Path(__file__).parent
_LIMIT_S = 60
CHARACTER_S = 0.06
FIRST, SECOND = "Hello there, my friend.", "How are you today?"


def _told_by(name: str, version: str, script: str, *arguments: str, tts_only: bool) -> dict[str, Any]:
    """Return what a client told of its conversation; its last line is JSON."""
    python = str(python_with(name, version))

    async def run() -> tuple[int, bytes, bytes]:
        async with ReferenceServer(ServerOptions()) as server:
            url = server.channel_url("tts") if tts_only else f"ws://127.0.0.1:{server.port}"
            process = await asyncio.create_subprocess_exec(
                python, str(_HERE / script), url, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
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


def test_livekit(tmp_path: Path) -> None:
    sound = tmp_path / "question.raw"
    sound.write_bytes(quiet(300) + question_at_16_khz() + quiet(900))
    told = _told_by("livekit-plugins-inworld", "1.8.9", "livekit_client.py", str(sound), tts_only=False)
    for seconds, text in zip(told["seconds"], (FIRST, SECOND), strict=True):
        assert seconds == pytest.approx(len(text) * CHARACTER_S, abs=0.1)
    finals = [text for kind, text in told["heard"] if kind == "final_transcript"]
    interims = [text for kind, text in told["heard"] if kind == "interim_transcript"]
    assert finals == ["What is one and one?"]
    assert interims[0] == "What is"


def test_pipecat() -> None:
    told = _told_by("pipecat-ai", "1.14.0", "pipecat_client.py", tts_only=True)
    assert told["errors"] == []
    assert told["words"] == f"{FIRST} {SECOND}".split()
    assert told["seconds"] == pytest.approx(len(FIRST + SECOND) * CHARACTER_S, abs=0.2)
