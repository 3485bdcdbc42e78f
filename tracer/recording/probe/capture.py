"""Taking arguments and results: bounded, masked, and without ever running code of the traced program.

Only values of exact built-in types are looked into; nothing is asked for its ``repr``, compared or
iterated that could
answer with code of its own. A captured value is ``(type name, text, size or None, masked)``.
"""

from __future__ import annotations

from types import FrameType, GetSetDescriptorType
from typing import Any

from .format import RAISED
from .functions import FunctionEntry
from .masking import SECRET_TYPE, UUID, Masker

TEXT_AT_MOST = 120
LOOKED_AT_MOST = 2048
"""Of longer texts nothing is shown: looking all through them for secrets would take too long."""
ID_NAMES = ("uuid", "_obj_uuid", "id", "_obj_id", "request_id", "name", "_obj_name")
"""Where objects keep who they are, in the order of preference."""

CapturedValue = tuple[str, str, "int | None", bool]
NOTHING: CapturedValue = ("NoneType", "", None, False)


class Capture:
    """Captures values in one of the modes ``none``, ``ids`` and ``short``."""

    def __init__(self, mode: str, masker: Masker) -> None:
        self._on = mode != "none"
        self._short = mode == "short"
        self._masker = masker
        self._has_plain_dict: dict[int, tuple[type, bool]] = {}

    def arguments(self, function: FunctionEntry, frame: FrameType) -> list[tuple[str, CapturedValue]] | None:
        """The arguments of ``frame``, which has just begun to run ``function``."""
        names = function.arguments
        if not self._on or not names:
            return None
        # The snapshot that f_locals makes is taken before the function has any local but its arguments.
        present = frame.f_locals
        masker = self._masker
        found = []
        for name in names:
            value = present.get(name, self)
            if value is not self and name not in ("self", "cls"):
                if masker.secret_name(name):
                    masker.remember(name, value)
                    found.append((name, self._withheld(value)))
                else:
                    found.append((name, self._value(value)))
        return found or None

    def result(self, function: FunctionEntry, outcome: int, value: object) -> CapturedValue | None:
        """What ``function`` returned, yielded or raised."""
        if not self._on:
            return None
        if outcome == RAISED:
            return self._error(value) if isinstance(value, BaseException) else None
        if value is None:
            return NOTHING
        if self._masker.secret_name(function.name):
            self._masker.remember(function.name, value)
            return self._withheld(value)
        return self._value(value)

    def _value(self, value: Any) -> CapturedValue:
        kind = type(value)
        if kind is str:
            return self._text(value)
        if value is None:
            return NOTHING
        if kind is int or kind is bool or kind is float:
            return (
                (kind.__name__, self._number(value), None, False)
                if self._short
                else (kind.__name__, "", None, False)
            )
        if kind is dict or kind is list or kind is tuple:
            if value:
                self._masker.scan(value)
            return (kind.__name__, "", len(value), False)
        if kind is bytes or kind is set or kind is frozenset or kind is bytearray:
            return (kind.__name__, "", len(value), False)
        name = _type_name(kind)
        if SECRET_TYPE.search(name):
            return (name, "", None, True)
        return self._object(name, kind, value)

    @staticmethod
    def _number(value: Any) -> str:
        if type(value) is int and value.bit_length() > 128:
            return ""
        return repr(value)

    def _text(self, value: str) -> CapturedValue:
        size = len(value)
        if UUID.match(value) is not None and value not in self._masker:
            return ("str", value, size, False)
        if not self._short:
            return ("str", "", size, False)
        if size > LOOKED_AT_MOST:
            return ("str", "", size, False)
        if self._masker.secret_text(value):
            return ("str", "", size, True)
        return ("str", value if size <= TEXT_AT_MOST else value[: TEXT_AT_MOST - 1] + "…", size, False)

    def _withheld(self, value: object) -> CapturedValue:
        if value is None:
            return NOTHING
        kind = type(value)
        if kind is bool:
            return (kind.__name__, repr(value), None, False)
        size = len(value) if kind in (str, bytes, dict, list, tuple) else None  # type: ignore[arg-type]
        return (_type_name(kind), "", size, True)

    def _error(self, error: BaseException) -> CapturedValue:
        name = _type_name(type(error))
        if not self._short:
            return (name, "", None, False)
        arguments = BaseException.args.__get__(error)  # type: ignore[attr-defined]
        message = arguments[0] if type(arguments) is tuple and arguments else None
        if type(message) is not str:
            return (name, "", None, False)
        _, text, size, masked = self._text(message)
        return (name, text, size, masked)

    def _object(self, name: str, kind: type, value: object) -> CapturedValue:
        """An object of a class of the program's: its type, and who it is where it keeps that as plain
        data."""
        known = self._has_plain_dict.get(id(kind))
        if known is None:
            known = self._has_plain_dict[id(kind)] = (kind, _has_plain_dict(kind))
        if known[1]:
            attributes = object.__getattribute__(value, "__dict__")
            if type(attributes) is dict:
                for attribute in ID_NAMES:
                    identity = attributes.get(attribute)
                    if type(identity) is str and (self._short or UUID.match(identity)):
                        _, text, _, masked = self._text(identity)
                        return (name, text, None, masked)
                    if type(identity) is int and self._short:
                        return (name, self._number(identity), None, False)
        return (name, "", None, False)


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
