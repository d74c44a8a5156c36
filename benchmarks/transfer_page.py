"""TRANSFER.md and docs/transfer.png, from the cells of `benchmarks/transfer.py`."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean, median

import numpy as np
from without_traces_page import section

HERE = Path(__file__).parent
CHOICE = "geometry, greedy"
SHARED, PERMUTED, OWN, MIX = "shared names", "permuted names", "codes per algorithm", "random programs"
TUNED = ("scratch", OWN, PERMUTED, SHARED, MIX)
FROZEN = ("frozen: random programs", "frozen: shared names", "frozen: untrained")
PLAIN = ("table", "tree", "oracle")
WORDS = {
    "scratch": "scratch",
    OWN: "others known, codes per algorithm",
    PERMUTED: "others known, names permuted (control)",
    SHARED: "others known, shared names",
    MIX: "others known, shared names, random programs",
    "table": "counted table, else keep",
    "tree": "decision tree",
    "oracle": "oracle: told which columns are tested",
    FROZEN[0]: "frozen: others and random programs",
    FROZEN[1]: "frozen: others",
    FROZEN[2]: "frozen: untrained (control)",
}


class Cells:
    """Rows of fits, by arm and number of traces."""

    def __init__(self, rows: list[dict], folds):
        self.at: dict[tuple, dict] = {}
        for r in rows:
            if r["fold"] in folds:
                self.at.setdefault((r["arm"], r["k"]), {})[r["algorithm"], r["seed"]] = r

    def wrong(self, arm: str, k: int) -> float | None:
        """Wrong contexts, summed over algorithms, mean over seeds."""
        cells = self.at.get((arm, k))
        if not cells:
            return None
        return sum(r["wrong"] for r in cells.values()) / len({s for _, s in cells})

    def difference(self, arm: str, other: str, ks) -> tuple[float, float, float] | None:
        """Paired, of the sums: mean and 95 % interval (bootstrap over algorithms)."""
        by: dict[str, list[float]] = {}
        for k in ks if isinstance(ks, tuple) else (ks,):
            a, b = self.at.get((arm, k), {}), self.at.get((other, k), {})
            for key in sorted(a.keys() & b.keys()):
                by.setdefault(key[0], []).append(a[key]["wrong"] - b[key]["wrong"])
        if not by:
            return None
        means, rng = np.array([mean(x) for x in by.values()]), np.random.default_rng(0)
        sums = means[rng.integers(len(means), size=(4000, len(means)))].sum(1)
        return float(means.sum()), *np.percentile(sums, [2.5, 97.5]).tolist()

    def zeros(self, arm: str, ks) -> list[float]:
        """Updates to zero training error of every fit; one that never came there counts as all it made."""
        rows = [r for k in ks for r in self.at.get((arm, k), {}).values()]
        return [r["updates"] if r["zero"] is None else r["zero"] for r in rows]

    def tested(self) -> list[str]:
        return sorted({a for cells in self.at.values() for a, _ in cells})


def interval(x) -> str:
    return f"{x[0]:+.0f} [{x[1]:+.0f}, {x[2]:+.0f}]" if x else "–"


def table(head: list[str], rows: list[list]) -> str:
    line = lambda cells: f"| {' | '.join(str(c) for c in cells)} |"
    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])


def number(x) -> str:
    return "–" if x is None else f"{x:.0f}" if x >= 10 or x == int(x) else f"{x:.1f}"


def exactness(data: dict, arm: str, folds, n: int) -> tuple[int, int]:
    """Algorithms with every fresh graph right, of all that were fitted on 150 traces."""
    rows = [r for r in data["exact"] if r["arm"] == arm and r["n"] == n and r["fold"] in folds]
    return sum(r["right"] == r["graphs"] for r in rows), len(rows)


def traces_to_exactness(data: dict, arm: str, name: str) -> list[float]:
    """For each seed the least number of traces tried from which on no context was wrong (inf: none)."""
    out = []
    mine = [r for r in data["rows"] if r["fold"] == "siblings" and r["arm"] == arm and r["algorithm"] == name]
    for seed in sorted({r["seed"] for r in mine}):
        wrong = sorted((r["k"], r["wrong"]) for r in mine if r["seed"] == seed)
        clean = [k for i, (k, _) in enumerate(wrong) if not any(w for _, w in wrong[i:])]
        out.append(float(clean[0]) if clean else float("inf"))
    return out


def write(data: dict, siblings: dict[str, str]) -> None:
    folds = [f for f in dict.fromkeys(r["fold"] for r in data["rows"]) if f != "siblings"]
    reported = [f for f in folds if f != CHOICE]
    cells, every = Cells(data["rows"], reported), Cells(data["rows"], folds)
    goals = _goals(data, cells, every, folds, siblings)
    page = f"""{goals["headline"]}

Made by `python benchmarks/transfer.py` ({data["seconds"] / 60:.0f} minutes on one core). Whole chapters are
held out in turn: the processors are trained on all other algorithms, until these are exact, and each held-out
algorithm is then fitted on k of its traces (n <= 16). *Wrong contexts*: of all the contexts that 240 traces show
({_contexts(cells)} of the {len(cells.tested())} algorithms reported), those in which some register's choice is not the
program's; summed over algorithms, mean of three draws of traces at k = 1, 2, 4, one draw beyond (at k = 150 most of
these contexts are among those fitted on; executions are always of fresh inputs). Brackets: 95 %
interval of the paired difference to scratch, by bootstrap over algorithms.

## Few traces

The rate of the shared weights was chosen on geometry and greedy ({_rates(data)}); the chapters below are the others:
{"; ".join(reported)}.

{_few(cells)}

By chapters, wrong contexts at k = 1, 2, 4:

{_by_fold(data, folds)}

![Wrong contexts against traces](../docs/transfer.png)

## Frozen processor, 150 traces

Only codes are fitted: of names that are not known, and private copies of those that are. `untrained` is the control:
the same network with random weights, as many numbers fitted. A fit with more than three wrong contexts is not run, and
counts as not exact. All chapters, {len(every.tested())} algorithms.

{_frozen(data, every, folds)}

## Siblings

Six algorithms are held out together, one each of a pair whose other half is known. Traces from which on no context was
wrong (of 1, 2, 4, 8, 16, 32; median of three draws; `> 32`: not within these), and wrong contexts at one and two.

{_siblings(data, siblings)}

## Goals

{goals["text"]}

## What was cut

No second seed of the processors' own training; `graphs` holds out all of its chapter and tests eight of it; from k = 8
on one draw of traces, and no codes per algorithm or permuted names; n = 32 is not run; k = 50 is left out.
{_cut(data)}

Processors: {_processors(data)}
{_matrix()}{section(siblings)}"""
    (HERE / "TRANSFER.md").write_text(page)
    plot(cells, every, HERE.parent / "docs" / "transfer.png")


def _contexts(cells: Cells) -> int:
    return sum({r["algorithm"]: r["of"] for x in cells.at.values() for r in x.values()}.values())


def _rates(data: dict) -> str:
    return "; ".join(f"{k}: {x['chosen']:g}" for k, x in data["rates"].items())


def _few(cells: Cells) -> str:
    rows = []
    for arm in (*TUNED, *FROZEN, *PLAIN):
        row = [WORDS[arm]]
        for k in (1, 2, 4):
            x, d = cells.wrong(arm, k), cells.difference(arm, "scratch", k)
            one = arm in FROZEN  # one draw alone: beside scratch's same draw
            row.append(
                number(x)
                + ("" if arm == "scratch" or x is None else f" ({interval(d)})")
                + " *" * (one and x is not None)
            )
        row += [number(cells.wrong(arm, k)) for k in (8, 16, 150)]
        zeros = cells.zeros(arm, (1, 2, 4)) if arm in TUNED else []
        rows.append([*row, f"{median(zeros):.0f}" if zeros else "–"])
    head = ["", "k = 1", "k = 2", "k = 4", "8", "16", "150", "updates to zero training error (median, k = 1, 2, 4)"]
    return table(head, rows) + "\n\n\\* one draw of traces, compared with scratch on the same draw."


def _by_fold(data: dict, folds: list[str]) -> str:
    rows = []
    for fold in folds:
        here = Cells(data["rows"], [fold])
        name = f"{fold} (rates chosen here)" if fold == CHOICE else fold
        rows.append([name, *(" / ".join(number(here.wrong(arm, k)) for k in (1, 2, 4)) for arm in TUNED)])
    return table(["held out", *(WORDS[a].removeprefix("others known, ") for a in TUNED)], rows)


def _frozen(data: dict, every: Cells, folds: list[str]) -> str:
    rows = []
    for arm in (*FROZEN, "scratch", SHARED, MIX):
        fits = list(every.at.get((arm, 150), {}).values())
        if not fits:
            continue
        zeros = [r["zero"] for r in fits if r["zero"] is not None]
        numbers = [r["numbers"] for r in fits]
        ex = [f"{a} of {b}" for a, b in (exactness(data, arm, folds, n) for n in (16, 64))]
        rows.append(
            [WORDS[arm] + ("" if arm in FROZEN else ", all tuned"), f"{mean(numbers):,.0f} (at most {max(numbers):,})",
             f"{sum(r['wrong'] for r in fits)} of {sum(r['of'] for r in fits)}",
             f"{sum(r['wrong'] == 0 for r in fits)} of {len(fits)}", *ex,
             f"{median(zeros):.0f} ({len(fits) - len(zeros)} never)" if zeros else "never"]
        )  # fmt: skip
    head = ["", "numbers fitted", "wrong contexts", "algorithms with none wrong", "algorithms exact, n = 16", "n = 64",
            "updates to zero training error (median)"]  # fmt: skip
    failed = [r for r in every.at.get((FROZEN[0], 150), {}).values() if r["wrong"]]
    words = ", ".join(f"{r['algorithm']} ({r['wrong']} of {r['of']})" for r in failed) or "none"
    return table(head, rows) + f"\n\nContexts left wrong by the first: {words}."


def _siblings(data: dict, siblings: dict[str, str]) -> str:
    cells, rows = Cells(data["rows"], ["siblings"]), []
    say = lambda x: "> 32" if x == float("inf") else number(x)
    for name, known in siblings.items():
        row = [f"{known} → {name}"]
        for arm in ("scratch", SHARED, PERMUTED):
            reached = traces_to_exactness(data, arm, name)
            few = [mean([r["wrong"] for (a, _), r in cells.at[arm, k].items() if a == name]) for k in (1, 2)]
            row.append(f"{say(median(reached))} ({' / '.join(number(x) for x in few)})" if reached else "–")
        rows.append(row)
    return table(["known → new", "scratch", "shared names", "permuted names"], rows)


def _goals(data: dict, cells: Cells, every: Cells, folds: list[str], siblings: dict[str, str]) -> dict[str, str]:
    verdict = lambda ok: "**reached**" if ok else "**not reached**"
    (a, n), (b, _) = exactness(data, FROZEN[0], folds, 64), exactness(data, FROZEN[2], folds, 64)
    most = max((r["numbers"] for r in every.at.get((FROZEN[0], 150), {}).values()), default=0)
    text = [
        f"- (a) frozen, 150 traces, fewer than 1,000 numbers: {a} of {n} held-out algorithms exact at n = 64 (at most "
        f"{most} numbers), the untrained processor {b} of {n}. First half {verdict(a == n)}, second (at most half) "
        f"{verdict(2 * b <= n)}."
    ]
    base, best = median(cells.zeros("scratch", (1, 2, 4))), {}
    for arm in (SHARED, MIX, PERMUTED, OWN):
        best[arm] = median(cells.zeros(arm, (1, 2, 4)))
    text.append(
        f"- (b) updates to zero training error, median: scratch {base:.0f}, shared names {best[SHARED]:.0f}, random "
        f"programs {best[MIX]:.0f} (permuted {best[PERMUTED]:.0f}, codes per algorithm {best[OWN]:.0f}). "
        f"{verdict(min(best[SHARED], best[MIX]) <= base / 2)}."
    )
    halves = []
    for name in siblings:
        x, y = (median(traces_to_exactness(data, arm, name) or [float("inf")]) for arm in ("scratch", SHARED))
        halves.append(y <= x / 2 and y < float("inf"))
    text.append(f"- (c) siblings: at most half of scratch's traces for {sum(halves)} of 6. {verdict(all(halves))}.")
    share, parts, clear = {}, [], True
    for k in (1, 2, 4):
        x = cells.wrong("scratch", k)
        share[k] = {arm: 100 * cells.wrong(arm, k) / x for arm in (SHARED, PERMUTED, OWN, MIX)}
        d, e = cells.difference(SHARED, "scratch", k), cells.difference(SHARED, PERMUTED, k)
        clear &= share[k][SHARED] <= 60 and d[2] < 0 and e[2] < 0
        parts.append(
            f"k = {k}: {share[k][SHARED]:.0f} % of scratch's wrong contexts (permuted {share[k][PERMUTED]:.0f} %, with "
            f"random programs {share[k][MIX]:.0f} %); difference to scratch {interval(d)}, to permuted {interval(e)}"
        )
    text.append(f"- (d) shared names, few traces: {'; '.join(parts)}. {verdict(clear)}.")
    saved = all(cells.difference(SHARED, other, (1, 2, 4))[2] < 0 for other in ("scratch", PERMUTED))
    few = "few-trace learning transfers too" if saved else "what to do from few traces does not transfer"
    headline = (
        f"What transfers is execution by a frozen processor: {a} of {n} algorithms that it never saw are exact at "
        f"n = 64, told in at most {most} numbers from 150 traces (the control, frozen and untrained: {b} of {n}, in "
        f"{_slower(every):.1f} times the updates); {few}, where whole chapters are held out: with one trace shared "
        f"names leave {share[1][SHARED]:.0f} % of scratch's wrong contexts, permuted names {share[1][PERMUTED]:.0f} %, "
        f"codes per algorithm {share[1][OWN]:.0f} %."
    )
    return dict(text="\n".join(text), headline=headline)


def _slower(every: Cells) -> float:
    """How many times the updates to zero training error the untrained processor takes, frozen."""
    return median(every.zeros(FROZEN[2], (150,))) / median(every.zeros(FROZEN[0], (150,)))


def _cut(data: dict) -> str:
    return f"Out of time: {len(data['cut'])} cells ({'; '.join(data['cut'][:4])} …)." if data["cut"] else ""


def _matrix() -> str:
    """One known algorithm at a time, where `transfer_matrix.py` was run."""
    if not (path := HERE / "transfer_matrix.json").exists():
        return ""
    data = json.loads(path.read_text())
    at = lambda a, b, what: data["cells"][f"{a} {b}"][what]
    cell = lambda a, b: f"{100 * at(a, b, 'left'):.0f} ({at(a, b, 'zero'):.0f})"
    rows = [[a, *(cell(a, b) for b in data["new"])] for a in data["known"]]
    none = ["none (scratch)", *("{:.1f} wrong ({:.0f})".format(*data["scratch"][b]) for b in data["new"])]
    left = [c["left"] for c in data["cells"].values()]
    predicts = ", ".join(f"{'the share of ' * (k != 'chapter')}{k} {v:+.2f}" for k, v in data["predicts"].items())
    return f"""
## One known at a time

Made by `python benchmarks/transfer_matrix.py`: a processor that knows one algorithm alone, tuned on one trace of
another (mean of four draws). Wrong contexts in % of scratch's, and in brackets the updates to zero training error. Over
all cells {100 * mean(left):.0f} % on average, least {100 * min(left):.0f} %. Rank correlation of what is left with the
same chapter, and with what the new one shares with the known: {predicts} (negative: it helps).

{table(["known", *data["new"]], [none, *rows])}

![Which known algorithm helps which new one](../docs/transfer-matrix.png)
"""


def _processors(data: dict) -> str:
    wrong = [f"{p['kind']} without {p['fold']}: {p['wrong']}" for p in data["processors"] if p["wrong"]]
    seconds = [p["seconds"] for p in data["processors"]]
    return (
        f"{len(data['processors'])}, each {min(seconds):.0f} to {max(seconds):.0f} s; wrong contexts of what it "
        f"knows: {'; '.join(wrong) or 'none'}."
    )


def plot(cells: Cells, every: Cells, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), sharey=True)
    for ax, arms, which, title in (
        (axes[0], (*TUNED, *PLAIN), cells, "all weights tuned"),
        (axes[1], ("scratch", *FROZEN), every, "processor frozen: fewer than 1,000 numbers"),
    ):
        for arm in arms:
            points = []
            for k in (1, 2, 4, 8, 16, 150):
                if x := which.at.get((arm, k)):
                    points.append((k, 100 * sum(r["wrong"] for r in x.values()) / sum(r["of"] for r in x.values())))
            style = dict(linestyle="--" if arm in PLAIN else "-", marker="o", markersize=3)
            if points:
                ax.plot(*zip(*points), label=WORDS[arm], **style)
        ax.set(xscale="log", xlabel="traces", title=title)
        ax.set_yscale("symlog", linthresh=0.1)
        ax.grid(alpha=0.3)
        ax.legend(fontsize=7)
    axes[0].set_ylabel("wrong contexts, % of all")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
