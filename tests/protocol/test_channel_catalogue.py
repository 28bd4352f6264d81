"""The folders of the channels: what is in them, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from packs.paths import PATHS
from protocol.channel_catalogue import channel_named, known_channel_at, known_channels, read_channel
from protocol.errors import DocumentError

_RIGHT = """\
name: talk
title: Talk
address: /talk
document: asyncapi.yaml
told_apart: { client: key, server: type }
"""


def _folder(where: Path, text: str) -> Path:
    folder = where / "talk"
    folder.mkdir()
    (folder / "asyncapi.yaml").write_text("asyncapi: 2.6.0\n", encoding="utf-8")
    file = folder / "channel.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_channel_is_found_by_its_name_and_by_its_address() -> None:
    assert list(known_channels()) == ["stt", "tts"]
    for name, each in known_channels().items():
        assert channel_named(name) is known_channel_at(each.address) is each
        assert each.document.is_file()
    assert channel_named("realtime") is known_channel_at("/v1/realtime") is None


def test_packs_are_where_the_documents_say() -> None:
    assert {name: each.address for name, each in known_channels().items()} == PATHS


def test_a_folder_is_read(tmp_path: Path) -> None:
    found = read_channel(_folder(tmp_path, _RIGHT))
    assert (found.name, found.title, found.address) == ("talk", "Talk", "/talk")
    assert found.told_apart == {"client": "key", "server": "type"}


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("name: talk", "name: chat", "/name"),
        ("title: Talk\n", "", "/title"),
        ("title: Talk", "title: [1]", "/title"),
        ("title: Talk", "title: Talk\nmore: 1", "/more"),
        ("asyncapi.yaml", "gone.yaml", "/document"),
        ("server: type", "server: name", "/told_apart"),
        (", server: type", "", "/told_apart"),
        (_RIGHT, "[]", "/address"),
    ],
)
def test_one_that_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, pointer: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_channel(_folder(tmp_path, _RIGHT.replace(old, new)))
    assert caught.value.pointer == pointer
