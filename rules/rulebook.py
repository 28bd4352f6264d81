"""All rules of a dialect, compiled against a contract."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from protocol.catalogue import dialect_of
from protocol.dialect import Dialect
from rules.areas import (
    audio,
    backchannel,
    barge_in,
    calls,
    cancellation,
    connection_ends,
    effective_settings,
    envelope,
    errors,
    handshake,
    idle,
    inworld,
    item_commands,
    item_order,
    items,
    layers,
    lifecycle,
    mcp,
    out_of_band,
    output,
    output_items,
    refused_events,
    response_ends,
    response_requests,
    responses,
    robustness,
    session,
    transcription,
    transport,
    turn_ends,
    turns,
    unasked_events,
    updates,
)
from rules.beta_dialect import NOT_MIXED, SPEAKS_GA
from rules.engine import Rulebook
from rules.envelope import HAS_ID, MINTED, ONE_OBJECT, UNIQUE_IDS, UNKNOWN_TYPES
from rules.order import Bound
from rules.profiles import judged_by
from rules.registration import RULES
from rules.requirements import Registry, registry
from rules.yields import Uncounted, Yields
from schemas.contract import Contract, contract_of
from schemas.dialect_words import check_words
from schemas.loader import load_dialect

AREAS = (
    envelope,
    session,
    updates,
    effective_settings,
    items,
    item_commands,
    layers,
    item_order,
    lifecycle,
    responses,
    response_requests,
    unasked_events,
    response_ends,
    output,
    output_items,
    cancellation,
    barge_in,
    audio,
    turns,
    turn_ends,
    idle,
    transcription,
    calls,
    out_of_band,
    mcp,
    errors,
    refused_events,
    robustness,
    handshake,
    connection_ends,
    transport,
    inworld,
    backchannel,
)

ORDER: tuple[Bound, ...] = tuple(bound for area in AREAS for bound in getattr(area, "ORDER", ()))

BUILT_IN = frozenset(
    (ONE_OBJECT, HAS_ID, UNIQUE_IDS, MINTED, UNKNOWN_TYPES, "payload/null-for-optional", SPEAKS_GA, NOT_MIXED)
)
"""Requirements that the engine itself judges."""


def ruled() -> set[str]:
    """Return the ids of all requirements that some rule judges, payloads excepted."""
    return {bound.requirement for bound in ORDER} | {r.requirement for r in RULES} | BUILT_IN


def unruled(entries: Registry) -> set[str]:
    """Return the ids of entries that have neither a rule nor an exclusion."""
    known = ruled()
    return {
        e.id for e in entries if not e.exclusion and e.id not in known and not e.id.startswith("payload/")
    }


def own_contract(dialect: str) -> Contract:
    """Return the contract of the document that `dialect` brings along, compiled once.

    Raises `DocumentError` where the document is wrong, or lacks what the dialect spells otherwise.
    """
    return _contract(dialect_of(dialect))


@functools.cache
def _contract(dialect: Dialect) -> Contract:
    made = contract_of(load_dialect(dialect))
    check_words(dialect, made)
    return made


def rulebook(
    dialect: str,
    contract: Contract | None = None,
    entries: Registry | None = None,
    *,
    yielding: bool = True,
    uncounted: Uncounted | None = None,
) -> Rulebook:
    """Return the rules of `dialect`, with `contract` (default: our own document's) for payloads.

    Rules of requirements that do not apply in the dialect are left out. Without `yielding`, violations are
    counted as they are, though a finding of another requirement explains them; see `rules.yields` for what
    is `uncounted`.
    """
    whole = entries or judged_by(uncounted.as_of if uncounted is not None else "")
    spoken, judged = dialect_of(dialect), {e.id for e in whole.ruled(dialect)}
    own: Iterable[Bound] = [b for b in ORDER if b.requirement in judged and spoken.has(b.where)]
    known = {e.id for e in registry().judged(dialect)}
    ours = own_contract(dialect)
    return Rulebook(
        contract or ours,
        dialect,
        own,
        [r for r in RULES if r.requirement in judged],
        second=None if contract in (None, ours) else ours,
        yields=Yields(whole, dialect) if yielding else None,
        uncounted=uncounted,
        places=[r for r in RULES if r.requirement in known],
    )
