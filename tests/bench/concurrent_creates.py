"""Many servers asked for at the same moment, all traced: is every span in the tree of its own request?

    python -m tests.bench.concurrent_creates [--count N] [--network] [--concurrency threading|eventlet]

Brings a real stack up, creates, and looks through the trees. A span is foreign
when a value in it names another of the requests. (Another's server is no sign: nova-compute asks placement
for the allocations of all servers of its host, whoever's request makes it do so.) Exits with 1 when a tree
is missing, a span is foreign or an orphan, or a link is missing that another tree of the run has.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from runtime import reached
from runtime.acceleration import decide_once
from runtime.installed import stack_environment
from runtime.interruption import ended_in_order
from runtime.plan import Network, StackChoices
from runtime.provisioning.environments import cache_folder
from runtime.record_many import record_many
from runtime.scenarios.driver import Order
from runtime.scenarios.target import Target
from runtime.stack import Stack
from tracer.model.recording_folder import Recording, open_recording
from tracer.model.request_tree import RequestTree, Span
from tracer.recording.switch import probe_environment
from tracer.terminal.progress import Steps, steps

COUNT = 50
TIMEOUT_S = 1800.0
REQUEST_ID = re.compile(r"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def texts(span: Span) -> Iterator[str]:
    """All that was captured of a span's values."""
    if span.values is not None:
        values = [*span.values.arguments.values(), span.values.result, span.values.error]
        yield from (value.text for value in values if value is not None and value.text)


def own_request(tree: RequestTree) -> str:
    """The id that the API gave to the request: the first that is met in its tree."""
    for span in tree.spans:
        for text in texts(span):
            found = REQUEST_ID.search(text)
            if found is not None:
                return found[0]
    return ""


def foreign_spans(trees: Sequence[RequestTree]) -> list[str]:
    """Spans that name another of the requests that ``trees`` are of, in words."""
    owner = {own_request(tree): number for number, tree in enumerate(trees)}
    return [
        f"tree {number + 1}: {tree.function(span).id} names {found} of tree {owner[found] + 1}"
        for number, tree in enumerate(trees)
        for span in tree.spans
        for text in texts(span)
        for found in REQUEST_ID.findall(text)
        if owner.get(found, number) != number
    ]


def judge(recordings: Sequence[Recording], count: int) -> int:
    """Print what the trees hold; returns the exit code."""
    trees = [recording.tree for recording in recordings]
    links = [Counter({kind: n for kind, n in tree.header.links.items() if kind}) for tree in trees]
    kinds = sorted({kind for found in links for kind in found})
    foreign = foreign_spans(trees)
    orphans = sum(len(tree.header.orphans) for tree in trees)
    roots = sum(tree.root.parent == 0 for tree in trees)
    unanswered = Counter((link.link.value, link.reason) for tree in trees for link in tree.header.unanswered)
    print(f"trees                {len(trees)} of {count}, with one root each: {roots}")
    print(f"requests and servers {len({own_request(tree) for tree in trees})} different request ids")
    print(f"spans                {sum(len(tree.spans) for tree in trees):,}, foreign: {len(foreign)}")
    print(f"orphans              {orphans}")
    print(f"{'link':14} {'sent':>7} {'received':>9} {'unanswered':>11}   received, a tree")
    for kind in kinds:
        counts = [found[kind] for found in links]
        open_ends = sum(times for (which, _), times in unanswered.items() if which == kind)
        received = sum(counts)
        print(
            f"{kind:14} {received + open_ends:7,} {received:9,} {open_ends:11,}"
            f"   {min(counts)} to {max(counts)}"
        )
    for (kind, reason), times in sorted(unanswered.items()):
        print(f"unanswered: {times} {kind}: {reason}")
    for line in foreign[:20]:
        print(f"  {line}")
    for tree in trees:
        for orphan in tree.header.orphans[:3]:
            print(f"  {tree.header.facts.get('server_id')}: {orphan.reason}")
    missing = any(not found[kind] for found in links for kind in ("http", "rpc-call", "rpc-cast", "spawn"))
    return int(len(trees) != count or roots != count or bool(foreign) or bool(orphans) or missing)


def bring_up(folder: Path, choices: StackChoices, shown: Steps) -> Target:
    """A stack in ``folder``."""
    stack = Stack.load(folder)
    spool = stack.layout.spool
    stack.up(
        stack_environment(),
        choices,
        cache_folder() / "schemas",
        shown,
        lambda lane: probe_environment(lane, spool),
    )
    return reached.target(folder)


def main() -> int:
    """The command line; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many (default {COUNT})")
    parser.add_argument("--network", action="store_true", help="with real ports, which takes much longer")
    parser.add_argument("--concurrency", choices=("threading", "eventlet"), default="threading")
    parser.add_argument("--look-at", type=Path, help="only look through recordings made before")
    given = parser.parse_args()
    if given.look_at:
        return judge([open_recording(folder) for folder in sorted(given.look_at.iterdir())], given.count)
    shown = steps()
    network: Network = "neutron" if given.network else "none"
    virt_type = decide_once(reached.guest(), cache_folder()).virt_type
    choices = StackChoices(network, virt_type, given.concurrency)
    with (
        ended_in_order(),
        tempfile.TemporaryDirectory(prefix="stackwalk-many-") as folder,
        ExitStack() as cleaning,
    ):
        cleaning.callback(Stack.load(Path(folder) / "stack").down)
        target = bring_up(Path(folder) / "stack", choices, shown)
        order = Order("create", "many", timeout=TIMEOUT_S)
        made = record_many(
            target, order, given.count, given.count, Path(folder) / "out", "make concurrent", shown
        )
        return judge(made, given.count)


if __name__ == "__main__":
    sys.exit(main())
