"""The command line as a user runs it, against one stack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from runtime.credentials import Secrets
from runtime.stack import Stack


class StackwalkCli:
    """Runs ``stackwalk`` with the state folder of one stack.

    Args:
        state_dir: the stack's folder.
    """

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    def run(self, *words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; on a failure the test shows what it printed."""
        result = subprocess.run(
            self._command(words), capture_output=True, text=True, timeout=900, check=False
        )
        assert not check or result.returncode == 0, f"{words}\n{result.stdout}\n{result.stderr}"
        return result

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            self._command(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def secrets(self) -> dict[str, str]:
        """The stack's own secrets by name: passwords, and what connection strings are made of."""
        secrets = Secrets.read(Stack.load(self.state_dir).layout.secrets)
        return {
            name: value for name, value in vars(secrets).items() if isinstance(value, str) and len(value) > 7
        }

    def spools(self, service: str) -> Iterator[Path]:
        """The spool files that ``service`` has written so far."""
        return self.state_dir.rglob(f"{service}-*.spool")

    def _command(self, words: tuple[object, ...]) -> list[str]:
        command = [sys.executable, "-m", "stackwalk", *map(str, words)]
        if words[0] in ("stack", "record"):
            command += ["--state-dir", str(self.state_dir)]
        return command
