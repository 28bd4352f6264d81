"""Counts what a client does right and wrong in one connection; what it may know, and when, is kept here."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.records import Record, ViolationRecorder
from rules.verdicts import Finding, Tally
from rules.yields import Uncounted, Yields, let_explained_go
from wire.trace import Entry

CLIENT_FRAMES, GOODBYE = "client/frames/rfc6455", "client/close/says-goodbye"
CLIENT_OBJECT, KNOWN_TYPE, PAYLOAD = (
    "client/event/one-object",
    "client/event/known-type",
    "client/event/payload",
)
NOT_BETA, WHOLE_SAMPLES = "client/event/not-beta", "client/audio/whole-samples"
OF_SOMETHING, CANCEL = "client/commit/of-something", "client/cancel/of-something"
WITHIN_HEARD, REFERENCE = "client/truncate/within-heard", "client/reference/known"
ONE_AT_A_TIME, WAITED_FOR = "client/response/one-at-a-time", "client/answer/waited-for"

_ABNORMAL = 1006


@dataclass(frozen=True, slots=True)
class Misstep:
    """How a requirement is violated: the `kind`, what was to come and what came, and all in a sentence."""

    kind: str
    expected: str
    actual: str
    message: str
    path: str = ""


@dataclass(slots=True)
class ClientConduct:
    """What a client did in the connection of the trace called `trace`."""

    trace: str
    yields: Yields
    recorder: ViolationRecorder = field(init=False)
    last: Entry | None = None

    def __post_init__(self) -> None:
        self.recorder = ViolationRecorder(self.yields.concerned)

    def holds(self, requirement: str, entry: Entry) -> None:
        """Count a case in which `requirement` held."""
        tally = self.recorder.tally(requirement)
        tally.subjects += 1
        if tally.first is None:
            tally.first = (self.trace, entry.seq)

    def violated(self, requirement: str, entry: Entry, step: Misstep, because: int = 0) -> None:
        """Count a case in which it was violated by `entry`, which `because` makes wrong."""
        finding = Finding(
            trace=self.trace,
            seqs=(entry.seq,),
            type=entry.type or entry.kind,
            path=step.path,
            expected=step.expected,
            actual=step.actual,
            message=step.message,
            because=(because,) if because else (),
            kind=f"{requirement}#{step.kind}",
        )
        self.recorder.violated(requirement, Record((finding,), entry.seq, 0, ()))

    def check(self, requirement: str, entry: Entry, step: Misstep | None, because: int = 0) -> None:
        """Count a case: violated where there is a misstep, else held."""
        if step is None:
            self.holds(requirement, entry)
        else:
            self.violated(requirement, entry, step, because)

    def undecided(self, requirement: str, reason: str) -> None:
        """Count a case that cannot be decided."""
        self.recorder.tally(requirement).undecided[reason] += 1

    # --- what every channel has -------------------------------------------------------------------------

    def take(self, entry: Entry) -> None:
        """Judge the frame itself, and the end of the connection."""
        self.last = entry
        if entry.kind == "close":
            self._ended(entry)
        elif entry.dir == "client" and entry.kind in ("text", "binary"):
            detail = entry.detail or {}
            said = "text that is not UTF-8"
            wrong = Misstep("utf-8", "text in UTF-8", said, f"the client sent {said}")
            self.check(CLIENT_FRAMES, entry, wrong if "hex" in detail else None)

    def _ended(self, entry: Entry) -> None:
        detail = entry.detail or {}
        if entry.dir != "client" or "protocol_error" in detail:
            return
        if broken := detail.get("client_error"):
            told = f"the client sent what RFC 6455 forbids: {broken}"
            self.violated(
                CLIENT_FRAMES, entry, Misstep("broken", "frames as RFC 6455 has them", str(broken), told)
            )
            return
        told = "the client ended the connection without a close frame"
        wrong = Misstep("none", "a close frame", "the end of the connection", told)
        self.check(GOODBYE, entry, wrong if detail.get("code") == _ABNORMAL else None)

    def counted(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes."""
        return let_explained_go(self.recorder, self.yields, Uncounted())
