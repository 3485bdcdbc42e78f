"""speedscope's own format: one profile a thread, calls as they opened and closed.

The format: file-format-schema.json in the package ``speedscope`` of the Node package registry.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import IO

import msgspec

from reports.export.telling import name_of
from reports.export.tracks import Tracks
from tracer.model.function import Function
from tracer.model.recording_folder import Recording
from tracer.model.stored_tree import SpanTable
from tracer.terminal.progress import Step

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
PIECE = 4096
"""Events that are joined before they are written."""


def write(recording: Recording, file: IO[bytes], step: Step) -> None:
    """Write a recording's spans as speedscope's profiles.

    Args:
        recording: whose.
        file: where to.
        step: is told of every span.
    """
    table = recording.table()
    tracks = Tracks(table)
    encode = msgspec.json.encode
    header = recording.header
    zero = min(table.start)
    file.write(
        b'{"$schema":%b,"exporter":"stackwalk","name":%b,"activeProfileIndex":0,"shared":{"frames":%b},'
        b'"profiles":[\n'
        % (
            encode(SCHEMA),
            encode(f"{header.command} {header.created}"),
            encode([_frame(function) for function in table.functions]),
        )
    )
    for number, (track, stacks) in enumerate(tracks.stacks()):
        first, last = table.start[stacks[0][0] - 1], max(tracks.end[stack[0] - 1] for stack in stacks)
        about = f"{track.process.service} (pid {track.process.pid}) {track.name}"
        file.write(
            b'%b{"type":"evented","name":%b,"unit":"nanoseconds","startValue":%d,"endValue":%d,"events":[\n'
            % (b",\n" if number else b"", encode(about), first - zero, last - zero)
        )
        _write_joined(file, _events(table, tracks, stacks, zero))
        file.write(b"]}")
        step.advance(sum(map(len, stacks)))
    file.write(b"\n]}\n")


def _frame(function: Function) -> dict[str, str | int]:
    frame: dict[str, str | int] = {"name": name_of(function)}
    if function.file:
        frame |= {"file": function.file, "line": function.line}
    return frame


def _events(table: SpanTable, tracks: Tracks, stacks: list[array[int]], zero: int) -> Iterator[bytes]:
    now = 0
    for stack in stacks:
        running: list[int] = []

        def close(number: int) -> bytes:
            nonlocal now
            now = max(now, tracks.end[number - 1] - zero)
            return b'{"type":"C","frame":%d,"at":%d}' % (table.function[number - 1], now)

        for number in stack:
            while running and running[-1] != table.parent[number - 1]:
                yield close(running.pop())
            now = max(now, table.start[number - 1] - zero)
            yield b'{"type":"O","frame":%d,"at":%d}' % (table.function[number - 1], now)
            running.append(number)
        while running:
            yield close(running.pop())


def _write_joined(file: IO[bytes], events: Iterator[bytes]) -> None:
    piece: list[bytes] = []
    before = b""
    for event in events:
        piece.append(event)
        if len(piece) == PIECE:
            file.write(before + b",\n".join(piece))
            before = b",\n"
            piece.clear()
    if piece:
        file.write(before + b",\n".join(piece))
