"""Places in Nova's source from which something is called, and what its syntax says of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from tests.acceptance.nova_source import dotted_name

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Place:
    """A call, the function and class around it, and the parameters of that and the functions around."""

    file: str
    node: ast.Call
    inside: str
    cls: ast.ClassDef | None
    parameters: frozenset[str]

    def __str__(self) -> str:
        return f"{self.file}:{self.node.lineno} {ast.unparse(self.node)[:80]}"


@dataclass(frozen=True)
class Definition:
    """A function of the source."""

    identity: str
    file: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    cls: ast.ClassDef | None


def last_word(identity: str) -> str:
    """The last word of an id: the bare name of the function."""
    return identity.rpartition(":")[2].rpartition(".")[2]


def name_called(node: ast.Call) -> str:
    """What is called, as dotted words."""
    return dotted_name(node.func)


def undecorated(decorator: ast.expr) -> ast.expr:
    """A decorator without the arguments it is made with."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def is_abstract(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether what overrides the function is called in its place."""
    return any(dotted_name(part).endswith("abstractmethod") for part in function.decorator_list)


def is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether reading an attribute calls the function."""
    return any(dotted_name(part) == "property" for part in function.decorator_list)


def arguments_of(node: ast.Call) -> list[ast.expr]:
    """Everything a call is given, by position or by name."""
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def names_handed(place: Place) -> set[str]:
    """The names under which what a call is given may be called, without parameters of the function around."""
    found: set[str] = set()
    todo = arguments_of(place.node)
    while todo:
        given = todo.pop()
        if isinstance(given, ast.Lambda):
            found.add("<lambda>")
        elif isinstance(given, ast.Call) and name_called(given).endswith("partial"):
            todo += given.args[:1]
        elif isinstance(given, ast.Attribute):
            found.add(given.attr)
        elif isinstance(given, ast.Name) and given.id not in place.parameters:
            found.add(given.id)
    return found


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the function itself, not one inside it, yields."""
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, (*_FUNCTION, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return False
