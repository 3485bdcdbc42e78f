"""Classes: the orders of their bases, what their bodies bind, what is stored on their instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from tracer.reading.flow.core import Core
from tracer.reading.flow.objects import Call, ClassObj, Container, External, InstObj, Obj, Wrapped
from tracer.reading.flow.scopes import CodeRef, Site


class Classes(Core):
    """What is known of each class, from wherever it is found out."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: list[ClassObj] = []
        self._asked: dict[int, dict[Any, tuple[Any, ...]]] = {}

    def call_value(self, value: Obj, call: Call, bound: tuple[Obj, ...] = ()) -> None:
        """Call ``value``; provided by the layer above."""
        raise NotImplementedError

    def site(self, code: CodeRef, op: int, line: int, is_call: bool = False) -> Site:
        """The place of operation ``op`` in ``code``."""
        found = code.sites.get(op)
        if found is None:
            found = code.sites[op] = Site(code, line, is_call)
        return found

    def instance_of(self, cls: ClassObj) -> InstObj:
        """Any instance of ``cls``."""
        found = self.intern(("instance", cls.id), lambda: InstObj(cls))
        cls.instance = found.id
        return found

    def as_base(self, value: Obj) -> Obj:
        """A base class as it was written; builtins and results of calls count as external."""
        if isinstance(value, (ClassObj, External)):
            return value
        name = getattr(value, "name", None)
        return self.external("builtins", name) if isinstance(name, str) else value

    def order(self, cls: ClassObj) -> list[ClassObj | External]:
        """The order in which ``cls`` and its bases are searched (C3; depth-first where that fails)."""
        if cls.mro is None:
            cls.mro = [cls]
            bases = [
                base
                for position in cls.bases
                for base in (sorted(position, key=_read_first) if len(position) > 1 else position)
                if isinstance(base, (ClassObj, External))
            ]
            rows: list[list[ClassObj | External]] = [
                self.order(base) if isinstance(base, ClassObj) else [base] for base in bases
            ]
            rows.append(bases)
            cls.mro = [cls, *(above for above in _merged(rows) if above is not cls)]
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
            hook = Call(cls.made_in, cls.made_at, -2, cls.made_with, self.nowhere, 0, "call", "subclass hook")
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
            for action, *data in list(self._asked.get(member.id, {}).values()):
                action(*data)

    def ask_again(self, cls: ClassObj, key: Any, action: Callable[..., None], *data: Any) -> None:
        """Repeat ``action(*data)`` whenever another base of ``cls`` becomes known; once for a ``key``."""
        self._asked.setdefault(cls.id, {})[key] = (action, *data)

    def bind_in_class(self, cls: ClassObj, name: str, source: int) -> None:
        """``cls.name`` is set from outside of its body."""
        var = cls.namespace.get(name)
        if var is None:
            var = cls.namespace[name] = self.new_var()
            for member in self.family(cls):
                if name in member.attributes:
                    self._link_attribute(member, name, member.attributes[name])
        self.edge(source, var)

    def namespace_of(self, cls: ClassObj) -> Container:
        """What the body of ``cls`` binds as a dict; what is added to it is bound in the class as well."""
        namespace = self.container("dict", ("namespace", cls.id))
        for key, var in list(cls.namespace.items()):
            self.edge(var, self.field(namespace, key))

        def added(key: str | int, var: int) -> None:
            self.bind_in_class(cls, str(key), var)

        namespace.watchers.append(added)
        return namespace

    def class_attribute(self, cls: ClassObj, name: str) -> int:
        """The variable of what looking ``name`` up in ``cls`` and its bases finds."""
        var = cls.attributes.get(name)
        if var is None:
            var = cls.attributes[name] = self.new_var()
            self._link_attribute(cls, name, var)
        return var

    def _link_attribute(self, cls: ClassObj, name: str, var: int) -> None:
        for above in cls.mro or self.order(cls):
            if type(above) is ClassObj:
                if name in above.namespace:
                    self.edge(above.namespace[name], var)
                    return
            elif name in above.names:  # type: ignore[union-attr]
                return

    def defines(self, cls: ClassObj, name: str) -> bool:
        """Whether ``cls`` or a base that was read binds ``name``, and no builtin type before it does."""
        for above in cls.mro or self.order(cls):
            if type(above) is ClassObj:
                if name in above.namespace:
                    return True
            elif name in above.names:  # type: ignore[union-attr]
                return False
        return False

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

    def metaclass(self, value: ClassObj) -> ClassObj | None:
        """The metaclass of ``value`` if it was read."""
        for above in value.mro or self.order(value):
            if type(above) is ClassObj and "metaclass" in above.keywords:
                for held in self.held(above.keywords["metaclass"]):
                    if isinstance(held, ClassObj):
                        return held
        return None


def _read_first(base: Obj) -> tuple[bool, str]:
    """What one base may be, read classes before what a decorator outside may have made of them."""
    if isinstance(base, ClassObj):
        return False, base.code.id
    return True, base.identity if isinstance(base, External) else ""


def _merged(rows: list[list[ClassObj | External]]) -> list[ClassObj | External]:
    """Each entry once, none before another that comes before it in a row, as far as that can be.

    C3's merge, with counts of how often each entry stands behind the head of a row: one base may be one of
    very many classes.
    """
    behind = Counter(entry for row in rows for entry in row[1:])
    heads = {place: 0 for place, row in enumerate(rows) if row}
    merged: dict[ClassObj | External, None] = {}
    while heads:
        first = (rows[place][at] for place, at in heads.items())
        head = next((entry for entry in first if not behind[entry]), None)
        if head is None:
            place, at = next(iter(heads.items()))
            head = rows[place][at]
        merged[head] = None
        for place, at in list(heads.items()):
            row = rows[place]
            while at < len(row) and row[at] in merged:
                at += 1
                if at < len(row):
                    behind[row[at]] -= 1
            if at < len(row):
                heads[place] = at
            else:
                del heads[place]
    return list(merged)
