"""Judges on a Dask cluster: work goes out in batches of files, and comes back in their order.

However the work is cut, and whichever worker does it, the same results come in the same order; a worker that
is lost costs nothing but time, for its batch is judged again. At most a few batches wait for each worker, so
that the memory of the client does not grow with the number of files.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from realtime_conformance.application.worker_task import judge_batch, suite_version

if TYPE_CHECKING:
    from distributed import Client

    from realtime_conformance.application.recordings import Recording

_PATIENCE_S = 10  # until a scheduler answers, and has a worker
_AHEAD = 3  # batches for each worker that are under way at once
_BATCH = 20  # files, at most
_OURS = suite_version()
_EXTRA = "pip install 'inworld-realtime-conformance[cluster]'"


class ClusterError(Exception):
    """The cluster cannot be used; the message says what to do."""


@contextlib.contextmanager
def cluster(address: str | None, workers: int | None) -> Iterator[Client]:
    """Connect to the scheduler at `address`, or start so many `workers` on this machine.

    Raises `ClusterError` where nobody is there, or where its versions are not ours.
    """
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra
    except ImportError:
        raise ClusterError(f"a cluster needs Dask: {_EXTRA}") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is told in our own words
    with contextlib.ExitStack() as stack:
        if address is None:
            local: Any = _untyped(LocalCluster)(
                n_workers=workers or 1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
            )
            client = stack.enter_context(_untyped(Client)(stack.enter_context(local)))
        else:
            client = stack.enter_context(_connected(Client, address))
        _check_versions(client, address or "the local cluster")
        yield client


def _untyped(made: Any) -> Any:
    """Return a class of Dask's, whose constructors have no types, as one of which nothing is known."""
    return made


def _connected(make: Any, address: str) -> Any:
    try:
        client = make(address, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        said = str(error).partition("\n")[0].removesuffix(".") or type(error).__name__
        remedy = "start one with `dask scheduler`, or use --workers N"
        raise ClusterError(f"--cluster {address}: no scheduler answers there ({said}); {remedy}") from None
    try:
        client.wait_for_workers(1, timeout=_PATIENCE_S)
    except TimeoutError:
        client.close()
        remedy = f"start some with `dask worker {address}`"
        raise ClusterError(f"--cluster {address}: the scheduler has no worker; {remedy}") from None
    return client


def _check_versions(client: Client, where: str) -> None:
    """Compare the versions of client, scheduler and workers before anything is sent."""
    try:
        client.get_versions(check=True)
        found = client.run(suite_version)
    except Exception as error:  # noqa: BLE001 - whatever a library of the cluster raises
        said = " ".join(str(error).split())[:300]
        remedy = f"install the same versions everywhere: {_EXTRA}"
        raise ClusterError(
            f"{where}: its versions are not those of this machine ({said}); {remedy}"
        ) from None
    others = sorted({str(each) for each in found.values()} - {_OURS})
    if others:
        said = f"workers have the suite {', '.join(others)}, and this is {_OURS}"
        raise ClusterError(f"{where}: {said}; install the same version everywhere")


def handed_out(client: Client, book: Any, work: Sequence[Recording]) -> Iterator[Any]:
    """Yield what comes of each of the files in `work`, in their order, judged by `book` on the cluster.

    Raises `ClusterError` where batches cannot be judged at all.
    """
    workers = max(1, len(client.scheduler_info()["workers"]))
    size = max(1, min(_BATCH, len(work) // (workers * _AHEAD)))
    batches = (work[start : start + size] for start in range(0, len(work), size))
    waiting = deque(_submitted(client, book, each) for each in islice(batches, workers * _AHEAD))
    while waiting:
        future = waiting.popleft()
        try:
            results = pickle.loads(future.result())  # noqa: S301 - from our own workers
        except Exception as error:  # noqa: BLE001 - as above
            said = " ".join(str(error).split())[:300] or type(error).__name__
            remedy = "look at the logs of the workers; do they see the files at the same paths?"
            raise ClusterError(f"the cluster could not judge a batch ({said}); {remedy}") from None
        future.release()
        waiting += (_submitted(client, book, each) for each in islice(batches, 1))
        yield from results


def _submitted(client: Client, book: Any, batch: Sequence[Recording]) -> Any:
    absolute = [each.absolute() for each in batch]
    return client.submit(judge_batch, pickle.dumps((book, absolute)), pure=False, retries=3)
