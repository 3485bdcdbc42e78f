"""The text of functions, to be compared and shown."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator, Sequence

import msgspec

from tracer.reading.archives import unpacked
from tracer.reading.files import find_sources


class FunctionText(msgspec.Struct, frozen=True):
    """A function's source: its file, its first line (1-based; that of its first decorator) and its text.

    ``decorated`` is how many lines of the text its decorators are.
    """

    file: str
    line: int
    text: str
    decorated: int = 0

    @property
    def undecorated(self) -> str:
        """The text without its decorators."""
        return "".join(self.text.splitlines(keepends=True)[self.decorated :])


def function_texts(targets: Sequence[str], wanted: Collection[str]) -> dict[str, FunctionText]:
    """The texts of the ``wanted`` functions (by id) that the source among ``targets`` defines.

    Lambdas and module bodies have none.
    """
    modules = {identity.partition(":")[0] for identity in wanted}
    found: dict[str, FunctionText] = {}
    with unpacked(targets) as (places, _):
        for source in find_sources(places, include_tests=True).files:
            if source.module not in modules:
                continue
            try:
                text = source.path.read_text(encoding="utf-8", errors="replace")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(text)
            except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            lines = text.splitlines(keepends=True)
            for qualname, first, defined, last in _definitions(tree.body, ""):
                identity = f"{source.module}:{qualname}"
                if identity in wanted:
                    body = "".join(lines[first - 1 : last])
                    found[identity] = FunctionText(source.file, first, body, defined - first)
    return found


def _definitions(body: Sequence[ast.AST], prefix: str) -> Iterator[tuple[str, int, int, int]]:
    """Names, and the lines of the first decorator, of the definition and of its end."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield prefix + node.name, first, node.lineno, node.end_lineno or first
            yield from _definitions(node.body, f"{prefix}{node.name}.<locals>.")
        elif isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.stmt):
            yield from _definitions(list(ast.iter_child_nodes(node)), prefix)
        elif isinstance(node, ast.ExceptHandler | ast.match_case):
            yield from _definitions(node.body, prefix)
