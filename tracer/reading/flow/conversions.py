"""Special methods that builtins and operators call of what they compare, convert, hash, measure and check."""

from __future__ import annotations

from tracer.reading.flow.builtin_methods import BuiltinMethods
from tracer.reading.flow.core import Groups
from tracer.reading.flow.objects import Call, ClassObj, Container, InstObj, Obj, Opaque

_MOST_CONVERTED = 6
_WITH_ARGUMENT = frozenset(
    ("__format__", "__add__", "__radd__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
)


class Conversions(BuiltinMethods):
    """What is asked of values without a call of a method."""

    def __init__(self) -> None:
        super().__init__()
        self.converted: list[tuple[int, tuple[str, ...], int, Call]] = []
        self._converted: set[tuple[int, int]] = set()
        self._deciding = Groups()
        """For each of ``converted`` the variables that decide what it does."""
        self._keys: list[tuple[int, tuple[str, ...], Call]] = []
        self._key_groups = Groups()
        self._asked_for_class: list[Call] = []
        self._class_groups = Groups()

    def settle_conversions(self) -> None:
        """Builtins that compare, add or convert what they are given call the special methods of its classes,
        as far as those are known: where a value could be of many, nothing is said."""
        self._settle_keys()
        self._settle_classes()
        groups = self._deciding
        for number in self.grown(groups, self.converted, lambda item: (item[0],)):
            var, specials, others, call = self.converted[number]
            held = self.held(var)
            insides: list[int] = []
            if specials == ("__str__",):
                insides = [value.everything for value in held if isinstance(value, Container)]
                held += [value for inside in insides for value in self.held(inside)]
            found: list[InstObj] = []
            few = self._few(held, found, specials)
            if few and "__eq__" in specials:
                insides = self._items_of(held)
                few = all(self._few(self.held(inside), found, specials) for inside in insides)
            if insides:
                self.regroup(groups, number, (var, *insides))
            if not few:
                continue
            for value in found:
                if not self.first_time(number, value.id):
                    continue
                args = ((None, others if others >= 0 else self.nowhere),)
                for special in specials:
                    given = args if special in _WITH_ARGUMENT else ()
                    defined = self.call_special(value, special, call.with_args(given, self.nowhere))
                    if defined and special != "__add__":
                        break

    def _few(self, held: list[Obj], found: list[InstObj], specials: tuple[str, ...]) -> bool:
        """Add the instances among ``held`` that have one of ``specials`` to ``found``; False as soon as there
        are too many, or one unknown."""
        for value in held:
            if isinstance(value, Opaque):
                return False
            if isinstance(value, InstObj) and value not in found:
                if any(self.defines(value.cls, special) for special in specials):
                    found.append(value)
                if len(found) > _MOST_CONVERTED:
                    return False
        return True

    def _items_of(self, held: list[Obj]) -> list[int]:
        """Where the items are of the containers among ``held``: those are compared item by item."""
        found = []
        for value in held:
            inside = value if isinstance(value, Container) else None
            if isinstance(value, InstObj) and not self.defines(value.cls, "__eq__"):
                inside = self.contents(value)
            if inside is not None:
                found.append(inside.everything)
        return found

    def note_shown(self, items: int, call: Call) -> None:
        """What ``items`` holds is asked for its ``repr``."""
        self.converted.append((items, ("__repr__",), -1, call))

    def note_compared(self, items: int, other: int, call: Call) -> None:
        """What ``items`` holds is compared with what ``other`` holds until it is found."""
        self.converted.append((items, ("__eq__",), other, call))

    def note_key(self, var: int, call: Call, *, looked_up: bool) -> None:
        """``var`` is a key of a set or mapping: it is hashed and, when ``looked_up``, compared."""
        self._keys.append((var, ("__hash__", "__eq__") if looked_up else ("__hash__",), call))

    def _settle_keys(self) -> None:
        many = len(self._keys) > len(self.classes)  # then it is quicker to look at the classes first
        if many and not any("__hash__" in cls.namespace for cls in self.classes):
            return
        for number in self.grown(self._key_groups, self._keys, lambda item: (item[0],)):
            var, specials, call = self._keys[number]
            found = [value for value in self.held(var) if isinstance(value, InstObj)]
            for value in found if len(found) <= _MOST_CONVERTED else ():
                if self.defines(value.cls, "__hash__") and self.first_time(-1 - number, value.id):
                    for special in specials:
                        args = ((None, var),) if special == "__eq__" else ()
                        self.call_special(value, special, call.with_args(args, self.nowhere))

    def note_asked_for_class(self, call: Call) -> None:
        """``isinstance``: what is not an instance of the class by its type is asked for its ``__class__``."""
        self._asked_for_class.append(call)

    def _settle_classes(self) -> None:
        if not self._asked_for_class:
            return
        answering = {
            member.instance
            for cls in self.classes
            if "__class__" in cls.namespace
            for member in self.family(cls)
        }
        asked = self._asked_for_class if answering else []
        for number in self.grown(self._class_groups, asked, lambda call: (call.args[0][1], call.args[1][1])):
            call = asked[number]
            classes = self.held(call.args[1][1])
            for made in sorted(answering.intersection(self.numbers(call.args[0][1]))):
                value = self.objects[made]
                if isinstance(value, InstObj) and any(cls not in self.order(value.cls) for cls in classes):
                    self.load(value, "__class__", self.nowhere, call)

    def first_time(self, number: int, value: int) -> bool:
        """Whether conversion ``number`` meets the object ``value`` for the first time."""
        if (number, value) in self._converted:
            return False
        self._converted.add((number, value))
        return True

    def _measured(self, numbers: list[int], call: Call) -> None:
        """``len`` of a class asks its metaclass."""
        for number in numbers:
            value = self.objects[number]
            metaclass = self.metaclass(value) if isinstance(value, ClassObj) else None
            if metaclass is not None:
                inner = call.with_args((), self.nowhere)
                self.watch(self.class_attribute(metaclass, "__len__"), self._call_each, inner, (value,))

    def _checked(self, numbers: list[int], special: str, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            metaclass = self.metaclass(value) if isinstance(value, ClassObj) else None
            if metaclass is not None and self.defines(metaclass, special):
                inner = call.with_args(call.args[:1], self.nowhere)
                self.watch(self.class_attribute(metaclass, special), self._call_each, inner, (value,))
