"""What is made once for a dialect, to judge by: contract, joint automata, rule functions by event type."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable

from protocol.catalogue import dialect_of
from protocol.dialect import Dialect
from rules.order import Bound, Joint
from rules.payloads import places_of_rules
from rules.profiles import profile
from rules.reading import SUBJECT_KINDS
from rules.registration import ANYWHERE, RULES, Registered
from rules.verdicts import Tally
from rules.yields import Uncounted, Yields
from schemas.contract import Contract


def _newer(version: str, dialect: str) -> Callable[[str], str] | None:
    """Return what tells since when a kind of finding is reported, if that is after `version`."""
    if not version:
        return None
    return functools.cache(functools.partial(profile(version).newer_kind, dialect=dialect))


class PreparedRules:
    """Everything that is prepared once. Nobody writes to it afterwards."""

    def __init__(
        self,
        contract: Contract,
        dialect: str | Dialect,
        bound: Iterable[Bound],
        rules: Iterable[Registered] = RULES,
        *,
        second: Contract | None = None,
        yields: Yields | None = None,
        uncounted: Uncounted | None = None,
        places: Iterable[Registered] | None = None,
    ) -> None:
        """`second` is another contract for the same events: nothing is owed where the two disagree.

        Without `yields` no violation is explained by another; to findings that are `uncounted` none yields.
        `places` are the rules of the whole dialect, whichever `rules` are judged by: at the places that they
        judge by themselves, no schema has a say.
        """
        self.contract = contract
        self.second = second
        self.dialect = dialect_of(dialect) if isinstance(dialect, str) else dialect
        self.yields = yields
        self.concerned = yields.concerned if yields is not None else frozenset()
        self.uncounted = uncounted or Uncounted()
        self.newer = _newer(self.uncounted.as_of, self.dialect.name)
        by_kind: dict[str, list[Bound]] = defaultdict(list)
        for each in bound:
            by_kind[each.kind].append(each)
        self.joints = {kind: Joint(by_kind[kind]) for kind in SUBJECT_KINDS}
        self.functions: dict[str, list[Registered]] = defaultdict(list)
        for registered in rules:
            for type_ in registered.on:
                self.functions[type_].append(registered)
                if ANYWHERE in registered.malformed:
                    self.functions[f"malformed {type_}"].append(registered)
        self.places = places_of_rules(RULES if places is None else places)

    def spelled(self, counted: dict[str, Tally]) -> dict[str, Tally]:
        """Return `counted` with its findings in the words of the dialect."""
        words = self.dialect.words
        if words:
            for tally in counted.values():
                tally.findings = [each.spelled(words) for each in tally.findings]
                tally.newer = [each.spelled(words) for each in tally.newer]
        return counted
