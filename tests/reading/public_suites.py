"""Measure the analyzer against the public micro-benchmarks of call graph builders.

    python -m tests.reading.public_suites --pycg PyCG/micro-benchmark/snippets
    python -m tests.reading.public_suites --jarvis \\
        Jarvis/dataset/micro_benchmark Jarvis/ground_truth/micro_benchmark

Both suites come from checkouts of their projects; nothing of them is kept here. What is compared are the
calls between functions that the programs define: the suites' entries for builtins, methods of strings and
modules that are not there name leaves, and they name them in one program and leave them out in the next.
Names are compared in the suites' dotted form; the suites number lambdas, functions know them only as
``<lambda>``, and calls in a class body are counted where the class statement stands.

The suites' truth was written by hand. Every program is run, and what the run proves of its truth is taken
over (`tests.reading.proved_truth`); ``--show-corrections`` prints it.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.reading.analysis import read_edges
from tests.reading.execution import Edge
from tests.reading.proved_truth import dotted, proved


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


def measure(sources: Path, truths: Path, find: Callable[[Path], set[Edge]]) -> tuple[Score, Score, list[str]]:
    """Score ``find`` (a folder's edges by id) on a suite, as written and with what a run proves.

    Returns:
        both scores, and the differences between the two truths, a line each.
    """
    plain, after_run = Score(), Score()
    corrections = []
    for program in programs(sources, truths):
        with _copied(program) as folder:
            truth = written_truth(program, folder)
            runs = proved(truth, folder)
            found = {(dotted(caller), dotted(callee)) for caller, callee in find(folder)}
        plain.add(program.name, truth, found)
        after_run.add(program.name, runs, found)
        for what, edges in (("runs, not written", runs - truth), ("written, does not run", truth - runs)):
            corrections += [f"{program.name}: {what}: {' -> '.join(edge)}" for edge in sorted(edges)]
    return plain, after_run, corrections


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
    parser.add_argument("--show-corrections", action="store_true", help="what a run proves of the truth")
    options = parser.parse_args(arguments)
    suites = {"pycg": options.pycg and (options.pycg, options.pycg), "jarvis": options.jarvis}
    for name, folders in suites.items():
        if not folders:
            continue
        plain, after_run, corrections = measure(*folders, lambda folder: set(read_edges(folder)))
        if options.show_corrections:
            print("\n".join(corrections))
        corrected = len({line.partition(":")[0] for line in corrections})
        print(f"{name}, truth as written:   {plain}")
        print(f"{name}, truth as it runs:   {after_run} ({corrected} programs corrected)")
        for case, (missing, surplus) in after_run.wrong.items():
            for edge in sorted(missing):
                print(f"  {case}: missing {' -> '.join(edge)}")
            for edge in sorted(surplus):
                print(f"  {case}: surplus {' -> '.join(edge)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
