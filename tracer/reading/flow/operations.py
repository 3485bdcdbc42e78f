"""The facts of a scope, entered into the work list."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from tracer.reading.flow.builtin_functions import BUILTIN_NAMES, Builtins
from tracer.reading.flow.objects import (
    BoundObj,
    Builtin,
    Call,
    ClassObj,
    Container,
    External,
    FuncObj,
    Generator,
    Instance,
    InstObj,
    Module,
    Obj,
    Plain,
    Text,
    TextPattern,
    Wrapped,
)
from tracer.reading.lowering import facts as op

_MAX_TEXTS = 64


class Operations(Builtins):
    """Enters scopes; one method per kind of fact."""

    def __init__(self) -> None:
        super().__init__()
        self.annotated: list[tuple[int, int]] = []
        self.annotations: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self.unformatted: list[tuple[int, tuple[str | int, ...]]] = []
        self.decorations: list[tuple[int, int, int, Call]] = []
        self._external_stores: dict[tuple[str, str], int] = {}
        self.external_items: list[Callable[[External, str | int | None, int], bool]] = []
        self.class_made: list[Callable[[ClassObj], None]] = []
        self._handlers: list[Callable[..., None]] = [self._nothing] * 29
        for name in op.NAMES:
            self._handlers[getattr(op, name)] = getattr(self, f"_op_{name.lower()}")

    def _nothing(self, *_: Any) -> None:
        raise AssertionError("unknown operation")

    def start(self, instance: Instance) -> None:
        """Enter the facts of ``instance``'s scope."""
        handlers = self._handlers
        owner = instance.parent
        if instance.code.code.owner >= 0 and owner is not None:
            instance.owner = owner.owner
        for number, fact in enumerate(instance.code.code.ops):
            handlers[fact[0]](instance, instance.base, number, *fact[1:])

    def at(
        self, inst: Instance, number: int, line: int, dst: int, kind: str = "call", rule: str = "flow"
    ) -> Call:
        """A call that operation ``number`` may turn out to make."""
        code = inst.code
        found = code.sites.get(number)
        return Call(inst, found or self.site(code, number, line), number, (), dst, 0, kind, rule)

    def _op_copy(self, inst: Instance, base: int, number: int, dst: int, src: int) -> None:
        self.edge(base + src, base + dst)

    def _op_str(self, inst: Instance, base: int, number: int, dst: int, value: str | int) -> None:
        self.add(base + dst, self.text(value).id if isinstance(value, str) else self.number(value).id)

    def _op_literal(self, inst: Instance, base: int, number: int, dst: int, type_name: str) -> None:
        self.add(base + dst, self.plain(type_name).id)

    def _op_func(self, inst: Instance, base: int, number: int, dst: int, index: int, defaults: Any) -> None:
        code = inst.code.module.codes[index]
        absolute = tuple((name, base + var) for name, var in defaults)
        made = self.intern(("function", code.gid, inst.id), lambda: FuncObj(code, inst, absolute))
        self.functions.append(made)
        self.add(base + dst, made.id)
        if self.bodies_wanted and not code.code.contextual:
            self.instance_for(made, None)

    def _op_class(
        self, inst: Instance, base: int, number: int, dst: int, index: int, bases: Any, keywords: Any
    ) -> None:
        code = inst.code.module.codes[index]
        body = self.new_instance(code, inst, inst.id, inst.depth)
        made = self.register(ClassObj(code, body))
        body.owner = made
        self.classes.append(made)
        made.keywords = {name: base + var for name, var in keywords}
        made.namespace = {name: body.base + var for name, var in code.code.exports}
        made.made_in, made.made_at = inst, self.site(inst.code, number, code.code.line)
        made.made_with = tuple(
            (name, base + var) for name, var in keywords if name not in ("metaclass", "**")
        )
        for name, var in code.code.exports:
            self.watch(body.base + var, self._name_set, made, name)
        for position, var in enumerate(bases):
            made.bases.append([])
            self.watch(base + var, self._base_found, made, position)
        if "metaclass" in made.keywords:
            call = self.at(inst, number, code.code.line, self.new_var())
            self.watch(made.keywords["metaclass"], self._metaclass_found, made, call)
        self.add(base + dst, made.id)
        for action in self.class_made:
            action(made)

    def _name_set(self, numbers: list[int], made: ClassObj, name: str) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj) and self.defines(value.cls, "__set_name__"):
                args = ((None, self.singleton(made)), (None, self.singleton(self.text(name))))
                call = Call(made.made_in, made.made_at, -3, args, self.new_var(), 0, "call", "descriptor")
                self.call_special(value, "__set_name__", call)

    def _base_found(self, numbers: list[int], made: ClassObj, position: int) -> None:
        for number in numbers:
            base = self.objects[number]
            if not (isinstance(base, Builtin) and base.name == "object"):
                self.add_base(made, position, self.as_base(base))

    def as_base(self, value: Obj) -> Obj:
        """A base class as it was written; builtins and results of calls count as external."""
        if isinstance(value, ClassObj | External):
            return value
        name = getattr(value, "name", None)
        return self.external("builtins", name) if isinstance(name, str) else value

    def _metaclass_found(self, numbers: list[int], made: ClassObj, call: Call) -> None:
        for number in numbers:
            metaclass = self.objects[number]
            if not isinstance(metaclass, ClassObj):
                continue
            name, cls = self.singleton(self.text(made.code.code.qualname)), self.singleton(made)
            namespace = self.container("dict", ("namespace", made.id))
            for key, var in list(made.namespace.items()):
                self.edge(var, self.field(namespace, key))

            def added(key: str | int, var: int) -> None:
                self.bind_in_class(made, str(key), var)

            namespace.watchers.append(added)
            bases = self.new_var()
            rest: tuple[tuple[str | None, int], ...] = (
                (None, name),
                (None, bases),
                (None, self.singleton(namespace)),
            )
            create = call.with_args(((None, self.singleton(metaclass)), *rest), rule="metaclass")
            self.watch(self.class_attribute(metaclass, "__new__"), self._call_new, create, ())
            begin = call.with_args(((None, cls), *rest), rule="metaclass")
            self.watch(self.class_attribute(metaclass, "__init__"), self.on_call, begin)

    def _op_global(self, inst: Instance, base: int, number: int, dst: int, name: str) -> None:
        module = inst.code.module
        if name in module.stores:
            self.edge(self.module_attribute(module, name), base + dst)
        elif name == "__name__":
            self.add(base + dst, self.text(module.name).id)
        elif name == "__class__" and inst.owner is not None:
            self.add(base + dst, inst.owner.id)
        elif name in ("__file__", "__doc__", "__qualname__", "__module__"):
            self.add(base + dst, self.plain("str").id)
        elif name in BUILTIN_NAMES:
            self.add(base + dst, self.builtin(name).id)
        else:
            self.edge(self.module_attribute(module, name), base + dst)

    def _op_gstore(self, inst: Instance, base: int, number: int, name: str, src: int) -> None:
        self.edge(base + src, self.module_attribute(inst.code.module, name))

    def _outer(self, inst: Instance, depth: int) -> Instance:
        for _ in range(depth):
            assert inst.parent is not None
            inst = inst.parent
        return inst

    def _op_free(self, inst: Instance, base: int, number: int, dst: int, depth: int, var: int) -> None:
        self.edge(self._outer(inst, depth).base + var, base + dst)

    def _op_freestore(self, inst: Instance, base: int, number: int, depth: int, var: int, src: int) -> None:
        self.edge(base + src, self._outer(inst, depth).base + var)

    def _op_attr(
        self, inst: Instance, base: int, number: int, dst: int, var: int, name: str, line: int
    ) -> None:
        self.watch(base + var, self.on_load, name, base + dst, self.at(inst, number, line, base + dst))

    def _op_setattr(
        self, inst: Instance, base: int, number: int, var: int, name: str, src: int, line: int
    ) -> None:
        self.watch(base + var, self.on_store, name, base + src, self.at(inst, number, line, self.new_var()))

    def _op_call(
        self, inst: Instance, base: int, number: int, dst: int, func: int, args: Any, line: int, mode: int
    ) -> None:
        absolute = tuple((keyword, base + var) for keyword, var in args)
        site = self.site(inst.code, number, line, True)
        call = Call(inst, site, number, absolute, base + dst, mode)
        if mode == op.MODE_DECORATOR:
            call.rule = "decorator"
            self.decorations.append((base + func, absolute[0][1], base + dst, call))
        self.watch(base + func, self.on_call, call)

    def _op_new(self, inst: Instance, base: int, number: int, dst: int, kind: str, items: Any) -> None:
        made = self.container(kind, (inst.id, number))
        starred = False
        for key, var, key_var in items:
            if key == "*":
                starred = True
                if kind == "tuple":
                    self.watch(base + var, self._splice, made, self.at(inst, number, 0, base + dst))
                else:
                    self.watch(base + var, self.on_iterate, made.rest, self.at(inst, number, 0, base + dst))
            elif key == "**":
                self.watch(base + var, self._copy_dict, made, self.at(inst, number, 0, base + dst))
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
            else:
                self.edge(base + var, made.rest)
        if not starred and kind in ("list", "tuple"):
            made.length = len(items)
        self.add(base + dst, made.id)

    def _splice(self, numbers: list[int], made: Container, call: Call) -> None:
        for number in numbers:
            self.iterate(self.objects[number], made.rest, call)

    def _op_index(
        self, inst: Instance, base: int, number: int, dst: int, var: int, key: Any, key_var: int, line: int
    ) -> None:
        call = self.at(inst, number, line, base + dst)
        if isinstance(key, list) and key_var != -2:
            key = None
        self.watch(base + var, self._index_all, key, base + key_var if key_var >= 0 else key_var, call)

    def _index_all(self, numbers: list[int], key: Any, key_var: int, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, BoundObj) and isinstance(value.func, External):
                value = value.func
            if isinstance(value, Container):
                if key_var == -2:
                    self._slice(value, tuple(key or ()), call)
                else:
                    self.get_item(value, key, key_var, call.dst)
            elif isinstance(value, InstObj):
                args = ((None, key_var if key_var >= 0 else self.new_var()),)
                if not self.call_special(value, "__getitem__", call.with_args(args)):
                    self.outside(value, "__getitem__", call)
            elif isinstance(value, ClassObj):
                if self.defines(value, "__class_getitem__"):
                    args = ((None, key_var if key_var >= 0 else self.new_var()),)
                    self.watch(
                        self.class_attribute(value, "__class_getitem__"),
                        self._class_item,
                        value,
                        call.with_args(args),
                    )
                else:
                    self.add(call.dst, value.id)
            elif isinstance(value, External) and value.dotted == "sys.modules" and key_var >= 0:
                self.watch(key_var, self._module_named, call.dst)
            elif isinstance(value, External):
                if isinstance(key, str):
                    self.edge(self.external_item(value, key), call.dst)
                if not any(
                    model(value, key if key_var != -2 else None, call.dst) for model in self.external_items
                ):
                    self.add(call.dst, self.item_of(value, key if key_var != -2 else None).id)
            elif isinstance(value, Text | TextPattern):
                self.add(call.dst, self.plain("str").id)
            elif isinstance(value, Plain):
                self.add(call.dst, value.id)

    def _class_item(self, numbers: list[int], owner: ClassObj, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            self.call_value(value.inner if isinstance(value, Wrapped) else value, call, (owner,))

    def _module_named(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Text) and value.value in self.modules:
                self.add(dst, self.module_object(self.modules[value.value]).id)

    def item_of(self, value: External, key: str | int | None) -> External:
        """An item of something external."""
        if isinstance(key, str) and "[" not in value.qualname:
            return self.external(value.module, f"{value.qualname}[{key}]")
        return self.result_of(value) if "[" not in value.qualname else value

    def outside(self, value: InstObj, name: str, call: Call) -> None:
        """An operation on an instance whose class leaves it to an external base."""
        base = next((above for above in self.order(value.cls) if isinstance(above, External)), None)
        if base is not None:
            self.add(call.dst, self.external(base.module, f"{base.qualname}().{name}()").id)

    def _slice(self, value: Container, bounds: Any, call: Call) -> None:
        made = self.container(value.kind, ("slice", call.inst.id, call.op))
        self.add(call.dst, made.id)
        if value.length is None or any(bound is not None and not isinstance(bound, int) for bound in bounds):
            self.edge(value.everything, made.rest)
            return
        for position, index in enumerate(range(value.length)[slice(*bounds)]):
            self.edge(self.field(value, index), self.field(made, position))
        self.edge(value.rest, made.rest)

    def _op_replace(
        self, inst: Instance, base: int, number: int, dst: int, var: int, key: str | int, src: int
    ) -> None:
        self.watch(base + var, self._replace_all, key, base + src, base + dst, (inst.id, number))

    def _replace_all(
        self, numbers: list[int], key: str | int, source: int, dst: int, place: tuple[int, int]
    ) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):
                made = self.container(value.kind, ("replaced", *place))
                made.length = value.length
                if isinstance(key, int) and key < 0 and value.length is not None and value.kind != "dict":
                    key += value.length
                self.copy_fields(value, made, key)
                self.edge(source, self.field(made, key))
                self.add(dst, made.id)

    def _op_setindex(
        self, inst: Instance, base: int, number: int, var: int, key: Any, key_var: int, src: int, line: int
    ) -> None:
        call = self.at(inst, number, line, self.new_var())
        if isinstance(key, list):
            key = None
        self.watch(
            base + var, self._set_all, key, base + key_var if key_var >= 0 else key_var, base + src, call
        )

    def _set_all(
        self, numbers: list[int], key: str | int | None, key_var: int, source: int, call: Call
    ) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):
                self.set_item(value, key, key_var, source)
            elif isinstance(value, InstObj):
                args = ((None, key_var if key_var >= 0 else self.new_var()), (None, source))
                self.call_special(value, "__setitem__", call.with_args(args))
            elif isinstance(key, str):
                if isinstance(value, BoundObj):
                    value = value.func
                if isinstance(value, External):
                    self.edge(source, self.external_item(value, key))

    def external_item(self, value: External, key: str) -> int:
        """The variable of what was stored under a constant key in an external mapping (``environ["k"]``)."""
        place = (value.qualname.rpartition(".")[2], key)
        var = self._external_stores.get(place)
        if var is None:
            var = self._external_stores[place] = self.new_var()
        return var

    def _op_iter(
        self, inst: Instance, base: int, number: int, dst: int, var: int, line: int, is_async: bool
    ) -> None:
        self.watch(base + var, self.on_iterate, base + dst, self.at(inst, number, line, base + dst))

    def _op_unpack(self, inst: Instance, base: int, number: int, dst: int, var: int, index: Any) -> None:
        self.watch(
            base + var, self._unpack_all, index, self.at(inst, number, inst.code.code.line, base + dst)
        )

    def _unpack_all(self, numbers: list[int], index: Any, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container) and value.kind in ("list", "tuple"):
                if isinstance(index, int):
                    self.get_item(value, index, -1, call.dst)
                elif value.length is not None:
                    first, last = index
                    for position in range(first, value.length - last):
                        self.edge(self.field(value, position), call.dst)
                else:
                    self.edge(value.everything, call.dst)
            else:
                self.iterate(value, call.dst, call)

    def _op_enter(
        self, inst: Instance, base: int, number: int, dst: int, var: int, line: int, is_async: bool
    ) -> None:
        call = self.at(inst, number, line, base + dst, "context", "context manager")
        names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
        self.watch(base + var, self._enter_all, names, call)

    def _enter_all(self, numbers: list[int], names: tuple[str, str], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                if not self.call_special(value, names[0], call):
                    self.add(call.dst, number)
                args = tuple((None, self.new_var()) for _ in range(3))
                self.call_special(value, names[1], call.with_args(args, self.new_var()))
            elif isinstance(value, Generator):
                self.edge(value.instance.base + op.YIELD_VAR, call.dst)
                self.consume(value, call, "context", "context manager")
            else:
                self.add(call.dst, number)

    def _op_operate(
        self, inst: Instance, base: int, number: int, dst: int, left: int, right: int, name: str, line: int
    ) -> None:
        if name[0] == "_":
            self.watch(
                base + left,
                self._special_all,
                name,
                base + right if right >= 0 else -1,
                (inst, number, line, base + dst),
            )
            return
        self.watch(
            base + left, self._operate_all, name, base + right, False, (inst, number, line, base + dst)
        )
        self.watch(base + right, self._operate_all, name, base + left, True, (inst, number, line, base + dst))

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
                found = self.call_special(value, name, call)
                if not found and name == "__bool__":
                    self.call_special(value, "__len__", call.with_args((), self.new_var()))
                elif not found and name == "__contains__":
                    self.iterate(value, self.new_var(), call)
                elif not found and name == "__ne__":
                    self.call_special(value, "__eq__", call)

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
            elif isinstance(value, Text) and swapped and name in ("add", "iadd"):
                self._append_unknown(value.value, other, dst)
            elif isinstance(value, Plain | TextPattern | Text):
                if isinstance(value, Plain) and name not in ("mod",):
                    self.add(dst, value.id)
            elif isinstance(value, External):
                self.add(dst, self.result_of(value).id)

    def _reflect(
        self, numbers: list[int], value: InstObj, reflected: str, plain: str, call: Call, done: set[int]
    ) -> None:
        for number in numbers:
            left = self.objects[number]
            if isinstance(left, InstObj) and self.defines(left.cls, f"__{plain}__"):
                continue
            if not done:
                done.add(number)
                self.call_special(value, reflected, call.with_args(((None, self.singleton(left)),)))

    def _append_unknown(self, suffix: str, left: int, dst: int) -> None:
        self.unformatted.append((dst, (left, suffix)))

    def _text_operation(self, value: str, name: str, other: int, dst: int) -> None:
        if name == "mod":
            self.watch(other, self._percent, value, dst)
            pieces = value.split("%s")
            if len(pieces) == 2 and "%" not in pieces[0] + pieces[1]:
                self.format_parts(dst, (pieces[0], other, pieces[1]))
            else:
                self.add(dst, self.plain("str").id)
        else:
            self.format_parts(dst, (value, other))

    def _percent(self, numbers: list[int], template: str, dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            pieces = template.split("%s")
            if isinstance(value, Container) and value.kind == "tuple" and value.length == len(pieces) - 1:
                parts: list[str | int] = [pieces[0]]
                for position, piece in enumerate(pieces[1:]):
                    parts += [self.field(value, position), piece]
                self.format_parts(dst, tuple(parts))

    def format_text(self, template: str, call: Call) -> None:
        """``template.format(...)`` with plain ``{}`` places."""
        pieces = template.split("{}")
        args = [var for keyword, var in call.args if keyword is None]
        if len(pieces) == len(args) + 1 and not any("{" in piece for piece in pieces):
            parts: list[str | int] = [pieces[0]]
            for var, piece in zip(args, pieces[1:], strict=True):
                parts += [var, piece]
            self.format_parts(call.dst, tuple(parts))
        else:
            self.add(call.dst, self.plain("str").id)

    def _op_format(self, inst: Instance, base: int, number: int, dst: int, parts: Any) -> None:
        absolute = tuple(part if isinstance(part, str) else base + part for part in parts)
        self.format_parts(base + dst, absolute)
        for part in absolute:
            if isinstance(part, int):
                call = self.at(inst, number, inst.code.code.line, self.new_var())
                self.watch(part, self._convert, "__str__", call)

    def format_parts(self, dst: int, parts: tuple[str | int, ...]) -> None:
        """``dst`` receives the strings that ``parts`` (texts and variables) make."""
        self.unformatted.append((dst, parts))
        for part in parts:
            if isinstance(part, int):
                self.watch(part, self._combine, dst, parts)
        if not any(isinstance(part, int) for part in parts):
            self._combine([], dst, parts)

    def _combine(self, numbers: list[int], dst: int, parts: tuple[str | int, ...]) -> None:
        choices: list[list[str]] = []
        for part in parts:
            if isinstance(part, str):
                choices.append([part])
            else:
                choices.append([value.value for value in self.held(part) if isinstance(value, Text)])
        total = 1
        for choice in choices:
            total *= len(choice)
        if 0 < total <= _MAX_TEXTS:
            for combination in product(*choices):
                self.add(dst, self.text("".join(combination)).id)

    def _op_import(
        self, inst: Instance, base: int, number: int, dst: int, module: str, level: int, name: str
    ) -> None:
        dotted = absolute_module(inst.code.module, module, level)
        self.import_to(base + dst, dotted, name)

    def import_to(self, dst: int, dotted: str, name: str) -> None:
        """``dst`` receives module ``dotted``, or its ``name``."""
        found = self.modules.get(dotted)
        if found is None:
            self.add(dst, self.external(dotted, name).id)
        elif name:
            self.edge(self.module_attribute(found, name), dst)
            if name not in found.stores and "__getattr__" in found.stores:
                self._load_module(self.module_object(found), name, dst, self.at(self.no_instance, 0, 0, dst))
        else:
            self.add(dst, self.module_object(found).id)

    def _op_importstar(self, inst: Instance, base: int, number: int, module: str, level: int) -> None:
        """Names were taken over before the propagation began."""

    def _op_await(self, inst: Instance, base: int, number: int, dst: int, src: int, line: int) -> None:
        self.watch(base + src, self._await_all, self.at(inst, number, line, base + dst))

    def _await_all(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if not self.call_special(value, "__await__", call):
                self.add(call.dst, number)

    def _op_yieldfrom(self, inst: Instance, base: int, number: int, dst: int, src: int, line: int) -> None:
        self.watch(base + src, self._delegate, inst, self.at(inst, number, line, base + dst))

    def _delegate(self, numbers: list[int], inst: Instance, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            self.iterate(value, inst.base + op.YIELD_VAR, call)
            if isinstance(value, Generator):
                self.edge(value.instance.base + op.RETURN_VAR, call.dst)
                self.edge(inst.base + op.SENT_VAR, value.instance.base + op.SENT_VAR)

    def _op_annotate(self, inst: Instance, base: int, number: int, var: Any, annotation: int) -> None:
        if isinstance(var, int):
            self.annotated.append((base + var, base + annotation))
        else:
            self.annotations.setdefault((inst.id, var[0]), []).append((var[1], base + annotation))

    def _op_raise(self, inst: Instance, base: int, number: int, src: int, line: int) -> None:
        self.watch(base + src, self._raise_all, self.at(inst, number, line, self.new_var()))

    def _raise_all(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, ClassObj):
                self.call_value(value, call)

    def _op_caught(self, inst: Instance, base: int, number: int, dst: int, src: int) -> None:
        self.watch(base + src, self._caught_all, base + dst)

    def _caught_all(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, ClassObj):
                self.add(dst, self.instance_of(value).id)
            elif isinstance(value, Container):
                self.watch(value.everything, self._caught_all, dst)
            elif isinstance(value, External):
                self.add(dst, self.result_of(value).id)

    def _op_delete(self, inst: Instance, base: int, number: int, var: int, name: str, line: int) -> None:
        self.watch(base + var, self._delete_all, name, self.at(inst, number, line, self.new_var()))

    def _delete_all(self, numbers: list[int], name: str, call: Call) -> None:
        from tracer.reading.flow.objects import PropertyObj

        for number in numbers:
            value = self.objects[number]
            if not isinstance(value, InstObj):
                continue
            if not name:
                self.call_special(value, "__delitem__", call.with_args(((None, self.new_var()),)))
                continue
            for found in self.held(self.class_attribute(value.cls, name)):
                if isinstance(found, PropertyObj):
                    args = ((None, self.singleton(value)),)
                    self.watch(found.deleter, self.on_call, call.with_args(args, kind="property"))
            self.call_special(
                value, "__delattr__", call.with_args(((None, self.singleton(self.text(name))),))
            )

    def make_class(self, call: Call) -> None:
        """``type(name, bases, namespace)``."""
        name_var, bases_var, namespace_var = call.positional(0), call.positional(1), call.positional(2)
        if name_var is None or bases_var is None or namespace_var is None:
            return
        made = self.intern(("made", call.inst.id, call.op), lambda: self._fresh_class(call))
        self.watch(bases_var, self._made_bases, made)
        self.watch(namespace_var, self._made_namespace, made)
        self.add(call.dst, made.id)

    def _fresh_class(self, call: Call) -> ClassObj:
        made = ClassObj(call.inst.code, call.inst)
        self.classes.append(made)
        return made

    def _made_bases(self, numbers: list[int], made: ClassObj) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):
                for _ in range(value.length or 1):
                    made.bases.append([])
                if value.length is None:
                    self.watch(value.everything, self._base_found, made, 0)
                for position in range(value.length or 0):
                    self.watch(self.field(value, position), self._base_found, made, position)

    def _made_namespace(self, numbers: list[int], made: ClassObj) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, Container):

                def item(key: str | int, var: int) -> None:
                    self.bind_in_class(made, str(key), var)

                value.watchers.append(item)
                for key, var in list(value.fields.items()):
                    item(key, var)


def absolute_module(module: Module, name: str, level: int) -> str:
    """The dotted name of a (relative) import's module."""
    if level == 0:
        return name
    parts = module.name.split(".")
    if not module.is_package:
        parts.pop()
    parts = parts[: len(parts) - (level - 1)]
    return ".".join([*parts, name] if name else parts)
