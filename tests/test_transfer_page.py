"""The examples of docs/transfer.md run, and its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from neural_exec.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "transfer.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("code", [body for kind, body in BLOCKS if kind == "python"])
def test_python_examples_run(code):
    exec(code, {})


def test_commands_run_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in (line for kind, body in BLOCKS if kind == "bash" for line in body.splitlines()):
        program, *arguments = shlex.split(command)
        assert program == "neural-exec"
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output


def test_the_table_says_first_what_transfers():
    lines = (ROOT / "benchmarks" / "transfer" / "TRANSFER.md").read_text().splitlines()
    assert lines[0].startswith("What transfers is ") and "control" in lines[0] and "permuted" in lines[0]


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
