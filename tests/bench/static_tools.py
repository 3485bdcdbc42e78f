"""What reading costs beside other builders of call graphs: pyan3 and pyrefly on the same tree, in turns.

    python -m tests.bench.static_tools [--tree FOLDER] [--rounds N] [--edited FILE]

The tree is Nova's released package without its tests, or any folder that holds packages. The other tools and
Nova's sources are installed into the cache when they are first needed. Prints, for each tool, the median of
its CPU seconds, wall seconds and peak memory, the calls it found between functions of the tree, and its
ratio to ours; the tools take turns, so that a noisy machine disturbs all alike.

Then what reading the tree again with our own reader costs: with nothing changed, with a comment put into one
file, with a call put into one function; and a question to the saved graph, as a whole command and without
the start of the process.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.provisioning.environments import cache_folder
from tracer.model.graph import CallGraph
from tracer.reading.queries import path_via

TOOLS = ("pyan3==2.9.0", "pyrefly==1.4.1")
NOVA = "nova==34.0.0"
Pair = tuple[str, str]


@dataclass(frozen=True)
class Cost:
    """What one run took and found."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    edges: int


@dataclass(frozen=True)
class Tool:
    """A builder of call graphs: its command for a tree and an output, and how its calls are counted."""

    name: str
    command: Callable[[Path, Path], list[str]]
    count: Callable[[Path], int]


def run(tool: Tool, tree: Path) -> Cost:
    """Run a tool on a tree from cold and count what it found."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "output")
        with Path(folder, "log").open("wb") as log:
            start = time.monotonic()
            process = subprocess.Popen(tool.command(tree, output), cwd=tree, stdout=log, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if not output.exists():
            raise SystemExit(
                f"{tool.name} failed:\n{Path(folder, 'log').read_text(errors='replace')[-2000:]}"
            )
        return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, tool.count(output))


EDITS: dict[str, Callable[[str, int], str]] = {
    "nothing changed": lambda text, at: text,
    "a comment in one file": lambda text, at: f"{text[:at]}# A comment.\n{text[at:]}",
    "a call in one file": lambda text, at: (
        f"{text}\n\ndef added_by_the_bench():\n    return added_by_the_bench()\n"
    ),
}
"""What is done to a file's text, given where a line of it begins that begins a statement."""


def rereading(tree: Path, edited: Path) -> list[tuple[str, Cost]]:
    """Read a copy of ``tree`` cold, and again after each edit of one file of it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, tree.name)
        shutil.copytree(tree, copy)
        file = copy / edited
        text = file.read_text(encoding="utf-8")
        at = next((match.start() for match in re.finditer(r"^(?:def|class) ", text, re.MULTILINE)), 0)
        tool = Tool(
            "stackwalk",
            lambda read, output: _stackwalk(read, output, Path(folder, "cache")),
            lambda output: CallGraph.load(output).call_count,
        )
        results = [("cold", run(tool, copy))]
        for name, edit in EDITS.items():
            file.write_text(edit(text, at), encoding="utf-8")
            results.append((name, run(tool, copy)))
        return results


def questions(tree: Path, rounds: int) -> tuple[float, float]:
    """Median seconds of a ``path`` command on the saved graph of ``tree``, whole and after its start."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder, "saved.graph")
        subprocess.run(_stackwalk(tree, saved, Path(folder, "cache")), check=True)
        graph = CallGraph.load(saved)
        call = max(graph.calls(), key=lambda one: (bool(graph.function(one.callee).file), one.caller))
        whole, inside = [], []
        for _ in range(rounds):
            start = time.monotonic()
            command = [
                sys.executable,
                "-m",
                "stackwalk",
                "path",
                call.caller,
                call.callee,
                "--graph",
                str(saved),
            ]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            whole.append(time.monotonic() - start)
            start = time.monotonic()
            path_via(CallGraph.load(saved), [call.caller, call.callee], ())
            inside.append(time.monotonic() - start)
        return statistics.median(whole), statistics.median(inside)


def tools(environment: Path) -> list[Tool]:
    """Ours and the others, installed in ``environment``."""
    return [
        Tool(
            "stackwalk",
            lambda tree, output: _stackwalk(tree, output),
            lambda output: len(_own_pairs(CallGraph.load(output))),
        ),
        Tool("pyan3", lambda tree, output: _pyan(environment, tree, output), _count_tgf),
        Tool("pyrefly", lambda tree, output: _pyrefly(environment, tree, output), _count_pysa),
    ]


def _stackwalk(tree: Path, output: Path, cache: Path | None = None) -> list[str]:
    code = (
        "import sys; from pathlib import Path; from tracer.reading.reader import read; "
        "cache = Path(sys.argv[3]) if sys.argv[3:] else None; "
        "read([sys.argv[1]], cache=cache).save(Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(tree), str(output)]
    return [*command, str(cache)] if cache else command


def _own_pairs(graph: CallGraph) -> set[Pair]:
    return {(call.caller, call.callee) for call in graph.calls() if graph.function(call.callee).file}


def _pyan(environment: Path, tree: Path, output: Path) -> list[str]:
    program = str(environment / "bin" / "pyan3")
    files = [str(path) for path in sorted(tree.rglob("*.py"))]
    return [program, *files, "--uses", "--no-defines", "--tgf", "--root", str(tree), "--file", str(output)]


def _count_tgf(output: Path) -> int:
    _, _, edges = output.read_text(encoding="utf-8").partition("\n#\n")
    return len(set(edges.splitlines()))


def _pyrefly(environment: Path, tree: Path, output: Path) -> list[str]:
    program = str(environment / "bin" / "pyrefly")
    report = ["--report-pysa", str(output), "--report-pysa-format", "json"]
    return [program, "check", *report, "--search-path", str(tree), str(tree)]


def _count_pysa(output: Path) -> int:
    modules = [json.loads(path.read_bytes()) for path in sorted((output / "call_graphs").iterdir())]
    own = {module["module_name"]: module for module in modules if "FileSystem" in module["source_path"]}
    pairs = {
        (name, caller, *target)
        for name, module in own.items()
        for caller, sites in module["call_graphs"].items()
        for target in _targets(sites)
        if target[0] in own
    }
    return len(pairs)


def _targets(node: object) -> list[tuple[str, str]]:
    """Every function that a report's call sites name, however deep."""
    if isinstance(node, list):
        return [target for part in node for target in _targets(part)]
    if not isinstance(node, dict):
        return []
    if "function_id" in node and "module_name" in node:
        return [(node["module_name"], node["function_id"])]
    return [target for part in node.values() for target in _targets(part)]


def _installed(cache: Path) -> Path:
    """An environment with the other tools, made when it is not there yet."""
    environment = cache / "bench" / "static-tools"
    if not (environment / "bin" / "pyrefly").exists():
        shutil.rmtree(environment, ignore_errors=True)
        venv.create(environment, with_pip=True)
        subprocess.run([environment / "bin" / "pip", "install", "--quiet", *TOOLS], check=True)
    return environment


def _nova(cache: Path, environment: Path) -> Path:
    """Nova's released sources without its tests, fetched when they are not there yet."""
    tree = cache / "bench" / NOVA
    if not tree.exists():
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            pip = str(environment / "bin" / "pip")
            subprocess.run([pip, "install", "--quiet", "--no-deps", "--target", folder, NOVA], check=True)
            shutil.rmtree(Path(folder, "nova", "tests"))
            tree.mkdir()
            shutil.move(Path(folder, "nova"), tree / "nova")
    return tree


def main(arguments: list[str]) -> int:
    """Measure, print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tree", type=Path, help="a folder that holds packages; Nova's sources if left out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--edited", type=Path, help="the file of the tree to edit; its largest if left out")
    options = parser.parse_args(arguments)
    cache = cache_folder()
    environment = _installed(cache)
    tree = options.tree.resolve() if options.tree else _nova(cache, environment)
    compared = tools(environment)
    costs: dict[str, list[Cost]] = {tool.name: [] for tool in compared}
    for _ in range(options.rounds):
        for tool in compared:
            costs[tool.name].append(run(tool, tree))
    ours = _median(costs["stackwalk"])
    print(f"{tree.name}, {options.rounds} rounds, median; in brackets the ratio to stackwalk")
    print(f"{'tool':<10} {'CPU s':>14} {'wall s':>14} {'peak MiB':>14} {'calls':>16}")
    for name, runs in costs.items():
        cost = _median(runs)
        print(
            f"{name:<10} {cost.cpu_s:>7.1f} ({cost.cpu_s / ours.cpu_s:.2f}) {cost.wall_s:>7.1f} "
            f"({cost.wall_s / ours.wall_s:.2f}) {cost.peak_mib:>7.0f} ({cost.peak_mib / ours.peak_mib:.2f}) "
            f"{cost.edges:>9,} ({cost.edges / ours.edges:.2f})"
        )
    edited = options.edited or max(tree.rglob("*.py"), key=lambda path: path.stat().st_size).relative_to(tree)
    print(f"reading again, with {edited} edited")
    for name, cost in rereading(tree, edited):
        print(f"{name:<24} {cost.cpu_s:>7.2f} CPU s {cost.wall_s:>7.2f} s {cost.peak_mib:>6.0f} MiB")
    whole, inside = questions(tree, options.rounds)
    print(
        f"a path on the saved graph {whole * 1000:>6.0f} ms as a command, {inside * 1000:.0f} ms once started"
    )
    return 0


def _median(runs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu_s for cost in runs),
        statistics.median(cost.wall_s for cost in runs),
        statistics.median(cost.peak_mib for cost in runs),
        int(statistics.median(cost.edges for cost in runs)),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
