"""Reading and writing attributes, by the kind of value: instances, classes, modules, externals."""

from __future__ import annotations

import builtins
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    Entry,
    External,
    Framework,
    FuncObj,
    Generator,
    InstObj,
    Method,
    ModuleObj,
    Obj,
    Opaque,
    PartialObj,
    Plain,
    PropertyObj,
    SuperObj,
    Text,
    TextPattern,
    Wrapped,
)
from tracer.reading.flow.scopes import Module
from tracer.reading.flow.superiors import Superiors

_MAX_EXTERNAL = 5
_MAX_RESULTS = 2

_OF_CONTAINERS = frozenset(
    name
    for kind in (list, tuple, set, frozenset, dict, deque, OrderedDict, defaultdict, Counter, Iterator)
    for name in dir(kind)
)

_OF_TEXTS = frozenset(dir(str)) | frozenset(dir(type))


class Attributes(Superiors):
    """What ``value.name`` gives, by the kind of value."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: dict[str, Module] = {}
        self.external_loads: list[tuple[str, Callable[[External, str, int], bool]]] = []
        """By how the dotted names begin of what they concern."""
        self.store_models: list[Callable[[InstObj, str, Call], None]] = []
        self.call_handlers: dict[type[Obj], Callable[[Any, Call, tuple[Obj, ...]], None]] = {}
        self.load_handlers: dict[type[Obj], Callable[[Any, str, int, Call], None]] = {
            InstObj: self._load_instance,
            ClassObj: self._load_class,
            ModuleObj: self._load_module,
            External: self._load_external,
            FuncObj: self._load_function,
            BoundObj: self._load_bound,
            SuperObj: self.load_super,
            Container: self._load_method,
            Text: self._load_method,
            TextPattern: self._load_method,
            Plain: self._load_method,
            Generator: self._load_method,
            PropertyObj: self._load_property,
            PartialObj: self._load_partial,
            Wrapped: self._load_wrapped,
            Framework: self._load_framework,
            Opaque: self._load_opaque,
        }

    def module_names(self, module: Module) -> Container:
        """The globals of a module as a dict; provided by the layer above."""
        raise NotImplementedError

    # Loading

    def load(self, value: Obj, name: str, dst: int, call: Call) -> None:
        """``dst`` receives ``value.name``."""
        handler = self.load_handlers.get(type(value))
        if handler is not None:
            handler(value, name, dst, call)
        elif isinstance(value, Obj):
            self._load_method(value, name, dst, call)

    def on_load(self, numbers: list[int], name: str, dst: int, call: Call) -> None:
        """Values arrived of which ``name`` is read."""
        objects = self.objects
        handlers = self.load_handlers
        for number in numbers:
            value = objects[number]
            handler = handlers.get(type(value))
            if handler is None:
                self._load_method(value, name, dst, call)
            else:
                handler(value, name, dst, call)

    def _load_instance(self, value: InstObj, name: str, dst: int, call: Call) -> None:
        cls = value.cls
        if name == "__class__" and not self.defines(cls, name):
            self.add(dst, cls.id)
            return
        if name == "__dict__":
            fields = self.container("dict", ("fields", cls.id))
            for known in list(cls.fields):
                self.edge(self.own_field(cls, known), self.field(fields, known))

            def stored(key: str | int, var: int) -> None:
                self.edge(var, self.own_field(cls, str(key)))

            if not fields.watchers:
                fields.watchers.append(stored)
            self.add(dst, fields.id)
            return
        entry = self.entry(value, name)
        self.edge(entry.var, dst)
        key = (call.inst.code.gid, call.op)
        if key not in entry.sites:
            entry.sites[key] = (call.inst.code, call.op, call.site.line)
            for callee, rule in entry.getters.items():
                self.note(call.site, callee, "property", rule)

    def _load_class(self, value: ClassObj, name: str, dst: int, call: Call) -> None:
        if name in ("__name__", "__qualname__"):
            self.add(dst, self.text(value.code.code.qualname.rpartition(".")[2]).id)
        elif name == "__module__":
            self.add(dst, self.text(value.code.module.name).id)
        elif name == "__dict__":
            namespace = self.container("dict", ("namespace", value.id))
            for key, var in list(value.namespace.items()):
                self.edge(var, self.field(namespace, key))
            self.add(dst, namespace.id)
        elif name in ("__mro__", "__bases__"):
            bases = self.container("tuple", ("bases", value.id))
            for base in self.order(value)[1:]:
                self.add(bases.rest, base.id)
            self.add(dst, bases.id)
        else:
            self.watch(self.class_attribute(value, name), self.unbind_all, value, dst)
            if not self.defines(value, name):
                self.miss_in_class(value, name, dst, call)

    def miss_in_class(self, value: ClassObj, name: str, dst: int, call: Call) -> None:
        """No class that was read binds ``name``: a metaclass or an external base may."""
        metaclass = self.metaclass(value)
        if metaclass is not None and self.defines(metaclass, name):
            entry = Entry(dst)
            entry.sites[call.inst.code.gid, call.op] = (call.inst.code, call.op, call.site.line)
            found = self.class_attribute(metaclass, name)
            self.watch(found, self._bind_all, value, entry)
            return
        if metaclass is not None and self.defines(metaclass, "__getattr__") and not name.startswith("__"):
            args: tuple[tuple[str | None, int], ...] = (
                (None, self.singleton(value)),
                (None, self.singleton(self.text(name))),
            )
            asked = call.with_args(args, dst, "property", "property")
            self.watch(self.class_attribute(metaclass, "__getattr__"), self.on_call, asked)
            return
        outside = next((above for above in self.order(value) if isinstance(above, External)), None)
        if outside is not None:
            target = self.external(outside.module, f"{outside.qualname}.{name}" if outside.qualname else name)
            self.add(dst, self.bound(target, value).id)
        elif name in ("__new__", "__init__", "mro", "__subclasses__"):
            self.add(dst, self.intern(("method", value.id, name), lambda: Method(value, name)).id)

    def module_attribute(self, module: Module, name: str) -> int:
        """The variable of the global ``name`` of ``module``."""
        var = module.namespace.get(name)
        if var is None:
            var = module.namespace[name] = self.new_var()
            inner = self.modules.get(f"{module.name}.{name}")
            if inner is not None:
                self.add(var, self.module_object(inner).id)
        return var

    def module_object(self, module: Module) -> ModuleObj:
        """``module`` as a value."""
        return self.intern(("module", module.name), lambda: ModuleObj(module))

    def _load_module(self, value: ModuleObj, name: str, dst: int, call: Call) -> None:
        if name == "__name__":
            self.add(dst, self.text(value.module.name).id)
            return
        if name == "__dict__":
            self.add(dst, self.module_names(value.module).id)
            return
        self.edge(self.module_attribute(value.module, name), dst)
        if (
            name not in value.module.stores
            and "__getattr__" in value.module.stores
            and f"{value.module.name}.{name}" not in self.modules
        ):
            args: tuple[tuple[str | None, int], ...] = ((None, self.singleton(self.text(name))),)
            made = call.with_args(args, dst, "property", "module __getattr__")
            self.watch(value.module.namespace.setdefault("__getattr__", self.new_var()), self.on_call, made)

    def on_call(self, numbers: list[int], call: Call) -> None:
        """Values arrived that are called."""
        objects, handlers = self.objects, self.call_handlers
        for number in numbers:
            value = objects[number]
            handler = handlers.get(type(value))
            if handler is not None:
                handler(value, call, ())

    def _load_external(self, value: External, name: str, dst: int, call: Call) -> None:
        found = value.loaded.get(name)
        if found is None:
            qualname = f"{value.qualname}.{name}" if value.qualname else name
            too_long = qualname.count(".") >= _MAX_EXTERNAL or value.qualname.count("()") >= _MAX_RESULTS
            found = value.loaded[name] = value if too_long else self.external(value.module, qualname)
        if found is not value:
            for prefix, model in self.external_loads:
                if value.dotted.startswith(prefix) and model(value, name, dst):
                    return
        self.add(dst, found.id)

    def _load_function(self, value: FuncObj, name: str, dst: int, call: Call) -> None:
        if name in ("__name__", "__qualname__"):
            self.add(dst, self.text(value.code.code.qualname.rpartition(".")[2]).id)
        elif name == "__module__":
            self.add(dst, self.text(value.code.module.name).id)
        elif name in ("__call__", "__func__"):
            self.add(dst, value.id)
        elif name == "__get__":
            self._load_method(value, name, dst, call)
        else:
            self.edge(self.function_field(value, name), dst)

    def function_field(self, value: FuncObj, name: str) -> int:
        """The variable of an attribute set on a function."""
        var = value.fields.get(name)
        if var is None:
            var = value.fields[name] = self.new_var()
        return var

    def _load_bound(self, value: BoundObj, name: str, dst: int, call: Call) -> None:
        if name == "__self__":
            self.add(dst, value.owner.id)
        elif name == "__func__":
            self.add(dst, value.func.id)
        else:
            self.load(value.func, name, dst, call)

    def _load_partial(self, value: PartialObj, name: str, dst: int, call: Call) -> None:
        if name == "func":
            self.add(dst, value.func.id)

    def _load_wrapped(self, value: Wrapped, name: str, dst: int, call: Call) -> None:
        if name in ("__func__", "__wrapped__"):
            self.add(dst, value.inner.id)
        elif name == "__get__":
            self._load_method(value, name, dst, call)
        else:
            self.load(value.inner, name, dst, call)

    def _load_framework(self, value: Framework, name: str, dst: int, call: Call) -> None:
        value.rule.load(self, value, name, dst, call)

    def _load_opaque(self, value: Opaque, name: str, dst: int, call: Call) -> None:
        self.add(dst, value.id)

    def _load_method(self, value: Obj, name: str, dst: int, call: Call) -> None:
        kind = type(value)
        if kind is Method or (kind is Container and name not in _OF_CONTAINERS):
            return
        if kind is Text or kind is TextPattern:
            if name not in _OF_TEXTS:
                return
        elif isinstance(value, Plain) and not hasattr(getattr(builtins, value.type_name, None), name):
            return
        self.add(dst, self.intern(("method", value.id, name), lambda: Method(value, name)).id)

    def _load_property(self, value: PropertyObj, name: str, dst: int, call: Call) -> None:
        parts = {"fget": value.getter, "fset": value.setter, "fdel": value.deleter}
        if name in parts:
            self.edge(parts[name], dst)
        else:
            self._load_method(value, name, dst, call)

    # Storing

    def store(self, value: Obj, name: str, source: int, call: Call) -> None:
        """``value.name = source``."""
        if isinstance(value, InstObj):
            cls = value.cls
            if self.defines(cls, name):
                self.watch(self.class_attribute(cls, name), self._set_property, value, source, call)
            if not self.defines(cls, "__setattr__"):
                cls.stored.add(name)
            else:
                args: tuple[tuple[str | None, int], ...] = (
                    (None, self.singleton(self.text(name))),
                    (None, source),
                )
                setter = self.entry(value, "__setattr__")
                self.watch(
                    setter.var, self.on_call, call.with_args(args, self.nowhere, "property", "__setattr__")
                )
            self.edge(source, self.own_field(cls, name))
            for model in self.store_models:
                model(value, name, call)
        elif isinstance(value, ClassObj):
            self.bind_in_class(value, name, source)
        elif isinstance(value, ModuleObj):
            value.module.stores.add(name)
            self.edge(source, self.module_attribute(value.module, name))
        elif isinstance(value, FuncObj):
            self.edge(source, self.function_field(value, name))
        elif isinstance(value, BoundObj):
            self.store(value.func, name, source, call)
        elif isinstance(value, Framework):
            value.rule.store(self, value, name, source, call)

    def _set_property(self, numbers: list[int], owner: InstObj, source: int, call: Call) -> None:
        for number in numbers:
            found = self.objects[number]
            if isinstance(found, PropertyObj):
                args: tuple[tuple[str | None, int], ...] = ((None, self.singleton(owner)), (None, source))
                self.watch(
                    found.setter, self.on_call, call.with_args(args, self.nowhere, "property", "property")
                )
            elif isinstance(found, InstObj) and self.defines(found.cls, "__set__"):
                args = ((None, self.singleton(owner)), (None, source))
                setter = self.entry(found, "__set__")
                self.watch(
                    setter.var, self.on_call, call.with_args(args, self.nowhere, "property", "descriptor")
                )

    def on_store(self, numbers: list[int], name: str, source: int, call: Call) -> None:
        """Values arrived of which ``name`` is set."""
        for number in numbers:
            self.store(self.objects[number], name, source, call)
