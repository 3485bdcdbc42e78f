"""Prints a recording to standard output."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from tracer.model.notes import Notes
from tracer.model.recording_folder import open_recording
from tracer.model.request_tree import RequestTree
from tracer.showing.lines import json_lines
from tracer.showing.note_lines import note_lines
from tracer.showing.selection import Selection, Wanted, select
from tracer.showing.summary import summary
from tracer.showing.text import TreeText
from tracer.terminal.errors import UserError
from tracer.terminal.paint import DIM, Paint, wants_colour

LINES_AT_ONCE = 512


def print_recording(
    folder: Path,
    services: tuple[str, ...],
    depth: int,
    pattern: str | None,
    *,
    values: bool,
    notes: Notes | None,
    language: str,
    output: str,
) -> None:
    """Print the recording in ``folder`` to standard output.

    Args:
        folder: the recording.
        services: only spans of these; empty for all.
        depth: only so many levels; 0 for all.
        pattern: only what matches this regular expression; None for all.
        values: whether to print captured values in the text format.
        notes: to print in the text format below what they are about; None for none.
        language: the language of the notes.
        output: ``text`` or ``jsonl``.

    Raises:
        RecordingError: when the recording cannot be read.
        UserError: when a filter makes no sense for it.
    """
    compiled = _compiled(pattern)
    tree = open_recording(folder).tree
    unknown = [service for service in services if service not in tree.services]
    if unknown:
        raise UserError(
            f"{folder} has no span of the service {', '.join(unknown)}",
            f"It has: {', '.join(tree.services)}.",
        )
    selection = select(tree, Wanted(services, depth, compiled))
    if output == "jsonl":
        _write(json_lines(tree, selection), sys.stdout.buffer)
        if selection.matched < len(tree.spans):
            print(f"{selection.matched:,} of {len(tree.spans):,} spans printed", file=sys.stderr)
        return
    paint = Paint(wants_colour(sys.stdout))
    encoding = sys.stdout.encoding or "utf-8"

    def encoded(lines: Iterable[str]) -> Iterable[bytes]:
        return (line.encode(encoding, "replace") for line in lines)

    length = max(span.end_ns for span in tree.spans) - tree.root.start_ns
    _write(encoded(summary(tree.header, length, paint)), sys.stdout.buffer)
    below = note_lines(tree, selection, notes, language) if notes else {}
    _write(encoded(TreeText(tree, selection, paint, values=values, notes=below)), sys.stdout.buffer)
    _write(encoded([_closing(tree, selection, paint)]), sys.stdout.buffer)


def _closing(tree: RequestTree, selection: Selection, paint: Paint) -> str:
    if not selection.hidden:
        return ""
    hidden = ", ".join(
        f"{count:,} by {option}"
        for option, count in (
            ("--service", selection.by_service),
            ("--grep", selection.by_pattern),
            ("--depth", selection.by_depth),
        )
        if count
    )
    around = selection.shown - selection.matched
    context = f", {around:,} of them for context" if around else ""
    told = f"{selection.shown:,} of {len(tree.spans):,} spans shown{context}; hidden: {hidden}"
    return f"\n{paint(told, DIM)}\n"


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UserError(f"--grep {pattern!r} is not a regular expression: {error}") from None


def _write(lines: Iterable[bytes], stream: BinaryIO) -> None:
    remaining = iter(lines)
    while chunk := b"".join(islice(remaining, LINES_AT_ONCE)):
        stream.write(chunk)
    stream.flush()
