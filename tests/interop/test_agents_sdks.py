"""OpenAI's Agents SDKs, for Python and for JavaScript, as they are, talk to the reference server.

The one for Python validates every event it gets, and tells of each that it does not understand.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference.server import ReferenceServer, ServerOptions
from tests.interop.node_packages import node_package
from tests.interop.python_packages import python_with

_HERE = Path(__file__).parent
_LIMIT_S = 40


def _python_client() -> list[str]:
    return [str(python_with("openai-agents", "0.24.0")), str(_HERE / "agents_client.py")]


def _node_client() -> list[str]:
    package = node_package("@openai/agents-realtime")
    return [shutil.which("node") or "node", str(_HERE / "agents_client.mjs"), str(package)]


def _told_by(client: list[str], *talk: str) -> list[dict[str, Any]]:
    """Return what the client told of a conversation with the reference server."""

    async def run() -> tuple[int, bytes, bytes]:
        async with ReferenceServer(ServerOptions(pace=0)) as server:
            url = server.url("openai") + "?model=gpt-realtime"
            process = await asyncio.create_subprocess_exec(
                *client, url, *talk, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            try:
                out, err = await asyncio.wait_for(process.communicate(), _LIMIT_S)
            finally:
                if process.returncode is None:
                    process.kill()
            return process.returncode or 0, out, err

    code, out, err = asyncio.run(run())
    assert code == 0, f"{out.decode()}\n{err.decode()}"
    told = [json.loads(line) for line in out.splitlines()]
    assert not [each for each in told if each["type"] == "error"]
    return told


@pytest.mark.parametrize("client", [_python_client, _node_client])
def test_an_answer_is_spoken(client: Callable[[], list[str]]) -> None:
    types = [each["type"] for each in _told_by(client(), "audio", "1", "Hello there.")]
    assert "audio" in types
    assert types[-1] == "agent_end"


@pytest.mark.parametrize("client", [_python_client, _node_client])
def test_a_function_is_called_and_its_output_used(client: Callable[[], list[str]]) -> None:
    types = [each["type"] for each in _told_by(client(), "text", "2", "What is the weather in Paris?")]
    assert types.count("tool_end") == 1
    assert types.index("tool_end") < len(types) - 1 == len(types) - 1 - types[::-1].index("agent_end")
