"""What is decided when nothing flows any more: values of which too little was found out by then."""

from __future__ import annotations

from tracer.reading.flow.core import Groups
from tracer.reading.flow.entering import Args
from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    Entry,
    External,
    FuncObj,
    Number,
    Opaque,
    Plain,
    Text,
    TextPattern,
)
from tracer.reading.flow.operations import Operations
from tracer.reading.flow.scopes import Site

_MOST_IN_TABLE = 12
"""A table of so many functions is taken whole where a key may come from outside."""


class Settling(Operations):
    """Decides, whenever nothing flows, what only then can be decided; each thing once."""

    def __init__(self) -> None:
        super().__init__()
        self._done: set[tuple[str, int]] = set()
        self._keyed = Groups()
        """The variables that decide what ``unknown_keys`` give."""
        self._formatted = Groups()
        """The same for ``unformatted``."""

    def once(self, kind: str, number: int) -> bool:
        """True the first time it is asked for ``kind`` and ``number``."""
        key = (kind, number)
        if key in self._done:
            return False
        self._done.add(key)
        return True

    def settle_flow(self) -> None:
        """Say what is likely of what is still not known, once nothing flows any more."""
        self.settle_stores()
        self.settle_narrowed()
        self.settle_conversions()
        for number, (_, argument, dst, _call) in enumerate(self.decorations):
            if self.is_empty(dst) and self.once("decoration", number):
                self.edge(argument, dst)
        for number in self.grown(self._keyed, self.unknown_keys, lambda item: (item[1], item[0].everything)):
            owner, key_var, dst = self.unknown_keys[number]
            keys = self.held(key_var)
            known = any(isinstance(value, (Text, Number)) for value in keys)
            other = any(isinstance(value, (External, Opaque, Plain, TextPattern)) for value in keys)
            if (not known or (other and self._is_table(owner))) and self.once("key", number):
                self.edge(owner.everything, dst)
        for number, (owner, key_var, source) in enumerate(self.unknown_stores):
            if self.is_empty(key_var) and self.once("store", number):
                self.edge(source, owner.rest)
        for number in self.grown(self._formatted, self.unformatted, _formatted_of):
            dst, parts = self.unformatted[number]
            told = any(isinstance(value, Text) for value in self.held(dst))
            untold = any(isinstance(part, int) and self.opaque in self.numbers(part) for part in parts)
            if (untold or not told) and self.once("format", number):
                first, last = parts[0], parts[-1]
                ends = first if isinstance(first, str) else "", last if isinstance(last, str) else ""
                between = tuple(part for part in parts[1:-1] if isinstance(part, str))
                if not told:
                    self.add(dst, self.pattern(*ends, between).id)
                elif "".join(ends).isidentifier():
                    self.add(dst, self.open_pattern(*ends, between).id)
        self._settle_missing(stored=False)

    def settle_last(self) -> None:
        """What is only said when there is nothing else left to say: that an attribute which is set somewhere
        is not there."""
        self._settle_missing(stored=True)

    def _settle_missing(self, stored: bool) -> None:
        self.missing = [(cls, name) for cls, name in self.missing if self.is_empty(cls.entries[name].var)]
        for cls, name in sorted(self.missing, key=lambda missing: (missing[0].id, missing[1])):
            if not self.is_empty(cls.entries[name].var) or self._is_stored(cls, name) is not stored:
                continue
            if self.once("missing " + name, cls.id):
                self._look_elsewhere(cls, name)

    def _is_stored(self, cls: ClassObj, name: str) -> bool:
        return any(type(above) is ClassObj and name in above.stored for above in self.order(cls))

    def _is_table(self, owner: Container) -> bool:
        """Whether ``owner`` is a small table of functions or classes."""
        held = self.held(owner.everything)
        return 0 < len(held) <= _MOST_IN_TABLE and all(
            isinstance(value, (FuncObj, BoundObj, ClassObj)) for value in held
        )

    def _look_elsewhere(self, cls: ClassObj, name: str) -> None:
        entry = cls.entries[name]
        owner = self.instance_of(cls)
        if self.defines(cls, "__getattr__") and not name.startswith("__"):
            args: tuple[tuple[str | None, int], ...] = (
                (None, self.singleton(owner)),
                (None, self.singleton(self.text(name))),
            )
            self.watch(self.class_attribute(cls, "__getattr__"), self._get_by_name, entry, args, name)
            return
        outside = next((above for above in self.order(cls) if isinstance(above, External)), None)
        if outside is not None:
            target = self.external(outside.module, f"{outside.qualname}.{name}" if outside.qualname else name)
            self.add(entry.var, self.bound(target, owner).id)

    def _get_by_name(self, numbers: list[int], entry: Entry, args: Args, name: str) -> None:
        """``__getattr__`` gives another thing for each name: its scope is told apart by them."""
        for number in numbers:
            getter = self.objects[number]
            if isinstance(getter, FuncObj):
                shadow = Site(self.no_code, 0, False)
                self.watch_site(shadow, entry)
                call = Call(self.no_instance, shadow, 0, args, entry.var, 0, "property", "property")
                self.enter(getter, call, context=("attribute", name))
            else:
                self._get_through([number], entry, args)


def _formatted_of(item: tuple[int, tuple[str | int, ...]]) -> tuple[int, ...]:
    """The variables of a formatted string and of its parts."""
    return item[0], *(part for part in item[1] if isinstance(part, int))
