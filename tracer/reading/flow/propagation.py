"""The propagation as a whole: modules in, sites with their callees out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from tracer.model.paths import Handover
from tracer.reading.files import SourceFile
from tracer.reading.flow.core import Groups
from tracer.reading.flow.entering import Args
from tracer.reading.flow.objects import (
    BoundObj,
    ClassObj,
    Container,
    Entry,
    External,
    FuncObj,
    InstObj,
    Obj,
    PropertyObj,
    Text,
    Wrapped,
)
from tracer.reading.flow.scopes import CodeRef, Instance, Module, absolute_module
from tracer.reading.flow.settling import Settling
from tracer.reading.lowering.facts import IMPORTSTAR, Code, FileFacts

_MAX_ROUNDS = 60


class Rule(Protocol):
    """What the propagation asks of a framework's rule; see ``docs/adding-a-rule.md``."""

    def install(self, engine: Propagation) -> None:
        """Register models and observers, before anything is propagated."""

    def settle(self, engine: Propagation) -> None:
        """Add what can only be decided when nothing flows any more; called until nothing is added."""


class Propagation(Settling):
    """Reads summaries, propagates to the end, keeps every site's callees.

    Args:
        files: what was read, sorted by module, with the summaries.
        rules: the frameworks' rules, in a fixed order.
        data: names and places of files that are no Python but may concern rules.
    """

    def __init__(
        self,
        files: Sequence[tuple[SourceFile, FileFacts]],
        rules: Iterable[Rule],
        data: Sequence[tuple[str, Path]] = (),
    ) -> None:
        super().__init__()
        self.data = list(data)
        self.codes: list[CodeRef] = []
        self.at_end: list[Callable[[], None]] = []
        """What looks at all that was found and lets nothing flow any more."""
        self.option_texts: list[list[str]] = []
        self.entries: dict[tuple[str, str], None] = {}
        self.routes: dict[str, dict[int, Obj]] = {}
        self.remote_methods: dict[str, None] = {}
        self.privileged: dict[str, None] = {}
        self.handed_over: dict[Handover, None] = {}
        self.not_named: set[str] = set()
        """Dotted names that were asked for and that no scope has."""
        self.judged_at_end: set[str] = set()
        """Functions whose callers are told more in `at_end`."""
        self.on_behalf: dict[tuple[str, str], dict[int, Instance]] = {}
        for source, facts in files:
            self.modules[source.module] = Module(source.module, source.file, source.is_package, facts)
        for name in sorted(self.modules):
            while "." in name:
                name = name.rpartition(".")[0]
                if name not in self.modules:
                    self.modules[name] = Module(name, "", True, None)
        nowhere = Module("<rules>", "", False, None)
        self.no_code = CodeRef(nowhere, Code("<rules>", "module", 0, -1, -1), 0)
        self.codes.append(self.no_code)
        self.no_instance = Instance(self.no_code, None, self.new_vars(8), 0, -1)
        self.rules = list(rules)
        for name in sorted(self.modules):
            module = self.modules[name]
            for index, code in enumerate(module.facts.codes if module.facts else ()):
                ref = CodeRef(module, code, len(self.codes), index)
                module.codes.append(ref)
                self.codes.append(ref)
        self._decorated: dict[int, list[Obj]] = {}
        self._decorating = Groups()
        self._decorations_known = False
        self._by_dotted: dict[str, CodeRef] = {}
        self._seeded: set[tuple[int, int]] = set()

    def propagate(self) -> None:
        """Work to the end."""
        for rule in self.rules:
            rule.install(self)
        self._take_stars()
        for name in sorted(self.modules):
            module = self.modules[name]
            if module.codes:
                self.new_instance(module.codes[0], None, 0, 0)
        self.grow()
        self.bodies_wanted = True
        for func in list(self.functions):
            if not func.code.code.contextual:
                self.instance_for(func, None)
        self.grow()
        self.settle_rounds()
        for action in self.at_end:
            action()
        self.forget_ways()

    def settle_rounds(self) -> None:
        """Decide what can only be decided when nothing flows, until nothing is left to decide."""
        for _ in range(_MAX_ROUNDS):
            before = (self.variables, self.steps)
            for step in (
                self._sift_until_done,
                self._enter_the_rest,
                self.settle_flow,
                self._settle_rules,
                self._seed_receivers,
                self._seed_annotations,
            ):
                self._decorations_known = False
                step()
                self.grow()
                self.run()
            if (self.variables, self.steps) == before:
                self.settle_last()
                self.grow()
                self.run()
                self._decorations_known = False
                if (self.variables, self.steps) == before:
                    break

    def _sift_until_done(self) -> None:
        while self.sift_the_rest():
            self.grow()
            self.run()

    def let_go(self) -> None:
        """Take apart what knows each other in circles, so that it is freed at once; for when all is done."""
        for code in self.codes:
            code.sites.clear()
            code.instances.clear()
        for module in self.modules.values():
            module.codes.clear()
        for cls in self.classes:
            cls.mro = None
            cls.bases.clear()
            cls.subclasses.clear()
            cls.entries.clear()
            cls.body.owner = None
        for value in self.objects:
            if type(value) is Container:
                value.watchers.clear()
            elif type(value) is External:
                value.loaded.clear()
                value.called = None
        self.objects.clear()
        self.single_run.let_go()
        vars(self).clear()

    def _take_stars(self) -> None:
        stars = [
            (module, absolute_module(module, fact[1], fact[2]))
            for module in self.modules.values()
            for code in module.codes
            for fact in code.code.ops
            if fact[0] == IMPORTSTAR
        ]
        changed = True
        while changed:
            changed = False
            for module, target in stars:
                source = self.modules.get(target)
                if source is None:
                    continue
                public = source.facts.public if source.facts else None
                names = public if public is not None else sorted(n for n in source.stores if n[0] != "_")
                for name in names:
                    if name not in module.stores:
                        module.stores.add(name)
                        changed = True
        taken: set[tuple[str, str]] = set()
        for module, target in reversed(stars):
            source = self.modules.get(target)
            if source is None:
                continue
            public = source.facts.public if source.facts else None
            for name in public if public is not None else sorted(n for n in source.stores if n[0] != "_"):
                if (module.name, name) in taken:
                    continue
                taken.add((module.name, name))
                self.edge(self.module_attribute(source, name), self.module_attribute(module, name))

    def data_code(self, name: str) -> CodeRef:
        """A scope that stands for a data file, so that what it names has a caller."""
        found = self.code_named(name + ".<module>")
        if found is None:
            module = Module(name, name, False, None)
            found = CodeRef(module, Code("<module>", "module", 1, -1, -1), len(self.codes))
            self.codes.append(found)
            self._by_dotted[found.dotted] = found
        return found

    def code_named(self, dotted: str) -> CodeRef | None:
        """The scope of this dotted name, if it was read."""
        if not self._by_dotted:
            for code in self.codes:
                self._by_dotted.setdefault(code.dotted, code)
        found = self._by_dotted.get(dotted)
        if found is None:
            self.not_named.add(dotted)
        return found

    def originals_of(self, value: Obj) -> list[Obj]:
        """What ``value``, if a decorator returned it, stands for: the decorated values, innermost last."""
        if not self._decorations_known:
            self._decorations_known = True
            if self.grown(self._decorating, self.decorations, lambda decoration: decoration[1:3]):
                self._look_at_decorations()
        found: list[Obj] = []
        todo = [value]
        while todo:
            for inner in self._decorated.get(todo.pop().id, ()):
                if inner not in found and inner is not value:
                    found.append(inner)
                    todo.append(inner)
        return found

    def _look_at_decorations(self) -> None:
        self._decorated = {}
        for _, argument, dst, _call in self.decorations:
            given = self.held(argument)
            for made in self.held(dst):
                if isinstance(made, FuncObj) and made not in given:
                    known = self._decorated.setdefault(made.id, [])
                    known.extend(inner for inner in given if inner not in known)

    def codes_behind(self, value: Obj) -> list[CodeRef]:
        """The scope that a function value is of, or the ones that its decorators hide."""
        if isinstance(value, Wrapped):
            return self.codes_behind(value.inner)
        if isinstance(value, BoundObj):
            return self.codes_behind(value.func)
        inner = [found for found in self.originals_of(value) if isinstance(found, FuncObj)]
        if inner:
            return [inner[-1].code]
        return [value.code] if isinstance(value, FuncObj) else []

    def depends_on_caller(self, instance: Instance, callee: str) -> None:
        """``instance``'s scope calls ``callee`` on behalf of the caller it was entered by, not of others."""
        self.on_behalf.setdefault((instance.code.id, callee), {})[instance.id] = instance

    def get_lazily(self, cls: ClassObj, method: str, entry: Entry, args: Args, rule: str) -> None:
        """Reading ``entry`` may call ``method`` of ``cls``, whose result is not the attribute's value."""
        quiet = Entry(self.new_var())
        quiet.sites = entry.sites
        quiet.getters = entry.getters
        self.watch(self.class_attribute(cls, method), self._get_through, quiet, args, rule)

    def _enter_the_rest(self) -> None:
        """Functions that are propagated by caller and that nothing calls."""
        for func in self.functions:
            if not func.code.instances:
                self.instance_for(func, None)
        for code in {func.code.gid: func.code for func in self.functions}.values():
            for instance in code.instances.values():
                for target in list(instance.defaults):
                    if self.is_empty(instance.base + target):
                        self.use_default(instance, target)

    def _settle_rules(self) -> None:
        for rule in self.rules:
            rule.settle(self)
            self.run()

    # Receivers nobody was seen to make

    def _seed_receivers(self) -> None:
        for cls in list(self.classes):
            owner = self.instance_of(cls)
            for name in list(cls.namespace):
                for value in self.held(cls.namespace[name]):
                    self._seed(value, owner, cls)

    def _seed(self, value: Obj, owner: InstObj, cls: ClassObj) -> None:
        if isinstance(value, FuncObj):
            code = value.code
            if not code.positional and code.vararg < 0:
                return
            instance = self.instance_for(value, None)
            if code.code.owner >= 0 and code.positional:
                target = instance.base + code.positional[0]
                if self.is_empty(target) and not self._received(value):
                    self.add(target, self._receiver(value, owner, cls).id)
            elif (value.id, owner.id) not in self._seeded and code.code.owner < 0:
                self._seeded.add((value.id, owner.id))
                if code.code.kind != "class":
                    self.bind_arguments(instance, (), (owner,))
        elif isinstance(value, Wrapped) and value.kind == "classmethod":
            if isinstance(value.inner, FuncObj) and value.inner.code.positional:
                instance = self.instance_for(value.inner, None)
                target = instance.base + value.inner.code.positional[0]
                told_apart = value.inner.code.code.by_receiver and self._received(value.inner)
                if self.is_empty(target) and not told_apart:
                    self.add(target, cls.id)
        elif isinstance(value, Wrapped) and value.kind != "staticmethod":
            self._seed(value.inner, owner, cls)
        elif isinstance(value, PropertyObj):
            for part in (value.getter, value.setter, value.deleter):
                for inner in self.held(part):
                    self._seed(inner, owner, cls)

    def _received(self, func: FuncObj) -> bool:
        """Whether some instance of the body was entered with a receiver."""
        first = func.code.positional[0]
        return not all(self.is_empty(instance.base + first) for instance in func.code.instances.values())

    def _receiver(self, func: FuncObj, owner: InstObj, cls: ClassObj) -> Obj:
        if func.code.code.qualname.rpartition(".")[2] in (
            "__new__",
            "__init_subclass__",
            "__class_getitem__",
        ):
            return cls
        metaclass = any(
            isinstance(above, External) and above.dotted in ("builtins.type", "abc.ABCMeta")
            for above in self.order(cls)
        )
        return cls if metaclass else owner

    def _seed_annotations(self) -> None:
        for var, annotation in self.annotated:
            self._annotate(var, annotation)
        for func in self.functions:
            noted = self.annotations.get((func.parent.id, func.code.index), ())
            if not noted:
                continue
            for instance in list(func.code.instances.values()):
                for var, annotation in noted:
                    self._annotate(instance.base + var, annotation)

    def _annotate(self, var: int, annotation: int) -> None:
        known = self.held(var)
        if any(not isinstance(value, (Text, External, Container)) for value in known):
            return
        for value in self.held(annotation):
            if isinstance(value, ClassObj):
                self.add(var, self.instance_of(value).id)
