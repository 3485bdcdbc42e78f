"""PasteDeploy: filters and applications that an ``.ini`` file names."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from tracer.reading.flow.objects import Call, Framework, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef, Instance
from tracer.reading.links.base import RuleBase
from tracer.reading.links.loading_by_name import LoadingByName

_FACTORY = re.compile(r"^paste\.(filter|app|composite)(?:_app)?_factory$")


class PasteDeploy(RuleBase):
    """Calls every factory that a paste file names, and hands its results to the pipeline factories.

    Args:
        names: resolves dotted names.
    """

    def __init__(self, names: LoadingByName) -> None:
        super().__init__()
        self._names = names
        self._filters = -1
        self._apps = -1
        self._done = False

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        self._filters, self._apps = engine.new_var(), engine.new_var()
        for name in ("paste.deploy.loadapp", "paste.deploy.loadwsgi.loadapp", "deploy.loadapp"):
            engine.models[name] = self._load

    def _load(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external["paste.deploy:loadapp"] = call.kind
        self.engine.edge(self._apps, call.dst)
        return True

    def settle(self, engine: Propagation) -> None:
        """Read the files, once."""
        if self._done:
            return
        self._done = True
        for name, path in engine.data:
            if name.endswith(".ini") and "paste" in path.name:
                self._file(name, path)

    def _file(self, name: str, path: Path) -> None:
        parser = configparser.RawConfigParser(strict=False)
        try:
            text = path.read_text(encoding="utf-8")
            parser.read_string(text)
        except (OSError, UnicodeDecodeError, configparser.Error):
            return
        code = self.engine.data_code(path.name)
        lines = text.splitlines()
        loader = Framework(self, "loader", {})
        self.engine.register(loader)
        for number, section in enumerate(parser.sections()):
            kind = section.partition(":")[0]
            settings = dict(parser.items(section))
            for key, value in settings.items():
                match = _FACTORY.match(key)
                target = (
                    value
                    if match
                    else value[len("call:") :]
                    if key == "use" and value.startswith("call:")
                    else ""
                )
                if not target:
                    continue
                var = self._names.resolve(target.strip())
                if var is None:
                    continue
                line = next((at for at, found in enumerate(lines, 1) if target in found and key in found), 1)
                site = self.engine.site(code, number, line)
                is_filter = kind == "filter"
                dst = self._filters if is_filter else self._apps
                args: list[tuple[str | None, int]] = [(None, self.engine.new_var())]
                if kind == "composite" or kind == "pipeline":
                    args.insert(0, (None, self.engine.singleton(loader)))
                for name_, text_ in settings.items():
                    if name_ not in ("use", key) and name_.isidentifier():
                        args.append((name_, self.engine.singleton(self.engine.text(text_))))
                call = Call(
                    self._instance(code), site, number, tuple(args), dst, 0, "plugin", "paste factory"
                )
                self.engine.watch(var, self.engine.on_call, call)

    def _instance(self, code: CodeRef) -> Instance:
        found = code.instances.get("data")
        return found or self.engine.new_instance(code, None, "data", 0)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``loader.get_filter(name)``, ``loader.get_app(name)``."""
        call.site.external[f"paste.deploy.loadwsgi:ConfigLoader.{name}"] = call.kind
        if name == "get_filter":
            self.engine.edge(self._filters, call.dst)
        elif name == "get_app":
            self.engine.edge(self._apps, call.dst)
