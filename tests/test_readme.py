"""The examples of the README and of docs/ run, and say what is so."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from algorithms import registry
from neural_exec.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"(<!-- [^\n]* -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall(README)
PAGES = [
    (page.name, body)
    for page in sorted((ROOT / "docs").glob("*.md"))
    for _, kind, body in BLOCK.findall(page.read_text())
    if kind == "python"
]
CHAINS = BLOCK.findall((ROOT / "docs" / "chains.md").read_text())
COMMANDS = [
    line
    for mark, kind, body in BLOCKS + CHAINS
    if kind == "bash" and not mark
    for line in body.splitlines()
    if line.strip()
]


@pytest.mark.parametrize("code", [body for mark, kind, body in BLOCKS if kind == "python" and not mark])
def test_python_examples_run(code):
    exec(code, {})


@pytest.mark.parametrize("code", [body for _, body in PAGES], ids=[name for name, _ in PAGES])
def test_python_examples_of_the_pages_run(code):
    exec(code, {})


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command):
    program, *arguments = shlex.split(command)
    assert program == "neural-exec"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output


def test_the_table_of_algorithms_is_what_their_specs_say():
    """Names, inputs and outputs: every algorithm of the core suite, and no other."""
    table = README.split("| algorithm | called with | outputs |\n")[1].split("\n\n")[0].splitlines()[1:]
    said = {}
    for line in table:
        names, inputs, outputs = (re.findall(r"`(\w+)=?`", cell) for cell in line.strip("|").split(" | "))
        said |= {name: (inputs, outputs, "weighted" in line) for name in names}
    assert said.keys() == {*registry.suite("core")}
    for name, (inputs, outputs, weighted) in said.items():
        spec = registry.get(name)
        assert outputs == list(spec.outputs), name
        assert [*spec.inputs[1:]] == inputs + ["weight"] * weighted, name


def test_shown_file_is_the_file():
    shown = [(mark, body) for mark, _, body in BLOCKS if mark.startswith("<!-- file: ")]
    assert shown
    for mark, body in shown:
        assert body == (ROOT / mark.split()[2]).read_text()


PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("benchmarks/**/*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists() and (page.parent / target).stat().st_size > 0, target


def test_headline_is_the_benchmarks_first_line():
    headline = re.search(r"<!-- headline: (\S+) -->\n(.*)\n", README)
    assert headline.group(2) == (ROOT / headline.group(1)).read_text().splitlines()[0]


TEXTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("benchmarks/**/*")),
]


def test_commands_of_scripts_name_files_that_are_there():
    """`python benchmarks/FOLDER/SCRIPT.py`, wherever a page or a script says so."""
    said = {
        (path.name, script)
        for path in TEXTS
        if path.suffix in (".md", ".py")
        for script in re.findall(r"python\s+((?:benchmarks|examples|building)/[a-z0-9_/]+\.py)", path.read_text())
    }
    assert len({script for _, script in said}) > 15
    assert [s for s in sorted(said) if not (ROOT / s[1]).is_file()] == []
