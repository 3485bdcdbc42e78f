"""A report as one JSON value."""

from __future__ import annotations

import msgspec

from tracer.regression.findings import Report


def json_report(report: Report) -> str:
    """All fields of the report, with a format version."""
    told = {"format": "stackwalk check", "version": 1, **msgspec.to_builtins(report)}
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
