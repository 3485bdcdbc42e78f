"""Makes the Python environments from lock files, once.

A stamp that is written last tells a complete environment from an interrupted one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from runtime.provisioning import console
from runtime.provisioning.needs import find_program
from runtime.provisioning.pythons import Python

LOCKS = Path(__file__).resolve().parent.parent / "locks"
STAMP = ".stackwalk-complete"
NETWORK_REMEDY = (
    "check that this machine reaches a Python package index (pip's settings apply), then try again"
)


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where what is made once and used by many runs lives: ``STACKWALK_CACHE``, else in the user's cache."""
    if environment.get("STACKWALK_CACHE"):
        return Path(environment["STACKWALK_CACHE"]).absolute()
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base).absolute() if base else Path.home() / ".cache") / "stackwalk"


def libvirt_version() -> str:
    """Version of the libvirt whose headers are installed, e.g. "9.0.0".

    Raises:
        SetupError: the headers are not there.
    """
    return console.run(
        [find_program("pkg-config") or "pkg-config", "--modversion", "libvirt"],
        "libvirt's headers were not found.",
        "install libvirt-dev and pkg-config (or run `make walkthrough`, which does)",
    ).strip()


def lock_digest(lock: Path) -> str:
    """A short digest of a lock file's content."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:12]


def stack_environment_folder(python_version: str, libvirt: str, cache: Path | None = None) -> Path:
    """Where the stack's environment for this Python ("3.12"), libvirt and lock file is, made or not."""
    name = f"stack-{lock_digest(LOCKS / 'stack.txt')}-python{python_version}-libvirt{libvirt}"
    return (cache or cache_folder()) / "environments" / name


def is_complete(folder: Path, facts: Mapping[str, str]) -> bool:
    """Whether ``folder`` is a whole environment made from just these ``facts`` and its Python still runs."""
    try:
        stamp = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return False
    return bool(stamp == dict(facts)) and _python_runs(folder)


def _python_runs(folder: Path) -> bool:
    try:
        command = [str(folder / "bin" / "python"), "-I", "-c", ""]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def _alone(cache: Path, folder: Path) -> Iterator[None]:
    """Let one process at a time work on ``folder``; the lock lies in the cache."""
    cache.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Installer:
    """uv, in an environment of its own, and the settings under which it runs here.

    Args:
        cache: the folder of `cache_folder`.
        python: what the environments are made with.
    """

    def __init__(self, cache: Path, python: Python) -> None:
        self.cache = cache
        self._home = cache / "tools" / f"uv-{lock_digest(LOCKS / 'uv.txt')}"
        self._python = python

    def ensure(self) -> None:
        """Have uv ready, from the index that pip uses.

        Raises:
            SetupError: pip could not install it.
        """
        facts = {"lock": lock_digest(LOCKS / "uv.txt"), "python": self._python.release}
        with _alone(self.cache, self._home):
            if is_complete(self._home, facts):
                return
            with console.step("Get uv, the installer of Python packages"):
                shutil.rmtree(self._home, ignore_errors=True)
                console.run(
                    [self._python.executable, "-m", "venv", str(self._home)],
                    f"{self._python.executable} could not make an environment.",
                    f"install python{self._python.version}-venv, or another Python 3.12",
                )
                console.run(
                    [
                        *(str(self._home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"),
                        *("--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS / "uv.txt")),
                    ],
                    "uv could not be installed.",
                    NETWORK_REMEDY,
                )
                _write_stamp(self._home, facts)

    def make(self, folder: Path) -> None:
        """Make an empty environment in ``folder``."""
        self._uv("venv", "--quiet", "--no-project", "--python", self._python.executable, str(folder))

    def install(self, folder: Path, *arguments: str) -> None:
        """``uv pip install`` into ``folder``."""
        self._uv("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *arguments)

    def _uv(self, *arguments: str) -> None:
        console.run(
            [str(self._home / "bin" / "uv"), *arguments],
            "Installing Python packages failed.",
            NETWORK_REMEDY,
            environment=self._settings(),
        )

    def _settings(self) -> dict[str, str]:
        """pip's own settings, as far as uv has them under another name and does not read them itself."""
        listed = console.run(
            [str(self._home / "bin" / "python"), "-m", "pip", "config", "list"], "pip does not run."
        )
        pip: dict[str, str] = {}
        for line in listed.splitlines():
            name, _, value = line.partition("=")
            pip[name.rpartition(".")[2]] = value.strip("'\"")
        names = {
            "index-url": "UV_DEFAULT_INDEX",
            "extra-index-url": "UV_INDEX",
            "find-links": "UV_FIND_LINKS",
            "cert": "SSL_CERT_FILE",
        }
        settings = {
            variable: pip[name]
            for name, variable in names.items()
            if pip.get(name) and not os.environ.get(variable)
        }
        # As pip does: whichever index has the version. The locks' hashes say what is accepted from it.
        return {"UV_INDEX_STRATEGY": "unsafe-best-match", **settings}


def ensure_stack_environment(installer: Installer, python: Python, libvirt: str) -> Path:
    """Have the services' environment: Nova and all it works with, from the lock file, and libvirt's binding.

    Returns:
        its folder.

    Raises:
        SetupError: something could not be installed.
    """
    folder = stack_environment_folder(python.version, libvirt, installer.cache)
    facts = {"lock": lock_digest(LOCKS / "stack.txt"), "python": python.release, "libvirt": libvirt}
    with _alone(installer.cache, folder):
        if is_complete(folder, facts):
            return folder
        installer.ensure()
        with console.step("Make the stack's environment (Nova, Placement, Keystone, Glance, Neutron)"):
            shutil.rmtree(folder, ignore_errors=True)
            installer.make(folder)
            _install_lock(installer, folder, LOCKS / "stack.txt", libvirt, "--compile-bytecode")
            _write_stamp(folder, facts)
    return folder


def ensure_project_environment(installer: Installer, python: Python, libvirt: str, checkout: Path) -> Path:
    """Have the project's own environment in ``checkout/.venv``, with what its tests and checks need.

    An environment that is there and runs the wanted Python is completed in place, any other is made anew.

    Returns:
        its folder.

    Raises:
        SetupError: something could not be installed.
    """
    folder = checkout / ".venv"
    project = hashlib.sha256((checkout / "pyproject.toml").read_bytes()).hexdigest()[:12]
    facts = {
        "lock": lock_digest(LOCKS / "project.txt"),
        "project": project,
        "checkout": str(checkout),
        "python": python.release,
        "libvirt": libvirt,
    }
    with _alone(installer.cache, folder):
        if is_complete(folder, facts):
            return folder
        installer.ensure()
        with console.step("Make the project's environment (.venv)"):
            if not _runs_version(folder, python.release):
                shutil.rmtree(folder, ignore_errors=True)
                installer.make(folder)
            (folder / STAMP).unlink(missing_ok=True)
            _install_lock(installer, folder, LOCKS / "project.txt", libvirt, "--compile-bytecode")
            installer.install(folder, "--no-deps", "--no-build-isolation", "--editable", str(checkout))
            _compile(folder, checkout)
            _write_stamp(folder, facts)
    return folder


def _install_lock(installer: Installer, folder: Path, lock: Path, libvirt: str, *options: str) -> None:
    installer.install(folder, "--require-hashes", "--no-deps", *options, "-r", str(lock))
    # The binding follows the libvirt of the machine, not a lock: the newest one that is not newer than it.
    binding = f"libvirt-python<={libvirt}"
    installer.install(folder, "--no-deps", "--no-build-isolation", *options, binding)


def _compile(folder: Path, checkout: Path) -> None:
    """Compile the project's modules now, as processes of root's are told not to write into the checkout."""
    rooms = [str(checkout / name) for name in ("tracer", "runtime") if (checkout / name).is_dir()]
    if rooms:
        command = [str(folder / "bin" / "python"), "-m", "compileall", "-q", *rooms]
        console.run(command, "The project's modules do not compile.")


def _runs_version(folder: Path, release: str) -> bool:
    code = f"import sys; sys.exit(sys.version.split()[0] != {release!r})"
    try:
        command = [str(folder / "bin" / "python"), "-I", "-c", code]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _write_stamp(folder: Path, facts: Mapping[str, str]) -> None:
    unfinished = folder / f"{STAMP}.new"
    unfinished.write_text(json.dumps(dict(facts), indent=1) + "\n")
    unfinished.replace(folder / STAMP)
