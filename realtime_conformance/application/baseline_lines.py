"""Edits the text of a baseline where its entries lie, and leaves everything else as it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import yaml

from protocol.errors import DocumentError
from protocol.yaml_core import CoreLoader
from reports.baseline import PENDING

_IN_A_LINE = 6  # fingerprints


def renewed(text: str, version: int, prints: Mapping[int, Sequence[str]]) -> str:
    """Return `text` as of `version`, with other fingerprints in entries: `prints`, by their positions.

    Where there are none, they are pending.
    """
    root = yaml.compose(text, Loader=CoreLoader)
    assert isinstance(root, yaml.MappingNode)  # the schema says so
    fields = {key.value: value for key, value in root.value}
    lines = text.splitlines(keepends=True)
    entries = fields["entries"].value
    # From the end, so that what is still to be edited stays where it is.
    for index in sorted(prints, reverse=True):
        pair = next((pair for pair in entries[index].value if pair[0].value == "fingerprint"), None)
        if pair is not None:
            found = prints[index]
            written = folded(found, pair[0].start_mark.column) if found else PENDING
            _replace(lines, pair[0].start_mark, _last(pair[1]).end_mark, f"fingerprint: {written}")
    if fields["version"].value != str(version):
        _replace(lines, fields["version"].start_mark, fields["version"].end_mark, str(version))
    return "".join(lines)


def folded(prints: Sequence[str], column: int = 4) -> str:
    """Return fingerprints as the value of a field at `column`: one alone, several in brackets, six a line."""
    if len(prints) == 1:
        return json.dumps(prints[0])
    rows = [", ".join(map(json.dumps, prints[n : n + _IN_A_LINE])) for n in range(0, len(prints), _IN_A_LINE)]
    if len(rows) == 1:
        return f"[{rows[0]}]"
    indent = "\n" + " " * (column + 2)
    return f"[{indent}{f',{indent}'.join(rows)}]"


def _last(node: yaml.Node) -> yaml.Node:
    """Return what `node` ends with: a list with dashes has its own end only where the next line begins."""
    block = isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value
    return node.value[-1] if block else node


def _replace(lines: list[str], start: yaml.Mark, end: yaml.Mark, text: str) -> None:
    lines[start.line : end.line + 1] = [
        lines[start.line][: start.column] + text + lines[end.line][end.column :]
    ]


def rewritten(lines: list[str], gone: Sequence[int], new: list[str], file: str) -> list[str]:
    """Return `lines` without the entries at the positions `gone`, and with the lines `new` after the last."""
    root = yaml.compose("".join(lines), Loader=CoreLoader)
    assert isinstance(root, yaml.MappingNode)  # the schema says so
    key, node = next((k, v) for k, v in root.value if k.value == "entries")
    written = isinstance(node, yaml.SequenceNode) and bool(node.value)
    if root.flow_style or (isinstance(node, yaml.SequenceNode) and node.flow_style and written):
        place = f"line {node.start_mark.line + 1}: /entries"
        raise DocumentError(file, place, "is written in brackets", "begin each entry on a line, with a dash")
    if not isinstance(node, yaml.SequenceNode) or not written:
        # `entries:`, `entries: []`, `entries: null`
        at = key.start_mark.line
        comment = lines[at].partition("#")[2]
        lines[at] = "entries:" + (f"  #{comment.rstrip()}" if comment else "") + "\n"
        return [*lines[: at + 1], *new, *lines[at + 1 :]]
    starts = [item.start_mark.line for item in node.value]
    ends = [_end(lines, item) for item in node.value]
    indent = node.start_mark.column
    cut: set[int] = set()
    for index in gone:
        first = starts[index]
        while first > (ends[index - 1] if index else key.start_mark.line + 1) and _comment(lines[first - 1]):
            first -= 1
        cut |= set(range(first, ends[index]))
    shift = indent - 2
    placed = [" " * shift + line if shift > 0 else line[-shift:] for line in new]
    if not lines[ends[-1] - 1].endswith("\n"):
        lines[ends[-1] - 1] += "\n"
    kept = [line for number, line in enumerate(lines[: ends[-1]]) if number not in cut]
    return [*kept, *placed, *lines[ends[-1] :]]


def _end(lines: Sequence[str], entry: yaml.Node) -> int:
    """Return the number of the line after an entry; blank lines and comments below belong to what follows."""
    last = entry
    while isinstance(last, yaml.MappingNode | yaml.SequenceNode) and not last.flow_style and last.value:
        inner = last.value[-1]
        last = inner[1] if isinstance(inner, tuple) else inner
    # A block of text ends where the next line begins, everything else on its own line.
    end = last.end_mark.line + (1 if last.end_mark.column else 0)
    while end > last.start_mark.line + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")
