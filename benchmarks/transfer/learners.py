"""What `transfer.py` compares: names shared, per algorithm and permuted; a table, a tree, the oracle."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from algorithms import registry
from algorithms.contexts import Contexts, Table, draw
from algorithms.machine.program import Machine
from algorithms.recording.record import Recording
from algorithms.vocabulary import VOCABULARY
from neural_exec.examples import MAX_NODES, rng_of
from neural_exec.network.meaning import Names, is_symbol, scoped

__all__ = ["Drawn", "OwnNames", "PermutedNames", "oracle", "table_or_keep", "tree"]

Tables = dict[str, Table]
_PARTS = re.compile(r"(_by_|_(?:plus|minus|times)_|(?<=_)(?:abs|hub)_)")


class OwnNames(Names):
    """Codes per algorithm: nothing is shared but the machine's symbols."""

    def name(self, algorithm: str, word: str) -> str:
        name = scoped(algorithm, word)
        return name if not name or is_symbol(name) or "::" in name else f"{algorithm}::{name}"


class PermutedNames(Names):
    """As many codes are shared as ever, but an algorithm calls its things by standard names drawn at random."""

    def name(self, algorithm: str, word: str) -> str:
        name = scoped(algorithm, word)
        if not name or is_symbol(name) or "::" in name:
            return name
        known = [w for w in VOCABULARY if w.startswith("=") == name.startswith("=")]
        order = rng_of("permuted", algorithm, name.startswith("=")).permutation(len(known))
        other = {w: known[i] for w, i in zip(known, order)}
        return other[name] if name in other else "".join(other.get(p, p) for p in _PARTS.split(name))


class Drawn:
    """An algorithm's traces. truth: contexts of all of them; supports[seed, k]: of k, another k for each seed; fresh:
    of the truth, contexts that `more` traces show which the first seed never fits."""

    def __init__(self, name: str, ks: list[int], seeds: int, more: int = 90):
        spec, rng = registry.get(name), rng_of("transfer", name)
        recording, families = Recording(spec), spec.families["training"]
        total = max(ks) + more
        runs = [
            draw(spec, recording, rng, int(rng.integers(1, MAX_NODES + 1)), families[i % len(families)])[0]
            for i in range(total)
        ]
        self.machine: Machine = recording.machine()
        self.supports: dict[tuple[int, int], Tables] = {}
        for seed in range(seeds):
            contexts = Contexts(self.machine)
            for i, place in enumerate(rng_of("support", name, seed).permutation(total), 1):
                contexts.add([runs[place]], int(place))
                if i in ks:
                    self.supports[seed, i] = self.tables(contexts)
                if i >= (max(ks) if seed == 0 else max(k for k in ks if k <= 32)):
                    break
            if seed == 0:
                last = Contexts(self.machine)
                for place in rng_of("support", name, 0).permutation(total)[max(ks) :]:
                    contexts.add([runs[place]], int(place))
                    last.add([runs[place]], int(place))
                self.truth, self.fresh = self.tables(contexts), {}
                for g, t in self.truth.items():
                    shown = np.isin(t.codes, last.table(g).codes)
                    self.fresh[g] = replace(
                        t, codes=t.codes[shown], counts=t.counts[shown], consistent=t.consistent[shown]
                    )

    def tables(self, contexts: Contexts) -> Tables:
        return {g: contexts.table(g) for g in self.machine.groups}

    def judged(self, k: int) -> Tables:
        """What a fit on k traces is judged by: where k is most of all traces, those alone that it did not see."""
        return self.fresh if k >= 50 else self.truth


def _count(right: np.ndarray) -> int:
    return int((~right).sum())


def _aligned(truth: Table, few: Table) -> np.ndarray:
    """For every context of the truth its place among the few, or -1."""
    place = {c: i for i, c in enumerate(few.codes.tolist())}
    return np.array([place.get(c, -1) for c in truth.codes.tolist()], int)


def table_or_keep(truth: Tables, few: Tables) -> int:
    """Wrong contexts of a counted table: the first operation that agreed, in the machine's order; else keep."""
    wrong = 0
    for g, t in truth.items():
        at = _aligned(t, few[g])
        chosen = np.where((at >= 0)[:, None], few[g].consistent.argmax(2)[at] if len(few[g].codes) else 0, 0)
        wrong += _count(np.take_along_axis(t.consistent, chosen[..., None], 2)[..., 0].all(1))
    return wrong


def tree(truth: Tables, few: Tables, seed: int) -> int:
    """Wrong contexts of decision trees, one a register, over the columns' values, one column for each."""
    wrong = 0
    for g, t in truth.items():
        if not len(few[g].codes):
            wrong += _count(t.consistent[:, :, 0].all(1))
            continue
        wide = lambda codes, group=t.group: np.concatenate(
            [v[:, None] == np.arange(r) for v, r in zip(group.values(codes).T, group.radix)], 1
        )
        x, every, right = wide(few[g].codes), wide(t.codes), np.ones(len(t.codes), bool)
        for r in range(t.consistent.shape[1]):
            votes = few[g].consistent[:, r].sum(0)
            y = np.where(few[g].consistent[:, r], votes, -1).argmax(1)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "could represent a regression problem"
                chosen = DecisionTreeClassifier(random_state=seed).fit(x, y).predict(every)
            right &= t.consistent[np.arange(len(t.codes)), r, chosen]
        wrong += _count(right)
    return wrong


def oracle(truth: Tables, few: Tables) -> int:
    """Wrong contexts of a learner that is told which columns the program tests for each register, and in which order
    (a tree on the truth), but not what its branches do: a branch that was met takes what agreed there, others keep."""
    wrong = 0
    for g, t in truth.items():
        at, values, right = _aligned(t, few[g]), t.group.values(t.codes), np.ones(len(t.codes), bool)
        for r in range(t.consistent.shape[1]):
            allowed = t.consistent[:, r]
            for branch in _branches(values, allowed, np.arange(len(t.codes))):
                met = at[branch][at[branch] >= 0]
                choice = int(few[g].consistent[met, r].all(0).argmax()) if len(met) else 0
                right[branch] &= allowed[branch, choice]
        wrong += _count(right)
    return wrong


def _branches(values: np.ndarray, allowed: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """Contexts by the branch of the program that decides them: rows that some operation is right for, all of them."""
    if not len(rows) or allowed[rows].all(0).any():
        return [rows] if len(rows) else []
    costs = []
    for c in range(values.shape[1]):
        parts = [rows[values[rows, c] == v] for v in np.unique(values[rows, c])]
        if len(parts) > 1:
            costs.append((sum(len(p) - allowed[p].sum(0).max() for p in parts) + 0.01 * len(parts), c, parts))
    if not costs:
        return [rows]
    done, merged = [], []
    for part in min(costs, key=lambda x: x[:2])[2]:
        below = _branches(values, allowed, part)
        (merged if len(below) == 1 else done).append(below)
    out = [b for below in done for b in below]
    rest: list[np.ndarray] = []
    for (part,) in sorted(merged, key=lambda x: -len(x[0])):  # an `else` is one branch
        for i, other in enumerate(rest):
            if allowed[np.r_[other, part]].all(0).any():
                rest[i] = np.r_[other, part]
                break
        else:
            rest.append(part)
    return out + rest
