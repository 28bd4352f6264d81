"""Documents and traces that cannot be used: one clear message with the place and the remedy, exit code 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.catalogue import dialect_of, own_dialects
from protocol.channel_catalogue import known_channels
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import Command, complaint_of
from tests.schemas.documents import PING, message, version_2, written

# --- documents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["document"], ["run", "--endpoint", NOWHERE, "--asyncapi"]], ids=["document", "run"]
)
def test_a_bad_document(command: Command, tmp_path: Path, arguments: list[str]) -> None:
    path = written(tmp_path, "talk.json", version_2(message("ping", {"$ref": "#/components/absent"})))
    complaint_of(
        command(*arguments, path),
        f"{path}: /channels/~1talk/publish/message/payload/$ref: `$ref: #/components/absent` leads nowhere",
        "correct the reference",
    )


def test_a_document_without_the_channel(command: Command, tmp_path: Path) -> None:
    path = written(tmp_path, "talk.json", version_2(message("ping", PING)))
    ran = command("run", "--endpoint", NOWHERE, "--asyncapi", path, "--channel", "/walk")
    complaint_of(ran, str(path), "has no channel /walk", "name one of: /talk")


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


def test_document_says_how_messages_are_told_apart(command: Command, tmp_path: Path) -> None:
    opened: Any = {"type": "object", "properties": {"open": {"type": "object"}}}
    for name, hint, said in (
        ("typed", {}, "told apart by `type` (as usual)"),
        ("keyed", {}, "told apart by their one key (no payload has a `type`)"),
        ("hinted", {"x-discriminator": "key"}, "told apart by their one key (the document says so)"),
    ):
        asked = message("ping", PING) if name == "typed" else message("open", opened)
        ran = command("document", written(tmp_path, f"{name}.json", version_2(asked, **hint)))
        assert said in ran.out, ran.out


def test_the_document_of_a_channel_is_shown_by_its_name(command: Command) -> None:
    ran = command("document", "--channel", "stt")
    assert (ran.code, "channel /stt/v1/transcribe:streamBidirectional" in ran.out) == (0, True)


def test_one_channel_of_a_document_is_shown(command: Command, tmp_path: Path) -> None:
    document = version_2(message("ping", PING))
    document["channels"]["/walk"] = document["channels"]["/talk"]
    path = written(tmp_path, "talk.json", document)
    ran = command("document", path, "--channel", "/walk")
    assert (ran.code, "channel /walk" in ran.out, "channel /talk" in ran.out) == (0, True, False)
    assert "0 weaknesses in the whole document" in ran.out
    ran = command("document", path, "--channel", "/run")
    complaint_of(ran, "has no channel /run", "name one of: /talk, /walk")


def test_document_lists_in_what_another_differs(command: Command, tmp_path: Path) -> None:
    more: Any = {
        "properties": {"type": {"const": "ping"}, "[red]n": {"type": "integer"}},
        "required": ["type"],
    }
    first = written(tmp_path, "first.json", version_2(message("ping", {"type": "object", **more})))
    second = written(tmp_path, "second.json", version_2(message("ping", PING)))
    ran = command("document", first, "--against", second)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert [line[:2] for line in lines[:2]] == ["A:", "B:"]
    assert lines[-4:] == ["channel /talk", "  client ping [red]n: only in A", "", "1 difference"]
    assert command("document", second, "--against", second).out.splitlines()[-1] == "0 differences"


def test_what_a_document_is_compared_with_has_to_be_one(command: Command, tmp_path: Path) -> None:
    path = written(tmp_path, "talk.json", version_2(message("ping", PING)))
    broken = written(tmp_path, "broken.json", {})
    complaint_of(command("document", path, "--against", broken), str(broken), "is not an AsyncAPI document")
    ran = command("document", path, "--against", path, "--channel", "/walk")
    complaint_of(ran, "has no channel /walk", "name one of: /talk")


def test_a_dialect_is_compared_as_it_is_judged_by(command: Command) -> None:
    shipped = dialect_of("openai").document
    assert command("document", "--dialect", "openai", "--against", shipped).out.endswith("\n0 differences\n")
    ran = command("document", "--dialect", "inworld", "--against", shipped)
    assert "  client session.update session.providerData: only in A\n" in ran.out
    assert "  B has it at /v1/realtime\n" in ran.out


def test_our_own_documents_have_no_weaknesses(command: Command) -> None:
    for channel in known_channels().values():
        ran = command("document", channel.document)
        assert (ran.code, "0 weaknesses" in ran.out) == (0, True)
        assert "told apart by the one key in `result` (the document says so)" in ran.out
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
        ("page.har", "{}", "is not a trace, but an object with no keys; understood are HAR files"),
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
    complaint_of(command("judge", tmp_path / "hollow"), "hollow", "holds no file with a trace")


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
            "holds no WebSocket messages; export it with content",
        ),
        ("session.json", json.dumps(_HAR), "holds no WebSocket messages"),
        ("list.json", '[\n{"dir": "server"}\n]', "is a list of objects with the keys dir; understood are"),
        ("t.jsonl.gz", b"\x1f\x8b\x08\x00...", "is cut off (gzip) before anything is in it"),
        ("t.zip", b"PK\x03\x04....", "is damaged (zip: File is not a zip file)"),
        (
            "c.pcap",
            b"\xd4\xc3\xb2\xa1\x02\x00",
            "is a capture of packets (pcap); make a list of its events",
        ),
        ("c.pcapng", b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00", "is a capture of packets (pcapng)"),
        ("s.sarif", '{"version": "2.1.0", "runs": []}', "is SARIF, and no trace"),
        (
            "other.json",
            '{"a": 1}',
            "is not a trace, but an object with the keys a; understood are HAR files, ",
        ),
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
