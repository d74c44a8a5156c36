r"""The learned step: a context in, a choice among operations for every register out.

Codes z of names (24 numbers each) are all the network knows of an algorithm. For a context of columns c with values v,
slots(c) the codes of what column c is about, r a register, o an operation:

    token   t(c, v) = W2 relu(Wc slots(c) + Wv z_v) + (K slots(c)) * (V z_v)
    state   x = sum_c t(c, v_c) / sqrt(C) + Z z_kind;   h = relu(I x);   h <- h + relu(L_i h), i = 1, 2
    target  y_r = W relu((A h) * (1 + B r) + B' r),     r = [z_type; z_name]
    score   logit(r, o) = <y_r, e_o> / sqrt(d),         e_o = MLP(slots(o))

The sum over columns is a message passing: what a row reads of itself, of its pointers' targets, of the neighbours
that its selections chose and of the hub are the messages. Selections are the same step on the contexts of edges, with
the operations "eligible" and "not". All weights are shared by all algorithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.nn import MessagePassing

from neural_exec.network.meaning import Meaning, Names

__all__ = ["Decoder", "Encoder", "Processor", "Step", "StepConfig", "loss"]

_GAIN = 1.2  # weights ~ N(0, (gain / sqrt(fan_in))^2)
_linear = partial(nn.Linear, dtype=torch.float32)  # whatever torch's default is


@dataclass(frozen=True)
class StepConfig:
    """Sizes: code, token (d), hidden, residual layers."""

    code: int = 24
    token: int = 32
    hidden: int = 64
    layers: int = 2


class Encoder(nn.Module):
    """Tokens (K, d) of a group: every column with each of its values."""

    def __init__(self, c: StepConfig):
        super().__init__()
        self.column, self.value = _linear(7 * c.code, c.hidden), _linear(c.code, c.hidden, bias=False)
        self.out = _linear(c.hidden, c.token)
        self.bind_column, self.bind_value = _linear(7 * c.code, c.token), _linear(c.code, c.token)

    def forward(self, columns: Tensor, values: Tensor, column_of: Tensor) -> Tensor:
        """columns (C, 7 * code), values (K, code), column_of (K,) -> (K, d)."""
        sums = self.out(torch.relu(self.column(columns)[column_of] + self.value(values)))
        return sums + self.bind_column(columns)[column_of] * self.bind_value(values)


class Processor(MessagePassing):
    """The one network shared by all: messages (tokens) are summed at each row, then pass through residual layers."""

    def __init__(self, c: StepConfig):
        super().__init__(aggr="sum")
        self.kind, self.inp = _linear(c.code, c.token), _linear(c.token, c.hidden)
        self.layers = nn.ModuleList(_linear(c.hidden, c.hidden) for _ in range(c.layers))

    def forward(self, tokens: Tensor, edge_index: Tensor, count: Tensor, kind: Tensor) -> Tensor:
        """tokens (K, d); edge_index (2, M) token -> row; count (N,) columns of a row; kind (N, code) -> (N, hidden)."""
        x = self.propagate(edge_index, x=(tokens, None), size=(len(tokens), len(count)))
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
        self.operation = nn.Sequential(_linear(8 * c.code, c.hidden), nn.ReLU(), _linear(c.hidden, c.token))

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

    forward: a list of (meaning, tokens (n, C) or (n,) context codes) -> per group logits (n, R, O), operations that do
    not fit a register at -inf (as -1e9).
    """

    def __init__(self, names: Names, config: StepConfig | None = None):
        super().__init__()
        self.config = c = config or StepConfig()
        self.codes = nn.Parameter(torch.randn(len(names), c.code, dtype=torch.float32))
        self.encoder, self.processor, self.decoder = Encoder(c), Processor(c), Decoder(c)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                fan_in = 8 * c.code if m in (self.encoder.column, self.encoder.value) else m.in_features
                nn.init.normal_(m.weight, 0.0, _GAIN / fan_in**0.5)
                if m.bias is not None:
                    nn.init.zeros_(m.bias)
        with torch.no_grad():
            self.codes[[0, *names.programs()]] = 0.0

    def shared_parameters(self) -> list[nn.Parameter]:
        return [p for n, p in self.named_parameters() if n != "codes"]

    def forward(self, batch: list[tuple[Meaning, Tensor]]) -> list[Tensor]:
        return self.score(self.join(batch))

    @staticmethod
    def join(batch: list[tuple[Meaning, Tensor]]) -> tuple[list[Meaning], Batch]:
        """A batch as one graph; what is asked again and again is joined once."""
        return [m for m, _ in batch], Batch.from_data_list([meaning.data(tokens) for meaning, tokens in batch])

    def score(self, joined: tuple[list[Meaning], Batch], codes: Tensor | None = None) -> list[Tensor]:
        """Logits of a joined batch; under other codes (names, code) than the step's own, where these are given."""
        (meanings, data), codes = joined, self.codes if codes is None else codes
        z = torch.cat([torch.zeros_like(codes[:1]), codes[1:]])
        columns, values = z[data.columns].flatten(1), z[data.token_value].sum(1)
        tokens = self.encoder(columns, values, data.column_index)
        h = self.processor(tokens, data.edge_index, data.count, z[data.kind].sum(1)[data.batch])
        slots = [torch.cat([z[m.operations[:, :7]].flatten(1), z[m.operations[:, 7:]].sum(1)], 1) for m in meanings]
        registers = [z[m.registers].flatten(1) for m in meanings]
        logits = self.decoder(list(h.split(data.ptr.diff().tolist())), registers, slots)
        return [x.masked_fill(~m.valid, -1e9) for x, m in zip(logits, meanings)]


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


def loss(logits: Tensor, consistent: Tensor) -> Tensor:
    """-log of the total probability of the consistent operations, summed over registers: (n, R, O) x2 -> (n,)."""
    return _Gap.apply(logits, consistent).sum(1)
