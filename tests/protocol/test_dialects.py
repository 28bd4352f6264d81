"""The dialects as values: what they inherit, and what is said of a folder that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.catalogue import (
    DEFAULT,
    UNNAMED,
    VARIABLE,
    dialect_of,
    dialects,
    guessed,
    having,
    own_dialects,
    title_of,
)
from protocol.errors import DocumentError
from rules.requirements import registry
from rules.rulebook import own_contract

CHILD = """\
name: child
parent: openai
switches: {changes_model: true}
models: {transcription: whisper}
waived:
  sip/dtmf-only-in-calls: Nobody telephones here.
levels:
  session/created/first: SHOULD
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


OWN = [each.name for each in own_dialects()]


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name / "dialect.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


# --- those of our own -------------------------------------------------------------------------------------


def test_the_default_comes_first_and_has_a_parent() -> None:
    assert next(iter(dialects())) == DEFAULT
    assert dialect_of(DEFAULT).family == (DEFAULT, UNNAMED)
    assert dialect_of(UNNAMED).family == (UNNAMED,)
    assert [each.name for each in own_dialects() if each.parent is None] == [UNNAMED]


def test_an_address_is_taken_for_the_dialect_whose_sign_it_has() -> None:
    assert guessed("wss://api.inworld.ai/anywhere").name == "inworld"
    assert guessed("ws://host/api/v1/realtime/session").name == "inworld"
    assert guessed("ws://host/v1/realtime?model=x").name == "openai"
    assert guessed("ws://host/").name == UNNAMED


def test_a_switch_parts_the_dialects() -> None:
    assert having("") == list(OWN)
    assert having("refuses_beta") == ["openai"]
    assert having("labels_sessions") == ["inworld"]
    assert having("not labels_sessions") == [name for name in OWN if name != "inworld"]
    with pytest.raises(AttributeError):
        having("is_blue")


def test_the_query_is_what_was_given_and_what_the_dialect_wants() -> None:
    openai, inworld = dialect_of("openai"), dialect_of("inworld")
    assert openai.parameters({}) == {"model": "gpt-realtime"}
    assert openai.parameters({"call_id": "rtc_1"}) == {"call_id": "rtc_1"}
    one, other = inworld.parameters({}), inworld.parameters({})
    assert (one["protocol"], one["key"] != other["key"]) == ("realtime", True)
    assert inworld.parameters({"key": ""})["key"] == ""
    assert openai.offered("abc") == ["realtime", "openai-insecure-api-key.abc"]
    assert inworld.offered("abc") == ["basic_abc"]


def test_what_a_child_does_not_judge_has_a_reason() -> None:
    for entry in registry():
        for spoken in own_dialects():
            above = spoken.parent is not None and spoken.parent.name in entry.level
            if above and spoken.name not in entry.level:
                assert entry.waived[spoken.name], entry.id


# --- one that a user adds ---------------------------------------------------------------------------------


def test_a_child_has_what_its_parent_has(folder: Path) -> None:
    write(folder, "child", CHILD)
    child, parent = dialect_of("child"), dialect_of("openai")
    assert list(dialects()) == [*OWN, "child"]
    assert child.family == ("child", "openai")
    assert (child.title, title_of("nobody")) == ("child", "nobody")
    assert child.switches.changes_model
    assert not parent.switches.changes_model
    assert child.switches.refuses_unknown_fields
    assert child.models == {**parent.models, "transcription": "whisper"}
    assert (child.path, child.scheme, child.document) == (parent.path, parent.scheme, parent.document)
    entries = registry()
    assert "child" not in entries.by_id["sip/dtmf-only-in-calls"].level
    assert entries.by_id["sip/dtmf-only-in-calls"].waived["child"] == "Nobody telephones here."
    assert str(entries.by_id["session/created/first"].level["child"]) == "SHOULD"
    same = [e for e in entries if "openai" in e.level and e.level.get("child") is e.level["openai"]]
    assert len(same) == sum("openai" in e.level for e in entries) - 2


def test_without_the_folder_it_is_unknown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "child", CHILD)
    assert "child" in dialects()
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(
        DocumentError, match=f"child: /: is the name of no dialect; name one of {', '.join(OWN)}, or"
    ):
        dialect_of("child")
    assert all("child" not in entry.level for entry in registry())


def test_a_grandchild_inherits_of_both(folder: Path) -> None:
    write(folder, "child", CHILD)
    write(folder, "grandchild", "name: grandchild\nparent: child\n")
    grandchild = dialect_of("grandchild")
    assert grandchild.family == ("grandchild", "child", "openai")
    assert grandchild.models["transcription"] == "whisper"
    assert "grandchild" not in registry().by_id["sip/dtmf-only-in-calls"].level


# --- what is wrong with a folder --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parent: openai\n", "/name: is None; write `name: child`, in small letters"),
        ("name: other\nparent: openai\n", "/name: is other; write `name: child`"),
        ("name: child\nparent: nobody\n", "/parent: there is no dialect nobody; name one of "),
        ("name: child\nparent: child\n", "/parent: child descends from itself; name a parent that does not"),
        ("name: child\n", "/title: is missing; write it, or name a `parent` that has it"),
        (
            "name: child\nparent: openai\ncolour: blue\n",
            "/colour: is no field of a dialect; known are name, ",
        ),
        ("- child\n", "/: is not a mapping; write `name: …`"),
        ("name: child\nname: child\n", "line 2, column 1: is not YAML: the key 'name' stands twice"),
        ("name: child\nparent: openai\npath: v1\n", "/path: is 'v1'; a path that begins with / is expected"),
        ("name: child\nparent: openai\nvoices: alloy\n", "/voices: is 'alloy'; a list of texts is expected"),
        (
            "name: child\nparent: openai\nvoices: [alloy]\n",
            "/voices: is ['alloy']; a list of two voices or more",
        ),
        (
            "name: child\nparent: openai\nauth: {scheme: secret}\n",
            "/auth/scheme: is 'secret'; one of basic, ",
        ),
        ("name: child\nparent: openai\nauth: bearer\n", "/auth: is not a mapping; write names and values"),
        ("name: child\nparent: openai\nquery: {model: {unless: x}}\n", "/query/model: is {'unless': 'x'}; "),
        (
            "name: child\nparent: openai\nswitches: {is_blue: true}\n",
            "/switches/is_blue: is not known here; ",
        ),
        (
            "name: child\nparent: openai\nswitches: {offers_mcp: often}\n",
            "/switches/offers_mcp: is 'often'; ",
        ),
        ("name: child\nparent: openai\nlevels: {a/b: OUGHT}\n", "/levels/a~1b: is 'OUGHT'; one of MUST, "),
        (
            "name: child\nparent: openai\nwaived: {a/b: no}\n",
            "/waived/a~1b: is 'no'; a reason of at least 10 ",
        ),
        (
            f"{CHILD}  sip/dtmf-only-in-calls: MAY\n",
            "/waived/sip~1dtmf-only-in-calls: has a level, too; remove",
        ),
        ("name: child\nparent: openai\ndocument: no.yaml\n", "/document: there is no file "),
        ("name: child\nparent: openai\noverlay: no.yaml\n", "/overlay: there is no file "),
        (
            "name: child\nparent: openai\nevents: {a: b, c: b}\n",
            "/events: b stands there twice; let each name",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_a_remedy(folder: Path, text: str, said: str) -> None:
    file = write(folder, "child", text)
    with pytest.raises(DocumentError) as caught:
        dialects()
    assert str(caught.value).startswith(f"{file}: {said}")


def test_a_root_has_to_answer_every_question(folder: Path) -> None:
    openai = next(each for each in own_dialects() if each.parent is None)
    text = openai.file.read_text(encoding="utf-8").replace("name: openai", "name: root")
    text = text.replace("../../../schemas/asyncapi/openai.yaml", str(openai.document))
    write(folder, "root", text.replace("  offers_mcp: true\n", ""))
    with pytest.raises(DocumentError, match="/switches/offers_mcp: is missing; say true or false"):
        dialects()
    write(folder, "root", text)
    assert dialect_of("root").switches == openai.switches


def test_a_requirement_that_does_not_exist_is_named(folder: Path) -> None:
    file = write(
        folder, "child", "name: child\nparent: openai\nwaived: {no/such: It does not exist at all.}\n"
    )
    with pytest.raises(DocumentError) as caught:
        registry()
    assert str(caught.value).startswith(f"{file}: /waived/no~1such: is the id of no requirement; ")


def test_a_name_of_our_own_is_taken(folder: Path) -> None:
    write(folder, "openai", "name: openai\nparent: inworld\n")
    with pytest.raises(DocumentError, match="/name: openai is a dialect of the suite's own; choose another"):
        dialects()


@pytest.mark.parametrize(("name", "said"), [("", "holds no folder with a"), ("nowhere", "cannot be read")])
def test_a_folder_without_dialects_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / name))
    with pytest.raises(DocumentError, match=f"{said}.*{VARIABLE}"):
        dialects()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "events: {response.dome: response.finished}",
            "/events/response.dome: is the name of no event; did you",
        ),
        ("events: {response.done: error}", "/events/response.done: is 'error', which is an event, too; "),
        (
            "places: {session.audio.outpt.voice: session.voice}",
            "/places/session.audio.outpt.voice: is a place in",
        ),
    ],
)
def test_what_is_exchanged_has_to_be_there(folder: Path, text: str, said: str) -> None:
    """Exchanging what no event has would change nothing, and nobody would notice."""
    file = write(folder, "child", f"name: child\nparent: openai\n{text}\n")
    write(folder, "grandchild", "name: grandchild\nparent: child\n")
    for name in ("child", "grandchild"):
        with pytest.raises(DocumentError) as caught:
            own_contract(name)
        assert str(caught.value).startswith(f"{file}: {said}"), "also where a child inherits it"


def test_places_may_be_below_references_and_alternatives(folder: Path) -> None:
    write(
        folder,
        "child",
        "name: child\nparent: openai\nplaces: {session.audio.input.turn_detection.type: kind}\n",
    )
    assert own_contract("child").server
