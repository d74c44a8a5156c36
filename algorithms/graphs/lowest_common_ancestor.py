"""The lowest common ancestor of two nodes of a rooted tree: the one farthest from the root that has both below it.

Source: Aho, Hopcroft and Ullman, On finding lowest common ancestors in trees, SIAM Journal on Computing 5, 1976, the
direct way: climb from the one node to the root and mark the way, then climb from the other until a marked node.
Takes directed trees, edges from parent to child. A node is its own ancestor. A tick for each node on the way: at most
n + 3.

>>> import networkx as nx, algorithms
>>> tree = nx.DiGraph(["ab", "ac", "cd", "ce"])
>>> algorithms.run("lowest_common_ancestor", tree, u="d", v="e")
{'ancestor': 'c'}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import HINT, INPUT, MASK, MASK_ONE, NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first
from algorithms.errors import GraphError


def rooted(graph, arguments):
    """Precondition."""
    if not nx.is_arborescence(graph):
        raise GraphError("the graph is no rooted tree: from one node every other has to be reached, by one path only")


def sample(rng, n, family):
    """Breadth-first trees of a graph of the family, joined at random where it is in pieces; or depth-first ones."""
    graph = sampling.graph(rng, n, family)
    ends = [min(nodes) for nodes in nx.connected_components(graph)]
    graph.add_edges_from((v, ends[int(rng.integers(i + 1))]) for i, v in enumerate(ends[1:]))
    grown = nx.bfs_tree if rng.random() < 0.5 else nx.dfs_tree
    tree = nx.DiGraph()
    tree.add_nodes_from(graph)
    tree.add_edges_from(grown(graph, sampling.node(rng, graph)).edges())
    return tree, {"u": sampling.node(rng, tree), "v": sampling.node(rng, tree)}


def check(outputs, graph, u, v):
    return {"ancestor": [outputs["ancestor"] == nx.lowest_common_ancestor(graph, u, v)]}


@algorithm(
    source="Aho, Hopcroft and Ullman, On finding lowest common ancestors in trees, SIAM Journal on Computing 5, 1976",
    structure=Graph(directed=True, requires=(rooted,)),
    probes=[
        Probe("u", INPUT, NODE, MASK_ONE),
        Probe("v", INPUT, NODE, MASK_ONE),
        Probe("parent", HINT, NODE, POINTER),
        Probe("marked", HINT, NODE, MASK),
        Probe("ancestor", OUTPUT, NODE, MASK_ONE),
    ],
    outputs={"ancestor": Position("ancestor")},
    ticks=lambda n, m: n + 4,
    time=lambda n, m: n,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def lowest_common_ancestor(hub, nodes):
    for v in nodes:
        v.parent = first(v.in_edges)
    hub.ancestor = hub.u
    yield "init"
    while hub.ancestor:
        hub.ancestor.marked = True
        hub.ancestor = hub.ancestor.parent
        yield "mark"
    hub.ancestor = hub.v
    yield "turn"
    while not hub.ancestor.marked:
        hub.ancestor = hub.ancestor.parent
        yield "climb"
