"""The command line: thin, parses arguments and calls."""

from __future__ import annotations

import os
import tempfile

import click
from hypothesis.configuration import set_hypothesis_home_dir

import realtime_conformance
from realtime_conformance.commands.baseline import baseline
from realtime_conformance.commands.compare import compare
from realtime_conformance.commands.document import document
from realtime_conformance.commands.explain import explain
from realtime_conformance.commands.generate import generate
from realtime_conformance.commands.judge import judge
from realtime_conformance.commands.replay import replay
from realtime_conformance.commands.run import run
from realtime_conformance.commands.serve import serve
from realtime_conformance.starting import StartError
from realtime_conformance.targets import TargetError
from reports.annotations import command
from reports.model import Exit
from reports.terminal import plain
from schemas.errors import DocumentError
from wire.trace_files import TraceError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(realtime_conformance.__version__, prog_name="realtime-conformance")
def command_line() -> None:
    r"""Conformance suite for servers of the Realtime WebSocket protocol family.

    \b
    Exit codes: 0 conforms · 1 does not conform · 2 interrupted · 3 harness error · 4 usage or
    configuration · 5 nothing could be judged · 6 endpoint unreachable or refused us · 7 baseline stale.
    """


for _command in (run, replay, judge, explain, baseline, document, serve, generate, compare):
    command_line.add_command(_command)


def run_command_line(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Never raises, never shows a traceback for bad input."""
    try:
        with tempfile.TemporaryDirectory(prefix="realtime-conformance-", ignore_cleanup_errors=True) as home:
            # Hypothesis would leave a folder of its own wherever the command is called.
            set_hypothesis_home_dir(home)
            try:
                return _run(arguments)
            finally:
                set_hypothesis_home_dir(None)
    except OSError as error:
        _say(f"no folder for temporary files can be made ({error.strerror}); set TMPDIR to one")
        return int(Exit.USAGE)


def _run(arguments: list[str] | None) -> int:
    try:
        result = command_line.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        _annotate(error.format_message())
        return int(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return int(Exit.INTERRUPTED)
    except (DocumentError, TraceError, TargetError) as error:
        _say(str(error))
        return int(Exit.USAGE)
    except StartError as error:
        _say(str(error))
        return int(error.exit)
    except Exception as error:
        if os.environ.get("CONFORMANCE_DEBUG"):
            raise
        _say(
            f"a mistake of the suite, not of the server: {type(error).__name__}: {error}; "
            "set CONFORMANCE_DEBUG=1 to see where, and report it"
        )
        return int(Exit.HARNESS_ERROR)
    return int(result or 0)


def _say(message: str) -> None:
    click.echo(f"error: {plain(message)}", err=True)
    _annotate(message)


def _annotate(message: str) -> None:
    """Make an error an annotation where that is how it is seen: in a job of GitHub Actions."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("error", message, title="conformance"))
