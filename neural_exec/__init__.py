"""A differentiable algorithm executor: one learned processor executes textbook algorithms, exactly, at any size."""

from importlib import import_module
from typing import TYPE_CHECKING

from neural_exec.clash import check_algorithms

check_algorithms()  # before anything of it is imported

from neural_exec.errors import NeuralExecError  # noqa: E402

if TYPE_CHECKING:
    from neural_exec import nn
    from neural_exec.adding.add import Addition
    from neural_exec.adding.files import load_addition, save_addition
    from neural_exec.certification.certify import Certificate, certify
    from neural_exec.chains.chain import Chain, ChainRun
    from neural_exec.chains.ready_made import critical_path, nearest_facilities, single_linkage, tour
    from neural_exec.checkpoint import load, save
    from neural_exec.evaluation import Report, evaluate
    from neural_exec.executor import Executor
    from neural_exec.files import bundled
    from neural_exec.prepared_graph import PreparedGraph
    from neural_exec.rollout import Rollout
    from neural_exec.runner import Outcome, Runner
    from neural_exec.training.train import train

__version__ = "0.1.0"

__all__ = [
    "Addition", "Certificate", "Chain", "ChainRun", "Executor", "NeuralExecError", "Outcome", "PreparedGraph",
    "Report", "Rollout", "Runner", "bundled", "certify", "critical_path", "evaluate", "load", "load_addition",
    "nearest_facilities", "nn", "save", "save_addition", "single_linkage", "tour", "train",
]  # fmt: skip

# torch takes seconds to import: each name is fetched when it is first asked for
_HOMES = {
    "Chain": "chains.chain",
    "ChainRun": "chains.chain",
    "Addition": "adding.add",
    "load_addition": "adding.files",
    "save_addition": "adding.files",
    "Certificate": "certification.certify",
    "certify": "certification.certify",
    "bundled": "files",
    "load": "checkpoint",
    "save": "checkpoint",
    "Report": "evaluation",
    "evaluate": "evaluation",
    "Executor": "executor",
    "PreparedGraph": "prepared_graph",
    "Outcome": "runner",
    "Rollout": "rollout",
    "Runner": "runner",
    "train": "training.train",
    **dict.fromkeys(("critical_path", "nearest_facilities", "single_linkage", "tour"), "chains.ready_made"),
}


def __getattr__(name: str):
    if name == "nn":
        return import_module("neural_exec.nn")
    if name in _HOMES:
        return getattr(import_module(f"neural_exec.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'neural_exec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
