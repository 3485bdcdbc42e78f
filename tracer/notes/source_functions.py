"""Which functions a source tree defines, without importing any of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.metadata import distributions
from pathlib import Path

from tracer.terminal.errors import UserError

_COMPREHENSIONS = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
    ast.Lambda: "<lambda>",
}


class SourceTrees:
    """Source trees, read one module at a time when they are asked for it.

    Args:
        paths: folders that hold packages, or packages themselves.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.roots = [path.parent if (path / "__init__.py").is_file() else path for path in paths]
        self._functions: dict[str, frozenset[str]] = {}

    @cached_property
    def versions(self) -> dict[str, str]:
        """Version by distribution name, of what is installed in these folders."""
        roots = [str(root) for root in self.roots]
        return {found.name: found.version for found in distributions(path=roots) if found.name}

    def has_package(self, function_id: str) -> bool:
        """Whether the package that should hold ``function_id`` is in one of the trees."""
        return self._file(re.split(r"[.:]", function_id, maxsplit=1)[0]) is not None

    def defines(self, function_id: str) -> bool:
        """Whether ``function_id`` is defined.

        Raises:
            UserError: when its module cannot be parsed.
        """
        module, _, qualname = function_id.partition(":")
        return qualname in self._of_module(module)

    def alike(self, function_id: str) -> set[str]:
        """Ids that ``function_id`` may have become: all of its module, and its namesakes in its package."""
        module, _, qualname = function_id.partition(":")
        found = {f"{module}:{other}" for other in self._of_module(module)}
        name = qualname.rpartition(".")[2]
        if name.isidentifier():
            for other in self._modules_that_define(module.partition(".")[0], name):
                found.update(f"{other}:{q}" for q in self._of_module(other) if q.rpartition(".")[2] == name)
        return found

    def _file(self, module: str) -> Path | None:
        for root in self.roots:
            place = root.joinpath(*module.split("."))
            for file in (place / "__init__.py", place.with_suffix(".py")):
                if file.is_file():
                    return file
        return None

    def _of_module(self, module: str) -> frozenset[str]:
        if module not in self._functions:
            file = self._file(module)
            self._functions[module] = frozenset(_qualnames(file)) if file else frozenset()
        return self._functions[module]

    def _modules_that_define(self, package: str, name: str) -> Iterator[str]:
        mark = re.compile(rb"def " + name.encode() + rb"\b")
        for root in self.roots:
            for file in sorted((root / package).rglob("*.py")):
                if mark.search(file.read_bytes()):
                    parts = list(file.relative_to(root).with_suffix("").parts)
                    yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _qualnames(file: Path) -> Iterator[str]:
    """The qualified names, as at run time, of all that has code of its own in ``file``."""
    try:
        tree = ast.parse(file.read_bytes(), filename=str(file))
    except (SyntaxError, ValueError, OSError) as error:
        raise UserError(f"{file} cannot be read as Python source: {error}") from None
    yield "<module>"
    left: list[tuple[ast.AST, str]] = [(tree, "")]
    while left:
        node, prefix = left.pop()
        inside = prefix
        body: list[ast.AST] = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield prefix + node.name
            inside = f"{prefix}{node.name}." + ("" if isinstance(node, ast.ClassDef) else "<locals>.")
            body = list(node.body)
        elif type(node) in _COMPREHENSIONS:
            name = _COMPREHENSIONS[type(node)]
            yield prefix + name
            inside = f"{prefix}{name}.<locals>."
            body = [node.body] if isinstance(node, ast.Lambda) else list(ast.iter_child_nodes(node))
        within = set(map(id, body))
        left.extend(
            (child, inside if id(child) in within else prefix) for child in ast.iter_child_nodes(node)
        )
