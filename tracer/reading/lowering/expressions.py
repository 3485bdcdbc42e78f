"""Expressions to facts: every handler returns the variable that holds the expression's value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from tracer.reading.lowering.context import context_depth
from tracer.reading.lowering.facts import (
    ATTR,
    AWAIT,
    CALL,
    COPY,
    FORMAT,
    INDEX,
    ITER,
    LITERAL,
    MODE_CALL,
    NEW,
    OPERATE,
    REPLACE,
    SENT_VAR,
    SETATTR,
    SETINDEX,
    STR,
    UNPACK,
    YIELD_VAR,
    YIELDFROM,
    Code,
    Parameter,
)
from tracer.reading.lowering.lines import NameLines
from tracer.reading.lowering.scope import Scope

_MAX_STRING = 4000
_LARGEST_INDEX = 9

_BINARY = {
    cst.Add: "add",
    cst.Subtract: "sub",
    cst.Multiply: "mul",
    cst.Divide: "truediv",
    cst.FloorDivide: "floordiv",
    cst.Modulo: "mod",
    cst.Power: "pow",
    cst.MatrixMultiply: "matmul",
    cst.LeftShift: "lshift",
    cst.RightShift: "rshift",
    cst.BitAnd: "and",
    cst.BitOr: "or",
    cst.BitXor: "xor",
    cst.AddAssign: "add",
    cst.SubtractAssign: "sub",
    cst.MultiplyAssign: "mul",
    cst.DivideAssign: "truediv",
    cst.FloorDivideAssign: "floordiv",
    cst.ModuloAssign: "mod",
    cst.PowerAssign: "pow",
    cst.MatrixMultiplyAssign: "matmul",
    cst.LeftShiftAssign: "lshift",
    cst.RightShiftAssign: "rshift",
    cst.BitAndAssign: "and",
    cst.BitOrAssign: "or",
    cst.BitXorAssign: "xor",
}
_COMPARE: dict[type[cst.CSTNode], str] = {
    cst.Equal: "__eq__",
    cst.NotEqual: "__ne__",
    cst.LessThan: "__lt__",
    cst.LessThanEqual: "__le__",
    cst.GreaterThan: "__gt__",
    cst.GreaterThanEqual: "__ge__",
}
_UNARY: dict[type[cst.CSTNode], str] = {
    cst.Minus: "__neg__",
    cst.Plus: "__pos__",
    cst.BitInvert: "__invert__",
}


def string_value(node: cst.BaseExpression) -> str | None:
    """The value of a string literal, or None (bytes, formatted strings, anything else)."""
    if isinstance(node, cst.SimpleString):
        text = node.value
        if "b" in text[:2].lower().split("'")[0].split('"')[0]:
            return None
        if "\\" not in text and text[0] in "'\"":
            return text[3:-3] if text[:3] in ("'''", '"""') and len(text) > 5 else text[1:-1]
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return None
        return value if isinstance(value, str) else None
    if isinstance(node, cst.ConcatenatedString):
        left, right = string_value(node.left), string_value(node.right)
        return left + right if left is not None and right is not None else None
    return None


class Expressions:
    """The part of the walk that deals with expressions."""

    lines: NameLines
    codes: list[Code]
    scope: Scope

    def nested_code(
        self, name: str, kind: str, line: int, parameters: cst.Parameters | None, local_names: set[str]
    ) -> tuple[Scope, int, tuple[tuple[str, int], ...]]:
        """Open a nested scope; returns it, its code's index and the variables of defaults by parameter
        name."""
        raise NotImplementedError

    def value(self, node: cst.BaseExpression) -> int:
        """The variable that holds the value of ``node``."""
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return self.scope.new()
        return handler(self, node)

    def text(self, value: str) -> int:
        """A variable that holds the string ``value``."""
        dst = self.scope.new()
        if len(value) <= _MAX_STRING:
            self.scope.emit(STR, dst, value)
            self.scope.constants[dst] = value
        else:
            self.scope.emit(LITERAL, dst, "str")
        return dst

    def literal(self, type_name: str) -> int:
        """A variable that holds a plain value of a builtin type."""
        dst = self.scope.new()
        self.scope.emit(LITERAL, dst, type_name)
        return dst

    def _name(self, node: cst.Name) -> int:
        self.lines.pass_name(node.value)
        if node.value in ("None", "True", "False"):
            return self.literal("NoneType" if node.value == "None" else "bool")
        return self.scope.read(node.value)

    def _attribute(self, node: cst.Attribute) -> int:
        base = self.value(node.value)
        self.lines.pass_name(node.attr.value)
        dst = self.scope.new()
        self.scope.emit(ATTR, dst, base, self.scope.mangled(node.attr.value), self.lines.line())
        return dst

    def _string(self, node: cst.SimpleString | cst.ConcatenatedString) -> int:
        value = string_value(node)
        if value is not None:
            return self.text(value)
        if isinstance(node, cst.ConcatenatedString):
            parts: list[str | int] = []
            self._string_parts(node, parts)
            dst = self.scope.new()
            self.scope.emit(FORMAT, dst, tuple(parts))
            return dst
        return self.literal("bytes")

    def _string_parts(self, node: cst.BaseExpression, parts: list[str | int]) -> None:
        if isinstance(node, cst.ConcatenatedString):
            self._string_parts(node.left, parts)
            self._string_parts(node.right, parts)
        elif isinstance(node, cst.FormattedString):
            for part in node.parts:
                if isinstance(part, cst.FormattedStringText):
                    parts.append(part.value)
                elif isinstance(part, cst.FormattedStringExpression):
                    parts.append(self.value(part.expression))
        else:
            parts.append(string_value(node) or "")

    def _formatted(self, node: cst.FormattedString) -> int:
        parts: list[str | int] = []
        self._string_parts(node, parts)
        dst = self.scope.new()
        self.scope.emit(FORMAT, dst, tuple(parts))
        return dst

    def _integer(self, node: cst.Integer) -> int:
        try:
            return self.number(int(node.value, 0))
        except ValueError:
            return self.literal("int")

    def number(self, value: int) -> int:
        """A variable that holds the integer ``value``; only those that index short sequences are told
        apart."""
        dst = self.scope.new()
        if abs(value) <= _LARGEST_INDEX:
            self.scope.emit(STR, dst, value)
        else:
            self.scope.emit(LITERAL, dst, "int")
        self.scope.constants[dst] = value
        return dst

    def _float(self, node: cst.BaseExpression) -> int:
        return self.literal("float")

    def arguments(self, args: Sequence[cst.Arg]) -> tuple[tuple[str | None, int], ...]:
        """Call arguments as (None for positional, ``*``, ``**`` or the keyword; variable)."""
        result: list[tuple[str | None, int]] = []
        for arg in args:
            if arg.keyword is not None:
                self.lines.pass_name(arg.keyword.value)
                result.append((arg.keyword.value, self.value(arg.value)))
            else:
                result.append((arg.star or None, self.value(arg.value)))
        return tuple(result)

    def _call(self, node: cst.Call) -> int:
        func = self.value(node.func)
        line = self.lines.line() if not isinstance(node.func, cst.Lambda) else self.lines.next_line()
        args = self.arguments(node.args)
        dst = self.scope.new()
        self.scope.emit(CALL, dst, func, args, line, MODE_CALL)
        if isinstance(node.func, cst.Name) and node.func.value == "setattr" and len(args) == 3:
            name = self.scope.constants.get(args[1][1])
            if isinstance(name, str):
                self.scope.emit(SETATTR, args[0][1], name, args[2][1], line)
        if isinstance(node.func, cst.Name) and node.func.value in ("eval", "exec") and args:
            self._evaluate(self.scope.constants.get(args[0][1]), dst)
        return dst

    def _evaluate(self, text: str | int | None, dst: int) -> None:
        """An expression given as a string constant: its facts hold where it is evaluated."""
        if not isinstance(text, str):
            return
        try:
            tree = cst.parse_expression(text.strip())
        except (cst.ParserSyntaxError, UnicodeError):
            return
        position = self.lines.position
        self.scope.emit(COPY, dst, self.value(tree))
        self.lines.position = position

    def key_of(self, node: cst.BaseExpression) -> tuple[str | int | None, int]:
        """A subscript's key: its constant value if known here, and its variable."""
        var = self.value(node)
        return self.scope.constants.get(var), var

    def subscript_key(self, node: cst.Subscript) -> tuple[Any, int, bool]:
        """Key constant (of a slice: its constant bounds), key variable, and whether the subscript is a
        slice."""
        if len(node.slice) == 1:
            element = node.slice[0].slice
            if isinstance(element, cst.Index):
                key, var = self.key_of(element.value)
                return key, var, False
        bounds: list[int | str | None] = []
        for part in node.slice:
            if isinstance(part.slice, cst.Index):
                self.value(part.slice.value)
            elif isinstance(part.slice, cst.Slice):
                bounds += [
                    self.scope.constants.get(self.value(bound), "?") if bound is not None else None
                    for bound in (part.slice.lower, part.slice.upper, part.slice.step)
                ]
        return tuple(bounds), -1, len(node.slice) == 1

    def _subscript(self, node: cst.Subscript) -> int:
        base = self.value(node.value)
        line = self.lines.line()
        key, var, is_slice = self.subscript_key(node)
        dst = self.scope.new()
        self.scope.emit(INDEX, dst, base, key, -2 if is_slice else var, line)
        return dst

    def _binary(self, node: cst.BinaryOperation) -> int:
        left = self.value(node.left)
        line = self.lines.line()
        right = self.value(node.right)
        name = _BINARY.get(type(node.operator), "add")
        dst = self.scope.new()
        self.scope.emit(OPERATE, dst, left, right, name, line)
        return dst

    def operator_name(self, operator: cst.CSTNode) -> str:
        """``add`` for ``+`` and ``+=``."""
        return _BINARY.get(type(operator), "add")

    def _boolean(self, node: cst.BooleanOperation) -> int:
        left = self.value(node.left)
        if isinstance(node.left, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
            self.truth(left)
        before = dict(self.scope.env)
        right = self.value(node.right)
        self.scope.merge([before, self.scope.env])
        return self.scope.join([left, right])

    def _unary(self, node: cst.UnaryOperation) -> int:
        operand = self.value(node.expression)
        constant = self.scope.constants.get(operand)
        if isinstance(constant, int) and isinstance(node.operator, cst.Minus):
            return self.number(-constant)
        if isinstance(node.operator, cst.Not):
            return self.truth(operand)
        dst = self.scope.new()
        name = _UNARY.get(type(node.operator), "__neg__")
        self.scope.emit(OPERATE, dst, operand, -1, name, self.lines.line())
        return dst

    def truth(self, operand: int) -> int:
        """The facts of testing ``operand`` for truth; returns the variable of the bool."""
        dst = self.literal("bool")
        self.scope.emit(OPERATE, dst, operand, -1, "__bool__", self.lines.line())
        return dst

    def _comparison(self, node: cst.Comparison) -> int:
        left = self.value(node.left)
        dst = self.literal("bool")
        for target in node.comparisons:
            line = self.lines.line()
            right = self.value(target.comparator)
            if isinstance(target.operator, cst.In | cst.NotIn):
                self.scope.emit(OPERATE, dst, right, left, "__contains__", line)
            else:
                name = _COMPARE.get(type(target.operator))
                if name is not None:
                    self.scope.emit(OPERATE, dst, left, right, name, line)
            left = right
        return dst

    def _conditional(self, node: cst.IfExp) -> int:
        before = dict(self.scope.env)
        body = self.value(node.body)
        after_body = self.scope.env
        self.scope.env = before
        self.value(node.test)
        orelse = self.value(node.orelse)
        self.scope.merge([after_body, self.scope.env])
        return self.scope.join([body, orelse])

    def _lambda(self, node: cst.Lambda) -> int:
        from tracer.reading.lowering.facts import FUNC, RETURN_VAR

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

    def _elements(self, node: cst.List | cst.Tuple | cst.Set) -> int:
        items: list[tuple[str | int | None, int, int]] = []
        position: int | None = 0
        for element in node.elements:
            var = self.value(element.value)
            if isinstance(element, cst.StarredElement):
                items.append(("*", var, -1))
                position = None
            else:
                items.append((position, var, -1))
                if position is not None:
                    position += 1
        dst = self.scope.new()
        self.scope.emit(NEW, dst, type(node).__name__.lower(), tuple(items))
        self.scope.private[dst] = len(self.scope.ops)
        return dst

    def _dict(self, node: cst.Dict) -> int:
        items: list[tuple[str | int | None, int, int]] = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                key, key_var = self.key_of(element.key)
                items.append((key, self.value(element.value), key_var))
            else:
                items.append(("**", self.value(element.value), -1))
        dst = self.scope.new()
        self.scope.emit(NEW, dst, "dict", tuple(items))
        self.scope.private[dst] = len(self.scope.ops)
        return dst

    def bind_target(self, target: cst.BaseExpression, var: int) -> None:
        """Assign ``var`` to a name, attribute, subscript or (nested) sequence of targets."""
        scope = self.scope
        if isinstance(target, cst.Name):
            self.lines.pass_name(target.value)
            scope.bind(target.value, var)
        elif isinstance(target, cst.Attribute):
            base = self.value(target.value)
            self.lines.pass_name(target.attr.value)
            scope.emit(SETATTR, base, scope.mangled(target.attr.value), var, self.lines.line())
        elif isinstance(target, cst.Subscript):
            base = self.value(target.value)
            line = self.lines.line()
            key, key_var, is_slice = self.subscript_key(target)
            if not is_slice and key is not None and self._replace(target.value, base, key, var):
                return
            if is_slice:
                key = None
            scope.emit(SETINDEX, base, key, key_var, var, line)
        elif isinstance(target, cst.Tuple | cst.List):
            after = False
            count = len(target.elements)
            for position, element in enumerate(target.elements):
                part = scope.new()
                if isinstance(element, cst.StarredElement):
                    after = True
                    item = scope.new()
                    scope.emit(UNPACK, item, var, (position, count - position - 1))
                    scope.emit(NEW, part, "list", (("*each", item, -1),))
                else:
                    scope.emit(UNPACK, part, var, position - count if after else position)
                self.bind_target(element.value, part)
        elif isinstance(target, cst.StarredElement):
            self.bind_target(target.value, var)

    def _replace(self, holder: cst.BaseExpression, base: int, key: str | int, var: int) -> bool:
        """``holder[key] = var`` where the container was made here and nobody else has it: what was there
        is gone.

        Returns:
            False where that is not certain.
        """
        scope = self.scope
        if isinstance(holder, cst.Name):
            if scope.env.get(holder.value) != base or not scope.is_private(base):
                return False
            made = scope.new()
            scope.emit(REPLACE, made, base, key, var)
            scope.private[made] = len(scope.ops)
            scope.rebind(base, made)
            return True
        if (
            isinstance(holder, cst.Subscript)
            and isinstance(holder.value, cst.Name)
            and len(holder.slice) == 1
        ):
            outer = scope.env.get(holder.value.value)
            part = holder.slice[0].slice
            if outer is None or not scope.is_private(outer) or not isinstance(part, cst.Index):
                return False
            outer_key = (
                string_value(part.value)
                if not isinstance(part.value, cst.Integer)
                else int(part.value.value, 0)
            )
            if outer_key is None:
                return False
            made = scope.new()
            scope.emit(REPLACE, made, base, key, var)
            return self._replace(holder.value, outer, outer_key, made)
        return False

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
        var, key_var = self._comprehension_body(node, kind)
        scope.code.kind = module_kind
        scope.env = saved
        dst = scope.new()
        items = ((None, var, key_var),) if kind == "dict" else (("*each", var, -1),)
        scope.emit(NEW, dst, kind, items)
        return dst

    def _generator(self, node: cst.GeneratorExp) -> int:
        from tracer.reading.lowering.facts import FUNC

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

    def _await(self, node: cst.Await) -> int:
        source = self.value(node.expression)
        dst = self.scope.new()
        self.scope.emit(AWAIT, dst, source, self.lines.line())
        return dst

    def _yield(self, node: cst.Yield) -> int:
        self.scope.code.generator = True
        if isinstance(node.value, cst.From):
            source = self.value(node.value.item)
            dst = self.scope.new()
            self.scope.emit(YIELDFROM, dst, source, self.lines.line())
            return dst
        if node.value is not None:
            self.scope.emit(COPY, YIELD_VAR, self.value(node.value))
        return SENT_VAR

    def _walrus(self, node: cst.NamedExpr) -> int:
        self.lines.pass_name(node.target.value if isinstance(node.target, cst.Name) else "")
        var = self.value(node.value)
        if isinstance(node.target, cst.Name):
            if self.scope.is_function:
                self.scope.local_names.add(node.target.value)
            self.scope.bind(node.target.value, var)
        return var


_HANDLERS: dict[type[cst.CSTNode], Callable[[Any, Any], int]] = {
    cst.Name: Expressions._name,
    cst.Attribute: Expressions._attribute,
    cst.SimpleString: Expressions._string,
    cst.ConcatenatedString: Expressions._string,
    cst.FormattedString: Expressions._formatted,
    cst.Integer: Expressions._integer,
    cst.Float: Expressions._float,
    cst.Imaginary: Expressions._float,
    cst.Call: Expressions._call,
    cst.Subscript: Expressions._subscript,
    cst.BinaryOperation: Expressions._binary,
    cst.BooleanOperation: Expressions._boolean,
    cst.UnaryOperation: Expressions._unary,
    cst.Comparison: Expressions._comparison,
    cst.IfExp: Expressions._conditional,
    cst.Lambda: Expressions._lambda,
    cst.List: Expressions._elements,
    cst.Tuple: Expressions._elements,
    cst.Set: Expressions._elements,
    cst.Dict: Expressions._dict,
    cst.ListComp: Expressions._comprehension,
    cst.SetComp: Expressions._comprehension,
    cst.DictComp: Expressions._comprehension,
    cst.GeneratorExp: Expressions._generator,
    cst.Await: Expressions._await,
    cst.Yield: Expressions._yield,
    cst.NamedExpr: Expressions._walrus,
}
