"""Classes whose constructor or members are generated: data classes, named tuples, enumerations."""

from __future__ import annotations

from tracer.reading.flow.objects import (
    Call,
    ClassObj,
    External,
    Framework,
    FuncObj,
    InstObj,
    Obj,
    PropertyObj,
    Wrapped,
)
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_DECORATORS = ("dataclasses.dataclass", "attr.s", "attr.attrs", "attr.define", "attrs.define", "attrs.frozen")
_FIELDS = ("dataclasses.field", "attr.ib", "attr.attrib", "attrs.field")
_RECORD_BASES = frozenset(("typing.NamedTuple",))


class Records(RuleBase):
    """Fields receive constructor arguments by annotation order; members of enumerations are instances."""

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[int, ClassObj] = {}

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.models |= dict.fromkeys(_DECORATORS, self._dataclass)
        engine.models |= dict.fromkeys(_FIELDS, self._field)
        engine.models |= {"dataclasses.replace": self._replace, "enum.member": self._member}
        engine.instance_models.append(self._construct)

    def _dataclass(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "dataclasses.dataclass")
        self.decorate("dataclass", call, self._mark)
        return True

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """The decorator that ``dataclass(...)`` returned."""
        if value.kind == "dataclass" and call.args:
            self._mark(call.args[0][1], call)

    def _mark(self, target: int, call: Call) -> None:
        self.engine.edge(target, call.dst)
        self.engine.watch(target, self._mark_all)

    def _mark_all(self, numbers: list[int]) -> None:
        for number in numbers:
            cls = self.engine.objects[number]
            if isinstance(cls, ClassObj):
                self._records[cls.id] = cls

    def _field(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "dataclasses.field")
        factory = call.keyword("default_factory")
        made = self.make("field", call, {"factory": factory or call.keyword("factory")})
        self.engine.add(call.dst, made.id)
        default = call.keyword("default")
        if default is not None:
            self.engine.edge(default, call.dst)
        return True

    def _replace(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``replace(record, **changes)``: another record, made anew."""
        self.leads_out(call, "dataclasses.replace")
        if call.args:
            self.engine.watch(call.args[0][1], self._made_anew, call)
        return True

    def _made_anew(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, InstObj):
                self.engine.instantiate(value.cls, call.with_args(call.args[1:]))

    def _member(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "enum.member")
        if call.args:
            self.engine.edge(call.args[0][1], call.dst)
        return True

    def _is_record(self, cls: ClassObj) -> bool:
        return any(
            above.id in self._records if isinstance(above, ClassObj) else above.dotted in _RECORD_BASES
            for above in self.engine.order(cls)
        )

    def _construct(self, cls: ClassObj, made: InstObj, call: Call) -> None:
        engine = self.engine
        if not self._is_record(cls) or engine.defines(cls, "__init__"):
            return
        names: dict[str, ClassObj] = {}
        for above in reversed(engine.order(cls)):
            if isinstance(above, ClassObj):
                names |= dict.fromkeys(above.code.code.annotated, above)
        positions = list(names)
        at = 0
        given = set()
        for keyword, var in call.args:
            name = keyword if keyword is not None else positions[at] if at < len(positions) else None
            at += keyword is None
            if name in names:
                given.add(name)
                engine.edge(var, engine.own_field(cls, name))
        for name, above in names.items():
            if name not in given and name in above.namespace:
                engine.watch(above.namespace[name], self._default, engine.own_field(cls, name), call)
        fields = tuple((name, engine.own_field(cls, name)) for name in names)
        engine.call_special(made, "__post_init__", call.with_args(fields, engine.new_var()))

    def _default(self, numbers: list[int], field: int, call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Framework) and value.kind == "field":
                self.engine.call_back(value.slots["factory"], (), field, call)

    # Enumerations

    def settle(self, engine: Propagation) -> None:
        """Give enumerations their members."""
        for cls in list(engine.classes):
            if self._is_enumeration(cls) and engine.once("enumeration", cls.id):
                for name in list(cls.namespace):
                    if not name.startswith("_"):
                        engine.watch(cls.namespace[name], self._members, cls, cls.namespace[name])

    def _is_enumeration(self, cls: ClassObj) -> bool:
        return any(isinstance(above, External) and above.module == "enum" for above in self.engine.order(cls))

    def _members(self, numbers: list[int], cls: ClassObj, dst: int) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, (FuncObj, Wrapped, PropertyObj, InstObj)):
                continue
            engine.add(dst, engine.instance_of(cls).id)
            engine.add(engine.own_field(cls, "value"), number)
            engine.add(engine.own_field(cls, "_value_"), number)
