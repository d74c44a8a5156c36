"""What the command line shows: progress on stderr, and tables of plain text on stdout."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from algorithms.errors import InputError
from algorithms.spec import Spec, spec_of
from algorithms.trace import Trace
from neural_exec.progress import Bar, clock

if TYPE_CHECKING:
    from neural_exec.rollout import Rollout
    from neural_exec.training.trainer import TrainingProgress

__all__ = [
    "TrainingDisplay", "describe_left", "describe_outputs", "describe_run", "describe_stage", "describe_trace",
    "plain", "table",
]  # fmt: skip

_PATIENCE = 5  # checks before an estimate by the cap


class TrainingDisplay:
    """Shows a training: a bar over the algorithms as their traces are drawn, then one over those that are exact.

    `drawing` and `report` are what `neural_exec.train` calls. max_updates: after how many it gives up.
    """

    def __init__(self, max_updates: int):
        self._max_updates = max_updates
        self._bar: Bar | None = None
        self._checks: list[tuple[float, int]] = []  # seconds, wrong contexts

    def __enter__(self) -> TrainingDisplay:
        return self

    def __exit__(self, *_) -> None:
        if self._bar:
            self._bar.__exit__()

    def drawing(self, name: str, done: int, total: int) -> None:
        bar = self._bar or self._open(Bar("drawing traces", total))
        bar.show(done, name)
        if done == total:
            self._open(Bar("exact", total))

    def report(self, progress: TrainingProgress) -> None:
        wrong = sum(progress.wrong.values())
        self._checks.append((progress.seconds, wrong))
        if self._bar:
            text = f"{progress.updates} updates, {wrong} wrong contexts"
            self._bar.show(len(progress.exact), text, self._left(progress))

    def _open(self, bar: Bar) -> Bar:
        """In the place of the one before."""
        if self._bar:
            self._bar.__exit__()
        self._bar = bar.__enter__()
        return self._bar

    def _left(self, progress: TrainingProgress) -> str:
        """Wrong contexts go down by about the same factor each second; where they do not, training ends by its cap."""
        (then, before), (now, wrong) = self._checks[(len(self._checks) - 1) // 2], self._checks[-1]
        cap = (self._max_updates - progress.updates) * progress.seconds / progress.updates
        if now > then and wrong < before:
            rate = math.log(before / max(wrong, 0.5)) / (now - then)
            return f"about {clock(min(cap, math.log(max(wrong, 1) / 0.5) / rate))} left"
        return f"at most about {clock(cap)} left" if len(self._checks) > _PATIENCE else ""


def table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Columns of plain text; numbers to the right."""
    rows = [list(r) for r in rows]
    cells = [list(heading), *([_text(x) for x in r] for r in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    right = [bool(rows) and all(_is_number(x) for x in column) for column in zip(*rows)] or [False] * len(widths)
    lines = ("  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def describe_outputs(spec: Spec, data, outputs: dict) -> str:
    """The outputs, in the caller's labels: those of nodes as one table, others as a line each."""
    values = data if spec.structure.data == "values" else None
    return _outputs(outputs, data if hasattr(data, "nodes") else None, values)


def describe_run(spec: Spec, data, rollout: Rollout) -> str:
    """One line on an execution."""
    return f"{spec.name} on {_size(spec, data)}: {_state(rollout)}"


def describe_stage(place: int, rollout: Rollout, outputs: bool = True) -> str:
    """The same of a stage of a chain, and its outputs."""
    nodes, graph = rollout.instance.labels[0], spec_of(rollout.instance).structure.data == "graph"
    size = _many(len(nodes), "node" if graph else "element")
    said = f"stage {place}, {rollout.algorithm} on {size}: {_state(rollout)}"
    return f"{said}\n\n{_outputs(rollout.outputs, nodes if graph else None)}\n" if outputs else said


def describe_left(left: dict) -> str:
    """What a chain leaves: lists of as many entries as columns, other things as a line each."""
    columns = {k: v for k, v in left.items() if isinstance(v, list)}
    lines = [table(columns, zip(*columns.values()))] if columns else []
    return "\n".join([*lines, *(f"{k}: {_text(v)}" for k, v in left.items() if k not in columns)])


def describe_trace(spec: Spec, data, trace: Trace) -> str:
    """What a trace holds, and how often the program stood in which phase."""
    probes = [*trace.inputs.values(), *trace.hints.values(), *trace.outputs.values()]
    phase = trace.hints["phase"]
    counts = Counter(phase.values[i].removeprefix(f"{spec.name}.") for i in phase.data[1:, 0])
    shown = table(
        ["probe", "stage", "location", "type", "shape"],
        ([p.name, p.stage, p.location, p.type, " x ".join(map(str, p.shape))] for p in probes),
    )
    phases = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"{spec.name} on {_size(spec, data)}: {trace.num_steps} steps\n\n{shown}\n\nsteps by phase: {phases}"


def plain(x):
    """As JSON takes it: labels that are keys become strings, numbers that are not finite too. Raises InputError where
    two labels are written alike."""
    if isinstance(x, dict):
        out = {str(k): plain(v) for k, v in x.items()}
        if len(out) < len(x):
            names = [str(k) for k in x]
            alike = [k for k in x if names.count(str(k)) > 1]
            raise InputError(f"in JSON {alike[0]!r} and {alike[1]!r} are written alike; rename one of them")
        return out
    if isinstance(x, set):
        return sorted((plain(v) for v in x), key=str)
    if isinstance(x, list | tuple):
        return [plain(v) for v in x]
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x if isinstance(x, int | float | str) or x is None else str(x)


def _size(spec: Spec, data) -> str:
    if spec.structure.data == "values":
        return _many(len(data), "number")
    if spec.structure.data != "graph":
        what = {"text": f"a text of {len(data or ())}"}
        return "its input" if data is None else what.get(spec.structure.data, f"{len(data)} {spec.structure.data}")
    return f"{_many(len(data), 'node')} and {_many(data.number_of_edges(), 'edge')}"


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _state(rollout: Rollout) -> str:
    state = "halted" if rollout.halted else "DID NOT HALT"
    unseen = f"{rollout.unseen_contexts} of {rollout.contexts} contexts unseen in training"
    return f"{state} after {rollout.num_steps} steps; {unseen}"


def _outputs(outputs: dict, nodes=None, values: list | None = None) -> str:
    """nodes: of the graph, if it is one. values: of the list, to which positions refer."""
    of_nodes = lambda x: nodes is not None and isinstance(x, dict) and not any(isinstance(v, dict) for v in x.values())
    by_node = {name: x for name, x in outputs.items() if of_nodes(x)}
    parts = []
    if by_node:
        parts.append(table(["node", *by_node], ([v, *(x[v] for x in by_node.values())] for v in nodes)))
    for name, x in outputs.items():
        if isinstance(x, dict) and x and all(isinstance(v, dict) for v in x.values()):
            parts.append(f"{name}\n{_pairs(x)}")
        elif name not in by_node:
            parts.append(f"{name}: {_text(x)}")
            if values is not None and name in ("order", "index") and x is not None:
                parts[-1] += f"\n{'values' if isinstance(x, list) else 'value'}: {_text(_at(values, x))}"
    return "\n".join(parts)


def _pairs(x: dict[object, dict]) -> str:
    """{u: {v: value}}: a row for each u and a column for each v, or, where some are left out, a row for each pair."""
    if all(list(row) == list(x) for row in x.values()):
        return table(["", *map(_text, x)], ([u, *row.values()] for u, row in x.items()))
    return table(["from", "to", "value"], ((u, v, value) for u, row in x.items() for v, value in row.items()))


def _at(data, x):
    return [data[i] if i is not None else None for i in x] if isinstance(x, list) else data[x]


def _is_number(x: object) -> bool:
    return x is None or (isinstance(x, int | float) and not isinstance(x, bool))


def _text(x: object) -> str:
    if x is None:
        return "-"
    if isinstance(x, bool):
        return "yes" if x else "no"
    if isinstance(x, float):
        return f"{x:.10g}"
    if isinstance(x, tuple):
        return "-".join("none" if v is None else _text(v) for v in x)
    if isinstance(x, set):
        return ", ".join(sorted(map(_text, x)))
    return ", ".join(_text(v) for v in x) if isinstance(x, list) else str(x)
