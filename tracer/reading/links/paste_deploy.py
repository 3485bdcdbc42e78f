"""PasteDeploy: filters and applications that an ``.ini`` file names, put together as it says.

The format is described at https://docs.pylonsproject.org/projects/pastedeploy/. Which filter is put before
which application is told by lists of names, in ``pipeline`` or in any setting of a section whose factory puts
its application together itself. A loop over such a list goes through one variable; the list itself says who
comes before whom, so it is the list that is followed.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tracer.reading.flow.objects import Call, External, Framework, Obj, Text
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef, Instance, Site
from tracer.reading.links.base import RuleBase
from tracer.reading.links.loading_by_name import LoadingByName

_FACTORY = re.compile(r"^paste\.(?:filter|app|composite)(?:_app)?_factory$")
_LOADERS = tuple(
    f"{module}.{name}"
    for module in ("paste.deploy", "paste.deploy.loadwsgi", "deploy")
    for name in ("loadapp", "loadfilter")
)


@dataclass
class _Section:
    """One section of a file: its result, and the lists of filters and an application that it holds."""

    file: _File
    number: int
    kind: str
    name: str
    settings: dict[str, str]
    result: int
    made: int
    """The number of the next call that stands for something that paste does with this section."""
    pipelines: list[_Pipeline] = field(default_factory=list)
    filters_used: bool = False
    is_read: bool = False
    """Whether what makes its result was read."""

    @property
    def is_filter(self) -> bool:
        return self.kind == "filter"

    @property
    def words(self) -> set[str]:
        """Every name that its settings may mention."""
        return {word for value in self.settings.values() for word in value.split()}


@dataclass
class _Pipeline:
    """Filters, outermost first, before an application, with a variable for what each of them gives."""

    filters: list[_Section]
    app: _Section
    results: list[int]

    def behind(self, position: int) -> int:
        """The variable of what the filter at ``position`` is put before."""
        return self.results[position + 1] if position + 1 < len(self.results) else self.app.result


@dataclass
class _File:
    code: CodeRef
    instance: Instance
    lines: list[str]
    filters: dict[str, _Section] = field(default_factory=dict)
    apps: dict[str, _Section] = field(default_factory=dict)

    def pipeline(self, names: list[str], engine: Propagation) -> _Pipeline | None:
        """What a list of names puts together; None if it is no such list."""
        if len(names) < 2 or names[-1] not in self.apps or not set(names[:-1]) <= set(self.filters):
            return None
        results = [engine.new_var() for _ in names[:-1]]
        return _Pipeline([self.filters[name] for name in names[:-1]], self.apps[names[-1]], results)


@dataclass
class _Asked:
    """Somebody asks for what a variable names: who gets it, and among which sections it is."""

    name: int | None
    dst: int
    sections: dict[str, _Section]
    loader: _Section | None = None
    answered: bool = False


class PasteDeploy(RuleBase):
    """Calls every factory that a paste file names, and puts filters before applications.

    Args:
        names: resolves dotted names.
    """

    def __init__(self, names: LoadingByName) -> None:
        super().__init__()
        self._names = names
        self._sections: list[_Section] = []
        self._asked: dict[tuple[int, int, int], _Asked] = {}
        self._loads: list[tuple[Call, bool]] = []
        self._done = False

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for name in _LOADERS:
            engine.models[name] = self._load

    def _load(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external["paste.deploy:loadapp"] = call.kind
        self._loads.append((call, False))
        return True

    def settle(self, engine: Propagation) -> None:
        """Read the files, once; answer those who ask for names that are not known."""
        if not self._done:
            self._done = True
            for name, path in engine.data:
                if name.endswith(".ini") and "paste" in path.name:
                    self._read(path)
            for section in sorted(self._sections, key=lambda one: not one.is_filter):
                self._make(section)
        for number, (call, is_known) in enumerate(self._loads):
            if not is_known:
                self._loads[number] = call, True
                apps = {one.name: one for one in reversed(self._sections) if not one.is_filter}
                self._ask(call, call.argument(1, "name"), apps)
        for asked in list(self._asked.values()):
            loader = asked.loader
            if not asked.answered:
                mentioned = loader.words if loader is not None else set(asked.sections)
                for name in sorted(mentioned & set(asked.sections)) or sorted(asked.sections):
                    self._give(asked, name)
            if loader is not None and not loader.filters_used:
                for pipeline in loader.pipelines:
                    if asked.sections.get(pipeline.app.name) is pipeline.app:
                        engine.edge(pipeline.app.result, asked.dst)

    # What stands in a file

    def _read(self, path: Path) -> None:
        parser = configparser.RawConfigParser(strict=False)
        try:
            text = path.read_text(encoding="utf-8")
            parser.read_string(text)
        except (OSError, UnicodeDecodeError, configparser.Error):
            return
        code = self.engine.data_code(path.name)
        instance = code.instances.get("data") or self.engine.new_instance(code, None, "data", 0)
        file = _File(code, instance, text.splitlines())
        found = []
        for title in parser.sections():
            kind, _, name = title.partition(":")
            kind = kind.strip()
            if kind not in (
                "app",
                "application",
                "composite",
                "composit",
                "pipeline",
                "filter",
                "filter-app",
            ):
                continue
            section = _Section(
                file,
                len(self._sections),
                kind,
                name.strip() or "main",
                dict(parser.items(title)),
                self.engine.new_var(),
                len(self._sections) << 8,
            )
            self._sections.append(section)
            found.append(section)
            (file.filters if section.is_filter else file.apps)[section.name] = section
        for section in found:
            lists = (value.split() for _, value in sorted(section.settings.items()))
            section.pipelines = [one for names in lists if (one := file.pipeline(names, self.engine))]

    def _make(self, section: _Section) -> None:
        """Call what makes the section's filter or application."""
        engine, settings, apps = self.engine, section.settings, section.file.apps
        if section.kind == "pipeline":
            for pipeline in section.pipelines:
                for position in range(len(pipeline.filters)):
                    line = self._line(section, "pipeline", settings.get("pipeline", ""))
                    self._apply(pipeline, position, self._call(section, line, (), pipeline.results[position]))
                engine.edge(pipeline.results[0], section.result)
            only = settings.get("pipeline", "").split()
            if len(only) == 1 and only[0] in apps:
                engine.edge(apps[only[0]].result, section.result)
            return
        for key, value in settings.items():
            target = value.removeprefix("call:") if key == "use" else value
            if not _FACTORY.match(key) and (key != "use" or target == value):
                continue
            var = self._names.resolve(target.strip())
            if var is None:
                continue
            section.is_read = True
            args: list[tuple[str | None, int]] = [(None, engine.new_var())]
            if section.kind.startswith("composit"):
                loader = engine.register(Framework(self, "loader", {}, section))
                args.insert(0, (None, engine.singleton(loader)))
            for name, text in settings.items():
                if name not in ("use", key) and name.isidentifier():
                    args.append((name, engine.singleton(engine.text(text))))
            line = self._line(section, key, target)
            engine.watch(
                var, engine.on_call, self._call(section, line, tuple(args), section.result, "paste factory")
            )
        used = settings.get("use", "")
        if used in apps and apps[used] is not section:
            engine.edge(apps[used].result, section.result)
        elif used.startswith("egg:") and used.endswith("#urlmap"):
            for name in sorted(set(settings.values()) & set(apps)):
                engine.edge(apps[name].result, section.result)

    def _line(self, section: _Section, key: str, value: str) -> int:
        """The line of a setting: the first one behind the section's title."""
        inside = False
        for number, line in enumerate(section.file.lines, 1):
            title = line.strip()
            if title.startswith("["):
                inside = title[1:].partition("]")[0].replace(" ", "") in (
                    f"{section.kind}:{section.name}",
                    section.kind,
                )
            elif inside and title.startswith(key) and value.split("\n")[0] in title:
                return number
        return 1

    def _call(
        self,
        section: _Section,
        line: int,
        args: tuple[tuple[str | None, int], ...],
        dst: int,
        rule: str = "paste pipeline",
    ) -> Call:
        """A call that paste makes for the section."""
        section.made += 1
        site: Site = self.engine.site(section.file.code, section.made, line)
        return Call(section.file.instance, site, section.made, args, dst, 0, "plugin", rule)

    # Who asks for what

    def _ask(
        self, call: Call, name: int | None, sections: dict[str, _Section], loader: _Section | None = None
    ) -> None:
        key = (call.inst.id, call.op, loader.number if loader is not None else -1)
        if key in self._asked:
            return
        asked = self._asked[key] = _Asked(name, call.dst, sections, loader)
        if name is not None:
            self.engine.watch(name, self._named, asked)

    def _named(self, numbers: list[int], asked: _Asked) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Text) and value.value in asked.sections:
                self._give(asked, value.value)

    def _give(self, asked: _Asked, name: str) -> None:
        """Hand over the section called ``name``.

        A filter is handed over as a value that knows the list it stands in. So is the application at the end
        of a list: it comes out where the first filter of the list does.
        """
        asked.answered = True
        engine, section, loader = self.engine, asked.sections[name], asked.loader
        if loader is not None and section.is_filter:
            value = engine.intern(
                ("paste filter", loader.number, section.number),
                lambda: Framework(self, "filter", {}, (loader, section)),
            )
            engine.add(asked.dst, value.id)
        elif loader is None or all(pipeline.app is not section for pipeline in loader.pipelines):
            engine.edge(section.result, asked.dst)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``loader.get_filter(name)``, ``loader.get_app(name)``."""
        call.site.external[f"paste.deploy.loadwsgi:ConfigLoader.{name}"] = call.kind
        loader: _Section = value.about
        if name == "get_filter":
            self._ask(call, call.argument(0, "name"), loader.file.filters, loader)
        elif name == "get_app":
            self._ask(call, call.argument(0, "name"), loader.file.apps, loader)

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """``filter(app)``: the filter is put before what follows it in its list."""
        if value.kind != "filter":
            super().call(engine, value, call)
            return
        loader, section = value.about
        places = list(_places(loader, section))
        for pipeline, position in places:
            loader.filters_used = True
            self._apply(pipeline, position, call.with_args(call.args, pipeline.results[position]))
            if position == 0:
                engine.edge(pipeline.results[0], call.dst)
        if not places:
            engine.watch(section.result, engine.on_call, call)

    def _apply(self, pipeline: _Pipeline, position: int, call: Call) -> None:
        """Put a filter before what is behind it; one that was not read calls what is behind it itself."""
        engine, behind = self.engine, pipeline.behind(position)
        if pipeline.filters[position].is_read:
            result = pipeline.filters[position].result
            engine.watch(result, self._put_before, behind, call.with_args(((None, behind),)))
        else:
            engine.edge(behind, pipeline.results[position])

    def _put_before(self, numbers: list[int], behind: int, call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, External):
                self.engine.edge(behind, call.dst)
            self.engine.call_value(value, call)


def _places(loader: _Section, section: _Section) -> Iterator[tuple[_Pipeline, int]]:
    for pipeline in loader.pipelines:
        for position, one in enumerate(pipeline.filters):
            if one is section:
                yield pipeline, position
