"""Reads the folder of a dialect: checks `dialect.yaml`, and fills up from the parent what it does not say."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from protocol.dialect import Dialect, Overlay, Parameter, Scheme, Switches
from protocol.errors import DocumentError
from protocol.reading import read_text
from protocol.words import LEFT_OUT, Words
from protocol.yaml_core import parse_settings

SWITCHES = tuple(each.name for each in dataclasses.fields(Switches))
LEVEL_NAMES = ("MUST", "SHOULD", "MAY")
SCHEMES = get_args(Scheme)
MODELS = ("session", "transcription")
FAMILIES = ("session", "items", "streams", "own")
_SHORTEST_REASON = 10  # characters; less is no reason
_FEWEST_VOICES = 2  # scenarios change from one to another
_NAME = re.compile(r"[a-z][a-z0-9-]*")

_Check = Callable[[Any], str]
"""Returns what is expected in place of a value, empty where it is as expected."""


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and value.strip() else "a text"


def _texts(value: Any) -> str:
    listed = isinstance(value, list) and all(not _text(each) for each in value)
    return "" if listed else "a list of texts"


def _voices(value: Any) -> str:
    return _texts(value) or ("" if len(value) >= _FEWEST_VOICES else "a list of two voices or more")


def _address(value: Any) -> str:
    return "" if isinstance(value, str) and value.startswith("/") else "a path that begins with /"


def _one_of(*known: str) -> _Check:
    return lambda value: "" if value in known else f"one of {', '.join(known)}"


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _reason(value: Any) -> str:
    enough = isinstance(value, str) and len(value.strip()) >= _SHORTEST_REASON
    return "" if enough else f"a reason of at least {_SHORTEST_REASON} characters"


def _parameter(value: Any) -> str:
    if isinstance(value, dict):
        fits = set(value) <= {"value", "unless"} and not _text(value.get("value"))
        return "" if fits and not _text(value.get("unless", "-")) else "`value`, and perhaps `unless`"
    return _text(value)


def _pairs(value: Any) -> str:
    """A list of `{root: …, here: …}`; without `here` the dialect leaves out what the root says."""
    fits = isinstance(value, list) and all(
        isinstance(each, dict) and "root" in each and set(each) <= {"root", "here"} for each in value
    )
    return "" if fits else "a list of mappings with `root`, and perhaps `here`,"


_FIELDS: Mapping[str, _Check] = {
    "name": _text,
    "title": _text,
    "parent": _text,
    "path": _address,
    "recognised_by": _texts,
    "document": _text,
    "overlay": _text,
    "voices": _voices,
}
_GROUPS: Mapping[str, Mapping[str, _Check] | _Check] = {
    "auth": {"scheme": _one_of(*SCHEMES), "subprotocols": _texts},
    "query": _parameter,
    "models": dict.fromkeys(MODELS, _text),
    "switches": dict.fromkeys(SWITCHES, _flag),
    "levels": _one_of(*LEVEL_NAMES),
    "waived": _reason,
    "events": _text,
    "places": _text,
    "values": _pairs,
    "signs": dict.fromkeys(FAMILIES, _texts),
}
_OF_A_ROOT = ("title", "path", "document", "auth", "models", "voices", "switches")
"""What a dialect has to say that inherits nothing."""


def read_raw(file: Path) -> dict[str, Any]:
    """Return what is written in a `dialect.yaml`. Raises `DocumentError` where it is malformed."""
    content, _ = parse_settings(read_text(file), str(file))
    if not isinstance(content, dict):
        raise DocumentError(str(file), "", "is not a mapping", "write `name: …` and the rest below it")
    for name, value in content.items():
        if name in _FIELDS:
            _check(file, f"/{name}", _FIELDS[name], value)
        elif name in _GROUPS:
            _check_group(file, name, _GROUPS[name], value)
        else:
            known = ", ".join((*_FIELDS, *_GROUPS))
            raise DocumentError(str(file), f"/{name}", "is no field of a dialect", f"known are {known}")
    if content.get("name") != file.parent.name or not _NAME.fullmatch(file.parent.name):
        remedy = f"write `name: {file.parent.name}`, in small letters, as the folder is called"
        raise DocumentError(str(file), "/name", f"is {content.get('name')}", remedy)
    for name in () if "parent" in content else _OF_A_ROOT:
        if name not in content:
            raise DocumentError(
                str(file), f"/{name}", "is missing", "write it, or name a `parent` that has it"
            )
    return content


def _check(file: Path, place: str, check: _Check, value: Any) -> None:
    if expected := check(value):
        raise DocumentError(str(file), place, f"is {value!r}", f"{expected} is expected")


def _check_group(file: Path, group: str, checks: Mapping[str, _Check] | _Check, value: Any) -> None:
    if not isinstance(value, dict):
        raise DocumentError(str(file), f"/{group}", "is not a mapping", "write names and values below it")
    for name, each in value.items():
        if not isinstance(checks, Mapping):
            _check(file, f"/{group}/{name.replace('/', '~1')}", checks, each)
        elif name in checks:
            _check(file, f"/{group}/{name}", checks[name], each)
        else:
            raise DocumentError(
                str(file), f"/{group}/{name}", "is not known here", f"known are {', '.join(checks)}"
            )


def read_dialect(name: str, file: Path, raw: Mapping[str, Any], parent: Dialect | None) -> Dialect:
    """Return the dialect that `raw`, the content of `file`, describes; what is not said is the parent's.

    `query`, `auth` and lists stand as they are; of other mappings, each member that is not named is the
    parent's. `levels` and `waived` are those of this dialect alone. Raises `DocumentError`.
    """

    def said(field: str) -> Any:
        return raw[field] if field in raw else getattr(parent, field)

    auth = raw.get("auth", {})
    both = set(raw.get("levels", {})) & set(raw.get("waived", {}))
    if both:
        id_ = min(both)
        raise DocumentError(
            str(file), f"/waived/{id_.replace('/', '~1')}", "has a level, too", "remove one of the two"
        )
    overlays = () if parent is None or "document" in raw else parent.overlays
    if "overlay" in raw:
        overlays = (*overlays, Overlay(_file_beside(file, "overlay", raw["overlay"]), said("path")))
    return Dialect(
        name=name,
        title=raw.get("title", name),
        file=file,
        parent=parent,
        path=said("path"),
        recognised_by=tuple(raw.get("recognised_by", (raw["path"],) if "path" in raw else ())),
        scheme=auth.get("scheme", parent.scheme if parent else "none"),
        subprotocols=tuple(auth.get("subprotocols", parent.subprotocols if parent else ())),
        query=_query(raw["query"]) if "query" in raw else parent.query if parent else {},
        document=_file_beside(file, "document", raw["document"]) if "document" in raw else said("document"),
        overlays=overlays,
        models={**(parent.models if parent else {}), **raw.get("models", {})},
        voices=tuple(said("voices")),
        switches=_switches(file, raw.get("switches", {}), parent),
        levels=raw.get("levels", {}),
        waived=raw.get("waived", {}),
        words=_words(file, raw, parent),
        signs={**(parent.signs if parent else {}), **{n: tuple(v) for n, v in raw.get("signs", {}).items()}},
    )


def _file_beside(file: Path, field: str, name: str) -> Path:
    found = (file.parent / name).resolve()
    if not found.is_file():
        raise DocumentError(str(file), f"/{field}", f"there is no file {found}", "correct the path")
    return found


def _query(raw: Mapping[str, Any]) -> dict[str, Parameter]:
    return {n: Parameter(**each) if isinstance(each, dict) else Parameter(each) for n, each in raw.items()}


def _switches(file: Path, raw: Mapping[str, bool], parent: Dialect | None) -> Switches:
    if parent is not None:
        return dataclasses.replace(parent.switches, **raw)
    missing = next((each for each in SWITCHES if each not in raw), "")
    if missing:
        raise DocumentError(str(file), f"/switches/{missing}", "is missing", "say true or false")
    return Switches(**raw)


def _words(file: Path, raw: Mapping[str, Any], parent: Dialect | None) -> Words:
    values = {
        place: tuple((each["root"], each.get("here", LEFT_OUT)) for each in pairs)
        for place, pairs in raw.get("values", {}).items()
    }
    own = Words(raw.get("events", {}), raw.get("places", {}), values)
    words = parent.words.merged(own) if parent is not None else own
    for group, pairs in (("events", words.events), ("places", words.places)):
        names = [*pairs, *pairs.values()]
        twice = next((each for each in names if names.count(each) > 1), "")
        if twice:
            remedy = "let each name stand once, on one side"
            raise DocumentError(str(file), f"/{group}", f"{twice} stands there twice", remedy)
    return words
