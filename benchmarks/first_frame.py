"""A server that has said what is needed, and waits for the first frame that a client sends."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Callable

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 4.2.2
_DATA = (0, 1, 2)  # opcodes of frames that are not about the connection itself

_CREATED = {
    "type": "session.created",
    "event_id": "event_1",
    "session": {
        "type": "realtime",
        "object": "realtime.session",
        "id": "sess_1",
        "model": "gpt-realtime",
        "output_modalities": ["audio"],
        "audio": {
            "input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": None},
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"},
        },
    },
}


class Waiting:
    """Listens on `port` from the beginning."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def then(self, act: Callable[[], None]) -> None:
        """Call `act`, in a thread, when a client has sent its first text or binary frame."""

        def wait() -> None:
            while not self._had_a_frame():
                pass  # a connection that ended before is followed by another one
            act()

        threading.Thread(target=wait, daemon=True).start()

    def _had_a_frame(self) -> bool:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as stream:
            key = b""
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"sec-websocket-key":
                    key = value.strip()
            accept = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
            connection.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            said = json.dumps(_CREATED).encode()
            connection.sendall(b"\x81\x7e" + len(said).to_bytes(2, "big") + said)
            first = stream.read(1)
            return bool(first) and first[0] & 0x0F in _DATA
