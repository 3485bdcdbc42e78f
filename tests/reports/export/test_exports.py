"""Other tools get the whole recording: every span, nested as it was, with what was masked still masked."""

from __future__ import annotations

import base64
import io
import json
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import IO, Any

import grpc
import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

from reports.export import chrome, official, otlp, speedscope
from reports.export.tracks import Tracks
from tests.recording.requests import cut, empty_record, random_request
from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.model.recording_folder import Recording, write_recording
from tracer.model.request_tree import Value, Values
from tracer.recording.raw import RawSpan
from tracer.recording.stitching import Occasion, stitch
from tracer.terminal.errors import UserError
from tracer.terminal.progress import PlainSteps, Step

OCCASION = Occasion("create", "stackwalk record create", "2026-11-22T12:00:00Z", {})
Write = Callable[[Recording, IO[bytes], Step], None]
WRITERS: list[Write] = [chrome.write, speedscope.write, otlp.write, official.write_protobuf]


@pytest.fixture(params=range(6))
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Recording:
    """A random request."""
    return write_recording(
        tmp_path / "random", stitch(cut(random_request(request.param, 40 + 90 * request.param)), OCCASION)
    )


@pytest.fixture
def odd(tmp_path: Path) -> Recording:
    """Calls that overlap on one thread, outlast their callers, never end; a secret; text from strangers."""
    client = empty_record()
    client.functions = [Function('made:"</script>\n', "made.py", 3), Function("made:<module>", "made.py", 1)]
    told = Values(
        {"token": Value("str", "", 40, masked=True), "text": Value("str", 'a "quote"\x1b\u2028')},
        error=Value("NoValidHost", "none left"),
    )
    client.spans = [
        RawSpan(1, 0, 1, "MainThread", 100, 1000, Outcome.RETURNED, 0, 0, ""),
        RawSpan(2, 1, 0, "MainThread", 200, 1100, Outcome.RAISED, 0, 7, "", told),
        RawSpan(3, 0, 0, "MainThread", 50, 600, Outcome.RETURNED, 0, 0, "lost"),
        RawSpan(4, 0, 0, "MainThread", 700, None, Outcome.RETURNED, 0, 0, "lost, too"),
        RawSpan(5, 4, 0, "MainThread", 700, 700, Outcome.YIELDED, 2, 0, ""),
    ]
    client.last_seen = 1200
    return write_recording(tmp_path / "odd", stitch([client], OCCASION))


def written(write: Write, recording: Recording) -> bytes:
    file = io.BytesIO()
    with PlainSteps(io.StringIO()).step("export") as step:
        write(recording, file, step)
    return file.getvalue()


def nested(spans: list[tuple[float, float]]) -> bool:
    """Whether spans of one line of time only follow each other or lie inside of each other."""
    open_until: list[float] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        while open_until and open_until[-1] <= start:
            open_until.pop()
        if open_until and end > open_until[-1]:
            return False
        open_until.append(end)
    return True


def check_trace_events(recording: Recording) -> dict[str, Any]:
    """What the trace event format demands of complete and flow events, and what Perfetto makes of them."""
    content: dict[str, Any] = json.loads(written(chrome.write, recording))
    events = content["traceEvents"]
    complete = [event for event in events if event["ph"] == "X"]
    tree = recording.tree
    assert len(complete) == len(tree.spans)
    assert Counter(event["name"] for event in complete) == Counter(
        tree.function(span).qualname or tree.function(span).id for span in tree.spans
    )
    named = {event["tid"] for event in events if event["ph"] == "M" and event["name"] == "thread_name"}
    lines: dict[int, list[tuple[float, float]]] = {}
    for event in complete:
        assert event["ts"] >= 0 and event["dur"] >= 0
        assert event["tid"] in named
        lines.setdefault(event["tid"], []).append((round(event["ts"] * 1000), round(event["dur"] * 1000)))
    for spans in lines.values():
        assert nested([(start, start + duration) for start, duration in spans])
    sent = {event["id"]: event for event in events if event["ph"] == "s"}
    arrived = {event["id"]: event for event in events if event["ph"] == "f"}
    assert sent.keys() == arrived.keys()
    links = [span for span in tree.spans if span.link is not Link.PLAIN and span.parent]
    assert sent.keys() == {span.id for span in links}
    for number, event in arrived.items():
        assert event["bp"] == "e"
        assert sent[number]["ts"] <= event["ts"]
        sender = tree.by_id[tree.by_id[number].parent]
        zero = min(span.start_ns for span in tree.spans)
        assert (sender.start_ns - zero) / 1000 <= sent[number]["ts"] <= (sender.end_ns - zero) / 1000
    return content


def check_speedscope(recording: Recording) -> None:
    """Its schema's demands: frames by index, events in order of time, opened and closed like brackets."""
    content = json.loads(written(speedscope.write, recording))
    assert content["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = content["shared"]["frames"]
    assert [frame["name"] for frame in frames]
    opened = 0
    for profile in content["profiles"]:
        assert (profile["type"], profile["unit"]) == ("evented", "nanoseconds")
        stack: list[int] = []
        now = profile["startValue"]
        for event in profile["events"]:
            assert now <= event["at"] <= profile["endValue"]
            now = event["at"]
            assert 0 <= event["frame"] < len(frames)
            if event["type"] == "O":
                stack.append(event["frame"])
                opened += 1
            else:
                assert event["type"] == "C"
                assert stack.pop() == event["frame"]
        assert stack == []
    assert opened == len(recording.tree.spans)


def requests_of(content: bytes) -> Iterator[ExportTraceServiceRequest]:
    """The messages of a protobuf file, each after its length."""
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        yield ExportTraceServiceRequest.FromString(content[at + 4 : at + 4 + length])
        at += 4 + length


def told(messages: list[ExportTraceServiceRequest]) -> dict[int, tuple[Any, ...]]:
    """What OTLP says of each span, by its number in the recording."""
    found = {}
    for message in messages:
        for process in message.resource_spans:
            service = {one.key: one.value.string_value for one in process.resource.attributes}["service.name"]
            for scope in process.scope_spans:
                for span in scope.spans:
                    attributes = {
                        one.key: one.value.string_value or one.value.int_value for one in span.attributes
                    }
                    found[int.from_bytes(span.span_id)] = (
                        *(service, span.trace_id.hex(), int.from_bytes(span.parent_span_id), span.name),
                        *(span.kind, span.start_time_unix_nano, span.end_time_unix_nano, attributes),
                        *(span.status.code, span.status.message),
                    )
    return found


def check_otlp(recording: Recording) -> dict[int, tuple[Any, ...]]:
    """Both encodings say the same, and that is what the recording says."""
    messages = []
    for line in written(otlp.write, recording).splitlines():
        content = json.loads(line)
        # In JSON, OTLP has ids in hexadecimal, where protobuf's own mapping has base64.
        for process in content["resourceSpans"]:
            for scope in process["scopeSpans"]:
                for span in scope["spans"]:
                    for name in ("traceId", "spanId", "parentSpanId"):
                        if name in span:
                            packed = bytes.fromhex(span[name])
                            assert len(packed) == (16 if name == "traceId" else 8)
                            span[name] = base64.b64encode(packed).decode()
        messages.append(json_format.ParseDict(content, ExportTraceServiceRequest()))
    found = told(messages)
    assert found == told(list(requests_of(written(official.write_protobuf, recording))))
    tree = recording.tree
    epoch = recording.header.epoch_ns
    assert [found[span.id][:7] for span in tree.spans] == [
        (
            *(span.service, recording.header.trace_id, span.parent),
            tree.function(span).qualname or tree.function(span).id,
            otlp.KINDS.get(span.link, otlp.INTERNAL),
            *(epoch + span.start_ns, epoch + span.end_ns),
        )
        for span in tree.spans
    ]
    return found


def test_trace_events_hold_every_span_nested_and_every_link(recording: Recording) -> None:
    assert check_trace_events(recording)["otherData"]["trace_id"] == recording.header.trace_id


def test_speedscope_profiles_hold_every_span(recording: Recording) -> None:
    check_speedscope(recording)


def test_opentelemetry_gets_every_span_in_both_encodings(recording: Recording) -> None:
    check_otlp(recording)


def test_odd_recordings_are_exported_whole(odd: Recording) -> None:
    content = check_trace_events(odd)
    assert content["otherData"]["ends_taken_back_to_the_callers"] == "1"
    check_speedscope(odd)
    raised = [span for span in check_otlp(odd).values() if span[-2]]
    assert [(span[-2], span[-1]) for span in raised] == [(otlp.ERROR, "NoValidHost")]
    assert len(Tracks(odd.table()).tracks) == 2


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: f"{write.__module__}.{write.__name__}")
def test_what_is_masked_stays_masked_and_no_control_character_passes_raw(
    odd: Recording, write: Write
) -> None:
    content = written(write, odd)
    if write is not speedscope.write:  # which shows no values
        assert b"str[40] (masked)" in content
    if write is not official.write_protobuf:
        assert b"\x1b" not in content


class Collector:
    """An OpenTelemetry collector's receiver."""

    def __init__(self, status: int) -> None:
        self.received: list[ExportTraceServiceRequest] = []
        self.paths: set[str] = set()
        received, paths = self.received, self.paths

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                paths.add(self.path)
                if status == 200:
                    received.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Collector:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_a_collector_gets_what_a_file_gets(recording: Recording) -> None:
    """Over the official exporter."""
    with Collector(200) as collector, PlainSteps(io.StringIO()).step("send") as step:
        official.send(recording, collector.address, step)
    assert collector.paths == {"/v1/traces"}
    assert told(collector.received) == check_otlp(recording)


class GrpcCollector(TraceServiceServicer):
    """The same over gRPC."""

    def __init__(self) -> None:
        self.received: list[ExportTraceServiceRequest] = []
        self._server = grpc.server(ThreadPoolExecutor(1))
        add_TraceServiceServicer_to_server(self, self._server)
        self.address = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def Export(self, request: Any, context: Any) -> ExportTraceServiceResponse:  # noqa: N802 - gRPC's name
        self.received.append(request)
        return ExportTraceServiceResponse()

    def __enter__(self) -> GrpcCollector:
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop(None).wait()


def test_a_collector_gets_the_same_over_grpc(recording: Recording) -> None:
    with GrpcCollector() as collector:
        command = ("export", recording.folder, "--send", collector.address, "--protocol", "grpc")
        sent = subprocess.run(
            [sys.executable, "-m", "stackwalk", *map(str, command)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert sent.returncode == 0, sent.stderr
    assert told(collector.received) == check_otlp(recording)


def test_a_collector_that_refuses_is_told_of(odd: Recording) -> None:
    with (
        Collector(400) as collector,
        PlainSteps(io.StringIO()).step("send") as step,
        pytest.raises(UserError, match="did not take the spans after the first 0"),
    ):
        official.send(odd, f"{collector.address}/own/path", step)
    assert collector.paths == {"/own/path"}


@pytest.mark.parametrize("endpoint", ["ftp://x/", "localhost:4318", "http://"])
def test_an_address_that_is_none_is_refused(odd: Recording, endpoint: str) -> None:
    with (
        PlainSteps(io.StringIO()).step("send") as step,
        pytest.raises(UserError, match="not the address of a collector"),
    ):
        official.send(odd, endpoint, step)


def test_the_command_writes_a_whole_file_or_none(odd: Recording, tmp_path: Path) -> None:
    def export(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "stackwalk", "export", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    made = export(odd.folder, "--format", "perfetto", "--out", tmp_path / "odd.json")
    assert made.returncode == 0, made.stderr
    assert "5 spans are in" in made.stdout
    assert json.loads((tmp_path / "odd.json").read_text())["traceEvents"]
    assert export(odd.folder).returncode == 2
    assert export(odd.folder, "--out", tmp_path / "x").returncode == 2
    tree = odd.folder / "tree.msgpack"
    tree.write_bytes(tree.read_bytes()[:-3])
    damaged = export(odd.folder, "--format", "otlp", "--out", tmp_path / "none.jsonl")
    assert damaged.returncode == 2
    assert not (tmp_path / "none.jsonl").exists()
