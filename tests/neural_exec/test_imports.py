"""What is imported when: torch by what runs a network, PyG by who gives its data, torch's compiler by who compiles."""

import pkgutil
import subprocess
import sys

import pytest

import neural_exec

RUNS = """
import networkx as nx, torch, neural_exec
executor = neural_exec.load()
assert executor.run("bfs", nx.path_graph(3), source=0).outputs["parent"] == {0: None, 1: 0, 2: 1}
assert executor.run_batch("minimum", [[2.0, 1.0], [3.0]])[0].outputs == {"index": 1}
from neural_exec.chains.adapters import subgraph
chain = neural_exec.Chain(["bridges", subgraph("edges", False), "connected_components"], executor)
assert len(set(chain.run(nx.path_graph(3)).outputs[-1]["component"].values())) == 3
assert executor("minimum", torch.tensor([2.0, 1.0]))["index"] == 1
imported("torch_geometric", "torch._dynamo")
from torch_geometric.data import Batch, Data
data = Data(edge_index=torch.tensor([[0, 1], [1, 2]]), num_nodes=3)
assert executor("bfs", data, source=0)["parent"].tolist() == [-1, 0, 1]
assert executor("bfs", [data, data], source=0)["parent"].tolist() == [-1, 0, 1, -1, 3, 4]
assert executor("heapsort", Data(x=torch.tensor([2.0, 1.0])))["order"].tolist() == [1, 0]
"""
COMMANDS = [
    ["--help"],
    ["list"],
    ["list", "--json"],
    ["trace", "bfs", "karate", "--source", "0"],
    ["check", "minimum", "--runs", "40"],
]


def alone(code: str) -> str:
    """What a fresh interpreter says; `imported(…)` in it is an error where one of these modules is there."""
    head = (
        "import sys\ndef imported(*names):\n    assert not (there := [n for n in names if n in sys.modules]), there\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", head + code], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return done.stdout


def test_no_module_imports_pyg_but_the_networks_that_are_made_of_it():
    walked = pkgutil.walk_packages(neural_exec.__path__, "neural_exec.")
    modules = [m.name for m in walked if not m.name.startswith(("neural_exec.gnn", "neural_exec.__main__"))]
    assert {"neural_exec.nn.layers", "neural_exec.tensors.call", "neural_exec.training.train"} <= {*modules}
    found = alone(f"for name in {modules}:\n    __import__(name)\nprint(*sys.modules)").split()
    assert "torch" in found and not {"torch_geometric", "torch._dynamo", "matplotlib", "rich"} & {*found}


def test_runs_import_neither_pyg_nor_a_compiler():
    alone(RUNS)


def test_the_command_that_runs_an_algorithm_imports_no_other():
    alone(
        "from neural_exec.cli.main import main\nmain(['run', 'minimum', '3,1,2'], standalone_mode=False)\n"
        "imported('algorithms.graphs.bfs', 'algorithms.searching.binary_search', 'torch_geometric', 'torch._dynamo')"
    )


def test_names_are_fetched_when_they_are_asked_for():
    alone("import neural_exec\nimported('torch', 'scipy')\nneural_exec.load\nassert 'torch' in sys.modules")


@pytest.mark.parametrize("without", [False, True], ids=["torch is there", "torch is not there"])
def test_commands_that_need_no_network_run_without_torch(without):
    code = "sys.modules['torch'] = None\n" * without + "from neural_exec.cli.main import main\n"
    code += f"for command in {COMMANDS}:\n    main(command, standalone_mode=False)\n"
    said = alone(code + "imported('torch')" * (not without))
    assert "dijkstra" in said and "bfs on 34 nodes" in said and "minimum: ok" in said
