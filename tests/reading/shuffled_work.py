"""Reads programs with a work list that takes what waits in an order of chance; run as a module of its own.

Command line: a seed, then a folder of programs. The calls that are found go to standard output, one a line.
"""

from __future__ import annotations

import random
import sys
import types
from typing import TypeVar

from tracer.worklist import kernel

T = TypeVar("T")


class ShuffledKernel(kernel.Kernel[T]):
    """The work list in Python, at each step going on with any of the variables that wait."""

    chance = random.Random(0)

    def run(self) -> None:
        """Work until nothing changes."""
        while waiting := len(self._queue):
            self._queue.rotate(-self.chance.randrange(waiting))
            self._step(self._queue.popleft())

    def _step(self, var: int) -> None:
        new = self._fresh.pop(var)
        self.steps += 1
        ways = self._edges[var]
        for target in (ways,) if isinstance(ways, int) else tuple(ways or ()):
            self._add_all(target, new)
        watchers = self._watchers[var]
        for action, *data in [watchers] if isinstance(watchers, tuple) else list(watchers or ()):
            action(new, *data)


def main(seed: str, folder: str) -> None:
    """Read ``folder`` in the order of chance that ``seed`` gives."""
    ShuffledKernel.chance.seed(int(seed))
    twins = types.ModuleType("tracer.worklist.twins")
    twins.Kernel = ShuffledKernel  # type: ignore[attr-defined]
    sys.modules[twins.__name__] = twins
    from tracer.reading.reader import read

    calls = read([folder], label="programs", processes=1).calls()
    for told in sorted({(one.caller, one.callee, one.kind, one.certainty, one.rule) for one in calls}):
        print(*told, sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
