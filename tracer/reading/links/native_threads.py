"""eventlet's pool of native threads: functions executed there, and objects whose methods run there."""

from __future__ import annotations

from tracer.reading.flow.objects import BoundObj, Call, Framework, FuncObj, InstObj, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_PROXY, _METHOD = "tpool proxy", "tpool method"


class NativeThreads(RuleBase):
    """``tpool.execute(function, ...)`` and ``tpool.Proxy(object).method(...)``."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.models |= {"eventlet.tpool.execute": self._execute, "eventlet.tpool.Proxy": self._proxy}

    def _execute(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "eventlet.tpool.execute")
        if call.args:
            self.engine.call_back(call.args[0][1], call.args[1:], call.dst, call, "spawn")
        return True

    def _proxy(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "eventlet.tpool.Proxy")
        wrapped = call.argument(0, "obj")
        if wrapped is not None:
            self.engine.watch(wrapped, self._wrap, call.dst)
        return True

    def _wrap(self, numbers: list[int], dst: int) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, InstObj):
                value = self._stand_in(_PROXY, "wrapped", value)
            engine.add(dst, value.id)

    def _stand_in(self, kind: str, slot: str, value: Obj) -> Framework:
        slots = {slot: self.engine.singleton(value)}
        return self.engine.intern((kind, value.id), lambda: Framework(self, kind, slots))

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """An attribute of a proxied object; its methods run in a native thread."""
        found = engine.new_var()
        engine.watch(value.slots["wrapped"], engine.on_load, name, found, call)
        engine.watch(found, self._loaded, dst)

    def _loaded(self, numbers: list[int], dst: int) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, FuncObj | BoundObj):
                value = self._stand_in(_METHOD, "function", value)
            engine.add(dst, value.id)

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """``proxy.name = ...`` sets the attribute of the object behind it."""
        for wrapped in engine.held(value.slots["wrapped"]):
            engine.store(wrapped, name, source, call)

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """A method of the object behind the proxy, or that object itself."""
        function = value.slots["function" if value.kind == _METHOD else "wrapped"]
        engine.call_back(function, call.args, call.dst, call, "spawn")

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """Iterating over a proxy is iterating over the object behind it."""
        engine.watch(value.slots["wrapped"], engine.on_iterate, dst, call)
