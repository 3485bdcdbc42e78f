"""Writing baselines, checking against them and against contracts, comparing two flows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from tracer.guarding.inputs import How, opened
from tracer.guarding.likeness import likeness
from tracer.guarding.old_source import before_in_flows, before_in_source, source_of_commit
from tracer.reading.function_texts import FunctionText, function_texts
from tracer.regression.baseline import Baseline, baseline_of
from tracer.regression.baseline_file import BaselineError, load_baseline, save_baseline
from tracer.regression.breaches import Verdict
from tracer.regression.changes import Comparison
from tracer.regression.comparison import compare
from tracer.regression.contract_file import Contract, ContractError, load_contracts
from tracer.regression.contracts import judged
from tracer.regression.findings import Report, located, report_of_comparison
from tracer.regression.flow import Flow, Part
from tracer.regression.learning import learnt
from tracer.regression.scope import Scope, ScopeError, narrowed
from tracer.terminal.errors import UserError
from tracer.terminal.progress import steps

_Result = TypeVar("_Result")
_CI = ("CI", "CONTINUOUS_INTEGRATION", "BUILD_NUMBER", "TF_BUILD", "TEAMCITY_VERSION")
"""Environment variables that CI servers set."""


def in_ci() -> bool:
    """Whether this runs on a CI server, as far as the environment tells."""
    return any(os.environ.get(name, "").lower() not in ("", "0", "false") for name in _CI)


def write_baseline(
    words: Sequence[str], out: Path, scope: Scope, how: How, *, replace: bool = False, learning: bool = False
) -> Baseline:
    """Write the baseline of what ``words`` name.

    Where source and recordings are given and the scope says no more, the static part is about the functions
    that the recordings ran.

    Args:
        words: source, a graph, recordings.
        out: the baseline's file.
        scope: what to keep.
        how: how source is read.
        replace: whether the file may be there already.
        learning: whether several recordings are meant to be learnt from.

    Raises:
        UserError: there is such a file already, or nothing to write of.
    """
    if out.exists() and not replace:
        remedy = "Change it with `stackwalk check ... --update --reason`, or replace it with --replace."
        raise UserError(f"{out} is there already", remedy)
    if not out.absolute().parent.is_dir():
        raise UserError(f"{out}: its folder does not exist", "Make the folder first.")
    with opened(words) as inputs:
        if len(inputs.recordings) > 1 and not learning:
            raise UserError(
                f"{len(inputs.recordings)} recordings were given",
                "Say --from-runs to learn from them what varies.",
            )
        flows = inputs.flows(scope, how)
        baseline = _made(flows, scope, how)
    if not baseline.edges:
        raise _nothing_chosen()
    _save(baseline, out)
    return baseline


def _nothing_chosen() -> UserError:
    return UserError("there is no call in what was chosen", "Widen --from, --to, --package or --service.")


def _made(flows: Sequence[Flow], scope: Scope, how: How, *, where: str = "") -> Baseline:
    static = [flow for flow in flows if flow.part is Part.STATIC]
    runs = [flow for flow in flows if flow.part is Part.RUNTIME]
    if static and runs and not (scope.start or scope.goal):
        scope = msgspec.structs.replace(scope, ran=True)
    with steps().step("choosing what is looked at"):
        kept = [_within_scope(lambda: narrowed(learnt(runs), scope), where=where)] if runs else []
        if static:
            whole = _within_scope(lambda: narrowed(static[0], scope), where=where)
            kept.insert(0, whole.only(whole.members & kept[0].members) if scope.ran and kept else whole)
    return baseline_of(kept, scope, driver=how.driver)


def _save(baseline: Baseline, out: Path) -> None:
    try:
        save_baseline(baseline, out)
    except OSError as error:
        raise UserError(f"{out}: {error.strerror or error}", "Write it elsewhere with --out.") from error


def opened_baseline(path: Path) -> Baseline:
    """The baseline at ``path``, its errors turned into the user's."""
    try:
        return load_baseline(path)
    except BaselineError as error:
        raise UserError(error.message, error.remedy) from error


@dataclass(frozen=True)
class Sides:
    """A comparison, with the texts of the functions that it names on both sides."""

    comparison: Comparison
    old: dict[str, FunctionText]
    new: dict[str, FunctionText]


def check(
    path: Path, words: Sequence[str], how: How, *, before: Sequence[str] = (), texts: bool = False
) -> Sides:
    """What ``words`` name, held against the baseline at ``path``.

    Args:
        path: the baseline.
        words: source, a graph, recordings.
        how: how source is read; what the baseline says of it wins.
        before: the old source, to say where things stood; without it, the commit that last changed the
            baseline is
            looked at, where there is one.
        texts: whether the texts of functions are wanted.

    Raises:
        UserError: the baseline or the input cannot be used, or they have nothing in common.
    """
    baseline = opened_baseline(path)
    with ExitStack() as stack:
        inputs = stack.enter_context(opened(words))
        flows = inputs.flows(baseline.scope, _as_before(baseline, how))
        _demand_common(baseline, flows, path)
        comparison = _within_scope(lambda: compare(baseline, flows, old=str(path)), pinned=True)
        if not comparison.changes:
            return Sides(comparison, {}, {})
        with steps().step("looking at the old source"):
            old = stack.enter_context(opened(before)).targets if before else []
            old = old or source_of_commit(path, inputs.targets, stack)
            wanted = _functions_of(comparison) if old or texts else set()
            was, now = _texts(old, wanted), _texts(inputs.targets, wanted)
        places = before_in_source(old)
        comparison = compare(baseline, flows, before=places, untouched=_untouched(was, now), old=str(path))
        return Sides(comparison, was, now) if texts else Sides(comparison, {}, {})


def _as_before(baseline: Baseline, how: How) -> How:
    return How(baseline.driver or how.driver, how.with_tests, how.label, how.cached)


def _within_scope(work: Callable[[], _Result], *, where: str = "", pinned: bool = False) -> _Result:
    """What ``work`` gives; a scope that does not fit is the user's error, ``where`` says of what.

    ``pinned``: the scope is a baseline's, not one that was given now.
    """
    try:
        return work()
    except ScopeError as error:
        remedy = error.remedy or "Give another --from or --to."
        if pinned:
            remedy = "The baseline's scope names it: write the baseline anew with another --from or --to."
        told = f"{where}: {error.message}" if where else error.message
        raise UserError(told, remedy, details=tuple(error.candidates)) from error


def _demand_common(baseline: Baseline, flows: Sequence[Flow], path: Path) -> None:
    if not {flow.part for flow in flows} & set(baseline.parts):
        needed = {Part.STATIC: "source or a graph", Part.RUNTIME: "a recording"}
        wanted = " or ".join(needed[part] for part in baseline.parts)
        raise UserError(f"{path} cannot be checked with what was given", f"Give {wanted}.")


def update(path: Path, words: Sequence[str], how: How, reason: str) -> tuple[Baseline, Comparison]:
    """Write the baseline at ``path`` anew, from what ``words`` name, and keep the ``reason`` in it.

    A part for which nothing is given stays as it is.

    Raises:
        UserError: on a CI server, without a reason, or where the baseline or the input cannot be used.
    """
    if in_ci():
        remedy = "Update it where it is reviewed: on your machine, in the change itself."
        raise UserError("a baseline is not updated on a CI server", remedy)
    if not reason.strip():
        raise UserError("an update needs a reason", 'Say why with --reason "...": it is kept in the file.')
    baseline = opened_baseline(path)
    with opened(words) as inputs:
        flows = inputs.flows(baseline.scope, _as_before(baseline, how))
    _demand_common(baseline, flows, path)
    comparison = _within_scope(lambda: compare(baseline, flows, old=str(path)), pinned=True)
    fresh = _within_scope(lambda: _renewed(baseline, flows, (*baseline.reasons, reason)), pinned=True)
    _save(fresh, path)
    return fresh, comparison


def _renewed(old: Baseline, flows: Sequence[Flow], reasons: tuple[str, ...]) -> Baseline:
    runs = [flow for flow in flows if flow.part is Part.RUNTIME]
    static = [flow for flow in flows if flow.part is Part.STATIC]
    kept = [narrowed(learnt(runs), old.scope)] if runs else []
    if static:
        whole = narrowed(static[0], old.scope)
        if old.scope.ran:
            members = kept[0].members if kept else old.members
            whole = whole.only(whole.members & members)
        kept.insert(0, whole)
    fresh = baseline_of(kept, old.scope, driver=old.driver, reasons=reasons)
    given = {flow.part for flow in flows}
    missing = [part for part in old.parts if part not in given]
    if not missing:
        return fresh
    keep_static = Part.STATIC in missing
    edges = {edge: seen for edge, seen in old.edges.items() if (edge.lane == "-") is keep_static}
    order = {place: pairs for place, pairs in old.order.items() if (place[0] == "-") is keep_static}
    return Baseline(
        {**edges, **fresh.edges},
        {**order, **fresh.order},
        old.parts,
        old.scope,
        old.release if keep_static else fresh.release,
        fresh.scenario or old.scenario,
        fresh.configuration or old.configuration,
        old.driver,
        fresh.runs or old.runs,
        fresh.ordered if not keep_static else old.ordered,
        reasons,
    )


def check_contracts(path: Path, words: Sequence[str], how: How) -> list[Verdict]:
    """What becomes of the contracts in ``path`` on what ``words`` name.

    Raises:
        UserError: the contracts or the input cannot be used.
    """
    contracts = opened_contracts(path)
    with opened(words) as inputs:
        graph = inputs.call_graph(how)
        trees = [(str(recording.folder), recording.tree) for recording in inputs.recordings]
        with steps().step(f"checking {len(contracts)} contracts"):
            return judged(contracts, graph, trees)


def opened_contracts(path: Path) -> list[Contract]:
    """The contracts in ``path``, at least one.

    Raises:
        UserError: they cannot be used, or there are none.
    """
    try:
        found = load_contracts(path)
    except ContractError as error:
        raise UserError(error.message, "docs/guarding.md shows how contracts are written.") from error
    if not found:
        raise UserError(f"{path} holds no contract", "docs/guarding.md shows how contracts are written.")
    return found


def diff(old: Sequence[str], new: Sequence[str], scope: Scope, how: How, *, texts: bool = False) -> Sides:
    """What the flow of ``new`` gained, lost and moved against that of ``old``.

    Raises:
        UserError: one of them cannot be used, or they have nothing in common.
    """
    with ExitStack() as stack:
        before, after = stack.enter_context(opened(old)), stack.enter_context(opened(new))
        old_flows = before.flows(scope, How(how.driver, how.with_tests, " ".join(old), how.cached))
        new_flows = after.flows(scope, How(how.driver, how.with_tests, " ".join(new), how.cached))
        baseline = _made(old_flows, scope, how, where=" ".join(old))
        _demand_common(baseline, new_flows, Path(old[0]))
        if not any(flow.edges for flow in (*old_flows, *new_flows)):
            raise UserError("there is no call on either side", "Name the folders that hold the packages.")
        with steps().step("looking for functions that were renamed or moved"):
            was, now = _members(old_flows), _members(new_flows)
            old_texts, new_texts = _texts(before.targets, was), _texts(after.targets, was | now)
            alike = _likeness(old_texts, was - now, new_texts, now - was)
        comparison = _within_scope(
            lambda: compare(
                baseline,
                new_flows,
                before=before_in_flows(old_flows),
                likeness=alike if before.targets and after.targets else None,
                untouched=_untouched(old_texts, new_texts),
                whole=old_flows,
            ),
            where=" ".join(new),
        )
        comparison = msgspec.structs.replace(comparison, old=" ".join(old), new=" ".join(new))
        return Sides(comparison, old_texts, new_texts) if texts else Sides(comparison, {}, {})


def _members(flows: Sequence[Flow]) -> set[str]:
    return {one for flow in flows for one in flow.members}


def _texts(targets: Sequence[str], wanted: set[str]) -> dict[str, FunctionText]:
    return function_texts(targets, wanted) if targets and wanted else {}


def _likeness(
    old: Mapping[str, FunctionText], gone: set[str], new: Mapping[str, FunctionText], come: set[str]
) -> dict[tuple[str, str], float]:
    return likeness(
        {one: text for one, text in old.items() if one in gone},
        {one: text for one, text in new.items() if one in come},
    )


def _untouched(old: Mapping[str, FunctionText], new: Mapping[str, FunctionText]) -> frozenset[str]:
    """The functions that have the same text in both, but for their decorators."""
    return frozenset(
        identity
        for identity, text in old.items()
        if identity in new and text.undecorated == new[identity].undecorated
    )


def _functions_of(comparison: Comparison) -> set[str]:
    return {
        name
        for change in comparison.changes
        for name in (change.caller, change.callee, change.before)
        if ":" in name
    }


def report_of(comparison: Comparison, words: Sequence[str]) -> Report:
    """The comparison's report, with files as they are reached from here."""
    return located(report_of_comparison(comparison), roots_of(words))


def roots_of(words: Sequence[str]) -> list[Path]:
    """The folders that files named in graphs are relative to, as far as ``words`` tell."""
    return [root for word in words if Path(word).exists() for root in (Path(word), Path(word).parent)]
