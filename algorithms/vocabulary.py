"""Standard names. A register, field value or phase that has one of these names has the same code in every algorithm
that uses it, so that what the network knows of it carries over. Any other name is an algorithm's own.

Choose by meaning: call the predecessor on a path `parent`, not `p`. A sub-program's phases count by the sub-program's
name (`search.scan`), whichever algorithm runs it.
"""

from __future__ import annotations

import difflib

__all__ = ["VOCABULARY", "suggest"]

VOCABULARY: dict[str, str] = {
    # structure: static pointers, scalars and relations
    "hub": "the graph's hub",
    "first": "first element of a list",
    "last": "last element of a list",
    "next": "the element after",
    "prev": "the element before",
    "left": "left child in a binary heap",
    "right": "right child in a binary heap",
    "tail": "the end at which an edge starts",
    "head": "the end at which an edge stops",
    "index": "a row's place in the order",
    "weight": "an edge's weight",
    "nodes": "all nodes, seen by the hub",
    "edges": "all edge nodes, seen by the hub",
    "in_edges": "neighbours that have an edge to a node",
    "out_edges": "neighbours to which a node has an edge",
    # inputs
    "source": "where a search starts",
    "target": "what is searched for",
    "key": "what elements are ordered by",
    # pointers and scalars of graph algorithms
    "u": "the node at hand",
    "v": "its neighbour at hand",
    "e": "the edge at hand",
    "child": "the neighbour to explore next",
    "parent": "predecessor in the tree",
    "predecessor": "predecessor on a shortest path",
    "root": "representative of a set",
    "top": "top of a stack, or front of a list",
    "below": "the next of a stack or list",
    "distance": "length of the best path found",
    "label": "number of the component",
    # pointers and scalars of list algorithms
    "i": "first running position",
    "j": "second running position",
    "k": "the position before j",
    "p": "start of a range",
    "r": "end of a range",
    "x": "position that looks ahead",
    "l": "left child at hand",
    "g": "position to exchange with",
    "build": "next node to heapify",
    "end": "last element of the heap",
    "item": "the element that a position holds",
    "min": "position of the least so far",
    "low": "lower end of a search",
    "high": "upper end of a search",
    "mid": "middle of a search",
    "mean": "index in the middle",
    "swap_key_a": "key of the first of two elements that change places",
    "swap_key_b": "key of the second",
    "swap_item_a": "the first of two elements that change places",
    "swap_item_b": "the second",
    # fields and their values
    "phase": "where the program stands",
    "color": "state of a search",
    "state": "state of a candidate",
    "changed": "was it changed in the last step",
    "dying": "is its set about to be merged into another",
    "sorted": "is it at its final place",
    "=white": "not met yet",
    "=grey": "met, not finished",
    "=black": "finished",
    "=waiting": "not looked at",
    "=rejected": "looked at, left out",
    "=taken": "looked at, taken",
    "=True": "yes",
    "=False": "no",
    # phases, by what the program has just done
    "=start": "nothing yet",
    "=halt": "the end",
    "=init": "set the first values",
    "=root": "select a new root",
    "=search.discover": "enter a node",
    "=search.scan": "ask for an unvisited neighbour",
    "=search.look": "look at the answer",
    "=search.finish": "leave a node",
    "=spread": "let all nodes take from their neighbours",
    "=extract": "take the best candidate",
    "=relax": "offer new distances to neighbours",
    "=select": "take the best candidate edge",
    "=load": "take both of two elements",
    "=swap": "put each in the other's place",
    "=scan": "step on to the next element",
}


def suggest(name: str) -> str:
    """`"; 'parent' is"` where a known name is near."""
    near = difflib.get_close_matches(name, VOCABULARY, n=1, cutoff=0.7)
    return f"; {near[0]!r} is" if near else ""
