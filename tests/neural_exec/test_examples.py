"""What training sees: drawn from the seed alone, small, of the training families, merged into tables."""

import numpy as np
import pytest

from algorithms import registry
from algorithms.contexts import collect, draw
from algorithms.machine.engine import execute
from algorithms.recording.record import Recording, record
from algorithms.saturated import Missing, Saturated, grown
from algorithms.trace import lay_out
from neural_exec import examples as transitions
from neural_exec.examples import MAX_NODES, draw_examples, rng_of

KADANE = "find_maximum_subarray_kadane"


def flat(examples):
    out = {}
    for part in ("train", "known"):
        for g, t in getattr(examples, part).items():
            out[part, g] = (t.codes.tolist(), t.consistent.tolist(), t.counts.tolist())
    return out


@pytest.mark.parametrize("algorithm", ["bfs", "mst_kruskal", "quicksort"])
def test_examples_depend_on_the_seed_alone(algorithm):
    a, b = (draw_examples(algorithm, seed=4, traces=8, held_out=4) for _ in range(2))
    assert flat(a) == flat(b) and a.machine.to_dict() == b.machine.to_dict() and a.ticks == b.ticks
    other = draw_examples(algorithm, seed=5, traces=8, held_out=4)
    assert flat(a) != flat(other)


@pytest.mark.parametrize("algorithm", ["bfs", "mst_kruskal", "insertion_sort", "binary_search"])
def test_only_small_inputs_of_the_training_families(algorithm, monkeypatch):
    seen = []
    draw = transitions.draw

    def spy(spec, recording, rng, n, family, *rest):
        out = draw(spec, recording, rng, n, family, *rest)
        seen.append((n, len(out[1]), family))
        return out

    monkeypatch.setattr(transitions, "draw", spy)
    draw_examples(algorithm, seed=0, traces=60, held_out=12, sought=0)
    asked, nodes, families = zip(*seen)
    assert len(seen) == 72 and MAX_NODES == 16
    assert min(asked) == 1 and max(asked) == 16 and max(nodes) <= 16
    assert set(families) == set(registry.get(algorithm).families["training"])


def test_held_out_traces_are_known_but_not_trained_on():
    e = draw_examples("heapsort", seed=0, traces=6, held_out=30, sought=0)
    alone = draw_examples("heapsort", seed=0, traces=6, held_out=0, sought=0)
    more = 0
    for g in e.machine.groups:
        assert set(e.train[g].codes) <= set(e.known[g].codes)
        more += len(e.known[g].codes) - len(e.train[g].codes)
        place = {c: i for i, c in enumerate(e.known[g].codes.tolist())}
        at = [place[c] for c in e.train[g].codes.tolist()]
        if at:
            # more evidence rules operations out, never in
            assert not (e.known[g].consistent[at] & ~e.train[g].consistent).any() or e.known[g].group.relation
            assert (e.known[g].counts[at] >= e.train[g].counts).all()
        assert e.known[g].consistent.any(2).all(), "a context without a consistent operation is a conflict"
    assert more > 0
    assert sum(t.counts.sum() for t in e.train.values()) == sum(t.counts.sum() for t in alone.train.values())
    assert e.ticks == alone.ticks and e.traces == 6
    assert all(alone.known[g] is alone.train[g] for g in alone.machine.groups)


def test_tick_is_called_after_each_run():
    calls = []
    draw_examples("minimum", seed=0, traces=5, held_out=2, tick=lambda: calls.append(1), sought=3)
    assert len(calls) == 7 + 3 * 5


def test_what_traces_leave_out_is_sought():
    few = draw_examples("heapsort", seed=0, traces=6, held_out=0, sought=0)
    more = draw_examples("heapsort", seed=0, traces=6, held_out=0, sought=40)
    assert few.rare == 0 < more.rare < 60 and more.ticks > few.ticks
    contexts = lambda e: {(g, c) for g, t in e.train.items() for c in t.codes.tolist()}
    assert len(contexts(more)) > len(contexts(few))
    again = draw_examples("heapsort", seed=0, traces=6, held_out=0, sought=40)
    assert contexts(again) == contexts(more) and again.machine.to_dict() == more.machine.to_dict()


@pytest.mark.parametrize("algorithm", ["heapsort", "kmp_matcher", "jarvis_march"])
def test_what_is_sought_together_is_what_is_found_one_by_one(algorithm):
    spec = registry.get(algorithm)
    recording, rng, families = Recording(spec), rng_of("traces", algorithm, 0), spec.families["training"]
    runs = [
        draw(spec, recording, rng, int(rng.integers(1, MAX_NODES + 1)), families[i % len(families)])[0]
        for i in range(6)
    ]
    table = Saturated(spec, recording.machine())
    table.add(runs)
    for i in range(6 * 40):
        n = int(rng.integers(1, MAX_NODES + 1))
        instance = lay_out(spec, *spec.sample(rng, n, families[i % len(families)]))
        try:
            execute(table, instance.copy())
        except Missing:
            runs.append(record(spec, instance, recording))
            table = grown(table, recording, runs)
    assert len(runs) > 7
    contexts, e = collect(recording.machine(), runs), draw_examples(algorithm, 0, 6, 0, sought=40)
    assert e.rare == len(runs) - 6 and e.machine.to_dict() == recording.machine().to_dict()
    for g in e.machine.groups:
        table = contexts.table(g)
        for part in ("codes", "consistent", "counts"):
            assert np.array_equal(getattr(e.train[g], part), getattr(table, part))


@pytest.mark.parametrize("values", [[-2.0], [-3.0, -1.0], [-1.0, -3.0, -2.0]])
def test_training_meets_lists_of_losses_alone(values):
    spec, e = registry.get(KADANE), draw_examples(KADANE, 0, 60)
    run = record(spec, lay_out(spec, values, {}), Recording(spec))
    met = collect(e.machine, [run]).table("hub").codes
    assert set(met.tolist()) <= set(e.train["hub"].codes.tolist())


def test_rng_of_depends_on_its_whole_key_and_nothing_else():
    draws = {k: rng_of(*k).integers(2**60) for k in [("a", 1), ("a", 2), ("b", 1), (1, "a"), ("a",), ("a", 1, 0)]}
    assert len(set(draws.values())) == len(draws)
    np.random.seed(0)
    assert all(rng_of(*k).integers(2**60) == x for k, x in draws.items())
