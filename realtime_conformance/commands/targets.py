"""`realtime-conformance targets`: the services that need no conformance.yaml."""

from __future__ import annotations

import click


@click.command()
def targets() -> None:
    """List the targets that need no conformance.yaml.

    Each with its dialect, how its key is presented, and its address. What stands in braces is yours: give
    --endpoint or --query beside --target. The key is taken from REALTIME_API_KEY, or --auth-env NAME.
    """
    from realtime_conformance.application.presets import listed_presets

    rows = [("target", "dialect", "key", "address"), *listed_presets()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, dialect, scheme, address in rows:
        click.echo(f"{name:<{widths[0]}}  {dialect:<{widths[1]}}  {scheme:<{widths[2]}}  {address}")
