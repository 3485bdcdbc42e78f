"""``getattr`` and ``setattr`` with names that are computed."""

from __future__ import annotations

from typing import Any

from tracer.reading.flow.containers import Containers
from tracer.reading.flow.entering import Args
from tracer.reading.flow.objects import (
    Call,
    ClassObj,
    Container,
    External,
    FuncObj,
    InstObj,
    Obj,
    Text,
    TextPattern,
    TextSet,
    Wrapped,
)
from tracer.reading.flow.scopes import Instance

_MAX_NAMES = 64

_MAX_STORED_NAMES = 8


class ComputedNames(Containers):
    """Attributes whose names flow as strings."""

    def __init__(self) -> None:
        super().__init__()
        self.computed_stores: list[tuple[int, int, int, Call]] = []
        self._stored: set[tuple[int, int]] = set()
        self._narrowed: list[tuple[int, int, int, str]] = []
        self.unknown_names: list[tuple[int, int, int, Call]] = []

    def _getattr(self, call: Call, bound: tuple[Obj, ...]) -> None:
        owner, name, default = call.positional(0), call.positional(1), call.positional(2)
        if default is not None:
            self.edge(default, call.dst)
        if owner is None or name is None:
            return
        self.unknown_names.append((owner, name, call.dst, call))
        self.watch(name, self.load_named, owner, call)
        self.watch(owner, self._load_outside, name, call.dst)

    def _load_outside(self, numbers: list[int], name: int, dst: int) -> None:
        """Something outside of the read code has attributes of any name."""
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, External) and not any(isinstance(text, Text) for text in self.held(name)):
                self.add(dst, self.external(value.module, f"{value.qualname}.<attribute>").id)

    def load_named(self, numbers: list[int], owner: int, call: Call) -> None:
        """Names arrived of attributes of ``owner`` that are read."""
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text):
                self.watch(owner, self.on_load, value.value, call.dst, call)
            elif isinstance(value, TextSet):
                self.watch(owner, self._load_known, value, call)
            elif isinstance(value, TextPattern) and len(value.prefix) + len(value.suffix) >= 2:
                self.watch(owner, self._load_matching, value, call)

    def _load_known(self, numbers: list[int], names: TextSet, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            cls = value.cls if isinstance(value, InstObj) else value if isinstance(value, ClassObj) else None
            if cls is not None:
                known = [name for name in names.values if self.defines(cls, name)]
                for name in known:
                    self.load(value, name, call.dst, call)
                if not known and isinstance(value, InstObj):
                    args: Args = ((None, self.singleton(names)),)
                    self.call_special(value, "__getattr__", call.with_args(args, kind="property"))

    def _load_matching(self, numbers: list[int], pattern: TextPattern, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            cls = value.cls if isinstance(value, InstObj) else value if isinstance(value, ClassObj) else None
            if cls is None:
                continue
            names = {
                name: None
                for above in self.order(cls)
                if isinstance(above, ClassObj)
                for name in above.namespace
                if name.startswith(pattern.prefix) and name.endswith(pattern.suffix)
            }
            for name in sorted(names)[:_MAX_NAMES]:
                self.load(value, name, call.dst, call)

    def _setattr(self, call: Call, bound: tuple[Obj, ...]) -> None:
        owner, name, source = call.positional(0), call.positional(1), call.positional(2)
        if owner is not None and name is not None and source is not None:
            self.computed_stores.append((owner, name, source, call))

    def settle_stores(self) -> None:
        """``setattr`` with names known by now; where they are many, nothing is said."""
        for number, (owner, name, source, call) in enumerate(self.computed_stores):
            names = [value for value in self.held(name) if isinstance(value, Text)]
            if len(names) > _MAX_STORED_NAMES:
                continue
            for text in names:
                if (number, text.id) not in self._stored:
                    self._stored.add((number, text.id))
                    self.watch(owner, self.on_store, text.value, source, call)

    def _op_narrow(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, keys, values, mapping, name = fact
        self._narrowed.append((base + keys, base + values, base + mapping, name))

    def settle_narrowed(self) -> None:
        """Of the items of mappings, those whose values have the attribute that was asked for."""
        for keys, values, mapping, name in self._narrowed:
            for holder in self.held(mapping):
                if not isinstance(holder, Container):
                    continue
                for key, var in list(holder.fields.items()):
                    for value in self.held(var):
                        if isinstance(key, str) and self._has(value, name):
                            self.add(keys, self.text(key).id)
                            self.add(values, value.id)

    def _has(self, value: Obj, name: str) -> bool:
        if isinstance(value, Wrapped):
            value = value.inner
        if isinstance(value, FuncObj):
            parts = [part for part in (value, *self.originals_of(value)) if isinstance(part, FuncObj)]
            return any(name in part.fields and not self.is_empty(part.fields[name]) for part in parts)
        if isinstance(value, ClassObj):
            return self.defines(value, name)
        if isinstance(value, InstObj):
            return self.defines(value.cls, name) or not self.is_empty(self.field_of(value.cls, name))
        return False

    def originals_of(self, value: Obj) -> list[Obj]:
        """What a decorator returned ``value`` for; provided by the layer above."""
        raise NotImplementedError
