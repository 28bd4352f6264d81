"""The command line: thin, parses arguments and calls."""

from __future__ import annotations

import os

import click

import realtime_conformance
from realtime_conformance.commands.lazy_group import LazyGroup
from reports.exits import Exit

SUMMARIES = {
    "run": "Drive an endpoint through all scenarios and report what it did right and wrong.",
    "replay": "Play the scripts FILE…, which a run left in replays/, and judge what comes of them.",
    "judge": "Judge recorded TRACES: captures of any form, folders of them, or - for standard input.",
    "explain": "Explain requirements: where they come from, and how they are judged.",
    "baseline": (
        "Keep the list of known failures, by which `run --baseline FILE` and `judge --baseline FILE` go."
    ),
    "document": "List channels, operations, messages and weaknesses of the AsyncAPI document FILE.",
    "serve": "Serve the reference server in all dialects.",
    "proxy": "Stand between any client and the server at URL: relay, record, and judge what they say.",
    "generate": "Show the client events that scenarios send: the deterministic walk, mutants, broken frames.",
    "targets": "List the targets that need no conformance.yaml.",
    "load": "Put load on an endpoint, step by step, and find where it stops being correct.",
    "site": "Build a static site of all reports in FOLDERS: an index, a matrix, histories, and the reports.",
    "compare": "Compare RESULTS, two or more results.json or their folders.",
}
"""The subcommands, with what their help begins with."""


_EXIT_CODES = """\b
Exit codes: 0 conforms · 1 does not conform · 2 interrupted · 3 harness error · 4 usage or
configuration · 5 nothing could be judged · 6 endpoint unreachable or refused us · 7 baseline stale.
"""


@click.group(
    cls=LazyGroup,
    package="realtime_conformance.commands",
    summaries=SUMMARIES,
    epilog=_EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(realtime_conformance.__version__, prog_name="realtime-conformance")
def command_line() -> None:
    """Conformance suite for servers of the Realtime WebSocket protocol family."""


def run_command_line(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Never raises, never shows a traceback for bad input."""
    try:
        result = command_line.main(args=arguments, prog_name="realtime-conformance", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        _say(_in_one_line(error))
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return int(Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - told in words, or raised again, below
        return _failed(error)
    return int(result or 0)


def _in_one_line(error: click.ClickException) -> str:
    """Return what `error` says; where the command was not understood, with where its help is."""
    message = error.format_message().strip().removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return message
    return f"{message}; {context.command_path} --help says more"


def _failed(error: Exception) -> int:
    """Say what ended a command, and return the exit code for it."""
    # What knows of these errors is not needed by a command that ends well.
    from protocol.errors import DocumentError  # noqa: PLC0415
    from realtime_conformance.application.report_folder import NoFolderError  # noqa: PLC0415
    from realtime_conformance.application.targets import TargetError  # noqa: PLC0415
    from realtime_conformance.supervision.server_process import StartError  # noqa: PLC0415
    from wire.trace_files import TraceError  # noqa: PLC0415

    if isinstance(error, DocumentError | NoFolderError | TraceError | TargetError):
        _say(str(error))
        return int(Exit.USAGE)
    if isinstance(error, StartError):
        _say(str(error))
        return int(error.exit)
    if os.environ.get("CONFORMANCE_DEBUG"):
        raise error
    _say(
        f"a mistake of the suite, not of the server: {type(error).__name__}: {error}; "
        "set CONFORMANCE_DEBUG=1 to see where, and report it"
    )
    return int(Exit.HARNESS_ERROR)


def _say(message: str) -> None:
    from reports.escaping import plain  # noqa: PLC0415

    click.echo(f"error: {plain(message)}", err=True)
    _annotate(message)


def _annotate(message: str) -> None:
    """Make an error an annotation where that is how it is seen: in a job of GitHub Actions."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from reports.annotations import command  # noqa: PLC0415

        click.echo(command("error", message, title="conformance"))
