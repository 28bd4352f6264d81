"""Files that are no traces, known by how they begin: what each is, and what to do instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_HEAD = 4096  # bytes
_WHOLE = 64 * 2**20  # bytes of a document that is read as a whole, to see what it is
_SIGNATURES = (
    (b"\x1f\x8b", "is compressed by gzip", "unpack it first: gunzip FILE"),
    (b"PK\x03\x04", "is a ZIP archive", "unpack it, and name the traces in it"),
    (b"\xd4\xc3\xb2\xa1", "is a capture of packets (pcap)", ""),
    (b"\xa1\xb2\xc3\xd4", "is a capture of packets (pcap)", ""),
    (b"\x4d\x3c\xb2\xa1", "is a capture of packets (pcap)", ""),
    (b"\xa1\xb2\x3c\x4d", "is a capture of packets (pcap)", ""),
    (b"\x0a\x0d\x0d\x0a", "is a capture of packets (pcapng)", ""),
)
_OF_PACKETS = "export the WebSocket messages in it as JSONL, or record a HAR file in the browser"


def known_file(path: Path) -> tuple[str, str] | None:
    """Return what the file at `path`, which is no trace, is and what to do; None where that is not known.

    Raises `OSError` where it cannot be read.
    """
    if not path.is_file():  # what is a device or a pipe has no beginning to look at
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for signature, problem, remedy in _SIGNATURES:
        if head.startswith(signature):
            return problem, remedy or _OF_PACKETS
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")) or (text[:1] == b"<" and b"<html" in text):
        return "is an HTML page", "name a trace; those of a report are in its folder traces/"
    if text.startswith(b"<"):
        return "is XML", "name a trace; those of a report are in its folder traces/"
    if text[:1] in (b"{", b"[") and path.stat().st_size <= _WHOLE:
        return _document(path)
    return None


def _document(path: Path) -> tuple[str, str] | None:
    """Return what a file is that holds one JSON document."""
    try:
        content: Any = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    if isinstance(content, list):
        return "is a list of JSON", "write each of its elements on a line of its own: jq -c '.[]' FILE"
    log = content.get("log")
    if isinstance(log, dict) and "entries" in log:
        return "is a HAR file by another name", f"rename it to {path.stem}.har"
    if {"schema_version", "requirements"} <= content.keys():
        return "is a report, and no trace", "name the folder traces/ beside it"
    if "runs" in content and "version" in content:
        return "is SARIF, and no trace", "name the folder traces/ of that report"
    return None
