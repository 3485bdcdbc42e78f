"""A scope while its file is walked: which variable each name stands for at this point of the source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tracer.reading.lowering.facts import (
    ATTR,
    COPY,
    FREE,
    FREESTORE,
    GLOBAL,
    GSTORE,
    INDEX,
    REPLACE,
    SETINDEX,
    Code,
)
from tracer.reading.lowering.operands import operands

_MAX_LOOKBACK = 400
_HARMLESS = frozenset(("get", "update", "items", "keys", "values"))


class Loop:
    """The environments that leave a loop early."""

    def __init__(self) -> None:
        self.breaks: list[dict[str, int]] = []
        self.continues: list[dict[str, int]] = []


class Scope:
    """Names and variables of one scope.

    Args:
        code: the summary being filled.
        index: its place in the file's list.
        parent: the enclosing scope.
        local_names: names that the scope binds (functions; module and class bodies bind dynamically).
    """

    def __init__(self, code: Code, index: int, parent: Scope | None, local_names: set[str]) -> None:
        self.code = code
        self.index = index
        self.parent = parent
        self.local_names = local_names
        self.global_names: set[str] = set()
        self.outer_names: set[str] = set()
        self.env: dict[str, int] = {}
        self.live = True
        self.assigned: dict[str, list[int]] = {}
        self.cells: dict[str, int] = {}
        self.written_inside: set[str] = set()
        self.free: dict[tuple[int, str], int] = {}
        self.private: dict[int, int] = {}
        self.constants: dict[int, str | int] = {}
        self.loops: list[Loop] = []
        self.log: list[tuple[str, int]] = []
        self.ops: list[tuple[Any, ...]] = code.ops
        self._unsure_since: int | None = None
        self._leaves_early = False
        self.module_stores: dict[str, None] = parent.module_stores if parent else {}

    @property
    def is_function(self) -> bool:
        """Whether nested scopes see the names bound here."""
        return self.code.kind not in ("module", "class")

    def new(self) -> int:
        """A fresh variable."""
        var = self.code.variables
        self.code.variables = var + 1
        return var

    @contextmanager
    def unsure(self) -> Iterator[None]:
        """What is noted meanwhile may run not at all or several times."""
        outermost = self._unsure_since is None
        if outermost:
            self._unsure_since = len(self.ops)
        yield
        if outermost and not self._leaves_early:
            self._end_unsure()

    def _end_unsure(self) -> None:
        if self._unsure_since is not None and len(self.ops) > self._unsure_since:
            self.code.unsure.append((self._unsure_since, len(self.ops)))
        self._unsure_since = None

    def leave(self) -> None:
        """The scope returns here: where that is not sure, it is not sure either that it goes on."""
        self.live = False
        self._leaves_early = self._leaves_early or self._unsure_since is not None

    def emit(self, *op: Any) -> None:
        """Note a fact."""
        self.ops.append(op)

    def cell(self, name: str) -> int:
        """The variable that holds whatever ``name`` is ever bound to here, for scopes inside."""
        var = self.cells.get(name)
        if var is None:
            var = self.cells[name] = self.new()
        return var

    def read(self, name: str) -> int:
        """The variable that holds the value of ``name`` at this point."""
        var = self.env.get(name)
        if var is not None:
            if name in self.written_inside:
                both = self.new()
                self.emit(COPY, both, var)
                self.emit(COPY, both, self.cell(name))
                return both
            return var
        if name in self.local_names and name not in self.global_names and name not in self.outer_names:
            return self.cell(name)
        depth, scope = self._owner(name)
        dst = self.free.get((depth, name))
        if dst is None:
            dst = self.new()
            if scope is None:
                self.emit(GLOBAL, dst, name)
            else:
                scope.code.captures = True
                self.emit(FREE, dst, depth, scope.cell(name))
            if scope is not None or self.is_function:
                self.free[depth, name] = dst
        return dst

    def _owner(self, name: str) -> tuple[int, Scope | None]:
        if name in self.global_names:
            return 0, None
        depth = 1
        scope = self.parent
        while scope is not None:
            if (
                scope.is_function
                and name not in scope.global_names
                and ((name in scope.local_names and name not in scope.outer_names) or name in scope.env)
            ):
                return depth, scope
            depth += 1
            scope = scope.parent
        return 0, None

    def bind(self, name: str, var: int) -> None:
        """From here on ``name`` stands for ``var``."""
        if name in self.global_names:
            self.emit(GSTORE, name, var)
            self.module_stores[name] = None
            return
        if name in self.outer_names:
            depth, scope = self._owner(name)
            if scope is not None:
                scope.written_inside.add(name)
                self.emit(FREESTORE, depth, scope.cell(name), var)
                return
        if self.code.kind == "module":
            self.emit(GSTORE, name, var)
            self.module_stores[name] = None
        self.env[name] = var
        self.assigned.setdefault(name, []).append(var)
        self.log.append((name, var))

    def is_private(self, var: int) -> bool:
        """Whether ``var`` is a container made in this scope that nothing but names here (or globals) can
        reach."""
        since = self.private.get(var)
        if since is None or self.loops or len(self.ops) - since > _MAX_LOOKBACK:
            return False
        return not any(_lets_out(op, var) for op in self.ops[since:])

    def rebind(self, old: int, new: int) -> None:
        """Every name that stands for ``old`` stands for ``new`` from here on."""
        for name in [name for name, var in self.env.items() if var == old]:
            self.bind(name, new)

    def mangled(self, name: str) -> str:
        """The name as the compiler stores it: ``__x`` in a class body or its methods becomes
        ``_Class__x``."""
        if not name.startswith("__") or name.endswith("__"):
            return name
        scope: Scope | None = self
        while scope is not None and scope.code.kind != "class":
            scope = scope.parent
        if scope is None:
            return name
        owner = scope.code.qualname.rpartition(".")[2].lstrip("_")
        return f"_{owner}{name}" if owner else name

    def kill(self, name: str) -> None:
        """``del name``."""
        self.env.pop(name, None)

    def merge(self, branches: list[dict[str, int] | None]) -> None:
        """Continue after ``branches`` (None: a branch that never gets here)."""
        alive = [branch for branch in branches if branch is not None]
        self.live = bool(alive)
        if not alive:
            return
        first = alive[0]
        if len(alive) == 1:
            self.env = first
            return
        merged = dict(first)
        names = dict.fromkeys(name for branch in alive for name in branch)
        for name in names:
            variables = sorted({branch[name] for branch in alive if name in branch})
            if len(variables) == 1:
                merged[name] = variables[0]
                continue
            merged[name] = self.join(variables)
        self.env = merged

    def join(self, variables: list[int]) -> int:
        """A variable that holds what any of ``variables`` holds."""
        var = self.new()
        for source in variables:
            self.emit(COPY, var, source)
        return var

    def finish(self) -> None:
        """Connect the names that nested scopes read to everything bound to them."""
        for name, cell in self.cells.items():
            for var in self.assigned.get(name, ()):
                self.emit(COPY, cell, var)
        self._end_unsure()
        if self.code.kind == "class":
            self.code.exports = [(self.mangled(name), var) for name, var in self.env.items()]


def _lets_out(op: tuple[Any, ...], var: int) -> bool:
    kind = op[0]
    if kind in (INDEX, GSTORE, SETINDEX) and (kind != SETINDEX or op[4] != var):
        return False
    if kind == ATTR and op[2] == var:
        return bool(op[3] not in _HARMLESS)
    if kind == REPLACE:
        return bool(op[4] == var)
    return var in operands(op).variables
