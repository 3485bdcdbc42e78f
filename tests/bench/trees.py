"""What reading costs on trees of any kind: each by itself, from cold, in a process of its own.

    python -m tests.bench.trees TREE...

TREE is a folder that holds a package or a checkout, or ``stdlib`` for the standard library of this Python.
Prints a line for each: what was read, how many call sites stay inside and how many of these are resolved, and
the CPU seconds, wall seconds and peak memory of the whole command. Exits with 1 when one could not be read.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reading:
    """One tree as it was read."""

    name: str
    summary: dict[str, Any]
    cpu_s: float
    wall_s: float
    peak_mib: float

    def __str__(self) -> str:
        sites = self.summary["sites"]
        inside = sites["total"] - sites["external"]
        warned = len(self.summary["warnings"])
        resolved = (sites["exact"] + sites["inferred"]) / max(1, inside)
        return (
            f"{self.name:<16} {self.summary['modules']:>6,} {self.summary['lines']:>9,} "
            f"{self.summary['functions']:>9,} {sites['total']:>9,} {inside:>8,} {resolved:>8.1%} "
            f"{warned:>9} {self.cpu_s:>7.1f} {self.wall_s:>7.1f} {self.peak_mib:>9,.0f}"
        )


def read_tree(tree: Path) -> Reading:
    """Run ``stackwalk read`` on a tree.

    Raises:
        SystemExit: the command failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        output, log = Path(folder, "summary"), Path(folder, "log")
        command = [sys.executable, "-m", "stackwalk", "read", str(tree), "--no-cache", "--format", "json"]
        with output.open("wb") as out, log.open("wb") as err:
            start = time.monotonic()
            process = subprocess.Popen(
                [*command, "--out", str(Path(folder, "graph"))], stdout=out, stderr=err
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{tree}: {log.read_text(errors='replace')[-2000:]}")
        cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        return Reading(tree.name, json.loads(output.read_bytes()), cpu, wall, peak)


def main(arguments: Sequence[str]) -> int:
    """Read each, print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trees", nargs="+", metavar="TREE")
    print(
        f"{'tree':<16} {'files':>6} {'lines':>9} {'functions':>9} {'calls':>9} {'inside':>8} {'resolved':>8} "
        f"{'warnings':>9} {'CPU s':>7} {'wall s':>7} {'peak MiB':>9}"
    )
    for name in parser.parse_args(arguments).trees:
        print(read_tree(Path(sysconfig.get_path("stdlib") if name == "stdlib" else name)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
