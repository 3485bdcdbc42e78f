"""One clock for all processes of a request, from what their messages say of their hosts' clocks.

Processes of one boot of one host share its monotonic clock. Between clocks, every message bounds the
difference: it cannot be received before it is sent (the rule of Lamport, "Time, Clocks, and the Ordering of
Events in a Distributed System", 1978). Messages in both directions leave an interval, as in Cristian,
"Probabilistic Clock Synchronization", 1989, and in NTP (RFC 5905, section 8), whose four instants are here
the sending of a request, its arrival, the giving of its answer, and that one's arrival. Clocks drift, so the
difference may change, but no faster than `DRIFTS` allow (RFC 5905 reckons with 15 parts in a million; Linux
slews by 500 at most).

For each clock and each instant at which it met another, the difference to the reference clock is a variable;
the bounds are constraints on differences of two variables. The least and the greatest solution are found by
relaxation (Bellman and Ford); every true course of the clocks lies between them, and the middle of the two is
a solution again, so no effect is put before its cause.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import NamedTuple

import msgspec

from tracer.recording.raw import ProcessRecord

SAME_CLOCK_NS = 60 * 10**9
"""Where spools name no clock: offsets to Unix time that differ by less belong to one clock."""

DRIFTS = (10_000, 2_000, 100)
"""How fast clocks may drift apart: one part in so many. Tried in turn, until the bounds agree."""

RESOLUTION_NS = 1_000
"""How exact a spool's times are, generously."""

ROUNDS_AT_MOST = 400
NEVER = 1 << 62


class Before(NamedTuple):
    """One instant that lies before another, on another clock: (clock, time) each, in nanoseconds."""

    cause: tuple[int, int]
    effect: tuple[int, int]


@dataclass(frozen=True)
class HostClock:
    """How one host's clock was brought to that of the reference.

    Args:
        host: its name.
        services: whose processes read it.
        shift_ns: what was added to its times, at the first of them that a message bounds.
        below_ns: how much smaller the true difference may be at most, at any time; None where no message
            says.
        above_ns: how much greater.
        messages: how many constraints there were.
        drift: how fast the clocks were allowed to drift apart, one part in so many; 0 where no drift that
            was tried makes the messages agree, and the hosts' own time of day was taken.
    """

    host: str
    services: tuple[str, ...]
    shift_ns: int
    below_ns: int | None
    above_ns: int | None
    messages: int
    drift: int

    def __str__(self) -> str:
        who = f"{self.host} ({', '.join(self.services)})"
        moved = f"the times of {who} were moved by {self.shift_ns:,} ns"
        if not self.drift:
            return f"{moved}, after its own time of day: its messages contradict each other"
        if self.below_ns is None and self.above_ns is None:
            return f"{moved}, after its own time of day: no message bounds its clock"
        if self.below_ns is None or self.above_ns is None:
            side, other = ("later", "earlier") if self.above_ns is None else ("earlier", "later")
            sure = self.below_ns if self.above_ns is None else self.above_ns
            return (
                f"{moved}, after its own time of day; {self.messages:,} messages say that they are at most "
                f"{sure:,} ns {other} than shown, and nothing says how much {side}"
            )
        interval = f"-{self.below_ns:,} and +{self.above_ns:,} ns"
        within = f"{moved}, surely within {interval} by {self.messages:,} messages"
        return f"{within}, if the clocks drift apart by less than 1 in {self.drift:,}"


@dataclass
class _Clock:
    """One clock, the instants of it that a constraint concerns, and the bounds of its difference there."""

    records: list[ProcessRecord]
    times: list[int] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    shift: list[int] = field(default_factory=list)
    """The difference that was settled on; empty until then."""

    def at(self, time: int) -> int:
        """The settled difference at any instant."""
        index = bisect_right(self.times, time)
        if index == 0 or index == len(self.times):
            return self.shift[min(index, len(self.shift) - 1)]
        before, after = self.times[index - 1], self.times[index]
        begun = self.shift[index - 1]
        return begun + (self.shift[index] - begun) * (time - before) // (after - before)


def align(
    records: Sequence[ProcessRecord], reference: ProcessRecord
) -> tuple[list[ProcessRecord], list[HostClock]]:
    """Bring all times to one clock.

    Args:
        records: of one trace.
        reference: the one of them whose clock is kept.

    Returns:
        The records, those of other clocks with other times; and a statement for each other clock.
    """
    clocks, clock_of = _clocks(records, reference)
    if len(clocks) == 1:
        return list(records), []
    constraints = _constraints(records, clock_of)
    drift = _settle(clocks, constraints)
    offset = reference.realtime_offset
    moved = [
        record if number == 0 else _moved(record, clocks[number], offset)
        for record, number in zip(records, clock_of, strict=True)
    ]
    return moved, [
        _statement(clock, number, constraints, drift) for number, clock in enumerate(clocks) if number
    ]


def _clocks(records: Sequence[ProcessRecord], reference: ProcessRecord) -> tuple[list[_Clock], list[int]]:
    """The clocks, the reference's first, and for each record the number of its own."""
    names: dict[object, int] = {_name(reference, reference): 0}
    clocks: list[_Clock] = [_Clock([])]
    clock_of = []
    for record in records:
        number = names.setdefault(_name(record, reference), len(clocks))
        if number == len(clocks):
            clocks.append(_Clock([]))
        clocks[number].records.append(record)
        clock_of.append(number)
    return clocks, clock_of


def _name(record: ProcessRecord, reference: ProcessRecord) -> object:
    if record.clock:
        return record.clock
    apart = record.realtime_offset - reference.realtime_offset
    if abs(apart) < SAME_CLOCK_NS:
        return reference.clock or 0
    return apart // SAME_CLOCK_NS


def _constraints(records: Sequence[ProcessRecord], clock_of: Sequence[int]) -> list[Before]:
    sent: dict[str, tuple[int, int]] = {}
    answered: dict[str, tuple[int, int]] = {}
    for record, clock in zip(records, clock_of, strict=True):
        for outgoing in record.outgoing:
            sent[outgoing.key] = (clock, outgoing.time)
        answered |= {key: (clock, time) for key, time in record.answered.items()}
    found: list[Before] = []
    for record, clock in zip(records, clock_of, strict=True):
        arrived: dict[str, int] = {}
        for span in record.spans:
            if span.incoming:
                arrived[span.incoming] = min(span.start, arrived.get(span.incoming, span.start))
        for key, time in arrived.items():
            if key in sent and sent[key][0] != clock:
                found.append(Before(sent[key], (clock, time)))
        for key, time in record.answering.items():
            if key in answered and answered[key][0] != clock:
                found.append(Before((clock, time), answered[key]))
    return found


def _settle(clocks: list[_Clock], constraints: list[Before]) -> int:
    """Settle every clock's difference to the first; returns the drift that had to be allowed, 0 for none."""
    for number, clock in enumerate(clocks):
        clock.times = sorted({time for at in constraints for of, time in at if of == number})
        clock.shift = [0] * max(1, len(clock.times)) if number == 0 else []
    for drift in DRIFTS:
        if _bound(clocks, constraints, drift):
            break
    else:
        for clock in clocks[1:]:
            clock.shift = [_by_time_of_day(clock, clocks[0])] * max(1, len(clock.times))
        return 0
    bounds = [(clock.low, clock.high) for clock in clocks]
    for clock in clocks[1:]:
        if clock.times and clock.low[0] > -NEVER and clock.high[0] < NEVER:
            clock.shift = [(low + high) // 2 for low, high in zip(clock.low, clock.high, strict=True)]
    # What is bounded on one side only goes as near to its own time of day as the messages allow.
    for lowest in (True, False):
        waiting = [clock for clock in clocks[1:] if not clock.shift]
        _bound(clocks, constraints, drift, by_time_of_day=True)
        for clock in waiting:
            if not clock.times:
                clock.shift = [_by_time_of_day(clock, clocks[0])]
            elif lowest and clock.high[0] >= NEVER:
                clock.shift = clock.low
            elif not lowest:
                clock.shift = clock.high
    for clock, (low, high) in zip(clocks, bounds, strict=True):
        clock.low, clock.high = low, high
    return drift


def _by_time_of_day(clock: _Clock, reference: _Clock) -> int:
    own, other = (median_low([r.realtime_offset for r in one.records]) for one in (clock, reference))
    return own - other


def _bound(
    clocks: list[_Clock], constraints: list[Before], drift: int, *, by_time_of_day: bool = False
) -> bool:
    """Find the least and the greatest differences that the constraints allow, at each instant.

    Args:
        clocks: those with a settled ``shift`` keep it.
        constraints: what comes before what.
        drift: how fast clocks may drift apart, one part in so many.
        by_time_of_day: bound what is not bounded otherwise by the hosts' own time of day.

    Returns:
        Whether the constraints agree with each other.
    """
    for clock in clocks:
        count = len(clock.times)
        if clock.shift:
            clock.low, clock.high = clock.shift[:count], clock.shift[:count]
            continue
        own = _by_time_of_day(clock, clocks[0]) if by_time_of_day else 0
        unbounded_below, unbounded_above = (
            not clock.low or clock.low[0] <= -NEVER,
            not clock.high or clock.high[0] >= NEVER,
        )
        clock.low = [own if by_time_of_day and unbounded_above else -NEVER] * count
        clock.high = [own if by_time_of_day and unbounded_below and not unbounded_above else NEVER] * count
    index = [{time: at for at, time in enumerate(clock.times)} for clock in clocks]
    places = [
        (clocks[cause[0]], index[cause[0]][cause[1]], clocks[effect[0]], index[effect[0]][effect[1]])
        for cause, effect in constraints
    ]
    for _ in range(ROUNDS_AT_MOST):
        changed = False
        for clock in clocks:
            if not clock.shift:
                changed |= _keep_to_drift(clock, drift)
        for cause, i, effect, j in places:
            apart = cause.times[i] - effect.times[j]
            if not effect.shift and cause.low[i] > -NEVER and cause.low[i] + apart > effect.low[j]:
                effect.low[j] = cause.low[i] + apart
                changed = True
            if not cause.shift and effect.high[j] < NEVER and effect.high[j] - apart < cause.high[i]:
                cause.high[i] = effect.high[j] - apart
                changed = True
        if any(low > high for clock in clocks for low, high in zip(clock.low, clock.high, strict=True)):
            return False
        if not changed:
            return True
    return False


def _keep_to_drift(clock: _Clock, drift: int) -> bool:
    """Let the bounds at one instant bound those at the next and at the one before."""
    changed = False
    last = len(clock.times) - 1
    for steps in (range(last), range(last, 0, -1)):
        for at in steps:
            to = at + 1 if steps.step == 1 else at - 1
            slack = abs(clock.times[to] - clock.times[at]) // drift + 1
            if clock.low[at] > -NEVER and clock.low[at] - slack > clock.low[to]:
                clock.low[to] = clock.low[at] - slack
                changed = True
            if clock.high[at] < NEVER and clock.high[at] + slack < clock.high[to]:
                clock.high[to] = clock.high[at] + slack
                changed = True
    return changed


def _moved(record: ProcessRecord, clock: _Clock, offset: int) -> ProcessRecord:
    at = clock.at
    return msgspec.structs.replace(
        record,
        realtime_offset=offset,
        last_seen=record.last_seen + at(record.last_seen),
        spans=[
            msgspec.structs.replace(
                span,
                start=span.start + at(span.start),
                end=None if span.end is None else span.end + at(span.end),
            )
            for span in record.spans
        ],
        outgoing=[
            msgspec.structs.replace(outgoing, time=outgoing.time + at(outgoing.time))
            for outgoing in record.outgoing
        ],
    )


def _statement(clock: _Clock, number: int, constraints: list[Before], drift: int) -> HostClock:
    below = above = None
    if drift and clock.times and clock.low[0] > -NEVER:
        below = _widest(clock, [a - b for a, b in zip(clock.shift, clock.low, strict=True)], drift)
    if drift and clock.times and clock.high[0] < NEVER:
        above = _widest(clock, [a - b for a, b in zip(clock.high, clock.shift, strict=True)], drift)
    return HostClock(
        clock.records[0].host or "another host",
        tuple(sorted({record.service for record in clock.records})),
        clock.shift[0],
        below,
        above,
        sum(number in (cause[0], effect[0]) for cause, effect in constraints),
        drift,
    )


def _widest(clock: _Clock, widths: list[int], drift: int) -> int:
    """How far the truth may be from what was settled on, at any time of the clock's records.

    Between two instants that are bounded, the clock may have run away from both and come back.
    """
    times = clock.times
    first = min([times[0], *(span.start for record in clock.records for span in record.spans)])
    last = max(record.last_seen for record in clock.records)
    widest = max(
        widths[0] + max(0, times[0] - first) // drift, widths[-1] + max(0, last - times[-1]) // drift
    )
    for at in range(1, len(times)):
        widest = max(widest, max(widths[at - 1 : at + 1]) + (times[at] - times[at - 1]) // drift)
    return widest + RESOLUTION_NS
