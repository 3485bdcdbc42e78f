"""OpenTelemetry's own library: protobuf files, and sending to a collector. An optional extra."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from itertools import islice
from typing import IO, Any, Literal
from urllib.parse import urlsplit

from reports.export.otlp import SCOPE, exported_spans, resource
from tracer.model.recording_folder import Recording
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import Step

BATCH = 500
"""Spans of one request: what collectors take without asking."""

Protocol = Literal["http", "grpc"]
DEFAULT_ENDPOINTS: dict[Protocol, str] = {"http": "http://127.0.0.1:4318", "grpc": "http://127.0.0.1:4317"}
"""Where collectors listen unless told otherwise ("OTLP Specification 1", the default ports)."""

TRACES_PATH = "/v1/traces"
NAMES: dict[Protocol, str] = {"http": "HTTP", "grpc": "gRPC"}
LENGTH = struct.Struct(">I")


def write_protobuf(recording: Recording, file: IO[bytes], step: Step) -> None:
    """Write a recording's spans as protobuf messages ``ExportTraceServiceRequest``.

    Each stands after its length in four bytes, the highest first, as the OpenTelemetry Collector's file
    exporter writes and its file receiver reads them.

    Args:
        recording: whose.
        file: where to.
        step: is told of every span.

    Raises:
        UserError: the extra is not installed.
    """
    _require("http")
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

    for batch in _batches(recording):
        message = encode_spans(batch).SerializeToString()
        file.write(LENGTH.pack(len(message)) + message)
        step.advance(len(batch))


def send(recording: Recording, endpoint: str, step: Step, protocol: Protocol = "http") -> None:
    """Send a recording's spans to an OpenTelemetry collector.

    Args:
        recording: whose.
        endpoint: the collector's address; without a path, HTTP's ``/v1/traces`` is added.
        step: is told of every span.
        protocol: OTLP over HTTP (protobuf), or over gRPC, which is in clear where the address begins with
            ``http://``.

    Raises:
        UserError: the extra is not installed, or the collector did not take a batch.
    """
    address = urlsplit(endpoint)
    if address.scheme not in ("http", "https") or not address.netloc:
        raise UserError(
            f"{endpoint} is not the address of a collector.",
            f"An address is like {DEFAULT_ENDPOINTS[protocol]}.",
        )
    _require(protocol)
    from opentelemetry.sdk.trace.export import SpanExportResult

    exporter, target = _over_grpc(endpoint) if protocol == "grpc" else _over_http(endpoint)
    sent = 0
    try:
        for batch in _batches(recording):
            if exporter.export(batch) is not SpanExportResult.SUCCESS:
                raise UserError(
                    f"The collector at {target} did not take the spans after the first {sent:,}.",
                    f"Is it running, and does it receive OTLP over {NAMES[protocol]} there?",
                    exit_code=ANSWER_IS_NO,
                )
            sent += len(batch)
            step.advance(len(batch))
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call,unused-ignore]


def _over_http(endpoint: str) -> tuple[Any, str]:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    has_path = bool(urlsplit(endpoint).path.strip("/"))
    target = endpoint if has_path else endpoint.rstrip("/") + TRACES_PATH
    return OTLPSpanExporter(endpoint=target), target


def _over_grpc(endpoint: str) -> tuple[Any, str]:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://")), endpoint


def _require(protocol: Protocol) -> None:
    try:
        import_module(f"opentelemetry.exporter.otlp.proto.{protocol}")
    except ImportError:
        extra = "otlp" if protocol == "http" else "otlp-grpc"
        raise UserError(
            f"OpenTelemetry's exporter over {NAMES[protocol]} is not installed.",
            f"Install it with `pip install 'stackwalk[{extra}]'`.",
        ) from None


def _batches(recording: Recording) -> Iterator[list[Any]]:
    """Batches of the library's own spans."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    trace_id = int(recording.header.trace_id, 16)
    scope = InstrumentationScope(SCOPE, version(SCOPE))
    kinds = {1: SpanKind.INTERNAL, 2: SpanKind.SERVER, 5: SpanKind.CONSUMER}
    resources: dict[tuple[str, int], Resource] = {}

    def context(span_id: int) -> SpanContext | None:
        return SpanContext(trace_id, span_id, True, TraceFlags(TraceFlags.SAMPLED)) if span_id else None

    spans = exported_spans(recording)
    while batch := list(islice(spans, BATCH)):
        made = []
        for span in batch:
            process = (span.service, span.pid)
            if process not in resources:
                resources[process] = Resource(resource(*process))
            made.append(
                ReadableSpan(
                    span.name,
                    context=context(span.span_id),
                    parent=context(span.parent_id),
                    resource=resources[process],
                    attributes=span.attributes,
                    kind=kinds[span.kind],
                    status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
                    start_time=span.start,
                    end_time=span.end,
                    instrumentation_scope=scope,
                )
            )
        yield made
