"""What a class attribute gives when it is read through an instance: methods, properties, descriptors."""

from __future__ import annotations

from tracer.reading.flow.classes import Classes
from tracer.reading.flow.objects import (
    Call,
    ClassObj,
    Entry,
    FuncObj,
    InstObj,
    Obj,
    PartialObj,
    PropertyObj,
    Wrapped,
)
from tracer.reading.flow.scopes import CodeRef, Instance, Site


class Binding(Classes):
    """Binds attributes to their owners, once for all readers."""

    no_code: CodeRef
    no_instance: Instance

    def __init__(self) -> None:
        super().__init__()
        self.missing: list[tuple[ClassObj, str]] = []
        """Attributes of instances that no class which was read binds, once each."""
        self.plugged: dict[str, list[tuple[Site, str]]] = {}
        """For each module the places that enter something which was loaded by name, and what that is."""

    def note(self, site: Site, callee: str, kind: str, rule: str, sure: bool = True) -> None:
        """Control goes from ``site`` to ``callee``."""
        known = site.callees.get(callee)
        if known is None or (not sure, kind, rule) < (not known[2], known[0], known[1]):
            site.enter(callee, (kind, rule, sure))
            if kind == "plugin":
                self.plugged.setdefault(site.code.module.name, []).append((site, callee))

    def entry(self, value: InstObj, name: str) -> Entry:
        """What reading ``name`` from ``value`` gives, shared by all readers."""
        cls = value.cls
        entry = cls.entries.get(name)
        if entry is None:
            entry = cls.entries[name] = Entry(self.new_var())
            self.edge(self.field_of(cls, name), entry.var)
            self.watch(self.class_attribute(cls, name), self._bind_all, value, entry)
            if not self.defines(cls, name):
                self.missing.append((cls, name))
            if self.defines(cls, "__getattribute__") and not name.startswith("__"):
                args: tuple[tuple[str | None, int], ...] = (
                    (None, self.singleton(value)),
                    (None, self.singleton(self.text(name))),
                )
                self.watch(self.class_attribute(cls, "__getattribute__"), self._get_through, entry, args)
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

    def watch_site(self, shadow: Site, entry: Entry) -> None:
        """Hand every callee found for ``shadow`` to all readers of ``entry``."""
        shadow.callees = _Getters(self, entry)


class _Getters(dict[str, tuple[str, str, bool]]):
    """Callees of a getter's shadow site, forwarded to every reader of the property."""

    def __init__(self, engine: Binding, entry: Entry) -> None:
        super().__init__()
        self._engine = engine
        self._entry = entry

    def __setitem__(self, callee: str, found: tuple[str, str, bool]) -> None:
        super().__setitem__(callee, found)
        self._entry.getters.setdefault(callee, found[1])
        for code, op, line in list(self._entry.sites.values()):
            self._engine.note(self._engine.site(code, op, line), callee, found[0], found[1])
