"""Following values through the summaries of a whole program. Often that is not needed, so it stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tracer.model.graph import CallGraph
from tracer.reading.assemble import Assembly, methods_by_name, originals_of_all
from tracer.reading.files import SourceFile
from tracer.reading.flow.propagation import Propagation, Rule
from tracer.reading.links import all_rules
from tracer.reading.lowering.facts import FileFacts


class Followed(NamedTuple):
    """The call graph, with numbers of places in place of lines; the lines of places in files that are no
    Python; and the finished propagation, if more can be followed on from it: see `resuming.saving.save`."""

    graph: CallGraph
    lines_of_data: list[int]
    state: Sequence[bytes | memoryview]


def follow(
    files: Sequence[tuple[SourceFile, FileFacts]],
    data: Sequence[tuple[str, Path]],
    places: tuple[dict[str, int], int],
    driver: str,
    extra_rules: Sequence[Rule],
    *,
    keep: bool = False,
) -> Followed:
    """Follow the values of a program.

    Args:
        files: what was read, sorted by module.
        data: names and places of files that are no Python but may concern rules.
        places: for each module the number of its first place, and the next free number.
        driver: keep only drivers of this name; empty for all.
        extra_rules: rules beside the program's own.
        keep: whether more is to be followed on from this another time.
    """
    engine = Propagation(files, [*all_rules(driver), *extra_rules], data)
    engine.propagate()
    try:
        assembly = Assembly(engine, *places, methods_by_name(engine), originals_of_all(engine))
        graph = assembly.graph()
        state: Sequence[bytes | memoryview] = ()
        if keep and not engine.bounded:
            from tracer.reading.resuming.saving import save

            state = save(engine, assembly)
        return Followed(graph, list(assembly.lines_of_data), state)
    finally:
        engine.let_go()
