"""Following values through the summaries of a whole program. Often that is not needed, so it stands apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tracer.model.graph import CallGraph
from tracer.reading.assemble import Assembly, methods_by_name, originals_of_all
from tracer.reading.files import SourceFile
from tracer.reading.flow.propagation import Propagation, Rule
from tracer.reading.links import all_rules
from tracer.reading.lowering.facts import FileFacts


def follow(
    files: Sequence[tuple[SourceFile, FileFacts]],
    data: Sequence[tuple[str, Path]],
    places: tuple[dict[str, int], int],
    driver: str,
    extra_rules: Sequence[Rule],
    keep: Callable[[CallGraph, list[int], Sequence[bytes | memoryview]], None] | None = None,
) -> tuple[CallGraph, list[int]]:
    """The call graph of ``files``, with numbers of places in place of lines, and the lines of places in files
    that are no Python; see `Assembly`.

    Args:
        files: what was read, sorted by module.
        data: names and places of files that are no Python but may concern rules.
        places: for each module the number of its first place, and the next free number.
        driver: keep only drivers of this name; empty for all.
        extra_rules: rules beside the program's own.
        keep: given what is returned and the finished propagation, to follow on from it another time.
    """
    engine = Propagation(files, [*all_rules(driver), *extra_rules], data)
    engine.propagate()
    try:
        assembly = Assembly(engine, *places, methods_by_name(engine), originals_of_all(engine))
        graph = assembly.graph()
        lines_of_data = list(assembly.lines_of_data)
        if keep is not None and not engine.bounded:
            from tracer.reading.resuming.saving import save

            keep(graph, lines_of_data, save(engine, assembly))
        return graph, lines_of_data
    finally:
        engine.let_go()
