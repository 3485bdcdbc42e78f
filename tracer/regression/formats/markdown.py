"""A report in Markdown, for a comment on a change."""

from __future__ import annotations

import re

from tracer.regression.findings import Report
from tracer.regression.formats.text import grouped

_MOST = 200


def markdown(report: Report) -> str:
    """A table for each group, what follows from other findings folded away."""
    if not report.findings:
        return "".join(
            f"- {_plain(one)}\n" for one in ("Call flow: nothing changed.", *report.passed, *report.notes)
        )
    lines = [f"### Call flow: {_plain(report.subject)}", ""]
    for name, findings in grouped([one for one in report.findings if not one.follows]).items():
        lines += [f"**{_plain(name)}**", "", "| what | change | now | before |", "|---|---|---|---|"]
        for one in findings[:_MOST]:
            more = "".join(f"<br>{_cell(line)}" for line in one.more)
            cells = (
                _cell(one.title),
                _cell(one.message) + more,
                _cell(one.place or ""),
                _cell(one.was or ""),
            )
            lines.append(f"| {' | '.join(cells)} |")
        if len(findings) > _MOST:
            lines.append(f"| ... | and {len(findings) - _MOST} more | | |")
        lines.append("")
    following = [one for one in report.findings if one.follows]
    if following:
        lines += [f"<details><summary>{len(following)} changes that follow from these</summary>", ""]
        lines += [f"- {_plain(one.message)}" for one in following[:_MOST]]
        lines += [f"- and {len(following) - _MOST} more"] if len(following) > _MOST else []
        lines += ["", "</details>", ""]
    lines += [f"- allowance that nothing uses any more: {_plain(one)}" for one in report.unused]
    lines += [f"- {_plain(note)}" for note in report.notes]
    return "\n".join(lines).rstrip() + "\n"


def _cell(value: object) -> str:
    return _plain(str(value)).replace("|", "\\|")


def _plain(text: str) -> str:
    """``text`` without anything that Markdown or HTML would take for a mark."""
    told = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]])", r"\\\1", " ".join(told.split()))
