"""Finds the paths that a function did not take, and from its source why."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tracer.model.branches import Branch, Branches, Way, Why
from tracer.model.overlaid import Overlaid, OverlaidEdge

LAZY_LOAD = "lazy load"
"""The rule of calls that load an attribute when it is first asked for."""
_LONGEST_HEAD = 100
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class _Block(NamedTuple):
    """A part of a function that runs only under a condition: its lines, and what decides."""

    why: Why
    head: str
    line: int
    first: int
    last: int


def branches(graph: Overlaid, identity: str, source: Callable[[str], str | None]) -> Branches:
    """What the function could have done and did not.

    Args:
        graph: the overlaid graph.
        identity: the function's id, which must be in the graph.
        source: the text of a source file as it was recorded, None where it was not.

    Raises:
        KeyError: the graph has no such function.
    """
    function = graph.functions[identity]
    edges = graph.outgoing.get(identity, [])
    seen = [edge for edge in edges if edge.sighting is not None]
    file = function.function.file
    text = source(file) if file else None
    place = (function.function.qualname, function.function.line)
    body = _bodies(text or "").get(place, _NOT_THERE)
    possible = [way for edge in edges for way in _ways(graph, edge, body)]
    inside = [way for way in possible if graph.functions[way.callee].read]
    ran = {line for edge in seen if edge.sighting for line in edge.sighting.lines}
    at_line = _callees_by_line(seen)
    groups: dict[tuple[str, Why, int, str], list[Way]] = {}
    for way in inside:
        why, head, line = _reason(way, body.blocks, ran, at_line)
        groups.setdefault((way.file, why, line, head), []).append(way)
    found = [
        Branch(why, head, where, line, tuple(sorted(ways, key=lambda way: (way.line, way.callee, way.kind))))
        for (where, why, line, head), ways in groups.items()
    ]
    found.sort(key=lambda branch: (branch.line, branch.why, branch.head))
    return Branches(identity, function.times, len(seen), tuple(found), len(possible) - len(inside))


def _ways(graph: Overlaid, edge: OverlaidEdge, body: _Body) -> Iterator[Way]:
    """The places from which the edge was predicted and not seen, by line."""
    lines = edge.sighting.lines if edge.sighting else ()
    if edge.sighting and not lines:
        return
    taken = {body.statement(line) for line in lines}
    told: set[int] = set()
    for one in edge.predictions:
        if body.statement(one.line) not in taken and one.line not in told:
            told.add(one.line)
            goes_on = len(graph.outgoing.get(edge.callee, ()))
            yield Way(edge.callee, one.kind, one.certainty, one.rule, one.file, one.line, goes_on)


def _callees_by_line(seen: Collection[OverlaidEdge]) -> dict[int, list[str]]:
    result: dict[int, list[str]] = {}
    for edge in seen:
        for line in edge.sighting.lines if edge.sighting else ():
            result.setdefault(line, []).append(edge.callee)
    return result


def _reason(
    way: Way, blocks: list[_Block], ran: Collection[int], at_line: dict[int, list[str]]
) -> tuple[Why, str, int]:
    instead = [callee for callee in at_line.get(way.line, ()) if _last(callee) == _last(way.callee)]
    if instead:
        return Why.OTHER_OVERRIDE, instead[0], way.line
    around = [block for block in blocks if block.first <= way.line <= block.last]
    for block in sorted(around, key=lambda block: (block.first, -block.last)):
        if not any(block.first <= line <= block.last for line in ran):
            return block.why, block.head, block.line
    if way.rule == LAZY_LOAD:
        return Why.ON_DEMAND, "", way.line
    if at_line.get(way.line):
        return Why.OTHER_OVERRIDE, at_line[way.line][0], way.line
    return Why.UNKNOWN, "", way.line


def _last(identity: str) -> str:
    return identity.rpartition(":")[2].rpartition(".")[2]


class _Body:
    """A function as its source has it: its conditional parts, outermost first, and its statements."""

    def __init__(self, statements: Sequence[ast.AST], lines: list[str]) -> None:
        self.blocks: list[_Block] = []
        self._statement_at: dict[int, int] = {}
        for statement in statements:
            self.blocks += _within(statement, lines)
            for part in ast.walk(statement):
                if isinstance(part, ast.stmt):
                    self._statement_at.update(dict.fromkeys(_head_lines(part), part.lineno))

    def statement(self, line: int) -> int:
        """The first line of the statement (of a compound one: its head) that the line is in."""
        return self._statement_at.get(line, line)


_NOT_THERE = _Body((), [])


@lru_cache(maxsize=512)
def _bodies(text: str) -> dict[tuple[str, int], _Body]:
    """The functions of a source file by qualified name and first line; none where it cannot be parsed."""
    lines = text.splitlines()
    try:
        return {
            (name, _begins(node)): _Body([node.body] if isinstance(node, ast.Lambda) else node.body, lines)
            for name, node in _defined(ast.parse(text), "")
        }
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _head_lines(statement: ast.stmt) -> range:
    """The lines of a statement that are not those of statements in it."""
    inner = getattr(statement, "body", None)
    last = inner[0].lineno - 1 if inner else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(last, statement.lineno) + 1)


def _begins(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([getattr(node, "lineno", 0), *(one.lineno for one in decorators)])


def _defined(
    node: ast.AST, prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FUNCTIONS):
            name = prefix + ("<lambda>" if isinstance(child, ast.Lambda) else child.name)
            yield name, child
            yield from _defined(child, f"{name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _defined(child, f"{prefix}{child.name}.")
        else:
            yield from _defined(child, prefix)


def _within(node: ast.AST, lines: list[str]) -> Iterator[_Block]:
    """The conditional parts in a node, and those in them."""
    yield from _own(node, lines)
    for child in ast.iter_child_nodes(node):
        yield from _within(child, lines)


def _own(node: ast.AST, lines: list[str]) -> Iterator[_Block]:
    match node:
        case ast.If(body=body, orelse=other):
            yield _block(Why.CONDITION, node.lineno, body, lines)
            if other:
                yield _block(Why.OTHERWISE, node.lineno, other, lines)
        case ast.While(body=body, orelse=other):
            yield _block(Why.CONDITION, node.lineno, body, lines)
            if other:
                yield _block(Why.LOOP_ELSE, node.lineno, other, lines)
        case ast.For(body=body, orelse=other) | ast.AsyncFor(body=body, orelse=other):
            yield _block(Why.LOOP, node.lineno, body, lines)
            if other:
                yield _block(Why.LOOP_ELSE, node.lineno, other, lines)
        case ast.Try(orelse=other) | ast.TryStar(orelse=other):
            if other:
                yield _block(Why.LOOP_ELSE, node.lineno, other, lines)
        case ast.ExceptHandler(body=body):
            yield _block(Why.EXCEPTION, node.lineno, body, lines)
        case ast.match_case(pattern=pattern, body=body):
            yield _block(Why.CONDITION, pattern.lineno, body, lines)
        case ast.IfExp(body=first, orelse=second):
            yield _block(Why.CONDITION, node.lineno, [first], lines)
            yield _block(Why.OTHERWISE, node.lineno, [second], lines)
        case ast.BoolOp(values=[_, *later]):
            yield _block(Why.CONDITION, node.lineno, later, lines)
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            yield _block(Why.LATER, node.lineno, body, lines)
        case ast.Lambda(body=result):
            yield _block(Why.LATER, node.lineno, [result], lines)
        case _:
            return


def _block(why: Why, line: int, parts: list[ast.stmt] | list[ast.expr], lines: list[str]) -> _Block:
    head = lines[line - 1].strip() if line <= len(lines) else ""
    if len(head) > _LONGEST_HEAD:
        head = head[: _LONGEST_HEAD - 3] + "..."
    first, last = parts[0].lineno, parts[-1].end_lineno or parts[-1].lineno
    return _Block(why, head, line, first, last)
