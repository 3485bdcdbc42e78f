"""Random programs that always run to their end: functions, classes, closures, containers calling each other.

Every name in a program is of a known kind, and a function only uses what was defined before it, so a program
can neither fail nor run forever. All its branches run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy], object]


@dataclass
class _Names:
    """What has been defined so far, by kind."""

    plain: list[str] = field(default_factory=list)
    """Functions without parameters."""
    makers: list[str] = field(default_factory=list)
    """Functions that return a function without parameters."""
    takers: list[str] = field(default_factory=list)
    """Functions that call the function they are given."""
    wrappers: list[str] = field(default_factory=list)
    """Functions that return a closure around the function they are given: decorators as well."""
    classes: list[str] = field(default_factory=list)
    """Classes that are made from a function and have ``go``, ``also``, ``made`` and ``__call__``."""
    generators: list[str] = field(default_factory=list)
    """Generator functions that yield functions."""


class _Writer:
    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._lines: list[str] = ["import functools", ""]
        self._names = _Names()
        self._fresh = 0

    def program(self) -> str:
        self._lines += ["", "def start():", "    return None", ""]
        self._names.plain.append("start")
        makers = [self._plain, self._decorated, self._maker, self._taker, self._wrapper]
        makers += [self._class, self._generator]
        for _ in range(self._number(2, 8)):
            self._choose(makers)()
        for _ in range(self._number(2, 8)):
            self._lines += self._statement("")
        return "\n".join([*self._lines, ""])

    def _number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))  # type: ignore[return-value]

    def _choose(self, options: list) -> object:  # type: ignore[type-arg]
        return options[self._number(0, len(options) - 1)]

    def _name(self, stem: str) -> str:
        self._fresh += 1
        return f"{stem}_{self._fresh}"

    def _body(self, indent: str) -> list[str]:
        return [line for _ in range(self._number(1, 2)) for line in self._statement(indent)]

    def _plain(self) -> None:
        name = self._name("plain")
        self._lines += [f"def {name}():", *self._body("    "), ""]
        self._names.plain.append(name)

    def _decorated(self) -> None:
        if not self._names.wrappers:
            return self._plain()
        name = self._name("decorated")
        decorator = self._choose(self._names.wrappers)
        self._lines += [f"@{decorator}", f"def {name}():", *self._body("    "), ""]
        self._names.plain.append(name)
        return None

    def _maker(self) -> None:
        name = self._name("maker")
        self._lines += [f"def {name}():", f"    return {self._function()}", ""]
        self._names.makers.append(name)

    def _taker(self) -> None:
        name = self._name("taker")
        parameters, call = self._choose(
            [
                ("callback", "callback()"),
                ("callback=start", "callback()"),
                ("*callbacks", "callbacks[0]()"),
                ("callback, **unused", "(callback or start)()"),
            ]
        )
        self._lines += [f"def {name}({parameters}):", f"    {call}", *self._body("    "), ""]
        self._names.takers.append(name)

    def _wrapper(self) -> None:
        name = self._name("wrapper")
        shape = self._choose(["inner", "lambda", "partial"])
        if shape == "inner":
            inner = [*self._body("        "), "        return callback()"]
            body = ["    def inner():", *inner, "    return inner"]
        elif shape == "lambda":
            body = ["    return lambda: callback()"]
        else:
            body = ["    return functools.partial(callback)"]
        self._lines += [f"def {name}(callback):", *body, ""]
        self._names.wrappers.append(name)

    def _class(self) -> None:
        name = self._name("Class")
        base = self._choose([*self._names.classes, ""])
        lines = [f"class {name}({base}):" if base else f"class {name}:", "    label = None"]
        if not base:
            lines += ["    def __init__(self, action):", "        self.action = action"]
        for method in ("go", "also"):
            if base and not self._number(0, 2):
                continue
            lines += [f"    def {method}(self):", *self._body("        ")]
            calls = ["self.action()", "self.made()", *(["self.also()"] if method == "go" else [])]
            lines += [f"        {self._choose(calls)}"]
            if base and self._number(0, 1):
                lines += [f"        super().{method}()"]
        if not base or self._number(0, 1):
            decorator = "property" if self._number(0, 1) and not base else ""
            lines += [f"    {line}" for line in self._made(decorator)]
            lines += ["    def __call__(self):", "        return self.action()"]
        self._lines += [*lines, ""]
        self._names.classes.append(name)

    def _made(self, decorator: str) -> list[str]:
        if decorator:
            return ["@property", "def made(self):", "    return self.action"]
        return ["def made(self):", f"    {self._function()}()"]

    def _generator(self) -> None:
        name = self._name("generator")
        yields = [f"    yield {self._function()}" for _ in range(self._number(1, 2))]
        if self._names.generators and self._number(0, 1):
            yields.append(f"    yield from {self._choose(self._names.generators)}()")
        self._lines += [f"def {name}():", *yields, ""]
        self._names.generators.append(name)

    def _function(self) -> str:
        """An expression for a function without parameters."""
        names = self._names
        options: list[Callable[[], str]] = [
            lambda: str(self._choose(names.plain)),
            lambda: f"(lambda: {self._choose(names.plain)}())",
            lambda: f"[{self._choose(names.plain)}, {self._choose(names.plain)}][{self._number(0, 1)}]",
            lambda: f"{{'a': {self._choose(names.plain)}, 'b': {self._choose(names.plain)}}}['a']",
            lambda: f"functools.partial({self._choose(names.plain)})",
        ]
        if names.makers:
            options.append(lambda: f"{self._choose(names.makers)}()")
        if names.wrappers:
            options.append(lambda: f"{self._choose(names.wrappers)}({self._choose(names.plain)})")
        if names.classes:
            options.append(lambda: f"{self._choose(names.classes)}({self._choose(names.plain)}).go")
            options.append(lambda: f"{self._choose(names.classes)}({self._choose(names.plain)})")
        return self._choose(options)()  # type: ignore[operator]

    def _statement(self, indent: str) -> list[str]:
        names, value = self._names, self._name("value")
        options = [
            lambda: [f"{self._choose(names.plain)}()"],
            lambda: [f"{value} = {self._function()}", f"{value}()"],
            lambda: [f"for {value} in ({self._function()}, {self._function()}):", f"    {value}()"],
            lambda: [f"[{value}() for {value} in [{self._function()}]]"],
            lambda: [
                f"for {value} in (True, False):",
                f"    if {value}:",
                f"        chosen_{value} = {self._function()}",
                "    else:",
                f"        chosen_{value} = {self._function()}",
                f"    chosen_{value}()",
            ],
            lambda: [
                f"{value} = []",
                f"{value}.append({self._function()})",
                f"{value}[0]()",
            ],
            lambda: [f"{value} = {{}}", f"{value}['x'] = {self._function()}", f"{value}['x']()"],
            lambda: [f"{value}, other_{value} = {self._function()}, {self._function()}", f"other_{value}()"],
            lambda: [
                "try:",
                f"    {self._function()}()",
                "    raise KeyError",
                "except KeyError:",
                f"    {self._function()}()",
            ],
        ]
        if names.takers:
            options.append(lambda: [f"{self._choose(names.takers)}({self._function()})"])
        if names.classes:
            options.append(
                lambda: [
                    f"{value} = {self._choose(names.classes)}({self._function()})",
                    f"{value}.{self._choose(['go', 'also'])}()",
                ]
            )
        if names.generators:
            options.append(lambda: [f"for {value} in {self._choose(names.generators)}():", f"    {value}()"])
        return [indent + line for line in self._choose(options)()]  # type: ignore[operator]


@st.composite
def programs(draw: Draw) -> str:
    """The source of a program that runs to its end."""
    return _Writer(draw).program()
