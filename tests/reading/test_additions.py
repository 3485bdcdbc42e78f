"""What a file does more than before: made by chance, and checked by renaming what it did."""

from __future__ import annotations

import random
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

import tracer
from tests.reading.cases import CORPUS
from tests.reading.changes import ADDING, BEARING, OTHERWISE, changed
from tracer.reading.additions import Additions, Grown, additions
from tracer.reading.lowering import facts as op
from tracer.reading.lowering.facts import Code, FileFacts
from tracer.reading.lowering.statements import lower

FIELDS = {
    "COPY": "d v",
    "STR": "d .",
    "FUNC": "d code pairs",
    "CLASS": "d code vars pairs",
    "GLOBAL": "d .",
    "GSTORE": ". v",
    "FREE": "d depth outer",
    "FREESTORE": "depth outer v",
    "ATTR": "d v . place",
    "SETATTR": "v . v place",
    "CALL": "d v pairs place .",
    "NEW": "d . items",
    "INDEX": "d v . v place",
    "SETINDEX": "v . v v place",
    "ITER": "d v place .",
    "UNPACK": "d v .",
    "ENTER": "d v place .",
    "OPERATE": "d v v . place",
    "IMPORT": "d . . .",
    "IMPORTSTAR": ". .",
    "AWAIT": "d v place",
    "YIELDFROM": "d v place",
    "ANNOTATE": "annotated v",
    "LITERAL": "d .",
    "FORMAT": "d parts",
    "RAISE": "v place",
    "CAUGHT": "d v",
    "DELETE": "v . place",
    "REPLACE": "d v . v",
    "NARROW": "d d v .",
    "ONLY": "d v v .",
    "MATCHED": "d v v . place",
    "BEGINS": "d v . .",
}
"""What the fields of the operations are, as `tracer.reading.lowering.facts` says it."""
KINDS = [FIELDS[name].split() for name in op.NAMES]
STANDARD = ("abc", "bisect", "contextlib", "copy", "functools", "shelve", "string", "textwrap", "weakref")


class Oracle:
    """Old facts with the numbers of the new ones."""

    def __init__(self, old: FileFacts, new: FileFacts, found: Additions) -> None:
        self.old, self.new, self.found = old, new, found
        self.code_now = {was: now for now, was in enumerate(found.codes) if was >= 0}
        self.variable_now = {was: self._variables(now) for was, now in self.code_now.items()}

    def _variables(self, now: int) -> dict[int, int]:
        grown = self.found.grown.get(now)
        if grown is None:
            return {var: var for var in range(self.new.codes[now].variables)}
        pairs = [(was, var) for var, was in enumerate(grown.variables) if was >= 0]
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def check(self) -> None:
        """Old facts with new numbers, and what was added, are the new facts."""
        assert sorted(self.code_now) == list(range(len(self.old.codes)))
        assert self.new.public == self.old.public
        assert sorted(self.new.stores) == sorted([*self.old.stores, *self.found.stores])
        for was, now in self.code_now.items():
            self._code(was, self.old.codes[was], self.new.codes[now], self.found.grown.get(now))

    def _code(self, number: int, old: Code, new: Code, grown: Grown | None) -> None:
        variables = self.variable_now[number]
        for name in ("qualname", "kind", "annotated", "generator", "asynchronous", "contextual"):
            assert getattr(old, name) == getattr(new, name)
        assert new.by_receiver == old.by_receiver
        assert [self.code_now.get(old.parent, -1), self.code_now.get(old.owner, -1)] == [
            new.parent,
            new.owner,
        ]
        assert new.line == self.found.places[old.line]
        assert [(one.name, variables[one.var], one.kind) for one in old.parameters] == [
            (one.name, one.var, one.kind) for one in new.parameters
        ]
        exports = [(name, variables[var]) for name, var in old.exports]
        assert sorted(new.exports) == sorted([*exports, *(grown.exports if grown else [])])
        operations = grown.operations if grown else list(range(len(old.ops)))
        assert len(operations) == len(new.ops)
        assert sorted(was for was in operations if was >= 0) == list(range(len(old.ops)))
        for was, fact in zip(operations, new.ops, strict=True):
            if was >= 0:
                assert tuple(self._renamed(number, old.ops[was])) == tuple(fact)
        if grown is not None:
            known = set(variables.values())
            assert grown.old == number
            assert grown.added == [at for at, was in enumerate(operations) if was < 0]
            assert grown.widened == [at for at in grown.added if _writes(new.ops[at], known)]
            assert all(new.ops[at][0] in op.HANDING_ON for at in grown.widened)
            if not grown.rearranged:
                assert [was for was in operations if was >= 0] == list(range(len(old.ops)))
                assert _sure(old) == [
                    sure for was, sure in zip(operations, _sure(new), strict=True) if was >= 0
                ]

    def _renamed(self, number: int, fact: Sequence[Any]) -> Iterator[Any]:
        now = self.variable_now[number]

        def variable(var: int) -> int:
            return now[var] if var >= 0 else var

        yield fact[0]
        depth = 0
        for kind, value in zip(KINDS[fact[0]], fact[1:], strict=True):
            if kind == ".":
                yield value
            elif kind in "dv":
                yield variable(value)
            elif kind == "place":
                yield self.found.places[value]
            elif kind == "code":
                yield self.code_now[value]
            elif kind == "depth":
                depth = value
                yield value
            elif kind == "outer":
                outer = number
                for _ in range(depth):
                    outer = self.old.codes[outer].parent
                yield self.variable_now[outer][value]
            elif kind == "pairs":
                yield type(value)([type(pair)([pair[0], variable(pair[1])]) for pair in value])
            elif kind == "vars":
                yield type(value)([variable(var) for var in value])
            elif kind == "items":
                yield type(value)(
                    [type(item)([item[0], variable(item[1]), variable(item[2])]) for item in value]
                )
            elif kind == "parts":
                yield type(value)([variable(part) if isinstance(part, int) else part for part in value])
            elif isinstance(value, int):
                yield variable(value)
            else:
                yield type(value)([self.code_now[value[0]], value[1]])


def _writes(fact: Sequence[Any], known: set[int]) -> bool:
    return any(kind == "d" and var in known for kind, var in zip(KINDS[fact[0]], fact[1:], strict=True))


def _sure(code: Code) -> list[bool]:
    return [not any(first <= at < behind for first, behind in code.unsure) for at in range(len(code.ops))]


def facts_of(source: str) -> FileFacts:
    """The facts as they come out of the memory."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(lower(source)[0]), type=FileFacts)


def samples() -> list[Path]:
    """Files of all sorts."""
    own = Path(tracer.__file__).parent
    standard = Path(sysconfig.get_path("stdlib"))
    return [
        *sorted((own / "reading").rglob("*.py")),
        *sorted(CORPUS.rglob("*.py")),
        *(standard / f"{name}.py" for name in STANDARD),
    ]


def compared(old: FileFacts, new: FileFacts) -> Additions | None:
    """The additions, checked."""
    found = additions(old, new)
    if found is not None:
        Oracle(old, new, found).check()
    return found


@pytest.mark.parametrize("kind", [*ADDING, *BEARING, *OTHERWISE])
def test_changes_made_by_chance(kind: str) -> None:
    choice = random.Random(kind)
    files = [file.read_text(encoding="utf-8") for file in samples()]
    if kind == "log call":
        files = [source for source in files if "LOG = " in source]
    made = 0
    for source in choice.choices(files, k=40):
        text = changed(kind, source, choice) if made < 8 else None
        if text is None:
            continue
        made += 1
        old, new = facts_of(source), facts_of(text)
        found = compared(old, new)
        if kind in ADDING:
            assert found is not None or _told_apart(old) != _told_apart(new), text
        elif kind in OTHERWISE and found is not None:
            assert not any(grown.added for grown in found.grown.values())
    assert made


def _told_apart(facts: FileFacts) -> set[tuple[str, int, bool]]:
    """Scopes that are propagated more than once: whether one is may depend on its size."""
    return {
        (code.qualname, code.contextual, code.by_receiver)
        for code in facts.codes
        if code.contextual or code.by_receiver
    }


def test_many_additions_at_once() -> None:
    choice = random.Random(1)
    source = Path(tracer.__file__).with_name("reading").joinpath("remembered.py").read_text(encoding="utf-8")
    text = source
    for kind in ("call", "method", "nested function", "log call", "call", "import", "early global", "class"):
        text = changed(kind, text, choice) or text
    assert compared(facts_of(source), facts_of(text)) is not None


BEFORE = """
import os

def first(one, two=None):
    held = one
    return os.path.join(held, two)

class Shape:
    size = 1

    def area(self):
        return self.size

def around(given):
    def inside():
        return given
    return inside
"""


def grown(old: str, new: str) -> Grown | None:
    """What the one replacement made of the scope it is in; None if it is no addition."""
    assert BEFORE.count(old) == 1
    found = compared(facts_of(BEFORE), facts_of(BEFORE.replace(old, new)))
    if found is None:
        return None
    (only,) = found.grown.values() or [None]
    return only


def test_an_unchanged_file_has_no_additions() -> None:
    found = compared(facts_of(BEFORE), facts_of("# Said before.\n" + BEFORE))
    assert found is not None
    assert (found.grown, found.stores) == ({}, [])


def test_a_name_more_is_told() -> None:
    found = compared(facts_of(BEFORE), facts_of(BEFORE + "\nlimit = 3\n"))
    assert found is not None
    assert found.stores == ["limit"]


def test_a_second_return_may_give_more() -> None:
    more = grown("    held = one\n", "    held = one\n    if two:\n        return two\n")
    assert more is not None
    assert len(more.widened) == 1
    assert more.rearranged


def test_a_method_more_is_an_export() -> None:
    more = grown("    def area", "    def edge(self):\n        pass\n\n    def area")
    assert more is not None
    assert [name for name, _ in more.exports] == ["edge"]
    assert not more.widened
    assert not more.rearranged


def test_a_name_that_is_read_earlier() -> None:
    more = grown("    held = one\n", "    print(os)\n    held = one\n")
    assert more is not None
    assert not more.rearranged


@pytest.mark.parametrize(
    ("old", "new"),
    {
        "assigned otherwise": ("    held = one\n", "    held = one\n    held = two\n"),
        "parameter added": ("two=None", "two=None, three=None"),
        "default changed": ("two=None", "two=1"),
        "base added": ("class Shape:", "class Shape(list):"),
        "decorator added": ("    def area", "    @property\n    def area"),
        "made a generator": ("        return self.size", "        yield 1\n        return self.size"),
        "made asynchronous": ("def first", "async def first"),
        "field added": ("    size = 1\n", "    size = 1\n    name: str = 'one'\n"),
        "annotated": ("def first(one,", "def first(one: Shape,"),
        "bound again": ("    size = 1\n", "    size = 1\n    size = 2\n"),
        "function of the same name before": ("def first", "def first():\n    pass\n\ndef first"),
        "name of a builtin": ("import os\n", "import os\nopen = os.open\n"),
        "name that modules are asked for": (
            "import os\n",
            "import os\ndef __getattr__(name):\n    return 1\n",
        ),
        "all names of a module": ("import os\n", "import os\nfrom math import *\n"),
        "public names": ("import os\n", "import os\n__all__ = ['first']\n"),
        "variable around assigned": (
            "        return given\n",
            "        nonlocal given\n        given = 1\n        return given\n",
        ),
        "read from elsewhere": ("        return given\n", "        return os\n"),
        "another module": ("import os\n", "import posix as os\n"),
    }.values(),
)
def test_no_additions(old: str, new: str) -> None:
    assert BEFORE.count(old) == 1
    assert compared(facts_of(BEFORE), facts_of(BEFORE.replace(old, new))) is None


def test_what_is_the_same_but_for_its_place_is_the_same() -> None:
    source = "def first(one):\n    one.go(1)\n"
    again = "def first(one):\n    one.go(2)\n    one.go(1)\n    one.go(2)\n"
    found = compared(facts_of(source), facts_of(again))
    assert found is not None
    assert len(found.grown[1].added) == 6
