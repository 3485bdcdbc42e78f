"""Objects of the standard library that keep what they are given, and give it back or call it later."""

from __future__ import annotations

from functools import partial

from tracer.reading.flow.entering import Args
from tracer.reading.flow.objects import Call, Container, External, Framework, FuncObj, InstObj, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_QUEUES = {
    "queue": ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"),
    "multiprocessing": ("Queue", "JoinableQueue", "SimpleQueue"),
    "asyncio": ("Queue", "LifoQueue", "PriorityQueue"),
    "eventlet.queue": ("Queue", "LightQueue", "LifoQueue", "PriorityQueue"),
}
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "xor")
_HEAPS = ("heappush", "heappop", "heapify", "heapreplace", "heappushpop")
_ROUNDINGS = {"math.floor": "__floor__", "math.ceil": "__ceil__", "math.trunc": "__trunc__"}
_CONTEXT_DECORATORS = ("contextlib.ContextDecorator", "contextlib.AsyncContextDecorator")
_MANAGED = ("__enter__", "__exit__")
_ENTERED = {"enter_context": _MANAGED, "enter_async_context": ("__aenter__", "__aexit__")}
_AROUND = ("single dispatch", "managed")
"""Values that call what they were made of."""
_OPEN = ("thread local", "namespace")
"""Objects that have whatever attributes they are given."""


_LIBRARY = {
    "queue": "queue.Queue",
    "thread local": "threading.local",
    "context": "contextvars.copy_context",
    "exit stack": "contextlib.ExitStack",
}
"""What makes a value of each kind."""
_OWNERS = {
    "items": "queue.Queue",
    "value": "contextvars.ContextVar",
    "functions": "functools.singledispatch",
}
"""Whose methods are called, by what the value holds; others are exit stacks and contexts."""


class Holders(RuleBase):
    """Queues, thread-local objects, context variables, exit stacks, dispatchers, heaps, operators by name."""

    def __init__(self) -> None:
        super().__init__()
        self._called: set[tuple[int, int, int, int, Args]] = set()
        self._given: dict[int, tuple[tuple[str | None, int], ...]] = {}

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for package, names in _QUEUES.items():
            made = partial(self._hold, "queue", ("items",))
            engine.models |= {f"{package}.{name}": made for name in names}
        engine.models |= {
            "threading.local": partial(self._hold, "thread local", ()),
            "contextvars.ContextVar": self._context_variable,
            "contextvars.copy_context": partial(self._hold, "context", ()),
            "contextlib.ExitStack": partial(self._hold, "exit stack", ()),
            "contextlib.AsyncExitStack": partial(self._hold, "exit stack", ()),
            "contextlib.closing": self._closing,
            "functools.singledispatch": self._single_dispatch,
            "functools.singledispatchmethod": self._single_dispatch_method,
            "operator.methodcaller": partial(self._by_name, "method caller"),
            "operator.attrgetter": partial(self._by_name, "attribute getter"),
            "types.SimpleNamespace": self._namespace,
        }
        engine.models |= {f"operator.{name}": partial(self._operate, name) for name in _ARITHMETIC}
        engine.models |= {f"heapq.{name}": partial(self._heap, name) for name in _HEAPS}
        engine.models["heapq.merge"] = self._merge
        engine.models["weakref.finalize"] = self._finalizer
        engine.models |= {name: partial(self._round, name, special) for name, special in _ROUNDINGS.items()}
        engine.unread_calls.append(self._decorate)

    def _hold(self, kind: str, slots: tuple[str, ...], call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, _LIBRARY[kind])
        self.engine.add(call.dst, self.make(kind, call, dict.fromkeys(slots)).id)
        return True

    def _context_variable(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "contextvars.ContextVar")
        made = self.make("context variable", call, {"value": None})
        default = call.keyword("default")
        if default is not None:
            self.engine.edge(default, made.slots["value"])
        self.engine.add(call.dst, made.id)
        return True

    def _namespace(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "types.SimpleNamespace")
        given: dict[str, int | None] = {
            keyword: var for keyword, var in call.args if keyword and keyword[0] != "*"
        }
        self.engine.add(call.dst, self.make("namespace", call, given).id)
        return True

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """An attribute of a thread-local object is what was stored there; others have methods."""
        if value.kind in _OPEN:
            engine.edge(self._attribute(value, name), dst)
        else:
            super().load(engine, value, name, dst, call)

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """``local.name = ...``."""
        if value.kind in _OPEN:
            engine.edge(source, self._attribute(value, name))

    def _attribute(self, value: Framework, name: str) -> int:
        if name not in value.slots:
            value.slots[name] = self.engine.new_var()
        return value.slots[name]

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """Methods of queues, context variables, contexts, exit stacks and dispatchers."""
        engine, first = self.engine, call.positional(0)
        owner = next((_OWNERS[slot] for slot in _OWNERS if slot in value.slots), _LIBRARY["exit stack"])
        self.leads_out(call, f"{owner}.{name}")
        if "items" in value.slots:
            if name in ("put", "put_nowait") and first is not None:
                engine.edge(first, value.slots["items"])
            elif name in ("get", "get_nowait"):
                engine.edge(value.slots["items"], call.dst)
        elif "value" in value.slots:
            if name == "get":
                engine.edge(value.slots["value"], call.dst)
            if first is not None:
                engine.edge(first, value.slots["value"] if name == "set" else call.dst)
        elif "functions" in value.slots and name == "register":
            self._register(value, call)
        elif name in _ENTERED and first is not None:
            entered = call.with_args((), call.dst, "context", "context manager")
            engine.watch(first, engine.on_enter, _ENTERED[name], entered)
        elif name in ("run", "callback", "push_async_callback") and first is not None:
            engine.call_back(first, call.args[1:], call.dst, call)
        elif name == "push" and first is not None:
            engine.watch(first, self._push, call)

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """A dispatcher, a caller of methods, or a function that a manager goes around."""
        first = call.positional(0)
        place = (value.id, call.inst.id, call.op, call.dst, call.args)
        if value.kind in _AROUND and place in self._called:
            return  # it is among what it goes around
        self._called.add(place)
        if value.kind == "single dispatch":
            engine.watch(value.slots["functions"], engine.on_call, call)
        elif value.kind == "implementation" and first is not None:
            engine.edge(first, value.slots["functions"])
            engine.edge(first, call.dst)
        elif value.kind == "method caller" and first is not None:
            found = engine.new_var()
            engine.watch(value.slots["name"], engine.load_named, first, call.with_args((), found))
            engine.watch(found, engine.on_call, call.with_args(()))
        elif value.kind == "attribute getter" and first is not None:
            engine.watch(value.slots["name"], engine.load_named, first, call)
        elif value.kind == "finalizer":
            args = self._given[value.id]
            engine.watch(value.slots["function"], engine.on_call, call.with_args(args, kind="callback"))
        elif value.kind == "managed":
            around = call.with_args((), engine.nowhere, "context", "context manager")
            engine.watch(value.slots["manager"], engine.on_enter, _MANAGED, around)
            engine.watch(value.slots["function"], engine.on_call, call)
        else:
            super().call(engine, value, call)

    # Functions chosen by the type of an argument

    def _single_dispatch(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "functools.singledispatch")
        made = self.make("single dispatch", call, {"functions": None})
        if call.args:
            self.engine.edge(call.args[0][1], made.slots["functions"])
        self.engine.add(call.dst, made.id)
        return True

    def _single_dispatch_method(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """The method stands for all that is registered with it."""
        self.leads_out(call, "functools.singledispatchmethod")
        made = self.make("single dispatch", call, {"functions": call.dst})
        if call.args:
            self.engine.edge(call.args[0][1], call.dst)
            self.engine.watch(call.args[0][1], self._dispatches, made)
        return True

    def _dispatches(self, numbers: list[int], made: Framework) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, FuncObj):
                call = Call(engine.no_instance, engine.site(engine.no_code, 0, 0), 0, (), engine.nowhere, 0)
                super().load(engine, made, "register", engine.function_field(value, "register"), call)

    def _register(self, value: Framework, call: Call) -> None:
        """``register(function)``, ``register(type)`` that gives a decorator, ``register(type, function)``."""
        engine, function = self.engine, call.argument(1, "func")
        if function is not None:
            engine.edge(function, value.slots["functions"])
            engine.edge(function, call.dst)
        elif call.args:
            decorator = self.make("implementation", call, {"functions": value.slots["functions"]})
            engine.watch(call.args[0][1], self._registered, decorator, call.dst)

    def _registered(self, numbers: list[int], decorator: Framework, dst: int) -> None:
        engine = self.engine
        for number in numbers:
            if isinstance(engine.objects[number], FuncObj):
                engine.add(decorator.slots["functions"], number)
                engine.add(dst, number)
            else:
                engine.add(dst, decorator.id)

    # Managers

    def _push(self, numbers: list[int], call: Call) -> None:
        """``push(exit)`` takes a function that is called like ``__exit__``, or an object that has one."""
        engine = self.engine
        details = call.with_args(tuple((None, engine.nowhere) for _ in range(3)), engine.nowhere, "callback")
        for number in numbers:
            value = engine.objects[number]
            if not engine.call_special(value, "__exit__", details):
                engine.call_value(value, details)

    def _closing(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``closing(thing)`` gives the thing; at its end it is closed."""
        self.leads_out(call, "contextlib.closing")
        if call.args:
            engine, thing = self.engine, call.args[0][1]
            engine.edge(thing, call.dst)
            close, closed = call.with_args((), engine.nowhere, "callback"), engine.new_var()
            engine.watch(thing, engine.on_load, "close", closed, close)
            engine.watch(closed, engine.on_call, close)
        return True

    def _decorate(self, value: InstObj, call: Call) -> None:
        """A manager of a class that makes it a decorator, too."""
        engine = self.engine
        if call.args and any(
            isinstance(above, External) and above.dotted in _CONTEXT_DECORATORS
            for above in engine.order(value.cls)
        ):
            slots: dict[str, int | None] = {"manager": engine.singleton(value), "function": call.args[0][1]}
            engine.add(call.dst, self.make("managed", call, slots).id)

    # Operators and comparisons by name

    def _by_name(self, kind: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``methodcaller(name)`` and ``attrgetter(name)``."""
        self.leads_out(call, f"operator.{kind}")
        made = self.make(kind, call, {"name": call.positional(0)})
        self.engine.add(call.dst, made.id)
        return True

    def _operate(self, name: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        left, right = call.positional(0), call.positional(1)
        self.leads_out(call, f"operator.{name}")
        if left is not None and right is not None:
            self.engine.operate(left, right, name, (call.inst, call.op, call.site.line, call.dst))
        return True

    def _heap(self, name: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, f"heapq.{name}")
        heap = call.positional(0)
        if heap is not None:
            self.engine.watch(heap, self._heaped, call.positional(1), call)
        return True

    def _heaped(self, numbers: list[int], item: int | None, call: Call) -> None:
        engine = self.engine
        for number in numbers:
            heap = engine.objects[number]
            if isinstance(heap, Container):
                if item is not None:
                    engine.edge(item, heap.rest)
                engine.edge(heap.everything, call.dst)
                engine.converted.append((heap.everything, ("__lt__",), heap.everything, call))

    def _finalizer(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``finalize(thing, function, ...)``, called or detached by whoever has it; else when nobody has the
        thing any more, which no place in the source says."""
        self.leads_out(call, "weakref.finalize")
        given = [arg for arg in call.args if arg[0] not in ("obj", "func")]
        function = call.argument(1, "func")
        if function is not None:
            made = self.make("finalizer", call, {"function": function})
            self._given[made.id] = tuple(given[2:])
            self.engine.add(call.dst, made.id)
        return True

    def _merge(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``merge(*sorted)`` compares what all of them give, or their keys, and gives it in order."""
        engine = self.engine
        self.leads_out(call, "heapq.merge")
        made = engine.container("list", ("merged", call.inst.id, call.op))
        for keyword, var in call.args:
            if keyword == "*":
                given = engine.new_var()
                engine.watch(var, engine.on_iterate, given, call)
                engine.watch(given, engine.on_iterate, made.rest, call)
            elif keyword is None:
                engine.watch(var, engine.on_iterate, made.rest, call)
        key, compared = call.keyword("key"), made.rest
        if key is not None:
            compared = engine.new_var()
            engine.call_back(key, ((None, made.rest),), compared, call)
        engine.converted.append((compared, ("__lt__",), compared, call))
        engine.add(call.dst, made.id)
        return True

    def _round(self, name: str, special: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, name)
        if call.args:
            self.engine.converted.append((call.args[0][1], (special,), -1, call))
        self.engine.add(call.dst, self.engine.plain("int").id)
        return True
