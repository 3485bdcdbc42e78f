"""How calls are known, written once for all calls that are known in the same way."""

from __future__ import annotations

from reports.visible_text import visible_line
from reports.walkthrough.catalogue import Relation
from tracer.model.branches import Way


class KnownCalls:
    """Writes calls as rows: the other end, line, times seen, number of the way in which the call is known.

    Attributes:
        ways: by number the kind of call, the rule that found it, how sure that is (both empty where there is
            none), and why no rule found it.
    """

    def __init__(self) -> None:
        self.ways: list[list[str]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def row(self, one: Relation, *, to_callee: bool = True) -> list[int]:
        """A call, told from its caller or, with ``to_callee`` false, from its callee."""
        way = self._way(one.kind, one.rule, one.certainty, one.cause)
        return [one.callee if to_callee else one.caller, one.line, one.times, way]

    def possible(self, callee: int, way: Way) -> list[int]:
        """A call that was possible and not taken."""
        return [callee, way.line, 0, self._way(str(way.kind), way.rule, str(way.certainty), "")]

    def _way(self, *words: str) -> int:
        number = self._numbers.setdefault(words, len(self.ways))
        if number == len(self.ways):
            self.ways.append([visible_line(word) for word in words])
        return number
