"""Changes made on purpose that do not alter the flow."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from tests.bench.mutants import Edit, Function, Mutant, Place, bodies, one_edit, replacement


def comment_added(place: Place, choice: random.Random) -> Mutant | None:
    """A line of comment above a statement."""
    statement = choice.choice(choice.choice(list(bodies(place.node))))
    at = (statement.lineno, statement.col_offset)
    decorated = getattr(statement, "decorator_list", None)
    if decorated:
        return None
    return one_edit("comment added", place, "", Edit(at, at, f"# as agreed\n{' ' * statement.col_offset}"))


def local_renamed(place: Place, choice: random.Random) -> Mutant | None:
    """A local variable of another name, wherever it is used."""
    if any(
        isinstance(n, Function | ast.Lambda | ast.Global | ast.Nonlocal)
        for n in ast.walk(place.node)
        if n is not place.node
    ):
        return None
    arguments = {argument.arg for argument in ast.walk(place.node) if isinstance(argument, ast.arg)}
    stored = {
        n.id for n in ast.walk(place.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    } - arguments
    handled = {h.name for h in ast.walk(place.node) if isinstance(h, ast.ExceptHandler) and h.name}
    imported = {
        a.asname or a.name
        for n in ast.walk(place.node)
        if isinstance(n, ast.Import | ast.ImportFrom)
        for a in n.names
    }
    formatted = {
        n.id
        for f in ast.walk(place.node)
        if isinstance(f, ast.JoinedStr)
        for n in ast.walk(f)
        if isinstance(n, ast.Name)
    }
    names = sorted(stored - handled - imported - formatted)
    if not names:
        return None
    name = choice.choice(names)
    edits = tuple(
        replacement(n, f"{name}_agreed")
        for n in ast.walk(place.node)
        if isinstance(n, ast.Name) and n.id == name
    )
    return Mutant("local renamed", place.file, place.identity, name, edits)


def line_moved(place: Place, choice: random.Random) -> Mutant | None:
    """Two statements without calls, that share no name, change places."""
    pairs = []
    for body in bodies(place.node):
        for first, second in pairwise(body):
            if not all(isinstance(one, ast.Assign) for one in (first, second)):
                continue
            if any(
                isinstance(n, ast.Call | ast.Attribute | ast.Subscript)
                for s in (first, second)
                for n in ast.walk(s)
            ):
                continue
            if not {n.id for n in ast.walk(first) if isinstance(n, ast.Name)} & {
                n.id for n in ast.walk(second) if isinstance(n, ast.Name)
            }:
                pairs.append((first, second))
    if not pairs:
        return _function_moved(place, choice)
    first, second = choice.choice(pairs)
    text = f"{ast.unparse(second)}\n{' ' * first.col_offset}{ast.unparse(first)}"
    edit = Edit((first.lineno, first.col_offset), (second.end_lineno or 0, second.end_col_offset or 0), text)
    return one_edit("line moved", place, "", edit)


def _function_moved(place: Place, choice: random.Random) -> Mutant | None:
    """Blank lines before the function: everything after them moves down."""
    first = min([place.node.lineno, *(one.lineno for one in place.node.decorator_list)])
    return one_edit("line moved", place, "", Edit((first, 0), (first, 0), "\n" * choice.randint(1, 9)))


def reformatted(file: Path) -> None:
    """Format the whole file anew, with short lines."""
    words = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--quiet",
        "--isolated",
        "--line-length",
        "60",
        str(file),
    ]
    subprocess.run(words, check=True)


NEUTRAL: tuple[Callable[[Place, random.Random], Mutant | None], ...] = (
    comment_added,
    local_renamed,
    line_moved,
)
