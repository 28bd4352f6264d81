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

from protocol.catalogue import own_dialects
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import (
    Command,
    Ran,
    hostile_server,
    in_background,
    reference_server,
)
from tests.schemas.documents import PING, message, version_2, written
from tests.wire import hostile


def _refused(ran: Ran, *parts: str) -> str:
    """Return the one line of complaint, which holds `parts`; nothing was tried and nothing written."""
    assert ran.code == 4
    assert ran.out == ""
    assert ran.results is None
    complaint = ran.err.strip().splitlines()[-1]
    for part in parts:
        assert part in complaint
    return complaint


# --- endpoints --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://host/", "host:1", "ws://"])
def test_a_url_that_is_no_websocket_address(command: Command, url: str) -> None:
    ran = command("run", "--endpoint", url)
    _refused(ran, url, "is not a ws:// or wss:// URL with a host; write it as wss://HOST:PORT/PATH")


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
    assert "a-password" not in _refused(command("run", "--endpoint", url), "the endpoint '", said)
    Path("conformance.yaml").write_text(json.dumps({"targets": {"it": {"endpoint": url}}}), encoding="utf-8")
    assert "a-password" not in _refused(command("run", "--target", "it"), said)


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
        (["--channel", "/talk"], ["--channel needs --asyncapi FILE"]),
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
    _refused(
        command("run", *arguments, *([] if "--endpoint" in arguments else ["--endpoint", NOWHERE])), *parts
    )


def test_a_secret_in_a_broken_option_is_not_repeated(command: Command) -> None:
    ran = command("run", "--endpoint", NOWHERE, "--header", "Authorization Bearer top-secret-1")
    assert "top-secret-1" not in _refused(ran)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(command: Command, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    _refused(command("run", "--out", closed / "report"), "--out", "cannot be written", "name another folder")


def test_a_file_where_a_folder_is_wanted(command: Command, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    ran = command("run", "--endpoint", NOWHERE, "--out", tmp_path / "taken")
    assert ran.code == 4
    assert "taken" in ran.err
    ran = command("run", "--endpoint", NOWHERE, "--out", tmp_path / "taken" / "report")
    _refused(ran, "cannot be written", "name another folder")


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
    _refused(command("run", "--target", "it"), "conformance.yaml", place, remedy)


def test_another_configuration_is_named_as_it_was_given(command: Command, tmp_path: Path) -> None:
    path = written(tmp_path, "other.yaml", {"targets": {}})
    _refused(command("run", "--target", "it", "--config", path), str(path))


def test_bytes_that_are_no_text(command: Command) -> None:
    Path("conformance.yaml").write_bytes(b"targets: \xff")
    _refused(command("run", "--target", "it"), "conformance.yaml", "save it as UTF-8")


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
    _refused(command(*arguments), "it.yaml: /: is endless by its aliases")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
@pytest.mark.parametrize(
    "arguments",
    [("document",), ("generate", "--asyncapi"), ("replay",), ("baseline", "explain"), ("judge",)],
    ids=" ".join,
)
def test_a_device_without_an_end(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr("protocol.reading.LARGEST", 2**20)
    monkeypatch.setattr("wire.trace_files.LONGEST", 2**20)
    ran = command(*arguments, "/dev/zero")
    assert ran.code == 4
    assert "/dev/zero: " in ran.err
    assert "is larger than 1 MB" in ran.err


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
    assert "top-secret-1" not in _refused(command("run", "--target", "it"), f"/targets/it/{field}")


# --- documents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["document"], ["run", "--endpoint", NOWHERE, "--asyncapi"]], ids=["document", "run"]
)
def test_a_bad_document(command: Command, tmp_path: Path, arguments: list[str]) -> None:
    path = written(tmp_path, "talk.json", version_2(message("ping", {"$ref": "#/components/absent"})))
    _refused(
        command(*arguments, path),
        f"{path}: /channels/~1talk/publish/message/payload/$ref: `$ref: #/components/absent` leads nowhere",
        "correct the reference",
    )


def test_a_document_without_the_channel(command: Command, tmp_path: Path) -> None:
    path = written(tmp_path, "talk.json", version_2(message("ping", PING)))
    ran = command("run", "--endpoint", NOWHERE, "--asyncapi", path, "--channel", "/walk")
    _refused(ran, str(path), "has no channel /walk", "name one of: /talk")


def test_document_shows_what_is_in_it(command: Command, tmp_path: Path) -> None:
    payload: Any = {"type": "object", "properties": {"type": {"type": "string"}}}
    listed = {"oneOf": [message("ping", PING), message("[red]poke", payload)]}
    path = written(tmp_path, "talk.json", version_2(listed))
    ran = command("document", path)
    assert ran.code == 0
    for part in (
        "Talk (AsyncAPI 2.6.0",
        "channel /talk",
        "client sends: ask (2 messages)",
        "[red]poke",
        "server sends: answer (1 messages)",
        "1 weaknesses:",
        f"{path}#/channels/~1talk/publish/message/oneOf/1",
        "leaves `type` open",
    ):
        assert part in ran.out, part


def test_our_own_documents_have_no_weaknesses(command: Command) -> None:
    for dialect in own_dialects():
        ran = command("document", "--dialect", dialect.name)
        assert (ran.code, "0 weaknesses" in ran.out) == (0, True)
        assert f"channel {dialect.path}\n" in ran.out


@pytest.mark.parametrize("name", ["inworld.yaml", "inworld.json"])
def test_the_document_of_a_dialect_is_written_in_one_file(
    command: Command, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    listed = command("document", "--dialect", "inworld", "--out", file)
    assert listed.code == 0
    assert file.read_text(encoding="utf-8").startswith("{" if name.endswith("json") else "asyncapi: 2.6.0")
    read = command("document", file)
    assert (read.code, read.out.splitlines()[1:]) == (0, listed.out.splitlines()[1:])


def test_a_document_is_a_file_or_a_dialects(command: Command) -> None:
    for arguments in ((), ("some.yaml", "--dialect", "inworld")):
        ran = command("document", *arguments)
        assert (ran.code, "name a FILE or a --dialect, one of the two" in ran.err) == (4, True)


def test_a_document_that_cannot_be_written_is_told(command: Command, tmp_path: Path) -> None:
    ran = command("document", "--dialect", "inworld", "--out", tmp_path / "no" / "where.yaml")
    assert (ran.code, "cannot be written (No such file or directory); name another" in ran.err) == (4, True)


# --- traces -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("absent.jsonl", None, "cannot be read (No such file or directory); check the path"),
        ("empty.jsonl", "", "is empty; name a file with at least one line"),
        ("prose.jsonl", "Once upon a time\n", "line 1: is not JSON"),
        ("broken.jsonl", '{"dir": "server", "event": {}}\n{\n{}\n', "line 2: is not JSON"),
        ("page.har", "{}", "is not a HAR file; log.entries is expected"),
        ("told.txt", "> response.create\n> response.cancel {a: 1\n", "line 2: { is never closed; add a }"),
        ("told.txt", "dialect: german\n> ping\n", "line 1: german is no dialect; write `dialect: openai`"),
    ],
)
def test_traces_that_cannot_be_read(command: Command, name: str, content: str | None, complaint: str) -> None:
    if content is not None:
        Path(name).write_text(content)
    ran = command("judge", name)
    assert ran.code == 4
    assert f"{name}: {complaint}" in ran.err


def test_a_trace_that_was_cut_off_is_told_of(command: Command, out: Path) -> None:
    command("run", "-k", "session_update.one_field", "--no-probe", "--out", out)
    [trace] = (out / "traces").glob("*.jsonl")
    assert command("judge", trace, "--out", out).results["notes"] == []
    text = trace.read_text(encoding="utf-8")
    trace.write_text(text[: len(text) // 2], encoding="utf-8")
    ran = command("judge", trace, "--out", out)
    told = "cut off, and judged for what is there: session_update.one_field"
    assert ran.results["notes"] == [told]
    assert f"note: {told}" in ran.out


def test_one_bad_trace_costs_the_others_nothing(command: Command, tmp_path: Path, out: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("?\n")
    created = {"type": "session.created", "event_id": "event_1", "session": {}}
    (tmp_path / "good.jsonl").write_text(json.dumps({"dir": "server", "event": created}) + "\n")
    ran = command("judge", tmp_path / "bad.jsonl", tmp_path / "good.jsonl", "--out", out)
    assert ran.code == 4
    assert "bad.jsonl" in ran.err
    assert ran.verdicts("fail") or ran.verdicts("pass")


@pytest.mark.parametrize("name", ["dispute", "dispute.txt", "dispute.jsonl"])
def test_a_transcript_is_known_by_what_it_says(command: Command, out: Path, name: str) -> None:
    said = (
        "# an unknown item\ndialect: inworld\n> conversation.item.delete item_9 < conversation.item.deleted"
    )
    Path(name).write_text(said, encoding="utf-8")
    ran = command("judge", name, "--out", out)
    assert ran.code == 0
    assert ran.verdicts("warn") == ["items/delete/unknown-refused"]
    assert ran.results["target"]["dialect"] == "inworld"


def test_transcripts_in_a_folder(command: Command, tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "told"
    folder.mkdir()
    (folder / "notes.txt").write_text("Once upon a time\n")
    (folder / "two.txt").write_text("=== one\n> input_audio_buffer.clear < cleared\n=== two\n< refuse 404\n")
    ran = command("judge", folder, "--out", out)
    assert ran.verdicts("fail") == ["handshake/opens"]
    assert "audio/clear/acknowledged" in ran.verdicts("pass")
    assert "(two-2 #1)" in ran.out


def test_a_folder_without_traces(command: Command, tmp_path: Path) -> None:
    (tmp_path / "hollow").mkdir()
    _refused(command("judge", tmp_path / "hollow"), "hollow", "holds no .jsonl or .har file")


_HAR: dict[str, Any] = {"log": {"entries": []}}
_RESULTS: dict[str, Any] = {"schema_version": 2, "requirements": [], "suite": {}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "results.json",
            json.dumps(_RESULTS, indent=2),
            "is a report, and no trace; name the folder",
        ),
        ("results.json", json.dumps(_RESULTS), "is a report, and no trace"),
        ("report.html", "<!doctype html>\n<html>", "is an HTML page; name a trace"),
        ("page.jsonl", "\n <HTML>", "is an HTML page"),
        ("junit.xml", "<?xml version='1.0'?><testsuites/>", "is XML"),
        (
            "session.json",
            json.dumps(_HAR, indent=1),
            "another name; rename it to session.har",
        ),
        ("session.json", json.dumps(_HAR), "is a HAR file by another name"),
        ("list.json", '[\n{"dir": "server"}\n]', "is a list of JSON; write each"),
        ("t.jsonl.gz", b"\x1f\x8b\x08\x00...", "is compressed by gzip; unpack it first"),
        ("t.zip", b"PK\x03\x04....", "is a ZIP archive"),
        (
            "c.pcap",
            b"\xd4\xc3\xb2\xa1\x02\x00",
            "is a capture of packets (pcap); export",
        ),
        ("c.pcapng", b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00", "is a capture of packets (pcapng)"),
        ("s.sarif", '{"version": "2.1.0", "runs": []}', "is SARIF, and no trace"),
        ("other.json", '{"a": 1}', "is not a trace; each line is"),
        ("t.jsonl", "{", "is not JSON"),
    ],
)
def test_a_file_that_is_no_trace_is_called_by_its_name(
    command: Command, tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = command("judge", path)
    assert ran.code == 4
    (complaint,) = ran.err.strip().splitlines()
    assert complaint.startswith(f"error: {path}: ")
    assert said in complaint


@pytest.mark.parametrize(
    "arguments",
    [("walk",), ("run", "--nothing"), ("run", "--endpoint", "x"), ("judge",), ("compare", "a"), ("explain",)],
)
def test_all_complaints_are_of_one_style(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments)
    assert ran.code == 4
    (complaint,) = ran.err.strip().splitlines()
    assert complaint.startswith("error: ")
    assert not complaint.rstrip(".").rstrip().endswith(":")


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
    _refused(
        ran, f"{arguments[0]} needs --endpoint URL, --target NAME or --start COMMAND", "reference server"
    )
