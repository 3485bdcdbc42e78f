"""Baselines: the flow that was agreed on, as a text file made for review.

The file's format (version 1)::

    # stackwalk callflow 1
    # release: nova=34.0.0
    # scope: {"start":"ServersController.create"}
    # reason: the scheduler asks placement once
    - nova.compute.api:API.create -> nova.compute.api:API._create_instance [call]
    nova-api nova.compute.api:API.create -> nova.compute.api:API._create_instance [call] optional
    = - nova.compute.api:API.create: _check < _create_instance < _record
    ! nova-api nova.compute.api:API.create -> nova.objects.instance:Instance.get
    # seal - nova.compute.api 3f80 1c2d
    # end 3

Lines of edges are sorted, then come lines of order, sorted, then the exceptions that were caught in
recordings, sorted (``!``: the first function went on after the second had raised). `` x2`` after an edge
says that its caller writes the call twice. The seal holds, for each lane and module, a check digit of every
line of it, so that a line that was changed by hand or by a merge can be named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracer.regression.caught import NONE, Catches
from tracer.regression.flow import Edge, Flow, Part, Seen
from tracer.regression.ordering import settled
from tracer.regression.scope import Scope

FORMAT = "stackwalk callflow"
VERSION = 1


@dataclass(frozen=True)
class Baseline:
    """What was agreed on.

    ``edges`` are of both parts (a lane tells which), ``order`` the pairs that shall keep their order.
    ``parts`` says which parts there are, ``runs`` from how many recordings the runtime part was learnt,
    ``ordered`` whether order and times of the static part were looked at, ``caught`` which exceptions were
    caught in the recordings.
    """

    edges: Mapping[Edge, Seen]
    order: Mapping[tuple[str, str], frozenset[tuple[str, str]]]
    parts: tuple[Part, ...]
    scope: Scope = field(default_factory=Scope)
    release: str = ""
    scenario: str = ""
    configuration: str = ""
    driver: str = ""
    runs: int = 0
    ordered: bool = True
    reasons: tuple[str, ...] = ()
    caught: Catches = NONE

    @property
    def members(self) -> frozenset[str]:
        """The functions that the baseline is about: those that call, and those that a recording ran."""
        return frozenset(
            name for edge in self.edges for name in ((edge.caller,) if edge.lane == "-" else edge[1:3])
        )


def baseline_of(
    flows: list[Flow], scope: Scope, *, driver: str = "", reasons: tuple[str, ...] = ()
) -> Baseline:
    """The baseline that says: as in these flows (at most one of each part)."""
    edges: dict[Edge, Seen] = {}
    order: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}
    for flow in flows:
        edges.update((edge, Seen(seen.times, seen.optional)) for edge, seen in flow.edges.items())
        for place, pairs in flow.order.items():
            kept = settled(pairs)
            if kept:
                order[place] = kept
    return Baseline(
        edges,
        order,
        tuple(flow.part for flow in flows),
        scope,
        _only(flow.label for flow in flows),
        _only(flow.scenario for flow in flows),
        _only(flow.configuration for flow in flows if flow.part is Part.RUNTIME),
        driver,
        max((flow.runs for flow in flows), default=0),
        all(flow.ordered for flow in flows),
        reasons,
        frozenset(caught for flow in flows for caught in flow.caught),
    )


def _only(told: Iterable[str]) -> str:
    return next((text for text in told if text), "")
