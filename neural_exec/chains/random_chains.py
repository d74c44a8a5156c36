"""Random chains, to be measured on: type-correct, drawn with a seed together with an input that every stage takes.

A chain grows by one algorithm at a time, with up to two adapters before it, drawn at random from those whose types
fit; it is executed as it grows, and what a stage's own preconditions refuse (a cycle, a negative weight, a list that is
not ascending) is drawn anew. Algorithms that were drawn less come first. Whether a chain is exact is not asked here.
A stage that meets its cap is drawn anew too, and counted apart (the textbook program of jarvis_march was seen not to
end either, on points made of other stages' numbers).
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass

import networkx as nx
import numpy as np

from algorithms import registry, sampling
from algorithms.machine.probes import CATEGORICAL, EDGE, GRAPH, MASK, MASK_ONE, NODE, POINTER, SCALAR
from neural_exec.chains.adapters import Adapter, keys, negate, output, permute, restrict, reverse, subgraph, tree
from neural_exec.chains.chain import Chain
from neural_exec.chains.data import Net, Numbers
from neural_exec.chains.ports import ORDER, ports
from neural_exec.chains.run import Passage, advance
from neural_exec.chains.stage import Stage
from neural_exec.errors import ChainError, DidNotHaltError, NeuralExecError
from neural_exec.runner import Textbook

__all__ = ["Drawn", "draw_chain", "same_outputs"]

_PAIRED = 24  # rows at most of whose pairs a table is made: its program takes their third power


@dataclass(frozen=True)
class Drawn:
    """A chain's parts, and what it is called with."""

    parts: list
    data: object
    inputs: dict

    @property
    def algorithms(self) -> list[str]:
        return [p[0] for p in self.parts if isinstance(p, tuple)]


def same_outputs(a: list[dict], b: list[dict]) -> bool:
    """Equal to the last bit, nan as itself."""
    return a == b or repr(a) == repr(b)


def draw_chain(
    rng: np.random.Generator,
    n: int,
    length: int,
    executor=None,
    algorithms: list[str] | None = None,
    used: Counter | None = None,
) -> Drawn:
    """A chain of so many algorithms on an input of about n nodes. executor: runs it as it grows (the textbook
    programs by default). used: how often each algorithm was drawn before (or led nowhere); it is counted on."""
    names, used = algorithms or registry.names(), Counter() if used is None else used
    executor = executor or Textbook()
    while True:
        drawn = _grow(rng, n, length, executor, names, used)
        if drawn:
            used.update(drawn.algorithms)
            return drawn


def _rarely_used(rng: np.random.Generator, names: list[str], used: Counter) -> list[str]:
    """All names, in a random order that has those first that were used less."""
    return sorted(names, key=lambda a: used[a] + rng.exponential(2.0))


def _grow(rng: np.random.Generator, n: int, length: int, executor, names: list[str], used: Counter) -> Drawn | None:
    name = _rarely_used(rng, names, used)[0]
    spec = registry.get(name)
    families = sum(spec.families.values(), ())
    data, arguments = spec.sample(rng, n, families[int(rng.integers(len(families)))])
    inputs: dict = {}
    if isinstance(data, nx.Graph):
        attribute = "capacity" if "capacity" in spec.inputs else "weight"
        if nx.get_edge_attributes(data, attribute) == {}:
            sampling.weigh(rng, data)
            attribute = "weight"
        inputs["weight"] = attribute
        arguments = {k: v for k, v in arguments.items() if k != attribute}
    parts: list = [(name, arguments)]
    try:
        chain = Chain(parts, executor)
        if chain.takes_graph:
            chain.weighted = True
        flow = Passage(chain, data, inputs)
        advance(chain.parts[0], [flow], executor)
    except NeuralExecError:
        return None
    while len(chain.stages) < length:
        grown = _extend(rng, n, parts, flow, names, used)
        if not grown:
            used[name] += 1  # a dead end: others first
            return None
        parts, chain, flow = grown
    if not Chain(parts, executor).weighted:
        inputs.pop("weight", None)
    return Drawn(parts, data, inputs)


def _extend(rng: np.random.Generator, n: int, parts: list, flow: Passage, names: list[str], used: Counter):
    """One more algorithm that fits, on n / 4 to 2 n rows; None where none is found."""
    for name in _rarely_used(rng, names, used + Counter(_names(parts)))[:8]:
        for _ in range(12):
            more = [*_adapters(rng, flow, registry.get(name)), (name, {})]
            try:
                chain = Chain(parts + more, flow.chain.executor)
            except ChainError:
                continue
            if flow.chain.takes_graph and chain.directed not in (None, flow.given_data.is_directed()):
                continue
            trial = copy.copy(flow)
            trial.chain, trial.result, trial.befores = chain, copy.copy(flow.result), list(flow.befores)
            trial.result.stages = list(flow.result.stages)
            try:
                stage = chain.stages[-1]
                for part in chain.parts[len(parts) : -1]:
                    advance(part, [trial], chain.executor)
                rows = len(trial.result.data)
                if rows < max(1, n // 4) or (stage.spec.structure.own_rows and rows > _PAIRED):
                    continue
                arguments = _arguments(rng, trial, stage)
                if arguments is None:
                    continue
                more[-1] = (name, arguments)
                trial.chain = Chain(parts + more, flow.chain.executor)
                advance(trial.chain.parts[-1], [trial], chain.executor)
            except DidNotHaltError:
                used[f"{name} did not halt"] += 1
                continue
            except NeuralExecError:
                continue
            return parts + more, trial.chain, trial
    return None


def _names(parts: list) -> list[str]:
    return [p[0] for p in parts if isinstance(p, tuple)]


def _pick(rng: np.random.Generator, things: list):
    return things[int(rng.integers(len(things)))] if things else None


def _adapters(rng: np.random.Generator, flow: Passage, target) -> list[Adapter]:
    """At most two adapters; the last leads to what the target takes, where that is something else."""
    spec, data = flow.befores[-1].spec, flow.result.data
    found: dict[tuple, list[str]] = {}
    for p in ports(spec):
        weight = 4 if p.name in spec.outputs else 1  # outputs rather than hints
        found.setdefault((p.location, p.type), []).extend([p.name] * weight)
    names = lambda *t: [name for kind in t for name in found.get(kind, [])]
    some: list[Adapter] = [restrict(x, bool(rng.integers(2))) for x in names((NODE, MASK))]
    some += [restrict(x) for x in names((NODE, SCALAR))]
    some += [permute(x) for x in names((NODE, ORDER))] * 2
    if target.structure.own_rows and (orders := names((NODE, ORDER))):
        some = [permute(x, _PAIRED) for x in orders]
    some += [restrict(x, _pick(rng, list(spec.by_name[x].values))) for x in names((NODE, CATEGORICAL))]
    if isinstance(data, Net):
        some += [subgraph(x, bool(rng.integers(2))) for x in names((EDGE, MASK))] * 2
        some += [reverse()]
        some += [tree(x, bool(rng.integers(2))) for x in names((NODE, POINTER))]
    else:
        some += [reverse(), negate()]
    out = [_pick(rng, some)] if some and rng.random() < 0.5 else []
    stage = Stage(target, 0)
    if stage.takes == "list" and isinstance(data, Net):
        out.append(_pick(rng, [keys(x) for x in names((NODE, SCALAR))] * 2 + [keys()]))
    elif stage.takes == "graph" and not isinstance(data, Net):
        out.append(_pick(rng, [restrict(), subgraph()]))
    elif stage.takes == "graph" and isinstance(data, Net) and stage.directed not in (None, data.directed) and not out:
        out.append(_pick(rng, [tree(x, stage.directed) for x in names((NODE, POINTER))]))
    return [x for x in out if x is not None]


def _arguments(rng: np.random.Generator, flow: Passage, stage: Stage) -> dict | None:
    """Values or outputs for all that a stage takes; None where there is nothing for one of them."""
    out: dict = {}
    data, given = flow.result.data, dict[tuple, list[output]]()
    keys = data.keys if isinstance(data, Numbers) else None
    for b in flow.befores:
        for p in ports(b.spec):
            shown = 4 if p.name in b.spec.outputs else 1
            last = b.place == flow.befores[-1].place
            if last or (p.location, p.type) == (NODE, SCALAR):
                given.setdefault((p.location, p.type), []).extend([output(p.name, b.place)] * shown)
    for name in stage.inputs(False):
        if name in stage.columns:
            linked = _pick(rng, given.get((NODE, SCALAR), []))
            if name == "pattern" and keys is not None and (linked is None or rng.random() < 0.8):
                at = int(rng.integers(len(keys)))
                out[name] = keys[at : at + int(rng.integers(1, 4))].tolist()
            else:
                out[name] = linked
        elif stage.spec.by_name[name].type == MASK_ONE:
            linked = _pick(rng, given.get((NODE, MASK_ONE), []))
            out[name] = linked if linked is not None and rng.random() < 0.5 else _pick(rng, data.names)
        else:
            linked = _pick(rng, given.get((GRAPH, SCALAR), []))
            own = float(_pick(rng, keys.tolist())) if keys is not None else 0.5
            out[name] = linked if linked is not None and rng.random() < 0.5 else own
    return None if any(v is None for v in out.values()) else out
