"""What operators, loops, ``with``, ``await`` and formatting make of the values they meet."""

from __future__ import annotations

from typing import Any

from tracer.reading.flow.objects import (
    Call,
    Container,
    External,
    Generator,
    InstObj,
    Obj,
    Plain,
    PropertyObj,
    Text,
    TextPattern,
)
from tracer.reading.flow.scopes import Instance
from tracer.reading.flow.subscripts import Subscripts
from tracer.reading.lowering import facts as op

_ASKING = {name: (name,) for name in ("__eq__", "__lt__", "__le__", "__gt__", "__ge__")} | {
    "__ne__": ("__ne__", "__eq__"),
    "__bool__": ("__bool__", "__len__"),
}
"""Tests and comparisons, and which methods of a class answer them: the first that it has."""


class Operators(Subscripts):
    """One method per kind of fact that asks something of a value, and the special methods it may call."""

    def _op_new(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, kind, items = fact
        made = self.container(kind, (inst.id, number))
        starred = False
        for key, var, key_var in items:
            if key == "*":
                starred = True
                if kind == "tuple":
                    self.watch(
                        base + var, self._splice, made, self.at(inst, number, inst.code.code.line, base + dst)
                    )
                else:
                    self.watch(
                        base + var,
                        self.on_iterate,
                        made.rest,
                        self.at(inst, number, inst.code.code.line, base + dst),
                    )
            elif key == "**":
                self.watch(
                    base + var, self._copy_dict, made, self.at(inst, number, inst.code.code.line, base + dst)
                )
            elif key == "*each":
                starred = True
                self.edge(base + var, made.rest)
            elif kind == "set":
                self.edge(base + var, made.rest)
            elif key is not None:
                self.edge(base + var, self.field(made, key))
                if kind == "dict":
                    self.edge(base + key_var, made.keys)
            elif kind == "dict":
                self.set_item(made, None, base + key_var, base + var)
                place = self.at(inst, number, inst.code.code.line, base + dst)
                self.note_key(base + key_var, place, looked_up=False)
            else:
                self.edge(base + var, made.rest)
        if not starred and kind in ("list", "tuple"):
            made.length = len(items)
        self.add(base + dst, made.id)

    def _splice(self, numbers: list[int], made: Container, call: Call) -> None:
        for number in numbers:
            self.iterate(self.objects[number], made.rest, call)

    def _op_iter(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, var, line, _is_async = fact
        self.watch(base + var, self.on_iterate, base + dst, self.at(inst, number, line, base + dst))

    def _op_unpack(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, var, index = fact
        self.watch(
            base + var, self._unpack_all, index, self.at(inst, number, inst.code.code.line, base + dst)
        )

    def _unpack_all(self, numbers: list[int], index: Any, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not isinstance(index, int):
                self._take_rest(value, index, call)
            elif isinstance(value, Container) and value.kind in ("list", "tuple"):
                self.get_item(value, index, -1, call.dst)
            else:
                self.iterate(value, call.dst, call)

    def _take_rest(self, value: Obj, but: tuple[int, int], call: Call) -> None:
        """``first, *rest, last = value``: all ``but`` so many items at either end are a list."""
        made = self.container("list", ("starred", call.inst.id, call.op))
        self.add(call.dst, made.id)
        first, last = but
        if not isinstance(value, Container) or value.kind not in ("list", "tuple"):
            self.iterate(value, made.rest, call)
        elif value.length is None:
            self.edge(value.everything, made.rest)
        else:
            for position in range(first, value.length - last):
                self.edge(self.field(value, position), self.field(made, position - first))
            self.edge(value.rest, made.rest)

    def _op_enter(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, var, line, is_async = fact
        call = self.at(inst, number, line, base + dst, "context", "context manager")
        names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
        self.watch(base + var, self.on_enter, names, call)

    def on_enter(self, numbers: list[int], names: tuple[str, str], call: Call) -> None:
        """Managers arrived that are entered and left with the methods ``names``."""
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                if not self.call_special(value, names[0], call):
                    self.add(call.dst, number)
                args = tuple((None, self.nowhere) for _ in range(3))
                self.call_special(value, names[1], call.with_args(args, self.nowhere))
            elif isinstance(value, Generator):
                self.edge(value.instance.base + op.YIELD_VAR, call.dst)
                self.consume(value, call, "context", "context manager")
            else:
                self.add(call.dst, number)

    def _op_operate(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, left, right, name, line = fact
        if name in _ASKING:
            other = base + right if right >= 0 else -1
            call = self.at(inst, number, line, base + dst)
            self.converted.append((base + left, _ASKING[name], other, call))
            return
        if name[0] == "_":
            self.watch(
                base + left,
                self._special_all,
                name,
                base + right if right >= 0 else -1,
                (inst, number, line, base + dst),
            )
            return
        self.operate(base + left, base + right, name, (inst, number, line, base + dst))

    def operate(self, left: int, right: int, name: str, at: tuple[Instance, int, int, int]) -> None:
        """The operator ``name`` between two variables, at a place (scope, operation, line, result)."""
        self.watch(left, self._operate_all, name, right, False, at)
        self.watch(right, self._operate_all, name, left, True, at)

    def _special_all(
        self, numbers: list[int], name: str, other: int, at: tuple[Instance, int, int, int]
    ) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                inst, op_number, line, dst = at
                call = self.at(inst, op_number, line, dst)
                if other >= 0:
                    call = call.with_args(((None, other),))
                if not self.call_special(value, name, call) and name == "__contains__":
                    self.iterate(value, self.nowhere, call)
            elif isinstance(value, Container) and name == "__contains__" and other >= 0:
                inst, op_number, line, dst = at
                call = self.at(inst, op_number, line, dst)
                if value.kind in ("list", "tuple"):
                    self.note_compared(value.everything, other, call)
                else:
                    self.note_key(other, call, looked_up=True)

    def _operate_all(
        self, numbers: list[int], name: str, other: int, swapped: bool, at: tuple[Instance, int, int, int]
    ) -> None:
        inst, op_number, line, dst = at
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                call = self.at(inst, op_number, line, dst).with_args(((None, other),))
                plain = name[1:] if name[0] == "i" and name not in ("invert",) else name
                if swapped:
                    reflected = f"__r{plain}__"
                    if self.defines(value.cls, reflected):
                        self.watch(other, self._reflect, value, reflected, plain, call, set())
                elif not (plain != name and self.call_special(value, f"__{name}__", call)):
                    self.call_special(value, f"__{plain}__", call)
            elif isinstance(value, Container):
                if name.endswith(("add", "or", "mul", "sub", "and")):
                    self.add(dst, number)
            elif isinstance(value, Text) and not swapped and name in ("mod", "add", "iadd"):
                self._text_operation(value.value, name, other, dst)
                if "%s" in value.value and name == "mod":
                    self.converted.append((other, ("__str__",), -1, self.at(inst, op_number, line, dst)))
            elif isinstance(value, Text) and swapped and name in ("add", "iadd"):
                self._append_unknown(value.value, other, dst)
            elif isinstance(value, (Plain, TextPattern, Text)):
                if isinstance(value, Plain) and name not in ("mod",):
                    self.add(dst, value.id)
            elif isinstance(value, External) and not (swapped and name == "mod"):
                self.add(dst, self.result_of(value).id)

    def _op_await(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src, line = fact
        self.watch(base + src, self._await_all, self.at(inst, number, line, base + dst))

    def _await_all(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not self.call_special(value, "__await__", call):
                self.add(call.dst, number)

    def _op_yieldfrom(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src, line = fact
        self.watch(base + src, self._delegate, inst, self.at(inst, number, line, base + dst))

    def _delegate(self, numbers: list[int], inst: Instance, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            self.iterate(value, inst.base + op.YIELD_VAR, call)
            if isinstance(value, Generator):
                self.edge(value.instance.base + op.RETURN_VAR, call.dst)
                self.edge(inst.base + op.SENT_VAR, value.instance.base + op.SENT_VAR)

    def _op_delete(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, var, name, line = fact
        self.watch(base + var, self._delete_all, name, self.at(inst, number, line, self.nowhere))

    def _delete_all(self, numbers: list[int], name: str, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not isinstance(value, InstObj):
                continue
            if not name:
                self.call_special(value, "__delitem__", call.with_args(((None, self.nowhere),)))
                continue
            for found in self.held(self.class_attribute(value.cls, name)):
                if isinstance(found, PropertyObj):
                    args = ((None, self.singleton(value)),)
                    self.watch(found.deleter, self.on_call, call.with_args(args, kind="property"))
            self.call_special(
                value, "__delattr__", call.with_args(((None, self.singleton(self.text(name))),))
            )
