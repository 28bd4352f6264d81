"""Lengths of time as people write them: `30`, `90s`, `30m`, `1.5h`."""

from __future__ import annotations

from typing import Any

import click

_UNITS = {"s": 1, "m": 60, "h": 3600}


class Length(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A length of time, in seconds where no unit says otherwise; more than 0."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds. Raises `click.BadParameter`."""
        text = str(value).strip().lower()
        unit = _UNITS.get(text[-1:], 0)
        try:
            seconds = float(text[:-1] if unit else text) * (unit or 1)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < 1e7:
            self.fail(f"{value!r} is no length of time; write 30, 90s, 30m or 1h", param, ctx)
        return seconds
