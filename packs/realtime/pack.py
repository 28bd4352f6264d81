"""The pack of the realtime channel, the first one: its rules are those of `rules`, its scenarios of `suites`.

Its messages have a `type`, and it is the only channel that every dialect has: address, document and core are
the dialect's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import rules
from packs.keyed.messages import typed_message
from packs.pack import Judge, Pack, Provoking
from packs.paths import REALTIME
from protocol.catalogue import dialect_of
from rules.core import core
from rules.registration import RULES
from rules.requirements import Registry
from rules.rulebook import own_contract, rulebook
from rules.yields import Uncounted
from schemas.contract import Contract
from wire.trace import Entry

_BEGINS = ("session.", "conversation.", "response.", "input_audio_buffer.")


def _judge(entries: Registry, dialect: str, uncounted: Uncounted | None, contract: Contract | None) -> Judge:
    return rulebook(dialect, contract, entries, uncounted=uncounted)


def _speaks(entry: Entry) -> bool:
    return entry.type.startswith(_BEGINS)


def _functions(requirement: str) -> list[Callable[..., Any]]:
    return [each.function for each in RULES if each.requirement == requirement]


def _staged() -> Sequence[Provoking]:
    from suites.scenario import catalogue  # noqa: PLC0415 - who judges captures plays nothing

    return catalogue()


REALTIME_PACK = Pack(
    name=REALTIME,
    title="realtime conversations",
    folder=Path(rules.__file__).parent,
    path_in=lambda dialect: dialect_of(dialect).path,
    make=_judge,
    contract_in=own_contract,
    read=typed_message,
    speaks=_speaks,
    functions=_functions,
    load_scenarios=tuple,
    load_staged=_staged,
    core_of=core,
    stopwatch=None,
    unnamed=True,
)
