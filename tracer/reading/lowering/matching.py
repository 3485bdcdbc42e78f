"""``match`` statements to facts."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from tracer.reading.lowering.bound_names import pattern_names
from tracer.reading.lowering.definitions import Definitions
from tracer.reading.lowering.facts import (
    ATTR,
    CAUGHT,
    INDEX,
    MATCHED,
    ONLY,
    UNPACK,
)


class Matching(Definitions):
    """The part of the walk that deals with patterns."""

    def branch(self, before: dict[str, int], body: Callable[[], None]) -> dict[str, int] | None:
        """Enter ``body`` with the names ``before``; the names after it, or None where it does not go on."""
        self.scope.env = dict(before)
        self.scope.live = True
        with self.scope.unsure():
            body()
        return self.scope.env if self.scope.live else None

    def _pattern(self, pattern: cst.MatchPattern, subject: int) -> None:
        if isinstance(pattern, cst.MatchAs):
            if pattern.pattern is not None:
                if isinstance(pattern.pattern, cst.MatchClass):
                    klass = self.value(pattern.pattern.cls)
                    self._class_parts(pattern.pattern, subject, klass)
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
            self._class_parts(pattern, subject, self.value(pattern.cls))
            return
        if isinstance(pattern, cst.MatchOr):
            for option in pattern.patterns:
                self._pattern(option.pattern, subject)
            return
        if isinstance(pattern, cst.MatchSequence):
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
            for item in pattern.elements:
                key, key_var = self.key_of(item.key)
                part = self.scope.new()
                self.scope.emit(INDEX, part, subject, key, key_var, self.lines.line())
                self._pattern(item.pattern, part)
            return
        for name in pattern_names(pattern):
            self.scope.bind(name, subject)

    def _class_parts(self, pattern: cst.MatchClass, matched: int, cls: int) -> None:
        subject = self.scope.new()
        self.scope.emit(ONLY, subject, matched, cls, True)
        for index, item in enumerate(pattern.patterns):
            part = self.scope.new()
            self.scope.emit(MATCHED, part, subject, cls, index, self.lines.line())
            self._pattern(item.value, part)
        for keyword in pattern.kwds:
            self.lines.pass_name(keyword.key.value)
            part = self.scope.new()
            self.scope.emit(ATTR, part, subject, keyword.key.value, self.lines.line())
            self._pattern(keyword.pattern, part)

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

            ends.append(self.branch(before, body))
            exhaustive = exhaustive or (
                isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None
            )
        self.scope.merge(ends if exhaustive else [*ends, before])
