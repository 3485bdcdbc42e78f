"""The caller of a request that began outside of every traced process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.recording.raw import Outgoing, ProcessRecord, RawSpan

REQUEST = Function("outside:request")
PROGRAM = Function("outside:program")
"""Stand for what nobody recorded: whoever sent the request, whoever started the program."""


def entry_key(trace_id: str) -> str:
    """The key of the link by which a trace comes in from outside of every traced process.

    Args:
        trace_id: 32 hexadecimal digits.
    """
    return trace_id[16:]


def with_outside(trace_id: str, records: Sequence[ProcessRecord]) -> list[ProcessRecord]:
    """``records``, and one more for the caller outside where the trace came in from there.

    The caller's record holds one span, which lasts from the first to the last that is known of what it
    called, and the links to these.

    Args:
        trace_id: 32 hexadecimal digits.
        records: what the processes recorded of this trace.
    """
    key = entry_key(trace_id)
    entered = [(record, span) for record in records for span in record.spans if span.incoming == key and key]
    if not entered or any(sent.key == key for record in records for sent in record.outgoing):
        return list(records)
    first, first_span = min(entered, key=lambda at: at[1].start + at[0].realtime_offset)
    own = [span for record, span in entered if record.clock == first.clock]
    ends = [span.end for span in own if span.end is not None]
    start = first_span.start
    program = first.whole_program
    caller = msgspec.structs.replace(
        first,
        service="client",
        pid=0,
        program="",
        python="",
        collector="",
        last_seen=max([first.last_seen, *ends]),
        closed=True,
        functions=[PROGRAM if program else REQUEST],
        spans=[
            RawSpan(
                id=1,
                parent=0,
                function=0,
                thread="",
                start=start,
                end=max([first_span.start, *ends]) if len(ends) == len(own) else first.last_seen,
                outcome=Outcome.RETURNED,
                activation=0,
                call_line=0,
                incoming="",
            )
        ],
        outgoing=[
            Outgoing(
                key,
                1,
                start,
                Link.SPAWN if program else Link.HTTP,
                f"program {first.program}" if program else f"request to {first.service}",
            )
        ],
        versions={},
        damage="",
        notices=[],
        source_roots=[],
        whole_program=False,
    )
    return [caller, *records]
