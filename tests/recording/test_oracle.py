"""The recorded tree of random concurrent programs is the tree that the programs know to be theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.oracle.oracle_plan import Tree, expected, make_plan
from tests.recording.probed import Engine, engines, only_record, run_probed
from tracer.recording.raw import ProcessRecord, RawSpan

ORACLE = Path(__file__).parent / "oracle"
SIZE = 120


def recorded(record: ProcessRecord) -> Tree:
    """The one tree in ``record``, stitched over its links; every span must be in it."""
    sent = {outgoing.key: outgoing.span for outgoing in record.outgoing}
    trees: dict[int, Tree] = {}
    roots = []
    for span in sorted(record.spans, key=lambda span: span.id):
        tree = trees[span.id] = _tree(record, span)
        if span.parent:
            trees[span.parent].children.append(tree)
        elif span.incoming:
            trees[sent[span.incoming]].spawned.append(tree)
        else:
            roots.append(tree)
    (root,) = roots
    return root


def _tree(record: ProcessRecord, span: RawSpan) -> Tree:
    return Tree(record.functions[span.function].qualname, span.outcome.value, span.activation)


@pytest.mark.parametrize("first", [1000, 2000])
@pytest.mark.parametrize("engine", engines(), ids=str)
def test_recorded_trees_are_the_programs_own(engine: Engine, first: int, tmp_path: Path) -> None:
    """Several traces at once in one process, among threads that run the same functions untraced."""
    count = 6
    run_probed(
        ORACLE / "oracle_program.py",
        tmp_path,
        str(first),
        str(count),
        str(SIZE),
        packages=["oracle_program"],
        engine=engine,
    )
    for seed in range(first, first + count):
        record = only_record(tmp_path, f"{seed:032x}")
        assert record.collector == engine.collector
        assert record.notices == []
        own = expected(make_plan(seed, SIZE))
        assert "\n".join(recorded(record).lines()) == "\n".join(own.lines())
