"""The table that a measurement prints: what was counted, what was found, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row of the table: what was counted, what is demanded, what is missing and why."""

    name: str
    found: int
    total: int
    demanded: float
    """The share that has to be found."""
    missing: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether what is demanded was found."""
        return self.total > 0 and self.found >= self.demanded * self.total

    def __str__(self) -> str:
        share = f"{self.found / self.total:.1%}" if self.total else "nothing to count"
        verdict = "" if self.met else f"   BELOW {self.demanded:.0%}"
        return f"{self.found:>7,} of {self.total:>7,}  {share:>6}  {self.name}{verdict}"


def report(rows: Iterable[Row]) -> tuple[str, bool]:
    """The table as text, and whether every row is as demanded."""
    lines, met = [], True
    for row in rows:
        lines += [str(row), *(f"            {line}" for line in row.missing)]
        met = met and (row.met or row.demanded == 0)
    return "\n".join(lines), met
