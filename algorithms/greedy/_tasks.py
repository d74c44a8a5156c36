"""What the two schedules of unit tasks share: the precondition and the samples."""

from algorithms import sampling
from algorithms.errors import InputError


def proper_tasks(_, arguments):
    """Precondition."""
    for i, (d, w) in enumerate(zip(arguments["deadline"], arguments["weight"])):
        if d < 1 or d != int(d):
            raise InputError(f"the deadline of task {i} is {d}; it must be a whole number from 1 on")
        if w < 0:
            raise InputError(f"the weight of task {i} is {w}; a penalty may not be negative")


def sample(rng, n, family):
    latest = n if rng.random() < 0.5 else max(1, n // 2)
    deadline = rng.integers(1, latest, size=n, endpoint=True).astype(float).tolist()
    return None, {"deadline": deadline, "weight": [abs(w) for w in sampling.numbers(rng, n, family)]}
