"""Findings: what a check has to say, in the one shape that all formats print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from tracer.model.kinds import lane_order
from tracer.regression.breaches import Verdict
from tracer.regression.changes import Change, Comparison, Place, What, group_of

RULES = {
    What.REMOVED: ("call-removed", "A call that was agreed on is gone"),
    What.ADDED: ("call-added", "There is a call that was not agreed on"),
    What.MOVED: ("call-moved", "A call is made by another function now"),
    What.RENAMED: ("function-renamed", "A function has another name or place"),
    What.ALTERED: ("call-altered", "A call is made in another way or another number of times"),
    What.ORDER: ("order-changed", "Calls that depend on each other come in another order"),
}
CONTRACT_RULE = ("contract-broken", "A contract is broken")


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is not as it should be.

    ``rule`` is the kind of finding, ``title`` that kind in words (for a contract, its name). ``group`` is the
    service or package it belongs to, ``function`` the function whose flow it is about. ``place`` is where it
    stands now, ``was`` where it stood, ``more`` are lines that explain it. ``follows``: it follows from
    another finding.
    """

    rule: str
    title: str
    message: str
    group: str
    fingerprint: str
    function: str = ""
    place: Place | None = None
    was: Place | None = None
    more: tuple[str, ...] = ()
    follows: bool = False
    former: str = ""
    """The function's id in the old source, where it has another now."""


class Report(msgspec.Struct, frozen=True):
    """The findings of one check, with what was held against what."""

    subject: str
    findings: list[Finding]
    notes: list[str] = []
    unused: list[str] = []
    passed: list[str] = []
    """What was checked and found right."""


def report_of_comparison(comparison: Comparison) -> Report:
    """The report of a comparison of two flows."""
    only_following = all(change.follows for change in comparison.changes)
    findings = [
        Finding(
            RULES[change.what][0],
            RULES[change.what][1],
            change.message,
            group_of(change),
            change.fingerprint,
            change.caller,
            change.now,
            change.was,
            follows=change.follows and not only_following,
            former=change.callee if change.what is What.RENAMED else "",
        )
        for change in sorted(comparison.changes, key=_shown)
    ]
    subject = f"{comparison.old} -> {comparison.new}" if comparison.new else comparison.old
    passed = [] if findings else ["the call flow is the one that was agreed on"]
    return Report(subject, findings, comparison.notes, comparison.unused, passed)


def _shown(change: Change) -> tuple[object, ...]:
    return (lane_order(group_of(change)), tuple(What).index(change.what), change.caller, change.callee)


def report_of_verdicts(verdicts: Sequence[Verdict]) -> Report:
    """The report of contracts."""
    findings: list[Finding] = []
    notes: list[str] = []
    unused: list[str] = []
    passed: list[str] = []
    for verdict in verdicts:
        contract = verdict.contract
        for breach in verdict.breaches:
            why = " ".join(breach.why.split())
            more = (*((f"why: {why}",) if why else ()), *breach.way)
            findings.append(
                Finding(
                    CONTRACT_RULE[0],
                    contract.name,
                    breach.message,
                    f"contracts on {breach.on}",
                    breach.fingerprint,
                    place=breach.place,
                    more=more,
                )
            )
        notes += [f"{contract.name}: {reason}" for reason in verdict.skipped]
        unused += [f"{contract.name}: {exception}" for exception in verdict.unused]
        if verdict.checked and not verdict.breaches:
            passed.append(f"{contract.name} (on {', '.join(verdict.checked)})")
    return Report("contracts", findings, notes, unused, passed)


def joined(reports: Sequence[Report]) -> Report:
    """Several reports as one."""
    return Report(
        "; ".join(report.subject for report in reports),
        [finding for report in reports for finding in report.findings],
        [note for report in reports for note in report.notes],
        [one for report in reports for one in report.unused],
        [one for report in reports for one in report.passed],
    )


def located(report: Report, roots: Iterable[Path]) -> Report:
    """The report with files as they are reached from the present folder, where they are below one of
    ``roots``."""
    folders = list(roots)

    def place(found: Place | None) -> Place | None:
        if found is None or Path(found.file).exists():
            return found
        for folder in folders:
            file = folder / found.file
            if file.is_file():
                shown = file.absolute()
                here = Path.cwd()
                return Place(
                    (shown.relative_to(here) if shown.is_relative_to(here) else shown).as_posix(), found.line
                )
        return found

    return _with_places(report, place)


def _with_places(report: Report, place: Callable[[Place | None], Place | None]) -> Report:
    return msgspec.structs.replace(
        report, findings=[msgspec.structs.replace(one, place=place(one.place)) for one in report.findings]
    )
