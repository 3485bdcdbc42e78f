"""Baselines as tests use them: of code that was run under the recorder in the test's own process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracer.guarding.work import in_ci
from tracer.model.request_tree import RequestTree
from tracer.regression.baseline import baseline_of
from tracer.regression.baseline_file import BaselineError, load_baseline, save_baseline
from tracer.regression.comparison import compare
from tracer.regression.findings import report_of_comparison
from tracer.regression.flow import Flow
from tracer.regression.formats.text import text
from tracer.regression.learning import learnt
from tracer.regression.observed_flow import observed_flow
from tracer.regression.scope import Scope


def write(path: Path, trees: Sequence[RequestTree], test_module: str) -> None:
    """Write the baseline at ``path`` from what was recorded.

    Raises:
        AssertionError: this runs on a CI server, or the file cannot be written.
    """
    if in_ci():
        raise AssertionError(f"{path.name} is not updated on a CI server: update it where it is reviewed")
    flow = learnt([_flow(tree, test_module) for tree in trees])
    try:
        save_baseline(baseline_of([flow], Scope()), path)
    except OSError as error:
        raise AssertionError(f"{path}: {error.strerror or error}") from error


def difference(path: Path, trees: Sequence[RequestTree], test_module: str) -> str:
    """What differs from the baseline at ``path``, for people; empty if nothing does."""
    try:
        baseline = load_baseline(path)
    except BaselineError as error:
        return f"{error.message}\n{error.remedy}"
    report = report_of_comparison(compare(baseline, [_flow(tree, test_module) for tree in trees]))
    return text(report) if report.findings else ""


def _flow(tree: RequestTree, test_module: str) -> Flow:
    """What was called, without the test's own functions and what tests are made of."""
    return observed_flow(tree, lambda function, _: not function.startswith(f"{test_module}:"))
