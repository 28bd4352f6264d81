"""Files that hold no conversation in a form that is read: what each is, and what to do instead."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_WHOLE = 64 * 2**20  # bytes of a document that is read as a whole, to see what it is
_KEYS = 5  # of an object that are named
_KEY = re.compile(r"[\w.$@ -]{1,40}")
_OF_PACKETS = (
    "make a list of its events (for TLS, with its keys: -o tls.keylog_file:KEYS): "
    "tshark -r CAPTURE -Y 'websocket.opcode == 1' -T fields -e websocket.payload.text > events.jsonl"
)
_SIGNATURES = (
    (b"\xd4\xc3\xb2\xa1", "is a capture of packets (pcap)", _OF_PACKETS),
    (b"\xa1\xb2\xc3\xd4", "is a capture of packets (pcap)", _OF_PACKETS),
    (b"\x4d\x3c\xb2\xa1", "is a capture of packets (pcap)", _OF_PACKETS),
    (b"\xa1\xb2\x3c\x4d", "is a capture of packets (pcap)", _OF_PACKETS),
    (b"\x0a\x0d\x0d\x0a", "is a capture of packets (pcapng)", _OF_PACKETS),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "unpack it, and name what is in it"),
    (b"Rar!\x1a\x07", "is a RAR archive", "unpack it, and name what is in it"),
    (b"\xfd7zXZ\x00", "is compressed by xz", "unpack it first: unxz FILE"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd", "unpack it first: unzstd FILE"),
    (b"BZh", "is compressed by bzip2", "unpack it first: bunzip2 FILE"),
    (b"SQLite format 3\x00", "is a database (SQLite)", ""),
    (b"%PDF-", "is a PDF", ""),
    (b"\x89PNG", "is a picture (PNG)", ""),
    (b"\xff\xd8\xff", "is a picture (JPEG)", ""),
    (b"RIFF", "is audio (WAV)", ""),
    (b"OggS", "is audio (Ogg)", ""),
    (b"ID3", "is audio (MP3)", ""),
)
_FLOWS = re.compile(
    rb"\d{1,9}:(?:.{0,400}?)(?:9:websocket;|7:version;|4:type;|8:response;|7:request;)", re.DOTALL
)
_OF_FLOWS = "make a HAR file of it: mitmdump -nr FILE --set hardump=call.har"
_TSHARK = re.compile(
    rb"^\s*\d+\s+\d+\.\d+\s+\S+\s+(?:\xe2\x86\x92|->)\s+\S+\s"  # a line for each packet
    rb"|^Frame \d+: \d+ bytes on wire"  # -V
    rb'|^\[?\s*\{\s*"_index":\s*"packets-'  # -T json
    rb'|^\{"index":\s*\{"_index":\s*"packets-',  # -T ek
)
_TAR = slice(257, 262)
_TRACES_OF_A_REPORT = "name a trace; those of a report are in its folder traces/"


def what_is(path: Path, start: bytes) -> tuple[str, str]:
    """Return what the file at `path`, which begins with `start`, is, and what to do.

    What to do is empty where nothing is known that would help. Raises `OSError` where it cannot be read.
    """
    for signature, problem, remedy in _SIGNATURES:
        if start.startswith(signature):
            return problem, remedy
    if start[_TAR] == b"ustar":
        return "is a tar archive", "unpack it, and name what is in it"
    if _FLOWS.match(start):
        return "is a flow file of mitmproxy", _OF_FLOWS
    if _TSHARK.match(start):
        return "is what tshark tells of packets", _OF_PACKETS
    return _of_text(path, start)


def _of_text(path: Path, start: bytes) -> tuple[str, str]:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")) or (text[:1] == b"<" and b"<html" in text):
        return "is an HTML page", _TRACES_OF_A_REPORT
    if text[:1] == b"<" and re.search(rb"<p[ds]ml\b", text):
        return "is what tshark tells of packets", _OF_PACKETS
    if text.startswith(b"<"):
        return "is XML", _TRACES_OF_A_REPORT
    if text[:1] in (b"{", b"["):
        return _of_json(path, start)
    if b"\x00" in start or _is_no_text(start):
        return "is not text", ""
    return "line 1: is not JSON, and not a line of any form that is read", ""


def _is_no_text(start: bytes) -> bool:
    try:
        start[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < len(start) - 8
    return False


def _of_json(path: Path, start: bytes) -> tuple[str, str]:
    """Return what a file is that begins as JSON does."""
    content = _document(path)
    if content is None:
        first = start.lstrip().split(b"\n", 1)[0]
        return ("line 1: is not JSON", "") if _value(first) is None else _of_object(_value(first))
    return _of_object(content)


def _document(path: Path) -> Any:
    return _value(path.read_bytes()) if path.stat().st_size <= _WHOLE else None


def _value(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_object(content: Any) -> tuple[str, str]:
    if isinstance(content, list):
        first = content[0] if content else None
        if not isinstance(first, dict):
            return ("is an empty list" if not content else "is a list, and not of objects"), ""
        return f"is a list of objects with {_keys(first)}", ""
    if not isinstance(content, dict):
        return "is one value, and no object", ""
    if {"schema_version", "requirements"} <= content.keys():
        return "is a report, and no trace", "name the folder traces/ beside it"
    if "runs" in content and "version" in content:
        return "is SARIF, and no trace", "name the folder traces/ of that report"
    if "replay" in content:
        return "is a script for `replay`, and no trace", "name the folder traces/ beside its folder"
    return f"is not a trace, but an object with {_keys(content)}", ""


def _keys(content: dict[str, Any]) -> str:
    """Return the first keys of an object that are words: values are told to nobody."""
    names = [name for name in content if _KEY.fullmatch(name)][:_KEYS]
    return f"the keys {', '.join(names)}" if names else "no keys"
