"""What one file says, compactly: its scopes and, for each, the flow facts the propagation works on.

A fact is a tuple whose first item is one of the operation numbers below. Variables are numbered per scope;
a variable is assigned once (loops and branches join through `COPY`), so the order of statements within a
scope is already resolved here and the propagation may take facts in any order.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

FACTS_VERSION: Final = 8
"""Raised whenever the meaning of facts changes: cached summaries of other versions are not read."""

COPY: Final = 0  # (dst, src)
STR: Final = 1  # (dst, string or small integer)
FUNC: Final = 2  # (dst, code, ((parameter name, default var), ...))
CLASS: Final = 3  # (dst, code, (base var, ...), ((keyword, var), ...))
GLOBAL: Final = 4  # (dst, name)
GSTORE: Final = 5  # (name, src)
FREE: Final = 6  # (dst, depth, var of that enclosing scope)
FREESTORE: Final = 7  # (depth, var of that enclosing scope, src)
ATTR: Final = 8  # (dst, base, name, line)
SETATTR: Final = 9  # (base, name, src, line)
CALL: Final = 10  # (dst, func, ((None | "*" | "**" | keyword, var), ...), line, mode)
NEW: Final = 11  # (dst, "list" | "tuple" | "set" | "dict", ((key | None | "*", var, key var), ...))
INDEX: Final = 12  # (dst, base, key | None, key var, line); a slice: its bounds as key, -2 as key var
SETINDEX: Final = 13  # (base, key | None, key var, src, line)
ITER: Final = 14  # (dst, base, line, is_async)
UNPACK: Final = 15  # (dst, base, index); of what a starred name takes: how many items it leaves at either end
ENTER: Final = 16  # (dst, base, line, is_async)
OPERATE: Final = 17  # (dst, left, right | -1, dunder, line)
IMPORT: Final = 18  # (dst, module, level, name | "")
IMPORTSTAR: Final = 19  # (module, level)
AWAIT: Final = 20  # (dst, src, line)
YIELDFROM: Final = 21  # (dst, src, line)
ANNOTATE: Final = 22  # (var, annotation var)
LITERAL: Final = 23  # (dst, name of the builtin type)
FORMAT: Final = 24  # (dst, (str | var, ...))
RAISE: Final = 25  # (src, line)
CAUGHT: Final = 26  # (dst, class var)
DELETE: Final = 27  # (base, attribute name | "", line)
REPLACE: Final = 28  # (dst, container, key, src): the container as it is after ``container[key] = src``
NARROW: Final = 29  # (dst of keys, dst of values, mapping, name): items whose values have that attribute
ONLY: Final = 30  # (dst, src, class var, keep): what is an instance of the class, or all but that
MATCHED: Final = 31  # (dst, base, class var, index, line): what a positional pattern of the class looks at
BEGINS: Final = 32  # (dst, src, (prefix, ...), keep): strings that begin so, or all but those

NAMES: Final = tuple(
    name for name, value in list(globals().items()) if name.isupper() and type(value) is int
)[1:]
"""The names of the operations, in order of their numbers."""

HANDING_ON: Final = (COPY, ONLY, BEGINS)
"""The operations that hand on what their second variable holds, or a part of it."""

MODE_CALL: Final = 0
MODE_DECORATOR: Final = 1

RETURN_VAR: Final = 0
YIELD_VAR: Final = 1
SENT_VAR: Final = 2
FIRST_FREE_VAR: Final = 3


class Parameter(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A parameter: its name, its variable and how it takes arguments.

    ``kind`` is ``p`` positional only, ``n`` normal, ``k`` keyword only, ``*`` the rest of the
    positional, ``**`` the
    rest of the keyword arguments.
    """

    name: str
    var: int
    kind: str


class Code(msgspec.Struct, array_like=True, gc=False):
    """One scope: a module body, class body, function, lambda or generator expression.

    ``qualname`` is Python's own (``f.<locals>.<lambda>``; a module body is ``<module>``). ``parent`` and
    ``owner``
    are indexes into `FileFacts.codes`: the enclosing scope and, for a method, its class body; -1 for none.
    """

    qualname: str
    kind: str
    line: int
    parent: int
    owner: int
    parameters: list[Parameter] = []
    variables: int = FIRST_FREE_VAR
    ops: list[tuple[Any, ...]] = []
    exports: list[tuple[str, int]] = []
    """Class bodies: the names bound at their end."""
    annotated: list[str] = []
    """Class bodies: the names annotated in them, in order: the fields of a record."""
    generator: bool = False
    asynchronous: bool = False
    captures: bool = False
    """A nested scope reads this scope's variables."""
    contextual: int = 0
    """How deep callers are told apart: what it returns depends on them (closures over its parameters, or
    parameters handed back)."""
    by_receiver: bool = False
    """What it returns, or keeps in its receiver, is made by what an attribute of the receiver holds: another
    thing in every class."""
    unsure: list[tuple[int, int]] = []
    """Ranges (first, behind the last) of ``ops`` that may run not at all or several times."""


class FileFacts(msgspec.Struct, array_like=True, gc=False):
    """The summary of one file; ``codes[0]`` is the module body.

    ``stores`` are the names bound at module level (by its body, or by functions that declare them
    global), ``public``
    the literal ``__all__`` if there is one.
    """

    codes: list[Code]
    stores: list[str]
    public: list[str] | None


class FilePlaces(msgspec.Struct, array_like=True, gc=False):
    """Where in a file the things stand that its `FileFacts` speak of.

    ``lines`` has the 1-based line of every place; what is called ``line`` in facts is an index into it.
    ``count`` is how many lines the file has.
    """

    lines: list[int]
    count: int
