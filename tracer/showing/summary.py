"""What a recording says of itself, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tracer.model.kinds import lane_order
from tracer.model.request_tree import RecordingHeader
from tracer.showing.text import duration, lane_colour
from tracer.terminal.paint import BOLD, DIM, RED, YELLOW, Paint, printable
from tracer.terminal.wording import counted

MOST_LISTED = 10
"""Orphans and unanswered links beyond this many are counted, not listed; the JSON header holds them all."""


def summary(header: RecordingHeader, length_ns: int, paint: Paint) -> Iterator[str]:
    """Lines (newlines included) that introduce a recording.

    Args:
        header: the recording's header.
        length_ns: from the root's start to the last end, in nanoseconds.
        paint: whether in colours.
    """
    yield f"{paint(printable(header.scenario), BOLD)}  {header.created}  {printable(header.command)}\n"
    yield (
        f"{counted(header.spans, 'span')} of {counted(header.functions, 'function')} "
        f"in {counted(len(header.lanes), 'process', 'processes')}, "
        f"{duration(length_ns)}, trace {header.trace_id}\n"
    )
    yield f"  services  {_figures(header.services, paint, coloured=True)}\n"
    yield f"  links     {_figures(header.links, paint) or 'none'}\n"
    orphans = f"{len(header.orphans):,}"
    yield f"  orphans   {paint(orphans, RED) if header.orphans else orphans}\n"
    yield from _listed(
        (f"span {orphan.span}: {orphan.reason}" for orphan in header.orphans), len(header.orphans), paint
    )
    yield from _unanswered(header, paint)
    for lane in sorted(header.lanes, key=lambda lane: (lane_order(lane.service), lane.pid)):
        if lane.ended:
            yield paint(f"  {lane.service} (pid {lane.pid}): {printable(lane.ended)}\n", YELLOW)
    for notice in header.notices:
        yield paint(f"  notice: {printable(notice)}\n", YELLOW)
    for title, pairs in (("versions", header.versions), ("facts", header.facts)):
        if pairs:
            told = " · ".join(f"{printable(name)} {printable(text)}" for name, text in pairs.items())
            yield f"  {title:<9} {paint(told, DIM)}\n"
    yield "\n"


def _figures(counts: Mapping[str, int], paint: Paint, *, coloured: bool = False) -> str:
    return " · ".join(
        f"{paint(name, lane_colour(name)) if coloured else name} {count:,}" for name, count in counts.items()
    )


def _unanswered(header: RecordingHeader, paint: Paint) -> Iterator[str]:
    """Links at whose other end nothing was recorded, counted by kind and reason."""
    if not header.unanswered:
        return
    yield f"  no answer {len(header.unanswered):,} links at whose other end nothing was recorded\n"
    counted = Counter((link.link.value, link.reason) for link in header.unanswered)
    yield from _listed(
        (f"{count:,} {kind}: {reason}" for (kind, reason), count in counted.most_common()),
        len(counted),
        paint,
    )


def _listed(lines: Iterable[str], total: int, paint: Paint) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number == MOST_LISTED:
            yield paint(f"            and {total - MOST_LISTED:,} more\n", DIM)
            return
        yield f"            {printable(line)}\n"
