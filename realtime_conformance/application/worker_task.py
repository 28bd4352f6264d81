"""What a worker of a Dask cluster does: it judges some files, and returns what it found.

A worker knows of nothing but Python's own library when it is handed a task: what it is to do comes as bytes,
which are read once the rooms can be imported.
"""

from __future__ import annotations

import pickle

from realtime_conformance import __version__
from realtime_conformance.rooms import open_rooms


def judge_batch(work: bytes) -> bytes:
    """Judge the files in `work`, a pickled pair of a book and files with names; return pickled results."""
    open_rooms()
    from realtime_conformance.application.parallel_judging import judge_each  # noqa: PLC0415 - needs the rooms

    book, files = pickle.loads(work)  # noqa: S301 - the client's own, over a cluster that runs its code anyhow
    return pickle.dumps(judge_each(book, files))


def suite_version() -> str:
    """Return the version of the suite that this process has."""
    return __version__
