"""One clock for all processes of a request."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.recording.raw import ProcessRecord

SAME_CLOCK_NS = 60 * 10**9
"""Offsets to Unix time that differ by less belong to one clock; the host's time was corrected meanwhile."""


def shifts(records: Sequence[ProcessRecord], reference: ProcessRecord) -> list[int]:
    """What to add to each record's monotonic times to get times on the clock of ``reference``.

    Processes of one host share its monotonic clock, so nothing is added. A record from another host or boot
    has a clock of its own and is brought over by way of Unix time, as exactly as the two hosts agree on it.

    Returns:
        Nanoseconds, one for each record, 0 where the clock is the same.
    """
    result = []
    for record in records:
        apart = record.realtime_offset - reference.realtime_offset
        result.append(apart if abs(apart) >= SAME_CLOCK_NS else 0)
    return result
