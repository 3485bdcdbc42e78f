"""A saved propagation: its parts come back one by one, when they are looked at."""

from __future__ import annotations

import io
import pickle
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec

from tracer.reading.flow.objects import Call, ClassObj, Container, Entry, External, FuncObj, Obj
from tracer.reading.flow.scopes import CodeRef, Instance, Module, Site
from tracer.reading.lowering.facts import Code, FileFacts
from tracer.reading.resuming.kept import KeptDict, UnfollowableError, Watchers, kept, refuse
from tracer.reading.resuming.saving import ENGINE, FIRST_RULE, KINDS, LOST, Header, slots_of


class SavedSite(Site):
    """A place that was there: no more is found to lead on from it than was."""

    __slots__ = ()

    def __init__(self, code: CodeRef, line: int, is_call: bool) -> None:
        super().__init__(code, line, is_call)
        self.callees, self._external = KeptDict(), KeptDict()
        self.constructs, self.closures = KeptDict(), KeptDict()

    def construct(self, identity: str) -> None:
        if identity not in self.constructs:
            refuse(self)

    def enter_closure(self, function: int, kind: str) -> None:
        if function not in self.closures:
            refuse(self)


_GROWING = frozenset(
    (
        (ClassObj, "attributes"),
        (ClassObj, "fields"),
        (ClassObj, "read_fields"),
        (ClassObj, "entries"),
        (FuncObj, "fields"),
        (Container, "fields"),
        (Instance, "defaults"),
        (Entry, "sites"),
    )
)
"""What only remembers answers: more of them change nothing."""
_MISSING = "__getattr__"
"""What Python asks where an attribute is not there."""
_REVIVED = (Obj, Entry, CodeRef, Instance, Module)


class State:
    """What was saved.

    Args:
        data: what `saving.save` gave, from where nobody else can write.
        facts_of: gives the facts of a module by name, as they were.
    """

    def __init__(self, data: memoryview, facts_of: Callable[[str], FileFacts | None]) -> None:
        at = 8 + int.from_bytes(data[:8], "little")
        header = msgspec.msgpack.decode(data[8:at], type=Header)
        sections = {}
        for name, size in header.sections.items():
            sections[name] = data[at : at + size]
            at += size
        self._starts = _row("Q", sections["starts"])
        self._kinds = sections["kinds"]
        self._value_starts = _row("I", sections["value starts"])
        self._values = _row("I", sections["values"])
        self._state = sections["state"]
        self._site_starts = _row("Q", sections["site starts"])
        self._sites = sections["sites"]
        self._first = header.first
        self.attributes = header.attributes
        """The numbers of attributes of the engine, of rules (``number.name``), and of what else was kept."""
        self.objects = header.objects
        """How many objects there are."""
        self.codes = header.codes
        """How many scopes there are."""
        self.variables = header.variables
        """How many variables there are."""
        self.opaque = header.opaque
        """The number of the object that stands for others."""
        self.facts_of = facts_of
        self._made: dict[int, Any] = {}
        self._waiting: dict[int, int] = {}
        self._slots = [slots_of(kind) for kind in KINDS]
        self._read: dict[str, Any] = {}
        self.engine: Any = None
        """What the saved parts belong to."""
        self._scopes: dict[str, tuple[int, int]] = self.attribute("scopes")
        self._more = 0

    def numbers(self, var: int) -> array[int]:
        """The numbers of what a variable holds, in order."""
        return self._values[self._value_starts[var] : self._value_starts[var + 1]]

    def amount(self, var: int) -> int:
        """How many values a variable holds."""
        return self._value_starts[var + 1] - self._value_starts[var]

    def attribute(self, name: str) -> Any:
        """An attribute of the engine, of a rule (``number.name``) or an extra."""
        if name not in self._read:
            self._read[name] = self._loaded(self.attributes[name])
        return self._read[name]

    def code(self, gid: int) -> CodeRef:
        """The scope of this number."""
        return self.entity(self.objects + gid)  # type: ignore[no-any-return]

    def entity(self, number: int) -> Any:
        """The object, scope or place of this number; it is empty until it is looked at."""
        found: Any = self._made.get(number)
        if found is None:
            kind = KINDS[self._kinds[number]]
            if kind is Call:
                found = Call(*self._loaded(self._first + number))
            elif kind is Site:
                code, op, line, is_call = self._loaded(self._first + number)
                found = Site(code, line, is_call) if op is None else self.engine.site(code, op, line, is_call)
            else:
                found = object.__new__(kind)
                self._waiting[id(found)] = number
                if isinstance(found, Obj):
                    found.id = number
            self._made[number] = found
        return found

    def _loaded(self, place: int) -> Any:
        return self._unpickled(self._state[self._starts[place] : self._starts[place + 1]])

    def _unpickled(self, written: memoryview) -> Any:
        try:
            return _Unpickler(written, self._known).load()
        except (pickle.UnpicklingError, EOFError, IndexError, ValueError, TypeError) as error:
            raise UnfollowableError(f"what was kept is damaged: {error}") from error

    def _known(self, number: int) -> Any:
        if number >= 0:
            return self.entity(number)
        if number == ENGINE:
            return self.engine
        if number == LOST:
            raise UnfollowableError("something that cannot be kept is asked for")
        return self.engine.rules[FIRST_RULE - number]

    def revive(self, value: Any, name: str) -> Any:
        """Fill an empty object and give its attribute ``name``."""
        number = self._waiting.pop(id(value), None)
        if number is not None:
            self._fill(value, number)
            return getattr(value, name)
        if name == "sites" and isinstance(value, CodeRef):
            value.sites = self._sites_of(value)
            return value.sites
        if isinstance(value, Module):
            if name == "facts":
                value.facts = self.facts_of(value.name)
                return value.facts
            if name == "codes":
                value.codes = self._codes_of(value)
                return value.codes
        raise AttributeError(name)

    def _fill(self, value: Any, number: int) -> None:
        kind = type(value)
        state = self._loaded(self._first + number)
        if kind is External:
            External.__init__(value, *state)
        elif kind is CodeRef:
            module, gid, index, instances, made = state
            code = Code(*made) if made else module.facts.codes[index]
            value.__init__(module, code, gid, index)
            value.instances = instances
            del value.sites
        elif kind is Module:
            value.name, value.file, value.is_package, value.namespace, stores = state
            value.stores = kept(stores)
        else:
            for name, held in zip(self._slots[self._kinds[number]], state, strict=True):
                if name == "watchers":
                    held = Watchers(held)
                elif (kind, name) not in _GROWING:
                    held = kept(held)
                setattr(value, name, held)

    def _sites_of(self, code: CodeRef) -> dict[int, Site]:
        found: dict[int, Site] = {}
        if code.gid < self.codes:
            saved = self._sites[self._site_starts[code.gid] : self._site_starts[code.gid + 1]]
            for op, (line, is_call, callees, external, constructs, closures) in self._unpickled(
                saved
            ).items():
                site = found[op] = SavedSite(code, line, is_call)
                site.callees = KeptDict(callees)
                site._external = KeptDict(external)
                site.constructs = KeptDict(constructs)
                site.closures = KeptDict(closures)
        return found

    def _codes_of(self, module: Module) -> list[CodeRef]:
        first, count = self._scopes.get(module.name, (0, 0))
        codes = [self.code(first + index) for index in range(count)]
        if module.facts is not None:
            for index in range(count, len(module.facts.codes)):
                codes.append(CodeRef(module, module.facts.codes[index], self.codes + self._more, index))
                self._more += 1
        return codes

    @contextmanager
    def reviving(self) -> Iterator[None]:
        """While this lasts, whatever is empty is filled when it is looked at."""
        for kind in _REVIVED:
            setattr(kind, _MISSING, lambda value, name: self.revive(value, name))
        try:
            yield
        finally:
            for kind in _REVIVED:
                delattr(kind, _MISSING)


def _row(typecode: str, section: memoryview) -> array[int]:
    row: array[int] = array(typecode)
    row.frombytes(section)
    return row


class _Unpickler(pickle.Unpickler):
    """Makes numbers, strings and collections only, and what the numbers among them stand for."""

    def __init__(self, written: memoryview, known: Callable[[int], Any]) -> None:
        super().__init__(io.BytesIO(written))
        self._known = known

    def persistent_load(self, number: int) -> Any:
        return self._known(number)

    def find_class(self, module: str, name: str) -> NoReturn:
        raise UnfollowableError(f"{module}.{name} does not belong to what is kept")
