"""Where everything of one stack lies on disk, all of it under one folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tracer.recording.attaching import window_file
from tracer.recording.switch import default_key_file
from tracer.terminal.errors import UserError

# A unix socket's path may have 107 bytes; the longest name made under the run folder
# (a privilege helper's socket) takes 45 of them.
LONGEST_RUN_FOLDER = 60

# Paths end up in configuration files and helper command lines of many syntaxes; these characters mean
# themselves in all of them.
PLAIN_PATH = re.compile(r"[A-Za-z0-9@+=:,./_-]+")


@dataclass(frozen=True)
class StackLayout:
    """The folders and files of one stack.

    Args:
        root: the stack's folder.
        run: the folder for sockets, short enough for their paths.
    """

    root: Path
    run: Path

    @staticmethod
    def at(state_dir: Path) -> StackLayout:
        """The layout of the stack in ``state_dir``, which need not exist yet.

        Raises:
            UserError: the path has characters that the services' configuration files cannot carry.
        """
        root = Path(os.path.abspath(state_dir))  # noqa: PTH100 - resolve() would follow links, changing the stack's name
        require_plain(root, "The stack's folder", "Choose another one with --state-dir.")
        run = root / "run"
        if len(os.fsencode(run)) > LONGEST_RUN_FOLDER:
            run = Path(tempfile.gettempdir()) / f"stackwalk-{_identity(root)}"
        return StackLayout(root, run)

    @property
    def stack_id(self) -> str:
        """Names the stack among others on the machine: the same folder gives the same name."""
        return _identity(self.root)

    @property
    def marker(self) -> Path:
        """Says that the folder is a stack's, whose contents may be removed."""
        return self.root / ".stackwalk"

    @property
    def facts(self) -> Path:
        """What is known of the stack that is up, without secrets."""
        return self.root / "stack.json"

    @property
    def secrets(self) -> Path:
        """The stack's passwords and keys."""
        return self.root / "secrets.json"

    @property
    def ledger(self) -> Path:
        """What was started, so that it can be stopped."""
        return self.root / "ledger.jsonl"

    @property
    def lock(self) -> Path:
        """Held by whoever starts or stops the stack."""
        return self.root / "lock"

    @property
    def logs(self) -> Path:
        """One log file a service; they outlive the stack."""
        return self.root / "log"

    @property
    def config(self) -> Path:
        """The rendered configuration, one folder a program."""
        return self.root / "etc"

    @property
    def state(self) -> Path:
        """The services' data, one folder a program."""
        return self.root / "state"

    @property
    def network_namespace(self) -> Path:
        """The file that the stack's network namespace is bound to."""
        return self.run / "net"

    @property
    def temporary(self) -> Path:
        """The services' folder for temporary files."""
        return self.run / "tmp"

    @property
    def spool(self) -> Path:
        """Where the probes leave what they record."""
        return self.root / "spool"

    @property
    def recording_switches(self) -> tuple[Path, Path]:
        """The key by which requests switch recording on, and the file that opens a window for all."""
        return default_key_file(self.spool), window_file(self.spool)

    @property
    def instances(self) -> Path:
        """Where nova keeps the guests' disks and console logs."""
        return self.state / "nova" / "instances"

    def log(self, service: str) -> Path:
        """The log file of ``service``."""
        return self.logs / f"{service}.log"


def require_plain(path: Path, what: str, remedy: str) -> None:
    """Refuse a path that configuration files cannot carry.

    Raises:
        UserError: ``path`` has a space, a quote or another special character.
    """
    if not PLAIN_PATH.fullmatch(str(path)):
        raise UserError(
            f"{what} is {str(path)!r}: its path may only have letters, digits and @ + = : , . / _ -", remedy
        )


def _identity(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:10]
