"""What the checker finds in programs that are wrong on purpose."""

import inspect
import json

import networkx as nx
import pytest

import algorithms
from algorithms.answers import Position
from algorithms.author import GRAPH, HINT, MASK_ONE, NODE, SCALAR, Probe, Sequence, first
from algorithms.checker import check
from algorithms.errors import AuthorError, UnknownAlgorithmError


def line_of(program, mark) -> int:
    lines, start = inspect.getsourcelines(program)
    (offset,) = (i for i, line in enumerate(lines) if line.rstrip().endswith(f"# {mark}"))
    return start + offset


def listed(make_spec, program, **given):
    """A spec of a program over random lists."""

    def sample(rng, n, family):
        return rng.integers(0, 9, size=n).astype(float).tolist(), {}

    return make_spec(program, **dict(structure=Sequence(), sample=sample) | given)


def paint_by_a_distant_test(hub, nodes):
    hub.u = hub.first
    hub.v = hub.last
    yield "init"
    if hub.u.key > hub.v.key:
        hub.u.color = "grey"  # grey
    yield "paint"


def test_a_write_on_a_test_that_its_row_cannot_see_is_a_conflict(make_spec):
    verdict = check(listed(make_spec, paint_by_a_distant_test), runs=40, sizes=())
    (conflict,) = verdict.conflicts
    grey = line_of(paint_by_a_distant_test, "grey")
    assert not verdict.ok
    assert conflict.startswith("node.color where (hub.phase: paint_by_a_distant_test.init, hub.u == self: yes): ")
    assert f"= grey (line {grey})" in conflict and "keep or = white (not written)" in conflict
    assert conflict in str(verdict) and "NOT OK" in str(verdict)


def test_both_lines_of_a_conflict_are_named(make_spec):
    def paint_either_way(hub, nodes):
        hub.u = hub.first
        hub.v = hub.last
        yield "init"
        if hub.u.key > hub.v.key:
            hub.u.color = "grey"  # grey
        else:
            hub.u.color = "black"  # black
        yield "paint"

    text = "; ".join(check(listed(make_spec, paint_either_way), runs=40, sizes=()).conflicts)
    for color in ("grey", "black"):
        assert f"= {color} (line {line_of(paint_either_way, color)})" in text


def test_the_split_program_has_no_conflict(make_spec):
    """The remedy for paint_by_a_distant_test: the test in one step, the write in the next."""

    def paint_in_two_steps(hub, nodes):
        hub.u = hub.first
        hub.v = hub.last
        yield "init"
        if hub.u.key > hub.v.key:
            yield "greater"
            hub.u.color = "grey"
        yield "painted"

    verdict = check(listed(make_spec, paint_in_two_steps), runs=40, sizes=())
    assert verdict.conflicts == []


def test_state_hidden_from_the_machine_is_a_conflict_of_the_phase(make_spec):
    def count(hub, nodes):
        hidden = []
        hub.u = hub.first
        while len(hidden) < 3:
            hidden.append(None)
            yield "count"
        yield "end"

    (conflict,) = check(listed(make_spec, count), runs=5, sizes=()).conflicts
    assert conflict == "hub.phase where (phase: count.count): = count.end; but keep or = count.count"


def test_an_answer_that_the_reference_rejects_is_wrong(make_spec):
    def last_one(hub, nodes):
        hub.u = hub.last
        yield "a"

    spec = listed(
        make_spec,
        last_one,
        outputs={"index": Position("u")},
        check=lambda outputs, values: {"index": [outputs["index"] == values.index(min(values))]},
    )
    verdict = check(spec, runs=20, sizes=(16,))
    assert not verdict.ok and not verdict.conflicts
    assert 0 < len(verdict.wrong) < verdict.runs
    assert all(
        w.startswith(("output 'index' on a 'path' sample", "output 'index' on a 'cycle'")) for w in verdict.wrong
    )


def test_contexts_that_only_greater_inputs_show_are_new(make_spec):
    def far(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index > 13.0)
        yield "look"
        if hub.u:
            hub.u.color = "grey"
        yield "paint"

    def near(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index > 3.0)
        yield "look"

    verdict = check(make_spec(far), runs=30, sizes=(13, 16))
    assert verdict.new[13] == 0 and verdict.new[16] > 0 and not verdict.ok
    assert "n = 16, hub: phase: far.look, u?: set" in verdict.new_examples and verdict.new_examples[0] in str(verdict)
    assert check(make_spec(near), runs=30, sizes=(13, 16)).ok


def test_registers_that_several_operations_explain_are_undecided(make_spec):
    def program(hub, nodes):
        hub.u = hub.first
        yield "a"
        hub.v = hub.last
        yield "b"

    one = check(listed(make_spec, program, sample=lambda rng, n, family: ([1.0], {})), runs=3, sizes=())
    many = check(listed(make_spec, program, sample=lambda rng, n, family: ([1.0, 2.0], {})), runs=3, sizes=())
    assert one.undecided > many.undecided  # of one element, the first is the last


def test_names_outside_the_vocabulary_are_told_with_the_nearest(make_spec):
    def program(hub, nodes):
        yield "a"

    probes = [
        Probe("parents", HINT, NODE, MASK_ONE),
        Probe("zzz", HINT, GRAPH, SCALAR),
        Probe("u", HINT, NODE, MASK_ONE),
    ]
    verdict = check(make_spec(program, probes=probes), runs=2, sizes=())
    assert verdict.own_names == {"parents": "; 'parent' is", "zzz": ""}
    assert "name 'parents' is not in the vocabulary; 'parent' is" in str(verdict)


def test_a_verdict_counts_what_it_ran_and_is_json():
    verdict = check("minimum", runs=14, sizes=(5, 6))
    families = sum(algorithms.get("minimum").families.values(), ())
    assert verdict.runs == 14 + 2 * len(families) and verdict.ticks > verdict.runs
    assert set(verdict.contexts) == set(verdict.operations) == {"hub"} and verdict.contexts["hub"] > 2
    data = json.loads(json.dumps(verdict.to_dict(), allow_nan=False))
    assert data["ok"] is True and data["algorithm"] == "minimum" and data["new"] == {"5": 0, "6": 0}
    assert str(verdict).startswith("minimum: ok (28 runs, ")


def test_one_seed_gives_one_verdict():
    def facts(seed):
        data = check("bfs", runs=10, sizes=(8,), seed=seed).to_dict()
        return {k: v for k, v in data.items() if k != "seconds"}

    assert facts(1) == facts(1) and facts(1) != facts(2)


def test_a_program_that_is_refused_says_so(make_spec):
    def bad(hub, nodes):
        hub.u.color = "grey"
        yield "a"

    with pytest.raises(AuthorError, match="through nil"):
        check(make_spec(bad), runs=1, sizes=())


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownAlgorithmError, match="'bfs'"):
        check("bsf")


def test_a_relation_without_any_edge_does_not_trouble_it(make_spec):
    def program(hub, nodes):
        for v in nodes:
            v.parent = first(v.in_edges)
        yield "a"

    spec = make_spec(program, sample=lambda rng, n, family: (nx.empty_graph(n), {}))
    assert check(spec, runs=5, sizes=(6,)).ok
