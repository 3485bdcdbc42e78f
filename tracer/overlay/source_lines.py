"""What a source file says at a line: which calls, attributes and operators could run another function."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum


class Dynamic(StrEnum):
    """Calls whose callee no name tells."""

    COMPUTED = "an attribute whose name is computed"
    ITEM = "an item of a container"
    RESULT = "the result of a call"
    OWN_CLASS = "the class that a class method was called on"
    VARIABLE = "a variable"


_COMPARED: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: ("__eq__",),
    ast.NotEq: ("__ne__", "__eq__"),
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
    ast.In: ("__contains__", "__iter__", "__eq__"),
    ast.NotIn: ("__contains__", "__iter__", "__eq__"),
}
_COMPUTED_WITH: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.BitAnd: "and",
    ast.FloorDiv: "floordiv",
}
_TRUTH = ("__bool__", "__len__")
_ITERATION = ("__iter__", "__next__", "__getitem__")
_CONSTRUCTION = ("__init__", "__new__", "__post_init__", "__init_subclass__")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class SourceFile:
    """One source file, by line.

    Args:
        text: its content; what cannot be parsed has no facts.

    Attributes:
        classes: the qualified names of its classes, as ``code.co_qualname`` gives them.
        called: by line, the names that are called there (the last one of a dotted name).
        attributes: by line, the names of attributes that are read or set there.
        operators: by line, the special methods that operators and statements there may call.
        dynamic: by line, how calls there find what they call, where no name tells.
        imports: lines of import statements.
    """

    def __init__(self, text: str) -> None:
        self.classes: set[str] = set()
        self.called: dict[int, set[str]] = defaultdict(set)
        self.attributes: dict[int, set[str]] = defaultdict(set)
        self.operators: dict[int, set[str]] = defaultdict(set)
        self.dynamic: dict[int, set[Dynamic]] = defaultdict(set)
        self.imports: set[int] = set()
        try:
            tree = ast.parse(text)
            self._scope(tree, "", frozenset())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return

    def _scope(self, scope: ast.AST, prefix: str, variables: frozenset[str]) -> None:
        for child in ast.iter_child_nodes(scope):
            self._node(child, prefix, variables)

    def _node(self, node: ast.AST, prefix: str, variables: frozenset[str]) -> None:
        self._note(node, variables)
        if isinstance(node, ast.ClassDef):
            self.classes.add(prefix + node.name)
            self._scope(node, f"{prefix}{node.name}.", variables)
        elif isinstance(node, _SCOPES):
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            self._scope(node, f"{prefix}{name}.<locals>.", variables | _variables(node))
        else:
            self._scope(node, prefix, variables)

    def _note(self, node: ast.AST, variables: frozenset[str]) -> None:
        if isinstance(node, ast.Call):
            self._call(node, variables)
        elif isinstance(node, ast.Attribute):
            for line in {node.lineno, node.end_lineno or node.lineno}:
                self.attributes[line].add(node.attr)
                self.operators[line].update(("__getattr__", "__getattribute__", "__setattr__", "__delattr__"))
                self.operators[line].update(("__get__", "__set__"))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imports.update(_lines(node))
        else:
            for line, names in _special_methods(node):
                self.operators[line].update(names)

    def _call(self, node: ast.Call, variables: frozenset[str]) -> None:
        function = node.func
        lines = range(node.lineno, (function.end_lineno or node.lineno) + 1)
        name, dynamic = _callee(function, variables)
        for line in lines:
            if name:
                self.called[line].add(name)
            if dynamic is not None:
                self.dynamic[line].add(dynamic)
            self.operators[line].add("__call__")


def _callee(function: ast.expr, variables: frozenset[str]) -> tuple[str, Dynamic | None]:
    match function:
        case ast.Attribute(attr=name):
            return name, None
        case ast.Name(id="cls"):
            return "", Dynamic.OWN_CLASS
        case ast.Name(id=name):
            return name, Dynamic.VARIABLE if name in variables else None
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return name, None
        case ast.Call(func=ast.Name(id="getattr")):
            return "", Dynamic.COMPUTED
        case ast.Subscript():
            return "", Dynamic.ITEM
        case _:
            return "", Dynamic.RESULT


def _variables(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """The parameters and assigned variables of a function (and of those in it, which does no harm)."""
    names = {node.arg for node in ast.walk(scope.args) if isinstance(node, ast.arg)}
    if not isinstance(scope, ast.Lambda):
        names.update(
            node.id
            for statement in scope.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
    return frozenset(names)


def _lines(node: ast.stmt | ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _special_methods(node: ast.AST) -> Iterator[tuple[int, tuple[str, ...]]]:
    """By line, what operators and statements of this node may call."""
    match node:
        case ast.Compare(ops=ops):
            names = tuple(name for op in ops for name in _COMPARED.get(type(op), ()))
            yield from ((line, names) for line in _lines(node))
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            name = _COMPUTED_WITH[type(op)]
            names = (f"__{name}__", f"__r{name}__", f"__i{name}__")
            if isinstance(op, ast.Mod):
                names = (*names, "__str__", "__repr__", "__format__")
            yield from ((line, names) for line in _lines(node))
        case ast.UnaryOp():
            yield node.lineno, (*_TRUTH, "__neg__", "__invert__", "__pos__")
        case ast.BoolOp():
            yield from ((line, _TRUTH) for line in _lines(node))
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
            yield from ((line, _TRUTH) for line in _lines(test))
        case ast.Subscript():
            names = ("__getitem__", "__setitem__", "__delitem__", "__missing__", "__class_getitem__")
            yield from ((line, names) for line in _lines(node))
        case ast.For(iter=source) | ast.AsyncFor(iter=source) | ast.comprehension(iter=source):
            yield from ((line, _ITERATION) for line in _lines(source))
        case ast.YieldFrom() | ast.Starred():
            yield node.lineno, _ITERATION
        case ast.With(items=items) | ast.AsyncWith(items=items):
            names = ("__enter__", "__exit__", "__aenter__", "__aexit__")
            for item in items:
                yield from ((line, names) for line in _lines(item.context_expr))
            yield node.lineno, names
        case ast.JoinedStr() | ast.FormattedValue():
            yield from ((line, ("__str__", "__repr__", "__format__")) for line in _lines(node))
        case _:
            return


def constructs(qualname: str) -> str:
    """The name of the class that is called to run this method; empty for what is no constructor."""
    owner, _, name = qualname.rpartition(".")
    return owner.rpartition(".")[2] if name in _CONSTRUCTION else ""
