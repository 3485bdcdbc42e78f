"""The abstract values that flow through variables. Each is interned by the engine and known by its number."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from tracer.reading.flow.scopes import CodeRef, Instance, Module, Site


class Obj:
    """An abstract value."""

    __slots__ = ("id",)
    id: int


class FuncObj(Obj):
    """A function made in a scope, with the variables of its defaults."""

    __slots__ = ("code", "defaults", "fields", "parent")

    def __init__(self, code: CodeRef, parent: Instance, defaults: tuple[tuple[str, int], ...]) -> None:
        self.code = code
        self.parent = parent
        self.defaults = defaults
        self.fields: dict[str, int] = {}


class Entry:
    """What reading an attribute of an instance of a class gives, shared by all readers."""

    __slots__ = ("getters", "sites", "var")

    def __init__(self, var: int) -> None:
        self.var = var
        self.sites: dict[tuple[int, int], tuple[CodeRef, int, int]] = {}
        self.getters: dict[str, str] = {}


class ClassObj(Obj):
    """A class made in a scope. ``namespace`` holds the variables of what its body and others bound on it."""

    __slots__ = (
        "attributes",
        "bases",
        "body",
        "code",
        "entries",
        "fields",
        "instance",
        "keywords",
        "made_at",
        "made_in",
        "made_with",
        "mro",
        "namespace",
        "read_fields",
        "stored",
        "subclasses",
    )

    def __init__(self, code: CodeRef, body: Instance) -> None:
        self.code = code
        self.body = body
        self.bases: list[list[Obj]] = []
        self.keywords: dict[str, int] = {}
        self.namespace: dict[str, int] = {}
        self.attributes: dict[str, int] = {}
        self.fields: dict[str, int] = {}
        self.read_fields: dict[str, int] = {}
        self.stored: set[str] = set()
        """The attributes that are set on instances of exactly this class, by nothing but a statement."""
        self.entries: dict[str, Entry] = {}
        self.subclasses: list[ClassObj] = []
        self.mro: list[ClassObj | External] | None = None
        self.instance = -1
        self.made_in: Instance = body
        self.made_at: Site = Site(code, 0, False)
        self.made_with: tuple[tuple[str | None, int], ...] = ()


class InstObj(Obj):
    """Any instance of a class."""

    __slots__ = ("cls",)

    def __init__(self, cls: ClassObj) -> None:
        self.cls = cls


class BoundObj(Obj):
    """A callable with its first argument given."""

    __slots__ = ("func", "owner")

    def __init__(self, func: Obj, owner: Obj) -> None:
        self.func = func
        self.owner = owner


class ModuleObj(Obj):
    """A module that was read."""

    __slots__ = ("module",)

    def __init__(self, module: Module) -> None:
        self.module = module


class External(Obj):
    """Something outside of the read code, by dotted name; ``qualname`` ends in ``()`` for the result of
    a call."""

    __slots__ = ("called", "dotted", "identity", "last", "loaded", "module", "names", "qualname")

    def __init__(self, module: str, qualname: str) -> None:
        self.module = module
        self.qualname = qualname
        self.identity = f"{module}:{qualname or '<module>'}"
        """``module:qualname``."""
        self.dotted = f"{module}.{qualname}" if qualname else module
        """``module.qualname``."""
        self.last = self.dotted.rpartition(".")[2]
        """The last of its names."""
        self.loaded: dict[str, External] = {}
        """What its attributes are, as far as they were asked for."""
        self.called: External | None = None
        """What calling it gives, once that was asked for."""
        itself = self.builtin_type
        self.names: Collection[str] = () if itself is None else vars(itself)
        """What it has itself, without its bases, where it is a builtin type."""

    @property
    def builtin_type(self) -> type | None:
        """The builtin type that this is."""
        found = getattr(builtins, self.qualname, None) if self.module == "builtins" else None
        return found if isinstance(found, type) else None


class Opaque(Obj):
    """One of too many strings and external things to tell apart."""

    __slots__ = ()


class Text(Obj):
    """A string constant."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class Number(Obj):
    """A small integer constant."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value


class TextPattern(Obj):
    """A string of which only the beginning and end are known, and what is ``between`` its unknown parts."""

    __slots__ = ("between", "prefix", "suffix")

    def __init__(self, prefix: str, suffix: str, between: tuple[str, ...] = ()) -> None:
        self.prefix = prefix
        self.suffix = suffix
        self.between = between


class TextSet(Obj):
    """One of many strings, where telling them apart would cost more than it tells."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values


class Plain(Obj):
    """A value of a builtin type that carries nothing callable."""

    __slots__ = ("type_name",)

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


class Container(Obj):
    """A list, tuple, set or dict made at one place; items with constant keys are kept apart."""

    __slots__ = ("everything", "fields", "keys", "kind", "length", "rest", "watchers")

    def __init__(self, kind: str, everything: int, rest: int, keys: int) -> None:
        self.kind = kind
        self.everything = everything
        self.rest = rest
        self.keys = keys
        self.fields: dict[str | int, int] = {}
        self.length: int | None = None
        self.watchers: list[Callable[[str | int, int], None]] = []


class Generator(Obj):
    """A generator object: the running body of a generator function."""

    __slots__ = ("instance", "is_context")

    def __init__(self, instance: Instance, is_context: bool = False) -> None:
        self.instance = instance
        self.is_context = is_context


class PropertyObj(Obj):
    """A property: variables of its getter, setter and deleter."""

    __slots__ = ("deleter", "getter", "setter")

    def __init__(self, getter: int, setter: int, deleter: int) -> None:
        self.getter = getter
        self.setter = setter
        self.deleter = deleter


class Wrapped(Obj):
    """A callable that a builtin decorator marks: ``staticmethod``, ``classmethod``, ``contextmanager``."""

    __slots__ = ("inner", "kind")

    def __init__(self, kind: str, inner: Obj) -> None:
        self.kind = kind
        self.inner = inner


class PartialObj(Obj):
    """``functools.partial``: a callable and the arguments given so far."""

    __slots__ = ("args", "func")

    def __init__(self, func: Obj, args: tuple[tuple[str | None, int], ...]) -> None:
        self.func = func
        self.args = args


class SuperObj(Obj):
    """``super()``: attributes of ``owner`` are looked up behind ``cls`` in its order of bases."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: ClassObj | External, owner: Obj) -> None:
        self.cls = cls
        self.owner = owner


class Builtin(Obj):
    """A builtin function or type."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Method(Obj):
    """A method of a builtin type, bound to ``owner``."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Obj, name: str) -> None:
        self.owner = owner
        self.name = name


class Framework(Obj):
    """A value of a framework, made and understood by a rule; ``slots`` are variables it carries, ``about`` is
    whatever else the rule knows of it."""

    __slots__ = ("about", "kind", "rule", "slots")

    def __init__(self, rule: Any, kind: str, slots: dict[str, int], about: Any = None) -> None:
        self.rule = rule
        self.kind = kind
        self.slots = slots
        self.about = about


class Call(msgspec.Struct, eq=False):
    """A call as it is being resolved: who calls from where, with which arguments, where the result goes."""

    inst: Instance
    site: Site
    op: int
    args: tuple[tuple[str | None, int], ...]
    dst: int
    mode: int = 0
    kind: str = "call"
    rule: str = "flow"
    handed_out: bool = False
    """Whether its arguments are known to be in the hands of code that was not read."""

    def with_args(
        self,
        args: tuple[tuple[str | None, int], ...],
        dst: int | None = None,
        kind: str | None = None,
        rule: str | None = None,
    ) -> Call:
        """The same call with other arguments (and result, kind, rule)."""
        return Call(
            self.inst,
            self.site,
            self.op,
            args,
            self.dst if dst is None else dst,
            0,
            kind or self.kind,
            rule or self.rule,
        )

    def positional(self, index: int) -> int | None:
        """The variable of the positional argument ``index``, if it is given without stars."""
        for keyword, var in self.args:
            if keyword in ("*", "**"):
                return None
            if keyword is None:
                if index == 0:
                    return var
                index -= 1
        return None

    def keyword(self, name: str) -> int | None:
        """The variable of the keyword argument ``name``."""
        return next((var for keyword, var in self.args if keyword == name), None)

    def argument(self, index: int, name: str) -> int | None:
        """The variable of an argument that may be given by position or keyword."""
        var = self.keyword(name)
        return var if var is not None else self.positional(index)
