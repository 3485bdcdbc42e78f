"""All contracts on all that was given, at once."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.model.graph import CallGraph
from tracer.model.request_tree import RequestTree
from tracer.regression.breaches import Breach, Verdict
from tracer.regression.contract_file import Contract
from tracer.regression.naming import Exceptions, NotThereError
from tracer.regression.recording_contracts import RecordingContracts
from tracer.regression.static_contracts import StaticContracts


def judged(
    contracts: Sequence[Contract], graph: CallGraph | None, trees: Sequence[tuple[str, RequestTree]]
) -> list[Verdict]:
    """What becomes of each of ``contracts``.

    Args:
        contracts: the rules.
        graph: what was read, if anything was.
        trees: recorded requests, each with what to call it.
    """
    places: list[tuple[str, StaticContracts | RecordingContracts]] = []
    if graph is not None:
        places.append(("static", StaticContracts(graph)))
    places += [(name, RecordingContracts(tree, name)) for name, tree in trees]
    return [_judged(contract, places) for contract in contracts]


def _judged(
    contract: Contract, places: Sequence[tuple[str, StaticContracts | RecordingContracts]]
) -> Verdict:
    breaches: list[Breach] = []
    checked: list[str] = []
    skipped: list[str] = []
    exceptions = Exceptions(contract.allow)
    for name, place in places:
        static = isinstance(place, StaticContracts)
        if contract.on not in ("both", "static" if static else "recording"):
            continue
        try:
            breaches += place.breaches(contract, exceptions)
            checked.append(name)
        except NotThereError as reason:
            skipped.append(f"not checked on {name}: {reason}")
    return Verdict(contract, breaches, checked, skipped, exceptions.unused if checked else [])
