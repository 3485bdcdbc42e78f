"""What the stack needs from the operating system, why, and how to see whether it is there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")


class Need(NamedTuple):
    """One Debian or Ubuntu package, and what of it is used.

    ``proof`` is a program's name, or an absolute path that may hold wildcards; any one of them will do.
    """

    package: str
    reason: str
    proof: tuple[str, ...]


STACK_NEEDS = (
    Need("libvirt-daemon", "libvirtd, which starts the guests", ("libvirtd",)),
    Need(
        "libvirt-daemon-driver-qemu",
        "libvirt's QEMU driver",
        (
            "/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so",
            "/usr/lib*/libvirt/connection-driver/libvirt_driver_qemu.so",
        ),
    ),
    Need("libvirt-clients", "libvirt's configuration folder", ("/etc/libvirt",)),
    Need("qemu-system-x86", "the machine emulator that runs the guests", ("qemu-system-x86_64",)),
    Need(
        "ipxe-qemu",
        "the boot ROM of QEMU's network cards",
        ("/usr/*/*/efi-virtio.rom", "/usr/*/*/*/efi-virtio.rom"),
    ),
    Need("qemu-utils", "qemu-img, which makes disk images", ("qemu-img",)),
    Need("rabbitmq-server", "the message broker between the services", ("rabbitmq-server",)),
    Need("mariadb-server", "the database server of the services", ("mariadbd",)),
    Need("mariadb-client", "loads and saves database schemas", ("mariadb",)),
    Need("openvswitch-switch", "the switch that the guests' network ports are on", ("ovs-vswitchd",)),
    Need("iproute2", "shows and removes network devices", ("ip",)),
    Need("libvirt-dev", "headers, to build libvirt's Python binding", ("/usr/include/libvirt/libvirt.h",)),
    Need("pkg-config", "finds libvirt's headers", ("pkg-config",)),
    Need("gcc", "builds libvirt's Python binding", ("gcc",)),
    Need("libc6-dev", "the C library's headers, for the same", ("/usr/include/stdio.h",)),
)
REPORT_NEEDS = (
    Need("graphviz", "dot, which draws the diagrams", ("dot",)),
    Need("librsvg2-bin", "rsvg-convert, which turns diagrams into PNG and PDF", ("rsvg-convert",)),
    Need(
        "fonts-wqy-microhei",
        "Chinese characters, for the notes in PNG and PDF",
        (
            "/usr/share/fonts/*/wqy/*",
            "/usr/share/fonts/*/noto/*CJK*",
            "/usr/share/fonts/*/droid/DroidSansFallback*",
            "/usr/share/fonts/*/arphic*/*",
        ),
    ),
)
TEST_NEEDS = (
    Need(
        "chromium",
        "the browser in which the tests open the page",
        ("chromium", "chromium-browser", "google-chrome"),
    ),
    Need("chromium-driver", "chromedriver, with which the tests drive it", ("chromedriver",)),
    Need("poppler-utils", "pdftotext, with which the tests read PDFs", ("pdftotext",)),
)


def find_program(name: str) -> str:
    """Absolute path of a program on PATH or in a folder that only root's PATH has; empty if nowhere."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
    return shutil.which(name, path=path) or ""


def is_met(need: Need) -> bool:
    """Whether one of the need's proofs is on this machine."""
    return any(
        any(Path("/").glob(proof[1:])) if proof.startswith("/") else find_program(proof)
        for proof in need.proof
    )


def python_needs(version: str, has_headers: bool, has_venv: bool) -> tuple[Need, ...]:
    """What Debian packages of its own a system Python still lacks, e.g. ``version`` "3.11"."""
    needs = []
    if not has_headers:
        needs.append(Need(f"python{version}-dev", "Python's headers, to build libvirt's Python binding", ()))
    if not has_venv:
        needs.append(Need(f"python{version}-venv", "makes the project's own Python environments", ()))
    return tuple(needs)
