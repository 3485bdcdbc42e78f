"""Every other way in which Nova calls without saying so, counted in its source and looked up in the graph.

What is counted comes from the syntax tree alone. A place counts as found when the graph has a call there that
leads where the place says: to a function of that name, or to the function that is handed over there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.acceptance.nova_source import NovaSource, dotted_name
from tests.acceptance.table import Row
from tracer.model.graph import Call, CallGraph

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_ELSEWHERE = ("spawn", "callback")
_ENOUGH = 0.8
"""The share of each kind that is demanded: what is missing is listed, site by site."""


@dataclass(frozen=True)
class Place:
    """A call, the function and class around it, and the parameters of that and the functions around."""

    file: str
    node: ast.Call
    inside: str
    cls: ast.ClassDef | None
    parameters: frozenset[str]

    def __str__(self) -> str:
        return f"{self.file}:{self.node.lineno} {ast.unparse(self.node)[:80]}"


@dataclass(frozen=True)
class Definition:
    """A function of the source."""

    identity: str
    file: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    cls: ast.ClassDef | None


CALLED = {
    "notifications sent": ("notify_about_", "_notify_about_", "send_update", "emit"),
    "resource claims": ("instance_claim", "rebuild_claim", "resize_claim", "live_migration_claim",
                        "drop_move_claim", "drop_move_claim_at_source", "drop_move_claim_at_dest"),
    "waits for external events": ("wait_for_instance_event",),
    "filters and weighers loaded": ("get_matching_classes", "get_all_classes"),
    "native objects made proxies": ("tpool_wrap",),
    "REST: neutron, cinder, glance": ("get_client", "cinderclient", "_call_cyborg", "get_sdk_adapter",
                                      "get_ksa_adapter"),
}  # fmt: skip
"""Calls by the name called (or how it begins, with an underscore at the end)."""
HANDED = {
    "threads and executors": ("thread_pool_factory.spawn", "spawn_on", "_start_recorded_task", "submit",
                              "Thread", "add_done_callback", "NetworkInfoAsyncWrapper"),
    "looping calls": ("FixedIntervalLoopingCall", "DynamicLoopingCall", "BackOffLoopingCall",
                      "FixedIntervalWithTimeoutLoopingCall"),
    "callbacks of the hypervisor": ("domainEventRegisterAny", "registerCloseCallback", "registerErrorHandler",
                                    "register_event_listener"),
}  # fmt: skip
"""Calls by the name called that are handed a function which somebody calls later."""
CALLED_ANYWHERE = {
    "partial functions, called by anybody": ("partial",),
    "functions scattered over cells, called by anybody": (
        "scatter_gather_cells", "scatter_gather_all_cells", "scatter_gather_single_cell",
        "scatter_gather_skip_cell0"),
}  # fmt: skip
"""The same, where the function is called far from there."""
DECORATED = {
    "API decorators": ("response", "expected_errors", "action", "api_version", "removed", "schema",
                       "query_schema", "response_body_schema"),
    "service decorators": ("wrap_exception", "reverts_task_state", "wrap_instance_event",
                           "wrap_instance_fault", "errors_out_migration", "delete_image_on_error",
                           "check_instance_lock", "check_instance_state", "check_instance_host",
                           "targets_cell", "expected_exceptions", "skip_automatic_rpc_tracking",
                           "safe_connect", "retries", "refresh_cache", "trace_request_filter"),
    "database decorators": ("pick_context_manager_reader", "pick_context_manager_writer",
                            "pick_context_manager_reader_allow_async", "require_context", "writer", "reader",
                            "wrap_db_retry", "select_db_reader_mode"),
    "locks as decorators": ("synchronized",),
    "remotable methods": ("remotable",),
    "privileged functions": ("entrypoint",),
    "notifications if enabled": ("if_notifications_enabled",),
}  # fmt: skip
"""Decorators by their last name."""


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
            self._handed.setdefault(handover.giver, set()).add(_last(handover.callee))
        self._named = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for _, _, tree in source.files()
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load)
        }
        """Every name that is read anywhere."""
        self._called_names = {_last(callee) for callee in self._into}
        self._places: list[Place] = []
        self._definitions: list[Definition] = []
        for module, file, tree in source.files():
            self._visit(tree, module, "", file, "<module>", None)
        self._function_names = {"<lambda>"} | {one.node.name for one in self._definitions}
        self._property_names = {one.node.name for one in self._definitions if _is_property(one.node)}

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
        yield _row("bound methods passed on", self._bound_methods(), self._hands_anywhere)
        yield _row("objects by registered name", self._registered(), self._leads)
        yield _row("objects loaded by name", self._calls(("import_object",)), self._loads)
        yield _row(
            "extension managers", self._calls(("EnabledExtensionManager", "ExtensionManager")), self._any
        )
        yield _row("names computed and called", self._computed(), self._any)
        yield _row("methods of super()", self._supers(), self._leads)
        yield _row("with statements", self._entered(), self._enters)
        yield _row("methods of attributes made in the class", self._collaborators(), self._leads)
        yield self._functions("lazily loaded fields", lambda one: one.node.name == "obj_load_attr")
        yield self._functions("proxies by __getattr__", lambda one: one.node.name == "__getattr__")
        yield self._functions("generators", lambda one: _yields(one.node))
        yield self._functions(
            "context managers, entered", lambda one: one.node.name in ("__enter__", "__exit__")
        )
        yield self._functions("properties", lambda one: _is_property(one.node))

    def _calls(self, names: tuple[str, ...]) -> Iterator[Place]:
        for place in self._places:
            dotted = _called(place.node)
            last = dotted.rpartition(".")[2]
            if any(
                last.startswith(name) if name.endswith("_") else f".{dotted}".endswith(f".{name}")
                for name in names
            ):
                yield place

    def _bound_methods(self) -> Iterator[Place]:
        """Calls that are handed a method of the class they stand in."""
        for place in self._places:
            own = (
                {part.name for part in place.cls.body if isinstance(part, _FUNCTION)} if place.cls else set()
            )
            if any(
                isinstance(given, ast.Attribute)
                and dotted_name(given.value) == "self"
                and given.attr in own - self._property_names
                for given in _given(place.node)
            ):
                yield place

    def _registered(self) -> Iterator[Place]:
        """``objects.Class.method(...)``, where the method is one of Nova's own."""
        methods = {
            (cls.name, part.name)
            for _, _, cls in self._source.classes()
            if any(dotted_name(_plain(one)).endswith("Registry.register") for one in cls.decorator_list)
            for part in cls.body
            if isinstance(part, _FUNCTION)
        }
        for place in self._places:
            first, *rest = _called(place.node).split(".")
            if first == "objects" and len(rest) == 2 and (rest[0], rest[1]) in methods:
                yield place

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
                        if isinstance(entered, ast.Call) and _called(entered).rpartition(".")[2] in own:
                            yield calls[id(entered)]

    def _collaborators(self) -> Iterator[Place]:
        """``self.name.method(...)`` in a class that says ``self.name = Class(...)``."""
        made: dict[int, set[str]] = {}
        for place in self._places:
            if place.cls is not None and id(place.cls) not in made:
                made[id(place.cls)] = {
                    f"self.{target.attr}"
                    for node in ast.walk(place.cls)
                    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
                    for target in node.targets
                    if isinstance(target, ast.Attribute)
                    and dotted_name(target.value) == "self"
                    and _called(node.value).rpartition(".")[2][:1].isupper()
                }
            owner, _, _ = _called(place.node).rpartition(".")
            if place.cls is not None and owner in made[id(place.cls)]:
                yield place

    def _handing(self, places: Iterable[Place]) -> Iterator[Place]:
        """Those that are handed a function by its name: variables are passed on for somebody else."""
        return (place for place in places if _handed(place) & self._function_names)

    # What counts as found

    def _calls_at(self, place: Place) -> list[Call]:
        last = place.node.end_lineno or place.node.lineno
        return [call for call in self._at.get(place.file, ()) if place.node.lineno <= call.line <= last]

    def _any(self, place: Place) -> bool:
        return bool(self._calls_at(place))

    def _loads(self, place: Place) -> bool:
        """Whether an object is made there; of a class without a method for that there is no call."""
        return any(
            call.kind == "plugin" or call.callee.endswith(".__init__") for call in self._calls_at(place)
        )

    def _enters(self, place: Place) -> bool:
        return any(call.kind == "context" for call in self._calls_at(place)) or self._leads(place)

    def _leads(self, place: Place) -> bool:
        name = _called(place.node).rpartition(".")[2]
        return any(
            _last(call.callee) == name or call.callee.endswith(f"{name}.__init__")
            for call in self._calls_at(place)
        )

    def _hands(self, place: Place) -> bool:
        """Whether what is handed over is called there, or by whom it is handed to, or once it is started."""
        names = _handed(place)
        return (
            any(_last(call.callee) in names or call.kind in _ELSEWHERE for call in self._calls_at(place))
            or bool(names & self._handed.get(place.inside, set()))
            or any(_last(call.callee) in names for call in self._at[place.file] if call.kind in _ELSEWHERE)
        )

    def _hands_anywhere(self, place: Place) -> bool:
        """Whether something of the name that is handed over is called by anybody."""
        return bool(_handed(place) & self._called_names)

    # Functions

    def _functions(self, name: str, wanted: Callable[[Definition], bool]) -> Row:
        """Functions that something enters; only those whose name some line reads, or Python itself."""
        found = [
            one
            for one in self._definitions
            if wanted(one) and (one.node.name in self._named or one.node.name.startswith("__"))
        ]
        missing = [
            f"{one.file}:{one.node.lineno} {one.identity}" for one in found if one.identity not in self._into
        ]
        return Row(name, len(found) - len(missing), len(found), _ENOUGH, tuple(missing))

    def _decorated(self, name: str, decorators: tuple[str, ...]) -> Iterator[Row]:
        """Decorators that something calls, and functions below them that something enters."""
        total = 0
        applied, entered, functions = [], [], 0
        for one in self._definitions:
            named = [
                part
                for part in one.node.decorator_list
                if dotted_name(_plain(part)).rpartition(".")[2] in decorators
            ]
            total += len(named)
            functions += bool(named)
            for part in named:
                last = part.end_lineno or part.lineno
                if not any(part.lineno <= call.line <= last for call in self._at.get(one.file, ())):
                    applied.append(f"{one.file}:{part.lineno} {ast.unparse(part)}")
            if named and one.identity not in self._into and one.node.name in self._named:
                entered.append(f"{one.file}:{one.node.lineno} {one.identity}")
        yield Row(f"{name}: applied", total - len(applied), total, _ENOUGH, tuple(applied))
        yield Row(
            f"{name}: functions below entered", functions - len(entered), functions, _ENOUGH, tuple(entered)
        )


def _row(name: str, places: Iterable[Place], found: Callable[[Place], bool]) -> Row:
    counted = list(places)
    missing = [str(place) for place in counted if not found(place)]
    return Row(name, len(counted) - len(missing), len(counted), _ENOUGH, tuple(missing))


def _last(identity: str) -> str:
    return identity.rpartition(":")[2].rpartition(".")[2]


def _called(node: ast.Call) -> str:
    return dotted_name(node.func)


def _plain(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(dotted_name(part) == "property" for part in function.decorator_list)


def _given(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _handed(place: Place) -> set[str]:
    """The names under which what a call is given may be called, without parameters of the function around."""
    found: set[str] = set()
    todo = _given(place.node)
    while todo:
        given = todo.pop()
        if isinstance(given, ast.Lambda):
            found.add("<lambda>")
        elif isinstance(given, ast.Call) and _called(given).endswith("partial"):
            todo += given.args[:1]
        elif isinstance(given, ast.Attribute):
            found.add(given.attr)
        elif isinstance(given, ast.Name) and given.id not in place.parameters:
            found.add(given.id)
    return found


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, (*_FUNCTION, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return False
