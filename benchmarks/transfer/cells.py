"""The cells of `transfer.py`: names of its rows, and what is counted of them."""

from __future__ import annotations

from statistics import mean

import numpy as np

CHOICE = "geometry, greedy"
SHARED, PERMUTED, OWN, MIX = "shared names", "permuted names", "codes per algorithm", "random programs"
WIDE = "scratch, wide"
TUNED = ("scratch", OWN, PERMUTED, SHARED, MIX)
NEW, FOUR, ALL = "new names", "and four copies", "and all copies"
BUDGETS = {NEW: 0, "and one copy": 1, "and two copies": 2, FOUR: 4, ALL: 41}  # private copies of known names, at most
FROZEN = {
    f"frozen: {MIX}": "others and random programs",
    f"frozen: {SHARED}": "others",
    f"frozen: {PERMUTED}": "others, names permuted (control)",
    "frozen: untrained": "untrained (control)",
}
TOLD, CONTROL = f"frozen: {MIX}, ", "frozen: untrained, "
COPIED = (f"{TOLD}{FOUR}", f"{CONTROL}{FOUR}")
PLAIN = ("table", "tree", "oracle")
WORDS = {
    "scratch": "scratch",
    WIDE: "scratch, new codes N(0, 1)",
    OWN: "others known, codes per algorithm",
    PERMUTED: "others known, names permuted (control)",
    SHARED: "others known, shared names",
    MIX: "others known, shared names, random programs",
    f"{TOLD}{FOUR}": "frozen: others and random programs",
    f"{CONTROL}{FOUR}": "frozen: untrained (control)",
    "table": "counted table, else keep",
    "tree": "decision tree",
    "oracle": "oracle: told which columns are tested",
}


class Cells:
    """Rows of fits, by arm and number of traces."""

    def __init__(self, rows: list[dict], folds):
        self.at: dict[tuple, dict] = {}
        for r in rows:
            if r["fold"] in folds:
                self.at.setdefault((r["arm"], r["k"]), {})[r["algorithm"], r["seed"]] = r

    def wrong(self, arm: str, k: int) -> float | None:
        """Wrong contexts, summed over algorithms, mean over seeds; None where some algorithm was not fitted."""
        cells = self.at.get((arm, k))
        if not cells or {a for a, _ in cells} != set(self.tested()):
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

    def share(self, arm: str, k: int) -> float:
        """Wrong contexts in % of scratch's, on the draws that both have."""
        a, b = self.at.get((arm, k), {}), self.at[("scratch", k)]
        both = a.keys() & b.keys()
        return 100 * sum(a[x]["wrong"] for x in both) / max(1, sum(b[x]["wrong"] for x in both))

    def tested(self) -> list[str]:
        return sorted({a for cells in self.at.values() for a, _ in cells})


def exactness(data: dict, arm: str, folds, n: int) -> tuple[int, int]:
    """Algorithms with every fresh graph right, of all that were fitted on 150 traces."""
    rows = [r for r in data["exact"] if r["arm"] == arm and r["n"] == n and r["fold"] in folds]
    return sum(r["right"] == r["graphs"] for r in rows), len(rows)


def zeros(data: dict, arm: str, folds) -> list[float]:
    """Updates to zero training error of the fits that end there (k = 1, 2, 4)."""
    return [q["zero"] for q in data["quick"] if q["arm"] == arm and q["fold"] in folds]


def traces_to_exactness(data: dict, arm: str, name: str) -> list[float]:
    """For each seed the least number of traces tried from which on no context was wrong (inf: none)."""
    out = []
    mine = [r for r in data["rows"] if r["fold"] == "siblings" and r["arm"] == arm and r["algorithm"] == name]
    for seed in sorted({r["seed"] for r in mine}):
        wrong = sorted((r["k"], r["wrong"]) for r in mine if r["seed"] == seed)
        clean = [k for i, (k, _) in enumerate(wrong) if not any(w for _, w in wrong[i:])]
        out.append(float(clean[0]) if clean else float("inf"))
    return out
