"""The read program as it is propagated: modules, scopes, and the places from which control goes elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tracer.reading.lowering.facts import Code, FileFacts

if TYPE_CHECKING:
    from tracer.reading.flow.objects import ClassObj, Container

_NONE: Mapping[Any, Any] = MappingProxyType({})
"""What most places construct and enter."""


class Module:
    """A file that was read, or a package that only exists as the parent of one."""

    __slots__ = ("codes", "facts", "file", "is_package", "name", "namespace", "stores")

    def __init__(self, name: str, file: str, is_package: bool, facts: FileFacts | None) -> None:
        self.name = name
        self.file = file
        self.is_package = is_package
        self.facts = facts
        self.namespace: dict[str, int] = {}
        self.stores: set[str] = set(facts.stores) if facts else set()
        self.codes: list[CodeRef] = []


class Site:
    """A place in a function from which control may go elsewhere, and where it was found to go."""

    __slots__ = ("_external", "callees", "closures", "code", "constructs", "is_call", "line")

    def __init__(self, code: CodeRef, line: int, is_call: bool) -> None:
        self.code = code
        self.line = line
        self.is_call = is_call
        self.callees: Mapping[str, tuple[str, str, bool]] = _NONE
        self._external: dict[str, str] | None = None
        self.constructs: Mapping[str, None] = _NONE
        self.closures: Mapping[int, str] = _NONE

    @property
    def external(self) -> dict[str, str]:
        """The dotted names of what is entered outside of the read code, with the kinds of call."""
        if self._external is None:
            self._external = {}
        return self._external

    @property
    def outside(self) -> Mapping[str, str]:
        """The same, to be read only."""
        return _NONE if self._external is None else self._external

    @property
    def leads_on(self) -> bool:
        """Whether control was found to go anywhere from here."""
        return bool(self.callees or self._external or self.closures)

    def enter(self, callee: str, found: tuple[str, str, bool]) -> None:
        """``callee`` is called here: kind, rule, whether that is sure."""
        if isinstance(self.callees, dict):
            self.callees[callee] = found
        else:
            self.callees = {callee: found}

    def construct(self, identity: str) -> None:
        """A class or generator is made here."""
        self.constructs = {**self.constructs, identity: None}

    def enter_closure(self, function: int, kind: str) -> None:
        """The closure with this object number is called here."""
        if function not in self.closures:
            self.closures = {**self.closures, function: kind}


class CodeRef:
    """A scope of a module with what the propagation needs of it at hand.

    Args:
        module: where it is.
        code: what it does.
        gid: its number among all scopes.
        index: its number in the module.
    """

    __slots__ = (
        "by_name",
        "code",
        "dotted",
        "file",
        "gid",
        "id",
        "index",
        "instances",
        "kwarg",
        "module",
        "positional",
        "sites",
        "vararg",
    )

    def __init__(self, module: Module, code: Code, gid: int, index: int = 0) -> None:
        self.module = module
        self.code = code
        self.gid = gid
        self.index = index
        self.id = f"{module.name}:{code.qualname}"
        self.dotted = f"{module.name}.{code.qualname}"
        self.file = module.file
        self.positional = [p.var for p in code.parameters if p.kind in "pn"]
        self.by_name = {p.name: p.var for p in code.parameters if p.kind in "nk"}
        self.vararg = next((p.var for p in code.parameters if p.kind == "*"), -1)
        self.kwarg = next((p.var for p in code.parameters if p.kind == "**"), -1)
        self.sites: dict[int, Site] = {}
        self.instances: dict[Any, Instance] = {}


class Instance:
    """A scope's variables as propagated for one enclosing scope and, where it matters, one caller."""

    __slots__ = ("base", "chain", "code", "defaults", "depth", "id", "kwarg", "owner", "parent", "vararg")

    def __init__(self, code: CodeRef, parent: Instance | None, base: int, depth: int, number: int) -> None:
        self.code = code
        self.parent = parent
        self.base = base
        self.depth = depth
        self.id = number
        self.owner: ClassObj | None = None
        self.vararg: Container | None = None
        self.kwarg: Container | None = None
        self.chain: tuple[int, ...] = ()
        self.defaults: dict[int, int] = {}


def absolute_module(module: Module, name: str, level: int) -> str:
    """The dotted name of a (relative) import's module."""
    if level == 0:
        return name
    parts = module.name.split(".")
    if not module.is_package:
        parts.pop()
    parts = parts[: len(parts) - (level - 1)]
    return ".".join([*parts, name] if name else parts)
