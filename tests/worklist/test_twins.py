"""The work lists in C and in Python do the same in the same order."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import weakref
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reading.cases import CORPUS
from tracer.worklist import kernel
from tracer.worklist.building import kernel_in_c, look_for_kernel

IN_C = kernel_in_c()
GROUPS = ("classes", "containers", "decorators", "generators", "rpc", "web")
READ = (
    "import sys; from tracer.reading.reader import read; "
    "from tracer.worklist.twins import Kernel; "
    "assert Kernel.__module__ == sys.argv[1], Kernel.__module__; "
    "sys.stdout.buffer.write(read(sys.argv[2:], label='programs', processes=1).to_bytes())"
)
in_c = pytest.mark.skipif(IN_C is None, reason="the work list in C cannot be built here")


class Story:
    """A random story of what happens to a work list, told to one of them; ``heard`` is what its watchers saw.

    Args:
        made: the class of the work list.
        seed: of the story.
        bounded: whether there are bounds to what is held.
    """

    def __init__(self, made: Callable[[], Any], seed: int, bounded: bool) -> None:
        self.list = made()
        self.chosen = random.Random(seed)
        self.heard: list[Any] = []
        self.groups: list[tuple[int, ...]] = []
        self.amounts: list[int] = []
        self.left = 600
        opaque = self.list.enlist("opaque", False)
        for number in range(1, 90):
            self.list.enlist(f"object {number}", number % 3 == 0)
        self.list.harden(3)
        if bounded:
            self.list.set_bounds(opaque, 9, 14, 300, 1)
        self.list.new_vars(40)

    def hear(self, numbers: list[int], mark: int, *more: int) -> None:
        """Watch, and do something about it."""
        self.heard.append((list(numbers), mark, more))
        if self.left > 0:
            self.left -= 1
            self.go_on(numbers[0])

    def go_on(self, number: int) -> None:
        """Do one thing."""
        var, other = self.chosen.randrange(self.list.variables), self.chosen.randrange(self.list.variables)
        case = self.chosen.randrange(8)
        if case < 3:
            self.list.edge(var, other)
        elif case < 5:
            self.list.watch(var, self.hear, self.left, *range(self.chosen.randrange(3)))
        elif case < 7:
            self.list.add(var, self.chosen.randrange(len(self.list.objects)))
        else:
            self.list.edge(self.list.new_vars(1 + number % 3), other)

    def look_again(self) -> None:
        """Ask what has grown among groups of variables, of which there are more and others each time."""
        some = range(self.chosen.randrange(4))
        self.groups += [tuple(self.chosen.randrange(self.list.variables) for _ in some) for _ in some]
        if self.amounts:
            self.groups[0] = (self.chosen.randrange(self.list.variables),)
        self.heard.append(self.list.grown_among(self.groups, self.amounts))
        assert self.amounts == [self.list.amount(*group) for group in self.groups]

    def tell(self) -> Any:
        """The whole of it, and all that can be seen of the list in the end."""
        for _ in range(60):
            for step in range(self.chosen.randrange(12)):
                self.go_on(step)
            self.list.run()
            self.look_again()
        self.list.forget_ways()
        variables = range(self.list.variables)
        return (
            self.heard,
            self.list.steps,
            self.list.bounded,
            [self.list.numbers(var) for var in variables],
            [self.list.held(var) for var in variables],
            [self.list.is_empty(var) for var in variables],
            self.list.amount(*variables),
            self.list.dump(),
        )


@in_c
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_random_stories_end_alike(seed: int, bounded: bool) -> None:
    story = Story(IN_C, seed, bounded)
    assert story.tell() == Story(kernel.Kernel, seed, bounded).tell()
    assert bool(story.list.bounded) == bounded


@pytest.mark.parametrize("made", [kernel.Kernel, pytest.param(IN_C, marks=in_c)])
def test_a_bound_holds_for_what_comes_at_once(made: Callable[[], Any]) -> None:
    told = made()
    opaque = told.enlist("opaque", False)
    numbers = [told.enlist(f"object {number}", False) for number in range(20)]
    source, target = told.new_var(), told.new_var()
    for number in numbers:
        told.add(source, number)
    told.set_bounds(opaque, 9, 14, 10, 1)
    told.edge(source, target)
    told.run()
    assert told.numbers(source) == numbers
    assert told.numbers(target) == numbers[:14]
    assert told.bounded == {target}


@pytest.mark.parametrize("made", [kernel.Kernel, pytest.param(IN_C, marks=in_c)])
def test_what_all_variables_hold_is_dumped(made: Callable[[], Any]) -> None:
    story = Story(made, 5, bounded=False)
    story.tell()
    starts, numbers = (array("I", part) for part in story.list.dump())
    assert len(starts) == story.list.variables + 1
    for var in range(story.list.variables):
        assert numbers[starts[var] : starts[var + 1]].tolist() == story.list.numbers(var)


@in_c
def test_programs_have_the_same_graph(tmp_path: Path) -> None:
    """One process has a compiler, the other finds none; both have an empty cache."""
    programs = [str(CORPUS / group) for group in GROUPS]
    empty = {**os.environ, "STACKWALK_CACHE": str(tmp_path)}
    graphs = []
    for expected, environment in (
        ("tracer.worklist.kernel", {**empty, "PATH": str(tmp_path)}),
        ("_kernel", empty),
    ):
        command = [sys.executable, "-c", READ, expected, *programs]
        graphs.append(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    assert graphs[0] == graphs[1]
    assert graphs[0]


@in_c
def test_what_is_no_variable_and_no_object_is_refused() -> None:
    made = IN_C()
    made.enlist("one", False)
    for refused in (
        lambda: made.add(1, 0),
        lambda: made.add(0, 1),
        lambda: made.edge(0, -1),
        lambda: made.held(7),
        lambda: made.watch(-2, print),
        lambda: made.harden(1 << 40),
        lambda: made.grown_among([(0, 1)], []),
    ):
        with pytest.raises(IndexError):
            refused()
    for unfit in (((0,), []), ([0], []), ([(0,)], ()), ([(0,)], ["none"])):
        with pytest.raises(TypeError):
            made.grown_among(*unfit)


@in_c
def test_an_error_of_a_watcher_ends_the_run_and_is_told() -> None:
    made = IN_C()
    made.enlist("one", False)
    var = made.new_var()

    def fail(numbers: list[int]) -> None:
        raise ValueError(str(numbers))

    made.watch(var, fail)
    made.add(var, 0)
    with pytest.raises(ValueError, match=r"\[0\]"):
        made.run()


@in_c
def test_a_list_whose_watchers_know_it_is_let_go() -> None:
    class Known(IN_C):  # type: ignore[misc, valid-type]
        def hear(self, numbers: list[int], *data: object) -> None:
            pass

    made = Known()
    made.enlist(made, False)
    for _ in range(3):
        made.watch(made.new_var(), made.hear, made, "more")
    made.watch(1, made.hear, made)
    made.add(1, 0)
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None


def test_without_a_compiler_there_is_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STACKWALK_CACHE", str(tmp_path))
    monkeypatch.setattr("tracer.compiling.COMPILERS", ())
    assert kernel_in_c() is None
    assert "gcc" in look_for_kernel().remedy


@in_c
def test_what_is_no_library_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = look_for_kernel().file
    assert built is not None
    broken = tmp_path / "native" / built.parent.name / built.name
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"not a library")
    monkeypatch.setenv("STACKWALK_CACHE", str(tmp_path))
    assert kernel_in_c() is None
    assert "remove" in look_for_kernel().remedy
