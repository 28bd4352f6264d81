"""Where a proxy relays to."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from proxy.heads import RequestHead
from proxy.side import RelaySide
from wire.handshake import why_unreachable


class NoUpstreamError(Exception):
    """The server cannot be reached; the message says why."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A server: its ws:// or wss:// `url`, the TLS context for the latter, and seconds to wait for it."""

    url: str
    tls: ssl.SSLContext | None = None
    timeout: float = 10.0

    def url_of(self, asked: RequestHead) -> str:
        """Return the address of what a client asks for: there, the path and the query are the client's."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return self.url if asked.target == "/" else f"{parts.scheme}://{host}{asked.target}"

    async def dial(self) -> RelaySide:
        """Return a connection to it. Raises `NoUpstreamError`."""
        parts = urlsplit(self.url)
        secure = parts.scheme == "wss"
        port = parts.port or (443 if secure else 80)
        host = parts.hostname or ""
        try:
            async with asyncio.timeout(self.timeout):
                _, side = await asyncio.get_running_loop().create_connection(
                    RelaySide,
                    host,
                    port,
                    ssl=self.tls if secure else None,
                    server_hostname=host if secure else None,
                )
        except (OSError, TimeoutError, EOFError) as error:
            raise NoUpstreamError(why_unreachable(error, self.timeout, secure=secure)) from None
        return side
