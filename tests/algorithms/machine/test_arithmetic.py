"""Every operation of the table: what it gives, and its slopes, in the recorder, the definition and the kernel."""

import math
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from dice import odd_spec
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.errors import AuthorError
from algorithms.machine.arithmetic import ARITHMETIC
from algorithms.machine.compiled import Program
from algorithms.machine.definition import Definition
from algorithms.machine.engine import Bound, execute
from algorithms.machine.tables import Item
from algorithms.recording import asking
from algorithms.recording.record import Recording, record
from algorithms.saturated import Saturated
from algorithms.trace import lay_out

SPECIAL = (0.0, 1.0, -1.0, 2.5, -2.5, 1e-310, 1e300, -1e300, 710.0, -750.0, math.inf, -math.inf, math.nan)
RIGHT = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan if a == 0 or a != a else math.copysign(math.inf, a),
    "minimum": lambda a, b: math.nan if a != a or b != b else min(a, b),
    "maximum": lambda a, b: math.nan if a != a or b != b else max(a, b),
    "abs": abs,
    "sqrt": lambda a: math.sqrt(a) if a >= 0 else math.nan,
    "floor": lambda a: float(math.floor(a)) if math.isfinite(a) else a,
    "sign": lambda a: float((a > 0) - (a < 0)) if a == a else a,
    "exp": lambda a: math.inf if a > 709.9 else math.exp(a),
    "log": lambda a: math.log(a) if a > 0 else -math.inf if a == 0 else math.nan,
}


def of(op):
    """An author's program that does one operation in every row."""
    infix = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "abs": lambda a: abs(a),
    }
    do = infix.get(op) or getattr(asking, op)
    if ARITHMETIC[op].operands == 2:

        def program(hub, nodes):
            for v in nodes:
                v.x = do(v.x, hub.y)
            yield "done"
    else:

        def program(hub, nodes):
            for v in nodes:
                v.x = do(v.x)
            yield "done"

    return replace(odd_spec(), name="one_operation", program=program)


def laid(spec, a, b):
    x = lay_out(spec, nx.empty_graph(len(a)), {"source": 0})
    x.scalars["x"][: len(a)], x.scalars["y"][x.hubs[0]] = a, b
    x.make_plain()
    return x


def of_table(spec):
    """The program's own table, and the spec."""
    recording = Recording(spec)
    runs = [record(spec, laid(spec, [1.0, 2.0], 3.0), recording)]
    table = Saturated(spec, recording.machine())
    table.add(runs)
    return table


def three_ways(spec, table, a, b):
    """x after the run: recorded, as defined, by the kernel."""
    recorded = laid(spec, a, b)
    record(spec, recorded, Recording(spec))
    defined = laid(spec, a, b)
    run = Definition(table, defined)
    while not run.halted:
        run.tick()
    ran = laid(spec, a, b)
    execute(table, ran)
    return [x.scalars["x"][: len(a)].view(np.int64).tolist() for x in (recorded, defined, ran)]


@pytest.fixture(scope="module")
def tables():
    return {op: (spec, of_table(spec)) for op in ARITHMETIC for spec in [of(op)]}


def test_the_table_is_whole():
    assert RIGHT.keys() == ARITHMETIC.keys()
    assert all(len(x.rule) > 4 for x in ARITHMETIC.values())
    assert [i.name for i in Item if i >= Item.ADD] == [x.item for x in ARITHMETIC.values()]


@pytest.mark.parametrize("op", ARITHMETIC)
def test_an_operation_gives_what_python_gives_on_every_special_number(tables, op):
    for b in SPECIAL if ARITHMETIC[op].operands == 2 else (0.0,):
        ways = three_ways(*tables[op], SPECIAL, b)
        plain = lambda y: math.nan if y != y else y + 0.0
        right = [plain(RIGHT[op](*(a, b)[: ARITHMETIC[op].operands])) for a in SPECIAL]
        assert ways == [np.array(right).view(np.int64).tolist()] * 3, (op, b)


@pytest.mark.parametrize("op", ARITHMETIC)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.floats(), min_size=1, max_size=6), st.floats())
def test_recorder_definition_and_kernel_agree_bit_by_bit(tables, op, a, b):
    recorded, defined, ran = three_ways(*tables[op], a, b)
    assert recorded == defined == ran


def slopes(spec, table, a, b, defined):
    """d x[0] / d (x[0], y), and are they constants?"""
    x = laid(spec, [a], b)
    bound = Bound(Program(table, spec), x)
    scalars, weights = np.zeros(bound.scalars.shape, np.int64), np.zeros(len(bound.weights), np.int64)
    places = bound.program.bytecode.scalars
    scalars[places["x"], 1], scalars[places["y"], 1 + int(x.hubs[0])] = 1, 2
    if defined:
        bound.kernel = None
    bound.run(versions=(scalars if not defined else scalars[None], weights, 2), log=False)
    version = np.array([scalars[places["x"], 1]])
    history = bound.terms().keep(version, 2)
    return [*history.backward(np.ones(1)), history.linear]


@pytest.mark.parametrize("op", ARITHMETIC)
@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.floats(0.3, 3.0), st.floats(0.3, 3.0))
def test_slopes_are_the_derivatives(tables, op, a, b):
    spec, table = tables[op]
    here, by_definition = (slopes(spec, table, a, b, defined) for defined in (False, True))
    assert here == by_definition
    n, e = ARITHMETIC[op].operands, 1e-6
    f = lambda a, b: RIGHT[op](*(a, b)[:n])
    if abs(a - b) < 1e-4 or min(a % 1, -a % 1) < 1e-4:
        return
    right = [(f(a + e, b) - f(a - e, b)) / 2e-6, (f(a, b + e) - f(a, b - e)) / 2e-6]
    assert here[:2] == pytest.approx(right, rel=1e-5, abs=1e-8)
    assert here[2] == (op not in ("*", "/", "sqrt", "exp", "log"))


def points(hub, nodes):
    for v in nodes:
        v.p = nodes[v.x]
    yield "done"


@pytest.mark.parametrize(
    "x, right", [(0.0, 0), (2.0, 2), (3.0, -1), (-1.0, -1), (0.5, -1), (1e300, -1), (math.inf, -1)]
)
def test_a_computed_place(x, right):
    spec = replace(odd_spec(), name="points", program=points)
    table = of_table(spec)
    for run in (lambda i: record(spec, i, Recording(spec)), lambda i: execute(table, i)):
        i = laid(spec, [x, math.nan, 1.0], 0.0)
        run(i)
        assert i.pointers["p"][:3].tolist() == [right, -1, 1]


@pytest.mark.parametrize(
    "body, said",
    [
        ("hub.y = nodes[hub.y].x", "give it to a pointer"),
        ("hub.u = nodes[hub.y] or None", "give it to a pointer"),
        ("hub.u = nodes[hub.source]", r"nodes\[hub.k\]"),
        ("hub.y = sqrt(2.0)", "sqrt takes a number of a row"),
    ],
)
def test_what_a_step_cannot_do_is_refused_in_words(body, said, tmp_path):
    file = tmp_path / "refused.py"
    file.write_text(f"from algorithms.author import sqrt\n\n\ndef program(hub, nodes):\n    {body}\n    yield 'done'\n")
    module = {}
    exec(compile(file.read_text(), file, "exec"), module)  # a file of an author's
    spec = replace(odd_spec(), name="refused", program=module["program"])
    with pytest.raises(AuthorError, match=said):
        record(spec, laid(spec, [1.0], 1.0), Recording(spec))
