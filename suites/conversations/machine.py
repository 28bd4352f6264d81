"""The machine that talks: each rule is something a client may do next, or should not do."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from protocol.event_types import Event
from protocol.json_values import value_at
from suites.conversations.content import ExpectedItem, disagreement, is_spoken, words_of
from suites.conversations.sound import Sounding
from suites.talk import Turn, assistant, system, user
from wire.frames import Received

_UNKNOWN = "item_that_never_was"
_WHICH = st.integers(0, 5)
_AUTHORS = st.sampled_from([user, system, assistant])
_BEYOND_MS = 3_600_000


class Conversing(Sounding):
    """Says what Hypothesis draws."""

    # --- items ------------------------------------------------------------------------------------------

    @rule(named=st.booleans(), author=_AUTHORS)
    def add_item(self, named: bool, author: Any) -> None:
        self._create("end", 0, named=named, author=author)

    @rule(place=st.sampled_from(["head", "behind"]), which=_WHICH, named=st.booleans(), author=_AUTHORS)
    def insert_item(self, place: str, which: int, named: bool, author: Any) -> None:
        self._create(place, which, named=named, author=author)

    def _create(self, place: str, which: int, *, named: bool = False, author: Any = user) -> None:
        if self.mute:
            return
        content, state = self.content, self.content.conversation
        self.notes += 1
        text = f"Note {self.notes}: tell me a long story."
        item = author(text, **({"id": f"item_note_{self.notes}"} if named else {}))
        fields: Event = {}
        other = content.nth(which)
        if place == "head":
            fields = {"previous_item_id": "root"}
        elif place == "behind" and other is not None:
            fields = {"previous_item_id": other.id}
        else:
            place = "end"
        added = self._ask(
            "conversation.item.create",
            lambda e: isinstance(e.get("item"), dict) and words_of(e["item"]) == text,
            item=item,
            **fields,
        )
        if added is not None:
            content.add(ExpectedItem(str(added["item"].get("id")), sent=item))
        self._visit(
            "conversation", state, f"create-{'at-' * (place != 'behind')}{place}", done=added is not None
        )
        self._visit(
            "conversation", state, "create-with-id" if named else "create-without-id", done=added is not None
        )
        self._visit("response", self._response, "add-item", done=added is not None)

    @rule(
        how=st.sampled_from(
            ["behind-unknown", "nothing", "wrong-content", "with-id-in-use", "behind-deleted"]
        ),
        which=_WHICH,
    )
    def create_item_misused(self, how: str, which: int) -> None:
        if self.mute:
            return
        content = self.content
        self.notes += 1
        text = f"Note {self.notes}: this is a mistake."
        item: Event | None = user(text)
        fields: Event = {}
        known = self._some(which) if how == "with-id-in-use" else None
        if how == "behind-deleted":
            self._some_deleted(which)
        state = content.conversation
        if self.cut:
            return
        if how == "nothing":
            item = None
        elif how == "wrong-content":
            item = {**user(text), "content": [{"type": "output_text", "text": text}]}
        elif how == "with-id-in-use" and known is not None:
            item = user(text, id=known.id)
        elif how == "behind-deleted" and content.gone:
            fields = {"previous_item_id": content.gone[which % len(content.gone)]}
        else:
            how, fields = "behind-unknown", {"previous_item_id": _UNKNOWN}
        if item is not None:
            fields["item"] = item
        added = self._misuse(
            "conversation.item.create",
            lambda e: isinstance(e.get("item"), dict) and words_of(e["item"]) == text,
            **fields,
        )
        if added is not None:  # a server may think otherwise of some of these; what it took is there
            content.add(ExpectedItem(str(added["item"].get("id")), sent=item))
        self._visit("conversation", state, f"create-{how}", done=added is not None)

    def _some(self, which: int, *, spoken: bool | None = None) -> ExpectedItem | None:
        """Return one of the items; where there is none, create one first. None where that cannot be."""
        if self.mute:
            return None
        if self.content.nth(which, spoken=spoken) is None and not spoken:
            self._create("end", 0)
        return None if self.cut else self.content.nth(which, spoken=spoken)

    def _some_deleted(self, which: int) -> None:
        """See to it that there is an item that was deleted."""
        if not self.content.gone:
            self._delete(which)

    @rule(which=_WHICH)
    def delete_item(self, which: int) -> None:
        self._delete(which)

    def _delete(self, which: int) -> None:
        item = self._some(which)
        if item is None:
            return
        deleted = self._ask(
            "conversation.item.delete", lambda e: e.get("item_id") == item.id, item_id=item.id
        )
        self._visit("conversation", "filled", "delete", done=deleted is not None)
        self._visit("response", self._response, "delete-item", done=deleted is not None)
        if deleted is not None:
            self.content.delete(item.id)

    @precondition(lambda self: self.play.retrieve)
    @rule(which=_WHICH)
    def retrieve_item(self, which: int) -> None:
        item = self._some(which)
        if item is None:
            return
        retrieved = self._ask("conversation.item.retrieve", item_id=item.id)
        self._visit("conversation", "filled", "retrieve", done=retrieved is not None)
        if self.cut:
            return
        if retrieved is None:
            self.cut = f"the item {item.id} is in the conversation and could not be retrieved"
        else:
            self.cut = disagreement(item, retrieved.get("item"))

    @rule(deleted=st.booleans(), which=_WHICH, verb=st.sampled_from(["delete", "retrieve", "truncate"]))
    def name_an_item_that_is_not_there(self, deleted: bool, which: int, verb: str) -> None:
        if self.mute or (verb == "retrieve" and not self.play.retrieve):
            return
        if deleted and verb != "truncate":
            self._some_deleted(which)
        gone = self.content.gone
        deleted = deleted and bool(gone) and verb != "truncate"
        if self.cut:
            return
        id_ = gone[which % len(gone)] if deleted else _UNKNOWN
        more = {"content_index": 0, "audio_end_ms": 100} if verb == "truncate" else {}
        state = self.content.conversation
        answer = self._misuse(f"conversation.item.{verb}", item_id=id_, **more)
        self._visit(
            "conversation", state, f"{verb}-{'deleted' if deleted else 'unknown'}", done=answer is not None
        )
        if answer is not None and verb == "retrieve" and not self.cut:
            self.cut = f"the item {id_} is not in the conversation and was retrieved"

    @rule(which=_WHICH)
    def truncate_what_is_written(self, which: int) -> None:
        self._truncate(self._some(which, spoken=False), 0)

    @precondition(lambda self: self.play.spoken)
    @rule(which=_WHICH, end_ms=st.sampled_from([100, 0, _BEYOND_MS]))
    def truncate_what_was_spoken(self, which: int, end_ms: int) -> None:
        if self.content.nth(which, spoken=True) is None and self.asked < self.play.responses:
            self._start(brief=True)
            self._finish()
        self._truncate(self._some(which, spoken=True), end_ms)

    def _truncate(self, item: ExpectedItem | None, end_ms: int) -> None:
        if self.cut or item is None:
            return
        answer = self._ask(
            "conversation.item.truncate",
            lambda e: e.get("item_id") == item.id,
            item_id=item.id,
            content_index=0,
            audio_end_ms=end_ms,
        )
        move = "truncate-written"
        if item.spoken:
            move = "truncate-beyond" if end_ms == _BEYOND_MS else "truncate-again" if item.cut else "truncate"
        self._visit("conversation", "filled", move, done=answer is not None)
        item.cut = item.cut or answer is not None

    # --- responses --------------------------------------------------------------------------------------

    def _response_create(self, *, brief: bool, **more: Any) -> Received | None:
        self.asked += 1
        spoken = self.play.spoken
        response = {
            "output_modalities": ["audio" if spoken else "text"],
            "instructions": "Answer in one word." if brief else "Answer at length.",
            **more,
        }
        received = self._do(self.talk.ask("response.create", response=response))
        return None if received is None or received.type == "error" else received

    @precondition(lambda self: self.running is None and self.asked < self.play.responses)
    @rule(brief=st.booleans())
    def start_response(self, brief: bool) -> None:
        self._start(brief=brief)

    def _start(self, *, brief: bool) -> None:
        """Have a response running, if none is and one more may be asked for."""
        if self.mute or self.running is not None or self.asked >= self.play.responses:
            return
        # What is spoken is short: it costs by the second.
        brief = brief or self.play.spoken
        if not brief and not self.content.items:
            self._create("end", 0)  # so that there is something to tell of
        if self.cut:
            return
        created = self._response_create(brief=brief)
        self._visit("response", "idle", "create", done=created is not None)
        self.running = created

    @precondition(lambda self: self.asked < self.play.responses)
    @rule()
    def start_another_response(self) -> None:
        self._start(brief=False)
        if self.mute or self.running is None or self.asked >= self.play.responses:
            return
        created = self._response_create(brief=True)
        if not self._over(self.running):
            self._visit("response", "running", "create", done=created is not None)
        if created is not None:
            self.running = created  # the first one had ended, or the server lets two run

    @precondition(lambda self: self.asked < self.play.responses)
    @rule()
    def start_response_misused(self) -> None:
        if self.mute:
            return
        state = self._response
        created = self._response_create(brief=True, output_modalities=["smell"])
        self._visit("response", state, "create-misused", done=created is not None)
        self.running = created or self.running

    @precondition(lambda self: self.running is not None or self.asked < self.play.responses)
    @rule()
    def finish_response(self) -> None:
        self._start(brief=True)
        self._finish()

    def _finish(self) -> None:
        if self.mute or self.running is None:
            return
        turn = self._do(self.talk.finish(self.running))
        self._ended(turn)
        self._visit("response", "running", "finish", done=turn is not None)

    @precondition(lambda self: self.running is not None or self.asked < self.play.responses)
    @rule(named=st.booleans())
    def cancel_response(self, named: bool) -> None:
        self._start(brief=False)
        self._cancel(named=named)

    def _cancel(self, *, named: bool) -> None:
        if self.mute or self.running is None:
            return
        running = self.running
        id_ = {"response_id": str(value_at(running.event, "response.id"))} if named else {}
        self._do(self.talk.session.send("response.cancel", **id_))
        turn = None if self.cut else self._do(self.talk.finish(running))
        self._ended(None)  # how far it came is a matter of timing, and the same seed is to say the same
        if turn is not None and turn.status == "cancelled":
            self._visit("response", "running", "cancel-by-id" if named else "cancel", done=True)

    @rule(named=st.booleans())
    def cancel_nothing(self, named: bool) -> None:
        if self.mute or (self.running is not None and not named):
            return
        id_ = {"response_id": "resp_that_never_was"} if named else {}
        answer = self._misuse("response.cancel", lambda _: False, **id_)
        self._visit(
            "response", self._response, "cancel-unknown" if named else "cancel", done=answer is not None
        )

    def _ended(self, turn: Turn | None) -> None:
        self.running = None
        for item in turn.items if turn is not None else []:
            id_ = item.get("id")
            if isinstance(id_, str) and item.get("type") == "message" and id_ not in self.content.gone:
                self.content.add(ExpectedItem(id_, words=words_of(item), spoken=is_spoken(item)))

    def _over(self, created: Received) -> bool:
        id_ = value_at(created.event, "response.id")
        received = self.talk.session.since(created.seq)
        return any(r.type == "response.done" and value_at(r.event, "response.id") == id_ for r in received)

    # --- the end ----------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """End what runs, wait until everything was said, and have the conversation judged."""
        if not self.cut and self.running is not None:
            self._cancel(named=False)
        if not self.cut:
            self._do(self.talk.fence())
        self.play.close(self.cut)
