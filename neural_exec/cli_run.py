"""The commands that execute an algorithm on a graph: `neural-exec trace | run`."""

from __future__ import annotations

import json

import click

import algorithms
from algorithms import registry
from neural_exec.cli_options import FILE, GRAPH_HELP, MODEL, called_with, given_inputs, load, verdict
from neural_exec.display import describe_outputs, describe_run, describe_trace, plain
from neural_exec.graphs_in import read_arguments, read_data
from neural_exec.plotting import plot_trace, require

__all__ = ["run", "trace"]


@click.command(epilog=GRAPH_HELP)
@called_with
def trace(name, graph, source, inputs, weight, directed, seed, out, as_json, plot) -> None:
    """Run the textbook program NAME itself on GRAPH, and show its trace.

    \b
    neural-exec trace bfs grid:4x4 --source 0
    neural-exec trace heapsort 3,1,2 --json
    """
    spec, data, arguments = _prepare(name, graph, source, inputs, weight, directed, seed, plot)
    result = algorithms.trace(spec.name, data, **arguments)
    _write(result, out, plot)
    if as_json:
        click.echo(json.dumps(result.to_dict()))
    else:
        outputs = algorithms.run(spec.name, data, **arguments)
        click.echo(f"{describe_trace(spec, data, result)}\n\n{describe_outputs(spec, data, outputs)}")


@click.command(epilog=GRAPH_HELP)
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
    spec, data, arguments = _prepare(name, graph, source, inputs, weight, directed, seed, plot)
    rollout = load(model, additions).run(spec.name, data, **arguments)
    if out or plot:
        _write(rollout.trace, out, plot)
    if as_json:
        numbers = {k: getattr(rollout, k) for k in ("halted", "num_steps", "contexts", "unseen_contexts")}
        click.echo(json.dumps(dict(algorithm=spec.name, model=model, outputs=plain(rollout.outputs), **numbers)))
    else:
        click.echo(f"{describe_run(spec, data, rollout)}\n\n{describe_outputs(spec, data, rollout.outputs)}")
    if not rollout.halted:
        verdict(
            f"{spec.name} did not halt within {rollout.num_steps} steps; its outputs are those of an unfinished run"
        )


def _prepare(name, graph, source, inputs, weight, directed, seed, plot) -> tuple:
    """(spec, data, arguments), read from what was typed; an algorithm may be the path of its file."""
    spec = registry.get(registry.register(name) if name.endswith(".py") else name)
    given = given_inputs(inputs, source, weight)
    data, note = read_data(spec, graph, directed, seed)
    if note:
        click.echo(note, err=True)
    if plot:
        require(plot, len(data))
    if isinstance(data, dict):  # all is given by name
        return spec, None, {**data, **given}
    return spec, data, read_arguments(spec, data, given)


def _write(trace: algorithms.Trace, out: str | None, plot: str | None) -> None:
    if out:
        trace.save(out)
    if plot:
        plot_trace(trace, plot)
