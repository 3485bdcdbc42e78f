"""The facts of a scope, entered into the work list: names, definitions, imports, calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tracer.reading.flow.builtin_functions import BUILTIN_NAMES
from tracer.reading.flow.objects import (
    BoundObj,
    Builtin,
    Call,
    ClassObj,
    Container,
    External,
    FuncObj,
    InstObj,
)
from tracer.reading.flow.scopes import CodeRef, Instance, absolute_module
from tracer.reading.flow.sifting import Sifting
from tracer.reading.flow.single_run import SingleRun
from tracer.reading.lowering import facts as op


class Operations(Sifting):
    """Enters scopes; one method per kind of fact."""

    def __init__(self) -> None:
        super().__init__()
        self.annotated: list[tuple[int, int]] = []
        self.annotations: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self.decorations: list[tuple[int, int, int, Call]] = []
        self.class_made: list[Callable[[ClassObj], None]] = []
        self._made_by: set[tuple[int, int]] = set()
        self._caught_in: set[tuple[int, int]] = set()
        self.single_run = SingleRun(self.modules)
        self._handlers: list[Callable[..., None]] = [self._nothing] * len(op.NAMES)
        for name in op.NAMES:
            self._handlers[getattr(op, name)] = getattr(self, f"_op_{name.lower()}")

    def variable(self, instance: Instance, var: int) -> int:
        """The variable that the variable ``var`` of a scope is in ``instance``."""
        return instance.base + var

    def _nothing(self, *_: Any) -> None:
        raise AssertionError("unknown operation")

    def start(self, instance: Instance) -> None:
        """Enter the facts of ``instance``'s scope."""
        handlers = self._handlers
        base = instance.base
        owner = instance.parent
        if instance.code.code.owner >= 0 and owner is not None:
            instance.owner = owner.owner
        for number, fact in enumerate(instance.code.code.ops):
            handlers[fact[0]](instance, base, number, fact)

    def enter_fact(self, instance: Instance, base: int, number: int, fact: Sequence[Any]) -> None:
        """Enter one fact of ``instance``'s scope; see `start`.

        Args:
            instance: whose fact it is.
            base: the number that its variables count from.
            number: the fact's place among those of the scope.
            fact: the fact.
        """
        self._handlers[fact[0]](instance, base, number, fact)

    def _op_copy(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src = fact
        self.edge(base + src, base + dst)

    def _op_str(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, value = fact
        self.add(base + dst, (self.text(value) if type(value) is str else self.number(value)).id)

    def _op_literal(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, type_name = fact
        self.add(base + dst, self.plain(type_name).id)

    def _op_func(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, index, defaults = fact
        code = inst.code.module.codes[index]
        absolute = tuple((name, base + var) for name, var in defaults)
        made = self.intern(("function", code.gid, inst.id), lambda: FuncObj(code, inst, absolute))
        self.functions.append(made)
        self.add(base + dst, made.id)
        if self.bodies_wanted and not code.code.contextual:
            self.instance_for(made, None)

    def _op_class(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, index, bases, keywords = fact
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
            self.watch(body.base + var, self.name_set, made, name)
        for position, var in enumerate(bases):
            made.bases.append([])
            self.watch(base + var, self._base_found, made, position)
        call = self.at(inst, number, code.code.line, self.nowhere)
        self._meet_metaclasses(made, call)
        self.ask_again(made, "metaclasses", self._meet_metaclasses, made, call)
        self.add(base + dst, made.id)
        for action in self.class_made:
            action(made)

    def name_set(self, numbers: list[int], made: ClassObj, name: str) -> None:
        """Values arrived that the body of a class binds to a name; they may want to be told of it."""
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj) and self.defines(value.cls, "__set_name__"):
                args = ((None, self.singleton(made)), (None, self.singleton(self.text(name))))
                call = Call(made.made_in, made.made_at, -3, args, self.nowhere, 0, "call", "descriptor")
                self.call_special(value, "__set_name__", call)

    def _base_found(self, numbers: list[int], made: ClassObj, position: int) -> None:
        for number in numbers:
            base = self.objects[number]
            if not (isinstance(base, Builtin) and base.name == "object"):
                self.add_base(made, position, self.as_base(base))

    def _meet_metaclasses(self, made: ClassObj, call: Call) -> None:
        """The metaclass of ``made`` or of the first class above it that names one makes it."""
        for above in self.order(made):
            if isinstance(above, ClassObj) and "metaclass" in above.keywords:
                self.watch(above.keywords["metaclass"], self._metaclass_found, made, call)
                break

    def _metaclass_found(self, numbers: list[int], made: ClassObj, call: Call) -> None:
        for number in numbers:
            metaclass = self.objects[number]
            if not isinstance(metaclass, ClassObj) or (made.id, number) in self._made_by:
                continue
            self._made_by.add((made.id, number))
            name, cls = self.singleton(self.text(made.code.code.qualname)), self.singleton(made)
            namespace = self.namespace_of(made)
            bases = self.new_var()
            rest: tuple[tuple[str | None, int], ...] = (
                (None, name),
                (None, bases),
                (None, self.singleton(namespace)),
            )
            prepare = call.with_args(rest[:2], self.new_var(), rule="metaclass")
            self.watch(self.class_attribute(metaclass, "__prepare__"), self._call_each, prepare, (metaclass,))
            create = call.with_args(((None, self.singleton(metaclass)), *rest), rule="metaclass")
            self.watch(self.class_attribute(metaclass, "__new__"), self._call_new, create, ())
            begin = call.with_args(((None, cls), *rest), rule="metaclass")
            self.watch(self.class_attribute(metaclass, "__init__"), self.on_call, begin)

    def _op_global(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, name = fact
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

    def _op_gstore(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, name, src = fact
        self.edge(base + src, self.module_attribute(inst.code.module, name))

    def _outer(self, inst: Instance, depth: int) -> Instance:
        for _ in range(depth):
            assert inst.parent is not None
            inst = inst.parent
        return inst

    def _op_free(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, depth, var = fact
        self.edge(self.variable(self._outer(inst, depth), var), base + dst)

    def _op_freestore(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, depth, var, src = fact
        self.edge(base + src, self.variable(self._outer(inst, depth), var))

    def _op_attr(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, var, name, line = fact
        call = self.at(inst, number, line, base + dst)
        if inst.code.code.kind != "module" or (
            (only := self.single_run.known(inst.code.module, number)) is None
        ):
            self.watch(base + var, self.on_load, name, base + dst, call)
        else:
            found = self.new_var()
            self.watch(base + var, self.on_load, name, found, call)
            self.watch(found, self._keep_only, only, base + dst)

    def _keep_only(self, numbers: list[int], only: CodeRef, dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            func = value.func if isinstance(value, BoundObj) else value
            if getattr(func, "code", None) is only:
                self.add(dst, number)

    def _op_setattr(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, var, name, src, line = fact
        self.watch(base + var, self.on_store, name, base + src, self.at(inst, number, line, self.nowhere))

    def _op_call(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, func, args, line, mode = fact
        code = inst.code
        site = code.sites.get(number) or self.site(code, number, line, True)
        absolute = [(keyword, base + var) for keyword, var in args]
        for place, (keyword, var) in enumerate(absolute):
            if keyword == "*" or keyword == "**":
                absolute[place] = keyword, self._spread(keyword, var, inst, number, line)
        call = Call(inst, site, number, tuple(absolute), base + dst, mode)
        if mode == op.MODE_DECORATOR:
            call.rule = "decorator"
            self.decorations.append((base + func, absolute[0][1], base + dst, call))
        self.watch(base + func, self.on_call, call)

    def _spread(self, stars: str, var: int, inst: Instance, number: int, line: int) -> int:
        """The variable of a starred argument, with what an instance gives when it is unpacked."""
        given = self.new_var()
        self.edge(var, given)
        self.watch(var, self._spread_all, stars, given, self.at(inst, number, line, given))
        return given

    def _spread_all(self, numbers: list[int], stars: str, given: int, call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, InstObj):
                kind = "list" if stars == "*" else "dict"
                made = self.container(kind, ("spread", call.inst.id, call.op, value.id))
                if stars == "*":
                    self.iterate(value, made.rest, call)
                else:
                    self.copy_mapping(value, made, call)
                self.add(given, made.id)

    def _op_import(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, module, level, name = fact
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

    def _op_importstar(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        """Names were taken over before the propagation began."""

    def _op_annotate(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, var, annotation = fact
        if isinstance(var, int):
            self.annotated.append((base + var, base + annotation))
        else:
            self.annotations.setdefault((inst.id, var[0]), []).append((var[1], base + annotation))

    def _op_raise(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, src, line = fact
        self.watch(base + src, self._raise_all, self.at(inst, number, line, self.nowhere))

    def _raise_all(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, ClassObj):
                self.call_value(value, call)

    def _op_caught(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, src = fact
        self.watch(base + src, self._caught_all, base + dst)

    def _caught_all(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if isinstance(value, ClassObj):
                self.add(dst, self.instance_of(value).id)
            elif isinstance(value, Container):
                if (number, dst) not in self._caught_in:  # a tuple may be made of itself and more
                    self._caught_in.add((number, dst))
                    self.watch(value.everything, self._caught_all, dst)
            elif isinstance(value, External):
                self.add(dst, self.result_of(value).id)

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
