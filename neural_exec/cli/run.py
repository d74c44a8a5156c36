"""The commands that execute an algorithm on a graph: `neural-exec trace | run`."""

from __future__ import annotations

import click

from algorithms import registry
from algorithms.drawing import ran
from algorithms.trace import Trace, read_outputs
from neural_exec.cli.display import describe_outputs, describe_run, describe_trace
from neural_exec.cli.graphs_in import read_call
from neural_exec.cli.options import (
    FILE,
    GRAPH_HELP,
    MODEL,
    Numeric,
    called_with,
    given_inputs,
    load,
    note,
    registered,
    show_json,
    verdict,
    writable,
)
from neural_exec.plotting import plot_trace, require

__all__ = ["run", "trace"]


@click.command(cls=Numeric, epilog=GRAPH_HELP)
@called_with
def trace(name, graph, source, inputs, weight, directed, seed, out, as_json, plot) -> None:
    """Run the textbook program NAME itself on GRAPH, and show its trace.

    \b
    neural-exec trace bfs grid:4x4 --source 0
    neural-exec trace heapsort 3,1,2 --json
    """
    spec, data, arguments = _prepare(name, graph, source, inputs, weight, directed, seed, out, plot)
    changes = ran(spec, data, arguments)
    result = Trace.of(changes)
    _write(result, out, plot)
    if as_json:
        show_json(result.to_dict())
    else:
        outputs = read_outputs(changes.instance)
        click.echo(f"{describe_trace(spec, data, result)}\n\n{describe_outputs(spec, data, outputs)}")


@click.command(cls=Numeric, epilog=GRAPH_HELP)
@called_with
@MODEL
@click.option("--addition", "additions", multiple=True, type=FILE, help="A file that add wrote; may be repeated.")
def run(name, graph, source, inputs, weight, directed, seed, out, as_json, plot, model, additions) -> None:
    """Execute the algorithm NAME on GRAPH with the learned network; exit 1 if it did not halt.

    \b
    neural-exec run dijkstra karate --source 0 --plot paths.png
    neural-exec run binary_search 1,3,5 --input target=2
    echo "a b 4.0" | neural-exec run mst_kruskal - --json
    """
    known = name.endswith(".py") or registry.is_known(name)
    executor = None if known else load(model, additions)  # which may know it
    if executor and name in executor.left_out:
        executor.spec(name)  # says why it does not
    spec, data, arguments = _prepare(name, graph, source, inputs, weight, directed, seed, out, plot)
    rollout = (executor or load(model, additions, spec.name)).run(spec.name, data, **arguments)
    if out or plot:
        _write(rollout.trace, out, plot)
    if as_json:
        numbers = {k: getattr(rollout, k) for k in ("halted", "num_steps", "contexts", "unseen_contexts")}
        show_json(dict(algorithm=spec.name, model=model, outputs=rollout.outputs, **numbers))
    else:
        click.echo(f"{describe_run(spec, data, rollout)}\n\n{describe_outputs(spec, data, rollout.outputs)}")
    if not rollout.halted:
        verdict(
            f"{spec.name} did not halt within {rollout.num_steps} steps; its outputs are those of an unfinished run"
        )


def _prepare(name, graph, source, inputs, weight, directed, seed, out, plot) -> tuple:
    """(spec, data, arguments), read from what was typed; an algorithm may be the path of its file."""
    spec = registry.get(registered(name))
    if out:
        writable(out, ".npz")
    if plot:
        require(plot)
        writable(plot)
    data, arguments, said = read_call(spec, graph, given_inputs(inputs, source, weight), directed, seed)
    note(said)
    if plot:
        require(plot, len(data or ()))
    return spec, data, arguments


def _write(trace: Trace, out: str | None, plot: str | None) -> None:
    if out:
        trace.save(out)
    if plot:
        plot_trace(trace, plot)
    note(", ".join(f"written: {path}" for path in (out, plot) if path))
