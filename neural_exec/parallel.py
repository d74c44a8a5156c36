"""Several jobs at once, in processes: joblib's, or those of the back end that a caller has chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["each"]

T = TypeVar("T")


def each(function: Callable[..., T], jobs: Iterable[tuple], workers: int) -> Iterator[T]:
    """function(*job) of every job, in their order, as they are done. workers: how many processes, each on one thread; 1
    runs them here. Inside `joblib.parallel_config("dask")`, say, they are that cluster's.

    >>> list(each(pow, [(2, 3), (3, 2)], workers=1))
    [8, 9]
    """
    if workers == 1:
        return (function(*job) for job in jobs)
    from joblib import Parallel, delayed

    return iter(Parallel(workers, return_as="generator")(delayed(_alone)(function, job) for job in jobs))


def _alone(function: Callable[..., T], job: tuple) -> T:
    import torch

    torch.set_num_threads(1)
    return function(*job)
