"""The contract: one schema an event type, two engines that agree, complaints that name the leaf."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generators.field_meanings import World, meaning
from generators.from_schema import Compiler
from protocol.catalogue import dialect_of
from schemas.contract import Contract, EventSchema, contract_of
from schemas.engines import deciding, explaining
from schemas.explain import Violation
from schemas.formats import decoded_size, is_base64
from schemas.loader import load, load_dialect
from tests.schemas.documents import message, version_2, written

ASYNCAPI = Path(__file__).resolve().parents[2] / "schemas" / "asyncapi"


@functools.cache
def contract(dialect: str) -> Contract:
    return contract_of(load_dialect(dialect_of(dialect)))


def _all() -> list[tuple[str, str, str]]:
    """Return dialect, side and type of every message; what both dialects share, once."""
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for dialect in ("inworld", "openai"):
        made = contract(dialect)
        for side, schemas in (("client", made.client), ("server", made.server)):
            for type_, schema in schemas.items():
                found.setdefault(made.bundle.origins[schema.message.payload], (dialect, side, type_))
    return list(found.values())


# --- the two engines --------------------------------------------------------------------------------------

_ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from((0, -1, 1.0, 1.5, 2**63, -(2**70), 1e300)),
    st.sampled_from(("", "x", "\ud800", "AAA=", "A===", "ü", "\x00", "a" * 2000)),
    st.sampled_from(([], {}, [None], [[]], {"": None}, {"type": "x"})),
)
_JSON = st.recursive(
    _ODD, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) in `value`."""
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        each = pending.pop()
        keys = list(each) if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        found += [(each, key) for key in keys]
        pending += [each[key] for key in keys]
    return found


@st.composite
def _mutated(draw: st.DrawFn, valid: st.SearchStrategy[Any]) -> Any:
    """Draw a valid event and change it in one place."""
    event = copy.deepcopy(draw(valid))
    places = _places(event)
    if not places:
        return draw(_JSON)
    container, key = draw(st.sampled_from(places))
    match draw(st.sampled_from(("replace", "drop", "add"))):
        case "replace":
            container[key] = draw(_ODD)
        case "drop":
            del container[key]
        case _ if isinstance(container, dict):
            container["x-new"] = draw(_ODD)
        case _:
            container.append(draw(_ODD))
    return event


def _agree(schema: EventSchema, event: Any) -> bool:
    """Return the verdict on `event`, and check that the other engine comes to the same."""
    fast = schema.is_valid(event)
    slow = schema._slow.is_valid(event)
    assert fast == slow, event
    assert bool(schema.violations(event)) is not slow
    return fast


_FEW = settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize(("dialect", "side", "type_"), _all(), ids=["-".join(each) for each in _all()])
def test_both_engines_agree(dialect: str, side: Any, type_: str) -> None:
    schema = contract(dialect).schema(side, type_)
    assert schema is not None
    valid = Compiler(schema.definitions, meaning(World())).strategy(schema.schema)

    @_FEW
    @given(valid, _mutated(valid), st.dictionaries(st.just("type"), st.just(type_) | _ODD), _JSON)
    def agree(event: Any, mutant: Any, bare: Any, anything: Any) -> None:
        assert _agree(schema, event)
        for each in (mutant, {**bare, "x": anything}, anything):
            _agree(schema, each)

    agree()


@pytest.mark.parametrize(
    ("step", "value", "valid"),
    [
        (0.01, 0.07, True),
        (0.01, 0.075, False),
        (0.1, 0.3, True),
        (0.1, 0.1 + 0.2, False),
        (0.1, 1, True),
        (1e-7, 3e-7, True),
        (2.5, 7.5, True),
        (3, 10, False),
        (3, -9.0, True),
        (0.5, 2**70, True),
        (0.01, True, True),
    ],
)
@pytest.mark.parametrize("dialect", ["draft7", "2020-12"])
def test_multiples_are_counted_in_decimal_by_both_engines(
    step: float, value: float, valid: bool, dialect: str
) -> None:
    schema = {"multipleOf": step}
    assert explaining(schema, dialect).is_valid(value) is valid
    assert deciding(schema, dialect).is_valid(value) is valid


@pytest.mark.parametrize("odd", ["\ud800", 2**70, -(2**70), 1e308, "\x00", "😀"])
def test_what_only_one_engine_can_read_is_judged_all_the_same(odd: Any) -> None:
    schema = contract("openai").client["response.cancel"]
    assert schema.is_valid({"type": "response.cancel", "response_id": odd}) is isinstance(odd, str)


# --- dispatch ---------------------------------------------------------------------------------------------


def test_an_event_is_found_by_its_type_and_side() -> None:
    made = contract("inworld")
    found = made.schema("server", "session.created")
    assert found is made.server["session.created"]
    assert made.schema("client", "session.created") is None
    assert made.knows("client", "session.update")
    assert not made.knows("server", "session.update")


def test_validating_one_event_looks_at_one_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    made = contract_of(load(ASYNCAPI / "openai.yaml"))
    schema = made.schema("server", "response.done")
    assert schema is not None
    schema.is_valid({})
    compiled = [s for s in made.server.values() if "_fast" in vars(s)]
    assert compiled == [schema]


# --- what is said of a wrong event ------------------------------------------------------------------------


def _update(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


@pytest.mark.parametrize(
    ("session", "place", "keyword", "expected"),
    [
        ({"instructions": 5}, "session.instructions", "type", "type string"),
        ({"output_modalities": ["video"]}, "session.output_modalities[0]", "enum", 'one of "text", "audio"'),
        ({"audio": {"output": {"speed": 9}}}, "session.audio.output.speed", "maximum", "at most 1.5"),
        (
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 2}}}},
            "session.audio.input.turn_detection.threshold",
            "maximum",
            "at most 1",
        ),
        (
            {"audio": {"input": {"turn_detection": {"type": "telepathy"}}}},
            "session.audio.input.turn_detection.type",
            "enum",
            'one of "server_vad", "semantic_vad"',
        ),
        ({"tools": [{"type": "function"}]}, "session.tools[0].name", "required", "a value"),
        ({"type": "walk"}, "session.type", "enum", 'one of "realtime", "transcription"'),
        ({"no_such_field": 1}, "session", "additionalProperties", "no unknown field"),
    ],
)
def test_the_leaf_is_named(session: Any, place: str, keyword: str, expected: str) -> None:
    [said] = contract("openai").client["session.update"].violations(_update(**session))
    assert (said.place, said.keyword, said.expected) == (place, keyword, expected)


def test_several_leaves_are_several_violations() -> None:
    event = _update(instructions=5, audio={"output": {"speed": "fast"}})
    said = {v.place for v in contract("openai").client["session.update"].violations(event)}
    assert said == {"session.instructions", "session.audio.output.speed"}


def test_no_more_than_ten_violations_are_told() -> None:
    event = _update(tools=[{"type": "function", "name": 5}] * 30)
    assert len(contract("openai").client["session.update"].violations(event)) == 10


def test_null_for_an_optional_field_is_a_class_of_its_own(tmp_path: Path) -> None:
    payload = {
        "type": "object",
        "required": ["type", "needed"],
        "properties": {"type": {"const": "ping"}, "needed": {"type": "string"}, "extra": {"type": "string"}},
    }
    schema = contract_of(load(written(tmp_path, "d.json", version_2(message("ping", payload))))).client[
        "ping"
    ]
    ping = {"type": "ping", "needed": "x"}
    assert schema.violations(ping) == []
    assert _kinds(schema.violations({**ping, "extra": None})) == {"extra": "null-for-optional"}
    assert _kinds(schema.violations({**ping, "needed": None})) == {"needed": "schema"}
    both = {"type": "ping", "needed": None, "extra": None}
    assert _kinds(schema.violations(both)) == {"extra": "null-for-optional", "needed": "schema"}
    assert _kinds(schema.violations({**ping, "extra": 5})) == {"extra": "schema"}
    assert not schema.is_valid({**ping, "extra": None})


def _kinds(violations: list[Violation]) -> dict[str, str]:
    return {v.place: v.kind for v in violations}


# --- Base64 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", True),
        ("AAAA", True),
        ("AA==", True),
        ("AAA=", True),
        ("+/9a", True),
        ("A", False),
        ("AAA", False),
        ("A===", False),
        ("====", False),
        ("AA=A", False),
        ("=AAA", False),
        ("AA A", False),
        ("AAA\n", False),
        ("-_AA", False),
        ("AAAü", False),
        (5, True),
        (None, True),
    ],
)
def test_what_is_base64(text: Any, verdict: bool) -> None:
    assert is_base64(text) is verdict


@given(st.binary(max_size=50))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_the_size_of_base64(data: bytes) -> None:
    import base64

    text = base64.b64encode(data).decode()
    assert is_base64(text)
    assert decoded_size(text) == len(data)
