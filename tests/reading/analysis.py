"""The analyzer as the tests use it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.reading.execution import Edge
from tracer.model.graph import CallGraph
from tracer.reading.reader import read

SHORTCUT = "through decorator"
"""The rule of edges from a caller past wrappers to what they wrap, beside the wrappers' own edges."""


def read_graph(path: Path) -> CallGraph:
    """Read the program at ``path``, without the ``drive.py`` that only runs it."""
    if not (path / "drive.py").exists():
        return read([str(path)], processes=1)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, path.name)
        shutil.copytree(path, program, ignore=shutil.ignore_patterns("drive.py"))
        return read([str(program)], processes=1)


def own_edges(graph: CallGraph, *, shortcuts: bool = False) -> dict[Edge, set[str]]:
    """The calls among functions that were read, each with its kinds.

    Args:
        graph: what was read.
        shortcuts: whether to return the edges past wrappers instead of all others.
    """
    edges: dict[Edge, set[str]] = {}
    for call in graph.calls():
        if graph.function(call.callee).file and (call.rule == SHORTCUT) == shortcuts:
            edges.setdefault((call.caller, call.callee), set()).add(str(call.kind))
    return edges


def read_edges(path: Path) -> dict[Edge, set[str]]:
    """Read the program at ``path`` and return its calls among its own functions, each with its kinds."""
    return own_edges(read_graph(path))
