"""Changes seeded on purpose into the code that a request ran, and whether the static check finds them.

    python -m tests.bench.mutations --source SITE_PACKAGES --recording RECORDING --work FOLDER
        [--count 500] [--batch 50] [--neutral 60] [--seed 1] [--seconds 300]

The recording says which code is on the request's way. Changes are applied many at a time, each to another
function, and the tree is checked once for all of them: each must be found in its own function, by the name of
the call that it is about. Changes that do not alter the flow are applied likewise: nothing may be found.

What came out is kept in FOLDER, batch by batch; the same command goes on where the one before ended, for as
many seconds as are given. Exits with 1 when fewer than 99 % are found, or anything is found where nothing
changed, and with 3 when there are batches to go.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from tests.bench import mutants
from tests.bench.mutants import Mutant, Place
from tests.bench.neutral_mutants import NEUTRAL, reformatted
from tracer.guarding.inputs import How
from tracer.guarding.work import check, write_baseline
from tracer.model.recording_folder import open_recording
from tracer.regression.changes import Change, What
from tracer.regression.scope import Scope

ENOUGH = 0.99
UNFINISHED = 3
REFORMATTED = "file reformatted"
Maker = Callable[[Place, random.Random], Mutant | None]


class Batch(msgspec.Struct, frozen=True):
    """Changes that are checked at a time; ``files`` are formatted anew beside them."""

    name: str
    mutants: list[Mutant]
    neutral: bool = False
    files: list[str] = []


class Judged(msgspec.Struct, frozen=True):
    """What came of a batch: changes of each kind, those that were missed, what was said without reason."""

    name: str
    made: dict[str, int]
    missed: list[str]
    alarms: list[str]
    findings: int
    seconds: float


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the folder that holds the package")
    parser.add_argument("--recording", type=Path, required=True, help="a recording of a create")
    parser.add_argument("--work", type=Path, required=True, help="the folder to work in")
    parser.add_argument("--package", default="nova", help="the package to change")
    parser.add_argument("--count", type=int, default=500, help="how many changes that alter the flow")
    parser.add_argument("--neutral", type=int, default=60, help="how many of each kind that does not")
    parser.add_argument("--batch", type=int, default=50, help="how many changes are checked at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300.0, help="begin no batch after so many")
    words = parser.parse_args()
    bench = _Bench(words.source, words.recording, words.package, words.work)
    name = f"{words.seed}-{words.count}-{words.neutral}-{words.batch}"
    plan, results = words.work / f"batches-{name}.json", words.work / f"results-{name}.jsonl"
    if not plan.exists():
        made = bench.batches(random.Random(words.seed), words.count, words.neutral, words.batch)
        plan.write_bytes(msgspec.json.encode(made))
    batches = msgspec.json.decode(plan.read_bytes(), type=list[Batch])
    done = _read(results)
    until = time.monotonic() + words.seconds
    for batch in batches:
        if batch.name not in done and time.monotonic() < until:
            done[batch.name] = bench.judged(batch)
            with results.open("ab") as file:
                file.write(msgspec.json.encode(done[batch.name]) + b"\n")
    return _told(list(done.values()), len(batches) - len(done))


def _read(results: Path) -> dict[str, Judged]:
    lines = results.read_bytes().splitlines() if results.exists() else []
    found = [msgspec.json.decode(line, type=Judged) for line in lines]
    return {one.name: one for one in found}


def _told(judged: Sequence[Judged], to_go: int) -> int:
    """Print what came of all; returns the exit code."""
    made = sum((Counter(one.made) for one in judged), Counter[str]())
    missed = [text for one in judged for text in one.missed]
    alarms = [text for one in judged for text in one.alarms]
    for text in (*missed, *alarms):
        print(text)
    neutral = {REFORMATTED, *(kind for one in judged if one.name.startswith("neutral") for kind in one.made)}
    for kind, count in sorted(made.items(), key=lambda item: (item[0] in neutral, item[0])):
        without = sum(text.startswith(f"MISSED {kind}:") for text in missed)
        print(f"{kind}: {count}" if kind in neutral else f"{kind}: {count - without} of {count}")
    seeded = sum(count for kind, count in made.items() if kind not in neutral)
    share = 1 - len(missed) / seeded if seeded else 1.0
    told = f"{seeded - len(missed)} of {seeded} found with their function ({share:.2%})"
    print(f"{told}; {len(alarms)} false alarms")
    if to_go:
        print(f"{to_go} batches to go")
        return UNFINISHED
    return 0 if share >= ENOUGH and not alarms else 1


class _Bench:
    """A copy of the package, its baseline, and the places in it that the recording ran."""

    def __init__(self, source: Path, recording: Path, package: str, work: Path) -> None:
        self.tree = work / "tree" / package
        ignored = shutil.ignore_patterns("tests", "__pycache__")
        shutil.copytree(source / package, self.tree, ignore=ignored, dirs_exist_ok=True)
        self.root = self.tree.parent
        self.places = mutants.places(open_recording(recording).tree, self.root, package)
        self.baseline = work / "baseline.callflow"
        self.how = How(driver="libvirt")
        if not self.baseline.exists():
            scope = Scope(packages=(package,))
            write_baseline((str(self.tree), str(recording)), self.baseline, scope, self.how)
        sites = sum(len(place.sites) for place in self.places)
        print(f"{len(self.places)} functions that ran, with {sites} calls to change", flush=True)

    def batches(self, choice: random.Random, count: int, neutral: int, size: int) -> list[Batch]:
        """All that is to be judged; the same for the same choice."""
        makers = [self._all_of(make, choice, count) for make in mutants.ALTERING]
        seeded = _apart(_evenly(makers, count), size)
        found = [Batch(f"seeded {number}", chosen) for number, chosen in enumerate(seeded)]
        if neutral:
            kinds = [self._all_of(make, choice, neutral) for make in NEUTRAL]
            harmless = _apart(_evenly(kinds, neutral * len(kinds)), size * 2)
            found += [
                Batch(f"neutral {number}", chosen, neutral=True) for number, chosen in enumerate(harmless)
            ]
            files = sorted({place.file for place in self.places})
            found.append(Batch("neutral files", [], neutral=True, files=files))
        return found

    def _all_of(self, make: Maker, choice: random.Random, most: int) -> list[Mutant]:
        found: dict[tuple[object, ...], Mutant] = {}
        tries = [place for place in self.places for _ in range(3)]
        choice.shuffle(tries)
        for place in tries:
            mutant = make(place, choice)
            if mutant is not None and self._is_python(mutant):
                found[mutant.function, mutant.edits] = mutant
            if len(found) >= most:
                break
        return list(found.values())

    def _is_python(self, mutant: Mutant) -> bool:
        try:
            mutants.applied((self.root / mutant.file).read_text("utf-8"), [mutant])
        except (SyntaxError, ValueError):
            return False
        return True

    def judged(self, batch: Batch) -> Judged:
        """Apply the batch, check the tree, and put it back."""
        started = time.monotonic()
        changes = self._checked(batch)
        made = Counter(mutant.kind for mutant in batch.mutants)
        made.update({REFORMATTED: len(batch.files)} if batch.files else {})
        missed = [
            f"MISSED {mutant.kind}: {mutant.function} {mutant.name} {mutant.lines}"
            for mutant in batch.mutants
            if not batch.neutral and not any(_tells(change, mutant) for change in changes)
        ]
        alarms = [f"FALSE ALARM: {change.message}" for change in changes] if batch.neutral else []
        seconds = round(time.monotonic() - started, 1)
        print(f"{batch.name}: {made.total()} changes, {len(changes)} findings, {seconds} s", flush=True)
        return Judged(batch.name, dict(made), missed, alarms, len(changes), seconds)

    def _checked(self, batch: Batch) -> list[Change]:
        by_file: defaultdict[str, list[Mutant]] = defaultdict(list)
        for mutant in batch.mutants:
            by_file[mutant.file].append(mutant)
        originals = {file: (self.root / file).read_text("utf-8") for file in (*by_file, *batch.files)}
        try:
            for file, those in by_file.items():
                (self.root / file).write_text(mutants.applied(originals[file], those), "utf-8")
            for file in batch.files:
                reformatted(self.root / file)
            return check(self.baseline, (str(self.tree),), self.how).comparison.changes
        finally:
            for file, text in originals.items():
                (self.root / file).write_text(text, "utf-8")


def _evenly(by_kind: Sequence[list[Mutant]], count: int) -> Iterator[Mutant]:
    """Of all kinds in turn, for as long as there are any."""
    left = count
    while left and any(by_kind):
        for kind in by_kind:
            if kind and left:
                left -= 1
                yield kind.pop()


def _apart(chosen: Iterator[Mutant], size: int) -> list[list[Mutant]]:
    """Batches of at most ``size``, no two changes of one in the same function."""
    batches: list[list[Mutant]] = []
    for mutant in chosen:
        for batch in batches:
            if len(batch) < size and not any(_touch(mutant, other) for other in batch):
                batch.append(mutant)
                break
        else:
            batches.append([mutant])
    return batches


def _tells(change: Change, mutant: Mutant) -> bool:
    """Whether a change is reported of the mutant's function, and about the call (or the order) that was
    mutated."""
    if change.caller != mutant.function and change.before != mutant.function:
        return False
    if mutant.kind == mutants.SWAPPED:
        return change.what is What.ORDER
    told = f"{change.callee} {change.before} {change.after}"
    return not mutant.name or mutant.name in told


def _touch(one: Mutant, other: Mutant) -> bool:
    if one.function == other.function:
        return True
    nested = one.function.startswith(f"{other.function}.") or other.function.startswith(f"{one.function}.")
    return nested or (
        one.file == other.file and one.lines[0] <= other.lines[1] and other.lines[0] <= one.lines[1]
    )


if __name__ == "__main__":
    sys.exit(main())
