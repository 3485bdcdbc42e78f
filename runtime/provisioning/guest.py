"""Builds the guest: the distribution's kernel (extracted, not installed) and a small first file system."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from runtime.provisioning import console, packages
from runtime.provisioning.apt_install import are_known
from runtime.provisioning.console import SetupError
from runtime.provisioning.cpio import Entry, archive
from runtime.provisioning.needs import find_program

MARKER = "STACKWALK-GUEST-IS-UP"
"""What the guest prints on its serial console when it has nothing left to do."""

KERNEL_OPTIONS = "console=ttyS0 panic=1"
KERNEL_PACKAGES = ("linux-image-cloud-amd64", "linux-image-virtual")
"""Meta packages that name the current kernel for virtual machines: Debian's, then Ubuntu's."""

MODULES = (
    "virtio_ring",
    "virtio",
    "virtio_pci_modern_dev",
    "virtio_pci_legacy_dev",
    "virtio_pci",
    "virtio_blk",
    "failover",
    "net_failover",
    "virtio_net",
)
"""In the order in which they are loaded, each after those it uses."""

INIT = Path(__file__).with_name("guest_files") / "init.sh"
STAMP = "guest.json"
DISK_SIZE = "16M"


class Guest(NamedTuple):
    """A guest's files: what glance stores and QEMU boots."""

    kernel: Path
    initrd: Path
    disk: Path
    kernel_version: str


def guest_folder(cache: Path) -> Path:
    """Where the guest of the present recipe is, built or not."""
    recipe = [INIT.read_text(), MARKER, DISK_SIZE, *MODULES]
    digest = hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:12]
    return cache / "guests" / f"guest-{digest}"


def built_guest(cache: Path) -> Guest | None:
    """The guest, if it has been built to its end."""
    folder = guest_folder(cache)
    try:
        version = json.loads((folder / STAMP).read_text())["kernel_version"]
    except (OSError, ValueError, KeyError):
        return None
    return Guest(folder / "vmlinuz", folder / "initrd.gz", folder / "disk.qcow2", version)


def ensure_guest(cache: Path) -> Guest:
    """Build the guest unless that is done already.

    Args:
        cache: the folder under which it is kept.

    Raises:
        SetupError: a package cannot be had, or holds something unexpected.
    """
    guest = built_guest(cache)
    if guest is not None:
        return guest
    with console.step("Build the guest from the distribution's kernel and busybox"):
        folder = guest_folder(cache)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="unpacked-") as scratch:
            _build(folder, Path(scratch))
    guest = built_guest(cache)
    assert guest is not None
    return guest


def _build(folder: Path, scratch: Path) -> None:
    kernel_packages = _kernel_packages()
    _download([*kernel_packages, "busybox-static"], scratch)
    root = scratch / "root"
    for package in scratch.glob("*.deb"):
        console.run(["dpkg-deb", "-x", str(package), str(root)], f"{package.name} could not be unpacked.")
    kernels = sorted(root.glob("boot/vmlinuz-*"))
    if not kernels:
        raise SetupError(
            f"{', '.join(kernel_packages)} hold no kernel.", "this distribution is not supported"
        )
    version = kernels[-1].name[len("vmlinuz-") :]
    busybox = next(path for path in (root / "usr/bin/busybox", root / "bin/busybox") if path.exists())
    modules = _modules(root, version)
    shutil.copyfile(kernels[-1], folder / "vmlinuz")
    # No time stamp in the archive: the same guest is the same bytes.
    (folder / "initrd.gz").write_bytes(
        gzip.compress(first_file_system(busybox.read_bytes(), modules), mtime=0)
    )
    qemu_img = find_program("qemu-img") or "qemu-img"
    console.run(
        [qemu_img, "create", "-q", "-f", "qcow2", str(folder / "disk.qcow2"), DISK_SIZE],
        "The guest's disk could not be made.",
        "install qemu-utils",
    )
    unfinished = folder / f"{STAMP}.new"
    unfinished.write_text(json.dumps({"kernel_version": version}) + "\n")
    unfinished.replace(folder / STAMP)


def first_file_system(busybox: bytes, modules: Mapping[str, bytes]) -> bytes:
    """The cpio archive of the guest's first file system.

    Args:
        busybox: the static program.
        modules: kernel modules by file name, in the order in which they are loaded.
    """
    init = INIT.read_text().replace("@MARKER@", MARKER).encode()
    return archive(
        [
            *(Entry.folder(name) for name in ("bin", "dev", "modules", "proc", "sys")),
            Entry.console("dev/console"),
            Entry.file("bin/busybox", busybox, 0o755),
            Entry.file("init", init, 0o755),
            Entry.file("modules/order", "".join(f"{name}\n" for name in modules).encode()),
            *(Entry.file(f"modules/{name}", content) for name, content in modules.items()),
        ]
    )


def _kernel_packages() -> list[str]:
    """The packages of the kernel and its modules that the distribution recommends for virtual machines.

    Raises:
        SetupError: apt knows none.
    """
    if not find_program("apt-cache"):
        raise SetupError(
            "The guest's kernel comes from a Debian or Ubuntu package, and this machine has no apt.",
            "use Debian or Ubuntu; on another system, in a container",
        )
    if not any(are_known([name]) for name in KERNEL_PACKAGES) or not are_known(["busybox-static"]):
        packages.refresh_lists()
    for name in KERNEL_PACKAGES:
        listed = subprocess.run(
            ["apt-cache", "depends", name], capture_output=True, text=True, check=False
        ).stdout
        images = re.findall(r"Depends: (linux-image-\d\S*)", listed)
        if images:
            modules = images[0].replace("linux-image-", "linux-modules-")
            return [images[0], *([modules] if are_known([modules]) else [])]
    raise SetupError(
        f"apt knows none of {', '.join(KERNEL_PACKAGES)}, from which the guest's kernel is taken.",
        "enable the distribution's main package source and run `apt-get update`",
    )


def _download(names: Sequence[str], folder: Path) -> None:
    # The folder is open to apt's own user, which fetches for root.
    folder.chmod(0o755)
    command = ["apt-get", "download", "-q", *names]
    try:
        console.run(command, "", cwd=str(folder))
    except SetupError:
        # Old lists name versions that the archive has replaced.
        packages.refresh_lists()
        console.run(
            command,
            f"apt-get could not download {', '.join(names)}.",
            "look at the machine's package sources",
            cwd=str(folder),
        )


def _modules(root: Path, version: str) -> dict[str, bytes]:
    """The kernel's virtio drivers by file name, as far as they are not built in.

    Raises:
        SetupError: a module is compressed in a way that cannot be undone here.
    """
    home = next(
        path for path in (root / "lib/modules" / version, root / "usr/lib/modules" / version) if path.is_dir()
    )
    found: dict[str, bytes] = {}
    for name in MODULES:
        for path in home.rglob(f"{name}.ko*"):
            found[f"{name}.ko"] = _plain(path)
    return found


def _plain(path: Path) -> bytes:
    if path.suffix == ".xz":
        return lzma.decompress(path.read_bytes())
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        zstd = find_program("zstd")
        if not zstd:
            raise SetupError("The kernel's modules are compressed with zstd.", "apt-get install zstd")
        return subprocess.run([zstd, "-dcq", str(path)], stdout=subprocess.PIPE, check=True).stdout
    return path.read_bytes()
