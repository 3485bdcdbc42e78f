"""From source to steps: every function's calls in the order of their evaluation, and what depends on what.

Two calls of a function depend on each other when the later one uses what the earlier one gives, or when both
touch the same object: a local variable, a parameter, or an attribute of one. Calls that share no object, and
calls in branches that exclude each other, have no order.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from tracer.model.steps import Step
from tracer.reading.archives import unpacked
from tracer.reading.files import find_sources

_VERSION = 3
_FORMAT = dict[str, list[Step]]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_FORMAT)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BUILT_IN = frozenset(dir(builtins))
_LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)


def read_steps(
    targets: Sequence[str],
    *,
    files: Collection[str] | None = None,
    cache: Path | None = None,
    include_tests: bool = False,
) -> dict[str, list[Step]]:
    """The steps of every function that the source files among ``targets`` define, by function id.

    Args:
        targets: what `tracer.reading.reader.read` takes.
        files: the files (as in `Function.file`) that are wanted; None for all.
        cache: folder in which steps are remembered by a file's content; None to remember none.
        include_tests: whether to read ``tests`` folders.
    """
    found: dict[str, list[Step]] = {}
    with unpacked(targets) as (places, _):
        for source in find_sources(places, include_tests=include_tests).files:
            if files is not None and source.file not in files:
                continue
            try:
                data = source.path.read_bytes()
            except OSError:
                continue
            for qualname, steps in _remembered(data, cache).items():
                found.setdefault(f"{source.module}:{qualname}", []).extend(steps)
    return found


def _remembered(data: bytes, cache: Path | None) -> dict[str, list[Step]]:
    if cache is None:
        return steps_of(data)
    key = hashlib.blake2b(data, digest_size=20).hexdigest()
    place = cache / f"steps-{_VERSION}" / key[:2] / key
    try:
        return _DECODER.decode(place.read_bytes())
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        made = steps_of(data)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        scratch = place.with_name(f"{key}.{os.getpid()}")
        scratch.write_bytes(_ENCODER.encode(made))
        scratch.replace(place)
    except OSError:
        pass
    return made


def steps_of(source: bytes | str) -> dict[str, list[Step]]:
    """The steps of every function in a file, by qualified name; none if it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, list[Step]] = {}
    try:
        _Body("<module>", "", tree.body, found).walk()
    except RecursionError:
        return {}
    return found


class _Body:
    """The walk through one function's body.

    Args:
        qualname: the function's.
        prefix: what the qualified names of functions defined in it begin with.
        statements: the body.
        found: where the steps go.
        own: names that only mean something inside of the function: calls of them have no name.
        outer: such names of the functions around it.
        decorators: what the function is wrapped in.
    """

    def __init__(
        self,
        qualname: str,
        prefix: str,
        statements: Sequence[ast.AST],
        found: dict[str, list[Step]],
        own: Collection[str] = (),
        outer: Collection[str] = (),
        decorators: Iterable[ast.expr] = (),
    ) -> None:
        self.qualname, self.prefix = qualname, prefix
        self.statements = statements
        self.found = found
        self.own = own
        self.objects = {*own, *outer}
        self.names: list[str] = []
        self.lines: list[int] = []
        self.after: list[set[int]] = []
        self.touched: dict[str, set[int]] = {}
        self._wrap(decorators)

    def _wrap(self, decorators: Iterable[ast.expr]) -> None:
        for number, decorator in enumerate(decorators):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            self._step(f"@{name}", called.end_lineno or 0, {number - 1} if number else set())

    def walk(self) -> None:
        """Go through the body; its steps are in ``found`` afterwards."""
        self._block(self.statements)
        steps = [
            Step(name, line, tuple(sorted(after)))
            for name, line, after in zip(self.names, self.lines, self.after, strict=True)
        ]
        self.found.setdefault(self.qualname, []).extend(steps)

    def _step(self, name: str, line: int, after: set[int]) -> int:
        self.names.append(name)
        self.lines.append(line)
        self.after.append(after)
        return len(self.names) - 1

    # Statements

    def _block(self, statements: Sequence[ast.AST]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.AST) -> None:
        if isinstance(node, ast.expr):
            self._use(node)
        elif isinstance(node, _FUNCTIONS):
            self._function(node)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, ast.If):
            self._use(node.test)
            self._branches([node.body, node.orelse])
        elif isinstance(node, ast.Match):
            self._use(node.subject)
            self._branches([case.body for case in node.cases])
        elif isinstance(node, ast.Try | ast.TryStar):
            self._block(node.body)
            self._branches([node.orelse, *(handler.body for handler in node.handlers)])
            self._block(node.finalbody)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._bind([node.target], self._use(node.iter))
            self._block(node.body)
            self._block(node.orelse)
        elif isinstance(node, ast.While):
            self._use(node.test)
            self._block(node.body)
            self._block(node.orelse)
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                made = self._use(item.context_expr)
                if item.optional_vars is not None:
                    self._bind([item.optional_vars], made)
            self._block(node.body)
        elif isinstance(node, ast.Assign):
            self._bind(node.targets, self._use(node.value))
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            self._bind([node.target], self._use(node.value) if node.value is not None else set())
        else:
            for child in ast.iter_child_nodes(node):
                self._use(child)

    def _branches(self, bodies: Iterable[Sequence[ast.AST]]) -> None:
        """Bodies of which at most one runs: none of them comes before another."""
        before = {path: set(steps) for path, steps in self.touched.items()}
        together = {path: set(steps) for path, steps in self.touched.items()}
        for body in bodies:
            self.touched = {path: set(steps) for path, steps in before.items()}
            self._block(body)
            if body and isinstance(body[-1], _LEAVING):
                continue
            for path, steps in self.touched.items():
                known = together.setdefault(path, set())
                if steps != before.get(path):
                    known -= before.get(path, set())
                    known |= steps
        self.touched = together

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._use(default)
        for decorator in node.decorator_list:
            self._use(decorator)
        _Body(
            self.prefix + node.name,
            f"{self.prefix}{node.name}.<locals>.",
            node.body,
            self.found,
            _own_names(node),
            self.objects,
            node.decorator_list,
        ).walk()

    def _class(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self._use(expression)
        outer, self.prefix = self.prefix, f"{self.prefix}{node.name}."
        self._block(node.body)
        self.prefix = outer

    # Expressions

    def _use(self, node: ast.AST) -> set[int]:
        """Walk an expression in the order of evaluation; returns the steps whose values it is made of."""
        if isinstance(node, ast.Call):
            return {self._call(node)}
        if isinstance(node, ast.Lambda):
            qualname = f"{self.prefix}<lambda>"
            own = _arguments(node.args)
            _Body(qualname, f"{qualname}.<locals>.", [node.body], self.found, own, self.objects).walk()
            return set()
        if isinstance(node, ast.GeneratorExp):
            made = self._use(node.generators[0].iter)
            qualname = f"{self.prefix}<genexpr>"
            own = {name.id for generator in node.generators for name in _stored([generator.target])}
            inner = [*node.generators[1:], *(test for one in node.generators for test in one.ifs), node.elt]
            _Body(qualname, f"{qualname}.<locals>.", inner, self.found, own, self.objects).walk()
            return made
        if isinstance(node, ast.NamedExpr):
            made = self._use(node.value)
            self._bind([node.target], made)
            return made
        if isinstance(node, ast.IfExp):
            made = self._use(node.test)
            self._branches([[ast.Expr(node.body)], [ast.Expr(node.orelse)]])
            return made
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
            for generator in node.generators:
                self._use(generator.iter)
                for test in generator.ifs:
                    self._use(test)
        made = set()
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.comprehension):
                made |= self._use(child)
        return made

    def _call(self, node: ast.Call) -> int:
        after = self._use(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            after |= self._use(argument)
        paths = {path for path in _paths(node) if path.partition(".")[0] in self.objects}
        for path in paths:
            after |= self._last(path)
        called = node.func
        name = ""
        if isinstance(called, ast.Attribute):
            name = called.attr
        elif isinstance(called, ast.Name) and called.id not in self.own and called.id not in _BUILT_IN:
            name = called.id
        step = self._step(name, called.end_lineno or 0, after)
        for path in paths:
            self.touched[path] = {step}
        return step

    def _last(self, path: str) -> set[int]:
        """The latest steps that touched the object at ``path``."""
        return self.touched.get(path, set())

    def _bind(self, targets: Iterable[ast.AST], made: set[int]) -> None:
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List):
                self._bind(target.elts, made)
            elif isinstance(target, ast.Starred):
                self._bind([target.value], made)
            else:
                path = _path(target)
                if path and made:
                    for step in made:
                        self.after[step] |= {earlier for earlier in self._last(path) if earlier < step}
                    self.touched[path] = self._last(path) | made if "." in path else set(made)
                if isinstance(target, ast.Subscript):
                    self._use(target.value)
                    self._use(target.slice)


def _paths(node: ast.Call) -> Iterator[str]:
    """The objects that a call touches: its receiver, and what it is handed by name."""
    if isinstance(node.func, ast.Attribute):
        path = _path(node.func.value)
        if path:
            yield path
    for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
        value = argument.value if isinstance(argument, ast.Starred) else argument
        for inner in ast.walk(value):
            if isinstance(inner, ast.Call | ast.Lambda | ast.GeneratorExp):
                break
            path = _path(inner)
            if path:
                yield path


def _path(node: ast.AST) -> str:
    """``name`` or ``name.attribute``; empty for what is neither."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    if isinstance(node, ast.Attribute | ast.Subscript):
        return _path(node.value)
    return ""


def _arguments(arguments: ast.arguments) -> set[str]:
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    listed += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return {argument.arg for argument in listed}


def _stored(nodes: Iterable[ast.AST]) -> Iterator[ast.Name]:
    """Names that are assigned to below ``nodes``, outside of functions and classes defined there."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _own_names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    declared = {
        name
        for inner in ast.walk(node)
        if isinstance(inner, ast.Global | ast.Nonlocal)
        for name in inner.names
    }
    return (_arguments(node.args) | {name.id for name in _stored(node.body)}) - declared
