"""What running a program proves of the written list of its calls.

The programs of the public suites take no input, so a run shows all that they do. A call that is seen is made.
A call that is written down and not seen is refuted where all statements of the function it is written for
ran, or where the module it is written for stopped at an error of its own. Functions that never run, and
branches that are not taken, prove nothing: for them the written list stands.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tests.reading.execution import Edge, watched

_SECONDS = 2


def proved(truth: set[Edge], folder: Path) -> set[Edge]:
    """``truth`` with what running ``main`` in ``folder`` proves.

    Args:
        truth: calls as dotted names (without ``<locals>``).
        folder: the program, its modules at the top.
    """
    run = _Run(folder)
    with watched([folder]) as seen:
        ended = run.to_its_end()
    if not ended:
        return truth
    ran = {(dotted(caller), dotted(callee)) for caller, callee in seen}
    through = run.scopes_run_through()
    return {edge for edge in truth if edge in ran or edge[0] not in through} | ran


def dotted(identity: str) -> str:
    """A function's id in the suites' dotted form."""
    module, _, qualname = identity.partition(":")
    name = qualname.replace("<locals>.", "")
    return module if name == "<module>" else f"{module}.{name}"


class _Run:
    """One run of a program, with the lines that ran."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[str, set[int]] = {}
        self._stopped: set[str] = set()
        self._tried: set[str] = set()

    def to_its_end(self) -> bool:
        """Run it; False if it was stopped because it took too long."""
        before = sys.gettrace()
        try:
            with _at_most(_SECONDS):
                sys.settrace(self._entered)
                importlib.import_module("main")
        except TimeoutError:
            return False
        except (Exception, SystemExit) as error:
            self._note_end(error)
        finally:
            sys.settrace(before)
        return True

    def scopes_run_through(self) -> set[str]:
        """The dotted names of the scopes all of whose statements ran that could."""
        whole: dict[str, bool] = {}
        for path in self._folder.rglob("*.py"):
            parts = list(path.relative_to(self._folder).with_suffix("").parts)
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            tree = ast.parse(path.read_text(encoding="utf-8"))
            self._judge(tree.body, module, str(path), whole)
        return {scope for scope, through in whole.items() if through} - self._tried

    def _judge(self, body: list[ast.stmt], scope: str, file: str, whole: dict[str, bool]) -> None:
        for statement in body:
            last = statement.end_lineno or statement.lineno
            blocks = [part for part in ast.iter_child_nodes(statement) if isinstance(part, _PARTS)]
            if blocks:
                last = max(statement.lineno, min(part.lineno for part in blocks) - 1)
            ran = self._lines.get(file, set()) & set(range(statement.lineno, last + 1))
            whole[scope] = whole.get(scope, True) and (bool(ran) or scope in self._stopped)
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self._judge(statement.body, f"{scope}.{statement.name}", file, whole)
            elif isinstance(statement, ast.ClassDef):
                self._judge(statement.body, f"{scope}.{statement.name}", file, whole)
                whole[scope] = whole[scope] and whole[f"{scope}.{statement.name}"]
            else:
                for part in blocks:
                    inner = part.body if isinstance(part, ast.ExceptHandler | ast.match_case) else [part]
                    self._judge(inner, scope, file, whole)

    def _entered(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(str(self._folder)):
            return None
        lines = self._lines.setdefault(frame.f_code.co_filename, set())

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            if event == "line":
                lines.add(frame.f_lineno)
            return line

        lines.add(frame.f_lineno)
        return line

    def _note_end(self, error: BaseException) -> None:
        """What an error that ended the program says of the scope where it was raised.

        A function called in the wrong way was called: nothing is refuted there. A missing module may be there
        elsewhere. Behind any other error a module body can never come.
        """
        if isinstance(error, ImportError) or error.__traceback__ is None:
            return
        *_, frame = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
        code = frame.f_code
        if "argument" in str(error):
            self._tried.add(dotted(f"{frame.f_globals['__name__']}:{code.co_qualname}"))
        elif code.co_name == "<module>" and code.co_filename.startswith(str(self._folder)):
            self._stopped.add(str(frame.f_globals["__name__"]))


_PARTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Interrupt the block, which must run in the main thread, when it takes longer."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
