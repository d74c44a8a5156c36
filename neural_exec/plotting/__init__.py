"""Pictures of traces and of evaluations. Needs matplotlib: `pip install matplotlib`.

Colours can be told apart by the colour-blind: Okabe and Ito's for categories, viridis for amounts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from algorithms.trace import Trace
from neural_exec.errors import InputError, NeuralExecError
from neural_exec.plotting.graphs import draw_graph, draw_graph_course
from neural_exec.plotting.lists import draw_list, draw_list_course
from neural_exec.plotting.marks import INK, whole_numbers
from neural_exec.plotting.registers import draw_register, registers
from neural_exec.plotting.reports import draw_exactness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neural_exec.evaluation import Report

__all__ = ["MOST_NODES", "plot_report", "plot_trace", "require"]

MOST_NODES = 1000  # more of them are no picture


def require(path: str | Path, nodes: int = 0) -> None:
    """Raises NeuralExecError without matplotlib, InputError where `path` is of no kind that it writes, or there are
    more nodes than a picture shows."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError as e:
        raise NeuralExecError("pictures need matplotlib; run: pip install matplotlib") from e
    kinds = FigureCanvasAgg.get_supported_filetypes()
    if Path(path).suffix[1:].lower() not in kinds:
        raise InputError(f"cannot draw {path}: pictures are written as .{', .'.join(sorted(kinds))}")
    if nodes > MOST_NODES:
        raise InputError(f"cannot draw {nodes} nodes; a picture takes at most {MOST_NODES}")


def plot_trace(trace: Trace, path: str | Path) -> None:
    """Draw a trace's last state and, below it, its course.

    A graph: its nodes coloured by an output (a number, a set, a place, a category), or else by when they were first
    changed; arrows from parent to child; edges in the style of their category. A list: bars in their last order, and
    below them every position's key over time, or where the pointers were. A program over cells, or of the hub alone:
    all registers over time.
    """
    require(path, len(trace.labels))
    figure = _figure(9, 8)
    shown = registers(trace)
    heights = [1 + min(30, p.shape[1]) for p in shown] or (4, 1)
    axes = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)
    is_list = "key" in trace.inputs
    what = f"{len(trace.labels)} {'number' if is_list else 'node'}{'s' * (len(trace.labels) != 1)}"
    steps = f"{trace.num_steps} step{'s' * (trace.num_steps != 1)}"
    figure.suptitle(f"{trace.algorithm}: {what}, {steps}", fontsize=12, color=INK)
    for ax in axes[:, 0]:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=9)
    lower = axes[-1, 0]
    lower.set_xlabel("step")
    for ax in axes[:, 0] if shown else [lower]:
        ax.set_xlim(0, max(1, trace.num_steps))
    whole_numbers(lower.xaxis)
    if shown:
        for ax, p in zip(axes[:, 0], shown):
            draw_register(ax, p)
            ax.tick_params(labelbottom=ax is lower)
    else:
        draw, draw_course = (draw_list, draw_list_course) if is_list else (draw_graph, draw_graph_course)
        draw(axes[0, 0], trace)
        draw_course(lower, trace)
    _save(figure, path)


def plot_report(report: Report, path: str | Path) -> None:
    """Draw the share of exact graphs against their size: every algorithm and the mean, a panel for each model."""
    require(path)
    models = list(dict.fromkeys(r.model for r in report.rows))
    if not models:
        raise InputError("cannot draw a report without rows")
    figure = _figure(1.5 + 5 * len(models), 4.4)
    panels = figure.subplots(1, len(models), sharey=True, squeeze=False)[0]
    for ax, model in zip(panels, models):
        entries = draw_exactness(ax, model, [r for r in report.rows if r.model == model])
    panels[0].set_ylabel("graphs with every output right, %")
    figure.legend(handles=entries, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    _save(figure, path)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=120, layout="constrained")


def _save(figure: Figure, path: str | Path) -> None:
    """Labels as they are: a $ in one begins no formula."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
    figure.savefig(path)
