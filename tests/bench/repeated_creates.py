"""Real creates of the same code, recorded again and again: after fresh starts, alone, several at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from tests.e2e.cli import StackwalkCli

QUIET_S = 370.0
"""So long that caches have run out: their entries live for five minutes at most."""
_FAILED = re.compile(r"^\s*([\w-]+-\d{3}): ", re.MULTILINE)
_NAME = "guest"


class Round(NamedTuple):
    """Creates at the same moment, so many seconds after those before."""

    servers: int
    after_s: float = 0.0


Start = tuple[Round, ...]
"""What is created between a start of the stack and its end."""

LEARNING: Sequence[Start] = (
    (Round(1), Round(4), Round(1, QUIET_S), Round(3)),
    (Round(4), Round(1), Round(1)),
    (Round(1), Round(2), Round(2)),
)
"""The recipe of docs/guarding.md: twenty creates over three starts."""
CHECKING: Sequence[Start] = (
    (Round(1), Round(1), Round(1), Round(1), Round(1), Round(4)),
    (Round(3), Round(1), Round(1), Round(4), Round(1)),
    (Round(1), Round(4), Round(4), Round(1)),
    (Round(2), Round(2), Round(1), Round(1), Round(1), Round(3)),
)
"""Ways to use a stack, taken by turns."""
ONE_BY_ONE: Sequence[Start] = ((Round(1),) * 10,)
"""Creates one after another: the full stack takes its time for each."""


class Series:
    """Recordings in one folder, which a later call goes on with.

    Args:
        folder: where they are kept, ``sNNN-RR-NNN`` for each: the start, the round and the server.
        plan: what is created in the starts, by turns.
        real: the full stack instead of the light variant.
        first_seed: the hash seed of the first start; the next ones have the next ones.
    """

    def __init__(self, folder: Path, plan: Sequence[Start], *, real: bool, first_seed: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.plan, self.real, self.first_seed = folder, plan, real, first_seed
        self.failed = 0

    def made(self) -> list[Path]:
        """The recordings that are there, in the order in which they were made."""
        return sorted(one.parent for one in self.folder.glob("*/recording.json"))

    def record(self, count: int, until: float) -> bool:
        """Record until there are ``count``, and say whether there are.

        Args:
            count: how many recordings there shall be.
            until: after this moment (`time.monotonic`) no start is begun.
        """
        starts = {one.name.partition("-")[0] for one in self.made()}
        number = len(starts)
        for start in islice(cycle(self.plan), number, None):
            if len(self.made()) >= count:
                return True
            if time.monotonic() > until:
                return False
            self._start(number, start, count)
            number += 1
        return False

    def _start(self, number: int, start: Start, count: int) -> None:
        os.environ["PYTHONHASHSEED"] = str(self.first_seed + number)
        with tempfile.TemporaryDirectory(prefix="stackwalk-stack-") as state:
            cli = StackwalkCli(Path(state) / "stack")
            cli.run("stack", "up", *([] if self.real else ["--embedded"]))
            try:
                for turn, one in enumerate(start):
                    if len(self.made()) >= count:
                        break
                    time.sleep(one.after_s)
                    names = self._created(cli, one.servers, f"s{number:03}-{turn:02}", Path(state))
                    if number % 2:
                        _delete(cli, names, Path(state))
            finally:
                cli.run("stack", "down", check=False)
        print(f"start {number}: {len(self.made())} recordings of {count} until now", flush=True)

    def _created(self, cli: StackwalkCli, count: int, key: str, scratch: Path) -> list[str]:
        """Create ``count`` servers at once and keep their recordings; the names of the servers."""
        out = scratch / key
        name = f"{_NAME}-{key}"
        words = ("--count", count, "--at-once", count) if count > 1 else ()
        done = cli.run("record", "create", "--name", name, "--out", out, *words, check=False)
        folders = {f"{name}-{n:03}": out / f"{name}-{n:03}" for n in range(1, count + 1)}
        if count == 1:
            folders = {name: out}
        failed = _failed(done, list(folders))
        if failed:
            self.failed += len(failed)
            print(f"left out: {sorted(failed)} did not come to be: {done.stderr.strip()[-300:]}", flush=True)
        for at, (server, folder) in enumerate(folders.items(), 1):
            if server not in failed:
                for large in ("spools", "sources"):
                    shutil.rmtree(folder / large, ignore_errors=True)
                shutil.move(folder, self.folder / f"{key}-{at:03}")
        return list(folders)


def _failed(done: subprocess.CompletedProcess[str], names: Sequence[str]) -> set[str]:
    if done.returncode == 0:
        return set()
    return (set(_FAILED.findall(done.stderr)) & set(names)) or set(names)


def _delete(cli: StackwalkCli, names: Sequence[str], scratch: Path) -> None:
    for name in names:
        cli.run("record", "delete", "--name", name, "--out", scratch / f"gone-{name}", check=False)
