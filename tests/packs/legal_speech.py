"""Conversations of speech synthesis that are legal, and what conversations are made of."""

from __future__ import annotations

from typing import Any

from tests.packs.spoken import Line, chunk, create, pcm, result, riff, status, text, to, wav, words

CREATED, CLOSED, FLUSHED = result("contextCreated"), result("contextClosed"), result("flushCompleted")
CLOSE, FLUSH, CANCEL = to("close_context"), to("flush_context"), to("cancel_context")
WAIT: Line = ("…", 5)
FIVE = [line for n in "abcde" for line in (create(n), result("contextCreated", n))]
TIMES = {"timestampType": "WORD"}
PCM = {"audioEncoding": "PCM", "sampleRateHertz": 16_000}
SAID = "The lamp turns all night, and nobody has counted how often."
SPEAKING = [create(audioConfig=PCM), CREATED, text(SAID), CLOSE]
FULL = [create(bufferCharThreshold=50), CREATED, text("a" * 30), text("a" * 30)]
RIFF, ALAW = riff(pcm(), 16_000), riff(pcm(), 8000, tag=6)
NAMELESS: Line = (">", {"send_text": {"text": ""}})


def used(characters: int) -> dict[str, Any]:
    """Return what a chunk says of how many characters it took."""
    return {"usage": {"processedCharactersCount": characters, "modelId": "inworld-tts-2"}}


LEGAL: dict[str, list[Line]] = {
    "one context": [create(), CREATED, text(), CLOSE, chunk(), CLOSED],
    "in one burst": [create(), text(), text(), CLOSE, CREATED, chunk(), chunk(), CLOSED, WAIT],
    "a flush by itself": [create(), CREATED, text(), FLUSH, chunk(), FLUSHED, CLOSE, CLOSED],
    "a flush with the text": [create(), text(flush=True), CREATED, chunk(), FLUSHED, CLOSE, CLOSED],
    "flushes that nobody asked for": [create(), CREATED, text(), chunk(), FLUSHED, CLOSE, chunk(), CLOSED],
    "nothing to flush": [create(), CREATED, FLUSH, CLOSE, CLOSED, WAIT],
    "nothing to be spoken": [create(), CREATED, text(" … "), CLOSE, CLOSED, WAIT],
    "a sign of life": [create(), CREATED, text(""), WAIT, CLOSE, CLOSED],
    "interleaved": [
        *(create("a"), create("b"), result("contextCreated", "b"), CREATED),
        *(text(context="a"), text(context="b"), to("close_context", "b"), CLOSE),
        *(chunk("b"), chunk("a"), chunk("b"), result("contextClosed", "b"), chunk("a"), CLOSED),
    ],
    "an id is used again": [
        create(),
        CREATED,
        CLOSE,
        CLOSED,
        create(),
        CREATED,
        text(),
        CLOSE,
        chunk(),
        CLOSED,
    ],
    "closed twice": [create(), CREATED, text(), CLOSE, CLOSE, chunk(), CLOSED, WAIT],
    "cancelled": [create(), CREATED, text(), FLUSH, chunk(), CANCEL, chunk(), WAIT],
    "cancelled behind its close": [create(), CREATED, text(), CLOSE, CANCEL, CLOSED, WAIT],
    "refused": [create(voiceId="nobody"), text(), CLOSE, status(3), CLOSED, WAIT],
    "failed later": [create(), CREATED, text("a" * 1001), CLOSE, status(13), CLOSED, WAIT],
    "no context for an empty text": [
        (">", {"send_text": {"text": ""}}),
        ("<", {"result": {"status": {"code": 3, "message": "a context id is required"}}}),
        *(create(), CREATED, CLOSE, CLOSED),
    ],
    "an error of no context": [
        *(create(), ("<", {"error": {"code": 13, "message": "no"}}), create("b")),
        *(result("contextCreated", "b"), to("close_context", "b"), result("contextClosed", "b"), WAIT),
    ],
    "cut by the server": [
        *(
            create(autoMode=True),
            CREATED,
            text(flush=True),
            chunk(),
            FLUSHED,
            chunk(),
            FLUSHED,
            CLOSE,
            CLOSED,
        ),
    ],
    "fields that nobody knows": [
        *(create(), result("contextCreated", trace={"id": 1}), text(), CLOSE, chunk(), CLOSED),
    ],
    "the sixth": [*FIVE, create("f"), status(8, "f"), text(), CLOSE, chunk(), CLOSED],
    "the sixth, once one is closed": [*FIVE, CLOSE, CLOSED, create("f"), result("contextCreated", "f")],
    "the sixth, while one is being closed": [
        *FIVE,
        CLOSE,
        create("f"),
        result("contextCreated", "f"),
        CLOSED,
    ],
    "an unknown context": [text(context="z"), status(5, "z"), create(), CREATED],
    "a closed context": [create(), CREATED, CLOSE, CLOSED, text(), status(5), WAIT],
    "a limit of the account": [
        create(),
        CREATED,
        create("b"),
        status(14, "b"),
        text(),
        CLOSE,
        chunk(),
        CLOSED,
    ],
    "the audio of its text": [*SPEAKING, *(chunk(data=pcm(16_000)) for _ in range(4)), CLOSED],
    "steering tags": [create(audioConfig=PCM), CREATED, text(f"[{SAID}]"), CLOSE, chunk(), CLOSED],
    "audio as long as its times": [
        *(create(audioConfig=PCM, **TIMES), CREATED, text(flush=True)),
        *(chunk(data=pcm(24_000), **words((0, 0.7), (0.7, 1.2))), FLUSHED),
    ],
    "times that come behind the flush": [
        *(create(audioConfig=PCM, timestampTransportStrategy="ASYNC", **TIMES), CREATED, text(flush=True)),
        *(chunk(data=pcm(64_000), **words((0, 0.7))), FLUSHED),
    ],
    "a rate that the header says": [
        *(create(audioConfig={**PCM, "audioEncoding": "LINEAR16"}), CREATED, text(), chunk(data=RIFF)),
    ],
    "more than the buffer holds": [*FULL, chunk(), CLOSE, CLOSED],
    "more than the buffer holds, and closed": [*FULL, CLOSE, chunk(), CLOSED],
    "headers": [create(audioConfig={"audioEncoding": "LINEAR16"}), CREATED, text(), chunk(data=wav())],
    "no headers": [create(audioConfig={"audioEncoding": "PCM"}), CREATED, text(), chunk(data=pcm())],
    "an encoding of its own": [
        create(audioConfig={"audioEncoding": "MP3"}),
        CREATED,
        text(),
        chunk(data=b"\xff"),
    ],
    "snake_case": [
        (">", {"create": {"voice_id": "a", "audio_config": {"audio_encoding": "PCM"}}, "context_id": "a"}),
        CREATED,
        (">", {"send_text": {"text": "Hi"}, "context_id": "a"}),
        (">", {"close_context": {}, "context_id": "a"}),
        *(chunk(), CLOSED, WAIT),
    ],
    "no id where there is one context": [
        create(),
        CREATED,
        (">", {"send_text": {"text": "Hi", "flush_context": {}}}),
        (">", {"close_context": {}}),
        *(chunk(), FLUSHED, CLOSED, WAIT),
    ],
    "words": [
        *(create(**TIMES), CREATED, text(), FLUSH, chunk(**words((0, 0.3), (0.3, 0.9)))),
        *(chunk(**words((0.9, 1.2))), FLUSHED, text(), FLUSH, chunk(**words((0.05, 0.4))), FLUSHED),
    ],
    "words that come after their sound": [
        *(create(**TIMES), CREATED, text(), FLUSH, chunk(), chunk(data="", **words((0, 0.3))), FLUSHED),
    ],
    "success said twice": [
        *(create(), result("contextCreated", body={}, status={"code": 0, "message": ""}), text(), CLOSE),
        *(chunk(status={"code": 0}), CLOSED),
    ],
    "another end": [create(), CREATED, ("<", {"done": True})],
    "cut off": [create(), text(), CLOSE],
}
