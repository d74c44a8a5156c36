"""Makes the pages `docs/algorithms/*.md`, their pictures, and `algorithms/VOCABULARY.md`, from the algorithms' files.

    python benchmarks/pages/pages.py              # under a minute
    python benchmarks/pages/pages.py --evaluate   # first evaluates the bundled weights `all`: some minutes on one core

What the weights come to (table sizes, parameters, exactness) is kept in `all_exactness.json`, and said of an
algorithm as long as its code is the one that was evaluated.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import zlib
from pathlib import Path

import click
import numpy as np

import algorithms
from algorithms import registry
from algorithms.contexts import draw
from algorithms.recording.record import Recording
from algorithms.spec import Spec
from algorithms.vocabulary import VOCABULARY, nearest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "algorithms"
FACTS = Path(__file__).parent / "all_exactness.json"
WEIGHTS = ROOT / "neural_exec" / "models" / "all" / "model.safetensors"
COMMAND = "python benchmarks/pages/pages.py"
MODEL, SIZES, GRAPHS = "all", (16, 64), 10
SAMPLE, PICTURE = 16, 7  # sizes of the sample that is counted, of the one that is drawn
MADE = f"<!-- Made by `{COMMAND}`; edits are lost. -->"


def weights() -> str:
    """The fingerprint of the bundled weights."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:16]


def evaluated() -> dict:
    """What the weights come to, as `FACTS` holds it."""
    import torch

    import neural_exec

    torch.set_num_threads(1)
    executor = neural_exec.load(MODEL)
    show = lambda row: click.echo(f"{row.algorithm}, n = {row.size}, {row.family}: {row.exact}/{row.graphs}", err=True)
    exact = neural_exec.evaluate(executor, sizes=SIZES, graphs=GRAPHS, report=show).summary()
    known = {}
    for name in executor.algorithms:
        groups = executor.machines[name].groups.items()
        known[name] = dict(
            code=registry.fingerprint(name),
            own=executor.parameters_of(name)["own"],
            groups={g: [len(executor.trained[name][g]), len(group.operations)] for g, group in groups},
            exact=exact[name],
        )
    shared = executor.parameters_of(executor.algorithms[0])["shared"]
    return dict(model=MODEL, weights=weights(), graphs=GRAPHS, shared=shared, algorithms=known)


def facts() -> dict:
    """The file's, without what it says of code that is no more."""
    out = json.loads(FACTS.read_text()) if FACTS.exists() else dict(weights="", shared=0, algorithms={})
    fits = lambda name, known: name in registry.names() and known["code"] == registry.fingerprint(name)
    return dict(out, algorithms={a: known for a, known in out["algorithms"].items() if fits(a, known)})


def texts() -> dict[Path, str]:
    """Every page: its place and its text."""
    said = facts()
    out = {PAGES / "README.md": index_page(said), ROOT / "algorithms" / "VOCABULARY.md": vocabulary_page()}
    for chapter, names in registry.chapters().items():
        out[PAGES / f"{chapter}.md"] = chapter_page(chapter, names, said)
    return out


def index_page(said: dict) -> str:
    exact = [f"exact, n = {n}" for n in SIZES]
    rows = []
    for chapter, names in registry.chapters().items():
        for name in names:
            spec, known = registry.get(name), said["algorithms"].get(name)
            shares = [share(known, n) for n in SIZES]
            size = [sum(c for c, _ in known["groups"].values()), known["own"]] if known else ["", ""]
            link = f"[{name}]({chapter}.md#{name})"
            rows.append([link, chapter, code(spec.inputs), code(spec.outputs), f"`{bound(spec)}`", *size, *shares])
    head = ["algorithm", "chapter", "called with", "outputs", "at most ticks", "contexts", "own numbers", *exact]
    return page(
        "Algorithms",
        f"{len(rows)} algorithms, each in a file of its own. {about(said)} *Contexts*: situations that its training "
        "traces show, which are the rows of its table. *Own numbers*: parameters that no other algorithm uses. "
        "The names that they share are in [algorithms/VOCABULARY.md](../../algorithms/VOCABULARY.md).",
        table(head, rows),
    )


def about(said: dict) -> str:
    """Where the figures are from."""
    if not said["algorithms"]:
        return "No weights have been evaluated."
    return (
        f"Table sizes, parameters and exactness are those of the bundled weights `{MODEL}` (`{said['weights']}`), on "
        f"{said['graphs']} fresh inputs of each size; exact is one with every output right. All share "
        f"{said['shared']:,} parameters."
    )


def share(known: dict | None, n: int) -> str:
    return "{}/{}".format(*known["exact"][str(n)]) if known and str(n) in known["exact"] else "not evaluated"


def chapter_page(chapter: str, names: list[str], said: dict) -> str:
    contents = ", ".join(f"[{name}](#{name})" for name in names)
    parts = [section(registry.get(name), said) for name in names]
    return page(chapter.capitalize(), f"{about(said)} See [all chapters](README.md).", contents, *parts)


def section(spec: Spec, said: dict) -> str:
    """All about one algorithm."""
    head, _, example = spec.doc.partition(">>>")
    first, _, rest = head.partition("\n")
    parts = [f"## {spec.name}", f"**{first.strip()}**", rest.strip()]
    parts.append(f"![{spec.name}: a trace](traces/{spec.name}.svg)")
    parts.append("### Code\n\n```python\n" + program(spec) + "\n```\n\n" + helpers(spec))
    parts.append(f"### Called with {code(spec.inputs)}; outputs\n\n{outputs(spec)}")
    if example:
        parts.append("```python\n>>>" + example.rstrip() + "\n```")
    parts.append("### Registers\n\n" + registers(spec))
    parts.append("### Ticks and table\n\n" + counts(spec, said["algorithms"].get(spec.name)))
    return "\n\n".join(p for p in parts if p)


def outputs(spec: Spec) -> str:
    """How each is read off, and what it looks like then."""
    written = declared(spec, "outputs")
    source = {k.value: ast.unparse(v) for k, v in zip(written.keys, written.values)}
    forms = spec.outputs.items()
    return "\n".join(f"- `{name}`: `{source[name]}`: {sentence(type(form).__doc__)}" for name, form in forms)


def registers(spec: Spec) -> str:
    rows = []
    for p in spec.probes:
        values = code(map(str, p.values)) if p.type == "categorical" else ""
        rows.append([f"`{p.name}`", p.stage, p.location, p.type, values, VOCABULARY.get(p.name, "(its own name)")])
    return table(["name", "stage", "location", "type", "values", "meaning"], rows)


def counts(spec: Spec, known: dict | None) -> str:
    """Ticks, sizes and exactness, as a list."""
    family = spec.families["training"][0]
    run, _, _ = draw(spec, Recording(spec), rng(spec.name), SAMPLE, family, states=False)
    n, m = run.instance.sizes[0]
    most = bound(spec)
    size = f"n = {n}" + (f", m = {m}" if re.search(r"\bm\b", most) else "")
    lines = [f"at most `{most}` ticks; {run.ticks} of {spec.ticks(n, m)} on a sample (`{family}`, {size})"]
    if not known:
        return f"- {lines[0]}\n- not evaluated"
    groups = [f"{g.replace('relation:', 'edges of ')} {c} and {o}" for g, (c, o) in sorted(known["groups"].items())]
    lines.append(f"contexts and operations, by kind of row: {'; '.join(groups)}")
    lines.append(f"parameters of its own: {known['own']}")
    lines.append("exact: " + ", ".join(f"{share(known, s)} at n = {s}" for s in SIZES))
    return "\n".join(f"- {line}" for line in lines)


def parsed(spec: Spec) -> tuple[str, ast.Module, ast.FunctionDef]:
    """An algorithm's file: its source, its tree, its program."""
    source = path_of(spec).read_text()
    tree = ast.parse(source)
    return source, tree, next(x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == spec.name)


def path_of(spec: Spec) -> Path:
    return ROOT / "algorithms" / spec.chapter / f"{spec.name}.py"


def program(spec: Spec) -> str:
    """Source of the program, without its decorator."""
    source, _, function = parsed(spec)
    return "\n".join(source.splitlines()[function.lineno - 1 : function.end_lineno])


def declared(spec: Spec, name: str) -> ast.expr:
    """What the program's decorator is given by a name."""
    decorator = parsed(spec)[2].decorator_list[0]
    return next(k.value for k in decorator.keywords if k.arg == name)


def bound(spec: Spec) -> str:
    """Source of the bound on ticks, in n and m."""
    given = declared(spec, "ticks")
    return ast.unparse(getattr(given, "body", given))


def helpers(spec: Spec) -> str:
    """Where the file is, and where the sub-programs that it runs are."""
    _, tree, function = parsed(spec)
    used = {x.id for x in ast.walk(function) if isinstance(x, ast.Name)}
    link = lambda path: f"[{path}](../../{path})"
    out = [f"In {link(path_of(spec).relative_to(ROOT).as_posix())}"]
    if here := sorted(x.name for x in tree.body if isinstance(x, ast.FunctionDef) and x.name in used):
        out[0] += f", with {code(here)}"
    for x in tree.body:
        helper = isinstance(x, ast.ImportFrom) and x.module.split(".")[-1].startswith("_")
        if helper and (names := sorted(a.name for a in x.names if a.name in used)):
            out.append(f"{code(names)} in {link(x.module.replace('.', '/') + '.py')}")
    return "; ".join(out) + "."


def vocabulary_page() -> str:
    """Standard names with who uses them; then all others, by algorithm."""
    users: dict[str, list[str]] = {n: [] for n in VOCABULARY}
    own = []
    for name in registry.names():
        for x in names_of(registry.get(name)):
            if x in users:
                users[x].append(name)
            elif x.startswith(f"{name}::") and x != f"{name}::":
                word = x.split("::")[1]
                own.append([name, f"`{word}`", f"`{near}`" if (near := nearest(word)) else ""])
    every = len(registry.names())
    who = lambda names: "all" if len(names) == every else ", ".join(names) or "none"
    rows = [[f"`{n}`", text, len(users[n]), who(users[n])] for n, text in VOCABULARY.items()]
    return page(
        "Vocabulary",
        "A name that stands here has one code in every algorithm that uses it, so that what the network knows of it "
        "carries over. A name with `=` before it is a field's value or a phase. Found in small runs of every program.",
        "## Standard names",
        table(["name", "meaning", "users", "used by"], rows),
        "## Names of one algorithm's own\n\nBeside each the nearest standard name, where one is near.",
        table(["algorithm", "name", "nearest"], own),
    )


def names_of(spec: Spec) -> list[str]:
    """All names that the network knows a program by."""
    from neural_exec.network.meaning import Names, meanings_of

    recording, names, random = Recording(spec), Names(), rng(spec.name)
    for family in [*spec.families["training"], *spec.families["held_out"]]:
        for n in (4, 6, 8, 4, 6, 8):
            draw(spec, recording, random, n, family, states=False)
    machine = recording.machine()
    meanings_of(machine, names)
    return sorted({*names.names, *(head.relation for head in machine.heads.values())})


def rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def example_trace(spec: Spec) -> algorithms.Trace:
    """The busiest of ten small ones."""
    random, family = rng(spec.name), spec.families["training"][0]
    samples = [spec.sample(random, PICTURE, family) for _ in range(10)]
    changes = lambda t: sum(int((p.data[1:] != p.data[:-1]).sum()) for p in t.hints.values())
    return max((algorithms.trace(spec.name, data, **given) for data, given in samples), key=changes)


def draw_picture(spec: Spec, path: Path) -> None:
    """An SVG of a trace, the same on every day."""
    import matplotlib

    from neural_exec.plotting import plot_trace

    with matplotlib.rc_context({"svg.hashsalt": "neural-exec"}):
        plot_trace(example_trace(spec), path)
    text = re.sub(r"(?s) *<metadata>.*?</metadata>\n", "", path.read_text())  # the date among them
    text = re.sub(r"(?<![\d.])([1-9]\d*\.\d)\d+", r"\1", text)  # smaller: tenths of a point,
    text = re.sub(r"(?m)^(L .*\n)\1+", r"\1", text)  # no point twice,
    path.write_text(re.sub(r"(?m)^ +", "", text))  # and no indentation


def sentence(text: str) -> str:
    """The first one."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


def code(words) -> str:
    return ", ".join(f"`{w}`" for w in words)


def table(head: list, rows: list[list]) -> str:
    line = lambda cells: "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"
    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])


def page(title: str, *parts: str) -> str:
    return "\n\n".join([MADE, f"# {title}", *parts]) + "\n"


@click.command()
@click.option("--evaluate", is_flag=True, help=f"First evaluate the bundled weights {MODEL}.")
def main(evaluate: bool) -> None:
    if evaluate:
        known = evaluated()
        lines = [f"  {json.dumps(name)}: {json.dumps(x)}" for name, x in known.pop("algorithms").items()]
        head = json.dumps(known, indent=1).removesuffix("\n}")
        FACTS.write_text(head + ',\n "algorithms": {\n' + ",\n".join(lines) + "\n }\n}\n")
    (PAGES / "traces").mkdir(parents=True, exist_ok=True)
    pictures, pages = {name: PAGES / "traces" / f"{name}.svg" for name in registry.names()}, texts()
    for path in {*PAGES.rglob("*.md"), *PAGES.rglob("*.svg")} - {*pages, *pictures.values()}:  # of what is no more
        path.unlink()
    for path, text in pages.items():
        path.write_text(text)
    for name, path in pictures.items():
        draw_picture(registry.get(name), path)


if __name__ == "__main__":
    main()
