"""Taking arguments and results: bounded, masked, and without ever running code of the traced program.

Only values of exact built-in types are looked into; nothing is asked for its ``repr``, compared or
iterated that could
answer with code of its own. A captured value is ``(type name, text, size or None, masked)``.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType, GetSetDescriptorType
from typing import Any

from .documents import shown_document
from .format import RAISED
from .functions import FunctionEntry
from .masking import CONTAINERS, UUID, Masker

TEXT_AT_MOST = 120
LOOKED_AT_MOST = 2048
"""Of longer texts nothing is shown: looking all through them for secrets would take too long."""
TEXTS_AT_MOST = 10_000
KEPT_UP_TO = 256
"""Characters of a text of which it is kept what was found."""
KINDS_AT_MOST = 2_000
"""Classes whose objects were met; more are not known at a time, and no class is kept alive for longer."""
LONGEST_NUMBER = 128
"""Bits."""

ID_NAMES = ("uuid", "_obj_uuid", "id", "_obj_id", "request_id", "name", "_obj_name")
"""Where objects keep who they are, in the order of preference."""

CapturedValue = tuple[str, str, "int | None", bool]
NOTHING: CapturedValue = ("NoneType", "", None, False)


class Capture:
    """Captures values in one of the modes ``none``, ``ids`` and ``short``."""

    def __init__(self, mode: str, masker: Masker) -> None:
        self.mode = mode
        self.masker = masker
        self.secret_name = masker.secret_name
        self.id_names = ID_NAMES
        self.text_at_most = TEXT_AT_MOST
        self.looked_at_most = LOOKED_AT_MOST
        self.kinds_at_most = KINDS_AT_MOST
        self._on = mode != "none"
        self._short = mode == "short"
        self._scan = masker.scan
        self._looked_at = masker.looked_at
        self.names = masker.names
        """Names met so far, with whether what they name is withheld."""
        self._objects: dict[int, _Kind] = {}
        """Kinds of the program's objects by the identity of their class, whose own hash might be code of
        the program's."""
        self._by_kind: dict[int, Callable[[Any], CapturedValue]] = {
            id(type(None)): self._nothing,
            id(str): self._text,
            id(int): self._number if self._short else self._bare,
            id(float): self._number if self._short else self._bare,
            id(bool): self._number if self._short else self._bare,
            id(dict): self._container,
            id(list): self._container,
            id(tuple): self._container,
            id(bytes): self._sized,
            id(bytearray): self._sized,
            id(set): self._sized,
            id(frozenset): self._sized,
        }

    def arguments(self, function: FunctionEntry, frame: FrameType) -> tuple[CapturedValue, ...] | None:
        """What ``frame``, which has just begun to run ``function``, has for each of the function's
        arguments."""
        names = function.arguments
        if not self._on or not names:
            return None
        secret = function.secret_arguments
        if secret is None:
            secret = function.secret_arguments = frozenset(filter(self.masker.secret_name, names))
        # The snapshot that f_locals makes is taken before the function has any local but its arguments.
        present = frame.f_locals
        handler = self._by_kind.get
        leaf = function.leaf
        found = []
        for name in names:
            value = present.get(name)
            if name in secret:
                found.append(self.withheld(name, value))
            elif leaf and type(value) is str:
                found.append(self.handed_out(value))
            else:
                found.append(handler(id(type(value)), self._object)(value))
        return tuple(found)

    def result(self, function: FunctionEntry, outcome: int, value: object) -> CapturedValue | None:
        """What ``function`` returned, yielded or raised."""
        if not self._on:
            return None
        if outcome == RAISED:
            return self.error(value) if isinstance(value, BaseException) else None
        if value is None:
            return NOTHING
        secret = function.secret_result
        if secret is None:
            secret = function.secret_result = self.masker.secret_name(function.name)
        if secret:
            return self.withheld(function.name, value)
        if function.leaf and type(value) is str:
            return self.handed_out(value)
        return self._by_kind.get(id(type(value)), self._object)(value)

    def value(self, value: object) -> CapturedValue:
        """``value``, under a name that is not secret."""
        return self._by_kind.get(id(type(value)), self._object)(value)

    def _kind(self, kind: type) -> _Kind:
        known = self._objects.get(id(kind))
        if known is None:
            if len(self._objects) >= KINDS_AT_MOST:
                self._objects.clear()
            known = self._objects[id(kind)] = _Kind(kind, self.masker)
        return known

    def kind(self, kind: type) -> tuple[CapturedValue, bool]:
        """How objects of a class are shown that do not say who they are, and whether they may be asked."""
        known = self._kind(kind)
        return known.bare, known.looks_inside

    @staticmethod
    def _nothing(value: None) -> CapturedValue:
        return NOTHING

    @staticmethod
    def _bare(value: object) -> CapturedValue:
        return (type(value).__name__, "", None, False)

    @staticmethod
    def _number(value: Any) -> CapturedValue:
        kind = type(value)
        if kind is int and value.bit_length() > LONGEST_NUMBER:
            return ("int", "", None, False)
        return (kind.__name__, repr(value), None, False)

    @staticmethod
    def _sized(value: Any) -> CapturedValue:
        return (type(value).__name__, "", len(value), False)

    def _container(self, value: Any) -> CapturedValue:
        if value:
            self._scan(value)
        return (type(value).__name__, "", len(value), False)

    def _text(self, value: str) -> CapturedValue:
        found: CapturedValue | None = self._looked_at.get(value)
        if found is None:
            found = self._look_at(value)
            if len(value) <= KEPT_UP_TO:
                if len(self._looked_at) >= TEXTS_AT_MOST:
                    self._looked_at.clear()
                self._looked_at[value] = found
        return found

    def handed_out(self, value: str) -> CapturedValue:
        """A text that passes between the program and a library outside of Python."""
        if len(value) > TEXT_AT_MOST and self._short and value not in self.masker.secrets:
            document = shown_document(value, self.masker)
            if document is not None:
                return ("str", document, len(value), False)
        return self._text(value)

    def _look_at(self, value: str) -> CapturedValue:
        size = len(value)
        if UUID.match(value) is not None and not self.masker.withheld_id(value):
            return ("str", value, size, False)
        if not self._short or size > LOOKED_AT_MOST:
            return ("str", "", size, False)
        if self.masker.secret_text(value):
            return ("str", "", size, True)
        return ("str", value if size <= TEXT_AT_MOST else value[: TEXT_AT_MOST - 1] + "…", size, False)

    def withheld(self, name: str, value: Any) -> CapturedValue:
        """``value``, called ``name``, without what it is; remembered so that it is recognised elsewhere."""
        if value is None:
            return NOTHING
        self.masker.remember(name, value)
        kind = type(value)
        if kind is bool:
            return (kind.__name__, repr(value), None, False)
        size: int | None = None
        if id(kind) in CONTAINERS:
            self._scan(value)
            size = len(value)
        elif kind is str or kind is bytes:
            size = len(value)
        return (_type_name(kind), "", size, True)

    def error(self, error: BaseException) -> CapturedValue:
        """An exception that leaves a function: its type and, of a plain text, its message."""
        name = _type_name(type(error))
        if not self._short:
            return (name, "", None, False)
        arguments = BaseException.args.__get__(error)  # type: ignore[attr-defined]
        message = arguments[0] if type(arguments) is tuple and arguments else None
        if type(message) is not str:
            return (name, "", None, False)
        _, text, size, masked = self._text(message)
        return (name, text, size, masked)

    def _object(self, value: object) -> CapturedValue:
        """An object of a class of the program's: its type, and who it is where it keeps that as plain
        data."""
        known = self._kind(type(value))
        if not known.looks_inside:
            return known.bare
        attributes = object.__getattribute__(value, "__dict__")
        if type(attributes) is not dict or attributes.keys().isdisjoint(ID_NAMES):
            return known.bare
        for attribute in ID_NAMES:
            identity = attributes.get(attribute)
            if type(identity) is str and (self._short or UUID.match(identity)):
                _, text, _, masked = self._text(identity)
                return (known.name, text, None, masked)
            if type(identity) is int and self._short:
                return (known.name, self._number(identity)[1], None, False)
        return known.bare


class _Kind:
    """What there is to know of a class whose objects are met; keeps the class alive, so that its id stays
    its own."""

    __slots__ = ("bare", "kind", "looks_inside", "name")

    def __init__(self, kind: type, masker: Masker) -> None:
        self.kind = kind
        self.name = _type_name(kind)
        masked = masker.secret_type(self.name)
        self.looks_inside = not masked and _has_plain_dict(kind)
        self.bare: CapturedValue = (self.name, "", None, masked)


def _type_name(kind: type) -> str:
    return type.__getattribute__(kind, "__name__")  # type: ignore[no-any-return]


def _has_plain_dict(kind: type) -> bool:
    """Whether instances of ``kind`` keep attributes in the interpreter's own ``__dict__``, not behind
    code."""
    for base in type.__getattribute__(kind, "__mro__"):
        descriptor = type.__getattribute__(base, "__dict__").get("__dict__")
        if descriptor is not None:
            return type(descriptor) is GetSetDescriptorType
    return False
