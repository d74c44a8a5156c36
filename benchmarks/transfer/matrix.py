"""Which known algorithm helps which new one: a processor trained on one alone, tuned on one trace of another.

    python benchmarks/transfer/matrix.py     # some five minutes; writes matrix.json, docs/transfer-matrix.png

A cell is the share of scratch's wrong contexts that is left (mean of four draws). Beside it what could have told it: is
the chapter the same, the share of the new algorithm's names (standard ones) and operations that the known one uses, and
the cosine of the gradients of the shared weights on all contexts of the one and of the other, at random weights and at
those of the processor that knows the one (with the codes that a fit of the other starts from).
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import click
import numpy as np
import torch
from learners import Drawn

from algorithms import registry
from neural_exec.adding.fit import extend, fit, plan, wrong_in
from neural_exec.examples import Examples
from neural_exec.network.meaning import Names, is_symbol, meanings_of
from neural_exec.network.step import Step, loss
from neural_exec.training.trainer import Recipe, Trainer

HERE = Path(__file__).parent
KNOWN = ("bfs", "dfs", "dijkstra", "mst_kruskal", "bridges", "insertion_sort", "quicksort", "heapsort", "lcs_length",
         "naive_string_matcher", "matrix_chain_order", "jarvis_march")  # fmt: skip
NEW = ("mst_prim", "bellman_ford", "articulation_points", "topological_sort", "quickselect", "bubble_sort",
       "edit_distance", "kmp_matcher")  # fmt: skip
K, SEEDS, RATE = 1, 4, 1e-3


def names_of(drawn: Drawn) -> tuple[set[str], set[str]]:
    """Standard names, and operations by their slots."""
    names = Names()
    meanings_of(drawn.machine, names)
    words = {n for n in names.names[1:] if not is_symbol(n) and not names.owner(n)}
    return words, {tuple(o.slots()) for g in drawn.machine.groups.values() for o in g.operations}


def wrong_after(drawn: Drawn, seed: int, trained: tuple[Step, Names] | None) -> tuple[int, int]:
    """Wrong contexts after a tuned fit on a few traces; updates to zero training error."""
    torch.manual_seed(1000 + seed)
    step, names = copy.deepcopy(trained[0]) if trained else Step(Names()), Names(trained[1].names if trained else None)
    rows = extend(step, names, plan(drawn.machine, names, 41), torch.Generator().manual_seed(seed))
    meanings, few = meanings_of(drawn.machine, names), drawn.supports[seed, K]
    tables = [(m, few[g]) for g, m in meanings.items()]
    done = fit(step, tables, rows, shared=RATE if trained else 3e-3, updates=200, settle=15)
    wrong = 0
    with torch.no_grad():
        for g, m in meanings.items():
            t = drawn.truth[g]
            if len(t.codes):
                wrong += int(wrong_in(step([(m, m.tokens(t.codes))])[0], torch.from_numpy(t.consistent)).sum())
    return wrong, done.updates if done.zero is None else done.zero


def gradient(step: Step, names: Names, drawn: Drawn) -> torch.Tensor:
    """Of the shared weights, by the loss on all contexts of an algorithm."""
    tables = [(m, drawn.truth[g]) for g, m in meanings_of(drawn.machine, names).items() if len(drawn.truth[g].codes)]
    logits = step([(m, m.tokens(t.codes)) for m, t in tables])
    total = sum(loss(x, torch.from_numpy(t.consistent)).mean() for x, (_, t) in zip(logits, tables))
    return torch.cat([g.flatten() for g in torch.autograd.grad(total, step.shared_parameters())])


def cosine(known: Drawn, new: Drawn, trained: tuple[Step, Names] | None) -> float:
    """Of the gradients on two algorithms: at a processor, or at random weights and codes of all their names."""
    torch.manual_seed(1000)
    names = Names(trained[1].names if trained else None)
    if trained:
        step = copy.deepcopy(trained[0])
        chosen = plan(new.machine, names, 41)
        extend(step, names, chosen, torch.Generator().manual_seed(0))
    else:
        for d in (known, new):
            meanings_of(d.machine, names)
        step = Step(names)
    return float(torch.cosine_similarity(gradient(step, names, known), gradient(step, names, new), dim=0))


@click.command()
def main() -> None:
    torch.set_num_threads(1)
    drawn = {a: Drawn(a, [K, 60], SEEDS, more=30) for a in dict.fromkeys((*KNOWN, *NEW))}
    scratch = {b: np.mean([wrong_after(drawn[b], s, None) for s in range(SEEDS)], axis=0).tolist() for b in NEW}
    cells, about = {}, {a: names_of(d) for a, d in drawn.items()}
    for a in KNOWN:
        trainer = Trainer(
            [Examples(a, drawn[a].machine, drawn[a].truth, drawn[a].truth, 0, 0)], 0, Recipe(max_updates=600)
        )
        trainer.run()
        executor = trainer.executor({})
        for b in NEW:
            wrong, zero = np.mean(
                [wrong_after(drawn[b], s, (executor.step, executor.names)) for s in range(SEEDS)], axis=0
            )
            share = lambda i, a=a, b=b: len(about[a][i] & about[b][i]) / len(about[b][i])
            cells[f"{a} {b}"] = dict(
                wrong=wrong,
                left=wrong / max(1.0, scratch[b][0]),
                zero=zero,
                chapter=float(registry.get(a).chapter == registry.get(b).chapter),
                names=share(0),
                operations=share(1),
                gradients=cosine(drawn[a], drawn[b], None),
                trained=cosine(drawn[a], drawn[b], (executor.step, executor.names)),
            )
        click.echo(f"{a}: {[round(float(cells[f'{a} {b}']['left']), 2) for b in NEW]}", err=True)
    left = [c["left"] for c in cells.values()]
    ranks = lambda x: np.argsort(np.argsort(x, kind="stable"), kind="stable").astype(float)
    predicts = {p: float(np.corrcoef(ranks([c[p] for c in cells.values()]), ranks(left))[0, 1]) for p in
                ("chapter", "names", "operations", "gradients", "trained")}  # fmt: skip
    out = dict(known=KNOWN, new=NEW, scratch=scratch, cells=cells, predicts=predicts)
    (HERE / "matrix.json").write_text(json.dumps(out, indent=1) + "\n")
    plot(out)
    click.echo(str(predicts), err=True)


def plot(data: dict) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    values = np.array([[100 * data["cells"][f"{a} {b}"]["left"] for b in data["new"]] for a in data["known"]])
    figure, ax = plt.subplots(figsize=(8, 5.5))
    image = ax.imshow(values, cmap="RdYlGn_r", vmin=0, vmax=200)
    ax.set_xticks(range(len(data["new"])), data["new"], rotation=40, ha="right", fontsize=8)
    ax.set_yticks(range(len(data["known"])), data["known"], fontsize=8)
    for i, j in np.ndindex(values.shape):
        ax.text(j, i, f"{values[i, j]:.0f}", ha="center", va="center", fontsize=7)
    ax.set(title="wrong contexts after one trace, % of scratch's", xlabel="new", ylabel="known, alone")
    figure.colorbar(image, shrink=0.8)
    figure.tight_layout()
    figure.savefig(HERE.parents[1] / "docs" / "transfer-matrix.png", dpi=110)


if __name__ == "__main__":
    main()
