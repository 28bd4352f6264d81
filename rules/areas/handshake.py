"""Rules about the opening handshake (facts 0.3; inworld 1).

What was tried stands in the trace's header under `attempt`; without it, the attempt was an ordinary one.
"""

from __future__ import annotations

from rules.case import Case
from rules.moments import Moment
from rules.registration import on_moment

_REFUSALS = (401, 403)
_BUSY = (429, 503)
_UNAUTHORIZED = {"wrong-credential": "a wrong credential", "no-credential": "no credential"}
_REALTIME = "realtime"


def _attempt(case: Case) -> str:
    return str(case.header.get("attempt", "ordinary"))


def _outcome(case: Case) -> str:
    if case.entry.kind == "open":
        return "accepted"
    status = case.detail.get("status")
    return f"HTTP {status}" if status else "no HTTP answer"


@on_moment("handshake/opens", Moment.OPEN, Moment.REFUSAL)
def opens(case: Case) -> None:
    """A handshake with the right path, query and credential is answered with 101."""
    if _attempt(case) == "ordinary" and _status(case) is not None:
        if _status(case) in _BUSY:
            case.undecided(f"the server was busy: it answered the handshake with HTTP {_status(case)}")
            return
        case.check(
            case.entry.kind == "open",
            "refused",
            f"the handshake with the right path, query and credential was answered with {_outcome(case)};"
            " it must be accepted",
            expected="HTTP 101",
            actual=_outcome(case),
        )


def _status(case: Case) -> int | None:
    """Return the HTTP status of the answer; None where nobody answered, which is no verdict on a server."""
    if case.entry.kind == "open":
        return 101
    status = case.detail.get("status")
    return status if isinstance(status, int) else None


@on_moment("handshake/any-session-key", Moment.OPEN, Moment.REFUSAL)
def any_session_key(case: Case) -> None:
    """The `key` in the query may be any non-empty text of the client's choosing."""
    if _attempt(case) == "unusual-key" and _status(case) is not None:
        case.check(
            case.entry.kind == "open",
            "refused",
            f"the handshake with a session key of the client's choosing was answered with {_outcome(case)};"
            " any key that is not empty must be accepted",
            expected="HTTP 101",
            actual=_outcome(case),
        )


@on_moment("handshake/wrong-credential-refused", Moment.OPEN, Moment.REFUSAL)
def wrong_credential_refused(case: Case) -> None:
    """A wrong credential, or none, is refused with HTTP 401 or 403."""
    if _attempt(case) in _UNAUTHORIZED and _status(case) is not None:
        case.observed(f"{_attempt(case)}: {_outcome(case)}")
        case.check(
            _status(case) in _REFUSALS,
            "let-in",
            f"the handshake with {_UNAUTHORIZED[_attempt(case)]} was answered with HTTP {_status(case)};"
            " it must be refused with HTTP 401 or 403",
            expected="HTTP 401 or 403",
            actual=_outcome(case),
        )


@on_moment("handshake/refused-as-http", Moment.REFUSAL)
def refused_as_http(case: Case) -> None:
    """A connection that is refused gets an ordinary HTTP answer before the upgrade."""
    detail = case.detail
    if detail.get("status"):
        case.holds()
    elif "not a WebSocket" in str(detail.get("problem")):
        case.violated(
            "no-http",
            f"the connection was refused without an HTTP answer ({detail.get('problem')});"
            " a refusal must have an HTTP status",
            expected="an HTTP status",
            actual=str(detail.get("problem")),
        )


@on_moment("handshake/missing-query", Moment.OPEN, Moment.REFUSAL)
def missing_query(case: Case) -> None:
    """What a server does when `key`, `protocol` or `model` is missing is its own choice."""
    if _attempt(case).startswith("without-"):
        case.observed(f"{_attempt(case)}: {_outcome(case)}")


@on_moment("handshake/subprotocol-echoed", Moment.OPEN, Moment.REFUSAL)
def subprotocol_echoed(case: Case) -> None:
    """A credential offered as the subprotocol `basic_<key>` is accepted, and that subprotocol echoed."""
    if _attempt(case) != "subprotocol" or _status(case) is None:
        return
    chosen = str(case.detail.get("subprotocol") or "")
    case.check(
        case.entry.kind == "open" and chosen.startswith(case.dialect.key_prefixes),
        "not-echoed",
        f"a credential was offered as subprotocol, and the handshake was answered with HTTP {_status(case)}"
        f" and {f'the subprotocol {chosen}' if chosen else 'no subprotocol'};"
        " it must be accepted, and the subprotocol offered be selected",
        expected="HTTP 101 with the subprotocol offered",
        actual=f"{_outcome(case)} {chosen}".strip(),
    )


@on_moment("handshake/subprotocol-selected", Moment.OPEN, Moment.REFUSAL)
def subprotocol_selected(case: Case) -> None:
    """Of the subprotocols `realtime` and `openai-insecure-api-key.<key>`, as a browser offers them,
    `realtime` is selected, and never the key.

    A browser gives up where it offered some and none is selected, or one that it did not offer.
    """
    offered = case.detail.get("offered")
    if not isinstance(offered, list) or _REALTIME not in offered:
        return
    chosen, problem = str(case.detail.get("subprotocol") or ""), str(case.detail.get("problem") or "")
    if case.entry.kind == "refusal" and "subprotocol" not in problem:
        return
    of_key = chosen != _REALTIME and chosen in offered
    case.check(
        chosen == _REALTIME,
        "key" if of_key else "other" if chosen or problem else "none",
        "the server selected the subprotocol that holds the key; it must select realtime, offered beside it"
        if of_key
        else "the subprotocol realtime was offered, and the server selected "
        f"{chosen or problem or 'none'}; it must select realtime",
        expected=_REALTIME,
        actual=chosen or problem or "none",
    )


@on_moment("handshake/beta-header", Moment.OPEN, Moment.REFUSAL)
def beta_header(case: Case) -> None:
    """What a server does with the header `OpenAI-Beta` is its own choice; OpenAI sends
    `beta_api_shape_disabled` and closes.
    """
    if _attempt(case) == "beta-header":
        case.observed(_outcome(case))


@on_moment("handshake/beta-header", Moment.CLOSE)
def beta_header_ends(case: Case) -> None:
    if _attempt(case) == "beta-header" and case.entry.dir == "server":
        case.observed(f"ended with close {case.detail.get('code')}")
