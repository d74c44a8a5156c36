"""A graph's last state, and its course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from algorithms.machine.probes import CATEGORICAL, EDGE, MASK, MASK_ONE, NODE, POINTER, SCALAR
from algorithms.trace import ProbeData, Trace
from neural_exec.plotting.layout import layout
from neural_exec.plotting.marks import (  # fmt: skip
    CATEGORIES,
    GREY,
    INK,
    MARK,
    PALE,
    colour_bar,
    course,
    dot,
    legend,
    line,
    whole_numbers,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_graph", "draw_graph_course"]

_LABELLED = 70  # nodes; beyond, no labels
_WEIGHED = 50  # edges; beyond, no weights
_WIDTH, _HEIGHT = 480, 340  # of the axes, about, in points
_OF_A_SEARCH = {"white": "#ffffff", "grey": "#a6a6a6", "black": "#333333"}
_THICK = dict(color=INK, lw=2.0, ls="-")


@dataclass
class _Drawing:
    """place (n, 2) and radius (in points) of nodes; scale: points per unit; ends: edges without self-loops, once if
    undirected; row: where each directed edge is in the trace; bend: of edges; in_line: are the nodes drawn in a line,
    in the order that is the output?"""

    trace: Trace
    place: np.ndarray
    radius: float
    scale: float
    ends: list[tuple[int, int]]
    row: dict[tuple[int, int], int]
    directed: bool
    bend: float
    in_line: bool

    @classmethod
    def of(cls, trace: Trace) -> _Drawing:
        n = len(trace.labels)
        row = {(u, v): i for i, (u, v) in enumerate(trace.edge_index.T.tolist()) if u != v}
        directed = any((v, u) not in row for u, v in row)
        ends = sorted((u, v) for u, v in row if directed or u < v)
        order = _order(trace)
        if order is not None:  # every edge that goes forward is an arc above the line
            place = np.stack([np.where(order >= 0, order, order.max() + 1), np.zeros(n)], 1)
            return cls(trace, place, float(np.clip(170 / n, 2, 13)), _WIDTH / n, ends, row, directed, -0.5, True)
        place = layout(n, ends)
        scale = min(_WIDTH / max(np.ptp(place[:, 0]), 0.1), _HEIGHT / max(np.ptp(place[:, 1]), 0.1))
        lengths = [float(np.linalg.norm(place[u] - place[v])) for u, v in ends]
        room = 0.25 * scale * np.median(lengths) if ends else 13.0
        radius = float(np.clip(min(60 / np.sqrt(n), room), 3, 13))
        return cls(trace, place, radius, scale, ends, row, directed, 0.0, False)


def draw_graph(ax: Axes, trace: Trace) -> None:
    """The last state."""
    d = _Drawing.of(trace)
    if d.in_line:
        ax.set_xlim(-0.7, d.place[:, 0].max() + 0.7)
        ax.set_ylim(-0.6, 1.0)
    else:
        ax.set_aspect("equal", adjustable="datalim")
        ax.margins(0.08)
    legend(ax, _draw_edges(ax, d) + _draw_nodes(ax, d))
    ax.set_axis_off()


def _draw_edges(ax: Axes, d: _Drawing) -> list:
    """Edges, those of a tree as arrows from the parent; -> entries of the legend."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import FancyArrowPatch

    trace = d.trace
    trees = [_pointed(p) for p in trace.outputs.values() if p.type == POINTER and p.location == NODE and not d.in_line]
    tree = {e for edges in trees if all(e in d.row for e in edges) for e in edges}
    marks = next((p for p in trace.outputs.values() if p.location == EDGE and p.type in (CATEGORICAL, MASK)), None)
    styles = _edge_styles(marks)
    plain = dict(color=PALE if tree else GREY, lw=0.9, ls="-")
    category = dict(zip(sorted(tuple(sorted(e)) for e in d.ends), marks.data.astype(int))) if marks else {}
    straight, taken = [], list[np.ndarray]()  # edges without arrow; where weights stand
    for u, v in d.ends:
        tail, head = (v, u) if not d.directed and (v, u) in tree else (u, v)
        is_tree = (tail, head) in tree
        style = _THICK if is_tree else styles[category[u, v]] if marks else plain
        rad = 0.12 if d.directed and (v, u) in d.row else d.bend
        if d.directed or is_tree:
            arrow = FancyArrowPatch(
                d.place[tail],
                d.place[head],
                arrowstyle="-|>",
                connectionstyle=f"arc3,rad={rad}",
                mutation_scale=6 + 0.5 * d.radius,
                shrinkA=d.radius,
                shrinkB=d.radius + 1,
                zorder=2 if is_tree else 1,
                clip_on=False,
                **style,
            )
            arrow.set_in_layout(False)
            ax.add_artist(arrow)
        else:
            straight.append((d.place[[u, v]], style))
        if trace.weight is not None and len(d.ends) <= _WEIGHED:
            at = _beside(d, tail, head, rad, taken)
            taken.append(at)
            box = dict(boxstyle="round,pad=0.1", fc="white", ec="none")
            ax.text(
                at[0],
                at[1],
                f"{trace.weight[d.row[u, v]]:.3g}",
                size=7.5,
                color=INK,
                ha="center",
                va="center",
                bbox=box,
            )
    if straight:
        lines, looks = zip(*straight)
        looks = {k: [look[k] for look in looks] for k in ("color", "lw", "ls")}
        ax.add_collection(LineCollection(lines, colors=looks["color"], lw=looks["lw"], ls=looks["ls"], zorder=1))
    entries = [line("parent to child", **_THICK)] if tree else []
    return entries + [line(f"{marks.name}: {w}", **s) for w, s in zip(_names(marks), styles)] if marks else entries


def _beside(d: _Drawing, tail: int, head: int, rad: float, taken: list) -> np.ndarray:
    """Where an edge's weight stands: on the edge, far from nodes and other weights; beside it where it is short."""
    ahead = d.place[head] - d.place[tail]
    across = np.array([-ahead[1], ahead[0]])
    length = float(np.linalg.norm(ahead))
    short = d.scale * length - 2 * d.radius < 35
    middle = d.place[tail] + 0.5 * ahead - rad / 2 * across + short * 9 / d.scale * across / max(length, 1e-9)
    places = middle + np.array([0.0, 0.1, -0.1, 0.2, -0.2])[:, None] * ahead
    return places[np.argmax(np.minimum(_apart(places, np.array([*d.place, *taken])), 0.45))]


def _edge_styles(marks: ProbeData | None) -> list[dict]:
    """One for each category: the last is the one that stands out."""
    if marks is None:
        return []
    faded = [dict(color=GREY, lw=1.0, ls=ls) for ls in (":", "--", "-.")]
    return [*(faded[i % 3] for i in range(len(_names(marks)) - 1)), _THICK]


def _draw_nodes(ax: Axes, d: _Drawing) -> list:
    """Nodes and their labels; -> entries of the legend."""
    from matplotlib.colors import to_rgb

    trace, n = d.trace, len(d.trace.labels)
    amounts, title, missing = _amounts(trace)
    if amounts is not None:
        colours = colour_bar(ax, amounts, title, "left")
        entries = [] if np.isfinite(amounts).all() else [dot(missing, "#ffffff")]
    else:
        colours, entries = _groups(trace)
    given = {int(p.data[0]): p.name for p in trace.inputs.values() if p.type == MASK_ONE}
    rims, widths = [MARK if v in given else INK for v in range(n)], [3.0 if v in given else 0.8 for v in range(n)]
    x, y = d.place.T
    size = (2 * d.radius) ** 2
    ax.scatter(x, y, size, colours, edgecolors=rims, linewidths=widths, zorder=3, clip_on=False)
    entries += [dot(name, "#ffffff", MARK, 3.0) for name in given.values()]
    if n > _LABELLED:
        return entries
    words = [str(v) for v in trace.labels]
    inside = max(map(len, words)) <= 3 and d.radius > 6
    for at, word, colour in zip(d.place, words, colours):
        if inside:
            dark = np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) < 0.55
            said = ax.text(at[0], at[1], word, color="white" if dark else INK, zorder=4)
            said.set(ha="center", va="center", size=0.75 * d.radius)
        else:
            box = dict(boxstyle="round,pad=0.05", fc="white", ec="none", alpha=0.8)
            said = ax.annotate(word, at, (0, -d.radius - 2), textcoords="offset points", color=INK, zorder=4, bbox=box)
            said.set(ha="center", va="top", size=8 if n <= 40 else 6, rotation=90 if d.in_line else 0)
    return entries


def _amounts(trace: Trace) -> tuple[np.ndarray | None, str, str]:
    """A number for each node (not finite: none), its name, and what it means to have none. None where nodes are better
    coloured by group."""
    order = _order(trace)
    if order is not None:
        return np.where(order >= 0, order, np.nan), "place in the order", "not in the order"
    for p in trace.outputs.values():
        if p.location == NODE and p.type == SCALAR:
            return p.data, p.name, f"{p.name}: inf"
    if any(_is_grouping(trace, p) and _is_settled(trace, p) for p in trace.outputs.values()):
        return None, "", ""
    for p in course(trace).values():
        if p.location == NODE and p.type == CATEGORICAL:
            changed = p.data != p.data[0]
            first = np.where(changed.any(0), changed.argmax(0).astype(float), np.nan)
            return first, f"step at which {p.name} was first changed", f"still {p.values[p.data[0, 0]]}"
    return None, "", ""


def _groups(trace: Trace) -> tuple[list, list]:
    """A colour for each node by its category or set (the largest have one of their own), and entries of the legend."""
    n = len(trace.labels)
    for p in (*trace.outputs.values(), *course(trace).values()):
        if _is_grouping(trace, p):
            last = p.data.reshape(-1, n)[-1].astype(int)
            names = [str(v) for v in trace.labels] if p.type == POINTER else _names(p)
            values, counts = np.unique(last, return_counts=True)
            largest = [int(v) for v in values[np.argsort(-counts, kind="stable")]][: len(CATEGORIES)]
            colour = dict(zip(largest, CATEGORIES))
            entries = [dot(f"{p.name}: {names[v] if v >= 0 else 'none'}", c) for v, c in colour.items()]
            entries += [dot(f"{p.name}: another", PALE)] if len(values) > len(largest) else []
            return [colour.get(v, PALE) for v in last], entries
    return [CATEGORIES[0]] * n, []


def draw_graph_course(ax: Axes, trace: Trace) -> None:
    """How many nodes or edges were of which category over time; without categories, how many changed."""
    steps = np.arange(trace.num_steps + 1)
    hints = [p for p in course(trace).values() if p.location in (NODE, EDGE) and p.type in (CATEGORICAL, MASK)]
    whole_numbers(ax.yaxis)
    if not hints:
        on_nodes = [p.data for p in course(trace).values() if p.location == NODE and p.type in (SCALAR, POINTER)]
        changed = np.zeros((len(steps) - 1, len(trace.labels)), bool)
        for data in on_nodes:
            changed |= data[1:] != data[:-1]
        ax.fill_between(steps[1:], changed.sum(1), step="pre", color=CATEGORIES[0], lw=0)
        ax.set_ylabel("nodes changed")
        return
    p = min(hints, key=lambda p: (p.type != CATEGORICAL, p.location != NODE))
    shown = [(f"{p.name}: {name}", (p.data == i).sum(1)) for i, name in enumerate(_names(p))]
    colours = [_OF_A_SEARCH.get(name, CATEGORIES[i % len(CATEGORIES)]) for i, name in enumerate(_names(p))]
    if p.type == MASK:
        shown, colours = [(p.name, p.data.sum(1))], [CATEGORIES[0]]
    areas = ax.stackplot(steps, [c for _, c in shown], colors=colours, step="post", edgecolor=INK, lw=0.4)
    for area, (label, _) in zip(areas, shown):
        area.set_label(label)
    ax.set_ylabel(f"{p.location}s")
    ax.set_ylim(0, max(1, p.data.shape[1]))
    legend(ax, areas, reverse=True)


def _order(trace: Trace) -> np.ndarray | None:
    """Each node's place where the outputs are a linked list (-1: not in it)."""
    head = [p for p in trace.outputs.values() if p.type == MASK_ONE and p.location == NODE]
    link = [p for p in trace.outputs.values() if p.type == POINTER and p.location == NODE]
    if not (head and link):
        return None
    place, v = np.full(len(trace.labels), -1), int(head[0].data[0])
    while v >= 0 and place[v] < 0:
        place[v] = place.max() + 1
        v = int(link[0].data[v])
    return place


def _is_grouping(trace: Trace, p: ProbeData) -> bool:
    """A category, or a pointer to the representative of a set: one that starts at the node itself."""
    if p.location != NODE:
        return False
    if p.type == POINTER:
        return bool((trace.hints[p.name].data[0] == np.arange(len(trace.labels))).all())
    return p.type in (CATEGORICAL, MASK)


def _is_settled(trace: Trace, p: ProbeData) -> bool:
    """Does it change once at every node, at most? Else it tells of the course (a node found, then done)."""
    data = trace.hints[p.name].data
    return bool(((data[1:] != data[:-1]).sum(0) <= 1).all())


def _names(p: ProbeData) -> tuple[str, ...]:
    return p.values or ("False", "True")


def _pointed(p: ProbeData) -> list[tuple[int, int]]:
    """(pointed at, who points), such as (parent, child)."""
    return [(int(u), v) for v, u in enumerate(p.data) if u >= 0]


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far each of a is from the nearest of b."""
    return np.linalg.norm(a[:, None] - b[None], axis=2).min(1)
