"""Every other way in which Nova calls without saying so, counted in its source and looked up in the graph.

What is counted comes from the syntax tree alone, and so does whom a place has to lead to: the function that
the bases, the imports and the registered names of the source say, or, where these do not tell, one of Nova's
functions of that name. A place counts as found when the graph has a call there to that very function, or one
of the function that is handed over there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from tests.acceptance.nova_kinds import CALLED, CALLED_ANYWHERE, DECORATED, HANDED, NOT_COUNTED
from tests.acceptance.nova_places import (
    Definition,
    Place,
    arguments_of,
    is_abstract,
    is_generator,
    is_property,
    last_word,
    name_called,
    names_handed,
    undecorated,
)
from tests.acceptance.nova_source import NovaSource, dotted_name
from tests.acceptance.table import Row
from tracer.model.graph import Call, CallGraph

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_WORDS = re.compile(r"\w+")
_ELSEWHERE = ("spawn", "callback")
_ENOUGH = 0.8
"""The share of each kind that is demanded: what is missing is listed, site by site."""


class Indirections:
    """A graph of Nova beside its source, one row for each kind of indirection.

    Args:
        graph: what the analyzer made of the package.
        source: the package.
    """

    def __init__(self, graph: CallGraph, source: NovaSource) -> None:
        self._source = source
        self._at: dict[str, list[Call]] = {}
        self._into: dict[str, list[Call]] = {}
        for call in graph.calls():
            self._at.setdefault(call.file, []).append(call)
            self._into.setdefault(call.callee, []).append(call)
        self._handed: dict[str, set[str]] = {}
        for handover in graph.handovers():
            self._handed.setdefault(handover.giver, set()).add(last_word(handover.callee))
        self._named = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for _, _, tree in source.files()
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load)
        }
        """Every name that is read anywhere."""
        self._called_names = {last_word(callee) for callee in self._into}
        self._class_ids = {id(node): identity for identity, _, node in source.classes()}
        self._made_by_class: dict[int, dict[str, set[str]]] = {}
        self._places: list[Place] = []
        self._definitions: list[Definition] = []
        for module, file, tree in source.files():
            self._visit(tree, module, "", file, "<module>", None)
        self._function_names = {"<lambda>"} | {one.node.name for one in self._definitions}
        self._called_so: dict[str, set[str]] = {}
        """The functions that a call of a name may run: those of this name, and constructors of classes."""
        for one in self._definitions:
            self._called_so.setdefault(one.node.name, set()).add(one.identity)
        for identity, _, cls in source.classes():
            owner = source.owner(identity, "__init__")
            if owner is not None:
                self._called_so.setdefault(cls.name, set()).add(f"{owner}.__init__")
        self._property_names = {one.node.name for one in self._definitions if is_property(one.node)}

    def _visit(
        self,
        node: ast.AST,
        module: str,
        prefix: str,
        file: str,
        inside: str,
        cls: ast.ClassDef | None,
        parameters: frozenset[str] = frozenset(),
    ) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _FUNCTION):
                name = f"{prefix}{child.name}"
                self._definitions.append(Definition(f"{module}:{name}", file, child, cls))
                given = {part.arg for part in ast.walk(child.args) if isinstance(part, ast.arg)}
                self._visit(child, module, f"{name}.<locals>.", file, name, cls, parameters | given)
            elif isinstance(child, ast.ClassDef):
                self._visit(child, module, f"{prefix}{child.name}.", file, inside, child, parameters)
            else:
                if isinstance(child, ast.Call):
                    self._places.append(Place(file, child, f"{module}:{inside}", cls, parameters))
                self._visit(child, module, prefix, file, inside, cls, parameters)

    def rows(self) -> Iterator[Row]:
        """Every kind."""
        for name, called in CALLED.items():
            yield _row(name, self._calls(called), self._leads)
        for name, called in HANDED.items():
            yield _row(name, self._handing(self._calls(called)), self._hands)
        for name, called in CALLED_ANYWHERE.items():
            yield _row(name, self._handing(self._calls(called)), self._hands_anywhere)
        for name, decorators in DECORATED.items():
            yield from self._decorated(name, decorators)
        yield _row(
            "bound methods passed on", self._bound_methods(), self._hands_own_method, self._own_methods
        )
        yield _row("objects by registered name", self._registered(), self._leads_to_registered)
        yield _row("objects loaded by name", self._calls(("import_object",)), self._loads)
        yield _row(
            "extension managers", self._calls(("EnabledExtensionManager", "ExtensionManager")), self._manages
        )
        yield _row("names computed and called", self._computed(), self._calls_something)
        yield _row("methods of super()", self._supers(), self._leads_above, lambda place: {place.inside})
        yield _row("with statements", self._entered(), self._enters)
        yield _row("methods of attributes made in the class", self._collaborators(), self._leads_to_made)
        yield self._functions("lazily loaded fields", lambda one: one.node.name == "obj_load_attr")
        yield self._functions("proxies by __getattr__", lambda one: one.node.name == "__getattr__")
        yield self._functions("generators", lambda one: is_generator(one.node))
        yield self._functions(
            "context managers, entered", lambda one: one.node.name in ("__enter__", "__exit__")
        )
        yield self._functions("properties", lambda one: is_property(one.node) and not is_abstract(one.node))

    def _calls(self, names: tuple[str, ...]) -> Iterator[Place]:
        for place in self._places:
            dotted = name_called(place.node)
            last = dotted.rpartition(".")[2]
            if any(
                last.startswith(name) if name.endswith("_") else f".{dotted}".endswith(f".{name}")
                for name in names
            ):
                yield place

    def _bound_methods(self) -> Iterator[Place]:
        """Calls that are handed a method of the class they stand in."""
        for place in self._places:
            if self._own_methods(place):
                yield place

    def _own_methods(self, place: Place) -> set[str]:
        """The methods of the class it stands in that a call is handed."""
        if place.cls is None:
            return set()
        own = {part.name for part in place.cls.body if isinstance(part, _FUNCTION)} - self._property_names
        return {
            f"{self._class_ids[id(place.cls)]}.{given.attr}"
            for given in arguments_of(place.node)
            if isinstance(given, ast.Attribute) and dotted_name(given.value) == "self" and given.attr in own
        }

    def _registered(self) -> Iterator[Place]:
        """``objects.Class.method(...)``, where the method is one of Nova's own."""
        for place in self._places:
            if self._registered_methods(place):
                yield place

    def _registered_methods(self, place: Place) -> set[str]:
        first, *rest = name_called(place.node).split(".")
        if first != "objects" or len(rest) != 2:
            return set()
        owners = (self._source.owner(identity, rest[1]) for identity in self._registry.get(rest[0], ()))
        return {f"{owner}.{rest[1]}" for owner in owners if owner is not None}

    @cached_property
    def _registry(self) -> dict[str, list[str]]:
        """The classes that are registered under each name."""
        found: dict[str, list[str]] = {}
        for identity, _, cls in self._source.classes():
            if any(dotted_name(undecorated(one)).endswith("Registry.register") for one in cls.decorator_list):
                found.setdefault(cls.name, []).append(identity)
        return found

    def _computed(self) -> Iterator[Place]:
        """``getattr(one, name)(...)``."""
        for place in self._places:
            called = place.node.func
            if isinstance(called, ast.Call) and dotted_name(called.func) == "getattr":
                yield place

    def _supers(self) -> Iterator[Place]:
        for place in self._places:
            called = place.node.func
            owner = called.value if isinstance(called, ast.Attribute) else None
            if isinstance(owner, ast.Call) and dotted_name(owner.func) == "super":
                yield place

    def _entered(self) -> Iterator[Place]:
        """What ``with`` enters, where that is a call of one of Nova's own managers."""
        calls = {id(place.node): place for place in self._places}
        own = {
            one.node.name
            for one in self._definitions
            if any(dotted_name(part).endswith("contextmanager") for part in one.node.decorator_list)
        } | {
            cls.name
            for _, _, cls in self._source.classes()
            if any(isinstance(part, _FUNCTION) and part.name == "__enter__" for part in cls.body)
        }
        for _, _, tree in self._source.files():
            for node in ast.walk(tree):
                if isinstance(node, ast.With | ast.AsyncWith):
                    for item in node.items:
                        entered = item.context_expr
                        if isinstance(entered, ast.Call) and name_called(entered).rpartition(".")[2] in own:
                            yield calls[id(entered)]

    def _collaborators(self) -> Iterator[Place]:
        """``self.name.method(...)`` in a class that says ``self.name = Class(...)``."""
        for place in self._places:
            if self._made(place) is not None:
                yield place

    def _made(self, place: Place) -> set[str] | None:
        """The names of the classes that the owner of the called method is made of; None if it is not."""
        owner, _, _ = name_called(place.node).rpartition(".")
        return self._made_in(place.cls).get(owner) if place.cls is not None else None

    def _made_in(self, cls: ast.ClassDef) -> dict[str, set[str]]:
        made = self._made_by_class.get(id(cls))
        if made is None:
            made = self._made_by_class[id(cls)] = {}
            for node in ast.walk(cls):
                if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
                    continue
                name = name_called(node.value)
                for target in node.targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and dotted_name(target.value) == "self"
                        and name.rpartition(".")[2][:1].isupper()
                    ):
                        made.setdefault(f"self.{target.attr}", set()).add(name)
        return made

    def _handing(self, places: Iterable[Place]) -> Iterator[Place]:
        """Those that are handed a function by its name: variables are passed on for somebody else."""
        return (place for place in places if names_handed(place) & self._function_names)

    # What counts as found

    def _calls_at(self, place: Place) -> list[Call]:
        last = place.node.end_lineno or place.node.lineno
        return [call for call in self._at.get(place.file, ()) if place.node.lineno <= call.line <= last]

    def _callees(self, place: Place) -> set[str]:
        return {call.callee for call in self._calls_at(place)}

    def _calls_something(self, place: Place) -> bool:
        """Whether more is called there than the builtin that looks the name up."""
        return any(not callee.startswith("builtins:") for callee in self._callees(place))

    def _manages(self, place: Place) -> bool:
        """Whether stevedore's manager is made there."""
        return any(last_word(callee) == "ExtensionManager" for callee in self._callees(place))

    def _loads(self, place: Place) -> bool:
        """Whether an object is made there; where its class has no constructor, which is no call, whether what
        it is asked to do afterwards leads to methods of that name."""
        if any(call.kind == "plugin" or call.callee.endswith(".__init__") for call in self._calls_at(place)):
            return True
        kept = {
            f"self.{target.attr}"
            for node in ast.walk(place.cls or ast.Module([], []))
            if isinstance(node, ast.Assign) and node.value is place.node
            for target in node.targets
            if isinstance(target, ast.Attribute)
        }
        asked = [
            one
            for one in self._places
            if one.cls is place.cls and name_called(one.node).rpartition(".")[0] in kept
        ]
        return bool(asked) and all(self._leads(one) for one in asked)

    def _enters(self, place: Place) -> bool:
        name = name_called(place.node).rpartition(".")[2]
        entered = {
            f"{owner}.__enter__"
            for identity, _, cls in self._source.classes()
            if cls.name == name
            if (owner := self._source.owner(identity, "__enter__")) is not None
        }
        return bool(self._callees(place) & (entered | self._called_so.get(name, set())))

    def _leads(self, place: Place) -> bool:
        """Whether a function of the name that is called there is: one of Nova's, if it has any."""
        name = name_called(place.node).rpartition(".")[2]
        callees = self._callees(place)
        if name in self._called_so:
            return bool(callees & self._called_so[name])
        return any(last_word(callee) == name for callee in callees)

    def _leads_to_registered(self, place: Place) -> bool:
        return bool(self._callees(place) & self._registered_methods(place))

    def _leads_above(self, place: Place) -> bool:
        """Whether the method of a base is called; of one outside of Nova, a method of that name."""
        called = place.node.func
        assert isinstance(called, ast.Attribute) and isinstance(called.value, ast.Call)
        identity = self._class_ids.get(id(place.cls))
        named = dotted_name(called.value.args[0]) if called.value.args else ""
        owner = None
        if identity is not None and named in ("", identity.rpartition(":")[2]):
            owner = self._source.above(identity, called.attr)
        if owner is not None:
            return f"{owner}.{called.attr}" in self._callees(place)
        return any(last_word(callee) == called.attr for callee in self._callees(place))

    def _leads_to_made(self, place: Place) -> bool:
        """Whether the method of a class that the attribute is made of is called."""
        module, method = place.inside.partition(":")[0], name_called(place.node).rpartition(".")[2]
        classes = (self._source.class_named(module, name) for name in self._made(place) or ())
        owners = {owner for cls in classes if (owner := self._source.owner(cls, method)) is not None}
        if owners:
            return bool(self._callees(place) & {f"{owner}.{method}" for owner in owners})
        return any(last_word(callee) == method for callee in self._callees(place))

    def _hands(self, place: Place) -> bool:
        """Whether what is handed over is called there, or by whom it is handed to, or once it is started."""
        names = names_handed(place)
        return (
            any(last_word(callee) in names for callee in self._callees(place))
            or bool(names & self._handed.get(place.inside, set()))
            or any(
                last_word(call.callee) in names for call in self._at[place.file] if call.kind in _ELSEWHERE
            )
        )

    def _hands_own_method(self, place: Place) -> bool:
        """Whether the method of its own class that is handed over is called by anybody."""
        identity = self._class_ids.get(id(place.cls))
        names = {
            given.attr
            for given in arguments_of(place.node)
            if isinstance(given, ast.Attribute) and dotted_name(given.value) == "self"
        }
        if identity is None:
            return bool(names & self._called_names)
        owned = ((self._source.owner(identity, name), name) for name in names)
        return any(f"{owner}.{name}" in self._into for owner, name in owned if owner is not None)

    def _hands_anywhere(self, place: Place) -> bool:
        """Whether a function of Nova's of the name that is handed over is called by anybody."""
        names = names_handed(place)
        own = {identity for name in names for identity in self._called_so.get(name, ())}
        return any(identity in self._into for identity in own) or (
            not own and bool(names & self._called_names)
        )

    # Functions

    def _functions(self, name: str, wanted: Callable[[Definition], bool]) -> Row:
        """Functions that something enters; only those whose name some line reads, or Python itself."""
        found = [
            one
            for one in self._definitions
            if wanted(one) and (one.node.name in self._named or one.node.name.startswith("__"))
        ]
        absent = [one for one in found if one.identity not in self._into]
        missing = [one for one in absent if one.identity not in NOT_COUNTED]
        lines = [
            f"not counted, {NOT_COUNTED[one.identity]}: {one.identity}"
            if one.identity in NOT_COUNTED
            else f"{one.file}:{one.node.lineno} {one.identity}"
            for one in absent
        ]
        total = len(found) - len(absent) + len(missing)
        return Row(name, total - len(missing), total, _ENOUGH, tuple(lines))

    def _decorated(self, name: str, decorators: tuple[str, ...]) -> Iterator[Row]:
        """Decorators that something calls, and functions below them that something enters."""
        total = 0
        applied, entered, functions = [], [], 0
        for one in self._definitions:
            named = [
                part
                for part in one.node.decorator_list
                if dotted_name(undecorated(part)).rpartition(".")[2] in decorators
            ]
            total += len(named)
            functions += bool(named)
            for part in named:
                last = part.end_lineno or part.lineno
                decorator = dotted_name(undecorated(part)).rpartition(".")[2]
                if not any(
                    any(word.startswith(decorator) for word in _WORDS.findall(call.callee))
                    for call in self._at.get(one.file, ())
                    if part.lineno <= call.line <= last
                ):
                    applied.append(f"{one.file}:{part.lineno} {ast.unparse(part)}")
            if named and one.identity not in self._into and one.node.name in self._named:
                entered.append(f"{one.file}:{one.node.lineno} {one.identity}")
        yield Row(f"{name}: applied", total - len(applied), total, _ENOUGH, tuple(applied))
        yield Row(
            f"{name}: functions below entered", functions - len(entered), functions, _ENOUGH, tuple(entered)
        )


def _row(
    name: str,
    places: Iterable[Place],
    found: Callable[[Place], bool],
    about: Callable[[Place], set[str]] = lambda place: set(),
) -> Row:
    """A row of ``places``; what is not found is not counted where ``about`` names a function of which the
    table of those says why."""
    counted = list(places)
    absent = [(place, sorted(about(place) & NOT_COUNTED.keys())) for place in counted if not found(place)]
    missing = [str(place) for place, excused in absent if not excused]
    total = len(counted) - len(absent) + len(missing)
    lines = [f"not counted, {NOT_COUNTED[one]}: {place}" for place, excused in absent for one in excused[:1]]
    return Row(name, total - len(missing), total, _ENOUGH, (*missing, *lines))
