"""The reviewed list of what the analyzer does not get exactly right.

    python -m tests.reading.gaps

prints ``known_gaps.toml`` as it would have to be now: with the reasons of gaps that stay, an empty one, which
the tests refuse, for gaps that are new, and without those that have closed.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.reading.analysis import read_edges
from tests.reading.cases import all_cases
from tests.reading.execution import Edge

LIST = Path(__file__).with_name("known_gaps.toml")


@dataclass(frozen=True)
class Gap:
    """Why a program is not read exactly, and the edges (``CALLER -> CALLEE``) missing and too many."""

    reason: str = ""
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()


def known_gaps() -> dict[str, Gap]:
    """The reviewed gaps by program."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {
        name: Gap(gap.get("reason", ""), tuple(gap.get("missing", ())), tuple(gap.get("surplus", ())))
        for name, gap in listed.items()
    }


def gap_between(truth: set[Edge], found: set[Edge], reason: str = "") -> Gap:
    """How what was found differs from the truth."""
    return Gap(reason, _lines(truth - found), _lines(found - truth))


def _lines(edges: set[Edge]) -> tuple[str, ...]:
    return tuple(sorted(f"{caller} -> {callee}" for caller, callee in edges))


def _entry(name: str, gap: Gap) -> str:
    lines = [f"[{json.dumps(name)}]", f"reason = {json.dumps(gap.reason)}"]
    for key, edges in (("missing", gap.missing), ("surplus", gap.surplus)):
        if edges:
            lines += [f"{key} = [", *(f"    {json.dumps(edge)}," for edge in edges), "]"]
    return "\n".join(lines)


def main() -> None:
    """Print the list as it would have to be now."""
    before = known_gaps()
    print(LIST.read_text(encoding="utf-8").partition("\n\n")[0].rstrip())
    for case in all_cases():
        known = before.get(case.name, Gap())
        if case.cannot_run:
            gap = known
        else:
            gap = gap_between(set(case.truth()), set(read_edges(case.path)), known.reason)
        if gap.missing or gap.surplus:
            print(f"\n{_entry(case.name, gap)}")


if __name__ == "__main__":
    main()
