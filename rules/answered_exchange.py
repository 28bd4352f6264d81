"""Which of the open client events of a type an answer belongs to: by ids, by what is said, then by order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rules.configuration import at, fields_set, shows
from rules.exchange import Exchange
from rules.subjects import dict_of, list_of, text_of

_RACE_S = 0.2  # between what two parties do, so that neither can know of the other's
_SAID_ONCE = ("call_id", "name", "arguments", "output")
"""Fields of items beside their content that tell one from another."""


@dataclass(frozen=True, slots=True)
class Due:
    """A response that nobody has to ask for; `since` is when the turn ended that calls for it, if known."""

    since: float | None

    def long_after(self, asked: float | None) -> bool:
        """Tell whether it became due so long after something was `asked` that this was no race."""
        return asked is not None and self.since is not None and self.since - asked > _RACE_S


def about_item(open_: Sequence[Exchange], item_id: str) -> Exchange:
    """Return the client event about the item that the answer names."""
    return next((e for e in open_ if e.item_id == item_id), open_[0])


def for_item(open_: Sequence[Exchange], item: dict[str, Any]) -> Exchange | None:
    """Return the client event that made an item which was announced."""
    id_ = text_of(item, "id")
    for exchange in open_:
        if exchange.item_id and exchange.item_id == id_:
            return exchange
    kind, role = item.get("type"), item.get("role")
    unfinished = item.get("status") == "in_progress" and role != "user"  # a response may be about to fill it
    alike = []
    for exchange in open_:
        asked = dict_of(exchange.event, "item")
        if unfinished and not (asked.get("status") == "in_progress" and _says_the_same(asked, item)):
            continue
        if asked.get("type") == kind and (asked.get("role") == role or None in (asked.get("role"), role)):
            alike.append(exchange)
    by_content = (e for e in alike if _says_the_same(dict_of(e.event, "item"), item))
    return next(by_content, alike[0] if alike else None)


def _says_the_same(asked: dict[str, Any], item: dict[str, Any]) -> bool:
    """Tell whether an item says what a client gave it; pictures and sounds are not compared."""
    if any(name in asked and asked[name] != item.get(name) for name in _SAID_ONCE):
        return False
    return _words(asked) == _words(item)


def _words(item: dict[str, Any]) -> list[Any]:
    return [text_of(p, "text") or text_of(p, "transcript") for p in list_of(item, "content")]


def for_update(
    open_: Sequence[Exchange], before: dict[str, Any], shown: dict[str, Any], *, unasked: bool
) -> Exchange | None:
    """Return the `session.update` after which a session is `shown` that was shown as `before`.

    That is the oldest, unless nothing of it shows, but all that another one changes. Where a session may
    be shown `unasked`, it is none if nothing that they change has changed.
    """
    oldest, *others = open_
    if not _is_shown(oldest, shown):
        for other in others:
            if _is_shown(other, shown) and not _is_shown(other, before):
                return other
    return None if unasked and all(_left_alone(e, before, shown) for e in open_) else oldest


def _left_alone(exchange: Exchange, before: dict[str, Any], shown: dict[str, Any]) -> bool:
    """Tell whether an update would change something, and all of that is shown as it was."""
    patch = dict_of(exchange.event, "session")
    wanted = [p for p, value in fields_set(patch) if not shows(value, at(before, p)[1])]
    return bool(wanted) and all(at(shown, p) == at(before, p) for p in wanted)


def _is_shown(exchange: Exchange, shown: dict[str, Any]) -> bool:
    patch = dict_of(exchange.event, "session")
    return all(shows(value, at(shown, path)[1]) for path, value in fields_set(patch))


def for_response(open_: Sequence[Exchange], response: dict[str, Any], *, due: Due | None) -> Exchange | None:
    """Return the `response.create` that asked for a response; None where it came by itself.

    Where one is `due` to a turn, it is not the answer to what was asked for long before that: had the server
    meant to answer, it would have by then.
    """
    metadata = response.get("metadata") or None
    by_turn = due is not None and metadata is None
    if due is not None and by_turn:
        late = [e for e in open_ if due.long_after(e.sent_at)]
        for exchange in late:
            exchange.contested = True
        open_ = [e for e in open_ if e not in late]
    asked = [(exchange, dict_of(exchange.event, "response")) for exchange in open_]
    if "conversation_id" in response:  # which of several comes first is the server's choice
        apart = response["conversation_id"] is None
        asked = [a for a in asked if (a[1].get("conversation") == "none") == apart] or asked
    for exchange, wanted in asked:
        if (wanted.get("metadata") or None) == metadata:
            return exchange
    return None if by_turn or not asked else asked[0][0]


def for_cancel(open_: Sequence[Exchange], response: dict[str, Any]) -> Exchange | None:
    """Return the `response.cancel` that ended a response."""
    id_ = text_of(response, "id")
    for exchange in open_:
        if exchange.target == id_ or (not exchange.target and response.get("status") == "cancelled"):
            return exchange
    return None
