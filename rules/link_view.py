"""What a rule sees of the link between a server event and the subjects that it is about."""

from __future__ import annotations

from typing import Protocol

from rules.views import ExchangeView, ItemView, PartView, ResponseView, StreamView, TranscriptionView


class LinkView(Protocol):
    """The subjects that one server event is about; what it is not about is None."""

    @property
    def response(self) -> ResponseView | None: ...

    @property
    def item(self) -> ItemView | None: ...

    @property
    def part(self) -> PartView | None: ...

    @property
    def stream(self) -> StreamView | None: ...

    @property
    def transcription(self) -> TranscriptionView | None: ...

    @property
    def exchange(self) -> ExchangeView | None:
        """The client event that it answers or refuses."""

    @property
    def fresh(self) -> bool:
        """Whether it is the first event of its stream."""

    @property
    def strayed(self) -> bool:
        """Whether it names another response than the first event of its stream."""

    @property
    def moved(self) -> bool:
        """Whether it names another output index, or another call, than the first event of its stream."""

    @property
    def reused_item_seq(self) -> int:
        """Where an item of a response that is done was added, whose id is now given to another."""

    @property
    def reused_seq(self) -> int:
        """Where a response was created whose id is now given to another."""
