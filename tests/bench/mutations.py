"""Changes seeded on purpose into the code that a request ran, and whether the static check finds them.

    python -m tests.bench.mutations --source SITE_PACKAGES --recording RECORDING [--count 500]

The recording says which code is on the request's way. Changes are applied many at a time, each to another
function, and the tree is checked once for all of them: each must be found in its own function, by the name of
the call that it is about. Then changes that do not alter the flow are applied: nothing may be found. Exits
with 1 when fewer than 99 % are found, or anything is found where nothing changed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.bench import mutants
from tests.bench.mutants import Mutant
from tests.bench.neutral_mutants import NEUTRAL, reformatted
from tracer.guarding.inputs import How
from tracer.guarding.work import check, write_baseline
from tracer.model.recording_folder import open_recording
from tracer.regression.changes import Change, What
from tracer.regression.scope import Scope

ENOUGH = 0.99


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the folder that holds the package")
    parser.add_argument("--recording", type=Path, required=True, help="a recording of a create")
    parser.add_argument("--package", default="nova", help="the package to change")
    parser.add_argument("--count", type=int, default=500, help="how many changes that alter the flow")
    parser.add_argument("--batch", type=int, default=40, help="how many changes are checked at a time")
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    choice = random.Random(words.seed)
    with tempfile.TemporaryDirectory(prefix="stackwalk-mutants-") as scratch:
        return _Bench(words.source, words.recording, words.package, Path(scratch), choice).run(
            words.count, words.batch
        )


class _Bench:
    def __init__(
        self, source: Path, recording: Path, package: str, scratch: Path, choice: random.Random
    ) -> None:
        self.source, self.package, self.scratch, self.choice = source, package, scratch, choice
        self.tree = scratch / "tree" / package
        shutil.copytree(source / package, self.tree, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        self.places = mutants.places(open_recording(recording).tree, self.tree.parent, package)
        self.baseline = scratch / "baseline.callflow"
        self.how = How(driver="libvirt")
        scope = Scope(packages=(package,))
        write_baseline((str(self.tree), str(recording)), self.baseline, scope, self.how)
        sites = sum(len(place.sites) for place in self.places)
        print(f"{len(self.places)} functions that ran, with {sites} calls to change", flush=True)

    def run(self, count: int, batch: int) -> int:
        """Both kinds of changes; returns the exit code."""
        made: Counter[str] = Counter()
        found: Counter[str] = Counter()
        missed: list[Mutant] = []
        for chosen in self._batches(count, batch):
            changes = self._checked(chosen)
            for mutant in chosen:
                made[mutant.kind] += 1
                if any(_tells(change, mutant) for change in changes):
                    found[mutant.kind] += 1
                else:
                    missed.append(mutant)
                    print(f"MISSED {mutant.kind}: {mutant.function} {mutant.name} {mutant.lines}", flush=True)
        alarms = self._neutral(batch)
        for kind in sorted(made):
            print(f"{kind}: {found[kind]} of {made[kind]}")
        share = found.total() / made.total() if made else 0.0
        told = f"{found.total()} of {made.total()} found with their function ({share:.1%})"
        print(f"{told}; {alarms} false alarms")
        return 0 if share >= ENOUGH and not alarms else 1

    def _batches(self, count: int, size: int) -> list[list[Mutant]]:
        """Different changes, as evenly of all kinds as there are places for them, no two in one function."""
        by_kind = [self._all_of(make, count) for make in mutants.ALTERING]
        chosen: list[Mutant] = []
        while len(chosen) < count and any(by_kind):
            for kind in by_kind:
                if kind and len(chosen) < count:
                    chosen.append(kind.pop())
        batches: list[list[Mutant]] = []
        for mutant in chosen:
            for batch in batches:
                if len(batch) < size and not any(_touch(mutant, other) for other in batch):
                    batch.append(mutant)
                    break
            else:
                batches.append([mutant])
        return batches

    def _all_of(self, make: object, most: int) -> list[Mutant]:
        found: dict[tuple[object, ...], Mutant] = {}
        tries = [place for place in self.places for _ in range(3)]
        self.choice.shuffle(tries)
        for place in tries:
            mutant = make(place, self.choice)  # type: ignore[operator]
            if mutant is not None and self._is_python(mutant):
                found[mutant.function, mutant.edits] = mutant
            if len(found) >= most:
                break
        return list(found.values())

    def _is_python(self, mutant: Mutant) -> bool:
        try:
            mutants.applied((self.tree.parent / mutant.file).read_text("utf-8"), [mutant])
        except (SyntaxError, ValueError):
            return False
        return True

    def _checked(self, chosen: Sequence[Mutant], *, reformat: Sequence[str] = ()) -> list[Change]:
        by_file: defaultdict[str, list[Mutant]] = defaultdict(list)
        for mutant in chosen:
            by_file[mutant.file].append(mutant)
        originals = {file: (self.tree.parent / file).read_text("utf-8") for file in (*by_file, *reformat)}
        started = time.monotonic()
        try:
            for file, those in by_file.items():
                (self.tree.parent / file).write_text(mutants.applied(originals[file], those), "utf-8")
            for file in reformat:
                reformatted(self.tree.parent / file)
            changes = check(self.baseline, (str(self.tree),), self.how).comparison.changes
        finally:
            for file, text in originals.items():
                (self.tree.parent / file).write_text(text, "utf-8")
        told = f"{len(chosen)} changes in {len(originals)} files: {len(changes)} findings"
        print(f"{told}, {time.monotonic() - started:.1f} s", flush=True)
        return changes

    def _neutral(self, size: int) -> int:
        alarms = 0
        chosen: list[Mutant] = []
        for make in NEUTRAL:
            chosen += self._all_of(make, size * 2)
        taken: list[Mutant] = []
        for mutant in chosen:
            if not any(_touch(mutant, other) for other in taken):
                taken.append(mutant)
        counts = Counter(mutant.kind for mutant in taken)
        changes = self._checked(taken)
        files = sorted({place.file for place in self.places})
        formatted = self._checked([], reformat=files)
        for change in (*changes, *formatted):
            print(f"FALSE ALARM: {change.message}", flush=True)
        alarms += len(changes) + len(formatted)
        print(f"neutral: {dict(counts)}, {len(files)} files reformatted")
        return alarms


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
