"""Reading as a whole: targets in, call graph out."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from tracer.model.graph import CallGraph
from tracer.reading.archives import unpacked
from tracer.reading.assemble import assemble
from tracer.reading.files import ReadingWarning, Sources, find_sources
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links import all_rules
from tracer.reading.summaries import Cache, summarize


def read(
    targets: Sequence[str],
    *,
    label: str = "",
    cache: Path | None = None,
    include_tests: bool = False,
    driver: str = "",
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
        processes: how many processes may parse; None for as many as there are processors.
        progress: told what is being done.
    """
    progress("finding files")
    names = label or " ".join(Path(target).name for target in targets)
    with unpacked(targets) as (places, trouble):
        sources = find_sources(places, include_tests=include_tests)
        return _read(
            sources, names, trouble, Cache(cache), driver, processes or os.cpu_count() or 1, progress
        )


def _read(
    sources: Sources,
    label: str,
    trouble: list[ReadingWarning],
    cache: Cache,
    driver: str,
    processes: int,
    progress: Callable[[str], None],
) -> CallGraph:
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        progress(f"{done} of {len(sources.files)} files")

    read_files, warnings = summarize(sources.files, cache, processes, count)
    progress("following values")
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        engine = Propagation(read_files, all_rules(driver), sources.data)
        engine.propagate()
        progress("building the graph")
        everything = sorted({*trouble, *sources.warnings, *warnings})
        return assemble(engine, label, [str(warning) for warning in everything])
    finally:
        if was_enabled:
            gc.enable()
