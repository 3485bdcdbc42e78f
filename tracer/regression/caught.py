"""Exceptions that were caught while a request ran, and what ran because of them.

A lost race, a busy database, a refused connection: the code goes on another way, and is the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import RequestTree, Span


class Caught(NamedTuple):
    """In ``lane``, ``caller`` went on after ``callee`` had raised (function ids)."""

    lane: str
    caller: str
    callee: str


Catches = frozenset[Caught]
NONE: Catches = frozenset()


class CatchFinder:
    """Finds the exceptions that were caught in a request.

    An exception counts as caught by whoever calls something else, or returns, after it came. Between
    functions that are not looked at, it does not count.

    Args:
        tree: the request.
        kept: whether a span is looked at.
        nearest: the nearest span that is looked at, of one that was asked for before and those above it.
    """

    def __init__(
        self, tree: RequestTree, kept: Callable[[Span], bool], nearest: Callable[[Span], Span | None]
    ) -> None:
        self._tree, self._kept, self._nearest = tree, kept, nearest
        self._earlier: dict[int, Catches] = {}
        self._inside: dict[int, Catches] = {0: NONE}
        self._one: dict[Catches, Catches] = {}
        self.cut_short: dict[Caught, frozenset[str]] = {}
        """What was caught, and which functions did not do all that they otherwise do."""

    def before(self, span: Span) -> Catches:
        """What had been caught above ``span`` before it began; to be asked in the order of spans."""
        found = self._joined(self._inside.get(span.parent, NONE), self._earlier.get(span.parent, NONE))
        caught = self._caught(span)
        if caught is None:
            self._inside[span.id] = found
        else:
            self._inside[span.id] = self._joined(found, frozenset((caught,)))
            self._earlier[span.parent] = self._joined(
                self._earlier.get(span.parent, NONE), frozenset((caught,))
            )
        return found

    def _joined(self, one: Catches, other: Catches) -> Catches:
        if not other:
            return one
        both = one | other
        return self._one.setdefault(both, both)

    def _caught(self, span: Span) -> Caught | None:
        """What it was that ``span`` raised, if whoever called it went on."""
        parent = self._tree.parent(span)
        if not _raised(span) or parent is None:
            return None
        last = self._tree.children[parent.id][-1]
        if parent.outcome is Outcome.RAISED and last.start_ns < span.end_ns:
            return None
        raising = list(self._raising(span))
        seen = [one for one in raising if self._kept(one)]
        caller = self._nearest(parent)
        if caller is None or not (seen or caller is parent):
            return None
        identity = self._tree.function
        found = Caught(caller.service, identity(caller).id, identity((seen or raising)[0]).id)
        cut = frozenset(identity(one).id for one in (caller, *seen))
        self.cut_short[found] = self.cut_short.get(found, frozenset()) | cut
        return found

    def _raising(self, span: Span) -> list[Span]:
        """``span`` and those below it through which the same exception came."""
        found = [span]
        while children := self._tree.children.get(found[-1].id):
            if not _raised(children[-1]):
                break
            found.append(children[-1])
        return found


def _raised(span: Span) -> bool:
    return span.outcome is Outcome.RAISED and span.link is Link.PLAIN
