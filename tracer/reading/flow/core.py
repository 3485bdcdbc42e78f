"""The work list: variables, what flows between them, and who wants to know."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Set
from typing import Any, TypeVar

from tracer.reading.flow.objects import (
    BoundObj,
    Builtin,
    Container,
    External,
    Method,
    Number,
    Obj,
    Opaque,
    Plain,
    Text,
    TextPattern,
)

T = TypeVar("T", bound=Obj)
_MANY = 40
"""So many values in one variable are told apart; beyond, strings and external things are taken together."""
_MUCH = 1_000_000
"""So many values in all variables together are followed without bounds."""
_MANY_EACH = 5
"""So many for each variable are, too: a large service takes four."""
_BOUND = 100
"""Beyond, a variable holds so many values at most: what may be that many things is told of no more."""
_FEW = 6
"""Up to so many values, a variable holds a tuple: quick to look through, and a fifth of a set's size."""
_MOST_FIELDS = 300
"""So many keys that come to a container from elsewhere are told apart: one may be copied into many."""
_SEVERAL = -1
"""No object's number."""
_SHARED_EVERY = 200_000
"""So many more values are held when equal sets are made one, or a sixteenth more if that is more."""


class _Nowhere(frozenset[int]):
    """Is given everything and has nothing."""

    def __contains__(self, number: object) -> bool:
        return True


class Core:
    """Variables hold growing sets of object numbers; every addition is handed on until nothing changes."""

    def __init__(self) -> None:
        self.objects: list[Obj] = []
        self._interned: dict[Any, Obj] = {}
        # Most variables hold one object, lead to one other variable and are watched once: these have no set,
        # dict or list of their own.
        self.values: list[Set[int] | tuple[int, ...] | None] = []
        self._ones: dict[int, tuple[int, ...]] = {}
        self._edges: list[dict[int, None] | tuple[int, ...] | int | None] = []
        self._watchers: list[list[tuple[Any, ...]] | tuple[Any, ...] | None] = []
        self._actions: dict[Callable[..., None], Callable[..., None]] = {}
        self._share_at = _SHARED_EVERY
        self._fresh: dict[int, list[int]] = {}
        self._queue: deque[int] = deque()
        self._soft: set[int] = set()
        self._held = 0
        self.bounded: set[int] = set()
        """Variables that would hold more than is followed."""
        self.steps = 0
        self.nowhere = self.new_var()
        """Variable 0: takes everything and holds nothing. Where results go that nobody uses, and what
        arguments are of which nothing is known."""
        self.values[self.nowhere] = _Nowhere()
        self.opaque = self.register(Opaque()).id
        self._singletons: dict[int, int] = {}

    def new_var(self) -> int:
        """A fresh variable."""
        return self.new_vars(1)

    def new_vars(self, count: int) -> int:
        """``count`` fresh variables in a row; the first one's number."""
        first = len(self.values)
        empty: list[None] = [None] * count
        self.values.extend(empty)
        self._edges.extend(empty)
        self._watchers.extend(empty)
        return first

    def register(self, value: T) -> T:
        """Give ``value`` its number."""
        value.id = len(self.objects)
        self.objects.append(value)
        if (
            isinstance(value, Text | Number | External | TextPattern)
            or (isinstance(value, Method) and value.owner.id in self._soft)
            or (isinstance(value, BoundObj) and isinstance(value.func, External))
        ):
            self._soft.add(value.id)
        return value

    def intern(self, key: Any, make: Callable[[], T]) -> T:
        """The object known by ``key``, made at the first asking."""
        found = self._interned.get(key)
        if found is None:
            found = self._interned[key] = self.register(make())
        return found  # type: ignore[return-value]

    def text(self, value: str) -> Text:
        """The string constant ``value``."""
        return self.intern(("text", value), lambda: Text(value))

    def number(self, value: int) -> Number:
        """The integer constant ``value``."""
        return self.intern(("number", value), lambda: Number(value))

    def pattern(self, prefix: str, suffix: str, between: tuple[str, ...] = ()) -> TextPattern:
        """A string known only by its ends and by what is ``between`` its unknown parts."""
        key = ("pattern", prefix, suffix, between)
        return self.intern(key, lambda: TextPattern(prefix, suffix, between))

    def open_pattern(self, prefix: str, suffix: str, between: tuple[str, ...]) -> TextPattern:
        """The same for strings too many to be told apart: kept beside those that are."""
        made = self.intern(
            ("open pattern", prefix, suffix, between), lambda: TextPattern(prefix, suffix, between)
        )
        self._soft.discard(made.id)
        return made

    def plain(self, type_name: str) -> Plain:
        """Any value of a builtin type."""
        return self.intern(("plain", type_name), lambda: Plain(type_name))

    def external(self, module: str, qualname: str) -> External:
        """Something outside of the read code."""
        return self.intern(("external", module, qualname), lambda: External(module, qualname))

    def builtin(self, name: str) -> Builtin:
        """A builtin function or type."""
        return self.intern(("builtin", name), lambda: Builtin(name))

    def bound(self, func: Obj, owner: Obj) -> BoundObj:
        """``func`` with ``owner`` as its first argument."""
        return self.intern(("bound", func.id, owner.id), lambda: BoundObj(func, owner))

    def container(self, kind: str, key: Any) -> Container:
        """The container known by ``key``."""

        def make() -> Container:
            first = self.new_vars(3)
            self.edge(first + 1, first)
            return Container(kind, first, first + 1, first + 2)

        return self.intern(("container", kind, key), make)

    def field(self, container: Container, key: str | int) -> int:
        """The variable of a container's item with a constant key."""
        var = container.fields.get(key)
        if var is None:
            var = container.fields[key] = self.new_var()
            self.edge(var, container.everything)
            if isinstance(key, str):
                self.add(container.keys, self.text(key).id)
            for watcher in container.watchers:
                watcher(key, var)
        return var

    def field_found(self, container: Container, key: str | int) -> int:
        """The same for a key that is not written there: of many, the one variable for all others."""
        known = key in container.fields or len(container.fields) < _MOST_FIELDS
        return self.field(container, key) if known else container.rest

    def singleton(self, value: Obj) -> int:
        """A variable that holds just ``value``."""
        var = self._singletons.get(value.id)
        if var is None:
            var = self._singletons[value.id] = self.new_var()
            self.add(var, value.id)
        return var

    def add(self, var: int, number: int) -> None:
        """Let ``var`` hold the object ``number``."""
        known = self.values[var]
        if known is None or number not in known:
            self._add_all(var, (number,))

    def _add_all(self, var: int, numbers: Collection[int]) -> None:
        """Let ``var`` hold the objects ``numbers``, of which each is named once."""
        known = self.values[var]
        if known is None:
            new = list(numbers)
            if len(new) > _FEW:
                self.values[var] = set(new)
            else:
                self.values[var] = self._alone(new[0]) if len(new) == 1 else tuple(new)
        else:
            if len(numbers) > _FEW < len(known) and known.issuperset(numbers):  # type: ignore[union-attr]
                return
            new = [number for number in numbers if number not in known]
            if not new:
                return
            if len(known) >= _BOUND and self._held > max(_MUCH, _MANY_EACH * len(self.values)):
                self.bounded.add(var)
                return
            if len(known) > _MANY:
                soft = self._soft
                hard = [number for number in new if number not in soft]
                if len(hard) < len(new) and self.opaque not in known:
                    hard.append(self.opaque)
                if not hard:
                    return
                new = hard
            if type(known) is set:
                known.update(new)
            elif len(known) + len(new) > _FEW:
                self.values[var] = {*known, *new}
            else:
                self.values[var] = (*known, *new)
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
        known = self.values[source]
        if known:
            self._add_all(target, known)

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
        known = self.values[var]
        if known:
            waiting = self._fresh.get(var)
            seen = [number for number in known if number not in waiting] if waiting else list(known)
            if seen:
                action(seen, *data)

    def held(self, var: int) -> list[Obj]:
        """What ``var`` holds now, in order of object numbers."""
        known = self.values[var]
        return [self.objects[number] for number in sorted(known)] if known else []

    def run(self) -> None:
        """Work until nothing changes."""
        queue, fresh, values, add_all = self._queue, self._fresh, self.values, self._add_all
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

    def _share(self) -> None:
        """Let variables that hold the same many objects hold one set of them, until either changes."""
        self._share_at = self._held + max(_SHARED_EVERY, self._held // 16)
        shared: dict[frozenset[int], frozenset[int]] = {}
        for var, known in enumerate(self.values):
            if type(known) is frozenset:
                shared.setdefault(known, known)
            elif type(known) is set:
                whole = frozenset(known)
                self.values[var] = shared.setdefault(whole, whole)
