"""What an operation names by number, apart from what it is: for comparing two versions of a scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tracer.reading.lowering import facts as op

PLACE_AT = [0] * len(op.NAMES)
"""For each operation where in its fact the number of its place stands; 0 for none."""
for _at, _kinds in (
    (2, (op.RAISE,)),
    (3, (op.ITER, op.ENTER, op.AWAIT, op.YIELDFROM, op.DELETE)),
    (4, (op.ATTR, op.SETATTR, op.CALL)),
    (5, (op.INDEX, op.SETINDEX, op.OPERATE, op.MATCHED)),
):
    for _kind in _kinds:
        PLACE_AT[_kind] = _at


class Operands(NamedTuple):
    """An operation taken apart.

    ``shape`` is all of it that is no number of something; ``variables`` are those of the own scope, what is
    written first (``written`` of them), and ``outer`` is one of the scope that many (``depth``) further out.
    ``code`` is the scope that is made, or whose variable is annotated; -1 for none.
    """

    shape: tuple[Any, ...]
    variables: tuple[int, ...]
    written: int = 1
    depth: int = 0
    outer: int = -1
    code: int = -1


def operands(fact: Sequence[Any]) -> Operands:
    """``fact``, taken apart. Lists in it (facts that were stored have them for tuples) count as tuples."""
    apart: Callable[[Any], Operands] = _APART[fact[0]]
    return apart(fact)


def _key(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key


def _names(pairs: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([pair[0] for pair in pairs])


def _second(pairs: Sequence[Any]) -> list[int]:
    return [pair[1] for pair in pairs]


def _func(fact: Any) -> Operands:
    kind, dst, code, defaults = fact
    return Operands((kind, _names(defaults)), (dst, *_second(defaults)), code=code)


def _class(fact: Any) -> Operands:
    kind, dst, code, bases, keywords = fact
    shape = kind, len(bases), _names(keywords)
    return Operands(shape, (dst, *bases, *_second(keywords)), code=code)


def _new(fact: Any) -> Operands:
    kind, dst, what, items = fact
    return Operands((kind, what, _names(items)), (dst, *(var for item in items for var in item[1:])))


def _annotate(fact: Any) -> Operands:
    kind, var, annotation = fact
    if isinstance(var, int):
        return Operands((kind,), (var, annotation))
    return Operands((kind, var[1]), (annotation,), 0, code=var[0])


def _format(fact: Any) -> Operands:
    kind, dst, parts = fact
    shape = kind, tuple([None if isinstance(part, int) else part for part in parts])
    return Operands(shape, (dst, *(part for part in parts if isinstance(part, int))))


_APART: tuple[Callable[[Any], Operands], ...] = (
    lambda f: Operands(f[:1], f[1:]),  # COPY
    lambda f: Operands((f[0], f[2]), f[1:2]),  # STR
    _func,
    _class,
    lambda f: Operands((f[0], f[2]), f[1:2]),  # GLOBAL
    lambda f: Operands(f[:2], f[2:], 0),  # GSTORE
    lambda f: Operands((f[0], f[2]), f[1:2], depth=f[2], outer=f[3]),  # FREE
    lambda f: Operands(f[:2], f[3:], 0, depth=f[1], outer=f[2]),  # FREESTORE
    lambda f: Operands((f[0], f[3]), f[1:3]),  # ATTR
    lambda f: Operands((f[0], f[2]), (f[1], f[3]), 0),  # SETATTR
    lambda f: Operands((f[0], _names(f[3]), f[5]), (f[1], f[2], *_second(f[3]))),  # CALL
    _new,
    lambda f: Operands((f[0], _key(f[3])), (f[1], f[2], f[4])),  # INDEX
    lambda f: Operands((f[0], _key(f[2])), (f[1], f[3], f[4]), 0),  # SETINDEX
    lambda f: Operands((f[0], f[4]), f[1:3]),  # ITER
    lambda f: Operands((f[0], _key(f[3])), f[1:3]),  # UNPACK
    lambda f: Operands((f[0], f[4]), f[1:3]),  # ENTER
    lambda f: Operands((f[0], f[4]), f[1:4]),  # OPERATE
    lambda f: Operands((f[0], *f[2:]), f[1:2]),  # IMPORT
    lambda f: Operands(f, (), 0),  # IMPORTSTAR
    lambda f: Operands(f[:1], f[1:3]),  # AWAIT
    lambda f: Operands(f[:1], f[1:3]),  # YIELDFROM
    _annotate,
    lambda f: Operands((f[0], f[2]), f[1:2]),  # LITERAL
    _format,
    lambda f: Operands(f[:1], f[1:2], 0),  # RAISE
    lambda f: Operands(f[:1], f[1:]),  # CAUGHT
    lambda f: Operands((f[0], f[2]), f[1:2], 0),  # DELETE
    lambda f: Operands((f[0], f[3]), (f[1], f[2], f[4])),  # REPLACE
    lambda f: Operands((f[0], f[4]), f[1:4], 2),  # NARROW
    lambda f: Operands((f[0], f[4]), f[1:4]),  # ONLY
    lambda f: Operands((f[0], f[4]), f[1:4]),  # MATCHED
    lambda f: Operands((f[0], _key(f[3]), f[4]), f[1:3]),  # BEGINS
)
