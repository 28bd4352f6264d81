"""Writes generated files anew, or says which are stale: python -m tests.accept [--check] [NAME …].

A generated file is a decision that somebody has read: what faults are told as, what is counted, which fault
kills which requirement, what the pages say. Run this after a change that is meant, and read the difference.
Without names, it is about all of them. With `--check` nothing is written, and the exit code is 1 where one is
stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docs import generate
from rules.requirements import forget
from tests.rules import counting, registry_killers, telling
from tests.schemas import resolved

_SHOWN = 10  # of what is stale in one file


@dataclass(frozen=True, slots=True)
class Generated:
    """Files that a program writes: what they are, what in them is stale, and how they are written anew."""

    what: str
    stale: Callable[[], list[str]]
    write: Callable[[], object]


def differing(found: Mapping[str, object], known: Mapping[str, object]) -> list[str]:
    """Return the entries of a file that are not what they should be, each with both."""
    return [
        f"{name}: {known.get(name, 'nothing')} is there, it should be {found.get(name, 'nothing')}"
        for name in sorted(found.keys() | known.keys())
        if found.get(name) != known.get(name)
    ]


def outdated(files: Mapping[Path, str]) -> list[str]:
    """Return the names of files that are missing or hold another text, each with its first wrong line."""
    return [
        f"{path.name}{_first_difference(path, text)}"
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def _first_difference(path: Path, text: str) -> str:
    if not path.exists():
        return " is missing"
    before, after = path.read_text(encoding="utf-8").splitlines(), text.splitlines()
    same = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if same is None:
        return f": {len(before)} lines are there, it should be {len(after)}"
    return f":{same + 1}: {before[same]!r} is there, it should be {after[same]!r}"


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


def _write_killers() -> None:
    _write(registry_killers.files())
    forget()  # a page shows the killers


# In this order: later files show what is in earlier ones.
GENERATED: Mapping[str, Generated] = {
    "killers": Generated(
        "killers in rules/registry/", lambda: outdated(registry_killers.files()), _write_killers
    ),
    "told": Generated(
        "tests/rules/told.yaml", lambda: differing(telling.told(), telling.known()), telling.main
    ),
    "counted": Generated(
        "tests/rules/counted.yaml", lambda: differing(counting.counted(), counting.known()), counting.main
    ),
    "resolved": Generated(
        "tests/schemas/resolved.yaml",
        lambda: differing(resolved.resolved(), resolved.known()),
        resolved.main,
    ),
    "pages": Generated(
        "docs/requirements.md, docs/results.md",
        lambda: outdated(generate.pages()),
        lambda: _write(generate.pages()),
    ),
}


def main(arguments: Sequence[str] | None = None, generated: Mapping[str, Generated] = GENERATED) -> int:
    """Do what `arguments` ask for; return the exit code."""
    known = "\n".join(f"  {name:10} {each.what}" for name, each in generated.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.accept",
        description=f"Writes generated files anew:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all if none is given")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where one is stale")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in generated]:
        parser.error(f"{unknown[0]} is not generated; there are {', '.join(generated)}")
    code = 0
    for name, each in generated.items():
        if given.names and name not in given.names:
            continue
        if given.check:
            stale = each.stale()
            code = 1 if stale else code
            _tell(name, each, stale)
        else:
            each.write()
            print(f"{name}: {each.what}: written")  # noqa: T201 - a command
    return code


def _tell(name: str, each: Generated, stale: Sequence[str]) -> None:
    if not stale:
        print(f"{name}: {each.what}: up to date")  # noqa: T201
        return
    print(f"{name}: {each.what}: stale; where that is meant, run python -m tests.accept {name}")  # noqa: T201
    for line in stale[:_SHOWN]:
        print(f"  {line}")  # noqa: T201
    if len(stale) > _SHOWN:
        print(f"  and {len(stale) - _SHOWN} more")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
