"""Small graphs to be drawn, read ones and recorded ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from reports.graph.build import build_view
from reports.graph.choice import Unit, Wish
from reports.graph.material import Material, Station, Way, from_source
from reports.graph.view import View
from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty
from tracer.model.overlaid import Standing

SHOP = (
    ("shop.web:Counter.order", "shop.web:Counter.check", CallKind.CALL),
    ("shop.web:Counter.order", "shop.desk:Desk.take", CallKind.CALL),
    ("shop.desk:Desk.take", "shop.desk:Desk.weigh", CallKind.SUPER),
    ("shop.desk:Desk.take", "shop.desk:note", CallKind.CALLBACK),
    ("shop.desk:Desk.take", "depot.store:Store.pack", CallKind.RPC_CALL),
    ("shop.desk:Desk.take", "depot.store:Store.label", CallKind.RPC_CAST),
    ("depot.store:Store.pack", "depot.crane:Crane.lift", CallKind.SPAWN),
    ("depot.store:Store.pack", "depot.store:Store.pack.<locals>.<lambda>", CallKind.CALL),
    ("depot.crane:Crane.lift", "libcrane:Hook.pull", CallKind.NATIVE),
    ("depot.crane:Crane.lift", "depot.motors:Motor.run", CallKind.PLUGIN),
    ("depot.motors:Motor.run", "depot.rights:raise_right", CallKind.PRIVSEP),
    ("depot.motors:Motor.run", "power.web:Grid.take", CallKind.REST),
    ("depot.store:Store.label", "shop.objects:Label.save", CallKind.REMOTE_OBJECT),
    ("shop.objects:Label.save", "shop.desk:Desk.take", CallKind.CALL),
    ("depot.store:Store.label", "depot.store:Store.tell", CallKind.RPC_FANOUT),
)
"""An order in a shop: caller, callee, kind."""


def call_graph(calls: Iterable[tuple[str, str, CallKind]], label: str = "shop=2.1") -> CallGraph:
    """A graph that could have been read."""
    listed = list(calls)
    names = sorted({name for caller, callee, _ in listed for name in (caller, callee)})
    functions = [
        Function(name, f"{name.partition(':')[0].replace('.', '/')}.py", number + 1)
        for number, name in enumerate(names)
    ]
    made = [
        Call(caller, callee, "", number + 1, kind, Certainty.EXACT, "direct")
        for number, (caller, callee, kind) in enumerate(listed)
    ]
    return CallGraph(GraphSummary(label, 1, len(names), 1, Sites()), functions, made)


def shop() -> Material:
    """The shop as it was read."""
    return from_source(call_graph(SHOP))


def compared_shop() -> Material:
    """The shop with a recording laid over it: the first ways were seen, the others only predicted."""
    plain = shop()
    services = {"shop": "nova-api", "depot": "nova-compute"}
    ran = {end for way in plain.ways[:9] for end in (way.caller, way.callee)}
    stations = [
        Station(one.function, services.get(one.function.module.partition(".")[0], "qemu"), 3)
        if number in ran
        else one
        for number, one in enumerate(plain.stations)
    ]
    standings = [Standing.CONFIRMED] * 5 + [Standing.UNPREDICTED] * 4
    ways = [
        Way(
            way.caller,
            way.callee,
            way.kind,
            standing,
            times=3 * (standing is not Standing.NOT_TAKEN),
            sites=1,
        )
        for way, standing in zip(plain.ways, standings + [Standing.NOT_TAKEN] * len(plain.ways), strict=False)
    ]
    return Material(
        plain.label, plain.versions, stations, ways, functions=plain.functions, recordings=1, compared=True
    )


def random_graph(size: int, calls: int, seed: int = 1) -> CallGraph:
    """A large graph of no meaning."""
    draw = random.Random(seed)
    names = [f"pack{n % 9}.part{n % 61}.mod{n % 211}:Class{n % 700}.method_{n}" for n in range(size)]
    kinds = [CallKind.CALL] * 12 + list(CallKind)
    return call_graph(
        (names[draw.randrange(size)], names[draw.randrange(size)], draw.choice(kinds)) for _ in range(calls)
    )


def named_graph(names: Sequence[str]) -> CallGraph:
    """A ring of functions with these names in modules with these names, in order."""
    ids = [f"m{number}.{name.replace(':', ' ')}:{name}" for number, name in enumerate(names)]
    return call_graph((one, other, CallKind.CALL) for one, other in zip(ids, [*ids[1:], ids[0]], strict=True))


def view_of(material: Material, **wish: object) -> View:
    """The picture of ``material`` that these wishes ask for."""
    return build_view(material, Wish(**wish))  # type: ignore[arg-type]


UNITS = (Unit.NONE, Unit.CLASS, Unit.MODULE)
