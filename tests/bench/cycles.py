"""Three times up, create, delete, down, and a look at what is left on the machine.

    python -m tests.bench.cycles [--cycles N]

Exits with 1 when anything is left: processes, mounts, namespaces, bridges, taps, sockets.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from runtime.interruption import ended_in_order
from tests.e2e.cli import StackwalkCli
from tests.e2e.traces import named_network_namespaces, network_devices, traces_of

CYCLES = 3


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cycles", type=int, default=CYCLES, help=f"how many (default {CYCLES})")
    cycles = parser.parse_args().cycles
    before = machine()
    left: list[str] = []
    for index in range(1, cycles + 1):
        with (
            ended_in_order(),
            tempfile.TemporaryDirectory(prefix="stackwalk-cycle-") as folder,
            ExitStack() as cleaning,
        ):
            cli = StackwalkCli(Path(folder) / "stack")
            cleaning.callback(cli.run, "stack", "down")
            for words in (
                ("stack", "up"),
                ("record", "create", "--out", Path(folder) / "create"),
                ("record", "delete", "--out", Path(folder) / "delete"),
                ("stack", "down"),
            ):
                started = time.monotonic()
                cli.run(*words)
                print(
                    f"{index}/{cycles} {words[0]} {words[1]}: {time.monotonic() - started:.1f} s", flush=True
                )
            left += traces_of(cli.state_dir)
    left += sorted(machine() - before)
    print("\n".join(left) if left else "Nothing is left on the machine.")
    return 1 if left else 0


def machine() -> set[str]:
    """What a stack could leave on the machine as a whole."""
    return {f"device {name}" for name in network_devices()} | {
        f"network namespace {name}" for name in named_network_namespaces()
    }


if __name__ == "__main__":
    sys.exit(main())
