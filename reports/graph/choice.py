"""Which functions and ways a picture is about, and how near each of them is to what was asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from reports.graph.material import Material, Way
from tracer.model.function import Function
from tracer.model.kinds import CallKind
from tracer.model.names import NameProblemError, one_of, plain
from tracer.model.overlaid import Standing
from tracer.terminal.errors import UserError
from tracer.terminal.wording import counted

Neighbours = Mapping[int, Sequence[int]]


class Unit(StrEnum):
    """What one box of a picture stands for."""

    MODULE = "module"
    CLASS = "class"
    SERVICE = "service"
    NONE = "none"
    """Each function for itself."""


@dataclass(frozen=True)
class Wish:
    """What of a graph shall be shown.

    Names may be short. ``depth`` is how many calls away from ``start``, ``goal`` or ``around`` to go; with
    both ``start`` and ``goal`` how many calls more than the shortest way a way may take; None for any number.
    ``services``, ``kinds`` and ``hide`` are empty for no such wish; ``hide`` are patterns as in a shell, for
    function ids. ``most`` is how many boxes a picture may hold, 0 for any number.
    """

    start: str = ""
    goal: str = ""
    around: str = ""
    depth: int | None = None
    services: frozenset[str] = frozenset()
    kinds: frozenset[CallKind] = frozenset()
    hide: tuple[str, ...] = ()
    only_seen: bool = False
    unfold: bool = False
    """Draw each of what could have run and did not."""
    unit: Unit = Unit.NONE
    most: int = 200


@dataclass
class Choice:
    """What is shown: stations with their distance from what was asked for, ways by index, words on the rest.

    ``level`` is how many calls a station is below where the picture begins; empty where it begins nowhere.
    ``ends`` are the stations that were asked for by name. ``focus`` says in words where the picture looks.
    """

    distance: dict[int, int]
    level: dict[int, int]
    ways: list[int]
    ends: frozenset[int] = frozenset()
    focus: str = ""
    statements: list[str] = field(default_factory=list)

    def within(self, material: Material, most: int) -> Choice:
        """The part of it whose distance is at most ``most``."""
        near = {one: far for one, far in self.distance.items() if far <= most}
        ways = [
            number
            for number in self.ways
            if material.ways[number].caller in near and material.ways[number].callee in near
        ]
        return Choice(near, self.level, ways, self.ends, self.focus, list(self.statements))

    def onward(self, material: Material) -> Choice:
        """The same without ways between those that are equally far; these are counted."""
        ways = [
            number
            for number in self.ways
            if self.level[material.ways[number].callee] - self.level[material.ways[number].caller] == 1
        ]
        lost = len(self.ways) - len(ways)
        said = f"{lost:,} calls between those that are equally far, or back, are not drawn; --depth shows."
        return Choice(self.distance, self.level, ways, self.ends, self.focus, [*self.statements, said])


def choose(material: Material, wish: Wish) -> Choice:
    """The part of ``material`` that ``wish`` asks for.

    Raises:
        UserError: when a name is not in it or means several functions, or nothing is left.
    """
    statements: list[str] = []
    allowed = _allowed_stations(material, wish, statements)
    ways = [
        number
        for number, way in enumerate(material.ways)
        if way.caller in allowed and way.callee in allowed and _is_wanted(way, wish)
    ]
    starts, goals = _named(material, wish.start, allowed), _named(material, wish.goal, allowed)
    centres = _named(material, wish.around, allowed)
    below, above = _neighbours(material, ways)
    if wish.around:
        forth, back = _distances(centres, below, wish.depth), _distances(centres, above, wish.depth)
        distance = {one: min(forth.get(one, _FAR), back.get(one, _FAR)) for one in {*forth, *back}}
        level = {one: -steps for one, steps in back.items() if steps < forth.get(one, _FAR)}
        level = forth | level
        focus = f"around {short(wish.around)}"
    elif starts and goals:
        distance, level = _between(starts, goals, below, above, wish)
        focus = f"from {short(wish.start)} to {short(wish.goal)}"
    elif starts or goals:
        distance = _distances(starts or goals, below if starts else above, wish.depth)
        level = {one: steps if starts else -steps for one, steps in distance.items()}
        focus = f"from {short(wish.start)}" if starts else f"to {short(wish.goal)}"
    else:
        distance = _by_importance(material, ways)
        level = {}
        focus = ""
        alone = len(allowed) - len(distance)
        if alone:
            statements.append(f"{_functions(alone)} neither called nor calling anything here: not drawn.")
    if not distance:
        raise UserError(
            "Nothing is left to draw.", "Ask for more: fewer of the options that leave things out."
        )
    kept = [
        number
        for number in ways
        if material.ways[number].caller in distance and material.ways[number].callee in distance
    ]
    return Choice(distance, level, kept, frozenset([*starts, *goals, *centres]), focus, statements)


_FAR = 1 << 30


def short(name: str) -> str:
    """The last two words of a function's name, as people say it."""
    words = plain(name).split(".")
    return ".".join(words[-2:])


def _allowed_stations(material: Material, wish: Wish, statements: list[str]) -> set[int]:
    services = {station.service for station in material.stations}
    unknown = sorted(wish.services - services)
    if unknown:
        known = sorted(services - {""})
        raise UserError(
            f"{', '.join(unknown)}: no such service in {material.label}.",
            f"There are {', '.join(known)}."
            if known
            else "Source alone knows no services; give a recording.",
        )
    allowed: set[int] = set()
    hidden = 0
    for number, station in enumerate(material.stations):
        if wish.services and station.service not in wish.services:
            continue
        if any(fnmatchcase(station.function.id, pattern) for pattern in wish.hide):
            hidden += 1
            continue
        allowed.add(number)
    if wish.hide:
        statements.append(f"{_functions(hidden)} hidden by {', '.join(wish.hide)}.")
    return allowed


def _is_wanted(way: Way, wish: Wish) -> bool:
    if wish.kinds and way.kind not in wish.kinds:
        return False
    return not (wish.only_seen and way.standing is Standing.NOT_TAKEN)


def _named(material: Material, name: str, allowed: set[int]) -> list[int]:
    if not name:
        return []
    functions = {station.function.id: station.function for station in material.stations}
    found = named_function(functions, name)
    stations = [number for number in material.by_id[found] if number in allowed]
    if not stations:
        raise UserError(f"{found} is left out by --service or --hide.")
    return stations


def named_function(functions: Mapping[str, Function], name: str) -> str:
    """The id among ``functions`` that ``name`` stands for; those with a source file win over others.

    Raises:
        UserError: when it stands for none, or for several.
    """
    try:
        return one_of(functions, name, lambda identity: bool(functions[identity].file))
    except NameProblemError as problem:
        details = problem.lines(functions.__getitem__)
        raise UserError(f"{problem}.", problem.remedy, details=details) from problem


def _neighbours(material: Material, ways: Iterable[int]) -> tuple[Neighbours, Neighbours]:
    below: dict[int, list[int]] = {}
    above: dict[int, list[int]] = {}
    for number in ways:
        way = material.ways[number]
        below.setdefault(way.caller, []).append(way.callee)
        above.setdefault(way.callee, []).append(way.caller)
    return below, above


def _distances(
    starts: Iterable[int], neighbours: Neighbours, most: int | None, ends: Collection[int] = ()
) -> dict[int, int]:
    """How many steps it is from the nearest of ``starts``, going no further than ``ends``."""
    distance = dict.fromkeys(starts, 0)
    waiting = deque(distance)
    while waiting:
        at = waiting.popleft()
        if at in ends or (most is not None and distance[at] >= most):
            continue
        for near in neighbours.get(at, ()):
            if near not in distance:
                distance[near] = distance[at] + 1
                waiting.append(near)
    return distance


def _between(
    starts: Sequence[int], goals: Sequence[int], below: Neighbours, above: Neighbours, wish: Wish
) -> tuple[dict[int, int], dict[int, int]]:
    """By how many calls the shortest way over each station is longer than the shortest of all; and how many
    calls it is from the start."""
    forth = _distances(starts, below, None, set(goals) - set(starts))
    back = _distances(goals, above, None, set(starts) - set(goals))
    shortest = min((forth[goal] for goal in goals if goal in forth), default=-1)
    if shortest < 0:
        raise UserError(
            f"No way leads from {wish.start} to {wish.goal}.",
            "Try the other direction, or leave out fewer calls.",
        )
    longer = {one: forth[one] + back[one] - shortest for one in forth if one in back}
    return {one: more for one, more in longer.items() if wish.depth is None or more <= wish.depth}, forth


def _by_importance(material: Material, ways: Iterable[int]) -> dict[int, int]:
    """Every station with a way, nearest first those that most others meet; what was not read comes last."""
    met: dict[int, set[int]] = {}
    for number in ways:
        way = material.ways[number]
        if way.caller != way.callee:
            met.setdefault(way.caller, set()).add(way.callee)
            met.setdefault(way.callee, set()).add(way.caller)
    weight: Callable[[int], tuple[bool, int]] = lambda one: (  # noqa: E731
        not material.stations[one].function.file,
        -len(met[one]),
    )
    order = {key: place for place, key in enumerate(sorted({weight(one) for one in met}))}
    return {one: order[weight(one)] for one in met}


def _functions(count: int) -> str:
    return counted(count, "function is", "functions are")
