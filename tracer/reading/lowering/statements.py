"""Statements to facts, and the entry that turns a file's source into its summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import libcst as cst

from tracer.reading.lowering.bound_names import bound_names, pattern_names
from tracer.reading.lowering.context import context_depth
from tracer.reading.lowering.expressions import Expressions, string_value
from tracer.reading.lowering.facts import (
    ANNOTATE,
    CALL,
    CAUGHT,
    CLASS,
    COPY,
    DELETE,
    ENTER,
    FUNC,
    IMPORT,
    IMPORTSTAR,
    ITER,
    MODE_DECORATOR,
    NEW,
    OPERATE,
    RAISE,
    RETURN_VAR,
    Code,
    FileFacts,
    Parameter,
)
from tracer.reading.lowering.lines import NameLines
from tracer.reading.lowering.scope import Loop, Scope


def lower(source: str) -> FileFacts:
    """Summarise a file's source text.

    Raises:
        libcst.ParserSyntaxError: the text is not Python 3.
    """
    module = cst.parse_module(source)
    return _Lowering(source).module(module)


class _Lowering(Expressions):
    """One walk over one file's tree."""

    def __init__(self, source: str) -> None:
        self.lines = NameLines(source)
        self.codes = [Code("<module>", "module", 1, -1, -1)]
        self.scope = Scope(self.codes[0], 0, None, set())
        self.public: list[str] | None = None

    def module(self, tree: cst.Module) -> FileFacts:
        """The whole file."""
        self.block(tree.body)
        self.scope.finish()
        return FileFacts(self.codes, list(self.scope.module_stores), self.public, self.lines.count)

    def block(self, statements: Iterable[cst.CSTNode]) -> None:
        """Statements in order."""
        for statement in statements:
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                handler(self, statement)

    def suite(self, node: cst.BaseSuite) -> None:
        """The body of a compound statement."""
        self.block(node.body)

    def _line(self, node: cst.SimpleStatementLine) -> None:
        self.block(node.body)

    def _expression(self, node: cst.Expr) -> None:
        self.value(node.value)
        call = node.value
        if (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value == "update"
            and isinstance(call.func.value, cst.Name)
            and len(call.args) == 1
            and isinstance(call.args[0].value, cst.Dict)
        ):
            self._updated(call.func.value)

    def _updated(self, holder: cst.Name) -> None:
        """``holder.update({...})`` was just entered: the keys it gives replace what was there."""
        scope = self.scope
        base = scope.env.get(holder.value)
        given = next((fact for fact in reversed(scope.ops) if fact[0] == NEW), None)
        if base is None or given is None or not scope.is_private(base):
            return
        for key, var, _ in given[3]:
            if key is None or key == "**" or not self._replace(holder, scope.env[holder.value], key, var):
                return

    def _assign(self, node: cst.Assign) -> None:
        start = self.lines.position
        first = node.targets[0].target
        if isinstance(first, cst.Name):
            self.lines.pass_name(first.value)
        var = self.value(node.value)
        end = self.lines.position
        self.lines.position = start
        for target in node.targets:
            self.bind_target(target.target, var)
        self.lines.position = max(end, self.lines.position)
        if self.scope.index == 0 and isinstance(first, cst.Name) and first.value == "__all__":
            self._public(node.value)

    def _public(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.List | cst.Tuple):
            names = [string_value(element.value) for element in node.elements]
            self.public = (self.public or []) + [name for name in names if name is not None]

    def _annotated(self, node: cst.AnnAssign) -> None:
        start = self.lines.position
        if isinstance(node.target, cst.Name):
            self.lines.pass_name(node.target.value)
        annotation = self.annotation(node.annotation)
        if isinstance(node.target, cst.Name) and self.scope.code.kind == "class":
            self.scope.code.annotated.append(node.target.value)
        if node.value is None:
            if isinstance(node.target, cst.Name) and self.scope.code.kind == "class":
                var = self.scope.new()
                if annotation is not None:
                    self.scope.emit(ANNOTATE, var, annotation)
            return
        var = self.value(node.value)
        end = self.lines.position
        self.lines.position = start
        self.bind_target(node.target, var)
        self.lines.position = max(end, self.lines.position)

    def annotation(self, node: cst.Annotation) -> int | None:
        """The variable of the class an annotation names, if it names one."""
        return self._annotation_class(node.annotation)

    def _annotation_class(self, node: cst.BaseExpression) -> int | None:
        if isinstance(node, cst.SimpleString):
            text = string_value(node)
            if not text:
                return None
            try:
                parsed = cst.parse_expression(text)
            except cst.ParserSyntaxError:
                return None
            saved = self.lines.position
            result = self._annotation_class(parsed)
            self.lines.position = saved
            return result
        if isinstance(node, cst.Name | cst.Attribute):
            if isinstance(node, cst.Name) and node.value in ("None", "True", "False"):
                return None
            return self.value(node)
        if isinstance(node, cst.BinaryOperation):
            left = self._annotation_class(node.left)
            right = self._annotation_class(node.right)
            return left if right is None else right if left is None else self.scope.join([left, right])
        if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name | cst.Attribute):
            name = node.value.value if isinstance(node.value, cst.Name) else node.value.attr.value
            if name in ("Optional", "Union", "Type", "Annotated", "Final", "ClassVar"):
                found = [
                    self._annotation_class(part.slice.value)
                    for part in node.slice
                    if isinstance(part.slice, cst.Index)
                ]
                known = [var for var in found if var is not None]
                return self.scope.join(known) if known else None
        return None

    def _augmented(self, node: cst.AugAssign) -> None:
        start = self.lines.position
        left = self.value(node.target)
        line = self.lines.line()
        right = self.value(node.value)
        end = self.lines.position
        dst = self.scope.new()
        self.scope.emit(OPERATE, dst, left, right, "i" + self.operator_name(node.operator), line)
        self.lines.position = start
        self.bind_target(node.target, dst)
        self.lines.position = max(end, self.lines.position)
        if self.scope.index == 0 and isinstance(node.target, cst.Name) and node.target.value == "__all__":
            self._public(node.value)

    def _return(self, node: cst.Return) -> None:
        if node.value is not None:
            self.scope.emit(COPY, RETURN_VAR, self.value(node.value))
        self.scope.live = False

    def _raise(self, node: cst.Raise) -> None:
        if node.exc is not None:
            var = self.value(node.exc)
            if not isinstance(node.exc, cst.Call):
                self.scope.emit(RAISE, var, self.lines.line())
            if node.cause is not None:
                self.value(node.cause.item)
        self.scope.live = False

    def _assert(self, node: cst.Assert) -> None:
        self.condition(node.test)
        if node.msg is not None:
            self.value(node.msg)

    def _delete(self, node: cst.Del) -> None:
        target = node.target
        parts = [element.value for element in target.elements] if isinstance(target, cst.Tuple) else [target]
        for part in parts:
            if isinstance(part, cst.Name):
                self.lines.pass_name(part.value)
                self.scope.kill(part.value)
            elif isinstance(part, cst.Attribute):
                base = self.value(part.value)
                self.lines.pass_name(part.attr.value)
                self.scope.emit(DELETE, base, part.attr.value, self.lines.line())
            elif isinstance(part, cst.Subscript):
                base = self.value(part.value)
                line = self.lines.line()
                self.subscript_key(part)
                self.scope.emit(DELETE, base, "", line)

    def _break(self, node: cst.Break) -> None:
        if self.scope.loops:
            self.scope.loops[-1].breaks.append(dict(self.scope.env))
        self.scope.live = False

    def _continue(self, node: cst.Continue) -> None:
        if self.scope.loops:
            self.scope.loops[-1].continues.append(dict(self.scope.env))
        self.scope.live = False

    def _import(self, node: cst.Import) -> None:
        for alias in node.names:
            dotted = self._dotted(alias.name)
            dst = self.scope.new()
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self.lines.pass_name(alias.asname.name.value)
                self.scope.emit(IMPORT, dst, dotted, 0, "")
                self.scope.bind(alias.asname.name.value, dst)
            else:
                top = dotted.partition(".")[0]
                if top != dotted:
                    self.scope.emit(IMPORT, self.scope.new(), dotted, 0, "")
                self.scope.emit(IMPORT, dst, top, 0, "")
                self.scope.bind(top, dst)

    def _dotted(self, node: cst.BaseExpression | None) -> str:
        if isinstance(node, cst.Attribute):
            prefix = self._dotted(node.value)
            self.lines.pass_name(node.attr.value)
            return f"{prefix}.{node.attr.value}"
        if isinstance(node, cst.Name):
            self.lines.pass_name(node.value)
            return node.value
        return ""

    def _import_from(self, node: cst.ImportFrom) -> None:
        module = self._dotted(node.module)
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            self.scope.emit(IMPORTSTAR, module, level)
            return
        for alias in node.names:
            name = self._dotted(alias.name)
            dst = self.scope.new()
            self.scope.emit(IMPORT, dst, module, level, name)
            bound = name
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                bound = alias.asname.name.value
                self.lines.pass_name(bound)
            self.scope.bind(bound, dst)

    def _global(self, node: cst.Global) -> None:
        for item in node.names:
            self.lines.pass_name(item.name.value)
            self.scope.global_names.add(item.name.value)

    def _nonlocal(self, node: cst.Nonlocal) -> None:
        for item in node.names:
            self.lines.pass_name(item.name.value)
            self.scope.outer_names.add(item.name.value)

    def condition(self, node: cst.BaseExpression) -> int:
        """Evaluate a test and note that its truth is asked for."""
        var = self.value(node)
        if isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript):
            self.truth(var)
        return var

    def _branch(self, before: dict[str, int], body: Callable[[], None]) -> dict[str, int] | None:
        self.scope.env = dict(before)
        self.scope.live = True
        body()
        return self.scope.env if self.scope.live else None

    def _if(self, node: cst.If) -> None:
        self.condition(node.test)
        before = self.scope.env
        then = self._branch(before, lambda: self.suite(node.body))
        orelse = node.orelse
        other: dict[str, int] | None
        if orelse is None:
            other = before
        elif isinstance(orelse, cst.If):
            other = self._branch(before, lambda: self._if(orelse))
        else:
            other = self._branch(before, lambda: self.suite(orelse.body))
        self.scope.merge([then, other])

    def _loop(self, node: cst.For | cst.While, head: Callable[[], None]) -> None:
        scope = self.scope
        names = bound_names([node])
        joins: dict[str, int] = {}
        for name in names:
            if name in scope.env:
                var = scope.join([scope.env[name]])
                joins[name] = var
                scope.env[name] = var
        loop = Loop()
        scope.loops.append(loop)
        head()
        at_head = dict(scope.env)
        scope.live = True
        self.suite(node.body)
        ends = [*loop.continues, *([scope.env] if scope.live else [])]
        scope.loops.pop()
        for name, var in joins.items():
            for end in ends:
                if end.get(name, var) != var:
                    scope.emit(COPY, var, end[name])
        scope.merge([at_head, *ends])
        if node.orelse is not None:
            self.suite(node.orelse.body)
        scope.merge([scope.env if scope.live else None, *loop.breaks])

    def _for(self, node: cst.For) -> None:
        start = self.lines.position
        self.lines.pass_name("in")
        iterated = self.value(node.iter)
        line, end = self.lines.line(), self.lines.position

        def head() -> None:
            item = self.scope.new()
            self.scope.emit(ITER, item, iterated, line, node.asynchronous is not None)
            self.lines.position = start
            self.bind_target(node.target, item)
            self.lines.position = max(end, self.lines.position)

        self._loop(node, head)

    def _while(self, node: cst.While) -> None:
        self._loop(node, lambda: void(self.condition(node.test)))

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        scope = self.scope
        before = dict(scope.env)
        mark = len(scope.log)
        self.suite(node.body)
        after = scope.env if scope.live else None
        in_handler = dict(before)
        changed: dict[str, list[int]] = {}
        for name, var in scope.log[mark:]:
            changed.setdefault(name, [before[name]] if name in before else []).append(var)
        for name, variables in changed.items():
            in_handler[name] = variables[0] if len(variables) == 1 else scope.join(variables)
        ends = [self._branch(in_handler, partial(self._handler, handler)) for handler in node.handlers]
        if node.orelse is not None and after is not None:
            orelse = node.orelse
            after = self._branch(after, lambda: self.suite(orelse.body))
        scope.merge([after, *ends])
        if node.finalbody is not None:
            alive = scope.live
            if not alive:
                scope.env = in_handler
            self.suite(node.finalbody.body)
            scope.live = scope.live and alive

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        caught = self.value(node.type) if node.type is not None else None
        if node.name is not None and isinstance(node.name.name, cst.Name):
            self.lines.pass_name(node.name.name.value)
            var = self.scope.new()
            if caught is not None:
                self.scope.emit(CAUGHT, var, caught)
            self.scope.bind(node.name.name.value, var)
        self.suite(node.body)

    def _with(self, node: cst.With) -> None:
        for item in node.items:
            manager = self.value(item.item)
            entered = self.scope.new()
            self.scope.emit(ENTER, entered, manager, self.lines.line(), node.asynchronous is not None)
            if item.asname is not None:
                self.bind_target(item.asname.name, entered)
        self.suite(node.body)

    def _match(self, node: cst.Match) -> None:
        subject = self.value(node.subject)
        before = self.scope.env
        ends: list[dict[str, int] | None] = []
        exhaustive = False
        for case in node.cases:

            def body(case: cst.MatchCase = case) -> None:
                self._pattern(case.pattern, subject)
                if case.guard is not None:
                    self.value(case.guard)
                self.suite(case.body)

            ends.append(self._branch(before, body))
            exhaustive = exhaustive or (
                isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None
            )
        self.scope.merge(ends if exhaustive else [*ends, before])

    def _pattern(self, pattern: cst.MatchPattern, subject: int) -> None:
        if isinstance(pattern, cst.MatchAs):
            if pattern.pattern is not None:
                if isinstance(pattern.pattern, cst.MatchClass):
                    klass = self.value(pattern.pattern.cls)
                    self._class_parts(pattern.pattern, subject)
                    if pattern.name is not None:
                        narrowed = self.scope.new()
                        self.scope.emit(CAUGHT, narrowed, klass)
                        self.lines.pass_name(pattern.name.value)
                        self.scope.bind(pattern.name.value, narrowed)
                    return
                self._pattern(pattern.pattern, subject)
            if pattern.name is not None:
                self.lines.pass_name(pattern.name.value)
                self.scope.bind(pattern.name.value, subject)
            return
        if isinstance(pattern, cst.MatchClass):
            self.value(pattern.cls)
            self._class_parts(pattern, subject)
            return
        if isinstance(pattern, cst.MatchOr):
            for option in pattern.patterns:
                self._pattern(option.pattern, subject)
            return
        if isinstance(pattern, cst.MatchSequence):
            from tracer.reading.lowering.facts import UNPACK

            starred = False
            for position, element in enumerate(pattern.patterns):
                part = self.scope.new()
                if isinstance(element, cst.MatchStar):
                    starred = True
                    self.scope.emit(UNPACK, part, subject, (position, len(pattern.patterns) - position - 1))
                    if element.name is not None:
                        self.lines.pass_name(element.name.value)
                        self.scope.bind(element.name.value, part)
                else:
                    index = position - len(pattern.patterns) if starred else position
                    self.scope.emit(UNPACK, part, subject, index)
                    self._pattern(element.value, part)
            return
        if isinstance(pattern, cst.MatchMapping):
            from tracer.reading.lowering.facts import INDEX

            for item in pattern.elements:
                key, key_var = self.key_of(item.key)
                part = self.scope.new()
                self.scope.emit(INDEX, part, subject, key, key_var, self.lines.line())
                self._pattern(item.pattern, part)
            return
        for name in pattern_names(pattern):
            self.scope.bind(name, subject)

    def _class_parts(self, pattern: cst.MatchClass, subject: int) -> None:
        from tracer.reading.lowering.facts import ATTR

        for item in pattern.patterns:
            self._pattern(item.value, self.scope.new())
        for keyword in pattern.kwds:
            self.lines.pass_name(keyword.key.value)
            part = self.scope.new()
            self.scope.emit(ATTR, part, subject, keyword.key.value, self.lines.line())
            self._pattern(keyword.pattern, part)

    def nested_code(
        self, name: str, kind: str, line: int, parameters: cst.Parameters | None, local_names: set[str]
    ) -> tuple[Scope, int, tuple[tuple[str, int], ...]]:
        """Open a nested scope; see `Expressions.nested_code`."""
        outer = self.scope
        above = outer.code
        if above.kind in ("module", "inlined") and outer.index == 0:
            qualname = name
        elif above.kind == "class":
            qualname = f"{above.qualname}.{name}"
        else:
            qualname = f"{above.qualname}.<locals>.{name}"
        if kind in ("function", "class") and name in outer.global_names:
            qualname = name
        index = len(self.codes)
        code = Code(
            qualname,
            kind,
            line,
            outer.index,
            outer.index if above.kind == "class" and kind != "class" else -1,
        )
        code.parameters, code.ops, code.exports, code.annotated = [], [], [], []
        self.codes.append(code)
        scope = Scope(code, index, outer, local_names)
        defaults: list[tuple[str, int]] = []
        if parameters is not None:
            for param, param_kind in _parameters(parameters):
                self.lines.pass_name(param.name.value)
                annotation = self.annotation(param.annotation) if param.annotation is not None else None
                if param.default is not None:
                    defaults.append((param.name.value, self.value(param.default)))
                var = scope.new()
                code.parameters.append(Parameter(param.name.value, var, param_kind))
                scope.env[param.name.value] = var
                scope.assigned[param.name.value] = [var]
                scope.local_names.add(param.name.value)
                if annotation is not None and param_kind not in "**":
                    outer.emit(ANNOTATE, (index, var), annotation)
        return scope, index, tuple(defaults)

    def _decorators(self, decorators: Sequence[cst.Decorator]) -> list[tuple[int, int]]:
        result = []
        for decorator in decorators:
            var = self.value(decorator.decorator)
            result.append((var, self.lines.line()))
        return result

    def _function(self, node: cst.FunctionDef) -> None:
        line = self.lines.next_line() if node.decorators else 0
        decorators = self._decorators(node.decorators)
        self.lines.pass_name(node.name.value)
        local_names = set(bound_names([node.body]))
        scope, index, defaults = self.nested_code(
            node.name.value, "function", line or self.lines.line(), node.params, local_names
        )
        if node.returns is not None:
            returned = self.annotation(node.returns)
            if returned is not None:
                self.scope.emit(ANNOTATE, (index, RETURN_VAR), returned)
        outer, self.scope = self.scope, scope
        code = scope.code
        code.asynchronous = node.asynchronous is not None
        code.abstract = _abstract(node)
        self.suite(node.body)
        scope.finish()
        code.contextual = context_depth(code, self.codes)
        self.scope = outer
        var = outer.new()
        outer.emit(FUNC, var, index, defaults)
        self._decorate(node.name.value, decorators, var)

    def _decorate(self, name: str, decorators: list[tuple[int, int]], var: int) -> None:
        for decorator, line in reversed(decorators):
            dst = self.scope.new()
            self.scope.emit(CALL, dst, decorator, ((None, var),), line, MODE_DECORATOR)
            var = dst
        self.scope.bind(name, var)

    def _class(self, node: cst.ClassDef) -> None:
        line = self.lines.next_line() if node.decorators else 0
        decorators = self._decorators(node.decorators)
        self.lines.pass_name(node.name.value)
        line = line or self.lines.line()
        bases = tuple(self.value(arg.value) for arg in node.bases)
        keywords = tuple((name or "**", var) for name, var in self.arguments(node.keywords))
        scope, index, _ = self.nested_code(node.name.value, "class", line, None, set())
        outer, self.scope = self.scope, scope
        self.suite(node.body)
        scope.finish()
        self.scope = outer
        var = outer.new()
        outer.emit(CLASS, var, index, bases, keywords)
        self._decorate(node.name.value, decorators, var)

    def _alias(self, node: cst.TypeAlias) -> None:
        self.lines.pass_name(node.name.value)
        self.scope.bind(node.name.value, self.scope.new())


def void(_: object) -> None:
    """Drop a value."""


def _parameters(node: cst.Parameters) -> list[tuple[cst.Param, str]]:
    found = [(param, "p") for param in node.posonly_params]
    found += [(param, "n") for param in node.params]
    if isinstance(node.star_arg, cst.Param):
        found.append((node.star_arg, "*"))
    found += [(param, "k") for param in node.kwonly_params]
    if node.star_kwarg is not None:
        found.append((node.star_kwarg, "**"))
    return found


def _abstract(node: cst.FunctionDef) -> bool:
    """Whether the body leaves everything to subclasses (only documents, passes, or raises
    NotImplementedError)."""
    for statement in node.body.body:
        parts: Sequence[Any] = (
            statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
        )
        for part in parts:
            if isinstance(part, cst.Pass) or (
                isinstance(part, cst.Expr)
                and isinstance(part.value, cst.SimpleString | cst.ConcatenatedString | cst.Ellipsis)
            ):
                continue
            if not isinstance(part, cst.Raise):
                return False
            raised: Any = part.exc.func if isinstance(part.exc, cst.Call) else part.exc
            return isinstance(raised, cst.Name) and raised.value == "NotImplementedError"
    return True


_HANDLERS: dict[type[cst.CSTNode], Callable[[Any, Any], None]] = {
    cst.SimpleStatementLine: _Lowering._line,
    cst.Expr: _Lowering._expression,
    cst.Assign: _Lowering._assign,
    cst.AnnAssign: _Lowering._annotated,
    cst.AugAssign: _Lowering._augmented,
    cst.Return: _Lowering._return,
    cst.Raise: _Lowering._raise,
    cst.Assert: _Lowering._assert,
    cst.Del: _Lowering._delete,
    cst.Break: _Lowering._break,
    cst.Continue: _Lowering._continue,
    cst.Import: _Lowering._import,
    cst.ImportFrom: _Lowering._import_from,
    cst.Global: _Lowering._global,
    cst.Nonlocal: _Lowering._nonlocal,
    cst.If: _Lowering._if,
    cst.For: _Lowering._for,
    cst.While: _Lowering._while,
    cst.Try: _Lowering._try,
    cst.TryStar: _Lowering._try,
    cst.With: _Lowering._with,
    cst.Match: _Lowering._match,
    cst.FunctionDef: _Lowering._function,
    cst.ClassDef: _Lowering._class,
    cst.TypeAlias: _Lowering._alias,
}
