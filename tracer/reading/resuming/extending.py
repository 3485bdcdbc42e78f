"""The graph of a program that does more than before, from what was saved when it was followed in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tracer.model.graph import CallGraph, Sites
from tracer.reading.assemble import Assembly, count_functions
from tracer.reading.flow.propagation import Rule
from tracer.reading.flow.scopes import CodeRef, Instance
from tracer.reading.handovers import hands_over
from tracer.reading.lowering.facts import CALL, MODE_CALL
from tracer.reading.resuming.kept import UnfollowableError
from tracer.reading.resuming.merging import Merged
from tracer.reading.resuming.resumed import Resumed
from tracer.reading.resuming.state import State


def extend(
    base: CallGraph,
    state: State,
    changes: Mapping[str, Merged],
    starts: Mapping[str, int],
    free: int,
    rules: Sequence[Rule],
    data: Sequence[tuple[str, Path]],
) -> CallGraph:
    """``base`` with what was added.

    Args:
        base: the graph as it was, with numbers of places in place of lines.
        state: what was saved with it.
        changes: what was added, by module.
        starts: for each module the number of its first place.
        free: the first number that no place of ``base`` has: those of additions begin there, module by
            module in order of their names; each has as many as its file has now.
        rules: the frameworks' rules.
        data: names and places of files that are no Python.

    Raises:
        UnfollowableError: an addition changes what was found before.
    """
    with state.reviving():
        engine = Resumed(state, changes, rules, data)
        engine.follow()
        added: dict[str, int] = {}
        for name in sorted(changes):
            added[name] = free
            free += changes[name].added_places
        assembly = _Addition(engine, starts, added, changes)
        assembly.note_unused_generators()
        taken = state.attribute("taken")
        for name in sorted(changes):
            for code, first in engine.added_in(name):
                if hands_over(engine, code, first, taken):
                    raise UnfollowableError("a function is handed over")
                assembly.look_at(code, first)
        for code, before in engine.entered_again.values():
            assembly.check_reasons(code, before)
        guessed = state.attribute("guessed") | assembly.guessed
        for code in engine.added_codes:
            if code.code.owner >= 0 and code.code.qualname.rpartition(".")[2] in guessed:
                raise UnfollowableError("a method is added whose name is looked for")
        for call in assembly.calls:
            if call.callee in engine.judged_at_end:
                raise UnfollowableError("a function is called whose callers are looked at as a whole")
        summary = msgspec.structs.replace(
            base.summary,
            functions=base.summary.functions + count_functions(engine.added_codes),
            sites=_sum(base.summary.sites, assembly.sites()),
        )
        return base.extended(summary, assembly.functions(engine.added_codes).values(), assembly.calls)


class _Addition(Assembly):
    def __init__(
        self,
        engine: Resumed,
        starts: Mapping[str, int],
        added: Mapping[str, int],
        changes: Mapping[str, Merged],
    ) -> None:
        extra = engine.state.attribute
        super().__init__(engine, starts, 0, extra("by name"), extra("originals"))
        self._engine = engine
        self._added = added
        self._changes = changes

    def check_reasons(self, code: CodeRef, before: Sequence[Instance]) -> None:
        """What is not known of a scope that was there must be so for the reasons that it was."""
        for number, fact in enumerate(code.code.ops[: self._engine.operations_before(code)]):
            if fact[0] != CALL or fact[5] != MODE_CALL:
                continue
            site = code.sites.get(number)
            known = site is not None and (site.callees or site.constructs or site.outside)
            if not known and (
                not before
                or self.reason(code, number, before) != self.reason(code, number, code.instances.values())
            ):
                raise UnfollowableError("more is known of a function that was there")

    def place(self, code: CodeRef, line: int) -> int:
        """See `Assembly.place`; places of additions stand behind all others."""
        change = self._changes.get(code.module.name)
        if change is not None and line >= change.places:
            return self._added[code.module.name] + line - change.places
        return super().place(code, line)


def _sum(before: Sites, added: Sites) -> Sites:
    reasons = Counter(before.reasons)
    reasons.update(added.reasons)
    return Sites(
        total=before.total + added.total,
        exact=before.exact + added.exact,
        inferred=before.inferred + added.inferred,
        by_name=before.by_name + added.by_name,
        external=before.external + added.external,
        unresolved=before.unresolved + added.unresolved,
        reasons=dict(sorted(reasons.items())),
    )
