"""What one table of places has that another has not, and which of that is known, with a reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from drift.flat import Place

Places = Mapping[str, Place]
Events = Mapping[str, Places]
"""The places of each event of a side, by the event's `type`."""

MISSING = "missing"
"""The SDK has it; our document has not, so that what is legal may count as a violation."""

EXTRA = "extra"
"""Our document has it and the SDK has not: it may have been taken away, or never was a promise."""

TYPES = "types"
VALUES = "values"

DEMANDED = "demanded"
"""Our document requires what the SDK does without. (The other way round does no harm.)"""

_TAG = re.compile(r"<[^<>]*>")
_STEP = re.compile(r"\.|\[\]|<[^<>]*>")
_MEMBER = re.compile(r"(?:<[^<>]*>|\[\])*\.([^.\[<]+)")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: of which kind, at which path of which event, and the details where there are any."""

    what: str
    at: str
    says: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.at}" + (f": {self.says}" if self.says else "")


@dataclass(frozen=True, slots=True)
class Known:
    """A difference that is accepted. In `at`, an asterisk stands for any text; `says` has to be the same."""

    what: str
    at: str
    reason: str
    says: str = ""

    def covers(self, difference: Difference) -> bool:
        """Tell whether the difference is the one that is meant."""
        pattern = ".*".join(map(re.escape, self.at.split("*")))
        same = (self.what, self.says) == (difference.what, difference.says)
        return same and re.fullmatch(pattern, difference.at) is not None


def differences(side: str, theirs: Events, ours: Events) -> list[Difference]:
    """Return how the events of the SDK and those of our document differ, on one side of the connection."""
    lacking = theirs.keys() - ours.keys()
    found = [Difference(MISSING, f"{side} {type_}", _holds("", theirs[type_])) for type_ in lacking]
    found += [Difference(EXTRA, f"{side} {type_}") for type_ in ours.keys() - theirs.keys()]
    for type_ in theirs.keys() & ours.keys():
        found += _of_event(f"{side} {type_} ", theirs[type_], ours[type_])
    return sorted(set(found), key=lambda each: (each.at, each.what))


def _of_event(where: str, theirs: Places, ours: Places) -> Iterator[Difference]:
    theirs, ours = _comparable(theirs, ours)
    for place in _tops(theirs, ours):
        yield Difference(MISSING, where + place, _holds(place, theirs))
    for place in _tops(ours, theirs):
        yield Difference(EXTRA, where + place)
    for path in theirs.keys() & ours.keys():
        one, other = theirs[path], ours[path]
        if one.kinds != other.kinds and "any" not in one.kinds | other.kinds:
            yield Difference(TYPES, where + path, f"SDK {_list(one.kinds)}, document {_list(other.kinds)}")
        if one.values != other.values:
            yield Difference(VALUES, where + path, _of_values(one, other))
        if other.required and not one.required:
            yield Difference(DEMANDED, where + path)


def _holds(top: str, places: Places) -> str:
    """Return the members of what is at `top`, an event where that is empty: one more of them is a difference.

    How many there are on all levels counts, too. Empty where there are none.
    """
    below = (
        [path[len(top) :] for path in places if path.startswith(top)] if top else [f".{p}" for p in places]
    )
    found = [match[1] for path in below if not path.endswith("[]") and (match := _MEMBER.match(path))]
    names = set(found)
    deeper = f", {len(found)} on all levels" if len(found) > len(names) else ""
    return f"with {_list(names)}{deeper}" if names else ""


def _of_values(theirs: Place, ours: Place) -> str:
    if theirs.values is None or ours.values is None:
        closed, who = (ours.values, "the document") if theirs.values is None else (theirs.values, "the SDK")
        return f"only {who} says which: {_list(closed or ())}"
    more, fewer = theirs.values - ours.values, ours.values - theirs.values
    parts = [f"only the SDK has {_list(more)}"] if more else []
    return ", ".join(parts + ([f"only the document has {_list(fewer)}"] if fewer else []))


def _list(words: Collection[object]) -> str:
    return " ".join(sorted(map(str, words))) or "nothing"


def _comparable(theirs: Places, ours: Places) -> tuple[Places, Places]:
    """Return both tables with the same alternatives; those inside others show once these are alike."""
    while True:
        one, other = alike(theirs, ours), alike(ours, theirs)
        if (one.keys(), other.keys()) == (theirs.keys(), ours.keys()):
            return one, other
        theirs, ours = one, other


def alike(places: Places, other: Places) -> dict[str, Place]:
    """Return `places` with alternatives told apart by `<type>` only where both tables do."""
    paths = [*places, *other]
    plain = {node for node in _nodes(places) if any(path.startswith(f"{node}.") for path in paths)}
    merged: dict[str, list[tuple[str, Place]]] = {}
    for path, place in places.items():
        merged.setdefault(_without_tags(path, plain), []).append((path, place))
    return {path: _merged(path, found, places, plain) for path, found in merged.items()}


def _nodes(places: Places) -> set[str]:
    return {path[: tag.start()] for path in places for tag in _TAG.finditer(path)}


def _without_tags(path: str, plain: Collection[str]) -> str:
    return _TAG.sub(lambda tag: "" if path[: tag.start()] in plain else tag[0], path)


def _merged(path: str, found: Sequence[tuple[str, Place]], places: Places, plain: Collection[str]) -> Place:
    """Return what holds for all alternatives of which each has, or lacks, the member at the end of `path`."""
    if len(found) == 1 and found[0][0] == path:
        return found[0][1]
    parents = {_parent(each) for each, _ in found}
    alternatives = {_parent(each) for each in places if _without_tags(_parent(each), plain) == _parent(path)}
    values = [place.values for _, place in found]
    listed = [each for each in values if each is not None]
    return Place(
        frozenset().union(*(place.kinds for _, place in found)),
        frozenset().union(*listed) if len(listed) == len(values) else None,
        (path.endswith("[]") or parents >= alternatives) and all(place.required for _, place in found),
    )


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _tops(places: Places, other: Places) -> set[str]:
    """Return where `places` has what the other table lacks: the topmost places, not what is below them."""
    there = {start for path in other for start in _starts(path)}
    return {
        next(start for start in _starts(path) if start not in there) for path in places.keys() - other.keys()
    }


def _starts(path: str) -> Iterator[str]:
    """Yield the beginnings of a path, the shortest first, and the path itself."""
    for step in _STEP.finditer(path):
        yield path[: step.start()]
        if step[0] != ".":
            yield path[: step.end()]
    yield path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a comparison: new differences, known ones with why, and reasons without a difference."""

    new: tuple[Difference, ...]
    known: tuple[tuple[Difference, Known], ...]
    stale: tuple[Known, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is to be done."""
        return not self.new and not self.stale


def outcome(found: Sequence[Difference], known: Sequence[Known]) -> Outcome:
    """Hold differences against the list of known ones; the first entry that covers one counts."""
    pairs = [(each, next((entry for entry in known if entry.covers(each)), None)) for each in found]
    used = {id(entry) for _, entry in pairs if entry is not None}
    return Outcome(
        tuple(each for each, entry in pairs if entry is None),
        tuple((each, entry) for each, entry in pairs if entry is not None),
        tuple(entry for entry in known if id(entry) not in used),
    )
