"""Which functions must be told apart by their callers.

A decorator or factory returns a function that remembers its arguments; a helper hands back what it was given.
If all callers of such a function shared one result, everything they pass would flow to all of them. Those
functions, and only those, are propagated once for each call site.
"""

from __future__ import annotations

from tracer.reading.lowering.facts import (
    ATTR,
    CALL,
    CLASS,
    FREE,
    FUNC,
    HANDING_ON,
    NEW,
    RETURN_VAR,
    SETATTR,
    Code,
)

_SMALL = 20
_SMALL_COPIER = 60
"""Facts that a helper may have which gives back a copy of what it was given."""
_COPYING = ("clone", "copy")
"""How the names of methods end that give a copy of the object."""
_SMALL_TEMPLATE = 40
"""Facts that a method may have which is propagated once for each class that has it."""
_SMALL_KEEPER = 10
"""Facts that a constructor may have which keeps what it is given, for each class that inherits it."""
_MAX_STEPS = 200
_CLOSURE_DEPTH = 6
_HELPER_DEPTH = 2


def context_depth(code: Code, codes: list[Code]) -> int:
    """How many levels of callers of ``code`` to tell apart; 0 where its result does not depend on them."""
    makers: dict[int, list[tuple[int, ...]]] = {}
    made: dict[int, int] = {}
    outside: set[int] = set()
    called: set[int] = set()
    copied: dict[int, int] = {}
    for op in code.ops:
        kind = op[0]
        if kind == FREE:
            outside.add(op[1])
        elif kind == ATTR and op[3].endswith(_COPYING):
            copied[op[1]] = op[2]
        elif kind in HANDING_ON:
            makers.setdefault(op[1], []).append((op[2],))
        elif kind == CALL:
            called.add(op[2])
            makers.setdefault(op[1], []).append((op[2], *(var for _, var in op[3])))
        elif kind == NEW:
            makers.setdefault(op[1], []).append(tuple(item[1] for item in op[3]))
        elif kind in (FUNC, CLASS):
            made[op[1]] = op[2]
            if kind == CLASS:
                makers.setdefault(op[1], []).append(tuple(op[3]))
    parameters = {parameter.var for parameter in code.parameters}
    if code.owner >= 0 and code.parameters:
        parameters.discard(code.parameters[0].var)
    depth = 0
    small = len(code.ops) <= _SMALL
    applies_outside = len(code.parameters) == 1 and code.parameters[0].kind == "n" and bool(outside & called)
    seen: set[int] = set()
    todo = [RETURN_VAR]
    while todo and len(seen) < _MAX_STEPS:
        var = todo.pop()
        if var in seen:
            continue
        seen.add(var)
        if var in made and code.captures and _reads_outside(codes, made[var]):
            return _CLOSURE_DEPTH
        if (small or applies_outside) and var in parameters:
            depth = _HELPER_DEPTH
        if var in copied and copied[var] in parameters and len(code.ops) <= _SMALL_COPIER:
            depth = _HELPER_DEPTH
        for sources in makers.get(var, ()):
            todo.extend(sources)
    return depth


def is_by_receiver(code: Code) -> bool:
    """Whether ``code`` returns or keeps in its receiver what something in the receiver makes.

    That is ``self.part = self.part_class()`` and ``return self._do()`` in a base class: what comes out is
    another thing in every class below. So is what a small constructor keeps, ``self.wrapped = wrapped``.
    """
    if code.owner < 0 or not code.parameters or len(code.ops) > _SMALL_TEMPLATE:
        return False
    receiver = code.parameters[0].var
    copies = [(op[1], op[2]) for op in code.ops if op[0] in HANDING_ON]
    read = {op[1] for op in code.ops if op[0] == ATTR and op[2] == receiver}
    if code.qualname.endswith(".__init__") and len(code.ops) <= _SMALL_KEEPER:
        given = {parameter.var for parameter in code.parameters[1:]}
        if any(op[0] == SETATTR and op[1] == receiver and op[3] in given for op in code.ops):
            return True
    made = {op[1] for op in code.ops if op[0] == CALL and op[2] in read}
    kept = {RETURN_VAR, *(op[3] for op in code.ops if op[0] == SETATTR and op[1] == receiver)}
    for target, source in reversed(copies):
        if target in kept:
            kept.add(source)
    return bool(made & kept)


def _reads_outside(codes: list[Code], index: int) -> bool:
    for at in range(index, len(codes)):
        code = codes[at]
        inside, up = at, 0
        while inside != index and inside >= 0:
            inside, up = codes[inside].parent, up + 1
        if inside != index:
            break
        if any(op[0] == FREE and op[2] > up for op in code.ops):
            return True
    return False
