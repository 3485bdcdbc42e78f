"""stevedore: plug-ins that packages announce as entry points."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path

from tracer.reading.flow.objects import Call, Framework, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase
from tracer.reading.links.loading_by_name import LoadingByName

_MANAGERS = {
    "stevedore.driver": "DriverManager",
    "stevedore.extension": "ExtensionManager",
    "stevedore.enabled": "EnabledExtensionManager",
    "stevedore.named": "NamedExtensionManager",
    "stevedore.hook": "HookManager",
    "stevedore.dispatch": "DispatchExtensionManager",
}


class EntryPoints(RuleBase):
    """Managers of extensions, by namespace and (for drivers) name.

    Args:
        names: resolves dotted names.
    """

    def __init__(self, names: LoadingByName) -> None:
        super().__init__()
        self._names = names
        self._points: dict[str, dict[str, str]] = {}

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for module, name in _MANAGERS.items():
            engine.models[f"{module}.{name}"] = self._manager
            engine.models[f"stevedore.{name}"] = self._manager
        for name, path in engine.data:
            try:
                if name.endswith("entry_points.txt"):
                    self._announced(path)
                elif name == "setup.cfg":
                    self._configured(path)
                elif name == "pyproject.toml":
                    self._declared(path)
            except (OSError, UnicodeDecodeError, configparser.Error, tomllib.TOMLDecodeError):
                continue

    def _announced(self, path: Path) -> None:
        """``entry_points.txt`` of an installed distribution: a section a group."""
        parser = _parser()
        parser.read_string(path.read_text(encoding="utf-8"))
        for section in parser.sections():
            self._points.setdefault(section, {}).update(parser.items(section))

    def _configured(self, path: Path) -> None:
        """``setup.cfg`` of a checkout, as setuptools and pbr read it: a key a group, a line a point."""
        parser = _parser()
        parser.read_string(path.read_text(encoding="utf-8"))
        for section in ("entry_points", "options.entry_points"):
            for group, points in parser.items(section) if parser.has_section(section) else ():
                pairs = (line.partition("=") for line in points.splitlines() if "=" in line)
                found = {name.strip(): target.strip() for name, _, target in pairs}
                self._points.setdefault(group, {}).update(found)

    def _declared(self, path: Path) -> None:
        """``[project.entry-points]`` of ``pyproject.toml``."""
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project")
        groups = project.get("entry-points") if isinstance(project, dict) else None
        for group, points in groups.items() if isinstance(groups, dict) else ():
            if isinstance(points, dict):
                found = {name: target for name, target in points.items() if isinstance(target, str)}
                self._points.setdefault(group, {}).update(found)

    def _manager(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self.engine
        self.leads_out(call, "stevedore.extension.ExtensionManager")
        extension = self.make("extension", call, {"plugin": None, "obj": None})
        slots: dict[str, int | None] = {"driver": extension.slots["obj"], "extension": None}
        made = self.make("extensions", call, slots)
        engine.add(made.slots["extension"], extension.id)
        engine.add(call.dst, made.id)
        namespace, name = call.argument(0, "namespace"), call.argument(1, "name")
        check = call.argument(1, "check_func")
        if check is not None:
            engine.call_back(check, ((None, engine.singleton(extension)),), engine.nowhere, call)
        if namespace is not None:
            engine.watch(namespace, self._in_namespace, name, extension, call)
        return True

    def _in_namespace(self, numbers: list[int], name: int | None, extension: Framework, call: Call) -> None:
        chosen = self.texts(name)
        for namespace in sorted(set(self._texts_of(numbers))):
            for point, target in sorted(self._points.get(namespace, {}).items()):
                var = self._names.resolve(target.partition("[")[0].strip())
                if var is None or (chosen and point not in chosen):
                    continue
                self.engine.edge(var, extension.slots["plugin"])
                if call.keyword("invoke_on_load") is None:
                    self.engine.edge(var, extension.slots["obj"])
                    continue
                args: tuple[tuple[str | None, int], ...] = ()
                given, keywords = call.keyword("invoke_args"), call.keyword("invoke_kwds")
                args += (("*", given),) if given is not None else ()
                args += (("**", keywords),) if keywords is not None else ()
                loaded = call.with_args(args, extension.slots["obj"], "plugin", "entry point")
                self.engine.watch(var, self.engine.on_call, loaded)

    def _texts_of(self, numbers: list[int]) -> list[str]:
        from tracer.reading.flow.objects import Text

        values = [self.engine.objects[number] for number in numbers]
        return [value.value for value in values if isinstance(value, Text)]

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """``for extension in manager``."""
        if value.kind == "extensions":
            engine.edge(value.slots["extension"], dst)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``manager.map(func, ...)`` and ``map_method(name, ...)``."""
        self.leads_out(call, f"stevedore.extension.ExtensionManager.{name}")
        if name == "map" and call.positional(0) is not None:
            args = ((None, value.slots["extension"]), *call.args[1:])
            self.engine.call_back(call.args[0][1], args, self.engine.new_var(), call)
        elif name == "map_method" and call.positional(0) is not None:
            for method in self.texts(call.args[0][1]):
                found = self.engine.new_var()
                inner = call.with_args(call.args[1:], self.engine.new_var(), "callback")
                self.engine.watch(value.slots["driver"], self.engine.on_load, method, found, inner)
                self.engine.watch(found, self.engine.on_call, inner)


def _parser() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    return parser
