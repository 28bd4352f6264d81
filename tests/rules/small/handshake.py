"""Small traces: the handshake."""

from __future__ import annotations

from tests.rules.said import created, error, hangs_up, opened, turned_away
from tests.rules.small.rows import Row, Rows

NO_WEBSOCKET = turned_away(problem="not a WebSocket endpoint: the connection was closed")
UNREACHED = turned_away(problem="no answer in time")

ORDINARY = {"attempt": "ordinary"}
KEY = {"attempt": "unusual-key"}
WRONG = {"attempt": "wrong-credential"}
NONE = {"attempt": "no-credential"}
BETA = {"attempt": "beta-header"}
SUBPROTOCOL = {"attempt": "subprotocol"}

ROWS: Rows = {
    # an ordinary one
    "let in": Row("handshake/opens", [opened(), created()], "holds", header=ORDINARY),
    "let in, by a trace that says nothing of it": Row("handshake/opens", [opened(), created()], "holds"),
    "turned away": Row("handshake/opens", [turned_away(status=404)], "violated", header=ORDINARY,
        told={"says": "the handshake was refused", "expected": "HTTP 101", "actual": "HTTP 404",
        "event": "refusal"}),
    "turned away, by a trace that says nothing of it": Row("handshake/opens", [turned_away(status=401)],
        "violated"),
    "turned away for now": Row("handshake/opens", [turned_away(status=503)], "undecided"),
    "turned away for asking too much": Row("handshake/opens", [turned_away(status=429)], "undecided"),
    "nobody there": Row("handshake/opens", [UNREACHED], "nothing"),
    "an answer that is no status": Row("handshake/opens", [turned_away(status="teapot")], "nothing"),
    "turned away with a wrong credential": Row("handshake/opens", [turned_away(status=401)], "nothing",
        header=WRONG),
    # with a key of its own
    "let in with any key": Row("handshake/any-session-key", [opened(), created()], "holds",
        dialect="inworld", header=KEY),
    "turned away for a key": Row("handshake/any-session-key", [turned_away(status=400)], "violated",
        dialect="inworld", header=KEY, told={"expected": "HTTP 101", "actual": "HTTP 400",
        "says": "a session key of the client's choosing was refused"}),
    "nobody there for a key": Row("handshake/any-session-key", [UNREACHED], "nothing", dialect="inworld",
        header=KEY),
    "turned away with an ordinary key": Row("handshake/any-session-key", [turned_away(status=400)],
        "nothing", dialect="inworld", header=ORDINARY, also=("handshake/opens",)),
    # with a wrong credential
    "unauthorized": Row("handshake/wrong-credential-refused", [turned_away(status=401)],
        "seen: wrong-credential: HTTP 401", header=WRONG),
    "forbidden without a credential": Row("handshake/wrong-credential-refused", [turned_away(status=403)],
        "seen: no-credential: HTTP 403", header=NONE),
    "let in with a wrong credential": Row("handshake/wrong-credential-refused", [opened(), created()],
        "violated", header=WRONG, told={"expected": "HTTP 401 or 403", "actual": "accepted",
        "says": "a handshake without a right credential was not refused as unauthorized"}),
    "not found with a wrong credential": Row("handshake/wrong-credential-refused",
        [turned_away(status=404)], "violated", header=WRONG, told={"actual": "HTTP 404"}),
    "nobody there for a wrong credential": Row("handshake/wrong-credential-refused", [UNREACHED], "nothing",
        header=WRONG),
    "unauthorized with an ordinary credential": Row("handshake/wrong-credential-refused",
        [turned_away(status=401)], "nothing", header=ORDINARY, also=("handshake/opens",)),
    # how it is refused
    "refused by HTTP": Row("handshake/refused-as-http", [turned_away(status=401)], "holds", header=WRONG),
    "refused by hanging up": Row("handshake/refused-as-http", [NO_WEBSOCKET], "violated", header=WRONG,
        told={"says": "a connection was refused without an HTTP answer", "expected": "an HTTP status",
        "actual": "not a WebSocket endpoint: the connection was closed"}),
    "refused by nobody": Row("handshake/refused-as-http", [UNREACHED], "nothing", header=WRONG),
    # what is left to the server
    "let in without a model": Row("handshake/missing-query", [opened(), created()],
        "seen: without-model: accepted", header={"attempt": "without-model"}),
    "turned away without a model": Row("handshake/missing-query", [turned_away(status=400)],
        "seen: without-model: HTTP 400", header={"attempt": "without-model"}),
    "nobody there without a model": Row("handshake/missing-query", [UNREACHED],
        "seen: without-model: no HTTP answer", header={"attempt": "without-model"}),
    "let in with a model": Row("handshake/missing-query", [opened(), created()], "nothing"),
    "the beta's header accepted": Row("handshake/beta-header", [opened(), created()], "seen: accepted",
        header=BETA),
    "the beta's header refused": Row("handshake/beta-header", [turned_away(status=400)], "seen: HTTP 400",
        header=BETA),
    "the beta's header refused by a close": Row("handshake/beta-header", [opened(),
        error(code="beta_api_shape_disabled"), hangs_up(4000)], "seen: accepted, ended with close 4000",
        header=BETA),
    "the beta's header, and the client leaves": Row("handshake/beta-header", [opened(), created(),
        ("client", {"type": "@close", "code": 1000})], "seen: accepted", header=BETA),
    "no header of the beta": Row("handshake/beta-header", [opened(), created(), hangs_up(4000)], "nothing",
        also=("errors/announced-before-close",)),
    # by a subprotocol
    "a credential as subprotocol": Row("handshake/subprotocol-echoed", [opened(subprotocol="basic_abc"),
        created()], "holds", dialect="inworld", header=SUBPROTOCOL),
    "a credential as subprotocol, not echoed": Row("handshake/subprotocol-echoed", [opened(), created()],
        "violated", dialect="inworld", header=SUBPROTOCOL,
        told={"says": "a credential offered as subprotocol was not taken up",
        "expected": "HTTP 101 with the subprotocol offered", "actual": "accepted"}),
    "another subprotocol": Row("handshake/subprotocol-echoed", [opened(subprotocol="realtime"), created()],
        "violated", dialect="inworld", header=SUBPROTOCOL, told={"actual": "accepted realtime"}),
    "a credential as subprotocol, turned away": Row("handshake/subprotocol-echoed",
        [turned_away(status=401)], "violated", dialect="inworld", header=SUBPROTOCOL,
        told={"actual": "HTTP 401"}),
    "a credential as subprotocol, and nobody there": Row("handshake/subprotocol-echoed", [UNREACHED],
        "nothing", dialect="inworld", header=SUBPROTOCOL),
    "a credential in its header": Row("handshake/subprotocol-echoed", [opened(), created()], "nothing",
        dialect="inworld"),
}  # fmt: skip
