"""Scheduling of unit tasks with deadlines and penalties: the least penalty, greedily.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 16.5, with the slots of problem 16-4: in order of
penalty, the greatest first (ties to the first in order), each task is put into the latest slot up to its deadline that
is still free; one for which there is none is late. Takes the lists `deadline` (whole numbers of at least 1) and
`weight` (penalties of at least 0). `selected`: the tasks that are done in time; `penalty`: that of the others. Row i
stands for task i, and for the slot that ends at time i + 1. Four ticks a task: 4 n + 2.

>>> import algorithms
>>> algorithms.run("task_scheduling", deadline=[1.0, 2.0, 2.0], weight=[5.0, 2.0, 3.0])
{'selected': [0, 2], 'penalty': 2.0}
"""

from algorithms import sampling
from algorithms.answers import Members, Value, close
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Probe,
    algorithm,
    argmin,
)
from algorithms.greedy._tasks import proper_tasks, sample
from algorithms.inputs.records import Records


def check(outputs, data, deadline, weight):
    """By the matroid: a task is taken if, with those taken before, no time has more deadlines up to it than slots."""
    n, taken = len(weight), []
    for i in sorted(range(n), key=lambda i: -weight[i]):
        due = sorted(deadline[j] for j in [*taken, i])
        if all(d > place for place, d in enumerate(due)):
            taken.append(i)
    late = sum(weight[i] for i in range(n) if i not in taken)
    return {
        "selected": [(i in outputs["selected"]) == (i in taken) for i in range(n)],
        "penalty": [close(outputs["penalty"], late)],
    }


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 16.5",
    structure=Records(("deadline", "weight"), requires=(proper_tasks,)),
    probes=[
        Probe("deadline", INPUT, NODE, SCALAR),
        Probe("weight", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("s", HINT, NODE, MASK_ONE),
        Probe("time", HINT, GRAPH, SCALAR),
        Probe("busy", HINT, NODE, MASK),
        Probe("state", OUTPUT, NODE, CATEGORICAL, ("waiting", "taken", "rejected")),
        Probe("cost", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"selected": Members("state", "taken"), "penalty": Value("cost")},
    ticks=lambda n, m: 4 * n + 2,
    time=lambda n, m: n * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def task_scheduling(hub, nodes):
    while True:
        hub.i = argmin(nodes, key=lambda v: 0.0 - v.weight, where=lambda v: v.state == "waiting")
        yield "select"
        if not hub.i:
            return
        hub.time = hub.i.deadline
        yield "load"
        hub.s = argmin(nodes, key=lambda v: 0.0 - v.index, where=lambda v: not v.busy and v.index < hub.time)
        yield "slot"
        if hub.s:
            hub.s.busy = True
            hub.i.state = "taken"
        else:
            hub.i.state = "rejected"
            hub.cost = hub.cost + hub.i.weight
        hub.s = None
        yield "take"
