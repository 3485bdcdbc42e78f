"""Reading as a whole: targets in, call graph out."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.model.graph import CallGraph, GraphError
from tracer.reading.archives import unpacked
from tracer.reading.files import ReadingWarning, find_sources
from tracer.reading.plugins import installed_rules
from tracer.reading.remembered import KeptFile, Memory, Reading, digest_of, kept_file, starts_of_places
from tracer.reading.summaries import Cache, Content, Summary, contents, summarize

if TYPE_CHECKING:
    from tracer.reading.flow.propagation import Rule


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
        extra_rules: rules beside the program's own and those of installed plug-ins.
        processes: how many processes may parse; None for as many as there are processors.
        progress: told what is being done.
    """
    rules = [*installed_rules(), *extra_rules]
    progress("finding files")
    names = label or " ".join(Path(target).name for target in targets)
    with unpacked(targets) as (places, trouble), _garbage_kept():
        sources = find_sources(places, include_tests=include_tests)
        files, unreadable = contents(sources.files)
        warnings = [*trouble, *sources.warnings, *unreadable]
        count = _Count(len(files), progress)
        summaries = partial(
            summarize, cache=Cache(cache), processes=processes or os.cpu_count() or 1, progress=count
        )
        asked = [names, driver, str(include_tests)]
        memory = Memory(None if rules else cache, asked)
        data = digest_of(sources.data)
        known = memory.recall()
        changed = known.changed(files, data) if known is not None else None
        again = ""
        if known is not None and changed is not None:
            other = known.updated(_kept(changed, *summaries(changed)))
            if not other:
                with suppress(GraphError):
                    return known.placed(names, warnings)
            progress("following values of what was added")
            more = _read_on(memory, files, data, Cache(cache), driver, sources.data)
            if more is not None:
                memory.keep(more)
                return more.placed(names, warnings)
            again = f" again in full: {_some(other)} now do{'es' if len(other) == 1 else ''} something else"
        elif known is not None:
            again = " again in full: other files are read now"
        known = None
        count.begin_again()
        found, broken = summaries(files)
        kept = list(_kept(files, found, broken).values())
        progress(f"following values{again}")
        read_files = [
            (source, found.pop(source.module).facts()) for source in sources.files if source.module in found
        ]
        files.clear()
        from tracer.reading.following import follow

        followed = follow(
            read_files, sources.data, starts_of_places(kept), driver, rules, keep=memory.is_kept
        )
        read_files.clear()
        reading = Reading(kept, data, followed.lines_of_data, followed.graph.to_bytes())
        memory.keep(reading)
        if followed.state:
            memory.keep_base(reading, followed.state)
        return reading.placed(names, warnings)


def _read_on(
    memory: Memory,
    files: Sequence[Content],
    data: str,
    cache: Cache,
    driver: str,
    data_files: Sequence[tuple[str, Path]],
) -> Reading | None:
    """The reading of files that do more than when they were followed in full; None if that is otherwise."""
    kept = memory.recall_base()
    if kept is None:
        return None
    base, state = kept
    changed = base.changed(files, data)
    if changed is None:
        return None
    from tracer.reading.resuming.kept import UnfollowableError
    from tracer.reading.resuming.reading_on import read_on

    found, broken = summarize(changed, cache, processes=1)  # all of them are in the cache by now
    if broken:
        return None
    now = _kept(changed, found, broken)
    kept_now = [now.get(one.module, one) for one in base.files]
    try:
        graph = read_on(base, state, kept_now, found, cache, driver, data_files)
    except (UnfollowableError, GraphError):
        return None
    return Reading(kept_now, data, base.lines_of_data, graph.to_bytes())


def _kept(
    files: Sequence[Content], found: dict[str, Summary], broken: Sequence[ReadingWarning]
) -> dict[str, KeptFile]:
    why = {warning.file: warning for warning in broken}
    return {
        content.source.module: kept_file(
            content, found.get(content.source.module), why.get(content.source.file)
        )
        for content in files
    }


def _some(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


class _Count:
    def __init__(self, total: int, progress: Callable[[str], None]) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def begin_again(self) -> None:
        self._done = 0

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
