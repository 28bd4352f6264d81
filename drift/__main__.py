"""`python -m drift [openai] [azure-voice-live]`: what the installed SDKs have that our documents have not.

Exit code 0: nothing but what is known. 1: something is new, or an entry of `known/` covers nothing any more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

from drift import sdk_openai, sdk_voicelive
from drift.differences import Difference, Events, Outcome, differences, outcome
from drift.documents import SIDES, documented, known_differences

SDKS: Mapping[str, ModuleType] = {"openai": sdk_openai, "azure-voice-live": sdk_voicelive}
"""The SDK that speaks a dialect. A new one is a module with `version`, `client` and `server`."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m drift", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("dialects", nargs="*", metavar="DIALECT", help=f"of {', '.join(SDKS)}; default: all")
    parser.add_argument("--propose", action="store_true", help="print entries for known/, without reasons")
    parser.add_argument("--table", action="store_true", help="print also what is known, with its reasons")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.dialects if name not in SDKS]
    if unknown:
        parser.error(f"no SDK is compared for {' '.join(unknown)}; choose of {' '.join(SDKS)}")
    clean = [_compare(name, given.propose, given.table) for name in given.dialects or SDKS]
    return 0 if all(clean) else 1


def _compare(dialect: str, propose: bool, table: bool) -> bool:
    """Compare one SDK with our document, print what came of it; return True where nothing is to be done."""
    sdk = SDKS[dialect]
    theirs: Mapping[str, Events] = {"client": sdk.client(), "server": sdk.server()}
    ours = documented(dialect)
    found = [each for side in SIDES for each in differences(side, theirs[side], ours[side])]
    came = outcome(found, known_differences(dialect))
    counts = ", ".join(f"{len(theirs[side])} {side}" for side in SIDES)
    print(f"{dialect}: {sdk.PACKAGE} {sdk.version()} ({counts} events) against its document")
    print(f"  {len(came.new)} new, {len(came.known)} known, {len(came.stale)} entries cover nothing")
    _print(came, propose, table)
    return came.clean


def _print(came: Outcome, propose: bool, table: bool) -> None:
    for difference in came.new:
        print(proposed(difference) if propose else f"  new: {difference}")
    for entry in came.stale:
        print(f"  covers nothing any more, remove it from known/: {entry.what}: {entry.at}")
    for difference, entry in came.known if table else ():
        print(f"  known: {difference} ({entry.reason})")


def proposed(difference: Difference) -> str:
    """Return an entry for `known/` that covers the difference; its reason is left to write."""
    says = f"\n  says: '{difference.says}'" if difference.says else ""
    return f"- what: {difference.what}\n  at: '{difference.at}'{says}\n  reason: ''"


if __name__ == "__main__":
    sys.exit(main())
