"""Where calls stood in the old source."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tracer.guarding.revisions import exported, last_change_of, path_in_repository
from tracer.reading.files import SourceFile, find_sources
from tracer.reading.function_texts import function_texts
from tracer.reading.steps import steps_of
from tracer.regression.changes import Place
from tracer.regression.comparison import Before, unknown_before
from tracer.regression.flow import Flow, simple_name


def before_in_flows(flows: Sequence[Flow]) -> Before:
    """Places as the old ``flows`` know them."""
    lines = {edge[1:3]: seen.lines for flow in flows for edge, seen in flow.edges.items() if seen.lines}
    functions = {identity: function for flow in flows for identity, function in flow.functions.items()}

    def before(caller: str, callee: str) -> Place | None:
        function = functions.get(caller)
        if function is None or not function.file:
            return None
        found = lines.get((caller, callee))
        return Place(function.file, found[0] if found else function.line)

    return before


def source_of_commit(baseline: Path, targets: Sequence[str], stack: ExitStack) -> list[str]:
    """The ``targets`` as they were in the commit that last changed the ``baseline``, for as long as ``stack``
    is open; none where they are no folders of its repository."""
    commit = last_change_of(baseline)
    around = path_in_repository(baseline) if commit else None
    if around is None:
        return []
    top, _ = around
    old: list[str] = []
    for target in targets:
        inside = path_in_repository(Path(target)) if Path(target).exists() else None
        if inside is not None and inside[0] == top:
            word = commit if inside[1] == "." else f"{commit}:{inside[1]}"
            old.append(str(stack.enter_context(exported(word, top))))
    return old


def before_in_source(targets: Sequence[str]) -> Before:
    """Places as the source among ``targets`` says; a file is read when it is asked for."""
    if not targets:
        return unknown_before
    sources: dict[str, SourceFile] = {}
    written: dict[str, dict[str, dict[str, int]]] = {}

    def lines_of(module: str) -> dict[str, dict[str, int]]:
        if not sources:
            sources.update((source.module, source) for source in find_sources(list(targets)).files)
        if module not in written:
            source = sources.get(module)
            data = source.path.read_bytes() if source is not None else b""
            written[module] = {
                qualname: {step.name: step.line for step in reversed(made)}
                for qualname, made in steps_of(data).items()
            }
        return written[module]

    def before(caller: str, callee: str) -> Place | None:
        module, _, qualname = caller.partition(":")
        found = lines_of(module).get(qualname)
        if found is None:
            return None
        name = simple_name(callee).partition(":")[2] if callee.startswith("?") else simple_name(callee)
        line = found.get(name.rpartition(".")[2]) or found.get(f"@{name}")
        if not line:
            text = function_texts(targets, {caller}).get(caller)
            line = text.line if text is not None else 0
        return Place(sources[module].file, line) if line else None

    return before
