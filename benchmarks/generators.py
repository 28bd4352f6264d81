"""How fast events are made, and how much of the schema they reach, as ratios measured in one run.

    python benchmarks/generators.py [--events 200] [--rounds 3] [--dialect openai]

`session.update`, the largest client event, is made in up to five ways, in turn, round after round: by
strategies written by hand, by our compiler, by our covering events and then the compiler, by the walk, and by
hypothesis-jsonschema where it is installed and works with the Hypothesis at hand. Printed are examples a
second, the ratio to the hand-written ones, and the share of the schema's sites (optional fields there and
not, values of enums, branches, ends of ranges) that the examples reach. Then how many mutants there are, and
how many events a second the embedded reference server takes and answers.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hypothesis import strategies as st

from generators.covering_values import missed
from generators.drawn_values import drawn
from generators.events import Events
from generators.sites import sites
from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import Embedded
from realtime_conformance.application.plan import Plan
from rules.rulebook import own_contract
from schemas.engines import rooted
from suites.depth import THOROUGH
from suites.scenario import catalogue

TYPE = "session.update"


_TEXT, _FLAG = st.text(max_size=80), st.booleans()
_EFFORTS = st.sampled_from(["minimal", "low", "medium", "high", "xhigh"])


def by_hand() -> st.SearchStrategy[Any]:
    """A strategy for `session.update` of OpenAI as somebody would write it who has read the documents."""
    choose = st.sampled_from
    named = st.fixed_dictionaries({"type": st.just("function"), "name": _TEXT})
    session = st.fixed_dictionaries(
        {"type": st.just("realtime")},
        optional={
            "output_modalities": choose([["text"], ["audio"]]),
            "instructions": _TEXT,
            "tools": st.lists(_function(), max_size=3),
            "tool_choice": choose(["auto", "none", "required"]) | named,
            "max_output_tokens": st.just("inf") | st.integers(1, 4096),
            "parallel_tool_calls": _FLAG,
            "reasoning": st.fixed_dictionaries({}, optional={"effort": _EFFORTS}),
            "truncation": choose(["auto", "disabled"]),
            "tracing": st.none() | st.just("auto"),
            "include": st.none() | st.just(["item.input_audio_transcription.logprobs"]),
            "audio": st.fixed_dictionaries({}, optional={"input": _input(), "output": _output()}),
        },
    )
    return st.fixed_dictionaries(
        {"type": st.just(TYPE), "session": session}, optional={"event_id": st.text(min_size=1, max_size=40)}
    )


def _function() -> st.SearchStrategy[Any]:
    parameters = st.just({"type": "object", "properties": {"city": {"type": "string"}}})
    return st.fixed_dictionaries(
        {"type": st.just("function"), "name": st.text(min_size=1, max_size=20)},
        optional={"description": _TEXT, "parameters": parameters},
    )


def _format() -> st.SearchStrategy[Any]:
    g711 = st.sampled_from([{"type": "audio/pcmu"}, {"type": "audio/pcma"}])
    return st.just({"type": "audio/pcm", "rate": 24000}) | g711


def _input() -> st.SearchStrategy[Any]:
    transcription = st.fixed_dictionaries(
        {"model": st.sampled_from(["whisper-1", "gpt-realtime-whisper"])},
        optional={
            "language": _TEXT,
            "prompt": _TEXT,
            "delay": _EFFORTS,
            "languages": st.lists(_TEXT, max_size=3),
            "keywords": st.lists(_TEXT, max_size=3),
        },
    )
    noise_reduction = st.sampled_from([{"type": "near_field"}, {"type": "far_field"}])
    return st.fixed_dictionaries(
        {},
        optional={
            "format": _format(),
            "transcription": st.none() | transcription,
            "noise_reduction": st.none() | noise_reduction,
            "turn_detection": st.none() | _turn_detection(),
        },
    )


def _turn_detection() -> st.SearchStrategy[Any]:
    vad = {"create_response": _FLAG, "interrupt_response": _FLAG}
    server_vad = st.fixed_dictionaries(
        {"type": st.just("server_vad")},
        optional={
            **vad,
            "threshold": st.floats(0, 1, allow_nan=False),
            "prefix_padding_ms": st.integers(0, 2000),
            "silence_duration_ms": st.integers(0, 5000),
            "idle_timeout_ms": st.none() | st.integers(5000, 30000),
        },
    )
    semantic_vad = st.fixed_dictionaries(
        {"type": st.just("semantic_vad")},
        optional={**vad, "eagerness": st.sampled_from(["low", "medium", "high", "auto"])},
    )
    return server_vad | semantic_vad


def _output() -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "format": _format(),
            "voice": st.sampled_from(["alloy", "ash", "marin"]),
            "speed": st.floats(0.25, 1.5, allow_nan=False),
        },
    )


def ways(events: Events, count: int) -> dict[str, Callable[[int], list[Any]]]:
    """Return the ways to make events, each taking a seed; preparation is part of none of them."""
    hand, compiled = by_hand(), events.strategy(TYPE)
    found: dict[str, Callable[[int], list[Any]]] = {
        "by hand": lambda seed: drawn(hand, count, seed),
        "our compiler": lambda seed: drawn(compiled, count, seed),
        "covering, then it": lambda seed: events.examples(TYPE, count, seed),
        "the walk": lambda _seed: [step.event for step in events.walk(TYPE)],
    }
    schema = events.contract.client[TYPE]
    try:
        theirs = importlib.import_module("hypothesis_jsonschema").from_schema(
            rooted(schema.schema, schema.definitions)
        )
        drawn(theirs, 1)
    except Exception as error:  # noqa: BLE001 - what it does with today's Hypothesis is the finding
        print(f"hypothesis-jsonschema is left out: {type(error).__name__}: {str(error)[:100]}")
        return found
    return {**found, "hypothesis-jsonschema": lambda seed: drawn(theirs, count, seed)}


def measure(dialect: DialectName, count: int, rounds: int) -> None:
    """Print speed and coverage of each way."""
    began = time.perf_counter()
    events = Events(own_contract(dialect))
    root = events.tree(TYPE)
    events.strategy(TYPE)
    print(f"{TYPE} of {dialect}: {len(sites(root))} sites, compiled in {time.perf_counter() - began:.2f} s")
    rates: dict[str, list[float]] = {}
    reached: dict[str, float] = {}
    valid: dict[str, float] = {}
    schema = events.contract.client[TYPE]
    compared = ways(events, count)
    for number in range(rounds):
        for name, make in compared.items():
            start = time.perf_counter()
            made = make(number)
            rates.setdefault(name, []).append(len(made) / (time.perf_counter() - start))
            good = [event for event in made if schema.is_valid(event)]
            valid[name] = len(good) / len(made)
            reached[name] = 1 - len(missed(root, good)) / len(sites(root))
    base = statistics.median(rates["by hand"])
    print(f"{'':24}{'examples/s':>12}{'ratio':>8}{'valid':>8}{'sites':>8}")
    for name, found in rates.items():
        rate = statistics.median(found)
        print(f"{name:24}{rate:12,.0f}{rate / base:8.2f}{valid[name]:8.0%}{reached[name]:8.0%}")


def tell_mutants(dialect: DialectName) -> None:
    """Print how many mutants there are, by operator and client event."""
    events = Events(own_contract(dialect))
    began = time.perf_counter()
    found = {type_: events.mutants(type_) for type_ in events.types}
    took = time.perf_counter() - began
    total = sum(map(len, found.values()))
    print(f"\n{total:,} mutants of {dialect}, {total / took:,.0f} a second, proofs included")
    for type_, made in found.items():
        counts = Counter(mutant.operator for mutant in made)
        print(f"  {type_:28}{len(made):5}  " + " ".join(f"{name} {n}" for name, n in counts.most_common()))


def drive(dialect: DialectName) -> None:
    """Print how many generated events a second the embedded reference server takes and answers."""
    chosen = [
        s
        for s in catalogue()
        if s.id in ("generated_mutants.session_update", "generated_events.session_update")
    ]
    with tempfile.TemporaryDirectory() as folder:
        for scenario in chosen:
            run = ConformanceRun(
                Plan([scenario], Path(folder) / scenario.name, Embedded(dialect), depth=THOROUGH)
            )
            asyncio.run(run.perform())
            assert run.run is not None
            outcome = run.run.outcomes[0]
            sent = sum(path.read_text(encoding="utf-8").count('"dir":"client"') for path in outcome.traces)
            print(
                f"{scenario.id}: {sent:,} client events in {outcome.duration_s:.1f} s, "
                f"{sent / outcome.duration_s:,.0f} a second"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dialect", choices=("openai", "inworld"), default="openai")
    options = parser.parse_args()
    measure(options.dialect, options.events, options.rounds)
    tell_mutants(options.dialect)
    print()
    drive(options.dialect)


if __name__ == "__main__":
    main()
