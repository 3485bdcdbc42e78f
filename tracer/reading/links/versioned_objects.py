"""oslo.versionedobjects: registered classes, typed fields, lazy loading."""

from __future__ import annotations

from functools import partial

from tracer.reading.flow.objects import (
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

_BASE = "oslo_versionedobjects.base."
_FIELDS = "oslo_versionedobjects.fields."
_OBJECT = _BASE + "VersionedObject"


class VersionedObjects(RuleBase):
    """Objects whose classes are known by name and whose attributes may load themselves."""

    def __init__(self) -> None:
        super().__init__()
        self._registered: dict[str, dict[int, ClassObj]] = {}
        self._fielded: set[tuple[int, str]] = set()
        self.asked_of_fields: list[tuple[Framework, str, Call]] = []
        """Methods called of fields that hold objects, and of `anything`."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.models |= {
            _BASE + "VersionedObjectRegistry.register": self._register,
            _BASE + "VersionedObjectRegistry.register_if": self._register_if,
            _OBJECT + ".obj_name": self._name,
            _OBJECT + ".obj_class_from_name": self._class_by_name,
            _OBJECT + ".obj_clone": partial(self._same_type, "obj_clone"),
            _BASE + "ObjectListBase.obj_clone": partial(self._same_type, "obj_clone"),
            _OBJECT + "._obj_from_primitive": partial(self._same_type, "_obj_from_primitive"),
            _OBJECT + ".obj_from_primitive": self._from_primitive,
            _BASE + "obj_make_list": self._make_list,
            _FIELDS + "Field": self._typed_field,
            _FIELDS + "ObjectField": self._object_field,
            _FIELDS + "ListOfObjectsField": self._list_field,
        }
        engine.iteration_models.append(self._iterate_list)

    def _register(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, _BASE + "VersionedObjectRegistry.register")
        var = call.positional(0)
        if var is not None:
            self.engine.edge(var, call.dst)
            self.engine.watch(var, self._register_all, call, bound)
        return True

    def _register_if(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, _BASE + "VersionedObjectRegistry.register_if")
        made = self.make("register", call, {})
        self.engine.add(call.dst, made.id)
        return True

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """The decorator that ``register_if`` returned, or a method of a field."""
        if value.kind == "register":
            self._register(call, ())
        else:
            super().call(engine, value, call)

    def _register_all(self, numbers: list[int], call: Call, bound: tuple[Obj, ...]) -> None:
        for number in numbers:
            cls = self.engine.objects[number]
            if isinstance(cls, ClassObj):
                self._registered.setdefault(name_of(cls), {})[cls.id] = cls
                for registry in bound:
                    if isinstance(registry, ClassObj):
                        self._hook(registry, cls, call)

    def _hook(self, registry: ClassObj, cls: ClassObj, call: Call) -> None:
        engine = self.engine
        args: tuple[tuple[str | None, int], ...] = ((None, engine.singleton(cls)), (None, engine.new_var()))
        inner = call.with_args(args, engine.new_var(), "callback", "object registry")
        hooks = engine.class_attribute(registry, "registration_hook")
        engine.watch(hooks, self._run_hook, inner, engine.instance_of(registry), cls)

    def _run_hook(self, numbers: list[int], call: Call, owner: InstObj, cls: ClassObj) -> None:
        for number in numbers:
            hook = self.engine.objects[number]
            if isinstance(hook, FuncObj):
                self.engine.enter(hook, call, (owner,), context=cls.id)

    def _name(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, _OBJECT + ".obj_name")
        for owner in bound:
            cls = owner.cls if isinstance(owner, InstObj) else owner
            if isinstance(cls, ClassObj):
                self.engine.add(call.dst, self.engine.text(name_of(cls)).id)
        return True

    def _same_type(self, name: str, call: Call, bound: tuple[Obj, ...]) -> bool:
        """A method that returns an instance of the class it is called on."""
        for owner in bound:
            cls = owner.cls if isinstance(owner, InstObj) else owner
            if isinstance(cls, ClassObj):
                self.engine.add(call.dst, self.engine.instance_of(cls).id)
        self.leads_out(call, f"{_OBJECT}.{name}")
        return True

    def _from_primitive(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``Class.obj_from_primitive(primitive, context)`` fills an instance through a hook of the class."""
        engine = self.engine
        self.leads_out(call, _OBJECT + ".obj_from_primitive")
        for owner in bound:
            if isinstance(owner, ClassObj):
                engine.add(call.dst, engine.instance_of(owner).id)
                context = call.argument(1, "context")
                args = tuple(
                    (None, engine.new_var() if var is None else var) for var in (context, None, None)
                )
                inner = call.with_args(args, engine.new_var(), "callback", "versioned object made")
                found = engine.new_var()
                engine.load(owner, "_obj_from_primitive", found, inner)
                engine.watch(found, engine.on_call, inner)
        return True

    def _make_list(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``obj_make_list(context, list_object, [item class,] rows, **more)`` makes one object a row with the
        class's ``_from_db_object(context, object, row, **more)`` and returns the list object.

        From the documentation of oslo.versionedobjects; where the class of items is left out, it is that of
        the list's field ``objects``.
        """
        engine = self.engine
        self.leads_out(call, _BASE + "obj_make_list")
        context, made, item = call.positional(0), call.positional(1), call.positional(2)
        if context is None or made is None or item is None:
            return False
        engine.edge(made, call.dst)
        row, more = call.positional(3), tuple(arg for arg in call.args if arg[0] is not None)
        if row is None:
            item, row = engine.new_var(), item
            engine.watch(made, self._item_class, item)
        engine.watch(item, self._make_items, call, (context, row), more)
        return True

    def _item_class(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            definition = (
                self.known_fields().definition(value.cls, "objects") if isinstance(value, InstObj) else None
            )
            if isinstance(definition, Framework) and definition.kind == "list field":
                self.engine.watch(definition.slots["name"], self._named, dst)

    def _make_items(
        self,
        numbers: list[int],
        call: Call,
        given: tuple[int, int],
        more: tuple[tuple[str | None, int], ...],
    ) -> None:
        engine = self.engine
        context, rows = given
        for number in numbers:
            cls = engine.objects[number]
            if not isinstance(cls, ClassObj):
                continue
            row = engine.new_var()
            engine.watch(rows, engine.on_iterate, row, call)
            item = engine.singleton(engine.instance_of(cls))
            args = ((None, context), (None, item), (None, row), *more)
            inner = call.with_args(args, engine.new_var(), "callback", "row of a list of versioned objects")
            engine.instantiate(cls, call.with_args((), engine.new_var(), "callback"))
            found = engine.new_var()
            engine.load(cls, "_from_db_object", found, inner)
            engine.watch(found, engine.on_call, inner)

    def _class_by_name(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, _OBJECT + ".obj_class_from_name")
        made = self.make("classes by name", call, {"found": call.dst})
        self.engine.watch(call.positional(0) or self.engine.new_var(), self._named, made.slots["found"])
        return True

    def _named(self, numbers: list[int], dst: int) -> None:
        from tracer.reading.flow.objects import TextSet

        for number in numbers:
            value = self.engine.objects[number]
            names = (
                (value.value,)
                if isinstance(value, Text)
                else value.values
                if isinstance(value, TextSet)
                else ()
            )
            for name in names:
                for cls in self._registered.get(name, {}).values():
                    self.engine.add(dst, cls.id)

    # Fields

    def _typed_field(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        if bound:
            return False  # a class below it is made
        made = self.make("typed field", call, {"type": call.argument(0, "field_type")})
        self.engine.add(call.dst, made.id)
        self.leads_out(call, _FIELDS + "Field")
        return True

    def _object_field(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        made = self.make("object field", call, {"name": call.argument(0, "objtype")})
        self.engine.add(call.dst, made.id)
        self.leads_out(call, _FIELDS + "ObjectField")
        return True

    def _list_field(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        made = self.make("list field", call, {"name": call.argument(0, "objtype")})
        self.engine.add(call.dst, made.id)
        self.leads_out(call, _FIELDS + "ListOfObjectsField")
        return True

    def anything(self) -> Framework:
        """An object of any registered class, where nothing says of which."""
        return self.engine.intern(("any versioned object",), lambda: Framework(self, "any object", {}))

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """A method of a field that holds objects, or of an object of any class."""
        self.asked_of_fields.append((value, name, call))
        self.leads_out(call, f"{_FIELDS}Field.{name}" if value.slots else f"{_OBJECT}.{name}")

    def settle(self, engine: Propagation) -> None:
        """Give fields their values."""
        known = self.known_fields()
        for cls in list(engine.classes):
            tables = known.tables(cls)
            for name in list(cls.entries) if tables else ():
                if (cls.id, name) not in self._fielded and any(name in table.fields for table in tables):
                    self._field(known, cls, name)

    def _field(self, known: KnownFields, cls: ClassObj, name: str) -> None:
        engine = self.engine
        definition = known.definition(cls, name)
        if definition is None:
            return
        self._fielded.add((cls.id, name))
        entry = cls.entries[name]
        for target in known.classes_in(cls, name):
            assert isinstance(definition, Framework)
            if definition.kind == "object field":
                engine.add(entry.var, engine.instance_of(target).id)
            else:
                items = engine.container("list", ("field", cls.id, name))
                engine.add(items.rest, engine.instance_of(target).id)
                engine.add(entry.var, items.id)
        if engine.defines(cls, "obj_load_attr"):
            args: tuple[tuple[str | None, int], ...] = (
                (None, engine.singleton(engine.instance_of(cls))),
                (None, engine.singleton(engine.text(name))),
            )
            engine.get_lazily(cls, "obj_load_attr", entry, args, "lazy load")

    def known_fields(self) -> KnownFields:
        """What is known of fields now; each thing is looked up once, so it holds until more is known."""
        return KnownFields(self.engine, self._registered)

    def extent(self) -> int:
        """How much is known of classes and their fields: as long as that stays the same, so does the rest."""
        engine = self.engine
        classes = engine.classes
        known = sum(map(len, self._registered.values()))
        known += sum(len(engine.order(cls)) + len(cls.namespace) for cls in classes)
        for cls in classes:
            for fields in engine.held(cls.namespace["fields"]) if "fields" in cls.namespace else ():
                if isinstance(fields, Container):
                    known += 1 + len(fields.fields) + engine.amount(*fields.fields.values())
                    for var in fields.fields.values():
                        known += sum(self._extent_of(definition) for definition in engine.held(var))
        return known

    def _extent_of(self, definition: Obj) -> int:
        if isinstance(definition, Framework):
            return self.engine.amount(*definition.slots.values())
        if isinstance(definition, InstObj):
            return self.engine.amount(self.engine.class_attribute(definition.cls, "AUTO_TYPE"))
        return 0

    def _iterate_list(self, value: InstObj, dst: int, call: Call) -> bool:
        definition = self.known_fields().definition(value.cls, "objects")
        if definition is None:
            return False
        items = self.engine.new_var()
        self.engine.load(value, "objects", items, call)
        self.engine.watch(items, self.engine.on_iterate, dst, call)
        return True

    def registered(self) -> list[ClassObj]:
        """All registered classes, by name."""
        return [cls for _, found in sorted(self._registered.items()) for cls in found.values()]

    def is_versioned(self, cls: ClassObj) -> bool:
        """Whether ``cls`` is a class of versioned objects."""
        return any(
            (above.dotted if isinstance(above, External) else above.code.dotted) == _OBJECT
            for above in self.engine.order(cls)
        )


class KnownFields:
    """What is known of the fields of classes at one moment; nothing may flow while it is asked.

    Args:
        engine: at rest.
        registered: the registered classes by name.
    """

    def __init__(self, engine: Propagation, registered: dict[str, dict[int, ClassObj]]) -> None:
        self._engine = engine
        self._registered = registered
        self._tables: dict[int, list[Container]] = {}
        self._names: dict[int, list[str]] = {}
        self._definitions: dict[tuple[int, str], Obj | None] = {}
        self._classes: dict[int, list[ClassObj]] = {}

    def tables(self, cls: ClassObj) -> list[Container]:
        """What ``cls`` and its bases call ``fields``."""
        found = self._tables.get(cls.id)
        if found is None:
            engine = self._engine
            found = self._tables[cls.id] = [
                fields
                for above in engine.order(cls)
                if isinstance(above, ClassObj) and "fields" in above.namespace
                for fields in engine.held(above.namespace["fields"])
                if isinstance(fields, Container)
            ]
        return found

    def names(self, cls: ClassObj) -> list[str]:
        """The names of the fields of ``cls``, sorted."""
        found = self._names.get(cls.id)
        if found is None:
            names = {name for fields in self.tables(cls) for name in fields.fields if isinstance(name, str)}
            found = self._names[cls.id] = sorted(names)
        return found

    def definition(self, cls: ClassObj, name: str) -> Obj | None:
        """What ``fields`` of ``cls`` says of the field ``name``; None if it has no such field."""
        key = (cls.id, name)
        if key not in self._definitions:
            found: Obj | None = None
            for fields in self.tables(cls):
                if name in fields.fields:
                    held = self._engine.held(fields.fields[name])
                    found = held[0] if held else fields
                    break
            self._definitions[key] = found
        return self._definitions[key]

    def classes_in(self, cls: ClassObj, name: str) -> list[ClassObj]:
        """The classes of the objects that the field ``name`` holds, one or a list."""
        definition = self.definition(cls, name)
        return self.classes_of(definition) if isinstance(definition, Framework) else []

    def classes_of(self, definition: Framework) -> list[ClassObj]:
        """The classes of which a field's definition, or a method of it, says that the field holds them; all
        for `VersionedObjects.anything`."""
        found = self._classes.get(definition.id)
        if found is None:
            names = sorted(self._registered) if not definition.slots else []
            if "name" in definition.slots:
                held = self._engine.held(definition.slots["name"])
                names = sorted(value.value for value in held if isinstance(value, Text))
            found = self._classes[definition.id] = [
                target for name in names for target in self._registered.get(name, {}).values()
            ]
        return found


def name_of(cls: ClassObj) -> str:
    """The name under which objects of ``cls`` are registered."""
    return cls.code.code.qualname.rpartition(".")[2]
