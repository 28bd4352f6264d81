"""Conversations of speech synthesis that are wrong in one way, with what is violated."""

from __future__ import annotations

from tests.packs.legal_speech import (
    ALAW,
    CLOSE,
    CLOSED,
    CREATED,
    FIVE,
    FLUSH,
    FLUSHED,
    FULL,
    PCM,
    RIFF,
    SPEAKING,
    TIMES,
    WAIT,
)
from tests.packs.spoken import Line, chunk, create, pcm, result, status, text, wav, words

WRONG: dict[str, tuple[list[Line], dict[str, set[str]]]] = {
    "audio before the context": (
        [create(), text(), CLOSE, chunk(), CREATED, CLOSED],
        {"tts/context/created-first": {"late"}},
    ),
    "never created": (
        [create(), text(), CLOSE, chunk(), CLOSED, WAIT],
        {"tts/context/created-first": {"late"}},
    ),
    "create unanswered": ([create(), WAIT], {"tts/context/acknowledged": {"unanswered"}}),
    "a burst lost": (
        [create(), text(), CLOSE, CREATED, CLOSED, WAIT],
        {"tts/context/burst": {"unspoken"}},
    ),
    "a burst lost, and its close": (
        [create(), text(), CLOSE, CREATED, WAIT],
        {"tts/context/burst": {"unspoken"}},
    ),
    "a flushed burst lost": (
        [create(), text(flush=True), CREATED, FLUSHED, WAIT],
        {"tts/context/burst": {"unspoken"}},
    ),
    "never closed": ([create(), CREATED, text(), CLOSE, chunk(), WAIT], {"tts/context/closed": {"missing"}}),
    "the connection closed instead": (
        [create(), CREATED, text(), CLOSE, chunk(), ("x", 1011)],
        {"tts/context/closed": {"missing"}},
    ),
    "closed again": (
        [create(), CREATED, text(), CLOSE, chunk(), CLOSED, CLOSED],
        {"tts/context/closed": {"again"}},
    ),
    "closed before its last text was spoken": (
        [create(), CREATED, text(), chunk(), text(), CLOSE, CLOSED],
        {"tts/context/spoken-before-closed": {"unspoken"}},
    ),
    "audio behind the close": (
        [create(), CREATED, text(), CLOSE, chunk(), CLOSED, chunk()],
        {"tts/audio/within-context": {"late"}},
    ),
    "a flush completed behind the close": (
        [create(), CREATED, text(), CLOSE, chunk(), CLOSED, FLUSHED],
        {"tts/context/nothing-after-closed": {"late"}},
    ),
    "no id": (
        [create(), CREATED, text(), FLUSH, chunk(None), chunk(), FLUSHED],
        {"tts/context/id-carried": {"missing"}},
    ),
    "an id that nobody has created": (
        [create(), CREATED, text(), CLOSE, chunk(), result("contextClosed", "q"), WAIT],
        {"tts/context/id-carried": {"unknown"}},
    ),
    "the sixth taken": (
        [*FIVE, create("f"), result("contextCreated", "f"), WAIT],
        {"tts/limits/five-contexts": {"unanswered"}},
    ),
    "the sixth ends the connection": (
        [*FIVE, create("f"), ("x", 1008)],
        {"tts/limits/five-contexts": {"unanswered"}},
    ),
    "a header in samples": (
        [create(audioConfig={"audioEncoding": "PCM"}), CREATED, text(), chunk(data=wav())],
        {"tts/audio/header": {"header"}},
    ),
    "no header": (
        [create(audioConfig={"audioEncoding": "LINEAR16"}), CREATED, text(), chunk(data=pcm())],
        {"tts/audio/header": {"missing-header"}},
    ),
    "half a sample": (
        [create(audioConfig={"audioEncoding": "PCM"}), CREATED, text(), chunk(data=pcm() + b"\0")],
        {"tts/audio/whole-samples": {"half-sample"}},
    ),
    "no Base64": (
        [create(), CREATED, text(), chunk(data="%%%")],
        {"tts/audio/whole-samples": {"not-base64"}},
    ),
    "flush never completed": (
        [create(), CREATED, text(), FLUSH, chunk(), WAIT],
        {"tts/flush/completed": {"missing"}},
    ),
    "flush never completed, and closed": (
        [create(), CREATED, text(flush=True), chunk(), CLOSE, CLOSED],
        {"tts/flush/completed": {"missing"}},
    ),
    "flush completed before its audio": (
        [create(), CREATED, text(), FLUSH, FLUSHED, chunk(), CLOSE, CLOSED],
        {"tts/flush/completed": {"early"}},
    ),
    "times that decrease": (
        [create(**TIMES), CREATED, text(), chunk(**words((0.5, 0.6), (0.2, 0.7)))],
        {"tts/times/in-order": {"decreasing"}},
    ),
    "times that decrease from chunk to chunk": (
        [create(**TIMES), CREATED, text(), chunk(**words((0.5, 0.6))), chunk(**words((0.2, 0.7)))],
        {"tts/times/in-order": {"decreasing"}},
    ),
    "an end before its start": (
        [create(**TIMES), CREATED, text(), chunk(**words((0.5, 0.4)))],
        {"tts/times/in-order": {"ends-first"}},
    ),
    "times that go on": (
        [
            *(create(**TIMES), CREATED, text(), FLUSH, chunk(**words((0, 0.8))), FLUSHED),
            *(text(), FLUSH, chunk(**words((0.8, 1.1))), FLUSHED),
        ],
        {"tts/times/restart": {"goes-on"}},
    ),
    "arrays of two lengths": (
        [create(**TIMES), CREATED, text(), chunk(**words((0, 0.5), (0.5, 0.9), starts=1))],
        {"tts/alignment/one-length": {"other"}},
    ),
    "text to nobody unanswered": (
        [text(context="z"), WAIT, create(), CREATED],
        {"tts/errors/unknown-context": {"unanswered"}},
    ),
    "text to nobody refused otherwise": (
        [text(context="z"), status(3, "z")],
        {"tts/errors/unknown-context": {"unanswered"}},
    ),
    "refused, and left open": (
        [create(voiceId="nobody"), text(), status(3), WAIT],
        {"tts/errors/then-closed": {"missing"}},
    ),
    "failed, and never closed": (
        [create(), CREATED, text(), CLOSE, status(13), WAIT],
        {"tts/context/closed": {"missing"}, "tts/text/taken": {"refused"}},
    ),
    "a code in words": (
        [create(), CREATED, text(), status("NOT_FOUND"), CLOSED],
        {"tts/status/integer-code": {"other"}},
    ),
    "an error beside a result": (
        [create(), result("contextCreated", status={"code": 3, "message": "no"}), CLOSED],
        {"tts/errors/alone": {"beside"}},
    ),
    "an error in a chunk": (
        [create(), CREATED, text("a" * 1001), chunk(status={"code": 13, "message": "no"}), CLOSED],
        {"tts/errors/alone": {"beside"}},
    ),
    "an error ends the connection": (
        [text(context="z"), status(5, "z"), ("x", 1011)],
        {"tts/errors/connection-lives": {"ended"}},
    ),
    "a short text refused": (
        [create(), CREATED, text("Hi"), status(3), CLOSED],
        {"tts/text/taken": {"refused"}},
    ),
    "an empty text refused": (
        [create(), CREATED, text(""), status(3), CLOSED],
        {"tts/text/taken": {"empty"}},
    ),
    "refused for want of an id": (
        [create(), CREATED, (">", {"send_text": {"text": ""}}), status(3), text(), chunk()],
        {"tts/text/taken": {"empty"}},
    ),
    "no times though asked for": (
        [create(**TIMES), CREATED, text(), CLOSE, chunk(), CLOSED],
        {"tts/alignment/as-asked": {"missing"}},
    ),
    "times of words in place of characters": (
        [create(timestampType="CHARACTER"), CREATED, text(), chunk(**words((0, 0.5)))],
        {"tts/alignment/as-asked": {"other"}},
    ),
    "no envelope": (
        [create(), ("<", {"contextId": "a", "contextCreated": {}}), text(), CLOSE, chunk(), CLOSED],
        {"tts/frames/enveloped": {"no-envelope"}},
    ),
    "in snake_case": (
        [
            create(),
            ("<", {"result": {"context_id": "a", "context_created": {}}}),
            text(),
            CLOSE,
            chunk(),
            CLOSED,
        ],
        {"tts/frames/enveloped": {"spelling"}},
    ),
    "no object": (
        [create(), CREATED, CLOSE, ("<", {"result": {"contextId": "a", "contextClosed": True}})],
        {"tts/payload/as-documented": {"type"}},
    ),
    "audio behind its flush": (
        [create(), CREATED, text(), FLUSH, chunk(), FLUSHED, chunk(), CLOSE, CLOSED],
        {"tts/flush/completed": {"early"}},
    ),
    "null": ([create(), result("contextCreated", status=None)], {"tts/fields/left-out": {"null"}}),
    "speech too short for its text": (
        [*SPEAKING, chunk(data=pcm(1600)), CLOSED],
        {"tts/audio/plausible-length": {"too-short"}},
    ),
    "speech too long for its text": (
        [*SPEAKING, *(chunk(data=pcm(320_000)) for _ in range(2)), CLOSED],
        {"tts/audio/plausible-length": {"too-long"}},
    ),
    "a header that says another rate": (
        [
            create(audioConfig={"audioEncoding": "WAV", "sampleRateHertz": 48_000}),
            CREATED,
            text(),
            chunk(data=RIFF),
        ],
        {"tts/audio/as-asked": {"rate"}},
    ),
    "a header that says another format": (
        [create(audioConfig={"audioEncoding": "LINEAR16"}), CREATED, text(), chunk(data=ALAW)],
        {"tts/audio/as-asked": {"format"}},
    ),
    "audio shorter than its times": (
        [
            *(create(audioConfig=PCM, **TIMES), CREATED, text(flush=True)),
            *(chunk(data=pcm(12_000), **words((0, 0.8), (0.8, 2.0))), FLUSHED),
        ],
        {"tts/audio/as-asked": {"shorter"}},
    ),
    "audio longer than its times": (
        [
            create(audioConfig={"audioEncoding": "MULAW"}, **TIMES),
            *(CREATED, text(), CLOSE, chunk(data=pcm(24_000), **words((0, 0.8), (0.8, 3.0))), CLOSED),
        ],
        {"tts/audio/as-asked": {"longer"}},
    ),
    "more than the buffer holds, unspoken": ([*FULL, WAIT], {"tts/flush/by-itself": {"unspoken"}}),
    "a fourth refused": (
        [*FIVE[:6], create("d"), status(8, "d"), result("contextClosed", "d")],
        {"tts/limits/five-contexts": {"fewer"}},
    ),
    "a text refused for want of an id": (
        [create(), CREATED, (">", {"send_text": {"text": "Hi", "flush_context": {}}}), status(3, None), WAIT],
        {"tts/context/id-optional": {"refused"}},
    ),
    "an error of a context at the top": (
        [create(voiceId="nobody"), ("<", {"error": {"code": 3, "message": "no"}}), CLOSED],
        {"tts/errors/in-their-context": {"at-the-top"}},
    ),
    "no JSON": ([create(), CREATED, ("b", "hello")], {"tts/frames/json": {"other"}}),
    "too large": (
        [create(), CREATED, text(), chunk(data="A" * (2**20 + 4))],
        {"tts/frames/size": {"larger"}},
    ),
}
