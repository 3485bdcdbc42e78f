"""Changes made on purpose to a source tree, by something that knows nothing of how they are to be found.

It looks at syntax trees of the standard library's `ast` and at a recording, which says what really ran where;
each change says of itself whether it alters the flow, and in which function.
"""

from __future__ import annotations

import ast
import random
import symtable
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tracer.model.request_tree import RequestTree

SENDING = ("cast", "call")
SWAPPED = "order of two dependent calls swapped"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Edit:
    """Text from one place (1-based line, column in bytes) to another, and what comes in its stead."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Mutant:
    """One change: its kind, the file, the function (id) whose flow it alters, the name of the call."""

    kind: str
    file: str
    function: str
    name: str
    edits: tuple[Edit, ...]

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line that it touches."""
        return min(edit.start[0] for edit in self.edits), max(edit.end[0] for edit in self.edits)


@dataclass(frozen=True)
class Site:
    """A call that ran: the statement list it stands in, its statement, the call itself."""

    body: list[ast.stmt]
    statement: ast.stmt
    call: ast.Call
    name: str


@dataclass(frozen=True)
class Place:
    """A function that ran, with the calls of it that did, and those by which it sends messages."""

    identity: str
    file: str
    node: Function
    owner: ast.ClassDef | None
    module: ast.Module
    sites: tuple[Site, ...]
    messages: tuple[ast.Call, ...]


def places(tree: RequestTree, root: Path, package: str) -> list[Place]:
    """The functions of ``package`` that the request ran, as they stand in the source below ``root``."""
    calls: defaultdict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for span in tree.spans:
        above = tree.parent(span)
        if above is None or above.pid != span.pid or not span.call_line:
            continue
        caller, callee = tree.function(above), tree.function(span)
        if not caller.file or not callee.file:
            continue
        if caller.module.partition(".")[0] == package:
            ours = callee.module.partition(".")[0] == package
            calls[caller.file, caller.id] |= {(span.call_line, callee.qualname)} if ours else set()
    found = []
    modules: dict[str, ast.Module] = {}
    for (file, identity), lines in sorted(calls.items()):
        if file not in modules:
            modules[file] = ast.parse((root / file).read_text(encoding="utf-8"))
        located = _locate(modules[file], identity.partition(":")[2])
        if located is None:
            continue
        node, owner = located
        sites = tuple(_sites(node, lines))
        messages = tuple(_messages(node)) if "rpcapi" in file else ()
        if sites or messages:
            found.append(Place(identity, file, node, owner, modules[file], sites, messages))
    return found


def _locate(module: ast.Module, qualname: str) -> tuple[Function, ast.ClassDef | None] | None:
    at: ast.AST = module
    owner = None
    for name in qualname.replace(".<locals>", "").split("."):
        inside = [
            node
            for node in ast.walk(at)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
        ]
        if len(inside) != 1 and not (inside and at is not module):
            return None
        owner, at = (at if isinstance(at, ast.ClassDef) else None), inside[0]
    return (at, owner) if isinstance(at, Function) else None


def _sites(node: Function, lines: set[tuple[int, str]]) -> Iterator[Site]:
    wanted = {(line, name) for line, qualname in lines for name in _names(qualname)}
    for body in bodies(node):
        for statement in body:
            if not isinstance(statement, ast.Expr | ast.Assign | ast.Return):
                continue
            for call in ast.walk(statement):
                if isinstance(call, ast.Call):
                    name = _called(call)
                    if any(
                        (line, name) in wanted for line in range(call.lineno, (call.func.end_lineno or 0) + 1)
                    ):
                        yield Site(body, statement, call, name)


def _messages(node: Function) -> Iterator[ast.Call]:
    """Calls of ``cast`` and ``call``: in a module of RPC, these send what somebody else receives."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and _called(call) in SENDING:
            yield call


def _names(qualname: str) -> Iterator[str]:
    parts = qualname.split(".")
    yield parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statement lists of a function, without those of functions and classes in it."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(node, field, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body
            for statement in body:
                if not isinstance(statement, Function | ast.ClassDef):
                    yield from bodies(statement)
    for handler in getattr(node, "handlers", []):
        yield from bodies(handler)


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


# What alters the flow


def removed(place: Place, choice: random.Random) -> Mutant | None:
    """A call that ran is gone: its statement, or only the call where its value is used."""
    if not place.sites:
        return None
    site = choice.choice(place.sites)
    target = (
        site.statement
        if isinstance(site.statement, ast.Expr) and site.statement.value is site.call
        else site.call
    )
    text = "pass" if target is site.statement else "None"
    return one_edit("call removed", place, site.name, replacement(target, text))


def added(place: Place, choice: random.Random) -> Mutant | None:
    """A call of another function of the module, or of the class, that is there."""
    names = _others(place, ())
    if not names or not place.sites:
        return None
    body = choice.choice(place.sites).body
    statement = choice.choice(body[1:] or body)
    if isinstance(statement, Function | ast.ClassDef) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    ):
        return None
    name = choice.choice(names)
    call = f"{_self(place)}.{name}()" if _self(place) else f"{name}()"
    at = (statement.lineno, statement.col_offset)
    return one_edit("call added", place, name, Edit(at, at, f"{call}\n{' ' * statement.col_offset}"))


def replaced(place: Place, choice: random.Random) -> Mutant | None:
    """A call of the own class or module calls another function of it."""
    own = _self(place)
    sites = [
        site
        for site in place.sites
        if (own and isinstance(site.call.func, ast.Attribute) and _is_name(site.call.func.value, own))
        or (not own and isinstance(site.call.func, ast.Name))
    ]
    if not sites:
        return None
    site = choice.choice(sites)
    names = _others(place, (site.name,))
    if not names:
        return None
    name = choice.choice(names)
    return one_edit(
        "call replaced", place, site.name, replacement(site.call.func, f"{own}.{name}" if own else name)
    )


def cast_to_call(place: Place, choice: random.Random) -> Mutant | None:
    """A message that nobody waited for is waited for."""
    return _other_method(place, choice, "cast", "call", "cast turned into call")


def call_to_cast(place: Place, choice: random.Random) -> Mutant | None:
    """A message that was waited for no longer is."""
    return _other_method(place, choice, "call", "cast", "call turned into cast")


def _other_method(place: Place, choice: random.Random, old: str, new: str, kind: str) -> Mutant | None:
    found = [call for call in place.messages if _called(call) == old]
    if not found:
        return None
    call = choice.choice(found)
    end = (call.func.end_lineno or 0, call.func.end_col_offset or 0)
    method = next(
        (
            argument.value
            for argument in call.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ),
        "",
    )
    return one_edit(kind, place, method, Edit((end[0], end[1] - len(old)), end, new))


def driver_bypassed(place: Place, choice: random.Random) -> Mutant | None:
    """What the driver was asked to do is left out."""
    found = [
        node
        for body in bodies(place.node)
        for statement in body
        if isinstance(statement, ast.Expr | ast.Assign | ast.Return)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "driver"
    ]
    if not found:
        return None
    call = choice.choice(found)
    return one_edit("driver method bypassed", place, _called(call), replacement(call, "None"))


def decorator_dropped(place: Place, choice: random.Random) -> Mutant | None:
    """A function is no longer wrapped."""
    if not place.node.decorator_list:
        return None
    decorator = choice.choice(place.node.decorator_list)
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
    start = (decorator.lineno, decorator.col_offset - 1)
    edit = Edit(start, (decorator.end_lineno or 0, decorator.end_col_offset or 0), "")
    return one_edit("decorator dropped", place, name, edit)


def swapped(place: Place, choice: random.Random) -> Mutant | None:
    """Two statements change places; the second needs what the first gave or was handed."""
    pairs = []
    by_statement = {id(site.statement): site for site in place.sites}
    for body in bodies(place.node):
        for first, second in pairwise(body):
            one, two = by_statement.get(id(first)), by_statement.get(id(second))
            if one is None or two is None or isinstance(second, ast.Return) or isinstance(first, ast.Return):
                continue
            names = [{_called(n) for n in ast.walk(s) if isinstance(n, ast.Call)} for s in (first, second)]
            if one.name == two.name or names[0] & names[1]:
                continue
            given = {
                n.id for n in ast.walk(first) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            if given & _read(second) or _handed(one.call) & _handed(two.call) & _local_names(place.node):
                pairs.append((first, second, one))
    if not pairs:
        return None
    first, second, one = choice.choice(pairs)
    lines = ast.unparse(second), ast.unparse(first)
    pad = " " * first.col_offset
    text = f"\n{pad}".join("\n".join(lines).split("\n"))
    edit = Edit((first.lineno, first.col_offset), (second.end_lineno or 0, second.end_col_offset or 0), text)
    return one_edit(SWAPPED, place, one.name, edit)


ALTERING: tuple[Callable[[Place, random.Random], Mutant | None], ...] = (
    removed,
    added,
    replaced,
    cast_to_call,
    call_to_cast,
    driver_bypassed,
    decorator_dropped,
    swapped,
)


def applied(source: str, mutants: list[Mutant]) -> str:
    """``source`` with all edits of ``mutants``, which do not touch each other."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = b"".join(lines)
    edits = sorted(
        (edit for mutant in mutants for edit in mutant.edits), key=lambda edit: edit.start, reverse=True
    )
    for edit in edits:
        first, last = (starts[line - 1] + column for line, column in (edit.start, edit.end))
        data = data[:first] + edit.text.encode() + data[last:]
    text = data.decode()
    symtable.symtable(text, "mutant", "exec")
    return text


def one_edit(kind: str, place: Place, name: str, edit: Edit) -> Mutant:
    return Mutant(kind, place.file, place.identity, name, (edit,))


def replacement(node: ast.expr | ast.stmt, text: str) -> Edit:
    return Edit((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0), text)


def _self(place: Place) -> str:
    """What the function calls its object; empty outside of a class."""
    static = any(_is_name(one, "staticmethod") for one in place.node.decorator_list)
    arguments = place.node.args.args
    return arguments[0].arg if place.owner is not None and arguments and not static else ""


def _others(place: Place, but: tuple[str, ...]) -> list[str]:
    """Plain functions of the own class, or module, other than the function itself."""
    body = place.owner.body if place.owner is not None and _self(place) else place.module.body
    return sorted(
        {
            node.name
            for node in body
            if isinstance(node, ast.FunctionDef)
            and not node.decorator_list
            and not node.name.startswith("__")
            and node.name not in (*but, place.node.name)
        }
    )


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _read(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _handed(call: ast.Call) -> set[str]:
    """Variables that are handed to a call by themselves, and the one whose method it is."""
    given = {argument.id for argument in call.args if isinstance(argument, ast.Name)}
    given |= {keyword.value.id for keyword in call.keywords if isinstance(keyword.value, ast.Name)}
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        given.add(call.func.value.id)
    return given


def _local_names(node: Function) -> set[str]:
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
