"""The page of a comparison, in one file that opens from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from importlib import resources
from typing import Protocol

from markupsafe import Markup

from reports.templates import page_templates
from tracer.regression.findings import Finding, Report
from tracer.regression.formats.text import grouped
from tracer.terminal.wording import counted

_MOST_ROWS = 600
_MOST_PAIRS = 400


class Text(Protocol):
    """A function's source: its file, its first line and its text."""

    @property
    def file(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def text(self) -> str: ...


class Sides(Protocol):
    """The texts of functions on both sides, by id."""

    @property
    def old(self) -> dict[str, Text]: ...

    @property
    def new(self) -> dict[str, Text]: ...


@dataclass(frozen=True)
class Row:
    """One row of two sources: line numbers and texts (None: not there), and whether they differ."""

    old_number: int | None
    old: str
    new_number: int | None
    new: str
    differs: bool


@dataclass(frozen=True)
class Pair:
    """A function on both sides, with the findings about it."""

    name: str
    old_name: str
    old_file: str
    new_file: str
    findings: list[Finding]
    rows: list[Row]
    cut: int


def comparison_page(report: Report, sides: Sides | None) -> str:
    """The page of ``report``.

    Args:
        report: what was found.
        sides: the texts of the functions that it names; None where there are none.
    """
    roots = [finding for finding in report.findings if not finding.follows]
    pairs = _pairs(roots, sides) if sides is not None else []
    templates = page_templates(__package__)
    templates.filters["counted"] = counted
    style = resources.files("reports.assets").joinpath("base.css").read_text("utf-8")
    return templates.get_template(
        "comparison.html.j2"
    ).render(
        shared_style=Markup(style),  # noqa: S704
        report=report,
        groups=grouped(roots),
        following=[finding for finding in report.findings if finding.follows],
        pairs=pairs[:_MOST_PAIRS],
        pairs_left=max(0, len(pairs) - _MOST_PAIRS),
        numbers={pair.name: number for number, pair in enumerate(pairs[:_MOST_PAIRS])},
    )


def _pairs(findings: list[Finding], sides: Sides) -> list[Pair]:
    by_function: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.function:
            by_function.setdefault(finding.function, []).append(finding)
    found = []
    for name, about in by_function.items():
        old_name = next((one.former for one in about if one.former), name)
        old, new = sides.old.get(old_name) or sides.old.get(name), sides.new.get(name)
        if old is None and new is None:
            continue
        rows = _rows(old, new)
        found.append(
            Pair(
                name,
                old_name,
                f"{old.file}:{old.line}" if old is not None else "",
                f"{new.file}:{new.line}" if new is not None else "",
                about,
                rows[:_MOST_ROWS],
                max(0, len(rows) - _MOST_ROWS),
            )
        )
    return found


def _rows(old: Text | None, new: Text | None) -> list[Row]:
    before = old.text.splitlines() if old is not None else []
    after = new.text.splitlines() if new is not None else []
    first_old, first_new = (old.line if old else 0), (new.line if new else 0)
    rows = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for at in range(max(b - a, d - c)):
            left, right = a + at, c + at
            there, here = left < b, right < d
            rows.append(
                Row(
                    first_old + left if there else None,
                    before[left] if there else "",
                    first_new + right if here else None,
                    after[right] if here else "",
                    tag != "equal",
                )
            )
    return rows
