"""The examples run, on little."""

import runpy
import sys
from pathlib import Path

import torch
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples"))
from maps import COSTS, CostNet, TerrainGrid, eight_neighbours

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def test_terrain_learns_and_draws(tmp_path):
    main = runpy.run_path(str(EXAMPLES / "terrain.py"))["main"]
    picture = tmp_path / "terrain.png"
    arguments = ["--maps", "100", "--epochs", "2", "--side", "6", "--output", str(picture)]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0 and "100 new maps" in result.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_terrain_grid_is_the_same_for_the_same_seed():
    one, two, other = (TerrainGrid(33, 5, seed) for seed in (3, 3, 4))
    assert torch.equal(one.images, two.images) and torch.equal(one.costs, two.costs)
    assert not torch.equal(one.kinds, other.kinds)
    assert one.images.shape == (33, 3, 40, 40) and one.costs.shape == (33, 25) and len(one) == 33
    assert one.images.min() >= 0 and one.images.max() <= 1 and set(one.costs.unique().tolist()) == set(COSTS.tolist())
    costs = CostNet()(one.images)
    assert costs.shape == (33, 25) and (costs > 0).all()


def test_eight_neighbours():
    edges = eight_neighbours(3)
    assert edges.shape == (2, 40)
    assert edges[1, edges[0] == 4].tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
