"""What subscripts make of the values they meet: items and slices that are read, replaced and set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    External,
    InstObj,
    Obj,
    Plain,
    Text,
    TextPattern,
    Wrapped,
)
from tracer.reading.flow.reflected import Reflected
from tracer.reading.flow.scopes import Instance


class Subscripts(Reflected):
    """Items of containers, of instances and of what was not read."""

    def __init__(self) -> None:
        super().__init__()
        self._external_stores: dict[tuple[str, str], int] = {}
        self.external_items: list[Callable[[External, str | int | None, int], bool]] = []
        self.instance_items: list[Callable[[InstObj, str | int | None, int, Call], bool]] = []

    def _op_index(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, var, key, key_var, line = fact
        call = self.at(inst, number, line, base + dst)
        if isinstance(key, list) and key_var != -2:
            key = None
        self.watch(base + var, self._index_all, key, base + key_var if key_var >= 0 else key_var, call)

    def _index_all(self, numbers: list[int], key: Any, key_var: int, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, BoundObj) and isinstance(value.func, External):
                value = value.func
            if isinstance(value, Container):
                if key_var == -2:
                    self._slice(value, tuple(key or ()), call)
                else:
                    self.get_item(value, key, key_var, call.dst)
                    if value.id in self.factories:
                        self.call_back(self.factories[value.id], (), value.rest, call)
                    if key_var >= 0 and value.kind == "dict":
                        self.note_key(key_var, call, looked_up=True)
                    elif key_var >= 0:
                        self.converted.append((key_var, ("__index__",), -1, call))
            elif isinstance(value, InstObj):
                args = ((None, key_var if key_var >= 0 else self.nowhere),)
                inside = self.contents(value)
                if self.call_special(value, "__getitem__", call.with_args(args)):
                    continue
                if inside is not None:
                    self.get_item(inside, key if key_var != -2 else None, key_var, call.dst)
                if self.call_special(value, "__missing__", call.with_args(args)) or inside is not None:
                    continue
                if not any(model(value, key, key_var, call) for model in self.instance_items):
                    self.outside(value, "__getitem__", call)
            elif isinstance(value, ClassObj):
                if self.defines(value, "__class_getitem__"):
                    args = ((None, key_var if key_var >= 0 else self.nowhere),)
                    self.watch(
                        self.class_attribute(value, "__class_getitem__"),
                        self._class_item,
                        value,
                        call.with_args(args),
                    )
                else:
                    self.add(call.dst, value.id)
            elif isinstance(value, External) and value.dotted == "sys.modules" and key_var >= 0:
                self.watch(key_var, self._module_named, call.dst)
            elif isinstance(value, External):
                if isinstance(key, str):
                    self.edge(self.external_item(value, key), call.dst)
                item = key if key_var != -2 else None
                for model in self.external_items:
                    if model(value, item, call.dst):
                        break
                else:
                    self.add(call.dst, self.item_of(value, item).id)
            elif isinstance(value, (Text, TextPattern)):
                self.add(call.dst, self.plain("str").id)
            elif isinstance(value, Plain):
                self.add(call.dst, value.id)

    def _class_item(self, numbers: list[int], owner: ClassObj, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            self.call_value(value.inner if isinstance(value, Wrapped) else value, call, (owner,))

    def _module_named(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text) and value.value in self.modules:
                self.add(dst, self.module_object(self.modules[value.value]).id)

    def item_of(self, value: External, key: str | int | None) -> External:
        """An item of something external."""
        if isinstance(key, str) and "[" not in value.qualname:
            return self.external(value.module, f"{value.qualname}[{key}]")
        return self.result_of(value) if "[" not in value.qualname else value

    def outside(self, value: InstObj, name: str, call: Call) -> None:
        """An operation on an instance whose class leaves it to an external base."""
        base = next((above for above in self.order(value.cls) if isinstance(above, External)), None)
        if base is not None:
            self.add(call.dst, self.external(base.module, f"{base.qualname}().{name}()").id)

    def _slice(self, value: Container, bounds: Any, call: Call) -> None:
        made = self.container(value.kind, ("slice", call.inst.id, call.op))
        self.add(call.dst, made.id)
        if value.length is None or any(bound is not None and not isinstance(bound, int) for bound in bounds):
            self.edge(value.everything, made.rest)
            return
        for position, index in enumerate(range(value.length)[slice(*bounds)]):
            self.edge(self.field(value, index), self.field(made, position))
        self.edge(value.rest, made.rest)

    def _op_replace(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, var, key, src = fact
        self.watch(base + var, self._replace_all, key, base + src, base + dst, (inst.id, number))

    def _replace_all(
        self, numbers: list[int], key: str | int, source: int, dst: int, place: tuple[int, int]
    ) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):
                made = self.container(value.kind, ("replaced", *place))
                made.length = value.length
                if isinstance(key, int) and key < 0 and value.length is not None and value.kind != "dict":
                    key += value.length
                self.copy_fields(value, made, key)
                self.edge(source, self.field(made, key))
                self.add(dst, made.id)

    def _op_setindex(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, var, key, key_var, src, line = fact
        call = self.at(inst, number, line, self.nowhere)
        if isinstance(key, list):
            key = None
        self.watch(
            base + var, self._set_all, key, base + key_var if key_var >= 0 else key_var, base + src, call
        )

    def _set_all(
        self, numbers: list[int], key: str | int | None, key_var: int, source: int, call: Call
    ) -> None:
        for number in numbers:
            value = self.objects[number]
            sliced = self._contents_set(value) if key is None and key_var < 0 else None
            if sliced is not None:
                self.watch(source, self.on_iterate, sliced.rest, call)
            elif isinstance(value, Container):
                self.set_item(value, key, key_var, source)
                if key_var >= 0 and value.kind == "dict":
                    self.note_key(key_var, call, looked_up=False)
            elif isinstance(value, InstObj):
                args = ((None, key_var if key_var >= 0 else self.nowhere), (None, source))
                inside = self.contents(value)
                if not self.call_special(value, "__setitem__", call.with_args(args)) and inside is not None:
                    self.set_item(inside, key, key_var, source)
            elif isinstance(key, str):
                if isinstance(value, BoundObj):
                    value = value.func
                if isinstance(value, External):
                    self.edge(source, self.external_item(value, key))

    def _contents_set(self, value: Obj) -> Container | None:
        """Where the items go that are assigned to a slice of ``value``; None where its class sees to it."""
        if isinstance(value, InstObj):
            return None if self.defines(value.cls, "__setitem__") else self.contents(value)
        return value if isinstance(value, Container) else None

    def external_item(self, value: External, key: str) -> int:
        """The variable of what was stored under a constant key in an external mapping (``environ["k"]``)."""
        place = (value.qualname.rpartition(".")[2], key)
        var = self._external_stores.get(place)
        if var is None:
            var = self._external_stores[place] = self.new_var()
        return var
