"""The work list of additions: what flows in added variables, and whether that changes any saved one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from tracer.reading.resuming.kept import UnfollowableError


class Saved(Protocol):
    """The variables that were saved."""

    variables: int

    def numbers(self, var: int) -> Sequence[int]:
        """What a variable holds, in order."""

    def amount(self, var: int) -> int:
        """How many values it holds."""


class AddedFlow:
    """Does what `tracer.worklist.kernel.Kernel` does, for variables behind the saved ones.

    These hold what they held: what reaches them must be among it.

    Args:
        saved: the variables that were saved.
        many: so many values in one variable are told apart; with more, nothing is followed on.
        is_soft: whether an object is one of those that are taken together where many meet.
        opaque: the number of the object that stands for these.
    """

    def __init__(self, saved: Saved, many: int, is_soft: Callable[[int], bool], opaque: int) -> None:
        self._saved = saved
        self._first = saved.variables
        self._many = many
        self._is_soft = is_soft
        self._opaque = opaque
        self._values: dict[int, dict[int, None]] = {}
        self._edges: dict[int, dict[int, None]] = {}
        self._watchers: dict[int, list[tuple[Any, ...]]] = {}
        self._fresh: dict[int, list[int]] = {}
        self._queue: deque[int] = deque()
        self._known: dict[int, frozenset[int]] = {}
        self.variables = saved.variables
        """How many variables there are, with the saved ones."""
        self.steps = 0
        """How often something was added or handed on."""

    def new_vars(self, count: int) -> int:
        """``count`` fresh variables in a row; the first one's number."""
        first = self.variables
        self.variables += count
        return first

    def is_added(self, var: int) -> bool:
        """Whether this is none of the saved variables."""
        return var >= self._first

    def add_all(self, var: int, numbers: Iterable[int]) -> None:
        """Let ``var`` hold the objects ``numbers``.

        Raises:
            UnfollowableError: it was saved and holds anything else, or too many values meet.
        """
        if var < self._first:
            if var:
                self._check(var, numbers)
            return
        known = self._values.setdefault(var, {})
        new = [number for number in numbers if number not in known]
        if len(known) + len(new) > self._many:
            raise UnfollowableError("many values meet in something added")
        if not new:
            return
        known.update(dict.fromkeys(new))
        self.steps += 1
        waiting = self._fresh.get(var)
        if waiting is not None:
            waiting.extend(new)
        elif var in self._edges or var in self._watchers:
            self._fresh[var] = new
            self._queue.append(var)

    def _check(self, var: int, numbers: Iterable[int]) -> None:
        known = self._known.get(var)
        if known is None:
            known = self._known[var] = frozenset(self._saved.numbers(var))
        taken_together = len(known) > self._many and self._opaque in known
        for number in numbers:
            if number not in known and not (taken_together and self._is_soft(number)):
                raise UnfollowableError("a value comes to where it did not come before")

    def edge(self, source: int, target: int) -> None:
        """Whatever ``source`` holds, ``target`` holds."""
        if source == target or not source or not target:
            return
        if source >= self._first:
            edges = self._edges.setdefault(source, {})
            if target in edges:
                return
            edges[target] = None
        numbers = self.numbers(source)
        if numbers:
            self.add_all(target, numbers)

    def watch(self, var: int, action: Callable[..., None], *data: Any) -> None:
        """Call ``action(numbers, *data)`` with what ``var`` holds, now and whenever it grows."""
        if not var:
            return
        seen = self.numbers(var)
        if var >= self._first:
            self._watchers.setdefault(var, []).append((action, *data))
            waiting = self._fresh.get(var, ())
            seen = [number for number in seen if number not in waiting]
        if seen:
            action(seen, *data)

    def run(self) -> None:
        """Work until nothing changes."""
        while self._queue:
            var = self._queue.popleft()
            new = self._fresh.pop(var)
            self.steps += 1
            for target in list(self._edges.get(var, ())):
                self.add_all(target, new)
            for action, *data in list(self._watchers.get(var, ())):
                action(new, *data)

    def numbers(self, var: int) -> list[int]:
        """The numbers of what ``var`` holds now, in order."""
        if var >= self._first:
            return sorted(self._values.get(var, ()))
        return list(self._saved.numbers(var))

    def amount(self, var: int) -> int:
        """How many values ``var`` holds."""
        return len(self._values.get(var, ())) if var >= self._first else self._saved.amount(var)
