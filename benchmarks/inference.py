"""What is hidden, inferred: the operations of conflicting contexts, selections, the hub's phase."""

from __future__ import annotations

import copy

import numpy as np

from algorithms.contexts import Contexts, Table, transitions
from algorithms.machine import Machine
from algorithms.recorder import Run
from algorithms.spec import HALT, START
from algorithms.terms import Const, to_json


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
                votes[place[code]] += count * bits
            table.consistent[empty] = (votes == votes.max(2, keepdims=True))[empty] & np.broadcast_to(
                group.valid, votes.shape
            )[empty]
    return tables, conflicts


# ---------------------------------------------------------------- phases
def with_phases(machine: Machine, count: int) -> Machine:
    """The machine with a phase of `count` values: start, halt, and others that have no meaning yet."""
    data = copy.deepcopy(machine.to_dict())
    data["domains"]["phase"] = [START, HALT, *(f"phase {i}" for i in range(2, count))]
    for g in data["groups"]:
        others = [o for o in g["operations"] if o[:2] != ["Const", "phase"]]
        own = [to_json(Const("phase", i)) for i in range(count)] if g["name"] == "hub" else []
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
    register is left with none."""

    def __init__(self):
        self.arrays, self.index, self.known = [], {}, {}

    def __call__(self, array: np.ndarray) -> int:
        key = array.tobytes() + bytes(array.shape)
        if key not in self.index:
            self.index[key] = len(self.arrays)
            self.arrays.append(array)
        return self.index[key]

    def both(self, a: int, b: int) -> int:
        if a == b:
            return a
        key = (a, b) if a < b else (b, a)
        if key not in self.known:
            array = self.arrays[a] & self.arrays[b]
            self.known[key] = self(array) if array.any(1).all() else -1
        return self.known[key]


class State:
    """A state of the hub's automaton: what rows in each context did in it, and what came next after which context of
    the hub."""

    def __init__(self, final: bool = False):
        self.did, self.next, self.final = {}, {}, final


def asked(run: Run) -> list[dict[str, list[int]]]:
    """Per tick: head -> the rows that asked for it."""
    out = []
    for asks in run.asks:
        out.append({})
        for head, receiver, _, _ in asks:
            out[-1].setdefault(head, []).append(receiver)
    return out


def observe(machine: Machine, run: Run, masks: Masks, several: set[str]) -> list[tuple[dict, int]]:
    """Per tick: {(group, context): operations} and the hub's context, all without the phase. Whether a selection is
    asked for depends on the hub's context, but for selections that `several` rows ask for at once."""
    out = [({}, 0) for _ in range(run.ticks)]
    for name, (codes, consistent, place) in transitions(machine, run).items():
        if name == "hub":
            consistent = consistent[:, :-1]  # the phase is the last of the hub's registers
        elif machine.groups[name].relation:  # of edges that were not asked for nothing is known
            consistent = consistent | ~consistent.any(2, keepdims=True)
        flat, where = np.unique(consistent.reshape(len(codes), -1), axis=0, return_inverse=True)
        ids = [masks(x.reshape(consistent.shape[1:])) for x in flat]
        for i, (code, w) in enumerate(zip(codes.tolist(), where.ravel().tolist())):
            tick = place(i)[0]
            did, hub = out[tick]
            key = (name, code)
            did[key] = masks.both(did[key], ids[w]) if key in did else ids[w]
            out[tick] = (did, code if name == "hub" else hub)
    for (did, hub), asks in zip(out, asked(run)):
        for head in machine.heads:
            if head not in several:
                did["asked", head, hub] = masks(np.array([[head in asks, head not in asks]]))
    return out


def fold(a: State, b: State, masks: Masks) -> tuple[int, list] | None:
    """Merge b, and all that follows it, into a. (agreements, how to undo it), or None (undone) where they conflict."""
    undo, todo, score = [], [(a, b)], 0
    while todo:
        a, b = todo.pop()
        fails = a.final != b.final
        for key, mask in b.did.items() if not fails else ():
            if key in a.did:
                both = masks.both(a.did[key], mask)
                fails = both < 0
                if fails:
                    break
                score += 1
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
    """Phases of its own for the hub: the states of a small automaton that explains all runs.

    Evidence-driven state merging on the tree of all runs. Two states may be one if no context that both met was
    answered by different operations, and if the same holds of all that follows. The pair with most agreements is
    merged first; a state that can be merged with none is a phase of its own.
    """
    masks, blank, root = Masks(), with_phases(machine, 2), State()
    several = {h for r in runs for asks in asked(r) for h, rows in asks.items() if len(rows) > 1}
    observed = [observe(blank, relabelled(r, [0] * len(r.states)), masks, several) for r in runs]
    for ticks in observed:
        state = root
        for t, (did, hub) in enumerate(ticks):
            for key, mask in did.items():
                state.did[key] = masks.both(state.did[key], mask) if key in state.did else mask
            state = state.next.setdefault(hub, State(final=t == len(ticks) - 1))
    red, merges, tried = [root], 0, 0
    while True:
        blue = [(s, hub) for s in red for hub, child in s.next.items() if not any(child is x for x in red)]
        best = None
        for s, hub in blue:
            child, mergeable = s.next[hub], False
            for r in red:
                tried += 1
                s.next[hub] = r
                if (folded := fold(r, child, masks)) is not None:
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
                break
            _, r, s, hub = best
            child, s.next[hub] = s.next[hub], r
            fold(r, child, masks)
            merges += 1
    halt = [s for s in red if s.final]
    order = [root, *halt, *(s for s in red if s is not root and not s.final)]
    number = {id(s): i for i, s in enumerate(order)}
    labelled = []
    for run, ticks in zip(runs, observed):
        state, phases = root, [0]
        for _, hub in ticks:
            state = state.next[hub]
            phases.append(number[id(state)])
        labelled.append(relabelled(run, phases))
    notes = dict(phases=len(order), of=len(machine.domains["phase"]), merges=merges, tried=tried)
    return with_phases(machine, len(order)), labelled, notes
