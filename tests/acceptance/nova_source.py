"""What Nova's source says by itself, found with ``ast`` alone: what the analyzer is measured against.

Which manager answers which client, and which class the loaded driver is of, stand in tables here, since
deployments decide that and not the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

MANAGERS = {
    "nova.compute.rpcapi:ComputeAPI": "nova.compute.manager:ComputeManager",
    "nova.conductor.rpcapi:ConductorAPI": "nova.conductor.manager:ConductorManager",
    "nova.conductor.rpcapi:ComputeTaskAPI": "nova.conductor.manager:ComputeTaskManager",
    "nova.scheduler.rpcapi:SchedulerAPI": "nova.scheduler.manager:SchedulerManager",
    "nova.baserpc:BaseAPI": "nova.baserpc:BaseRPCAPI",
}
"""The class that answers what each client class sends."""
DRIVER = "nova.virt.libvirt.driver:LibvirtDriver"
DRIVEN_FROM = "nova/compute/"
"""Where ``self.driver`` is the loaded driver; elsewhere the name stands for other drivers."""
ROUTES = "nova.api.openstack.compute.routes"
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Wanted:
    """A place in the source and the functions of which it has to lead to one at least."""

    file: str
    first: int
    last: int
    what: str
    functions: frozenset[str]


@dataclass
class _Class:
    module: str
    node: ast.ClassDef
    methods: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)


class NovaSource:
    """Nova's package, parsed.

    Args:
        package: the folder ``nova``; its ``tests`` are left out.
    """

    def __init__(self, package: Path) -> None:
        self._package = package
        self._trees: dict[str, ast.Module] = {}
        self._files: dict[str, str] = {}
        self._classes: dict[str, _Class] = {}
        self._names: dict[str, dict[str, str]] = {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            if "tests" in parts:
                continue
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            tree = ast.parse(path.read_bytes())
            self._trees[module] = tree
            self._files[module] = path.relative_to(package.parent).as_posix()
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    methods = {part.name: part for part in node.body if isinstance(part, _FUNCTION)}
                    self._classes[f"{module}:{node.name}"] = _Class(module, node, dict(methods))

    @cached_property
    def calls(self) -> int:
        """How many call expressions there are."""
        return sum(isinstance(node, ast.Call) for tree in self._trees.values() for node in ast.walk(tree))

    def owner(self, identity: str, method: str) -> str | None:
        """The class among ``identity`` and its bases in Nova that has ``method``; None if none has."""
        found = self._classes.get(identity)
        if found is None:
            return None
        return identity if method in found.methods else self.above(identity, method)

    def class_named(self, module: str, written: str) -> str:
        """The id that ``written`` has in ``module`` if it is a class; there need not be one."""
        if f"{module}:{written}" in self._classes:
            return f"{module}:{written}"
        names = self._imported(module)
        head, _, rest = written.partition(".")
        target = f"{names[head]}.{rest}".rstrip(".") if head in names else f"{module}.{written}"
        holder, _, name = target.rpartition(".")
        return f"{holder}:{name}"

    def above(self, identity: str, method: str) -> str | None:
        """The class among the bases of ``identity`` in Nova that has ``method``; None if none has."""
        found = self._classes[identity]
        for base in found.node.bases:
            owner = self.owner(self.class_named(found.module, dotted_name(base)), method)
            if owner is not None:
                return owner
        return None

    def _imported(self, module: str) -> dict[str, str]:
        names = self._names.get(module)
        if names is None:
            names = self._names[module] = self._imports(module)
        return names

    def _imports(self, module: str) -> dict[str, str]:
        names = {}
        for node in ast.walk(self._trees[module]):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    names[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return names

    def files(self) -> Iterator[tuple[str, str, ast.Module]]:
        """Every module: its name, its file and its tree."""
        for module, tree in self._trees.items():
            yield module, self._files[module], tree

    def classes(self) -> Iterator[tuple[str, str, ast.ClassDef]]:
        """Every class outside of functions and classes: its id, its file and its node."""
        for identity, found in self._classes.items():
            yield identity, self._files[found.module], found.node

    def messages(self) -> Iterator[Wanted]:
        """Every ``cast`` and ``call`` of a client, with the manager's method that answers it."""
        for identity, found in self._classes.items():
            if identity not in MANAGERS:
                continue
            for node in ast.walk(found.node):
                called = method_called(node)
                if not called or called[1].attr not in ("cast", "call") or len(called[0].args) < 2:
                    continue
                name = called[0].args[1]
                if isinstance(name, ast.Constant):
                    method = str(name.value)
                    owner = self.owner(MANAGERS[identity], method) or MANAGERS[identity]
                    yield self._wanted(found.module, called[0], method, f"{owner}.{method}")

    def driver_calls(self) -> Iterator[Wanted]:
        """Every ``self.driver.method(...)``, with the method of the loaded driver."""
        named: dict[str, list[str]] = {}
        for identity, found in self._classes.items():
            for method in found.methods:
                named.setdefault(method, []).append(f"{identity}.{method}")
        for module, tree in self._trees.items():
            for node in ast.walk(tree):
                called = method_called(node)
                if called and dotted_name(called[1].value) == "self.driver":
                    method = called[1].attr
                    owner = self.owner(DRIVER, method)
                    driven = self._files[module].startswith(DRIVEN_FROM)
                    targets = [f"{owner}.{method}"] if driven and owner else named.get(method, ())
                    yield self._wanted(module, called[0], method, *targets)

    def periodic_tasks(self) -> Iterator[str]:
        """The functions that a decorator makes periodic tasks."""
        for identity, found in self._classes.items():
            for name, node in found.methods.items():
                for decorator in node.decorator_list:
                    called = decorator.func if isinstance(decorator, ast.Call) else decorator
                    if dotted_name(called).endswith("periodic_task"):
                        yield f"{identity}.{name}"

    def routes(self) -> Iterator[tuple[str, str, frozenset[str]]]:
        """Every path and verb of the table of routes, with the controller's methods that may answer.

        A path that leads to another one has no verb and no methods.
        """
        tree, names = self._trees[ROUTES], self._imported(ROUTES)
        controllers: dict[str, list[str]] = {}
        table: ast.Tuple | None = None
        for node in tree.body:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            if isinstance(node.value, ast.Call):
                listed = [
                    dotted_name(part) for part in ast.walk(node.value) if isinstance(part, ast.Attribute)
                ]
                controllers[node.targets[0].id] = [
                    f"{names[module]}:{cls}"
                    for module, _, cls in (name.partition(".") for name in listed)
                    if f"{names.get(module)}:{cls}" in self._classes
                ]
            elif isinstance(node.value, ast.Tuple) and node.targets[0].id == "ROUTE_LIST":
                table = node.value
        for row in table.elts if table else ():
            assert isinstance(row, ast.Tuple)
            path, methods = row.elts
            assert isinstance(path, ast.Constant)
            if not isinstance(methods, ast.Dict):
                yield str(path.value), "", frozenset()
                continue
            for verb, target in zip(methods.keys, methods.values, strict=True):
                assert isinstance(verb, ast.Constant) and isinstance(target, ast.List)
                controller, action = target.elts
                assert isinstance(controller, ast.Name) and isinstance(action, ast.Constant)
                answering = self._answering(controllers[controller.id], str(action.value))
                yield str(path.value), str(verb.value), frozenset(answering)

    def _answering(self, classes: list[str], action: str) -> Iterator[str]:
        for identity in classes:
            owner = self.owner(identity, action)
            if owner is not None:
                yield f"{owner}.{action}"
                return
        for identity in classes:  # the body of the request says which
            for name, node in self._classes[identity].methods.items():
                if any(
                    isinstance(decorator, ast.Call) and dotted_name(decorator.func).endswith(".action")
                    for decorator in node.decorator_list
                ):
                    yield f"{identity}.{name}"

    def _wanted(self, module: str, node: ast.expr, what: str, *functions: str) -> Wanted:
        last = node.end_lineno or node.lineno
        return Wanted(self._files[module], node.lineno, last, what, frozenset(functions))


def method_called(node: ast.AST) -> tuple[ast.Call, ast.Attribute] | None:
    """A call of an attribute, and the attribute; None for any other node."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node, node.func
    return None


def dotted_name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return "?"
