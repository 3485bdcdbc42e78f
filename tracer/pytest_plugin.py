"""The plugin for pytest: the ``callflow`` fixture, which holds what code calls against a baseline.

A test runs code under the recorder and says which baseline, a file beside the test, it has to match::

    def test_order(callflow):
        callflow.run(shop.order, "tea")
        callflow.assert_matches("order.callflow")

``pytest --callflow-update`` writes the baselines; on a CI server it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import pytest

if TYPE_CHECKING:
    from tracer.model.request_tree import RequestTree
    from tracer.recording.here import RecorderHere

P = ParamSpec("P")
T = TypeVar("T")
_UPDATE = "--callflow-update"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the settings."""
    group = parser.getgroup("callflow", "call flow (stackwalk)")
    group.addoption(_UPDATE, action="store_true", help="write the baselines of the callflow fixture anew")
    parser.addini(
        "callflow_folders", "folders whose code is recorded, relative to rootdir", type="args", default=["."]
    )
    parser.addini("callflow_packages", "packages whose code is recorded besides", type="args", default=[])


class CallFlow:
    """Runs code under the recorder, and holds what it called against baselines.

    Args:
        recorder: the process's recorder, made when it is first needed.
        folder: the folder that baselines are named from.
        module: the module of the test, whose own functions are no part of the flow.
        update: whether baselines are written.
    """

    def __init__(
        self, recorder: Callable[[], RecorderHere], folder: Path, module: str, *, update: bool
    ) -> None:
        self._recorder = recorder
        self._folder = folder
        self._module = module
        self._update = update
        self._trees: list[RequestTree] = []

    def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``function`` under the recorder; returns what it returns, and lets its exceptions pass.

        Several runs before a check are learnt from: what only some of them call is optional.
        """
        return self._recorder().run(self._trees.append, function, *args, **kwargs)

    def assert_matches(self, baseline: str) -> None:
        """Fail the test when the runs since the last check called anything else than the baseline says.

        Args:
            baseline: the file, relative to the test's folder.
        """
        from tracer.guarding.testing import difference, write

        if not self._trees:
            pytest.fail("nothing was run under the recorder: callflow.run(function, ...) comes first", False)
        trees, self._trees = self._trees, []
        path = self._folder / baseline
        if self._update:
            try:
                write(path, trees, self._module)
            except AssertionError as error:
                pytest.fail(str(error), False)
            return
        if not path.exists():
            pytest.fail(f"{path.name} is not there yet: `pytest {_UPDATE}` writes it beside the test.", False)
        told = difference(path, trees, self._module)
        if told:
            pytest.fail(f"{told}\n`pytest {_UPDATE}` writes {path.name} anew, if this is meant.", False)


@pytest.fixture(scope="session")
def _callflow_recorder(pytestconfig: pytest.Config) -> Iterator[Callable[[], RecorderHere]]:
    made: list[RecorderHere] = []

    def recorder() -> RecorderHere:
        from tracer.recording.here import RecorderHere

        if not made:
            root = pytestconfig.rootpath
            folders = tuple(root / name for name in pytestconfig.getini("callflow_folders"))
            made.append(RecorderHere("test", folders, tuple(pytestconfig.getini("callflow_packages"))))
        return made[0]

    yield recorder
    for one in made:
        one.close()


@pytest.fixture
def callflow(request: pytest.FixtureRequest, _callflow_recorder: Callable[[], RecorderHere]) -> CallFlow:
    """Runs code under the recorder and holds what it called against a baseline."""
    update = request.config.getoption(_UPDATE)
    return CallFlow(_callflow_recorder, request.path.parent, request.module.__name__, update=update)
