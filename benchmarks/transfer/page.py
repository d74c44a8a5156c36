"""TRANSFER.md and docs/transfer.png, from the cells of `transfer.py`."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean, median

from cells import (
    BUDGETS,
    CHOICE,
    CONTROL,
    COPIED,
    FOUR,
    FROZEN,
    MIX,
    NEW,
    OWN,
    PERMUTED,
    PLAIN,
    SHARED,
    TOLD,
    TUNED,
    WIDE,
    WORDS,
    Cells,
    exactness,
    traces_to_exactness,
    zeros,
)
from plots import plot, plot_frozen
from without_traces_page import section

HERE = Path(__file__).parent
TRIED = """\
- Fewer numbers a name, frozen, all names free (new and copied): with codes in 2, 4, 6, 8, 12 directions no context
  was wrong in 0, 3, 5, 6, 6 of six algorithms with others known, in 0, 3, 3, 5, 5 untrained; with codes that short in
  the training already it is no better. No count of numbers told the two apart; new names alone, all their numbers,
  did (6 and 5 of six, untrained none), but on the other chapters less so.
- Few traces, wrong contexts at 1, 2 and 4 together (one draw; another seed of the processor moves them by twenty):
  scratch 175, shared names 156; four fits voting 151 and 140; new codes that start at the mean of the known ones of
  their kind 137, at one of them 141, at noise as wide as theirs 150; a pull to the trained weights, or to the codes'
  start, 156 to 164; Reptile over the known algorithms (400 fits of eight updates) 152. Small codes at the start:
  scratch 122 and 89 (at 1 and 4 traces); the row `new codes N(0, 1)` says what that choice is worth elsewhere.
- Updates: no warm-up takes scratch from 17 to 13, shared names from 13 to 7; faster codes take scratch to 12, shared
  names nowhere; nor does Reptile."""


def interval(x) -> str:
    return f"{x[0]:+.0f} [{x[1]:+.0f}, {x[2]:+.0f}]" if x else "–"


def table(head: list[str], rows: list[list]) -> str:
    line = lambda cells: f"| {' | '.join(str(c) for c in cells)} |"
    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])


def number(x) -> str:
    return "–" if x is None else f"{x:.0f}" if x >= 10 or x == int(x) else f"{x:.1f}"


def write(data: dict, siblings: dict[str, str]) -> None:
    folds = [f for f in dict.fromkeys(r["fold"] for r in data["rows"]) if f != "siblings"]
    reported = [f for f in folds if f != CHOICE]
    cells, every = Cells(data["rows"], reported), Cells(data["rows"], folds)
    goals = _goals(data, cells, every, folds, siblings)
    page = f"""{goals["headline"]}

Made by `python benchmarks/transfer/transfer.py` ({data["seconds"] / 60:.0f} minutes on one core). Whole chapters are
held out in turn: the processors are trained on all other algorithms, until these are exact, and each held-out
algorithm is then fitted on k of its traces (n <= 16). *Wrong contexts*: of all the contexts that 240 traces show
({_contexts(cells)} of the {len(cells.tested())} algorithms reported), those in which some register's choice is not the
program's; summed over algorithms, mean of three draws of traces at k = 1, 2, 4, one draw beyond; at k = 50 and 150,
of the contexts alone that the 90 traces show which no fit sees. Brackets: 95 % interval of the
paired difference to scratch, by bootstrap over algorithms.

## Few traces

How a fit is made was chosen for each row on geometry and greedy, for scratch as well: the codes of new names start at
N(0, 1) or at 0.3 times that, whichever left fewer contexts wrong; updates to zero training error are of fits apart,
from N(0, 1), at the rate of codes where they were fewest ({_chosen(data)}).
The chapters below are the others: {"; ".join(reported)}.

{_few(data, cells, reported)}

By chapters, wrong contexts at k = 1, 2, 4 (codes per algorithm, random programs: one draw):

{_by_fold(data, folds)}

![Wrong contexts against traces](../../docs/transfer.png)

## Frozen processor, 150 traces

The shared weights stay as they are; codes are fitted. *New names alone*: of names that the processor does not know;
those that it knows mean what they meant. *One copy*, and so on: also private copies of the known names that the
algorithm uses most, which are free to leave their place. `untrained` is the control: the same network, with random
weights and random codes of the same known names, the same numbers fitted at the same rate for as long; under
permuted names more names pass for known, so fewer are fitted. A fit with more
than three wrong contexts is not run, and counts as not exact. All chapters, {len(every.tested())} algorithms.

{_frozen(data, every, folds)}

![Exact algorithms against numbers fitted](../../docs/transfer-frozen.png)

## Siblings

Six algorithms are held out together, one each of a pair whose other half is known. Traces from which on no context was
wrong (of 1, 2, 4, 8, 16, 32; median of three draws; `> 32`: not within these), and wrong contexts at one and two.

{_siblings(data, siblings)}

## Goals

{goals["text"]}

## What was tried, on geometry and greedy

Tried apart, before the run; these figures the command does not make again.

{TRIED}

## What was cut

Two seeds of the processors' own training for shared and permuted names (few traces: draw by draw), one for the others;
`graphs` holds out all of its chapter and tests eight of it; from k = 8 on one draw of traces.
{_cut(data)}

Processors: {_processors(data)}
{_matrix()}{section(siblings)}"""
    (HERE / "TRANSFER.md").write_text(page)
    plot(cells, HERE.parents[1] / "docs" / "transfer.png")
    plot_frozen(data, every, folds, HERE.parents[1] / "docs" / "transfer-frozen.png")


def _contexts(cells: Cells) -> int:
    return sum({r["algorithm"]: r["of"] for x in cells.at.values() for r in x.values()}.values())


def _chosen(data: dict) -> str:
    return "; ".join(f"{k}: {x['spread']:g}, {x['codes']:g}" for k, x in data["chosen"].items())


def _few(data: dict, cells: Cells, folds: list[str]) -> str:
    rows = []
    for arm in ("scratch", WIDE, *TUNED[1:], *COPIED, *PLAIN):
        row = [WORDS[arm]]
        for k in (1, 2, 4):
            x, d = cells.wrong(arm, k), cells.difference(arm, "scratch", k)
            one = arm in (OWN, MIX, *COPIED)  # one draw alone: beside scratch's same draw
            row.append(
                number(x)
                + ("" if arm == "scratch" or x is None else f" ({interval(d)})")
                + " *" * (one and x is not None)
            )
        row += [number(cells.wrong(arm, k)) for k in (8, 16, 50, 150)]
        soon = zeros(data, arm, folds)
        rows.append([*row, f"{median(soon):.0f}" if soon else "–"])
    head = ["", "k = 1", "k = 2", "k = 4", "8", "16", "50", "150", "updates to zero training error (median)"]
    note = "\\* one draw of traces, compared with scratch on the same draw. Frozen: codes of new names and four copies."
    return f"{table(head, rows)}\n\n{note}"


def _by_fold(data: dict, folds: list[str]) -> str:
    rows = []
    for fold in folds:
        here = Cells(data["rows"], [fold])
        name = f"{fold} (rates chosen here)" if fold == CHOICE else fold
        rows.append([name, *(" / ".join(number(here.wrong(arm, k)) for k in (1, 2, 4)) for arm in TUNED)])
    return table(["held out", *(WORDS[a].removeprefix("others known, ") for a in TUNED)], rows)


def _frozen(data: dict, every: Cells, folds: list[str]) -> str:
    rows = []
    for budget in BUDGETS:
        for arm, words in FROZEN.items():
            fits = list(every.at.get((f"{arm}, {budget}", 150), {}).values())
            if not fits:
                continue
            came = [r["zero"] for r in fits if r["zero"] is not None]
            numbers = [r["numbers"] for r in fits]
            ex = [f"{a} of {b}" for a, b in (exactness(data, f"{arm}, {budget}", folds, n) for n in (16, 32, 64))]
            rows.append(
                [budget + " alone" * (budget == NEW), words, f"{mean(numbers):,.0f} (at most {max(numbers):,})",
                 f"{sum(r['wrong'] for r in fits)} of {sum(r['of'] for r in fits):,}", *ex,
                 f"{median(came):.0f} ({len(fits) - len(came)} never)" if came else "never"]
            )  # fmt: skip
    head = ["fitted", "processor", "numbers", "wrong contexts", "algorithms exact, n = 16", "n = 32", "n = 64",
            "updates to zero training error (median)"]  # fmt: skip
    failed = [r for r in every.at.get((TOLD + NEW, 150), {}).values() if r["wrong"]]
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
    exact = {(who, what): exactness(data, who + what, folds, 64) for who in (TOLD, CONTROL) for what in BUDGETS}
    say = lambda who, what: "{} of {}".format(*exact[who, what])
    told = {x: [r["numbers"] for r in every.at.get((TOLD + x, 150), {}).values()] for x in BUDGETS}
    told = {x: n for x, n in told.items() if n}
    met = {x: (exact[TOLD, x][0] == exact[TOLD, x][1], 2 * exact[CONTROL, x][0] <= exact[CONTROL, x][1]) for x in told}
    parts = [
        f"{x}{' alone' * (x == NEW)} ({mean(n):.0f} numbers, at most {max(n)}) {say(TOLD, x)} exact at n = 64, "
        f"untrained {say(CONTROL, x)}: first half {verdict(met[x][0])}, second (at most half) {verdict(met[x][1])}"
        for x, n in told.items()
    ]
    text = [
        f"- (a) frozen, 150 traces, fewer than 1,000 numbers, by what is fitted: {'; '.join(parts)}. Both halves at "
        f"one budget: {verdict(any(all(x) for x in met.values()))}. Where every code, or those that count, may be "
        "placed at will, the step's form, which matches by names, does most of it; where known names must keep what "
        "they mean, training does, but not all of it."
    ]
    reported = [f for f in folds if f != CHOICE]
    soon = {arm: median(zeros(data, arm, reported)) for arm in TUNED}
    text.append(
        f"- (b) updates to zero training error, median, each at its own best rate: scratch {soon['scratch']:.0f}, "
        f"shared names {soon[SHARED]:.0f}, random programs {soon[MIX]:.0f} (permuted {soon[PERMUTED]:.0f}, codes per "
        f"algorithm {soon[OWN]:.0f}). {verdict(min(soon[SHARED], soon[MIX]) <= soon['scratch'] / 2)}."
    )
    halves = []
    for name in siblings:
        x, y = (median(traces_to_exactness(data, arm, name) or [float("inf")]) for arm in ("scratch", SHARED))
        halves.append(y <= x / 2 and y < float("inf"))
    text.append(f"- (c) siblings: at most half of scratch's traces for {sum(halves)} of 6. {verdict(all(halves))}.")
    share, parts, clear = {}, [], True
    for k in (1, 2, 4):
        share[k] = {arm: cells.share(arm, k) for arm in (SHARED, PERMUTED, OWN, MIX, "oracle")}
        d, e = cells.difference(SHARED, "scratch", k), cells.difference(SHARED, PERMUTED, k)
        clear &= share[k][SHARED] <= 60 and d[2] < 0 and e[2] < 0
        parts.append(
            f"k = {k}: {share[k][SHARED]:.0f} % of scratch's wrong contexts (permuted {share[k][PERMUTED]:.0f} %, with "
            f"random programs {share[k][MIX]:.0f} %, the oracle {share[k]['oracle']:.0f} %; of scratch with "
            f"new codes N(0, 1): {100 * cells.wrong(SHARED, k) / (cells.wrong(WIDE, k) or 1):.0f} %); difference to "
            f"scratch {interval(d)}, to permuted {interval(e)}"
        )
    text.append(f"- (d) shared names, few traces: {'; '.join(parts)}. {verdict(clear)}.")
    saved = all(cells.difference(SHARED, other, (1, 2, 4))[2] < 0 for other in ("scratch", PERMUTED))
    few = "few-trace learning transfers too" if saved else "what to do from few traces does not transfer"
    headline = (
        f"What transfers is execution by a frozen processor: {say(TOLD, FOUR)} algorithms that it never saw are exact "
        f"at n = 64, told in {mean(told[FOUR]):.0f} numbers on average, at most {max(told[FOUR])}, from 150 traces "
        f"(the control, frozen and untrained: {say(CONTROL, FOUR)}, in {_slower(every):.1f} times the updates); told "
        f"their new names alone, {say(TOLD, NEW)} (control {say(CONTROL, NEW)}); {few}, where whole chapters are held "
        f"out: with one trace shared names leave {share[1][SHARED]:.0f} % of scratch's wrong contexts, permuted names "
        f"{share[1][PERMUTED]:.0f} %, codes per algorithm {share[1][OWN]:.0f} %."
    )
    return dict(text="\n".join(text), headline=headline)


def _slower(every: Cells) -> float:
    """How many times the updates to zero training error the untrained processor takes, frozen, with four copies."""
    soon = lambda arm: [r["updates"] if r["zero"] is None else r["zero"] for r in every.at[arm + FOUR, 150].values()]
    return median(soon(CONTROL)) / median(soon(TOLD))


def _cut(data: dict) -> str:
    return f"Out of time: {len(data['cut'])} cells ({'; '.join(data['cut'][:4])} …)." if data["cut"] else ""


def _matrix() -> str:
    """One known algorithm at a time, where `matrix.py` was run."""
    if not (path := HERE / "matrix.json").exists():
        return ""
    data = json.loads(path.read_text())
    at = lambda a, b, what: data["cells"][f"{a} {b}"][what]
    cell = lambda a, b: f"{100 * at(a, b, 'left'):.0f} ({at(a, b, 'zero'):.0f})"
    rows = [[a, *(cell(a, b) for b in data["new"])] for a in data["known"]]
    none = ["none (scratch)", *("{:.1f} wrong ({:.0f})".format(*data["scratch"][b]) for b in data["new"])]
    left = [c["left"] for c in data["cells"].values()]
    words = dict(
        chapter="the same chapter",
        names="the share of names",
        operations="the share of operations",
        gradients="the cosine of gradients at random weights",
        trained="at the known one's processor",
    )
    predicts = ", ".join(f"{words[k]} {v:+.2f}" for k, v in data["predicts"].items())
    return f"""
## One known at a time

Made by `python benchmarks/transfer/matrix.py`: a processor that knows one algorithm alone, tuned on one trace of
another (mean of four draws). Wrong contexts in % of scratch's, and in brackets the updates to zero training error. Over
all cells {100 * mean(left):.0f} % on average, least {100 * min(left):.0f} %. Rank correlation of what is left with what
the two share: {predicts} (negative: it helps).

{table(["known", *data["new"]], [none, *rows])}

![Which known algorithm helps which new one](../../docs/transfer-matrix.png)
"""


def _processors(data: dict) -> str:
    wrong = [f"{p['kind']} without {p['fold']}: {p['wrong']}" for p in data["processors"] if p["wrong"]]
    seconds = [p["seconds"] for p in data["processors"]]
    return (
        f"{len(data['processors'])}, each {min(seconds):.0f} to {max(seconds):.0f} s; wrong contexts of what it "
        f"knows: {'; '.join(wrong) or 'none'}."
    )
