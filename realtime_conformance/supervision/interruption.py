"""SIGINT, SIGTERM and SIGHUP end what is going on in good order: what there is becomes a report."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:  # `judge` is interrupted as well, and needs no event loop
    import asyncio

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is unknown to Windows
_PATIENCE = b"interrupted: writing the report; once more to leave without it\n"


class Signals:
    """Catches the signals that ask a process to end. A context manager.

    Inside, each raises KeyboardInterrupt, unless it comes in a block of `cancelling` or `finishing`. A hangup
    that was ignored before, as under `nohup`, stays ignored. Does nothing outside of the main thread.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._act: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in _NAMES:
                number = getattr(signal, name, None)
                if number is not None and not (name == "SIGHUP" and _ignored(number)):
                    self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if before is None else before)

    @contextlib.contextmanager
    def cancelling(self, task: asyncio.Task[None]) -> Iterator[None]:
        """Inside, each signal cancels `task`, which runs on the event loop of this thread."""
        loop = task.get_loop()

        def cancel() -> None:
            loop.call_soon_threadsafe(task.cancel)

        with self._calling(cancel):
            yield

    @contextlib.contextmanager
    def finishing(self) -> Iterator[Callable[[], bool]]:
        """Inside, one signal is only noted, and the value tells whether one was. A second one interrupts."""
        noted = False

        def note() -> None:
            nonlocal noted
            if noted:
                raise KeyboardInterrupt
            noted = True
            with contextlib.suppress(OSError):
                os.write(2, _PATIENCE)  # a handler must not print: it may have come between two prints

        with self._calling(note):
            yield lambda: noted

    @contextlib.contextmanager
    def _calling(self, act: Callable[[], None]) -> Iterator[None]:
        before, self._act = self._act, act
        try:
            yield
        finally:
            self._act = before

    def _caught(self, _number: int, _frame: FrameType | None) -> None:
        if self._act is None:
            raise KeyboardInterrupt
        self._act()


def _ignored(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
