"""What two documents say otherwise: each kind of difference, which messages and channels are the same."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from protocol.channel_catalogue import known_channels
from protocol.errors import DocumentError
from schemas.described_fields import described_fields
from schemas.document import Document
from schemas.document_comparison import DocumentDifference, document_differences
from schemas.loader import load
from tests.schemas.documents import PING, PONG, message, version_2, version_3, written

THIRD_PARTY = Path(__file__).resolve().parents[3] / "shared" / "reference" / "inworld-ai-asyncapi.yml"
TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
COUNT = itertools.count()


def _ping(required: list[str] | None = None, **members: Any) -> dict[str, Any]:
    properties = {"type": {"const": "ping"}, **members}
    return {"type": "object", "required": ["type", *(required or [])], "properties": properties}


def _loaded(folder: Path, document: dict[str, Any]) -> Document:
    return load(written(folder, f"document-{next(COUNT)}.json", document))


def differences(folder: Path, first: Any, second: Any, address: str = "") -> list[DocumentDifference]:
    """Return the differences of two documents, or of two payloads of the client's message `ping`."""
    whole = [each if "asyncapi" in each else version_2(message("ping", each)) for each in (first, second)]
    return document_differences(_loaded(folder, whole[0]), _loaded(folder, whole[1]), address)


# --- fields -----------------------------------------------------------------------------------------------

DEEP = {"type": "object", "properties": {"b": {"type": "object", "properties": {"c": TEXT}}}}

FIELDS: dict[str, tuple[Any, Any, set[str]]] = {
    "a field": (_ping(x=TEXT), _ping(), {"client ping x: only in A"}),
    "the other way round": (_ping(), _ping(x=TEXT), {"client ping x: only in B"}),
    "the topmost field": (_ping(a=DEEP), _ping(), {"client ping a: only in A"}),
    "a deep field": (
        _ping(a=DEEP),
        _ping(a={"type": "object", "properties": {"b": {"type": "object"}}}),
        {"client ping a.b.c: only in A"},
    ),
    "a type": (_ping(x=TEXT), _ping(x=WHOLE), {"client ping x: type A string, B integer"}),
    "any type": (_ping(x=TEXT), _ping(x={}), {"client ping x: type A string, B any"}),
    "null": (
        _ping(x=TEXT),
        _ping(x={"type": ["string", "null"]}),
        {"client ping x: type A string, B null, string"},
    ),
    "a type of elements": (
        _ping(x={"type": "array", "items": TEXT}),
        _ping(x={"type": "array", "items": WHOLE}),
        {"client ping x[]: type A string, B integer"},
    ),
    "values": (
        _ping(x={"enum": ["a", "b"]}),
        _ping(x={"enum": ["b", "c"]}),
        {"client ping x: values only in A a; only in B c"},
    ),
    "values of one": (
        _ping(x={"enum": ["a", "b"]}),
        _ping(x=TEXT),
        {"client ping x: values only A lists them: a, b"},
    ),
    "a constant": (_ping(x={"const": "a"}), _ping(x={"enum": ["a"]}), set()),
    "required": (_ping(["x"], x=TEXT), _ping(x=TEXT), {"client ping x: required only in A"}),
    "a limit": (
        _ping(x={"type": "string", "maxLength": 9}),
        _ping(x={"type": "string", "maxLength": 8}),
        {"client ping x: maxLength: A 9, B 8"},
    ),
    "a limit of one": (
        _ping(x=NUMBER),
        _ping(x={"type": "number", "minimum": 0}),
        {"client ping x: minimum: A none, B 0"},
    ),
    "closed": (
        _ping(),
        {**_ping(), "additionalProperties": False},
        {"client ping: B allows no other members"},
    ),
    "an integer is a number": (
        _ping(x=NUMBER),
        _ping(x={"anyOf": [NUMBER, WHOLE]}),
        set(),
    ),
    "a spelling": (
        _ping(someText=TEXT),
        _ping(some_text=TEXT),
        {"client ping someText: B spells it some_text"},
    ),
    "two spellings": (
        _ping(someText=TEXT, some_text=TEXT),
        _ping(some_text=TEXT),
        {"client: only A takes 1 field in another spelling, too"},
    ),
    "what is described only": (_ping(x={"type": "string", "description": "One"}), _ping(x=TEXT), set()),
    "a part": (_ping(x=TEXT), {"allOf": [_ping(), {"properties": {"x": TEXT}}]}, set()),
    "required in each alternative": (
        {**_ping(x=TEXT, y=TEXT), "anyOf": [{"required": ["x"]}, {"required": ["x", "y"]}]},
        _ping(["x"], x=TEXT, y=TEXT),
        set(),
    ),
    "required in one alternative": (
        {**_ping(x=TEXT, y=TEXT), "anyOf": [{"required": ["x"]}, {"required": ["y"]}]},
        _ping(x=TEXT, y=TEXT),
        set(),
    ),
    "required in either spelling": (
        {**_ping(aB=TEXT, a_b=TEXT), "anyOf": [{"required": ["aB"]}, {"required": ["a_b"]}]},
        _ping(["aB"], aB=TEXT, a_b=TEXT),
        set(),
    ),
    "the widest limit": (
        _ping(x={"anyOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "minimum": 3}]}),
        _ping(x={"type": "integer", "minimum": 3}),
        set(),
    ),
    "the narrower of two limits": (
        _ping(x={"allOf": [{"type": "integer", "maximum": 5}, {"maximum": 3}]}),
        _ping(x={"type": "integer", "maximum": 3}),
        set(),
    ),
    "what cannot be there": (_ping(x=False), _ping(), set()),
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields(tmp_path: Path, case: str) -> None:
    first, second, expected = FIELDS[case]
    assert {str(each) for each in differences(tmp_path, first, second)} == expected


@pytest.mark.parametrize("case", FIELDS)
def test_a_document_does_not_differ_from_itself(tmp_path: Path, case: str) -> None:
    for payload in FIELDS[case][:2]:
        assert differences(tmp_path, payload, payload) == []


def test_what_holds_itself_is_told_once() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/definitions/Node"}, "n": WHOLE}}
    assert list(described_fields({"$ref": "#/definitions/Node"}, {"Node": node})) == ["", "n"]
    lists = {
        "type": "object",
        "properties": {"all": {"type": "array", "items": {"$ref": "#/definitions/Node"}}},
    }
    assert list(described_fields({"$ref": "#/definitions/Node"}, {"Node": lists})) == ["", "all"]


# --- messages and channels --------------------------------------------------------------------------------

_OPENED = {"type": "object", "properties": {"n": WHOLE}}
OPEN = message("open", {"type": "object", "required": ["open"], "properties": {"open": _OPENED}})
BARE = message("x.open", {"type": "object", "properties": {"n": WHOLE, "m": TEXT}})


def _told(folder: Path, first: Any, second: Any, address: str = "") -> list[str]:
    return [str(each) for each in differences(folder, first, second, address)]


def test_messages_that_only_one_has_in_the_order_of_the_first(tmp_path: Path) -> None:
    first = version_2(
        {"oneOf": [message("ping", PING), message("b", _typed("b")), message("a", _typed("a"))]}
    )
    second = version_2(
        {"oneOf": [message("z", _typed("z")), message("y", _typed("y")), message("ping", PING)]}
    )
    told = ["client b: only in A", "client a: only in A", "client z: only in B", "client y: only in B"]
    assert _told(tmp_path, first, second) == told


def _typed(type_: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"type": {"const": type_}}}


def test_messages_are_the_same_by_what_is_on_the_wire(tmp_path: Path) -> None:
    assert _told(tmp_path, version_2(message("ping", PING)), version_2(message("Ping!", PING))) == []
    keyed = {**OPEN, "name": "talk.opening"}
    rules: dict[str, Any] = {"x-discriminator": {"client": "key"}}
    assert _told(tmp_path, version_2(OPEN, **rules), version_2(keyed, **rules)) == []


def test_a_message_for_all_others_is_one_of_its_own(tmp_path: Path) -> None:
    anything = {"type": "object", "properties": {"type": TEXT}, "additionalProperties": True}
    second = version_2({"oneOf": [message("ping", PING), message("any", anything)]})
    assert _told(tmp_path, version_2(message("ping", PING)), second) == ["client any other: only in B"]


def test_one_rule_and_another(tmp_path: Path) -> None:
    told = _told(tmp_path, version_2(OPEN), version_2(message("ping", PING)))
    assert told == [
        "client: A tells messages apart by key, B by type",
        "client open: only in A",
        "client ping: only in B",
    ]


def test_a_message_without_its_envelope(tmp_path: Path) -> None:
    rules: dict[str, Any] = {"x-discriminator": {"client": "key"}}
    told = _told(tmp_path, version_2(OPEN, **rules), version_2(BARE, **rules))
    assert told == ["client open: B describes it without its envelope", "client open open.m: only in B"]


def test_a_message_that_is_still_to_come(tmp_path: Path) -> None:
    announced = version_2(message("ping", PING, title="Ping (coming soon)"))
    told = _told(tmp_path, version_2(message("ping", PING, title="Ping")), announced)
    assert told == ["client ping: only B says that it is still to come"]


def _channels(*addresses: str) -> dict[str, Any]:
    [channel] = version_2(message("ping", PING))["channels"].values()
    return {**version_2(message("ping", PING)), "channels": dict.fromkeys(addresses, channel)}


def test_channels_are_paired_by_address(tmp_path: Path) -> None:
    found = differences(tmp_path, _channels("/a", "/b"), _channels("/b", "/c", "/d"))
    assert [(each.channel, each.what, each.says) for each in found] == [
        ("/a", "channel", "only in A"),
        ("/c", "channel", "only in B"),
        ("/d", "channel", "only in B"),
    ]


def test_the_last_one_on_each_side_is_paired(tmp_path: Path) -> None:
    [found] = differences(tmp_path, _channels("/a", "/b"), _channels("/b", "/c"))
    assert (found.channel, found.what, found.says) == ("/a", "channel", "B has it at /c")


def test_one_channel_is_looked_at_by_its_address(tmp_path: Path) -> None:
    assert differences(tmp_path, _channels("/a", "/b"), _channels("/b", "/c"), "/b") == []
    [found] = differences(tmp_path, _channels("/b", "/c"), _channels("/a"), "/c")
    assert found.says == "B has it at /a"


@pytest.mark.parametrize(
    ("first", "second"), [(("/a",), ("/c",)), (("/b",), ("/a", "/c")), (("/a", "/c"), ("/b",))]
)
def test_an_address_that_is_not_there_is_told(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    with pytest.raises(DocumentError, match="has no channel /b"):
        differences(tmp_path, _channels(*first), _channels(*second), "/b")


def test_versions_2_and_3_say_the_same(tmp_path: Path) -> None:
    asked, answered = message("ping", _ping(x=TEXT)), message("pong", PONG)
    assert differences(tmp_path, version_2(asked, answered), version_3(asked, answered)) == []
    [found] = differences(tmp_path, version_3(asked, answered), version_3(message("ping", PING), answered))
    assert str(found) == "client ping x: only in A"


# --- ours and that of the third party ---------------------------------------------------------------------

_ENCODING = "client transcribeConfig transcribeConfig.audioEncoding"
_MODES = "only in A CREATIVE, DELIVERY_MODE_UNSPECIFIED, STABLE; only in B FAST, QUALITY"

SECTION_6 = {
    "stt": [
        *(
            f"{side} {name}: B describes it without its envelope"
            for side, names in (
                ("client", ("transcribeConfig", "audioChunk", "endTurn", "closeStream")),
                ("server", ("transcription", "speechStarted", "speechStopped", "usage")),
            )
            for name in names
        ),
        "client endTurn endTurn: B allows no other members",
        "client closeStream closeStream: B allows no other members",
        "client transcribeConfig transcribeConfig.enableSpeakerDiarization: only in A",
        "client transcribeConfig transcribeConfig.inworldSttV1Config.maxTurnSilence: only in A",
        "server usage: only B says that it is still to come",
        f"{_ENCODING}: values only in B AUTO_DETECT, FLAC, MP3, OGG_OPUS",
        f"{_ENCODING}: required only in B",
    ],
    "tts": [
        f"client create create.deliveryMode: values {_MODES}",
        "server audioChunk result.status: only in A",
        "server error: only in A",
        "client cancel_context: only in A",
        "client update_config: only in A",
        "server contextUpdated: only in A",
        "client create create.autoModeStrategy: only in A",
        "server contextCreated result.contextCreated.maxBufferDelayMs: only in A",
    ],
}
"""What is known to be wrong in their document, or to be missing (tts-stt-facts 6)."""


@pytest.mark.skipif(not THIRD_PARTY.exists(), reason="the third party's AsyncAPI document is not there")
@pytest.mark.parametrize("name", SECTION_6)
def test_what_their_document_has_wrong_is_listed(name: str) -> None:
    ours = known_channels()[name]
    told = [str(each) for each in document_differences(load(ours.document), load(THIRD_PARTY), ours.address)]
    assert [line for line in SECTION_6[name] if line not in told] == []
    assert len(told) == len(set(told)) > 30
