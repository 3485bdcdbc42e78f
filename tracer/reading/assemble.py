"""From the finished propagation to a call graph: certainty of every call, class of every call site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty
from tracer.model.paths import THROUGH_DECORATOR
from tracer.reading.flow.objects import FuncObj, Plain
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef, Instance, Site
from tracer.reading.handovers import all_taken, code_of, handovers, runs_in
from tracer.reading.lowering.facts import ATTR, CALL, FREE, GLOBAL, INDEX, MODE_CALL

_MAX_BY_NAME = 3
_MAX_ORIGINALS = 6
_MOST_OUTSIDE = 8
"""A value that could be of more external kinds is of a kind that is not known: none of them is named, unless
all are attributes below one thing; that is."""
_KINDS = {str(kind): kind for kind in CallKind}
_ORDINARY = ("call", "callback")
_COMMON_METHODS = frozenset(
    name for kind in (str, bytes, list, dict, set, tuple, int, float) for name in dir(kind)
) | frozenset(
    ("close", "read", "write", "open", "start", "stop", "run", "wait", "join", "flush", "debug", "info")
)


class _At(NamedTuple):
    """Whose calls a site's are, and where it is: file and number of the place."""

    caller: str
    file: str
    place: int


class Assembly:
    """The call graph of a finished propagation, with numbers of places in place of lines.

    Args:
        engine: after `Propagation.propagate`.
        starts: for each module the number of its first place; 0 is the place of what has none.
        free: the next free number.
        by_name: see `methods_by_name`.
        originals: see `originals_of_all`.
    """

    def __init__(
        self,
        engine: Propagation,
        starts: Mapping[str, int],
        free: int,
        by_name: Mapping[str, Sequence[str]],
        originals: Mapping[int, Collection[str]],
    ) -> None:
        self.engine = engine
        self.starts = starts
        self.free = free
        self.lines_of_data: dict[int, int] = {}
        """The lines of the places from ``free`` on: those in files that are no Python."""
        self.guessed: set[str] = set()
        """The names of methods that were looked for among all that were read."""
        self.taken: Collection[str] = ()
        """The functions that are called because they were handed over."""
        self.calls: list[Call] = []
        self.externals: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.by_name = by_name
        self.originals = originals

    def place(self, code: CodeRef, line: int) -> int:
        """The number, in the row of all places, of a place in ``code``'s file."""
        start = self.starts.get(code.module.name)
        if start is not None:
            return start + line
        return self.free + self.lines_of_data.setdefault(line, len(self.lines_of_data))

    def note_unused_generators(self) -> None:
        """Generators that nothing was seen to take values from: whoever makes one is taken for its user."""
        for generator, sites in self.engine.generators_made.items():
            if generator not in self.engine.generators_consumed:
                for site in sites:
                    self.engine.note(site, self.engine.objects[generator].instance.code.id, "call", "flow")  # type: ignore[attr-defined]

    def functions(self, codes: Iterable[CodeRef]) -> dict[str, Function]:
        """The functions that ``codes`` are, and those that the calls seen so far lead to."""
        functions: dict[str, Function] = {}
        for code in codes:
            if code.code.kind != "class":
                functions.setdefault(code.id, Function(code.id, code.file, self.place(code, code.code.line)))
        for identity in self.externals.values():
            functions.setdefault(identity, Function(identity))
        for call in self.calls:
            if call.callee not in functions:
                functions[call.callee] = Function(call.callee)
        return functions

    def sites(self) -> Sites:
        """How the call sites seen so far are classified."""
        return Sites(
            total=sum(self.counts.values()),
            exact=self.counts["exact"],
            inferred=self.counts["inferred"],
            by_name=self.counts["by-name"],
            external=self.counts["external"],
            unresolved=self.counts["unresolved"],
            reasons=dict(sorted(self.reasons.items())),
        )

    def graph(self) -> CallGraph:
        """The graph of all that was read, without label, lines and warnings of files in its summary."""
        self.note_unused_generators()
        for code in self.engine.codes[1:]:
            self.look_at(code)
        functions = self.functions(self.engine.codes[1:])
        summary = GraphSummary(
            label="",
            modules=sum(module.facts is not None for module in self.engine.modules.values()),
            functions=count_functions(self.engine.codes),
            lines=0,
            sites=self.sites(),
            warnings=self._bounded(),
        )
        taken = all_taken(self.engine)
        self.taken = taken.callers.keys()
        given = handovers(self.engine, taken)
        return CallGraph(summary, list(functions.values()), self.calls, self.engine.entries, given)

    def _bounded(self) -> list[str]:
        count = len(self.engine.bounded)
        if not count:
            return []
        many = f"in {count:,} variables so many values meet that not all were followed"
        return [f"{many}: calls on them may be missing"]

    def look_at(self, code: CodeRef, first: int = 0) -> None:
        """Take the sites of a scope in, those of its operations from the ``first`` on."""
        for number in sorted(code.sites):
            site = code.sites[number]
            if site.leads_on and (number >= first or not first):
                self._site(code, site)
        for number, fact in enumerate(code.code.ops[first:], first):
            if fact[0] == CALL and fact[5] == MODE_CALL:
                self._classify(code, number, code.sites.get(number))

    def _at(self, code: CodeRef, site: Site) -> _At:
        return _At(runs_in(code).id, code.file, self.place(code, site.line))

    def _site(self, code: CodeRef, site: Site) -> None:
        at = self._at(code, site)
        if site.callees:
            alone = _sure_ways(site) == 1
            for callee, (kind, rule, sure) in site.callees.items():
                certainty = Certainty.EXACT if sure and alone else Certainty.INFERRED
                self._call(at, callee, _KINDS[kind], certainty, rule)
        for closure, kind in site.closures.items():
            for original in self.originals.get(closure, ()):
                if original not in site.callees and original != code.id:
                    self._call(at, original, _KINDS[kind], Certainty.INFERRED, THROUGH_DECORATOR)
        outside = site.outside
        if not outside:
            return
        ordinary = [dotted for dotted, kind in outside.items() if kind in _ORDINARY]
        known = len(ordinary) <= _MOST_OUTSIDE
        owner = "" if known else _owner(ordinary)
        if owner:
            self._call(at, f"{owner}.<attribute>", CallKind.CALL, Certainty.INFERRED, "external")
        alone = len(outside) == 1 and not site.callees
        for dotted, kind in outside.items():
            if known or kind not in _ORDINARY:
                identity = self.externals.get(dotted)
                if identity is None:
                    identity = self.externals[dotted] = external_id(dotted)
                certainty = Certainty.EXACT if alone else Certainty.INFERRED
                self._call(at, identity, _KINDS[kind], certainty, "external")

    def _call(self, at: _At, callee: str, kind: CallKind, certainty: Certainty, rule: str) -> None:
        if kind is CallKind.CALL and callee in self.engine.remote_methods:
            kind = CallKind.REMOTE_OBJECT
        elif kind is CallKind.CALL and callee in self.engine.privileged:
            kind = CallKind.PRIVSEP
        elif kind is CallKind.CALL and callee.startswith("libvirt:"):
            kind = CallKind.NATIVE
        self.calls.append(Call(at.caller, callee, at.file, at.place, kind, certainty, rule))

    def _classify(self, code: CodeRef, number: int, site: Site | None) -> None:
        if site is None:
            self.counts["unresolved"] += 1
            self.reasons["in code that is never entered"] += 1
        elif site.callees:
            self.counts["exact" if _sure_ways(site) == 1 else "inferred"] += 1
        elif site.constructs:
            self.counts["exact" if len(site.constructs) == 1 else "inferred"] += 1
        elif site.outside:
            self.counts["external"] += 1
        elif not self._guess(code, number, site):
            self.counts["unresolved"] += 1
            self.reasons[self.reason(code, number, code.instances.values())] += 1

    def _maker(self, code: CodeRef, var: int) -> tuple[object, ...] | None:
        return next(
            (
                fact
                for fact in code.code.ops
                if fact[0] in (ATTR, GLOBAL, FREE, INDEX, CALL) and fact[1] == var
            ),
            None,
        )

    def _guess(self, code: CodeRef, number: int, site: Site) -> bool:
        made = self._maker(code, code.code.ops[number][2])
        if made is None or made[0] != ATTR:
            return False
        name = str(made[3])
        self.guessed.add(name)
        found = self.by_name.get(name, ())
        if name in _COMMON_METHODS or not found:
            return False
        at = self._at(code, site)
        for callee in found:
            self._call(at, callee, CallKind.CALL, Certainty.BY_NAME, "only methods of this name")
        self.counts["by-name"] += 1
        return True

    def reason(self, code: CodeRef, number: int, instances: Iterable[Instance]) -> str:
        """Why it is not known what operation ``number`` calls, as far as these ``instances`` tell."""
        var = code.code.ops[number][2]
        made = self._maker(code, var)
        if made is None:
            if any(parameter.var == var for parameter in code.code.parameters):
                return "a parameter that nothing read passes"
            return "a value that nothing read assigns"
        if made[0] == ATTR:
            base = made[2]
            holds = [
                value
                for instance in instances
                for value in self.engine.held(self.engine.variable(instance, int(base)))  # type: ignore[call-overload]
            ]
            if not holds:
                if any(parameter.var == base for parameter in code.code.parameters):
                    return "a method of a parameter that nothing read passes"
                return "a method of a value of unknown type"
            if all(isinstance(value, Plain) for value in holds):
                return "a method of a value only seen as None"
            return "an attribute its class does not define"
        return {
            GLOBAL: "a name that nothing read defines",
            FREE: "a variable of an enclosing function that nothing read assigns",
            INDEX: "an item of a container of unknown content",
            CALL: "the result of a call that is not known",
        }[int(made[0])]  # type: ignore[call-overload]


def count_functions(codes: Iterable[CodeRef]) -> int:
    """How many of ``codes`` are functions."""
    return sum(code.code.kind in ("function", "lambda") for code in codes)


def methods_by_name(engine: Propagation) -> dict[str, list[str]]:
    """The methods of each name, where they are few."""
    found: dict[str, dict[str, None]] = {}
    for code in engine.codes[1:]:
        if code.code.kind == "function" and code.code.owner >= 0:
            found.setdefault(code.code.qualname.rpartition(".")[2], {})[code.id] = None
    return {name: list(ids) for name, ids in found.items() if len(ids) <= _MAX_BY_NAME}


def originals_of_all(engine: Propagation) -> dict[int, dict[str, None]]:
    """For each function that a decorator returned in its place, the functions it stands for."""
    direct: dict[int, dict[int, None]] = {}
    for _, argument, dst, _call in engine.decorations:
        given = engine.held(argument)
        for made in engine.held(dst):
            if isinstance(made, FuncObj) and made not in given:
                direct.setdefault(made.id, {}).update(dict.fromkeys(value.id for value in given))
    found: dict[int, dict[str, None]] = {}
    for number in direct:
        names: dict[str, None] = {}
        innermost: set[str] = set()
        seen = {number}
        todo = [number]
        while todo:
            for inner in direct.get(todo.pop(), ()):
                if inner not in seen:
                    seen.add(inner)
                    todo.append(inner)
                    code = code_of(engine.objects[inner])
                    if code is not None:
                        names[code.id] = None
                        if inner not in direct:
                            innermost.add(code.id)
        if len(innermost) == 1 or len(names) <= _MAX_ORIGINALS:
            found[number] = names
    return found


def _sure_ways(site: Site) -> int:
    """How many ways a call surely takes, one of them; others come on top for some runs."""
    ways = 0
    for _, _, sure in site.callees.values():
        ways += sure
    return ways


def _owner(names: list[str]) -> str:
    """The external thing, inside of a module, that all of the names lie below; empty if there is none."""
    identities = [external_id(name).partition(":") for name in names]
    modules = {module for module, _, _ in identities}
    steps = zip(*(qualname.split(".")[:-1] for _, _, qualname in identities), strict=False)
    above = [same[0] for same in takewhile(lambda step: len(set(step)) == 1, steps)]
    return f"{modules.pop()}:{'.'.join(above)}" if len(modules) == 1 and above else ""


def external_id(dotted: str) -> str:
    """``module:qualname`` of something external, as well as its dotted name tells."""
    if ":" in dotted:
        return dotted
    parts = dotted.split(".")
    for at, part in enumerate(parts[1:], 1):
        if part[:1].isupper() or "(" in part:
            return f"{'.'.join(parts[:at])}:{'.'.join(parts[at:])}"
    return f"{'.'.join(parts[:-1])}:{parts[-1]}" if len(parts) > 1 else f"{dotted}:<module>"
