"""Conditions, loops, ``try`` and ``with`` to facts: the statements whose bodies may run, or run again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import libcst as cst

from tracer.reading.lowering.bound_names import bound_names
from tracer.reading.lowering.facts import (
    ATTR,
    CALL,
    CAUGHT,
    COPY,
    ENTER,
    ITER,
    NARROW,
)
from tracer.reading.lowering.literals import string_value
from tracer.reading.lowering.matching import Matching
from tracer.reading.lowering.scope import Loop, Scope


class Branching(Matching):
    """The part of the walk that deals with which statements run."""

    pairs: list[tuple[Scope, str, str, int]]

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
        other = self.branch(before, partial(self._otherwise, node.test, orelse))
        self.scope.merge([then, other])

    def _then(self, node: cst.If) -> None:
        self._narrow(node.test)
        self.sift(node.test, True)
        self.suite(node.body)

    def _otherwise(self, test: cst.BaseExpression, orelse: cst.If | cst.Else | None) -> None:
        self.sift(test, False)
        if isinstance(orelse, cst.If):
            self._if(orelse)
        elif orelse is not None:
            self.suite(orelse.body)

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

    def _break(self, node: cst.Break) -> None:
        if self.scope.loops:
            self.scope.loops[-1].breaks.append(dict(self.scope.env))
        self.scope.live = False

    def _continue(self, node: cst.Continue) -> None:
        if self.scope.loops:
            self.scope.loops[-1].continues.append(dict(self.scope.env))
        self.scope.live = False


def void(_: object) -> None:
    """Drop a value."""
