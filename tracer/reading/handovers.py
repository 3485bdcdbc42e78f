"""Who calls what only because somebody handed it over.

A function that calls its parameter calls whatever any caller passes. Which of those calls a run can make
depends on who is asking: only what the asking caller passed comes out. For every call of a parameter (the
function's own, or of the function around it while that one runs), this says for each callee who handed it in
and to whom; `tracer.model.paths` takes such steps behind their givers only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from operator import itemgetter
from typing import NamedTuple

from tracer.model.paths import Handover
from tracer.reading.flow.objects import BoundObj, Container, FuncObj, Obj, PartialObj, Wrapped
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef, Site
from tracer.reading.lowering.facts import CALL, FREE, HANDING_ON, MODE_CALL, RETURN_VAR

_MOST_GIVERS = 64


def handovers(engine: Propagation, taken: Taken) -> Iterator[Handover]:
    """All hand-overs of a finished propagation, in no order that matters."""
    yield from engine.handed_over
    yield from _on_behalf(engine)
    if not taken.callers:
        return
    wanted = {number: name for number, name in taken.named.items() if name in taken.callers}
    inside = {
        value.id: names
        for value in engine.objects
        if type(value) is Container
        and value.kind != "dict"
        and (names := [wanted[number] for number in engine.numbers(value.everything) if number in wanted])
    }
    given: dict[str, dict[tuple[str, str], None]] = {}
    for code, calls in taken.calling:
        giver = runs_in(code).id
        for site, number in calls:
            for name in _handed(engine, code, number, taken.passing[code.gid], wanted, inside):
                known = given.setdefault(name, {})
                if len(known) <= _MOST_GIVERS:
                    known.update(dict.fromkeys((giver, taker) for taker in site.callees))
    for callee, callers in taken.callers.items():
        givers = list(given.get(callee, {}))
        if 0 < len(givers) <= _MOST_GIVERS:
            for caller in callers:
                for giver, taker in givers:
                    yield Handover(caller, callee, giver, taker)


def hands_over(engine: Propagation, code: CodeRef, first: int, taken: Collection[str]) -> bool:
    """Whether a call in ``code``, of those from number ``first`` on, calls what was handed over, or hands
    over something that is called for that reason.

    Args:
        engine: a finished propagation.
        code: the scope.
        first: the number of the first operation that is looked at.
        taken: the functions that are called because they were handed over.
    """
    calls = _calls(code, first)
    if not calls:
        return False
    passing: dict[int, set[int]] = {}
    own = _parameters(code, passing, lambda outer: False)
    for _, number in calls:
        fact = code.code.ops[number]
        for var in (fact[2], *(var for _, var in fact[3])):
            for instance in code.instances.values():
                for value in engine.held(engine.variable(instance, var)):
                    held = engine.held(value.everything) if isinstance(value, Container) else [value]
                    named = [found.id for one in held if (found := code_of(one)) is not None]
                    if named and (var in own or any(name in taken for name in named)):
                        return True
    return False


class Taken(NamedTuple):
    """Which functions are called because they were handed over, and by whom.

    ``callers`` has for each such function those that call it; ``calling`` are the calls that each scope
    makes, ``passing`` its variables, by its number, that hold what callers pass, and ``named`` the functions
    that values are, by the values' numbers.
    """

    callers: dict[str, dict[str, None]]
    calling: list[tuple[CodeRef, list[tuple[Site, int]]]]
    passing: dict[int, set[int]]
    named: dict[int, str]


def all_taken(engine: Propagation) -> Taken:
    """What a finished propagation knows of functions that are called because they were handed over."""
    named = {value.id: code.id for value in engine.objects if (code := code_of(value)) is not None}
    taken: dict[str, dict[str, None]] = {}
    passing: dict[int, set[int]] = {}
    returns_nested: dict[int, bool] = {}

    def gives_nested(outer: CodeRef) -> bool:
        if outer.gid not in returns_nested:
            returns_nested[outer.gid] = _returns_nested(engine, outer, named)
        return returns_nested[outer.gid]

    calling = [(code, calls) for code in engine.codes[1:] if (calls := _calls(code, 0))]
    for code, calls in calling:
        own = _parameters(code, passing, gives_nested)
        for site, number in calls if own else ():
            _note_taken(engine, code, site, number, own, named, taken)
    return Taken(taken, calling, passing, named)


def _on_behalf(engine: Propagation) -> Iterator[Handover]:
    """What a scope, told apart by its callers, calls for some of them."""
    if not engine.on_behalf:
        return
    instances = {found.id: found for code in engine.codes for found in code.instances.values()}
    for (caller, callee), entered in engine.on_behalf.items():
        givers: dict[str, None] = {}
        for instance in entered.values():
            key = next(key for key, found in instance.code.instances.items() if found is instance)
            if not isinstance(key, tuple) or key[1] not in instances:
                givers = {}
                break
            givers[instances[key[1]].code.id] = None
        for giver in givers:
            yield Handover(caller, callee, giver, caller)


def code_of(value: Obj) -> CodeRef | None:
    """The scope that calling ``value`` enters, as far as it is a function in some wrapping."""
    while True:
        if type(value) is FuncObj:
            return value.code
        if type(value) is Wrapped:
            value = value.inner
        elif type(value) is BoundObj or type(value) is PartialObj:
            value = value.func
        else:
            return None


def runs_in(code: CodeRef) -> CodeRef:
    """Whose call it is: what a class body calls, the scope calls in which the class statement stands."""
    while code.code.kind == "class":
        code = code.module.codes[code.code.parent]
    return code


def _calls(code: CodeRef, first: int) -> list[tuple[Site, int]]:
    """The calls in ``code`` that call something read, and the numbers of their facts, from ``first`` on."""
    ops = code.code.ops
    return [
        (site, number)
        for number, site in sorted(code.sites.items(), key=itemgetter(0))
        if site.callees
        and first <= number < len(ops)
        and ops[number][0] == CALL
        and ops[number][5] == MODE_CALL
    ]


def _parameters(
    code: CodeRef, passing: dict[int, set[int]], gives_nested: Callable[[CodeRef], bool]
) -> set[int]:
    """The variables of what callers pass: parameters, and those of the function around it, unless it gives
    what is nested in it. Kept in ``passing``."""
    if code.gid in passing:
        return passing[code.gid]
    found = {parameter.var for parameter in code.code.parameters[code.code.owner >= 0 :]}
    codes = code.module.codes
    for fact in code.code.ops:
        if fact[0] == FREE:
            outer = code
            for _ in range(fact[2]):
                outer = codes[outer.code.parent]
            if fact[3] in _parameters(outer, passing, gives_nested) and not gives_nested(outer):
                found.add(fact[1])
        elif fact[0] in HANDING_ON and fact[2] in found:
            found.add(fact[1])
    passing[code.gid] = found
    return found


def _returns_nested(engine: Propagation, code: CodeRef, named: dict[int, str]) -> bool:
    inside = f"{code.id}.<locals>."
    return any(
        named[value].startswith(inside)
        for instance in code.instances.values()
        for value in engine.numbers(instance.base + RETURN_VAR)
        if value in named
    )


def _note_taken(
    engine: Propagation,
    code: CodeRef,
    site: Site,
    number: int,
    own: set[int],
    named: dict[int, str],
    taken: dict[str, dict[str, None]],
) -> None:
    fact = code.code.ops[number]
    used = [var for var in (fact[2], *(var for _, var in fact[3])) if var in own]
    if not used:
        return
    values: set[int] = set()
    for instance in code.instances.values():
        for var in used:
            values.update(engine.numbers(engine.variable(instance, var)))
    names = {named[value] for value in values & named.keys()}
    for callee in site.callees:
        if callee in names:
            taken.setdefault(callee, {})[runs_in(code).id] = None


def _handed(
    engine: Propagation,
    code: CodeRef,
    number: int,
    own: set[int],
    wanted: dict[int, str],
    inside: dict[int, list[str]],
) -> Iterator[str]:
    """What a call hands over that is not just handed on."""
    variables = [var for _, var in code.code.ops[number][3] if var not in own]
    if not variables:
        return
    values: set[int] = set()
    for instance in code.instances.values():
        for var in variables:
            values.update(engine.numbers(engine.variable(instance, var)))
    for value in values & wanted.keys():
        yield wanted[value]
    for holder in values & inside.keys():
        yield from inside[holder]
