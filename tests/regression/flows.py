"""Small programs and requests to make flows of."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from pathlib import Path

from tracer.model.function import Function
from tracer.model.graph import CallGraph
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import RecordingHeader, RequestTree, Span
from tracer.reading.reader import read
from tracer.reading.steps import read_steps
from tracer.regression.flow import Flow
from tracer.regression.static_flow import static_flow

SHOP = """
from functools import wraps


def audited(function):
    @wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


class Till:
    def take(self, sum_):
        return sum_

    def close(self):
        pass


class Shop:
    def __init__(self):
        self.till = Till()

    @audited
    def order(self, what):
        item = self.find(what)
        self.check(item)
        price = self.price(item)
        self.till.take(price)
        return self.pack(item)

    def find(self, what):
        return what

    def check(self, item):
        pass

    def price(self, item):
        return 1

    def pack(self, item):
        return item

    def wrap(self, item):
        return item


def main():
    shop = Shop()
    shop.order("tea")
"""


def written(folder: Path, source: str = SHOP, name: str = "shop") -> Path:
    """The package ``name`` below ``folder`` with ``source`` as its one module."""
    package = folder / name
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "work.py").write_text(textwrap.dedent(source))
    return package


def graph_of(package: Path) -> CallGraph:
    """The call graph of a package."""
    return read([str(package)], processes=1)


def flow_of(package: Path) -> Flow:
    """The static flow of a package, with order."""
    return static_flow(graph_of(package), read_steps([str(package)]))


Call = tuple[str, str] | tuple[str, str, Link]


def request(
    calls: Sequence[Call],
    *,
    service: str = "api",
    services: dict[str, str] | None = None,
    lines: dict[str, int] | None = None,
    raising: Collection[str] = (),
) -> RequestTree:
    """A request in which each call (caller, callee, link) is made under the latest span of its caller.

    The first caller is the root. ``services`` says which service runs a function, where it is another one;
    ``lines`` from which line it is called, where that is not the order of the calls; ``raising`` functions
    end with an exception.
    """
    names = list(dict.fromkeys(name for call in calls for name in call[:2]))
    functions = [
        Function(name, f"{name.partition(':')[0]}.py", number + 1) for number, name in enumerate(names)
    ]
    lanes = services or {}
    parents: list[tuple[str, int, Link]] = [(calls[0][0], 0, Link.PLAIN)]
    latest = {calls[0][0]: 1}
    for call in calls:
        parents.append((call[1], latest[call[0]], call[2] if len(call) == 3 else Link.PLAIN))
        latest[call[1]] = len(parents)
    spans = [
        Span(
            number,
            parent,
            names.index(name),
            lanes.get(name, service),
            1,
            "main",
            number,
            number + 1,
            Outcome.RAISED if name in raising else Outcome.RETURNED,
            link=link,
            call_line=(lines or {}).get(name, number),
        )
        for number, (name, parent, link) in enumerate(parents, 1)
    ]
    header = RecordingHeader("create", "", "", 0, "", len(spans), len(functions), {}, {}, [], [], [], {})
    return RequestTree(header, functions, spans)
