"""Pictures of `transfer.py`: docs/transfer.png and docs/transfer-frozen.png."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from cells import BUDGETS, COPIED, FROZEN, PLAIN, TUNED, WORDS, Cells, exactness


def plot(cells: Cells, path: Path) -> None:
    figure, ax = plt.subplots(figsize=(7, 4.5))
    for arm in (*TUNED, *COPIED, *PLAIN):
        points = []
        for k in (1, 2, 4, 8, 16, 50, 150):
            if cells.wrong(arm, k) is not None:
                x = cells.at[arm, k].values()
                points.append((k, 100 * sum(r["wrong"] for r in x) / sum(r["of"] for r in x)))
        if points:
            style = dict(linestyle="--" if arm in PLAIN else ":" if arm in COPIED else "-", marker="o", markersize=3)
            ax.plot(*zip(*points), label=WORDS[arm], **style)
    ax.set(xscale="log", xlabel="traces", ylabel="wrong contexts, % of all")
    ax.set_yscale("symlog", linthresh=0.1)
    ax.set_ylim(0, 60)
    ax.grid(alpha=0.3)
    ax.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def plot_frozen(data: dict, every: Cells, folds: list[str], path: Path) -> None:
    figure, ax = plt.subplots(figsize=(7, 3.8))
    for arm, words in FROZEN.items():
        points = []
        for budget in BUDGETS:
            if fits := every.at.get((f"{arm}, {budget}", 150)):
                right, of = exactness(data, f"{arm}, {budget}", folds, 64)
                points.append((mean(r["numbers"] for r in fits.values()), 100 * right / of))
        if points:
            ax.plot(*zip(*points), marker="o", label=words)
    ax.axhline(50, color="grey", linewidth=0.7)
    ax.set(xlabel="numbers fitted (mean): new names alone, and one, two, four, all copies", ylim=(-3, 103))
    ax.set(ylabel="% of algorithms exact, n = 64", title="processor frozen, 150 traces")
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
