"""Contracts on what the code can do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from tracer.model.graph import Call, CallGraph
from tracer.model.kinds import CallKind, Certainty
from tracer.model.paths import PathSearch
from tracer.regression.breaches import Breach
from tracer.regression.changes import Place
from tracer.regression.contract_file import (
    AtMost,
    Contract,
    Layers,
    MustPassThrough,
    Names,
    NeverReaches,
    OnlyBy,
    listed,
)
from tracer.regression.naming import Exceptions, NotThereError, members_named
from tracer.regression.scope import in_packages

ON = "static"
_LEAVING = frozenset(
    (
        CallKind.RPC_CAST,
        CallKind.RPC_CALL,
        CallKind.RPC_FANOUT,
        CallKind.REST,
        CallKind.PRIVSEP,
        CallKind.REMOTE_OBJECT,
    )
)
"""Calls that another process may run; a remote object's method runs where the database is."""
_WRAPPER = "<locals>"


class StaticContracts:
    """Checks contracts on a call graph.

    Args:
        graph: what was read.
    """

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.inside = [function.id for function in graph.functions() if function.file]

    def breaches(self, contract: Contract, exceptions: Exceptions) -> list[Breach]:
        """In which ways ``contract`` is broken.

        Raises:
            NotThereError: it names something that the graph does not have.
        """
        match contract:
            case MustPassThrough():
                return self._must_pass(contract, exceptions)
            case NeverReaches():
                return self._never_reaches(contract, exceptions)
            case OnlyBy():
                return self._only_by(contract, exceptions)
            case Layers():
                return self._layers(contract, exceptions)
            case AtMost():
                raise NotThereError("how often a request makes a call shows in recordings only")

    def _ids(self, names: Names) -> list[str]:
        return members_named(self.inside, listed(names))

    def _must_pass(self, contract: MustPassThrough, exceptions: Exceptions) -> list[Breach]:
        through = set(self._ids(contract.through))
        allowed = _staying(exceptions.forbid) if contract.directly else exceptions.forbid
        found = []
        for start in self._ids(contract.start):
            for goal in self._ids(contract.goal):
                if start in through or goal in through:
                    continue
                way = self.way(start, {goal}, through, allowed)
                if way:
                    missed = " or ".join(sorted(through))
                    found.append(self._breach(contract, f"{start} reaches {goal} without {missed}", way))
        return found

    def _never_reaches(self, contract: NeverReaches, exceptions: Exceptions) -> list[Breach]:
        if any(name.startswith("service:") for name in listed(contract.start)):
            raise NotThereError("which service runs a function shows in recordings only")
        goals = set(self._ids(contract.goal))
        found = []
        for start in self._ids(contract.start):
            allowed = _staying(exceptions.forbid) if contract.directly else exceptions.forbid
            if start not in goals and (way := self.way(start, goals, (), allowed)):
                directly = " without leaving its process" if contract.directly else ""
                found.append(self._breach(contract, f"{start} reaches {way[-1].callee}{directly}", way))
        return found

    def _only_by(self, contract: OnlyBy, exceptions: Exceptions) -> list[Breach]:
        goals, by = set(self._ids(contract.goal)), set(self._ids(contract.by))
        found = []
        for call in self.graph.calls():
            if call.callee not in goals or _WRAPPER in call.caller or not exceptions.forbid(call):
                continue
            if call.caller not in by:
                found.append(
                    self._breach(contract, f"{call.callee} is called by {call.caller} [{call.kind}]", [call])
                )
            elif contract.kind and call.kind != contract.kind:
                told = f"{call.callee} is called by {call.caller} as {call.kind}, not as {contract.kind}"
                found.append(self._breach(contract, told, [call]))
        return found

    def _layers(self, contract: Layers, exceptions: Exceptions) -> list[Breach]:
        if not any(in_packages(identity, contract.layers) for identity in self.inside):
            raise NotThereError("its layers are services, which show in recordings only")
        found = []
        for call in self.graph.calls():
            if call.certainty is Certainty.BY_NAME or (contract.kinds and call.kind not in contract.kinds):
                continue
            above, below = _layer(call.caller, contract.layers), _layer(call.callee, contract.layers)
            if above is not None and below is not None and below < above and exceptions.forbid(call):
                names = contract.layers
                told = f"{call.caller} calls {call.callee}: from {names[above]} back to {names[below]}"
                found.append(self._breach(contract, told, [call]))
        return found

    def _breach(self, contract: Contract, message: str, way: Sequence[Call]) -> Breach:
        shown = tuple(f"{call.caller} -> {call.callee} [{call.kind}] {call.file}:{call.line}" for call in way)
        return Breach(contract.name, contract.why, ON, message, shown, Place(way[-1].file, way[-1].line))

    def way(
        self, start: str, goals: Collection[str], avoid: Collection[str], allowed: Callable[[Call], bool]
    ) -> list[Call]:
        """The shortest way that a run could take from ``start`` to one of ``goals``; empty if there is none.

        What runs whatever it is handed leads on only to what was handed to it on the way.
        """
        search = PathSearch(self.graph, set(avoid) - set(goals), allowed)
        at = self.graph.index_of(start)
        reachable = search.reachable(at)
        for goal in sorted(goals):
            number = self.graph.index_of(goal)
            near = number in reachable or _WRAPPER in goal
            rows = search.shortest(at, number) if near else []
            if rows:
                return [self.graph.call_at(row) for row in rows]
        return []


def _staying(allowed: Callable[[Call], bool]) -> Callable[[Call], bool]:
    return lambda call: call.kind not in _LEAVING and allowed(call)


def _layer(identity: str, layers: Iterable[str]) -> int | None:
    """The layer of a function: the one with the longest name, where packages lie in each other."""
    fitting = [(len(name), at) for at, name in enumerate(layers) if in_packages(identity, (name,))]
    return max(fitting)[1] if fitting else None
