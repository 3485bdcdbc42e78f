"""A report in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable

from tracer.regression.findings import Report
from tracer.regression.formats.github import github
from tracer.regression.formats.json_report import json_report
from tracer.regression.formats.junit import junit
from tracer.regression.formats.markdown import markdown
from tracer.regression.formats.sarif import sarif
from tracer.regression.formats.text import text

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text,
    "json": json_report,
    "junit": junit,
    "sarif": sarif,
    "github": github,
    "markdown": markdown,
}
"""What prints a report, by the name of its format."""
