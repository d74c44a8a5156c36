"""Colours, and the entries of legends, that all pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from algorithms.trace import ProbeData, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.lines import Line2D

__all__ = [
    "CATEGORIES", "GREY", "INK", "MARK", "PALE", "colour_bar", "course", "dot", "legend", "line", "whole_numbers",
]  # fmt: skip

INK, GREY, PALE, MARK = "#222222", "#8a8a8a", "#d4d4d4", "#D55E00"
CATEGORIES = ("#56B4E9", "#E69F00", "#009E73", "#F0E442", "#CC79A7", "#0072B2", "#D55E00")


def course(trace: Trace) -> dict[str, ProbeData]:
    """The hints to look at over time: all but inputs that stay as they are."""
    moved = lambda p: bool((p.data[1:] != p.data[:-1]).any())
    return {name: p for name, p in trace.hints.items() if name not in trace.inputs or moved(p)}


def dot(label: str, colour: str, rim: str = INK, width: float = 1.0) -> Line2D:
    """A node in a legend."""
    from matplotlib.lines import Line2D

    face = Line2D([], [], label=label, marker="o", linestyle="", markersize=9)
    face.set(markerfacecolor=colour, markeredgecolor=rim, markeredgewidth=width)
    return face


def line(label: str, **style) -> Line2D:
    """An edge in a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **style)


def legend(ax: Axes, entries: list, **options) -> None:
    """To the right of the axes."""
    if entries:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.2, **options}
        ax.legend(handles=entries, frameon=False, fontsize=9, labelspacing=0.7, **place)


def colour_bar(ax: Axes, amounts: np.ndarray, title: str, location: str, colours: str = "viridis_r") -> list:
    """A colour for each amount (white where it is not finite), and their scale beside the axes."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    known = amounts[np.isfinite(amounts)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    norm = Normalize(low, high if high > low else low + 1)
    bar = ax.figure.colorbar(ScalarMappable(norm, colours), ax=ax, shrink=0.6, aspect=30, location=location)
    bar.set_label(title, size=9)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    if (known % 1 == 0).all():
        whole_numbers(bar.ax.yaxis)
    return [colormaps[colours](norm(x)) if np.isfinite(x) else "#ffffff" for x in amounts]


def whole_numbers(axis: Axis) -> None:
    """Ticks at whole numbers alone."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
