"""What exporting a big recording takes: time and memory for each format.

    python -m tests.bench.big_export [--spans N]

Each export runs in a process of its own; its greatest resident memory is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.recording.requests import TRACE
from tracer.model.function import Function
from tracer.model.kinds import Link
from tracer.model.recording_folder import write_recording
from tracer.model.request_tree import RecordingHeader, RequestTree, Span, Value, Values

SPANS = 1_000_000
FUNCTIONS = 500
DEPTH = 12
MEASURED = """
import resource, subprocess, sys, time
began = time.monotonic()
subprocess.run([sys.executable, "-m", "stackwalk", *sys.argv[1:]], check=True, capture_output=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"{time.monotonic() - began:7.1f} s {peak:7.0f} MiB")
"""


def big_tree(count: int) -> RequestTree:
    """A tree of ``count`` calls in ten processes, with values."""
    functions = [
        Function(f"made.module{n % 40}:function{n}", f"made/module{n % 40}.py", n) for n in range(FUNCTIONS)
    ]
    spans = [Span(1, 0, 0, "client", 1, "MainThread", 0, 20 * count)]
    stack = [1]
    for number in range(2, count + 1):
        if len(stack) > DEPTH or (number % 3 == 0 and len(stack) > 1):
            stack.pop()
        process = (number >> 12) % 10
        if spans[stack[-1] - 1].pid != process + 2:
            del stack[1:]
        link = Link.HTTP if len(stack) == 1 else Link.PLAIN
        above = spans[stack[-1] - 1]
        values = Values(
            {"name": Value("str", f"text {number % 1000}"), "token": Value("str", "", 9, masked=True)}
        )
        end = min(above.end_ns, 20 * number + 20 * (DEPTH - len(stack)))
        spans.append(
            Span(number, stack[-1], number % FUNCTIONS, f"service-{process}", process + 2, "worker",
                 20 * number, max(end, 20 * number), link=link, values=values)
        )  # fmt: skip
        stack.append(number)
    header = RecordingHeader(
        "create", "made", TRACE, 1_700_000_000_000_000_000, "2026-11-22T12:00:00Z",
        len(spans), len(functions), {}, {}, [], [], [], {},
    )  # fmt: skip
    return RequestTree(header, functions, spans)


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--spans", type=int, default=SPANS, help=f"how many (default {SPANS:,})")
    count = parser.parse_args().spans
    with tempfile.TemporaryDirectory(prefix="stackwalk-export-") as folder:
        recording, out = Path(folder) / "big", Path(folder) / "out"
        write_recording(recording, big_tree(count))
        for name in ("perfetto", "speedscope", "otlp", "otlp-protobuf"):
            words = ["export", recording, "--format", name, "--out", out]
            told = subprocess.run(
                [sys.executable, "-c", MEASURED, *map(str, words)], check=True, capture_output=True, text=True
            )
            print(
                f"{name:14} {told.stdout.rstrip()} {out.stat().st_size / 2**20:7.0f} MiB written", flush=True
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
