"""The table of options: what the doors of click and pytest have in common, each said once.

An `Option` is data: its name, what its value may be, its default, its help. `FRONT_DOORS` says which
options each door has, in the order of its help. `realtime_conformance/commands/common.py` makes options of
click of them, `realtime_conformance/pytest_plugin/options.py` those of pytest. What only one command of
click knows (`serve --fault`) stands with that command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from realtime_conformance.limits import MOST_REPEATS, READY_S
from suites.depth import DEPTHS


@dataclass(frozen=True, slots=True)
class TextKind:
    """Any text."""


@dataclass(frozen=True, slots=True)
class FlagKind:
    """Said or not. With `no`, a second name says the contrary."""

    no: str = ""


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time in seconds, more than 0."""


@dataclass(frozen=True, slots=True)
class WholeKind:
    """A whole number, from `least` to `most`; None is no bound."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class OneOfKind:
    """One of `names`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """A path: of a `file`, a `folder`, or of either. Whether it is there is not asked."""

    file: bool = True
    folder: bool = True


@dataclass(frozen=True, slots=True)
class CountKind:
    """Said once, or several times for more."""


@dataclass(frozen=True, slots=True)
class DialectKind:
    """The name of a dialect, or one of `others`. Which dialects there are is asked only once one is named."""

    others: tuple[str, ...] = ()

    def problem(self, name: str) -> str:
        """Return what is wrong with `name`; empty where it is one of them."""
        from protocol.catalogue import VARIABLE, dialects  # noqa: PLC0415 - may read a folder of the user's

        names = [*dialects(), *self.others]
        known = ", ".join(map(repr, names))
        return "" if name in names else f"{name!r} is not one of {known}; {VARIABLE} adds others."


Kind = TextKind | FlagKind | CountKind | Seconds | WholeKind | OneOfKind | PlaceKind | DialectKind

FILE, FOLDER = PlaceKind(folder=False), PlaceKind(file=False)
TEXT_KIND, FLAG, SECONDS = TextKind(), FlagKind(), Seconds()


@dataclass(frozen=True, slots=True)
class Option:
    """An option, as every door has it.

    `repeatable`: it may be said several times, and its value is a tuple. `usually` says what holds where it
    is not said, if that is no `default` of its own. `old` are names that it had in pytest, which obeys them.
    `in_pytest` is its name where pytest has one of the same name itself, `short` one letter for it in click.
    """

    name: str
    help: str
    kind: Kind = TEXT_KIND
    default: Any = None
    metavar: str | None = None
    repeatable: bool = False
    usually: str = ""
    old: tuple[str, ...] = ()
    in_pytest: str = ""
    short: str = ""

    @property
    def field(self) -> str:
        """What its value is called where the values of all options are given: `answer_timeout`."""
        return self.name.lstrip("-").replace("-", "_")

    @property
    def told(self) -> str:
        """Its help, with what usually holds where it is not said. Each door shows a `default` in its way."""
        return f"{self.help}  [default: {self.usually}]" if self.usually else self.help


def _waiting(what: str, seconds: int) -> Mapping[str, Any]:
    return {"help": f"Seconds {what}.", "kind": SECONDS, "usually": str(seconds)}


_ALL = (
    Option("--endpoint", "ws:// or wss:// URL of the server to judge.", metavar="URL"),
    Option("--target", "A target of conformance.yaml.", metavar="NAME"),
    Option(
        "--start",
        "Start the server with this command first, and stop it with its children at the end.",
        metavar="COMMAND",
    ),
    Option(
        "--ready",
        "It is ready when URL answers, or its output matches REGEX.",
        metavar="URL|REGEX",
        usually="the endpoint's port is open",
    ),
    Option("--ready-timeout", "Seconds until it has to be ready.", SECONDS, READY_S),
    Option(
        "--dialect",
        "Whose rules apply: inworld, openai, beta, azure-voice-live, xai, or one of yours.",
        DialectKind(),
        metavar="NAME",
    ),
    Option(
        "--also",
        "List the differences from this dialect, too.",
        DialectKind(others=("none",)),
        metavar="NAME",
        usually="the parent of the dialect",
    ),
    Option("--config", "Another conformance.yaml.", FILE, old=("--targets-file",)),
    Option(
        "--auth",
        "How the key is presented.",
        OneOfKind(("basic", "bearer", "api-key", "subprotocol", "none")),
    ),
    Option(
        "--auth-env",
        "Environment variable that holds the key.",
        metavar="NAME",
        usually="REALTIME_API_KEY",
    ),
    Option("--header", "Send this header along.", metavar="NAME:VALUE", repeatable=True),
    Option("--query", "Add this to the URL's query.", metavar="NAME=VALUE", repeatable=True),
    Option("--ca", "PEM file of further authorities.", FILE),
    Option("--insecure", "Accept any certificate.", FLAG, default=False),
    Option("--connect-timeout", **_waiting("for the handshake", 10)),
    Option("--answer-timeout", **_waiting("for an answer", 5)),
    Option("--response-timeout", **_waiting("for a response", 60)),
    Option("--silence", **_waiting("of silence that end a wait", 15)),
    Option(
        "--budget",
        "Spend no more than this: sessions=30,responses=40,audio_s=60,characters=900,tokens=5000.",
        metavar="KIND=N,…",
    ),
    Option("--concurrency", "Sessions at once.", WholeKind(1, 200), usually="8"),
    Option("--feature", "The target offers this.", metavar="NAME", repeatable=True),
    Option("--no-feature", "The target does not offer this.", metavar="NAME", repeatable=True),
    Option("--probe", "Find out first what the target offers.", FlagKind(no="--no-probe"), default=True),
    Option("--asyncapi", "Use this AsyncAPI document instead of ours.", metavar="FILE"),
    Option(
        "--channel",
        "realtime, tts, stt or all; with a document, the address of one of its channels.",
        metavar="NAME|ADDRESS",
    ),
    Option(
        "-k",
        "Only scenarios or requirements with this text in their id: texts, and, or, not, parentheses.",
        metavar="EXPRESSION",
        repeatable=True,
    ),
    Option(
        "--only-failed",
        "Only what concerns the requirements that failed in this report.",
        PlaceKind(),
        metavar="REPORT",
    ),
    Option(
        "--continue",
        "Only what this report has as not played; both are judged together.",
        PlaceKind(),
        metavar="REPORT",
    ),
    Option(
        "--group-by",
        "A field of every line that tells the sessions in one file apart (a.b is b in a).",
        metavar="FIELD",
    ),
    Option("--depth", "How much generated scenarios try.", OneOfKind(tuple(DEPTHS)), "standard"),
    Option("--seed", "Seed of everything random.", WholeKind(), 0),
    Option("--max-examples", "Examples of each random scenario.", WholeKind(least=1), metavar="N"),
    Option("--out", "Folder for the report.", FOLDER, Path("conformance-report"), old=("--report",)),
    Option(
        "--strict",
        "Warnings count as failures.",
        FLAG,
        default=False,
        in_pytest="--strict-conformance",  # its own `--strict` is about markers and settings
    ),
    Option("--baseline", "List of known failures: those do not count, all others do.", FILE, metavar="FILE"),
    Option(
        "--strict-fingerprints",
        "What the baseline knows is not known in events of another type.",
        FLAG,
        default=False,
    ),
    Option(
        "--as-of",
        "Judge by what this version judged by: what is newer is shown, and does not count.",
        metavar="VERSION",
        usually="`as_of` of the baseline, else this version",
    ),
    Option(
        "--since",
        "An earlier report of the target: summary.md says in a line what changed.",
        PlaceKind(),
        metavar="REPORT",
    ),
    Option(
        "--repeat",
        "Play everything N times, to tell what always fails from what is flaky.",
        WholeKind(1, MOST_REPEATS),
        1,
        metavar="N",
    ),
    Option(
        "--deadline",
        "Bound the whole run in time; what is cut off is inconclusive.",
        SECONDS,
        metavar="SECONDS",
    ),
    Option(
        "--patience",
        "Whether waits for what proved never to come are cut short.",
        OneOfKind(("learned", "full")),
        "learned",
    ),
    Option("--plan", "Send nothing; say what would be played, and what that costs.", FLAG, default=False),
    Option("--quiet", "Print nothing but errors.", FLAG, default=False, short="-q"),
    Option(
        "--verbose",
        "Print each frame as it comes: -v one line, -vv what is in it, too.",
        CountKind(),
        0,
        short="-v",
    ),
    Option("--color", "When to use colours.", OneOfKind(("auto", "always", "never")), "auto"),
    Option("--print", "Play nothing: print the frames for this client.", OneOfKind(("wscat", "websocat"))),
)

GROUPS: Mapping[str, tuple[str, ...]] = {
    heading: tuple(fields.split())
    for heading, fields in (
        ("Whom to judge", "endpoint target config start ready ready_timeout dialect also"),
        ("What it offers", "feature no_feature probe"),
        ("How to reach it", "auth auth_env header query ca insecure connect_timeout"),
        ("How long to wait", "answer_timeout response_timeout silence patience deadline"),
        ("What is judged", "group_by"),
        ("What to play", "k only_failed continue depth seed max_examples repeat asyncapi channel"),
        ("What it may cost", "budget concurrency plan"),
        ("What counts", "strict baseline strict_fingerprints as_of"),
        ("What is told", "out since quiet verbose color print"),
    )
}
"""Headings in a help, and the fields of the options under each."""

OPTIONS: Mapping[str, Option] = {option.field: option for option in _ALL}
"""Each option by its field."""

_HOW = (
    "config auth auth_env header query ca insecure connect_timeout answer_timeout response_timeout silence "
    "budget"
)
_RUN = (
    f"endpoint target start ready ready_timeout dialect also {_HOW} concurrency feature no_feature probe "
    "asyncapi channel"
)
_REST = "depth seed max_examples out strict baseline strict_fingerprints as_of since repeat deadline patience"

_NAMES = {
    "run": f"{_RUN} k only_failed continue {_REST} plan quiet verbose color",
    "judge": "group_by dialect also asyncapi channel out strict baseline strict_fingerprints as_of since "
    "feature no_feature target config color",
    "replay": f"endpoint target dialect {_HOW} asyncapi channel strict out print",
    "load": f"endpoint target dialect {_HOW} feature no_feature seed out strict plan quiet color",
    "generate": "dialect asyncapi channel",
    "document": "dialect channel out",
    "serve": "dialect",
    "proxy": "dialect channel ca insecure connect_timeout out strict baseline strict_fingerprints as_of "
    "color",
    # pytest itself selects (`-k`, `--lf`), lists (`--collect-only`) and is quiet (`-q`).
    "pytest": f"{_RUN} {_REST}",
}

_OTHERWISE: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "proxy": {
        "dialect": {"usually": "what the address tells, or the traffic"},
        "channel": {
            "help": "Which channel it is, where the path does not tell: realtime, tts or stt.",
            "kind": OneOfKind(("realtime", "tts", "stt")),
            "metavar": None,
        },
        "connect_timeout": {"help": "Seconds for the server to open a connection."},
    },
    "judge": {"target": {"help": "What this target of conformance.yaml offers, was offered."}},
    "replay": {"out": {"help": "Folder for a report.", "default": None, "usually": "none"}},
    "generate": {
        "asyncapi": {"help": "Generate from this AsyncAPI document instead of ours."},
        "channel": {
            "help": "Which channel: tts or stt, or an address in that document.",
            "metavar": "NAME|ADDRESS",
        },
    },
    "document": {
        "dialect": {"help": "The document of this dialect, instead of FILE."},
        "channel": {"help": "Only this channel, by its address, or tts or stt.", "metavar": "NAME|ADDRESS"},
        "out": {
            "help": "Write it to this file (YAML, or JSON by its name), with all that it refers to in it.",
            "kind": FILE,
            "default": None,
            "usually": "none",
        },
    },
}
"""In what an option differs at one door."""


def _of(door: str) -> tuple[Option, ...]:
    changes = _OTHERWISE.get(door, {})
    return tuple(replace(OPTIONS[name], **changes.get(name, {})) for name in _NAMES[door].split())


FRONT_DOORS: Mapping[str, tuple[Option, ...]] = {door: _of(door) for door in _NAMES}
"""The options of each command of click that shares some, and of pytest, in the order of its help."""
