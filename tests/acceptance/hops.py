"""How much of the create path, as read in nova's source, a recording holds.

    python -m tests.acceptance.hops RECORDING [HOPS.json]

Exits with 0 when at least 90 % of the observable backbone was found, 1 when not, 2 for broken input.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.acceptance.matching import How, Matcher
from tests.acceptance.observability import Hop, why_unobservable
from tracer.model.recording_folder import RecordingError, open_recording
from tracer.model.request_tree import RequestTree

HOPS = Path(__file__).parent.parent / "data" / "create_path_hops.json"
ENOUGH = 0.9
BACKBONE = 1


class HopsFile(msgspec.Struct):
    """The file that lists the hops."""

    about: str
    hops: list[Hop]


@dataclass(frozen=True)
class Finding:
    """A hop, how it was found, and for one that was not, why."""

    hop: Hop
    how: How
    unobservable: str
    absent: str


@dataclass(frozen=True)
class Measurement:
    """All hops as they were found in one recording."""

    findings: list[Finding]

    @property
    def observable(self) -> list[Hop]:
        """The hops that a recording of one request can hold."""
        return [finding.hop for finding in self.findings if not finding.unobservable]

    @property
    def missing(self) -> list[Hop]:
        """The observable hops that were not found."""
        return [finding.hop for finding in self.findings if not finding.unobservable and not finding.how]

    def share(self, tier: int) -> tuple[int, int]:
        """(found, observable) of a tier."""
        observable = [hop for hop in self.observable if hop.tier == tier]
        return len(observable) - sum(hop.tier == tier for hop in self.missing), len(observable)


def load_sample(path: Path = HOPS) -> list[Hop]:
    """The hops in the file ``path``."""
    return msgspec.json.decode(path.read_bytes(), type=HopsFile).hops


def measure(tree: RequestTree, hops: Sequence[Hop]) -> Measurement:
    """Look every hop up in ``tree``."""
    matcher = Matcher(tree)
    result = []
    for hop in hops:
        how = matcher.find(hop)
        kind = why_unobservable(hop)
        result.append(Finding(hop, how, kind.name if kind else "", "" if how else matcher.why_absent(hop)))
    return Measurement(result)


def report(measurement: Measurement) -> str:
    """All of it as text."""
    findings = measurement.findings
    lines = []
    for tier in sorted({finding.hop.tier for finding in findings}):
        found, observable = measurement.share(tier)
        own = [finding for finding in findings if finding.hop.tier == tier]
        percent = f"{found / observable:.1%}" if observable else "-"
        lines.append(
            f"tier {tier}: {found} of {observable} observable hops found ({percent}), {len(own)} in all"
        )
        ways = Counter(finding.how for finding in own if finding.how and not finding.unobservable)
        lines.extend(f"    {ways[how]:4} {how.value}" for how in How if ways[how])
        outside = Counter(finding.unobservable for finding in own if finding.unobservable)
        extra = Counter(finding.unobservable for finding in own if finding.unobservable and finding.how)
        lines.extend(
            f"    {count:4} not observable: {name} ({extra[name]} of them found all the same)"
            for name, count in outside.most_common()
        )
    absent = [finding for finding in findings if not finding.how and not finding.unobservable]
    if absent:
        lines.append("missing:")
    for finding in sorted(absent, key=lambda finding: (finding.hop.tier, finding.hop.phase)):
        hop = finding.hop
        lines.append(f"  tier {hop.tier} {hop.phase} [{hop.kind}] {hop.file}:{hop.line}")
        lines.append(f"      {hop.caller} -> {hop.callee}")
        lines.append(f"      {finding.absent}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """The command line; returns its exit code."""
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        tree = open_recording(Path(arguments[0])).tree
    except RecordingError as error:
        print(error, file=sys.stderr)
        return 2
    measurement = measure(tree, load_sample(Path(arguments[1]) if len(arguments) == 2 else HOPS))
    print(report(measurement))
    found, observable = measurement.share(BACKBONE)
    return 0 if found >= ENOUGH * observable else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
