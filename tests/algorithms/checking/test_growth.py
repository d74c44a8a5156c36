"""Work beside the textbook's time: what is counted, what is flagged."""

import json
import math

import pytest

from algorithms import registry
from algorithms.answers import Position
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, SCALAR, Probe, Sequence
from algorithms.checking.checker import check
from algorithms.checking.growth import growth, work
from algorithms.checking.judging import Judge
from algorithms.errors import AuthorError
from algorithms.recording.record import Recording, record

SIZES = (16, 32, 64)
PROBES = [Probe("key", INPUT, NODE, SCALAR), Probe("u", HINT, NODE, MASK_ONE), Probe("count", HINT, NODE, SCALAR)]


def runs_of(spec, sizes=SIZES):
    judge, recording = Judge(spec, 0), Recording(spec)
    return [record(spec, judge.sample(n, f)[0], recording) for n in sizes for f in spec.families["training"]]


def last_place(hub, nodes):
    hub.u = hub.first
    yield "init"
    while hub.u.next:
        hub.u = hub.u.next
        yield "scan"


def relabel(hub, nodes):
    """As last_place, and every step counts at every row."""
    hub.u = hub.first
    yield "init"
    while True:
        for v in nodes:
            v.count = v.count + 1.0
        if not hub.u.next:
            return
        hub.u = hub.u.next
        yield "scan"


def right(outputs, values):
    return {"index": [outputs["index"] == len(values) - 1]}


def made(make_spec, program, **given):
    default = dict(
        structure=Sequence(),
        probes=PROBES,
        ticks=lambda n, m: n + 2,
        sample=lambda rng, n, family: (rng.integers(0, 9, size=n).astype(float).tolist(), {}),
        outputs={"index": Position("u")},
        check=right,
    )
    return make_spec(program, **default | given)


def test_work_is_ticks_and_the_registers_that_change(make_spec):
    (run, *_) = runs_of(made(make_spec, last_place), sizes=(16,))
    # 17 ticks; the hub's place changes 16 times, its phase at the first, the second and the last
    assert run.ticks == 17 and work(run) == 17 + 16 + 3


def test_a_step_that_writes_all_rows_grows_worse_than_a_linear_textbook(make_spec):
    spec = made(make_spec, relabel)
    found = growth(spec, runs_of(spec))
    assert found.worse and "GROWS WORSE" in str(found)
    assert found.ticks == pytest.approx(1.0, abs=0.1) and found.work == pytest.approx(2.0, abs=0.15)
    square = made(make_spec, relabel, time=lambda n, m: n * n)
    found = growth(square, runs_of(square))
    assert not found.worse and found.time == pytest.approx(2.0)


def test_kruskal_grows_as_its_textbook():
    spec = registry.get("mst_kruskal")
    assert not growth(spec, runs_of(spec)).worse


def test_growth_needs_runs_of_two_sizes(make_spec):
    spec = made(make_spec, last_place)
    assert growth(spec, runs_of(spec, sizes=(16,))) is None


def test_the_checker_tells_and_does_not_fail(make_spec):
    verdict = check(made(make_spec, relabel), runs=20, sizes=SIZES)
    assert verdict.ok and verdict.growth.worse and "  growth: ticks n^" in str(verdict)
    assert json.loads(json.dumps(verdict.to_dict()))["growth"]["worse"] is True


@pytest.mark.parametrize("time", [lambda n, m: 0, lambda n, m: math.nan, lambda n, m: n / 0])
def test_a_time_that_is_no_number_is_refused(make_spec, time):
    spec = made(make_spec, last_place, time=time)
    with pytest.raises(AuthorError, match="`time`"):
        growth(spec, runs_of(spec))
