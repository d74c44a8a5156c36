"""Does a program grow as its textbook says? Its work, measured, beside the textbook's bound on time.

Work is what a sequential machine cannot do without: one step a tick, and one for every register that a tick changes.
Both it and the bound (`Spec.time`) grow about as a power of n over the sizes measured; the two exponents are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from algorithms.recording.record import Run
from algorithms.spec import Spec

__all__ = ["Growth", "growth", "work"]

_MARGIN = 0.05  # between exponents; a logarithm's own is some 0.25 at n = 16 to 64


@dataclass(frozen=True)
class Growth:
    """Exponents of n that fit runs of several sizes best (least squares of logarithms).

    ticks, work: measured. time: of the textbook's bound. error: the standard error of the difference of work and time.
    worse: work grows faster than time, by more than chance (two such errors) and the runs' constant parts explain.
    """

    ticks: float
    work: float
    time: float
    error: float
    worse: bool

    def __str__(self) -> str:
        verdict = (
            "GROWS WORSE; say the textbook's bound, time=…, if it is not `ticks`"
            if self.worse
            else "as the textbook, or less"
        )
        return (
            f"ticks n^{self.ticks:.2f}, work n^{self.work:.2f}, textbook's time n^{self.time:.2f} "
            f"(+-{self.error:.2f}): {verdict}"
        )


def work(run: Run) -> int:
    """The ticks of a run, and the registers that they changed. A run with its states."""
    changed = 0
    for (ints, floats), (more_ints, more_floats) in zip(run.states, run.states[1:]):
        undefined = np.isnan(floats) & np.isnan(more_floats)
        changed += int((ints != more_ints).sum()) + int(((floats != more_floats) & ~undefined).sum())
    return run.ticks + changed


def growth(spec: Spec, runs: Iterable[Run]) -> Growth | None:
    """How runs with their states grow with n; None where they do not tell: fewer than three, or all of one n.

    Raises AuthorError where the textbook's bound is no number of steps.

    >>> import algorithms
    >>> from algorithms.checking.growth import growth
    >>> growth(algorithms.get("minimum"), []) is None
    True
    """
    found = [(r.instance.sizes[0][0], r.ticks, work(r), spec.textbook(r.instance)) for r in runs]
    if len(found) < 3 or len({n for n, *_ in found}) < 2:
        return None
    n, *measured = np.log(np.array(found, float)).T
    n = n - n.mean()
    ticks, of_work, time = (float(n @ y / (n @ n)) for y in measured)
    ratio = measured[1] - measured[2]
    rest = ratio - ratio.mean() - (of_work - time) * n
    error = float(np.sqrt(rest @ rest / (len(n) - 2) / (n @ n)))
    return Growth(ticks, of_work, time, error, of_work - time > _MARGIN + 2 * error)
