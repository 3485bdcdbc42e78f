"""A report for people at a terminal."""

from __future__ import annotations

from tracer.regression.findings import Finding, Report
from tracer.terminal.wording import counted

_SIGNS = {
    "call-added": "+",
    "call-removed": "-",
    "call-moved": ">",
    "function-renamed": "=",
    "call-altered": "~",
    "order-changed": "^",
    "contract-broken": "!",
}
_MOST_FOLLOWING = 12


def text(report: Report) -> str:
    """The findings by group, each with its sign and its places; what follows from others comes last."""
    lines = []
    for name, findings in grouped([one for one in report.findings if not one.follows]).items():
        lines.append(f"{name}:")
        for one in findings:
            lines.append(f"  {_SIGNS.get(one.rule, '!')} {one.message}{_places(one)}")
            if one.rule == "contract-broken":
                lines.append(f"      contract: {one.title}")
            lines += [f"      {line}" for line in one.more]
    following = [one for one in report.findings if one.follows]
    if following:
        lines.append(f"{counted(len(following), 'change')} that follow from these:")
        lines += [f"  {_SIGNS.get(one.rule, '!')} {one.message}" for one in following[:_MOST_FOLLOWING]]
        if len(following) > _MOST_FOLLOWING:
            lines.append(f"  ... and {len(following) - _MOST_FOLLOWING} more (--format json has all)")
    lines += [f"allowance that nothing uses any more: {one}" for one in report.unused]
    lines += [f"note: {note}" for note in report.notes]
    if report.findings:
        lines.append(f"{report.subject}: {counted(len(report.findings), 'finding')}")
    else:
        lines += [f"ok: {one}" for one in report.passed]
    return "".join(f"{line}\n" for line in lines)


def grouped(findings: list[Finding]) -> dict[str, list[Finding]]:
    """Findings by their group, in the order in which groups first come."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.group, []).append(finding)
    return groups


def _places(finding: Finding) -> str:
    now = f"  now {finding.place}" if finding.place is not None else ""
    was = f"  before {finding.was}" if finding.was is not None else ""
    return now + was
