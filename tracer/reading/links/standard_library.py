"""Callables of the standard library that hand callables on."""

from __future__ import annotations

from functools import partial

from tracer.reading.flow.objects import (
    Call,
    Container,
    Framework,
    FuncObj,
    InstObj,
    Obj,
    PartialObj,
)
from tracer.reading.flow.propagation import Propagation


class StandardLibrary:
    """functools, contextlib, collections, copy, typing, threading and their like."""

    def __init__(self) -> None:
        self._engine: Propagation
        self._reduced: set[tuple[int, int, int]] = set()

    def install(self, engine: Propagation) -> None:
        """Register the models."""
        self._engine = engine
        engine.models |= {
            "functools.partial": self._partial,
            "functools.partialmethod": self._partialmethod,
            "functools.wraps": self._wraps,
            "functools.update_wrapper": self._update_wrapper,
            "functools.lru_cache": self._decorator,
            "functools.cache": self._first_argument,
            "functools.cached_property": self._property,
            "functools.reduce": self._reduce,
            "abc.abstractmethod": self._first_argument,
            "abc.abstractproperty": self._property,
            "contextlib.contextmanager": self._context_manager,
            "contextlib.asynccontextmanager": self._context_manager,
            "copy.copy": partial(self._copy, "__copy__"),
            "copy.deepcopy": partial(self._copy, "__deepcopy__"),
            "types.MethodType": self._bound_method,
            "typing.cast": self._second_argument,
            "weakref.proxy": self._first_argument,
            "collections.OrderedDict": self._dictionary,
            "collections.defaultdict": self._default_dictionary,
            "collections.deque": self._sequence,
            "threading.Thread": self._thread,
            "threading.Timer": self._timer,
            "threading.Thread.start": self._start,
            "atexit.register": self._first_argument_called,
            "itertools.chain": self._chain,
        }

    def settle(self, engine: Propagation) -> None:
        """Nothing waits for the end."""

    def _partial(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        if call.args and call.args[0][0] is None:
            self._engine.watch(call.args[0][1], self._partials, call)
        call.site.external["functools.partial"] = call.kind
        return True

    def _partials(self, numbers: list[int], call: Call) -> None:
        engine = self._engine
        for number in numbers:
            func, args = engine.objects[number], call.args[1:]
            if isinstance(func, PartialObj) and _given(func).issuperset(args):
                # Made of itself in a loop: it has these arguments already.
                engine.add(call.dst, number)
                continue
            made = engine.intern(
                ("partial", number, args),
                lambda func=func, args=args: PartialObj(func, args),  # type: ignore[misc]
            )
            engine.add(call.dst, made.id)

    def _partialmethod(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        made = self._engine.new_var()
        self._partial(call.with_args(call.args, made), bound)
        self._engine.watch(made, self._engine._mark_all, "partialmethod", call.dst)
        return True

    def _wraps(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external["functools.wraps"] = call.kind
        func = call.positional(0)
        slots = {"func": self._engine.new_var() if func is None else func}
        made = self._engine.intern(("wraps", call.inst.id, call.op), lambda: Framework(self, "wraps", slots))
        self._engine.add(call.dst, made.id)
        return True

    def _first_argument(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        if call.args:
            self._engine.edge(call.args[0][1], call.dst)
        return False

    def _update_wrapper(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``update_wrapper(wrapper, wrapped)`` copies attributes and calls neither."""
        call.site.external["functools.update_wrapper"] = call.kind
        wrapped = call.positional(1)
        if wrapped is not None:
            self._engine.edge(call.args[0][1], call.dst)
            self._engine.watch(call.args[0][1], self._remember_wrapped, wrapped)
        return True

    def _first_argument_called(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        if call.args:
            self._engine.edge(call.args[0][1], call.dst)
            self._engine.call_back(call.args[0][1], call.args[1:], self._engine.new_var(), call)
        return True

    def _copy(self, hook: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external["copy.copy"] = call.kind
        if call.args:
            self._engine.watch(call.args[0][1], self._copied, hook, call)
        return True

    def _copied(self, numbers: list[int], hook: str, call: Call) -> None:
        engine = self._engine
        args: tuple[tuple[str | None, int], ...] = ((None, engine.new_var()),) if "deep" in hook else ()
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, Container) and value.kind != "tuple":
                made = engine.container(value.kind, ("copied", call.inst.id, call.op))
                engine.copy_fields(value, made)
                engine.add(call.dst, made.id)
            elif not engine.call_special(value, hook, call.with_args(args)):
                engine.add(call.dst, number)
                if args:  # looked up on the instance, which may answer for any name
                    asked = ((None, engine.singleton(engine.text(hook))),)
                    engine.call_special(value, "__getattr__", call.with_args(asked, engine.nowhere))
                state = engine.new_var()
                if engine.call_special(value, "__getstate__", call.with_args((), state)):
                    given = call.with_args(((None, state),), engine.nowhere)
                    engine.call_special(value, "__setstate__", given)

    def _second_argument(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        var = call.positional(1)
        if var is not None:
            self._engine.edge(var, call.dst)
        return True

    def _bound_method(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``MethodType(function, owner)``."""
        function, owner = call.positional(0), call.positional(1)
        if function is not None and owner is not None:
            self._engine.watch(function, self._bind_functions, owner, call.dst)
        call.site.external["types.MethodType"] = call.kind
        return True

    def _bind_functions(self, numbers: list[int], owner: int, dst: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, FuncObj):
                self._engine.watch(owner, self._engine._bind_to, value, dst)

    def _decorator(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external["functools.lru_cache"] = call.kind
        self._engine.add(call.dst, self._engine.builtin("<same>").id)
        if call.args and call.args[0][0] is None:
            self._engine.edge(call.args[0][1], call.dst)
        return True

    def _property(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self._engine.builtin_calls["property"](call, bound)
        call.site.external["functools.cached_property"] = call.kind
        return True

    def _reduce(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self._engine
        func, items, initial = call.positional(0), call.positional(1), call.positional(2)
        if func is not None and items is not None:
            made = engine.container("list", ("reduce", call.inst.id, call.op))
            item, total = made.rest, made.everything
            # What is called may reduce in turn, here as well: once for what it is given is enough.
            if (given := (made.id, func, items)) not in self._reduced:
                self._reduced.add(given)
                engine.watch(items, engine.on_iterate, item, call)
                if initial is not None:
                    engine.edge(initial, total)
                engine.call_back(func, ((None, total), (None, item)), total, call)
            engine.edge(total, call.dst)
        call.site.external["functools.reduce"] = call.kind
        return True

    def _context_manager(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        if call.args:
            self._engine.watch(call.args[0][1], self._engine._mark_all, "contextmanager", call.dst)
        call.site.external["contextlib.contextmanager"] = call.kind
        return True

    def _dictionary(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self._engine.builtin_calls["dict"](call, bound)
        call.site.external["collections.OrderedDict"] = call.kind
        return True

    def _default_dictionary(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self._engine
        made = engine.container("dict", ("dict", call.inst.id, call.op))
        engine.add(call.dst, made.id)
        if call.args:
            engine.factories[made.id] = call.args[0][1]
        call.site.external["collections.defaultdict"] = call.kind
        return True

    def _sequence(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self._engine.builtin_calls["list"](call, bound)
        call.site.external["collections.deque"] = call.kind
        return True

    def _chain(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self._engine
        made = engine.container("list", ("chain", call.inst.id, call.op))
        for _, var in call.args:
            engine.watch(var, engine.on_iterate, made.rest, call)
        engine.add(call.dst, made.id)
        call.site.external["itertools.chain"] = call.kind
        return True

    def _thread(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self._engine
        target, args, keywords = (
            call.argument(1, "target"),
            call.argument(3, "args"),
            call.argument(4, "kwargs"),
        )
        slots = {"target": target, "args": args, "kwargs": keywords}
        filled = {name: engine.new_var() if var is None else var for name, var in slots.items()}
        made = engine.intern(("thread", call.inst.id, call.op), lambda: Framework(self, "thread", filled))
        engine.add(call.dst, made.id)
        call.site.external["threading.Thread"] = call.kind
        return True

    def _timer(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        slots = {
            "target": call.argument(1, "function"),
            "args": call.argument(2, "args"),
            "kwargs": call.argument(3, "kwargs"),
        }
        filled = {name: self._engine.new_var() if var is None else var for name, var in slots.items()}
        made = self._engine.intern(
            ("thread", call.inst.id, call.op), lambda: Framework(self, "thread", filled)
        )
        self._engine.add(call.dst, made.id)
        call.site.external["threading.Timer"] = call.kind
        return True

    def _start(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``start()`` of a subclass of Thread."""
        call.site.external["threading.Thread.start"] = call.kind
        for owner in bound:
            if isinstance(owner, InstObj):
                self._engine.call_special(
                    owner, "run", call.with_args((), self._engine.new_var(), "spawn", "thread")
                )
        return True

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """Methods of threads."""
        engine.add(
            dst,
            engine.intern(("thread", value.id, name), lambda: Framework(self, f".{name}", value.slots)).id,
        )

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """Attributes of threads (``daemon``) say nothing about calls."""

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """``thread.start()`` runs the target; a ``wraps(f)`` decorator hands its function back."""
        if value.kind == "wraps":
            engine.edge(call.args[0][1], call.dst)
            engine.watch(call.args[0][1], self._remember_wrapped, value.slots["func"])
            return
        call.site.external[f"threading.Thread{value.kind}"] = call.kind
        if value.kind in (".start", ".run"):
            args: tuple[tuple[str | None, int], ...] = (
                ("*", value.slots["args"]),
                ("**", value.slots["kwargs"]),
            )
            kind = "spawn" if value.kind == ".start" else "call"
            engine.call_back(value.slots["target"], args, engine.new_var(), call, kind)

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """Threads are not iterated."""

    def _remember_wrapped(self, numbers: list[int], func: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, FuncObj):
                self._engine.edge(func, self._engine.function_field(value, "__wrapped__"))


def _given(value: Obj) -> set[tuple[str | None, int]]:
    """The arguments that a partial, and whatever it was made of, were given so far."""
    given: set[tuple[str | None, int]] = set()
    while isinstance(value, PartialObj):
        given.update(value.args)
        value = value.func
    return given
