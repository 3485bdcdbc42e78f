"""What recording costs, beside other tools, on the Pythons of this machine.

    python -m tests.bench.recorder [--rounds N] [--python 3.12]

Prints how many times as long each piece of work takes with each tool, in CPU time of the working thread, the
least of N alternating rounds each; then spool sizes and memory, and each demand with what was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from runtime.provisioning.environments import cache_folder
from tests.bench import recorded_work
from tests.pythons import pythons
from tracer.recording.extension import ensure_extension
from tracer.recording.probe import format as spool
from tracer.recording.spool import read_spools
from tracer.recording.switch import ValueMode, probe_environment

ROUNDS = 9
BLOCK_S = 0.08
"""Seconds for which each piece of work is timed at a time."""

READ_BLOCK_S = 0.02
"""The same, where what was recorded is to be read, and in short processes."""

IDLE_TURNS = 20
IDLE_BLOCKS = 3
"""Of each piece of work in a process."""

VERSIONS = ("3.12", "3.13")
NEEDED = ("jinja2", "networkx", "viztracer")
PROGRAM = Path(recorded_work.__file__)
EVERYTHING = tuple(sorted(recorded_work.CHOSEN))
LIBRARIES = {"jinja2": "a page", "ast.unparse": "a module", "networkx": "a graph"}
"""The dense and the ordinary work of each."""


@dataclass(frozen=True)
class Way:
    """One way of running the work.

    Args:
        tool: of `recorded_work`.
        collector: of the probe's, empty where it is not loaded.
        packages: what the probe records.
    """

    title: str
    tool: str
    collector: str = ""
    packages: tuple[str, ...] = EVERYTHING
    values: ValueMode = "none"


WAYS = (
    Way("stackwalk, C", "stackwalk", "native"),
    Way("stackwalk, C, values short", "stackwalk", "native", values="short"),
    Way("stackwalk, pure Python", "stackwalk", "monitoring"),
    Way("    empty Python callbacks", "empty-callbacks"),
    Way("    with the clock and an append", "noting-callbacks"),
    Way("stackwalk, C, other code chosen", "elsewhere", "native", ("nowhere",)),
    Way("stackwalk, idle", "none", "native"),
    Way("VizTracer", "viztracer"),
    Way("VizTracer, ignore_c_function", "viztracer-python"),
    Way("cProfile", "cprofile"),
)

_OF_LIBRARIES = {
    "stackwalk, C": {"jinja2": 1.10, "ast.unparse": 1.15, "networkx": 1.15},
    "stackwalk, C, values short": dict.fromkeys(LIBRARIES, 1.6),
    "stackwalk, pure Python": dict.fromkeys(LIBRARIES, 1.9),
}
DEMANDS = {
    ("stackwalk, C", "fib"): 2.2,
    **{(way, name): most for way, of in _OF_LIBRARIES.items() for name, most in of.items()},
    **{(way, LIBRARIES[name]): most for way, of in _OF_LIBRARIES.items() for name, most in of.items()},
    **{("stackwalk, C, other code chosen", name): 1.02 for name in recorded_work.WORK},
    **{("stackwalk, idle", name): 1.01 for name in recorded_work.WORK},
}

PLAIN_MB_AT_MOST, WRITTEN_MB_AT_MOST = 6.0, 2.0
"""Of a million calls without values."""

MEMORY_MIB_AT_MOST = 64.0
LOST_MS_AT_MOST = 100.0


def environment_for(version: str) -> Path | None:
    """The Python of an environment with what is compared; None where there is no such Python."""
    python = pythons().get(version)
    if python is None:
        return None
    folder = cache_folder() / "bench" / version
    made = folder / "complete"
    if not made.exists():
        print(f"Making an environment with {', '.join(NEEDED)} in {folder}", flush=True)
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *NEEDED], check=True)
        made.touch()
    return folder / "bin" / "python"


def run(python: Path, way: Way, rounds: int, spools: Path, block_s: float = BLOCK_S) -> dict[str, Any]:
    """What `recorded_work` prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STACKWALK_")}
    if way.collector:
        environment |= probe_environment("bench", spools, packages=way.packages, values=way.values)
        environment |= {"STACKWALK_COLLECTOR": way.collector, "STACKWALK_SPOOL_LIMIT": str(10**10)}
    command = [str(python), str(PROGRAM), way.tool, str(rounds), str(block_s)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def idle_ratios(python: Path, way: Way, spools: Path) -> tuple[dict[str, float], str]:
    """Of processes with the idle probe to processes without it: medians over many short ones in turn, and a
    line that says how sure they are and what processes without it show beside each other."""
    probed, plain, again = way, Way("", "none"), Way("", "none")
    turns = []
    for _ in range(IDLE_TURNS):
        found = [run(python, each, IDLE_BLOCKS, spools, READ_BLOCK_S) for each in (plain, probed, again)]
        turns.append([{name: min(one[name].values()) for name in recorded_work.WORK} for one in found])
    ratios: dict[str, float] = {}
    lines = []
    for index, title in ((1, "    give or take"), (2, "    no probe, beside itself")):
        line = ""
        for name in recorded_work.WORK:
            of_turns = sorted(turn[index][name] / turn[0][name] for turn in turns)
            low, middle, high = quantiles(of_turns, n=4)
            # Half the 95 % interval of a median, after McGill, Tukey and Larsen (1978).
            unsure = 1.57 * (high - low) / len(of_turns) ** 0.5
            if index == 1:
                ratios[name] = middle
            line += f"{unsure:11.3f} " if index == 1 else f"{middle:11.3f} "
        lines.append(f"{title:34}{line}")
    return ratios, "\n".join(lines)


def spool_figures(spools: Path) -> tuple[int, float, float]:
    """Calls recorded in ``spools``, and bytes a call, plain and as they were written."""
    calls = written = plain = 0
    for folder in spools.iterdir():
        if folder.name == "probe-notes":
            continue
        calls += sum(len(record.spans) for record in read_spools(folder))
        for file in folder.glob("*.spool"):
            data = file.read_bytes()
            written += len(data)
            at = len(spool.MAGIC) + 1
            while at < len(data):
                _, length, _ = spool.BLOCK_HEAD.unpack_from(data, at)
                at += spool.BLOCK_HEAD.size
                body = data[at : at + length]
                plain += len(zlib.decompress(body[1:])) if body[0] == spool.DEFLATED else length
                at += length
    return calls, plain / calls, written / calls


KILLED = """
import sys, time
probe = sys.modules["stackwalk_probe.session"]
def leaf(): %s
def calling():
    print("calling", flush=True)
    while True: leaf()
probe.run_as_root("1".zfill(32), calling, (), {})
"""
LEAVES = {"rests": "time.sleep(0.0005)", "never rests": "[None for _ in range(100)]"}
"""What the one function that is called all the while does. Where it never rests, the thread that writes has
to wait for the interpreter whenever it wants it."""


def lost_by_a_kill(python: Path, collector: str, leaf: str) -> float:
    """Milliseconds of calls that ``kill -9`` costs a program which calls ``leaf``, the most of five."""
    most = 0.0
    for index in range(5):
        with tempfile.TemporaryDirectory(prefix="stackwalk-bench-") as folder:
            spools = Path(folder) / "spools"
            environment = os.environ | probe_environment("bench", spools, packages=("__main__",))
            environment |= {"STACKWALK_COLLECTOR": collector}
            command = [str(python), "-c", KILLED % leaf]
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
            process.stdout.readline()  # type: ignore[union-attr]
            time.sleep(0.5 + index * 0.037)
            killed = time.monotonic_ns()
            process.kill()
            process.communicate()
            (record,) = read_spools(spools / f"{1:032x}")
            most = max(most, (killed - record.last_seen) / 1e6)
    return most


def measure(version: str, rounds: int) -> bool:
    """Measure on one Python and print; whether every demand was met."""
    python = environment_for(version)
    if python is None:
        print(f"There is no Python {version} here.")
        return True
    extension = ensure_extension(python)
    print(f"\nPython {version}, load {os.getloadavg()[0]:.1f}, C part: {extension.lacks or 'built'}")
    print(f"{'':34}" + "".join(f"{name:>12}" for name in recorded_work.WORK), flush=True)
    calls = run(python, Way("", "calls"), 1, Path())
    print(
        f"{'calls per ms':34}" + "".join(f"{calls[name]:11.0f} " for name in recorded_work.WORK), flush=True
    )
    plain_peak = run(python, Way("", "none"), 1, Path())["peak_kib"]
    met = True
    for way in WAYS:
        with tempfile.TemporaryDirectory(prefix="stackwalk-bench-") as folder:
            spools = Path(folder) / "spools"
            if way.title == "stackwalk, idle":
                ratios, sure = idle_ratios(python, way, spools)
            else:
                found = run(python, way, rounds, spools)
                ratios = {name: found[name]["with"] / found[name]["without"] for name in recorded_work.WORK}
            line = "".join(
                _figure(ratio, DEMANDS.get((way.title, name)), 11, 2) for name, ratio in ratios.items()
            )
            print(f"{way.title:34}{line}", flush=True)
            if way.title == "stackwalk, idle":
                print(sure, flush=True)
            if way.tool == "stackwalk" and way.collector == "native":
                line += _sizes(python, way, (found["peak_kib"] - plain_peak) / 1024)
            met = met and "!" not in line
    for collector in ("native", "monitoring"):
        for program, leaf in LEAVES.items():
            lost = _figure(lost_by_a_kill(python, collector, leaf), LOST_MS_AT_MOST, 0, 0)
            print(f"    kill -9 of what {program} lost {lost} ms of calls ({collector}), the most of five")
            met = met and "!" not in lost
    print(
        "  ! misses what is demanded: "
        + ", ".join(f"{way} {what} {most}" for (way, what), most in _said())
        + f", {PLAIN_MB_AT_MOST} MB and {WRITTEN_MB_AT_MOST} MB, {MEMORY_MIB_AT_MOST} MiB, "
        + f"{LOST_MS_AT_MOST} ms"
    )
    return met


def _figure(value: float, at_most: float | None, width: int, digits: int) -> str:
    missed = at_most is not None and round(value, digits) > at_most
    return f"{value:{width}.{digits}f}{'!' if missed else ' ' if width else ''}"


def _sizes(python: Path, way: Way, grown_mib: float) -> str:
    """Print what was written and how much memory it took; the line."""
    with tempfile.TemporaryDirectory(prefix="stackwalk-bench-") as folder:
        spools = Path(folder) / "spools"
        run(python, way, 1, spools, READ_BLOCK_S)
        calls, plain, written = spool_figures(spools)
    demanded = way.values == "none"  # what is demanded of sizes is demanded without values
    line = (
        f"    of {calls / 1e6:.1f} million calls, per million: "
        f"{_figure(plain, PLAIN_MB_AT_MOST if demanded else None, 0, 1)} MB with times, "
        f"{_figure(written, WRITTEN_MB_AT_MOST if demanded else None, 0, 1)} MB as written (zlib); "
        f"{_figure(grown_mib, MEMORY_MIB_AT_MOST, 0, 0)} MiB more memory at its peak"
    )
    print(line, flush=True)
    return line


def _said() -> list[tuple[tuple[str, str], float]]:
    return [(key, most) for key, most in DEMANDS.items() if key[1] in ("fib", *LIBRARIES)]


def main() -> int:
    """The command line; returns its exit code: 1 when a demand is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how many (default {ROUNDS})")
    parser.add_argument("--python", choices=VERSIONS, help="measure on this one only")
    options = parser.parse_args()
    versions = [options.python] if options.python else list(VERSIONS)
    met = [measure(version, options.rounds) for version in versions]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
