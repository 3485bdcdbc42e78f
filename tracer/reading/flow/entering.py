"""Scopes as they are entered: a set of variables for each, and what the parameters receive."""

from __future__ import annotations

from typing import Any

from tracer.reading.flow.attributes import Attributes
from tracer.reading.flow.objects import Call, ClassObj, Container, FuncObj, InstObj, Obj
from tracer.reading.flow.scopes import CodeRef, Instance
from tracer.reading.lowering.facts import MODE_DECORATOR

Args = tuple[tuple[str | None, int], ...]

_MAX_DEPTH = 6
_MAX_POSITIONS = 40
"""So many of what ``*args`` takes are told apart: a function may pass itself ever more arguments."""
_MOST_HANDED_ON = 300
"""To so many functions the items of one container are handed on one by one; to more, all of them together."""
_MAX_DECORATED = 4000
"""So many uses of one decorator are told apart."""
_BY_RECEIVER = -1
"""Stands in keys of scopes where others have a caller."""
MAX_RECEIVERS = 100
"""So many receivers of one method are told apart, together with its callers."""
MAX_CALLERS = 500
"""So many callers of one function are told apart: they call each other, and every way would count."""


class Entering(Attributes):
    """Makes instances of scopes and binds their parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.instances = 0
        self._unborn: list[Instance] = []
        self._handed_on: set[tuple[int, int, int]] = set()

    def start(self, instance: Instance) -> None:
        """Enter the facts of a scope; provided by the layer above."""
        raise NotImplementedError

    def new_instance(self, code: CodeRef, parent: Instance | None, key: Any, depth: int) -> Instance:
        """A fresh set of variables for ``code``."""
        instance = Instance(code, parent, self.new_vars(code.code.variables), depth, self.instances)
        self.instances += 1
        code.instances[key] = instance
        if parent is not None:
            instance.chain = parent.chain
        if code.vararg >= 0:
            instance.vararg = self.container("tuple", ("rest", instance.id))
            self.add(instance.base + code.vararg, instance.vararg.id)
        if code.kwarg >= 0:
            instance.kwarg = self.container("dict", ("keywords", instance.id))
            self.add(instance.base + code.kwarg, instance.kwarg.id)
        self._unborn.append(instance)
        return instance

    def grow(self) -> None:
        """Enter the facts of scopes made since; repeated until there are none left."""
        while self._unborn:
            waiting, self._unborn = self._unborn, []
            for instance in waiting:
                self.start(instance)
            self.run()

    def instance_for(
        self, func: FuncObj, call: Call | None, context: Any = None, receiver: Obj | None = None
    ) -> Instance:
        """The instance of ``func``'s body that ``call`` enters; ``receiver`` if it is told apart by it."""
        code = func.code
        parent = func.parent
        key: Any = parent.id
        depth = parent.depth
        chain = parent.chain
        if call is not None and (code.code.contextual or context is not None):
            caller = call.inst
            deeper = max(caller.depth, parent.depth) + 1
            decorating = call.mode == MODE_DECORATOR or context is not None
            if (
                deeper <= (_MAX_DEPTH if decorating else code.code.contextual)
                and code.gid not in caller.chain
                and caller.code.gid != code.gid
                and len(code.instances) < self.most(_MAX_DECORATED if decorating else MAX_CALLERS)
            ):
                key = (parent.id, caller.id, call.op, context)
                depth = deeper
                chain = (*caller.chain, *parent.chain, code.gid)
        if isinstance(receiver, (InstObj, ClassObj)) and len(code.instances) < self.most(MAX_RECEIVERS):
            key = (key, _BY_RECEIVER, receiver.id)
        found = code.instances.get(key)
        if found is None:
            found = self.new_instance(code, parent, key, depth)
            found.chain = chain
            for name, var in func.defaults:
                target = code.by_name.get(name)
                if target is None:
                    target = next(p.var for p in code.code.parameters if p.name == name)
                found.defaults[target] = var
        return found

    def use_default(self, instance: Instance, target: int) -> None:
        """The parameter ``target`` may be left to its default."""
        var = instance.defaults.pop(target, None)
        if var is not None:
            self.edge(var, instance.base + target)

    def bind_arguments(self, instance: Instance, args: Args, bound: tuple[Obj, ...] = ()) -> None:
        """Let the parameters of ``instance`` receive ``args``."""
        code = instance.code
        if instance.defaults:
            given = {None: len(bound)} | {keyword: 1 for keyword, _ in args}
            count = len(bound) + sum(keyword is None for keyword, _ in args)
            for target in list(instance.defaults):
                name = next(p.name for p in code.code.parameters if p.var == target)
                at = code.positional.index(target) if target in code.positional else count
                if "*" in given or "**" in given or (at >= count and name not in given):
                    self.use_default(instance, target)
        position = 0
        for owner in bound:
            self._bind_position(instance, position, self.singleton(owner))
            position += 1
        for keyword, var in args:
            if keyword is None:
                if position >= 0:
                    self._bind_position(instance, position, var)
                    position += 1
                else:
                    for target in code.positional:
                        self.edge(var, instance.base + target)
                    if instance.vararg is not None:
                        self.edge(var, instance.vararg.rest)
            elif keyword == "*":
                self.watch(var, self._bind_star, instance, max(position, 0))
                position = -1
            elif keyword == "**":
                self.watch(var, self._bind_double_star, instance)
            else:
                self._bind_keyword(instance, keyword, var)

    def _bind_position(self, instance: Instance, position: int, var: int) -> None:
        code = instance.code
        if position < len(code.positional):
            self.edge(var, instance.base + code.positional[position])
        elif instance.vararg is not None:
            at = position - len(code.positional)
            self.edge(var, self.field(instance.vararg, at) if at < _MAX_POSITIONS else instance.vararg.rest)

    def _bind_keyword(self, instance: Instance, keyword: str, var: int) -> None:
        target = instance.code.by_name.get(keyword)
        if target is not None:
            self.edge(var, instance.base + target)
        elif instance.kwarg is not None:
            self.edge(var, self.field_found(instance.kwarg, keyword))

    def _bind_star(self, numbers: list[int], instance: Instance, position: int) -> None:
        for number in numbers:
            value = self.objects[number]
            if not isinstance(value, Container) or not self._first_binding(value, instance, position):
                continue
            self._bind_anywhere(instance, position, value.rest)
            if len(value.watchers) >= self.most(_MOST_HANDED_ON):
                self._bind_anywhere(instance, position, value.everything)
                continue

            def item(key: str | int, var: int, value: Container = value) -> None:
                if value.kind == "set":
                    self._bind_anywhere(instance, position, var)
                elif value.kind != "dict" and isinstance(key, int):
                    if key >= 0:
                        self._bind_position(instance, position + key, var)
                    else:
                        self._bind_anywhere(instance, position, var)

            value.watchers.append(item)
            for key, var in list(value.fields.items()):
                item(key, var)

    def _first_binding(self, value: Container, instance: Instance, position: int) -> bool:
        """Whether the items of ``value`` become arguments of ``instance`` for the first time."""
        place = (value.id, instance.id, position)
        if place in self._handed_on:
            return False
        self._handed_on.add(place)
        return True

    def _bind_anywhere(self, instance: Instance, position: int, var: int) -> None:
        for target in instance.code.positional[position:]:
            self.edge(var, instance.base + target)
        if instance.vararg is not None:
            self.edge(var, instance.vararg.rest)

    def _bind_double_star(self, numbers: list[int], instance: Instance) -> None:
        for number in numbers:
            value = self.objects[number]
            if not isinstance(value, Container) or not self._first_binding(value, instance, -1):
                continue
            if instance.kwarg is not None:
                self.edge(value.rest, instance.kwarg.rest)
            if len(value.watchers) >= self.most(_MOST_HANDED_ON):
                for target in instance.code.by_name.values():
                    self.edge(value.everything, instance.base + target)
                if instance.kwarg is not None:
                    self.edge(value.everything, instance.kwarg.rest)
                continue

            def item(key: str | int, var: int) -> None:
                if isinstance(key, str):
                    self._bind_keyword(instance, key, var)

            value.watchers.append(item)
            for key, var in list(value.fields.items()):
                item(key, var)
