"""What a user may get wrong: one clear message with file, place and remedy, and exit code 4."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import (
    Command,
    complaint_of,
    hostile_server,
    in_background,
    reference_server,
)
from tests.schemas.documents import written
from tests.wire import hostile

# --- endpoints --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://host/", "host:1", "ws://"])
def test_a_url_that_is_no_websocket_address(command: Command, url: str) -> None:
    ran = command("run", "--endpoint", url)
    complaint_of(ran, url, "is not a ws:// or wss:// URL with a host; write it as wss://HOST:PORT/PATH")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ws://host/v1 x", "holds blanks; leave them out, or write them as %20"),
        (" ws://host/v1", "holds blanks"),
        ("ws://host/v1\n", "holds blanks"),
        ("wss://user:a-password@host/v1", "holds credentials"),
        ("wss://a-password@host/v1", "--auth-env NAME"),
        ("ws://host/v1#part", "has a fragment"),
        ("ws://host/v1#", "has a fragment"),
        ("ws://host:65536/v1", "has no such port; one is a number from 1 to 65535"),
        ("ws://host:0/v1", "has no such port"),
        (f"ws://[::1]:{2**16}/", "has no such port"),
    ],
)
def test_a_url_that_nobody_can_mean(command: Command, url: str, said: str) -> None:
    assert "a-password" not in complaint_of(command("run", "--endpoint", url), "the endpoint '", said)
    Path("conformance.yaml").write_text(json.dumps({"targets": {"it": {"endpoint": url}}}), encoding="utf-8")
    assert "a-password" not in complaint_of(command("run", "--target", "it"), said)


def test_tls_where_there_is_none(command: Command) -> None:
    with reference_server() as url:
        ran = command("run", "--endpoint", url.replace("ws:", "wss:"), "-k", "bootstrap", "--depth", "quick")
    assert ran.code == 6
    assert ": ." not in ran.out
    assert "No verdict: the server ended the connection where TLS should begin; write ws:// if" in ran.out


def test_tls_where_somebody_answers_without_it(command: Command) -> None:
    with in_background(_plain) as url:
        ran = command("run", "--endpoint", url, "-k", "bootstrap", "--depth", "quick")
    assert ran.code == 6
    assert ": ." not in ran.out
    assert "TLS failed: the server does not speak it at that port; write ws://" in ran.out


@contextlib.asynccontextmanager
async def _plain() -> AsyncIterator[str]:
    """Serve what answers anything by HTTP, without TLS."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"


@pytest.mark.parametrize("option", ["--endpoint", "--target"])
def test_an_empty_variable_in_a_script_is_not_the_embedded_server(command: Command, option: str) -> None:
    Path("conformance.yaml").write_text("targets: {it: {endpoint: 'ws://h'}}")
    assert command("run", option, "").code == 4


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--header", "no-colon"], ["--header wants NAME:VALUE"]),
        (["--query", "no-equals"], ["--query wants NAME=VALUE"]),
        (["--header", "X Y: z"], ["'X Y'", "holds characters that no header can carry"]),
        (["--auth", "basic"], ["needs a key in REALTIME_API_KEY, or --auth-env NAME"]),
        (["--auth-env", "NO_SUCH_VARIABLE"], ["NO_SUCH_VARIABLE is empty or not set"]),
        (["--feature", "telepathy"], ["unknown feature 'telepathy'; known are audio-input"]),
        (["--ca", "absent.pem"], ["--ca", "absent.pem"]),
        (["--concurrency", "0"], ["--concurrency", "1<=x<=200"]),
        (["--answer-timeout", "0"], ["--answer-timeout", "must be more than 0"]),
        (["--feature", "mcp", "--no-feature", "mcp"], ["--feature mcp and --no-feature mcp contradict"]),
        (["--quiet", "-v"], ["--quiet and --verbose contradict each other"]),
        (["--insecure", "--ca", "a.pem"], ["--insecure and --ca contradict each other"]),
        (["--auth", "none", "--auth-env", "KEY"], ["--auth none and --auth-env contradict each other"]),
        (["--ready-timeout", "5"], ["--ready-timeout needs --start COMMAND"]),
        (["--strict-fingerprints"], ["--strict-fingerprints needs --baseline FILE"]),
        (["--depht", "quick"], ["--depht", "realtime-conformance run --help says more"]),
        (["--dialect", "klingon"], ["--dialect", "inworld", "openai", "CONFORMANCE_DIALECTS adds others"]),
        (["--channel", "/talk"], ["--channel names one of realtime, tts, stt, all"]),
        (["-k", "no such scenario"], ["no scenario has no such scenario in its id or requirements"]),
        (["--asyncapi", "absent.yaml"], ["absent.yaml", "cannot be read", "check the path"]),
        (["--no-such-option"], ["--no-such-option"]),
        (["surplus"], ["surplus"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_options_that_cannot_work(command: Command, arguments: list[str], parts: list[str]) -> None:
    if arguments[0] == "--ca":
        arguments = [*arguments, "--endpoint", NOWHERE.replace("ws:", "wss:")]
        parts = parts[1:]
    complaint_of(
        command("run", *arguments, *([] if "--endpoint" in arguments else ["--endpoint", NOWHERE])), *parts
    )


def test_a_secret_in_a_broken_option_is_not_repeated(command: Command) -> None:
    ran = command("run", "--endpoint", NOWHERE, "--header", "Authorization Bearer top-secret-1")
    assert "top-secret-1" not in complaint_of(ran)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(command: Command, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    ran = command("run", "--out", closed / "report")
    complaint_of(ran, "--out", "cannot be written", "name another folder")


def test_a_file_where_a_folder_is_wanted(command: Command, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    ran = command("run", "--endpoint", NOWHERE, "--out", tmp_path / "taken")
    assert ran.code == 4
    assert "taken" in ran.err
    ran = command("run", "--endpoint", NOWHERE, "--out", tmp_path / "taken" / "report")
    complaint_of(ran, "cannot be written", "name another folder")


# --- conformance.yaml -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        (None, "--target it", "none of those that need no file"),
        ("targets: [", "is not YAML", "correct it"),
        (
            "targets:\n  it:\n    endpont: ws://h\n    endpoint: ws://h\n",
            "line 3: /targets/it: has no field endpont",
            "did you mean endpoint? known are ",
        ),
        (
            "targets:\n  it:\n    endpoint: ws://h\n    timeouts:\n      anwser: 5\n",
            "line 5: /targets/it/timeouts: has no field anwser",
            "did you mean answer?",
        ),
        ("targets:\n  it:\n    endpoint: 5\n", "line 3: /targets/it/endpoint: is 5", "type string"),
        ("targets: {itt: {endpoint: 'ws://h'}}", "/targets: has no target it", "did you mean itt?"),
        ("targets: {a: {endpoint: x}}\ntargets: {}", "is not YAML", "correct it"),
        ("- a", "/: is", "type object is expected"),
        ("{}", "/targets", "a value is expected"),
        ("targets: {}", "/targets", "at least 1 members is expected"),
        ("targets: {it: {}}", "/targets/it/endpoint: is missing", "a value is expected"),
        ("targets: {it: {endpoint: 5}}", "/targets/it/endpoint: is 5", "type string is expected"),
        ("targets: {it: {endpoint: x, dialect: x}}", '/targets/it/dialect: is "x"', 'one of "inworld"'),
        ("targets: {it: {endpoint: x, surprise: 1}}", "/targets/it: has no field surprise", "known are"),
        ("targets: {other: {endpoint: 'ws://h'}}", "/targets: has no target it", "name one of: other"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_configuration_that_cannot_be_used(
    command: Command, text: str | None, place: str, remedy: str
) -> None:
    if text is not None:
        Path("conformance.yaml").write_text(text, encoding="utf-8")
    complaint_of(command("run", "--target", "it"), "conformance.yaml", place, remedy)


def test_another_configuration_is_named_as_it_was_given(command: Command, tmp_path: Path) -> None:
    path = written(tmp_path, "other.yaml", {"targets": {}})
    complaint_of(command("run", "--target", "it", "--config", path), str(path))


def test_bytes_that_are_no_text(command: Command) -> None:
    Path("conformance.yaml").write_bytes(b"targets: \xff")
    complaint_of(command("run", "--target", "it"), "conformance.yaml", "save it as UTF-8")


_BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize("text", [_BOMB, "a: &a [*a]\n"], ids=["a billion", "itself"])
@pytest.mark.parametrize(
    "arguments",
    [("run", "--target", "it", "--config", "it.yaml"), ("judge", "t.jsonl", "--baseline", "it.yaml")],
    ids=["config", "baseline"],
)
def test_a_file_without_an_end(command: Command, arguments: tuple[str, ...], text: str) -> None:
    Path("it.yaml").write_text(text, encoding="utf-8")
    Path("t.jsonl").write_text('{"dir": "server", "event": {}}\n', encoding="utf-8")
    complaint_of(command(*arguments), "it.yaml: /: is endless by its aliases")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
@pytest.mark.parametrize(
    "arguments",
    [("document",), ("generate", "--asyncapi"), ("replay",), ("baseline", "explain")],
    ids=" ".join,
)
def test_a_device_without_an_end(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr("protocol.reading.LARGEST", 2**20)
    ran = command(*arguments, "/dev/zero")
    assert ran.code == 4
    assert "/dev/zero: " in ran.err
    assert "is larger than 1 MB" in ran.err


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_judged_by_its_beginning(command: Command) -> None:
    ran = command("judge", "/dev/zero")
    assert (ran.code, "/dev/zero: is not text; understood are" in ran.err) == (4, True)


def test_links_that_lead_in_a_circle(command: Command) -> None:
    Path("one").symlink_to("two")
    Path("two").symlink_to("one")
    for arguments in (("document",), ("judge",), ("replay",), ("baseline", "explain")):
        ran = command(*arguments, "one")
        assert ran.code == 4
        assert "cannot be read" in ran.err


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("auth", {"key": "top-secret-1"}),
        ("auth", "top-secret-1"),
        ("auth", {"scheme": "top-secret-1"}),
        ("headers", ["top-secret-1"]),
        ("query", {"token": ["top-secret-1"]}),
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(command: Command, field: str, value: Any) -> None:
    target = {"endpoint": "ws://h", field: value}
    Path("conformance.yaml").write_text(json.dumps({"targets": {"it": target}}), encoding="utf-8")
    assert "top-secret-1" not in complaint_of(command("run", "--target", "it"), f"/targets/it/{field}")


# --- the rest ---------------------------------------------------------------------------------------------


def test_help_and_version(command: Command) -> None:
    assert command("--version").code == 0
    for arguments in ([], ["run"], ["judge"], ["document"], ["serve"]):
        ran = command(*arguments, "--help")
        assert ran.code == 0
        assert "Usage: " in ran.out


def test_an_unknown_command(command: Command) -> None:
    ran = command("walk")
    assert ran.code == 4
    assert "No such command 'walk'" in ran.err
    assert "realtime-conformance --help says more" in ran.err


def test_a_port_that_is_taken(command: Command) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = command("serve", "--port", taken.getsockname()[1])
    assert ran.code == 4
    assert "choose another" in ran.err


@pytest.mark.parametrize("status", [401, 403])
def test_whoever_is_refused_reads_which_key_was_sent_and_from_where(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("SOME_KEY", "a-very-secret-key")
    with hostile_server(hostile.refuses(status)) as url:
        ran = command("run", "--endpoint", url, "--auth-env", "SOME_KEY", "--no-probe", "--out", out)
        bare = command("run", "--endpoint", url, "--auth", "none", "--no-probe", "--out", out)
    assert ran.code == bare.code == 6
    assert "from the environment variable SOME_KEY (--auth-env)" in ran.said
    assert "a-very-secret-key" not in ran.said
    assert "No key was sent" in bare.said
    assert ("many servers answer 403" in bare.said) == (status == 403)
    assert ("The path asked for was /v1/realtime" in ran.said) == (status == 403)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--auth", "bearer"],
        ["--auth-env", "KEY"],
        ["--header", "a: b"],
        ["--query", "a=b"],
        ["--ca", "a.pem"],
        ["--insecure"],
        ["--connect-timeout", "5"],
        ["--answer-timeout", "5"],
        ["--response-timeout", "5"],
        ["--silence", "5"],
        ["--concurrency", "1"],
        ["--feature", "mcp"],
        ["--no-feature", "mcp"],
        ["--config", "conformance.yaml"],
    ],
    ids=lambda value: value[0],
)
def test_what_is_said_of_a_target_needs_one(command: Command, arguments: list[str]) -> None:
    ran = command("run", *arguments)
    complaint_of(
        ran, f"{arguments[0]} needs --endpoint URL, --target NAME or --start COMMAND", "reference server"
    )
