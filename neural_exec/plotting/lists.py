"""A list's last state as bars, and its course."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from algorithms.machine.probes import GRAPH, MASK_ONE, NODE, POINTER, SCALAR
from algorithms.trace import Trace
from neural_exec.plotting.marks import CATEGORIES, INK, MARK, colour_bar, course, dot, legend, line, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_list", "draw_list_course"]

_WRITTEN = 24  # numbers; beyond, bars alone
_COLUMNS = 2000  # of a course; of more steps, evenly chosen ones


def draw_list(ax: Axes, trace: Trace) -> None:
    """The keys in their last order, coloured by where they were at first; or as given, the chosen one marked."""
    n = len(trace.labels)
    keys = trace.hints["key"].data[-1]
    item = next((p for p in trace.outputs.values() if p.type == POINTER and p.location == NODE), None)
    entries = []
    if item is not None:
        colours = colour_bar(ax, np.where(item.data >= 0, item.data, np.nan), "position at first", "right")
    else:
        chosen = {int(p.data[0]): p.name for p in trace.outputs.values() if p.type == MASK_ONE}
        colours = [MARK if i in chosen else CATEGORIES[0] for i in range(n)]
        entries += [dot(name, MARK) for name in chosen.values()]
    ax.bar(np.arange(n), keys, color=colours, width=0.85, edgecolor=INK, lw=0.4 if n <= 100 else 0)
    for p in trace.inputs.values():
        if p.location == GRAPH and p.type == SCALAR:
            ax.axhline(p.data[0], color=INK, ls="--", lw=1.2)
            entries.append(line(f"{p.name}: {p.data[0]:.4g}", color=INK, ls="--", lw=1.2))
    ax.set_xlabel("position")
    ax.set_ylabel("key")
    ax.set_xlim(-0.6, n - 0.4)
    whole_numbers(ax.xaxis)
    if n <= _WRITTEN:
        box = dict(boxstyle="round,pad=0.1", fc="white", ec="none", alpha=0.8)
        for i, key in enumerate(keys):
            va, above = ("bottom", 3) if key >= 0 else ("top", -3)
            note = ax.annotate(f"{key:.3g}", (i, key), (0, above), textcoords="offset points", bbox=box)
            note.set(ha="center", va=va, size=8)
    legend(ax, entries)


def draw_list_course(ax: Axes, trace: Trace) -> None:
    """Keys over time, or, where none moved, the pointers."""
    moved = course(trace).get("key")
    ax.set_ylabel("position")
    ax.set_ylim(-0.5, len(trace.labels) - 0.5)
    whole_numbers(ax.yaxis)
    if moved is not None:
        steps = np.linspace(0, trace.num_steps, min(trace.num_steps + 1, _COLUMNS)).astype(int)
        extent = (0, trace.num_steps, -0.5, len(trace.labels) - 0.5)
        shown = ax.imshow(
            moved.data[steps].T, "cividis", aspect="auto", interpolation="nearest", origin="lower", extent=extent
        )
        bar = ax.figure.colorbar(shown, ax=ax, aspect=10)
        bar.set_label("key", size=9)
        bar.ax.tick_params(labelsize=8)
        bar.outline.set_visible(False)
        return
    entries = []
    for i, p in enumerate(p for p in course(trace).values() if p.type == MASK_ONE and (p.data >= 0).any()):
        at = np.where(p.data[:, 0] >= 0, p.data[:, 0].astype(float), np.nan)
        colour, ls = CATEGORIES[i % len(CATEGORIES)], ("-", "--", ":", "-.")[i % 4]
        ax.step(np.arange(trace.num_steps + 1), at, where="post", color=colour, ls=ls, lw=2)
        entries.append(line(p.name, color=colour, ls=ls, lw=2))
    legend(ax, entries)
