"""Puts functions together into boxes, and the ways between them into arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from reports.graph.choice import Choice, Unit, short
from reports.graph.material import Material, Station, Way
from tracer.model.kinds import CallKind, Certainty, lane_order
from tracer.model.overlaid import Standing

_SURENESS = tuple(Certainty)
_EXAMPLES = 6
LIKE_CALLS = frozenset({CallKind.SUPER, CallKind.PROPERTY, CallKind.DECORATOR, CallKind.CONTEXT})
"""Kinds that are drawn as plain calls."""


@dataclass
class Box:
    """Functions that are drawn as one."""

    key: tuple[str, str, str]
    """Service, module and name."""
    members: list[Station] = field(default_factory=list)
    distance: int = 1 << 30
    level: int | None = None
    asked: bool = False
    inside: int = 0
    folded: int = 0

    @property
    def was_read(self) -> bool:
        """Whether the source of one of its functions is known."""
        return any(member.function.file for member in self.members)

    @property
    def times(self) -> int:
        """How often its functions were called."""
        return sum(member.times for member in self.members)


@dataclass
class Arrow:
    """Ways of one kind that are drawn as one."""

    kind: CallKind
    ways: list[Way] = field(default_factory=list)

    @property
    def standing(self) -> Standing:
        """What the best known of its ways is."""
        present = {way.standing for way in self.ways}
        return next(standing for standing in _BEST_KNOWN if standing in present)

    @property
    def times(self) -> int:
        """How often its ways were taken."""
        return sum(way.times for way in self.ways)

    @property
    def certainty(self) -> Certainty | None:
        """That of the surest rule."""
        known = [way.certainty for way in self.ways if way.certainty is not None]
        return min(known, key=_SURENESS.index) if known else None

    def examples(self, material: Material) -> tuple[str, ...]:
        """Some of the ways in words: caller, callee, kind and what is known."""
        stations = material.stations
        ordered = sorted(
            self.ways,
            key=lambda way: (-way.times, stations[way.caller].function.id, stations[way.callee].function.id),
        )
        said = [_said(way, stations[way.caller], stations[way.callee]) for way in ordered[:_EXAMPLES]]
        if len(ordered) > _EXAMPLES:
            said.append(f"and {len(ordered) - _EXAMPLES:,} more")
        return tuple(said)


_BEST_KNOWN = (Standing.CONFIRMED, Standing.UNPREDICTED, Standing.NOT_TAKEN)
Arrows = dict[tuple[int, int, CallKind], Arrow]


def gather(material: Material, choice: Choice, unit: Unit) -> tuple[list[Box], Arrows]:
    """The boxes, in order of service and name, and the arrows between them by tail, head and kind."""
    key_of = _KEYS[unit]
    boxes: dict[tuple[str, str, str], Box] = {}
    for number, distance in sorted(choice.distance.items()):
        station = material.stations[number]
        box = boxes.setdefault(key_of(station), Box(key_of(station)))
        box.members.append(station)
        box.distance = min(box.distance, distance)
        level = choice.level.get(number)
        if level is not None:
            box.level = level if box.level is None else min(box.level, level)
        box.asked = box.asked or number in choice.ends
    ordered = sorted(boxes.values(), key=lambda box: (lane_order(box.key[0]), box.key))
    place = {box.key: number for number, box in enumerate(ordered)}
    of_station = {number: place[key_of(material.stations[number])] for number in choice.distance}
    return ordered, _arrows(ordered, (material.ways[one] for one in choice.ways), of_station)


def _arrows(boxes: list[Box], ways: Iterable[Way], of_station: dict[int, int]) -> Arrows:
    arrows: Arrows = {}
    for way in ways:
        tail, head = of_station[way.caller], of_station[way.callee]
        if tail == head:
            boxes[tail].inside += 1
            continue
        kind = CallKind.CALL if way.kind in LIKE_CALLS else way.kind
        arrows.setdefault((tail, head, kind), Arrow(kind)).ways.append(way)
    return dict(sorted(arrows.items()))


def class_of(qualname: str) -> str:
    """The class that a function is a method of, or stands in; empty for none."""
    return qualname.partition(".<locals>")[0].rpartition(".")[0]


def _by_function(station: Station) -> tuple[str, str, str]:
    return station.service, station.function.module, station.function.qualname


def _by_class(station: Station) -> tuple[str, str, str]:
    return station.service, station.function.module, class_of(station.function.qualname)


def _by_module(station: Station) -> tuple[str, str, str]:
    package, _, name = station.function.module.rpartition(".")
    return station.service, package, name


def _by_service(station: Station) -> tuple[str, str, str]:
    return station.service, "", ""


_KEYS: dict[Unit, Callable[[Station], tuple[str, str, str]]] = {
    Unit.NONE: _by_function,
    Unit.CLASS: _by_class,
    Unit.MODULE: _by_module,
    Unit.SERVICE: _by_service,
}


def _said(way: Way, caller: Station, callee: Station) -> str:
    words = f"{short(caller.function.id)} → {short(callee.function.id)} ({way.kind}"
    if way.line:
        words += f", line {way.line}"
    if way.times:
        words += f", taken {way.times:,} ×"
    if way.reason:
        words += f", not predicted: {way.reason}"
    if way.through:
        words += f", through {', '.join(map(short, way.through))}"
    return words + ")"
