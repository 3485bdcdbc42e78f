"""Checks of code that did not change, against a baseline learnt from the first recordings of it.

    python -m tests.bench.false_alarms [--real] [--checks 200] [--learn 20] [--restart 10] [--keep FOLDER]
    python -m tests.bench.false_alarms --recordings FOLDER [--learn 20]

Records real creates, on the light variant or (--real) on the full stack, which is started anew every so many
of them, each time with another hash seed; with as many busy loops beside it as there are processors, unless
--quiet. A create that fails is no create: it is counted and left out. With --recordings, recordings that are
there are used, in order of their names. Exits with 1 when a check finds anything.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.cli import StackwalkCli
from tracer.model.recording_folder import open_recording
from tracer.regression.baseline import Baseline, baseline_of
from tracer.regression.baseline_file import parse_baseline, text_of
from tracer.regression.comparison import compare
from tracer.regression.flow import Flow
from tracer.regression.learning import learnt
from tracer.regression.observed_flow import observed_flow
from tracer.regression.scope import Scope


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--recordings", type=Path, help="a folder of recordings that are there")
    parser.add_argument("--keep", type=Path, help="keep the recordings in this folder")
    parser.add_argument("--real", action="store_true", help="the full stack instead of the light variant")
    parser.add_argument("--quiet", action="store_true", help="without load on the machine")
    parser.add_argument("--checks", type=int, default=200, help="how many checks")
    parser.add_argument("--learn", type=int, default=20, help="how many recordings to learn from")
    parser.add_argument("--restart", type=int, default=10, help="how many creates a stack is used for")
    parser.add_argument(
        "--together",
        type=int,
        default=1,
        help="how many recordings a check is given, each with those before it",
    )
    parser.add_argument("--package", action="append", default=[], help="only this package; repeatable")
    words = parser.parse_args()
    scope = Scope(packages=tuple(words.package))
    with ExitStack() as stack:
        if words.recordings is not None:
            folders = iter(sorted(one.parent for one in words.recordings.glob("*/recording.json")))
        else:
            keep = words.keep or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="stackwalk-alarms-"))
            )
            if not words.quiet:
                stack.enter_context(_load())
            folders = _recorded(
                keep, words.learn + words.checks + words.together - 1, words.restart, real=words.real
            )
        return _checked(folders, scope, words.learn, words.checks, words.together)


def _checked(folders: Iterator[Path], scope: Scope, learn: int, checks: int, together: int) -> int:
    first: list[Flow] = []
    given: list[Flow] = []
    baseline: Baseline | None = None
    done = alarms = 0
    for folder in folders:
        flow = observed_flow(open_recording(folder).tree, scope.keeps)
        if baseline is None:
            first.append(flow)
            if len(first) == learn:
                written = text_of(baseline_of([learnt(first)], scope))
                baseline = parse_baseline(written, Path("baseline"))
                optional = sum(seen.optional for seen in baseline.edges.values())
                print(f"learnt from {learn}: {len(baseline.edges)} edges, {optional} optional", flush=True)
            continue
        given.append(flow)
        if len(given) < together:
            continue
        changes = compare(baseline, given).changes
        given = given[1:]
        done += 1
        alarms += bool(changes)
        for change in changes:
            print(f"FALSE ALARM in {folder.name}: {change.message}", flush=True)
        if done == checks:
            break
    print(f"{done} checks of unchanged code: {alarms} with a false alarm")
    return 1 if alarms or not done else 0


def _recorded(keep: Path, count: int, restart: int, *, real: bool) -> Iterator[Path]:
    keep.mkdir(parents=True, exist_ok=True)
    made = failed = 0
    while made < count:
        os.environ["PYTHONHASHSEED"] = str(made + failed)
        with tempfile.TemporaryDirectory(prefix="stackwalk-stack-") as state:
            cli = StackwalkCli(Path(state) / "stack")
            cli.run("stack", "up", *([] if real else ["--embedded"]))
            try:
                for _ in range(min(restart, count - made)):
                    folder = keep / f"{made:04}"
                    done = cli.run("record", "create", "--out", folder, check=False)
                    if done.returncode == 0:
                        made += 1
                        yield folder
                    else:
                        failed += 1
                        print(f"a create failed ({failed} until now) and is left out", flush=True)
                    cli.run("record", "delete", "--out", keep / f".gone-{made}-{failed}", check=False)
            finally:
                cli.run("stack", "down", check=False)


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
