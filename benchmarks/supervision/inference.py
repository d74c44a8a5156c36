"""What is hidden, inferred: the operations of conflicting contexts, selections, the hub's phase."""

from __future__ import annotations

import copy
import json
from itertools import product

import numpy as np

from algorithms.contexts import Contexts, Table, collect, transitions
from algorithms.machine.bytecode import selections
from algorithms.machine.definition import View
from algorithms.machine.probes import HALT, START
from algorithms.machine.program import RELATION, Group, Machine
from algorithms.machine.terms import Const, Keep, Point, Set, to_json
from algorithms.recording.record import Run
from algorithms.recording.selections import Ask
from algorithms.tiles import Tiles
from neural_exec.examples import rng_of


def settle(contexts: Contexts) -> tuple[dict[str, Table], int]:
    """Tables, and how many contexts conflict: where no operation agrees with all transitions, those that agree with
    most of them stay."""
    tables, conflicts = {}, 0
    for name, group in contexts.machine.groups.items():
        table = tables[name] = contexts.table(name)
        empty = ~table.consistent.any(2)
        conflicts += int(empty.any(1).sum())
        if empty.any():
            place = {c: i for i, c in enumerate(table.codes.tolist())}
            votes = np.zeros(table.consistent.shape)
            for (code, mask), (count, _) in contexts.seen[name].items():
                bits = np.unpackbits(np.frombuffer(mask, np.uint8))[: group.valid.size].reshape(group.valid.shape)
                votes[place[code]] += float(count) * bits
            table.consistent[empty] = (votes == votes.max(2, keepdims=True))[empty] & np.broadcast_to(
                group.valid, votes.shape
            )[empty]
    return tables, conflicts


def distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of each kind of row, and each row's kind: np.unique along an axis, by a hash of 64 bits."""
    hashes = rows.astype(np.int64) @ rng_of("hash").integers(-(2**62), 2**62, rows.shape[1])
    _, first, where = np.unique(hashes, return_index=True, return_inverse=True)
    return first, where


# ---------------------------------------------------------------- phases
def with_phases(machine: Machine, count: int) -> Machine:
    """The machine with a phase of `count` values: start, halt, and others that have no meaning yet."""
    data = copy.deepcopy(machine.to_dict())
    data["domains"]["phase"] = [START, HALT, *(f"phase {i}" for i in range(2, count))]
    for g in data["groups"]:
        others = [o for o in g["operations"] if o[:2] != ["Const", "phase"]]
        own = [to_json(Const("phase", i)) for i in range(count)] if g["name"] == "hub" else []
        g["looks"] = None  # which phase looks at what is hidden with it
        g["operations"] = others[:1] + own + others[1:]
    return Machine.from_dict(data)


def relabelled(run: Run, phases: list[int]) -> Run:
    """The run with other phases: one for each of its states."""
    states, row, hub = [], run.instance.int_names.index("phase"), run.instance.hubs[0]
    for (ints, floats), phase in zip(run.states, phases):
        ints = ints.copy()
        ints[row, hub] = phase
        states.append((ints, floats))
    return Run(run.instance, run.ticks, states, run.asks, run.lines)


class Masks:
    """Sets of operations for each register (R, O), as numbers; `both` of two: their intersection, or -1 where a
    register is left with none. (Of a state's context -1 says that it decides nothing: the tree itself conflicts.)"""

    def __init__(self):
        self.arrays, self.acts, self.index, self.known = [], [], {}, {}

    def __call__(self, array: np.ndarray) -> int:
        key = array.tobytes() + bytes(array.shape)
        if key not in self.index:
            self.index[key] = len(self.arrays)
            self.arrays.append(array)
            self.acts.append(not array[:, 0].all())  # operation 0 is keep; of edges, not eligible
        return self.index[key]

    def both(self, a: int, b: int) -> int:
        if a == b or min(a, b) < 0:
            return min(a, b)
        key = (a, b) if a < b else (b, a)
        if key not in self.known:
            array = self.arrays[a] & self.arrays[b]
            self.known[key] = self(array) if array.any(1).all() else -1
        return self.known[key]


class State:
    """A state of the hub's automaton: what rows in each context did in it, and what came next after which context of
    the hub."""

    def __init__(self, final: bool = False):
        self.did, self.next, self.final, self.runs = {}, {}, final, 0


def asked(run: Run) -> list[dict[str, list[int]]]:
    """Per tick: head -> the rows that asked for it."""
    out = []
    for asks in run.asks:
        out.append({})
        for ask in asks:
            out[-1].setdefault(ask.head, []).extend(ask.receivers.tolist())
    return out


def observe(machine: Machine, run: Run, masks: Masks, several: set[str]) -> list[tuple[dict, int]]:
    """Per tick: {(group, context): operations} and the hub's context, all without the phase. Whether a selection is
    asked for is taken to depend on the hub's context, but for the heads in `several`."""
    out = [({}, 0) for _ in range(run.ticks)]
    for name, (codes, consistent, place) in transitions(machine, run).items():
        if name == "hub":
            consistent = consistent[:, :-1]  # the phase is the last of the hub's registers
        elif machine.groups[name].relation:  # of edges that were not asked for nothing is known
            consistent = consistent | ~consistent.any(2, keepdims=True)
        first, where = distinct(consistent.reshape(len(codes), -1))
        ids = [masks(x) for x in consistent[first]]
        for i, (code, w) in enumerate(zip(codes.tolist(), where.tolist())):
            tick = place(i)[1]
            did, hub = out[tick]
            key = (name, code)
            did[key] = masks.both(did[key], ids[w]) if key in did else ids[w]
            out[tick] = (did, code if name == "hub" else hub)
    for (did, hub), asks in zip(out, asked(run)):
        for head in machine.heads:
            if head not in several:
                did["asked", head, hub] = masks(np.array([[head in asks, head not in asks]]))
    return out


def fold(a: State, b: State, masks: Masks, acting: bool) -> tuple[int, list] | None:
    """Merge b, and all that follows it, into a. (agreements, how to undo it), or None (undone) where they conflict."""
    undo, todo, score = [], [(a, b)], 0
    while todo:
        a, b = todo.pop()
        fails = a.final != b.final
        for key, mask in b.did.items() if not fails else ():
            if key in a.did:
                both = masks.both(a.did[key], mask)
                fails = both < 0 <= min(a.did[key], mask)
                if fails:
                    break
                score += both >= 0 and (not acting or masks.acts[both])
                if both == a.did[key]:
                    continue
                mask = both
            undo.append((a.did, key, a.did.get(key)))
            a.did[key] = mask
        if fails:
            restore(undo)
            return None
        for hub, child in b.next.items():
            if hub in a.next:
                if a.next[hub] is not child:
                    todo.append((a.next[hub], child))
            else:
                undo.append((a.next, hub, None))
                a.next[hub] = child
    return score, undo


def restore(undo: list) -> None:
    for table, key, old in reversed(undo):
        if old is None:
            del table[key]
        else:
            table[key] = old


def infer_phases(machine: Machine, runs: list[Run]) -> tuple[Machine, list[Run], dict]:
    """Phases of its own for the hub, and the runs told with them: of several ways to merge states (see `automaton`)
    the one that leaves fewest conflicts, and of these the one with fewest contexts."""
    masks, blank, best = Masks(), with_phases(machine, 2), None
    together = {h for r in runs for asks in asked(r) for h, rows in asks.items() if len(rows) > 1}
    hidden, tried = [relabelled(r, [0] * len(r.states)) for r in runs], set()
    observed = [observe(blank, r, masks, together) for r in hidden]
    for acting, alone, usual in product((False, True), repeat=3):
        root = automaton(observed, masks, acting, alone, usual)
        number, phases = {id(root): 0}, []
        for ticks in observed:
            state, line = root, [0]
            for _, hub in ticks:
                state = state.next[hub]
                line.append(1 if state.final else number.setdefault(id(state), len(number) + 1))
            phases.append(line)
        if str(phases) in tried:
            continue
        tried.add(str(phases))
        own = with_phases(machine, len(number) + 1)
        told, conflicts, contexts = executed(own, [relabelled(r, line) for r, line in zip(hidden, phases)])
        if best is None or (conflicts, contexts) < best[0]:
            notes = dict(phases=len(number) + 1, program=len(machine.domains["phase"]), contexts=contexts)
            notes |= dict(acting=acting, alone=alone, usual=usual)
            best = (conflicts, contexts), own, told, notes
    return best[1:]


def executed(machine: Machine, runs: list[Run]) -> tuple[list[Run], int, int]:
    """The runs with the selections that execution will make, also where none was asked for; how many contexts then
    conflict, and how many there are."""
    contexts = collect(machine, runs)
    if machine.heads:
        tables, _ = settle(contexts)
        choices = [Choices(machine, r) for r in runs]
        for head, of in machine.heads.items():
            t = tables[RELATION + of.relation]
            place = t.group.registers.index(("select", head))
            yes = t.codes[~t.consistent[:, place, 0]]
            for c in choices:
                c.select(head, np.isin(c.codes[head], yes))
        runs = [c.told() for c in choices]
        contexts = collect(machine, runs)
    tables, conflicts = settle(contexts)
    return runs, conflicts, sum(len(t.codes) for t in tables.values())


def automaton(observed: list, masks: Masks, acting: bool, alone: bool, usual: bool) -> State:
    """The first state of a small automaton of the hub that explains all runs.

    Evidence-driven state merging on the tree of all runs. Two states may be one if no context that both met was
    answered by different operations, and if the same holds of all that follows. The pair with most agreements
    (`acting`: in contexts where something is written) is merged first; a state that can be merged with none is a phase
    of its own. alone: nothing is merged with the first state. usual: states that more runs pass are merged first.
    """
    root = State()
    for ticks in observed:
        state = root
        for t, (did, hub) in enumerate(ticks):
            for key, mask in did.items():
                state.did[key] = masks.both(state.did[key], mask) if key in state.did else mask
            state = state.next.setdefault(hub, State(final=t == len(ticks) - 1))
            state.runs += 1
    red = [root]
    while True:
        best = None
        blue = [(s, hub) for s in red for hub, child in s.next.items() if not any(child is x for x in red)]
        if usual and blue:
            blue = [max(blue, key=lambda b: b[0].next[b[1]].runs)]
        for s, hub in blue:
            child, mergeable = s.next[hub], False
            for r in red[alone:]:
                s.next[hub] = r
                if (folded := fold(r, child, masks, acting)) is not None:
                    mergeable = True
                    if best is None or folded[0] > best[0]:
                        best = (folded[0], r, s, hub)
                    restore(folded[1])
                s.next[hub] = child
            if not mergeable:
                red.append(child)
                break
        else:
            if best is None:
                return root
            _, r, s, hub = best
            child, s.next[hub] = s.next[hub], r
            fold(r, child, masks, acting)


# ---------------------------------------------------------------- selections
class Choices:
    """A run's candidates. ranked: head -> (receivers, J): edges into each receiver in the order of the head's key, -1
    where there are fewer; a receiver is a row at a tick, as tick * rows + row. codes: head -> contexts of all edges.
    chosen: head -> what each receiver is taken to have chosen, and -1 for nil."""

    def __init__(self, machine: Machine, run: Run):
        self.machine, self.run, self.size = machine, run, run.instance.size
        side_by_side = lambda states: Tiles([Run(run.instance, states=states)]).instance
        self.now, self.then = side_by_side(run.states[:-1]), side_by_side(run.states[1:])
        self.ranked, self.codes, self.chosen, self.fixed = {}, {}, {}, {}
        for head, of in machine.heads.items():
            relation, key = of.relation, of.key
            r, ids = self.now.relations[relation], np.arange(len(self.now.relations[relation]))
            keys = self.view().value(key, ids, relation) if key is not None else 0.0
            keys = np.broadcast_to(keys, ids.shape)
            order = np.append(np.lexsort((ids, keys, r.dst[:-1])), -1)
            degree = np.diff(r.ptr)
            j = np.arange(degree.max(initial=0))
            self.ranked[head] = order[np.where(j < degree[:, None], r.ptr[:-1, None] + j, -1)]
            self.codes[head] = np.append(self.view().codes(machine.groups[RELATION + relation], ids), -1)
            self.chosen[head] = np.full(self.now.size + 1, -1)

    def view(self) -> View:
        return View(self.now, self.machine.heads, self.chosen)

    def outcomes(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Contexts (n,) of a group's rows, and the operations (n, R, O) that agree with what came next, given what is
        chosen now; what does not depend on that is found once."""
        group, rows = self.machine.groups[name], self.now.rows(name)
        moving = [c for c, column in enumerate(group.columns) if selections(column)]
        if name not in self.fixed:
            rest = [c for c in range(len(group.columns)) if c not in moving]
            masks = np.zeros((len(rows), *group.valid.shape), bool)
            self.fixed[name] = self.view().codes(group, rows, rest), masks
            self._agree(group, rows, masks, selecting=False)
        codes, masks = self.fixed[name][0], self.fixed[name][1].copy()
        self._agree(group, rows, masks, selecting=True)
        return codes + self.view().codes(group, rows, moving), masks

    def _agree(self, group: Group, rows: np.ndarray, masks: np.ndarray, selecting: bool) -> None:
        """Of operations that read a selection, or of all others."""
        view = self.view()
        for o, op in enumerate(group.operations):
            reads = bool(op.heads()) if isinstance(op, Point | Set) else False
            for r in np.flatnonzero(group.valid[:, o]) if reads == selecting else ():
                register = group.registers[r][1]
                new = self.then.register(register)[rows]
                value = self.now.register(register)[rows] if isinstance(op, Keep) else view.result(op, rows)
                masks[:, r, o] = (value == new) | ((value != value) & (new != new))

    def select(self, head: str, eligible: np.ndarray, rows: np.ndarray | None = None) -> None:
        """Have rows (all, where none are given) choose the first of the eligible edges."""
        ranked = self.ranked[head] if rows is None else self.ranked[head][rows]
        rows = np.arange(len(ranked)) if rows is None else rows
        yes = np.c_[(ranked >= 0) & eligible[ranked], np.ones(len(rows), bool)]
        self.chosen[head][rows] = np.c_[ranked, np.full(len(rows), -1)][np.arange(len(rows)), yes.argmax(1)]

    def told(self) -> Run:
        """The run with the chosen edges as its selections, every row asked for every head."""
        asks = [[] for _ in range(self.run.ticks)]
        for head, chosen in self.chosen.items():
            m, ranked = len(self.run.instance.relations[self.machine.heads[head].relation]), self.ranked[head]
            for v in np.flatnonzero((ranked >= 0).any(1)).tolist():
                line, e = ranked[v][ranked[v] >= 0], chosen[v]
                passed = line[: np.flatnonzero(line == e)[0]] if e >= 0 else line
                picked = int(e % m) if e >= 0 else -1
                asks[v // self.size].append(Ask(head, int(v % self.size), picked, line % m, None, [len(passed)]))
        return Run(self.run.instance, self.run.ticks, self.run.states, asks, self.run.lines)


def readers(machine: Machine, head: str) -> list[str]:
    """The groups whose rows see what they themselves select by this head."""
    sees = lambda g: any(f'"@{head}"' in json.dumps(to_json(t)) for t in [*g.columns, *g.operations])
    return [n for n, g in machine.groups.items() if not g.relation and sees(g)]


def infer_selections(machine: Machine, runs: list[Run], rng, rounds: int = 3) -> tuple[list[Run], dict]:
    """Selections that explain the states: for one head at a time, given what the others choose, expectation and
    maximisation over two tables, eligible edge contexts and operations of row contexts (see `maximise`). Rounds of all
    heads, until no context conflicts. A row is taken to see its own selections alone."""
    choices, used, conflicts = [Choices(machine, r) for r in runs], 0, 1
    while conflicts and used < rounds:
        used += 1
        for head in machine.heads:
            for group in readers(machine, head):
                choose(machine, head, group, choices, rng)
        told = [c.told() for c in choices]
        _, conflicts = settle(collect(machine, told))
    return told, dict(rounds=used)


def choose(machine: Machine, head: str, group: str, choices: list[Choices], rng) -> None:
    """Find what rows of a group select by a head."""
    width = max(c.ranked[head].shape[1] for c in choices)
    if not width:  # no run has an edge
        return
    pairs: dict[bytes, int] = {}
    edges, outcomes = [], []
    for c in choices:
        rows, ranked, held = c.now.rows(group), c.ranked[head], c.chosen[head].copy()
        here, done = np.full((len(rows), width), -1), np.full((len(rows), width + 1), -1)
        here[:, : ranked.shape[1]] = c.codes[head][ranked[rows]]
        for j in [*range(ranked.shape[1]), width]:
            c.chosen[head][rows] = ranked[rows, j] if j < width else -1
            codes, masks = c.outcomes(group)
            packed = np.packbits(masks.reshape(len(masks), -1), axis=1)
            keys = np.concatenate([codes.view(np.uint8).reshape(-1, 8), packed], 1)
            first, where = distinct(keys)
            ids = np.array([pairs.setdefault(k.tobytes(), len(pairs)) for k in keys[first]])
            done[:, j] = ids[where]
        c.chosen[head][:] = held
        edges.append(here)
        outcomes.append(done)
    edge_codes, edge_ids = np.unique(np.concatenate(edges), return_inverse=True)
    edge_ids = edge_ids.reshape(-1, width) - (edge_codes[0] == -1)
    units, counts = np.unique(
        np.concatenate([edge_ids, np.concatenate(outcomes)], 1),
        axis=0, return_counts=True,
    )  # fmt: skip
    valid = machine.groups[group].valid
    raw = np.frombuffer(b"".join(pairs), np.uint8).reshape(len(pairs), -1)
    codes, code_of = np.unique(raw[:, :8].copy().view(np.int64).ravel(), return_inverse=True)
    masks = np.unpackbits(raw[:, 8:], axis=1)[:, : valid.size].reshape(-1, *valid.shape)
    number = len(edge_codes) - (edge_codes[0] == -1)
    eligible = maximise(units[:, :width], units[:, width:], counts, code_of.ravel(), masks, valid, number, rng)
    for c in choices:
        c.select(head, np.isin(c.codes[head], edge_codes[-number:][eligible]), c.now.rows(group))


def maximise(edges, outcomes, counts, code_of, masks, valid, number: int, rng, steps: int = 60) -> np.ndarray:
    """Which edge contexts are eligible, (number,) bool.

    Rows of like transitions: edges (U, J) contexts of the candidates in order, -1 where there are fewer; outcomes (U,
    J + 1) what the row's context would be and which operations agree, were that candidate chosen (the last: none), as
    index of code_of (contexts) and masks (operations). A row's candidate is the first eligible one; its operations are
    drawn for each register by a table of its context. Both tables are fitted to the rows' expected choices.
    """
    eligible = rng.uniform(0.2, 0.5, number)
    table = np.broadcast_to(valid / valid.sum(1, keepdims=True), (code_of.max() + 1, *valid.shape)).copy()
    absent = np.concatenate([edges < 0, np.zeros((len(edges), 1), bool)], 1)
    for step in range(steps):
        each = table[code_of] * masks
        agrees = each.sum(2)
        evidence = np.log(np.maximum(agrees, 1e-4)).sum(1)[outcomes]
        yes = np.where(absent[:, :-1], 0.0, np.clip(eligible, 1e-6, 1 - 1e-6)[edges])
        passed = np.cumsum(np.log1p(-yes), 1)
        prior = np.log(np.maximum(np.c_[yes, np.ones(len(yes))], 1e-9)) + np.c_[np.zeros(len(yes)), passed]
        score = np.where(absent, -np.inf, min(1.0, 0.3 + step / 20) * evidence + prior)
        p = np.exp(score - score.max(1, keepdims=True))
        p *= counts[:, None] / p.sum(1, keepdims=True)
        weight = np.bincount(np.where(absent, 0, outcomes).ravel(), np.where(absent, 0, p).ravel(), len(code_of))
        each *= (weight[:, None] / np.maximum(agrees, 1e-12))[:, :, None]
        table[:] = 1e-3 * valid
        np.add.at(table, code_of, each)
        table /= table.sum(2, keepdims=True)
        after = p[:, ::-1].cumsum(1)[:, ::-1]
        real = edges >= 0
        chosen = np.bincount(edges[real], p[:, :-1][real], number)
        reached = np.bincount(edges[real], after[:, :-1][real], number)
        eligible = 0.95 * chosen / np.maximum(reached, 1e-9)
    return eligible > 0.5
