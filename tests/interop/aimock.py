"""Runs aimock, a test double of OpenAI's interfaces that nobody here wrote."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.addresses import free_port
from tests.interop.node_packages import node_package

KEY = "interop-secret"
FIXTURES = Path(__file__).with_name("aimock_fixtures.json")

_START_S = 15.0


@contextlib.contextmanager
def aimock(log: Path) -> Iterator[str]:
    """Run aimock on a free port of the loopback; yield the URL of its Realtime endpoint.

    It answers by `aimock_fixtures.json`, lets in who presents `KEY`, and writes to `log`.
    """
    package = node_package("@copilotkit/aimock")
    node = shutil.which("node") or "node"
    port = free_port()
    command = [
        node,
        str(package / "node_modules" / ".bin" / "llmock"),
        "--port",
        str(port),
        "--fixtures",
        str(FIXTURES),
        "--log-level",
        "warn",
    ]
    environment = {**os.environ, "AIMOCK_API_KEYS": KEY}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        try:
            _wait_until_listening(process, port, log)
            yield f"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime"
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"aimock did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
