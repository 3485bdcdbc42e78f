"""What a stack could leave behind on the machine, looked for without the product's own eyes."""

from __future__ import annotations

import subprocess
from pathlib import Path


def traces_of(state_dir: Path) -> list[str]:
    """Every process, mount and socket of the machine that has to do with the folder of a stack."""
    return [*_processes(state_dir), *_lines("/proc/self/mounts", state_dir), *_sockets(state_dir)]


def network_devices() -> set[str]:
    """The machine's own network devices, bridges and taps among them."""
    return {device.name for device in Path("/sys/class/net").iterdir()}


def named_network_namespaces() -> set[str]:
    """The network namespaces that have a name where everybody looks for them."""
    folder = Path("/run/netns")
    return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()


def _processes(state_dir: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            folder = (process / "cwd").readlink()
        except OSError:
            continue
        if str(state_dir).encode() in words or folder.is_relative_to(state_dir):
            found.append(f"process {process.name}: {words[:200]!r}")
    return found


def _sockets(state_dir: Path) -> list[str]:
    listed = _lines("/proc/net/unix", state_dir)
    on_disk = subprocess.run(
        ["find", str(state_dir), "-type", "s"], capture_output=True, text=True, check=True
    )
    return [*listed, *on_disk.stdout.splitlines()]


def _lines(file: str, state_dir: Path) -> list[str]:
    return [line for line in Path(file).read_text().splitlines() if str(state_dir) in line]
