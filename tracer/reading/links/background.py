"""Functions handed to somebody who runs them: executors, greenthreads, looping calls, periodic tasks,
privsep."""

from __future__ import annotations

from functools import partial

from tracer.reading.flow.objects import (
    Call,
    ClassObj,
    External,
    Framework,
    FuncObj,
    InstObj,
    Number,
    Obj,
    Plain,
    Text,
)
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_SPAWNING = {
    "submit": 0,
    "spawn": 0,
    "spawn_n": 0,
    "spawn_after": 1,
    "spawn_after_local": 1,
    "apply_async": 0,
    "call_soon": 0,
    "call_later": 1,
    "run_in_executor": 1,
    "start_new_thread": 0,
    "add_thread": 0,
    "add_timer": 1,
    "add_timer_args": 1,
    "add_dynamic_timer": 0,
}
"""Methods that run a function elsewhere, and which argument it is; the arguments behind it are the
function's."""
_RESULTS = ("result", "get", "wait")
"""Methods of futures, asynchronous results and greenthreads that give what the function returned."""
_MOST_RESULTS = 3
_MAPPING = ("map", "imap", "imap_unordered")
_LOOPS = (
    "FixedIntervalLoopingCall",
    "DynamicLoopingCall",
    "BackOffLoopingCall",
    "FixedIntervalWithTimeoutLoopingCall",
)


class Background(RuleBase):
    """Work that another thread, a timer or another process does."""

    def __init__(self) -> None:
        super().__init__()
        self._periodic: dict[int, FuncObj] = {}
        self._runs: list[tuple[InstObj, Call]] = []
        self._privileged: dict[str, None] = {}
        self._awaited: list[tuple[int, int]] = []
        self._started: set[tuple[int, int]] = set()

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for name, at in _SPAWNING.items():
            engine.method_models[name] = partial(self._spawn, at)
        for name in _MAPPING:
            engine.method_models[name] = self._map
        for package in ("oslo_service.loopingcall", "oslo_service.backend.loopingcall"):
            for name in _LOOPS:
                engine.models[f"{package}.{name}"] = self._loop
        engine.models |= {
            "oslo_service.periodic_task.periodic_task": self._periodic_task,
            "oslo_service.periodic_task.PeriodicTasks.run_periodic_tasks": self._run_periodic,
        }
        engine.models["concurrent.futures.as_completed"] = self._completed
        engine.models["concurrent.futures.wait"] = self._waited
        engine.models["asyncio.to_thread"] = self._to_thread
        engine.method_models["entrypoint"] = self._entrypoint
        engine.privileged = self._privileged

    def _spawn(self, at: int, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        func = call.positional(at)
        self.leads_out(call, value.dotted)
        self.engine.add(call.dst, self.engine.result_of(value).id)
        if func is not None:
            future = self.make("future", call, {"value": None})
            self.engine.add(call.dst, future.id)
            self.engine.call_back(func, call.args[at + 1 :], future.slots["value"], call, "spawn")
        return True

    def _completed(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "concurrent.futures.as_completed")
        if call.args:
            self.engine.edge(call.args[0][1], call.dst)
        return True

    def _to_thread(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``await to_thread(function, ...)`` gives what the function returns."""
        self.leads_out(call, "asyncio.to_thread")
        function = call.positional(0)
        if function is not None:
            self.engine.call_back(function, call.args[1:], call.dst, call, "spawn")
        return True

    def _waited(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``wait(futures)`` gives a set of those that are done, and one of the others."""
        self.leads_out(call, "concurrent.futures.wait")
        pair = self.engine.container("tuple", ("waited", call.inst.id, call.op))
        futures = call.argument(0, "fs")
        for place, name in enumerate(("done", "not_done")):
            some = self.engine.container("set", ("waited", call.inst.id, call.op, place))
            if futures is not None:
                self.engine.watch(futures, self.engine.on_iterate, some.rest, call)
            for key in (place, name):
                self.engine.add(self.engine.field(pair, key), some.id)
        self.engine.add(call.dst, pair.id)
        return True

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``future.result()``: what the function returned."""
        if name in _RESULTS:
            self._awaited.append((value.slots["value"], call.dst))

    def _loop(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "oslo_service.loopingcall.LoopingCall")
        self.engine.add(call.dst, self.engine.external("oslo_service.loopingcall", "LoopingCall()").id)
        if call.args:
            self.engine.call_back(call.args[0][1], call.args[1:], self.engine.new_var(), call, "spawn")
        return True

    def _map(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        """A pool's ``map(function, items, ...)``: one call an item, in other threads."""
        func = call.positional(0)
        if "()" not in value.dotted or func is None:
            return False
        engine = self.engine
        self.leads_out(call, value.dotted)
        items: list[tuple[str | None, int]] = []
        for keyword, var in call.args[1:]:
            if keyword is None:
                item = engine.new_var()
                engine.watch(var, engine.on_iterate, item, call)
                items.append((None, item))
        results = engine.container("list", ("pool map", call.inst.id, call.op))
        engine.call_back(func, tuple(items), results.rest, call, "spawn")
        engine.add(call.dst, results.id)
        return True

    # Periodic tasks

    def _periodic_task(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "oslo_service.periodic_task.periodic_task")
        self.decorate("periodic", call, self._schedule)
        return True

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """The decorator that ``periodic_task(...)`` returned."""
        var = call.positional(0)
        if value.kind != "periodic":
            super().call(engine, value, call)
        elif var is not None:
            self._schedule(var, call)

    def _schedule(self, var: int, call: Call) -> None:
        self.engine.edge(var, call.dst)
        self.engine.watch(var, self._scheduled)

    def _scheduled(self, numbers: list[int]) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, FuncObj):
                self._periodic[value.id] = value
                self.engine.entries[value.code.id, "periodic task"] = None

    def _run_periodic(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "oslo_service.periodic_task.PeriodicTasks.run_periodic_tasks")
        for owner in bound:
            if isinstance(owner, InstObj):
                self._runs.append((owner, call))
        return True

    def settle(self, engine: Propagation) -> None:
        """Let managers run their periodic tasks, and hand out what futures hold.

        Futures of a helper that runs anybody's functions hold anybody's results: nothing is said of those.
        """
        for number, (source, dst) in enumerate(self._awaited):
            held = [value for value in engine.held(source) if not isinstance(value, (Text, Plain, Number))]
            if 0 < len(held) <= _MOST_RESULTS and engine.once("awaited", number):
                engine.edge(source, dst)
        for owner, call in self._runs:
            for cls in engine.order(owner.cls):
                if not isinstance(cls, ClassObj):
                    continue
                for name in list(cls.namespace):
                    for value in engine.held(cls.namespace[name]):
                        if self._is_periodic(value) and (owner.id, value.id) not in self._started:
                            self._started.add((owner.id, value.id))
                            context = call.args[0][1] if call.args else engine.new_var()
                            inner = call.with_args(
                                ((None, context),), engine.new_var(), "callback", "periodic task"
                            )
                            engine.call_value(value, inner, (owner,))

    def _is_periodic(self, value: Obj) -> bool:
        return value.id in self._periodic

    # Privileged functions

    def _entrypoint(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        var = call.positional(0)
        if var is None or "PrivContext()" not in value.dotted:
            return False
        self.leads_out(call, "oslo_privsep.priv_context.PrivContext.entrypoint")
        self.engine.edge(var, call.dst)
        self.engine.watch(var, self._privilege)
        return True

    def _privilege(self, numbers: list[int]) -> None:
        for function in self.functions(numbers):
            self._privileged[function.code.id] = None
