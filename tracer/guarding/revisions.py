"""Git revisions as something to read: their files in a folder, for as long as it takes."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tracer.reading.tar_files import unpack_files
from tracer.terminal.errors import UserError

_OF_PROJECTS = ("pyproject.toml", "setup.cfg")


def is_revision(word: str) -> bool:
    """Whether ``word`` (``REVISION`` or ``REVISION:PATH``) names a commit of the repository around the
    present folder."""
    revision = word.partition(":")[0]
    if not revision or revision.startswith("-"):
        return False
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is not None


def refusal(word: str) -> str:
    """Why git knows no revision of the name ``word``, in its own words; empty where it says nothing."""
    done = _run(("log", "-1", "--format=", "--end-of-options", word.partition(":")[0], "--"), None)
    return "" if done is None else done.stderr.strip()


@contextmanager
def exported(word: str, folder: Path | None = None) -> Iterator[Path]:
    """A folder with the files of ``word``: of a path in it, with that path's name, or of all of the revision.

    With it comes what beside it tells of the project's plugins: its project files, and metadata that an
    installation has put there, which is taken from the work tree where it is not kept in the repository.

    Args:
        word: ``REVISION`` or ``REVISION:PATH``.
        folder: a folder of the repository; None for the present one.

    Raises:
        UserError: the revision has no such path.
    """
    revision, _, path = word.partition(":")
    with TemporaryDirectory(prefix="stackwalk-revision-") as scratch:
        archive = Path(scratch, "files.tar")
        words = ["archive", "--format=tar", f"--output={archive}", "--end-of-options", revision]
        wanted = [path, *_beside(revision, path, folder)] if path else []
        if _git(*words, *wanted, folder=folder, whole=True) is None:
            raise UserError(f"{word}: git gives no files for it", "Name a revision, or REVISION:PATH.")
        files = Path(scratch, "files")
        with tarfile.open(archive) as tarred:
            unpack_files(tarred, files, _is_read)
        archive.unlink()
        there = files / path if path else files
        around = path_in_repository(folder or Path())
        if around is not None:
            beside = Path(path).parent
            _copy_metadata(around[0] / beside, files / beside)
        yield there


def _is_read(name: str) -> bool:
    return name.endswith((".py", ".ini", ".txt")) or Path(name).name in _OF_PROJECTS


def _beside(revision: str, path: str, folder: Path | None) -> list[str]:
    """What the revision has beside ``path`` that tells of plugins."""
    above = Path(path).parent.as_posix()
    listed = _git(
        "ls-tree",
        "--name-only",
        revision,
        *([] if above == "." else [f"{above}/"]),
        folder=folder,
        whole=True,
    )
    return [
        one
        for one in (listed or "").splitlines()
        if Path(one).name in _OF_PROJECTS or one.endswith((".egg-info", ".dist-info"))
    ]


def _copy_metadata(here: Path, there: Path) -> None:
    for found in [*here.glob("*.egg-info"), *here.glob("*.dist-info")]:
        if found.is_dir() and not (there / found.name).exists():
            shutil.copytree(found, there / found.name)


def last_change_of(file: Path) -> str:
    """The commit that last changed ``file``; empty if there is none, or the file differs from it now."""
    folder = file.absolute().parent
    if _git("status", "--porcelain", "--", file.name, folder=folder) != "":
        return ""
    return (_git("log", "-1", "--format=%H", "--", file.name, folder=folder) or "").strip()


def path_in_repository(path: Path) -> tuple[Path, str] | None:
    """The repository's top folder around ``path``, and the path inside of it; None outside of any."""
    around = path if path.is_dir() else path.parent
    top = _git("rev-parse", "--show-toplevel", folder=around)
    if not top:
        return None
    folder = Path(top.strip())
    return folder, path.resolve().relative_to(folder.resolve()).as_posix()


def _git(*words: str, folder: Path | None = None, whole: bool = False) -> str | None:
    """What git says; None if it refuses, or is not there. ``whole``: from the repository's top folder."""
    if whole:
        top = _git("rev-parse", "--show-toplevel", folder=folder)
        folder = Path(top.strip()) if top else folder
    done = _run(words, folder)
    return done.stdout if done is not None and done.returncode == 0 else None


def _run(words: Sequence[str], folder: Path | None) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return None
