"""Values of a document together with where they stand, so that every complaint can name its place."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import yaml

from protocol.errors import DocumentError, readable
from protocol.json_values import overlaid
from protocol.reading import read_text
from protocol.yaml_core import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from referencing import Registry, Resource

_HASH_LENGTH = 12


class Files:
    """The files one document is made of, each read once; local files only."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._resources: dict[str, Resource[Any]] = {}
        # Only who has a document to read waits for this to be loaded.
        from referencing import Registry  # noqa: PLC0415

        self._registry: Registry[Any] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]

    def open(self, source: str | Path, overlays: Iterable[tuple[Path, str]] = ()) -> DocumentPlace:
        """Return the root of the document at `source`, a path or a `file:` URL, with `overlays` laid over it.

        Each comes with the address that the document's only channel has from then on. Raises `DocumentError`
        where a file cannot be read or parsed.
        """
        uri = uri_of(source)
        before = whole = self._read(uri).contents
        for file, address in overlays:
            each = uri_of(file)
            patch = self._read(each).contents
            if not isinstance(patch, dict):
                raise DocumentError(each, "", "is not a mapping", "write only what differs from the document")
            whole = _at_address(overlaid(whole, _absolute(patch, each)), address)
        if whole is not before:
            from referencing import Resource  # noqa: PLC0415

            self._registry = self._registry.with_resource(uri, Resource.opaque(whole))
        return DocumentPlace(whole, uri, "", self)

    def lookup(self, uri: str, reference: str) -> Any:
        """Return the value that `reference`, standing in the file `uri`, names.

        Raises `LookupError` where it names none, or `DocumentError` for a file that cannot be read.
        """
        from referencing.exceptions import Unresolvable  # noqa: PLC0415

        try:
            return self._registry.resolver(base_uri=uri).lookup(reference).contents
        except Unresolvable as error:
            raise LookupError(reference) from error

    def digest(self) -> str:
        """Return a short hash of all texts read so far, independent of where they lie."""
        whole = hashlib.sha256()
        for uri in sorted(self.texts, key=lambda uri: Path(urlsplit(uri).path).name):
            whole.update(self.texts[uri].encode())
        return whole.hexdigest()[:_HASH_LENGTH]

    def _retrieve(self, uri: str) -> Resource[Any]:
        if urlsplit(uri).scheme != "file" or not _path(uri).is_file():
            from referencing.exceptions import NoSuchResource  # noqa: PLC0415

            raise NoSuchResource(uri)
        return self._read(uri)

    def _read(self, uri: str) -> Resource[Any]:
        if uri in self._resources:
            return self._resources[uri]
        # The digest is to be the same wherever the file was checked out.
        text = read_text(_path(uri)).replace("\r\n", "\n").replace("\r", "\n")
        self.texts[uri] = text
        from referencing import Resource  # noqa: PLC0415

        self._resources[uri] = Resource.opaque(_parse(uri, text))
        # A registry never changes; without this, each look-up would begin with retrieving.
        self._registry = self._registry.with_resource(uri, self._resources[uri])
        return self._resources[uri]


def _absolute(value: Any, uri: str) -> Any:
    """Return part of an overlay in the file `uri` with its references as they read in another file.

    What begins with `#` is meant in the document as it is with the overlay.
    """
    if isinstance(value, list):
        return [_absolute(each, uri) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _absolute(each, uri) for name, each in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        made["$ref"] = urljoin(uri, reference)
    return made


def _at_address(whole: dict[str, Any], address: str) -> dict[str, Any]:
    """Return a document whose only channel is at `address`; one that has more of them, as it is."""
    channels = whole.get("channels")
    if not isinstance(channels, dict) or len(channels) != 1:
        return whole
    [(name, channel)] = channels.items()
    if str(whole.get("asyncapi", "")).startswith("3") and isinstance(channel, dict):
        return {**whole, "channels": {name: {**channel, "address": address}}}
    return {**whole, "channels": {address: channel}}


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def uri_of(source: str | Path) -> str:
    """Return `source`, a path or a URL, as an absolute URI without a fragment."""
    text = str(source)
    scheme = urlsplit(text).scheme
    if len(scheme) > 1:  # one letter is a drive
        if scheme != "file":
            raise DocumentError(text, "", f"{scheme}: is not read over the network", "download it first")
        return urldefrag(text).url
    try:
        return Path(text).absolute().resolve().as_uri()
    except (OSError, RuntimeError, ValueError):  # links that lead in a circle, a null character
        raise DocumentError(text, None, "cannot be read (it leads nowhere)", "check the path") from None


def _parse(uri: str, text: str) -> Any:
    try:
        if text.lstrip()[:1] in ("{", "["):
            with contextlib.suppress(ValueError):  # YAML's flow style also begins with a brace
                return json.loads(text)
        return parse_yaml(text)
    except yaml.YAMLError as error:
        raise _unreadable(uri, error) from None
    except RecursionError:
        raise DocumentError(uri, "", "nests too deeply to be read", "flatten it") from None


def _unreadable(uri: str, error: yaml.YAMLError) -> DocumentError:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = getattr(error, "problem", None) or "cannot be parsed"
    if problem.startswith("but "):  # the second half of a sentence
        problem = f"{getattr(error, 'context', None) or 'something else was expected'}, {problem}"
    return DocumentError(uri, place, f"is neither YAML nor JSON: {problem}", "correct the syntax there")


def token(key: str | int) -> str:
    """Return `key` as one reference token of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def last_key(pointer: str) -> str:
    """Return the key that the last token of a JSON pointer stands for."""
    return pointer.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """A value in a document: its file, its JSON pointer, and the files its references may name."""

    value: Any
    uri: str
    pointer: str
    files: Files

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str | int) -> DocumentPlace:
        """Return the member or element `key`, which must exist."""
        return DocumentPlace(self.value[key], self.uri, f"{self.pointer}/{token(key)}", self.files)

    def get(self, key: str) -> DocumentPlace | None:
        """Return the member `key`, or None where it is absent or this is no mapping."""
        return self.at(key) if key in self else None

    def members(self) -> Iterator[tuple[str, DocumentPlace]]:
        """Iterate over the members of a mapping, in order."""
        for key in self.value:
            yield str(key), self.at(key)

    def elements(self) -> Iterator[DocumentPlace]:
        """Iterate over the elements of a list, in order."""
        for index in range(len(self.value)):
            yield self.at(index)

    def expect(self, kind: type, name: str) -> DocumentPlace:
        """Return this place if its value is a `kind`, else raise `DocumentError`."""
        if not isinstance(self.value, kind):
            word = {"dict": "mapping", "list": "list", "str": "string"}.get(kind.__name__, kind.__name__)
            raise self.error(f"{name} is not a {word}", "see the AsyncAPI specification")
        return self

    def error(self, problem: str, remedy: str) -> DocumentError:
        """Return a complaint about this place, to be raised."""
        return DocumentError(self.uri, self.pointer, problem, remedy)

    @property
    def file(self) -> str:
        """The file's path as a user would type it."""
        return readable(self.uri)

    def target(self) -> DocumentPlace:
        """Return what this place's own `$ref` names, one step.

        Raises `DocumentError` where the reference leads nowhere, or to a file that cannot be read.
        """
        here = self.at("$ref")
        reference = here.value
        if not isinstance(reference, str):
            raise here.error("`$ref` is not a string", "write a file name, a JSON pointer, or both")
        try:
            value = self.files.lookup(self.uri, reference)
        except (LookupError, TypeError, ValueError) as error:  # a pointer into a scalar, say
            cause: BaseException | None = error
            while cause is not None and not isinstance(cause, DocumentError):
                cause = cause.__cause__
            raise cause or here.error(
                f"`$ref: {reference}` leads nowhere", "correct the reference or add what it names"
            ) from None
        uri, fragment = urldefrag(urljoin(self.uri, reference))
        return DocumentPlace(value, uri, unquote(fragment), self.files)

    def follow(self) -> DocumentPlace:
        """Return the end of this place's chain of `$ref`s; itself where there is none.

        Raises `DocumentError` for a chain that leads nowhere or back to itself.
        """
        place, seen = self, {(self.uri, self.pointer)}
        while "$ref" in place:
            place = place.target()
            if (place.uri, place.pointer) in seen:
                raise self.error("`$ref` leads back to itself", "let one of the references name a real value")
            seen.add((place.uri, place.pointer))
        return place
