"""What a recording says of who calls whom: its spans, summed up as calls between functions."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tracer.model.kinds import CallKind, Link, lane_order
from tracer.model.request_tree import RequestTree, Span

KIND_OF_LINK: dict[Link, CallKind] = {
    Link.PLAIN: CallKind.CALL,
    Link.HTTP: CallKind.REST,
    Link.RPC_CALL: CallKind.RPC_CALL,
    Link.RPC_CAST: CallKind.RPC_CAST,
    Link.RPC_FANOUT: CallKind.RPC_FANOUT,
    Link.SPAWN: CallKind.SPAWN,
    Link.PRIVSEP: CallKind.PRIVSEP,
    Link.NATIVE: CallKind.NATIVE,
}
"""The kind of an observed call by the link between its spans."""


class ServicePair(msgspec.Struct, frozen=True, order=True, gc=False):
    """How often a call was seen from one service to another, or within one."""

    caller: str
    callee: str
    times: int


class ObservedCall(msgspec.Struct, frozen=True, gc=False):
    """One way from a caller to a callee as it was seen in one recording.

    ``caller`` and ``callee`` are function ids. ``kind`` is what the link between the spans was (a plain
    call is always `CallKind.CALL`: a recording does not tell a property from a method). ``services`` has
    one entry for each pair of services, in lane order; their ``times`` add up to ``times``. ``lines`` are
    the 1-based lines of the caller's file from which it was called, sorted, empty where not known.
    ``details`` says what travelled over a link (``POST /v2.1/servers``), sorted. ``first`` is the id of the
    first span that was such a call.
    """

    caller: str
    callee: str
    kind: CallKind
    times: int
    services: tuple[ServicePair, ...]
    lines: tuple[int, ...] = ()
    details: tuple[str, ...] = ()
    first: int = 0

    @property
    def line(self) -> int:
        """The first line of the caller's file from which it was called; 0 where not known."""
        return self.lines[0] if self.lines else 0


class _Sum:
    """What is known so far of one (caller, callee, kind)."""

    __slots__ = ("details", "first", "lines", "pairs")

    def __init__(self, first: int) -> None:
        self.first = first
        self.pairs: dict[tuple[str, str], int] = {}
        self.lines: set[int] = set()
        self.details: set[str] = set()

    def add(self, above: Span, span: Span, times: int) -> None:
        pair = (above.service, span.service)
        self.pairs[pair] = self.pairs.get(pair, 0) + times
        if span.call_line:
            self.lines.add(span.call_line)
        if span.link_detail:
            self.details.add(span.link_detail)


def observed_calls(tree: RequestTree) -> list[ObservedCall]:
    """The calls of ``tree``, one for each caller, callee and kind, sorted by these.

    A generator is called once, however often it is resumed: later activations count only where they come
    from a function that did not start it, and then once for each generator that was resumed. Links are
    edges from the function that sent to the bottom function that received. The root and orphans have no
    caller and give no call.

    Args:
        tree: a recording's request tree.
    """
    sums: dict[tuple[str, str, CallKind], _Sum] = {}
    resumed: list[tuple[tuple[str, str, CallKind], Span, Span]] = []
    for above, span, key in _pairs(tree):
        if span.activation:
            resumed.append((key, above, span))
            continue
        known = sums.get(key)
        if known is None:
            known = sums[key] = _Sum(span.id)
        known.add(above, span, 1)
    started = set(sums)
    latest: dict[tuple[str, str, CallKind], int] = {}
    for key, above, span in resumed:
        if key not in started:
            goes_on = span.activation > latest.get(key, span.activation)
            latest[key] = span.activation
            sums.setdefault(key, _Sum(span.id)).add(above, span, 0 if goes_on else 1)
    return [
        ObservedCall(
            *key,
            sum(one.pairs.values()),
            tuple(
                ServicePair(*pair, times)
                for pair, times in sorted(
                    one.pairs.items(), key=lambda item: (lane_order(item[0][0]), lane_order(item[0][1]))
                )
            ),
            tuple(sorted(one.lines)),
            tuple(sorted(one.details)),
            one.first,
        )
        for key, one in sorted(sums.items())
    ]


def _pairs(tree: RequestTree) -> Iterator[tuple[Span, Span, tuple[str, str, CallKind]]]:
    """Each span with the one it ran under and the key of its call."""
    ids = [function.id for function in tree.functions]
    for span in tree.spans:
        above = tree.parent(span)
        if above is not None:
            yield above, span, (ids[above.function], ids[span.function], KIND_OF_LINK[span.link])
