"""A file's text that is to be changed by chance: what is in it, and where something else may stand."""

from __future__ import annotations

import ast
import random
import textwrap
from dataclasses import dataclass, field

from tests.bench.mutants import Function, bodies


@dataclass
class Text:
    """A file that is to be changed: its text and tree, and who chooses."""

    source: str
    choice: random.Random
    tree: ast.Module = field(init=False)
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.source)
        self.lines = self.source.split("\n")

    def functions(self, below: ast.AST | None = None) -> list[Function]:
        """All functions, also those in classes and functions."""
        return [node for node in ast.walk(below or self.tree) if isinstance(node, Function)]

    def classes(self) -> list[ast.ClassDef]:
        """All classes."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]

    def plain(self, body: list[ast.stmt]) -> list[str]:
        """The names of functions among ``body`` that can be called with no more than what they name."""
        return [
            node.name
            for node in body
            if isinstance(node, ast.FunctionDef) and not node.decorator_list and node.name[:2] != "__"
        ]

    def imported(self) -> list[str]:
        """The names that imports at the top of the file bind."""
        return [
            (alias.asname or alias.name).partition(".")[0]
            for node in self.tree.body
            if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__"
            for alias in node.names
            if alias.name != "*"
        ]

    def one(self, among: list[str]) -> str:
        """One of them; an empty one if there is none."""
        return self.choice.choice(among) if among else ""

    def inserted(self, at: int, text: str, indent: int = 0) -> str:
        """The source with ``text`` before line ``at`` (1-based)."""
        new = [" " * indent + line if line else line for line in text.split("\n")]
        return "\n".join([*self.lines[: at - 1], *new, *self.lines[at - 1 :]])

    def before(self, statement: ast.stmt, text: str) -> str | None:
        """The source with ``text`` before a statement, unless something stands before it in its line."""
        line = min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])
        indent = statement.col_offset
        if self.lines[line - 1][:indent].strip() or (indent == 0 < line - 1 and self._goes_on(line)):
            return None
        return self.inserted(line, text, indent)

    def _goes_on(self, line: int) -> bool:
        return self.lines[line - 2].endswith("\\")

    def statement(self, body: list[ast.stmt]) -> ast.stmt | None:
        """Any of a body before which another one may stand."""
        found = [
            one
            for one in body
            if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            and getattr(one, "module", "") != "__future__"
        ]
        return self.choice.choice(found) if found else None

    def in_function(self) -> tuple[Function, ast.stmt] | None:
        """A function and a statement anywhere in it."""
        functions = self.functions()
        if not functions:
            return None
        function = self.choice.choice(functions)
        statement = self.statement(self.choice.choice(list(bodies(function))))
        return (function, statement) if statement is not None else None

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> str | None:
        """The source with ``text`` in place of a node on one line."""
        if node.lineno != node.end_lineno:
            return None
        line = self.lines[node.lineno - 1].encode()
        new = line[: node.col_offset] + text.encode() + line[node.end_col_offset or 0 :]
        return "\n".join([*self.lines[: node.lineno - 1], new.decode(), *self.lines[node.lineno :]])


def parameters(function: Function) -> list[str]:
    """The names of the plain parameters."""
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args)]


def written(text: Text, node: ast.stmt) -> str:
    """The lines of a statement, with decorators, without indentation."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
    return textwrap.dedent("\n".join(text.lines[first - 1 : node.end_lineno]))
