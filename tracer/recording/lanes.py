"""The processes of a request, and how the recording of each one ended."""

from __future__ import annotations

from collections.abc import Collection

from tracer.model.request_tree import Lane
from tracer.recording.raw import ProcessRecord
from tracer.terminal.wording import counted


def lane(record: ProcessRecord, root_start: int, living: Collection[int]) -> Lane:
    """Describe the process of ``record``.

    Args:
        record: what the process recorded.
        root_start: monotonic nanoseconds at which the request began, on the record's own clock.
        living: pids of the traced processes that still run.
    """
    return Lane(
        record.service,
        record.pid,
        record.program,
        record.python,
        record.collector,
        _ended(record, root_start, living),
    )


def _ended(record: ProcessRecord, root_start: int, living: Collection[int]) -> str:
    since = f"{(record.last_seen - root_start) / 1e9:.3f} s into the request"
    unfinished = sum(span.end is None for span in record.spans)
    parts = []
    if record.damage:
        parts.append(f"its spool is damaged: {record.damage}")
    if not record.closed and record.pid not in living:
        parts.append(f"the process ended without closing its spool; nothing is known of it after {since}")
    if unfinished:
        state = "still running" if record.pid in living else "cut off"
        parts.append(f"{counted(unfinished, 'call')} {state} when the recording ended {since}")
    return "; ".join(parts)
