"""The types of the `azure-ai-voicelive` SDK that is installed, as tables of places.

Its models are classes of its own making: annotations tell the fields, `__mapping__` the classes that a
value of `type` (or `role`) stands for. They are read into a JSON Schema, which `flatten` then takes.
"""

from __future__ import annotations

import enum
import importlib
import importlib.metadata
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from drift.differences import Events
from drift.flat import Place, flatten

PACKAGE = "azure-ai-voicelive"

_OF_JSON = {str: "string", bool: "boolean", int: "integer", float: "number", bytes: "string"}

_OF_MODELS = "as_dict"
"""The method by which a model is told from other classes."""


def version() -> str:
    """Return the version that is installed."""
    return importlib.metadata.version(PACKAGE)


def client() -> Events:
    """Return the places of each event that a client may send, by the event's `type`."""
    from azure.ai.voicelive import models  # noqa: PLC0415 - one of two SDKs may be absent

    return _events(models.ClientEvent, models.ClientEventType)


def server() -> Events:
    """Return the places of each event that a server may send, by the event's `type`."""
    from azure.ai.voicelive import models  # noqa: PLC0415 - one of two SDKs may be absent

    return _events(models.ServerEvent, models.ServerEventType)


def _events(base: type[Any], listed: type[enum.Enum]) -> Events:
    """Return the events of a base class; a `type` that is only listed has no places."""
    events: dict[str, Mapping[str, Place]] = {str(each.value): {} for each in listed}
    for type_, model in base.__mapping__.items():
        reader = Reader(_names_of(model))
        schema = reader.schema(model)
        events[str(type_)] = flatten(schema, reader.definitions)
    return events


def _names_of(model: type[Any]) -> Mapping[str, Any]:
    """Return the modules that the annotations of an SDK's models name, by the names they have there."""
    package = importlib.import_module(model.__module__.rpartition(".models")[0])
    unions = importlib.import_module(f"{package.__name__}._unions")
    models = importlib.import_module(f"{package.__name__}.models")
    unions.__dict__.setdefault("_models", models)
    return {"_models": models, "_unions": unions, "_types": unions}


class Reader:
    """Reads classes into `definitions`, each once, and gives schemas that refer to them."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = dict(names)
        self.definitions: dict[str, Any] = {}

    def schema(self, hint: Any) -> dict[str, Any]:
        """Return the schema of an annotation."""
        hint = self._named(hint)
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return {"anyOf": [self.schema(each) for each in self._alternatives(arguments)]}
        if origin is typing.Literal:
            return {"enum": [each.value if isinstance(each, enum.Enum) else each for each in arguments]}
        if origin is list:
            return {"type": "array", "items": self.schema(arguments[0])}
        if hint is type(None):
            return {"type": "null"}
        if isinstance(hint, type) and hasattr(hint, _OF_MODELS):
            return self._model(hint)
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return {"enum": [each.value for each in hint]}
        if isinstance(hint, type) and hint in _OF_JSON:
            return {"type": _OF_JSON[hint]}
        return {"type": "object"} if origin is dict or origin is Mapping or hint is dict else {}

    def _named(self, hint: Any) -> Any:
        """Return what an annotation names, where it is a name."""
        if not isinstance(hint, str | typing.ForwardRef):
            return hint
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        return self._named(eval(text, {**vars(typing), **self.names}))  # an installed package wrote it

    def _alternatives(self, hints: Sequence[Any]) -> list[Any]:
        """Return the alternatives of a union, without the `str` that stands beside an enumeration.

        By that the SDK lets values pass that are still to come; compared is what it lists today.
        """
        found = [self._named(each) for each in hints]
        listed = any(isinstance(each, type) and issubclass(each, enum.Enum) for each in found)
        return [each for each in found if not (listed and each is str)]

    def _model(self, model: type[Any]) -> dict[str, Any]:
        """Return a reference to a class: to its own fields, or to the classes told apart by `type`."""
        name = model.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            kinds = {id(each): each for each in vars(model).get("__mapping__", {}).values()}.values()
            apart = [self.schema(each) for each in kinds if each is not model]
            self.definitions[name] = {"anyOf": apart} if apart else self._fields(model)
        return {"$ref": f"#/{name}"}

    def _fields(self, model: type[Any]) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for each in reversed(model.__mro__):
            if not hasattr(each, _OF_MODELS):
                continue
            own = {
                name: hint for name, hint in vars(each).get("__annotations__", {}).items() if name[0] != "_"
            }
            found.update({name: self.schema(hint) for name, hint in own.items()})
        required = [name for name, schema in found.items() if {"type": "null"} not in schema.get("anyOf", ())]
        return {"type": "object", "properties": found, "required": required}
