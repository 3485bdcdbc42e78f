"""What flows: objects with their numbers, and the containers they stand in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from tracer.worklist.twins import Kernel

T = TypeVar("T", bound=Obj)
Item = TypeVar("Item")
MANY = 40
"""So many values in one variable are told apart; beyond, strings and external things are taken together."""
_MUCH = 1_000_000
"""So many values in all variables together are followed without bounds."""
_MANY_EACH = 5
"""So many for each variable are, too: a large service takes four."""
_BOUND = 50
"""Beyond, a variable holds so many values at most: what may be that many things is told of no more."""
_MOST_FIELDS = 300
"""So many keys that come to a container from elsewhere are told apart: one may be copied into many."""
_CROWD = 2_000_000
"""With so many variables, less is told apart; a large service has less than half as many."""
_IN_A_CROWD = 20
"""So many times less."""

_SOFT = frozenset((Text, Number, External, TextPattern))
"""Kinds of values that are taken together where many meet."""
TABLES = ("_interned", "_texts", "_externals", "_plains")
"""The attributes of `Core` that have objects by what they are known by."""


class Groups:
    """The variables that each of a growing list of things depends on, to be looked at again when they hold
    more; see `Core.grown`."""

    __slots__ = ("amounts", "variables")

    def __init__(self) -> None:
        self.variables: list[tuple[int, ...]] = []
        self.amounts: list[int] = []


class Core(Kernel[Obj]):
    """Makes objects and containers, each once."""

    def __init__(self) -> None:
        super().__init__()
        self._interned: dict[Any, Obj] = {}
        self._texts: dict[str, Text] = {}
        self._externals: dict[tuple[str, str], External] = {}
        self._plains: dict[str, Plain] = {}
        self._singletons: dict[int, int] = {}
        self.nowhere = 0
        """Takes everything and holds nothing. Where results go that nobody uses, and what arguments are of
        which nothing is known."""
        self.opaque = self.register(Opaque()).id
        self.set_bounds(self.opaque, MANY, _BOUND, _MUCH, _MANY_EACH)

    def register(self, value: T) -> T:
        """Give ``value`` its number."""
        value.id = self.enlist(value, self.softness(value))
        return value

    def softness(self, value: Obj) -> bool:
        """Whether ``value`` is of those that are taken together where many meet."""
        if isinstance(value, Method):
            return self.is_soft(value.owner.id)
        if isinstance(value, BoundObj):
            return isinstance(value.func, External)
        return type(value) in _SOFT

    def intern(self, key: Any, make: Callable[[], T]) -> T:
        """The object known by ``key``, made at the first asking."""
        found = self._interned.get(key)
        if found is None:
            found = self._interned[key] = self.register(make())
        return found  # type: ignore[return-value]

    def text(self, value: str) -> Text:
        """The string constant ``value``."""
        found = self._texts.get(value)
        if found is None:
            found = self._texts[value] = self.register(Text(value))
        return found

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
        self.harden(made.id)
        return made

    def plain(self, type_name: str) -> Plain:
        """Any value of a builtin type."""
        found = self._plains.get(type_name)
        if found is None:
            found = self._plains[type_name] = self.register(Plain(type_name))
        return found

    def external(self, module: str, qualname: str) -> External:
        """Something outside of the read code."""
        key = (module, qualname)
        found = self._externals.get(key)
        if found is None:
            found = self._externals[key] = self.register(External(module, qualname))
        return found

    def builtin(self, name: str) -> Builtin:
        """A builtin function or type."""
        return self.intern(("builtin", name), lambda: Builtin(name))

    def bound(self, func: Obj, owner: Obj) -> BoundObj:
        """``func`` with ``owner`` as its first argument."""
        key = ("bound", func.id, owner.id)
        found = self._interned.get(key)
        if found is None:
            found = self._interned[key] = self.register(BoundObj(func, owner))
        return found  # type: ignore[return-value]

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

    def most(self, bound: int) -> int:
        """How many are told apart where ``bound`` usually are: fewer once there is too much of everything."""
        return bound if self.variables < _CROWD else bound // _IN_A_CROWD

    def field_found(self, container: Container, key: str | int) -> int:
        """The same for a key that is not written there: of many, the one variable for all others."""
        known = key in container.fields or len(container.fields) < self.most(_MOST_FIELDS)
        return self.field(container, key) if known else container.rest

    def grown(
        self, groups: Groups, items: Sequence[Item], variables: Callable[[Item], tuple[int, ...]]
    ) -> list[int]:
        """The places of those items whose variables hold more than when this was asked last.

        Args:
            groups: what is known of ``items``, kept from one asking to the next.
            items: a list that nothing is taken from; what is new in it is among those that have grown.
            variables: what a new item depends on, until `regroup` says otherwise.
        """
        known = groups.variables
        known += [variables(item) for item in items[len(known) :]]
        return self.grown_among(known, groups.amounts)

    def regroup(self, groups: Groups, place: int, variables: tuple[int, ...]) -> None:
        """Let the item at ``place``, which was looked at just now, depend on these ``variables``."""
        groups.variables[place] = variables
        groups.amounts[place] = self.amount(*variables)

    def singleton(self, value: Obj) -> int:
        """A variable that holds just ``value``."""
        var = self._singletons.get(value.id)
        if var is None:
            var = self._singletons[value.id] = self.new_var()
            self.add(var, value.id)
        return var
