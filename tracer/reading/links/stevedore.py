"""stevedore: plug-ins that packages declare as entry points, loaded by namespace and name."""

from __future__ import annotations

import configparser
from functools import partial
from typing import NamedTuple

from tracer.reading.flow.objects import Call, Framework, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase
from tracer.reading.links.loading_by_name import LoadingByName

_MANAGERS = {
    "driver.DriverManager": True,
    "named.NamedExtensionManager": True,
    "hook.HookManager": True,
    "enabled.EnabledExtensionManager": False,
    "extension.ExtensionManager": False,
    "dispatch.DispatchExtensionManager": False,
    "dispatch.NameDispatchExtensionManager": False,
}
"""Managers, and whether their second argument names the plug-ins to load."""


class _EntryPoint(NamedTuple):
    group: str
    name: str
    target: str


class Stevedore(RuleBase):
    """Managers of plug-ins: what they load, make and hand out.

    Args:
        names: resolves dotted names.
    """

    def __init__(self, names: LoadingByName) -> None:
        super().__init__()
        self._names = names
        self._managers: dict[int, tuple[Framework, Call]] = {}
        self._linked: set[tuple[int, _EntryPoint]] = set()
        self._points: list[_EntryPoint] | None = None

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for name, is_named in _MANAGERS.items():
            for dotted in (f"stevedore.{name}", f"stevedore.{name.partition('.')[2]}"):
                engine.models[dotted] = partial(self._manager, dotted, is_named)

    def _manager(self, dotted: str, is_named: bool, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self.engine
        self.leads_out(call, dotted)
        at = 1 if dotted.endswith(".ExtensionManager") else 2
        invoked = call.argument(at, "invoke_on_load") is not None
        plugin = engine.new_var()
        made = engine.new_var() if invoked else plugin
        names = (call.argument(1, "name"), call.keyword("names")) if is_named else (None, None)
        manager = self.make(
            "manager",
            call,
            {
                "namespace": call.argument(0, "namespace"),
                "name": names[0] if names[0] is not None else names[1],
                "plugin": plugin,
                "driver": made,
                "extensions": None,
                "args": call.argument(at + 1, "invoke_args"),
                "kwargs": call.argument(at + 2, "invoke_kwds"),
            },
        )
        if manager.id not in self._managers:
            self._managers[manager.id] = (manager, call)
            slots = {"obj": manager.slots["driver"], "plugin": manager.slots["plugin"]}
            extension = self.make("extension", call, {**slots, "name": None})
            items = engine.container("list", ("extensions", manager.id))
            engine.add(items.rest, extension.id)
            engine.add(manager.slots["extensions"], items.id)
        engine.add(call.dst, manager.id)
        return True

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """Iterating over a manager gives its extensions."""
        if value.kind == "manager":
            engine.watch(value.slots["extensions"], engine.on_iterate, dst, call)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``manager.map(function, ...)`` calls the function with each extension."""
        self.leads_out(call, f"stevedore.extension.ExtensionManager.{name}")
        function = call.positional(0)
        if name == "map" and function is not None:
            extension = self.engine.new_var()
            self.engine.watch(value.slots["extensions"], self.engine.on_iterate, extension, call)
            args = ((None, extension), *call.args[1:])
            run = call.with_args(args, self.engine.new_var(), "callback", "stevedore map")
            self.engine.watch(function, self.engine.on_call, run)

    def settle(self, engine: Propagation) -> None:
        """Load the plug-ins of the managers' namespaces: those named, or all where no name is known."""
        if self._managers and self._points is None:
            self._points = self._declared()
        for manager, call in self._managers.values():
            namespaces = set(self.texts(manager.slots["namespace"]))
            wanted = self._wanted(manager.slots["name"])
            for point in self._points or ():
                is_wanted = point.group in namespaces and (not wanted or point.name in wanted)
                if is_wanted and (manager.id, point) not in self._linked:
                    self._linked.add((manager.id, point))
                    self._load(manager, point, call)

    def _wanted(self, var: int) -> set[str]:
        found = set(self.texts(var))
        for value in self.engine.held(var):
            inner = getattr(value, "everything", None)
            if inner is not None:
                found.update(self.texts(inner))
        return found

    def _load(self, manager: Framework, point: _EntryPoint, call: Call) -> None:
        target = self._names.resolve(point.target)
        if target is None:
            return
        slots = manager.slots
        self.engine.edge(target, slots["plugin"])
        if slots["driver"] != slots["plugin"]:
            args = (("*", slots["args"]), ("**", slots["kwargs"]))
            run = call.with_args(args, slots["driver"], "plugin", "stevedore entry point")
            self.engine.watch(target, self.engine.on_call, run)

    def _declared(self) -> list[_EntryPoint]:
        """The entry points that the packages read declare."""
        found = []
        for name, path in sorted(self.engine.data):
            if not name.endswith("entry_points.txt"):
                continue
            parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
            parser.optionxform = str  # type: ignore[assignment,method-assign]
            try:
                parser.read_string(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, configparser.Error):
                continue
            for group in parser.sections():
                for key, value in parser.items(group):
                    found.append(_EntryPoint(group, key.strip(), value.partition("[")[0].strip()))
        return found
