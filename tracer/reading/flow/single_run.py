"""What module bodies are sure to do: each runs once, from its top to its end.

Objects made there are single ones, so a later assignment to an attribute replaces an earlier one, also where
functions that are called in between assign it. Bodies are followed for this one by one, into the functions
and classes they call; where anything happens that is not surely known (a branch, a loop, a call of something
unknown), nothing is said of any object's attributes behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.reading.flow.scopes import CodeRef, Module, absolute_module
from tracer.reading.lowering import facts as op

_MOST_STEPS = 20_000
_DEEPEST = 30
_HARMLESS = frozenset(
    (
        "print",
        "len",
        "id",
        "repr",
        "str",
        "type",
        "isinstance",
        "issubclass",
        "callable",
        "hasattr",
        "hash",
        "int",
    )
)
"""Builtins that change nothing of what they are given; methods they call to convert it are taken for harmless
as well."""
_CONSTANT = (op.STR, op.LITERAL, op.FORMAT)
_QUIET = (*_CONSTANT, op.NEW, op.INDEX, op.UNPACK, op.IMPORTSTAR, op.ANNOTATE, op.REPLACE, op.GLOBAL, op.FREE)


class _Plain:
    """A constant, a container of anything, something outside of the read code."""


class _Builtin:
    def __init__(self, name: str) -> None:
        self.name = name


class _Frame:
    def __init__(self, code: CodeRef, outer: _Frame | None) -> None:
        self.code = code
        self.outer = outer
        self.values: dict[int, Any] = {}


class _Function:
    def __init__(self, code: CodeRef, frame: _Frame, defaults: dict[str, Any]) -> None:
        self.code = code
        self.frame = frame
        self.defaults = defaults


class _Class:
    def __init__(self, code: CodeRef, bases: list[_Class], names: dict[str, Any]) -> None:
        self.code = code
        self.bases = bases
        self.names = names

    def find(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        return self.bases[0].find(name) if self.bases else None

    def defines(self, name: str) -> bool:
        return name in self.names or any(base.defines(name) for base in self.bases)


class _Object:
    def __init__(self, cls: _Class) -> None:
        self.cls = cls
        self.fields: dict[str, Any] = {}
        self.is_whole = True


class _Method:
    def __init__(self, function: _Function, owner: _Object) -> None:
        self.function = function
        self.owner = owner
        self.code = function.code


_PLAIN = _Plain()


class SingleRun:
    """Follows module bodies.

    Args:
        modules: all modules by name, filled before anything is asked.
    """

    def __init__(self, modules: dict[str, Module]) -> None:
        self._modules = modules
        self._names: dict[str, dict[str, Any]] = {}
        self._known: dict[tuple[str, int], CodeRef | None] = {}
        self._objects: list[_Object] = []
        self._frames: list[_Frame] = []
        self._steps = 0
        self._depth = 0
        self._handlers: dict[int, Callable[[_Frame, int, Any], None]] = {
            op.COPY: self._copy,
            op.ONLY: self._copy,
            op.BEGINS: self._copy,
            op.FUNC: self._func,
            op.CLASS: self._class,
            op.GLOBAL: self._global,
            op.GSTORE: self._gstore,
            op.FREE: self._free,
            op.FREESTORE: self._freestore,
            op.ATTR: self._attr,
            op.SETATTR: self._setattr,
            op.CALL: self._call,
            op.IMPORT: self._import,
            op.NEW: self._new,
            op.OPERATE: self._operate,
        }

    def let_go(self) -> None:
        """Take apart what knows each other in circles, for when all is done."""
        for frame in self._frames:
            frame.values.clear()
        vars(self).clear()

    def visited(self) -> set[int]:
        """The numbers of the scopes that were followed."""
        return {frame.code.gid for frame in self._frames}

    def known(self, module: Module, number: int) -> CodeRef | None:
        """The scope of the one function or class that reading an attribute surely gives at operation
        ``number`` of the module's body, if that is sure."""
        self._enter(module)
        return self._known.get((module.name, number))

    def _enter(self, module: Module) -> dict[str, Any]:
        names = self._names.get(module.name)
        if names is None:
            names = self._names[module.name] = {}
            if module.codes:
                before, self._steps = self._steps, 0
                self._run(_Frame(module.codes[0], None))
                self._steps = before
        return names

    def _run(self, frame: _Frame) -> Any:
        self._frames.append(frame)
        code = frame.code.code
        unsure = iter([*code.unsure, (len(code.ops), len(code.ops))])
        first, behind = next(unsure)
        for number, fact in enumerate(code.ops):
            self._steps += 1
            if self._steps > _MOST_STEPS:
                self._forget()
                return None
            if number >= behind:
                first, behind = next(unsure, (len(code.ops), len(code.ops)))
            if number >= first:
                self._maybe(frame, fact)
                continue
            handler = self._handlers.get(fact[0])
            if handler is not None:
                handler(frame, number, fact)
            elif fact[0] in _CONSTANT:
                frame.values[fact[1]] = _PLAIN
            elif fact[0] not in _QUIET:
                self._forget()
        return frame.values.get(op.RETURN_VAR)

    def _maybe(self, frame: _Frame, fact: Any) -> None:
        """Something that may happen, or not, or often."""
        if fact[0] == op.GSTORE:
            self._enter(frame.code.module)[fact[1]] = None
        elif fact[0] in op.HANDING_ON:
            frame.values[fact[1]] = None
        elif fact[0] not in (op.ATTR, op.FUNC, *_QUIET):
            self._forget()

    def _forget(self) -> None:
        """Anything may have been assigned to any object."""
        for made in self._objects:
            made.fields, made.is_whole = {}, False

    def _copy(self, frame: _Frame, number: int, fact: Any) -> None:
        value = frame.values.get(fact[2])
        known = frame.values.get(fact[1], value)
        frame.values[fact[1]] = value if known is value else None

    def _func(self, frame: _Frame, number: int, fact: Any) -> None:
        defaults = {name: frame.values.get(var) for name, var in fact[3]}
        frame.values[fact[1]] = _Function(frame.code.module.codes[fact[2]], frame, defaults)

    def _class(self, frame: _Frame, number: int, fact: Any) -> None:
        code = frame.code.module.codes[fact[2]]
        body = _Frame(code, frame)
        self._run(body)
        bases = [frame.values.get(var) for var in fact[3]]
        if fact[4] or not all(isinstance(base, _Class) for base in bases) or len(bases) > 1:
            return
        names = {name: body.values.get(var) for name, var in code.code.exports}
        frame.values[fact[1]] = _Class(code, [base for base in bases if isinstance(base, _Class)], names)

    def _global(self, frame: _Frame, number: int, fact: Any) -> None:
        module = frame.code.module
        names = self._enter(module)
        if fact[2] in names:
            frame.values[fact[1]] = names[fact[2]]
        elif fact[2] not in module.stores:
            frame.values[fact[1]] = _Builtin(fact[2])

    def _gstore(self, frame: _Frame, number: int, fact: Any) -> None:
        self._enter(frame.code.module)[fact[1]] = frame.values.get(fact[2])

    def _outer(self, frame: _Frame, depth: int) -> _Frame:
        for _ in range(depth):
            assert frame.outer is not None
            frame = frame.outer
        return frame

    def _free(self, frame: _Frame, number: int, fact: Any) -> None:
        owner = self._outer(frame, fact[2])
        if fact[3] in owner.values:
            frame.values[fact[1]] = owner.values[fact[3]]
            return
        sources = {one[2] for one in owner.code.code.ops if one[0] == op.COPY and one[1] == fact[3]}
        latest = [var for var in owner.values if var in sources]
        frame.values[fact[1]] = owner.values[latest[-1]] if latest else None

    def _freestore(self, frame: _Frame, number: int, fact: Any) -> None:
        self._outer(frame, fact[1]).values[fact[2]] = None

    def _attr(self, frame: _Frame, number: int, fact: Any) -> None:
        owner, name = frame.values.get(fact[2]), fact[3]
        if isinstance(owner, _Object):
            value = owner.fields.get(name)
            if name not in owner.fields:
                found = owner.cls.find(name) if owner.is_whole else None
                value = _Method(found, owner) if isinstance(found, _Function) else None
            elif frame.code.code.kind == "module" and isinstance(value, _Function | _Class | _Method):
                self._note(frame, number, value.code)
            frame.values[fact[1]] = value
        elif isinstance(owner, dict):
            frame.values[fact[1]] = owner.get(name)
        elif isinstance(owner, _Class):
            frame.values[fact[1]] = owner.find(name)
        elif isinstance(owner, _Plain):
            frame.values[fact[1]] = _PLAIN

    def _note(self, frame: _Frame, number: int, code: CodeRef) -> None:
        key = (frame.code.module.name, number)
        self._known[key] = code if self._known.get(key, code) is code else None

    def _setattr(self, frame: _Frame, number: int, fact: Any) -> None:
        owner = frame.values.get(fact[1])
        if (
            isinstance(owner, _Object)
            and not owner.cls.defines("__setattr__")
            and not owner.cls.defines(fact[2])
        ):
            owner.fields[fact[2]] = frame.values.get(fact[3])
        elif isinstance(owner, dict):
            owner[fact[2]] = frame.values.get(fact[3])
        elif isinstance(owner, _Class):
            owner.names[fact[2]] = None
            self._forget()
        elif not isinstance(owner, _Plain):
            self._forget()

    def _call(self, frame: _Frame, number: int, fact: Any) -> None:
        arguments = [(name, frame.values.get(var)) for name, var in fact[3]]
        frame.values[fact[1]] = self._called(frame.values.get(fact[2]), arguments)

    def _called(self, value: Any, arguments: list[tuple[str | None, Any]]) -> Any:
        if isinstance(value, _Method):
            return self._called(value.function, [(None, value.owner), *arguments])
        if isinstance(value, _Function):
            return self._function(value, arguments)
        if isinstance(value, _Class) and not value.defines("__new__"):
            made = _Object(value)
            self._objects.append(made)
            if value.defines("__init__"):
                self._called(value.find("__init__"), [(None, made), *arguments])
            return made
        if isinstance(value, _Builtin) and value.name in _HARMLESS:
            return _PLAIN
        if isinstance(value, _Plain) and all(isinstance(given, _Plain) for _, given in arguments):
            return _PLAIN
        self._forget()
        return None

    def _function(self, value: _Function, arguments: list[tuple[str | None, Any]]) -> Any:
        code = value.code
        stars = any(name in ("*", "**") for name, _ in arguments)
        if stars or code.code.generator or code.code.asynchronous or self._depth > _DEEPEST:
            self._forget()
            return None
        frame = _Frame(code, value.frame)
        for parameter, default in value.defaults.items():
            frame.values[next(p.var for p in code.code.parameters if p.name == parameter)] = default
        given = [argument for name, argument in arguments if name is None]
        frame.values.update(zip(code.positional, given, strict=False))
        for name, argument in arguments:
            if name is not None and name in code.by_name:
                frame.values[code.by_name[name]] = argument
        self._depth += 1
        result = self._run(frame)
        self._depth -= 1
        return result

    def _new(self, frame: _Frame, number: int, fact: Any) -> None:
        if all(isinstance(frame.values.get(var), _Plain) for _, var, _key in fact[3]):
            frame.values[fact[1]] = _PLAIN

    def _import(self, frame: _Frame, number: int, fact: Any) -> None:
        dotted = absolute_module(frame.code.module, fact[2], fact[3])
        module = self._modules.get(dotted)
        if module is None:
            frame.values[fact[1]] = _PLAIN
        else:
            names = self._enter(module)
            frame.values[fact[1]] = names.get(fact[4]) if fact[4] else names

    def _operate(self, frame: _Frame, number: int, fact: Any) -> None:
        operands = [frame.values.get(var) for var in fact[2:4] if var >= 0]
        if any(isinstance(operand, _Object) for operand in operands):
            self._forget()
        frame.values.setdefault(fact[1], _PLAIN)
