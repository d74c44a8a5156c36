"""How well a model generalises: fresh graphs, by algorithm, size, family and seed, judged against references.

An answer is right where the algorithm's independent check accepts every element of every output (any valid
shortest-path tree or order counts); a graph is *exact* where the run halted and all is right. Beside it, how often the
run is the program's own: the same registers after every tick.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import product, zip_longest

import numpy as np

from algorithms.errors import ArgumentError, UnknownAlgorithmError, did_you_mean
from algorithms.spec import Spec
from neural_exec.examples import rng_of
from neural_exec.parallel import each
from neural_exec.plain_executor import PlainExecutor
from neural_exec.runner import Runner

__all__ = ["Report", "Row", "evaluate"]

_TRACED = 256  # sizes up to which runs are compared with the program's own, tick by tick


@dataclass(frozen=True)
class Row:
    """Some graphs of one algorithm, size, family and seed.

    exact: graphs with every output right; nodes: share of right elements over all outputs; outputs: output -> share of
    graphs on which all of it is right; same: graphs on which the run is the program's own (None: not compared);
    unseen: contexts met that were never in training (None: the model has none); ticks: mean; seconds: in all.
    """

    model: str
    algorithm: str
    size: int
    family: str
    trained_on: bool
    seed: int
    graphs: int
    exact: int
    halted: int
    nodes: float
    outputs: dict[str, float]
    same: int | None
    unseen: int | None
    ticks: float
    seconds: float


@dataclass
class Report:
    """The rows of an evaluation."""

    rows: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        """Exact graphs of all, by algorithm and size; `!` where not all are."""
        lines = []
        for model in dict.fromkeys(r.model for r in self.rows):
            rows = [r for r in self.rows if r.model == model]
            sizes = sorted({r.size for r in rows})
            lines += ["", f"{model}: graphs with every output right, of all", ""]
            lines.append(
                f"{'algorithm':<30}"
                + "".join(f"{f'n = {n}':>12}" for n in sizes)
                + f"{'nodes %':>10}{'unseen':>8}{'s':>8}"
            )
            for algorithm in dict.fromkeys(r.algorithm for r in rows):
                mine = [r for r in rows if r.algorithm == algorithm]
                cells = ""
                for n in sizes:
                    here = [r for r in mine if r.size == n]
                    exact, graphs = sum(r.exact for r in here), sum(r.graphs for r in here)
                    cells += f"{f'{exact}/{graphs}' + ('' if exact == graphs else ' !'):>12}" if here else " " * 12
                nodes = 100 * sum(r.nodes * r.graphs for r in mine) / sum(r.graphs for r in mine)
                counts = [r.unseen for r in mine if r.unseen is not None]
                unseen = str(sum(counts)) if len(counts) == len(mine) else "-"
                lines.append(f"{algorithm:<30}{cells}{nodes:>10.2f}{unseen:>8}{sum(r.seconds for r in mine):>8.1f}")
        return "\n".join(lines[1:])

    @property
    def failures(self) -> list[Row]:
        """Rows in which a graph is not exact."""
        return [r for r in self.rows if r.exact < r.graphs]

    def summary(self) -> dict[str, dict[str, list[int]]]:
        """algorithm -> size (as a string, for JSON) -> [exact graphs, graphs]."""
        out: dict[str, dict[str, list[int]]] = {}
        for r in self.rows:
            cell = out.setdefault(r.algorithm, {}).setdefault(str(r.size), [0, 0])
            cell[0] += r.exact
            cell[1] += r.graphs
        return out

    def to_records(self) -> list[dict]:
        return [asdict(r) for r in self.rows]

    def to_json(self) -> str:
        return json.dumps(self.to_records(), indent=1)

    def to_csv(self) -> str:
        """A row each; outputs as JSON."""
        out = io.StringIO()
        writer = csv.DictWriter(out, list(Row.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(dict(r, outputs=json.dumps(r["outputs"])) for r in self.to_records())
        return out.getvalue()

    def to_frame(self):
        """A pandas.DataFrame (needs pandas)."""
        import pandas

        return pandas.DataFrame(self.to_records())


def graphs_at(size: int) -> int:
    """How many graphs a full evaluation draws."""
    return 100 if size <= 64 else 20 if size <= 256 else 5


def evaluate(
    executor: Runner,
    algorithms: Iterable[str] | None = None,
    sizes: Iterable[int] = (16, 64, 256),
    graphs: int | None = None,
    seeds: Iterable[int] = (0,),
    model: str | None = None,
    report: Callable[[Row], None] = lambda row: None,
    seconds: float = float("inf"),
    workers: int = 1,
) -> Report:
    """Evaluate on fresh graphs of every family, in and out of the training mix; no graph is one of training's.

    executor: whatever runs algorithms (`neural_exec.runner`): an Executor, a network beside it. graphs: of each
    algorithm, size and seed, spread over the families, in and out of the training mix (default 100 up to n = 64, 20 up
    to 256, 5 beyond).
    model: its name in the rows; that of its class, or "neural-exec", if not said. report is called after every row;
    rows that begin after `seconds` are left out. workers: how many processes, by joblib (`neural_exec.parallel`).

    Raises ArgumentError for what is no Runner, sizes below 1 and outputs that are not the algorithm's;
    UnknownAlgorithmError for an algorithm that it does not know.

    >>> import neural_exec
    >>> report = neural_exec.evaluate(neural_exec.load(), ["minimum"], sizes=[16], graphs=7)
    >>> [r.exact for r in report.rows]
    [1, 1, 1, 1, 1, 1, 1]
    """
    if not isinstance(executor, Runner):
        raise ArgumentError(f"evaluate takes what runs algorithms, such as neural_exec.load(), not {executor!r:.80}")
    if isinstance(algorithms, str):
        raise ArgumentError(f"algorithms={algorithms!r}; give a list of names")
    known = list(executor.algorithms)
    model = model or ("neural-exec" if isinstance(executor, PlainExecutor) else type(executor).__name__)
    names = list(algorithms) if algorithms is not None else known
    for name in names:
        if name not in known:
            executor.spec(name)  # which may say more
            raise UnknownAlgorithmError(f"{model} does not know {name!r}{did_you_mean(name, known)}")
    sizes, seeds, out, start = list(sizes), list(seeds), Report(), time.monotonic()
    if any(n < 1 for n in sizes):
        raise ArgumentError(f"sizes are {sizes}; every one must be at least 1")
    specs = [executor.spec(name) for name in names]
    jobs = (
        (executor, spec, size, family, seed, count, model)
        for spec, size, seed in product(specs, sizes, seeds)
        for family, count in _shares(spec, graphs or graphs_at(size))
        if time.monotonic() - start < seconds
    )
    for row in each(_row, jobs, workers):
        out.rows.append(row)
        report(row)
    return out


def _shares(spec: Spec, graphs: int) -> list[tuple[str, int]]:
    """(family, how many graphs): at least one each where there are enough, else of both kinds in turn."""
    pairs = zip_longest(spec.families["held_out"], spec.families["training"])
    families = [f for pair in pairs for f in pair if f]
    return [(f, c) for i, f in enumerate(families) if (c := len(range(i, graphs, len(families))))]


def _row(executor: Runner, spec: Spec, size: int, family: str, seed: int, count: int, model: str) -> Row:
    rng = rng_of("evaluation", spec.name, size, family, seed)
    exact = halted = unseen = ticks = 0
    same: int | None = None
    nodes, outputs, start = [], dict.fromkeys(spec.outputs, 0), time.perf_counter()
    for _ in range(count):
        data, arguments = spec.sample(rng, size, family)
        rollout = executor.run(spec.name, data, **arguments)
        if rollout.outputs.keys() != spec.outputs.keys():
            raise ArgumentError(f"{model} answers {sorted(rollout.outputs)} of {spec.name}, not {sorted(spec.outputs)}")
        right = spec.check(rollout.outputs, data, **arguments)
        exact += rollout.halted and all(all(x) for x in right.values())
        halted += rollout.halted
        elements = [y for x in right.values() for y in x]
        nodes.append(sum(elements) / len(elements) if elements else 1.0)
        for name, x in right.items():
            outputs[name] += all(x)
        unseen += rollout.unseen_contexts or 0
        ticks += rollout.num_steps
        follows = executor.follows(spec, data, arguments) if size <= _TRACED else None
        same = None if follows is None else (same or 0) + follows
    return Row(
        model=model,
        algorithm=spec.name,
        size=size,
        family=family,
        trained_on=family in spec.families["training"],
        seed=seed,
        graphs=count,
        exact=int(exact),
        halted=int(halted),
        nodes=float(np.mean(nodes)),
        outputs={k: v / count for k, v in outputs.items()},
        same=same,
        unseen=unseen if rollout.unseen_contexts is not None else None,
        ticks=ticks / count,
        seconds=time.perf_counter() - start,
    )
