"""Executors as layers of a network: `torch.nn.Module`s whose value is exact and differentiable, and losses on them."""

from neural_exec.nn import losses
from neural_exec.nn.layer import ExecutorLayer
from neural_exec.nn.layers import EditDistance, Rank, ShortestPath, Sort, SpanningTree

__all__ = ["EditDistance", "ExecutorLayer", "Rank", "ShortestPath", "Sort", "SpanningTree", "losses"]
