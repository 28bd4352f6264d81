"""What SDKs bring is read as tables: the installed `openai`, and classes made as Azure's are."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any, Literal

from drift import sdk_openai
from drift.documents import documented
from drift.flat import flatten
from drift.sdk_voicelive import Reader


def test_the_installed_sdk_is_read() -> None:
    client, server = sdk_openai.client(), sdk_openai.server()
    assert client["session.update"][
        "session<realtime>.audio.input.turn_detection<server_vad>.threshold"
    ].kinds
    assert server["response.done"]["response.output[]<function_call>.call_id"].kinds == {"string"}
    assert server["error"]["error.message"].required
    assert not client.keys() & server.keys()


def test_our_document_and_the_sdk_speak_of_the_same_places() -> None:
    """Most places have the same path on both sides, or the comparison would be of no use."""
    ours = documented("openai")
    assert ours is not None
    for side, theirs in (("client", sdk_openai.client()), ("server", sdk_openai.server())):
        both = [(theirs[type_], ours[side][type_]) for type_ in theirs.keys() & ours[side].keys()]
        assert sum(len(one.keys() & other.keys()) for one, other in both) > 0.6 * sum(
            len(one) for one, _ in both
        )


def test_a_document_is_read_in_the_words_of_its_dialect() -> None:
    assert "response.audio.delta" in documented("beta")["server"]


# --- classes made as Azure's SDK makes them -----------------------------------------------------------------


class _Kind(enum.StrEnum):
    VAD = "vad"


def _model(name: str, *bases: type[Any], **annotations: Any) -> type[Any]:
    """Return a class with the fields that the annotations name, which stands for no other yet."""
    own = {"__annotations__": annotations, "__mapping__": {}, "as_dict": lambda _: {}}
    return type(name, bases, own)


def test_classes_are_read_by_their_annotations() -> None:
    part = _model("Part", text=str)
    item = _model("Item", id=str | None)
    message = _model("Message", item, type=Literal["message"], content="List[_models.Part]")
    item.__mapping__["message"] = message
    message.__mapping__["user"] = _model("User", message, role=Literal["user"])
    event = _model("Event", type=Literal["created"], item="Optional[_models.Item]", kind=str | _Kind)

    reader = Reader({"_models": SimpleNamespace(Part=part, Item=item)})
    places = flatten(reader.schema(event), reader.definitions)
    assert {path: (sorted(each.kinds), each.required) for path, each in places.items()} == {
        "type": (["string"], True),
        "item": (["object"], False),
        "kind": (["string"], True),
        "item<message>.id": (["string"], False),
        "item<message>.type": (["string"], True),
        "item<message>.content": (["array"], True),
        "item<message>.content[]": (["object"], True),
        "item<message>.content[].text": (["string"], True),
        "item<message>.role": (["string"], True),
    }
    assert places["item<message>.role"].values == frozenset({"user"})


def test_of_an_open_enumeration_what_is_listed_counts() -> None:
    event = _model("Event", kind=str | _Kind, named='Optional[Union[str, "_models.Kind"]]', free=str | int)
    reader = Reader({"_models": SimpleNamespace(Kind=_Kind)})
    places = flatten(reader.schema(event), reader.definitions)
    assert places["kind"].values == places["named"].values == frozenset({"vad"})
    assert (places["kind"].required, places["named"].required) == (True, False)
    assert places["free"].values is None
