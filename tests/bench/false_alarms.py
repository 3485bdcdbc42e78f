"""Checks of code that did not change, against a baseline learnt from other recordings of it.

    python -m tests.bench.false_alarms --keep FOLDER [--real] [--checks 200] [--learn 20] [--package nova]

Records real creates, on the light variant or (--real) on the full stack: first those to learn from, by the
recipe of docs/guarding.md, into FOLDER/learn; then the others, over many starts, each with another hash seed,
one after another and several at once, into FOLDER/check; with as many busy loops beside them as there are
processors, unless --quiet. Each of the others is checked on its own. A create that fails is no create: it is
counted and left out.

Recordings that are in FOLDER are used, and no others made in their stead: the same command goes on where the
one before ended. Exits with 1 when a check finds anything, and with 3 when there are recordings to go.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.bench.repeated_creates import CHECKING, LEARNING, ONE_BY_ONE, Series
from tracer.guarding.inputs import How
from tracer.guarding.work import check, write_baseline
from tracer.regression.scope import Scope

UNFINISHED = 3


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="the folder of the recordings")
    parser.add_argument("--real", action="store_true", help="the full stack instead of the light variant")
    parser.add_argument("--quiet", action="store_true", help="without load on the machine")
    parser.add_argument("--checks", type=int, default=200, help="how many checks")
    parser.add_argument("--learn", type=int, default=20, help="how many recordings to learn from")
    parser.add_argument("--package", action="append", default=[], help="only this package; repeatable")
    parser.add_argument("--seconds", type=float, default=7200.0, help="begin no start after so many")
    words = parser.parse_args()
    learning = Series(words.keep / "learn", LEARNING, real=words.real)
    plan = ONE_BY_ONE if words.real else CHECKING
    checking = Series(words.keep / "check", plan, real=words.real, first_seed=1000)
    until = time.monotonic() + words.seconds
    with nullcontext() if words.quiet else _load():
        done = learning.record(words.learn, until) and checking.record(words.checks, until)
    if len(learning.made()) < words.learn:
        return UNFINISHED
    baseline = words.keep / "baseline.callflow"
    scope = Scope(packages=tuple(words.package))
    first = [str(folder) for folder in learning.made()[: words.learn]]
    learnt = write_baseline(first, baseline, scope, How(), replace=True, learning=True)
    optional = sum(seen.optional for seen in learnt.edges.values())
    print(f"learnt from {len(first)}: {len(learnt.edges)} edges, {optional} optional", flush=True)
    alarms = _alarms(baseline, checking.made()[: words.checks])
    return (1 if alarms else 0) if done else UNFINISHED


def _alarms(baseline: Path, folders: list[Path]) -> int:
    """How many of the recordings are found to differ from the ``baseline``."""
    alarms = 0
    for folder in folders:
        comparison = check(baseline, [str(folder)], How()).comparison
        alarms += bool(comparison.changes)
        for change in comparison.changes:
            print(f"FALSE ALARM in {folder.name}: {change.message}", flush=True)
        for note in comparison.notes:
            print(f"note on {folder.name}: {note}", flush=True)
    starts = len({folder.name.partition("-")[0] for folder in folders})
    print(f"{len(folders)} checks of unchanged code over {starts} starts: {alarms} with a false alarm")
    return alarms


@contextmanager
def _load() -> Iterator[None]:
    """As many busy loops as there are processors, for as long as the block runs."""
    loops = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.terminate()
            loop.join()


def _spin() -> None:
    while True:
        sum(range(10_000))


if __name__ == "__main__":
    sys.exit(main())
