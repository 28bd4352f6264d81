"""From a thread that thinks synchronously (Hypothesis does) to the event loop that talks, and back."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

_PARTING_S = 5.0


class Halt(BaseException):
    """Stop at once, whoever is thinking. Not an `Exception`: Hypothesis would take that for a finding."""


class Bridge:
    """Runs coroutines on the loop that it was made on, for a thread that waits for them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pending: concurrent.futures.Future[Any] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run `coroutine` on the loop and return what it returns. Raises `Halt` once stopped."""
        with self._lock:
            if self._stopped:
                coroutine.close()
                raise Halt
            pending = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            self._pending = pending
        try:
            return pending.result()
        except (concurrent.futures.CancelledError, asyncio.CancelledError):
            raise Halt from None

    def stop(self) -> None:
        """Cancel what is running, and let nothing more begin."""
        with self._lock:
            self._stopped = True
            pending = self._pending
        if pending is not None:
            pending.cancel()


async def in_a_thread(bridge: Bridge, work: Callable[[], _T]) -> _T:
    """Run `work` in a thread of its own; when this is cancelled, stop the bridge and wait for the thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def tell(result: _T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error if isinstance(error, Exception) else RuntimeError("stopped"))
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def think() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whoever waits has to hear of it
            loop.call_soon_threadsafe(tell, None, error)
        else:
            loop.call_soon_threadsafe(tell, result, None)

    thread = threading.Thread(target=think, name="conversations", daemon=True)
    thread.start()
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        bridge.stop()
        with contextlib.suppress(Exception):
            await asyncio.shield(done)
        raise
    finally:
        if done.done():
            thread.join(_PARTING_S)  # it has nothing left to do
            if not done.cancelled():
                done.exception()  # looked at: nobody else will
