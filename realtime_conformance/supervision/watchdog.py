"""Ends the server under test also where we are killed and can do nothing any more.

A shell waits at the other end of a pipe that only we hold open. Released, it just ends; where the pipe breaks
without a word, we are gone, and it ends the server's process group. POSIX only: Windows has no such groups.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field

_WAIT = """\
read -r word && exit 0
group=$1 grace=$2 mark=$3
all() {
    kill -s "$1" -- "-$group"
    for each in /proc/[0-9]*/environ; do  # those that left the group
        if grep -qs "$mark" "$each"; then pid=${each#/proc/}; kill -s "$1" "${pid%/environ}"; fi
    done
}
all TERM
sleep "$grace"
all KILL
"""


@dataclass(slots=True)
class Heir:
    """Who ends a process group when we have died, and whoever has `mark` in the environment.

    `grace_s` lies between asking them and insisting.
    """

    group: int
    mark: str
    grace_s: float
    _pipe: int = field(default=-1, init=False)
    _shell: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def wait(self) -> None:
        """Begin to wait. That it cannot be done must not keep anybody from judging a server."""
        if sys.platform == "win32":
            return
        reading, self._pipe = os.pipe()  # children do not inherit it
        try:
            self._shell = subprocess.Popen(  # noqa: S603 - our own shell script
                ["/bin/sh", "-c", _WAIT, "heir", str(self.group), f"{self.grace_s:g}", self.mark],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            os.close(self._pipe)
        finally:
            os.close(reading)

    def release(self) -> None:
        """Say that the server has been seen to. Later calls do nothing."""
        shell, self._shell = self._shell, None
        if shell is None:
            return
        try:
            os.write(self._pipe, b"done\n")
        except BrokenPipeError:
            pass  # somebody has ended the shell
        finally:
            os.close(self._pipe)
            shell.wait()
