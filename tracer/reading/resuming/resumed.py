"""A finished propagation that is followed on where something was added.

What was found before stays as it is: where an addition would let a variable hold more, or change anything
else that was known, it is not followed on, and everything is to be followed again. So only the additions
themselves are worked through, however large the rest is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tracer.reading.flow import core
from tracer.reading.flow.entering import MAX_CALLERS, MAX_RECEIVERS
from tracer.reading.flow.objects import Call, ClassObj, FuncObj, Obj
from tracer.reading.flow.propagation import Propagation, Rule
from tracer.reading.flow.scopes import CodeRef, Instance, Module, Site
from tracer.reading.links.base import RuleBase
from tracer.reading.lowering import facts as op
from tracer.reading.resuming.added_flow import AddedFlow
from tracer.reading.resuming.growing import Consumed, Objects, Table
from tracer.reading.resuming.kept import UnfollowableError, kept
from tracer.reading.resuming.merging import Added, Merged, renumbered
from tracer.reading.resuming.state import SavedSite, State
from tracer.worklist import kernel

_REMEMBERING = frozenset(
    (
        "_caught_in",
        "_handed_on",
        "_iterated",
        "_made_by",
        "_opened",
        "_seeded",
        "_singletons",
        "annotations",
    )
)
"""Attributes that only say what was done already: more in them changes nothing."""
_AT_IMPORT = frozenset((op.FUNC, op.CLASS, op.GSTORE, op.STR, op.LITERAL, op.GLOBAL, op.ANNOTATE, op.IMPORT))
"""What may be added where it is followed in what order a module's body runs."""


class _Nothing:
    """No variables but the one that takes everything."""

    variables = 1

    def numbers(self, var: int) -> Sequence[int]:
        return ()

    def amount(self, var: int) -> int:
        return 0


class Resumed(Propagation):
    """A saved propagation, on which additions are followed.

    Args:
        state: what was saved.
        changes: what was added, by module.
        rules: the frameworks' rules, those that the saved one was made with.
        data: as for `Propagation`.
    """

    def __init__(
        self,
        state: State,
        changes: Mapping[str, Merged],
        rules: Iterable[Rule],
        data: Sequence[tuple[str, Path]],
    ) -> None:
        self._objects: Any = []
        self._flow = AddedFlow(_Nothing(), core.MANY, self.is_soft, 0)
        super().__init__((), rules, data)
        for rule in self.rules:
            rule.install(self)
        self.state = state
        self.opaque = state.opaque
        self._objects = Objects(state)
        self._flow = AddedFlow(state, core.MANY, self.is_soft, self.opaque)
        state.engine = self
        for name in state.attributes:
            vars(self).pop(name, None)
        for number, rule in enumerate(self.rules):
            _remind(rule, number, state)
        self._changes = changes
        self._shifts: dict[int, tuple[int, int]] = {}
        self.entered_again: dict[int, tuple[CodeRef, list[Instance]]] = {}
        """Scopes that were there and are entered in a way that was not, with all the ways that were."""
        self.added_codes: list[CodeRef] = []
        """The scopes that were not there before."""

    def __getattr__(self, name: str) -> Any:
        state: State | None = self.__dict__.get("state")
        if state is None or name not in state.attributes:
            raise AttributeError(name)
        value = state.attribute(name)
        if name in core.TABLES:
            value = Table(value, self._objects)
        elif name == "generators_consumed":
            value = Consumed(value, state.objects)
        elif name == "classes":
            value = list(value)
        elif name not in _REMEMBERING:
            value = kept(value)
        setattr(self, name, value)
        return value

    # In place of the work list

    @property
    def objects(self) -> Any:
        """All objects by number."""
        return self._objects

    @objects.setter
    def objects(self, value: Any) -> None:
        """Come from the state."""

    @property
    def variables(self) -> int:
        """How many variables there are."""
        return self._flow.variables

    @property
    def steps(self) -> int:
        """How often something was added or handed on."""
        return self._flow.steps

    @steps.setter
    def steps(self, value: int) -> None:
        """Counted by the flow."""

    def set_bounds(self, opaque: int, many: int, bound: int, much: int, many_each: int) -> None:
        """See `AddedFlow`: where many values meet, nothing is followed on."""

    def new_vars(self, count: int) -> int:
        """See `Kernel.new_vars`."""
        return self._flow.new_vars(count)

    def new_var(self) -> int:
        """See `Kernel.new_var`."""
        return self._flow.new_vars(1)

    def enlist(self, value: Obj, is_soft: bool) -> int:
        """See `Kernel.enlist`."""
        self._objects.append(value)
        return len(self._objects) - 1

    def is_soft(self, number: int) -> bool:
        """See `Kernel.is_soft`."""
        return self.softness(self.objects[number])

    def harden(self, number: int) -> None:
        """Makes no difference where few values meet."""

    def add(self, var: int, number: int) -> None:
        """See `Kernel.add`."""
        self._flow.add_all(var, (number,))

    def edge(self, source: int, target: int) -> None:
        """See `Kernel.edge`."""
        self._flow.edge(source, target)

    def watch(self, var: int, action: Callable[..., None], *data: Any) -> None:
        """See `Kernel.watch`."""
        self._flow.watch(var, action, *data)

    def run(self) -> None:
        """See `Kernel.run`."""
        self._flow.run()

    def numbers(self, var: int) -> list[int]:
        """See `Kernel.numbers`."""
        return self._flow.numbers(var)

    def held(self, var: int) -> list[Obj]:
        """See `Kernel.held`."""
        return [self._objects[number] for number in self._flow.numbers(var)]

    def is_empty(self, var: int) -> bool:
        """See `Kernel.is_empty`."""
        return not self._flow.amount(var)

    def amount(self, *variables: int) -> int:
        """See `Kernel.amount`."""
        return sum(map(self._flow.amount, variables))

    def grown_among(self, groups: list[tuple[int, ...]], amounts: list[int]) -> list[int]:
        """See `Kernel.grown_among`."""
        return kernel.Kernel.grown_among(self, groups, amounts)

    # Following on

    def variable(self, instance: Instance, var: int) -> int:
        """See `Propagation.variable`: added variables of a scope that was stand elsewhere."""
        limit, shift = self._shifts.get(instance.id, (var + 1, 0))
        return instance.base + var + (shift if var >= limit else 0)

    def follow(self) -> None:
        """Work through what was added.

        Raises:
            UnfollowableError: it changes something that was there.
        """
        for name in sorted(self._changes):
            self._take_module(self.modules[name], self._changes[name])
        for name in sorted(self._changes):
            self._begin_added(self.modules[name], self._changes[name])
        self.grow()
        self.settle_rounds()
        if self.unknown_names or self.computed_stores:
            raise UnfollowableError("attributes are asked for by names that are computed")
        facts = {
            name: [fact for code, first in self.added_in(name) for fact in code.code.ops[first:]]
            for name in self._changes
        }
        for rule in self.rules:
            if isinstance(rule, RuleBase) and rule.minds(self._objects.made, facts):
                raise UnfollowableError("a rule has something to say of what was added")

    def added_in(self, name: str) -> Iterator[tuple[CodeRef, int]]:
        """The scopes of a module in which something was added, and the numbers of the first operations that
        were."""
        change, codes = self._changes[name], self.modules[name].codes
        for index, added in change.scopes.items():
            yield codes[index], added.operations
        for code in codes[change.first :]:
            yield code, 0

    def _take_module(self, module: Module, change: Merged) -> None:
        stored = [name for name in change.facts.stores if name not in module.stores]
        if stored and module.name in self.state.attribute("star sources"):
            raise UnfollowableError("all names of the module are taken elsewhere")
        if stored and ("container", "dict", ("globals", module.name)) in self.state.attribute("_interned"):
            raise UnfollowableError("the module's names are looked at as a whole")
        for name in stored:
            if name in module.namespace:
                raise UnfollowableError(f"{name} was asked for where it was not defined")
            self._check_pattern(name)
        set.update(module.stores, stored)
        added = module.codes[change.first :]
        if any(code.dotted in self.not_named for code in added):
            raise UnfollowableError("a function was asked for by name where it was not defined")
        self.added_codes += added

    def _check_pattern(self, name: str) -> None:
        for prefix, suffix in self.state.attribute("patterns"):
            if name.startswith(prefix) and name.endswith(suffix):
                raise UnfollowableError(f"{name} is one of the names that are asked for by a part")

    def _check_export(self, name: str) -> None:
        if name in self.state.attribute("names") or (name.startswith("__") and name.endswith("__")):
            raise UnfollowableError(f"{name} is asked for elsewhere")
        self._check_pattern(name)

    def _begin_added(self, module: Module, change: Merged) -> None:
        for index, added in change.scopes.items():
            code = module.codes[index]
            at_import = code.code.kind == "module" or code.gid in self.state.attribute("run at import")
            if at_import and (
                added.rearranged
                or any(fact[0] not in _AT_IMPORT for fact in code.code.ops[added.operations :])
            ):
                raise UnfollowableError("more is done when a module is imported, or in another order")
            for name, _ in code.code.exports[added.exports :]:
                self._check_export(name)
            for instance in list(code.instances.values()):
                self._begin_in(instance, added)

    def _begin_in(self, instance: Instance, added: Added) -> None:
        body, base = instance.code.code, instance.base
        shift = self.new_vars(body.variables - added.variables) - base - added.variables
        self._shifts[instance.id] = added.variables, shift

        def moved(var: int) -> int:
            return var + shift if var >= added.variables else var

        made = instance.owner
        if body.kind == "class" and made is not None:
            for name, var in body.exports[added.exports :]:
                target = base + moved(var)
                dict.__setitem__(made.namespace, name, target)
                self.watch(target, self.name_set, made, name)
        for number in range(added.operations, len(body.ops)):
            fact = renumbered(body.ops[number], moved)
            self.enter_fact(instance, base, number, fact)

    def site(self, code: CodeRef, op: int, line: int, is_call: bool = False) -> Site:
        """See `Propagation.site`; from operations that were there nothing leads on that did not."""
        if op in code.sites or not 0 < code.gid < self.state.codes or op >= self.operations_before(code):
            return super().site(code, op, line, is_call)
        made = code.sites[op] = SavedSite(code, line, is_call)
        return made

    def operations_before(self, code: CodeRef) -> int:
        """How many operations a scope had that was there."""
        change = self._changes.get(code.module.name)
        added = change.scopes.get(code.index) if change is not None else None
        return len(code.code.ops) if added is None else added.operations

    def new_instance(self, code: CodeRef, parent: Instance | None, key: Any, depth: int) -> Instance:
        """See `Propagation.new_instance`."""
        if 0 < code.gid < self.state.codes and code.gid not in self.entered_again:
            self.entered_again[code.gid] = code, list(code.instances.values())
        return super().new_instance(code, parent, key, depth)

    def instance_for(
        self, func: FuncObj, call: Call | None, context: Any = None, receiver: Obj | None = None
    ) -> Instance:
        """See `Propagation.instance_for`; of many callers only the first are told apart."""
        many = self.most(MAX_CALLERS if receiver is None else MAX_RECEIVERS)
        if func.code.gid < self.state.codes and len(func.code.instances) >= many:
            raise UnfollowableError("a function has very many callers")
        return super().instance_for(func, call, context, receiver)

    def _settle_rules(self) -> None:
        """Rules decide on what they took note of; whatever is new in that is refused."""

    def add_base(self, cls: ClassObj, position: int, base: Obj) -> None:
        """Not followed: what is asked of a class is asked of those below it as well."""
        raise UnfollowableError("a class is added below another")

    def _seed_receivers(self) -> None:
        grown = [func.parent.owner for func in self.functions if func.code.code.owner >= 0]
        for cls in {cls.id: cls for cls in grown if cls is not None}.values():
            owner = self.instance_of(cls)
            for var in list(cls.namespace.values()):
                if self._flow.is_added(var):
                    for value in self.held(var):
                        self._seed(value, owner, cls)

    def originals_of(self, value: Obj) -> list[Obj]:
        """See `Propagation.originals_of`."""
        if self.decorations:
            raise UnfollowableError("something added is decorated")
        self._decorations_known = True
        return super().originals_of(value)

    def code_named(self, dotted: str) -> CodeRef | None:
        """Not known here."""
        raise UnfollowableError("a scope is asked for by name")


def _remind(rule: Any, number: int, state: State) -> None:
    """Let a rule remember what it did, as soon as it looks."""
    prefix = f"{number}."
    names = {name.removeprefix(prefix) for name in state.attributes if name.startswith(prefix)}
    for name in names:
        vars(rule).pop(name, None)

    def remembered(self: Any, name: str) -> Any:
        if name not in names:
            raise AttributeError(name)
        value = kept(state.attribute(prefix + name))
        setattr(self, name, value)
        return value

    rule.__class__ = type(type(rule).__name__, (type(rule),), {"__getattr__": remembered})
