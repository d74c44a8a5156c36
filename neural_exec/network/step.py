r"""The learned step: a context in, a choice among operations for every register out.

Codes z of names (24 numbers each) are all the network knows of an algorithm. For a context of columns c with values v,
slots(c) the codes of what column c is about, r a register, o an operation:

    token   t(c, v) = W2 relu(Wc slots(c) + Wv z_v) + (K slots(c)) * (V z_v)
    state   x = sum_c t(c, v_c) / sqrt(C) + Z z_kind;   h = relu(I x);   h <- h + relu(L_i h), i = 1, 2
    target  y_r = W relu((A h) * (1 + B r) + B' r),     r = [z_type; z_name]
    score   logit(r, o) = <y_r, e_o> / sqrt(d),         e_o = MLP(slots(o))

C is the number of columns that the program looks at in the context's phase; the others send nothing.

The sum over columns is a message passing: what a row reads of itself, of its pointers' targets, of the neighbours
that its selections chose and of the hub are the messages. Selections are the same step on the contexts of edges, with
the operations "eligible" and "not". All weights are shared by all algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial, reduce
from itertools import accumulate

import torch
from torch import Tensor, nn

from neural_exec.network.meaning import SLOTS, Meaning, Names

__all__ = ["Decoder", "Encoder", "JoinedContexts", "Processor", "Step", "StepConfig", "join", "joint_loss", "loss"]

_GAIN = 1.2  # weights ~ N(0, (gain / sqrt(fan_in))^2)
_linear = partial(nn.Linear, dtype=torch.float32)  # whatever torch's default is


@dataclass(frozen=True)
class StepConfig:
    """Sizes: code, token (d), hidden, residual layers."""

    code: int = 24
    token: int = 32
    hidden: int = 64
    layers: int = 2


@dataclass(frozen=True)
class JoinedContexts:
    """Contexts of several groups as one bipartite graph: tokens (what can be read) -> rows (what reads them).

    meanings: of the groups; sizes: how many rows each has. columns (C, 7), token_value (K, 2) and kind (G, 2) are
    names; token_column (K,) is the column of a token; edge_index (2, M) joins the tokens that each of N rows reads to
    it; count (N,) says how many they are, group (N,) whose the row is.
    """

    meanings: list[Meaning]
    sizes: list[int]
    columns: Tensor
    token_value: Tensor
    token_column: Tensor
    kind: Tensor
    edge_index: Tensor
    count: Tensor
    group: Tensor


def join(batch: list[tuple[Meaning, Tensor]]) -> JoinedContexts:
    """Contexts given by their tokens (n, C), groups one after another; to be scored once, or again and again."""
    meanings, tokens = [m for m, _ in batch], [t[t >= 0] for _, t in batch]
    sizes = [len(t) for _, t in batch]
    group = torch.arange(len(batch)).repeat_interleave(torch.tensor(sizes))
    after = lambda parts, lengths: torch.cat([x + first for x, first in zip(parts, accumulate(lengths, initial=0))])
    count = torch.cat([(t >= 0).sum(1) for _, t in batch])
    row = torch.arange(len(count)).repeat_interleave(count)
    return JoinedContexts(
        meanings=meanings,
        sizes=sizes,
        columns=torch.cat([m.columns for m in meanings]),
        token_value=torch.cat([m.token_value for m in meanings]),
        token_column=after([m.token_column for m in meanings], [len(m.columns) for m in meanings]),
        kind=torch.stack([m.kind for m in meanings]),
        edge_index=torch.stack([after(tokens, [len(m.token_value) for m in meanings]), row]),
        count=count,
        group=group,
    )


class Encoder(nn.Module):
    """Tokens (K, d) of a group: every column with each of its values."""

    def __init__(self, c: StepConfig):
        super().__init__()
        self.column, self.value = _linear(SLOTS * c.code, c.hidden), _linear(c.code, c.hidden, bias=False)
        self.out = _linear(c.hidden, c.token)
        self.bind_column, self.bind_value = _linear(SLOTS * c.code, c.token), _linear(c.code, c.token)

    def forward(self, columns: Tensor, values: Tensor, column_of: Tensor) -> Tensor:
        """columns (C, 7 * code), values (K, code), column_of (K,) -> (K, d)."""
        sums = self.out(torch.relu(self.column(columns)[column_of] + self.value(values)))
        return sums + self.bind_column(columns)[column_of] * self.bind_value(values)


class Processor(nn.Module):
    """The one network shared by all: messages (tokens) are summed at each row, then pass through residual layers."""

    def __init__(self, c: StepConfig):
        super().__init__()
        self.kind, self.inp = _linear(c.code, c.token), _linear(c.token, c.hidden)
        self.layers = nn.ModuleList(_linear(c.hidden, c.hidden) for _ in range(c.layers))

    def forward(self, tokens: Tensor, edge_index: Tensor, count: Tensor, kind: Tensor) -> Tensor:
        """tokens (K, d); edge_index (2, M) token -> row; count (N,) columns of a row; kind (N, code) -> (N, hidden)."""
        token, row = edge_index
        messages = tokens.index_select(0, token)
        x = tokens.new_zeros(len(count), tokens.shape[1]).scatter_add_(0, row[:, None].expand_as(messages), messages)
        h = torch.relu(self.inp(x * count[:, None].to(x.dtype).rsqrt() + self.kind(kind)))
        for layer in self.layers:
            h = h + torch.relu(layer(h))
        return h


class Decoder(nn.Module):
    """Scores of operations for registers, by what each touches."""

    def __init__(self, c: StepConfig):
        super().__init__()
        self.state = _linear(c.hidden, c.hidden)
        self.scale, self.shift = _linear(2 * c.code, c.hidden), _linear(2 * c.code, c.hidden)
        self.target = _linear(c.hidden, c.token)
        self.operation = nn.Sequential(_linear((SLOTS + 1) * c.code, c.hidden), nn.ReLU(), _linear(c.hidden, c.token))

    def forward(self, h: list[Tensor], registers: list[Tensor], operations: list[Tensor]) -> list[Tensor]:
        """Per group: h (n, hidden), registers (R, 2 * code), operations (O, 8 * code) -> logits (n, R, O)."""
        r, o = torch.cat(registers), self.operation(torch.cat(operations))
        sizes = [len(x) for x in registers]
        scale, shift = (1 + self.scale(r)).split(sizes), self.shift(r).split(sizes)
        state = self.state(torch.cat(h)).split([len(x) for x in h])
        mixed = [(a[:, None] * s + b).flatten(0, 1) for a, s, b in zip(state, scale, shift)]
        y = self.target(torch.relu(torch.cat(mixed))).split([len(x) for x in mixed])
        e = o.split([len(x) for x in operations])
        return [(a @ b.T).view(len(x), -1, len(b)) / a.shape[1] ** 0.5 for a, b, x in zip(y, e, h)]


class Step(nn.Module):
    """codes (names, code) and the three shared parts.

    forward: a list of (meaning, tokens (n, C)) -> per group logits (n, R, O), operations that do not fit a register at
    -1e9.
    """

    def __init__(self, names: Names, config: StepConfig | None = None):
        super().__init__()
        self.config = c = config or StepConfig()
        self.codes = nn.Parameter(torch.randn(len(names), c.code, dtype=torch.float32))
        self.encoder, self.processor, self.decoder = Encoder(c), Processor(c), Decoder(c)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                # the first layer sums what two maps make of a column and of its value
                fan_in = (SLOTS + 1) * c.code if m in (self.encoder.column, self.encoder.value) else m.in_features
                nn.init.normal_(m.weight, 0.0, _GAIN / fan_in**0.5)
                if m.bias is not None:
                    nn.init.zeros_(m.bias)
        with torch.no_grad():
            self.codes[[0, *names.programs()]] = 0.0

    def shared_parameters(self) -> list[nn.Parameter]:
        return [p for n, p in self.named_parameters() if n != "codes"]

    def forward(self, batch: list[tuple[Meaning, Tensor]]) -> list[Tensor]:
        return self.score(join(batch))

    def score(self, joined: JoinedContexts, codes: Tensor | None = None) -> list[Tensor]:
        """Logits of a joined batch; under other codes (names, code) than the step's own, where these are given."""
        x, meanings, codes = joined, joined.meanings, self.codes if codes is None else codes
        z = torch.cat([torch.zeros_like(codes[:1]), codes[1:]])
        tokens = self.encoder(z[x.columns].flatten(1), z[x.token_value].sum(1), x.token_column)
        h = self.processor(tokens, x.edge_index, x.count, z[x.kind].sum(1)[x.group])
        parts = [m.operations.tensor_split([SLOTS], 1) for m in meanings]
        slots = [torch.cat([z[about].flatten(1), z[value].sum(1)], 1) for about, value in parts]
        registers = [z[m.registers].flatten(1) for m in meanings]
        logits = self.decoder(list(h.split(x.sizes)), registers, slots)
        return [y.masked_fill(~m.valid, -1e9) for y, m in zip(logits, meanings)]


class _Gap(torch.autograd.Function):
    """logsumexp(all) - logsumexp(consistent) over the last dimension; gradient p - p_consistent, without saturation."""

    @staticmethod
    def forward(ctx, logits: Tensor, consistent: Tensor) -> Tensor:
        p = torch.softmax(logits, -1)
        q = torch.softmax(logits.masked_fill(~consistent, -torch.inf), -1)
        ctx.save_for_backward(p - q)
        return logits.logsumexp(-1) - logits.masked_fill(~consistent, -torch.inf).logsumexp(-1)

    @staticmethod
    def backward(ctx, grad: Tensor):
        return ctx.saved_tensors[0] * grad[..., None], None


def joint_loss(logits: list[Tensor], consistent: list[Tensor]) -> Tensor:
    """The sum of the mean losses of several groups, one at least."""
    return reduce(torch.add, (loss(x, y).mean() for x, y in zip(logits, consistent)))


def loss(logits: Tensor, consistent: Tensor) -> Tensor:
    """-log of the total probability of the consistent operations, summed over registers: (n, R, O) x2 -> (n,)."""
    return _Gap.apply(logits, consistent).sum(1)
