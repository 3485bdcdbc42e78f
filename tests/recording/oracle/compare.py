"""The tree of a spool beside the one that its program knows to be its own."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff
from itertools import islice
from pathlib import Path

from tests.recording.oracle.oracle_plan import Tree, expected, make_plan
from tests.recording.probed import Engine, only_record, run_probed
from tracer.recording.raw import ProcessRecord, RawSpan
from tracer.recording.switch import ValueMode

_SHOWN = 40
"""Lines of a difference."""

PROGRAM = Path(__file__).parent / "oracle_program.py"


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


def _differences(own: Sequence[str], found: Sequence[str]) -> str:
    return "\n".join(islice(unified_diff(own, found, "the program's own", "recorded", lineterm=""), _SHOWN))


def run_plans(engine: Engine, first: int, count: int, size: int, spools: Path, values: ValueMode) -> int:
    """Run the plans of ``count`` seeds from ``first`` on, all at once in one process; compare their trees.

    Args:
        size: of each plan, in nodes.
        spools: an empty folder.
        values: what is taken of arguments and results, for which the collectors have ways of their own.

    Returns:
        how many calls and ends of calls were recorded.

    Raises:
        AssertionError: a tree is not the program's own.
    """
    arguments = str(first), str(count), str(size)
    run_probed(PROGRAM, spools, *arguments, packages=["oracle_program"], engine=engine, values=values)
    events = 0
    for seed in range(first, first + count):
        record = only_record(spools, f"{seed:032x}")
        assert record.collector == engine.collector, record.collector
        assert record.notices == [], record.notices
        found, own = (list(tree.lines()) for tree in (recorded(record), expected(make_plan(seed, size))))
        assert found == own, f"seed {seed}, size {size}\n" + _differences(own, found)
        events += 2 * len(record.spans)
    return events
