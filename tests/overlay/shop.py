"""A small program with every way of being called, read and run: its graph and what really happened."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tracer.model.function import Function
from tracer.model.graph import CallGraph
from tracer.model.recording_folder import Recording, write_recording
from tracer.model.request_tree import RecordingHeader, RequestTree, Span
from tracer.reading.reader import read

SHOP = """\
import bisect
import functools

import shop_bank
import shop_tools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __lt__(self, other):
        return self.amount < other.amount

    def __eq__(self, other):
        return True

    def read(self):
        return self.amount


class Shop:
    def sell(self):
        self.pack()
        shop_tools.ask(self)
        bisect.insort([Money(1)], Money(2))
        getattr(self, shop_tools.name())()
        shop_tools.give(Money(3)) == 3
        shop_tools.give(Money(4)).read()
        generated()
        local()
        shop_tools.give(shop_bank).pay(self)
        self.goods()
        return [item for item in self.each()]

    @logged
    def pack(self):
        return wrap()

    def answer(self):
        return 1

    def clean(self):
        return 2

    def paid(self):
        return 3

    def each(self):
        yield 1
        yield 2

    def goods(self):
        if shop_tools.closed():
            self.refuse()
            self.clean()
        else:
            wrap()
        try:
            wrap()
        except ValueError:
            self.refuse()
        for one in shop_tools.nothing():
            unwrap(one)
        shelf().take()

    def refuse(self):
        raise ValueError


class Shelf:
    def take(self):
        return 1


class Fridge(Shelf):
    def take(self):
        return 2


def shelf():
    return Fridge() if shop_tools.closed() else Shelf()


def local():
    class Local:
        value = wrap()
    return Local


def wrap():
    return 1


def unwrap(one):
    return one


def main():
    Shop().sell()


exec("def generated():\\n    return 1")
"""
TOOLS = """\
def ask(shop):
    return later(shop)


def later(shop):
    return shop.answer()


def name():
    return "clean"


def give(thing):
    return {"thing": thing}["thing"]


def closed():
    return False


def nothing():
    return []
"""
BANK = """\
def pay(shop):
    return shop.paid()
"""
PROGRAMS = {"shop_main.py": SHOP, "shop_tools.py": TOOLS, "shop_bank.py": BANK}
RECORDED = ("shop_main", "shop_bank")


def write_programs(folder: Path) -> Path:
    """The program's files in ``folder``."""
    for name, text in PROGRAMS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def graph_of(folder: Path, *names: str) -> CallGraph:
    """The graph of the program's files of these names."""
    return read([str(folder / name) for name in names], label="shop=1", processes=1)


def run_recorded(folder: Path, out: Path, function: str = "main") -> Recording:
    """Run a function of the program in ``folder`` and keep what happened in ``out``."""
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module("shop_main")
        spans = _traced(getattr(module, function))
    finally:
        sys.path.remove(str(folder))
        for name in PROGRAMS:
            sys.modules.pop(name.removesuffix(".py"), None)
    functions = list(dict.fromkeys(one for one, _ in spans))
    made = [
        Span(
            number,
            parent,
            functions.index(one),
            "shop",
            1,
            "main",
            number,
            number,
            call_line=line,
            activation=again,
        )
        for number, (one, (parent, line, again)) in enumerate(spans, 1)
    ]
    return recording_of(out, functions, made, {name: text.encode() for name, text in PROGRAMS.items()})


def recording_of(
    out: Path, functions: list[Function], spans: list[Span], sources: dict[str, bytes] | None = None
) -> Recording:
    """A recording of these spans in ``out``."""
    header = RecordingHeader(
        "sell", "record", "ab" * 16, 0, "now", len(spans), len(functions), {}, {}, [], [], [], {}
    )
    return write_recording(out, RequestTree(header, functions, spans), sources=sources or {})


def _traced(function: Callable[[], object]) -> list[tuple[Function, tuple[int, int, int]]]:
    """What ran: each function with the number of its parent, the line there, and its activation."""
    spans: list[tuple[Function, tuple[int, int, int]]] = []
    stack: list[tuple[int, FrameType]] = []
    started: dict[int, int] = {}

    def follow(frame: FrameType, event: str, _: object) -> None:
        module = frame.f_globals.get("__name__")
        if module not in RECORDED:
            return
        if event == "call":
            code = frame.f_code
            file = Path(code.co_filename).name if code.co_filename.endswith(".py") else ""
            parent, line = (stack[-1][0], stack[-1][1].f_lineno) if stack else (0, 0)
            again = started.get(id(frame), -1) + 1
            started[id(frame)] = again
            what = Function(f"{module}:{code.co_qualname}", file, code.co_firstlineno)
            spans.append((what, (parent, line or 0, again)))
            stack.append((len(spans), frame))
        elif event == "return" and stack and stack[-1][1] is frame:
            stack.pop()
            if frame.f_code.co_flags & 0x20 == 0:
                started.pop(id(frame), None)

    sys.setprofile(follow)
    try:
        function()
    finally:
        sys.setprofile(None)
    return spans
