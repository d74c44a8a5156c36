"""A differentiable algorithm executor: one learned processor executes textbook algorithms, exactly, at any size."""

from neural_exec.checkpoint import bundled, load, save
from neural_exec.errors import NeuralExecError
from neural_exec.evaluation import Report, evaluate
from neural_exec.executor import Executor, Rollout
from neural_exec.runs import train

__version__ = "0.1.0"

__all__ = ["Executor", "NeuralExecError", "Report", "Rollout", "bundled", "evaluate", "load", "save", "train"]
