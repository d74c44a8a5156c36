"""The command line: `neural-exec list | trace | check | train | evaluate | certify | run | chain | add`.

stdout holds results, and nothing but JSON or CSV where that is asked for; progress and notes go to stderr. Exit code 1:
a negative verdict (not ok, not exact, did not halt); 2: bad input, with one line on stderr; 130: interrupted.

`trace`, `run`, `chain`, `add` and `certify` are in files of their own beside this one. What imports torch, which
takes seconds, is imported by the commands that need it.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import click

import neural_exec
from algorithms import registry
from algorithms.checking.checker import check as check_program
from algorithms.checking.checker import how_many
from neural_exec.cli.add import add
from neural_exec.cli.certify import certify
from neural_exec.cli.chain import chain
from neural_exec.cli.display import TrainingDisplay, table
from neural_exec.cli.options import (
    AS_JSON,
    FILE,
    ONLY,
    WORKERS,
    CommaList,
    Commands,
    load,
    names_of,
    no_algorithm,
    note,
    one_thread,
    registered,
    registered_all,
    show_json,
    verdict,
    writable,
)
from neural_exec.cli.run import run, trace
from neural_exec.plotting import plot_report, require
from neural_exec.progress import Bar

__all__ = ["main"]

QUICK = dict(sizes=(16, 32, 64), graphs=18)
FULL = dict(sizes=(16, 64, 256), graphs=None)
BASELINE = dict(size=64, seconds=120.0)  # the baseline is not tried on larger graphs, nor for longer


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(neural_exec.__version__, prog_name="neural-exec")
def main() -> None:
    """Textbook algorithms, executed by one learned network.

    \b
    neural-exec list
    neural-exec run dijkstra karate --source 0
    neural-exec train --algorithms bfs,minimum
    """


for command in (trace, certify, run, chain, add):
    main.add_command(command)


@main.command("list")
@click.argument("model", required=False)
@AS_JSON
def list_(model: str | None, as_json: bool) -> None:
    """The algorithms there are, with what each is called with and what it gives. Of MODEL: those that it knows, how
    many of its parameters are each one's own, and whether it is certified: refuted, or stale (of other weights,
    another program or kernel), or missing, is what it may be instead.

    \b
    neural-exec list
    neural-exec list core
    neural-exec list --json
    """
    executor = load(model) if model else None
    if executor:
        from neural_exec.certificates import standing
    records: list[dict] = []
    for name in executor.algorithms if executor else registry.names():
        spec = registry.get(name)
        records.append(
            dict(
                name=name,
                chapter=spec.chapter,
                source=spec.source,
                inputs=list(spec.inputs),
                outputs=list(spec.outputs),
                parameters=executor.parameters_of(name) if executor else None,
                certificate=standing(executor, name) if executor else None,
            )
        )
    if as_json:
        show_json(records, indent=1)
        return
    rows = []
    for chapter in dict.fromkeys(r["chapter"] for r in records):
        rows.append([chapter, "", "", *["", ""] * bool(model)])
        for r in (r for r in records if r["chapter"] == chapter):
            own = [str(r["parameters"]["own"]), r["certificate"]] if model else []
            rows.append([f"  {r['name']}", ", ".join(r["inputs"]), ", ".join(r["outputs"]), *own])
    more = ["parameters of its own", "certificate"] if model else []
    click.echo(table(["algorithm", "called with", "outputs", *more], rows))
    if model and records:
        click.echo(f"\nparameters that all share: {records[0]['parameters']['shared']} (model {model})")


@main.command()
@names_of("NAME…", required=True)
@click.option("--runs", type=click.IntRange(1), default=200, show_default=True, help="Small runs to look at.")
@AS_JSON
def check(names: tuple, runs: int, as_json: bool) -> None:
    """Can the machine learn the programs NAME (names, files, or all)? Exit 1 if one is not to be learned. Takes
    seconds; no network is trained.

    Undecided registers are no fault: more than one operation explains all that was seen of them.

    \b
    neural-exec check minimum
    neural-exec check bfs dfs
    neural-exec check all --json
    """
    words, verdicts = registered_all(names), []
    specs = [registry.get(n) for n in (registry.names() if words == ["all"] else words)]
    before, total = 0, sum(how_many(spec, runs) for spec in specs)
    with Bar("checking", total) as bar:
        for spec in specs:
            show = lambda done, what, before=before: bar.show(before + done, what)
            verdicts.append(check_program(spec, runs=runs, report=show))
            before += how_many(spec, runs)
    if as_json:
        show_json([v.to_dict() for v in verdicts], indent=1)
    else:
        click.echo("\n".join(str(v) for v in verdicts))
    if bad := [v.algorithm for v in verdicts if not v.ok]:
        verdict(f"not ok: {', '.join(bad)}")


@main.command()
@click.option(
    "--suite", default="core", show_default=True, help=f"Which algorithms: {', '.join(registry.SUITES)}, all."
)
@ONLY
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(file_okay=False), help="Where to; default runs/SUITE-SEED.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted training.")
@click.option("--overwrite", is_flag=True, help="Replace what lies in --out.")
@click.option("--traces", type=click.IntRange(1), help="How many to draw of each algorithm.")
@click.option("--random-programs", type=click.IntRange(0), default=0, help="How many to mix in; hundreds, or none.")
@click.option("--no-evaluation", is_flag=True, help="Do not evaluate at the end.")
@WORKERS
@AS_JSON
def train(suite, only, seed, out, resume, overwrite, traces, random_programs, no_evaluation, workers, as_json) -> None:
    """Train one network on all algorithms of a suite, from nothing, and evaluate it; exit 1 if it is not exact.

    \b
    neural-exec train --suite core --seed 1
    neural-exec train --algorithms bfs,minimum --out runs/two
    """
    from neural_exec.training.train import TRACES, Interrupted
    from neural_exec.training.trainer import Recipe

    one_thread()
    directory = Path(out or f"runs/{'-'.join(only) if only else suite}-{seed}")
    writable(directory, directory=True)
    plan = dict(suite=suite, algorithms=only, seed=seed, out=directory, resume=resume, traces=traces or TRACES)
    plan |= dict(random_programs=random_programs) if random_programs else {}
    plan |= dict(overwrite=True) if overwrite else {}
    plan |= dict(workers=workers) if workers > 1 else {}
    try:
        with TrainingDisplay(Recipe().max_updates) as display:
            executor = neural_exec.train(**plan, drawing=display.drawing, report=display.report)
    except Interrupted as e:
        again = ["neural-exec", "train", *(["--algorithms", ",".join(only)] if only else ["--suite", suite])]
        again += ["--seed", str(seed), *(["--traces", str(traces)] if traces else []), "--out", str(directory)]
        again += ["--random-programs", str(random_programs)] if random_programs else []
        again += ["--resume"] if resume or e.directory else []
        raise KeyboardInterrupt(f"interrupted; go on with: {shlex.join(again)}") from e
    info = executor.info
    report = None if no_evaluation else _evaluate(executor, executor.algorithms, seeds=(0,), workers=workers, **QUICK)
    if report:
        info["evaluation"] = report.summary()
        neural_exec.save(executor, directory)
    if as_json:
        evaluation = report.to_records() if report else None
        show_json(dict(model=str(directory), info=info, evaluation=evaluation), indent=1)
    else:
        if report:
            click.echo(f"{report}\n")
        took = f"{info['seconds']['traces']:.1f} s for traces, {info['seconds']['training']:.1f} s for training"
        click.echo(f"{info['updates']} updates; {took}. The model is in {directory}")
    failing = dict.fromkeys([*info["inexact"], *(r.algorithm for r in (report.failures if report else []))])
    if failing:
        verdict(f"not exact: {', '.join(failing)}")


@main.command()
@click.argument("model", default="all")
@click.option("--quick", is_flag=True, help="Sizes 16, 32, 64 with 18 graphs each.")
@ONLY
@click.option("--sizes", type=CommaList(int), help="Default 16,64,256.")
@click.option("--graphs", type=click.IntRange(1), help="How many of each algorithm, size and seed.")
@click.option("--seeds", type=CommaList(int), default="0", show_default=True, help="Of the graphs.")
@WORKERS
@AS_JSON
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV to stdout, and nothing else.")
@click.option("--plot", type=FILE, help="Draw exactness against size.")
@click.option("--baseline", is_flag=True, help="Beside it, an ordinary message-passing network (n up to 64).")
def evaluate(model, quick, only, sizes, graphs, seeds, workers, as_json, as_csv, plot, baseline) -> None:
    """Run MODEL on fresh graphs and compare with independent references; exit 1 if a graph is not exact.

    \b
    neural-exec evaluate --quick
    neural-exec evaluate runs/core-0 --algorithms bfs,dijkstra --sizes 16,64 --csv
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    if plot:
        require(plot)
        writable(plot)
    usual = QUICK if quick else FULL
    sizes, graphs = sizes or usual["sizes"], graphs or usual["graphs"]
    no_algorithm(model, only)
    only = only and [*map(registered, only)]
    executor = load(model)
    names = list(only or executor.algorithms)
    report = _evaluate(executor, names, sizes, graphs, seeds, workers=workers)
    failing = list(dict.fromkeys(r.algorithm for r in report.failures))
    if baseline:
        report.rows += _evaluate_baseline(names, sizes, graphs, seeds)
    if plot:
        plot_report(report, plot)
        note(f"written: {plot}")
    if as_csv:
        click.echo(report.to_csv(), nl=False)
    else:
        click.echo(report.to_json() if as_json else str(report))
    if failing:
        verdict(f"not exact: {', '.join(failing)}")


def _evaluate(executor, names, sizes, graphs, seeds, title="evaluating", **options) -> neural_exec.Report:
    from neural_exec.evaluation import graphs_at

    families = [sum(map(len, executor.spec(n).families.values())) for n in names]
    total = sum(min(f, graphs or graphs_at(size)) for f in families for size in sizes for _ in seeds)
    done = 0
    with Bar(title, total) as bar:

        def show(row) -> None:
            nonlocal done
            done += 1
            bar.show(done, f"{row.algorithm}, n = {row.size}")

        report = neural_exec.evaluate(executor, names, sizes, graphs, seeds, report=show, **options)
    if done < total:
        click.echo(f"{title}: out of time, {total - done} of {total} rows are left out", err=True)
    return report


def _evaluate_baseline(names, sizes, graphs, seeds) -> list:
    from neural_exec.gnn.mpnn import BUNDLED, Baseline

    baseline = Baseline.load(BUNDLED)
    names = [n for n in names if n in baseline.algorithms]
    sizes = [n for n in sizes if n <= BASELINE["size"]]
    options = dict(title="evaluating the baseline", model="mpnn", seconds=BASELINE["seconds"])
    return _evaluate(baseline, names, sizes, graphs, seeds, **options).rows
