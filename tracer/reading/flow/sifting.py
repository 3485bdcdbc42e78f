"""``isinstance``: which values get behind a test, and which get past it."""

from __future__ import annotations

from typing import Any

from tracer.reading.flow.core import Groups
from tracer.reading.flow.objects import (
    Builtin,
    Call,
    ClassObj,
    Container,
    External,
    FuncObj,
    Generator,
    InstObj,
    Number,
    Obj,
    Plain,
    Text,
    TextPattern,
    TextSet,
)
from tracer.reading.flow.operators import Operators
from tracer.reading.flow.scopes import Instance

_TEXTS = (Text, TextPattern, TextSet)
_SURE = (*_TEXTS, Number, Plain, Container, ClassObj, FuncObj, Generator)
"""Values whose type is known, beside instances of classes that were read."""
_HOLDING = ("list", "tuple", "set", "dict", "str")
_ANSWERING = ("__instancecheck__", "__subclasshook__")
_STRUCTURAL = ("typing.Protocol", "typing_extensions.Protocol", "abc.ABC", "abc.ABCMeta")
"""Bases and metaclasses of classes that may take others for their subclasses."""


class Sifting(Operators):
    """Values of which a class is known to be asked."""

    def __init__(self) -> None:
        super().__init__()
        self._sifted: list[tuple[int, int, int, bool]] = []
        self._sifting = Groups()
        self._opened: set[tuple[int, int, int]] = set()

    def _op_only(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src, asked, keep = fact
        self._sifted.append((base + src, base + asked, base + dst, keep))
        self.watch(base + asked, self._sift_by, base + src, base + dst, keep)

    def _op_begins(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src, prefixes, keep = fact
        self.watch(base + src, self._begin_so, tuple(prefixes), base + dst, keep)

    def _begin_so(self, numbers: list[int], prefixes: tuple[str, ...], dst: int, keep: bool) -> None:
        """``startswith``: strings pass that begin with one of ``prefixes``, or all but those; anything else
        passes."""
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, TextSet):
                names = tuple(name for name in value.values if name.startswith(prefixes) is keep)
                if names:
                    self.add(dst, self.text_set(names).id)
            elif not isinstance(value, Text) or value.value.startswith(prefixes) is keep:
                self.add(dst, number)

    def _op_matched(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src, cls, index, line = fact
        call = self.at(inst, number, line, base + dst)
        self.watch(base + cls, self._matched_by, base + src, index, call)

    def _matched_by(self, numbers: list[int], src: int, index: int, call: Call) -> None:
        """``Class(pattern)`` looks at the attribute that ``__match_args__`` names, or at a record's field; of
        builtin types it looks at the value itself."""
        for number in numbers:
            cls = self.objects[number]
            if isinstance(cls, Builtin):
                self.edge(src, call.dst)
            elif isinstance(cls, ClassObj) and self.defines(cls, "__match_args__"):
                names = self.class_attribute(cls, "__match_args__")
                self.watch(names, self._named_to_match, src, index, call)
            elif isinstance(cls, ClassObj):
                above = [one for one in reversed(self.order(cls)) if isinstance(one, ClassObj)]
                fields = list(dict.fromkeys(name for one in above for name in one.code.code.annotated))
                if index < len(fields):
                    self.watch(src, self.on_load, fields[index], call.dst, call)

    def _named_to_match(self, numbers: list[int], src: int, index: int, call: Call) -> None:
        for number in numbers:
            names = self.objects[number]
            if isinstance(names, Container):
                self.watch(self.field(names, index), self.load_named, src, call)

    def _sift_by(self, numbers: list[int], src: int, dst: int, keep: bool) -> None:
        for number in numbers:
            asked = self.objects[number]
            if not isinstance(asked, Container):
                self.watch(src, self._sift, asked, dst, keep)
            elif keep and (place := (number, src, dst)) not in self._opened:
                self._opened.add(place)  # a tuple of classes may be made of itself and more
                self.watch(asked.everything, self._sift_by, src, dst, keep)

    def _sift(self, numbers: list[int], asked: Obj, dst: int, keep: bool) -> None:
        for number in numbers:
            if self.is_of(self.objects[number], asked) is not (not keep):
                self.add(dst, number)

    def sift_the_rest(self) -> bool:
        """What is of none of several classes, and what is asked for a class that is not known, as far as
        values are known by now; False if there is nothing new."""
        steps = self.steps
        for number in self.grown(self._sifting, self._sifted, lambda item: item[:2]):
            src, asked, dst, keep = self._sifted[number]
            classes = self.held(asked)
            if not classes:
                if self.once("sifted by nothing", number):
                    self.edge(src, dst)
                continue
            several = [value for value in classes if isinstance(value, Container)]
            if keep or not several:
                continue
            self.regroup(self._sifting, number, (src, asked, *(value.everything for value in several)))
            for value in self.held(src):
                for each in several:
                    if not any(self.is_of(value, cls) for cls in self.held(each.everything)):
                        self.add(dst, value.id)
        return self.steps != steps

    def once(self, kind: str, number: int) -> bool:
        """True the first time it is asked for ``kind`` and ``number``; provided by the layer above."""
        raise NotImplementedError

    def is_of(self, value: Obj, asked: Obj) -> bool | None:
        """What ``isinstance`` says of a value and a class; None if that is not known."""
        if isinstance(asked, ClassObj):
            return self._is_of_class(value, asked)
        if isinstance(asked, Builtin):
            return self._is_of_builtin(value, asked.name)
        if isinstance(asked, External) and isinstance(value, InstObj):
            return True if asked in self.order(value.cls) else None
        return None

    def _is_of_class(self, value: Obj, asked: ClassObj) -> bool | None:
        if isinstance(value, InstObj):
            if asked in self.order(value.cls):
                return True
            if self.defines(value.cls, "__class__"):
                return None
        elif not isinstance(value, _SURE):
            return None
        return None if self._may_answer(asked) else False

    def _may_answer(self, asked: ClassObj) -> bool:
        metaclass = self.metaclass(asked)
        if metaclass is not None or any(self.defines(asked, name) for name in _ANSWERING):
            return True
        outside = [above.dotted for above in self.order(asked) if isinstance(above, External)]
        named = [
            value.dotted
            for above in self.order(asked)
            if isinstance(above, ClassObj) and "metaclass" in above.keywords
            for value in self.held(above.keywords["metaclass"])
            if isinstance(value, External)
        ]
        return any(name in _STRUCTURAL or name == "builtins.type" for name in (*outside, *named))

    def _is_of_builtin(self, value: Obj, name: str) -> bool | None:
        if name == "object":
            return True
        if isinstance(value, InstObj):
            outside = [above for above in self.order(value.cls) if isinstance(above, External)]
            if any(above.dotted == f"builtins.{name}" for above in outside):
                return True
            return None if outside else False
        if isinstance(value, _TEXTS):
            return name == "str"
        if isinstance(value, Number):
            return name == "int"
        if isinstance(value, Plain):
            return value.type_name == name or (name == "int" and value.type_name == "bool")
        if isinstance(value, Container):
            if (value.kind == "dict") != (name == "dict"):
                return False
            return True if name == "dict" else None
        return False if isinstance(value, (ClassObj, FuncObj)) and name in _HOLDING else None
