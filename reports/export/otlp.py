"""OpenTelemetry's protocol as JSON: one ``ExportTraceServiceRequest`` a line.

The formats: "OTLP Specification 1" (JSON Protobuf encoding: ids in hexadecimal, 64-bit numbers as text, enums
as numbers) and "OpenTelemetry Protocol File Exporter" (one request a line).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from typing import IO, Any, NamedTuple

import msgspec

from reports.export.telling import attributes, name_of
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_folder import Recording
from tracer.model.request_tree import Span
from tracer.terminal.progress import Step

SCOPE = "stackwalk"
BATCH = 1000
"""Spans of one request."""

INTERNAL, SERVER, CONSUMER = 1, 2, 5
KINDS = {
    Link.HTTP: SERVER,
    Link.RPC_CALL: SERVER,
    Link.PRIVSEP: SERVER,
    Link.RPC_CAST: CONSUMER,
    Link.RPC_FANOUT: CONSUMER,
}
"""Of spans that a link led to; all others are internal."""

UNSET, ERROR = 0, 2


class Exported(NamedTuple):
    """A span as OpenTelemetry sees it: ids as numbers, times in nanoseconds of Unix time."""

    service: str
    pid: int
    span_id: int
    parent_id: int
    name: str
    kind: int
    start: int
    end: int
    attributes: dict[str, str | int | bool]
    error: str
    """Empty unless it raised."""


def exported_spans(recording: Recording) -> Iterator[Exported]:
    """A recording's spans, one after the other, parents before their children."""
    table = recording.table()
    epoch = recording.header.epoch_ns
    for span in table:
        function = table.functions[span.function]
        yield Exported(
            span.service,
            span.pid,
            span.id,
            span.parent,
            name_of(function),
            KINDS.get(span.link, INTERNAL),
            epoch + span.start_ns,
            epoch + max(span.start_ns, span.end_ns),
            attributes(span, function),
            _error(span),
        )


def resource(service: str, pid: int) -> dict[str, str | int]:
    """What is said of a process."""
    return {"service.name": service, "process.pid": pid, "telemetry.sdk.name": SCOPE}


def write(recording: Recording, file: IO[bytes], step: Step) -> None:
    """Write a recording's spans as lines of OTLP in JSON.

    Args:
        recording: whose.
        file: where to.
        step: is told of every span.
    """
    spans = exported_spans(recording)
    trace_id = recording.header.trace_id
    while batch := list(islice(spans, BATCH)):
        processes: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for span in batch:
            processes.setdefault((span.service, span.pid), []).append(_json_span(span, trace_id))
        request = {
            "resourceSpans": [
                {
                    "resource": {"attributes": _json_attributes(resource(*process))},
                    "scopeSpans": [{"scope": {"name": SCOPE, "version": version(SCOPE)}, "spans": of_it}],
                }
                for process, of_it in processes.items()
            ]
        }
        file.write(msgspec.json.encode(request) + b"\n")
        step.advance(len(batch))


def _json_span(span: Exported, trace_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "traceId": trace_id,
        "spanId": f"{span.span_id:016x}",
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start),
        "endTimeUnixNano": str(span.end),
        "attributes": _json_attributes(span.attributes),
        "status": {"code": ERROR, "message": span.error} if span.error else {"code": UNSET},
    }
    if span.parent_id:
        found["parentSpanId"] = f"{span.parent_id:016x}"
    return found


def _json_attributes(values: Any) -> list[dict[str, Any]]:
    return [
        {
            "key": name,
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for name, value in values.items()
    ]


def _error(span: Span) -> str:
    if span.outcome is not Outcome.RAISED:
        return ""
    if span.values is None or span.values.error is None:
        return "raised"
    return span.values.error.type
