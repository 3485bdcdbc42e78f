"""What the recording commands say of themselves and of what they made."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from tracer.model.recording_folder import Recording
from tracer.terminal.wording import counted

SECRET_OPTIONS = ("--admin-password", "--user-data")


def command_line(words: Sequence[str]) -> str:
    """The command line as it may be shown: the values of secret options are left out.

    Args:
        words: the program and its arguments.
    """
    shown = [Path(words[0]).name]
    hide = False
    for word in words[1:]:
        option = word.partition("=")[0]
        if hide:
            shown.append("***")
            hide = False
        elif option in SECRET_OPTIONS and "=" in word:
            shown.append(f"{option}=***")
        else:
            shown.append(word)
            hide = word in SECRET_OPTIONS
    return shlex.join(shown)


def summary(made: Recording) -> list[str]:
    """What a recording holds, in a few lines."""
    header = made.header
    links = ", ".join(f"{kind} {count}" for kind, count in sorted(header.links.items()) if kind)
    services = ", ".join(f"{name} {count}" for name, count in header.services.items())
    return [
        f"Recording: {made.folder}",
        f"  spans: {header.spans:,} of {counted(header.functions, 'function')}, "
        f"in {counted(len(header.lanes), 'process', 'processes')}",
        f"  services: {services}",
        f"  links: {links or 'none'}",
        f"  orphans: {len(header.orphans)}, unanswered: {len(header.unanswered)}, "
        f"notices: {len(header.notices)}",
        f"Look at it with `stackwalk show {shlex.quote(str(made.folder))}`.",
    ]
