"""Programs that ask for more than a step can do: the error names the line and says how to split it."""

import collections
import inspect
import itertools
import math
from types import ModuleType

import numpy as np
import pytest

from algorithms.author import argmin, first, maximum, minimum, total
from algorithms.errors import AuthorError

REFUSED = []
COUNTS: list = []
STEPS = itertools.count()
SETTINGS = {"color": "grey"}
unseen = ModuleType("unseen")


class Box:
    n = 0


class Shared:
    n = 0


def bump(by=[]):  # noqa: B006
    by.append(1)
    return len(by)


def refused(*words):
    """A program whose line marked `# here` is refused, in these words."""

    def note(program):
        REFUSED.append(pytest.param(program, words, id=program.__name__))
        return program

    return note


def marked_line(program) -> int:
    lines, start = inspect.getsourcelines(program)
    (offset,) = (i for i, line in enumerate(lines) if line.rstrip().endswith("# here"))
    return start + offset


@refused("local 'found' = False", "held across", "register")
def truth_held_across_a_yield(hub, nodes):
    found = bool(hub.u)
    yield "a"  # here
    if found:
        yield "b"


@refused("local 'count' = 0", "held across", "register")
def number_held_across_a_yield(hub, nodes):
    count = 0
    while count < 3:
        yield "a"  # here
        count += 1


@refused("local 'word' = 'grey'", "held across", "register")
def word_held_across_a_yield_of_a_sub_program(hub, nodes):
    def sub(hub):
        word = "grey"
        yield "inner"  # here
        hub.u.color = word

    hub.u = first(nodes)
    yield from sub(hub)


@refused("local 'stack' = [<hub.u = row 0>]", "held across", "register")
def list_held_across_a_yield(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    stack = [hub.u]
    yield "b"  # here
    hub.v = stack.pop()


@refused("local 'seen' = {'n': 0}", "held across")
def dict_held_across_a_yield(hub, nodes):
    seen = {"n": 0}
    while seen["n"] < 3:
        yield "a"  # here
        seen["n"] += 1


@refused("local 'seen' = {1}", "held across")
def set_held_across_a_yield(hub, nodes):
    seen = {1}
    yield "a"  # here
    hub.u = first(nodes) if seen else None


@refused("local 'left' = deque([1, 2])", "held across")
def queue_held_across_a_yield(hub, nodes):
    left = collections.deque([1, 2])
    while left:
        yield "a"  # here
        left.popleft()


@refused("local 'more' = <list_iterator", "held across")
def iterator_held_across_a_yield(hub, nodes):
    more = iter([1, 2])
    while next(more, None):
        yield "a"  # here


@refused("local 'box' = <", "held across")
def object_held_across_a_yield(hub, nodes):
    box = Box()
    while box.n < 3:
        yield "a"  # here
        box.n += 1


@refused("local 'pair' = (1, <hub.u = row -1>)", "held across")
def tuple_held_across_a_yield(hub, nodes):
    pair = (1, hub.u)
    yield "a"  # here
    hub.mean = pair[0]


@refused("local 'note' = <built-in method append", "held across")
def method_held_across_a_yield(hub, nodes):
    note = [].append
    yield "a"  # here
    note(1)


@refused("local 'inner' = <function", "held across")
def default_of_a_function_held_across_a_yield(hub, nodes):
    def inner(kept=[]):  # noqa: B006
        kept.append(1)
        return len(kept)

    while inner() < 3:
        yield "a"  # here


@refused("'k' = 1 has changed since an earlier `yield`", "register")
def parameter_that_counts(hub, nodes):
    def sub(hub, k):
        while k > 0:
            yield "a"  # here
            k -= 1

    yield from sub(hub, 2)


@refused("'left' = [2] has changed since an earlier `yield`")
def list_that_is_handed_on(hub, nodes):
    def sub(hub, left):
        while left:
            yield "a"  # here
            left.pop(0)

    yield from sub(hub, [1, 2])


@refused("the global 'COUNTS' = [1] has changed in this run")
def global_list(hub, nodes):
    COUNTS.append(1)
    yield "a"  # here
    COUNTS.clear()


@refused("the global 'STEPS' = count(1) has changed in this run")
def global_iterator(hub, nodes):
    while next(STEPS) < 3:
        yield "a"  # here


@refused("an attribute of the global 'Shared' = {'n': 1} has changed in this run")
def attribute_of_a_class(hub, nodes):
    Shared.n += 1
    yield "a"  # here


@refused("the default of 'by' = [1] has changed in this run")
def default_of_a_function_around(hub, nodes):
    while bump() < 3:
        yield "a"  # here


def remembered():
    kept = 0

    @refused("'kept', of a function around variable_of_a_function_around, = 1 has changed in this run")
    def variable_of_a_function_around(hub, nodes):
        nonlocal kept
        kept += 1
        yield "a"  # here


remembered()


@refused("hub.u", "before the last `yield`", "read it again")
def row_used_after_a_yield(hub, nodes):
    hub.u = first(nodes)
    u = hub.u
    yield "a"
    u.color = "grey"  # here


@refused("hub.u.label", "before the last `yield`", "read it again")
def number_used_after_a_yield(hub, nodes):
    label = hub.u.label
    yield "a"
    hub.mean = label + 1.0  # here


@refused("the candidate", "before the last `yield`")
def candidate_used_after_a_yield(hub, nodes):
    first(nodes, where=lambda v: not setattr(unseen, "kept", v))
    yield "a"
    hub.u = unseen.kept  # here


@refused("the loop's row", "outside its own turn")
def row_of_a_loop_used_after_it(hub, nodes):
    for v in nodes:
        v.label = v.index
    hub.u = v  # here
    yield "a"


@refused("the loop's row", "outside its own turn")
def row_of_a_loop_used_in_the_next(hub, nodes):
    for v in nodes:
        v.label = v.index
    for w in nodes:
        w.changed = w == v  # here
    yield "a"


@refused("(0 + index)", "outside its own turn", "all rows act at once")
def sum_over_a_loop(hub, nodes):
    total = 0.0
    for v in nodes:
        total = total + v.index  # here
    hub.mean = total
    yield "a"


@refused("(hub.mean + index)", "outside its own turn")
def number_of_hub_and_row_used_after_the_loop(hub, nodes):
    for v in nodes:
        total = hub.mean + v.index
    hub.mean = total  # here
    yield "a"


@refused("u.parent.color", "read of a read", "Load hub.u.parent into a register, `hub.y = hub.u.parent`, `yield`")
def field_two_hops_away(hub, nodes):
    if hub.u.parent.color == "grey":  # here
        hub.u = None
    yield "a"


@refused("u.parent.label", "read of a read", "`hub.y = hub.u.parent`, `yield`, then read hub.y.label")
def scalar_two_hops_away(hub, nodes):
    hub.mean = hub.u.parent.label  # here
    yield "a"


@refused("u.parent.parent", "read of a read", "`yield`")
def pointer_three_hops_away(hub, nodes):
    hub.v = hub.u.parent.parent  # here
    yield "a"


@refused("hub.u.label", "read of a read", "Let the hub load it: `hub.y = hub.u.label`, `yield`, then read hub.y")
def scalar_two_hops_from_a_node(hub, nodes):
    for v in nodes:
        v.label = hub.u.label  # here
    yield "a"


@refused("hub.u.color", "read of a read", "Let the hub test hub.u.color, with a named `yield` in each branch")
def field_two_hops_from_a_node(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    for v in nodes:
        v.changed = hub.u.color == "grey"  # here
    yield "b"


@refused("src.parent.color", "read of a read", "Let the candidate load it, in a loop over all rows")
def field_two_hops_from_a_candidate(hub, nodes):
    hub.u = first(nodes, where=lambda v: v.parent.color == "grey")  # here
    yield "a"


@refused("parent.color of another row", "only the hub writes remotely", "in its own turn")
def node_writes_its_parent(hub, nodes):
    for v in nodes:
        v.parent.color = "grey"  # here
    yield "a"


@refused("u of another row", "only the hub writes remotely")
def node_writes_the_hub(hub, nodes):
    for v in nodes:
        hub.u = v  # here
    yield "a"


@refused("u.parent.color", "load u.parent into a register of the hub, `yield`")
def hub_writes_two_hops_away(hub, nodes):
    hub.u.parent.color = "grey"  # here
    yield "a"


@refused("u.color through nil", "test the pointer first")
def write_through_nil(hub, nodes):
    hub.u.color = "grey"  # here
    yield "a"


@refused("the selection of another row, hub.v.in_edges", "let that row store it, `yield`")
def row_given_the_selection_of_another(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    hub.u.parent = first(hub.v.in_edges)  # here
    yield "b"


@refused("'colour' of a node row", "not declared; did you mean 'color'?")
def write_of_an_undeclared_register(hub, nodes):
    for v in nodes:
        v.colour = "grey"  # here
    yield "a"


@refused("no register or relation 'colour'; did you mean 'color'?")
def read_of_an_undeclared_register(hub, nodes):
    hub.u = first(nodes, where=lambda v: v.colour == "grey")  # here
    yield "a"


@refused("'color' of a hub row", "a register of node rows")
def write_of_a_register_of_other_rows(hub, nodes):
    hub.color = "grey"  # here
    yield "a"


@refused("'color' of a hub row", "a register of node rows")
def read_of_a_register_of_other_rows(hub, nodes):
    if hub.color == "white":  # here
        hub.u = first(nodes)
    yield "a"


@refused("'index' of a node row", "a fixed part of the input")
def write_of_a_static_scalar(hub, nodes):
    for v in nodes:
        v.index = 0.0  # here
    yield "a"


@refused("'phase'")
def read_of_the_phase(hub, nodes):
    if hub.phase == "start":  # here
        hub.u = None
    yield "a"


@refused("color = 'gray'", "['white', 'grey', 'black']")
def value_that_a_field_does_not_have(hub, nodes):
    for v in nodes:
        v.color = "gray"  # here
    yield "a"


@refused("color is given a number, index", "['white', 'grey', 'black']")
def field_given_a_number(hub, nodes):
    for v in nodes:
        v.color = v.index  # here
    yield "a"


@refused("u = 3", "a row or None")
def pointer_given_a_number(hub, nodes):
    hub.u = 3  # here
    yield "a"


@refused("a row, hub.u, is no number")
def scalar_given_a_row(hub, nodes):
    hub.mean = hub.u  # here
    yield "a"


@refused("True is no number")
def scalar_given_a_truth(hub, nodes):
    hub.mean = True  # here
    yield "a"


@refused("writes v.color twice in one step", "`yield` in between")
def two_values_in_one_step_through_two_names(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    hub.v = hub.u
    yield "b"
    hub.u.color = "grey"
    hub.v.color = "black"  # here
    yield "c"


@refused("leaves a loop over rows", "`first`")
def break_out_of_a_loop(hub, nodes):
    for v in nodes:
        if v.index > 1.0:
            v.color = "grey"
            break  # here
    yield "a"


@refused("leaves a loop over rows", "`first`")
def return_out_of_a_loop(hub, nodes):
    yield "a"
    for v in nodes:
        if v.index > 1.0:
            return  # here


@refused("a loop over rows inside another", "`first`")
def nested_loop(hub, nodes):
    for v in nodes:
        for u in nodes:  # here
            v.changed = u == v
    yield "a"


@refused("a `yield` inside `for`", "A loop over rows is one step", "after the loop")
def yield_inside_a_loop(hub, nodes):
    for v in nodes:
        v.color = "grey"
        yield "a"  # here


@refused("a `yield` inside `for`")
def counted_loop(hub, nodes):
    for _ in range(3):
        yield "a"  # here


@refused("a `yield` inside `try`", "take it out of there")
def yield_inside_try(hub, nodes):
    try:
        yield "a"  # here
    finally:
        hub.u = None


@refused("a `yield` inside `with`")
def yield_inside_with(hub, nodes):
    with open(__file__):
        yield "a"  # here


@refused("a `while` without a `yield` in it never ends", "at the end of its body")
def loop_without_a_yield(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    while hub.u:  # here
        hub.u = hub.u.parent


@refused("a `while` without a `yield` in it never ends")
def loop_for_ever_without_a_yield(hub, nodes):
    yield "a"
    while True:  # here
        hub.u = first(nodes)


@refused("goes on and on without a `yield`", "put one into the loop")
def loop_that_waits_for_a_register(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    while True:
        if hub.v:  # here
            break
        hub.v = hub.u
    yield "b"


@refused("goes on and on without a `yield`")
def loop_that_waits_for_a_field(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    while True:
        if hub.u.color == "grey":  # here
            break
        hub.u.color = "grey"
    yield "b"


@refused("loops over in_edges", "`first` or `argmin`")
def loop_over_neighbours(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    for u in hub.u.in_edges:  # here
        u.color = "grey"
    yield "b"


@refused("relation nodes has no truth value", "`first`")
def truth_of_a_relation(hub, nodes):
    while nodes:  # here
        yield "a"


@refused("hub.mean, has no truth value", "compare it")
def truth_of_a_number(hub, nodes):
    if hub.mean:  # here
        hub.u = None
    yield "a"


@refused("hub.mean", "+ - * abs minimum maximum")
def division(hub, nodes):
    hub.mean = hub.mean / 2.0  # here
    yield "a"


@refused("hub.u, by order", "index")
def order_of_rows(hub, nodes):
    if hub.u < hub.v:  # here
        hub.u = hub.v
    yield "a"


@refused("compares a row with 3", "a row or None")
def row_compared_with_a_number(hub, nodes):
    if hub.u == 3:  # here
        hub.u = None
    yield "a"


@refused("selects inside a selection", "`yield`")
def selection_inside_a_selection(hub, nodes):
    hub.u = first(nodes, where=lambda v: first(v.in_edges))  # here
    yield "a"


@refused("writes inside a selection", "only reads")
def write_inside_a_selection(hub, nodes):
    def paint(v):
        v.color = "grey"  # here

    first(nodes, where=paint)
    yield "a"


@refused("a node selects among its own neighbours only")
def node_selects_for_another(hub, nodes):
    for v in nodes:
        v.parent = first(v.parent.in_edges)  # here
    yield "a"


@refused("a node selects among its own neighbours only")
def node_selects_for_the_hub(hub, nodes):
    for v in nodes:
        v.parent = first(nodes)  # here
    yield "a"


@refused("asks u.parent to select", "load it into a register of the hub, `yield`")
def hub_asks_two_hops_away(hub, nodes):
    hub.v = first(hub.u.parent.in_edges)  # here
    yield "a"


@refused("selection 'nodes' twice", "`yield` in between")
def same_question_twice(hub, nodes):
    hub.u = first(nodes, where=lambda v: v.index > 1.0)
    hub.v = first(nodes, where=lambda v: v.index > 2.0)  # here
    yield "a"


@refused("tests src.color inside a key", "`where`")
def a_test_inside_a_key(hub, nodes):
    hub.u = argmin(nodes, key=lambda v: v.index if v.color == "grey" else 9.0)  # here
    yield "a"


@refused("the key src.key is undefined")
def undefined_key(hub, nodes):
    hub.u = argmin(nodes, key=lambda v: v.key)  # here
    yield "a"


@refused("two keys", "another way")
def two_keys_of_one_name(hub, nodes):
    hub.u = argmin(nodes, key=lambda v: (v.index + v.label) * v.label)
    yield "a"
    hub.u = argmin(nodes, key=lambda v: v.index + v.label * v.label)  # here
    yield "b"


@refused("`yield from` takes a sub-program")
def yield_from_a_list(hub, nodes):
    yield from ["a", "b"]  # here


@refused("`yield hub.mean`", "a word in quotes", "a `yield` in each branch")
def phase_named_by_what_is_no_constant(hub, nodes):
    yield hub.mean  # here


@refused("a word in quotes")
def phase_named_by_a_number(hub, nodes):
    yield "a"
    yield 1  # here


@refused("without '.' and '/'")
def phase_named_like_that_of_a_sub_program(hub, nodes):
    yield "a/b"  # here


@refused("has a yield 'a' already, in line", "give each its own name")
def two_yields_of_one_name(hub, nodes):
    yield "a"
    hub.u = first(nodes)
    yield "a"  # here


@refused("two yields in one line")
def two_yields_in_one_line(hub, nodes):
    hub.u = (yield) or (yield)  # here


@refused("again runs within itself", "keep what is left to do in registers")
def sub_program_that_calls_itself(hub, nodes):
    def again(hub):
        yield "a"
        if hub.u:
            yield from again(hub)  # here

    yield from again(hub)


@refused("run runs within itself")
def sub_program_that_is_handed_itself(hub, nodes):
    def run(then):
        yield "a"
        yield from then()

    def once():
        yield from run(once)  # here

    yield from run(once)


@refused("sub cannot be told from the text", "by its name")
def sub_program_that_hangs_on_the_run(hub, nodes):
    def one(hub):
        yield "a"

    def other(hub):
        yield "b"

    sub = one if hub.u else other
    yield from sub(hub)  # here


@refused("a `yield` inside `for`", "whose place no register holds", "`while`, over a register")
def sub_programs_of_a_loop(hub, nodes):
    def one(hub):
        yield "a"

    for each in (one, one):
        yield from each(hub)  # here


@refused("first has no `yield` of its own")
def sub_program_that_is_none(hub, nodes):
    yield "a"
    yield from first(hub)  # here


@refused("counts nodes", "total(nodes, key=lambda v: 1.0)")
def length_of_all_rows(hub, nodes):
    hub.mean = len(nodes)  # here
    yield "a"


@refused("takes one of nodes by its place", "`first` or `argmin`", "follow a pointer")
def row_by_its_place(hub, nodes):
    hub.u = nodes[0]  # here
    yield "a"


@refused("takes one of in_edges by its place")
def neighbour_by_its_place(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    hub.v = hub.u.in_edges[0]  # here
    yield "b"


@refused("takes the plain value of hub.mean", "float(), int()", "+ - * abs minimum maximum")
def plain_float(hub, nodes):
    hub.mean = float(hub.mean)  # here
    yield "a"


@refused("takes the plain value of hub.mean")
def plain_int(hub, nodes):
    hub.mean = int(hub.mean)  # here
    yield "a"


@refused("takes the plain value of hub.mean")
def rounded(hub, nodes):
    hub.mean = round(hub.mean)  # here
    yield "a"


@refused("takes the plain value of hub.mean")
def square_root(hub, nodes):
    hub.mean = math.sqrt(hub.mean)  # here
    yield "a"


@refused("takes the plain value of hub.mean")
def rounded_down(hub, nodes):
    hub.mean = math.floor(hub.mean)  # here
    yield "a"


@refused("takes the plain value of hub.mean")
def range_of_a_number(hub, nodes):
    for _ in range(hub.mean):  # here
        hub.u = first(nodes)
    yield "a"


@refused("takes the plain value of hub.u")
def plain_value_of_a_row(hub, nodes):
    hub.mean = float(hub.u)  # here
    yield "a"


@refused("formats hub.mean by '.2f'", "print it as it is")
def formatted(hub, nodes):
    print(f"{hub.mean:.2f}")  # here
    yield "a"


@refused("loops over, or unpacks, hub.mean", "one and no list")
def loop_over_a_number(hub, nodes):
    for x in hub.mean:  # here
        hub.mean = x
    yield "a"


@refused("loops over, or unpacks, hub.u", "one and no list")
def unpacked_row(hub, nodes):
    a, b = hub.u  # here
    yield "a"


@refused("makes a list of nodes", "`first`", "`total`")
def sorted_rows(hub, nodes):
    for v in sorted(nodes, key=lambda v: v.index):  # here
        v.color = "grey"
    yield "a"


@refused("makes a list of nodes")
def listed_rows(hub, nodes):
    for i, v in enumerate(nodes):  # here
        v.label = i
    yield "a"


@refused("makes a list of nodes")
def unpacked_rows(hub, nodes):
    hub.u, *_ = nodes  # here
    yield "a"


@refused("asks what is among nodes", "`==`")
def row_in_rows(hub, nodes):
    if hub.u in nodes:  # here
        hub.u = None
    yield "a"


@refused("asks what is in hub.mean", "`==`")
def in_a_number(hub, nodes):
    if 1.0 in hub.mean:  # here
        hub.u = None
    yield "a"


@refused("compares numbers within `min`", "minimum(a, b)")
def builtin_minimum(hub, nodes):
    hub.mean = min(hub.mean, 3.0)  # here
    yield "a"


@refused("compares numbers within `sorted`")
def builtin_sort_of_numbers(hub, nodes):
    hub.mean = sorted([hub.mean, hub.mean + 1.0])[0]  # here
    yield "a"


@refused("deletes u", "give it None")
def deleted_register(hub, nodes):
    del hub.u  # here
    yield "a"


@refused("computes with a row, hub.u", "one of its scalars")
def next_row_by_addition(hub, nodes):
    hub.u = hub.u + 1  # here
    yield "a"


@refused("takes bits of hub.mean", "`and`, `or` and `not`")
def bits_of_a_number(hub, nodes):
    hub.mean = hub.mean & 1  # here
    yield "a"


@refused("calls hub.mean")
def called_number(hub, nodes):
    hub.mean = hub.mean()  # here
    yield "a"


@refused("keeps hub.u in a set or as a key", "register")
def row_in_a_set(hub, nodes):
    hub.mean = len({hub.u})  # here
    yield "a"


@refused("reads 'color' of nodes, which are many", "loop over all rows")
def register_of_all_rows(hub, nodes):
    if nodes.color == "grey":  # here
        hub.u = None
    yield "a"


@refused("AttributeError", "done")
def attribute_of_all_rows(hub, nodes):
    nodes.done = True  # here
    yield "a"


@refused("`where` gives 'white'", "compare")
def predicate_that_is_a_word(hub, nodes):
    hub.u = first(nodes, where=lambda v: v.color)  # here
    yield "a"


@refused("`where` gives <generator object", "compare")
def predicate_that_is_a_generator(hub, nodes):
    def grey(v):
        yield v.color == "grey"

    hub.u = first(nodes, where=grey)  # here
    yield "a"


@refused("where=True is no function", "lambda v: …")
def predicate_that_is_no_function(hub, nodes):
    hub.u = first(nodes, where=True)  # here
    yield "a"


@refused("selects among rows: `first(nodes, …)`", "but a list is")
def selection_from_a_list(hub, nodes):
    hub.u = first([hub.u, hub.v])  # here
    yield "a"


@refused("selects among rows", "but <hub.u = row -1> is given")
def selection_from_a_row(hub, nodes):
    hub.u = first(hub.u)  # here
    yield "a"


@refused("minimum takes numbers of rows", "not 1.0 and 2.0 alone")
def minimum_of_plain_numbers(hub, nodes):
    hub.mean = minimum(1.0, 2.0)  # here
    yield "a"


@refused("color is given a row, hub.u", "['white', 'grey', 'black']")
def field_given_a_row(hub, nodes):
    hub.u = first(nodes)
    yield "a"
    hub.u.color = hub.u  # here
    yield "b"


@refused("ModuleNotFoundError: No module named 'nowhere_to_be_found'")
def import_that_fails(hub, nodes):
    import nowhere_to_be_found  # here

    yield "a"
    nowhere_to_be_found.help()


@refused("NameError: name 'frist' is not defined")
def misspelt_function(hub, nodes):
    hub.u = frist(nodes)  # noqa: F821  # here
    yield "a"


@refused("ZeroDivisionError")
def error_of_its_own(hub, nodes):
    yield "a"
    hub.mean = 1 / 0  # here


@refused("writes 'index' of a node row")
def error_that_the_program_catches(hub, nodes):
    try:
        for v in nodes:
            v.index = 0.0  # here
    except Exception:
        pass
    yield "a"


@refused("ticks and no end", "halt")
def program_without_end(hub, nodes):
    while True:
        yield "again"  # here


@pytest.mark.parametrize("program, words", REFUSED)
def test_refused_with_the_line_and_a_remedy(program, words, record_program):
    with pytest.raises(AuthorError) as error:
        record_program(program)
    message = str(error.value)
    assert message.startswith(f"{program.__name__}, line {marked_line(program)}: ")
    assert [w for w in words if w not in message] == [], message


def test_program_without_yield_is_refused(record_program):
    def once(hub, nodes):
        for v in nodes:
            v.color = "grey"

    with pytest.raises(AuthorError, match="once: the program has no `yield`"):
        record_program(once)


def test_unknown_parameter_is_refused_with_the_rows_there_are(record_program):
    def program(hub, node):
        yield

    with pytest.raises(AuthorError, match=r"no rows 'node'.*did you mean 'nodes'"):
        record_program(program)


def test_an_answer_that_is_returned_is_refused(record_program):
    def program(hub, nodes):
        yield "a"
        return 3

    with pytest.raises(AuthorError, match="program: returns 3; an answer is read off registers"):
        record_program(program)


def test_the_remedies_that_are_named_run(record_program, final):
    """What the messages say to write instead is right."""

    def remedies(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index == 2.0)
        hub.mean = total(nodes, key=lambda v: 1.0)
        yield "loaded"
        hub.mean = hub.mean + hub.u.index
        yield "added"
        hub.mean += 1
        yield "one"
        hub.mean *= np.float32(2.0)
        yield "twice"
        hub.mean = maximum(minimum(+hub.mean, 100), 1)
        name = "v"
        setattr(hub, name, hub.u)
        name = None
        yield "changed"
        for v in nodes:
            v.label = hub.mean
            if 0 < v.index < 3 and not (v == hub.u or v == hub.v):
                v.color = "black"
        print(hub.mean, f"{hub.u}", [hub.v])
        yield "spread"

    run, _ = record_program(remedies)
    assert final(run, "color") == [0, 2, 0, 0]
    assert final(run, "mean") == [14.0] and final(run, "label") == [14.0] * 4


def test_what_does_not_change_may_be_held(record_program, final):
    """Constants, tables, functions, rows that are read again: by a default, a closure, a global or a parameter."""
    table, unused = {"a": ["grey", "black"]}, collections.deque([1])

    def paint(hub, color, more=("x", 1)):
        hub.u.color = color
        yield "painted"
        hub.v = None if unused and more else hub.u
        yield "done"

    def right(hub, nodes):
        hub.u = first(nodes)
        half = lambda v, c=0.5: v.index + c
        yield "a"
        yield from paint(hub, table["a"][1])
        hub.mean = half(hub.u) + len(SETTINGS)
        yield "b"

    run, _ = record_program(right)
    assert final(run, "color") == [2, 0, 0, 0] and final(run, "mean") == [1.5]
