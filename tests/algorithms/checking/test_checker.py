"""What the checker finds in programs that are wrong on purpose."""

import inspect
import json

import networkx as nx
import pytest

import algorithms
from algorithms.answers import Order, Position
from algorithms.author import GRAPH, HINT, MASK_ONE, NODE, SCALAR, Probe, Sequence, argmin, first
from algorithms.checking.checker import check, how_many
from algorithms.checking.judging import Judge
from algorithms.errors import AuthorError, UnknownAlgorithmError
from algorithms.recording.record import Recording, record


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
    assert f"= grey (line {grey})" in conflict and "keep (not written)" in conflict
    assert conflict in str(verdict) and "NOT OK" in str(verdict)


def test_a_conflict_names_the_hubs_test_that_separates_it_and_the_remedy(make_spec):
    (conflict,) = check(listed(make_spec, paint_by_a_distant_test), runs=40, sizes=()).conflicts
    told = {
        "greater, equal or smaller": "= grey (line",
        "equal or smaller, greater": "keep (not",
    }  # as the updates come
    (first_update,) = (
        told[x] for x in told if f"the hub's own test (u.key vs v.key: {x}) tells them apart" in conflict
    )
    assert f"yes): {first_update}" in conflict
    assert "a node row does not see" in conflict and "`yield` with a name of its own in each branch" in conflict

    def choose_by_a_distant_test(hub, nodes):
        hub.u = hub.first
        hub.v = hub.last
        yield "init"
        if hub.u.key > hub.v.key:
            hub.u = first(nodes, where=lambda v: v.color == "white")
        else:
            hub.u = first(nodes, where=lambda v: v.color == "grey")
        yield "choose"

    conflicts = check(listed(make_spec, choose_by_a_distant_test), runs=40, sizes=()).conflicts
    (edges,) = (c for c in conflicts if c.startswith("relation:nodes"))
    assert "u.key vs v.key" in edges and "an edge of nodes does not see" in edges


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
        hub.u = hub.first
        while hub._r.tick < 4:
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
    assert len(verdict.wrong) == 5 <= verdict.runs < 20  # that is enough to know
    assert f"after {verdict.runs} runs, 5 of them wrong" in str(verdict) and not verdict.new
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


# ---------------------------------------------------------------- what an author declares
def last_place(hub, nodes):
    hub.u = hub.first
    yield "init"
    while hub.u.next:
        hub.u = hub.u.next
        yield "scan"


def right(outputs, values):
    return {"index": [outputs["index"] == len(values) - 1]}


def judged(make_spec, **given):
    return listed(make_spec, last_place, **dict(outputs={"index": Position("u")}, check=right) | given)


def test_a_right_program_with_a_right_reference_is_ok(make_spec):
    verdict = check(judged(make_spec), runs=20, sizes=(16,))
    assert verdict.ok and not verdict.stopped
    assert verdict.bound["path"][16] == 17 / 170 and verdict.bound["cycle"][16] == 17 / 170
    assert "ticks: at most 10% of the bound" in str(verdict)


def test_a_run_longer_than_the_bound_fails_with_the_worst_ratio(make_spec):
    verdict = check(judged(make_spec, ticks=lambda n, m: 3), runs=20, sizes=(16,))
    assert not verdict.ok and verdict.bound["path"][11] == 12 / 3
    assert "12 ticks on a 'path' sample of n = 11, where `ticks` says at most 3 (of n = 11, m = 0)" in verdict.over
    assert "  over: " in str(verdict) and "400% of the bound" in str(verdict)
    assert not verdict.wrong  # the answers are right


@pytest.mark.parametrize(
    "ticks, words",
    [
        (lambda n, m: n / 0, "`ticks` fails at n = 11, m = 0: ZeroDivisionError"),
        (lambda n, m: None, "`ticks` gives None at n = 11, m = 0"),
        (lambda n, m: -n, "`ticks` gives -11"),
        (lambda n: n, "`ticks` fails at n = 11, m = 0: TypeError"),
    ],
)
def test_a_bound_that_is_no_number_is_refused(make_spec, ticks, words):
    with pytest.raises(AuthorError, match="last_place: ") as error:
        check(judged(make_spec, ticks=ticks), runs=1)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "reference, words",
    [
        (lambda outputs, values: {}, "`check` says nothing of the output 'index'"),
        (lambda outputs, values: {"index": []}, "`check` looks at no element of 'index' = "),
        (
            lambda outputs, values: {**right(outputs, values), "indx": [True]},
            "'indx', which is no output; did you mean",
        ),
        (lambda outputs, values: {"index": [True]}, "`check` accepts, as 'index', what is read before the program"),
    ],
)
def test_a_reference_that_leaves_something_out_fails(make_spec, reference, words):
    verdict = check(judged(make_spec, check=reference), runs=20, sizes=(16,))
    assert not verdict.ok and any(words in x for x in verdict.unchecked) and words in str(verdict)
    assert "before the runs of n = 16" in verdict.stopped


def test_a_reference_that_takes_answers_too_short_fails(make_spec):
    def order(hub, nodes):
        for v in nodes:
            v.parent = v
        yield "copy"

    def short(outputs, values):
        return {"order": [i == j for i, j in zip(outputs["order"], range(len(values)))]}

    spec = listed(make_spec, order, outputs={"order": Order("parent")}, check=short)
    (why,) = check(spec, runs=20, sizes=()).unchecked
    assert why.startswith("`check` accepts, as 'order', the answer without its last element")


def test_no_reference_of_the_package_takes_a_wrong_answer_always():
    for name in algorithms.names():
        judge, spec = Judge(algorithms.get(name)), algorithms.get(name)
        recording = Recording(spec)
        for i in range(12):
            instance, data, arguments = judge.sample(3 + i // 2, spec.families["training"][i % 3])
            before = judge.read(instance)
            record(spec, instance, recording, states=False)
            assert judge.wrong(judge.read(instance), before, data, arguments) == []
        assert judge.left_out == judge.accepted() == [], name


def fails(*_, **__):
    raise ValueError("no such thing")  # raised


@pytest.mark.parametrize(
    "given, words",
    [
        (
            dict(sample=fails),
            ["`sample` fails on family 'path', n = 11 (seed 0, sample 1)", "ValueError: no such thing"],
        ),
        (dict(check=fails), ["`check` fails on family 'path', n = 11 (seed 0, sample 1)", "outputs {'index': 10}"]),
        (dict(check=lambda outputs: {}), ["`check` fails on", "TypeError"]),
        (dict(check=lambda outputs, values: [True]), ["`check` gives [True]", "a dict is needed"]),
        (dict(check=lambda outputs, values: {"index": True}), ["`check` gives True for 'index'", "a list of bool"]),
        (dict(sample=lambda rng, n, family: [1.0]), ["`sample` gives [1.0]", "a pair is needed"]),
        (
            dict(sample=lambda rng, n, family: (nx.path_graph(n), {})),
            ["structure Sequence does not take what `sample` gives on family 'path'", "a list of numbers"],
        ),
        (dict(sample=lambda rng, n, family: ([1.0], {"x": 1})), ["takes no argument 'x'"]),
    ],
)
def test_a_sampler_or_reference_that_fails_is_named_with_its_sample(make_spec, given, words):
    with pytest.raises(AuthorError, match="last_place: ") as error:
        check(judged(make_spec, **given), runs=1)
    assert [w for w in words if w not in str(error.value)] == [], str(error.value)
    if fails in given.values():
        assert f"test_checker.py, line {line_of(fails, 'raised')}" in str(error.value)


def test_progress_is_told_before_every_run(make_spec):
    told = []
    spec = judged(make_spec)
    check(spec, runs=4, sizes=(16,), report=lambda done, what: told.append((done, what)))
    assert [done for done, _ in told] == list(range(6)) and how_many(spec, 4, (16,)) == 6
    assert told[-1][1] == "last_place, n = 16"


def test_a_line_that_stores_nan_is_named(make_spec):
    def nan(hub, nodes):
        for v in nodes:
            v.label = v.parent.label  # nan
        yield "store"
        hub.u = argmin(nodes, key=lambda v: v.label)

    line = line_of(nan, "nan")
    with pytest.raises(AuthorError, match=f"line {line} gave NaN to label"):
        check(make_spec(nan), runs=1)

    def stored(hub, nodes):
        hub.mean = hub.u.label  # nan
        yield "store"

    verdict = check(make_spec(stored), runs=2, sizes=())
    assert verdict.undefined == [f"mean is given NaN in line {line_of(stored, 'nan')}"] and verdict.ok
