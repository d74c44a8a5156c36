"""The section 'Without traces' of TRANSFER.md, from without_traces.json."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

PATH = Path(__file__).parent / "without_traces.json"


def section(siblings: dict[str, str]) -> str:
    """Empty where `without_traces.py` was not run."""
    if not PATH.exists():
        return ""
    data = json.loads(PATH.read_text())
    cells: dict[tuple[str, str], list[dict]] = {}
    for key, cell in data["cells"].items():
        name, kind, _ = key.split()
        cells.setdefault((name, kind), []).append(cell)
    share = lambda xs, n: f"{100 * mean(x[n]['share'] for x in xs):.0f}"
    exact = lambda xs, n: ", ".join(f"{x[n]['exact']}/{x[n]['graphs']}" for x in xs)
    rows, names = [], list(dict.fromkeys(name for name, _ in cells))
    for name in names:
        mine, control = cells[name, "trained"], cells.get((name, "untrained"), [])
        before, after = [c["before"] for c in mine], [c["after"] for c in mine]
        rows.append(
            [f"{siblings[name]} → {name}" if name in siblings else name, max(c["numbers"] for c in mine),
             f"{share(before, '16')} → {share(after, '16')}", exact(before, "16"), exact(after, "16"),
             exact(after, "64"), ", ".join(f"{c['updates']:,}" for c in mine),
             f"{mean(c['runs'] for c in mine) / 1e6:.2f} M", f"{mean(c['seconds'] for c in mine):.0f}",
             exact([c["after"] for c in control], "64")]
        )  # fmt: skip
    head = ["target", "numbers", "% of outputs right, n = 16", "exact before", "exact after, n = 16", "n = 64",
            "updates", "runs", "CPU s", "control: untrained, n = 64"]  # fmt: skip
    drawn = data.get("programs", 32)
    line = lambda cells: f"| {' | '.join(str(c) for c in cells)} |"
    table = "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])
    return f"""
## Without traces

Made by `python benchmarks/transfer/without_traces.py` ({_whole(data)}). {_headline(cells, names)}

A target's codes are searched for from inputs and outputs alone, the processor frozen and trained on all algorithms but
the {len(names)} targets. Told: the machine (columns, registers, operations, selections: what the program can do, not
what it does when), the author's bound on ticks, and the outputs of 24 random inputs of n = 1 to 6; once they are right,
of 20 of n = 4 to 12, and then of 36 of n = 8 to 16. Not told: any state in between, any selection, the phase, the
number of ticks. (Edit distance is told its distance, not its alignment, and is judged by both.)

Each update draws {drawn} programs from the processor's softmax (one operation for each register in each context, for a
whole run), runs them on all inputs, and moves the codes along the policy gradient, and towards what the best program
did. It ends where the likeliest program is right on all inputs told, or after {data["updates"]:,} updates. Figures are
of fresh inputs of all families, one for each seed; *before* is the start: known names as they are, new ones at random.
*Control*: the same search on a frozen processor with random weights.

{table}

What is not found fits many of the inputs told, and no more: articulation_points ends worse than it began. On most
inputs kmp_matcher's answer is `None` or 0, so that its partial figures are worth little.

Also tried, on the inputs told of n <= 6, and not kept: the policy gradient alone, at a fixed temperature and without
restarts (all right for bfs and mst_prim, 83 % for minimum, 38 % for activity_selector: the softmax collapses on what it
has); evolution strategies on the codes, some 5,000 candidates (all for bfs, at best 75 % for minimum, 83 % for
activity_selector, 92 % for mst_prim). Codes decide choices alone, so that no scalar output has a gradient in them.
"""


def _whole(data: dict) -> str:
    return f"{sum(c['seconds'] for c in data['cells'].values()) / 60:.0f} minutes of searching on one core"


def _exact(cells: list[dict]) -> bool:
    """Is every fresh input right, at both sizes, in some seed?"""
    return any(all(x["exact"] == x["graphs"] for x in c["after"].values()) for c in cells)


def _headline(cells: dict, names: list[str]) -> str:
    found = [[n for n in names if _exact(cells.get((n, kind), []))] for kind in ("trained", "untrained")]
    said = [f"{len(x)}{': ' * bool(x)}{', '.join(x)}" for x in found]
    return (
        f"Of {len(names)} targets these are found, exact on every fresh input at n = 16 and 64 in at least "
        f"one of two seeds: {said[0]}. By the control: {said[1]}.{_missing(cells, names)}"
    )


def _missing(cells: dict, names: list[str]) -> str:
    """Targets that were searched for under one seed alone."""
    one = [n for n in names if min(len(cells.get((n, kind), [])) for kind in ("trained", "untrained")) < 2]
    return f" Of {', '.join(one)} a second seed is missing (`--resume`)." if one else ""
