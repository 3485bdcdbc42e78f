"""eventlet's ways out of green threads: what its pool of native threads runs, and modules as they were before
it changed them."""

from __future__ import annotations

from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    Framework,
    FuncObj,
    InstObj,
    Obj,
    Text,
)
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_PROXY, _METHOD = "tpool proxy", "tpool method"


class NativeThreads(RuleBase):
    """``tpool.execute(function, ...)``, ``tpool.Proxy(object).method(...)``, ``patcher.original(module)``."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[tuple[int, str, tuple[int, int], int], InstObj] = {}

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.models |= {
            "eventlet.tpool.execute": self._execute,
            "eventlet.tpool.Proxy": self._proxy,
            "eventlet.patcher.original": self._original,
        }

    def _original(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``patcher.original("threading")`` is the module of that name."""
        self.leads_out(call, "eventlet.patcher.original")
        name = call.argument(0, "modname")
        if name is not None:
            self.engine.watch(name, self._module, call.dst)
        return True

    def _module(self, numbers: list[int], dst: int) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, Text):
                read = engine.modules.get(value.value)
                module = engine.external(value.value, "") if read is None else engine.module_object(read)
                engine.add(dst, module.id)

    def _execute(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "eventlet.tpool.execute")
        if call.args:
            self.engine.call_back(call.args[0][1], call.args[1:], call.dst, call, "spawn")
        return True

    def _proxy(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``Proxy(obj, autowrap, autowrap_names)``: what is of these classes or names is wrapped too."""
        self.leads_out(call, "eventlet.tpool.Proxy")
        wrapped = call.argument(0, "obj")
        classes, names = call.argument(1, "autowrap"), call.argument(2, "autowrap_names")
        if wrapped is not None:
            nothing = self.engine.new_var()
            again = nothing if classes is None else classes, nothing if names is None else names
            self.engine.watch(wrapped, self._wrap, again, call.dst)
        return True

    def _wrap(self, numbers: list[int], again: tuple[int, int], dst: int) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, InstObj):
                value = self._stand_in(_PROXY, "wrapped", value, again)
            engine.add(dst, value.id)

    def _stand_in(self, kind: str, slot: str, value: Obj, again: tuple[int, int]) -> Framework:
        slots = {slot: self.engine.singleton(value), "classes": again[0], "names": again[1]}
        return self.engine.intern((kind, value.id, again), lambda: Framework(self, kind, slots))

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """An attribute of a proxied object; its methods run in a native thread."""
        found, again = engine.new_var(), (value.slots["classes"], value.slots["names"])
        engine.watch(value.slots["wrapped"], engine.on_load, name, found, call)
        engine.watch(found, self._loaded, name, again, dst)

    def _loaded(self, numbers: list[int], name: str, again: tuple[int, int], dst: int) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, (FuncObj, BoundObj)):
                value = self._stand_in(_METHOD, "function", value, again)
            if isinstance(value, InstObj):
                self._waiting[number, name, again, dst] = value
            else:
                engine.add(dst, value.id)

    def settle(self, engine: Propagation) -> None:
        """What proxies gave is wrapped where its class or name says so; which those are is known by now."""
        for (number, name, again, dst), value in self._waiting.items():
            classes, names = self._inside(again[0]), self._inside(again[1])
            of_class = any(kind in engine.order(value.cls) for kind in classes if isinstance(kind, ClassObj))
            if of_class or any(isinstance(text, Text) and text.value == name for text in names):
                self._wrap([number], again, dst)
            else:
                engine.add(dst, number)
        self._waiting.clear()

    def _inside(self, var: int) -> list[Obj]:
        """What a variable holds, and what is in the containers among it."""
        held = self.engine.held(var)
        inner = [self.engine.held(many.everything) for many in held if isinstance(many, Container)]
        return [*held, *(one for found in inner for one in found)]

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """``proxy.name = ...`` sets the attribute of the object behind it."""
        for wrapped in engine.held(value.slots["wrapped"]):
            engine.store(wrapped, name, source, call)

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """A method of the object behind the proxy, or that object itself."""
        function = value.slots["function" if value.kind == _METHOD else "wrapped"]
        result, again = engine.new_var(), (value.slots["classes"], value.slots["names"])
        engine.call_back(function, call.args, result, call, "spawn")
        engine.watch(result, self._loaded, "", again, call.dst)

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """Iterating over a proxy is iterating over the object behind it."""
        engine.watch(value.slots["wrapped"], engine.on_iterate, dst, call)
