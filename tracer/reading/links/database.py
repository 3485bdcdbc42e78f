"""SQLAlchemy: queries give instances of mapped classes, and relationships lead from one to others.

From the documentation of SQLAlchemy 2.0 and the source of oslo.db, whose base class makes rows like mappings.
Columns are not followed: they hold nothing that is called.
"""

from __future__ import annotations

from tracer.reading.flow.core import Groups
from tracer.reading.flow.objects import Call, ClassObj, External, Framework, InstObj, Obj, Text
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_ROW = "oslo_db.sqlalchemy.models.ModelBase"
_SELECTS = ("sqlalchemy.select", "sqlalchemy.sql.select", "sqlalchemy.sql.expression.select")
_BASES = ("sqlalchemy.orm.declarative_base", "sqlalchemy.ext.declarative.declarative_base")
_ONE = ("first", "one", "one_or_none", "get", "scalar", "scalar_one", "scalar_one_or_none", "fetchone")
_MANY = ("all", "fetchall", "fetchmany", "partitions", "yield_per")
_COUNTS = ("count", "delete", "update")
_OTHER_ROWS = ("with_entities", "with_only_columns", "add_columns", "values", "subquery", "cte", "column")
_MOST_ASKED = 3
_ROWS, _QUERY, _TARGET = "#rows", "#query", "#target"
"""Under these names values of this rule keep what they know; no attribute is called so."""


class Database(RuleBase):
    """Queries, relationships, and rows that are read like mappings."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[tuple[int, str, int]] = set()
        self._entities: list[tuple[int, int, Framework, Call]] = []
        self._asked = Groups()

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.method_models["query"] = self._query
        engine.method_models |= dict.fromkeys(("execute", "scalars"), self._run)
        engine.models["oslo_db.sqlalchemy.utils.model_query"] = self._model_query
        engine.models |= dict.fromkeys(_SELECTS, self._select)
        engine.models |= dict.fromkeys(_BASES, self._base)
        engine.models |= dict.fromkeys(
            ("sqlalchemy.orm.relationship", "sqlalchemy.orm.relation"), self._relationship
        )
        engine.models["sqlalchemy.ext.hybrid.hybrid_property"] = self._hybrid
        engine.iteration_models.append(self._columns)
        engine.instance_items.append(self._column)

    # Queries

    def _query(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        return self._select(call, bound)

    def _select(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        return self._ask(call, [var for keyword, var in call.args if keyword is None])

    def _model_query(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        model = call.argument(0, "model")
        return self._ask(call, [] if model is None else [model])

    def _ask(self, call: Call, asked: list[int]) -> bool:
        """A query of what was read beside whatever else it is: what is asked for may be columns."""
        engine = self.engine
        if asked:
            made = self.make("query", call, {_ROWS: None, _QUERY: None})
            engine.add(made.slots[_QUERY], made.id)
            row = engine.container("tuple", ("row", call.inst.id, call.op)) if len(asked) > 1 else None
            for place, var in enumerate(asked):
                dst = made.slots[_ROWS] if row is None else engine.field(row, place)
                self._entities.append((var, dst, made, call))
            if row is not None:
                engine.add(made.slots[_ROWS], row.id)
        return False

    def _give_rows(self) -> None:
        """Rows of what is asked for; of a helper that asks for anything, nothing is said."""
        engine = self.engine
        for number in engine.grown(self._asked, self._entities, lambda item: (item[0],)):
            var, dst, made, call = self._entities[number]
            found = [value for value in engine.held(var) if isinstance(value, ClassObj)]
            found = [cls for cls in found if _is_mapped(engine, cls)]
            for cls in found if len(found) <= _MOST_ASKED else ():
                engine.add(dst, engine.instance_of(cls).id)
                engine.add(call.dst, made.id)

    def _run(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``session.execute(query)``: what comes is asked for rows as the query itself could be."""
        asked = call.positional(0)
        if asked is not None:
            self.engine.watch(asked, self._same_query, call.dst)
        return False

    def _same_query(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Framework) and value.rule is self and value.kind == "query":
                self.engine.add(dst, number)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """A method of a query: most give a query of the same rows."""
        engine = self.engine
        if _ROWS not in value.slots:
            return
        self.leads_out(call, f"sqlalchemy.orm:Query.{name}")
        if name in _ONE:
            engine.edge(value.slots[_ROWS], call.dst)
        elif name in _MANY:
            made = engine.container("list", ("rows", value.slots[_ROWS]))
            engine.edge(value.slots[_ROWS], made.rest)
            engine.add(call.dst, made.id)
        elif name in _COUNTS:
            engine.add(call.dst, engine.plain("int").id)
        elif name in _OTHER_ROWS:
            engine.add(call.dst, engine.external("sqlalchemy.orm", "Query()").id)
        else:
            engine.edge(value.slots[_QUERY], call.dst)

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """A query is iterated over."""
        if _ROWS in value.slots:
            engine.edge(value.slots[_ROWS], dst)

    # Mapped classes

    def _base(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``declarative_base(cls=Base)`` gives a class below ``Base``."""
        given = call.keyword("cls")
        if given is not None:
            self.engine.edge(given, call.dst)
            self.leads_out(call, _BASES[0])
        return given is not None

    def _hybrid(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.engine.builtin_calls["property"](call, bound)
        self.leads_out(call, "sqlalchemy.ext.hybrid.hybrid_property")
        return True

    def _relationship(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "sqlalchemy.orm.relationship")
        made = self.make("relationship", call, {_TARGET: call.argument(0, "argument")})
        self.engine.add(call.dst, made.id)
        return True

    def settle(self, engine: Propagation) -> None:
        """Give queries and relationships their values: which of these hold one row, and which a list, is not
        known."""
        self._give_rows()
        for cls in list(engine.classes):
            if not _is_mapped(engine, cls):
                continue
            for name in list(cls.entries):
                for value in engine.held(engine.class_attribute(cls, name)):
                    place = (cls.id, name, value.id)
                    if isinstance(value, Framework) and _TARGET in value.slots and place not in self._told:
                        self._told.add(place)
                        engine.watch(value.slots[_TARGET], self._related, cls, name)

    def _related(self, numbers: list[int], cls: ClassObj, name: str) -> None:
        engine, entry = self.engine, cls.entries[name]
        for number in numbers:
            value = engine.objects[number]
            targets = [value] if isinstance(value, ClassObj) else []
            if isinstance(value, Text):
                targets = self._named(cls, value.value)
            for target in targets:
                many = engine.container("list", ("related", cls.id, name))
                engine.add(many.rest, engine.instance_of(target).id)
                engine.add(entry.var, many.id)
                engine.add(entry.var, engine.instance_of(target).id)

    def _named(self, cls: ClassObj, name: str) -> list[ClassObj]:
        """The mapped classes of a name: those beside ``cls``, if there are any."""
        found = [
            other
            for other in self.engine.classes
            if other.code.code.qualname == name.rpartition(".")[2] and _is_mapped(self.engine, other)
        ]
        beside = [other for other in found if other.code.module is cls.code.module]
        return beside or found

    # Rows that are read like mappings

    def _column(self, value: InstObj, key: str | int | None, key_var: int, call: Call) -> bool:
        """``row["name"]`` is ``row.name``; under a name that is not known stands what is not followed."""
        engine = self.engine
        if not _is_row(engine, value.cls):
            return False
        if isinstance(key, str):
            engine.load(value, key, call.dst, call)
        elif key_var >= 0:
            read = call.with_args((), engine.nowhere)
            engine.watch(key_var, engine.load_named, engine.singleton(value), read)
        return True

    def _columns(self, value: InstObj, dst: int, call: Call) -> bool:
        """A row gives pairs of names and values, also of those that ``_extra_keys`` names."""
        engine = self.engine
        if not _is_row(engine, value.cls):
            return False
        pair = engine.container("tuple", ("column", value.id))
        names, name = engine.new_var(), engine.field(pair, 0)
        engine.load(value, "_extra_keys", names, call)
        engine.watch(names, engine.on_iterate, name, call)
        read = call.with_args((), engine.nowhere)
        engine.watch(name, engine.load_named, engine.singleton(value), read)
        engine.add(dst, pair.id)
        return True


def _is_mapped(engine: Propagation, cls: ClassObj) -> bool:
    return any(engine.defines(cls, name) for name in ("__tablename__", "__table__"))


def _is_row(engine: Propagation, cls: ClassObj) -> bool:
    return any(isinstance(above, External) and above.dotted == _ROW for above in engine.order(cls))
