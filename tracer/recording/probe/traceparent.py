"""The W3C trace context header, which also serves as the form in which a link travels in messages."""

from __future__ import annotations

import re

HEADER = "traceparent"
_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")


def parse(text: object) -> tuple[str, str] | None:
    """Trace id and link key of a sampled ``traceparent``; None for anything else."""
    if type(text) is not str:
        return None
    match = _FORM.match(text)
    if match is None or not int(match[3], 16) & 1:
        return None
    return match[1], match[2]


def render(trace_id: str, key: str) -> str:
    """The header's value for a message of trace ``trace_id`` whose link has ``key``."""
    return f"00-{trace_id}-{key}-01"
