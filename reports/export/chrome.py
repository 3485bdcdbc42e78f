"""The trace event format, as Perfetto and Chrome's own viewer read it.

The format: "Trace Event Format", Duflot and others (the document behind catapult's tracing). Used here are
complete events (``X``), whose times are microseconds, names of processes and threads (``M``), and flow events
(``s``, ``f``) for the links. Times count from the earliest span: as Unix times they would lose their
nanoseconds in readers that hold them in a double.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

import msgspec

from reports.export.telling import attributes, name_of
from reports.export.tracks import Tracks
from tracer.model.kinds import Link
from tracer.model.recording_folder import Recording
from tracer.terminal.progress import Step

ADVANCE_EVERY = 10_000


def write(recording: Recording, file: IO[bytes], step: Step) -> None:
    """Write a recording's spans as trace events.

    Args:
        recording: whose.
        file: where to.
        step: is told of every span.
    """
    table = recording.table()
    tracks = Tracks(table)
    encode = msgspec.json.encode
    zero = min(table.start)
    file.write(b'{"displayTimeUnit":"ns","traceEvents":[\n')
    for process in tracks.processes:
        told = {"name": f"{process.service} (pid {process.pid})"}
        file.write(_named("process_name", process.number, 0, told) + b",\n")
        file.write(_named("process_sort_index", process.number, 0, {"sort_index": process.number}) + b",\n")
    for track in tracks.tracks:
        told = {"name": track.name}
        file.write(_named("thread_name", track.process.number, track.number, told) + b",\n")
    for span in table:
        function = table.functions[span.function]
        track = tracks.track(span.id)
        ends = tracks.end[span.id - 1]
        where = b'"pid":%d,"tid":%d' % (track.process.number, track.number)
        line = b'{"ph":"X","name":%b,"cat":%b,"ts":%b,"dur":%b,%b,"args":%b}' % (
            encode(name_of(function)),
            encode(span.link.value or "call"),
            _microseconds(span.start_ns - zero),
            _microseconds(ends - span.start_ns),
            where,
            encode(attributes(span, function)),
        )
        if span.link is not Link.PLAIN and span.parent:
            sender = tracks.track(span.parent)
            # Inside of the sender, or the arrow would hang in the air: a cast arrives after it has ended.
            sent = max(table.start[span.parent - 1], min(span.start_ns, tracks.end[span.parent - 1] - 1))
            named = b'"name":%b,"cat":"link","id":%d' % (encode(span.link_detail or span.link.value), span.id)
            line += b',\n{"ph":"s",%b,"ts":%b,"pid":%d,"tid":%d}' % (
                named,
                _microseconds(sent - zero),
                sender.process.number,
                sender.number,
            )
            line += b',\n{"ph":"f","bp":"e",%b,"ts":%b,%b}' % (
                named,
                _microseconds(span.start_ns - zero),
                where,
            )
        file.write(line + (b",\n" if span.id < len(table) else b"\n"))
        if not span.id % ADVANCE_EVERY:
            step.advance(ADVANCE_EVERY)
    header = recording.header
    about = {
        "command": header.command,
        "created": header.created,
        "trace_id": header.trace_id,
        "epoch_ns": header.epoch_ns + zero,
        "orphans": len(header.orphans),
        "notices": header.notices,
        "ends_taken_back_to_the_callers": tracks.shortened,
    }
    file.write(b'],"otherData":%b}\n' % encode({name: _text(value) for name, value in about.items()}))


def _named(what: str, process: int, track: int, told: Mapping[str, object]) -> bytes:
    return b'{"ph":"M","name":"%b","pid":%d,"tid":%d,"args":%b}' % (
        what.encode(),
        process,
        track,
        msgspec.json.encode(told),
    )


def _microseconds(nanoseconds: int) -> bytes:
    return b"%d.%03d" % divmod(max(0, nanoseconds), 1000)


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
