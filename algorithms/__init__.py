"""Textbook algorithms that write step-by-step traces. Needs numpy and networkx alone."""

from algorithms.drawing import Traces, draw, trace
from algorithms.errors import NeuralExecError
from algorithms.merging import merge_parallel, subdivide_parallel
from algorithms.random_programs import random_program
from algorithms.registry import chapters, get, names, register
from algorithms.trace import Trace, run, schema

PART_OF = "neural-exec"  # PyPI has another package of this name; `neural_exec.clash` looks for this line

__all__ = [
    "NeuralExecError", "Trace", "Traces", "chapters", "draw", "get", "merge_parallel", "names", "random_program",
    "register", "run", "schema", "subdivide_parallel", "trace",
]  # fmt: skip
