"""A finished propagation as bytes, of which any part can be had without the rest.

Objects, scopes and places refer to each other in circles, so each is pickled by itself, with numbers in place
of the others; see `tracer.reading.resuming.state` for how they come back.
"""

from __future__ import annotations

import io
import pickle
from array import array
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from tracer.reading.assemble import Assembly
from tracer.reading.flow import core, objects
from tracer.reading.flow.objects import Call, Container, Entry, External, Obj, Text, TextPattern, TextSet
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef, Instance, Module, Site, absolute_module
from tracer.reading.lowering.facts import ATTR, DELETE, IMPORTSTAR, NARROW, SETATTR

KINDS: tuple[type, ...] = (
    *sorted(
        (kind for kind in vars(objects).values() if isinstance(kind, type) and issubclass(kind, Obj)),
        key=lambda kind: kind.__name__,
    ),
    Entry,
    Call,
    CodeRef,
    Instance,
    Module,
    Site,
)
"""What is kept one by one, in the order of the numbers of kinds."""
ENGINE = -1
LOST = -2
"""Stands for what cannot be kept: functions and what else only the program itself can make."""
FIRST_RULE = -3
"""Stands for the first rule; the numbers of the others go down from there."""
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_PICKLES = 500
"""So many are written by one pickler: clearing the memory of one that once wrote much takes long."""
_PLAIN = frozenset((int, str, bytes, bool, float, type(None), tuple, list, dict, set, frozenset))
_LEAST_PATTERN = 2
"""Strings of which less is known are asked for nowhere."""
_NAMED_AT = {ATTR: 3, SETATTR: 2, DELETE: 2, NARROW: 4}
_SETUP = frozenset(("objects", "rules", "codes", "data", "single_run"))
"""Attributes of the engine that are made anew."""
_FRESH = frozenset(
    (
        "_asked",
        "_asked_for_class",
        "_being_made",
        "_by_dotted",
        "_class_groups",
        "_converted",
        "_deciding",
        "_decorating",
        "_done",
        "_formatted",
        "_key_groups",
        "_keyed",
        "_keys",
        "_narrowed",
        "_sifted",
        "_sifting",
        "_stored",
        "_unborn",
        "annotated",
        "computed_stores",
        "converted",
        "decorations",
        "functions",
        "generators_made",
        "missing",
        "unformatted",
        "unknown_keys",
        "unknown_names",
        "unknown_stores",
    )
)
"""What waits to be decided when nothing flows, and what of that was, by the numbers it waits under: there is
none left to wait."""


class Header(msgspec.Struct, array_like=True):
    """What stands before all else: which pickles are attributes, the number of the ``first`` that is not, how
    much there is of everything, and how long the sections are that follow."""

    attributes: dict[str, int]
    first: int
    objects: int
    codes: int
    variables: int
    opaque: int
    sections: dict[str, int]


def slots_of(kind: type) -> tuple[str, ...]:
    """The names of what instances of a kind hold, from the topmost class down."""
    if issubclass(kind, msgspec.Struct):
        return kind.__struct_fields__
    return tuple(
        name
        for cls in reversed(kind.__mro__)
        for name in sorted(vars(cls).get("__slots__", ()))
        if name != "id" or kind is Instance
    )


class _Pickler(pickle.Pickler):
    def __init__(self, written: _Written) -> None:
        super().__init__(written.stream, 5)
        self._written = written

    def persistent_id(self, value: Any) -> int | None:
        kind = type(value)
        return None if kind in _PLAIN else self._written.stand_in(value, kind)


class _Written:
    """What was written: one pickle after the other, and where each begins."""

    def __init__(self, engine: Propagation) -> None:
        self.stream = io.BytesIO()
        self.starts = array("Q")
        self.entities: list[Any] = [*engine.objects, *engine.codes]
        self._numbers = {id(value): number for number, value in enumerate(self.entities)}
        self._others = {id(engine): ENGINE} | {
            id(rule): FIRST_RULE - number for number, rule in enumerate(engine.rules)
        }
        self._pickler = _Pickler(self)

    def put(self, value: Any) -> int:
        """Write a value; the number by which it is found."""
        number = len(self.starts)
        if number % _PICKLES == 0:
            self._pickler = _Pickler(self)
        self.starts.append(self.stream.tell())
        self._pickler.dump(value)
        self._pickler.clear_memo()
        return number

    def put_table(self, value: Any) -> int:
        """The same, more quickly, for what holds nothing but numbers and strings."""
        number = len(self.starts)
        self.starts.append(self.stream.tell())
        pickle.dump(value, self.stream, 5)
        return number

    def stand_in(self, value: Any, kind: type) -> int:
        """The number that stands for a value of a kind that is not written as it is."""
        if kind not in _NUMBERS:
            return self._others.get(id(value), LOST)
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.entities)
            self.entities.append(value)
        return number


def _of_site(value: Site) -> tuple[Any, ...]:
    op = next((op for op, site in value.code.sites.items() if site is value), None)
    return value.code, op, value.line, value.is_call


def _of_code(value: CodeRef) -> tuple[Any, ...]:
    made = value.code
    alone = value.module.facts is None
    return (
        value.module,
        value.gid,
        value.index,
        value.instances,
        alone and (made.qualname, made.kind, made.line, made.parent, made.owner),
    )


def _of_container(value: Container) -> tuple[Any, ...]:
    *known, watchers = _CONTAINER(value)
    return *known, len(watchers)


def _slots(kind: type) -> Callable[[Any], Any]:
    names = slots_of(kind)
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


_CONTAINER = attrgetter(*slots_of(Container))
_STATES: dict[type, Callable[[Any], Any]] = {kind: _slots(kind) for kind in KINDS} | {
    External: attrgetter("module", "qualname"),
    Container: _of_container,
    Site: _of_site,
    CodeRef: _of_code,
    Module: attrgetter("name", "file", "is_package", "namespace", "stores"),
}
"""What is written of each kind."""


def save(engine: Propagation, assembly: Assembly) -> list[bytes | memoryview]:
    """A finished propagation, before it is let go: its bytes, part after part.

    Args:
        engine: the propagation.
        assembly: what its graph was made by.
    """
    extras = {
        "star sources": _star_sources(engine),
        "patterns": [
            (value.prefix, value.suffix)
            for value in engine.objects
            if isinstance(value, TextPattern) and len(value.prefix) + len(value.suffix) >= _LEAST_PATTERN
        ],
        "names": _names(engine),
        "run at import": engine.single_run.visited(),
        "by name": assembly.by_name,
        "guessed": assembly.guessed,
        "originals": assembly.originals,
        "taken": set(assembly.taken),
        "scopes": {
            name: (module.codes[0].gid, len(module.codes))
            for name, module in engine.modules.items()
            if module.codes
        },
    }
    written = _Written(engine)
    attributes: dict[str, int] = {}
    for name, value in vars(engine).items():
        if name in core.TABLES:
            attributes[name] = written.put_table({key: made.id for key, made in value.items()})
        elif name not in _SETUP and name not in _FRESH and not _is_setup(value):
            attributes[name] = written.put(value)
    for number, rule in enumerate(engine.rules):
        for name, value in vars(rule).items():
            if type(value) in _PLAIN:
                attributes[f"{number}.{name}"] = written.put(value)
    for name, value in extras.items():
        attributes[name] = written.put_table(value)
    first = len(written.starts)
    kinds = array("B")
    for value in written.entities:  # which grow as they are written
        kind = type(value)
        kinds.append(_NUMBERS[kind])
        written.put(_STATES[kind](value))
    written.starts.append(written.stream.tell())
    site_starts, sites = _sites(engine)
    value_starts, values = engine.dump()
    sections: dict[str, bytes | memoryview] = {
        "value starts": value_starts,
        "values": values,
        "starts": written.starts.tobytes(),
        "site starts": site_starts.tobytes(),
        "kinds": kinds.tobytes(),
        "sites": sites,
        "state": written.stream.getbuffer(),
    }
    header = Header(
        attributes,
        first,
        len(engine.objects),
        len(engine.codes),
        engine.variables,
        engine.opaque,
        {name: len(content) for name, content in sections.items()},
    )
    encoded = msgspec.msgpack.encode(header)
    return [len(encoded).to_bytes(8, "little"), encoded, *sections.values()]


def _is_setup(value: Any) -> bool:
    """Whether this is what an engine has before anything is read: handlers of one kind or another."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
        if isinstance(value, tuple):
            value = value[-1]
    return callable(value) and not isinstance(value, Obj)


def _sites(engine: Propagation) -> tuple[array[int], bytes]:
    starts = array("Q", [0])
    written = bytearray()
    for code in engine.codes:
        written += pickle.dumps(
            {op: _found_at(site) for op, site in code.sites.items() if site.leads_on or site.constructs}, 5
        )
        starts.append(len(written))
    return starts, bytes(written)


def _found_at(site: Site) -> tuple[Any, ...]:
    return (
        site.line,
        site.is_call,
        dict(site.callees),
        dict(site.outside),
        dict(site.constructs),
        dict(site.closures),
    )


def _names(engine: Propagation) -> set[str]:
    """All names of attributes that something may ask for."""
    found = {value.value for value in engine.objects if type(value) is Text}
    for value in engine.objects:
        if type(value) is TextSet:
            found.update(value.values)
    for code in engine.codes:
        for fact in code.code.ops:
            at = _NAMED_AT.get(fact[0])
            if at is not None:
                found.add(fact[at])
    return found


def _star_sources(engine: Propagation) -> set[str]:
    return {
        absolute_module(module, fact[1], fact[2])
        for module in engine.modules.values()
        if module.facts is not None
        for code in module.facts.codes
        for fact in code.ops
        if fact[0] == IMPORTSTAR
    }
