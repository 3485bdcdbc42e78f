"""Statements to facts, and the entry that turns a file's source into its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import libcst as cst

from tracer.reading.lowering.bound_names import bound_names
from tracer.reading.lowering.facts import (
    ANNOTATE,
    ATTR,
    CALL,
    CAUGHT,
    COPY,
    DELETE,
    ENTER,
    IMPORT,
    IMPORTSTAR,
    ITER,
    NARROW,
    NEW,
    OPERATE,
    RAISE,
    RETURN_VAR,
    Code,
    FileFacts,
    FilePlaces,
)
from tracer.reading.lowering.lines import NameLines
from tracer.reading.lowering.literals import string_value
from tracer.reading.lowering.matching import Matching
from tracer.reading.lowering.scope import Loop, Scope


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


class _Lowering(Matching):
    """One walk over one file's tree."""

    def __init__(self, source: str) -> None:
        self.lines = NameLines(source)
        self.codes = [Code("<module>", "module", 0, -1, -1)]
        self.scope = Scope(self.codes[0], 0, None, set())
        self.public: list[str] | None = None
        self.pairs: list[tuple[Scope, str, str, int]] = []

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

    def _updated(self, holder: cst.Name) -> None:
        """``holder.update({...})`` was just entered: the keys it gives replace what was there."""
        scope = self.scope
        base = scope.env.get(holder.value)
        given = next((fact for fact in reversed(scope.ops) if fact[0] == NEW), None)
        if base is None or given is None or not scope.is_private(base):
            return
        for key, var, _ in given[3]:
            if key is None or key == "**" or not self._replace(holder, scope.env[holder.value], key, var):
                return

    def _assign(self, node: cst.Assign) -> None:
        start = self.lines.position
        first = node.targets[0].target
        if isinstance(first, cst.Name):
            self.lines.pass_name(first.value)
        var = self.value(node.value)
        end = self.lines.position
        self.lines.position = start
        for target in node.targets:
            self.bind_target(target.target, var)
        self.lines.position = max(end, self.lines.position)
        if self.scope.index == 0 and isinstance(first, cst.Name) and first.value == "__all__":
            self._public(node.value)

    def _public(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.List | cst.Tuple):
            names = [string_value(element.value) for element in node.elements]
            self.public = (self.public or []) + [name for name in names if name is not None]

    def _annotated(self, node: cst.AnnAssign) -> None:
        start = self.lines.position
        if isinstance(node.target, cst.Name):
            self.lines.pass_name(node.target.value)
        annotation = self.annotation(node.annotation)
        if isinstance(node.target, cst.Name) and self.scope.code.kind == "class":
            self.scope.code.annotated.append(node.target.value)
        if node.value is None:
            if isinstance(node.target, cst.Name) and self.scope.code.kind == "class":
                var = self.scope.new()
                if annotation is not None:
                    self.scope.emit(ANNOTATE, var, annotation)
            return
        var = self.value(node.value)
        end = self.lines.position
        self.lines.position = start
        self.bind_target(node.target, var)
        self.lines.position = max(end, self.lines.position)

    def _augmented(self, node: cst.AugAssign) -> None:
        start = self.lines.position
        left = self.value(node.target)
        line = self.lines.line()
        right = self.value(node.value)
        end = self.lines.position
        dst = self.scope.new()
        self.scope.emit(OPERATE, dst, left, right, "i" + self.operator_name(node.operator), line)
        self.lines.position = start
        self.bind_target(node.target, dst)
        self.lines.position = max(end, self.lines.position)
        if self.scope.index == 0 and isinstance(node.target, cst.Name) and node.target.value == "__all__":
            self._public(node.value)

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

    def _delete(self, node: cst.Del) -> None:
        target = node.target
        parts = [element.value for element in target.elements] if isinstance(target, cst.Tuple) else [target]
        for part in parts:
            if isinstance(part, cst.Name):
                self.lines.pass_name(part.value)
                self.scope.kill(part.value)
            elif isinstance(part, cst.Attribute):
                base = self.value(part.value)
                self.lines.pass_name(part.attr.value)
                self.scope.emit(DELETE, base, part.attr.value, self.lines.line())
            elif isinstance(part, cst.Subscript):
                base = self.value(part.value)
                line = self.lines.line()
                self.subscript_key(part)
                self.scope.emit(DELETE, base, "", line)

    def _break(self, node: cst.Break) -> None:
        if self.scope.loops:
            self.scope.loops[-1].breaks.append(dict(self.scope.env))
        self.scope.live = False

    def _continue(self, node: cst.Continue) -> None:
        if self.scope.loops:
            self.scope.loops[-1].continues.append(dict(self.scope.env))
        self.scope.live = False

    def _import(self, node: cst.Import) -> None:
        for alias in node.names:
            dotted = self._dotted(alias.name)
            dst = self.scope.new()
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self.lines.pass_name(alias.asname.name.value)
                self.scope.emit(IMPORT, dst, dotted, 0, "")
                self.scope.bind(alias.asname.name.value, dst)
            else:
                top = dotted.partition(".")[0]
                if top != dotted:
                    self.scope.emit(IMPORT, self.scope.new(), dotted, 0, "")
                self.scope.emit(IMPORT, dst, top, 0, "")
                self.scope.bind(top, dst)

    def _dotted(self, node: cst.BaseExpression | None) -> str:
        if isinstance(node, cst.Attribute):
            prefix = self._dotted(node.value)
            self.lines.pass_name(node.attr.value)
            return f"{prefix}.{node.attr.value}"
        if isinstance(node, cst.Name):
            self.lines.pass_name(node.value)
            return node.value
        return ""

    def _import_from(self, node: cst.ImportFrom) -> None:
        module = self._dotted(node.module)
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            self.scope.emit(IMPORTSTAR, module, level)
            return
        for alias in node.names:
            name = self._dotted(alias.name)
            dst = self.scope.new()
            self.scope.emit(IMPORT, dst, module, level, name)
            bound = name
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                bound = alias.asname.name.value
                self.lines.pass_name(bound)
            self.scope.bind(bound, dst)

    def _global(self, node: cst.Global) -> None:
        for item in node.names:
            self.lines.pass_name(item.name.value)
            self.scope.global_names.add(item.name.value)

    def _nonlocal(self, node: cst.Nonlocal) -> None:
        for item in node.names:
            self.lines.pass_name(item.name.value)
            self.scope.outer_names.add(item.name.value)

    def condition(self, node: cst.BaseExpression) -> int:
        """Evaluate a test and note that its truth is asked for."""
        var = self.value(node)
        if isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
            self.truth(var)
        return var

    def _if(self, node: cst.If) -> None:
        self.condition(node.test)
        before = self.scope.env
        then = self.branch(before, partial(self._then, node))
        orelse = node.orelse
        other: dict[str, int] | None
        if orelse is None:
            other = before
        elif isinstance(orelse, cst.If):
            other = self.branch(before, lambda: self._if(orelse))
        else:
            other = self.branch(before, lambda: self.suite(orelse.body))
        self.scope.merge([then, other])

    def _then(self, node: cst.If) -> None:
        self._narrow(node.test)
        self.suite(node.body)

    def _narrow(self, test: cst.BaseExpression) -> None:
        """Behind ``if getattr(value, "name", None)`` in a loop over ``mapping.items()``, key and value are
        those of the items whose values have the attribute."""
        if not (
            isinstance(test, cst.Call)
            and isinstance(test.func, cst.Name)
            and test.func.value in ("getattr", "hasattr")
            and len(test.args) > 1
        ):
            return
        tested, name = test.args[0].value, test.args[1].value
        attribute = string_value(name)
        if not isinstance(tested, cst.Name) or attribute is None:
            return
        env = self.scope.env
        for scope, key, value, mapping in self.pairs:
            if scope is self.scope and value == tested.value and key in env:
                keys, values = self.scope.new(), self.scope.new()
                self.scope.emit(NARROW, keys, values, mapping, attribute)
                self.scope.bind(key, keys)
                self.scope.bind(value, values)

    def _loop(self, node: cst.For | cst.While, head: Callable[[], None]) -> None:
        scope = self.scope
        names = bound_names([node])
        joins: dict[str, int] = {}
        for name in names:
            if name in scope.env:
                var = scope.join([scope.env[name]])
                joins[name] = var
                scope.env[name] = var
        loop = Loop()
        scope.loops.append(loop)
        with scope.unsure():
            head()
            at_head = dict(scope.env)
            scope.live = True
            self.suite(node.body)
        ends = [*loop.continues, *([scope.env] if scope.live else [])]
        scope.loops.pop()
        for name, var in joins.items():
            for end in ends:
                if end.get(name, var) != var:
                    scope.emit(COPY, var, end[name])
        scope.merge([at_head, *ends])
        if node.orelse is not None:
            with scope.unsure():
                self.suite(node.orelse.body)
        scope.merge([scope.env if scope.live else None, *loop.breaks])

    def _for(self, node: cst.For) -> None:
        start = self.lines.position
        self.lines.pass_name("in")
        iterated = self.value(node.iter)
        line, end = self.lines.line(), self.lines.position
        pair = self._pair_of(node, iterated)

        def head() -> None:
            item = self.scope.new()
            self.scope.emit(ITER, item, iterated, line, node.asynchronous is not None)
            self.lines.position = start
            self.bind_target(node.target, item)
            self.lines.position = max(end, self.lines.position)

        self.pairs += pair
        self._loop(node, head)
        del self.pairs[len(self.pairs) - len(pair) :]

    def _pair_of(self, node: cst.For, iterated: int) -> list[tuple[Scope, str, str, int]]:
        """The scope, the names and the mapping's variable of ``for key, value in mapping.items()``."""
        target, ops = node.target, self.scope.ops
        if not (isinstance(target, cst.Tuple) and len(target.elements) == 2 and len(ops) > 1):
            return []
        first, second = (element.value for element in target.elements)
        called, loaded = ops[-1], ops[-2]
        if (
            isinstance(first, cst.Name)
            and isinstance(second, cst.Name)
            and called[0] == CALL
            and called[1] == iterated
            and not called[3]
            and loaded[0] == ATTR
            and loaded[1] == called[2]
            and loaded[3] == "items"
        ):
            return [(self.scope, first.value, second.value, loaded[2])]
        return []

    def _while(self, node: cst.While) -> None:
        self._loop(node, lambda: void(self.condition(node.test)))

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        scope = self.scope
        before = dict(scope.env)
        mark = len(scope.log)
        with scope.unsure():
            self.suite(node.body)
        after = scope.env if scope.live else None
        in_handler = dict(before)
        changed: dict[str, list[int]] = {}
        for name, var in scope.log[mark:]:
            changed.setdefault(name, [before[name]] if name in before else []).append(var)
        for name, variables in changed.items():
            in_handler[name] = variables[0] if len(variables) == 1 else scope.join(variables)
        ends = [self.branch(in_handler, partial(self._handler, handler)) for handler in node.handlers]
        if node.orelse is not None and after is not None:
            orelse = node.orelse
            after = self.branch(after, lambda: self.suite(orelse.body))
        scope.merge([after, *ends])
        if node.finalbody is not None:
            alive = scope.live
            if not alive:
                scope.env = in_handler
            self.suite(node.finalbody.body)
            scope.live = scope.live and alive

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        caught = self.value(node.type) if node.type is not None else None
        if node.name is not None and isinstance(node.name.name, cst.Name):
            self.lines.pass_name(node.name.name.value)
            var = self.scope.new()
            if caught is not None:
                self.scope.emit(CAUGHT, var, caught)
            self.scope.bind(node.name.name.value, var)
        self.suite(node.body)

    def _with(self, node: cst.With) -> None:
        for item in node.items:
            manager = self.value(item.item)
            entered = self.scope.new()
            self.scope.emit(ENTER, entered, manager, self.lines.line(), node.asynchronous is not None)
            if item.asname is not None:
                self.bind_target(item.asname.name, entered)
        with self.scope.unsure():
            self.suite(node.body)


def void(_: object) -> None:
    """Drop a value."""


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
