"""What is known of a connection: what exists, what is open, what belongs together.

`rules.event_subjects` finds the subjects an event is about, before the rules look at it;
`rules.reading_updates` takes in what it says, after they have, and `rules.reading_requests` what the client
sends. Nothing in these judges.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from protocol.event_types import Event
from protocol.json_values import value_at
from rules.conversation import KnownConversation
from rules.exchange import Exchange
from rules.exchanges import Exchanges
from rules.formats import bytes_per_ms
from rules.order import Joint
from rules.subjects import Item, Response, Stream, Subject, Transcription, dict_of
from wire.trace import Entry

SUBJECT_KINDS = ("connection", "response", "item", "part", "stream", "transcription")
SHORTEST_PAYLOAD = 640
"""Characters of Base64 in 10 ms of PCM: audio that never comes in more at a time was shortened later."""

_BEGUN = re.compile(r"[A-Za-z0-9+/]*")  # Base64, as far as it goes

_CUT_OFF = ("...", "…", ">", "]", ")")
"""What the audio ends with that somebody cut off, or replaced by a remark, in place of an alphabet's sign."""

_RUNNING_KEPT = 128  # responses that are not done; more at once are a flood, and looked through at each event
_HUNDREDTH_MS = 10
_ROUND_BYTES = 100
_EXAMPLES = 3  # chunks of audio; fewer may be there as examples of the rest
_SILENCES_KEPT = 64
_MARKS_KEPT = 256  # client events whose answer may still be judged by the time it took


class Reading:
    """What is known of one connection after the events read so far."""

    patience: Mapping[str, float] = MappingProxyType({"answer": 5.0, "response": 15.0})
    pause: float = 5.0  # the shorter of the two: silences of that length are remembered
    notes_deadlines: bool = False  # whoever made the capture did, and says how long it waited
    untold_items: bool = False  # there may be items of which nobody was told
    lull_s: float = 0.0  # the longest time without any event since a response was last asked for
    slowest_s: float = 0.0  # how long the server took for the first event, or an answer, at most so far
    opened_at: float | None = None  # when the handshake was over
    unfinished: bool = False  # a frame never came to its end, and what is owed may be in it
    shortened: bool = False  # some audio ends in a mark of whoever cut it off
    quiet_ms: float = 0.0  # of audio that the client sent last, all of it silence
    quiet_since: float | None = None  # when that was long enough for any turn detection
    longest_sent: int = 0  # characters of audio in one event of the client
    longest_heard: int = 0  # and of the server
    padding_heard: int = 0  # characters of padding that this one ends with, as none does that was cut off
    forgot: bool = False  # whether some of the items were let go
    created_session: Event | None = None
    created_seq: int = 0
    session_seq: int = 0
    conversation_id: str | None = None
    conversation_id_seq: int = 0
    buffered_ms: float = 0.0
    appended_ms: float = 0.0
    appends: int = 0
    audio_emitted: bool = False
    may_have_spoken: bool = False  # whether a response that is to be heard has begun
    of_call: Entry | None = None  # the first sign of a call over WebRTC or SIP
    silent_commits: int = 0  # made while transcription was off
    emptied_by: str = ""  # what last emptied the input buffer: committed or cleared
    speech: Item | None = None  # in which speech is going on
    stopped_speech: Item | None = None  # in which it has stopped, until that is committed
    turn_seq: int = 0  # of the last turn that the server committed by itself, until a response comes
    client_acted: bool = False
    refused_update: Exchange | None = None
    shown_unasked: bool = False  # a session.updated came that no session.update can have asked for
    update_lost: bool = False  # a session.update was not answered, so nobody knows what is in force
    backchannel_enabled: bool = False  # at any time in this session
    owes_response: int = 0  # the turn that obliges the server to create a response not seen yet
    client_commit_seq: int = 0  # where a client's commit was answered, until a response would have come
    called_seq: int = 0  # of the last response.done with a function call, until a response comes
    timed_out_seq: int = 0  # of the last idle timeout, until a response comes for it
    rate_limits_seq: int = 0  # of the last rate_limits.updated
    finishes_items: bool = False  # whether any conversation.item.done has come
    closed_by_server: bool = False
    end_seq: int = 0  # of what announced an end of the session that no client event is to blame for
    turned_down: bool = False  # all that the server says is an error: there is no session
    cancelled_seq: int = 0  # of the last response.done, where it said cancelled
    last_seq: int = 0  # of the server event before this one
    last_answer_seq: int = 0  # of the last answer to a client event, or the last event about an item
    last_type: str = ""
    deltas: int = 0  # all that came so far

    def __init__(
        self,
        joints: Mapping[str, Joint],
        *,
        whole: bool,
        measured: bool,
        attested: bool,
        silent: bool = False,
    ) -> None:
        self.joints = joints
        self.whole = whole
        self.client_types: set[str] = set()
        self.measured = measured  # by its header: audio is complete, and what the client sent is there
        self.silent = silent  # its header says nothing of this, so that what it holds has to show it
        self.attested = attested  # its header says so in so many words, though somebody may have cut it later
        self.connection = Subject("connection", "connection", joints["connection"].start)
        self.responses: OrderedDict[str, Response] = OrderedDict()  # lets go of the oldest at no cost
        self.running: dict[str, Response] = {}  # created and not done
        self.items: OrderedDict[str, Item] = OrderedDict()
        self.streams: dict[tuple[str, int | None, str], Stream] = {}
        self.transcriptions: OrderedDict[tuple[str, int | None], Transcription] = OrderedDict()
        self.exchanges = Exchanges()
        self.conversation = KnownConversation()
        self.session: Event = {}
        self.untranscribed: dict[str, int] = {}  # items whose transcription is owed, and since when
        self.unkeyed: set[str] = set()
        self.opening: list[str] = []  # types of the server's events before the client did anything
        self.asked_session: Event = {}  # what accepted updates have set, by what they say themselves
        self.provider_data: Event = {}  # as the client has set it
        self.times: OrderedDict[int, float | None] = OrderedDict()  # of client events and of speech, by seq
        self._deltas_at: dict[int, int] = {}
        self._heard_at: float | None = None  # when the server last sent something
        self._came_at: float | None = None  # and when either side did
        self._silences: deque[tuple[float, float]] = deque(maxlen=_SILENCES_KEPT)
        self.undone: dict[str, Item] = {}  # added to the conversation, and not done
        self.overdue: dict[str, Item] = {}  # the same, though something later has been answered

    def begun(self, response: Response) -> None:
        """Take in that `response` was created."""
        self.running[response.id] = response
        if len(self.running) > _RUNNING_KEPT:
            self.running.pop(next(iter(self.running)))

    # --- asking -----------------------------------------------------------------------------------------

    @property
    def measures_sent(self) -> bool:
        """Whether the length of the client's audio means something: it is complete, as far as it shows."""
        sent = "input_audio_buffer.append" in self.client_types
        if self.measured:
            return not sent or self.longest_sent >= SHORTEST_PAYLOAD
        return sent and self._uncut(self.longest_sent, "input")

    @property
    def measures_heard(self) -> bool:
        """Whether the length of the server's audio means something: it is complete, as far as it shows."""
        if self.measured:
            return self.longest_heard >= SHORTEST_PAYLOAD
        return self._uncut(self.longest_heard, "output", padding=self.padding_heard)

    def _uncut(self, longest: int, side: str, *, padding: int = 0) -> bool:
        """Tell whether a capture that does not say so holds whole audio: the longest is of a usual length.

        Servers and clients send hundredths of seconds. Who shortens audio cuts it at a round number of
        characters, or of bytes, or leaves a mark; what is cut off anywhere has no padding.
        """
        if not self.silent or self.shortened or longest < SHORTEST_PAYLOAD or longest % 4:
            return False
        size = bytes_per_ms(self.setting("audio", side, "format") or {}) * _HUNDREDTH_MS
        most = longest // 4 * 3
        usual = any((most - each) % size == 0 for each in range(3))
        return usual or (padding > 0 and (most - padding) % _ROUND_BYTES > 0)

    def knows_asking(self, type_: str) -> bool:
        """Tell whether the absence of a client event of `type_` means something.

        Many captures hold the server's side only, or leave out some of what the client sent.
        """
        if not self.whole:
            return False
        return type_ in self.client_types or (
            self.client_acted and (self.measured or self._shows_client(type_))
        )

    def _shows_client(self, type_: str) -> bool:
        """Tell whether a capture that does not say so holds what the client sent.

        Audio is what is left out first: who writes down all of it writes down the rest.
        """
        shown = self.appends >= _EXAMPLES and self.measures_sent
        return self.silent and type_ != "input_audio_buffer.append" and shown

    def cut_off(self, audio: Any, *, sent: bool) -> bool:
        """Tell whether `audio`, which is not Base64, may be what is left of audio that was.

        What a suite of ours `sent` may have been wrong on purpose: then nothing but the length was touched.
        """
        if not isinstance(audio, str):
            return False
        if audio.endswith(_CUT_OFF):
            self.shortened = True
            return True
        if sent and self.attested:
            return _BEGUN.fullmatch(audio) is not None
        if not self.measured:
            return not (self.measures_sent if sent else self.measures_heard)
        return max(self.longest_heard, len(audio)) < SHORTEST_PAYLOAD

    @property
    def active(self) -> Response | None:
        """The response that is writing to the default conversation, if any."""
        for response in self.running.values():
            if not response.out_of_band and not response.overlapped_seq:
                return response
        return None

    def setting(self, *path: str) -> Any:
        """Return the value at `path` in the session as last shown by the server, or None."""
        return value_at(self.session, path)

    @property
    def settled(self) -> bool:
        """Whether the session as last shown is in force: no update of it is under way or was lost."""
        return not self.update_lost and all(e.type != "session.update" for e in self.exchanges.open)

    @property
    def turn_detection(self) -> Any:
        """The turn detection in force: an object, None for off, or None where that is not known."""
        return self.setting("audio", "input", "turn_detection") if self.settled else None

    @property
    def turn_creates_response(self) -> bool:
        """Whether a turn that ends now obliges the server to create a response by itself."""
        detection = self.turn_detection
        if not isinstance(detection, dict) or detection.get("create_response") is not True:
            return False
        return self.active is None or detection.get("interrupt_response") is True

    @property
    def detection_off(self) -> bool:
        """Whether turn detection is shown to be off."""
        return self.turn_detection is None and self.shows("audio", "input", "turn_detection")

    @property
    def may_listen(self) -> bool:
        """Whether turn detection may be on: it is, or what is in force is not known."""
        return self.turn_detection is not None or not self.shows("audio", "input", "turn_detection")

    @property
    def conversation_follow_up(self) -> bool:
        """Whether a response may come unasked because the last item is the result of a call (inworld 5.7)."""
        last = self.items.get(self.conversation.last or "")
        return last is not None and last.latest.get("type") == "function_call_output"

    @property
    def remembers(self) -> bool:
        """Whether memory is on, so that the session may be shown again unasked (inworld 5.6)."""
        shown = dict_of(dict_of(self.session, "providerData"), "memory").get("enabled")
        return shown is True or self.provider_setting("memory", "enabled") is True

    def provider_setting(self, branch: str, name: str) -> Any:
        """Return a field of `providerData` as the client has set it, whether the server shows it or not.

        Where not all that the client sent was heard, what the server shows may have been set, too.
        """
        heard = dict_of(self.provider_data, branch)
        shown = dict_of(dict_of(self.session, "providerData"), branch)
        return (heard if self.knows_provider_data else {**shown, **heard}).get(name)

    @property
    def knows_provider_data(self) -> bool:
        """Whether the client was heard to set all that it has set of `providerData`."""
        never_set = self.session_seq == self.created_seq
        return self.whole and (never_set or self.knows_asking("session.update"))

    def deltas_since(self, seq: int) -> int:
        """Return how many deltas came since entry `seq`, a client event or the start of speech."""
        return self.deltas - self._deltas_at.get(seq, self.deltas)

    def mark(self, seq: int, t: float | None) -> None:
        """Remember when entry `seq` was, in time and in deltas."""
        self.times[seq] = t
        self._deltas_at[seq] = self.deltas
        if len(self.times) > _MARKS_KEPT:
            oldest, _ = self.times.popitem(last=False)
            del self._deltas_at[oldest]

    @property
    def transcribing(self) -> bool | None:
        """Whether transcription is on; None where the session never showed it."""
        if not self.shows("audio", "input", "transcription"):
            return None
        return self.setting("audio", "input", "transcription") is not None

    def shows(self, *path: str) -> bool:
        """Tell whether the session as last shown has the field at `path`, null or not."""
        parent = self.setting(*path[:-1])
        return self.settled and isinstance(parent, dict) and path[-1] in parent

    def overdue_items(self, seq: int) -> list[Item]:
        """Return the items that should be done by now: something begun after `seq` has been answered."""
        found = []
        for item in self.undone.values():
            response = item.response
            owed_since = item.seen.get("conversation.item.added", item.committed_seq)
            if response is not None:
                owed_since = response.done_seq or seq
            elif self.running and (item.conversation_added or {}).get("status") == "in_progress":
                continue  # the item of a response that did not announce it
            elif (item.conversation_added or {}).get("type") == "mcp_list_tools":
                continue  # takes as long as the MCP server does
            if owed_since < seq:
                found.append(item)
        return found

    # --- time -------------------------------------------------------------------------------------------

    def came(self, entry: Entry) -> None:
        """Take in when something was sent by either side."""
        now = entry.t
        if now is None:
            return
        if self._came_at is not None:
            self.lull_s = max(self.lull_s, now - self._came_at)
        self._came_at = now
        if entry.dir != "server" or (entry.event or {}).get("type") == "ping":
            return
        before = self._heard_at
        if before is None:
            self.took(self.opened_at)
        elif now - before >= self.pause:
            self._silences.append((before, now))
        self._heard_at = now

    def took(self, since: float | None) -> None:
        """Take in that what was to be said since a moment has just come."""
        if since is not None and self._came_at is not None:
            self.slowest_s = max(self.slowest_s, self._came_at - since)

    def waited_since(self, t: float | None) -> float:
        """Return how long the server was silent after `t` while the capture went on, 0 where nobody knows.

        The longest of its silences counts, as far as there was something to wait for, up to what came next. A
        suite that notes its deadlines listens on for as long again: where it closed before, it did not know,
        so that a silence is worth half there.
        """
        if t is None or self._came_at is None or self._heard_at is None or self.unfinished:
            return 0.0
        silences = [*self._silences, (self._heard_at, self._came_at)]
        longest = max((end - max(start, t) for start, end in silences), default=0.0)
        return longest / 2 if self.notes_deadlines else longest
