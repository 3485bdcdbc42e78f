"""Definitions to facts: functions and classes with their parameters, annotations and decorators."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from tracer.reading.lowering.bound_names import bound_names
from tracer.reading.lowering.context import context_depth, is_by_receiver
from tracer.reading.lowering.expressions import Expressions
from tracer.reading.lowering.facts import (
    ANNOTATE,
    CALL,
    CLASS,
    FUNC,
    MODE_DECORATOR,
    RETURN_VAR,
    Code,
    Parameter,
)
from tracer.reading.lowering.literals import string_value
from tracer.reading.lowering.scope import Scope


class Definitions(Expressions):
    """The part of the walk that opens scopes."""

    def suite(self, node: cst.BaseSuite) -> None:
        """The body of a compound statement; provided by the part that knows all statements."""
        raise NotImplementedError

    def annotation(self, node: cst.Annotation) -> int | None:
        """The variable of the class an annotation names, if it names one."""
        return self._annotation_class(node.annotation)

    def _annotation_class(self, node: cst.BaseExpression) -> int | None:
        if isinstance(node, cst.SimpleString):
            text = string_value(node)
            if not text:
                return None
            try:
                parsed = cst.parse_expression(text)
            except cst.ParserSyntaxError:
                return None
            saved = self.lines.position
            result = self._annotation_class(parsed)
            self.lines.position = saved
            return result
        if isinstance(node, cst.Name | cst.Attribute):
            if isinstance(node, cst.Name) and node.value in ("None", "True", "False"):
                return None
            return self.value(node)
        if isinstance(node, cst.BinaryOperation):
            left = self._annotation_class(node.left)
            right = self._annotation_class(node.right)
            return left if right is None else right if left is None else self.scope.join([left, right])
        if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name | cst.Attribute):
            name = node.value.value if isinstance(node.value, cst.Name) else node.value.attr.value
            if name in ("Optional", "Union", "Type", "Annotated", "Final", "ClassVar"):
                found = [
                    self._annotation_class(part.slice.value)
                    for part in node.slice
                    if isinstance(part.slice, cst.Index)
                ]
                known = [var for var in found if var is not None]
                return self.scope.join(known) if known else None
        return None

    def nested_code(
        self, name: str, kind: str, line: int, parameters: cst.Parameters | None, local_names: set[str]
    ) -> tuple[Scope, int, tuple[tuple[str, int], ...]]:
        """Open a nested scope; see `Expressions.nested_code`."""
        outer = self.scope
        above = outer.code
        if above.kind in ("module", "inlined") and outer.index == 0:
            qualname = name
        elif above.kind == "class":
            qualname = f"{above.qualname}.{name}"
        else:
            qualname = f"{above.qualname}.<locals>.{name}"
        if kind in ("function", "class") and name in outer.global_names:
            qualname = name
        index = len(self.codes)
        code = Code(
            qualname,
            kind,
            line,
            outer.index,
            outer.index if above.kind == "class" and kind != "class" else -1,
        )
        code.parameters, code.ops, code.exports, code.annotated = [], [], [], []
        self.codes.append(code)
        scope = Scope(code, index, outer, local_names)
        defaults: list[tuple[str, int]] = []
        if parameters is not None:
            for param, param_kind in _parameters(parameters):
                self.lines.pass_name(param.name.value)
                annotation = self.annotation(param.annotation) if param.annotation is not None else None
                if param.default is not None:
                    defaults.append((param.name.value, self.value(param.default)))
                var = scope.new()
                code.parameters.append(Parameter(param.name.value, var, param_kind))
                scope.env[param.name.value] = var
                scope.assigned[param.name.value] = [var]
                scope.local_names.add(param.name.value)
                if annotation is not None and param_kind not in "**":
                    outer.emit(ANNOTATE, (index, var), annotation)
        return scope, index, tuple(defaults)

    def _decorators(self, decorators: Sequence[cst.Decorator]) -> list[tuple[int, int]]:
        result = []
        for decorator in decorators:
            var = self.value(decorator.decorator)
            result.append((var, self.lines.line()))
        return result

    def _function(self, node: cst.FunctionDef) -> None:
        line = self.lines.next_line() if node.decorators else 0
        decorators = self._decorators(node.decorators)
        self.lines.pass_name(node.name.value)
        local_names = set(bound_names([node.body]))
        scope, index, defaults = self.nested_code(
            node.name.value, "function", line or self.lines.line(), node.params, local_names
        )
        if node.returns is not None:
            returned = self.annotation(node.returns)
            if returned is not None:
                self.scope.emit(ANNOTATE, (index, RETURN_VAR), returned)
        outer, self.scope = self.scope, scope
        code = scope.code
        code.asynchronous = node.asynchronous is not None
        self.suite(node.body)
        scope.finish()
        code.contextual = context_depth(code, self.codes)
        code.by_receiver = is_by_receiver(code)
        self.scope = outer
        var = outer.new()
        outer.emit(FUNC, var, index, defaults)
        self._decorate(node.name.value, decorators, var)

    def _decorate(self, name: str, decorators: list[tuple[int, int]], var: int) -> None:
        for decorator, line in reversed(decorators):
            dst = self.scope.new()
            self.scope.emit(CALL, dst, decorator, ((None, var),), line, MODE_DECORATOR)
            var = dst
        self.scope.bind(name, var)

    def _class(self, node: cst.ClassDef) -> None:
        line = self.lines.next_line() if node.decorators else 0
        decorators = self._decorators(node.decorators)
        self.lines.pass_name(node.name.value)
        line = line or self.lines.line()
        bases = tuple(self.value(arg.value) for arg in node.bases)
        keywords = tuple((name or "**", var) for name, var in self.arguments(node.keywords))
        scope, index, _ = self.nested_code(node.name.value, "class", line, None, set())
        outer, self.scope = self.scope, scope
        self.suite(node.body)
        scope.finish()
        self.scope = outer
        var = outer.new()
        outer.emit(CLASS, var, index, bases, keywords)
        self._decorate(node.name.value, decorators, var)

    def _alias(self, node: cst.TypeAlias) -> None:
        self.lines.pass_name(node.name.value)
        self.scope.bind(node.name.value, self.scope.new())


def _parameters(node: cst.Parameters) -> list[tuple[cst.Param, str]]:
    found = [(param, "p") for param in node.posonly_params]
    found += [(param, "n") for param in node.params]
    if isinstance(node.star_arg, cst.Param):
        found.append((node.star_arg, "*"))
    found += [(param, "k") for param in node.kwonly_params]
    if node.star_kwarg is not None:
        found.append((node.star_kwarg, "**"))
    return found
