"""Whether reading a tree gives the same bytes each time.

    python -m tests.bench.determinism TREE... [--times N] [--first N]

Reads the trees ``--times`` times from cold, each time in a process of its own with another seed for hashes,
with folders that list their files in another order, with the trees named in another order, and in turns with
one parsing process and with two. Prints one line a reading: CPU seconds, peak memory of the process and of
the largest of its workers, the digest of the saved graph. Fails if two digests differ. ``--first`` numbers
the first reading, which decides its seeds: long series can be cut into pieces, whose digests are compared
by eye.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import subprocess
import sys

from tests.reading.shuffled_folders import shuffled_folders
from tracer.reading.reader import read


def read_once(number: int, trees: list[str]) -> str:
    """Read ``trees`` as the ``number``-th of a series: prints its line, gives its digest."""
    command = [sys.executable, "-m", "tests.bench.determinism", "--read", str(number), *trees]
    environment = {**os.environ, "PYTHONHASHSEED": str(number * 7919 % 4294967295)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout, end="", flush=True)
    return done.stdout.split()[-1]


def _read_here(number: int, trees: list[str]) -> None:
    chosen = random.Random(number)
    chosen.shuffle(trees)
    processes = 1 + number % 2
    with shuffled_folders(chosen.randrange(1 << 30)):
        graph = read(trees, label="determinism", processes=processes)
    digest = hashlib.blake2b(graph.to_bytes(), digest_size=16).hexdigest()
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in (own, workers))
    print(
        f"{number:>3}: {processes} parsing, {cpu:.1f} CPU s, {own.ru_maxrss // 1024} MiB,"
        f" workers {workers.ru_maxrss // 1024} MiB, {digest}"
    )


def main(arguments: list[str]) -> int:
    """Read again and again; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("trees", nargs="+")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--read", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.read is not None:
        _read_here(options.read, options.trees)
        return 0
    numbers = range(options.first, options.first + options.times)
    digests = {read_once(number, options.trees) for number in numbers}
    print("the same bytes each time" if len(digests) == 1 else f"{len(digests)} different graphs")
    return 0 if len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
