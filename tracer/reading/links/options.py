"""oslo.config: an option read from the configuration has the value that its definition gives as default."""

from __future__ import annotations

import re

from tracer.reading.flow.objects import Call, Container, External, Framework, Obj, Text
from tracer.reading.flow.propagation import Propagation

_ROOT = "oslo_config.cfg.CONF"
_KINDS = (
    "Opt",
    "StrOpt",
    "ListOpt",
    "MultiStrOpt",
    "MultiOpt",
    "IntOpt",
    "BoolOpt",
    "FloatOpt",
    "DictOpt",
    "HostnameOpt",
    "URIOpt",
    "PortOpt",
    "HostAddressOpt",
)
_OFFERED = re.compile(r"``([\w.]+\.[\w.]+)``|'([\w.]+\.[\w.]+)'")


class Options:
    """Definitions (``cfg.StrOpt("x", default=...)``), their registration by group, and reads of
    ``CONF.group.x``."""

    def __init__(self) -> None:
        self._engine: Propagation
        self._defaults: dict[tuple[str, str], int] = {}
        self._texts: list[list[str]] = []
        self._opened: set[tuple[int, str]] = set()

    def install(self, engine: Propagation) -> None:
        """Register the models."""
        self._engine = engine
        engine.models |= {f"oslo_config.cfg.{kind}": self._option for kind in _KINDS}
        engine.models["oslo_config.cfg.OptGroup"] = self._group
        for name in ("register_opts", "register_opt", "register_cli_opts", "register_cli_opt"):
            engine.models[f"{_ROOT}.{name}"] = self._register
        engine.external_loads.append((_ROOT, self._read))
        engine.option_texts = self._texts

    def settle(self, engine: Propagation) -> None:
        """Nothing waits for the end."""

    def _option(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        engine = self._engine
        name, default = call.argument(0, "name"), call.keyword("default")
        slots = {"name": name if name is not None else engine.new_var()}
        slots["default"] = engine.new_var()
        if default is not None:
            engine.edge(default, slots["default"])
        made = engine.intern(("option", call.inst.id, call.op), lambda: Framework(self, "option", slots))
        engine.add(call.dst, made.id)
        choices = call.keyword("choices")
        if choices is not None:
            engine.watch(choices, self._choices, slots["default"])
        help_text = call.keyword("help")
        if help_text is not None:
            engine.watch(help_text, self._help)
        call.site.external["oslo_config.cfg.Opt"] = call.kind
        return True

    def _choices(self, numbers: list[int], default: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Container):
                self._engine.watch(value.everything, self._chosen, default)

    def _chosen(self, numbers: list[int], default: int) -> None:
        """Choices: values, or pairs of a value and what is said of it."""
        engine = self._engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, Container):
                engine.edge(engine.field_found(value, 0), default)
            else:
                engine.add(default, number)

    def _help(self, numbers: list[int]) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Text):
                offered = [first or second for first, second in _OFFERED.findall(value.value)]
                if offered:
                    self._texts.append(offered)

    def _group(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        name = call.argument(0, "name")
        slots = {"name": name if name is not None else self._engine.new_var()}
        made = self._engine.intern(("group", call.inst.id, call.op), lambda: Framework(self, "group", slots))
        self._engine.add(call.dst, made.id)
        call.site.external["oslo_config.cfg.OptGroup"] = call.kind
        return True

    def _register(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        call.site.external[f"{_ROOT}.register_opts"] = call.kind
        options, group = call.positional(0), call.argument(1, "group")
        if options is None:
            return True
        if group is None:
            self._engine.watch(options, self._registered, "")
        else:
            self._engine.watch(group, self._in_group, options)
        return True

    def _in_group(self, numbers: list[int], options: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Text):
                self._engine.watch(options, self._registered, value.value)
            elif isinstance(value, Framework) and value.kind == "group":
                self._engine.watch(value.slots["name"], self._in_group, options)

    def _registered(self, numbers: list[int], group: str) -> None:
        engine = self._engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, Container):
                # A list may, as far as is known, come to hold itself.
                if (value.id, group) not in self._opened:
                    self._opened.add((value.id, group))
                    engine.watch(value.everything, self._registered, group)
            elif isinstance(value, Framework) and value.kind == "option":
                engine.watch(value.slots["name"], self._named, group, value.slots["default"])

    def _named(self, numbers: list[int], group: str, default: int) -> None:
        for number in numbers:
            value = self._engine.objects[number]
            if isinstance(value, Text):
                self._engine.edge(default, self._default(group, value.value.replace("-", "_")))

    def _default(self, group: str, name: str) -> int:
        var = self._defaults.get((group, name))
        if var is None:
            var = self._defaults[group, name] = self._engine.new_var()
        return var

    def _read(self, value: External, name: str, dst: int) -> bool:
        dotted = value.dotted
        if dotted == _ROOT:
            self._engine.edge(self._default("", name), dst)
            self._engine.edge(self._default("DEFAULT", name), dst)
        elif dotted.startswith(_ROOT + ".") and "()" not in value.qualname:
            self._engine.edge(self._default(dotted[len(_ROOT) + 1 :], name), dst)
        return False

    def load(self, engine: Propagation, value: Framework, name: str, dst: int, call: Call) -> None:
        """``option.default`` and ``option.name``."""
        if name in value.slots:
            engine.edge(value.slots[name], dst)

    def store(self, engine: Propagation, value: Framework, name: str, source: int, call: Call) -> None:
        """``option.default = ...``."""
        if name in value.slots:
            engine.edge(source, value.slots[name])

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """Options are not called."""

    def iterate(self, engine: Propagation, value: Framework, dst: int, call: Call) -> None:
        """Options are not iterated."""
