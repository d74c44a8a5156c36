"""Names and their codes: what algorithms share, what is one's own, and that all that differs can be told apart."""

import numpy as np
import pytest
import torch

from algorithms import registry
from algorithms.machine.probes import HALT, START
from algorithms.machine.terms import Atom, Const, FieldIs, Head, Op
from algorithms.vocabulary import VOCABULARY
from neural_exec.network.meaning import Names, meanings_of, scoped, value_names

EVERY = registry.names()


@pytest.fixture(scope="module")
def random_executor(untrained):
    return untrained()


def code_of_register(executor, algorithm, name):
    """The index of a register's code, as the meanings of the algorithm's groups have it."""
    found = set()
    for m in executor.policy(algorithm).meanings.values():
        for (_, register), (_, code) in zip(m.group.registers, m.registers.tolist()):
            if register == name:
                found.add(code)
    assert len(found) == 1, f"{algorithm} writes {name} in one group or more, under one code"
    return found.pop()


@pytest.mark.parametrize(
    "a, b, name",
    [
        ("bfs", "dijkstra", "parent"),
        ("bfs", "dfs", "color"),
        ("heapsort", "insertion_sort", "key"),
        ("bellman_ford", "dag_shortest_paths", "distance"),
        ("minimum", "binary_search", "phase"),
    ],
)
def test_a_standard_name_has_one_code_in_two_algorithms(random_executor, a, b, name):
    assert name in VOCABULARY
    code = code_of_register(random_executor, a, name)
    assert code == code_of_register(random_executor, b, name)
    assert random_executor.names.names[code] == name


def test_changing_a_shared_code_changes_both_algorithms_and_an_own_one_only_its_own(untrained):
    executor = untrained(3)

    def logits(algorithm):
        policy = executor.policy(algorithm)
        batch = [(m, m.tokens(policy_codes(policy, g))) for g, m in policy.meanings.items()]
        with torch.no_grad():
            return torch.cat([x.flatten() for x in executor.step(batch)])

    def policy_codes(policy, group):
        return np.array(sorted(policy.trained[group])[:5] or [0], np.int64)

    before = {a: logits(a) for a in ("bfs", "dijkstra", "heapsort")}
    own = executor.names.own("heapsort")
    assert own
    with torch.no_grad():
        executor.step.codes[own] += 1.0
    assert torch.equal(before["bfs"], logits("bfs")) and torch.equal(before["dijkstra"], logits("dijkstra"))
    assert not torch.equal(before["heapsort"], logits("heapsort"))
    with torch.no_grad():
        executor.step.codes[executor.names.index["parent"]] += 1.0
    assert not torch.equal(before["bfs"], logits("bfs")) and not torch.equal(before["dijkstra"], logits("dijkstra"))


def test_every_name_belongs_to_all_or_to_one(random_executor):
    names = random_executor.names
    parts = [names.shared(), *(names.own(a) for a in random_executor.algorithms)]
    together = [i for part in parts for i in part]
    assert sorted(together) == list(range(1, len(names))), "a name in no part, or in two"
    assert all(n in VOCABULARY or "_by_" in n or "_total_" in n or ":" in n or n in ("self", "src", "dst", "nil")
               for n in map(names.names.__getitem__, names.shared()))  # fmt: skip


@pytest.mark.parametrize("algorithm", EVERY)
def test_own_numbers_are_few(random_executor, algorithm):
    own = random_executor.parameters_of(algorithm)["own"]
    assert 0 < own < 1000


def test_parameter_counts_add_up(random_executor):
    counts = [random_executor.parameters_of(a) for a in random_executor.algorithms]
    assert len({c["shared"] for c in counts}) == 1
    step = random_executor.step
    everything = sum(p.numel() for p in step.parameters()) - step.config.code  # the empty name's code is not used
    assert counts[0]["shared"] + sum(c["own"] for c in counts) == everything
    names = random_executor.names
    for algorithm, count in zip(random_executor.algorithms, counts):
        prefixed = [n for n in names.names if n.startswith(f"{algorithm}::")]
        assert count["own"] == len(prefixed) * step.config.code


@pytest.mark.parametrize("algorithm", EVERY)
def test_what_differs_has_different_names(random_executor, algorithm):
    """Two columns, values of a column, registers or operations with the same names would be one to the network."""
    for g, m in random_executor.policy(algorithm).meanings.items():
        for what in ("columns", "registers", "operations"):
            rows = getattr(m, what).tolist()
            assert len({tuple(r) for r in rows}) == len(rows), f"two {what} of {g} have the same names"
        tokens = [(c, *v) for c, v in zip(m.token_column.tolist(), m.token_value.tolist())]
        assert len(set(tokens)) == len(tokens), f"two values of one column of {g} have the same names"


@pytest.mark.parametrize("algorithm", EVERY)
def test_tokens_are_columns_with_their_values(random_executor, examples, algorithm):
    names = random_executor.names.names
    for g, m in random_executor.policy(algorithm).meanings.items():
        group, codes = m.group, examples[algorithm].train[g].codes
        if not len(codes):
            continue
        tokens = m.tokens(codes)
        assert tokens.shape == (len(codes), len(group.columns)) and len(m.token_column) == sum(group.radix)
        for code, row in zip(codes.tolist(), tokens.tolist()):
            looked_at = group.looks[code % group.radix[0] - 1]
            assert [c for c, token in enumerate(row) if token >= 0] == list(looked_at)
            for c, token in ((c, row[c]) for c in looked_at):
                assert m.token_column[token] == c
                value = int(code) // group.weights[c] % group.radix[c]
                assert token - int(m.token_base[c]) == value
                word = group.value_name(c, value)
                said = names[m.token_value[token, 0]]
                if isinstance(group.columns[c], FieldIs) and value:
                    assert said.endswith("=" + word.split("/")[-1].removeprefix(f"{algorithm}."))
                else:
                    assert said in ("nil", f"test:{word}")


def test_columns_say_what_they_read(random_executor):
    names = random_executor.names.names
    m = random_executor.policy("bfs").meanings["relation:in_edges"]
    said = {c.text: [names[i] for i in row] for c, row in zip(m.group.columns, m.columns.tolist())}
    assert said["src.color"] == ["column:field", "src", "color", "", "", "", ""]
    assert said["hub.phase"] == ["column:field", "hub", "phase", "", "", "", ""]
    assert m.kind.tolist() == [names.index("kind:relation"), names.index("bfs::")]


def test_operations_say_what_they_touch(random_executor):
    names = random_executor.names.names
    m = random_executor.policy("bfs").meanings["node"]
    said = {op.text: [names[i] for i in row] for op, row in zip(m.group.operations, m.operations.tolist())}
    assert said["keep"][0] == "op:keep" and not any(said["keep"][1:])
    assert said["in_edges"][:3] == ["op:pointer", "", "in_edges"]
    constants = [op for op in m.group.operations if isinstance(op, Const)]
    for op in constants:
        assert said[op.text][0] == "op:const" and said[op.text][2] == "color"
        assert said[op.text][7] == f"={m.group.domains['color'][op.value]}"
    assert len(constants) == 3


def test_meanings_are_the_same_again_and_add_no_names(random_executor, examples):
    """A saved list of names gives the same meanings: what `load` stands on."""
    names = Names(list(random_executor.names.names))
    for a, e in examples.items():
        for g, m in meanings_of(e.machine, names).items():
            other = random_executor.policy(a).meanings[g]
            for what in ("columns", "token_value", "registers", "operations", "kind", "valid"):
                assert torch.equal(getattr(m, what), getattr(other, what))
    assert names.names == random_executor.names.names


@pytest.mark.parametrize(
    "name, expected",
    [
        ("", ""),
        ("op:copy", "op:copy"),
        ("self", "self"),
        ("key", "key"),
        (Head("in_edges"), "in_edges"),
        (Head("in_edges", Atom(("src",), "weight")), "in_edges_by_weight"),
        (
            Head("nodes", Op("abs", Op("-", Atom(("src",), "index"), Atom(("hub",), "mean")))),
            "nodes_by_abs_index_minus_hub_mean",
        ),
        (Head("nodes", Atom(("src",), "fancy")), "mine::nodes_by_fancy"),
        ("fancy", "mine::fancy"),
        ("=grey", "=grey"),
        ("=purple", "mine::=purple"),
    ],
)
def test_scoped(name, expected):
    assert scoped("mine", name) == expected


def test_phases_have_the_names_of_their_sub_programs():
    assert value_names("mine", "phase", START) == ("=start", "")
    assert value_names("mine", "phase", HALT) == ("=halt", "")
    assert value_names("mine", "phase", "mine.spread") == ("=spread", "")
    assert value_names("mine", "phase", "mine.odd") == ("mine::=odd", "")
    assert value_names("mine", "phase", "mine.3/search.scan") == ("=search.scan", "mine::=3")
    assert value_names("mine", "color", "grey") == ("=grey", "")


def test_a_head_is_what_it_is_and_not_what_its_name_says():
    """Registers whose names look like a selection's or a total's change nothing."""
    least, total = Head("nodes", Atom(("src",), "a_total_b")), Head("nodes", Atom(("src",), "key"), total=True)
    assert (least.name, least.total) == ("nodes_by_a_total_b", False) and total.name == "nodes_total_key"
    assert scoped("mine", least) == "mine::nodes_by_a_total_b" and scoped("mine", total) == "nodes_total_key"
    assert scoped("mine", "nodes_by_key") == "mine::nodes_by_key"  # a register of that name
