"""Many programs at once, on a few inputs whose outputs are told: what `benchmarks/without_traces.py` searches with.

A *program* here is a table: one operation for each register in each context, drawn from the processor's softmax (the
first program takes the likeliest throughout). All rows of all inputs under all programs are looked at in every tick:
no row is passed over, so that a tick is a handful of array operations.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from algorithms.joining import join
from algorithms.machine import Group, Instance, Machine
from algorithms.machine.definition import View
from algorithms.recorder import Recording, record
from algorithms.spec import Spec
from algorithms.terms import Keep
from algorithms.trace import lay_out
from neural_exec.meaning import Names, meanings_of
from neural_exec.step import Step

__all__ = ["Programs", "Sandbox", "entries"]


def entries(form, x: Instance) -> tuple[np.ndarray, np.ndarray] | None:
    """An output's entries in a joined instance, and the graph of each; None for a form that has no entries (a walk)."""
    graphs, kind = np.arange(len(x.hubs)), type(form).__name__
    start = np.searchsorted(x.graph, graphs)
    within = lambda pointers, g: np.where(pointers >= 0, pointers - start[g], -1)
    if kind == "Position":
        return within(x.pointers[form.register][x.hubs], graphs), graphs
    if kind == "ValueAt":
        return x.scalars[form.register][(x.static | x.pointers)[form.pointer][x.hubs]], graphs
    rows = x.rows("node")
    if kind in ("Pointers", "Order"):
        return within(x.pointers[form.register][rows], x.graph[rows]), x.graph[rows]
    if kind in ("IsValue", "Marked", "Members"):
        values = form.values if kind == "IsValue" else (form.value,)
        wanted = [x.spec.by_name[form.register].values.index(v) for v in values]
        return np.isin(x.fields[form.register][rows], wanted), x.graph[rows]
    return None


SMALL = 1 << 16  # codes below this are looked up in a table


class Codebook:
    """Codes of contexts, numbered in the order in which they are first met."""

    def __init__(self):
        self.array = np.zeros(0, np.int64)
        self._sorted, self._ids, self._table = (np.zeros(0, np.int64) for _ in range(3))

    def __len__(self) -> int:
        return len(self.array)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """codes (n,) -> their numbers (n,)."""
        if len(self._table):
            if len(codes) and codes.max() < len(self._table) - 1 and codes.min() >= -1:
                ids = self._table[codes + 1]
                if ids.min() >= 0:
                    return ids
        elif len(self.array):
            at = np.minimum(self._sorted.searchsorted(codes), len(self.array) - 1)
            if (self._sorted[at] == codes).all():
                return self._ids[at]
        self.array = np.append(self.array, np.setdiff1d(codes, self.array))
        self._ids = np.argsort(self.array, kind="stable")
        self._sorted = self.array[self._ids]
        if len(self.array) and self._sorted[0] >= -1 and self._sorted[-1] < SMALL:
            self._table = np.full(self._sorted[-1] + 2, -1)
            self._table[self.array + 1] = np.arange(len(self.array))
        else:
            self._table = self.array[:0]
        return self._ids[self._sorted.searchsorted(codes)]


class Programs:
    """`count` programs of one algorithm, drawn anew by `begin`; contexts are met, and decided, as they come.

    own (names, code): what is searched, the codes of the algorithm's names; all else of the step is frozen.
    operations, seen: group -> (count, contexts, R) and (count, contexts), of what `books` numbers.
    """

    def __init__(self, step: Step, names: Names, machine: Machine, rows: Tensor, count: int, rng: np.random.Generator):
        self.step, self.count, self.rng, self.rows = step.requires_grad_(False), count, rng, rows
        self.meanings, self.base = meanings_of(machine, names), step.codes.detach().clone()
        self.own = nn.Parameter(self.base[rows].clone())
        self.forget()

    def forget(self) -> None:
        """Contexts met so far count no more."""
        self.books = {g: Codebook() for g in self.meanings}

    def codes(self) -> Tensor:
        return self.base.index_copy(0, self.rows, self.own)

    def logits(self, contexts: dict[str, np.ndarray] | None = None) -> dict[str, Tensor]:
        """group -> (contexts, R, O); of all contexts met, where none are given."""
        contexts = {g: b.array for g, b in self.books.items()} if contexts is None else contexts
        batch = [(self.meanings[g], self.meanings[g].tokens(c)) for g, c in contexts.items() if len(c)]
        scores = self.step.score(self.step.join(batch), self.codes()) if batch else []
        return dict(zip((g for g, c in contexts.items() if len(c)), scores))

    def begin(self, heat: float, uniform: float = 0.0) -> None:
        """Draw new programs: at this temperature; or the likeliest operations, but with this probability any."""
        self.heat, self.uniform = heat, uniform
        with torch.no_grad():
            logits = self.logits()
        nothing = {g: np.zeros((self.count, 0, len(m.valid)), np.int64) for g, m in self.meanings.items()}
        self.operations = nothing | {g: self._draw(x) for g, x in logits.items()}
        self.seen = {g: np.zeros(o.shape[:2], bool) for g, o in self.operations.items()}

    def _draw(self, logits: Tensor) -> np.ndarray:
        odds = torch.softmax(logits / self.heat, 2)
        if self.uniform:
            valid = (logits > -1e8).float()
            likeliest = torch.zeros_like(odds).scatter(2, logits.argmax(2, keepdim=True), 1.0 - self.uniform)
            odds = likeliest + self.uniform * valid / valid.sum(2, keepdim=True)
        sums = np.cumsum(odds.numpy(), 2)
        u = self.rng.random((self.count, *sums.shape[:2], 1), dtype=np.float32) * np.float32(1 - 1e-6)
        drawn = (u * sums[..., -1:] >= sums).sum(3)
        drawn[0] = logits.argmax(2).numpy()
        return drawn

    def decide(self, group: str, codes: np.ndarray, program: np.ndarray) -> np.ndarray:
        """Context codes (n,) and whose program asks (n,) -> operations (n, R)."""
        book = self.books[group]
        known = len(book)
        ids = book(codes)
        if len(book) > known:
            with torch.no_grad():
                new = self._draw(self.logits({group: book.array[known:]})[group])
            self.operations[group] = np.concatenate([self.operations[group], new], 1)
            self.seen[group] = np.pad(self.seen[group], [(0, 0), (0, new.shape[1])])
        self.seen[group][program, ids] = True
        return self.operations[group][program, ids]

    def did(self, i: int) -> dict[str, tuple[Tensor, Tensor]]:
        """What program i did: group -> contexts that it met (n,), operations (n, R)."""
        return {
            g: (torch.from_numpy(s[i].nonzero()[0]), torch.from_numpy(self.operations[g][i][s[i]]))
            for g, s in self.seen.items()
            if s[i].any()
        }


class Sandbox:
    """Inputs with their outputs, and room for `count` programs to run on all of them; a run may take the author's bound
    on ticks, and two."""

    def __init__(self, spec: Spec, machine: Machine, inputs: list[tuple], count: int):
        given = [lay_out(spec, data, arguments) for data, arguments in inputs]
        self.machine, self.count, self.inputs = machine, count, len(given)
        self.x = x = join(given * count)
        self.initial = x.ints.copy(), x.floats.copy()
        for y in given:
            record(spec, y, Recording(spec), states=False)
        done = join(given * count)
        self.forms = [f for f in spec.outputs.values() if entries(f, done) is not None]
        self.told = [entries(f, done) for f in self.forms]
        self.caps = np.array([spec.ticks(*s) + 2 for s in x.sizes])
        self.program = np.arange(len(x.hubs)) // len(given)  # of each graph
        self.selected = {h: np.full(x.size + 1, -1) for h, head in machine.heads.items() if not head.total}
        self.totals = {h: np.zeros(x.size + 1) for h, head in machine.heads.items() if head.total}
        self.view, self.members = View(x, machine.heads, self.selected, self.totals), {}
        for g, group in machine.groups.items():
            if group.relation:
                self.members[g] = np.arange(len(x.relations[group.relation]))
                continue
            self.members[g] = x.rows(g) if g in x.kinds else np.zeros(0, np.int64)

    def run(self, programs: Programs) -> tuple[np.ndarray, np.ndarray]:
        """Share of entries right, mean over outputs, and did it halt: (programs, inputs) each."""
        x, halt = self.x, self.machine.halt()
        x.ints[:], x.floats[:] = self.initial
        for array, nothing in [(a, -1) for a in self.selected.values()] + [(a, 0.0) for a in self.totals.values()]:
            array[:] = nothing
        running, ticks, fewer = np.ones(len(x.hubs), bool), 0, True
        with np.errstate(all="ignore"):
            while running.any():
                if fewer:
                    looked_at = {g: self._running(group, running) for g, group in self.machine.groups.items()}
                for g, (rows, who) in looked_at.items():
                    if self.machine.groups[g].relation and len(rows):
                        self._select(programs, g, rows, who)
                writes = []
                for g, (rows, who) in looked_at.items():
                    if not self.machine.groups[g].relation and len(rows):
                        self._decide(programs, g, rows, who, writes)
                for register, rows, value in writes:
                    register[rows] = value
                ticks += 1
                still = running & (x.fields["phase"][x.hubs] != halt) & (ticks < self.caps)
                fewer, running = bool((still != running).any()), still
        shape = self.count, self.inputs
        return self._right().reshape(shape), (x.fields["phase"][x.hubs] == halt).reshape(shape)

    def _running(self, group: Group, running: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A group's rows (or edges) of running graphs, and whose program each is under."""
        rows = self.members[group.name]
        graph = self.x.graph[self.x.relations[group.relation].dst[rows] if group.relation else rows]
        keep = running[graph]
        return rows[keep], self.program[graph[keep]]

    def _decide(self, programs: Programs, g: str, rows: np.ndarray, who: np.ndarray, writes: list) -> None:
        group = self.machine.groups[g]
        chosen = programs.decide(g, self.view.codes(group, rows), who)
        for r, (_, name) in enumerate(group.registers):
            for o in np.flatnonzero(np.bincount(chosen[:, r])).tolist():
                if not isinstance(group.operations[o], Keep):
                    at = rows[chosen[:, r] == o]
                    writes.append((self.x.register(name), at, self.view.result(group.operations[o], at)))

    def _select(self, programs: Programs, g: str, edges: np.ndarray, who: np.ndarray) -> None:
        group = self.machine.groups[g]
        into = self.x.relations[group.relation].dst
        chosen = programs.decide(g, self.view.codes(group, edges), who)
        for h, (_, head) in enumerate(group.registers):
            yes = edges[chosen[:, h] == 1]
            of = self.machine.heads[head]
            key = np.zeros(len(yes)) if of.key is None else self.view.value(of.key, yes, of.relation)
            key = np.broadcast_to(key, yes.shape)
            if of.total:
                sums = np.bincount(into[yes], key, minlength=self.x.size + 1)
                self.totals[head][into[edges]] = sums[into[edges]]
                continue
            self.selected[head][into[edges]] = -1
            least = yes[np.lexsort((yes, np.where(key == key, key, np.inf), into[yes]))][::-1]
            self.selected[head][into[least]] = least  # of several writes the last one holds: the least key's

    def _right(self) -> np.ndarray:
        right = np.zeros(len(self.x.hubs))
        for form, (wanted, graph) in zip(self.forms, self.told):
            got = entries(form, self.x)[0]
            equal = (got == wanted) | ((got != got) & (wanted != wanted))
            right += np.bincount(graph, equal, len(right)) / np.maximum(1, np.bincount(graph, minlength=len(right)))
        return right / len(self.forms)
