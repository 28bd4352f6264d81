"""AsyncAPI documents that use what a document may use, a feature each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Schema = Any

HEARD = {"name": "heard", "payload": {"type": "object", "properties": {"type": {"const": "heard"}}}}

COMPONENTS: dict[str, Schema] = {
    "Base": {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"type": "string"}, "event_id": {"type": "string"}},
    },
    "Chain": {
        "type": "object",
        "properties": {
            "next": {"$ref": "#/components/schemas/Chain"},
            "all": {"type": "array", "items": {"$ref": "#/components/schemas/Chain"}},
        },
    },
    "Ends": {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Ends"}]}},
    },
    "Nest": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Nest"}]}},
    "Small": {
        "type": "object",
        "allOf": [{"$ref": "#/components/schemas/Note"}],
        "properties": {
            "in": {
                "type": "object",
                "allOf": [{"$ref": "#/components/schemas/Note"}],
                "properties": {"in": {"allOf": [{"$ref": "#/components/schemas/Note"}]}},
            }
        },
    },
    "Note": {"properties": {"note": {"type": "string"}}},
}


def version_2(payload: Schema, schema_format: str = "", version: str = "2.6.0") -> dict[str, Any]:
    """Return a document with one client message, `say`."""
    message = {
        "name": "say",
        "payload": payload,
        **({"schemaFormat": schema_format} if schema_format else {}),
    }
    return {
        "asyncapi": version,
        "info": {"title": "One", "version": "1"},
        "channels": {"/talk": {"publish": {"message": message}, "subscribe": {"message": HEARD}}},
        "components": {"schemas": COMPONENTS},
    }


def saying(x: Schema, **more: Any) -> Schema:
    """Return the payload of an event whose member `x` has the schema `x`."""
    return {"type": "object", "required": ["type"], "properties": {"type": {"const": "say"}, "x": x}, **more}


def written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _object(**members: Schema) -> Schema:
    return {"type": "object", "properties": members}


_TEXT, _WHOLE, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}

PAYLOADS: dict[str, Schema] = {
    "const": saying({"const": [1, {"a": None}]}),
    "enum": saying({"enum": ["a", 1, None, True, {"k": 1}]}),
    "enum and type": saying({"type": "string", "enum": ["a", 1]}),
    "pattern": saying({"type": "string", "pattern": r"^[A-Z]{2}-\d{3,5}$"}),
    "pattern in the middle": saying({"type": "string", "pattern": "foo|bar"}),
    "pattern of ECMA-262": saying({"type": "string", "pattern": r"^\p{Lu}[\p{L}\d]+\u{1F600}?\cA$"}),
    "pattern with a group": saying({"type": "string", "pattern": r"^(?<q>['\"])[^'\"]*\k<q>$"}),
    "pattern and an example": saying(
        {"type": "string", "pattern": "(?<=a+)b", "examples": ["aab"]}  # Hypothesis cannot draw that
    ),
    "pattern that nothing is found for": saying({"type": "string", "pattern": "(?<=a+)b"}),
    "names by pattern of ECMA-262": saying(
        {"type": "object", "patternProperties": {r"^\p{Lu}$": _WHOLE, "(?<=a+)b": _TEXT}}
    ),
    "two patterns": saying({"type": "string", "allOf": [{"pattern": "^a+$"}, {"pattern": "^b+$"}]}),
    "pattern and lengths": saying(
        {"type": "string", "pattern": "^[a-z]+$", "minLength": 20, "maxLength": 30}
    ),
    "base64 and lengths": saying({"type": "string", "format": "byte", "minLength": 8, "maxLength": 16}),
    "contentEncoding": saying(
        {"type": "string", "contentEncoding": "base64", "contentMediaType": "audio/pcm"}
    ),
    "date-time": saying({"type": "string", "format": "date-time"}),
    "multiples": saying({"type": "integer", "multipleOf": 7, "minimum": 10, "maximum": 50}),
    "fractions": saying({"type": "number", "multipleOf": 0.1, "minimum": 0.05, "maximum": 3}),
    "open range": saying({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10, "multipleOf": 5}),
    "two bounds": saying({"type": "integer", "minimum": 5, "exclusiveMinimum": 2, "maximum": 9}),
    "far away": saying({"type": "integer", "minimum": 10**15}),
    "whole numbers between fractions": saying({"type": "integer", "minimum": 0.5, "maximum": 2.5}),
    "members, at least two": saying({**_object(a=_TEXT, b=_WHOLE, c=_FLAG), "minProperties": 2}),
    "members, at most one": saying({**_object(a=_TEXT, b=_WHOLE), "maxProperties": 1}),
    "free members": saying({"type": "object", "minProperties": 2, "additionalProperties": _WHOLE}),
    "free members beside": saying({**_object(a=_TEXT), "additionalProperties": _WHOLE}),
    "no free members": saying({**_object(a=_TEXT), "additionalProperties": False}),
    "names by pattern": saying(
        {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{3}$"},
            "additionalProperties": _WHOLE,
            "minProperties": 1,
        }
    ),
    "names from a list": saying(
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": _WHOLE}
    ),
    "members by pattern": saying(
        {
            **_object(a=_TEXT),
            "patternProperties": {"^x-": _WHOLE, "^y-": _TEXT},
            "additionalProperties": False,
        }
    ),
    "if": saying(
        {
            **_object(k={"enum": ["a", "b"]}, v=_TEXT),
            "required": ["k"],
            "if": {"properties": {"k": {"const": "a"}}},
            "then": {"required": ["v"]},
            "else": {"properties": {"v": {"maxLength": 3}}},
        }
    ),
    "if of numbers": saying(
        {
            "type": "integer",
            "minimum": 0,
            "if": {"maximum": 5},
            "then": {"multipleOf": 2},
            "else": {"multipleOf": 10},
        }
    ),
    "many ifs": saying(
        {
            **_object(k={"enum": list("abcdef")}, v=_TEXT, w=_WHOLE),
            "required": ["k"],
            "allOf": [
                {"if": {"properties": {"k": {"const": k}}}, "then": {"required": [v]}}
                for k, v in zip("abcdef", "vwvwvw", strict=True)
            ],
        }
    ),
    "dependencies": saying(
        {**_object(a=_TEXT, b=_WHOLE, c=_FLAG), "dependencies": {"a": ["b"], "c": {"required": ["a"]}}}
    ),
    "not together": saying({**_object(a=_TEXT, b=_TEXT), "not": {"required": ["a", "b"]}}),
    "not of a type": saying({"not": {"type": "string"}}),
    "contains": saying({"type": "array", "items": {"enum": ["a", "b", "c"]}, "contains": {"const": "b"}}),
    "tuple": saying({"type": "array", "items": [_TEXT, _WHOLE], "additionalItems": False}),
    "tuple and more": saying({"type": "array", "items": [_TEXT], "additionalItems": _FLAG, "minItems": 2}),
    "all different": saying(
        {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 2}
    ),
    "different numbers": saying({"type": "array", "items": _WHOLE, "uniqueItems": True, "minItems": 3}),
    "anyOf": saying({"anyOf": [{"type": "string", "maxLength": 3}, _WHOLE, {"type": "null"}]}),
    "one of two members": saying(
        {**_object(a=_TEXT, b=_TEXT), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    ),
    "two unions": saying({"allOf": [{"oneOf": [_TEXT, _WHOLE]}, {"oneOf": [_WHOLE, _FLAG]}]}),
    "two nots": saying({"type": "string", "allOf": [{"not": {"const": "a"}}, {"not": {"const": "b"}}]}),
    "allOf of arrays": saying({"type": "array", "allOf": [{"items": {"minimum": 1}}, {"items": _WHOLE}]}),
    "allOf of a payload": {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"required": ["y"], "properties": {"type": {"const": "say"}, "y": _WHOLE}},
        ]
    },
    "payloads": {
        "oneOf": [saying(_WHOLE), {**saying(_TEXT), "properties": {"type": {"const": "shout"}, "x": _TEXT}}]
    },
    "circular": saying({"$ref": "#/components/schemas/Chain"}),
    "circular and required": saying({"$ref": "#/components/schemas/Ends"}),
    "circular through allOf": saying({"$ref": "#/components/schemas/Nest"}),
    "one base at every level": saying({"$ref": "#/components/schemas/Small"}),
    "names that mean something": saying(
        _object(
            text={"type": "string", "maxLength": 5},
            item_id={"type": "string", "pattern": "^i[0-9]+$"},
            parameters={"type": "object", "required": ["q"], "properties": {"q": _WHOLE}},
            arguments={"type": "string", "maxLength": 1},
        )
    ),
}

FORMATS: dict[str, tuple[str, Schema]] = {
    "draft 4": (
        "application/schema+json;version=draft-04",
        saying({"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1}),
    ),
    "draft 6": (
        "application/schema+json;version=draft-06",
        saying({"type": "array", "contains": {"const": 3}}),
    ),
    "draft 7": (
        "application/schema+json;version=draft-07",
        saying({"type": ["string", "integer"], "if": _TEXT, "then": {"minLength": 3}}),
    ),
    "2019-09": (
        "application/schema+json;version=2019-09",
        saying({"type": "array", "items": [_TEXT, _WHOLE], "additionalItems": False}),
    ),
    "2019-09, dependentRequired": (
        "application/schema+json;version=2019-09",
        saying({**_object(a={}, b={}), "dependentRequired": {"a": ["b"]}}),
    ),
    "2020-12": (
        "application/schema+json;version=2020-12",
        saying({"type": "array", "prefixItems": [_TEXT, _WHOLE], "items": False, "minItems": 1}),
    ),
    "2020-12, a reference and more": (
        "application/schema+json;version=2020-12",
        saying({"$ref": "#/components/schemas/Base", "required": ["event_id"]}),
    ),
    "2020-12, unevaluated": (
        "application/schema+json;version=2020-12",
        saying(
            {
                "type": "object",
                "allOf": [{"properties": {"a": _WHOLE}}],
                "properties": {"b": _TEXT},
                "unevaluatedProperties": False,
            }
        ),
    ),
    "2020-12, contains several": (
        "application/schema+json;version=2020-12",
        saying(
            {"type": "array", "items": _WHOLE, "contains": {"minimum": 5}, "minContains": 2, "maxContains": 3}
        ),
    ),
    "OpenAPI 3.0": (
        "application/vnd.oai.openapi;version=3.0.0",
        saying({"type": "string", "nullable": True, "maxLength": 3}),
    ),
}

IMPOSSIBLE: dict[str, tuple[str, Schema, str, str]] = {
    "a keyword of another language": (
        "",
        saying({"type": "string", "nullable": True}),
        "/properties/x/nullable",
        "`nullable`",
    ),
    "a keyword in a oneOf read as anyOf": (
        "",
        saying({"oneOf": [{"enum": ["auto"]}, {"type": "string", "nullable": True}]}),
        "/payload/properties/x/oneOf/1/nullable",
        "`nullable`",
    ),
    "a keyword behind a reference": ("", saying(_object(a={"not": {"deep": 1}})), "/a/not/deep", "`deep`"),
    "dynamic references": (
        "application/schema+json;version=2020-12",
        saying({"$dynamicRef": "#x"}),
        "/properties/x/$dynamicRef",
        "`$dynamicRef`",
    ),
    "two patterns": (
        "",
        saying(
            {"type": "string", "allOf": [{"pattern": "^a+$"}, {"pattern": "^b+$"}]}, required=["type", "x"]
        ),
        "/channels/~1talk/publish/message",
        "the pattern ^a+$, at #/properties/x/pattern with its references followed",
    ),
    "what excludes itself": (
        "",
        {"allOf": [saying(_TEXT), {"properties": {"y": {}}, "additionalProperties": False}]},
        "/channels/~1talk/publish/message",
        "allows nothing",
    ),
    "Avro": (
        "application/vnd.apache.avro;version=1.9.0",
        {"type": "record"},
        "/channels/~1talk/publish/message",
        "JSON Schema",
    ),
    "RAML": (
        "application/raml+yaml;version=1.0",
        {"type": "object"},
        "/channels/~1talk/publish/message",
        "JSON Schema",
    ),
}
"""Format and payload, and what is told: the pointer, and a word of the problem."""
