"""The judge of clients: by a registry of its own, in the pass in which the server is judged, or alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from packs.catalogue import channels
from packs.pack import Judge, Pack
from packs.paths import REALTIME
from protocol.catalogue import dialect_of
from proxy.client import conduct
from proxy.client.conduct import ClientConduct
from proxy.client.keyed import KeyedClient
from proxy.client.realtime import RealtimeClient
from rules.case import ExchangeCase
from rules.engine import Rulebook
from rules.observer import Live, Observer
from rules.records import ViolationTold
from rules.requirements import Registry, registry
from rules.rulebook import own_contract
from rules.verdicts import Tally
from rules.yields import Yields
from wire.trace import Entry, Trace

CLIENT_FOLDER = Path(__file__).parent
OF_CLIENTS = "client/"
"""What the ids of requirements of clients begin with."""


class ClientLooking(Protocol):
    """An observer that judges the client while somebody judges the server."""

    conduct: ClientConduct

    def on_entry(self, entry: Entry) -> None:
        """See `rules.observer`."""

    def on_exchange(self, case: ExchangeCase) -> None:
        """See `rules.observer`."""

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes."""


def client_registry() -> Registry:
    """Return what is required of a client. Raises `DocumentError`."""
    return registry(CLIENT_FOLDER / "registry")


class ClientRulebook:
    """Judges clients of `channel` in `dialect`."""

    def __init__(self, dialect: str, channel: str) -> None:
        self._dialect, self._pack = dialect, channels()[channel]
        self._yields = Yields(client_registry(), dialect)
        self.engine: Judge = _following(dialect, self._pack)

    def looking(self, name: str) -> ClientLooking:
        """Return an observer of the connection of a trace of that `name`."""
        own = ClientConduct(name, self._yields)
        if self._pack.name == REALTIME:
            of_beta = bool(dialect_of(self._dialect).words)
            return RealtimeClient(own, own_contract(self._dialect), of_beta=of_beta)
        return KeyedClient(own, self._pack)

    def begin(self, name: str, header: Mapping[str, Any], observer: Observer | None = None) -> ClientLive:
        """Return a connection whose client is to be judged while it goes on."""
        return ClientLive(self, name, header, observer)

    def judge(self, trace: Trace, observer: Observer | None = None) -> dict[str, Tally]:
        """Return what was counted in `trace`, by requirement; `observer` looks on."""
        live = self.begin(trace.name, trace.header, observer)
        for entry in trace:
            live.take(entry)
        return live.finish()


def _following(dialect: str, pack: Pack) -> Judge:
    """Return what follows connections; of the realtime channel, without rules about the server."""
    if pack.name == REALTIME:
        return Rulebook(own_contract(dialect), dialect, (), ())
    return pack.judge(dialect)


class ClientLive:
    """One connection whose client is judged."""

    def __init__(
        self, book: ClientRulebook, name: str, header: Mapping[str, Any], observer: Observer | None
    ) -> None:
        self._looking = book.looking(name)
        self._live: Live = book.engine.begin(name, header, _Both(self._looking, observer))

    def take(self, entry: Entry) -> None:
        """Judge the next entry, as it was captured."""
        self._live.take(entry)

    def tell(self, found: ViolationTold) -> None:
        """Have `found` told of each violation once it is found."""
        self._looking.conduct.recorder.found = found

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes."""
        self._live.finish()
        return self._looking.finish()


class _Both:
    """Two that look on."""

    def __init__(self, first: Observer, second: Observer | None) -> None:
        self._all = [first] if second is None else [first, second]

    def on_entry(self, entry: Entry) -> None:
        for each in self._all:
            each.on_entry(entry)

    def on_exchange(self, case: ExchangeCase) -> None:
        for each in self._all:
            each.on_exchange(case)


_JUDGED_BY: Mapping[str, tuple[Callable[..., Any], ...]] = {
    conduct.CLIENT_FRAMES: (ClientConduct.take,),
    conduct.GOODBYE: (ClientConduct.take,),
    **dict.fromkeys(
        (conduct.CLIENT_OBJECT, conduct.KNOWN_TYPE, conduct.PAYLOAD), (RealtimeClient.judge_form,)
    ),
    conduct.NOT_BETA: (RealtimeClient.judge_names,),
    conduct.WHOLE_SAMPLES: (RealtimeClient.judge_audio,),
    **dict.fromkeys(
        (conduct.OF_SOMETHING, conduct.CANCEL, conduct.ONE_AT_A_TIME), (RealtimeClient.judge_sense,)
    ),
    conduct.WITHIN_HEARD: (RealtimeClient.judge_truncation,),
    conduct.REFERENCE: (RealtimeClient.judge_references,),
    conduct.WAITED_FOR: (RealtimeClient.judge_waiting,),
}
"""The functions that judge each requirement, for `explain`."""


def client_pack(channel: str) -> Pack:
    """Return the client's side of a channel, as reports know a pack."""
    return replace(
        channels()[channel],
        title="a client",
        folder=CLIENT_FOLDER,
        functions=lambda requirement: list(_JUDGED_BY.get(requirement, ())),
        load_scenarios=tuple,
        load_staged=None,
        unnamed=False,
        make=lambda _entries, dialect, _uncounted, _contract: ClientRulebook(dialect, channel),
        core_of=lambda _dialect, _offered, _asked: (),
    )
