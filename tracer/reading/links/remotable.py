"""Remotable methods of versioned objects: called on the spot or, where a class has an ``indirection_api``,
through that in another process. From the documentation and the source of oslo.versionedobjects 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from tracer.model.paths import Handover
from tracer.reading.flow.objects import Call, ClassObj, FuncObj, InstObj, Obj, Wrapped
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef, Module, Site, absolute_module
from tracer.reading.links.base import RuleBase
from tracer.reading.links.versioned_objects import VersionedObjects, name_of
from tracer.reading.lowering.facts import IMPORT, IMPORTSTAR, SETATTR, STR

_BASE = "oslo_versionedobjects.base."
_ON_INSTANCE, _ON_CLASS = "object_action", "object_class_action_versions"
_RULE = "remotable method"


class Remotable(RuleBase):
    """Methods that may run in another process.

    Args:
        objects: the rule that knows the registered classes.
    """

    def __init__(self, objects: VersionedObjects) -> None:
        super().__init__()
        self._objects = objects
        self._remotable: dict[str, None] = {}
        self._apis: dict[int, InstObj] = {}
        self._names: dict[int, None] = {}
        self._names_of: dict[str, frozenset[str]] = {}
        self._setters: list[Module] | None = None

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.models |= {
            _BASE + "remotable": self._mark,
            _BASE + "remotable_classmethod": self._mark_class_method,
        }
        engine.remote_methods = self._remotable
        engine.at_end.append(self._call_indirectly)

    def _mark(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, _BASE + "remotable")
        var = call.positional(0)
        if var is not None:
            self.engine.edge(var, call.dst)
            self.engine.watch(var, self._mark_all)
        return True

    def _mark_class_method(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        var = call.positional(0)
        if var is not None:
            self.engine.watch(var, self._mark_all)
            self.engine.builtin_calls["classmethod"](call, bound)
        return True

    def _mark_all(self, numbers: list[int]) -> None:
        for function in self.functions(numbers):
            self._remotable[function.code.id] = None
            self.engine.add(self.engine.function_field(function, "original_fn"), function.id)

    def settle(self, engine: Propagation) -> None:
        """Tie remotable methods to the indirection, and the indirection to them."""
        if not self._remotable:
            return
        for cls in list(engine.classes):
            if "indirection_api" not in cls.namespace or not self._objects.is_versioned(cls):
                continue
            for api in engine.held(cls.namespace["indirection_api"]):
                if isinstance(api, InstObj):
                    self._apis[api.id] = api
                    if engine.once("indirection", api.id):
                        self._indirect(api)

    def _indirect(self, api: InstObj) -> None:
        """The indirection is asked for any remotable method of any registered class."""
        engine = self.engine
        instances, names = engine.new_var(), engine.new_var()
        methods: dict[str, set[str]] = {_ON_INSTANCE: set(), _ON_CLASS: set()}
        for identity, (_, through) in self._owners().items():
            methods[through].add(identity.rpartition(".")[2])
        classes = self._objects.registered()
        for cls in classes:
            if any(engine.defines(cls, name) for name in methods[_ON_INSTANCE]):
                engine.add(instances, engine.instance_of(cls).id)
        on_class = {
            name_of(cls) for cls in classes if any(engine.defines(cls, name) for name in methods[_ON_CLASS])
        }
        engine.add(names, engine.text_set(tuple(sorted(on_class))).id)
        site = engine.site(engine.no_code, 1, 0)
        for through, first, more in ((_ON_INSTANCE, instances, 2), (_ON_CLASS, names, 3)):
            called = engine.text_set(tuple(sorted(methods[through])))
            self._names[called.id] = None
            given = (
                engine.new_var(),
                first,
                engine.singleton(called),
                *(engine.new_var() for _ in range(more)),
            )
            args = tuple((None, var) for var in given)
            call = Call(engine.no_instance, site, 1, args, engine.new_var(), 0)
            found = engine.new_var()
            engine.load(api, through, found, call)
            engine.watch(found, engine.on_call, call)

    # Who calls through the indirection

    def _call_indirectly(self) -> None:
        """Whoever calls a remotable method may call the indirection in its place, for that method only."""
        engine = self.engine
        if not self._apis:
            return
        engine.judged_at_end.update(self._remotable)
        dispatching = {
            call.inst.code.gid
            for _, name, _, call in engine.unknown_names
            if any(number in self._names for number in engine.numbers(name))
        }
        owners, beside = self._owners(), self._loaded_beside()
        entered: dict[str, list[CodeRef]] = {}
        for code in engine.codes[1:]:
            if code.gid in dispatching:
                for _, callee in self._remote_calls(code):
                    entered.setdefault(callee, []).append(code)
        for code in engine.codes[1:]:
            if code.gid in dispatching or code.module.name not in beside:
                continue
            for site, callee in list(self._remote_calls(code)):
                cls, through = owners.get(callee, (None, _ON_INSTANCE))
                for api in self._apis.values():
                    for taker in self._methods(api.cls, through):
                        engine.note(site, taker.id, "call", _RULE, sure=False)
                        for caller in entered.get(callee, ()):
                            engine.handed_over[Handover(caller.id, callee, code.id, taker.id)] = None
                if cls is not None and through == _ON_INSTANCE:
                    for hook in self._methods(cls, "obj_reset_changes"):
                        engine.note(site, hook.id, "callback", _RULE, sure=False)

    def _loaded_beside(self) -> set[str]:
        """The modules that a process may load which sets an indirection; others only run where none is set.

        Those are what its modules import, what they name in strings, and what is loaded by name.
        """
        engine = self.engine
        modules = engine.modules
        if self._setters is None:
            self._setters = [module for module in modules.values() if _sets_indirection(module)]
        todo = list(self._setters)
        found = {module.name for module in todo}
        while todo:
            module = todo.pop()
            named = set(self._named_in(module))
            for site, callee in engine.plugged.get(module.name, ()):
                if site.callees[callee][0] == "plugin":
                    named.add(callee.partition(":")[0])
            for name in sorted(named):
                parts = name.split(".")
                for end in range(1, len(parts) + 1):
                    package = ".".join(parts[:end])
                    if package in modules and package not in found:
                        found.add(package)
                        todo.append(modules[package])
        return found

    def _named_in(self, module: Module) -> frozenset[str]:
        """The modules that a module imports, and the strings in it, which may name others."""
        known = self._names_of.get(module.name)
        if known is None:
            facts = (fact for code in module.codes for fact in code.code.ops)
            known = self._names_of[module.name] = _named_by(module, facts)
        return known

    def minds(self, values: Sequence[Obj], facts: Mapping[str, Sequence[Any]]) -> bool:
        """See `RuleBase.minds`: whether more modules may be loaded where an indirection is set."""
        modules = self.engine.modules
        return bool(self._apis) and any(
            name not in known and any(package in modules for package in accumulate(name.split("."), _joined))
            for module, those in facts.items()
            if (known := self._names_of.get(module)) is not None
            for name in _named_by(modules[module], those)
        )

    def _remote_calls(self, code: CodeRef) -> Iterator[tuple[Site, str]]:
        for site in code.sites.values():
            for callee in site.callees:
                if callee in self._remotable:
                    yield site, callee

    def _owners(self) -> dict[str, tuple[ClassObj, str]]:
        """For each remotable method its class, and the method of the indirection that calls it."""
        found: dict[str, tuple[ClassObj, str]] = {}
        for cls in self._objects.registered():
            for name in cls.namespace:
                for bound in self.engine.held(cls.namespace[name]):
                    for value in (bound, *self.engine.originals_of(_unwrapped(bound))):
                        inner = _unwrapped(value)
                        if isinstance(inner, FuncObj) and inner.code.id in self._remotable:
                            through = _ON_CLASS if isinstance(value, Wrapped) else _ON_INSTANCE
                            found.setdefault(inner.code.id, (cls, through))
        return found

    def _methods(self, cls: ClassObj, name: str) -> list[CodeRef]:
        held = self.engine.held(self.engine.class_attribute(cls, name))
        return [code for value in held for code in self.engine.codes_behind(value)]


def _unwrapped(value: Obj) -> Obj:
    return value.inner if isinstance(value, Wrapped) else value


def _joined(package: str, name: str) -> str:
    return f"{package}.{name}"


def _named_by(module: Module, facts: Iterable[Any]) -> frozenset[str]:
    found = set()
    for fact in facts:
        if fact[0] == IMPORT:
            target = absolute_module(module, fact[2], fact[3])
            found.add(f"{target}.{fact[4]}" if fact[4] else target)
        elif fact[0] == IMPORTSTAR:
            found.add(absolute_module(module, fact[1], fact[2]))
        elif fact[0] == STR and isinstance(fact[2], str):
            found.add(fact[2])
    return frozenset(found)


def _sets_indirection(module: Module) -> bool:
    return any(
        fact[0] == SETATTR and fact[2] == "indirection_api" for code in module.codes for fact in code.code.ops
    )
