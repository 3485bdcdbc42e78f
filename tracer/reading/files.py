"""From paths and package names to the Python files to read, with warnings for what cannot be read."""

from __future__ import annotations

import importlib.util
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec

SKIPPED_FOLDERS = frozenset({"__pycache__", ".git", ".tox", ".venv", "node_modules", ".mypy_cache", "build"})


class ReadingWarning(msgspec.Struct, frozen=True, order=True):
    """Something that was not read, or not whole: the file, the 1-based line (0: all of it) and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class SourceFile(msgspec.Struct, frozen=True, order=True):
    """A file to read: its module name, its path relative to the source root, where it is."""

    module: str
    file: str
    path: Path
    is_package: bool


class Sources(msgspec.Struct):
    """The files found below what was asked for, and what went wrong on the way."""

    files: list[SourceFile]
    warnings: list[ReadingWarning]
    data: list[tuple[str, Path]] = []
    """Other files that rules may want to see (``.ini``, ``entry_points.txt``): relative name and path."""


def find_sources(targets: Sequence[str], *, include_tests: bool = False) -> Sources:
    """The Python files of ``targets``, sorted by module.

    Args:
        targets: folders, files, or names of installed packages.
        include_tests: whether to read folders named ``tests`` (and ``test``) below a package.

    Returns:
        files and warnings; a target that does not exist becomes a warning.
    """
    found: dict[str, set[SourceFile]] = {}
    sources = Sources([], [], [])
    for target in targets:
        path = _locate(target)
        if path is None:
            sources.warnings.append(ReadingWarning(target, 0, "no such file, folder or installed package"))
            continue
        _read_target(path, found, sources, include_tests)
    for module in sorted(found):
        chosen, *others = sorted(found[module])
        sources.files.append(chosen)
        for other in others:
            reason = f"module {module} is there twice: {chosen.path} is read, {other.path} is not"
            sources.warnings.append(ReadingWarning(other.file, 0, reason))
    sources.warnings = sorted(set(sources.warnings))
    sources.data = sorted(set(sources.data))
    return sources


def _locate(target: str) -> Path | None:
    path = Path(target)
    if path.exists():
        return path
    if "/" in target or not target.replace(".", "").replace("_", "").isalnum():
        return None
    top, *inner = target.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        # Asking importlib for a submodule would run the package's own code.
        package = Path(next(iter(spec.submodule_search_locations)), *inner)
        module = package.with_name(f"{package.name}.py")
        return package if package.is_dir() else module if inner and module.is_file() else None
    return Path(spec.origin) if not inner and spec.origin and spec.origin.endswith(".py") else None


def _read_target(
    path: Path, found: dict[str, set[SourceFile]], sources: Sources, include_tests: bool
) -> None:
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the links a tree is made of
    if path.is_file():
        root = path.parent
        prefix: list[str] = []
        while (root / "__init__.py").exists():
            prefix.insert(0, root.name)
            root = root.parent
        _add(path, root, found)
        return
    if (path / "__init__.py").exists():
        root = path
        while (root / "__init__.py").exists():
            root = root.parent
        _walk(path, root, found, sources, include_tests)
        _metadata(path, root, sources)
        _project_files(root, sources)
    else:
        root = (
            path / "src" if (path / "src").is_dir() and not (path / "src" / "__init__.py").exists() else path
        )
        _walk(path, root, found, sources, include_tests)
        for points in sorted(
            (*root.glob("*.dist-info/entry_points.txt"), *root.glob("*.egg-info/entry_points.txt"))
        ):
            sources.data.append((f"{points.parent.name}/{points.name}", points))
        _project_files(path, sources)


def _project_files(folder: Path, sources: Sources) -> None:
    """The files of a checkout that announce its entry points before it is installed."""
    for name in ("pyproject.toml", "setup.cfg"):
        if (folder / name).is_file():
            sources.data.append((name, folder / name))


def _metadata(package: Path, root: Path, sources: Sources) -> None:
    """Data files and entry points that an installed package has beside its code."""
    for info in sorted(root.glob("*.dist-info")):
        top = info / "top_level.txt"
        record = info / "RECORD"
        try:
            names = top.read_text().split() if top.exists() else [info.name.partition("-")[0]]
            if package.name not in names:
                continue
            if (info / "entry_points.txt").exists():
                sources.data.append((f"{info.name}/entry_points.txt", info / "entry_points.txt"))
            for line in record.read_text().splitlines() if record.exists() else ():
                name = line.partition(",")[0]
                if name.endswith(".ini"):
                    sources.data.append((name.lstrip("./"), (root / name).resolve()))
        except OSError:
            continue


def _walk(
    top: Path, root: Path, found: dict[str, set[SourceFile]], sources: Sources, include_tests: bool
) -> None:
    seen: set[tuple[int, int]] = set()

    def complain(error: OSError) -> None:
        name = os.path.relpath(error.filename or top, root)
        sources.warnings.append(ReadingWarning(name, 0, f"cannot be read: {error.strerror or error}"))

    for folder, folders, names in os.walk(top, onerror=complain, followlinks=True):
        at = Path(folder)
        try:
            status = at.stat()
        except OSError as error:
            complain(error)
            folders.clear()
            continue
        key = (status.st_dev, status.st_ino)
        if key in seen:
            sources.warnings.append(
                ReadingWarning(os.path.relpath(folder, root), 0, "link to a folder that was read already")
            )
            folders.clear()
            continue
        seen.add(key)
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS and (include_tests or name not in ("tests", "test"))
        )
        for name in sorted(names):
            if name.endswith(".py"):
                if _may_be_opened(at / name):
                    _add(at / name, root, found)
                else:
                    complaint = ReadingWarning(os.path.relpath(at / name, root), 0, "not a regular file")
                    sources.warnings.append(complaint)
            elif name.endswith(".ini") or name == "entry_points.txt":
                sources.data.append((os.path.relpath(at / name, root), at / name))


def _may_be_opened(path: Path) -> bool:
    """Whether opening ``path`` ends: a pipe would wait for a writer. What is not there fails soon enough."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _add(path: Path, root: Path, found: dict[str, set[SourceFile]]) -> None:
    relative = path.relative_to(root)
    parts = list(relative.with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    if is_package:
        parts.pop()
    module = ".".join(parts) if parts else root.name
    found.setdefault(module, set()).add(SourceFile(module, relative.as_posix(), path, is_package))
