"""Following values through the summaries of a whole program. Often that is not needed, so it stands apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracer.model.graph import CallGraph
from tracer.reading.assemble import assemble
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
) -> tuple[CallGraph, list[int]]:
    """The call graph of ``files``, with numbers of places in place of lines; see `assemble`.

    Args:
        files: what was read, sorted by module.
        data: names and places of files that are no Python but may concern rules.
        places: for each module the number of its first place, and the next free number.
        driver: keep only drivers of this name; empty for all.
        extra_rules: rules beside the program's own.
    """
    engine = Propagation(files, [*all_rules(driver), *extra_rules], data)
    engine.propagate()
    try:
        return assemble(engine, *places)
    finally:
        engine.let_go()
