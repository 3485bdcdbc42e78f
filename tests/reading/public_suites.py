"""Measure the analyzer against the public micro-benchmarks of call graph builders.

    python -m tests.reading.public_suites --pycg PyCG/micro-benchmark/snippets
    python -m tests.reading.public_suites --jarvis \\
        Jarvis/dataset/micro_benchmark Jarvis/ground_truth/micro_benchmark

Both suites come from checkouts of their projects; nothing of them is kept here. What is compared are the
calls between functions that the programs define: the suites' entries for builtins, methods of strings and
modules that are not there name leaves, and they name them in one program and leave them out in the next.
Names are compared in the suites' dotted form; the suites number lambdas, functions know them only as
``<lambda>``, and calls in a class body are counted where the class statement stands.

The suites' truth was written by hand. Where running a program proves it wrong, ``CORRECTIONS`` says what and
why; ``--check-corrections`` runs the programs and prints every difference between the truth and the run.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.reading.analysis import read_edges
from tests.reading.execution import Edge, watched


@dataclass(frozen=True)
class Correction:
    """What a run proves wrong in the written truth of one program, in the suites' dotted names."""

    proof: str
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()


_EVERY_LINE_RAN = "every line of the program ran, once"

CORRECTIONS: dict[str, dict[str, Correction]] = {
    "pycg": {
        "decorators/nested_decorators": Correction(_EVERY_LINE_RAN, surplus=("main -> main.func",)),
        "kwargs/chained_call": Correction(_EVERY_LINE_RAN, surplus=("main.func2 -> main.func2",)),
        "mro/self_assignment": Correction(_EVERY_LINE_RAN, surplus=("main -> main.B.func",)),
    },
    "jarvis": {
        "classes/super_class_return": Correction("it ran", missing=("main.B.__init__ -> main.A.__init__",)),
        "decorators/nested_decorators": Correction(
            _EVERY_LINE_RAN, missing=("main -> main.dec1.inner",), surplus=("main -> main.func",)
        ),
        "decorators/return_different_func": Correction(
            _EVERY_LINE_RAN, missing=("main.func2 -> main.dec.inner",), surplus=("main.func2 -> main.func",)
        ),
        "dicts/assign": Correction(_EVERY_LINE_RAN, surplus=("main -> main.func1",)),
        "dicts/nested": Correction(_EVERY_LINE_RAN, surplus=("main -> main.func1",)),
        "dicts/update": Correction(_EVERY_LINE_RAN, surplus=("main -> main.func1",)),
        "lists/ext_index": Correction(
            _EVERY_LINE_RAN, missing=("main -> main.func1",), surplus=("main -> main.func2",)
        ),
        "mro/basic": Correction("it ran", missing=("main.B.__init__ -> main.A.__init__",)),
        "mro/basic_init": Correction("it ran", missing=("main.B.__init__ -> main.A.__init__",)),
        "mro/self_assignment": Correction(_EVERY_LINE_RAN, surplus=("main -> main.B.func",)),
        "mro/super_call": Correction(
            "it ran", missing=("main.B.__init__ -> main.A.__init__", "main.C.__init__ -> main.B.__init__")
        ),
        "mro/two_parents": Correction("it ran", missing=("main -> main.B.__init__",)),
    },
}


@dataclass
class Score:
    """How the found edges of a suite compare with its truth."""

    exact: int = 0
    cases: int = 0
    right: int = 0
    found: int = 0
    true: int = 0
    wrong: dict[str, tuple[set[Edge], set[Edge]]] = field(default_factory=dict)

    def add(self, name: str, truth: set[Edge], found: set[Edge]) -> None:
        """Count one program."""
        self.cases += 1
        self.exact += truth == found
        self.right += len(truth & found)
        self.found += len(found)
        self.true += len(truth)
        if truth != found:
            self.wrong[name] = (truth - found, found - truth)

    def __str__(self) -> str:
        precision, recall = self.right / max(self.found, 1), self.right / max(self.true, 1)
        return (
            f"exact {self.exact} of {self.cases}, precision {precision:.3f} ({self.right} of {self.found}), "
            f"recall {recall:.3f} ({self.right} of {self.true})"
        )


@dataclass(frozen=True)
class Program:
    """One program of a suite: its name, its folder, and the file with its written truth."""

    name: str
    folder: Path
    truth: Path


def programs(sources: Path, truths: Path) -> Iterator[Program]:
    """The programs of a suite whose truth lies beside or apart from them, in order of name."""
    groups = {folder.name.replace(" ", "_"): folder for folder in sources.iterdir()}
    for truth in sorted(truths.glob("*/*/callgraph.json")):
        group, name = truth.parent.parent.name, truth.parent.name
        yield Program(f"{group}/{name}", groups[group] / name, truth)


def written_truth(program: Program, folder: Path) -> set[Edge]:
    """The calls between the program's own functions that its written truth lists."""
    listed: dict[str, list[str]] = json.loads(program.truth.read_text(encoding="utf-8"))
    functions, classes = _definitions(folder)
    edges = set()
    for caller, callees in listed.items():
        for callee in callees:
            edge = _outside_classes(_plain(caller), classes), _plain(callee)
            if edge[0] in functions and edge[1] in functions:
                edges.add(edge)
    return edges


def corrected(truth: set[Edge], correction: Correction | None) -> set[Edge]:
    """The written truth with what a run proves."""
    if correction is None:
        return truth
    return truth - _edges(correction.surplus) | _edges(correction.missing)


def measure(
    sources: Path,
    truths: Path,
    corrections: dict[str, Correction],
    find: Callable[[Path], set[Edge]],
) -> tuple[Score, Score]:
    """Score ``find`` (a folder's edges by id) on a suite, as written and with the corrections."""
    plain, proved = Score(), Score()
    for program in programs(sources, truths):
        with _copied(program) as folder:
            truth = written_truth(program, folder)
            found = {(dotted(caller), dotted(callee)) for caller, callee in find(folder)}
        plain.add(program.name, truth, found)
        proved.add(program.name, corrected(truth, corrections.get(program.name)), found)
    return plain, proved


def check_corrections(sources: Path, truths: Path, corrections: dict[str, Correction]) -> list[str]:
    """Run every program and describe how the run differs from the corrected truth."""
    report = []
    for program in programs(sources, truths):
        with _copied(program) as folder:
            truth = corrected(written_truth(program, folder), corrections.get(program.name))
            with watched([folder]) as run:
                try:
                    with _at_most(seconds=2):
                        importlib.import_module("main")
                except (Exception, SystemExit) as error:
                    report.append(f"{program.name}: does not run to its end: {error!r}")
            ran = {(dotted(caller), dotted(callee)) for caller, callee in run}
        for what, edges in (
            ("runs, not in the truth", ran - truth),
            ("in the truth, does not run", truth - ran),
        ):
            report += [f"{program.name}: {what}: {' -> '.join(edge)}" for edge in sorted(edges)]
    return report


def dotted(identity: str) -> str:
    """A function's id in the suites' dotted form."""
    module, _, qualname = identity.partition(":")
    name = qualname.replace("<locals>.", "")
    return module if name == "<module>" else f"{module}.{name}"


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Interrupt the block, which must run in the main thread, when it takes longer."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class _copied:  # noqa: N801
    """A program in a folder of its own that is no package itself."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __enter__(self) -> Path:
        self._temporary = tempfile.TemporaryDirectory()
        folder = Path(self._temporary.name, "program")
        unwanted = shutil.ignore_patterns("*.json", "*.md", "__pycache__")
        shutil.copytree(self._program.folder, folder, ignore=unwanted)
        (folder / "__init__.py").unlink(missing_ok=True)
        return folder

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()


def _plain(name: str) -> str:
    return re.sub(r"<(lambda)\d+>", r"<\1>", name)


def _edges(lines: tuple[str, ...]) -> set[Edge]:
    return {(caller, callee) for caller, _, callee in (line.partition(" -> ") for line in lines)}


def _outside_classes(name: str, classes: set[str]) -> str:
    while name in classes:
        name = name.rpartition(".")[0]
    return name


def _definitions(folder: Path) -> tuple[set[str], set[str]]:
    """The dotted names of all functions (module bodies among them) and of all classes below a folder."""
    functions: set[str] = set()
    classes: set[str] = set()

    def visit(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.add(inner := f"{name}.{child.name}")
            elif isinstance(child, ast.ClassDef):
                classes.add(inner := f"{name}.{child.name}")
            elif isinstance(child, ast.Lambda):
                functions.add(inner := f"{name}.<lambda>")
            visit(child, inner)

    for path in folder.rglob("*.py"):
        parts = list(path.relative_to(folder).with_suffix("").parts)
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        functions.add(module)
        visit(ast.parse(path.read_text(encoding="utf-8")), module)
    return functions, classes


def main(arguments: list[str]) -> int:
    """Measure the suites named on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pycg", type=Path, metavar="SNIPPETS")
    parser.add_argument("--jarvis", type=Path, nargs=2, metavar=("DATASET", "GROUND_TRUTH"))
    parser.add_argument("--check-corrections", action="store_true")
    options = parser.parse_args(arguments)
    suites = {"pycg": options.pycg and (options.pycg, options.pycg), "jarvis": options.jarvis}
    for name, folders in suites.items():
        if not folders:
            continue
        if options.check_corrections:
            print("\n".join(check_corrections(*folders, CORRECTIONS[name])))
            continue
        plain, proved = measure(*folders, CORRECTIONS[name], lambda folder: set(read_edges(folder)))
        print(f"{name}, truth as written:   {plain}")
        print(f"{name}, truth as it runs:   {proved} ({len(CORRECTIONS[name])} programs corrected)")
        for case, (missing, surplus) in proved.wrong.items():
            for edge in sorted(missing):
                print(f"  {case}: missing {' -> '.join(edge)}")
            for edge in sorted(surplus):
                print(f"  {case}: surplus {' -> '.join(edge)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
