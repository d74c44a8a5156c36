"""Evaluation: fresh graphs of every family, judged by the reference; what is broken is seen to be."""

import csv
import io
import json

import networkx as nx
import pytest
import torch

import neural_exec
from algorithms import registry
from neural_exec import evaluation, plain_executor
from neural_exec import examples as transitions
from neural_exec.errors import ArgumentError, UnknownAlgorithmError
from neural_exec.evaluation import Report, Row, evaluate, graphs_at
from neural_exec.examples import draw_examples, rng_of
from neural_exec.runner import Runner, Textbook

EVERY = registry.names()


def families_of(name):
    spec = registry.get(name)
    return [*spec.families["training"], *spec.families["held_out"]]


class Other(Runner):
    """A runner of another kind: `corrupt(name, outcome)` may change what it answers."""

    def __init__(self, executor, corrupt):
        self.executor, self.corrupt = executor, corrupt

    @property
    def algorithms(self):
        return self.executor.algorithms

    def execute(self, lays):
        out = self.executor.execute(lays)
        for one in out:
            self.corrupt(one.algorithm, one)
        return out


class Bare(Other):
    """It answers nothing."""

    def __init__(self, executor):
        super().__init__(executor, lambda name, outcome: outcome.outputs.clear())


@pytest.fixture(scope="module")
def report(trained):
    return evaluate(trained, ["bfs", "heapsort"], sizes=[1, 12], graphs=20, seeds=[0, 7])


# ---------------------------------------------------------------- what is evaluated
def test_rows_cover_sizes_seeds_and_families(report):
    for name in ("bfs", "heapsort"):
        for size in (1, 12):
            for seed in (0, 7):
                rows = [r for r in report.rows if (r.algorithm, r.size, r.seed) == (name, size, seed)]
                assert sorted(r.family for r in rows) == sorted(families_of(name))
                assert sum(r.graphs for r in rows) == 20
                assert max(r.graphs for r in rows) - min(r.graphs for r in rows) <= 1
    for r in report.rows:
        assert r.trained_on == (r.family in registry.get(r.algorithm).families["training"])
        assert r.model == "neural-exec" and r.seconds > 0 and r.ticks >= 1
    assert {r.trained_on for r in report.rows} == {True, False}


def test_a_right_executor_is_exact(report):
    for r in report.rows:
        assert r.exact == r.graphs == r.halted == r.same and r.nodes == 1.0
        assert set(r.outputs) == set(registry.get(r.algorithm).outputs) and all(x == 1.0 for x in r.outputs.values())
        assert r.unseen is not None
    assert report.failures == [] and "!" not in str(report)


def test_how_many_graphs(trained):
    assert [graphs_at(n) for n in (1, 64, 65, 256, 257, 1024)] == [100, 100, 20, 20, 5, 5]
    few = evaluate(trained, ["bfs"], sizes=[4], graphs=5)
    assert [r.graphs for r in few.rows] == [1] * 5
    assert {r.trained_on for r in few.rows} == {True, False}, "families in and out of the training mix"
    assert sum(r.graphs for r in evaluate(trained, ["minimum"], sizes=[2]).rows) == 100


def samples(name, seeds, size, graphs, executor):
    """What an evaluation runs on."""
    seen = []
    other = Other(executor, lambda *_: None)
    run = other.run
    other.run = lambda n, data, **arguments: (seen.append(data), run(n, data, **arguments))[1]
    evaluate(other, [name], sizes=[size], graphs=graphs, seeds=seeds)
    return seen


def test_no_graph_is_one_of_trainings(trained, monkeypatch):
    drawn, draw = [], transitions.draw

    def spy(*args):
        out = draw(*args)
        drawn.append(out[1])
        return out

    monkeypatch.setattr(transitions, "draw", spy)
    for seed in (0, 1):
        draw_examples("minimum", seed=seed, traces=240, held_out=60, sought=0)
    trained_on = {tuple(x) for x in drawn if len(x) >= 8 and len(set(x)) > len(x) // 2}
    fresh = {tuple(x) for n in (8, 12, 16) for x in samples("minimum", [0, 1], n, 50, trained)}
    assert len(trained_on) > 100 and len(fresh) > 100
    assert not trained_on & fresh


def test_the_seed_and_nothing_else_decides_the_graphs(trained):
    a, b, c = (samples("minimum", [s], 9, 14, trained) for s in (0, 0, 1))
    assert a == b and a != c
    assert samples("minimum", [0, 1], 9, 14, trained) == a + c
    assert rng_of("evaluation", "minimum", 9, "uniform", 0).random() != rng_of("traces", "minimum", 0).random()


# ---------------------------------------------------------------- what is broken is seen
def broken(executor):
    with torch.no_grad():
        for p in executor.step.parameters():
            p.zero_()
    return executor


def test_a_network_of_zeros_is_reported_as_such(trained_dir):
    report = evaluate(broken(neural_exec.load(trained_dir)), sizes=[6], graphs=9)
    assert len(report.failures) == len(report.rows) > 0
    assert all(r.exact == r.halted == r.same == 0 for r in report.rows)
    assert "0/9 !" in str(report)


@pytest.fixture(scope="module")
def networks(untrained):
    return [untrained(seed) for seed in range(2)]


@pytest.mark.parametrize("name", EVERY)
def test_an_untrained_network_is_judged_not_stumbled_over(networks, name):
    rows = [r for executor in networks for r in evaluate(executor, [name], sizes=[1, 4], graphs=5).rows]
    assert any(r.exact < r.graphs for r in rows if r.size == 4)
    assert all(0.0 <= r.nodes <= 1.0 for r in rows)


def test_an_answer_wrong_at_one_node_is_not_exact(trained):
    def corrupt(name, rollout):
        reached = rollout.outputs["reached"]
        node = next(iter(reached))
        reached[node] = not reached[node]

    report = evaluate(Other(trained, corrupt), ["bfs"], sizes=[10], graphs=18)
    assert len(report.failures) == len(report.rows)
    for r in report.rows:
        assert r.exact == 0 and r.halted == r.graphs
        assert r.outputs == {"parent": 1.0, "reached": 0.0}
        n = 9 if r.family == "grid" else 10
        assert r.nodes == pytest.approx(1 - 1 / (2 * n))
        assert r.same is None, "only the network's own runs are compared with the program's"


def test_a_right_answer_of_a_run_that_did_not_halt_is_not_exact(trained):
    report = evaluate(Other(trained, lambda n, r: setattr(r, "halted", False)), ["minimum"], sizes=[5], graphs=7)
    assert all(r.exact == r.halted == 0 and r.nodes == 1.0 for r in report.rows) and report.failures == report.rows


def test_a_model_that_does_not_know_what_it_has_seen(trained):
    report = evaluate(
        Other(trained, lambda n, r: setattr(r, "unseen_contexts", None)), ["minimum"], sizes=[5], graphs=7
    )
    assert all(r.unseen is None and r.exact == r.graphs for r in report.rows)
    assert str(report).splitlines()[-1].split()[-2] == "-"


def test_one_failure_among_many_is_one_row(trained):
    count = []

    def corrupt(name, rollout):
        count.append(1)
        if len(count) == 10:
            rollout.outputs["index"] = 99

    report = evaluate(Other(trained, corrupt), ["minimum"], sizes=[5], graphs=21)
    [row] = report.failures
    assert row.exact == row.graphs - 1 and "20/21 !" in str(report)


# ---------------------------------------------------------------- the same run as the program's
def test_same_as_program(trained):
    graph = nx.barabasi_albert_graph(15, 2, seed=0)
    assert trained.follows(registry.get("bfs"), graph, {"source": 0})


@pytest.mark.parametrize("part", ["ticks", "on the way", "ints", "floats"])
def test_any_difference_from_the_program_is_seen(trained, monkeypatch, part):
    real = plain_executor.record

    def other(spec, instance, recording, watch, **more):
        seen = []
        run = real(spec, instance, recording, watch=lambda x: seen.append(x.copy()), **more)
        x = seen[3 if part == "on the way" else -1]
        if part == "ticks":
            seen.append(x)
        elif part == "floats":
            x.floats[0, 2] += 1e-9
        else:
            x.ints[-1, 1] += 1
        for x in seen:
            watch(x)
        return run

    graph, arguments = registry.get("dijkstra").sample(rng_of("same"), 12, "erdos_renyi")
    graph.add_weighted_edges_from((0, v, 0.5) for v in range(1, 12))
    spec = registry.get("dijkstra")
    assert trained.follows(spec, graph, {"source": 0})
    monkeypatch.setattr(plain_executor, "record", other)
    assert not trained.follows(spec, graph, {"source": 0})


def test_a_run_with_a_right_answer_that_is_not_the_programs(trained_dir):
    """One more tick at the end: halted, exact, but not the same."""
    executor = neural_exec.load(trained_dir)
    values = [2.0, 1.0, 3.0]
    policy = executor.policy("minimum")
    executor.run("minimum", values)
    group, machine = policy.machine.groups["hub"], policy.machine
    register = next(i for i, (kind, _) in enumerate(group.registers) if kind == "phase")
    halting = next(
        i for i, o in enumerate(group.operations) if getattr(o, "name", "") == "phase" and o.value == machine.halt()
    )
    starts = [c for c, d in policy.answers["hub"].items() if (register, halting) not in d]
    again = policy.answers["hub"]
    [first] = [c for c in starts if group.value_name(0, int(group.values(c_array(c))[0, 0])) == "start"]
    again[first], wait = (), again[first]
    policy.__dict__.pop("_program")  # what an engine made of the answers
    stuck = executor.run("minimum", values)
    assert not stuck.halted and not executor.follows(registry.get("minimum"), values, {})
    again[first] = wait
    policy.__dict__.pop("_program")
    assert executor.follows(registry.get("minimum"), values, {})


def c_array(code):
    import numpy as np

    return np.array([code])


def test_large_runs_are_not_compared(trained, monkeypatch):
    monkeypatch.setattr(evaluation, "_TRACED", 4)
    rows = evaluate(trained, ["minimum"], sizes=[4, 5], graphs=7).rows
    assert all((r.same is None) == (r.size == 5) for r in rows)


# ---------------------------------------------------------------- reports
def test_report_as_records_json_csv_and_frame(report):
    records = report.to_records()
    assert len(records) == len(report.rows) and [Row(**r) for r in records] == report.rows
    assert json.loads(report.to_json()) == records
    lines = list(csv.DictReader(io.StringIO(report.to_csv())))
    assert len(lines) == len(records) and list(lines[0]) == list(Row.__dataclass_fields__)
    for line, r in zip(lines, records):
        assert json.loads(line["outputs"]) == r["outputs"]
        assert (line["algorithm"], line["family"]) == (r["algorithm"], r["family"])
        assert all(float(line[k]) == r[k] for k in ("size", "seed", "graphs", "exact", "nodes", "ticks", "same"))
    pytest.importorskip("pandas")
    frame = report.to_frame()
    assert list(frame.columns) == list(Row.__dataclass_fields__) and frame.to_dict("records") == records


def test_an_empty_report_is_a_report():
    report = Report()
    assert str(report) == "" and json.loads(report.to_json()) == [] and report.failures == []
    assert list(csv.DictReader(io.StringIO(report.to_csv()))) == []


def row(**changes):
    plain = dict(
        model="m", algorithm="bfs", size=16, family="tree", trained_on=True, seed=0, graphs=4, exact=4, halted=4,
        nodes=1.0, outputs={}, same=4, unseen=1, ticks=3.0, seconds=0.5,
    )  # fmt: skip
    return Row(**plain | changes)


def test_the_table_sums_up_by_algorithm_and_size():
    rows = [
        row(), row(family="grid", exact=3, nodes=0.5, unseen=2), row(size=64, exact=4),
        row(algorithm="dfs"), row(model="baseline", exact=0, unseen=None),
    ]  # fmt: skip
    lines = [line.split() for line in str(Report(rows)).splitlines()]
    assert ["m:", "graphs", "with", "every", "output", "right,", "of", "all"] in lines
    assert ["bfs", "7/8", "!", "4/4", "83.33", "4", "1.5"] in lines
    assert ["dfs", "4/4", "100.00", "1", "0.5"] in lines
    assert ["bfs", "0/4", "!", "100.00", "-", "0.5"] in lines
    assert [r.exact for r in Report(rows).failures] == [3, 0]


def test_rows_are_reported_as_they_come_and_time_is_kept(trained):
    seen = []
    report = evaluate(trained, ["minimum"], sizes=[3], graphs=7, report=seen.append, model="mine")
    assert seen == report.rows and len(seen) == 7 and {r.model for r in seen} == {"mine"}
    assert evaluate(trained, ["minimum"], sizes=[3], graphs=7, seconds=0.0).rows == []


def test_all_algorithms_of_the_executor_by_default(trained):
    assert {r.algorithm for r in evaluate(trained, sizes=[2], graphs=1).rows} == set(trained.algorithms)


def test_what_cannot_be_evaluated(trained):
    with pytest.raises(ArgumentError, match="at least 1"):
        evaluate(trained, ["bfs"], sizes=[4, 0])
    with pytest.raises(UnknownAlgorithmError, match="'bfs'"):
        evaluate(trained, ["bsf"], sizes=[4])


def test_what_is_no_runner_or_not_known_is_refused(trained):
    with pytest.raises(ArgumentError, match="takes what runs algorithms"):
        evaluate("core")
    with pytest.raises(ArgumentError, match="give a list of names"):
        evaluate(trained, "bfs")
    with pytest.raises(UnknownAlgorithmError, match="Textbook does not know 'nothing'|no algorithm 'nothing'"):
        evaluate(Textbook(), ["nothing"])
    other = Other(trained, lambda *_: None)
    with pytest.raises(UnknownAlgorithmError, match="Other does not know 'huffman'"):
        evaluate(other, ["huffman"])
    with pytest.raises(ArgumentError, match=r"Bare answers \[\] of bfs, not \['parent', 'reached'\]"):
        evaluate(Bare(trained), ["bfs"], sizes=[4], graphs=1)
    assert evaluate(other, ["bfs"], sizes=[4], graphs=1).rows[0].model == "Other"
