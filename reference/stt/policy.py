"""Where the facts leave a choice, what this service chooses; faults choose what the facts do not allow."""

from __future__ import annotations

from dataclasses import dataclass

from reference.channels.messages import Spelling


@dataclass(frozen=True, slots=True)
class SttPolicy:
    """How the service behaves. The default obeys.

    * ``silence_ms``: silence that ends a turn where the client does not say how much.
    * ``needs_config``: audio before ``transcribeConfig`` is refused (SO-01).
    * ``whole_samples``: a chunk that ends within a sample is refused; chunks may be cut anywhere.
    * ``refusal_closes``: the connection ends behind a refusal (ST-05 is unknown).
    * ``closes``: the connection ends behind ``closeStream`` (ST-07).
    * ``spelling``: which spelling of keys is taken (CN-09).
    """

    silence_ms: int = 500
    needs_config: bool = True
    whole_samples: bool = False
    refusal_closes: bool = False
    closes: bool = True
    spelling: Spelling = "any"
