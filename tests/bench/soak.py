"""Random concurrent programs beside their recordings, for a long time: every parent must be right.

    python -m tests.bench.soak [--events N] [--first SEED]

Takes the collectors and Pythons of this machine in turn, with values and without, until each has recorded
its share of the events (calls and ends of calls). Exits with 1 at the first tree that is not the program's
own, and names its seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.recording.oracle.compare import run_plans
from tests.recording.probed import Engine, engines
from tracer.recording.switch import ValueMode

EVENTS = 10_000_000
PLANS = 60
SIZES = (100, 300, 1000)
"""Nodes of the plans, in turn: small ones end while others begin."""

VALUES: tuple[ValueMode, ...] = ("none", "short")


def soak(events: int, first: int) -> int:
    """Run plans until there were ``events`` events; the exit code."""
    done: dict[Engine, int] = dict.fromkeys(engines(), 0)
    share = -(-events // len(done))
    started = time.monotonic()
    seed = first
    while waiting := [engine for engine in done if done[engine] < share]:
        rounds = (seed - first) // PLANS
        size = SIZES[rounds % len(SIZES)]
        values = VALUES[rounds % len(VALUES)]
        for engine in waiting:
            with tempfile.TemporaryDirectory(prefix="stackwalk-soak-") as folder:
                try:
                    done[engine] += run_plans(engine, seed, PLANS, size, Path(folder) / "spools", values)
                except (AssertionError, ValueError, KeyError) as error:
                    print(f"{engine}: seeds from {seed}, size {size}, {values}: {error}", file=sys.stderr)
                    return 1
        seed += PLANS
        print(
            f"{time.monotonic() - started:6.0f} s, {seed - first} seeds, {sum(done.values()):,} events: "
            + ", ".join(f"{engine} {count:,}" for engine, count in done.items()),
            flush=True,
        )
    print("0 wrong parents")
    return 0


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=EVENTS, help=f"how many (default {EVENTS:,})")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default 1)")
    options = parser.parse_args()
    return soak(options.events, options.first)


if __name__ == "__main__":
    sys.exit(main())
