"""Predict, then execute: a network predicts numbers, the learned executor solves, a loss goes back through both.

    python benchmarks/gradients/predict_then_execute.py                 # all three tasks, some 25 minutes on one core
    python benchmarks/gradients/predict_then_execute.py --task terrain  # one of them: pyepo, terrain, sort

Writes benchmarks/gradients/predict_then_execute.json and, from it, PREDICT_THEN_EXECUTE.md. The extra `bench` has what
it is compared with: PyEPO and its solver OR-Tools; torchsort is taken if it is there.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from itertools import product
from pathlib import Path

import click
import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from neural_exec.nn import Rank, ShortestPath, Sort, losses

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))
from maps import CostNet, TerrainGrid, eight_neighbours

HERE = Path(__file__).resolve().parent
DATA, PAGE = HERE / "predict_then_execute.json", HERE / "PREDICT_THEN_EXECUTE.md"
Rows = list[dict]


def per_cent(cost: Tensor, best: Tensor) -> float:
    """Normalised regret."""
    return 100 * float((cost - best).sum() / best.abs().sum())


def steps(rows: list, what: str):
    return track(rows, what, console=Console(stderr=True))


# ---------------------------------------------------------------- PyEPO's tabular task
SIDE, FEATURES, TRAIN, TEST, EPOCHS, SAMPLES = 5, 5, 1000, 1000, 8, 10


def grid_arcs() -> Tensor:
    """edge_index of PyEPO's grid, its arcs in its order: to the right and downwards."""
    arcs = []
    for i in range(SIDE):
        arcs += [(i * SIDE + j, i * SIDE + j + 1) for j in range(SIDE - 1)]
        arcs += [(i * SIDE + j, (i + 1) * SIDE + j) for j in range(SIDE)] if i < SIDE - 1 else []
    return torch.tensor(arcs).T


def fit_linear(loss: Callable, x: Tensor, seed: int, epochs: int) -> tuple[torch.nn.Linear, float]:
    """The same weights and order of batches for the same seed; loss (predicted, rows) -> (). Model and CPU seconds."""
    torch.manual_seed(seed)
    model = torch.nn.Linear(FEATURES, grid_arcs().shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    order = torch.Generator().manual_seed(seed)
    start = time.process_time()
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=order).split(32):
            optimizer.zero_grad()
            loss(model(x[rows]), rows).backward()
            optimizer.step()
    return model, time.process_time() - start


def tabular(seeds: int, epochs: int) -> Rows:
    import pyepo
    from pyepo.data.shortestpath import genData
    from pyepo.model.ort import shortestPathModel
    from torch.utils.data import DataLoader

    solver = shortestPathModel((SIDE, SIDE))
    layer = ShortestPath(grid_arcs(), 0, SIDE * SIDE - 1)
    assert solver.arcs == [tuple(a) for a in grid_arcs().T.tolist()]
    layer.solution(torch.rand(32, len(solver.arcs)))  # load and lay out before the clock runs
    rows = []
    for degree, noise, seed in steps(list(product((1, 4, 6), (0.0, 0.5), range(seeds))), "PyEPO's task"):
        x, c = genData(TRAIN + TEST, FEATURES, (SIDE, SIDE), deg=degree, noise_width=noise, seed=seed)
        data, test = (pyepo.data.dataset.optDataset(solver, x[i], c[i]) for i in (slice(TRAIN), slice(TRAIN, None)))
        arrays = data.feats, data.costs, data.sols, data.objs, test.feats, test.costs
        x, c, y, z, new_x, new_c = (torch.as_tensor(a, dtype=torch.float32) for a in arrays)
        spo = pyepo.func.SPOPlus(solver, processes=1)
        fy = pyepo.func.perturbedFenchelYoung(solver, n_samples=SAMPLES, sigma=1.0, processes=1, seed=seed)
        ours = {
            "MSE": lambda w, i: ((w - c[i]) ** 2).mean(),
            "SPO+": lambda w, i: losses.spo_plus(layer, w, c[i], y[i]),
            "Fenchel-Young": lambda w, i: losses.fenchel_young(layer, w, y[i], samples=SAMPLES, sigma=1.0),
        }
        theirs = {
            "SPO+": lambda w, i: spo(w, c[i], y[i], z[i]),
            "Fenchel-Young": lambda w, i: fy(w, y[i]),
        }
        best = (new_c.double() * layer.solution(new_c)).sum(1)
        for name in ours:
            row = {"degree": degree, "noise": noise, "seed": seed, "loss": name}
            model, row["seconds"] = fit_linear(ours[name], x, seed, epochs)
            row["regret"] = per_cent((new_c.double() * layer.solution(model(new_x))).sum(1), best)
            if name in theirs:
                model, row["PyEPO seconds"] = fit_linear(theirs[name], x, seed, epochs)
                row["PyEPO regret"] = 100 * float(pyepo.metric.regret(model, solver, DataLoader(test, batch_size=250)))
            rows.append(row)
    return rows


def by_batch() -> Rows:
    """CPU milliseconds of a loss, forward and back, against the size of the batch."""
    import pyepo
    from pyepo.model.ort import shortestPathModel

    solver, layer = shortestPathModel((SIDE, SIDE)), ShortestPath(grid_arcs(), 0, SIDE * SIDE - 1)
    spo = pyepo.func.SPOPlus(solver, processes=1)
    fy = pyepo.func.perturbedFenchelYoung(solver, n_samples=SAMPLES, sigma=1.0, processes=1)
    rows = []
    for batch in (32, 128, 512):
        draw = torch.Generator().manual_seed(batch)
        w, c = (1 + torch.rand(batch, len(solver.arcs), generator=draw) for _ in range(2))
        y = layer.solution(c).float()
        z = (c * y).sum(1, keepdim=True)
        w.requires_grad_()
        of = {
            "SPO+": lambda: losses.spo_plus(layer, w, c, y),
            "PyEPO SPO+": lambda: spo(w, c, y, z),
            "Fenchel-Young": lambda: losses.fenchel_young(layer, w, y, samples=SAMPLES),
            "PyEPO Fenchel-Young": lambda: fy(w, y),
        }
        rows.append({"batch": batch, **{name: 1e3 * seconds_of(f, w, 9) for name, f in of.items()}})
    return rows


def by_batch_page(rows: Rows) -> list[str]:
    names = list(rows[0])[1:]
    return [
        "",
        f"| batch | {' | '.join(names)} |",
        "| --- |" + " --- |" * len(names),
        *(f"| {r['batch']} | " + " | ".join(f"{r[n]:.1f}" for n in names) + " |" for r in rows),
        "",
        f"CPU milliseconds of a loss, forward and back (Fenchel-Young: {SAMPLES} samples). A run of the executor takes"
        " 1 to 3 ms however small the batch is, and then little for each instance; a solver takes the same for each.",
    ]


def tabular_page(rows: Rows) -> list[str]:
    def cell(values: list[float]) -> str:
        return f"{np.mean(values):.2f} ± {np.std(values):.2f}"

    lines = [
        "| degree | noise | loss | regret % | PyEPO's regret % | largest difference | s | PyEPO's s | ratio |",
        "|" + " --- |" * 9,
    ]
    for degree, noise, loss in dict.fromkeys((r["degree"], r["noise"], r["loss"]) for r in rows):
        here = [r for r in rows if (r["degree"], r["noise"], r["loss"]) == (degree, noise, loss)]
        of = lambda key: [r[key] for r in here]
        line = [f"{degree}", f"{noise}", loss, cell(of("regret"))]
        seconds = np.mean(of("seconds"))
        if "PyEPO regret" in here[0]:
            apart = max(abs(r["regret"] - r["PyEPO regret"]) for r in here) / 100
            theirs = np.mean(of("PyEPO seconds"))
            line += [cell(of("PyEPO regret")), f"{apart:.1e}", f"{seconds:.1f}", f"{theirs:.1f}"]
            line += [f"{theirs / seconds:.1f}"]
        else:
            line += ["", "", f"{seconds:.1f}", "", ""]
        lines.append("| " + " | ".join(line) + " |")
    seeds = len({r["seed"] for r in rows})
    lines += [
        "",
        f"{SIDE} × {SIDE} grid, linear model of {FEATURES} features, {TRAIN:,} instances to learn from and {TEST:,} to"
        f" be tested on, Adam at .01, batches of 32; {seeds} seeds, each with its own data, ± their standard deviation."
        " For one seed data, first weights and order of batches are the same on both sides, so SPO+ has to give the"
        f" same regret; Fenchel-Young ({SAMPLES} samples, σ = 1) draws other noise. s: CPU seconds of training, one"
        " thread, the solutions of the training instances given; ratio: PyEPO's to ours. The largest difference is of"
        " the regrets of one seed, as a fraction (1e-04 is .01 %). Our regret is measured by the learned"
        " executor, PyEPO's by its own metric.",
    ]
    return lines


# ---------------------------------------------------------------- TerrainGrid
TESTS = {12: 500, 24: 200, 48: 100}
TOLD = ("MSE", "SPO+")
OF_TERRAIN = [
    ("MSE", False), ("SPO+", False), ("hinge", False), ("Fenchel-Young", False), ("perceptron", False),
    ("MSE", True), ("SPO+", True), ("hinge", True), ("Fenchel-Young", True), ("perceptron", True),
]  # fmt: skip


def terrain_losses(layer: ShortestPath) -> dict[str, Callable]:
    return {
        "MSE": lambda w, c, y: ((w - c) ** 2).mean(),
        "SPO+": lambda w, c, y: losses.spo_plus(layer, w, c, y),
        "hinge": lambda w, c, y: losses.hinge(layer, w, y, margin=0.3),
        "Fenchel-Young": lambda w, c, y: losses.fenchel_young(layer, w, y, samples=2, sigma=0.5),
        "perceptron": lambda w, c, y: losses.perceptron(layer, w, y),
    }


def solutions(layer: ShortestPath, costs: Tensor, batch: int = 50) -> Tensor:
    return torch.cat([layer.solution(part) for part in costs.split(batch)])


def scipy_best(costs: Tensor, side: int) -> Tensor:
    """Costs of the cheapest paths by scipy's Dijkstra, a check on the executor's."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    u, v = eight_neighbours(side).numpy()
    graphs = (csr_matrix((c[v], (u, v)), shape=(side**2, side**2)) for c in costs.numpy())
    return torch.tensor([float(dijkstra(g, indices=0)[-1]) for g in graphs]) + costs[:, 0]


def fit_terrain(name: str, layer: ShortestPath, maps: TerrainGrid, c: Tensor, y: Tensor, seed: int, epochs: int):
    """The trained network, CPU seconds of training, and of these in the loss."""
    torch.manual_seed(seed)
    net, batch, loss = CostNet(), 50, terrain_losses(layer)[name]
    optimizer = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=epochs * -(-len(maps) // batch))
    start, in_loss = time.process_time(), 0.0
    for _ in range(epochs):
        for rows in torch.randperm(len(maps)).split(batch):
            w = net(maps.images[rows])
            begin = time.process_time()
            (g,) = torch.autograd.grad(loss(w, c[rows], y[rows]), w)
            in_loss += time.process_time() - begin
            optimizer.zero_grad()
            w.backward(g)
            optimizer.step()
            schedule.step()
    return net.eval(), time.process_time() - start, in_loss


def terrain(seeds: int, epochs: int, count: int) -> Rows:
    layers = {s: ShortestPath(eight_neighbours(s), 0, s * s - 1, weights="node") for s in TESTS}
    tests = {side: TerrainGrid(many, side, seed=10_000 + side) for side, many in TESTS.items()}
    best = {side: (t.costs * solutions(layers[side], t.costs)).sum(1) for side, t in tests.items()}
    for side, t in tests.items():
        torch.testing.assert_close(best[side], scipy_best(t.costs, side).double(), atol=1e-3, rtol=1e-5)
    rows = []
    for seed in range(seeds):
        maps = TerrainGrid(count, 12, seed=100 + seed)
        draw = torch.Generator().manual_seed(seed)
        costs = {
            False: maps.costs,
            True: maps.costs * (0.25 + 1.5 * torch.rand(maps.costs.shape, generator=draw).double()),
        }
        paths = {noisy: solutions(layers[12], c) for noisy, c in costs.items()}
        for name, noisy in steps(OF_TERRAIN, f"TerrainGrid, seed {seed}"):
            net, seconds, in_loss = fit_terrain(name, layers[12], maps, costs[noisy], paths[noisy], seed, epochs)
            row = {"seed": seed, "loss": name, "noisy": noisy, "seconds": seconds, "seconds in the loss": in_loss}
            for side, t in tests.items():
                with torch.no_grad():
                    w = torch.cat([net(images) for images in t.images.split(20)])
                cost = (t.costs * solutions(layers[side], w)).sum(1)
                row[f"regret {side}"] = per_cent(cost, best[side])
                row[f"optimal {side}"] = 100 * float((cost <= best[side] + 1e-9).double().mean())
            rows.append(row)
    return rows


def terrain_page(rows: Rows) -> list[str]:
    sizes = " | ".join(f"{s} × {s}" for s in TESTS)
    lines = [f"| loss | told | labels | {sizes} | s | of these in the loss |", "|" + " --- |" * (5 + len(TESTS))]
    for noisy, name in dict.fromkeys((r["noisy"], r["loss"]) for r in rows):
        here = [r for r in rows if (r["noisy"], r["loss"]) == (noisy, name)]
        of = lambda key: [r[key] for r in here]
        line = [name, "costs" if name in TOLD else "paths", "noisy" if noisy else "clean"]
        for side in TESTS:
            regret, optimal = of(f"regret {side}"), np.mean(of(f"optimal {side}"))
            line.append(f"{np.mean(regret):.2f} ± {np.std(regret):.2f} ({optimal:.0f} %)")
        line += [f"{np.mean(of('seconds')):.0f}", f"{np.mean(of('seconds in the loss')):.1f}"]
        lines.append("| " + " | ".join(line) + " |")
    return lines


def terrain_notes(settings: dict) -> list[str]:
    tests = ", ".join(f"{many} of {side} × {side}" for side, many in TESTS.items())
    return [
        "",
        "Normalised regret in %, ± the standard deviation over seeds; in brackets the maps on which the path found has"
        f" the optimal cost (most maps have several best paths). {settings['seeds']} seeds, each with its own"
        f" {settings['maps']:,} maps of 12 × 12 tiles, first weights and order; {settings['epochs']} epochs, batches of"
        f" 50, Adam, one cycle up to .005; a convolutional network of 31,000 parameters. Tested on new maps, {tests}."
        " Noisy labels: each tile's cost is multiplied by a number from .25 to 1.75 before the label is made; tests are"
        " on the costs without noise. hinge: margin .3; Fenchel-Young: 2 samples, σ = .5. s: CPU seconds, one thread.",
    ]


# ---------------------------------------------------------------- Sort and Rank
def torchsort_version() -> str | None:
    try:
        return version("torchsort")
    except ImportError:
        return None


class _Projection(torch.autograd.Function):
    """Rows z (B, n) projected on the permutahedron of the descending w (B, n), by isotonic regression."""

    @staticmethod
    def forward(ctx, z: Tensor, w: Tensor) -> Tensor:
        from sklearn.isotonic import isotonic_regression

        s, order = z.double().sort(1, descending=True)
        v = np.stack([isotonic_regression(row, increasing=False) for row in (s - w).numpy()])
        new = np.ones(v.shape, bool)
        new[:, 1:] = v[:, 1:] != v[:, :-1]
        blocks = torch.from_numpy(new.cumsum(1) - 1)
        ctx.save_for_backward(order, blocks)
        return z - torch.empty_like(s).scatter_(1, order, torch.from_numpy(v)).to(z.dtype)

    @staticmethod
    def backward(ctx, g: Tensor):
        order, blocks = ctx.saved_tensors
        g_sorted = g.gather(1, order)
        zeros = torch.zeros_like(g_sorted)
        sums = zeros.scatter_add(1, blocks, g_sorted)
        mean = (sums / zeros.scatter_add(1, blocks, torch.ones_like(zeros)).clamp(min=1)).gather(1, blocks)
        return g - torch.empty_like(mean).scatter_(1, order, mean), mean


def soft_sort(w: Tensor, strength: float) -> Tensor:
    """Ascending, (B, n); the method of torchsort, which is taken if it is there."""
    if torchsort_version():
        import torchsort

        return torchsort.soft_sort(w, regularization_strength=strength)
    rho = torch.arange(w.shape[1], 0, -1.0, dtype=w.dtype)
    return _Projection.apply((rho / strength).expand_as(w), w.sort(1, descending=True).values).flip(1)


def soft_rank(w: Tensor, strength: float) -> Tensor:
    """Ascending ranks from 1, (B, n)."""
    if torchsort_version():
        import torchsort

        return torchsort.soft_rank(w, regularization_strength=strength)
    rho = torch.arange(w.shape[1], 0, -1.0, dtype=w.dtype)
    return _Projection.apply(w / strength, rho.expand_as(w))


def keys(count: int, n: int, seed: int = 0) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return (1 + torch.rand(count, n, generator=draw, dtype=torch.float64)).requires_grad_()


def seconds_of(f: Callable[[], Tensor], w: Tensor, runs: int) -> float:
    taken = []
    for _ in range(runs + 1):
        start = time.process_time()
        torch.autograd.grad(f().sum(), w)
        taken.append(time.process_time() - start)
    return float(np.median(taken[1:] or taken))


def ordered(loss: Callable[[Tensor, Tensor], Tensor], n: int = 16, count: int = 32, rounds: int = 100) -> float:
    """Descend on loss(keys, true ranks) from random keys to random orders; the share of lists in the true order."""
    w, target = keys(count, n).detach(), keys(count, n, seed=1).detach().argsort(1).argsort(1) + 1.0
    w.requires_grad_()
    optimizer = torch.optim.Adam([w], lr=0.05)
    for _ in range(rounds):
        optimizer.zero_grad()
        loss(w, target).backward()
        optimizer.step()
    return 100 * float((w.argsort(1).argsort(1) + 1 == target).all(1).double().mean())


def sorting(count: int = 32) -> Rows:
    torch.manual_seed(0)
    rows, layer, ranks = [], Sort(), Rank()
    for n in steps([16, 100, 1000], "sorts"):
        w = keys(count, n)
        c = torch.randn(n, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
        gradient = lambda f: torch.autograd.grad((f(w) * c).sum(), w)[0]
        exact = gradient(layer)
        assert torch.equal(exact, gradient(lambda w: w.sort(1).values))
        row = {"n": n}
        for strength in (1e-2, 1.0, 100.0):
            row[f"sort, strength {strength:g}"] = float(
                (gradient(lambda w: soft_sort(w, strength)) - exact).abs().max()
            )
        if n <= 100:
            ours = gradient(lambda w: ranks.soft(w, samples=16, sigma=0.1))
            for strength in (0.01, 0.1, 1.0):
                soft = gradient(lambda w: soft_rank(w, strength))
                row[f"rank, strength {strength:g}"] = float(torch.cosine_similarity(ours, soft, dim=1).mean())
        runs = 5 if n <= 100 else 1
        row["s"] = {
            "Sort": seconds_of(lambda: layer(w), w, runs),
            "soft_sort": seconds_of(lambda: soft_sort(w, 0.1), w, runs),
            "torch.sort": seconds_of(lambda: w.sort(1).values, w, runs),
            "Rank().soft, 4 samples": seconds_of(lambda: ranks.soft(w), w, runs if n < 1000 else 0),
            "soft_rank": seconds_of(lambda: soft_rank(w, 0.1), w, runs),
        }
        if n == 16:
            squared = lambda rank: lambda w, target: ((rank(w) - target) ** 2).mean()
            row["ordered"] = {
                "squared error of soft_rank (strength .1)": ordered(squared(lambda w: soft_rank(w, 0.1))),
                "squared error of `Rank().soft` (σ = .1)": ordered(squared(lambda w: ranks.soft(w, sigma=0.1))),
                "`fenchel_young` on `Sort` (σ = .1)": ordered(
                    lambda w, target: losses.fenchel_young(layer, w, target, samples=4, sigma=0.1)
                ),
            }
        rows.append(row)
    return rows


def sorting_page(rows: Rows) -> list[str]:
    installed = torchsort_version()
    other = (
        f"torchsort {installed}" if installed else "torchsort's method, made with scikit-learn's isotonic regression"
    )
    kinds = list(rows[0]["s"])
    lines = [f"| n | {' | '.join(kinds)} |", "| --- |" + " --- |" * len(kinds)]
    lines += [f"| {r['n']:,} | " + " | ".join(f"{1e3 * r['s'][k]:,.1f}" for k in kinds) + " |" for r in rows]
    lines += ["", f"CPU milliseconds, forward and back, 32 lists, one thread; soft_sort and soft_rank: {other}."]
    if not installed:
        lines[-1] += " torchsort itself, compiled, was not measured."
    names = [k for k in rows[0] if k.startswith(("sort,", "rank,"))]
    lines += ["", f"| n | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    for r in rows:
        cells = (f"{r[k]:.1e}" if k.startswith("sort") else f"{r[k]:.2f}" for k in names if k in r)
        lines.append(f"| {r['n']:,} | " + " | ".join(cells) + " |" * (1 + sum(k not in r for k in names)))
    done = rows[0]["ordered"]
    lines += [
        "",
        "Gradients of Σ cᵢ·outᵢ for random c, keys from 1 to 2. sort: the largest difference of soft_sort's from that"
        " of `Sort`, which is a permutation, bit-equal to torch.sort's. rank: mean cosine between soft_rank's gradient"
        " and that of `Rank().soft` (16 samples, σ = .1).",
        "",
        "Descent from random keys to random orders (n = 16, 32 lists, 100 steps of Adam at .05): lists in the true"
        + " order, "
        + "; ".join(f"{name}: {share:.0f} %" for name, share in done.items())
        + ".",
    ]
    return lines


# ---------------------------------------------------------------- the page
def goals(found: dict) -> list[str]:
    """What was to be reached, and was it?"""
    rows = []

    def goal(what: str, figures: list[float], limit: float, unit: str, least: bool = False) -> None:
        worst = min(figures) if least else max(figures)
        reached = worst >= limit if least else worst <= limit
        shown = f"{worst:.1e}" if worst < 1e-2 else f"{worst:.2f}"
        rows.append(
            f"| {what} | {'≥' if least else '≤'} {limit:g}{unit} | {shown}{unit} | {'yes' if reached else 'no'} |"
        )

    if "pyepo" in found:
        data = found["pyepo"]["rows"]
        mean = lambda key, **of: float(np.mean([r[key] for r in data if all(r[k] == v for k, v in of.items())]))
        apart = [abs(r["regret"] - r["PyEPO regret"]) / 100 for r in data if r["loss"] == "SPO+"]
        goal("PyEPO's task: SPO+ beside PyEPO's, largest difference of a run", apart, 1e-4, "")
        for degree, limit in ((4, 9.5), (6, 10.5)):
            figures = [mean("regret", degree=degree, noise=0.5, loss=n) for n in ("SPO+", "Fenchel-Young")]
            goal(f"regret at degree {degree}, noise .5, SPO+ and Fenchel-Young", figures, limit, " %")
        for name, limit in (("SPO+", 1.0), ("Fenchel-Young", 5.0)):
            ratio = mean("PyEPO seconds", loss=name) / mean("seconds", loss=name)
            goal(f"{name}, batches of 32: PyEPO's seconds / ours", [ratio], limit, "", least=True)
    if "terrain" in found:
        data = found["terrain"]["rows"]
        regret = lambda side, noisy, *names: [
            float(np.mean([r[f"regret {side}"] for r in data if (r["loss"], r["noisy"]) == (n, noisy)])) for n in names
        ]
        paths = "hinge", "Fenchel-Young"
        goal("TerrainGrid: SPO+, 12 × 12", regret(12, False, "SPO+"), 0.9, " %")
        goal("SPO+, 48 × 48", regret(48, False, "SPO+"), 2, " %")
        goal("hinge and Fenchel-Young, 12 × 12", regret(12, False, *paths), 4, " %")
        goal("hinge and Fenchel-Young, 48 × 48", regret(48, False, *paths), 6, " %")
        goal("hinge and Fenchel-Young, 12 × 12, noisy labels", regret(12, True, *paths), 6, " %")
    return ["", "| goal | limit | measured, the worst | reached |", "| --- | --- | --- | --- |", *rows]


def page(found: dict) -> str:
    lines = ["# Predict, then execute", "", "Made by `python benchmarks/gradients/predict_then_execute.py`."]
    lines += goals(found) if found.keys() & {"pyepo", "terrain"} else []
    if "pyepo" in found:
        lines += ["", "## PyEPO's tabular task", "", *tabular_page(found["pyepo"]["rows"])]
        lines[-1] += f" {found['pyepo']['settings']['epochs']} epochs; {found['pyepo']['settings']['versions']}."
        lines += by_batch_page(found["pyepo"]["by batch"])
    if "terrain" in found:
        lines += ["", "## TerrainGrid", "", *terrain_page(found["terrain"]["rows"])]
        lines += terrain_notes(found["terrain"]["settings"])
    if "sort" in found:
        lines += ["", "## Sort and Rank", "", *sorting_page(found["sort"]["rows"])]
    return "\n".join(lines) + "\n"


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--task", type=click.Choice(["pyepo", "terrain", "sort"]), multiple=True, help="All, if not said.")
@click.option("--seeds", type=int, help="5 for pyepo, 3 for terrain, if not said.")
@click.option("--epochs", type=int, help=f"{EPOCHS} for pyepo, 8 for terrain, if not said.")
@click.option("--maps", default=2000, show_default=True, help="Terrain maps to learn from.")
@click.option("--quick", is_flag=True, help="One seed, one epoch, few maps; prints the page and writes nothing.")
def main(task: tuple[str, ...], seeds: int | None, epochs: int | None, maps: int, quick: bool) -> None:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    if quick:
        seeds, epochs, maps = 1, 1, 100
    found = {} if quick or not DATA.exists() else json.loads(DATA.read_text())
    for name in task or ("sort", "terrain", "pyepo"):
        if name == "pyepo":
            settings = {"seeds": seeds or 5, "epochs": epochs or EPOCHS}
            rows = tabular(settings["seeds"], settings["epochs"])
            settings["versions"] = f"PyEPO {version('pyepo')} with OR-Tools {version('ortools')}"
        elif name == "terrain":
            settings = {"seeds": seeds or 3, "epochs": epochs or 8, "maps": maps}
            rows = terrain(settings["seeds"], settings["epochs"], maps)
        else:
            settings, rows = {"torchsort": torchsort_version()}, sorting()
        found[name] = {"settings": settings, "rows": rows}
        if name == "pyepo":
            found[name]["by batch"] = by_batch()
        if not quick:
            DATA.write_text(json.dumps(found, indent=1) + "\n")
            PAGE.write_text(page(found))
    print(page(found))


if __name__ == "__main__":
    main()
