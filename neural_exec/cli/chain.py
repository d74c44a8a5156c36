"""The command `neural-exec chain`: a chain as words, its input as for `run`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from neural_exec.cli.display import describe_left, describe_stage
from neural_exec.cli.graphs_in import read_arguments, read_call, read_label, read_numbers, read_weighted
from neural_exec.cli.options import (
    AS_JSON,
    DIRECTED,
    GRAPH_HELP,
    INPUT,
    SEED,
    SOURCE,
    WEIGHT,
    given_inputs,
    load,
    note,
    show_json,
    verdict,
    writable,
)
from neural_exec.errors import ArgumentError, DidNotHaltError, did_you_mean

__all__ = ["chain"]

ADAPTERS = ("keys", "negate", "permute", "restrict", "reverse", "subgraph", "tree")
READY_MADE = ("tour", "single_linkage", "critical_path", "nearest_facilities")


@click.command(epilog=GRAPH_HELP.replace("Where NAME takes", "Where the first part takes"))
@click.argument("parts", nargs=-1, required=True)
@click.option("--graph", metavar="GRAPH", help="What it runs on; short for --input graph=GRAPH.")
@SOURCE
@INPUT
@WEIGHT
@DIRECTED
@SEED
@click.option("--out", type=click.Path(file_okay=False), help="Save each stage's trace there, as .npz.")
@AS_JSON
@click.option("--model", default="all", show_default=True, help="A bundled model, or what train wrote.")
def chain(parts, graph, source, inputs, weight, directed, seed, out, as_json, model) -> None:
    """Execute a chain of algorithms and adapters on GRAPH; exit 1 if a stage did not halt.

    PARTS are algorithms (`bfs`, `bfs:source=3`; `bfs:source=@index`, what the stage before it found, `@index.0`, what
    stage 0 did) and adapters (`tree:parent`, `subgraph:edges,false`, `permute:order,first=3`); or one ready-made chain:
    tour, single_linkage (--input k=3), critical_path, nearest_facilities (--input facilities=a,b,c).

    \b
    neural-exec chain bridges subgraph:edges,false connected_components --graph karate
    neural-exec chain dijkstra keys:distance heapsort --graph grid:4x4 --source 0 --json
    neural-exec chain tour --graph complete:6
    """
    given = given_inputs(inputs, source, weight)
    if out:
        writable(out, directory=True)
    ready = parts[0] if len(parts) == 1 and parts[0] in READY_MADE else None
    execute = _ready_made if ready else _chain
    left, stuck = {}, None
    try:
        run, left = execute(parts, given, (graph, directed, seed), load(model))
        stages = run.stages if run else []
    except DidNotHaltError as e:
        stages, stuck = e.stages, str(e)
    if out:
        for place, stage in enumerate(stages):
            Path(out).mkdir(parents=True, exist_ok=True)
            stage.trace.save(path := Path(out) / f"{place}-{stage.algorithm}.npz")
            note(f"written: {path}")
    if as_json:
        names = ("algorithm", "outputs", "halted", "num_steps", "contexts", "unseen_contexts")
        shown = [{k: getattr(s, k) for k in names} for s in stages]
        show_json(dict(chain=parts, model=model, stages=shown, **left))
    else:
        said = [describe_stage(i, s, outputs=not ready) for i, s in enumerate(stages)]
        if ready == "nearest_facilities" and left:
            left = {name: [x[i] for x in left["nodes"]] for i, name in enumerate(("nodes", "distance"))}
        if left and (ready or parts[-1].partition(":")[0] in ADAPTERS):
            said += [*([""] if ready else []), describe_left(left)]
        click.echo("\n".join(said))
    if stuck:
        verdict(stuck)


def _chain(parts: tuple, given: dict, of: tuple, executor):
    """Its run, and what it leaves."""
    from neural_exec.chains.chain import Chain

    typed = [_part(p) for p in parts]
    made = Chain(typed, executor)  # its arguments are still as they were typed
    data, given = _data(made, given, *of)
    labels = data if made.takes_graph else range(len(data or ()))
    for part, stage in zip((p for p in typed if isinstance(p, tuple)), made.stages):
        part[1].update(read_arguments(stage.spec, labels, {k: v for k, v in part[1].items() if isinstance(v, str)}))
        mine = {k: v for k, v in given.items() if k in stage.inputs(stage is made.first) and k not in part[1]}
        given = given | read_arguments(stage.spec, labels, {k: v for k, v in mine.items() if isinstance(v, str)})
    run = Chain(typed, executor, progress=True).run(data, **given)
    return run, dict(labels=run.labels) | ({} if run.values is None else dict(values=run.values))


def _ready_made(parts: tuple, given: dict, of: tuple, executor):
    """The run of a chain that has a name, and its answer."""
    from neural_exec.chains import ready_made

    call = getattr(ready_made, parts[0])
    known = {k: p for k, p in inspect.signature(call).parameters.items() if k not in ("graph", "executor")}
    for name in given:
        if name not in (*known, "graph"):
            raise ArgumentError(f"{parts[0]} takes no argument {name!r}{did_you_mean(name, known)}")
    for name, p in known.items():
        if p.default is p.empty and name not in given:
            raise ArgumentError(f"{parts[0]} needs {name}=…")
    text, directed, seed = of
    graph, said = read_weighted(_text("graph", given, text), directed, seed, "weight")
    note(said)
    given.pop("graph", None)
    readers: dict[str, Callable[[str], object]] = dict(k=_whole, source=lambda x: read_label(graph, x), weight=str)
    readers["facilities"] = lambda x: [read_label(graph, v.strip()) for v in x.split(",")]
    found = call(graph, executor=executor, **{k: readers[k](v) for k, v in given.items()})
    return found.run, {f.name: getattr(found, f.name) for f in fields(found) if f.name != "run"}


def _part(text: str):
    """`name:word,key=word,…` as `Chain` takes it: (name, arguments), or an adapter."""
    from neural_exec.chains import adapters

    name, _, rest = text.partition(":")
    words = [w.strip() for w in rest.split(",")] if rest else []
    pairs = [w.split("=", 1) for w in words if "=" in w]
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ArgumentError(f"{text!r}: an argument is given twice")
    plain_words = [w for w in words if "=" not in w]
    if name in ADAPTERS:
        make = getattr(adapters, name)
        known = [f.name for f in fields(make)]
        if len(plain_words) > len(known) or set(named) - set(known[len(plain_words) :]):
            raise ArgumentError(f"{text!r}: {name} takes {', '.join(known) or 'nothing'}")
        if known and known[0] not in named and not plain_words and fields(make)[0].default is not None:
            raise ArgumentError(f"{text!r}: {name} needs a name, such as {name}:parent")
        return make(*map(_word, plain_words), **{k: _word(v) for k, v in named.items()})
    if plain_words:
        raise ArgumentError(f"{text!r}: an argument of {name} is written {name}:key=value")
    return name, {k: _output(v) for k, v in named.items()}


def _word(text: str):
    return {"true": True, "false": False}.get(text.lower(), int(text) if text.isdecimal() else text)


def _output(text: str):
    """`@name`, `@name.0`: an output of a stage; or the text itself."""
    from neural_exec.chains.adapters import output

    found = re.fullmatch(r"@(\w+)(?:\.(\d+))?", text)
    return output(found[1], int(found[2] or -1)) if found else text


def _data(made, given: dict, text: str | None, directed: bool, seed: int) -> tuple[Any, dict]:
    """What the chain is called with, and the arguments that are left."""
    if made.first:
        spec = made.first.spec
        mine = {k: given[k] for k in spec.structure.lists or spec.inputs[:1] if k in given}
        data, lists, said = read_call(spec, text, mine, directed, seed)
        note(said)
        return data, {k: v for k, v in given.items() if k not in mine} | lists
    name = "graph" if made.takes_graph else "values"
    text, given = _text(name, given, text), {k: v for k, v in given.items() if k != name}
    if made.takes_graph:
        data, said = read_weighted(text, directed, seed, "weight" if made.weighted else None)
        note(said)
        return data, given
    if directed:
        raise ArgumentError("the chain is called with a list of numbers; a list has no direction")
    return read_numbers(text), given


def _text(name: str, given: dict, text: str | None) -> str:
    """The data, as they were typed."""
    if name in given and text is not None:
        raise ArgumentError(f"{name} is given twice")
    if name not in given and text is None:
        raise ArgumentError(f"the chain needs --graph, or {name}=…")
    return given[name] if text is None else text


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentError(f"k is {text!r}; a whole number is needed")
    return int(text)
