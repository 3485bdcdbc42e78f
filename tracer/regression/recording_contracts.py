"""Contracts on what a request did."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from tracer.model.kinds import CallKind, Link
from tracer.model.observed import KIND_OF_LINK
from tracer.model.request_tree import RequestTree, Span
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

_SERVICE = "service:"


class RecordingContracts:
    """Checks contracts on a recorded request.

    Args:
        tree: the request.
        on: what to call the recording.
    """

    def __init__(self, tree: RequestTree, on: str) -> None:
        self.tree, self.on = tree, on
        self.ids = [function.id for function in tree.functions]

    @cached_property
    def _ran(self) -> list[str]:
        return sorted({self.ids[span.function] for span in self.tree.spans})

    def breaches(self, contract: Contract, exceptions: Exceptions) -> list[Breach]:
        """In which ways ``contract`` is broken, each once.

        Raises:
            NotThereError: it is about something that the request did not come to.
        """
        match contract:
            case MustPassThrough():
                found = self._must_pass(contract, exceptions)
            case NeverReaches():
                found = self._never_reaches(contract, exceptions)
            case OnlyBy():
                found = self._only_by(contract, exceptions)
            case Layers():
                found = self._layers(contract, exceptions)
            case AtMost():
                found = self._at_most(contract)
        return list({breach.message: breach for breach in found}.values())

    def _functions(self, names: Names, *, there: bool = True) -> set[int]:
        try:
            meant = set(members_named(self._ran, listed(names)))
        except NotThereError:
            if there:
                raise
            return set()
        return {number for number, identity in enumerate(self.ids) if identity in meant}

    def _spans(self, functions: Collection[int]) -> Iterator[Span]:
        return (span for span in self.tree.spans if span.function in functions)

    def _must_pass(self, contract: MustPassThrough, exceptions: Exceptions) -> Iterator[Breach]:
        starts, goals = self._functions(contract.start), self._functions(contract.goal)
        through = set().union(*(self._functions(name, there=False) for name in listed(contract.through)))
        for span in self._spans(goals):
            way = [span]
            for above in self.tree.ancestors(span):
                if contract.directly and way[-1].link not in (Link.PLAIN, Link.SPAWN):
                    break
                way.append(above)
                if above.function in through:
                    break
                if above.function in starts:
                    if not self._excepted(way, exceptions):
                        missed = " or ".join(listed(contract.through))
                        told = f"{self._id(above)} reached {self._id(span)} without {missed}"
                        yield self._breach(contract, told, way)
                    break

    def _never_reaches(self, contract: NeverReaches, exceptions: Exceptions) -> Iterator[Breach]:
        goals = self._functions(contract.goal, there=False)
        services = {
            name.removeprefix(_SERVICE) for name in listed(contract.start) if name.startswith(_SERVICE)
        }
        missing = services - set(self.tree.services)
        if missing:
            raise NotThereError(f"the request did not come to {', '.join(sorted(missing))}")
        named = [name for name in listed(contract.start) if not name.startswith(_SERVICE)]
        starts = self._functions(named) if named else set()
        for span in self._spans(goals):
            if span.service in services and not self._excepted([span], exceptions):
                yield self._breach(contract, f"{span.service} ran {self._id(span)}", [span])
            way = [span]
            for above in self.tree.ancestors(span):
                if contract.directly and way[-1].link not in (Link.PLAIN, Link.SPAWN):
                    break
                way.append(above)
                if above.function in starts:
                    if not self._excepted(way, exceptions):
                        yield self._breach(contract, f"{self._id(above)} reached {self._id(span)}", way)
                    break

    def _only_by(self, contract: OnlyBy, exceptions: Exceptions) -> Iterator[Breach]:
        """The caller is the nearest above a link that is one of ``by``, or the nearest outside of
        wrappers."""
        goals = self._functions(contract.goal)
        by = set().union(*(self._functions(name, there=False) for name in listed(contract.by)))
        for span in self._spans(goals):
            kind, way = CallKind.CALL, [span]
            for above in self.tree.ancestors(span):
                link = KIND_OF_LINK[way[-1].link]
                if link is not CallKind.CALL:
                    if kind is not CallKind.CALL:
                        break
                    kind = link
                way.append(above)
                if above.function in by:
                    break
            caller = way[-1] if way[-1].function in by else next(iter(way[1:]), span)
            if self._excepted([span, caller], exceptions):
                continue
            if caller.function not in by:
                yield self._breach(
                    contract, f"{self._id(span)} was called by {self._id(caller)}", [span, caller]
                )
            elif contract.kind and kind != contract.kind:
                told = f"{self._id(span)} was called by {self._id(caller)} as {kind}, not as {contract.kind}"
                yield self._breach(contract, told, way)

    def _layers(self, contract: Layers, exceptions: Exceptions) -> Iterator[Breach]:
        services = {name: at for at, layer in enumerate(contract.layers) for name in layer.split(" | ")}
        present = [name for name in services if name in self.tree.services]
        packages = not present and any(in_packages(identity, contract.layers) for identity in self._ran)
        if len(present) < 2 and not packages:
            raise NotThereError("fewer than two of its layers took part in the request")
        for span in self.tree.spans:
            above = self.tree.parent(span)
            kind = KIND_OF_LINK[span.link]
            if above is None or (contract.kinds and kind not in contract.kinds):
                continue
            upper = self._layer(above, services, contract.layers, packages)
            lower = self._layer(span, services, contract.layers, packages)
            if upper is None or lower is None or lower >= upper or self._excepted([span, above], exceptions):
                continue
            told = (
                f"{contract.layers[upper]} goes back to {contract.layers[lower]}: "
                f"{self._id(above)} [{kind}] {self._id(span)}"
            )
            yield self._breach(contract, told, [span, above])

    def _layer(self, span: Span, services: dict[str, int], layers: list[str], packages: bool) -> int | None:
        if not packages:
            return services.get(span.service)
        return next((at for at, name in enumerate(layers) if in_packages(self._id(span), (name,))), None)

    def _at_most(self, contract: AtMost) -> Iterator[Breach]:
        starts = self._functions(contract.start) if contract.start else set()
        counted_functions = self._functions(contract.of, there=False) if contract.of else set()
        if contract.service and contract.service not in self.tree.services:
            raise NotThereError(f"the request did not come to {contract.service}")
        inside: set[int] = set()
        counting: set[int] = set()
        found: list[Span] = []
        for span in self.tree.spans:
            above = self.tree.parent(span)
            if span.parent in inside or span.function in starts:
                inside.add(span.id)
            if starts and span.id not in inside:
                continue
            sender = above if contract.kinds and above is not None else span
            if contract.service and sender.service != contract.service:
                continue
            if contract.kinds:
                if KIND_OF_LINK[span.link] in contract.kinds:
                    found.append(span)
            elif span.function in counted_functions and not span.activation:
                if span.parent not in counting:
                    found.append(span)
                counting.add(span.id)
            elif span.parent in counting:
                counting.add(span.id)
        if len(found) > contract.count:
            what = ", ".join(contract.kinds or listed(contract.of))
            yield self._breach(
                contract, f"{len(found)} x {what}, where {contract.count} are allowed", found[-1:]
            )

    def _excepted(self, way: list[Span], exceptions: Exceptions) -> bool:
        """Whether any step of ``way`` (from the bottom up) is an exception."""
        return any(
            exceptions.allows(self._id(above), self._id(span))
            for span, above in zip(way, [*way[1:], self.tree.parent(way[-1]) or way[-1]], strict=True)
        )

    def _id(self, span: Span) -> str:
        return self.ids[span.function]

    def _breach(self, contract: Contract, message: str, way: list[Span]) -> Breach:
        told = tuple(f"{span.service} {self._id(span)}" for span in reversed(way))
        function = self.tree.functions[way[0].function]
        place = Place(function.file, function.line) if function.file else None
        return Breach(contract.name, contract.why, self.on, message, told, place)
