"""Everything that an algorithm's file needs, in one import."""

from algorithms.proxies import argmin, first, maximum, minimum, orientation, total
from algorithms.registry import algorithm
from algorithms.spec import (
    CATEGORICAL,
    CELL,
    EDGE,
    GRAPH,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
)  # fmt: skip
from algorithms.structures import Graph, Sequence

__all__ = [
    "CATEGORICAL",
    "CELL",
    "EDGE",
    "GRAPH",
    "HINT",
    "INPUT",
    "MASK",
    "MASK_ONE",
    "NODE",
    "OUTPUT",
    "POINTER",
    "SCALAR",
    "Graph",
    "Probe",
    "Sequence",
    "algorithm",
    "argmin",
    "first",
    "maximum",
    "minimum",
    "orientation",
    "total",
]  # fmt: skip
