"""Builtin functions and the methods of builtin types: what flows through them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, Final

from tracer.reading.flow.calls import Args, Calls
from tracer.reading.flow.objects import (
    BoundObj,
    Builtin,
    Call,
    ClassObj,
    Container,
    External,
    Framework,
    FuncObj,
    Generator,
    Instance,
    InstObj,
    Method,
    Module,
    Number,
    Obj,
    Plain,
    PropertyObj,
    SuperObj,
    Text,
    TextPattern,
    TextSet,
    Wrapped,
)
from tracer.reading.lowering.facts import SENT_VAR, YIELD_VAR

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
_MAX_NAMES = 64
_MAX_PARTS = 20
_MAX_STORED_NAMES = 8


class Builtins(Calls):
    """Calls of builtins."""

    def __init__(self) -> None:
        super().__init__()
        self._splits: dict[int, set[int]] = {}
        self.computed_stores: list[tuple[int, int, int, Call]] = []
        self._stored: set[tuple[int, int]] = set()
        self.unknown_names: list[tuple[int, int, int, Call]] = []
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
            "dir": self._dir,
            "__import__": self._import,
        }
        self.builtin_calls |= dict.fromkeys(
            ("list", "tuple", "set", "frozenset", "sorted", "reversed"), self._sequence
        )
        self.builtin_calls |= dict.fromkeys(("min", "max", "any", "all", "sum"), self._reduce)
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
                self.watch(var, self._convert, special, call)
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
            if isinstance(self.objects[number], Text | TextPattern):
                self.add(dst, number)

    def _convert(self, numbers: list[int], special: str, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                quiet = call.with_args((), self.new_var())
                if self.call_special(value, special, quiet):
                    continue
                if special == "__str__":
                    self.call_special(value, "__repr__", quiet)
                elif special == "__bool__":
                    self.call_special(value, "__len__", quiet)

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
            value = self.objects[number]
            if isinstance(value, ClassObj):
                self.watch(owner, self._super_on, value, call.dst)

    def _super_on(self, numbers: list[int], cls: ClassObj, dst: int) -> None:
        for number in numbers:
            owner = self.objects[number]
            if isinstance(owner, InstObj | ClassObj):
                self.add(dst, self._super_object(cls, owner).id)

    def _super_object(self, cls: ClassObj, owner: Obj) -> SuperObj:
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

    def _getattr(self, call: Call, bound: tuple[Obj, ...]) -> None:
        owner, name, default = call.positional(0), call.positional(1), call.positional(2)
        if default is not None:
            self.edge(default, call.dst)
        if owner is None or name is None:
            return
        self.unknown_names.append((owner, name, call.dst, call))
        self.watch(name, self._getattr_names, owner, call)

    def _getattr_names(self, numbers: list[int], owner: int, call: Call) -> None:
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

    def call_back(self, func: int, args: Args, dst: int, call: Call, kind: str = "callback") -> None:
        """A builtin or framework calls what ``func`` holds."""
        self.watch(func, self.on_call, call.with_args(args, dst, kind))

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
        self.call_back(func, ((None, made.rest),), self.new_var(), call)
        self.add(call.dst, made.id)

    def _sequence(self, call: Call, bound: tuple[Obj, ...]) -> None:
        made = self.container("list", ("sequence", call.inst.id, call.op))
        self.add(call.dst, made.id)
        source = call.positional(0)
        if source is not None:
            self.watch(source, self._copy_items, made, call)
        key = call.keyword("key")
        if key is not None:
            self.call_back(key, ((None, made.everything),), self.new_var(), call)

    def _copy_items(self, numbers: list[int], made: Container, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container) and value.kind != "dict":
                self.copy_fields(value, made)
            else:
                self.iterate(value, made.rest, call)

    def copy_fields(self, source: Container, target: Container, but: str | int | None = None) -> None:
        """``target`` receives the items of ``source`` under the same keys, all ``but`` one."""
        if source is target:
            return

        def item(key: str | int, var: int) -> None:
            if key != but:
                self.edge(var, self.field(target, key))

        source.watchers.append(item)
        for key, var in list(source.fields.items()):
            item(key, var)
        self.edge(source.rest, target.rest)
        self.edge(source.keys, target.keys)

    def _reduce(self, call: Call, bound: tuple[Obj, ...]) -> None:
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
            self.call_back(key, ((None, item),), self.new_var(), call)
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

    def _copy_dict(self, numbers: list[int], made: Container, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container) and value.kind == "dict":
                self.copy_fields(value, made)
            elif isinstance(value, External):
                self.add(call.dst, value.id)
            else:
                item = self.new_var()
                self.iterate(value, item, call)
                self.watch(item, self._pair, made)

    def _pair(self, numbers: list[int], made: Container) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):
                self.edge(self.field(value, 0), made.keys)
                self.edge(self.field(value, 1), made.rest)

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

    # Methods of builtin types

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
            var = call.positional(0)
            if var is not None:
                self.watch(var, self._bind_to, owner, call.dst)
        elif isinstance(owner, ClassObj | InstObj):
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

    def _bind_to(self, numbers: list[int], func: FuncObj, dst: int) -> None:
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
                self.watch(var, self._getattr_names, self.singleton(owner), call)
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
            self.watch(call.args[0][1], self.on_iterate, self.new_var(), call)
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
        if len(separators) > 1 or any(not separator for separator in separators):
            self.add(made.rest, self.plain("str").id)
            return
        if not separators and (limits or name.endswith("partition")):
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

    def _container_method(self, owner: Container, name: str, call: Call) -> None:
        first, second = call.positional(0), call.positional(1)
        dst = call.dst
        if name in ("append", "add", "appendleft") and first is not None:
            self.edge(first, owner.rest)
        elif name == "insert" and second is not None:
            self.edge(second, owner.rest)
        elif name in ("extend", "extendleft") and first is not None:
            self.watch(first, self.on_iterate, owner.rest, call)
        elif name == "update":
            if owner.kind == "dict":
                for keyword, var in call.args:
                    if keyword is None or keyword == "**":
                        self.watch(var, self._copy_dict, owner, call)
                    elif keyword != "*":
                        self.edge(var, self.field(owner, keyword))
            elif first is not None:
                self.watch(first, self.on_iterate, owner.rest, call)
        elif name in ("get", "pop", "setdefault") and owner.kind == "dict" and first is not None:
            if second is not None:
                self.edge(second, dst)
                if name == "setdefault":
                    self.set_item(owner, None, first, second)
            self.get_item(owner, None, first, dst)
        elif name in ("pop", "popleft", "__getitem__"):
            self.edge(owner.everything, dst)
        elif name == "values":
            made = self.container("list", ("values", owner.id))
            self.edge(owner.everything, made.rest)
            self.add(dst, made.id)
        elif name == "keys":
            made = self.container("list", ("keys", owner.id))
            self.edge(owner.keys, made.rest)
            self.add(dst, made.id)
        elif name in ("items", "popitem"):
            pair = self.container("tuple", ("item", owner.id))
            self.edge(owner.keys, self.field(pair, 0))
            self.edge(owner.everything, self.field(pair, 1))
            if name == "popitem":
                self.add(dst, pair.id)
                return
            made = self.container("list", ("items", owner.id))
            self.add(made.rest, pair.id)
            self.add(dst, made.id)
        elif name in ("copy", "__copy__", "union", "difference", "intersection", "symmetric_difference"):
            self.add(dst, owner.id)
            if first is not None:
                self.edge(first, dst)
        elif name in ("__iter__", "__enter__"):
            self.add(dst, owner.id)
        elif name == "sort":
            key = call.keyword("key")
            if key is not None:
                self.call_back(key, ((None, owner.everything),), self.new_var(), call)
        elif name in ("index", "count"):
            self.add(dst, self.plain("int").id)
        elif name == "__setitem__" and first is not None and second is not None:
            self.set_item(owner, None, first, second)
        else:
            self.add(dst, self.plain("NoneType").id)

    # Items

    def get_item(self, owner: Container, key: str | int | None, key_var: int, dst: int) -> None:
        """``dst`` receives ``owner[key]``."""
        if key is not None:
            if isinstance(key, int) and owner.kind != "dict" and owner.length is not None and key < 0:
                key += owner.length
            if isinstance(key, int) and key < 0 and owner.kind != "dict":
                self.edge(owner.everything, dst)
                return
            if owner.kind != "dict" and isinstance(key, str):
                return
            self.edge(self.field(owner, key), dst)
            self.edge(owner.rest, dst)
        elif key_var >= 0 and owner.kind in ("dict", "list", "tuple"):
            self.edge(owner.rest, dst)
            self.watch(key_var, self._get_named, owner, dst)
            self.unknown_keys.append((owner, key_var, dst))
        else:
            self.edge(owner.everything, dst)

    unknown_keys: list[tuple[Container, int, int]]

    def _get_named(self, numbers: list[int], owner: Container, dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Number) or (isinstance(value, Text) and owner.kind == "dict"):
                self.edge(self.field(owner, value.value), dst)
            elif isinstance(value, Plain) and owner.kind != "dict":
                self.edge(owner.everything, dst)

    def set_item(self, owner: Container, key: str | int | None, key_var: int, source: int) -> None:
        """``owner[key] = source``."""
        if key is not None and not (isinstance(key, int) and key < 0):
            self.edge(source, self.field(owner, key))
            return
        if key_var >= 0:
            self.edge(key_var, owner.keys)
            if owner.kind == "dict":
                self.watch(key_var, self._set_named, owner, source)
                self.unknown_stores.append((owner, key_var, source))
                return
        self.edge(source, owner.rest)

    unknown_stores: list[tuple[Container, int, int]]

    def _set_named(self, numbers: list[int], owner: Container, source: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text):
                self.edge(source, self.field(owner, value.value))
            elif isinstance(value, Obj) and not isinstance(value, Framework | BoundObj):
                self.edge(source, owner.rest)
