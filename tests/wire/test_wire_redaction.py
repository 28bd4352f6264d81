"""No form in which a secret travels gets past the redactor, and nothing else is touched."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire import hostile
from tests.wire.recorded_calls import KEY, SHORT, call, greeting
from wire.endpoint import Auth, Endpoint
from wire.failures import Refused, WireError
from wire.redaction import MASK, Redactor, secrets_in_headers, secrets_in_query
from wire.session import Session

HALF = "secret-half"
ODD = 'a"b\\c/d+e=f ü'
"""A secret with everything in it that JSON, URLs and Base64 spell differently."""


def _forms(secret: str) -> dict[str, str]:
    return {
        "as it is": secret,
        "in JSON": json.dumps(secret),
        "in JSON in JSON": json.dumps(json.dumps(secret)),
        "escaped throughout": "".join(f"\\u{ord(c):04x}" for c in secret),
        "escaped in capitals": "".join(f"\\u{ord(c):04X}" for c in secret),
        "percent-encoded": quote(secret, safe=""),
        "percent-encoded as a form": quote_plus(secret),
        "percent-encoded throughout": "".join(f"%{byte:02X}" for byte in secret.encode()),
        "in Base64": base64.b64encode(secret.encode()).decode(),
        "in the Base64 of more": base64.b64encode(f"Basic {secret} and more".encode()).decode(),
        "in the Base64 of more, otherwise": base64.b64encode(f"Bearer {secret}".encode()).decode(),
        "in the Base64 of more, once more": base64.b64encode(f"key={secret};".encode()).decode(),
        "in Base64 for URLs": base64.urlsafe_b64encode(secret.encode()).decode(),
        "in hexadecimal": secret.encode().hex(),
        "in hexadecimal capitals": secret.encode().hex().upper(),
        "in Base64 without padding": base64.b64encode(secret.encode()).decode().rstrip("="),
    }


@pytest.mark.parametrize("secret", [KEY, ODD, "sk-proj-0123456789"])
def test_every_form_of_a_secret_is_masked(secret: str) -> None:
    redactor = Redactor([secret])
    for name, form in _forms(secret).items():
        text = redactor.text(f"<{form}>")
        assert form not in text, name
        assert MASK in text, name
        assert redactor.touches(form), name


def test_a_credential_of_the_portal_is_known_by_its_halves() -> None:
    redactor = Redactor([KEY])
    assert redactor.text(f"user secret-id:{HALF}") == f"user {MASK}"
    assert redactor.text(f"the half {HALF} alone") == f"the half {MASK} alone"


def test_a_padded_credential_is_known_without_its_padding() -> None:
    key = base64.b64encode(b"an-id:a-secret-x").decode()
    assert key.endswith("=")
    assert Redactor([key]).text(f"basic_{key.rstrip('=')}!") == f"basic_{MASK}!"


def test_short_secrets_do_not_ruin_the_trace() -> None:
    redactor = Redactor(["ab"])
    assert redactor.text("abandon") == "abandon"
    assert redactor.headers([("Authorization", "ab")]) == {"Authorization": MASK}
    assert MASK in redactor.url("wss://host/?token=ab").replace("%5B", "[").replace("%5D", "]")


def test_values_are_redacted_through_and_through() -> None:
    value = {"a": [KEY, {KEY: 1}], "n": 5, "f": 0.5, "b": True, "none": None}
    assert Redactor([KEY]).value(value) == {"a": [MASK, {MASK: 1}], "n": 5, "f": 0.5, "b": True, "none": None}


def test_a_secret_that_is_a_number_is_masked_as_a_number() -> None:
    assert Redactor(["12345678"]).value({"id": 12345678, "other": 1}) == {"id": MASK, "other": 1}


def test_without_secrets_nothing_changes() -> None:
    text = "100% of \\u0041 \\ % text"
    assert Redactor().text(text) == text
    assert not Redactor().touches(text)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    secret=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=6, max_size=20),
    before=st.text("abc{\\%", max_size=5),
)
def test_no_form_survives_whatever_the_secret(secret: str, before: str) -> None:
    redactor = Redactor([secret])
    encoded = base64.b64encode(secret.encode()).decode()
    for form in (secret, json.dumps(secret), quote(secret, safe=""), encoded):
        assert form not in redactor.text(before + form)


def test_the_redactors_of_two_attempts_know_the_secrets_of_both() -> None:
    both = Redactor([KEY]).and_also(Redactor(["another-key"]))
    assert both.text(f"{KEY} another-key") == f"{MASK} {MASK}"


# --- where secrets stand ----------------------------------------------------------------------------------


def test_which_headers_are_secret() -> None:
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Cookie": "theme=dark; session=0123456789",
        "X-Environment": "staging",
        "X-Workspace": "ws-4711",
        "User-Agent": "client/1.0",
        "OpenAI-Beta": "realtime=v1",
    }
    found = secrets_in_headers(headers)
    assert {f"Bearer {KEY}", KEY, "0123456789", "ws-4711"} <= found
    assert not found & {"staging", "client/1.0", "realtime=v1", ""}


def test_which_parameters_are_secret() -> None:
    pairs = [("key", "conformance-1"), ("protocol", "realtime"), ("model", "m"), ("token", "t0"), ("x", "y")]
    assert secrets_in_query(pairs) == {"t0", "y"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("wss://host/p?key=session-1&protocol=realtime", "wss://host/p?key=session-1&protocol=realtime"),
        ("wss://user:pw@host:1/p", "wss://host:1/p"),
        ("wss://host/p?access_token=abc", f"wss://host/p?access_token={MASK}"),
        (f"wss://host/p?x={KEY}", f"wss://host/p?x={MASK}"),
        (f"wss://host/{KEY}/p", f"wss://host/{MASK}/p"),
        ("wss://[half", "wss://[half"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert Redactor([KEY]).url(url) == shown


# --- end to end: whatever the server does with the credential ---------------------------------------------


async def _hears_the_error(session: Session) -> None:
    await session.wait_for("error", after=0)


def _spread(key: str) -> str:
    """Return an event that holds the credential in many forms and fields."""
    fields = {
        "m": f"got {key}",
        "nested": [{"deep": {key: [key]}}],
        "both": f"secret-id:{HALF}",
        "half": HALF,
    }
    escaped = "".join(f"\\u{ord(c):04x}" for c in key)
    return json.dumps({"type": "error", **fields})[:-1] + f', "escaped": "{escaped}"}}'


_ECHOES = {
    "in an event": hostile.text(_spread(KEY)),
    "in text that is no event": hostile.text(f"denied: {KEY}", json.dumps({"type": "error"})),
    "as a type": hostile.text(json.dumps({"type": KEY}), json.dumps({"type": "error"})),
    "in a close reason": hostile.closes(4001, f"bad key {KEY}"),
    "in a refused handshake": hostile.refuses(401),
    "in a chosen subprotocol": hostile.chooses_subprotocol(f"basic_{KEY}"),
    "in the status line": hostile.answers_with(f"HTTP/1.1 403 No {KEY}\r\nContent-Length: 0\r\n\r\n"),
    "as no HTTP at all": hostile.answers_with(f"{KEY}\r\n\r\n"),
    "in a header of the handshake": hostile.accepts_with(f"X-Echo: {KEY}", "X-Set-Token: unknown-one"),
}


@pytest.mark.parametrize("scheme", ["basic", "bearer", "subprotocol"])
@pytest.mark.parametrize("behaviour", _ECHOES.values(), ids=_ECHOES.keys())
def test_what_a_server_repeats_is_never_written_down(
    tmp_path: Path, behaviour: hostile.Behaviour, scheme: str
) -> None:
    auth = Auth(scheme, KEY)  # type: ignore[arg-type]
    target: dict[str, Any] = {"auth": auth, "dialect": "inworld", "timeouts": SHORT}
    made = call(tmp_path / "t.jsonl", behaviour, _hears_the_error, **target)
    told = made.written + repr(made.failure) + str(made.failure)
    for secret in (KEY, HALF, "unknown-one"):
        assert secret not in told
    assert made.complete


def test_a_secret_in_the_query_is_never_written_down(tmp_path: Path) -> None:
    query = {"access_token": "query-secret-1", "x": "other secret/2"}

    made = call(tmp_path / "t.jsonl", hostile.refuses(403), greeting, query=query)
    assert isinstance(made.failure, Refused)
    told = made.written + str(made.failure)
    for secret in (*query.values(), urlencode(query)):
        assert secret not in told
        assert quote(secret) not in told


def test_a_secret_in_a_header_of_the_users_own_is_never_written_down(tmp_path: Path) -> None:
    made = call(
        tmp_path / "t.jsonl",
        hostile.text(json.dumps({"type": "error", "m": "api-key is header-secret-3"})),
        _hears_the_error,
        headers={"X-Api-Key": "header-secret-3"},
    )
    assert made.failure is None
    assert "header-secret-3" not in made.written
    assert MASK in made.written


def test_a_secret_that_is_sent_is_masked_in_what_the_client_sent(tmp_path: Path) -> None:
    async def act(session: Session) -> None:
        await session.send("session.update", session={"instructions": f"my key is {KEY}"})

    made = call(tmp_path / "t.jsonl", hostile.says_that_it_is_there, act)
    assert KEY not in made.written
    assert [e.event["session"] for e in made.entries if e.dir == "client" and e.event] == [
        {"instructions": f"my key is {MASK}"}
    ]


def test_no_exception_and_no_repr_shows_the_credential() -> None:
    headers = {"X-Api-Key": "header-secret-3"}
    query = {"token": "query-secret-1"}
    endpoint = Endpoint(f"wss://user:{HALF}@host/", "openai", Auth("basic", KEY), headers, query)
    told = repr(endpoint) + repr(endpoint.auth) + endpoint.shown
    assert KEY not in told
    for secret in ("header-secret-3", "query-secret-1", HALF):
        assert secret not in told


def test_failures_are_words_for_a_report() -> None:
    assert str(Refused(401, "no")) == "no"
    assert issubclass(Refused, WireError)
