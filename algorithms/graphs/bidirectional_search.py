"""Bidirectional search: a path with the fewest edges from a source to a target, searched from both ends.

Source: Pohl, Bi-directional search, Machine Intelligence 6, 1971: two breadth-first searches, along the edges from the
source and against them from the target, take turns level by level, until a node is met by both; of several the first
in the graph's order is where they meet. Takes any graph, directed or not. Where the target is out of reach the length
is infinite, and there is no path. Two ticks a level, and two for each edge from the source to where they meet: at most
3 n + 5.

>>> import networkx as nx, algorithms
>>> algorithms.run("bidirectional_search", nx.path_graph("abcd"), source="a", target="d")
{'length': 3.0, 'path': ['a', 'b', 'c', 'd'], 'meeting': 'c'}
"""

import math

import networkx as nx

from algorithms import sampling
from algorithms.answers import LinkedList, Position, Value
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    first,
)


def sample(rng, n, family):
    graph = sampling.graph(rng, n, family, directed=rng.random() < 0.3)
    return graph, {"source": sampling.node(rng, graph), "target": sampling.node(rng, graph)}


def check(outputs, graph, source, target):
    """networkx's length, a path that long, and where they meet half-way along it, the longer half first."""
    path, meeting = outputs["path"], outputs["meeting"]
    if not nx.has_path(graph, source, target):
        return {"length": [outputs["length"] == math.inf], "path": [path == []], "meeting": [meeting is None]}
    best = nx.shortest_path_length(graph, source, target)
    real = len(path) == best + 1 and (path[0], path[-1]) == (source, target) and nx.is_path(graph, path)
    half = nx.has_path(graph, source, meeting) and nx.has_path(graph, meeting, target) if meeting in graph else False
    ways = half and [nx.shortest_path_length(graph, *e) for e in ((source, meeting), (meeting, target))]
    return {
        "length": [outputs["length"] == best],
        "path": [real],
        "meeting": [ways == [best - best // 2, best // 2] and meeting in path],
    }


@algorithm(
    source="Pohl, Bi-directional search, Machine Intelligence 6, 1971",
    structure=Graph(),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("target", INPUT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "ahead", "behind", "black")),
        Probe("met", HINT, NODE, MASK),
        Probe("parent", HINT, NODE, POINTER),
        Probe("successor", OUTPUT, NODE, POINTER),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", HINT, NODE, MASK_ONE),
        Probe("meeting", OUTPUT, NODE, MASK_ONE),
        Probe("top", OUTPUT, NODE, MASK_ONE),
        Probe("count", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"length": Value("count"), "path": LinkedList("top", "successor"), "meeting": Position("meeting")},
    ticks=lambda n, m: 3 * n + 6,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def bidirectional_search(hub, nodes):
    def step(relation, mine, other, link):
        """One search spreads by a level."""
        for v in nodes:
            u = first(getattr(v, relation), where=lambda u: u.color == mine)
            if v.color == "white" and u:
                v.color = mine
                setattr(v, link, u)
            elif v.color == other and u:
                v.met = True
                setattr(v, link, u)
            elif v.color == mine:
                v.color = "black"
        hub.count = hub.count + 1.0

    if hub.source == hub.target:
        hub.meeting = hub.top = hub.source
        return
    hub.source.color = "ahead"
    hub.target.color = "behind"
    yield "init"
    while first(nodes, where=lambda v: v.color == "ahead"):
        step("in_edges", "ahead", "behind", "parent")
        yield "forward"
        if v := first(nodes, where=lambda v: v.met):
            hub.meeting = hub.v = v
            yield "met"
            break
        yield "ahead"
        if not first(nodes, where=lambda v: v.color == "behind"):
            break
        step("out_edges", "behind", "ahead", "successor")
        yield "backward"
        if v := first(nodes, where=lambda v: v.met):
            hub.meeting = hub.v = v
            yield "met_again"
            break
        yield "behind"
    if not hub.meeting:
        hub.count = math.inf
        return
    while hub.v != hub.source:
        hub.u = hub.v.parent
        yield "back"
        hub.u.successor = hub.v
        hub.v = hub.u
        yield "take"
    hub.top = hub.source
