"""Everything that an algorithm's file needs, in one import."""

from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.machine.probes import (
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
from algorithms.recording.asking import argmin, first, maximum, minimum, orientation, total
from algorithms.registry import algorithm

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
