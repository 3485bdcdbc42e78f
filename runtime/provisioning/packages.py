"""Installs missing Debian and Ubuntu packages, after saying which and why."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from runtime.provisioning import console
from runtime.provisioning.apt_install import are_known
from runtime.provisioning.console import SetupError
from runtime.provisioning.needs import Need, find_program, is_met

INSTALLER = Path(__file__).with_name("apt_install.py")


def missing(needs: Sequence[Need]) -> list[Need]:
    """Those of ``needs`` that this machine does not meet."""
    return [need for need in needs if not is_met(need)]


def offered(needs: Sequence[Need]) -> list[Need]:
    """Those of ``needs`` that this distribution has; apt's lists are renewed where they seem to lack some.

    Raises:
        SetupError: they could not be renewed.
    """
    if not find_program("apt-cache"):
        return list(needs)
    if not are_known([need.package for need in needs]):
        refresh_lists()
    return [need for need in needs if are_known([need.package])]


def refresh_lists() -> None:
    """Renew apt's lists.

    Raises:
        SetupError: apt-get failed, or there is no way to become root.
    """
    command = [*root_prefix([]), find_program("python3") or sys.executable, "-B", str(INSTALLER), "--refresh"]
    console.run(command, "apt's package lists could not be refreshed.", "run `apt-get update`")


def announce(needs: Sequence[Need]) -> None:
    """Say what is about to be installed and why."""
    console.say("Missing, and now installed with apt-get:")
    width = max(len(need.package) for need in needs)
    for need in needs:
        console.say(f"  {need.package:<{width}}  {need.reason}")
    console.say("No service of theirs is started or enabled.")


def root_prefix(names: Sequence[str]) -> list[str]:
    """What to put before a command so that it runs as root: nothing, or sudo.

    Args:
        names: packages that are wanted, for the message.

    Raises:
        SetupError: neither root, nor a sudo that could be used from here.
    """
    if os.geteuid() == 0:
        return []
    by_hand = f"have an administrator run: apt-get install --no-install-recommends {' '.join(names)}"
    sudo = find_program("sudo")
    if not sudo:
        raise SetupError("Packages are missing, and this is neither root nor is there a sudo.", by_hand)
    silent = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    if not silent and not sys.stdin.isatty():
        raise SetupError(
            "Packages are missing, and sudo wants a password that cannot be asked for here.",
            f"run `sudo -v` first, or {by_hand}",
        )
    return [sudo]


def install(needs: Sequence[Need]) -> None:
    """Install the packages of ``needs``.

    Raises:
        SetupError: there is no apt-get, no way to become root, or apt-get failed.
    """
    names = [need.package for need in needs]
    if not find_program("apt-get"):
        raise SetupError(
            f"This machine lacks {', '.join(names)}, and it has no apt-get to install them with.",
            "install what these Debian packages hold with your system's package manager, then try again: "
            + "; ".join(f"{need.package} ({need.reason})" for need in needs),
        )
    announce(needs)
    command = [*root_prefix(names), find_program("python3") or sys.executable, "-B", str(INSTALLER), *names]
    with console.step(f"Install Debian packages ({len(names)})"):
        process = subprocess.Popen(
            command, stdin=None, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        try:
            output, _ = process.communicate()
        except KeyboardInterrupt:
            # The installer got the same Ctrl-C; it ends apt-get in order and tidies up behind it.
            process.communicate()
            raise
    lines = [line for line in output.splitlines() if line.strip()]
    if process.returncode != 0:
        raise SetupError(
            f"apt-get could not install {', '.join(names)}.",
            "see above; `apt-get update` and the machine's package sources are the usual suspects",
            lines[-console.DETAIL_LINES :],
        )
    for line in lines:
        if line.startswith(NOTICE):
            console.say(line[len(NOTICE) :].strip())


NOTICE = "stackwalk:"
"""How the installer marks the lines that are meant for the person at the terminal."""
