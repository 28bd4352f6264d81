"""Ways in which a session can fail to go on. None of them is by itself a verdict on the server."""

from __future__ import annotations


class WireError(Exception):
    """A session cannot go on; `reason` says why, in words for a report."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Unreachable(WireError):
    """Nobody answered at the endpoint's address, or not as a WebSocket server."""


class Refused(WireError):
    """The handshake was answered with an HTTP status other than 101.

    `retry_after` is in how many seconds the server wants to be asked again, None where it did not say.
    """

    def __init__(self, status: int, reason: str, retry_after: float | None = None) -> None:
        self.status, self.retry_after = status, retry_after
        super().__init__(reason)


class Crowded(Unreachable):
    """The server had no room for one more session of ours, however often it was asked."""


class Ended(WireError):
    """The connection closed while something was still to be sent or awaited.

    `how` says with which code and reason, empty where it is not known.
    """

    def __init__(self, reason: str, how: str = "") -> None:
        self.how = how
        super().__init__(reason)


class Flooded(WireError):
    """The server sent more than any conversation of this suite can need."""


class Stalled(WireError):
    """What was awaited did not come in time.

    `silent` tells whether the server sent nothing at all for as long as `Timeouts.silence` or the whole wait.
    """

    def __init__(self, awaited: str, waited: float, silent: bool) -> None:
        self.awaited, self.waited, self.silent = awaited, waited, silent
        super().__init__(f"no {awaited} within {waited:.1f} s")


class OverBudget(WireError):
    """What was to be sent would exceed the budget; it was not sent."""


class RunSettled(WireError):
    """Nothing more has to be tried: what was seen has decided the run."""


class QuotaEnded(OverBudget):
    """The account of the target has nothing left to spend: whatever else was asked for would be refused.

    `quota` is what the server said.
    """

    def __init__(self, quota: str) -> None:
        self.quota = quota
        super().__init__(f"the quota of the account has ended ({quota})")
