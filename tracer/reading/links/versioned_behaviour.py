"""What the methods that oslo.versionedobjects gives every object call back.

Those are hooks of the object, of the objects in its fields, and of the types of its fields, as the
documentation and the source of oslo.versionedobjects 3 have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from tracer.reading.flow.calls import Model
from tracer.reading.flow.core import Groups
from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    External,
    Framework,
    FuncObj,
    InstObj,
    Obj,
    Text,
)
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase
from tracer.reading.links.versioned_objects import KnownFields, VersionedObjects

_LIBRARY = "oslo_versionedobjects"
_RULE = "versioned object's own method"


@dataclass(frozen=True)
class _Recipe:
    """The methods that one of the library calls: on the object, on objects in its fields, on fields' types.

    ``compatible``: those on the object when the call asks for another version.
    """

    own: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    compatible: tuple[str, ...] = ()


_RECIPES = {
    "obj_what_changed": _Recipe(held=("obj_what_changed",)),
    "obj_get_changes": _Recipe(own=("obj_what_changed",)),
    "obj_reset_changes": _Recipe(own=("obj_get_changes",), held=("obj_reset_changes",)),
    "obj_to_primitive": _Recipe(
        own=("_obj_primitive_key", "obj_name", "obj_what_changed"),
        held=("obj_to_primitive",),
        types=("to_primitive",),
        compatible=("obj_make_compatible_from_manifest",),
    ),
    "obj_make_compatible_from_manifest": _Recipe(own=("obj_make_compatible",)),
    "obj_make_compatible": _Recipe(held=("obj_make_compatible",)),
    "_obj_primitive_field": _Recipe(own=("_obj_primitive_key",)),
    "obj_from_primitive": _Recipe(own=("_obj_primitive_field", "_obj_from_primitive")),
    "_obj_from_primitive": _Recipe(
        own=("__init__", "_obj_primitive_field"),
        held=("obj_from_primitive",),
        types=("from_primitive", "coerce"),
    ),
    "obj_clone": _Recipe(own=("__deepcopy__",)),
    "__deepcopy__": _Recipe(own=("__init__",), held=("__deepcopy__",), types=("coerce",)),
}
_OF_FIELDS = {"to_primitive": "obj_to_primitive", "from_primitive": "obj_from_primitive"}
"""What a field that holds objects asks of them for what it is asked."""
_OF_TYPES = (*_OF_FIELDS, "coerce", "stringify")
"""What a field hands on to its type."""


class VersionedBehaviour(RuleBase):
    """Calls that unread code of versioned objects makes on what was read.

    Args:
        objects: the rule that knows the registered classes and their fields.
    """

    def __init__(self, objects: VersionedObjects) -> None:
        super().__init__()
        self._objects = objects
        self._asked: list[tuple[ClassObj, str, Call]] = []
        self._set: dict[tuple[int, str], tuple[ClassObj, list[Call]]] = {}
        self._told: set[tuple[int, int, int]] = set()
        self._set_by_name = Groups()
        self._by_name: set[tuple[int, int, str]] = set()
        self._changes: list[tuple[ClassObj, Container]] = []
        self._of_types: list[tuple[InstObj, str, Call]] = []
        self._extent = (0, 0)
        """Of what was known when hooks were tied last."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for name in _RECIPES:
            engine.method_models[name] = partial(self._method, name)
        for dotted, model in list(engine.models.items()):
            name = dotted.rpartition(".")[2]
            if name in _RECIPES and dotted.startswith(_LIBRARY):
                engine.models[dotted] = partial(self._known_method, name, model)
        engine.method_models["__init__"] = self._filled
        for name in _OF_TYPES:
            engine.method_models[name] = partial(self._of_field, name)
        copied = engine.models["copy.deepcopy"]

        def copy(call: Call, bound: tuple[Obj, ...]) -> bool:
            if call.args:
                engine.watch(call.args[0][1], self._copied, call)
            return copied(call, bound)

        engine.models["copy.deepcopy"] = copy
        engine.store_models.append(self._stored)
        engine.instance_models.append(self._made)

    # What is asked of objects

    def _method(self, name: str, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        if value.module.partition(".")[0] == _LIBRARY:
            for owner in bound:
                self._ask(owner, name, call)
                if name == "obj_get_changes" and isinstance(owner, InstObj):
                    self._give_changes(owner, call)
        return False

    def _known_method(self, name: str, model: Model, call: Call, bound: tuple[Obj, ...]) -> bool:
        for owner in bound:
            self._ask(owner, name, call)
        return model(call, bound)

    def _ask(self, owner: Obj, name: str, call: Call) -> None:
        if name == "obj_reset_changes" and call.argument(1, "recursive") is None:
            return  # only then it goes on to what the object holds
        cls = owner.cls if isinstance(owner, InstObj) else owner
        if isinstance(cls, ClassObj):
            self._asked.append((cls, name, call))

    def _give_changes(self, owner: InstObj, call: Call) -> None:
        """The changed fields come as a dict of their names and values."""
        changes = self.engine.container("dict", ("changes", owner.id))
        self._changes.append((owner.cls, changes))
        self.engine.add(call.dst, changes.id)

    def _copied(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, InstObj) and self._objects.is_versioned(value.cls):
                self._ask(value, "__deepcopy__", call)

    def _of_field(self, name: str, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        if value.module.partition(".")[0] == _LIBRARY:
            self._of_types += [(owner, name, call) for owner in bound if isinstance(owner, InstObj)]
        return False

    # Fields that are set

    def _stored(self, owner: InstObj, name: str, call: Call) -> None:
        if self.engine.defines(owner.cls, "fields"):
            key = (owner.cls.id, name)
            self._set.setdefault(key, (owner.cls, []))[1].append(call)

    def _stored_by_name(self) -> int:
        """``setattr(object, name, value)`` with a name that is not known sets any field; how many such calls
        on objects of some class there are."""
        engine, fields = self.engine, self._objects.known_fields()
        for number in engine.grown(self._set_by_name, engine.computed_stores, lambda item: item[:2]):
            owner, name, _, call = engine.computed_stores[number]
            names = {value.value for value in engine.held(name) if isinstance(value, Text)}
            known = bool(names) and engine.opaque not in engine.numbers(name)
            for value in engine.held(owner):
                if not isinstance(value, InstObj) or not self._objects.is_versioned(value.cls):
                    continue
                for field in fields.names(value.cls):
                    place = (number, value.cls.id, field)
                    if (not known or field in names) and place not in self._by_name:
                        self._by_name.add(place)
                        self._stored(value, field, call)
        return len(self._by_name)

    def _made(self, cls: ClassObj, made: InstObj, call: Call) -> None:
        if not self.engine.defines(cls, "__init__"):
            self._set_all(made, call)

    def _filled(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        if value.module.partition(".")[0] == _LIBRARY:
            for owner in bound:
                if isinstance(owner, InstObj):
                    self._set_all(owner, call)
        return False

    def _set_all(self, owner: InstObj, call: Call) -> None:
        for keyword, _ in call.args:
            if keyword is not None and keyword[0] != "*":
                self._stored(owner, keyword, call)

    # Who is called for it

    def settle(self, engine: Propagation) -> None:
        """Tie calls to the hooks that they reach, as far as these are known by now."""
        told = len(self._asked) + sum(len(calls) for _, calls in self._set.values()) + len(self._changes)
        told += len(self._of_types) + len(self._objects.asked_of_fields)
        told += self._stored_by_name()
        extent = (self._objects.extent(), told)
        if extent == self._extent:
            return
        self._extent = extent
        reached: dict[tuple[int, str, bool], list[tuple[Obj, str]]] = {}
        known = self._objects.known_fields()
        asked = list(self._all_asked(known))
        for cls, name, call in asked:
            key = (cls.id, name, len(call.args) > 0)
            if key not in reached:
                reached[key] = list(self._reached(known, cls, name, key[2]))
        types = [
            (list(self._types(known, cls, name)), calls) for (_, name), (cls, calls) in self._set.items()
        ]
        of_fields = [
            (list(self._types_of(field)), name, call)
            for field, name, call in (*self._of_types, *self._objects.asked_of_fields)
        ]
        for cls, name, call in asked:
            for owner, method in reached[cls.id, name, len(call.args) > 0]:
                self._tell(owner, method, call)
        for kinds, name, call in of_fields:
            for kind in kinds:
                self._tell(kind, name, call)
        for kinds, calls in types:
            for kind in kinds:
                for call in calls:
                    self._tell(kind, "coerce", call)
        for cls, changes in self._changes:
            for name in known.names(cls):
                if engine.once("changed field " + name, changes.id):
                    value = engine.entry(engine.instance_of(cls), name).var
                    engine.edge(value, engine.field(changes, name))

    def _all_asked(self, known: KnownFields) -> Iterator[tuple[ClassObj, str, Call]]:
        """What is asked of which class; a base asked for an object makes one of any class below it."""
        registered = self._objects.registered()
        for cls, name, call in self._asked:
            below = []
            if name == "obj_from_primitive" and cls not in registered:
                below = [found for found in registered if cls in self.engine.order(found)]
            yield from ((found, name, call) for found in below or (cls,))
        for value, name, call in self._objects.asked_of_fields:
            asked = _OF_FIELDS.get(name, name)
            if asked in _RECIPES:
                inner = call.with_args(()) if value.slots else call
                yield from ((found, asked, inner) for found in known.classes_of(value))

    def _reached(
        self, known: KnownFields, cls: ClassObj, name: str, versions: bool
    ) -> Iterator[tuple[Obj, str]]:
        """What ``name`` of ``cls``, as the library has it, calls of what was read."""
        seen = {(cls.id, name)}
        todo = [(cls, name)]
        while todo:
            owner, method = todo.pop()
            recipe = _RECIPES[method]
            following = [(owner, own) for own in recipe.own + (recipe.compatible if versions else ())]
            for field in known.names(owner) if recipe.held or recipe.types else ():
                following += [
                    (held, inner) for held in known.classes_in(owner, field) for inner in recipe.held
                ]
                for kind in self._types(known, owner, field) if recipe.types else ():
                    yield from ((kind, inner) for inner in recipe.types)
            for target, inner in following:
                if (target.id, inner) in seen:
                    continue
                seen.add((target.id, inner))
                if self.engine.defines(target, inner):
                    yield target, inner
                elif inner in _RECIPES:
                    todo.append((target, inner))

    def _types(self, known: KnownFields, cls: ClassObj, field: str) -> Iterator[InstObj]:
        """The types that were read of a field: ``AUTO_TYPE`` of its class, or what it was made with."""
        definition = known.definition(cls, field)
        if definition is not None:
            yield from self._types_of(definition)

    def _types_of(self, definition: Obj) -> Iterator[InstObj]:
        engine = self.engine
        held: list[Obj] = []
        if isinstance(definition, InstObj):
            held = engine.held(engine.class_attribute(definition.cls, "AUTO_TYPE"))
        elif isinstance(definition, Framework) and "type" in definition.slots:
            held = engine.held(definition.slots["type"])
        yield from (kind for kind in held if isinstance(kind, InstObj))

    def _tell(self, owner: Obj, method: str, call: Call) -> None:
        engine = self.engine
        cls = owner.cls if isinstance(owner, InstObj) else owner
        assert isinstance(cls, ClassObj)
        held = engine.class_attribute(cls, method)
        key = (id(call.site), cls.id, held)
        if key in self._told or not engine.defines(cls, method):
            return
        self._told.add(key)
        found = engine.new_var()
        inner = call.with_args((), engine.nowhere, "callback", _RULE)
        engine.load(engine.instance_of(cls), method, found, inner)
        engine.watch(found, self._enter, method, inner)

    def _enter(self, numbers: list[int], name: str, call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            function = value.func if isinstance(value, BoundObj) else value
            if not isinstance(function, FuncObj) or (name == "__init__" and _asks_for_more(function)):
                continue  # objects are made with nothing given
            self.engine.call_value(value, call)


def _asks_for_more(function: FuncObj) -> bool:
    """Whether a method cannot be called without arguments."""
    given = {name for name, _ in function.defaults}
    wanted = [parameter for parameter in function.code.code.parameters if parameter.kind in "pn"]
    return any(parameter.name not in given for parameter in wanted[1:])
