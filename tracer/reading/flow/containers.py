"""Lists, tuples, sets and dicts: what goes into them and what comes out."""

from __future__ import annotations

from tracer.reading.flow.calls import Calls
from tracer.reading.flow.entering import Args
from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    External,
    Framework,
    InstObj,
    Number,
    Obj,
    Plain,
    Text,
)

_MAX_STORED_KEYS = 8
"""What one statement stores under more keys than these may be under any key: it copies a whole mapping."""
_KINDS = {f"builtins.{kind}": kind for kind in ("list", "tuple", "set", "dict")} | {
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict",
    "collections.UserDict": "dict",
    "collections.UserList": "list",
}
"""Classes whose instances contain things, and how: of these and of classes below them."""
_VIEWS = ("values", "keys", "items", "popitem")


class Containers(Calls):
    """Items and methods of containers."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown_keys: list[tuple[Container, int, int]] = []
        self.unknown_stores: list[tuple[Container, int, int]] = []
        self._keys_stored: dict[tuple[int, int], set[int]] = {}
        self._in_place_of_fields: dict[int, list[Container]] = {}
        """What took the place of the ``__dict__`` of a class's instances."""
        self.factories: dict[int, int] = {}
        """What makes an item that is asked for and not there, by the mapping's number."""

    def note_key(self, var: int, call: Call, *, looked_up: bool) -> None:
        """``var`` is a key of a set or mapping; provided by the layer above."""
        raise NotImplementedError

    def note_shown(self, items: int, call: Call) -> None:
        """Items are asked how they look; provided by the layer above."""
        raise NotImplementedError

    def note_compared(self, items: int, other: int, call: Call) -> None:
        """Items are compared until one is found; provided by the layer above."""
        raise NotImplementedError

    def contents(self, value: InstObj) -> Container | None:
        """What an instance of a subclass of a builtin container contains; None for other instances."""
        for above in self.order(value.cls):
            if isinstance(above, External) and above.dotted in _KINDS:
                return self.container(_KINDS[above.dotted], ("contents", value.cls.id))
        return None

    def _call_external(self, value: External, call: Call, bound: tuple[Obj, ...]) -> None:
        owner = bound[0] if bound else None
        kind, _, name = value.dotted.rpartition(".") if isinstance(owner, InstObj) else ("", "", "")
        inside = self.contents(owner) if isinstance(owner, InstObj) and kind in _KINDS else None
        if inside is None or owner is None:
            super()._call_external(value, call, bound)
            return
        call.site.external[value.identity] = call.kind
        if name == "__str__":
            self.call_special(owner, "__repr__", call.with_args((), self.nowhere))
        elif name == "__repr__":
            self.note_shown(inside.everything, call)
        else:
            self._container_method(inside, name, call)

    def fill(self, inside: Container, call: Call) -> None:
        """``inside`` receives what ``list``, ``dict`` and their like are made of."""
        if inside.kind == "dict":
            self._update(inside, call)
        elif call.positional(0) is not None:
            self.watch(call.args[0][1], self.on_iterate, inside.rest, call)

    def _update(self, owner: Container, call: Call) -> None:
        for keyword, var in call.args:
            if keyword is None or keyword == "**":
                self.watch(var, self._copy_dict, owner, call)
            elif keyword != "*":
                self.edge(var, self.field(owner, keyword))

    def _iterate_instance(self, value: InstObj, dst: int, call: Call) -> None:
        inside = self.contents(value)
        if inside is not None and not self.defines(value.cls, "__iter__"):
            self.iterate(inside, dst, call)
        else:
            super()._iterate_instance(value, dst, call)

    def store(self, value: Obj, name: str, source: int, call: Call) -> None:
        """See `Attributes.store`; what is set on an instance may be an item of what is its ``__dict__``."""
        super().store(value, name, source, call)
        if isinstance(value, InstObj):
            if name == "__dict__":
                self.watch(source, self._take_for_fields, value.cls)
            for inside in self._in_place_of_fields.get(value.cls.id, ()):
                self.edge(source, self.field(inside, name))

    def _take_for_fields(self, numbers: list[int], cls: ClassObj) -> None:
        """``self.__dict__ = mapping``: its items are attributes, and attributes its items."""
        known = self._in_place_of_fields.setdefault(cls.id, [])
        for number in numbers:
            value = self.objects[number]
            inside = self.contents(value) if isinstance(value, InstObj) else value
            if not isinstance(inside, Container) or inside.kind != "dict" or inside in known:
                continue
            known.append(inside)
            for name in list(cls.fields):
                self.edge(self.own_field(cls, name), self.field(inside, name))

            def item(key: str | int, var: int) -> None:
                self.edge(var, self.own_field(cls, str(key)))

            inside.watchers.append(item)
            for key, var in list(inside.fields.items()):
                item(key, var)

    def call_back(self, func: int, args: Args, dst: int, call: Call, kind: str = "callback") -> None:
        """A builtin or framework calls what ``func`` holds."""
        self.watch(func, self.on_call, call.with_args(args, dst, kind))

    def copy_fields(self, source: Container, target: Container, but: str | int | None = None) -> None:
        """``target`` receives the items of ``source`` under the same keys, all ``but`` one."""
        if source is target:
            return

        def item(key: str | int, var: int) -> None:
            if key != but:
                self.edge(var, self.field_found(target, key))

        source.watchers.append(item)
        for key, var in list(source.fields.items()):
            item(key, var)
        self.edge(source.rest, target.rest)
        self.edge(source.keys, target.keys)

    def _copy_items(self, numbers: list[int], made: Container, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container) and value.kind != "dict":
                self.copy_fields(value, made)
            else:
                self.call_special(value, "__length_hint__", call.with_args((), self.nowhere))
                self.iterate(value, made.rest, call)

    def _copy_dict(self, numbers: list[int], made: Container, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container) and value.kind == "dict":
                self.copy_fields(value, made)
            elif isinstance(value, External):
                self.add(call.dst, value.id)
            elif not self.copy_mapping(value, made, call):
                item = self.new_var()
                self.iterate(value, item, call)
                self.watch(item, self._pair, made)

    def copy_mapping(self, value: Obj, made: Container, call: Call) -> bool:
        """``made`` receives the items of an instance that has ``keys``; False if it has none."""
        inside = self.contents(value) if isinstance(value, InstObj) else None
        if inside is not None and inside.kind == "dict":
            self.copy_fields(inside, made)
            return True
        key = self.new_var()
        if not self.call_special(value, "keys", call.with_args((), key)):
            return False
        self.edge(key, made.keys)
        return self.call_special(value, "__getitem__", call.with_args(((None, key),), made.rest))

    def _pair(self, numbers: list[int], made: Container) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):
                self.edge(self.field(value, 0), made.keys)
                self.edge(self.field(value, 1), made.rest)

    def get_item(self, owner: Container, key: str | int | None, key_var: int, dst: int) -> None:
        """``dst`` receives ``owner[key]``."""
        if key is not None:
            if isinstance(key, int) and owner.kind != "dict" and owner.length is not None and key < 0:
                key += owner.length
            if isinstance(key, int) and key < 0 and owner.kind != "dict":
                self.edge(owner.everything, dst)
                return
            if owner.kind != "dict" and isinstance(key, str):
                return
            self.edge(self.field(owner, key), dst)
            self.edge(owner.rest, dst)
        elif key_var >= 0 and owner.kind in ("dict", "list", "tuple"):
            self.edge(owner.rest, dst)
            self.watch(key_var, self._get_named, owner, dst)
            self.unknown_keys.append((owner, key_var, dst))
        else:
            self.edge(owner.everything, dst)

    def _get_named(self, numbers: list[int], owner: Container, dst: int) -> None:
        objects, is_dict = self.objects, owner.kind == "dict"
        for number in numbers:
            value = objects[number]
            if type(value) is Text:
                if is_dict:
                    self.edge(self.field_found(owner, value.value), dst)
            elif type(value) is Number:
                if value.value < 0 and not is_dict:
                    self.get_item(owner, value.value, -1, dst)
                else:
                    self.edge(self.field_found(owner, value.value), dst)
            elif type(value) is Plain and not is_dict:
                self.edge(owner.everything, dst)

    def set_item(self, owner: Container, key: str | int | None, key_var: int, source: int) -> None:
        """``owner[key] = source``."""
        if key is not None and not (isinstance(key, int) and key < 0):
            self.edge(source, self.field(owner, key))
            return
        if key_var >= 0:
            self.edge(key_var, owner.keys)
            if owner.kind == "dict":
                self.watch(key_var, self._set_named, owner, source)
                self.unknown_stores.append((owner, key_var, source))
                return
        self.edge(source, owner.rest)

    def _set_named(self, numbers: list[int], owner: Container, source: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text):
                named = self._keys_stored.setdefault((owner.id, source), set())
                named.add(number)
                known = len(named) <= _MAX_STORED_KEYS
                self.edge(source, self.field_found(owner, value.value) if known else owner.rest)
            elif isinstance(value, Obj) and not isinstance(value, (Framework, BoundObj)):
                self.edge(source, owner.rest)

    def _container_method(self, owner: Container, name: str, call: Call) -> None:
        first, second = call.positional(0), call.positional(1)
        dst = call.dst
        if name in ("append", "add", "appendleft") and first is not None:
            self.edge(first, owner.rest)
            if name == "add":
                self.note_key(first, call, looked_up=False)
        elif name == "insert" and second is not None:
            self.edge(second, owner.rest)
        elif name in ("extend", "extendleft") and first is not None:
            self.watch(first, self.on_iterate, owner.rest, call)
        elif name in ("update", "__init__"):
            self.fill(owner, call)
        elif name in ("get", "pop", "setdefault") and owner.kind == "dict" and first is not None:
            if second is not None:
                self.edge(second, dst)
                if name == "setdefault":
                    self.set_item(owner, None, first, second)
            self.get_item(owner, None, first, dst)
        elif name == "__getitem__" and first is not None:
            self.get_item(owner, None, first, dst)
        elif name in ("pop", "popleft"):
            self.edge(owner.everything, dst)
        elif name in _VIEWS and owner.kind != "dict":
            # Only dictionaries have these: what they give, a list, would give them again, without end.
            return
        elif name == "values":
            made = self.container("list", ("values", owner.id))
            self.edge(owner.everything, made.rest)
            self.add(dst, made.id)
        elif name == "keys":
            made = self.container("list", ("keys", owner.id))
            self.edge(owner.keys, made.rest)
            self.add(dst, made.id)
        elif name in ("items", "popitem"):
            pair = self.container("tuple", ("item", owner.id))
            self.edge(owner.keys, self.field(pair, 0))
            self.edge(owner.everything, self.field(pair, 1))
            if name == "popitem":
                self.add(dst, pair.id)
                return
            made = self.container("list", ("items", owner.id))
            self.add(made.rest, pair.id)
            self.add(dst, made.id)
        elif name in ("copy", "__copy__", "union", "difference", "intersection", "symmetric_difference"):
            self.add(dst, owner.id)
            if first is not None:
                self.edge(first, dst)
        elif name in ("__iter__", "__enter__"):
            self.add(dst, owner.id)
        elif name == "sort":
            key = call.keyword("key")
            if key is not None:
                self.call_back(key, ((None, owner.everything),), self.nowhere, call)
        elif name in ("index", "count", "remove"):
            if first is not None:
                self.note_compared(owner.everything, first, call)
            self.add(dst, self.plain("NoneType" if name == "remove" else "int").id)
        elif name == "__setitem__" and first is not None and second is not None:
            self.set_item(owner, None, first, second)
        else:
            self.add(dst, self.plain("NoneType").id)
