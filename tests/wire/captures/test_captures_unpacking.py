"""What is compressed, in an archive, or comes from a pipe is unpacked up to a bound."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from wire.captures import unpacking
from wire.captures.unpacking import Unpacked, copied, packed_as, unpacked
from wire.trace_files import TraceError

CONTENT = b'{"dir": "client", "event": {"type": "x"}}\n'


def _unpacked(path: Path) -> list[Unpacked]:
    folder = path.parent / "unpacked"
    folder.mkdir(exist_ok=True)
    return list(unpacked(path, path.name, path.stem, folder))


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(CONTENT))
    [found] = _unpacked(path)
    assert (found.path.read_bytes(), found.file, found.name, found.cut_off) == (
        CONTENT,
        "t.jsonl.gz",
        "t.jsonl",
        False,
    )


def test_gzip_that_is_cut_off_is_unpacked_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(CONTENT * 1000)[:-20])
    [found] = _unpacked(path)
    assert found.cut_off
    assert (CONTENT * 1000).startswith(found.path.read_bytes()[:100])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x1f\x8b\x08\x00", r"is cut off \(gzip\) before anything is in it"),
        (gzip.compress(CONTENT)[:-8] + b"12345678", r"is damaged \(gzip\)"),
        (b"\x1f\x8b\x07" + bytes(20), r"is damaged \(gzip\)"),
        (b"PK\x03\x04....", r"is damaged \(zip: File is not a zip file\)"),
    ],
    ids=["cut off", "wrong sum", "no method", "no archive"],
)
def test_what_is_damaged_says_so(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "t"
    path.write_bytes(data)
    with pytest.raises(TraceError, match=problem):
        _unpacked(path)


def test_members_of_an_archive_in_folders(tmp_path: Path) -> None:
    path = _zip(
        tmp_path / "calls.zip",
        {
            "calls/": b"",
            "calls/one.jsonl": CONTENT,
            "calls/two.jsonl.gz": gzip.compress(CONTENT),
            "__MACOSX/calls/._one.jsonl": b"\x00",
            "calls/.DS_Store": b"\x00",
        },
    )
    assert [(each.file, each.name, each.path.read_bytes()) for each in _unpacked(path)] == [
        ("calls.zip/calls/one.jsonl", "one", CONTENT),
        ("calls.zip/calls/two.jsonl.gz", "two", CONTENT),
    ]


def test_the_only_member_is_called_as_the_archive(tmp_path: Path) -> None:
    [found] = _unpacked(_zip(tmp_path / "call.zip", {"some/name.jsonl": CONTENT}))
    assert (found.name, found.file) == ("call", "call.zip/some/name.jsonl")


def test_nothing_is_written_where_a_member_says(tmp_path: Path) -> None:
    [found] = _unpacked(_zip(tmp_path / "call.zip", {"../../outside.jsonl": CONTENT}))
    assert found.path.parent == tmp_path / "unpacked"
    assert not list(tmp_path.parent.glob("outside*"))


@pytest.mark.parametrize("members", [{}, {"folder/": b""}])
def test_an_archive_without_files_says_so(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(TraceError, match="holds no files"):
        _unpacked(_zip(tmp_path / "hollow.zip", members))


def test_an_archive_in_an_archive_is_not_looked_into(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "inner.zip", {"a.jsonl": CONTENT}).read_bytes()
    with pytest.raises(TraceError, match=r"outer.zip/inner.zip: is an archive within another one"):
        _unpacked(_zip(tmp_path / "outer.zip", {"inner.zip": inner, "b.jsonl": CONTENT}))


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    path = _zip(tmp_path / "t.zip", {"a.jsonl": CONTENT})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(TraceError, match=r"t.zip/a.jsonl: is encrypted"):
        _unpacked(path)


def test_a_bomb_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES_UNPACKED", 2**20)
    (tmp_path / "t.gz").write_bytes(gzip.compress(bytes(2**20 + 1)))
    with pytest.raises(TraceError, match="is more than 1 MB, unpacked; unpack it, and name what is in it"):
        _unpacked(tmp_path / "t.gz")
    # All members count together.
    with pytest.raises(TraceError, match="is more than 1 MB, unpacked"):
        _unpacked(_zip(tmp_path / "t.zip", {"a": bytes(2**19), "b": bytes(2**19 + 1)}))
    assert len(_unpacked(_zip(tmp_path / "fits.zip", {"a": bytes(2**19), "b": bytes(2**19)}))) == 2


def test_there_is_a_bound_to_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 2)
    with pytest.raises(TraceError, match="holds 3 files, more than 2; unpack it, and name the folder"):
        _unpacked(_zip(tmp_path / "t.zip", {"a": CONTENT, "b": CONTENT, "c": CONTENT}))


def test_what_comes_from_a_pipe_is_read_if_its_beginning_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_CHUNK", 10)
    copied(io.BytesIO(CONTENT * 9), tmp_path / "known", "standard input", lambda _: True)
    assert (tmp_path / "known").read_bytes() == CONTENT * 9
    copied(io.BytesIO(CONTENT * 9), tmp_path / "unknown", "standard input", lambda _: False)
    assert (tmp_path / "unknown").stat().st_size == 10
    monkeypatch.setattr(unpacking, "MOST_BYTES_UNPACKED", 100)
    with pytest.raises(TraceError, match="standard input: is more than 0 MB, unpacked; save it to a file"):
        copied(io.BytesIO(CONTENT * 9), tmp_path / "long", "standard input", lambda _: True)


def test_what_is_packed_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(CONTENT)
    assert packed_as(tmp_path / "a.zip") == ""
    assert packed_as(tmp_path) == ""
    assert packed_as(_zip(tmp_path / "b.har", {})) == "zip"
