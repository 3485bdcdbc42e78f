"""A report as workflow commands of GitHub Actions, which become annotations on the changed files.

Their form and what has to be escaped: GitHub's "Workflow commands for GitHub Actions", and ``command.ts`` of
its toolkit.
"""

from __future__ import annotations

from tracer.regression.findings import Finding, Report


def github(report: Report) -> str:
    """One ``::error`` for each finding, one ``::notice`` for what else there is to say."""
    lines = [_command("notice" if one.follows else "error", one.message, one) for one in report.findings]
    lines += [f"::notice::{_data(note)}" for note in report.notes]
    lines += [f"::notice::{_data(f'allowance that nothing uses any more: {one}')}" for one in report.unused]
    return "".join(f"{line}\n" for line in lines)


def _command(level: str, message: str, finding: Finding) -> str:
    properties = {"title": finding.title}
    if finding.place is not None:
        properties = {"file": finding.place.file, "line": str(max(finding.place.line, 1)), **properties}
    told = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{level} {told}::{_data(chr(10).join((message, *finding.more)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
