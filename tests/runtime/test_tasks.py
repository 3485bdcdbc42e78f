from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from runtime.tasks import Task, run_all

PATIENCE = 30


def ignore(name: str, under_way: Sequence[str]) -> None:
    pass


def test_a_task_begins_when_those_it_needs_are_done() -> None:
    done: list[str] = []
    tasks = [
        Task("compute", lambda: done.append("compute"), after=("conductor", "libvirt")),
        Task("conductor", lambda: done.append("conductor"), after=("database",)),
        Task("libvirt", lambda: done.append("libvirt")),
        Task("database", lambda: done.append("database")),
    ]
    run_all(tasks, lambda: None, ignore)
    assert sorted(done) == ["compute", "conductor", "database", "libvirt"]
    assert done.index("database") < done.index("conductor") < done.index("compute") == 3


def test_tasks_that_need_nothing_of_each_other_run_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=PATIENCE)
    run_all([Task(name, lambda: void(meeting.wait())) for name in "abc"], lambda: None, ignore)


def test_after_a_failure_running_tasks_are_called_off_and_none_is_begun() -> None:
    called_off = threading.Event()
    begun: list[str] = []

    def fail() -> None:
        raise ValueError("the broker does not start")

    tasks = [
        Task("broker", fail),
        Task("database", lambda: void(called_off.wait(PATIENCE))),
        Task("conductor", lambda: begun.append("conductor"), after=("broker",)),
        Task("keystone", lambda: begun.append("keystone"), after=("database",)),
    ]
    with pytest.raises(ValueError, match="broker"):
        run_all(tasks, called_off.set, ignore)
    assert called_off.is_set()
    assert begun == []


def test_what_is_done_is_told_with_what_is_under_way() -> None:
    told: list[tuple[str, list[str]]] = []
    tasks = [Task("one", lambda: None), Task("two", lambda: None, after=("one",))]
    run_all(tasks, lambda: None, lambda name, under_way: told.append((name, list(under_way))))
    assert told == [("one", []), ("two", [])]


def test_tasks_that_cannot_ever_begin_are_refused() -> None:
    with pytest.raises(KeyError, match="nobody"):
        run_all([Task("one", lambda: None, after=("nobody",))], lambda: None, ignore)
    circle = [Task("one", lambda: None, after=("two",)), Task("two", lambda: None, after=("one",))]
    with pytest.raises(KeyError, match="wait for each other"):
        run_all(circle, lambda: None, ignore)


def void(value: object) -> None:
    pass
