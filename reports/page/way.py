"""The request's way: its runs in every process and thread, and the links from one run to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tracer.model.kinds import Link, lane_order
from tracer.model.request_tree import RequestTree, Span

MESSAGES = frozenset({Link.HTTP, Link.RPC_CALL, Link.RPC_CAST, Link.RPC_FANOUT, Link.PRIVSEP})
"""Links that go from one process to another, even where both are of one service."""


@dataclass
class Run:
    """What one thread of one process did for one incoming link: its bottom span and all that ran above it."""

    bottom: Span
    source: Run | None
    """The run that the link came from; None for the root and for orphans."""

    @property
    def service(self) -> str:
        """The lane."""
        return self.bottom.service


@dataclass(frozen=True)
class Hop:
    """One link of the request; ``number`` counts those between processes in order of time, 0 for a spawn."""

    number: int
    run: Run
    source: Run

    @property
    def span(self) -> Span:
        """The span that the link led to."""
        return self.run.bottom

    @property
    def what(self) -> str:
        """What travelled, as the recording says."""
        return self.span.link_detail


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
                run_of[span.id] = run = Run(span, above)
                runs.append(run)
            else:
                run_of[span.id] = above
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
            hops.append(Hop(number if crosses else 0, run, run.source))
        return hops

    @cached_property
    def crossings(self) -> list[Hop]:
        """The hops that go from one process to another."""
        return [hop for hop in self.hops if hop.number]

    @cached_property
    def lanes(self) -> list[str]:
        """The services on the way, in customary order."""
        return sorted({run.service for run in self.runs}, key=lane_order)

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
        and one.span.link == other.span.link
        and one.what == other.what
    )
