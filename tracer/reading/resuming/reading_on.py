"""From a reading that was followed in full to one of files that do more."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracer.model.graph import CallGraph
from tracer.reading.additions import additions
from tracer.reading.links import all_rules
from tracer.reading.lowering.facts import FileFacts
from tracer.reading.remembered import KeptFile, Reading, starts_of_places
from tracer.reading.resuming.extending import extend
from tracer.reading.resuming.kept import UnfollowableError
from tracer.reading.resuming.merging import Merged, merged
from tracer.reading.resuming.state import State
from tracer.reading.summaries import Cache, Summary


def read_on(
    base: Reading,
    state: memoryview,
    files: Sequence[KeptFile],
    changed: Mapping[str, Summary],
    cache: Cache,
    driver: str,
    data: Sequence[tuple[str, Path]],
) -> CallGraph:
    """The call graph of ``files``, with numbers of places in place of lines, as `following.follow` gives it.

    Args:
        base: the reading that was followed in full.
        state: what was kept of it.
        files: the files as they are now, the same ones in the same order.
        changed: the summaries of those whose content is another, by module.
        cache: where the summaries of files as they were are remembered.
        driver: keep only drivers of this name; empty for all.
        data: names and places of files that are no Python but may concern rules.

    Raises:
        UnfollowableError: something is gone, or what was added changes what was found before.
        GraphError: what was remembered is damaged.
    """
    before = {kept.module: kept for kept in base.files}
    changes: dict[str, Merged] = {}
    for module in sorted(changed):
        if changed[module].flow != before[module].flow:
            changes[module] = _change(cache.get(before[module].digest), changed[module])

    def facts_of(module: str) -> FileFacts | None:
        if module in changes:
            return changes[module].facts
        kept = before.get(module)
        if kept is None or not kept.flow:
            return None
        summary = cache.get(kept.digest)
        if summary is None:
            raise UnfollowableError(f"{module} is not remembered as it was")
        return summary.facts()

    starts, free = starts_of_places(base.files)
    graph = CallGraph.from_bytes(base.graph, "the remembered graph")
    extended = extend(
        graph,
        State(state, facts_of),
        changes,
        starts,
        free + len(base.lines_of_data),
        all_rules(driver),
        data,
    )
    return extended.relined(_places_now(base, files, changes), extended.summary)


def _change(before: Summary | None, now: Summary) -> Merged:
    if before is None:
        raise UnfollowableError("a file is not remembered as it was")
    old, new = before.facts(), now.facts()
    found = additions(old, new)
    if found is None:
        raise UnfollowableError("something is gone or otherwise than it was")
    return merged(old, new, found, len(before.places().lines), len(now.places().lines))


def _places_now(base: Reading, files: Sequence[KeptFile], changes: Mapping[str, Merged]) -> array[int]:
    """For each place of the extended graph the number that it has in the files as they are now."""
    starts, free = starts_of_places(files)
    places = array("I", [0])
    for kept in base.files:
        start = starts[kept.module]
        count = len(kept.places) // array("I").itemsize
        change = changes.get(kept.module)
        if change is None:
            places.extend(range(start, start + count))
        else:
            gone = [0] * (count - len(change.moved))
            places.extend(start + place for place in (*change.moved, *gone))
    places.extend(range(free, free + len(base.lines_of_data)))
    for module in sorted(changes):
        start = starts[module]
        places.extend(range(start, start + changes[module].added_places))
    return places
