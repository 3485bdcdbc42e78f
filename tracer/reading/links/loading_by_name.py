"""Classes and modules loaded by dotted name: oslo importutils, names built from options."""

from __future__ import annotations

import re
from typing import Any

from tracer.reading.flow.objects import Call, ClassObj, Framework, Obj, Text, TextPattern
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import Module

_PACKAGE = "oslo_utils.importutils."


class LoadingByName:
    """``import_class``, ``import_object`` and ``import_module``, and classes picked by ``issubclass``.

    A name of which only the beginning is known (``"pkg.virt.%s" % CONF.driver``) stands for the names
    that the
    option's texts offer.

    Args:
        driver: where several names are offered, keep those that have this part (``libvirt``).
    """

    def __init__(self, driver: str) -> None:
        self._driver = driver.lower()
        self._engine: Propagation

    def install(self, engine: Propagation) -> None:
        """Register the models."""
        self._engine = engine
        engine.models |= {
            _PACKAGE + "import_class": self._class,
            _PACKAGE + "import_object": self._object,
            _PACKAGE + "import_object_ns": self._object_in_namespace,
            _PACKAGE + "import_module": self._module,
            _PACKAGE + "import_any": self._module,
            _PACKAGE + "try_import": self._module,
            _PACKAGE + "import_versioned_module": self._module,
            "importlib.import_module": self._module,
            "inspect.getmembers": self._members,
        }
        engine.builtin_calls["issubclass"] = self._issubclass
        engine.builtin_calls["getattr"] = self._wrap_getattr(engine.builtin_calls["getattr"])

    def settle(self, engine: Propagation) -> None:
        """Nothing waits for the end."""

    def resolve(self, dotted: str) -> int | None:
        """The variable of what a dotted name means in the read code."""
        engine = self._engine
        dotted = dotted.replace(":", ".")
        module = engine.modules.get(dotted)
        if module is not None:
            return engine.singleton(engine.module_object(module))
        head, _, last = dotted.rpartition(".")
        while head:
            found = engine.modules.get(head)
            if found is not None:
                return self._member(found, last)
            head, _, more = head.rpartition(".")
            last = f"{more}.{last}"
        return None

    def _member(self, module: Module, path: str) -> int | None:
        engine = self._engine
        first, *rest = path.split(".")
        if first not in module.stores:
            return None
        var = engine.module_attribute(module, first)
        for name in rest:
            inner = engine.new_var()
            call = engine.at(engine.no_instance, 0, 0, inner)
            engine.watch(var, engine.on_load, name, inner, call)
            var = inner
        return var

    def _watch_names(self, call: Call, action: Any) -> None:
        var = call.positional(0)
        if var is not None:
            self._engine.watch(var, self._names, action, call)

    def _names(self, numbers: list[int], action: Any, call: Call) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Text):
                self._found(value.value, action, call)
            elif isinstance(value, TextPattern):
                for name in self._offered(value, call):
                    self._found(name, action, call)

    def _found(self, name: str, action: Any, call: Call) -> None:
        var = self.resolve(name)
        if var is not None:
            action(var, call)
        elif re.fullmatch(r"[A-Za-z_][\w.]*", name):
            module, _, last = name.rpartition(".")
            outside = self._engine.external(module or last, last if module else "")
            action(self._engine.singleton(outside), call)

    def _offered(self, pattern: TextPattern, call: Call) -> list[str]:
        """Names below a dotted prefix that texts of options offer."""
        prefix = pattern.prefix
        if "." not in prefix or pattern.suffix:
            return []
        texts = {name for option in getattr(self._engine, "option_texts", ()) for name in option}
        offered = sorted(prefix + name for name in texts if self.resolve(prefix + name) is not None)
        narrowed = [name for name in offered if self._driver in name.lower().split(".")]
        return narrowed if self._driver and narrowed else offered

    def _class(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external[_PACKAGE + "import_class"] = call.kind
        self._watch_names(call, lambda var, call: self._engine.edge(var, call.dst))
        self._any_class(call)
        return True

    def _module(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external["importlib.import_module"] = call.kind
        self._watch_names(call, lambda var, call: self._engine.edge(var, call.dst))
        name = call.positional(0)
        package = call.argument(1, "package")
        if name is not None and package is not None:
            self._engine.watch(package, self._relative, name, call.dst)
        if name is not None:
            made = self._engine.intern(
                ("any module", call.inst.id, call.op),
                lambda: Framework(self, "any module", {"origin": call.dst}),
            )
            self._engine.add(call.dst, made.id)
        return True

    def _relative(self, numbers: list[int], name: int, dst: int) -> None:
        for number in numbers:
            package = self._engine.objects[number]
            if isinstance(package, Text):
                self._engine.watch(name, self._relative_to, package.value, dst)

    def _relative_to(self, numbers: list[int], package: str, dst: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Text) and value.value.startswith("."):
                var = self.resolve(package + value.value)
                if var is not None:
                    self._engine.edge(var, dst)

    def _members(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self._engine
        call.site.external["inspect:getmembers"] = call.kind
        pair = engine.container("tuple", ("member", call.inst.id, call.op))
        made = engine.container("list", ("members", call.inst.id, call.op))
        engine.add(made.rest, pair.id)
        engine.add(call.dst, made.id)
        owner = call.positional(0)
        if owner is not None:
            engine.watch(owner, self._from_any_module, call.with_args(call.args, engine.field(pair, 1)))
        return True

    def _any_class(self, call: Call) -> None:
        made = self._engine.intern(
            ("any class", call.inst.id, call.op), lambda: Framework(self, "any class", {"origin": call.dst})
        )
        self._engine.add(call.dst, made.id)

    def _object(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external[_PACKAGE + "import_object"] = call.kind
        self._watch_names(call, self._make)
        return True

    def _object_in_namespace(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        shifted = call.with_args(call.args[1:])
        self._watch_names(shifted, self._make)
        return True

    def _make(self, var: int, call: Call) -> None:
        inner = call.with_args(call.args[1:], kind="plugin", rule="loaded by name")
        self._engine.watch(var, self._engine.on_call, inner)

    # Classes of which only a base is known

    def _wrap_getattr(self, plain: Any) -> Any:
        def model(call: Call, bound: tuple[Obj, ...]) -> None:
            plain(call, bound)
            owner = call.positional(0)
            if owner is not None and len(call.args) >= 2:
                self._engine.watch(owner, self._from_any_module, call)

        return model

    def _from_any_module(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Framework) and value.kind == "any module":
                self._any_class(call)

    def _issubclass(self, call: Call, bound: tuple[Obj, ...]) -> None:
        self._engine.add(call.dst, self._engine.plain("bool").id)
        first, second = call.positional(0), call.positional(1)
        if first is not None and second is not None:
            self._engine.watch(first, self._picked, second)

    def _picked(self, numbers: list[int], base: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Framework) and value.kind == "any class":
                self._engine.watch(base, self._subclasses, value.slots["origin"])

    def _subclasses(self, numbers: list[int], origin: int) -> None:
        for number in numbers:
            base = self._engine.objects[number]
            if isinstance(base, ClassObj):
                for below in sorted(self._engine.family(base)[1:], key=lambda cls: cls.code.id):
                    self._engine.add(origin, below.id)

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """Attributes of a module or class that is not known."""

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """Nothing is kept on unknown values."""

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """Calling an unknown class leads nowhere until it is known."""

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """Unknown values are not iterated."""
