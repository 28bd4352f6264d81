"""What is required of an abacus."""

from __future__ import annotations

from packs.keyed.messages import KeyedMessage
from packs.keyed.rules import KeyedCase, KeyedRules

ABACUS_RULES = KeyedRules()


class Asked:
    """The numbers that are to be added, by context."""

    def __init__(self) -> None:
        self.numbers: dict[str, list[int]] = {}

    def keys(self, message: KeyedMessage) -> tuple[str, ...]:
        """Return the context."""
        return (message.context,) if message.context else ()

    def take_in(self, message: KeyedMessage) -> None:
        """Remember what is asked."""
        if message.name == "add" and message.context:
            self.numbers[message.context] = list(message.body.get("numbers", ()))


@ABACUS_RULES.on("abacus/sum/comes", "client", "add")
def add_owes(case: KeyedCase[Asked]) -> None:
    """Each `add` is answered by one `sum` of its context."""
    case.owes(case.message.context or "", "a sum", "the numbers were not added")


@ABACUS_RULES.on("abacus/sum/comes", "server", "sum")
def sum_paid(case: KeyedCase[Asked]) -> None:
    """Each `add` is answered by one `sum` of its context."""
    if not case.paid(case.message.context or ""):
        case.violated("unasked", "nothing", "a sum", "a sum came that nobody asked for")


@ABACUS_RULES.on("abacus/sum/right", "server", "sum")
def sum_right(case: KeyedCase[Asked]) -> None:
    """`total` is the sum of the numbers."""
    asked = case.at.numbers.get(case.message.context or "")
    if asked is None:
        return
    told = case.message.body.get("total")
    if told == sum(asked):
        case.holds()
    else:
        case.violated(
            "wrong", str(sum(asked)), str(told), f"{asked} were added up to {told}", "result.sum.total"
        )
