"""The dialects that there are: the folders of `protocol/dialects/`, and those of a folder that a user names.

A folder of dialects has one folder for each, with a `dialect.yaml`. The user's is named by the environment
variable `CONFORMANCE_DIALECTS`, which also whatever is started by a command inherits.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from protocol.dialect import Dialect
from protocol.errors import DocumentError
from protocol.folder import read_dialect, read_raw

VARIABLE = "CONFORMANCE_DIALECTS"
DIALECTS_FOLDER = Path(__file__).parent / "dialects"
DIALECT_FILE = "dialect.yaml"

DEFAULT = "inworld"
"""The dialect of the embedded reference server where nobody names one."""

UNNAMED = "openai"
"""The dialect of recordings that do not say theirs."""

_SET_DIALECTS = f"correct {VARIABLE}, which has to name a folder with a folder for each dialect"


class Catalogue(Mapping[str, Dialect]):
    """The dialects by their names, the default first; equal only to itself."""

    def __init__(self, found: Mapping[str, Dialect]) -> None:
        self._found = dict(found)

    def __getitem__(self, name: str) -> Dialect:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def dialects() -> Catalogue:
    """Return the dialects known to this process. Raises `DocumentError` for a folder that is broken."""
    return _dialects(os.environ.get(VARIABLE, ""))


def dialect_of(name: str) -> Dialect:
    """Return the dialect of that name. Raises `DocumentError` where there is none."""
    known = dialects()
    if name not in known:
        raise DocumentError(
            name, "", "is the name of no dialect", f"name one of {', '.join(known)}, or set {VARIABLE}"
        )
    return known[name]


def check_name(name: str, file: str, place: str) -> str:
    """Return `name`, which stands at `place` in `file`. Raises `DocumentError` where no dialect has it."""
    known = dialects()
    if name in known:
        return name
    names = ", ".join(f'"{each}"' for each in known)
    raise DocumentError(file, place, f'is "{name}"', f"one of {names} is expected; {VARIABLE} adds others")


def title_of(name: str) -> str:
    """Return how a report calls the dialect of that name; its name, where it is not known here."""
    known = dialects().get(name)
    return known.title if known is not None else name


def having(switch: str) -> list[str]:
    """Return the names of the dialects that have `switch` on, or off for `not` and its name."""
    return [name for name, each in dialects().items() if each.has(switch)]


def key_prefixes() -> tuple[str, ...]:
    """Return what subprotocols begin with that hold a key, in any dialect."""
    found = (prefix for each in dialects().values() for prefix in each.key_prefixes if prefix)
    return tuple(dict.fromkeys(found))


def own_dialects() -> tuple[Dialect, ...]:
    """Return the dialects that the suite brings along, without those that a user added."""
    return tuple(_dialects("").values())


def guessed(url: str) -> Dialect:
    """Return the dialect that an endpoint at `url` is likely to speak."""
    return recognised(url) or dialects()[UNNAMED]


def recognised(url: str) -> Dialect | None:
    """Return the dialect that an address at `url` belongs to; None where it tells nothing.

    What a user added goes before what the suite knows, and a child before its parent.
    """
    known = sorted(
        dialects().values(), key=lambda each: (each.file.is_relative_to(DIALECTS_FOLDER), -len(each.family))
    )
    return next((each for each in known if any(sign in url for sign in each.recognised_by)), None)


@functools.cache
def _dialects(folder: str) -> Catalogue:
    files = _files(DIALECTS_FOLDER)
    if folder:
        for name, file in _files(Path(folder)).items():
            if name in files:
                raise DocumentError(
                    str(file), "/name", f"{name} is a dialect of the suite's own", "choose another name"
                )
            files[name] = file
    raw = {name: read_raw(file) for name, file in files.items()}
    made: dict[str, Dialect] = {}

    def make(name: str, below: tuple[str, ...]) -> Dialect:
        if name not in made:
            file, parent = files[name], raw[name].get("parent")
            if parent is not None and parent not in files:
                remedy = f"name one of {', '.join(sorted(set(files) - {name}))}"
                raise DocumentError(str(file), "/parent", f"there is no dialect {parent}", remedy)
            if parent in (name, *below):
                raise DocumentError(
                    str(file), "/parent", f"{name} descends from itself", "name a parent that does not"
                )
            above = make(str(parent), (*below, name)) if parent is not None else None
            made[name] = read_dialect(name, file, raw[name], above)
        return made[name]

    for name in files:
        make(name, ())
    order = sorted(
        made, key=lambda name: (name != DEFAULT, files[name].parent.parent != DIALECTS_FOLDER, name)
    )
    return Catalogue({name: made[name] for name in order})


def _files(folder: Path) -> dict[str, Path]:
    """Return the files of the dialects in `folder`, by their names."""
    try:
        found = {
            each.name: each / DIALECT_FILE
            for each in sorted(folder.iterdir())
            if (each / DIALECT_FILE).is_file()
        }
    except OSError as error:
        raise DocumentError(str(folder), "", f"cannot be read ({error.strerror})", _SET_DIALECTS) from None
    if not found:
        raise DocumentError(str(folder), "", f"holds no folder with a {DIALECT_FILE}", _SET_DIALECTS)
    return found
