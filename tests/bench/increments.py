"""Whether a tree that was read and then changed is read as if it never had been, and how quickly.

    python -m tests.bench.increments TREE [--seeds 10] [--first 0] [--kind KIND...] [--stay] [--work FOLDER]

TREE is a folder that holds a package; it is copied, and the copy is read in full. Then, for each seed, one
change of each kind is made to one of its files by chance (large files are chosen more often), the tree is
read again by a process that remembers the reading before, as the command would be, and once more by one that
remembers nothing, and the two graphs are compared byte for byte. ``--stay`` leaves all changes in the tree,
so that each comes on top of those before it; otherwise the tree and what is remembered are put back.

Prints for each kind of change how many there were, how many of them were read without following everything
again, how many graphs were the same, and the median and the longest wall seconds of the process that
remembers. A graph that is not the same is printed with its seed, file and the calls that differ; the exit
code is then 1. ``--verbose`` prints each change as it is read.

    python -m tests.bench.increments ~/src/nova/nova --seeds 20 --kind function --kind "log call"
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.reading.changes import CHANGES, changed
from tracer.model.graph import CallGraph
from tracer.reading.files import find_sources
from tracer.reading.reader import read

_IN_FULL = "following values again in full"
_MOST_TOLD = 10


@dataclass(frozen=True)
class Outcome:
    """One change as it was read."""

    kind: str
    seed: int
    file: str
    again: str
    seconds: float
    differences: tuple[str, ...]

    def __str__(self) -> str:
        found = "the same" if not self.differences else "ANOTHER GRAPH"
        return f"{self.kind} {self.seed}: {self.file}, {self.seconds:.2f} s, {found} {self.again}".rstrip()


class Tree:
    """A copy of a tree that is changed and read again and again.

    Args:
        source: the tree.
        work: an empty folder for the copy, and for what is remembered of it.
    """

    def __init__(self, source: Path, work: Path) -> None:
        self.root = work / source.name
        self._cache, self._kept, self._cold = (work / name for name in ("cache", "kept", "cold"))
        self._graph = work / "graph"
        shutil.copytree(source, self.root, symlinks=True)
        files = [one.path for one in find_sources([str(self.root)]).files]
        self.files = [path for path in files if path.stat().st_size]
        self._sizes = [path.stat().st_size for path in self.files]

    def keep(self) -> None:
        """Remember what is remembered now, for `put_back`."""
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self._cache, self._kept)

    def put_back(self) -> None:
        """Have the next reading remember what was remembered at the last `keep`."""
        shutil.rmtree(self._cache)
        shutil.copytree(self._kept, self._cache)

    def warm(self) -> tuple[bytes, list[str], float]:
        """The graph read by a process that remembers the last reading, what it said, its wall seconds."""
        command = [sys.executable, "-m", "tests.bench.increments", "--read", str(self._cache)]
        started = time.monotonic()
        done = subprocess.run(
            [*command, str(self.root), "--out", str(self._graph)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds = time.monotonic() - started
        return self._graph.read_bytes(), done.stdout.splitlines(), seconds

    def cold(self) -> bytes:
        """The graph as it is read by who knows nothing but single files."""
        shutil.rmtree(self._cold / "readings", ignore_errors=True)
        return read([str(self.root)], cache=self._cold).to_bytes()

    def change(self, kind: str, choice: random.Random) -> tuple[Path, str] | None:
        """Make a change of this kind somewhere; the file, and its text before."""
        for path in choice.choices(self.files, self._sizes, k=30):
            source = path.read_bytes().decode("utf-8", "replace")
            text = changed(kind, source, choice) if "\r" not in source and "\ufffd" not in source else None
            if text is not None:
                path.write_text(text, encoding="utf-8")
                return path, source
        return None


def outcomes(tree: Tree, kinds: Sequence[str], seeds: range, stay: bool) -> Iterator[Outcome]:
    """Make the changes and read the tree after each."""
    tree.warm()
    tree.keep()
    for seed in seeds:
        for kind in kinds:
            made = tree.change(kind, random.Random(f"{seed} {kind}"))
            if made is None:
                continue
            path, before = made
            graph, said, seconds = tree.warm()
            told = tuple(_differences(graph, expected)) if graph != (expected := tree.cold()) else ()
            again = next((line for line in said if line.startswith(_IN_FULL)), "")
            yield Outcome(kind, seed, str(path.relative_to(tree.root)), again, seconds, told)
            if not stay:
                path.write_text(before, encoding="utf-8")
                tree.put_back()


def _differences(found: bytes, expected: bytes) -> Iterator[str]:
    one, other = CallGraph.from_bytes(found), CallGraph.from_bytes(expected)
    if one.summary != other.summary:
        yield f"summary: {one.summary} is not {other.summary}"
    for sign, more, less in (("too much", one, other), ("missing", other, one)):
        for what in ("functions", "calls", "entries", "handovers"):
            known = set(getattr(less, what)())
            those = [each for each in getattr(more, what)() if each not in known]
            for each in those[:_MOST_TOLD]:
                yield f"{sign}: {each}"
            if len(those) > _MOST_TOLD:
                yield f"{sign}: {len(those) - _MOST_TOLD} more {what}"
    if one.rules != other.rules:
        yield f"rules: {one.rules} are not {other.rules}"
    yield "their bytes"


def _table(kinds: Sequence[str], found: Sequence[Outcome]) -> Iterator[str]:
    yield f"{'kind':<20} {'changes':>7} {'not in full':>11} {'the same':>8} {'median s':>8} {'longest s':>9}"
    for kind in (*kinds, "all"):
        those = [one for one in found if kind in (one.kind, "all")]
        if those:
            quick = sum(not one.again for one in those)
            same = sum(not one.differences for one in those)
            seconds = [one.seconds for one in those]
            counts = f"{kind:<20} {len(those):>7} {quick:>11} {same:>8}"
            yield f"{counts} {median(seconds):>8.2f} {max(seconds):>9.2f}"


def _read_here(tree: str, cache: Path, out: Path) -> None:
    """What the process that remembers does: read as the command does, and tell what it is doing."""
    read([tree], cache=cache, progress=print).save(out)


def main(arguments: Sequence[str]) -> int:
    """Make changes, print the table; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("tree", type=Path)
    parser.add_argument("--seeds", type=int, default=10, help="how many changes of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", action="append", choices=list(CHANGES), help="only changes of this kind")
    parser.add_argument("--stay", action="store_true", help="each change comes on top of those before")
    parser.add_argument(
        "--work", type=Path, help="where the copy is made; a folder that is removed if not given"
    )
    parser.add_argument("--verbose", action="store_true", help="print each change")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.read is not None:
        _read_here(str(options.tree), options.read, options.out)
        return 0
    kinds = options.kind or list(CHANGES)
    found = []
    with tempfile.TemporaryDirectory(dir=options.work) as work:
        tree = Tree(options.tree, Path(work))
        seeds = range(options.first, options.first + options.seeds)
        for outcome in outcomes(tree, kinds, seeds, options.stay):
            found.append(outcome)
            if options.verbose or outcome.differences:
                print(outcome, *(f"    {told}" for told in outcome.differences), sep="\n", flush=True)
    print(*_table(kinds, found), sep="\n")
    return 1 if any(outcome.differences for outcome in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
