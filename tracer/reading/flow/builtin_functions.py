"""Builtin functions and types that are called: what flows through them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import partial
from typing import Final

from tracer.reading.flow.conversions import Conversions
from tracer.reading.flow.objects import (
    Builtin,
    Call,
    ClassObj,
    Container,
    External,
    InstObj,
    Obj,
    SuperObj,
    Text,
    TextPattern,
    TextSet,
    Wrapped,
)
from tracer.reading.flow.scopes import Instance, Module

BUILTIN_NAMES: Final = frozenset(name for name in dir(builtins))
_CONVERSIONS: Final = {
    "str": "__str__",
    "repr": "__repr__",
    "len": "__len__",
    "bool": "__bool__",
    "int": "__int__",
} | {
    "float": "__float__",
    "hash": "__hash__",
    "abs": "__abs__",
    "format": "__format__",
    "bytes": "__bytes__",
    "dir": "__dir__",
    "round": "__round__",
    "reversed": "__reversed__",
    "print": "__str__",
}


_CHECKS = {"isinstance": "__instancecheck__", "issubclass": "__subclasscheck__"}
_OTHERWISE = {"__str__": ("__str__", "__repr__"), "__bool__": ("__bool__", "__len__")}
"""Which method is called where a class has no such method."""


class Builtins(Conversions):
    """Calls of builtins."""

    def __init__(self) -> None:
        super().__init__()
        self.builtin_calls: dict[str, Callable[[Call, tuple[Obj, ...]], None]] = {
            "super": self._super,
            "property": self._property,
            "staticmethod": lambda call, bound: self._mark(call, bound, "staticmethod"),
            "classmethod": lambda call, bound: self._mark(call, bound, "classmethod"),
            "getattr": self._getattr,
            "setattr": self._setattr,
            "map": self._map,
            "filter": self._filter,
            "iter": self._iter,
            "next": self._next,
            "zip": self._zip,
            "enumerate": self._enumerate,
            "type": self._type,
            "vars": self._vars,
            "globals": self._globals,
            "locals": self._locals,
            "dir": self._dir,
            "__import__": self._import,
        }
        self.builtin_calls |= dict.fromkeys(("list", "tuple", "set", "frozenset", "reversed"), self._sequence)
        self.builtin_calls["sorted"] = partial(self._sequence, sorting=True)
        self.builtin_calls |= dict.fromkeys(("any", "all"), self._reduce)
        self.builtin_calls |= dict.fromkeys(("min", "max"), partial(self._reduce, specials=("__lt__",)))
        self.builtin_calls["sum"] = partial(self._reduce, specials=("__add__", "__radd__"))
        self.builtin_calls["dict"] = self._dict

    def _call_builtin(self, value: Builtin, call: Call, bound: tuple[Obj, ...]) -> None:
        name = value.name
        if name == "<same>":
            if call.args:
                self.edge(call.args[0][1], call.dst)
            return
        call.site.external[f"builtins.{name}"] = call.kind
        special = _CONVERSIONS.get(name)
        if special is not None:
            for _, var in call.args:
                self.converted.append((var, _OTHERWISE.get(special, (special,)), -1, call))
                if name == "len":
                    self.watch(var, self._measured, call)
        if name in _CHECKS and call.positional(1) is not None:
            self.watch(call.args[1][1], self._checked, _CHECKS[name], call)
            if name == "isinstance":
                self.note_asked_for_class(call)
        handler = self.builtin_calls.get(name)
        if handler is not None:
            handler(call, bound)
        elif name in ("str", "repr", "format", "ascii", "chr", "hex", "bin", "oct", "input"):
            self.add(call.dst, self.plain("str").id)
            if name == "str" and call.positional(0) is not None:
                self.watch(call.args[0][1], self._keep_texts, call.dst)
        elif name in (
            "int",
            "float",
            "bool",
            "bytes",
            "bytearray",
            "len",
            "hash",
            "id",
            "abs",
            "round",
            "ord",
        ):
            self.add(
                call.dst, self.plain(name if name in ("float", "bool", "bytes", "bytearray") else "int").id
            )
        elif name in ("isinstance", "issubclass", "callable", "hasattr"):
            self.add(call.dst, self.plain("bool").id)
        elif name == "object":
            self.add(call.dst, self.external("builtins", "object()").id)
        elif name == "print":
            self.add(call.dst, self.plain("NoneType").id)
        else:
            self.add(call.dst, self.external("builtins", f"{name}()").id)

    def _keep_texts(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            if isinstance(self.objects[number], (Text, TextPattern)):
                self.add(dst, number)

    def _super(self, call: Call, bound: tuple[Obj, ...]) -> None:
        first, second = call.positional(0), call.positional(1)
        if first is not None and second is not None:
            self.watch(first, self._super_of, second, call)
            return
        instance: Instance | None = call.inst
        while instance is not None and (
            instance.owner is None or instance.code.code.kind not in ("function", "lambda")
        ):
            instance = instance.parent
        if instance is None or instance.owner is None or not instance.code.positional:
            if instance is not None and instance.owner is not None and instance.vararg is not None:
                self.watch(self.field(instance.vararg, 0), self._super_on, instance.owner, call.dst)
            return
        self.watch(instance.base + instance.code.positional[0], self._super_on, instance.owner, call.dst)

    def _super_of(self, numbers: list[int], owner: int, call: Call) -> None:
        for number in numbers:
            value = self.as_base(self.objects[number])
            if isinstance(value, (ClassObj, External)):
                self.watch(owner, self._super_on, value, call.dst)

    def _super_on(self, numbers: list[int], cls: ClassObj | External, dst: int) -> None:
        for number in numbers:
            owner = self.objects[number]
            if isinstance(owner, (InstObj, ClassObj)):
                self.add(dst, self._super_object(cls, owner).id)

    def _super_object(self, cls: ClassObj | External, owner: Obj) -> SuperObj:
        return self.intern(("super", cls.id, owner.id), lambda: SuperObj(cls, owner))

    def _property(self, call: Call, bound: tuple[Obj, ...]) -> None:
        made = self.intern(("property", call.inst.id, call.op), self.property_of)
        for index, (name, target) in enumerate((("fget", 0), ("fset", 1), ("fdel", 2))):
            var = call.argument(index, name)
            if var is not None:
                self.edge(var, (made.getter, made.setter, made.deleter)[target])
        self.add(call.dst, made.id)

    def _mark(self, call: Call, bound: tuple[Obj, ...], kind: str) -> None:
        var = call.positional(0)
        if var is not None:
            self.watch(var, self._mark_all, kind, call.dst)

    def _mark_all(self, numbers: list[int], kind: str, dst: int) -> None:
        for number in numbers:
            self.add(dst, self.wrapped(kind, self.objects[number]).id)

    def wrapped(self, kind: str, inner: Obj) -> Wrapped:
        """``inner`` as marked by a builtin decorator."""
        return self.intern(("wrapped", kind, inner.id), lambda: Wrapped(kind, inner))

    def _map(self, call: Call, bound: tuple[Obj, ...]) -> None:
        if not call.args:
            return
        items: list[tuple[str | None, int]] = []
        for _, var in call.args[1:]:
            item = self.new_var()
            self.watch(var, self.on_iterate, item, call)
            items.append((None, item))
        made = self.container("list", ("map", call.inst.id, call.op))
        self.call_back(call.args[0][1], tuple(items), made.rest, call)
        self.add(call.dst, made.id)

    def _filter(self, call: Call, bound: tuple[Obj, ...]) -> None:
        func, source = call.positional(0), call.positional(1)
        if func is None or source is None:
            return
        made = self.container("list", ("filter", call.inst.id, call.op))
        self.watch(source, self.on_iterate, made.rest, call)
        self.call_back(func, ((None, made.rest),), self.nowhere, call)
        self.add(call.dst, made.id)

    def _sequence(self, call: Call, bound: tuple[Obj, ...], sorting: bool = False) -> None:
        made = self.container("list", ("sequence", call.inst.id, call.op))
        self.add(call.dst, made.id)
        source = call.positional(0)
        if source is not None:
            self.watch(source, self._copy_items, made, call)
        key = call.keyword("key")
        if key is not None:
            self.call_back(key, ((None, made.everything),), self.nowhere, call)
        elif sorting:
            self.converted.append((made.everything, ("__lt__",), made.everything, call))

    def _reduce(self, call: Call, bound: tuple[Obj, ...], specials: tuple[str, ...] = ()) -> None:
        item = self.new_var()
        if len([1 for keyword, _ in call.args if keyword is None]) > 1:
            for keyword, var in call.args:
                if keyword is None:
                    self.edge(var, item)
        elif call.args:
            self.watch(call.args[0][1], self.on_iterate, item, call)
        self.edge(item, call.dst)
        key = call.keyword("key")
        if key is not None:
            self.call_back(key, ((None, item),), self.nowhere, call)
        elif specials:
            self.converted.append((item, specials, item, call))
        default = call.keyword("default")
        if default is not None:
            self.edge(default, call.dst)

    def _dict(self, call: Call, bound: tuple[Obj, ...]) -> None:
        made = self.container("dict", ("dict", call.inst.id, call.op))
        self.add(call.dst, made.id)
        for keyword, var in call.args:
            if keyword is None or keyword == "**":
                self.watch(var, self._copy_dict, made, call)
            elif keyword != "*":
                self.edge(var, self.field(made, keyword))

    def _iter(self, call: Call, bound: tuple[Obj, ...]) -> None:
        source, sentinel = call.positional(0), call.positional(1)
        if source is not None and sentinel is not None:
            made = self.container("list", ("iter", call.inst.id, call.op))
            self.call_back(source, (), made.rest, call)
            self.add(call.dst, made.id)
        elif source is not None:
            self.watch(source, self._iter_all, call)

    def _iter_all(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not self.call_special(value, "__iter__", call.with_args(())):
                self.add(call.dst, number)

    def _next(self, call: Call, bound: tuple[Obj, ...]) -> None:
        source, default = call.positional(0), call.positional(1)
        if source is not None:
            self.watch(source, self._next_of, call)
        if default is not None:
            self.edge(default, call.dst)

    def _next_of(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not self.call_special(value, "__next__", call.with_args(())):
                self.iterate(value, call.dst, call)

    def _zip(self, call: Call, bound: tuple[Obj, ...]) -> None:
        made = self.container("list", ("zip", call.inst.id, call.op))
        pair = self.container("tuple", ("zipped", call.inst.id, call.op))
        self.add(made.rest, pair.id)
        for index, (_, var) in enumerate(call.args):
            self.watch(var, self.on_iterate, self.field(pair, index), call)
        self.add(call.dst, made.id)

    def _enumerate(self, call: Call, bound: tuple[Obj, ...]) -> None:
        made = self.container("list", ("zip", call.inst.id, call.op))
        pair = self.container("tuple", ("zipped", call.inst.id, call.op))
        self.add(made.rest, pair.id)
        self.add(self.field(pair, 0), self.plain("int").id)
        if call.args:
            self.watch(call.args[0][1], self.on_iterate, self.field(pair, 1), call)
        self.add(call.dst, made.id)

    def _type(self, call: Call, bound: tuple[Obj, ...]) -> None:
        var = call.positional(0)
        if len(call.args) == 1 and var is not None:
            self.watch(var, self._type_of, call.dst)
        elif len(call.args) >= 3:
            self.make_class(call)

    def make_class(self, call: Call) -> None:
        """``type(name, bases, namespace)``; provided by the layer above."""
        raise NotImplementedError

    def _type_of(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                self.add(dst, value.cls.id)

    def _vars(self, call: Call, bound: tuple[Obj, ...]) -> None:
        var = call.positional(0)
        if var is not None:
            self.watch(var, self.on_load, "__dict__", call.dst, call)

    def _globals(self, call: Call, bound: tuple[Obj, ...]) -> None:
        self.add(call.dst, self.module_names(call.inst.code.module).id)

    def _locals(self, call: Call, bound: tuple[Obj, ...]) -> None:
        """In the body of a class, what is put there is put into the class."""
        cls = call.inst.owner
        if cls is not None and call.inst.code.code.kind == "class":
            self.add(call.dst, self.namespace_of(cls).id)
        else:
            self.add(call.dst, self.external("builtins", "locals()").id)

    def module_names(self, module: Module) -> Container:
        """The globals of ``module`` as a dict."""
        made = self.container("dict", ("globals", module.name))
        for name in sorted(module.stores):
            if name not in made.fields:
                self.edge(self.module_attribute(module, name), self.field(made, name))
        return made

    def _dir(self, call: Call, bound: tuple[Obj, ...]) -> None:
        var = call.positional(0)
        if var is not None:
            self.watch(var, self._names_of, call)

    def _names_of(self, numbers: list[int], call: Call) -> None:
        made = self.container("list", ("dir", call.inst.id, call.op))
        self.add(call.dst, made.id)
        for number in numbers:
            value = self.objects[number]
            cls = value.cls if isinstance(value, InstObj) else value
            if isinstance(cls, ClassObj):
                names = tuple(
                    sorted(
                        {
                            n
                            for above in self.order(cls)
                            if isinstance(above, ClassObj)
                            for n in above.namespace
                        }
                    )
                )
                self.add(made.rest, self.text_set(names).id)

    def text_set(self, values: tuple[str, ...]) -> TextSet:
        """One of many strings."""
        return self.intern(("text set", values), lambda: TextSet(values))

    def _import(self, call: Call, bound: tuple[Obj, ...]) -> None:
        var = call.positional(0)
        if var is not None:
            self.watch(var, self._import_top, call.dst)

    def _import_top(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text):
                top = value.value.partition(".")[0]
                module = self.modules.get(top)
                self.add(dst, self.module_object(module).id if module else self.external(top, "").id)
