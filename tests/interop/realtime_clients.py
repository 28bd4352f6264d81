"""Other people's clients of the Realtime protocol, each at one version, and a conversation that they hold.

Each has a driver in `clients/`, run in an environment that has the client and nothing of ours: text, speech,
a function call with its output, an interruption. What came of it is what the *client* concluded
(`conclusions`), or that there is no conclusion, and why; the latter never says anything about the server.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import trustme

from generators.audio import question, silent_pcm
from protocol.dialect import DialectName
from tests.interop.conclusions import TURNS, Concluded
from tests.interop.node_packages import NotInstalled, installed_node_package
from tests.interop.python_packages import environment_with

DRIVERS = Path(__file__).parent / "clients"
_START_S = 30
"""How long a client may take to be loaded, besides its turns."""


@dataclass(frozen=True, slots=True)
class RealtimeClient:
    """A client: its package at a version, what drives it, and whose protocol it speaks.

    ``requirements`` are for pip, or the name of one package for npm where ``driver`` is JavaScript. A
    ``secure`` one speaks TLS only. A ``large`` one takes more than a minute or 200 MB to install.
    """

    name: str
    version: str
    driver: str
    requirements: tuple[str, ...]
    dialect: DialectName = "openai"
    secure: bool = False
    large: bool = False

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"

    def command(self) -> list[str]:
        """Return the command that its arguments come behind. Raises `NotInstalled`."""
        driver = str(DRIVERS / self.driver)
        if self.driver.endswith(".mjs"):
            return [shutil.which("node") or "node", driver, str(installed_node_package(*self.requirements))]
        return [str(environment_with(*self.requirements)), driver]


def _clients(*clients: RealtimeClient) -> dict[str, RealtimeClient]:
    return {each.driver.partition(".")[0]: each for each in clients}


CLIENTS = _clients(
    RealtimeClient("openai", "3.57.0", "openai_python.py", ("openai[realtime]==3.57.0",)),
    RealtimeClient("openai-agents", "0.24.0", "openai_agents_python.py", ("openai-agents==0.24.0",)),
    RealtimeClient(
        "pydantic-ai-slim",
        "2.68.0",
        "pydantic_ai_python.py",
        ("pydantic-ai-slim[openai,realtime]==2.68.0",),
    ),
    RealtimeClient(
        "pipecat-ai InworldRealtimeLLMService",
        "1.14.0",
        "pipecat_inworld.py",
        ("pipecat-ai[inworld,openai,websocket]==1.14.0",),
        dialect="inworld",
        large=True,
    ),
    RealtimeClient(
        "pipecat-ai OpenAIRealtimeLLMService",
        "1.14.0",
        "pipecat_openai.py",
        ("pipecat-ai[inworld,openai,websocket]==1.14.0",),
        large=True,
    ),
    RealtimeClient(
        "livekit-plugins-openai",
        "1.8.9",
        "livekit_openai_python.py",
        ("livekit-plugins-openai==1.8.9",),
        large=True,
    ),
    RealtimeClient("npm openai", "7.59.0", "openai_node.mjs", ("openai",), secure=True),
    RealtimeClient(
        "npm @openai/agents-realtime", "0.20.0", "openai_agents_node.mjs", ("@openai/agents-realtime",)
    ),
)
"""All clients, by the name of their driver."""


@dataclass(frozen=True, slots=True)
class NoConclusion:
    """Nothing is known of what a client made of a conversation, and why; no verdict on anybody."""

    reason: str


def sound_of_a_question() -> bytes:
    """Return what the spoken turn consists of: quiet, the question of our speech fixture, quiet."""
    return silent_pcm(300) + question() + silent_pcm(1500)


class Reachable(Protocol):
    """A server, or what stands before one: where a dialect is, and the port in that address."""

    @property
    def port(self) -> int:
        """The port that it listens at."""

    def url(self, dialect: DialectName) -> str:
        """Return the address of a dialect."""


async def conclude(
    client: RealtimeClient, server: Reachable, folder: Path, seconds: float = 10
) -> Concluded | NoConclusion:
    """Let a client hold its conversation with a server, and return what it concluded.

    ``folder`` is for what the client is handed; ``seconds`` is the bound of each turn.
    """
    try:
        command = await asyncio.to_thread(client.command)
    except NotInstalled as absent:
        return NoConclusion(f"not installed: {absent}")
    sound = folder / "question.pcm"
    sound.write_bytes(sound_of_a_question())
    async with _address(client, server, folder) as url:
        return await run_driver(
            [*command, url, "dGVzdDp0ZXN0", str(sound), str(seconds)],
            _START_S + len(TURNS) * seconds,
            {"NODE_EXTRA_CA_CERTS": str(folder / "authority.pem")} if client.secure else {},
        )


async def run_driver(
    command: list[str], seconds: float, environment: dict[str, str]
) -> Concluded | NoConclusion:
    """Run a driver for at most so long and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        return NoConclusion(f"the driver has not ended within {seconds:g} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = out.decode(errors="replace").splitlines()
    try:
        return Concluded.read(lines[-1])
    except (IndexError, ValueError) as wrong:
        said = err.decode(errors="replace").strip()[-1000:]
        return NoConclusion(
            f"the driver ended with {process.returncode} and without a conclusion: {said or wrong}"
        )


@asynccontextmanager
async def _address(client: RealtimeClient, server: Reachable, folder: Path) -> AsyncIterator[str]:
    """Yield the address of the server for a client; one that speaks TLS only gets a relay in front of it."""
    url = server.url(client.dialect)
    if not client.secure:
        yield url
        return
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(_copy(reader, to_server[1]), _copy(to_server[0], writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context) as front:
        port = front.sockets[0].getsockname()[1]
        yield url.replace("ws://", "wss://").replace(f"127.0.0.1:{server.port}", f"localhost:{port}")


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on all bytes of one direction, and its end."""
    try:
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # How either side leaves is its own affair.
    finally:
        writer.close()
