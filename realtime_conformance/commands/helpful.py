"""Commands whose help groups its options, and ends with examples."""

from __future__ import annotations

import click

from realtime_conformance.options import GROUPS


class HelpfulCommand(click.Command):
    """A command whose options stand in groups; those that are its own stand last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings."""
        shown = {
            p.name: record for p in self.get_params(ctx) if (record := p.get_help_record(ctx)) is not None
        }
        for heading, fields in GROUPS.items():
            if records := [shown.pop(field) for field in fields if field in shown]:
                with formatter.section(heading):
                    formatter.write_dl(records)
        with formatter.section("Options"):
            formatter.write_dl(list(shown.values()))


USES = {
    "run": (
        "realtime-conformance run",
        "realtime-conformance run --endpoint wss://example.org/v1/realtime --dialect openai --depth quick",
        "realtime-conformance run --start 'my-server --port 8080' --endpoint ws://127.0.0.1:8080/v1/realtime",
    ),
    "judge": ("realtime-conformance judge conformance-report/traces --dialect openai",),
    "load": ("realtime-conformance load --endpoint ws://127.0.0.1:8080/v1/realtime --sessions 1,10,50",),
    "replay": ("realtime-conformance replay conformance-report/replays/NAME.jsonl --target mine",),
    "explain": ("realtime-conformance explain response/lifecycle/done-exactly-once",),
    "baseline": (
        "realtime-conformance baseline update conformance-report",
        "realtime-conformance baseline explain conformance-report",
    ),
    "document": (
        "realtime-conformance document asyncapi.yaml",
        "realtime-conformance document --dialect inworld --out inworld.yaml",
        "realtime-conformance document --channel tts --against asyncapi.yaml",
    ),
    "serve": (
        "realtime-conformance serve --port 8080 --dialect openai",
        "realtime-conformance serve --fault response-done-missing",
    ),
    "proxy": (
        "realtime-conformance proxy --upstream wss://api.openai.com --listen 127.0.0.1:9000",
        "realtime-conformance proxy --upstream ws://127.0.0.1:8080 --sessions 3",
    ),
    "generate": (
        "realtime-conformance generate --list --event session.update",
        "realtime-conformance generate --channel tts --json",
    ),
    "targets": ("realtime-conformance targets",),
    "compare": ("realtime-conformance compare first/results.json second/results.json --out compare.html",),
    "site": ("realtime-conformance site reports/ --out site",),
}
"""How each command is used, as one types it."""


def uses_of(name: str) -> str:
    """Return what stands at the end of the help of a command."""
    lines = USES.get(name, ())
    # Without this character, click would make one paragraph of them.
    return "\b\n" + "\n".join(
        ["Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)]
    )
