"""Assignments, deletions and imports to facts: the statements that give names their meaning."""

from __future__ import annotations

import libcst as cst

from tracer.reading.lowering.branching import Branching
from tracer.reading.lowering.facts import (
    ANNOTATE,
    DELETE,
    IMPORT,
    IMPORTSTAR,
    NEW,
    OPERATE,
)
from tracer.reading.lowering.literals import string_value


class Naming(Branching):
    """The part of the walk that binds names."""

    public: list[str] | None

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
