"""Statements to facts, and the entry that turns a file's source into its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from tracer.reading.lowering.checks import Test
from tracer.reading.lowering.facts import (
    COPY,
    RAISE,
    RETURN_VAR,
    Code,
    FileFacts,
    FilePlaces,
)
from tracer.reading.lowering.lines import NameLines
from tracer.reading.lowering.naming import Naming
from tracer.reading.lowering.scope import Scope


def lower(source: str) -> tuple[FileFacts, FilePlaces]:
    """Summarise a file's source text: what happens in it, and where.

    Raises:
        libcst.ParserSyntaxError: the text is not Python 3.
    """
    with _parser_trusted():
        module = cst.parse_module(source)
    return _Lowering(source).module(module)


@contextmanager
def _parser_trusted() -> Iterator[None]:
    """Nodes are not checked once more while the parser makes them, which takes a quarter of parsing."""
    checked = cst.CSTNode.__post_init__
    setattr(cst.CSTNode, "__post_init__", lambda node: None)  # noqa: B010 - a type checker refuses to assign
    try:
        yield
    finally:
        setattr(cst.CSTNode, "__post_init__", checked)  # noqa: B010


class _Lowering(Naming):
    """One walk over one file's tree."""

    def __init__(self, source: str) -> None:
        self.lines = NameLines(source)
        self.codes = [Code("<module>", "module", 0, -1, -1)]
        self.scope = Scope(self.codes[0], 0, None, set())
        self.public: list[str] | None = None
        self.pairs: list[tuple[Scope, str, str, int]] = []
        self.checks: dict[int, Test] = {}

    def module(self, tree: cst.Module) -> tuple[FileFacts, FilePlaces]:
        """The whole file."""
        self.block(tree.body)
        self.scope.finish()
        facts = FileFacts(self.codes, list(self.scope.module_stores), self.public)
        return facts, FilePlaces(self.lines.places, self.lines.count)

    def block(self, statements: Iterable[cst.CSTNode]) -> None:
        """Statements in order."""
        for statement in statements:
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                handler(self, statement)

    def suite(self, node: cst.BaseSuite) -> None:
        """The body of a compound statement."""
        self.block(node.body)

    def _line(self, node: cst.SimpleStatementLine) -> None:
        self.block(node.body)

    def _expression(self, node: cst.Expr) -> None:
        if isinstance(node.value, cst.SimpleString):
            return  # a docstring: nothing can use it
        self.value(node.value)
        call = node.value
        if (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value == "update"
            and isinstance(call.func.value, cst.Name)
            and len(call.args) == 1
            and isinstance(call.args[0].value, cst.Dict)
        ):
            self._updated(call.func.value)

    def _return(self, node: cst.Return) -> None:
        if node.value is not None:
            self.scope.emit(COPY, RETURN_VAR, self.value(node.value))
        self.scope.leave()

    def _raise(self, node: cst.Raise) -> None:
        if node.exc is not None:
            var = self.value(node.exc)
            if not isinstance(node.exc, cst.Call):
                self.scope.emit(RAISE, var, self.lines.line())
            if node.cause is not None:
                self.value(node.cause.item)
        self.scope.live = False

    def _assert(self, node: cst.Assert) -> None:
        self.condition(node.test)
        if node.msg is not None:
            self.value(node.msg)
        self.sift(node.test, True)


_HANDLERS: dict[type[cst.CSTNode], Callable[[Any, Any], None]] = {
    cst.SimpleStatementLine: _Lowering._line,
    cst.Expr: _Lowering._expression,
    cst.Assign: _Lowering._assign,
    cst.AnnAssign: _Lowering._annotated,
    cst.AugAssign: _Lowering._augmented,
    cst.Return: _Lowering._return,
    cst.Raise: _Lowering._raise,
    cst.Assert: _Lowering._assert,
    cst.Del: _Lowering._delete,
    cst.Break: _Lowering._break,
    cst.Continue: _Lowering._continue,
    cst.Import: _Lowering._import,
    cst.ImportFrom: _Lowering._import_from,
    cst.Global: _Lowering._global,
    cst.Nonlocal: _Lowering._nonlocal,
    cst.If: _Lowering._if,
    cst.For: _Lowering._for,
    cst.While: _Lowering._while,
    cst.Try: _Lowering._try,
    cst.TryStar: _Lowering._try,
    cst.With: _Lowering._with,
    cst.Match: _Lowering._match,
    cst.FunctionDef: _Lowering._function,
    cst.ClassDef: _Lowering._class,
    cst.TypeAlias: _Lowering._alias,
}
