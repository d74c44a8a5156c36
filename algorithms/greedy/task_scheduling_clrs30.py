"""Scheduling of unit tasks as the CLRS-30 benchmark has it, which is not the best schedule: see `task_scheduling`.

Source: the benchmark's code (Velickovic et al., The CLRS Algorithmic Reasoning Benchmark, ICML 2022), where it stands
for Cormen et al., section 16.5: of the tasks whose deadline is not over, the one with the greatest penalty is done next
(ties to the first in order), until none is left. A task that is taken is done at once, though it could wait, so that
the penalty need not be the least there is. Takes the lists `deadline` (whole numbers of at least 1) and `weight`
(penalties of at least 0); `penalty` is that of the tasks not done. Two ticks a task done and one a task: at most
3 n + 3.

>>> import algorithms
>>> algorithms.run("task_scheduling_clrs30", deadline=[1.0, 2.0, 1.0], weight=[5.0, 2.0, 3.0])
{'selected': [0, 1], 'penalty': 3.0}
"""

from algorithms import sampling
from algorithms.answers import Members, Value, close
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
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
    """All tasks in order of penalty, one after another, as CLRS-30 has it."""
    n, time, taken = len(weight), 0, set()
    for i in sorted(range(n), key=lambda i: -weight[i]):
        if time < deadline[i]:
            taken.add(i)
            time += 1
    late = sum(weight[i] for i in range(n) if i not in taken)
    return {
        "selected": [(i in outputs["selected"]) == (i in taken) for i in range(n)],
        "penalty": [close(outputs["penalty"], late)],
    }


@algorithm(
    source="The CLRS Algorithmic Reasoning Benchmark, 2022",
    structure=Records(("deadline", "weight"), requires=(proper_tasks,)),
    probes=[
        Probe("deadline", INPUT, NODE, SCALAR),
        Probe("weight", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("time", HINT, GRAPH, SCALAR),
        Probe("state", OUTPUT, NODE, CATEGORICAL, ("waiting", "taken")),
        Probe("cost", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"selected": Members("state", "taken"), "penalty": Value("cost")},
    ticks=lambda n, m: 3 * n + 3,
    time=lambda n, m: n * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def task_scheduling_clrs30(hub, nodes):
    while True:
        hub.i = argmin(
            nodes,
            key=lambda v: 0.0 - v.weight,
            where=lambda v: v.state == "waiting" and v.deadline > hub.time,
        )
        yield "select"
        if not hub.i:
            break
        hub.i.state = "taken"
        hub.time = hub.time + 1.0
        yield "take"
    hub.i = hub.first
    yield "count"
    while hub.i:
        if hub.i.state == "waiting":
            hub.cost = hub.cost + hub.i.weight
        hub.i = hub.i.next
        yield "scan"
