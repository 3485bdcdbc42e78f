"""What recording costs: POST to ACTIVE on a stack whose services carry the probe, beside one without it.

    python -m tests.bench.create_latency [--pairs N]

Both stacks run at the same time and are used in turn, so that a noisy machine disturbs both alike; the
order within a pair alternates as well. The network's agent looks for new ports once a second, for which a
create waits up to a second, as chance has it: the creates of each stack begin at times spread evenly over a
second, and so do the differences within the pairs, since the two stacks' agents look at different moments,
which would otherwise let the one wait longer in most of the pairs. Prints each pair's ratio, their median,
and the ratios of the medians and of the sums over all pairs; of the first and the last also the interval in
which it lies in 95 of 100 samples that are drawn anew from the pairs: what chance alone may make of it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from runtime import reached
from runtime.acceleration import decide_once
from runtime.installed import stack_environment
from runtime.interruption import ended_in_order
from runtime.plan import ExtraEnvironment, StackChoices, nothing_extra
from runtime.provisioning.environments import cache_folder
from runtime.scenarios.driver import Order, play
from runtime.scenarios.target import Target
from runtime.stack import Stack
from tracer.recording.extension import ensure_extension
from tracer.recording.switch import new_trace_id, probe_environment
from tracer.terminal.progress import Steps, steps

PAIRS = 20
GOLDEN = (5**0.5 - 1) / 2
"""Its multiples are spread evenly over the whole, and over those of any other fraction."""

AT_MOST = 1.05
"""What recording may cost, as a ratio."""

SAMPLES = 4000

TIMEOUT_S = 180.0


def seconds_to_active(target: Target, name: str, *, traced: bool, beginning: float) -> float:
    """Create a server, wait until it is ACTIVE and its guest has spoken, delete it again.

    Args:
        beginning: the part of a second of the clock's time at which to begin.

    Returns:
        the seconds from POST to ACTIVE.
    """
    trace_id = new_trace_id() if traced else ""
    active = 0.0
    time.sleep((beginning - time.time()) % 1)
    for happening in play(target, Order("create", name, trace_id=trace_id, timeout=TIMEOUT_S)):
        if happening.event == "active":
            active = happening.seconds
    for _ in play(target, Order("delete", name, timeout=TIMEOUT_S)):
        pass
    return active


def bring_up(folder: Path, shown: Steps, *, probed: bool) -> Stack:
    """A real stack in ``folder``, with or without the probe in its services."""
    stack = Stack.load(folder)
    extra: ExtraEnvironment = nothing_extra
    if probed:
        extra = lambda lane: probe_environment(lane, stack.layout.spool)  # noqa: E731
    choices = StackChoices(virt_type=decide_once(reached.guest(), cache_folder()).virt_type)
    environment = stack_environment()
    ensure_extension(environment.python, shown)
    stack.up(environment, choices, cache_folder() / "schemas", shown, extra)
    return stack


def measure(pairs: int) -> list[tuple[float, float]]:
    """(recorded, without probe) seconds of each pair, printed as they come; the first, cold pair is not
    counted."""
    shown = steps()
    print("POST to ACTIVE, seconds:  recorded  no probe  ratio  load")
    with (
        ended_in_order(),
        tempfile.TemporaryDirectory(prefix="stackwalk-bench-") as folder,
        ExitStack() as cleaning,
    ):
        targets = {}
        for probed in (True, False):
            where = Path(folder) / ("probed" if probed else "plain")
            cleaning.callback(Stack.load(where).down)
            stack = bring_up(where, shown, probed=probed)
            targets[probed] = reached.of_stack(stack, reached.guest())
        results = []
        for index in range(pairs + 1):
            order = (True, False) if index % 2 else (False, True)
            beginning = {True: index / pairs, False: index * GOLDEN % 1}
            seconds = {
                probed: seconds_to_active(
                    targets[probed], f"bench-{index}", traced=probed, beginning=beginning[probed]
                )
                for probed in order
            }
            recorded, plain = seconds[True], seconds[False]
            which = f"pair {index}" if index else "warm-up"
            print(
                f"{which:25} {recorded:9.2f} {plain:9.2f} {recorded / plain:6.2f} {os.getloadavg()[0]:5.1f}",
                flush=True,
            )
            if index:
                results.append((recorded, plain))
        return results


def interval(pairs: list[tuple[float, float]], figure: Callable[[list[tuple[float, float]]], float]) -> str:
    """The interval in which ``figure`` lies in 95 of 100 samples, as many as ``pairs``, drawn from them."""
    draw = random.Random(0)
    found = sorted(figure(draw.choices(pairs, k=len(pairs))) for _ in range(SAMPLES))
    return f"{found[SAMPLES // 40]:.3f} to {found[-SAMPLES // 40]:.3f}"


def median_ratio(pairs: list[tuple[float, float]]) -> float:
    """The median of the pairs' ratios."""
    return statistics.median(recorded / plain for recorded, plain in pairs)


def ratio_of_sums(pairs: list[tuple[float, float]]) -> float:
    """All recorded creates' seconds beside all others'."""
    return sum(recorded for recorded, _ in pairs) / sum(plain for _, plain in pairs)


def main() -> int:
    """The command line; returns its exit code: 1 when recording costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, help=f"pairs of creates to count (default {PAIRS})"
    )
    pairs = parser.parse_args().pairs
    results = measure(pairs)
    ratios = [recorded / plain for recorded, plain in results]
    median = median_ratio(results)
    recorded, plain = zip(*results, strict=True)
    medians = statistics.median(recorded) / statistics.median(plain)
    print(
        f"median ratio {median:.3f}  (min {min(ratios):.2f}, max {max(ratios):.2f}; at most {AT_MOST}; "
        f"95 %: {interval(results, median_ratio)})\n"
        f"ratio of the medians {medians:.3f}, of the sums {ratio_of_sums(results):.3f} "
        f"(95 %: {interval(results, ratio_of_sums)})"
    )
    return 0 if median <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
