"""Subcommands that are loaded when they are called: `--help` and a mistyped name need none of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from realtime_conformance.commands.helpful import uses_of


class LazyGroup(click.Group):
    """A group that knows of its commands only names and what the list of commands says of each.

    A command is in the module of its name in `package`, and is called so there, or `NAME_command` where that
    is the name of something else. `summaries` say of each what
    its own help begins with.
    """

    def __init__(self, *args: Any, package: str, summaries: Mapping[str, str], **known: Any) -> None:
        super().__init__(*args, **known)
        self._package = package
        self.summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the names do not depend on it
        """Return the names of all commands, in the order of the alphabet."""
        return sorted(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, and load it; None where there is none of that name."""
        if cmd_name not in self.summaries:
            return None
        module = importlib.import_module(f"{self._package}.{cmd_name}")
        command = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_command", None)
        if not isinstance(command, click.Command):
            return None
        command.epilog = uses_of(cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        width = formatter.width - 6 - max(map(len, self.summaries))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    # click shortens a sentence by its own rules, and only that of a command.
                    (name, click.Command(name, help=self.summaries[name]).get_short_help_str(width))
                    for name in self.list_commands(ctx)
                ]
            )
