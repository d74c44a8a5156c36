"""The learned step against its equation, re-computed row by row, and its loss against the definition."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_exec.network.meaning import Names, meanings_of
from neural_exec.network.step import Step, StepConfig, loss
from neural_exec.training.trainer import right

ALGORITHMS = ["bfs", "heapsort", "mst_kruskal"]


@pytest.fixture(scope="module")
def batch(examples):
    """(names, [(meaning, context codes)]) of all groups of three algorithms."""
    names, out = Names(), []
    for a in ALGORITHMS:
        e = examples[a]
        out += [(m, e.train[g].codes[:20]) for g, m in meanings_of(e.machine, names).items() if len(e.train[g].codes)]
    assert len(out) >= 7
    return names, out


def make(names, dtype=torch.float64, config=None, seed=0):
    torch.manual_seed(seed)
    step = Step(names, config).to(dtype)
    with torch.no_grad():
        step.codes.normal_()  # the empty name's row too: it must not be read
        for p in step.shared_parameters():
            p.add_(0.1 * torch.randn_like(p))  # biases too
    return step


def tokens_of(batch):
    return [(m, m.tokens(codes)) for m, codes in batch]


def naive(step, meaning, codes):
    """The docstring's equation, one row, one register, one operation at a time, without batches or broadcasting."""
    names = lambda indices: [step.codes[i] if i else torch.zeros_like(step.codes[0]) for i in indices]
    enc, pro, dec = step.encoder, step.processor, step.decoder
    out = []
    for code in codes.tolist():
        x, looked_at = 0, meaning.group.looks[code % meaning.group.radix[0] - 1]
        for c, slots in ((c, meaning.columns[c].tolist()) for c in looked_at):
            value = int(code) // meaning.group.weights[c] % meaning.group.radix[c]
            token = int(meaning.token_base[c]) + value
            s, z = torch.cat(names(slots)), sum(names(meaning.token_value[token].tolist()))
            hidden = torch.relu(enc.column.weight @ s + enc.column.bias + enc.value.weight @ z)
            t = enc.out.weight @ hidden + enc.out.bias
            t = t + (enc.bind_column.weight @ s + enc.bind_column.bias) * (
                enc.bind_value.weight @ z + enc.bind_value.bias
            )
            x = x + t
        x = x / len(looked_at) ** 0.5
        x = x + pro.kind.weight @ sum(names(meaning.kind.tolist())) + pro.kind.bias
        h = torch.relu(pro.inp.weight @ x + pro.inp.bias)
        for layer in pro.layers:
            h = h + torch.relu(layer.weight @ h + layer.bias)
        rows = []
        for r, register in enumerate(meaning.registers.tolist()):
            zr = torch.cat(names(register))
            a = dec.state.weight @ h + dec.state.bias
            a = a * (1 + dec.scale.weight @ zr + dec.scale.bias) + dec.shift.weight @ zr + dec.shift.bias
            y = dec.target.weight @ torch.relu(a) + dec.target.bias
            scores = []
            for o, op in enumerate(meaning.operations.tolist()):
                zo = torch.cat([*names(op[:7]), sum(names(op[7:]))])
                first, _, last = dec.operation
                e = last.weight @ torch.relu(first.weight @ zo + first.bias) + last.bias
                scores.append(y @ e / len(y) ** 0.5 if meaning.valid[r, o] else torch.tensor(-1e9, dtype=y.dtype))
            rows.append(torch.stack(scores))
        out.append(torch.stack(rows))
    return torch.stack(out)


@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-6), (torch.float32, 2e-4)])
@torch.no_grad()
def test_the_step_is_its_equation(batch, dtype, tolerance):
    names, groups = batch
    step = make(names, dtype)
    for (meaning, codes), logits in zip(groups, step(tokens_of(groups))):
        expected = naive(step, meaning, codes[:3])
        assert logits.shape == (len(codes), len(meaning.registers), len(meaning.operations))
        torch.testing.assert_close(logits[:3], expected, rtol=tolerance, atol=tolerance)


@torch.no_grad()
def test_a_group_does_not_see_the_others_in_the_batch(batch):
    names, groups = batch
    step = make(names)
    together = step(tokens_of(groups))
    for i, pair in enumerate(tokens_of(groups)):
        torch.testing.assert_close(step([pair])[0], together[i], rtol=0, atol=1e-10)
    for a, b in zip(step(tokens_of(groups[::-1]))[::-1], together):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


@torch.no_grad()
def test_a_row_does_not_see_the_others_of_its_group(batch):
    names, groups = batch
    step, rng = make(names), np.random.default_rng(0)
    whole = step(tokens_of(groups))
    orders = [rng.permutation(len(codes)) for _, codes in groups]
    mixed = step([(m, m.tokens(codes[o])) for (m, codes), o in zip(groups, orders)])
    for a, b, o in zip(mixed, whole, orders):
        torch.testing.assert_close(a, b[torch.from_numpy(o)], rtol=0, atol=1e-10)
    meaning, codes = max(groups, key=lambda g: len(g[1]))
    for i in range(len(codes)):
        alone = step([(meaning, meaning.tokens(codes[i : i + 1]))])[0]
        same = step([(meaning, meaning.tokens(codes))])[0][i : i + 1]
        torch.testing.assert_close(alone, same, rtol=0, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
@torch.no_grad()
def test_an_invalid_operation_is_never_chosen(batch, seed):
    names, groups = batch
    step = make(names, torch.float32, seed=seed)
    for p in step.parameters():
        p.mul_(1.5)
    for (meaning, _), logits in zip(groups, step(tokens_of(groups))):
        best = logits.argmax(2)
        assert meaning.valid.gather(1, best.T).all()
        assert (logits.masked_select(~meaning.valid) == -1e9).all()
        assert logits.masked_select(meaning.valid).abs().max() < 1e6


def test_the_processor_sums_its_messages(batch):
    names, groups = batch
    step = make(names)
    tokens, kind = torch.randn(5, 32, dtype=torch.float64), torch.randn(2, 24, dtype=torch.float64)
    edges, count = torch.tensor([[0, 3, 4, 1, 2], [0, 0, 0, 1, 1]]), torch.tensor([3, 2])
    h = step.processor(tokens, edges, count, kind)
    torch.testing.assert_close(h, step.processor(tokens, edges[:, [4, 2, 0, 3, 1]], count, kind))
    other = tokens.clone()
    other[4] += 1.0  # a message to row 0
    moved = step.processor(other, edges, count, kind)
    assert not torch.allclose(moved[0], h[0]) and torch.equal(moved[1], h[1])


def test_every_parameter_gets_a_gradient_and_the_empty_code_none(batch):
    names, groups = batch
    step = make(names)
    weights = [torch.randn_like(x) * m.valid for (m, _), x in zip(groups, step(tokens_of(groups)))]
    sum((x * w).sum() for x, w in zip(step(tokens_of(groups)), weights)).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in step.parameters())
    used = step.codes.grad.abs().sum(1) > 0
    told = set()
    for m, codes in groups:
        tokens = m.tokens(codes)
        tokens = tokens[tokens >= 0]
        parts = m.columns[m.token_column[tokens]], m.token_value[tokens], m.registers, m.operations, m.kind
        told |= {name for part in parts for name in part.flatten().tolist()}
    assert used.nonzero().flatten().tolist() == sorted(told - {0})


def test_shared_parameters_know_no_algorithm(examples):
    shapes = []
    for algorithms in (["bfs"], ["heapsort", "quicksort"], list(examples)):
        names = Names()
        for a in algorithms:
            meanings_of(examples[a].machine, names)
        step = Step(names)
        every = {n: p.shape for n, p in step.named_parameters()}
        assert every.pop("codes") == (len(names), step.config.code)
        assert len(every) == len(step.shared_parameters())
        shapes.append(every)
    assert shapes[0] == shapes[1] == shapes[2]


def test_sizes_are_those_of_the_config(batch):
    names, groups = batch
    config = StepConfig(code=8, token=12, hidden=16, layers=1)
    step = make(names, config=config)
    assert step.codes.shape == (len(names), 8) and len(step.processor.layers) == 1
    meaning, codes = groups[0]
    expected = naive(step, meaning, codes[:2])
    torch.testing.assert_close(step([(meaning, meaning.tokens(codes[:2]))])[0], expected, rtol=1e-6, atol=1e-6)


def test_programs_start_without_a_code_of_their_own(batch):
    """Two algorithms in which all else has the same name start as one; learning tells them apart."""
    names, _ = batch
    step = Step(names)
    programs = [names.index[f"{a}::"] for a in ALGORITHMS]
    assert (step.codes[programs] == 0).all()
    assert (step.codes[[names.index["parent"], names.index["key"]]] != 0).all()


# ---------------------------------------------------------------- the loss
def rows(seed, n=4, r=3, o=5, scale=3.0):
    torch.manual_seed(seed)
    logits = scale * torch.randn(n, r, o, dtype=torch.float64)
    consistent = torch.rand(n, r, o) < 0.4
    consistent[..., 0] |= ~consistent.any(2)
    return logits, consistent


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_loss_is_minus_log_of_the_consistent_probability(seed):
    logits, consistent = rows(seed)
    p = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(2, keepdims=True)
    expected = -np.log((p * consistent.numpy()).sum(2)).sum(1)
    np.testing.assert_allclose(loss(logits, consistent).numpy(), expected, rtol=1e-9, atol=1e-12)
    assert torch.autograd.gradcheck(lambda x: loss(x, consistent), (logits.requires_grad_(),))


@pytest.mark.parametrize("far", [50.0, 1e3, 1e6])
def test_very_wrong_rows_have_a_finite_and_full_gradient(far):
    logits = torch.tensor([[[0.0, far, -1e9]]], requires_grad=True)
    consistent = torch.tensor([[[True, False, False]]])
    value = loss(logits, consistent)
    value.sum().backward()
    assert value.item() == pytest.approx(far)
    torch.testing.assert_close(logits.grad, torch.tensor([[[-1.0, 1.0, 0.0]]]))


def test_nothing_to_learn_where_every_operation_is_consistent():
    logits, _ = rows(1)
    logits = logits.requires_grad_()
    value = loss(logits, torch.ones_like(logits, dtype=torch.bool))
    value.sum().backward()
    assert (value == 0).all() and (logits.grad == 0).all()


def test_loss_sums_over_registers():
    logits, consistent = rows(2)
    parts = sum(loss(logits[:, r : r + 1], consistent[:, r : r + 1]) for r in range(3))
    torch.testing.assert_close(loss(logits, consistent), parts)


def test_right_is_a_consistent_best_operation_at_every_register():
    logits = torch.tensor([[[1.0, 2.0], [3.0, 0.0]], [[1.0, 2.0], [0.0, 3.0]]])
    consistent = torch.tensor([[[False, True], [True, False]], [[False, True], [True, False]]])
    assert right(logits, consistent).tolist() == [True, False]
