"""What must come out the same on every Python: each algorithm's fingerprint, and a hash of its traces, as JSON.

python tests/pythons.py > here.json; another-python tests/pythons.py here.json    # says what differs, and exits 1

Needs what `algorithms` needs, numpy and networkx, and nothing else.
"""

import hashlib
import json
import platform
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
import algorithms
from algorithms import registry

SIZES = (1, 7)


def traces(name: str) -> str:
    """Of runs on samples of every family."""
    spec, rng, digest = algorithms.get(name), np.random.default_rng(0), hashlib.sha256()
    for families in spec.families.values():
        for family in families:
            for n in SIZES:
                data, arguments = spec.sample(rng, n, family)
                trace = algorithms.trace(name, data, **arguments)
                digest.update(json.dumps(trace.to_dict(), sort_keys=True).encode())
    return digest.hexdigest()[:16]


def found() -> dict:
    """Algorithm -> (fingerprint, traces)."""
    return {name: [registry.fingerprint(name), traces(name)] for name in algorithms.names()}


if __name__ == "__main__":
    here = found()
    if len(sys.argv) < 2:
        print(json.dumps(here, indent=1))
        sys.exit()
    there = json.loads(Path(sys.argv[1]).read_text())
    version = platform.python_version()
    for what, place in (("fingerprints", 0), ("traces", 1)):
        other = [n for n in here.keys() | there.keys() if here.get(n, " ")[place] != there.get(n, " ")[place]]
        print(f"Python {version}: {len(here) - len(other)} of {len(here)} {what} are the same", *sorted(other))
    sys.exit(here != there)
