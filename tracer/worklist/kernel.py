"""The work list: variables, what flows between them, and who wants to know.

``native`` has its twin in C, which is taken where it can be built (see `tracer.worklist.twins`).
Both do the same in the same order, to the byte of the graph that comes out: what is changed in one is changed
in the other.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Collection, Sequence, Set
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_FEW = 6
"""Up to so many values, a variable holds a tuple in the order in which they came: quick to look through, and
a fifth of a set's size. More are handed on in order of their numbers."""
_SEVERAL = -1
"""No object's number."""
_SHARED_EVERY = 200_000
"""So many more values are held when equal sets are made one, or a sixteenth more if that is more."""


class _Nowhere(frozenset[int]):
    """Is given everything and has nothing."""

    def __contains__(self, number: object) -> bool:
        return True


class Kernel(Generic[T]):
    """Variables hold growing sets of object numbers; every addition is handed on until nothing changes.

    Variable 0 takes everything and holds nothing.
    """

    def __init__(self) -> None:
        self.objects: list[T] = []
        # Most variables hold one object, lead to one other variable and are watched once: these have no set,
        # dict or list of their own.
        self._values: list[Set[int] | tuple[int, ...] | None] = [_Nowhere()]
        self._ones: dict[int, tuple[int, ...]] = {}
        self._edges: list[dict[int, None] | tuple[int, ...] | int | None] = [None]
        self._watchers: list[list[tuple[Any, ...]] | tuple[Any, ...] | None] = [None]
        self._actions: dict[Callable[..., None], Callable[..., None]] = {}
        self._share_at = _SHARED_EVERY
        self._fresh: dict[int, list[int]] = {}
        self._queue: deque[int] = deque()
        self._soft: set[int] = set()
        self._opaque = 0
        self._many = self._bound = self._much = sys.maxsize
        self._many_each = 0
        self._held = 0
        self.bounded: set[int] = set()
        """Variables that would hold more than is followed."""
        self.steps = 0

    @property
    def variables(self) -> int:
        """How many variables there are."""
        return len(self._values)

    def new_var(self) -> int:
        """A fresh variable."""
        return self.new_vars(1)

    def new_vars(self, count: int) -> int:
        """``count`` fresh variables in a row; the first one's number."""
        first = len(self._values)
        empty: list[None] = [None] * count
        self._values.extend(empty)
        self._edges.extend(empty)
        self._watchers.extend(empty)
        return first

    def enlist(self, value: T, is_soft: bool) -> int:
        """The number of a new object; soft ones are taken together where many meet."""
        number = len(self.objects)
        self.objects.append(value)
        if is_soft:
            self._soft.add(number)
        return number

    def is_soft(self, number: int) -> bool:
        """Whether the object ``number`` is taken together with others where many meet."""
        return number in self._soft

    def harden(self, number: int) -> None:
        """The object ``number`` is told apart from others also where many meet."""
        self._soft.discard(number)

    def set_bounds(self, opaque: int, many: int, bound: int, much: int, many_each: int) -> None:
        """How much is held; without bounds until this is called.

        Args:
            opaque: the number of the object that stands for soft ones that are taken together.
            many: so many objects in one variable are told apart; beyond, soft ones are taken together.
            bound: beyond the next two, a variable holds so many objects at most.
            much: so many in all variables together are held without that bound.
            many_each: so many for each variable are, too.
        """
        self._opaque, self._many, self._bound = opaque, many, bound
        self._much, self._many_each = much, many_each

    def add(self, var: int, number: int) -> None:
        """Let ``var`` hold the object ``number``."""
        known = self._values[var]
        if known is None or number not in known:
            self._add_all(var, (number,))

    def _add_all(self, var: int, numbers: Collection[int]) -> None:
        """Let ``var`` hold the objects ``numbers``, of which each is named once."""
        known = self._values[var] or ()
        if known:
            if len(numbers) > _FEW < len(known) and known.issuperset(numbers):  # type: ignore[union-attr]
                return
            new = [number for number in numbers if number not in known]
            if not new:
                return
        else:
            new = list(numbers)
        if len(known) + len(new) > self._bound and self._held > max(
            self._much, self._many_each * len(self._values)
        ):
            self.bounded.add(var)
            new = new[: max(0, self._bound - len(known))]
            if not new:
                return
        if len(known) > self._many:
            soft = self._soft
            hard = [number for number in new if number not in soft]
            if len(hard) < len(new) and self._opaque not in known and self._opaque not in hard:
                hard.append(self._opaque)
            if not hard:
                return
            new = hard
        if type(known) is set:
            known.update(new)
        elif len(known) + len(new) > _FEW:
            self._values[var] = {*known, *new}
        else:
            self._values[var] = (*known, *new) if known or len(new) > 1 else self._alone(new[0])
        self._held += len(new)
        waiting = self._fresh.get(var)
        if waiting is not None:
            waiting.extend(new)
        elif self._edges[var] is None and self._watchers[var] is None:
            self.steps += 1
        else:
            self._fresh[var] = new
            self._queue.append(var)

    def _alone(self, number: int) -> tuple[int, ...]:
        """The one tuple that holds just ``number``."""
        alone = self._ones.get(number)
        if alone is None:
            alone = self._ones[number] = (number,)
        return alone

    def edge(self, source: int, target: int) -> None:
        """Whatever ``source`` holds, ``target`` holds."""
        if source == target or not source or not target:
            return
        edges = self._edges[source]
        if edges is None:
            self._edges[source] = target
        elif isinstance(edges, int):
            if edges == target:
                return
            self._edges[source] = (edges, target)
        elif target in edges:
            return
        elif isinstance(edges, dict):
            edges[target] = None
        elif len(edges) < _FEW:
            self._edges[source] = (*edges, target)
        else:
            self._edges[source] = dict.fromkeys((*edges, target))
        known = self._values[source]
        if known:
            self._add_all(target, _in_order(known))

    def watch(self, var: int, action: Callable[..., None], *data: Any) -> None:
        """Call ``action(numbers, *data)`` with what ``var`` holds, now and whenever it grows."""
        if not var:
            return
        watcher = (self._actions.setdefault(action, action), *data)
        watchers = self._watchers[var]
        if watchers is None:
            self._watchers[var] = watcher
        elif isinstance(watchers, list):
            watchers.append(watcher)
        else:
            self._watchers[var] = [watchers, watcher]
        known = self._values[var]
        if known:
            waiting = self._fresh.get(var, ())
            seen = [number for number in _in_order(known) if number not in waiting]
            if seen:
                action(seen, *data)

    def held(self, var: int) -> list[T]:
        """What ``var`` holds now, in order of object numbers."""
        known = self._values[var]
        return [self.objects[number] for number in sorted(known)] if known else []

    def numbers(self, var: int) -> list[int]:
        """The numbers of what ``var`` holds now, in order."""
        return sorted(self._values[var] or ())

    def dump(self) -> tuple[bytes, bytes]:
        """What all variables hold, as rows of unsigned integers of 4 bytes: where the numbers of each begin
        (and, last, where they end), and the numbers, in order."""
        starts, numbers = array("I", [0]), array("I")
        for values in self._values:
            numbers.extend(sorted(values or ()))
            starts.append(len(numbers))
        return starts.tobytes(), numbers.tobytes()

    def is_empty(self, var: int) -> bool:
        """Whether ``var`` holds nothing yet."""
        return not self._values[var]

    def amount(self, *variables: int) -> int:
        """How many values ``variables`` hold together; as long as that stays the same, so do the values."""
        return sum(len(self._values[var] or ()) for var in variables)

    def grown_among(self, groups: list[tuple[int, ...]], amounts: list[int]) -> list[int]:
        """The places of the groups of variables that hold more than they did, in order.

        Args:
            groups: variables, group by group.
            amounts: how much each group held when this was asked last, and holds now when this returns;
                groups behind its end are new, and grown.
        """
        found = []
        for place, group in enumerate(groups):
            amount = self.amount(*group)
            if place == len(amounts):
                amounts.append(amount)
            elif amounts[place] != amount:
                amounts[place] = amount
            else:
                continue
            found.append(place)
        return found

    def run(self) -> None:
        """Work until nothing changes."""
        queue, fresh, values, add_all = self._queue, self._fresh, self._values, self._add_all
        while queue:
            var = queue.popleft()
            new = fresh.pop(var)
            self.steps += 1
            if self._held >= self._share_at:
                self._share()
            edges = self._edges[var]
            if edges is not None:
                only = new[0] if len(new) == 1 else _SEVERAL
                for target in (edges,) if isinstance(edges, int) else edges:
                    known = values[target]
                    if known is None or only not in known:
                        add_all(target, new)
            watchers = self._watchers[var]
            if watchers is not None:
                if isinstance(watchers, tuple):
                    watchers[0](new, *watchers[1:])
                else:
                    for watcher in watchers[:]:
                        watcher[0](new, *watcher[1:])

    def forget_ways(self) -> None:
        """Nothing will flow any more: keep only what variables hold."""
        self._edges.clear()
        self._watchers.clear()
        self._actions.clear()

    def _share(self) -> None:
        """Let variables that hold the same many objects hold one set of them, until either changes."""
        self._share_at = self._held + max(_SHARED_EVERY, self._held // 16)
        shared: dict[frozenset[int], frozenset[int]] = {}
        for var, known in enumerate(self._values):
            if type(known) is frozenset:
                shared.setdefault(known, known)
            elif type(known) is set:
                whole = frozenset(known)
                self._values[var] = shared.setdefault(whole, whole)


def _in_order(known: Set[int] | tuple[int, ...]) -> Sequence[int]:
    return known if isinstance(known, tuple) else sorted(known)
