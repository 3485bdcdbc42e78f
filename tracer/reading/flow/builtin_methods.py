"""The methods of builtin types: strings, properties, generators, ``object``."""

from __future__ import annotations

from typing import Any

from tracer.reading.flow.computed_names import ComputedNames
from tracer.reading.flow.objects import (
    Call,
    ClassObj,
    Container,
    FuncObj,
    Generator,
    InstObj,
    Method,
    Number,
    Obj,
    Plain,
    PropertyObj,
    Text,
    Wrapped,
)
from tracer.reading.lowering.facts import SENT_VAR, YIELD_VAR

_MAX_PARTS = 20


class BuiltinMethods(ComputedNames):
    """Calls of builtin types' methods."""

    def __init__(self) -> None:
        super().__init__()
        self._splits: dict[int, set[int]] = {}

    def _call_method(self, value: Method, call: Call, bound: tuple[Obj, ...]) -> None:
        owner = value.owner
        if isinstance(owner, Container):
            call.site.external[f"builtins.{owner.kind}.{value.name}"] = call.kind
            self._container_method(owner, value.name, call)
        elif isinstance(owner, Generator):
            self._generator_method(owner, value.name, call)
        elif isinstance(owner, PropertyObj):
            self._property_method(owner, value.name, call)
        elif isinstance(owner, FuncObj) and value.name == "__get__":
            call.site.external["builtins.function.__get__"] = call.kind
            var = call.positional(0)
            if var is not None:
                self.watch(var, self._bind_to, owner, call.dst)
        elif isinstance(owner, Wrapped):
            call.site.external[f"builtins.{owner.kind}.{value.name}"] = call.kind
            var = call.argument(1, "owner")
            if owner.kind == "classmethod" and var is not None:
                self.watch(var, self._bind_to, owner.inner, call.dst)
            elif owner.kind == "staticmethod":
                self.add(call.dst, owner.inner.id)
        elif isinstance(owner, (ClassObj, InstObj)):
            self._object_method(owner, value.name, call, bound)
        else:
            name = (
                owner.type_name
                if isinstance(owner, Plain)
                else "str"
                if isinstance(owner, Text)
                else "object"
            )
            call.site.external[f"builtins.{name}.{value.name}"] = call.kind
            self._text_method(owner, value.name, call)

    def _bind_to(self, numbers: list[int], func: Obj, dst: int) -> None:
        for number in numbers:
            self.add(dst, self.bound(func, self.objects[number]).id)

    def _object_method(
        self, owner: ClassObj | InstObj, name: str, call: Call, bound: tuple[Obj, ...]
    ) -> None:
        call.site.external[f"builtins.object.{name}"] = call.kind
        cls = owner if isinstance(owner, ClassObj) else owner.cls
        if name == "__new__":
            var = call.positional(0)
            if var is not None:
                self.watch(var, self._new_instance, call.dst)
        elif name == "__call__":
            for base in (owner, *bound):
                if isinstance(base, ClassObj):
                    self.instantiate(base, call.with_args(call.args, rule="type.__call__"))
                    break
        elif name == "__getattribute__":
            var = call.positional(0)
            if var is not None:
                self.watch(var, self.load_named, self.singleton(owner), call)
        elif name == "__setattr__" and call.positional(1) is not None:
            source = call.positional(1)
            assert source is not None
            var = call.positional(0)
            if var is not None:
                self.watch(var, self._store_plain, cls, source)
        elif name == "__subclasses__":
            made = self.container("list", ("subclasses", cls.id))
            for below in cls.subclasses:
                self.add(made.rest, below.id)
            self.add(call.dst, made.id)

    def _store_plain(self, numbers: list[int], cls: ClassObj, source: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text):
                self.edge(source, self.own_field(cls, value.value))

    def _new_instance(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, ClassObj):
                self.add(dst, self.instance_of(value).id)

    def _property_method(self, owner: PropertyObj, name: str, call: Call) -> None:
        targets = {"setter": owner.setter, "getter": owner.getter, "deleter": owner.deleter}
        var = call.positional(0)
        if name in targets and var is not None:
            call.site.external["builtins.property." + name] = call.kind
            made = self.intern(("property", call.inst.id, call.op), self.property_of)
            for source, target in (
                (owner.getter, made.getter),
                (owner.setter, made.setter),
                (owner.deleter, made.deleter),
            ):
                self.edge(source, target)
            self.edge(var, {"setter": made.setter, "getter": made.getter, "deleter": made.deleter}[name])
            self.add(call.dst, made.id)

    def _generator_method(self, owner: Generator, name: str, call: Call) -> None:
        instance = owner.instance
        call.site.external[f"builtins.generator.{name}"] = call.kind
        if name in ("__next__", "send", "throw", "close", "__anext__", "asend", "athrow", "aclose"):
            self.consume(owner, call)
            self.edge(instance.base + YIELD_VAR, call.dst)
            if name in ("send", "asend") and call.positional(0) is not None:
                self.edge(call.args[0][1], instance.base + SENT_VAR)
        elif name in ("__iter__", "__aiter__"):
            self.add(call.dst, owner.id)
        elif name == "__enter__":
            self.edge(instance.base + YIELD_VAR, call.dst)
            self.consume(owner, call, "context", "context manager")

    def _text_method(self, owner: Obj, name: str, call: Call) -> None:
        if isinstance(owner, Text) and name in ("lower", "upper", "strip", "title", "capitalize"):
            self.add(call.dst, self.text(getattr(owner.value, name)()).id)
        elif name == "join" and call.positional(0) is not None:
            self.watch(call.args[0][1], self.on_iterate, self.nowhere, call)
            self.add(call.dst, self.plain("str").id)
            if isinstance(owner, Text):
                self.watch(call.args[0][1], self._join_texts, owner.value, call.dst)
        elif isinstance(owner, Text) and name in ("split", "rsplit", "partition", "rpartition"):
            self._split(owner.value, name, call)
        elif name in ("split", "splitlines", "rsplit", "partition", "rpartition"):
            made = self.container("list", ("split", call.inst.id, call.op))
            self.add(made.rest, self.plain("str").id)
            self.add(call.dst, made.id)
        elif name == "format" and isinstance(owner, Text):
            self.format_text(owner.value, call)
        else:
            self.add(call.dst, self.plain("str").id)

    def _split(self, value: str, name: str, call: Call) -> None:
        given = [self.held(var) for _, var in call.args]
        separators = [held.value for held in given[0] if isinstance(held, Text)] if given else []
        limits = [held.value for held in given[1] if isinstance(held, Number)] if given[1:] else []
        made = self.container("list", ("split", call.inst.id, call.op))
        self.add(call.dst, made.id)
        if len(separators) > 1 or len(limits) > 1 or "" in separators:
            self.add(made.rest, self.plain("str").id)
            return
        if limits and (not separators or name.endswith("partition")):
            return
        if not separators and name.endswith("partition"):
            return
        arguments: list[Any] = [*separators, *limits]
        parts = getattr(value, name)(*arguments)[:_MAX_PARTS]
        known = self._splits.setdefault(made.id, set())
        known.add(len(parts))
        made.length = len(parts) if len(known) == 1 else None
        for position, part in enumerate(parts):
            self.add(self.field(made, position), self.text(part).id)

    def _join_texts(self, numbers: list[int], separator: str, dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container) and value.length:
                parts: list[str | int] = []
                for position in range(value.length):
                    parts += [separator, self.field(value, position)]
                self.format_parts(dst, tuple(parts[1:]))

    def format_parts(self, dst: int, parts: tuple[str | int, ...]) -> None:
        """``dst`` receives the strings that ``parts`` make; provided by the layer above."""
        raise NotImplementedError

    def format_text(self, template: str, call: Call) -> None:
        """``template.format(...)``; provided by the layer above."""
        raise NotImplementedError
