"""The registers of a trace over time, for programs over cells and for those of the hub alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from algorithms.machine.probes import EDGE, GRAPH, MASK_ONE, NODE, SCALAR
from algorithms.trace import ProbeData, Trace
from neural_exec.plotting.marks import course, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_register", "registers"]

_MOST = (2000, 500)  # steps and rows drawn; of more, evenly chosen ones


def registers(trace: Trace) -> list[ProbeData]:
    """The hints to draw one below the other: none where a picture of the nodes or of the list says more."""
    hints = [p for p in course(trace).values() if p.name != "phase"]
    places = {GRAPH if p.type == MASK_ONE else p.location for p in hints}
    return hints if places - {NODE, EDGE, GRAPH} or (places == {GRAPH} and "key" not in trace.inputs) else []


def draw_register(ax: Axes, p: ProbeData) -> None:
    """A line for each row that holds the register, a column for each step; what is nil or not finite stays white."""
    data = p.data.astype(float)
    data = np.where(np.isfinite(data) & ((data >= 0) | (p.type == SCALAR)), data, np.nan)
    chosen = [np.linspace(0, k - 1, min(k, most)).astype(int) for k, most in zip(data.shape, _MOST)]
    extent = (-0.5, data.shape[0] - 0.5, data.shape[1], 0)
    ax.imshow(data[np.ix_(*chosen)].T, extent=extent, aspect="auto", interpolation="nearest", cmap="viridis_r")
    ax.set_ylabel(p.name, rotation=0, ha="right", va="center", size=9)
    ax.set_yticks([])
    whole_numbers(ax.xaxis)
