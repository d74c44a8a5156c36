"""Standard names. A register, field value or phase that has one of these names has the same code in every algorithm
that uses it, so that what the network knows of it carries over. Any other name is an algorithm's own.

Choose by meaning: call the predecessor on a path `parent`, not `p`. A sub-program's phases count by the sub-program's
name (`search.scan`), whichever algorithm runs it.
"""

from __future__ import annotations

import difflib

__all__ = ["VOCABULARY", "nearest", "suggest"]

VOCABULARY: dict[str, str] = {
    # structure: static pointers, scalars and relations
    "hub": "the graph's hub",
    "first": "first element of a list",
    "last": "last element of a list",
    "next": "the element after",
    "prev": "the element before",
    "left": "left child in a binary heap; the cell to the left",
    "right": "right child in a binary heap; the cell to the right",
    "up": "the cell above",
    "down": "the cell below",
    "diagonal": "the cell above and to the left",
    "row": "the first of a cell's pair",
    "column": "the second of a cell's pair",
    "row_start": "first cell of a cell's row",
    "column_start": "first cell of a cell's column",
    "tail": "the end at which an edge starts",
    "head": "the end at which an edge stops",
    "index": "a row's place in the order",
    "weight": "an edge's weight",
    "nodes": "all nodes, seen by the hub",
    "edges": "all edge nodes, seen by the hub",
    "cells": "all cells, seen by the hub",
    "in_edges": "neighbours that have an edge to a node",
    "out_edges": "neighbours to which a node has an edge",
    # inputs
    "source": "where a search starts",
    "start": "where a walk or a stretch starts",
    "node": "the node that is asked about",
    "target": "what is searched for",
    "key": "what elements are ordered by",
    # pointers and scalars of graph algorithms
    "u": "the node at hand",
    "v": "its neighbour at hand",
    "e": "the edge at hand",
    "f": "the edge to go along next",
    "child": "the neighbour to explore next",
    "parent": "predecessor in the tree",
    "predecessor": "predecessor on a shortest path",
    "root": "representative of a set",
    "top": "top of a stack, or front of a list",
    "below": "the next of a stack or list",
    "distance": "length of the best path found",
    "change": "by how much a number changed",
    "label": "number of the component or class",
    "a": "cell of the first part",
    "b": "cell of the second part",
    "done": "is its answer known",
    "length": "length of the best answer, or of a way",
    "both": "cost of both parts",
    "extra": "cost of a range beyond its parts",
    "split": "where a range is best split",
    "time": "the hub's clock",
    "discovery": "time at which a node was met",
    "low_link": "least time of discovery within reach of its subtree",
    "bridge": "does nothing but the edge to its parent lead out of its subtree",
    "cut": "would the graph fall apart without it",
    "successor": "the one node that follows",
    "tortoise": "the walker that goes one step at a time",
    "hare": "the walker that goes ahead",
    "count": "a running number",
    "degree": "number of neighbours left",
    # pointers and scalars of list algorithms
    "i": "first running position",
    "j": "second running position",
    "k": "the position before j",
    "s": "where a pattern is laid",
    "p": "start of a range",
    "q": "what follows p",
    "r": "end of a range",
    "x": "position that looks ahead; a point's first coordinate",
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
    "sum": "what was added up",
    "cost": "what all that was done comes to",
    # points
    "y": "a point's second coordinate",
    "px": "x of p",
    "py": "y of p",
    "qx": "x of the way from p to q",
    "qy": "y of it",
    "rx": "x of the way from p to r",
    "ry": "y of it",
    "dx": "x of the way to a point",
    "dy": "y of it",
    "plus": "a point's first product of two",
    "minus": "its second, to be compared",
    "ccw": "first product of a cross product",
    "cw": "second product, the greater where it turns right",
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
    "=low_links.back": "take the earliest that an edge goes back to",
    "=low_links.children": "take the earliest that a child's subtree reaches",
    "=search.discover": "enter a node",
    "=search.scan": "ask for an unvisited neighbour",
    "=search.look": "look at the answer",
    "=search.finish": "leave a node",
    "=spread": "let all nodes take from their neighbours",
    "=extract": "take the best candidate",
    "=relax": "offer new distances to neighbours",
    "=fill": "fill all cells whose neighbours are known",
    "=splits.load": "add the costs of two parts",
    "=splits.try": "compare with the best split so far",
    "=select": "take the best candidate edge",
    "=turn.vectors": "take the ways from p to q and r",
    "=turn.products": "multiply them crosswise",
    "=lowest.least": "take a lowest point",
    "=lowest.height": "take its height",
    "=lowest.heights": "let all points see that height",
    "=lowest.leftmost": "take the leftmost of the lowest",
    "=vectors": "take the ways to all points",
    "=distances": "take their lengths",
    "=direction": "take one of those ways",
    "=products": "multiply it with all others crosswise",
    "=take": "take one element",
    "=load": "take both of two elements",
    "=swap": "put each in the other's place",
    "=scan": "step on to the next element",
}


def nearest(name: str) -> str:
    """The known name that is like it, of a value for a value's; empty where none is."""
    known = [n for n in VOCABULARY if n.startswith("=") == name.startswith("=")]
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.7)), "")


def suggest(name: str) -> str:
    """`"; 'parent' is"` where a known name is near."""
    near = nearest(name)
    return f"; {near!r} is" if near else ""
