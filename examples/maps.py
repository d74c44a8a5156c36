"""TerrainGrid: images of terrain whose tiles have hidden costs, and a small network that reads them.

A map of h × h tiles is an image (3, 8h, 8h). Each tile is of one of five terrains, which costs 0.8 to 9.2 to step on;
one walks from the upper left to the lower right, in eight directions. Nothing is downloaded: the same seed draws the
same maps. Used by `terrain.py` here and by `benchmarks/gradients/predict_then_execute.py`.

>>> maps = TerrainGrid(2, side=12, seed=0)
>>> maps.images.shape, maps.costs.shape, eight_neighbours(2).tolist()[0]
(torch.Size([2, 3, 96, 96]), torch.Size([2, 144]), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["COSTS", "CostNet", "TerrainGrid", "eight_neighbours"]

TILE = 8  # pixels
COSTS = torch.tensor([0.8, 1.2, 5.3, 7.7, 9.2], dtype=torch.float64)  # path, grass, forest, rock, water
COLOURS = torch.tensor(
    [[0.56, 0.50, 0.33], [0.36, 0.52, 0.27], [0.29, 0.44, 0.30], [0.45, 0.42, 0.38], [0.28, 0.40, 0.53]]
)
SMOOTH = 1.1  # tiles: the size of patches of one terrain
TEXTURE, SHADE, CAST, NOISE, LIGHT = 0.07, 0.02, 0.06, 0.05, 0.28


def eight_neighbours(side: int) -> Tensor:
    """edge_index (2, m) of a grid of side × side nodes, row by row: each node to its neighbours, diagonals included."""
    place = torch.arange(side * side).view(side, side)
    row, column = place.flatten() // side, place.flatten() % side
    near = ((row[:, None] - row).abs() <= 1) & ((column[:, None] - column).abs() <= 1)
    return (near & ~torch.eye(side * side, dtype=torch.bool)).nonzero().T


class TerrainGrid:
    """`count` maps of side × side tiles: images (count, 3, 8·side, 8·side), kinds and costs (count, side²) float64.

    Kinds come in patches. Each kind has a colour (under changing light the colours overlap) and a texture; direction,
    phase and wavelength vary from map to map, as do light and tint; tiles differ in shade, pixels in noise.
    """

    def __init__(self, count: int, side: int, seed: int):
        draw = torch.Generator().manual_seed(seed)
        parts = [self._some(min(32, count - i), side, draw) for i in range(0, count, 32)]
        self.kinds = torch.cat([kinds for kinds, _ in parts]).flatten(1)
        self.images = torch.cat([images for _, images in parts])
        self.costs = COSTS[self.kinds]

    def __len__(self) -> int:
        return len(self.images)

    def _some(self, count: int, side: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        kinds = _kinds(count, side, draw)
        return kinds, _images(kinds, draw)


def _kinds(count: int, side: int, draw: torch.Generator) -> Tensor:
    """(count, side, side): which of five smooth random fields is the highest."""
    fields = torch.randn(5 * count, 1, side + 6, side + 6, generator=draw)
    x = torch.arange(-3.0, 4.0)
    bell = torch.exp(-(x**2) / (2 * SMOOTH**2))
    fields = nn.functional.conv2d(fields, (bell[:, None] * bell)[None, None]).view(count, 5, side, side)
    fields = fields / fields.std() + 0.35 * torch.randn(fields.shape, generator=draw)
    fields[:, 1] += 0.3  # mostly grass
    return fields.argmax(1)


def _images(kinds: Tensor, draw: torch.Generator) -> Tensor:
    """(count, 3, 8·side, 8·side) in [0, 1]."""
    count, side = len(kinds), kinds.shape[1]
    normal = lambda *shape: torch.randn(shape, generator=draw)
    pixels = lambda tiles: tiles.repeat_interleave(TILE, -1).repeat_interleave(TILE, -2)
    y, x = torch.meshgrid(torch.arange(side * TILE), torch.arange(side * TILE), indexing="ij")

    def wave(frequency, angle: float | None = None) -> Tensor:
        """(count, H, W); of random direction if none is given, and random phase."""
        turn = math.tau * torch.rand(count, 2, 1, 1, generator=draw)
        a = turn[:, 0] if angle is None else torch.full_like(turn[:, 0], angle)
        return torch.sin(frequency * (torch.cos(a) * x + torch.sin(a) * y) + turn[:, 1])

    down, across = math.pi / 2, 0.0
    textures = torch.stack([
        wave(0.9),  # ruts, any way
        wave(1.5, down),  # rows of grass
        wave(1.8, math.pi / 4) * wave(1.8, -math.pi / 4),  # crowns of trees
        torch.sign(wave(0.8, across) * wave(0.8, down)),  # blocks of rock
        wave(0.6, down + 0.2),  # long waves
    ], 1)  # fmt: skip
    kind = pixels(kinds)
    image = COLOURS[kind].movedim(-1, 1) + TEXTURE * textures.gather(1, kind[:, None])
    image = image + pixels(SHADE * normal(count, 3, side, side))
    light = 1 + LIGHT * wave(math.tau / (60 + 80 * torch.rand(count, 1, 1, generator=draw)))
    image = image * light[:, None] * (1 + CAST * normal(count, 3, 1, 1))
    return (image + NOISE * normal(*image.shape)).clamp(0, 1)


class CostNet(nn.Module):
    """Images (B, 3, 8h, 8h) -> positive costs of their tiles (B, h²), about 3 to begin with. Convolutions alone: h is
    free. `channels`: its width; 24 makes 31,000 parameters."""

    def __init__(self, channels: int = 24):
        super().__init__()

        def block(wide_in: int, wide: int, kernel: int, stride: int = 1, padding: int = 0) -> list[nn.Module]:
            return [nn.Conv2d(wide_in, wide, kernel, stride, padding, bias=False), nn.BatchNorm2d(wide), nn.ReLU()]

        c = channels
        self.features = nn.Sequential(
            *block(3, c, 4, 2, 1), *block(c, c, 4, 2, 1), *block(c, 2 * c, 4, 2, 1), *block(2 * c, 2 * c, 1)
        )
        self.cost = nn.Conv2d(2 * c, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        return nn.functional.softplus(self.cost(self.features(images)).flatten(1) + 3) + 0.05
