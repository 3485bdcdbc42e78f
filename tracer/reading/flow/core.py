"""The work list: variables, what flows between them, and who wants to know."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
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


class Core:
    """Variables hold growing sets of object numbers; every addition is handed on until nothing changes."""

    def __init__(self) -> None:
        self.objects: list[Obj] = []
        self._interned: dict[Any, Obj] = {}
        self.values: list[set[int] | None] = []
        self._edges: list[dict[int, None] | None] = []
        self._watchers: list[list[tuple[Any, ...]] | None] = []
        self._fresh: dict[int, list[int]] = {}
        self._queue: deque[int] = deque()
        self._soft: set[int] = set()
        self.opaque = self.register(Opaque()).id
        self._singletons: dict[int, int] = {}
        self.steps = 0

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
            or (isinstance(value, Method) and not isinstance(value.owner, Container))
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

    def singleton(self, value: Obj) -> int:
        """A variable that holds just ``value``."""
        var = self._singletons.get(value.id)
        if var is None:
            var = self._singletons[value.id] = self.new_var()
            self.add(var, value.id)
        return var

    def add(self, var: int, number: int) -> None:
        """Let ``var`` hold the object ``number``."""
        self._add_all(var, (number,))

    def _add_all(self, var: int, numbers: Iterable[int]) -> None:
        known = self.values[var]
        if known is None:
            known = self.values[var] = set()
        new = [number for number in numbers if number not in known]
        if not new:
            return
        if len(known) > _MANY:
            soft = self._soft
            hard = [number for number in new if number not in soft]
            if len(hard) < len(new) and self.opaque not in known:
                hard.append(self.opaque)
            if not hard:
                return
            new = hard
        known.update(new)
        waiting = self._fresh.get(var)
        if waiting is None:
            self._fresh[var] = new
            self._queue.append(var)
        else:
            waiting.extend(new)

    def edge(self, source: int, target: int) -> None:
        """Whatever ``source`` holds, ``target`` holds."""
        if source == target:
            return
        edges = self._edges[source]
        if edges is None:
            self._edges[source] = {target: None}
        elif target in edges:
            return
        else:
            edges[target] = None
        known = self.values[source]
        if known:
            self._add_all(target, list(known))

    def watch(self, var: int, action: Callable[..., None], *data: Any) -> None:
        """Call ``action(numbers, *data)`` with what ``var`` holds, now and whenever it grows."""
        watchers = self._watchers[var]
        if watchers is None:
            self._watchers[var] = [(action, *data)]
        else:
            watchers.append((action, *data))
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
        queue, fresh = self._queue, self._fresh
        while queue:
            var = queue.popleft()
            new = fresh.pop(var)
            self.steps += 1
            edges = self._edges[var]
            if edges:
                for target in list(edges):
                    self._add_all(target, new)
            watchers = self._watchers[var]
            if watchers:
                for watcher in watchers[:]:
                    watcher[0](new, *watcher[1:])
