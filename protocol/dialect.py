"""A dialect of the protocol as a value: what its folder says, and what it inherits of its parent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from protocol.words import Words

Scheme = Literal["basic", "bearer", "api-key", "subprotocol", "none"]
"""How a credential is presented; see `wire.endpoint.Auth`."""

DialectName = str
"""The name of a dialect, as it stands in options, traces and reports."""

UNIQUE_VALUE = "{unique}"
"""What a value of the query holds where each session gets a text of its own."""

KEY = "{key}"
"""What a subprotocol holds where the client's key stands."""


@dataclass(frozen=True, slots=True)
class Switches:
    """The questions in which dialects differ, each with what is true where the answer is yes."""

    refuses_unknown_fields: bool
    """A field that the protocol does not have is refused; otherwise it is ignored."""
    refuses_beta: bool
    """The header of the retired beta is refused, and its content types `text` and `audio` are no content."""
    announces_every_item: bool
    """`response.output_item.added` comes before all else of an item; otherwise only before its audio."""
    answers_calls_by_itself: bool
    """The server may create a response for the results of calls without being asked for it."""
    shows_all_settings: bool
    """A session shows every documented setting; otherwise only those that are firm."""
    shows_session_unasked: bool
    """`session.updated` may come without a `session.update` that it answers."""
    changes_model: bool
    """`session.update` may change the model."""
    transcribes_surely: bool
    """Each transcription of a turn comes to its end, with `usage`; otherwise this is only likely."""
    reports_usage_beside: bool
    """`usage` may stand in `response.done` itself, beside the response."""
    fails_with_a_bare_reason: bool
    """A failed response may say `server_error` as its reason and nothing else."""
    sends_bare_errors: bool
    """An error may have its `message` at the top of the event, and a frame with `errorType` no `type`."""
    offers_mcp: bool
    """Tools of MCP servers are documented."""
    has_extensions: bool
    """There is what GA has not: `providerData`, `temperature`, `web_search`, memory, the back-channel."""
    takes_both_modalities: bool
    """`output_modalities` may hold text and audio together."""
    takes_short_formats: bool
    """Audio formats may be written as `g711_ulaw` and the like."""
    refuses_unknown_models: bool
    """An update that names a model which does not exist is refused as a whole."""
    has_disputed_values: bool
    """Of some values (`speed`, `temperature`, types of content) its sources disagree: they may be refused."""
    truncates_a_third: bool
    """A truncation of spoken audio may be refused from a third of it on."""
    listens_at_once: bool
    """Client events are taken from the moment the connection is open, before `session.created`."""
    selects_realtime: bool
    """Clients that cannot set headers offer `realtime` beside their key, and that is what is selected."""
    labels_sessions: bool
    """The query has to label the session (`key`) and to name the protocol; otherwise it names the model."""


class Overlay(NamedTuple):
    """A file that changes a dialect's document, and where the channel is that it describes from then on."""

    file: Path
    address: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query that a client adds: its `value`, not given where the query has `unless`."""

    value: str
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; `parent` is the one it was derived from, None for the root of the family.

    `path` is where a server has it, and an address that holds one of `recognised_by` is taken for it.
    `scheme` is how a key is presented where nobody says otherwise, `subprotocols` what is offered by a client
    that cannot set headers. `document` is the AsyncAPI document, `overlays` are what changes it, in
    their order. `levels` and `waived` say how binding requirements are here (`MUST`, `SHOULD`, `MAY`), and
    why some are not judged, each with the file that says so; where neither speaks of one, its entry in the
    registry does, for this dialect or the nearest above it. `words` are how it spells what the root of its
    family has. `signs` are what tells it from others on the wire, by families: keys of the `session`, types
    of events about `items` and of `streams`, and types and keys that are its `own`.
    """

    name: str
    title: str
    file: Path
    parent: Dialect | None
    path: str
    recognised_by: tuple[str, ...]
    scheme: Scheme
    subprotocols: tuple[str, ...]
    query: Mapping[str, Parameter]
    document: Path
    overlays: tuple[Overlay, ...]
    models: Mapping[str, str]
    voices: tuple[str, ...]
    switches: Switches
    levels: Mapping[str, str] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    signs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.file)

    @property
    def family(self) -> tuple[str, ...]:
        """Its name and those above it, the nearest first."""
        return (self.name, *(self.parent.family if self.parent is not None else ()))

    @property
    def key_prefixes(self) -> tuple[str, ...]:
        """What subprotocols begin with that hold a key."""
        return tuple(each.partition(KEY)[0] for each in self.subprotocols if KEY in each)

    def has(self, wanted: str) -> bool:
        """Tell whether a switch is on, or off where `wanted` is `not` and its name; always for no name.

        Raises `AttributeError` for a switch that does not exist.
        """
        negated, _, name = wanted.rpartition(" ")
        return not name or bool(getattr(self.switches, name)) is not bool(negated)

    def parameters(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the query of a new session: what was `given`, and what the dialect wants beside it."""
        found = dict(given)
        for name, parameter in self.query.items():
            if not parameter.unless or parameter.unless not in given:
                found.setdefault(name, parameter.value.replace(UNIQUE_VALUE, uuid.uuid4().hex))
        return found

    def offered(self, key: str) -> list[str]:
        """Return the subprotocols with which a client offers `key`."""
        return [each.replace(KEY, key) for each in self.subprotocols]
