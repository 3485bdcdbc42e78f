"""What rules share: a default for every question the propagation may put to a rule's values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracer.reading.flow.objects import Call, Framework, FuncObj, Obj, Text, Wrapped
from tracer.reading.flow.propagation import Propagation


class RuleBase:
    """A rule that registers models in `install`; override what its values should answer.

    Values a rule makes are `Framework` objects: a ``kind``, variables by name (``slots``) and, where a rule
    has more to remember of one, anything else (``about``).
    """

    def __init__(self) -> None:
        self.engine: Propagation

    def install(self, engine: Propagation) -> None:
        """Register models and observers, before anything is propagated."""
        self.engine = engine
        self.register(engine)

    def register(self, engine: Propagation) -> None:
        """What `install` should register."""

    def settle(self, engine: Propagation) -> None:
        """Add what can only be decided when nothing flows any more; called until nothing is added."""

    def minds(self, values: Sequence[Obj], facts: Mapping[str, Sequence[Any]]) -> bool:
        """Whether `settle`, or what looks at all that was found, would have something to say of what was
        added after all was settled.

        Args:
            values: the values that were made since.
            facts: the operations that were added, by module.
        """
        return False

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """``dst`` receives ``value.name``: a slot of that name, or a method known to `call_method`."""
        if name in value.slots:
            engine.edge(value.slots[name], dst)
        elif not value.kind.startswith("."):  # methods of methods would have methods in turn, for ever
            method = engine.intern(
                ("framework method", value.id, name),
                lambda: Framework(self, f".{name}", {**value.slots}, value.about),
            )
            engine.add(dst, method.id)

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """``value.name = source``."""
        if name in value.slots:
            engine.edge(source, value.slots[name])

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """``value(...)``."""
        if value.kind.startswith("."):
            self.call_method(value, value.kind[1:], call)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``owner.name(...)``; ``value.slots`` and ``value.about`` are the owner's."""

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """``dst`` receives what iterating over ``value`` gives."""

    def make(self, kind: str, call: Call, slots: dict[str, int | None]) -> Framework:
        """A value of ``kind`` made at ``call``; slots that are None get a fresh variable."""
        filled = {name: self.engine.new_var() if var is None else var for name, var in slots.items()}
        return self.engine.intern((kind, call.inst.id, call.op), lambda: Framework(self, kind, filled))

    def texts(self, var: int | None) -> list[str]:
        """The string constants that a variable holds now, sorted."""
        if var is None:
            return []
        return sorted(value.value for value in self.engine.held(var) if isinstance(value, Text))

    def functions(self, numbers: Iterable[int]) -> Iterator[FuncObj]:
        """The functions among values, also those made methods of classes."""
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Wrapped):
                value = value.inner
            if isinstance(value, FuncObj):
                yield value

    def decorate(self, kind: str, call: Call, mark: Callable[[int, Call], None]) -> None:
        """A decorator that may stand with and without parentheses.

        Args:
            kind: what the value is called that parentheses give; calling it decorates.
            call: where the decorator is called, with what it is put on or with options only.
            mark: told of the variable of what it is put on.
        """
        target = call.positional(0)
        if target is None:
            self.engine.add(call.dst, self.make(kind, call, {}).id)
        else:
            mark(target, call)

    def leads_out(self, call: Call, dotted: str) -> None:
        """Note that ``call`` enters the framework's own code."""
        call.site.external[dotted] = call.kind

    def ignore(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """A model that does nothing."""
        return True
