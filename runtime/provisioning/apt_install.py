"""Installs Debian packages as root, so that no service of theirs starts now or at the next boot.

Run as a program with the packages' names, or with ``--refresh`` to renew apt's lists. It stands alone, so
that sudo can start it without any search path. Lines that begin with ``stackwalk:`` are for the person at
the terminal, the rest is apt-get's own.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

POLICY = "usr/sbin/policy-rc.d"
POLICY_MARK = "# Put here by stackwalk while it installs packages; it may be removed."
POLICY_TEXT = f"#!/bin/sh\n{POLICY_MARK}\n# 101: no service may be started or stopped.\nexit 101\n"
BOOT_FOLDERS = ("etc/systemd/system/*.wants/*", "etc/systemd/user/*.wants/*", "etc/rc[0-9S].d/S*")
ESSENTIAL = re.compile(r"^(systemd-|getty@|dbus|S\d\ddbus|S\d\d(procps|udev|kmod|hwclock))")
"""The base system's own, in case one of the packages brings a base system along into a container."""

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
APT_OPTIONS = ["-y", "-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]


@contextlib.contextmanager
def services_kept_off(policy: Path) -> Iterator[None]:
    """Forbid packages' scripts to start services for as long as this lasts.

    A policy of the machine's own stays as it is; one that an earlier, killed run left behind is taken over.
    """
    there = policy.exists() or policy.is_symlink()
    ours = there and POLICY_MARK in policy.read_text(errors="replace")
    if there and not ours:
        # The administrator has decided already what may start here.
        yield
        return
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(POLICY_TEXT)
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def boot_links(root: Path) -> set[Path]:
    """The links by which services are started at boot (systemd's and System V's)."""
    return {link for pattern in BOOT_FOLDERS for link in root.glob(pattern)}


def disable(new_links: set[Path]) -> list[str]:
    """Remove boot links that an installation has added; returns the names of the services concerned."""
    names = set()
    for link in sorted(new_links):
        if ESSENTIAL.match(link.name) or link.suffix == ".target":
            continue
        if link.parent.name.startswith("rc"):
            name = link.name[3:]
            link.rename(link.with_name(f"K01{name}"))
        else:
            name = link.stem
            link.unlink()
        names.add(name)
    return sorted(names)


def apt_get(arguments: Sequence[str]) -> int:
    """Run apt-get in a group of its own: a Ctrl-C reaches dpkg only through apt-get, which waits for it.

    A signal that arrives while apt-get is being started is held back until there is a process to tell, and
    while apt-get ends, which must not be cut short, further ones do nothing.
    """
    program = shutil.which("apt-get") or "/usr/bin/apt-get"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        process = subprocess.Popen(
            [program, *APT_OPTIONS, *arguments],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before),
        )
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return process.wait()
    except BaseException:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


def are_known(packages: Sequence[str]) -> bool:
    """Whether apt's lists know a version of each package."""
    finished = subprocess.run(
        [shutil.which("apt-cache") or "/usr/bin/apt-cache", "policy", *packages],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    return finished.stdout.count("Candidate:") - finished.stdout.count("Candidate: (none)") >= len(packages)


def install(packages: Sequence[str]) -> int:
    """Install ``packages``, refreshing apt's lists only if they are missing or old; apt-get's exit code."""
    fresh = False
    if not are_known(packages):
        print("stackwalk: apt's package lists were missing or old and have been refreshed.", flush=True)
        apt_get(["update"])
        fresh = True
    code = apt_get(["install", "--no-install-recommends", *packages])
    if code != 0 and not fresh:
        apt_get(["update"])
        code = apt_get(["install", "--no-install-recommends", *packages])
    return code


def main(packages: Sequence[str], root: Path = Path("/")) -> int:
    """Install ``packages`` with all their services kept off; returns the exit code.

    Args:
        packages: their names.
        root: of the file system that they are installed in.
    """
    before = boot_links(root)
    try:
        with services_kept_off(root / POLICY):
            code = install(packages)
    finally:
        disabled = disable(boot_links(root) - before)
        if disabled:
            print(f"stackwalk: left disabled: {', '.join(disabled)}", flush=True)
    return code


def _stop(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        sys.exit(apt_get(["update"]) if sys.argv[1:] == ["--refresh"] else main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("stackwalk: installation of packages interrupted", flush=True)
        sys.exit(130)
