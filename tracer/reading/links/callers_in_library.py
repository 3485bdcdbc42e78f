"""Code of the standard library that calls methods by name, as its documentation says."""

from __future__ import annotations

from functools import partial

from tracer.reading.flow.calls import Model
from tracer.reading.flow.objects import Call, ClassObj, External, InstObj, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_VISITORS = ("ast.NodeVisitor", "ast.NodeTransformer")
_ORDERINGS = ("__lt__", "__le__", "__gt__", "__ge__")
_PICKLED = ("__reduce_ex__", "__reduce__", "__getstate__")
"""What pickling asks of an object: the first that its class has."""


class CallersInLibrary(RuleBase):
    """Visitors of syntax trees, JSON encoders, pickling, orderings made whole, members by inspection."""

    def __init__(self) -> None:
        super().__init__()
        self._visits: list[tuple[InstObj, Call]] = []
        self._inspected: list[tuple[int, Call, int, int]] = []
        self._told: set[tuple[int, int, str]] = set()

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for visitor in _VISITORS:
            engine.models |= {f"{visitor}.{name}": self._visit for name in ("visit", "generic_visit")}
        engine.models |= {f"json.{name}": self._encode for name in ("dump", "dumps")}
        engine.models |= {f"pickle.{name}": partial(self._pickle, name) for name in ("dump", "dumps")}
        engine.models |= {
            "functools.total_ordering": self._order,
            "inspect.getmembers": partial(self._members, engine.models["inspect.getmembers"]),
        }
        engine.instance_models += [self._typed_dictionary, self._filled]

    def _visit(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self._visits += [(owner, call) for owner in bound if isinstance(owner, InstObj)]
        return False

    def _encode(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``dumps(value, cls=Encoder)`` asks the encoder's ``default`` for what it does not know."""
        encoder = call.keyword("cls")
        if encoder is not None:
            self.engine.watch(encoder, self._encode_with, call)
        return False

    def _encode_with(self, numbers: list[int], call: Call) -> None:
        engine = self.engine
        for number in numbers:
            cls = engine.objects[number]
            if isinstance(cls, ClassObj):
                value = call.with_args(call.args[:1], engine.nowhere, "callback")
                engine.call_special(engine.instance_of(cls), "default", value)

    def _pickle(self, name: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, f"pickle.{name}")
        if call.args:
            self.engine.converted.append((call.args[0][1], _PICKLED, -1, call))
        self.engine.add(call.dst, self.engine.plain("bytes").id)
        return True

    def _order(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``total_ordering`` gives a class the comparisons that it lacks, made of the one that it has."""
        self.leads_out(call, "functools.total_ordering")
        if call.args:
            self.engine.edge(call.args[0][1], call.dst)
            self.engine.watch(call.args[0][1], self._complete)
        return True

    def _complete(self, numbers: list[int]) -> None:
        for number in numbers:
            cls = self.engine.objects[number]
            if isinstance(cls, ClassObj):
                root = next((name for name in _ORDERINGS if name in cls.namespace), None)
                for name in _ORDERINGS:
                    if root is not None and name not in cls.namespace:
                        self.engine.bind_in_class(cls, name, cls.namespace[root])

    def _typed_dictionary(self, cls: ClassObj, made: InstObj, call: Call) -> None:
        """``Movie(title=...)`` of a ``TypedDict`` is a plain dict."""
        if any(
            isinstance(above, External) and above.dotted == "typing.TypedDict"
            for above in self.engine.order(cls)
        ):
            self.engine.builtin_calls["dict"](call, ())

    def _filled(self, cls: ClassObj, made: InstObj, call: Call) -> None:
        """An instance of a subclass of ``list`` or ``dict`` contains what it is made of."""
        inside = self.engine.contents(made)
        if inside is not None and call.args and not self.engine.defines(cls, "__init__"):
            self.engine.fill(inside, call)

    def _members(self, known: Model, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``getmembers(value)`` gives pairs of names and attributes; those of modules are known already."""
        engine = self.engine
        if call.args:
            pair = engine.container("tuple", ("member", call.inst.id, call.op))
            self._inspected.append((call.args[0][1], call, engine.field(pair, 0), engine.field(pair, 1)))
        return known(call, bound)

    def settle(self, engine: Propagation) -> None:
        """Look through classes, as far as these are known by now."""
        for owner, call in self._visits:
            for name in self._names(owner.cls):
                if name.startswith("visit_") and self._first_time(call, owner, name):
                    args = ((None, engine.nowhere),)
                    engine.call_special(owner, name, call.with_args(args, engine.nowhere, "callback"))
        for var, call, names, values in self._inspected:
            for value in engine.held(var):
                cls = value.cls if isinstance(value, InstObj) else value
                for name in self._names(cls) if isinstance(cls, ClassObj) else ():
                    if not name.startswith("__") and self._first_time(call, value, name):
                        engine.add(names, engine.text(name).id)
                        engine.load(value, name, values, call)

    def _names(self, cls: ClassObj) -> list[str]:
        above = (above for above in self.engine.order(cls) if isinstance(above, ClassObj))
        return sorted({name for one in above for name in one.namespace})

    def _first_time(self, call: Call, value: Obj, name: str) -> bool:
        key = (id(call.site), value.id, name)
        is_new = key not in self._told
        self._told.add(key)
        return is_new
