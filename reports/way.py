"""The request's way: its runs in every process and thread, and the links from one run to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tracer.model.kinds import Link, lane_order
from tracer.model.request_tree import RequestTree, Span

MESSAGES = frozenset({Link.HTTP, Link.RPC_CALL, Link.RPC_CAST, Link.RPC_FANOUT, Link.PRIVSEP})
"""Links that go from one process to another, even where both are of one service."""


BINDINGS = {"libvirt": "libvirtd"}
"""Python modules that speak for a program which runs no Python: their functions are calls into its lane."""


@dataclass
class Run:
    """What one thread of one process did for one incoming link: its bottom span and all that ran above it.

    A call to a program that runs no Python is a run too; what is known of it is the caller's side.
    """

    bottom: Span
    source: Run | None
    """The run that the link came from; None for the root and for orphans."""
    service: str
    """The lane."""


@dataclass(frozen=True)
class Hop:
    """One link of the request; ``number`` counts those between processes in order of time, 0 for a spawn."""

    number: int
    run: Run
    source: Run
    link: Link
    what: str
    """What travelled, as the recording says."""

    @property
    def span(self) -> Span:
        """The span that the link led to."""
        return self.run.bottom


class Way:
    """The way of one request.

    Args:
        tree: the request.
    """

    def __init__(self, tree: RequestTree) -> None:
        self._tree = tree

    @cached_property
    def runs(self) -> list[Run]:
        """All runs, in order of their start."""
        run_of: dict[int, Run] = {}
        runs = []
        for span in self._tree.spans:
            above = run_of.get(span.parent)
            if above is None or self._starts_run(span, above):
                run_of[span.id] = run = Run(span, above, span.service)
                runs.append(run)
                continue
            run_of[span.id] = above
            beyond = self._beyond(span)
            if beyond:
                runs.append(Run(span, above, beyond))
        return sorted(runs, key=lambda run: (run.bottom.start_ns, run.bottom.id))

    @cached_property
    def hops(self) -> list[Hop]:
        """The links between runs in order of time: messages numbered from 1, spawns not."""
        hops, number = [], 0
        for run in self.runs:
            if run.source is None:
                continue
            crosses = run.bottom.link in MESSAGES or run.service != run.source.service
            number += crosses
            beyond = run.service != run.bottom.service
            link = Link.NATIVE if beyond else run.bottom.link
            what = self._tree.function(run.bottom).qualname if beyond else run.bottom.link_detail
            hops.append(Hop(number if crosses else 0, run, run.source, link, what))
        return hops

    @property
    def root(self) -> Run:
        """The run that the request began with."""
        return next(run for run in self.runs if run.bottom is self._tree.root)

    @cached_property
    def orphans(self) -> list[Run]:
        """Runs of which it is not known where they came from."""
        root = self.root
        return [run for run in self.runs if run.source is None and run is not root]

    @cached_property
    def crossings(self) -> list[Hop]:
        """The hops that go from one process to another, in time order."""
        return [hop for hop in self.hops if hop.number]

    @cached_property
    def lanes(self) -> list[str]:
        """The services on the way, in customary order."""
        return sorted({run.service for run in self.runs}, key=lane_order)

    def _beyond(self, span: Span) -> str:
        """The lane that ``span`` calls into through a binding, empty for all other spans."""
        function = self._tree.function(span)
        lane = BINDINGS.get(function.module, "")
        above = self._tree.parent(span)
        if not lane or function.qualname.rpartition(".")[2].startswith("__") or above is None:
            return ""
        return "" if self._tree.function(above).module in BINDINGS else lane

    @staticmethod
    def _starts_run(span: Span, above: Run) -> bool:
        return span.link in MESSAGES or span.link == Link.SPAWN or span.service != above.service


@dataclass(frozen=True)
class Fold:
    """Hops in a row that are alike (same ends, same link, same thing that travels), shown as one."""

    hops: Sequence[Hop]

    @property
    def first(self) -> Hop:
        """The hop that stands for all."""
        return self.hops[0]

    @property
    def numbers(self) -> str:
        """``7`` or ``7-12``; empty for spawns."""
        if not self.first.number:
            return ""
        return str(self.first.number) + (f"–{self.hops[-1].number}" if len(self.hops) > 1 else "")


def folded(hops: Sequence[Hop]) -> list[Fold]:
    """``hops`` with three or more alike in a row folded into one."""
    groups: list[list[Hop]] = []
    for hop in hops:
        if groups and _alike(groups[-1][-1], hop):
            groups[-1].append(hop)
        else:
            groups.append([hop])
    return [
        Fold(part) for group in groups for part in ([group] if len(group) > 2 else [[hop] for hop in group])
    ]


def _alike(one: Hop, other: Hop) -> bool:
    return (
        one.source is other.source
        and one.run.service == other.run.service
        and one.run.bottom.pid == other.run.bottom.pid
        and one.link == other.link
        and one.what == other.what
    )
