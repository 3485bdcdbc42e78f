"""Reading as a whole: targets in, call graph out."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tracer.model.graph import CallGraph
from tracer.reading.archives import unpacked
from tracer.reading.assemble import assemble
from tracer.reading.files import find_sources
from tracer.reading.flow.propagation import Propagation, Rule
from tracer.reading.links import all_rules
from tracer.reading.summaries import Cache, summarize


def read(
    targets: Sequence[str],
    *,
    label: str = "",
    cache: Path | None = None,
    include_tests: bool = False,
    driver: str = "",
    extra_rules: Sequence[Rule] = (),
    processes: int | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> CallGraph:
    """Read source trees and build their call graph.

    Args:
        targets: folders, files, source archives, wheels or names of installed packages.
        label: what the graph is called (``nova=34.0.0``); the targets' names if empty.
        cache: folder in which summaries of files are remembered; None to remember none.
        include_tests: whether to read ``tests`` folders.
        driver: keep only drivers of this name where several could be loaded by name; empty for all.
        extra_rules: rules beside the program's own.
        processes: how many processes may parse; None for as many as there are processors.
        progress: told what is being done.
    """
    progress("finding files")
    with unpacked(targets) as (places, trouble), _garbage_kept():
        sources = find_sources(places, include_tests=include_tests)
        count = _Count(len(sources.files), progress)
        read_files, warnings = summarize(sources.files, Cache(cache), processes or os.cpu_count() or 1, count)
        progress("following values")
        engine = Propagation(read_files, [*all_rules(driver), *extra_rules], sources.data)
        engine.propagate()
        progress("building the graph")
        names = label or " ".join(Path(target).name for target in targets)
        everything = sorted({*trouble, *sources.warnings, *warnings})
        return assemble(engine, names, [str(warning) for warning in everything])


class _Count:
    def __init__(self, total: int, progress: Callable[[str], None]) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def __call__(self, more: int) -> None:
        self._done += more
        self._progress(f"parsing: {self._done} of {self._total} files")


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Without the cyclic collector, which would look through what stays until the end anyway."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
