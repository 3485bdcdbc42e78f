"""What is found above a class: by ``super()``, also behind builtin types, and by asking the class."""

from __future__ import annotations

from tracer.reading.flow.binding import Binding
from tracer.reading.flow.objects import (
    Call,
    ClassObj,
    Entry,
    External,
    InstObj,
    Method,
    Obj,
    SuperObj,
    Wrapped,
)


class Superiors(Binding):
    """Attributes of ``super()`` and of classes."""

    def unbind_all(self, numbers: list[int], cls: ClassObj, dst: int) -> None:
        """``dst`` receives what class attributes give when they are read through the class."""
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

    def load_super(self, value: SuperObj, name: str, dst: int, call: Call) -> None:
        """``dst`` receives ``super().name``."""
        owner = value.owner
        start = owner.cls if isinstance(owner, InstObj) else owner
        if not isinstance(start, ClassObj):
            return
        order = self.order(start)
        self.ask_again(start, (value.id, name, dst), self.load_super, value, name, dst, call)
        behind: list[ClassObj | External] = [
            self.external("builtins", base.__name__) for base in _builtin_bases(value.cls)[1:]
        ]
        if value.cls in order:
            behind += order[order.index(value.cls) + 1 :]
        elif isinstance(value.cls, ClassObj):
            behind = order[1:]
        inherited = name in vars(object) and [above for above in behind if isinstance(above, External)][:1]
        for above in behind:
            if isinstance(above, External):
                if _lacks(above, name):
                    continue
                self._bind_outside(above, name, owner, dst)
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
        if inherited:
            self._bind_outside(inherited[0], name, owner, dst)
        elif name in ("__new__", "__init__", "__call__", "__getattribute__", "__setattr__"):
            method = self.intern(("method", owner.id, name), lambda: Method(owner, name))
            self.add(dst, method.id)

    def _bind_outside(self, above: External, name: str, owner: Obj, dst: int) -> None:
        target = self.external(above.module, f"{above.qualname}.{name}" if above.qualname else name)
        self.add(dst, self.bound(target, owner).id)

    def _bind_super(self, numbers: list[int], cls: ClassObj, dst: int, meta: bool) -> None:
        for number in numbers:
            found = self.objects[number]
            if isinstance(found, Wrapped):
                self.unbind_all([number], cls, dst)
            else:
                self.add(dst, self.bound(found, cls).id if meta else found.id)


def _builtin_bases(value: ClassObj | External) -> tuple[type, ...]:
    """The builtin type that an external class is, and its bases but ``object``, which comes last of all."""
    found = value.builtin_type if isinstance(value, External) else None
    return () if found is None else found.__mro__[:-1]


def _lacks(value: External, name: str) -> bool:
    """Whether a builtin type is known not to have an attribute, nor to inherit it from another one."""
    bases = _builtin_bases(value)
    return bool(bases) and not any(name in vars(base) for base in bases)
