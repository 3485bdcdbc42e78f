"""A report as JUnit XML: the format that Ant made and that CI servers read (the Jenkins xunit plugin's
schema)."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from tracer.regression.findings import Finding, Report

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) has no way to write."""


def junit(report: Report) -> str:
    """One test case for each finding, which failed, and one for each thing that was found right."""
    cases = [_failed(one) for one in report.findings]
    cases += [
        f'  <testcase classname="call flow" name={_attribute(one)} time="0"/>\n' for one in report.passed
    ]
    counts = f'tests="{len(cases)}" failures="{len(report.findings)}" errors="0" skipped="0" time="0"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<testsuite name="stackwalk" {counts}>\n{"".join(cases)}</testsuite>\n'


def _failed(finding: Finding) -> str:
    name = f"{finding.rule}: {finding.message}"
    told = "\n".join(_lines(finding.title, finding.place, finding.was, finding.more))
    failure = f"type={_attribute(finding.rule)} message={_attribute(finding.message)}"
    return (
        f'  <testcase classname={_attribute(finding.group)} name={_attribute(name)} time="0">\n'
        f"    <failure {failure}>{_text(told)}</failure>\n"
        "  </testcase>\n"
    )


def _lines(title: str, place: object, was: object, more: tuple[str, ...]) -> list[str]:
    lines = [title]
    lines += [f"now {place}"] if place else []
    lines += [f"before {was}"] if was else []
    return [*lines, *more]


def _attribute(text: str) -> str:
    return quoteattr(_NOT_IN_XML.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text))
