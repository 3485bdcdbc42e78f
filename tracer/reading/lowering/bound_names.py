"""Which names a block of statements binds, without looking into nested scopes or expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst


def bound_names(statements: Iterable[cst.CSTNode]) -> dict[str, None]:
    """Names bound by ``statements``, in source order (assignments, imports, loops, handlers,
    definitions, patterns)."""
    names: dict[str, None] = {}
    for statement in statements:
        _statement(statement, names)
    return names


def _statement(node: cst.CSTNode, names: dict[str, None]) -> None:
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        handler(node, names)


def _block(node: cst.BaseSuite, names: dict[str, None]) -> None:
    for statement in node.body:
        _statement(statement, names)


def _target(node: cst.CSTNode, names: dict[str, None]) -> None:
    if isinstance(node, cst.Name):
        names[node.value] = None
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            _target(element.value, names)
    elif isinstance(node, cst.StarredElement):
        _target(node.value, names)


def _line(node: cst.SimpleStatementLine, names: dict[str, None]) -> None:
    for statement in node.body:
        _statement(statement, names)


def _assign(node: cst.Assign, names: dict[str, None]) -> None:
    for target in node.targets:
        _target(target.target, names)


def _single(node: cst.AnnAssign | cst.AugAssign, names: dict[str, None]) -> None:
    _target(node.target, names)


def _import(node: cst.Import | cst.ImportFrom, names: dict[str, None]) -> None:
    if isinstance(node.names, cst.ImportStar):
        return
    for alias in node.names:
        if alias.asname is not None:
            _target(alias.asname.name, names)
        else:
            part: cst.BaseExpression = alias.name
            while isinstance(part, cst.Attribute):
                part = part.value
            _target(part, names)


def _if(node: cst.If, names: dict[str, None]) -> None:
    _walrus(node.test, names)
    _block(node.body, names)
    if node.orelse is not None:
        _statement(node.orelse, names)


def _walrus(node: cst.BaseExpression, names: dict[str, None]) -> None:
    if isinstance(node, cst.NamedExpr):
        _target(node.target, names)
    elif isinstance(node, cst.BooleanOperation | cst.BinaryOperation):
        _walrus(node.left, names)
        _walrus(node.right, names)
    elif isinstance(node, cst.Comparison):
        _walrus(node.left, names)
    elif isinstance(node, cst.UnaryOperation):
        _walrus(node.expression, names)


def _for(node: cst.For, names: dict[str, None]) -> None:
    _target(node.target, names)
    _block(node.body, names)
    if node.orelse is not None:
        _block(node.orelse.body, names)


def _while(node: cst.While, names: dict[str, None]) -> None:
    _walrus(node.test, names)
    _block(node.body, names)
    if node.orelse is not None:
        _block(node.orelse.body, names)


def _try(node: cst.Try | cst.TryStar, names: dict[str, None]) -> None:
    _block(node.body, names)
    for handler in node.handlers:
        if handler.name is not None:
            _target(handler.name.name, names)
        _block(handler.body, names)
    if node.orelse is not None:
        _block(node.orelse.body, names)
    if node.finalbody is not None:
        _block(node.finalbody.body, names)


def _with(node: cst.With, names: dict[str, None]) -> None:
    for item in node.items:
        if item.asname is not None:
            _target(item.asname.name, names)
    _block(node.body, names)


def _definition(node: cst.FunctionDef | cst.ClassDef, names: dict[str, None]) -> None:
    names[node.name.value] = None


def _match(node: cst.Match, names: dict[str, None]) -> None:
    for case in node.cases:
        for name in pattern_names(case.pattern):
            names[name] = None
        _block(case.body, names)


def _else(node: cst.Else, names: dict[str, None]) -> None:
    _block(node.body, names)


def pattern_names(pattern: cst.MatchPattern) -> list[str]:
    """The names a ``case`` pattern binds."""
    found: list[str] = []

    def visit(node: cst.CSTNode) -> None:
        if isinstance(node, cst.MatchAs | cst.MatchStar) and node.name is not None:
            found.append(node.name.value)
        elif isinstance(node, cst.MatchMapping) and node.rest is not None:
            found.append(node.rest.value)
        for child in node.children:
            visit(child)

    visit(pattern)
    return found


_HANDLERS: dict[type[cst.CSTNode], Callable[[Any, dict[str, None]], None]] = {
    cst.SimpleStatementLine: _line,
    cst.SimpleStatementSuite: _block,
    cst.IndentedBlock: _block,
    cst.Assign: _assign,
    cst.AnnAssign: _single,
    cst.AugAssign: _single,
    cst.Import: _import,
    cst.ImportFrom: _import,
    cst.If: _if,
    cst.Else: _else,
    cst.For: _for,
    cst.While: _while,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.FunctionDef: _definition,
    cst.ClassDef: _definition,
    cst.Match: _match,
    cst.TypeAlias: _definition,
}
