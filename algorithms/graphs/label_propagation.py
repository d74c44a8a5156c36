"""Label propagation: communities, by every node taking the label that most of its neighbours have.

Source: Raghavan, Albert and Kumara, Near linear time algorithm to detect community structures in large-scale networks,
Physical Review E 76, 2007: one node after another, in the graph's order, again and again until none changes. Nothing is
random here: of labels with equally many votes the least is taken, the node that comes first. It ends, since with every
change more edges get one label at both ends, or as many and the label is less. Takes undirected graphs; self-loops do
not matter. Votes are counted one by one: at most 4 n + 4 m + 2 ticks a pass.

>>> import networkx as nx, algorithms
>>> algorithms.run("label_propagation", nx.barbell_graph(3, 1))["label"]
{0: 1, 1: 1, 2: 1, 4: 5, 5: 5, 6: 5, 3: 1}
"""

from collections import Counter

from algorithms import sampling
from algorithms.answers import Pointers
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    argmin,
    first,
)


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    """The same rule, with a counter and the labels as numbers."""
    place = {v: i for i, v in enumerate(graph)}
    label, before = dict(place), None
    while label != before:
        before = dict(label)
        for u in graph:
            votes = Counter(label[v] for v in graph[u] if v != u)
            if votes:
                label[u] = max(votes, key=lambda x: (votes[x], -x))
    return {"label": [place.get(outputs["label"][v]) == label[v] for v in graph]}


@algorithm(
    source="Raghavan, Albert and Kumara, Near linear time algorithm to detect community structures, 2007",
    structure=Graph(directed=False),
    probes=[
        Probe("color", HINT, NODE, CATEGORICAL, ("alone", "waiting", "done")),
        Probe("label", OUTPUT, NODE, POINTER, init="self"),
        Probe("near", HINT, NODE, MASK),
        Probe("count", HINT, NODE, SCALAR),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", HINT, NODE, MASK_ONE),
        Probe("x", HINT, NODE, MASK_ONE),
        Probe("changed", HINT, GRAPH, MASK),
    ],
    outputs={"label": Pointers("label")},
    ticks=lambda n, m: (m + 1) * n * n * (4 * n + 4 * m + 2) + 4,
    time=lambda n, m: n * (n + m),
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def label_propagation(hub, nodes):
    for v in nodes:
        if first(v.in_edges, where=lambda u: u != v):
            v.color = "waiting"
    yield "init"
    while True:
        hub.u = first(nodes, where=lambda v: v.color == "waiting")
        yield "select"
        if not hub.u:
            if not hub.changed:
                return
            hub.changed = False
            yield "again"
            for v in nodes:
                if v.color == "done":
                    v.color = "waiting"
            yield "wake"
            continue
        hub.u.color = "done"
        for v in nodes:
            v.count = 0.0
            if v != hub.u and first(v.in_edges, where=lambda u: u == hub.u):
                v.near = True
        yield "ask"
        while True:
            hub.v = first(nodes, where=lambda v: v.near)
            yield "take"
            if not hub.v:
                break
            hub.x = hub.v.label
            hub.v.near = False
            yield "load"
            hub.x.count = hub.x.count + 1.0
        hub.x = argmin(nodes, key=lambda v: 0.0 - v.count)
        yield "most"
        if hub.u.label != hub.x:
            hub.changed = True
        hub.u.label = hub.x
