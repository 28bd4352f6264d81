"""Rules about the frames that a connection is made of (RFC 6455)."""

from __future__ import annotations

from dataclasses import dataclass

from rules.case import Case
from rules.moments import Moment
from rules.registration import on_moment

_UNOFFERED_EXTENSION = "extension"


@dataclass
class _Broken:
    """Whether a frame was seen to be broken."""

    seen: bool = False


@on_moment("transport/rfc6455", Moment.CLOSE)
def frames_were_right(case: Case) -> None:
    """What the server sends keeps to RFC 6455: text is UTF-8, frames are whole and not masked, nothing is
    used that was not negotiated.
    """
    broken = case.detail.get("protocol_error")
    if broken:
        case.violated(
            "broken",
            f"the server sent what RFC 6455 forbids: {broken}",
            expected="frames as RFC 6455 has them",
            actual=str(broken),
            because=[case.reading.last_seq],
        )
    elif case.reading.measured and not case.memory(_Broken).seen:
        case.holds()


@on_moment("transport/rfc6455", Moment.UNFINISHED)
def frame_never_ended(case: Case) -> None:
    """A frame that is longer than what comes holds up all that follows."""
    broken = case.memory(_Broken)
    if not broken.seen:
        broken.seen = True
        case.violated(
            "unfinished",
            f"the server stopped within a frame, after {case.detail.get('unfinished_bytes')} bytes;"
            " its header announces more",
            expected="as many bytes as the frame announces",
            actual=f"{case.detail.get('unfinished_bytes')} bytes, and no more",
            because=[case.reading.last_seq],
        )


@on_moment("transport/rfc6455", Moment.REFUSAL)
def handshake_was_right(case: Case) -> None:
    problem = str(case.detail.get("problem") or "")
    if not case.detail.get("status") and _UNOFFERED_EXTENSION in problem:
        case.violated(
            "extension",
            f"the server uses a WebSocket extension that was not offered: {problem}",
            expected="no extension",
            actual=problem,
        )
