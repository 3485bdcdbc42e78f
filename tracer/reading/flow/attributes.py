"""Reading and writing attributes: classes, orders of bases, descriptors, modules, externals."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from tracer.reading.flow.core import Core
from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    CodeRef,
    Container,
    Entry,
    External,
    Framework,
    FuncObj,
    Generator,
    Instance,
    InstObj,
    Method,
    Module,
    ModuleObj,
    Obj,
    Opaque,
    PartialObj,
    Plain,
    PropertyObj,
    Site,
    SuperObj,
    Text,
    TextPattern,
    Wrapped,
)

_MAX_EXTERNAL = 5
_MAX_RESULTS = 2


class Attributes(Core):
    """What ``value.name`` gives, by the kind of value."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: dict[str, Module] = {}
        self.external_loads: list[Callable[[External, str, int], bool]] = []
        self.classes: list[ClassObj] = []
        self.missing: dict[tuple[int, str], tuple[ClassObj, str]] = {}
        self.module_misses: dict[tuple[str, str], int] = {}
        self.load_handlers: dict[type[Obj], Callable[[Any, str, int, Call], None]] = {
            InstObj: self._load_instance,
            ClassObj: self._load_class,
            ModuleObj: self._load_module,
            External: self._load_external,
            FuncObj: self._load_function,
            BoundObj: self._load_bound,
            SuperObj: self._load_super,
            Container: self._load_method,
            Text: self._load_method,
            TextPattern: self._load_method,
            Plain: self._load_method,
            Generator: self._load_method,
            PropertyObj: self._load_method,
            PartialObj: self._load_partial,
            Wrapped: self._load_wrapped,
            Framework: self._load_framework,
            Opaque: self._load_opaque,
        }

    def call_value(self, value: Obj, call: Call, bound: tuple[Obj, ...] = ()) -> None:
        """Call ``value``; provided by the layer above."""
        raise NotImplementedError

    def module_names(self, module: Module) -> Container:
        """The globals of a module as a dict; provided by the layer above."""
        raise NotImplementedError

    def site(self, code: CodeRef, op: int, line: int, is_call: bool = False) -> Site:
        """The place of operation ``op`` in ``code``."""
        found = code.sites.get(op)
        if found is None:
            found = code.sites[op] = Site(code, line, is_call)
        return found

    # Classes

    def instance_of(self, cls: ClassObj) -> InstObj:
        """Any instance of ``cls``."""
        found = self.intern(("instance", cls.id), lambda: InstObj(cls))
        cls.instance = found.id
        return found

    def order(self, cls: ClassObj) -> list[ClassObj | External]:
        """The order in which ``cls`` and its bases are searched (C3; depth-first where that fails)."""
        if cls.mro is None:
            cls.mro = [cls]
            bases = [
                base for position in cls.bases for base in position if isinstance(base, ClassObj | External)
            ]
            rows = [list(self.order(base)) if isinstance(base, ClassObj) else [base] for base in bases]
            rows.append(list(bases))
            result: list[ClassObj | External] = [cls]
            while rows := [row for row in rows if row]:
                for row in rows:
                    head = row[0]
                    if not any(head in other[1:] for other in rows):
                        break
                else:
                    head = rows[0][0]
                if head not in result:
                    result.append(head)
                rows = [[entry for entry in row if entry is not head] for row in rows]
            cls.mro = result
        return cls.mro

    def add_base(self, cls: ClassObj, position: int, base: Obj) -> None:
        """A base of ``cls`` became known."""
        if (
            base in cls.bases[position]
            or base is cls
            or (isinstance(base, ClassObj) and cls in self.order(base))
        ):
            return
        cls.bases[position].append(base)
        if isinstance(base, ClassObj):
            base.subclasses.append(cls)
            hook = Call(
                cls.made_in, cls.made_at, -2, cls.made_with, self.new_var(), 0, "call", "subclass hook"
            )
            self.watch(self.class_attribute(base, "__init_subclass__"), self._tell_base, cls, hook)
        self._relink(cls)

    def _tell_base(self, numbers: list[int], cls: ClassObj, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            self.call_value(value.inner if isinstance(value, Wrapped) else value, call, (cls,))

    def family(self, cls: ClassObj) -> list[ClassObj]:
        """``cls`` and all classes below it, each once."""
        found = {cls.id: cls}
        todo = [cls]
        while todo:
            for below in todo.pop().subclasses:
                if below.id not in found:
                    found[below.id] = below
                    todo.append(below)
        return list(found.values())

    def _relink(self, cls: ClassObj) -> None:
        family = self.family(cls)
        for member in family:
            member.mro = None
        for member in family:
            for name, var in list(member.attributes.items()):
                self._link_attribute(member, name, var)
            for name, var in list(member.read_fields.items()):
                self._link_fields(member, name, var)

    def bind_in_class(self, cls: ClassObj, name: str, source: int) -> None:
        """``cls.name`` is set from outside of its body."""
        var = cls.namespace.get(name)
        if var is None:
            var = cls.namespace[name] = self.new_var()
            for member in self.family(cls):
                if name in member.attributes:
                    self._link_attribute(member, name, member.attributes[name])
        self.edge(source, var)

    def class_attribute(self, cls: ClassObj, name: str) -> int:
        """The variable of what looking ``name`` up in ``cls`` and its bases finds."""
        var = cls.attributes.get(name)
        if var is None:
            var = cls.attributes[name] = self.new_var()
            self._link_attribute(cls, name, var)
        return var

    def _link_attribute(self, cls: ClassObj, name: str, var: int) -> None:
        for above in self.order(cls):
            if isinstance(above, ClassObj):
                source = above.namespace.get(name)
                if source is not None:
                    self.edge(source, var)
                    return

    def defines(self, cls: ClassObj, name: str) -> bool:
        """Whether ``cls`` or a base that was read binds ``name``."""
        return any(isinstance(above, ClassObj) and name in above.namespace for above in self.order(cls))

    def own_field(self, cls: ClassObj, name: str) -> int:
        """The variable of what is stored under ``name`` on instances of exactly ``cls``."""
        var = cls.fields.get(name)
        if var is None:
            var = cls.fields[name] = self.new_var()
        return var

    def field_of(self, cls: ClassObj, name: str) -> int:
        """The variable of what is stored under ``name`` on instances of ``cls`` by it or a base."""
        var = cls.read_fields.get(name)
        if var is None:
            var = cls.read_fields[name] = self.new_var()
            self._link_fields(cls, name, var)
        return var

    def _link_fields(self, cls: ClassObj, name: str, var: int) -> None:
        for above in self.order(cls):
            if isinstance(above, ClassObj):
                self.edge(self.own_field(above, name), var)

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
        for number in numbers:
            self.load(objects[number], name, dst, call)

    def _load_instance(self, value: InstObj, name: str, dst: int, call: Call) -> None:
        cls = value.cls
        if name == "__class__":
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

    def note(self, site: Site, callee: str, kind: str, rule: str, sure: bool = True) -> None:
        """Control goes from ``site`` to ``callee``."""
        known = site.callees.get(callee)
        if known is None or (sure and not known[2]):
            site.callees[callee] = (kind, rule, sure)

    def entry(self, value: InstObj, name: str) -> Entry:
        """What reading ``name`` from ``value`` gives, shared by all readers."""
        cls = value.cls
        entry = cls.entries.get(name)
        if entry is None:
            entry = cls.entries[name] = Entry(self.new_var())
            self.edge(self.field_of(cls, name), entry.var)
            self.watch(self.class_attribute(cls, name), self._bind_all, value, entry)
            if not self.defines(cls, name):
                self.missing[cls.id, name] = (cls, name)
        return entry

    def _bind_all(self, numbers: list[int], owner: Obj, entry: Entry) -> None:
        for number in numbers:
            self.bind_value(self.objects[number], owner, entry)

    def bind_value(self, found: Obj, owner: Obj, entry: Entry) -> None:
        """What a class attribute gives when read through an instance."""
        if isinstance(found, FuncObj):
            self.add(entry.var, self.bound(found, owner).id)
        elif isinstance(found, Wrapped):
            if found.kind == "classmethod":
                cls = owner.cls if isinstance(owner, InstObj) else owner
                self.add(entry.var, self.bound(found.inner, cls).id)
            elif found.kind == "staticmethod":
                self.add(entry.var, found.inner.id)
            elif found.kind == "partialmethod":
                assert isinstance(found.inner, PartialObj)
                bound = self.bound(found.inner.func, owner)
                args = found.inner.args
                made = self.intern(("partial", bound.id, args), lambda: PartialObj(bound, args))
                self.add(entry.var, made.id)
            else:
                self.add(entry.var, self.bound(found, owner).id)
        elif isinstance(found, PropertyObj):
            self.watch(found.getter, self._get_property, owner, entry)
        elif isinstance(found, InstObj):
            if self.defines(found.cls, "__get__"):
                self._descriptor(found, owner, entry)
            else:
                self.add(entry.var, found.id)
        else:
            self.add(entry.var, found.id)

    def _descriptor(self, found: InstObj, owner: Obj, entry: Entry) -> None:
        cls = self.singleton(owner.cls) if isinstance(owner, InstObj) else self.singleton(owner)
        getter = self.entry(found, "__get__")
        args: tuple[tuple[str | None, int], ...] = ((None, self.singleton(owner)), (None, cls))
        self.watch(getter.var, self._get_through, entry, args)

    def _get_property(self, numbers: list[int], owner: Obj, entry: Entry) -> None:
        self._get_through(numbers, entry, ((None, self.singleton(owner)),))

    def _get_through(
        self,
        numbers: list[int],
        entry: Entry,
        args: tuple[tuple[str | None, int], ...],
        rule: str = "property",
    ) -> None:
        for number in numbers:
            getter = self.objects[number]
            shadow = Site(self.no_code, 0, False)
            call = Call(self.no_instance, shadow, 0, args, entry.var, 0, "property", rule)
            self.watch_site(shadow, entry)
            self.call_value(getter, call)

    no_code: CodeRef
    no_instance: Instance

    def watch_site(self, shadow: Site, entry: Entry) -> None:
        """Hand every callee found for ``shadow`` to all readers of ``entry``."""
        shadow.callees = _Getters(self, entry)

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
            self.watch(self.class_attribute(value, name), self._unbind_all, value, dst)
            if not self.defines(value, name):
                self.miss_in_class(value, name, dst, call)

    def miss_in_class(self, value: ClassObj, name: str, dst: int, call: Call) -> None:
        """No class that was read binds ``name``: a metaclass or an external base may."""
        metaclass = self.metaclass(value)
        if metaclass is not None and self.defines(metaclass, name):
            entry = Entry(dst)
            found = self.class_attribute(metaclass, name)
            self.watch(found, self._bind_all, value, entry)
            return
        outside = next((above for above in self.order(value) if isinstance(above, External)), None)
        if outside is not None:
            target = self.external(outside.module, f"{outside.qualname}.{name}" if outside.qualname else name)
            self.add(dst, self.bound(target, value).id)
        elif name in ("__new__", "__init__", "mro", "__subclasses__"):
            self.add(dst, self.intern(("method", value.id, name), lambda: Method(value, name)).id)

    def metaclass(self, value: ClassObj) -> ClassObj | None:
        """The metaclass of ``value`` if it was read."""
        for above in self.order(value):
            if isinstance(above, ClassObj) and "metaclass" in above.keywords:
                for held in self.held(above.keywords["metaclass"]):
                    if isinstance(held, ClassObj):
                        return held
        return None

    def _unbind_all(self, numbers: list[int], cls: ClassObj, dst: int) -> None:
        for number in numbers:
            found = self.objects[number]
            if isinstance(found, Wrapped) and found.kind == "classmethod":
                self.add(dst, self.bound(found.inner, cls).id)
            elif isinstance(found, Wrapped) and found.kind == "staticmethod":
                self.add(dst, found.inner.id)
            elif isinstance(found, InstObj) and self.defines(found.cls, "__get__"):
                self.add(dst, found.id)
                self._descriptor(found, cls, Entry(dst))
            else:
                self.add(dst, number)

    def _load_super(self, value: SuperObj, name: str, dst: int, call: Call) -> None:
        owner = value.owner
        start = owner.cls if isinstance(owner, InstObj) else owner
        if not isinstance(start, ClassObj):
            return
        order = self.order(start)
        at = order.index(value.cls) + 1 if value.cls in order else 1
        for above in order[at:]:
            if isinstance(above, External):
                target = self.external(above.module, f"{above.qualname}.{name}" if above.qualname else name)
                self.add(dst, self.bound(target, owner).id)
                return
            source = above.namespace.get(name)
            if source is not None:
                if isinstance(owner, InstObj):
                    entry = Entry(dst)
                    entry.sites[call.inst.code.gid, call.op] = (call.inst.code, call.op, call.site.line)
                    self.watch(source, self._bind_all, owner, entry)
                elif name == "__new__":
                    self.edge(source, dst)
                else:
                    metaclass = self.metaclass(start)
                    self.watch(
                        source, self._bind_super, start, dst, metaclass is not None and metaclass in order
                    )
                return
        if name in ("__new__", "__init__", "__call__", "__getattribute__", "__setattr__"):
            method = self.intern(("method", owner.id, name), lambda: Method(owner, name))
            self.add(dst, method.id)

    def _bind_super(self, numbers: list[int], cls: ClassObj, dst: int, meta: bool) -> None:
        for number in numbers:
            found = self.objects[number]
            if isinstance(found, Wrapped):
                self._unbind_all([number], cls, dst)
            else:
                self.add(dst, self.bound(found, cls).id if meta else found.id)

    def module_attribute(self, module: Module, name: str) -> int:
        """The variable of the global ``name`` of ``module``."""
        var = module.namespace.get(name)
        if var is None:
            var = module.namespace[name] = self.new_var()
            inner = self.modules.get(f"{module.name}.{name}")
            if inner is not None:
                self.add(var, self.module_object(inner).id)
            elif name not in module.stores:
                self.module_misses[module.name, name] = var
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
        for number in numbers:
            self.call_value(self.objects[number], call)

    def _load_external(self, value: External, name: str, dst: int, call: Call) -> None:
        qualname = f"{value.qualname}.{name}" if value.qualname else name
        if qualname.count(".") >= _MAX_EXTERNAL or value.qualname.count("()") >= _MAX_RESULTS:
            self.add(dst, value.id)
            return
        for model in self.external_loads:
            if model(value, name, dst):
                return
        self.add(dst, self.external(value.module, qualname).id)

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
        else:
            self.load(value.inner, name, dst, call)

    def _load_framework(self, value: Framework, name: str, dst: int, call: Call) -> None:
        value.rule.load(self, value, name, dst, call)

    def _load_opaque(self, value: Opaque, name: str, dst: int, call: Call) -> None:
        self.add(dst, value.id)

    def _load_method(self, value: Obj, name: str, dst: int, call: Call) -> None:
        if isinstance(value, Method):
            return
        if isinstance(value, Plain | Text | TextPattern):
            type_name = value.type_name if isinstance(value, Plain) else "str"
            if not hasattr(getattr(builtins, type_name, None), name):
                return
        self.add(dst, self.intern(("method", value.id, name), lambda: Method(value, name)).id)

    # Storing

    def store(self, value: Obj, name: str, source: int, call: Call) -> None:
        """``value.name = source``."""
        if isinstance(value, InstObj):
            cls = value.cls
            if self.defines(cls, name):
                self.watch(self.class_attribute(cls, name), self._set_property, value, source, call)
            if self.defines(cls, "__setattr__"):
                args: tuple[tuple[str | None, int], ...] = (
                    (None, self.singleton(self.text(name))),
                    (None, source),
                )
                setter = self.entry(value, "__setattr__")
                self.watch(
                    setter.var, self.on_call, call.with_args(args, self.new_var(), "property", "__setattr__")
                )
            self.edge(source, self.own_field(cls, name))
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
                    found.setter, self.on_call, call.with_args(args, self.new_var(), "property", "property")
                )
            elif isinstance(found, InstObj) and self.defines(found.cls, "__set__"):
                args = ((None, self.singleton(owner)), (None, source))
                setter = self.entry(found, "__set__")
                self.watch(
                    setter.var, self.on_call, call.with_args(args, self.new_var(), "property", "descriptor")
                )

    def on_store(self, numbers: list[int], name: str, source: int, call: Call) -> None:
        """Values arrived of which ``name`` is set."""
        for number in numbers:
            self.store(self.objects[number], name, source, call)


class _Getters(dict[str, tuple[str, str, bool]]):
    """Callees of a getter's shadow site, forwarded to every reader of the property."""

    def __init__(self, engine: Attributes, entry: Entry) -> None:
        super().__init__()
        self._engine = engine
        self._entry = entry

    def __setitem__(self, callee: str, found: tuple[str, str, bool]) -> None:
        super().__setitem__(callee, found)
        self._entry.getters.setdefault(callee, found[1])
        for code, op, line in list(self._entry.sites.values()):
            self._engine.note(self._engine.site(code, op, line), callee, found[0], found[1])
