"""The judge beside the traffic, as the proxy's own process sees it: told of entries, and telling of findings.

One note is under way at a time: what is written meanwhile goes into the next one. So nothing piles up however
far the judge is behind, and a note never waits for room.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from proxy.judging_process import Begun, FoundLive, FromJudge, JudgedLive, Note, NoteTaken, judge_by_notes
from proxy.sessions import ProxiedSession, Spoken

_GATHER_S = 0.02  # what is written within so long goes into one note
_END_S = 10.0  # until the judge has to have come to its end


class LiveJudging:
    """Has sessions judged in a process beside this one.

    `tell` is called with each finding, and each time that a session is judged further. `lag_s` is how far the
    judge was behind when it took the last note, in seconds; `dead` says why it judges nothing any more.
    """

    def __init__(
        self, tell: Callable[[FoundLive | JudgedLive], None], likely: Spoken, as_of: str = ""
    ) -> None:
        """`likely` is what sessions are to be expected to speak."""
        self._tell = tell
        self.lag_s = 0.0
        self.dead = ""
        self._begun: list[Begun] = []
        self._wrote: dict[str, None] = {}
        self._over: list[str] = []
        self._since = 0.0  # when the first thing happened that the next note tells of
        self._sent: float | None = None  # the same, of the note that is under way
        self._timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop = asyncio.get_running_loop()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._notes: Connection = ours
        self._process: SpawnProcess = context.Process(
            target=judge_by_notes, args=(theirs, as_of, likely.dialect, likely.channel), daemon=True
        )
        self._process.start()
        theirs.close()
        threading.Thread(target=self._listen, daemon=True).start()

    # --- what happens -----------------------------------------------------------------------------------

    def began(self, session: ProxiedSession) -> None:
        """Have `session` judged from now on."""
        spoken = session.spoken
        self._begun.append(Begun(session.name, session.path, spoken.dialect, spoken.channel))
        self._later()

    def wrote(self, session: ProxiedSession) -> None:
        """Have it judged further."""
        if session.name not in self._wrote:
            self._wrote[session.name] = None
            self._later()

    def over(self, session: ProxiedSession) -> None:
        """Have it judged to its end."""
        self._over.append(session.name)
        self._later()

    def _later(self) -> None:
        if not self._since:
            self._since = time.monotonic()
        self._idle.clear()
        if self._timer is None and self._sent is None:
            self._timer = self._loop.call_later(_GATHER_S, self._send)

    def _send(self) -> None:
        self._timer = None
        if self.dead or self._sent is not None or not (self._begun or self._wrote or self._over):
            return
        note = Note(tuple(self._begun), tuple(self._wrote), tuple(self._over))
        self._begun, self._wrote, self._over = [], {}, []
        self._sent, self._since = self._since, 0.0
        try:
            self._notes.send(note)
        except OSError as error:
            self._died(error.strerror or type(error).__name__)

    # --- what is found ----------------------------------------------------------------------------------

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError, RuntimeError):  # it is gone, or our own loop is
            while True:
                self._loop.call_soon_threadsafe(self._heard, self._notes.recv())
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._died, "its process ended")

    def _heard(self, told: FromJudge) -> None:
        if not isinstance(told, NoteTaken):
            self._tell(told)
            return
        if self._sent is not None:
            self.lag_s = time.monotonic() - self._sent
        self._sent = None
        if self._begun or self._wrote or self._over:
            self._send()
        else:
            self._idle.set()

    def _died(self, why: str) -> None:
        self.dead = self.dead or why
        self._idle.set()

    @property
    def pid(self) -> int:
        """The id of the process that judges."""
        return self._process.pid or 0

    @property
    def behind_s(self) -> float:
        """For how long something has been waiting to be judged, in seconds; 0 where nothing is."""
        waiting = self._sent or self._since
        return time.monotonic() - waiting if waiting else 0.0

    async def close(self) -> bool:
        """Wait until all is judged, for a while, and end the process; tell whether all was."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self._idle.wait()
        judged = self._idle.is_set() and not self.dead
        self.dead = self.dead or "ended"
        self._process.terminate()
        await asyncio.to_thread(self._process.join, _END_S)
        with contextlib.suppress(OSError):
            self._notes.close()
        return judged
