"""Comprehensions, generator expressions and lambdas to facts."""

from __future__ import annotations

from typing import Any

import libcst as cst

from tracer.reading.lowering.context import context_depth
from tracer.reading.lowering.facts import (
    CALL,
    COPY,
    FUNC,
    ITER,
    MODE_CALL,
    NEW,
    RETURN_VAR,
    YIELD_VAR,
    Parameter,
)
from tracer.reading.lowering.targets import Targets


class Comprehensions(Targets):
    """The part of the walk that deals with expressions that have scopes of their own."""

    def generators(self, node: cst.CompFor) -> None:
        """The ``for ... in ... if ...`` parts of a comprehension."""
        loop: cst.CompFor | None = node
        while loop is not None:
            start = self.lines.position
            iterated = self.value(loop.iter)
            end = self.lines.position
            item = self.scope.new()
            self.scope.emit(ITER, item, iterated, self.lines.line(), loop.asynchronous is not None)
            self.lines.position = start
            self.bind_target(loop.target, item)
            self.lines.position = max(end, self.lines.position)
            for condition in loop.ifs:
                self.value(condition.test)
                self.sift(condition.test, True)
            loop = loop.inner_for_in

    def _comprehension_body(self, node: Any, kind: str) -> tuple[int, int]:
        start = self.lines.position
        self.lines.pass_name("for")
        self.generators(node.for_in)
        end = self.lines.position
        self.lines.position = start
        if kind == "dict":
            key_var = self.value(node.key)
            var = self.value(node.value)
        else:
            key_var = -1
            var = self.value(node.elt)
        self.lines.position = max(end, self.lines.position)
        return var, key_var

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.DictComp) -> int:
        kind = {cst.ListComp: "list", cst.SetComp: "set", cst.DictComp: "dict"}[type(node)]
        scope = self.scope
        saved, module_kind = dict(scope.env), scope.code.kind
        if module_kind == "module":
            scope.code.kind = "inlined"
        with scope.unsure():
            var, key_var = self._comprehension_body(node, kind)
        scope.code.kind = module_kind
        scope.env = saved
        dst = scope.new()
        items = ((None, var, key_var),) if kind == "dict" else (("*each", var, -1),)
        scope.emit(NEW, dst, kind, items)
        return dst

    def _generator(self, node: cst.GeneratorExp) -> int:

        start = self.lines.position
        line = self.lines.next_line()
        self.lines.pass_name("for")
        first = self.value(node.for_in.iter)
        end = self.lines.position
        self.lines.position = start
        scope, index, _ = self.nested_code("<genexpr>", "genexpr", line, None, set())
        scope.code.generator = True
        scope.code.parameters.append(Parameter(".0", scope.new(), "p"))
        outer, self.scope = self.scope, scope
        self.lines.pass_name("for")
        item = scope.new()
        scope.emit(
            ITER, item, scope.code.parameters[0].var, self.lines.line(), node.for_in.asynchronous is not None
        )
        self.bind_target(node.for_in.target, item)
        self.lines.position = max(end, self.lines.position)
        for condition in node.for_in.ifs:
            self.value(condition.test)
            self.sift(condition.test, True)
        if node.for_in.inner_for_in is not None:
            self.generators(node.for_in.inner_for_in)
        end = max(end, self.lines.position)
        self.lines.position = start
        scope.emit(COPY, YIELD_VAR, self.value(node.elt))
        self.lines.position = max(end, self.lines.position)
        scope.finish()
        self.scope = outer
        made, dst, iterator = outer.new(), outer.new(), outer.new()
        outer.emit(FUNC, made, index, ())
        outer.emit(COPY, iterator, first)
        outer.emit(CALL, dst, made, ((None, iterator),), line, MODE_CALL)
        return dst

    def _lambda(self, node: cst.Lambda) -> int:

        line = self.lines.next_line()
        scope, index, defaults = self.nested_code("<lambda>", "lambda", line, node.params, set())
        outer, self.scope = self.scope, scope
        scope.emit(COPY, RETURN_VAR, self.value(node.body))
        scope.finish()
        scope.code.contextual = context_depth(scope.code, self.codes)
        self.scope = outer
        dst = outer.new()
        outer.emit(FUNC, dst, index, defaults)
        return dst
