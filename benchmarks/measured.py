"""Runs a command and writes down what it took: python -S -E measured.py FILE LIMIT_S COMMAND [ARGUMENT …].

Where an argument has `{port}` in it, this is the server that the command talks to, and it is measured until
it has sent its first frame (`first_frame`); then it is killed.

A process of its own, and a small one: the peak of memory that the system tells of a child is never below its
parent's at the moment it was started. Processor time is that of the command and of all processes it waited
for; the peak of memory is that of the largest of them.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time


def main() -> None:
    """Run the command; kill it, with its process group, after `LIMIT_S` seconds."""
    file, limit, *command = sys.argv[1:]
    serving = any("{port}" in word for word in command)
    if serving:
        # Rarely needed, and this process is to be small. Its own folder is all of the project it sees.
        from first_frame import Waiting  # type: ignore[import-not-found] # noqa: PLC0415

        waiting = Waiting()
        command = [word.replace("{port}", str(waiting.port)) for word in command]
    began = time.perf_counter()
    pid = started(command)
    timed_out = False

    def stop(number: int, _frame: object) -> None:
        nonlocal timed_out
        timed_out = timed_out or number == signal.SIGALRM
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has just ended, or has no group yet
            os.kill(pid, signal.SIGKILL)

    for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    signal.setitimer(signal.ITIMER_REAL, float(limit))
    if serving:
        waiting.then(lambda: stop(signal.SIGTERM, None))
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    signal.setitimer(signal.ITIMER_REAL, 0)
    write(file, used, wall, code=os.waitstatus_to_exitcode(status), timed_out=timed_out)


def started(command: list[str]) -> int:
    """Start the command in a process group of its own; return its id."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        try:
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    return pid


def write(file: str, used: resource.struct_rusage, wall: float, *, code: int, timed_out: bool) -> None:
    """Write down what a command took, as JSON."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    took = {
        "code": code,
        "timed_out": timed_out,
        "wall_s": wall,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss * unit / 2**20,
    }
    with open(file, "w", encoding="utf-8") as out:  # noqa: PTH123 - pathlib would make this process larger
        json.dump(took, out)


if __name__ == "__main__":
    main()
