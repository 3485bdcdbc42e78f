"""Binary operators whose right side answers: ``__radd__`` and its like."""

from __future__ import annotations

from tracer.reading.flow.formatting import Formatting
from tracer.reading.flow.objects import Call, FuncObj, InstObj, Obj
from tracer.reading.lowering import facts as op


class Reflected(Formatting):
    """Who is asked of two operands."""

    def _reflect(
        self, numbers: list[int], value: InstObj, reflected: str, plain: str, call: Call, done: set[int]
    ) -> None:
        for number in numbers:
            left = self.objects[number]
            if not isinstance(left, InstObj) or not self.defines(left.cls, f"__{plain}__"):
                self._answer(value, reflected, left, call, done)
            elif left.cls is not value.cls:
                answering = self.class_attribute(left.cls, f"__{plain}__")
                self.watch(answering, self._declined, value, reflected, left, call, done)

    def _declined(
        self, numbers: list[int], value: InstObj, reflected: str, left: Obj, call: Call, done: set[int]
    ) -> None:
        """The other side is asked as well where an operator's method can return ``NotImplemented``."""
        for number in numbers:
            method = self.objects[number]
            if isinstance(method, FuncObj) and any(
                fact[0] == op.GLOBAL and fact[2] == "NotImplemented" for fact in method.code.code.ops
            ):
                self._answer(value, reflected, left, call, done)

    def _answer(self, value: InstObj, reflected: str, left: Obj, call: Call, done: set[int]) -> None:
        if not done:
            done.add(left.id)
            self.call_special(value, reflected, call.with_args(((None, self.singleton(left)),)))
