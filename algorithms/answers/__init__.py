"""Every form of answer: how an output is read off a final state. A form serves all algorithms that need it.

A form is one class: whose its entries are, what they are on which rows, how they are told in the caller's labels. What
tensors (`neural_exec.tensors.outputs`) and chains (`neural_exec.chains.ports`) make of it follows.
"""

from algorithms.answers.edges import Chosen, FlowDict, PairTable, TreeEdges
from algorithms.answers.form import (
    LIST,
    ORDER,
    Answer,
    Entries,
    Given,
    Listed,
    OfEdges,
    OfGraph,
    PerNode,
    Place,
    TellsEdges,
    close,
    label_of,
)  # fmt: skip
from algorithms.answers.lists import Alignment, Common, LinkedList, Splits, Walk
from algorithms.answers.nodes import (
    Holds,
    IsValue,
    Marked,
    Members,
    Order,
    Pointers,
    Position,
    Scalars,
    Value,
    ValueAt,
)  # fmt: skip

__all__ = [
    "LIST",
    "ORDER",
    "Alignment",
    "Answer",
    "Chosen",
    "Common",
    "Entries",
    "FlowDict",
    "Given",
    "Holds",
    "IsValue",
    "LinkedList",
    "Listed",
    "Marked",
    "Members",
    "OfEdges",
    "OfGraph",
    "Order",
    "PairTable",
    "PerNode",
    "Place",
    "Pointers",
    "Position",
    "Scalars",
    "Splits",
    "TellsEdges",
    "TreeEdges",
    "Value",
    "ValueAt",
    "Walk",
    "close",
    "label_of",
]  # fmt: skip
