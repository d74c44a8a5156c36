"""Exactness against size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neural_exec.plotting.marks import CATEGORIES, GREY, INK, PALE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from neural_exec.evaluation import Row

__all__ = ["draw_exactness"]

_LINE = 5.0  # the height of a name, in per cent


def draw_exactness(ax: Axes, model: str, rows: list[Row]) -> list:
    """A thin line for each algorithm, those that fail somewhere named; a thick one for their mean, a band from the
    least to the most. -> entries of the legend."""
    sizes, names = sorted({r.size for r in rows}), list(dict.fromkeys(r.algorithm for r in rows))
    exact, graphs = np.zeros((2, len(names), len(sizes)))
    for r in rows:
        at = names.index(r.algorithm), sizes.index(r.size)
        exact[at] += r.exact
        graphs[at] += r.graphs
    share = np.ma.masked_invalid(100 * np.divide(exact, graphs, out=np.full_like(exact, np.nan), where=graphs > 0))
    for line in share:
        thin = ax.plot(sizes, line, color=GREY, lw=0.8, alpha=0.8, zorder=2, label="an algorithm")[0]
    band = ax.fill_between(sizes, share.min(0), share.max(0), color=CATEGORIES[0], alpha=0.25, lw=0)
    band.set_label("least to most")
    mean = ax.plot(sizes, share.mean(0), color=CATEGORIES[5], lw=2.6, marker="o", zorder=3, label="mean")[0]
    _name_lines(ax, {name: (sizes, line) for name, line in zip(names, share) if line.min() < 100})
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(n) for n in sizes])
    ax.minorticks_off()
    ax.set_ylim(-4, 104)
    ax.grid(axis="y", color=PALE, lw=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_title(f"{model}, {len(names)} algorithm{'s' * (len(names) != 1)}", loc="left", fontsize=11, color=INK)
    ax.set_xlabel("nodes or numbers, n")
    return [mean, thin, band]


def _name_lines(ax: Axes, lines: dict[str, tuple[list[int], np.ma.MaskedArray]]) -> None:
    """Names to the right, in the order of where their lines end, none over another."""
    ends = {}
    for name, (sizes, line) in lines.items():
        last = int(np.flatnonzero(~np.ma.getmaskarray(line))[-1])
        ends[name] = (sizes[last], float(line[last]), tuple(line.filled(0)[::-1]))
    lowest = -_LINE
    for name, (size, share, _) in sorted(ends.items(), key=lambda item: item[1][2]):
        lowest = max(share, lowest + _LINE)
        style = dict(arrowstyle="-", color=PALE, lw=0.7, shrinkA=2, shrinkB=2, relpos=(0, 0.5))
        beside = ax.get_yaxis_transform()
        said = ax.annotate(name, (size, share), (1.06, lowest), "data", beside, style, annotation_clip=False)
        said.set(va="center", size=8, color=INK)
