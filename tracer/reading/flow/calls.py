"""Calls: which function runs, what its parameters receive, where its result goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.reading.flow.entering import Args, Entering
from tracer.reading.flow.objects import (
    BoundObj,
    Builtin,
    Call,
    ClassObj,
    Container,
    External,
    Framework,
    FuncObj,
    Generator,
    InstObj,
    Method,
    Obj,
    Opaque,
    PartialObj,
    PropertyObj,
    Text,
    Wrapped,
)
from tracer.reading.flow.scopes import Instance, Site
from tracer.reading.lowering.facts import MODE_DECORATOR, RETURN_VAR, YIELD_VAR

Model = Callable[[Call, tuple[Obj, ...]], bool]
"""What calling something known by dotted name does; returns False to let the call go its ordinary way."""
ExternalModel = Callable[[External, Call, tuple[Obj, ...]], bool]
"""The same for methods of external values, known by their last name only."""

_ANOTHER_WAY_TO_MAKE = "from_"
"""How the names of class methods begin that make an instance of the class, where their code is not read."""
_CALLED_BACK = frozenset((FuncObj, BoundObj, PartialObj))
_ONLY_LOOKING = ("inspect.", "types.", "typing.")
"""Modules of the standard library whose functions do not call what they are given."""


class Calls(Entering):
    """What calling a value does, by the kind of value."""

    def __init__(self) -> None:
        super().__init__()
        self.functions: list[FuncObj] = []
        self.bodies_wanted = False
        self.generators_made: dict[int, dict[Site, None]] = {}
        self.generators_consumed: set[int] = set()
        self._iterated: set[tuple[int, int, int, int]] = set()
        self._being_made: set[int] = set()
        self.models: dict[str, Model] = {}
        self.method_models: dict[str, ExternalModel] = {}
        self.instance_models: list[Callable[[ClassObj, InstObj, Call], None]] = []
        self.unread_calls: list[Callable[[InstObj, Call], None]] = []
        self.iteration_models: list[Callable[[InstObj, int, Call], bool]] = []
        self.call_handlers |= {
            FuncObj: self._call_function,
            BoundObj: self._call_bound,
            ClassObj: self._call_class,
            InstObj: self._call_instance,
            External: self._call_external,
            PartialObj: self._call_partial,
            Wrapped: self._call_wrapped,
            Builtin: self._call_builtin,
            Method: self._call_method,
            Framework: self._call_framework,
            Opaque: self._call_opaque,
        }

    def call_value(self, value: Obj, call: Call, bound: tuple[Obj, ...] = ()) -> None:
        """Call ``value`` with ``bound`` before the call's own arguments."""
        handler = self.call_handlers.get(type(value))
        if handler is not None:
            handler(value, call, bound)

    # Functions

    def _call_function(self, func: FuncObj, call: Call, bound: tuple[Obj, ...]) -> None:
        model = self.models.get(func.code.dotted)
        if model is not None and model(call, bound):
            return
        if func.code.code.by_receiver and not bound and call.args and call.args[0][0] is None:
            rest = call.with_args(call.args[1:])
            self.watch(call.args[0][1], self._enter_for, func, call, rest)
        else:
            self.enter(func, call, bound)

    def _enter_for(self, numbers: list[int], func: FuncObj, call: Call, rest: Call) -> None:
        """Receivers arrived for a method that is told apart by them, as its first argument."""
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, (InstObj, ClassObj)):
                self.enter(func, rest, (value,))
            else:
                self.enter(func, call)

    def enter(self, func: FuncObj, call: Call, bound: tuple[Obj, ...] = (), context: Any = None) -> Instance:
        """Run ``func``'s body for ``call``: edge, arguments, result."""
        code = func.code
        receiver = bound[0] if code.code.by_receiver and bound else None
        instance = self.instance_for(func, call, context, receiver)
        self.note(call.site, code.id, call.kind, call.rule)
        if func.parent.depth:
            call.site.enter_closure(func.id, call.kind)
        self.bind_arguments(instance, call.args, bound)
        if code.code.generator:
            made = self.intern(("generator", instance.id), lambda: Generator(instance))
            self.generators_made.setdefault(made.id, {})[call.site] = None
            call.site.construct(code.id)
            self.add(call.dst, made.id)
        else:
            self.edge(instance.base + RETURN_VAR, call.dst)
        return instance

    # Other callables

    def _call_bound(self, value: BoundObj, call: Call, bound: tuple[Obj, ...]) -> None:
        self.call_value(value.func, call, (value.owner, *bound))

    def _call_class(self, cls: ClassObj, call: Call, bound: tuple[Obj, ...]) -> None:
        model = self.models.get(cls.code.dotted)
        if model is not None and model(call, bound):
            return
        metaclass = self.metaclass(cls)
        if metaclass is not None and self.defines(metaclass, "__call__") and call.rule != "type.__call__":
            self.watch(self.class_attribute(metaclass, "__call__"), self._call_each, call, (cls, *bound))
            return
        if metaclass is None and any(
            isinstance(above, External) and above.dotted in ("builtins.type", "abc.ABCMeta", "enum.EnumMeta")
            for above in self.order(cls)
        ):
            return  # ``Meta(name, bases, namespace)``: nothing is known of the class that comes out
        self.instantiate(cls, call, bound)

    def instantiate(self, cls: ClassObj, call: Call, bound: tuple[Obj, ...] = ()) -> None:
        """``cls(...)``."""
        call.site.construct(cls.code.id)
        if cls.id in self._being_made:  # a class that is its own constructor, or that of one which is its own
            return
        self._being_made.add(cls.id)
        made = self.instance_of(cls)
        if self.defines(cls, "__new__"):
            self.watch(self.class_attribute(cls, "__new__"), self._call_new, call, (cls, *bound))
        else:
            self.add(call.dst, made.id)
        for model in self.instance_models:
            model(cls, made, call)
        init = call.with_args(call.args, self.nowhere)
        self.watch(self.class_attribute(cls, "__init__"), self._call_each, init, (made, *bound))
        self._being_made.discard(cls.id)

    def _call_new(self, numbers: list[int], call: Call, bound: tuple[Obj, ...]) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Wrapped):
                value = value.inner
            self.call_value(value, call, bound)

    def _call_each(self, numbers: list[int], call: Call, bound: tuple[Obj, ...]) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Wrapped) and value.kind == "staticmethod":
                self.call_value(value.inner, call, bound[1:])
            elif isinstance(value, Wrapped) and value.kind == "classmethod":
                owner = bound[0].cls if isinstance(bound[0], InstObj) else bound[0]
                self.call_value(value.inner, call, (owner, *bound[1:]))
            elif isinstance(value, InstObj | ClassObj):
                self.call_value(value, call, bound[1:])
            else:
                self.call_value(value, call, bound)

    def _call_instance(self, value: InstObj, call: Call, bound: tuple[Obj, ...]) -> None:
        if bound:
            call = call.with_args((*((None, self.singleton(owner)) for owner in bound), *call.args))
        if not self.call_special(value, "__call__", call):
            for model in self.unread_calls:
                model(value, call)

    def call_special(self, value: Obj, name: str, call: Call) -> bool:
        """Call the special method ``name`` of ``value``'s class; False if it has none that was read."""
        if not isinstance(value, InstObj) or not self.defines(value.cls, name):
            return False
        self.watch(self.class_attribute(value.cls, name), self._call_each, call, (value,))
        return True

    def _call_partial(self, value: PartialObj, call: Call, bound: tuple[Obj, ...]) -> None:
        extra: Args = tuple((None, self.singleton(owner)) for owner in bound)
        self.call_value(value.func, call.with_args((*value.args, *extra, *call.args)))

    def _call_wrapped(self, value: Wrapped, call: Call, bound: tuple[Obj, ...]) -> None:
        if value.kind == "contextmanager":
            made = self.new_var()
            self.call_value(value.inner, call.with_args(call.args, made), bound)
            self.watch(made, self._as_context, call.dst)
        else:
            self.call_value(value.inner, call, bound)

    def _as_context(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Generator):
                self.add(dst, self._context(value.instance).id)

    def _context(self, instance: Instance) -> Generator:
        return self.intern(("context", instance.id), lambda: Generator(instance, True))

    def _call_external(self, value: External, call: Call, bound: tuple[Obj, ...]) -> None:
        dotted = value.dotted
        model = self.models.get(dotted)
        if model is not None and model(call, bound):
            return
        method_model = self.method_models.get(value.last)
        if method_model is not None and method_model(value, call, bound):
            return
        call.site.external[value.identity] = call.kind
        owner = bound[0] if bound else None
        if isinstance(owner, ClassObj) and value.last.startswith(_ANOTHER_WAY_TO_MAKE):
            self.instantiate(owner, call.with_args((), rule="class method that makes one"))
        elif call.mode == MODE_DECORATOR and call.args:
            self.edge(call.args[0][1], call.dst)
            self.watch(call.args[0][1], self._decorated_outside, value, call.dst)
            return
        else:
            self.add(call.dst, self.result_of(value).id)
        if not call.handed_out and not dotted.startswith(_ONLY_LOOKING):
            call.handed_out = True
            for _, var in call.args:
                self.watch(var, self._hand_out, call)

    def _decorated_outside(self, numbers: list[int], value: External, dst: int) -> None:
        """What a decorator that was not read gives for a function; a class it gives back."""
        if not all(isinstance(self.objects[number], ClassObj) for number in numbers):
            self.add(dst, self.result_of(value).id)

    def _call_opaque(self, value: Opaque, call: Call, bound: tuple[Obj, ...]) -> None:
        call.site.external["?.?"] = call.kind
        self.add(call.dst, value.id)

    def result_of(self, value: External) -> External:
        """What calling something external gives."""
        found = value.called
        if found is None:
            name = value.qualname
            is_last = name.endswith("()") or name.count("()") >= 2
            found = value.called = value if is_last else self.external(value.module, f"{name}()")
        return found

    def _hand_out(self, numbers: list[int], call: Call) -> None:
        """Functions passed to code that was not read: it may call them."""
        objects = self.objects
        for number in numbers:
            value = objects[number]
            if type(value) in _CALLED_BACK:
                self.call_value(
                    value, call.with_args((), self.nowhere, "callback", "passed to external code")
                )

    def _call_builtin(self, value: Builtin, call: Call, bound: tuple[Obj, ...]) -> None:
        raise NotImplementedError

    def _call_method(self, value: Method, call: Call, bound: tuple[Obj, ...]) -> None:
        raise NotImplementedError

    def _call_framework(self, value: Framework, call: Call, bound: tuple[Obj, ...]) -> None:
        value.rule.call(self, value, call)

    # Iteration

    def iterate(self, value: Obj, dst: int, call: Call) -> None:
        """``dst`` receives what iterating over ``value`` gives."""
        if isinstance(value, Container):
            self.edge(value.keys if value.kind == "dict" else value.everything, dst)
        elif isinstance(value, Generator):
            self.edge(value.instance.base + YIELD_VAR, dst)
            self.consume(value, call)
        elif isinstance(value, InstObj):
            self._iterate_instance(value, dst, call)
        elif isinstance(value, External):
            self.add(dst, self.result_of(value).id)
        elif isinstance(value, Opaque):
            self.add(dst, value.id)
        elif isinstance(value, Text):
            self.add(dst, self.plain("str").id)
        elif isinstance(value, Framework):
            value.rule.iterate(self, value, dst, call)

    def _iterate_instance(self, value: InstObj, dst: int, call: Call) -> None:
        # What iterating gives may be iterated over in turn, and lead back here: once for a place is enough.
        place = (value.id, dst, call.inst.id, call.op)
        if place in self._iterated:
            return
        self._iterated.add(place)
        iterator = self.new_var()
        for first, second in (("__iter__", "__next__"), ("__aiter__", "__anext__")):
            if self.call_special(value, first, call.with_args((), iterator)):
                self.watch(iterator, self._next_all, second, dst, call)
                return
        if any(model(value, dst, call) for model in self.iteration_models):
            return
        if not self.call_special(value, "__getitem__", call.with_args(((None, self.nowhere),), dst)):
            self.call_special(value, "__next__", call.with_args((), dst))

    def consume(
        self, value: Generator, call: Call, kind: str = "call", rule: str = "generator consumed"
    ) -> None:
        """The body of a generator runs on behalf of ``call``."""
        self.note(call.site, value.instance.code.id, kind, rule)
        made = self.intern(("generator", value.instance.id), lambda: Generator(value.instance))
        self.generators_consumed.add(made.id)

    def on_iterate(self, numbers: list[int], dst: int, call: Call) -> None:
        """Values arrived that are iterated over."""
        objects = self.objects
        for number in numbers:
            self.iterate(objects[number], dst, call)

    def _next_all(self, numbers: list[int], name: str, dst: int, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not self.call_special(value, name, call.with_args((), dst)):
                self.iterate(value, dst, call)

    def property_of(self, getter: int = -1) -> PropertyObj:
        """A fresh property."""
        first = self.new_vars(3)
        if getter >= 0:
            self.edge(getter, first)
        return self.register(PropertyObj(first, first + 1, first + 2))
