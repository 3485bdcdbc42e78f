"""Doing things side by side, each as soon as those it needs are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One thing to do.

    Args:
        name: unique among the tasks.
        work: does it; an exception is a failure.
        after: names of the tasks that must be done before.
    """

    name: str
    work: Callable[[], None]
    after: Sequence[str] = ()


def run_all(
    tasks: Sequence[Task], call_off: Callable[[], None], done: Callable[[str, Sequence[str]], None]
) -> None:
    """Do all tasks; after a failure nothing new is begun.

    Args:
        tasks: what to do, in an order in which none stands before one it needs.
        call_off: makes running tasks end soon; called after a failure or an interruption.
        done: told the name of each task that is done, and those under way.

    Raises:
        Exception: the first failure, when all running tasks have ended.
        KeyError: a task needs one that does not exist.
    """
    unmet: dict[str, set[str]] = {task.name: set(task.after) for task in tasks}
    for task in tasks:
        for needed in task.after:
            if needed not in unmet:
                raise KeyError(f"{task.name} needs {needed}, which does not exist")
    works: Mapping[str, Callable[[], None]] = {task.name: task.work for task in tasks}
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(len(tasks)) as executor:
        try:
            while unmet or running:
                for name in [name for name, needs in unmet.items() if not needs]:
                    del unmet[name]
                    running[executor.submit(works[name])] = name
                if not running:
                    raise KeyError(f"{', '.join(unmet)} wait for each other")
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    name = running.pop(future)
                    future.result()
                    for needs in unmet.values():
                        needs.discard(name)
                    done(name, list(running.values()))
        except BaseException:
            call_off()
            raise
