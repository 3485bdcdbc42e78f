"""Attaching hooks to modules: at once where a module is loaded already, else right after it is first
imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from . import guard

Attach = Callable[[Any], None]


class AttachingFinder:
    """A meta path finder that finds nothing by itself: it lets the others find, and adds the hook to what
    they load."""

    def __init__(self, hooks: dict[str, list[Attach]]) -> None:
        self._hooks = hooks
        self._finding: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the other finders give for a module with a hook, made to run the hook after
        loading."""
        if name not in self._hooks or name in self._finding:
            return None
        self._finding.add(name)
        try:
            spec = find_spec(name)
        finally:
            self._finding.discard(name)
        loader: Any = None if spec is None else spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None:
            return spec

        def execute_and_attach(module: ModuleType) -> None:
            loader.__dict__.pop("exec_module", None)
            execute(module)
            run_hooks(self._hooks, name, module)

        try:
            loader.exec_module = execute_and_attach
        except AttributeError:  # a loader that takes no attributes loads as it is, without the hook
            return spec
        return spec


def run_hooks(hooks: dict[str, list[Attach]], name: str, module: Any) -> None:
    """Run what is to be done with the module called ``name``, once."""
    for attach in hooks.pop(name, ()):
        try:
            attach(module)
        except Exception as error:
            guard.failed(error, f"attaching to {name}")


def attach_all(hooks: dict[str, list[Attach]]) -> None:
    """Run the hooks of modules that are loaded, and have the others run when their modules are."""
    for name in [name for name in hooks if name in sys.modules]:
        run_hooks(hooks, name, sys.modules[name])
    if hooks:
        sys.meta_path.insert(0, AttachingFinder(hooks))


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put ``make(original)`` in the place of the attribute ``name`` of ``owner``, keeping name and
    documentation.

    Where there is no such attribute (another release of the framework) nothing is done.
    """
    original = getattr(owner, name, None)
    if original is None:
        return
    replacement = make(original)
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__"):
        value = getattr(original, attribute, None)
        if value is not None:
            setattr(replacement, attribute, value)
    replacement.__wrapped__ = original
    setattr(owner, name, replacement)
