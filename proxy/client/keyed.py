"""What a client of a channel without types does: speech synthesis, speech recognition."""

from __future__ import annotations

import base64
import binascii

from packs.keyed.messages import UNTOLD, KeyedMessage
from packs.pack import Pack
from proxy.client import conduct as of
from proxy.client.conduct import ClientConduct, Misstep
from rules.case import ExchangeCase
from rules.verdicts import Tally
from schemas.explain import dotted
from wire.trace import Entry

_LINEAR = "LINEAR16"
_SAMPLE = 2
_BEGINS, _ENDS = "create", "closeContext"
_MOST = 10_000  # contexts that are remembered


class KeyedClient:
    """Judges a client of the channel of `pack` while the connection is judged: an observer."""

    def __init__(self, conduct: ClientConduct, pack: Pack) -> None:
        self.conduct, self._pack = conduct, pack
        self._contract = pack.contract
        self._contexts: set[str] = set()
        self._closed: set[str] = set()
        self._encoding = _LINEAR

    def on_entry(self, entry: Entry) -> None:
        """Look at an entry before it is judged."""
        self.conduct.take(entry)
        if entry.dir != "client" or entry.kind not in ("text", "binary"):
            return
        message = self._pack.read(entry) if entry.event is not None else None
        came = "a binary frame" if entry.kind == "binary" else "text that is no JSON object"
        told = f"the client sent {came}"
        wrong = Misstep("other", "a JSON object in a text frame", came, told)
        self.conduct.check(of.CLIENT_OBJECT, entry, wrong if message is None else None)
        if message is not None:
            self._message(entry, message)

    def on_exchange(self, case: ExchangeCase) -> None:
        """Nothing is an exchange here."""

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes."""
        return self.conduct.counted()

    def _message(self, entry: Entry, message: KeyedMessage) -> None:
        name = self._contract.name_of(message.event, "client")
        schema = self._contract.schema("client", name)
        keys = ", ".join(message.event) or "none"
        told = f"no message of a client has the keys {keys}"
        wrong = Misstep("unknown", "a message of a client", keys, told)
        unknown = schema is None or message.name == UNTOLD
        self.conduct.check(of.KNOWN_TYPE, entry, wrong if unknown else None)
        if schema is None or unknown:
            return
        found = [] if schema.is_valid(message.event) else schema.violations(message.event)
        first = next((each for each in found if each.kind == "schema"), None)
        if first is None:
            self.conduct.holds(of.PAYLOAD, entry)
        else:
            place = dotted(first.path)
            told = f"{message.name} is not what the document says, at {place or 'its top'}"
            step = Misstep(first.keyword, first.expected, first.actual, told, place)
            self.conduct.violated(of.PAYLOAD, entry, step)
        self._context(entry, message)
        self._audio(entry, message)

    def _context(self, entry: Entry, message: KeyedMessage) -> None:
        """Look whether the context that a message names was created, and is not closed."""
        id_ = message.context
        if id_ is None:
            return
        if message.name == _BEGINS:
            if len(self._contexts) < _MOST:
                self._contexts.add(id_)
            self._closed.discard(id_)
            return
        known = id_ in self._contexts or len(self._contexts) >= _MOST
        state = "was closed before" if id_ in self._closed else "was never created"
        told = f"{message.name} names the context {id_}, which {state}"
        wrong = Misstep("context", "a context that is open", id_, told, "contextId")
        there = known and id_ not in self._closed
        self.conduct.check(of.REFERENCE, entry, None if there else wrong)
        if message.name == _ENDS:
            self._closed.add(id_)

    def _audio(self, entry: Entry, message: KeyedMessage) -> None:
        """Look whether audio is made of whole samples."""
        self._encoding = str(message.body.get("audioEncoding", self._encoding))
        content = message.body.get("content")
        if message.name != "audioChunk" or not isinstance(content, str) or self._encoding != _LINEAR:
            return
        try:
            size = len(base64.b64decode(content, validate=True))
        except (binascii.Error, ValueError):
            return  # which the document has a say in
        told = f"the chunk has {size} bytes, which are no whole samples of {_SAMPLE} bytes"
        wrong = Misstep("odd", f"a multiple of {_SAMPLE} bytes", f"{size} bytes", told, "content")
        self.conduct.check(of.WHOLE_SAMPLES, entry, wrong if size % _SAMPLE else None)
