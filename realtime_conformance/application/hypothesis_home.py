"""A home for what Hypothesis keeps: it would leave a folder of its own wherever a command is called."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator

from generators.late_hypothesis import keep_in
from realtime_conformance.application.report_folder import NoFolderError


@contextlib.contextmanager
def drawing_home() -> Iterator[None]:
    """Give Hypothesis a home inside, and remove it at the end. Raises `NoFolderError`."""
    try:
        home = tempfile.TemporaryDirectory(prefix="realtime-conformance-", ignore_cleanup_errors=True)
    except OSError as error:
        problem = f"no folder for temporary files can be made ({error.strerror}); set TMPDIR to one"
        raise NoFolderError(problem) from None
    with home as folder:
        keep_in(folder)
        try:
            yield
        finally:
            keep_in(None)
