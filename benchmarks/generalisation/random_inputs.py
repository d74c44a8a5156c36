"""A million random inputs, each judged by its algorithm's independent reference; writes RANDOM.md and random.json.

    python benchmarks/generalisation/random_inputs.py                          # a million, half an hour on one core
    python benchmarks/generalisation/random_inputs.py --count 1000 --workers 2
    python benchmarks/generalisation/random_inputs.py --resume

Inputs are drawn from all families, in and out of the training mix, at sizes from 1 to 32, small ones more often.
Counted is what was wrong, what did not halt, and what met a context that was never in training.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

import neural_exec
from neural_exec.examples import rng_of
from neural_exec.files import digest
from neural_exec.parallel import each
from neural_exec.progress import Bar

HERE = Path(__file__).parent
FIGURES = HERE / "random.json"
CHUNK, LARGEST = 500, 32


def judge(executor, name: str, chunk: int, count: int) -> Counter:
    """So many inputs: how many were right, wrong, did not halt, met something unseen."""
    spec, rng = executor.spec(name), rng_of("random inputs", name, chunk)
    families, out = [f for kind in spec.families.values() for f in kind], Counter()
    for i in range(count):
        size = int(LARGEST ** rng.random() + 0.5)
        data, arguments = spec.sample(rng, size, families[i % len(families)])
        rollout = executor.run(name, data, **arguments)
        right = rollout.halted and all(map(all, spec.check(rollout.outputs, data, **arguments).values()))
        out.update(inputs=1, wrong=not right, endless=not rollout.halted, unseen=rollout.unseen_contexts > 0)
    return out


def page(found: dict[str, dict], model: str) -> str:
    total = sum(map(Counter, found.values()), Counter())
    lines = [
        f"**{total['inputs']:,} random inputs, {total['wrong']} answered wrong**, {total['endless']} without an end, "
        f"{total['unseen']} with a context that was never in training.",
        "",
        f"Made by `python benchmarks/generalisation/random_inputs.py "
        f"--count {max(x['inputs'] for x in found.values())}` on the weights `{model}` "
        f"({digest(model)[:16]}…): of every algorithm inputs of all its families, n from 1 to {LARGEST}, "
        "each judged by the algorithm's independent reference.",
        "",
        "| algorithm | inputs | wrong | without an end | with an unseen context |",
        "|" + " --- |" * 5,
        *(
            f"| `{name}` | {x['inputs']:,} | {x['wrong']} | {x['endless']} | {x['unseen']} |"
            for name, x in found.items()
        ),
    ]
    return "\n".join([*lines, ""])


@click.command()
@click.option("--model", default="all", show_default=True, help="a bundled model, or a directory")
@click.option("--count", default=23_000, show_default=True, help="of each algorithm")
@click.option("--workers", default=1, show_default=True, help="how many processes")
@click.option("--resume", is_flag=True, help="go on with random.json")
def main(model: str, count: int, workers: int, resume: bool) -> None:
    executor, kept = neural_exec.load(model), dict(weights=digest(model), found={})
    if resume:
        kept = json.loads(FIGURES.read_text())
        if kept["weights"] != digest(model):
            raise click.UsageError("random.json is of other weights")
    found = {
        name: Counter(dict.fromkeys(("inputs", "wrong", "endless", "unseen"), 0) | kept["found"].get(name, {}))
        for name in executor.algorithms
    }
    done = min(x["inputs"] for x in found.values())
    with Bar("random inputs of each algorithm", count) as bar:
        for at in range(done, count, CHUNK):  # a round: of every algorithm some
            jobs = [(executor, name, at, min(CHUNK, count - at)) for name in found]
            for name, counts in zip(found, each(judge, jobs, workers)):
                found[name].update(counts)
            bar.show(at + CHUNK, f"{sum(x['wrong'] for x in found.values())} wrong")
            FIGURES.write_text(json.dumps(dict(weights=digest(model), found=found), indent=1) + "\n")
            (HERE / "RANDOM.md").write_text(page(found, model))
    click.echo(page(found, model))


if __name__ == "__main__":
    main()
