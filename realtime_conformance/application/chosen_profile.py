"""Which version's profile a judgement is as of: what an option names, else what the baseline names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from protocol.dialect import DialectName
from realtime_conformance import __version__
from reports.baseline import Baseline
from rules.profiles import profile, versions


def as_of(given: Mapping[str, Any], baseline: Baseline | None, dialect: DialectName) -> str:
    """Return the version whose profile `dialect` is judged by; empty for today's requirements.

    Raises `click.UsageError` where there is no such profile.
    """
    if given["as_of"]:
        return _checked(given["as_of"], dialect, "--as-of")
    if baseline is not None and baseline.as_of:
        return _checked(baseline.as_of, dialect, f"{baseline.file}: as_of")
    return ""


def _checked(version: str, dialect: DialectName, named_by: str) -> str:
    if version == __version__:
        return ""
    if version not in versions():
        known = ", ".join([*versions(), f"{__version__} (this one)"])
        raise click.UsageError(
            f"{named_by}: no version {version!r} is known to be judged by; name one of {known}"
        )
    own = profile(version).dialects
    if dialect not in own:
        problem = f"{named_by}: version {version} did not know the dialect {dialect}"
        raise click.UsageError(f"{problem}; it knew {', '.join(sorted(own))}")
    return version
