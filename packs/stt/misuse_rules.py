"""The rules of speech recognition about messages with a fault, and about settings that are to be taken.

In which form it refuses something, and whether the connection lives on, nobody has seen (ST-05).
"""

from __future__ import annotations

from packs.keyed.messages import CLOSE, ERROR, STATUS
from packs.keyed.misuse import fault_told, is_error
from packs.keyed.rules import MISUSE
from packs.stt.rules import STT_RULES, SttCase

_REFUSED = "stt/misuse/refused"
_DONE = ("transcription", "usage")
_NOT_OFFERED = (5, 8, 12)
"""Codes of gRPC that say that a service has no such thing, or no more of it."""


@STT_RULES.on(_REFUSED, "client", MISUSE)
def wrong_message_owes(case: SttCase) -> None:
    """What lacks what is required, or has a value of another type, is refused."""
    if case.message.stimulus.get("expects") == "refusal":
        case.owes(
            MISUSE, "an error, or the end", f"{fault_told(case.message)} was not refused", "not-refused"
        )


@STT_RULES.on(_REFUSED, "server", STATUS, ERROR, CLOSE, *_DONE)
def wrong_message_refused(case: SttCase) -> None:
    """What lacks what is required, or has a value of another type, is refused."""
    if is_error(case.message):
        case.paid(MISUSE)
    elif case.message.name != CLOSE:
        case.missed(MISUSE, case.message.name)
    elif case.at.closing:  # whether it ended for the fault or for closeStream, nobody knows
        case.forgive(MISUSE)
    else:
        case.paid(MISUSE)


@STT_RULES.on("stt/misuse/choice", "server", STATUS, ERROR, *_DONE)
def wrong_message_choice(case: SttCase) -> None:
    """A message with a fault of which nobody knows what is to become is refused, or taken."""
    label = case.at.made.stimulus if case.at.made is not None and case.at.made.is_misuse else None
    if label:
        case.observed(f"{label.get('operator')}: {'refused' if is_error(case.message) else 'taken'}")


@STT_RULES.on("stt/misuse/survived", "server", "transcription", CLOSE)
def wrong_message_survived(case: SttCase) -> None:
    """After a message with a fault the connection goes on."""
    if case.at.misused and not case.at.closing and (case.message.name == CLOSE or not case.at.turn.first):
        case.observed("ended" if case.message.name == CLOSE else "goes on")


@STT_RULES.on("stt/settings/taken", "server", STATUS, ERROR, *_DONE)
def documented_settings_taken(case: SttCase) -> None:
    """A `transcribeConfig` with settings that are documented is not refused as invalid."""
    made = case.at.made
    if made is None or made.is_misuse:
        return
    if not is_error(case.message):
        case.holds()
    elif case.message.code not in _NOT_OFFERED:
        label = made.stimulus
        said = f"a config with {label.get('path')}: {label.get('value')}, which is documented, was refused"
        case.violated("refused", "it is taken", f"code {case.message.code}", said, because=(made.seq,))
