"""The commands `stackwalk stack ...`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import click
import platformdirs
from rich.console import Console
from rich.table import Table

from runtime.following import follow
from runtime.plan import Network, StackChoices
from runtime.privileges import become_root
from runtime.stack import Stack
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import steps

DEFAULT_STATE_DIR = platformdirs.user_state_path("stackwalk") / "stack"

state_dir_option = click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_STATE_DIR,
    show_default=True,
    help="The folder that holds all of the stack.",
)


@click.group()
def stack() -> None:
    """Bring a real compute stack up, look after it, take it down."""
