"""Where more classes meet in a method's ``self`` than are followed, any class below may be meant."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.reading.flow.objects import ClassObj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef
from tracer.reading.links.base import RuleBase
from tracer.reading.lowering.facts import ATTR, CALL

_RULE = "method of some class below"


class Overrides(RuleBase):
    """Calls of methods on a ``self`` of too many classes."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        engine.at_end.append(self._call_any)

    def _call_any(self) -> None:
        bounded = self.engine.bounded
        for code in self.engine.codes if bounded else ():
            if code.code.owner >= 0 and code.positional:
                receiver = code.positional[0]
                owners = {
                    instance.owner.id: instance.owner
                    for instance in code.instances.values()
                    if instance.base + receiver in bounded and instance.owner is not None
                }
                if owners:
                    self._widen(code, receiver, list(owners.values()))

    def _widen(self, code: CodeRef, receiver: int, owners: list[ClassObj]) -> None:
        engine = self.engine
        loaded = {fact[1]: fact[3] for fact in code.code.ops if fact[0] == ATTR and fact[2] == receiver}
        for number, fact in enumerate(code.code.ops):
            if fact[0] == CALL and fact[2] in loaded:
                site = engine.site(code, number, fact[4], True)
                for callee in self._below(owners, loaded[fact[2]]):
                    engine.note(site, callee.id, "call", _RULE, sure=False)

    def _below(self, owners: list[ClassObj], name: str) -> Iterator[CodeRef]:
        engine = self.engine
        for owner in owners:
            for cls in engine.family(owner):
                if cls.instantiated and engine.defines(cls, name):
                    for value in engine.held(engine.class_attribute(cls, name)):
                        yield from engine.codes_behind(value)
