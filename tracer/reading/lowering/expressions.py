"""Expressions to facts: every handler returns the variable that holds the expression's value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from tracer.reading.lowering.comprehensions import Comprehensions
from tracer.reading.lowering.facts import (
    ATTR,
    AWAIT,
    CALL,
    COPY,
    INDEX,
    MODE_CALL,
    NEW,
    OPERATE,
    SENT_VAR,
    SETATTR,
    YIELD_VAR,
    YIELDFROM,
)

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


class Expressions(Comprehensions):
    """The part of the walk that deals with expressions."""

    def value(self, node: cst.BaseExpression) -> int:
        """The variable that holds the value of ``node``."""
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return self.scope.new()
        return handler(self, node)

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
        self.note_check(node, args)
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
        self.sift(node.left, isinstance(node.operator, cst.And))
        with self.scope.unsure():
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
        foreseen = self.foresee(node.test)
        with self.scope.unsure():
            body = self.value(node.body)
        after_body = self.scope.env
        self.scope.env = before
        self.value(node.test)
        self.told(node.test, foreseen)
        self.sift(node.test, False)
        with self.scope.unsure():
            orelse = self.value(node.orelse)
        self.scope.merge([after_body, self.scope.env])
        return self.scope.join([body, orelse])

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
