"""From a recorded request to a flow."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from tracer.model.kinds import CallKind
from tracer.model.observed import KIND_OF_LINK
from tracer.model.request_tree import RecordingHeader, RequestTree, Span
from tracer.regression.caught import Catches, CatchFinder
from tracer.regression.flow import CROSSINGS, Chain, Edge, Flow, Part, Seen

_IMPORT_HOOKS = frozenset(("find_spec", "find_module", "exec_module", "create_module", "load_module"))
"""Methods of the import protocol (the language reference, "The import system")."""
_OF_THE_RUN = ("seconds_", "server_", "version_")
"""Beginnings of facts that differ from run to run, or that the header's versions say as well."""
_STRONGER = (CallKind.SPAWN, *sorted(CROSSINGS))


def observed_flow(
    tree: RequestTree, kept: Callable[[str, str], bool] = lambda function, service: True
) -> Flow:
    """What a request did: each call that was made, and the order in which callers made theirs.

    Imports are left out with all that runs for them: they happen once in a process, not once in a request.
    Functions that ``kept`` refuses are left out as well; who calls whom through them is one edge, of the kind
    of the crossing that lies between.

    Order is that of first calls within one activation, where the caller's text has them in the same order:
    the order of what a loop goes through, or of what is called back from elsewhere, is that of data, not of
    code. What runs in another thread or process has none.

    Args:
        tree: the request.
        kept: whether the flow is about a function (given its id and its service).
    """
    ids = [function.id for function in tree.functions]
    hidden = [_of_imports(identity) for identity in ids]
    lines: defaultdict[Edge, set[int]] = defaultdict(set)
    sequences: dict[int, dict[str, int]] = {}
    above: dict[int, tuple[Span | None, CallKind, bool]] = {0: (None, CallKind.CALL, False)}
    members: set[str] = set()
    after: defaultdict[Edge, set[Catches]] = defaultdict(set)
    ways: list[tuple[Edge, int]] = []
    positions: dict[int, int] = {}
    catches = CatchFinder(
        tree,
        lambda span: not hidden[span.function] and kept(ids[span.function], span.service),
        lambda span: above[span.id][0],
    )
    for span in tree.spans:
        caller, kind, importing = above.get(span.parent, (None, CallKind.CALL, False))
        kind = _stronger(kind, KIND_OF_LINK[span.link])
        identity = ids[span.function]
        if importing or hidden[span.function]:
            above[span.id] = (caller, kind, True)
            continue
        before = catches.before(span)
        if not kept(identity, span.service):
            above[span.id] = (caller, kind, False)
            continue
        above[span.id] = (span, CallKind.CALL, False)
        members.add(identity)
        under = positions[span.id] = positions.get(caller.id, -1) if caller is not None else -1
        if caller is None or (span.activation and caller.function == span.function):
            continue
        edge = Edge(caller.service, ids[caller.function], identity, str(kind))
        after[edge].add(before)
        positions[span.id] = len(ways)
        ways.append((edge, under))
        direct = span.parent == caller.id
        lines[edge].update((span.call_line,) if direct and span.call_line else ())
        here = kind is CallKind.CALL and caller.pid == span.pid and caller.thread == span.thread
        if here and direct and span.call_line:
            sequences.setdefault(caller.id, {}).setdefault(_short(identity), span.call_line)
    return Flow(
        Part.RUNTIME,
        release_of(tree.header),
        {edge: Seen(lines=tuple(sorted(found))) for edge, found in sorted(lines.items())},
        _order(tree, sequences),
        True,
        {function.id: function for function in tree.functions},
        frozenset(members),
        tree.header.scenario,
        configuration_of(tree.header),
        1,
        caught=catches.cut_short,
        after={edge: frozenset(found) for edge, found in after.items() if frozenset() not in found},
        ways=ways,
    )


def _order(
    tree: RequestTree, sequences: Mapping[int, dict[str, int]]
) -> dict[tuple[str, str], frozenset[Chain]]:
    """By lane and caller, which calls came before which."""
    ids = [function.id for function in tree.functions]
    by_caller: defaultdict[tuple[str, str], list[dict[str, int]]] = defaultdict(list)
    for number, made in sequences.items():
        span = tree.by_id[number]
        by_caller[span.service, ids[span.function]].append(made)
    order = {place: _pairs(found) for place, found in sorted(by_caller.items())}
    return {place: pairs for place, pairs in order.items() if pairs}


def _pairs(sequences: Iterable[dict[str, int]]) -> frozenset[Chain]:
    """The pairs that came one before the other anywhere, and stand so in the text (name: line)."""
    return frozenset(
        (first[0], second[0])
        for made in {tuple(sequence.items()) for sequence in sequences}
        for at, first in enumerate(made)
        for second in made[at + 1 :]
        if first[1] < second[1]
    )


def _short(identity: str) -> str:
    """The last two names of a function: its own, and its class's or the enclosing function's."""
    names = [name for name in identity.partition(":")[2].split(".") if name != "<locals>"]
    return ".".join(names[-2:])


def release_of(header: RecordingHeader) -> str:
    """The versions that a recording was made with, in one line."""
    return " ".join(f"{name}={version}" for name, version in sorted(header.versions.items()))


def configuration_of(header: RecordingHeader) -> str:
    """A digest of what decides the way of a request beside the code: the kind of stack and what it runs
    on."""
    facts = {name: text for name, text in header.facts.items() if not name.startswith(_OF_THE_RUN)}
    told = [f"{name}={text}" for name, text in sorted(facts.items())]
    return hashlib.blake2b("\n".join(told).encode(), digest_size=6).hexdigest()


def _of_imports(identity: str) -> bool:
    name = identity.rpartition(".")[2]
    return identity.endswith(":<module>") or name in _IMPORT_HOOKS


def _stronger(first: CallKind, second: CallKind) -> CallKind:
    return max(first, second, key=lambda kind: _STRONGER.index(kind) if kind in _STRONGER else -1)
